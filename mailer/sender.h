/*
 * sender.h - the seam: hand over finished messages, hear what became of each.
 *
 * A sender takes one message for one recipient at a time, many at once, and calls back
 * for each with an outcome.  It never retries and knows no queue: the job's retry curve
 * decides what comes next.  Ways to send are chosen by URL:
 *
 *   maildir:PATH                       files in PATH/new; made when missing
 *   smtp://[USER@]HOST[:PORT][?starttls=required|optional|off]      default port 25
 *   smtps://[USER@]HOST[:PORT]         TLS from the first byte, default port 465
 *   memory:                            kept in memory, for tests (sender_memory.h)
 *
 * starttls is `required` unless the host is loopback (127.0.0.0/8, ::1, localhost), where
 * it is `optional`.  Passwords never stand in the URL.
 *
 * The caller, in one thread,
 *   1. sender_submit()s while sender_capacity() is above 0,
 *   2. sender_step()s; `done` is called from inside it, once for each message,
 *   3. stores what `done` said, durably, and only then submits again or closes.
 * Step 3 is what keeps "at most one more copy after a crash" true: a connection says
 * nothing more to the server (QUIT included) until the next submit or the close.
 *
 * What became of it                                    outcome    concerns
 * ---------------------------------------------------  ---------  ----------------------
 * no address, refused, TLS or login failed, bad        TEMPFAIL   the route
 *   greeting, EHLO refused, cut or silent before MAIL
 * 421 at any time; 530, 534, 535, 538 to MAIL or RCPT  TEMPFAIL   the route
 * 4xx to MAIL, DATA or the final dot                   TEMPFAIL   the message
 * 4xx to RCPT                                          TEMPFAIL   the recipient
 * cut, silent or unreadable from MAIL to the body      TEMPFAIL   the message
 * 5xx that says our domain may not send there          TEMPFAIL   the recipient's domain
 *   (5.7.9, 5.7.23, 5.7.25 to 5.7.30, 5.7.515; 5.7.1 with words that say so)
 * 5xx to RCPT                                          PERMFAIL   the recipient
 * 5xx to MAIL, DATA or the final dot                   PERMFAIL   the message
 * larger than the server's SIZE                        PERMFAIL   the message
 * needs SMTPUTF8, server has none                      PERMFAIL   the recipient
 * cut, silent or unreadable after the final dot        UNCERTAIN  the message
 * 2xx to the final dot                                 SENT
 * a file cannot be written                             TEMPFAIL   the route
 */
#pragma once

#include "mailer/reply.h"

typedef struct Sender Sender;

/* One message for one recipient. */
typedef struct SenderMail {
	int64_t id;       /* unique; a Maildir names the file by it */
	const char *from; /* envelope sender; "" is <> */
	const char *to;   /* envelope recipient, from addr_format() */
	GBytes *bytes; /* from mime_compose(); the sender holds a reference until done */
	const char *envid; /* RFC 3461 ENVID where the server offers DSN, or NULL */
	void *user;        /* given back to `done` */
} SenderMail;

typedef struct SenderResult {
	int64_t id;
	MailOutcome outcome;
	MailScope scope;
	MailPhase phase; /* reached */
	int code;        /* SMTP reply code, 0: none */
	EnhancedCode ecode;
	const char *text;    /* the server's words or the reason, cleaned, one line; until
				`done` returns */
	int64_t duration_us; /* from submit */
	bool reused;         /* an open connection was used */
} SenderResult;

typedef void (*SenderDone)(void *user, const SenderResult *result);

/* Zero is the default of each field; strings are copied. */
typedef struct SenderOptions {
	const char *url;
	SenderDone done;        /* must be there */
	int connections;        /* at once; default 16 */
	int domain_connections; /* at once for one recipient domain; default: no limit */
	const char *hello;      /* EHLO name; default: the machine's */
	const char *user;       /* SMTP AUTH; overrides the URL's */
	const char *password;
	const char *ca_file;    /* PEM; default: the system's */
	bool no_verify;         /* do not check the server's certificate */
	int connect_timeout_ms; /* name to AUTH; default 60 s */
	int command_timeout_ms; /* each reply before the dot; default 300 s */
	int dot_timeout_ms;     /* reply to the final dot; default 600 s (RFC 5321
				   4.5.3.2.6) */
	int idle_timeout_ms;    /* an idle connection is closed after; default 30 s */
} SenderOptions;

/*
 * CONFIG when the URL is not understood or an option contradicts it; IO or DENIED when a
 * Maildir cannot be made.  No connection is tried yet.
 */
Sender *sender_open(const SenderOptions *options, GError **error) MUST_USE;

/*
 * Ends everything: what is in flight is aborted first (`done` is called), idle
 * connections say QUIT.  Never waits for a server.
 */
void sender_close(Sender *sender);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sender, sender_close)

/* How many more messages sender_submit() takes now. */
int sender_capacity(const Sender *sender);
int sender_in_flight(const Sender *sender);

/*
 * Takes a message.  1: taken, `done` will be called.  0: no slot is free, or its
 * recipient's domain is at its limit: step first, or offer another message.  -1: INVALID
 * envelope. Must not be called from `done`.
 */
int sender_submit(Sender *sender, const SenderMail *mail, GError **error) MUST_USE;

/*
 * Works until at least one message is done, sender_wakeup() was called, or `timeout_ms`
 * are over (0: what can be done at once, -1: no limit; returns at once when nothing is in
 * flight).  Returns how many are done, -1 on an error of this side (IO).
 */
int sender_step(Sender *sender, int timeout_ms, GError **error) MUST_USE;

/* Makes a running or the next sender_step() return early.  From any thread. */
void sender_wakeup(Sender *sender);

/*
 * Ends every message in flight now: TEMPFAIL before the final dot, UNCERTAIN after it,
 * with `done` called for each.  For shutdown.
 */
void sender_abort_all(Sender *sender);

/* Counters since open, for metrics and tests. */
typedef struct SenderStats {
	int64_t connects;
	int64_t messages; /* done, any outcome */
	int64_t reused;   /* of these on a connection that was open already */
} SenderStats;
void sender_stats(const Sender *sender, SenderStats *ret);
