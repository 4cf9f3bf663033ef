/*
 * mail_letter.h - mails other than tickets: answers, statements, notices, reminders.
 *
 * What a letter says is a text of templates/texts.def and the base fields that
 * templates/fields.def gives that text; both are frozen when it is planned, and so are
 * the files that come with it.  It leaves through the same queue as tickets: retried
 * along the mail curve, its owner told when it is given up.
 *
 *   json_t *context = letter_context(issue, "Ada Lovelace");
 *   json_object_set_new(context, "month", json_string("2026-10"));
 *   Letter letter = { .text = "statement", .context = context, .to_email =
 * "ada@example.org", .language = "en", .subject = "statement 2026-10 of R-100", .key =
 * "statement/7" }; mail_letter_plan(tx, &letter, &id, error)
 *
 * A letter never carries a ticket code, in the clear or sealed.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/issue.h"
#include "fulfill/domain/mail_out.h"

/* Strings are borrowed; those that are not said to be needed may be NULL. */
typedef struct LetterPart {
	const char *type; /* "text/csv; charset=utf-8" */
	const char *name; /* what a person saves it as */
	const void *bytes;
	size_t size;
} LetterPart;

typedef struct Letter {
	const char *text;      /* needed: a name of texts.def */
	const json_t *context; /* needed; base fields */
	const char *to_email;  /* needed */
	const char *to_name;
	const char *language; /* needed */
	const char *brand;    /* folder of templates */
	const char *reply_to;
	const char *subject; /* needed; what it is, for people who read the queue */
	const char *key;     /* at most one letter of this key is ever planned */
	int64_t order_id;    /* what it is about; 0: no order */
	const char
	    *in_reply_to; /* it answers the mail of this Message-ID (without < >) */
	const char *const *references; /* oldest first, NULL ends; of that mail */
	/* Comes by a schedule, and its reader can end that: never planned for an address
	 * that mail_stop.h knows. */
	bool recurring;
	/* Its return path is <>: what becomes of it is nobody's business.  Answers have
	 * that always (R15). */
	bool null_sender;
	const LetterPart *parts;
	size_t n_parts;
} Letter;

/*
 * 1: planned; *ret_id (may be NULL) is its row.  0: there is one of this key already,
 * or its reader wants no recurring mails: nothing changes.  -1: INVALID when the address
 * or text is none, or the parts are larger than a mail may be.
 */
int mail_letter_plan(
    DbTx *tx, const Letter *letter, int64_t *ret_id, GError **error) MUST_USE;

/* What every letter says: vendor, brand (the vendor's), recipient.  The caller's. */
json_t *letter_context(const IssueContext *issue, const char *to_name);

/* Loads the parts of `mail`; for mail_out_get(). */
bool mail_letter_load(Db *db, MailOut *mail, GError **error) MUST_USE;
