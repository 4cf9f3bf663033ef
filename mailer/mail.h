/*
 * mail.h - one message as its author sees it, before it becomes bytes.
 *
 * All strings are UTF-8 and borrowed; absent ones are NULL.  Everything that makes two
 * compositions differ (Date, Message-ID, boundaries) comes from the fields here, so the
 * same Mail gives the same bytes, today and at the retry in three days.
 */
#pragma once

#include "queue/err.h"

typedef struct MailBox {
	const char *name;    /* what a person reads; cleaned by addr_display_name() */
	const char *address; /* checked by addr_parse() */
} MailBox;

/* A picture that the HTML shows, or a file that comes along. */
typedef struct MailPart {
	const char
	    *type; /* "application/pdf", "text/csv; charset=utf-8", "message/rfc822" */
	const char *filename;   /* what a person saves it as */
	const char *content_id; /* pictures only: the HTML says src="cid:..." */
	const void *bytes;      /* a message/rfc822 part: as mime_compose() made it */
	size_t length;
} MailPart;

typedef struct Mail {
	const char *message_id; /* without < >; from msgid_new() */
	int64_t date_at;        /* UTC microseconds */
	int date_offset_s;      /* of the sender's zone at that moment, east positive */
	MailBox from;
	MailBox to;
	MailBox reply_to; /* address NULL: none */
	const char *subject;
	const char *language; /* "de": Content-Language */
	const char *text;     /* must be there; lines end in LF or CRLF */
	const char *html;
	const MailPart *pictures; /* need html */
	size_t n_pictures;
	const MailPart *files;
	size_t n_files;
	const char *unsubscribe_mail; /* an address: List-Unsubscribe (RFC 2369) */
	const char
	    *unsubscribe_url;    /* https; List-Unsubscribe, and one click (RFC 8058) */
	const char *in_reply_to; /* a Message-ID without < > */
	const char *const
	    *references;   /* Message-IDs without < >, oldest first, NULL ends */
	const char *loop;  /* value of X-Loop: our own mail is known when it comes in */
	bool auto_replied; /* answers a message: Auto-Submitted says so (RFC 3834) */
} Mail;
