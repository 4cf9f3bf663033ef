/*
 * smtp_talk.h - the dialogue for one message on an open SMTP connection, as a machine.
 *
 * Bytes in, bytes out: no socket, no clock, no library, so that each line a server may
 * say can be played to it in a test.  Greeting, EHLO, STARTTLS and AUTH are over when it
 * starts; whoever made the connection (smtp_pool.c) says what the server offers.
 *
 * With PIPELINING (RFC 2920) MAIL, RCPT and DATA leave together and a message costs two
 * round trips; without it each waits for its reply.  A refused recipient does not cost
 * the connection: the next message begins with RSET.
 *
 * The caller
 *   1. smtp_talk_begin()s,
 *   2. sends what smtp_talk_pending() shows and reports it with smtp_talk_sent(),
 *   3. gives what it receives to smtp_talk_feed(), or says smtp_talk_lost(),
 *   4. when one of these made it `over`, reads the outcome, and keeps the connection if
 * it is `usable`.
 */
#pragma once

#include "mailer/reply.h"

/* What a server offers (RFC 5321 4.1.1.1). */
typedef struct SmtpOffers {
	bool pipelining;    /* RFC 2920 */
	bool eight_bit;     /* 8BITMIME, RFC 6152 */
	bool smtputf8;      /* RFC 6531 */
	bool dsn;           /* RFC 3461 */
	bool size;          /* RFC 1870 */
	int64_t size_bytes; /* 0: no limit said */
} SmtpOffers;

/* Reads one line of the reply to EHLO, without its code: "SIZE 10240000". */
void smtp_offers_read(SmtpOffers *offers, const char *line);

typedef struct SmtpEnvelope {
	const char *from; /* "" is <> */
	const char *to;
	const char *envid; /* or NULL */
	const char *bytes; /* CRLF line ends; borrowed until the talk is over */
	size_t length;
} SmtpEnvelope;

enum {
	SMTP_CHUNK_BYTES = 64 * 1024, /* of the body, stuffed, at once */
	SMTP_AWAITED_MAX = 4,         /* RSET, MAIL, RCPT, DATA */
};

/* Plain data with one buffer; smtp_talk_init() once, reused for each message. */
typedef struct SmtpTalk {
	/* to be read */
	bool over;
	bool usable; /* when over: the connection may carry another message */
	bool heard;  /* the server said anything since begin */
	MailPhase phase;
	MailOutcome outcome;
	MailScope scope;
	Reply reply; /* the one that decided; text is the reason when there was none */

	/* the machine's own */
	SmtpEnvelope mail;
	bool pipelining;
	bool needs_reset;
	GString *out;
	size_t out_sent;
	size_t dot_at; /* of the final dot in `out`; SIZE_MAX: not there */
	size_t body_taken;
	bool line_start;
	MailPhase awaited[SMTP_AWAITED_MAX];
	int n_awaited;
	int asked; /* commands sent so far, without pipelining */
	Reply incoming;
	bool failed; /* a reply of the group has decided already */
} SmtpTalk;

void smtp_talk_init(SmtpTalk *talk);
void smtp_talk_done(SmtpTalk *talk);

/* A new connection: nothing has been said on it. */
void smtp_talk_connected(SmtpTalk *talk);

/* May end at once: larger than the server takes, needs SMTPUTF8 and there is none. */
void smtp_talk_begin(SmtpTalk *talk, const SmtpEnvelope *mail, const SmtpOffers *offers);

/* What to send now; 0: nothing until a reply comes. */
size_t smtp_talk_pending(SmtpTalk *talk, const char **ret_bytes);
void smtp_talk_sent(SmtpTalk *talk, size_t length);

/* Reply bytes from the server. */
void smtp_talk_feed(SmtpTalk *talk, const char *bytes, size_t length);

/* The connection is gone or given up; `why` is for people. */
void smtp_talk_lost(SmtpTalk *talk, const char *why);
