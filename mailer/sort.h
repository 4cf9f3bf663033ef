/*
 * sort.h - what is this mail?
 *
 * A table (sort_rules.def) is walked from the top and the first row that fits decides:
 *
 *   bounce delay success complaint   about mail of ours: see bounce.h
 *   loop        our own mail, come back to us
 *   auto_reply  written by a machine (RFC 3834), or without a sender to answer to
 *   command     somebody wants something done: forward, resend, status, nfr, demo
 *   order       something in it may be an order document
 *   other       for a person
 *
 * Only the last three may be answered, once their sender is proved (authres.h): an answer
 * to a machine is how mail loops begin.  That a mail is sorted as an order says nothing
 * about whether it is one, or whether its sender may order.
 */
#pragma once

#include "mailer/bounce.h"
#include "mailer/parse.h"

typedef enum MailKind {
	MAIL_KIND_BOUNCE,
	MAIL_KIND_DELAY,
	MAIL_KIND_SUCCESS,
	MAIL_KIND_COMPLAINT,
	MAIL_KIND_LOOP,
	MAIL_KIND_AUTO_REPLY,
	MAIL_KIND_COMMAND,
	MAIL_KIND_ORDER,
	MAIL_KIND_OTHER,
} MailKind;

const char *mail_kind_name(MailKind kind); /* "auto_reply" */

/* What is ours, so that it can be recognised.  Borrowed; NULL: there is none. */
typedef struct SortSelf {
	const char *domain; /* of our return paths, "depot.example"; must be there */
	const char *loop;   /* the value of X-Loop in the mails that we send */
	const char *forward_address; /* where resellers forward ticket mails to */
} SortSelf;

typedef struct MailSort {
	MailKind kind;
	const char *rule; /* the row that decided; static */
	bool may_answer;
	const char *command; /* of a command: "forward", "resend", ...; static */
	char
	    *argument; /* what stood behind it in the subject, "" when nothing; or NULL */
	Bounce *bounce; /* of the first four kinds; else NULL */
	char *problem;  /* a report that could not be read: why; else NULL */
} MailSort;

/* Never NULL. */
MailSort *sort_mail(const ParsedMail *mail, const SortSelf *self);
void mail_sort_free(MailSort *sort);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailSort, mail_sort_free)

/* May this leaf be an order document, by its type, its name, or its first bytes? */
bool sort_is_document(const ParsedPart *part);

/* {"kind","rule","may_answer","command","argument","problem","bounce"}; what is absent is
 * null. */
json_t *sort_to_json(const MailSort *sort) MUST_USE;
