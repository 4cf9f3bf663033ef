/*
 * smtp_wire.h - connections to a relay, made and encrypted by libcurl.  The mailer's only
 * door to it for SMTP.
 *
 * libcurl resolves, connects, does STARTTLS or TLS with verification and the login
 * (CURLOPT_CONNECT_ONLY), without blocking.  What comes after the last reply to EHLO or
 * AUTH is the caller's: bytes through smtp_wire_send() and smtp_wire_receive().
 *
 * Why libcurl does not send the message itself: version 7.88 waits for the reply to the
 * final dot, and for the one to QUIT, inside curl_multi_perform().  One server that took
 * 3 seconds for a message held all other connections of the process for 3.08 seconds, and
 * a silent one would hold them for the server response timeout.  It also has no
 * PIPELINING and no DSN parameters, and cannot say whether the final dot has left.
 *
 * One thread; only smtp_wires_wakeup() may be called from others.
 */
#pragma once

#include "mailer/smtp_talk.h"
#include "mailer/smtp_url.h"

typedef struct SmtpWires SmtpWires;

/* What all connections to the relay have in common.  Strings are copied. */
typedef struct SmtpWireOptions {
	const SmtpUrl *url;
	const char *hello;    /* EHLO name */
	const char *user;     /* or NULL */
	const char *password; /* with user */
	const char *ca_file;  /* or NULL: the system's */
	bool no_verify;
	int connect_timeout_ms;
} SmtpWireOptions;

/* A connection, or the place for one. */
typedef struct SmtpWire {
	void *user; /* the caller's */
	bool connecting;
	bool connected;
	int fd; /* to wait for, when connected */
	/* how far connecting came, and what the server said last */
	MailPhase phase;
	Reply reply;
	char why[256]; /* libcurl's words when it did not connect */
	SmtpOffers offers;
	bool tls; /* may hold bytes back that poll() does not see */
	/* the door's own */
	SmtpWires *wires;
	void *easy;
} SmtpWire;

/* CONFIG: unusable CA file.  IO: libcurl does not start. */
SmtpWires *smtp_wires_open(const SmtpWireOptions *options, GError **error) MUST_USE;
/* All wires have been done with. */
void smtp_wires_close(SmtpWires *wires);

void smtp_wire_init(SmtpWire *wire, SmtpWires *wires, void *user);
/* Hangs up first. */
void smtp_wire_done(SmtpWire *wire);

/* Begins to connect.  false: libcurl cannot, `why` says so. */
bool smtp_wire_connect(SmtpWire *wire) MUST_USE;

/* Closes the socket without a word. */
void smtp_wire_hang_up(SmtpWire *wire);

/* Goes on with connecting.  Gives one wire whose connecting has ended, well (connected)
 * or not (`phase`, `reply`, `why`), NULL when no other has. */
SmtpWire *smtp_wires_next(SmtpWires *wires);

typedef enum WireIo {
	WIRE_OK,
	WIRE_AGAIN,  /* nothing went through now */
	WIRE_CLOSED, /* the other side closed (receiving only) */
	WIRE_BROKEN,
} WireIo;

WireIo smtp_wire_send(SmtpWire *wire, const void *bytes, size_t length, size_t *ret_sent);
WireIo smtp_wire_receive(SmtpWire *wire, void *bytes, size_t size, size_t *ret_length);

typedef struct WireWait {
	SmtpWire *wire;
	bool for_write; /* besides reading, which is always waited for */
	bool readable;  /* result: bytes or an end are there */
	bool ready;     /* result: anything */
} WireWait;

/* Waits for any of `n` wires, for those that connect, for a wake-up, or `timeout_ms`. */
bool smtp_wires_wait(
    SmtpWires *wires, WireWait *waits, size_t n, int timeout_ms, GError **error) MUST_USE;

/* From any thread: ends a wait, or the next one. */
void smtp_wires_wakeup(SmtpWires *wires);
