/*
 * reply.h - what an SMTP server said, and what that means for a message.
 *
 * A reply (RFC 5321 4.2) is one or more lines with a three-digit code, and often an
 * enhanced status code (RFC 3463) in front of the text.  The reader is fed bytes as they
 * come and keeps only a bounded piece of text: a server may send 100 kB in a line or
 * 10,000 lines, and the end still counts.
 *
 * What a reply means depends on when it comes.  The rules are one table in reply.c; its
 * summary is in sender.h.
 */
#pragma once

#include "queue/err.h"
#include "queue/limits.h"

typedef enum MailOutcome {
	MAIL_SENT,
	MAIL_TEMPFAIL,
	MAIL_PERMFAIL,
	MAIL_UNCERTAIN,
} MailOutcome;

/* Who is concerned, and so who backs off. */
typedef enum MailScope {
	MAIL_SCOPE_MESSAGE,   /* these bytes */
	MAIL_SCOPE_RECIPIENT, /* this address */
	MAIL_SCOPE_DOMAIN, /* its domain refuses us as a sender: hold its mail, tell the
			      operator */
	MAIL_SCOPE_ROUTE,  /* the server: all messages wait */
} MailScope;

/* How far a message came.  The order is that of the dialogue. */
typedef enum MailPhase {
	MAIL_PHASE_CONNECT, /* name, TCP, TLS from the first byte */
	MAIL_PHASE_BANNER,
	MAIL_PHASE_EHLO,
	MAIL_PHASE_TLS, /* STARTTLS and its handshake */
	MAIL_PHASE_AUTH,
	MAIL_PHASE_MAIL,
	MAIL_PHASE_RCPT,
	MAIL_PHASE_DATA,
	MAIL_PHASE_BODY, /* 354 seen; the final dot has not left */
	MAIL_PHASE_DOT,  /* the final dot may have left */
	MAIL_PHASE_DONE,
} MailPhase;

const char *mail_outcome_name(MailOutcome outcome); /* "sent", "tempfail", ... */
const char *mail_scope_name(MailScope scope);       /* "message", ... */
const char *mail_phase_name(MailPhase phase);       /* "connect", ... */

/* RFC 3463: class.subject.detail; class 0: none was given. */
typedef struct EnhancedCode {
	int class;
	int subject;
	int detail;
} EnhancedCode;

/* Reads "5.1.1" at the start of `text`.  1: *ret filled, *ret_length bytes read; 0: none.
 */
int ecode_parse(const char *text, EnhancedCode *ret, size_t *ret_length);

/* A reply, complete or growing.  Plain data; reply_init() before each. */
typedef struct Reply {
	int code; /* of the last line; 0: not a reply (garbage, codes that differ) */
	EnhancedCode ecode;
	char text[LIMIT_MAIL_REPLY_BYTES]; /* lines joined by a space, printable ASCII or
					      UTF-8, without code */
	/* the reader's own */
	size_t text_length;
	size_t bytes;
	int line_bytes;
	int line_code;
	char separator;
	bool complete;
	bool first_line_done;
} Reply;

void reply_init(Reply *reply);

/*
 * Feeds `length` bytes; *ret_used says how many belong to this reply.  true: the reply is
 * complete; what follows belongs to the next one.
 */
bool reply_feed(Reply *reply, const char *bytes, size_t length, size_t *ret_used);

/* A reply that nobody gave: code 0 and `text`, cleaned like any other. */
void reply_from_text(Reply *reply, const char *text);

/*
 * What reply `code` / `ecode` / `text` in `phase` means.  `code` 0 is an unreadable one,
 * or none at all (connection lost, time up).
 */
void reply_classify(MailPhase phase, int code, EnhancedCode ecode, const char *text,
    MailOutcome *ret_outcome, MailScope *ret_scope);
