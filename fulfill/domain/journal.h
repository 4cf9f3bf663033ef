/*
 * journal.h - what was written since a moment, told for people.
 *
 * For `simulate`: before and after a day, what is new?  Reading only.
 */
#pragma once

#include "queue/db.h"

/* A moment: the last rows of the books. */
typedef struct JournalMark {
	int64_t sale_id;
	int64_t mail_id;
	int64_t audit_id;
	int64_t piece_id;
} JournalMark;

bool journal_mark(Db *db, JournalMark *ret, GError **error) MUST_USE;

/* One thing that happened.  Texts are borrowed for the call; NULL: not of this kind. */
typedef struct JournalEntry {
	const char *what;    /* "mail", "sold", "renewed", "cancelled", "kept", "ended",
				"reversed", "exchanged", "recalled", "printed" */
	const char *detail;  /* mail: its text ("ticket", "subscription"); recalled: why;
				printed: "sheet", "letter" or "pin" */
	const char *subject; /* mail: what the queue calls it */
	const char *to;      /* mail: its address */
	int64_t mail_id;     /* 0: none */
	int64_t ticket_id;   /* 0: none */
	const char *order;
	const char *product;
	const char *holder;
	int term; /* 0: none */
	const char *last_day;
	int64_t amount_minor;
	const char *currency;
} JournalEntry;

typedef void (*JournalFn)(void *user, const JournalEntry *entry);

/* Calls fn for all that came after `mark`, and moves it to now. */
bool journal_since(
    Db *db, JournalMark *mark, JournalFn fn, void *user, GError **error) MUST_USE;
