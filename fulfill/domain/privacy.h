/*
 * privacy.h - show a person what is kept about them; erase them (C14).
 *
 * What belongs to a person and what becomes of it stands in erase.def; here is the order
 * of things.  Erasing keeps what the books need, under a pseudonym: what was sold, when,
 * for how much, and the ticket's lookup, with which who holds the ticket can still
 * restore the licence (R14.4).
 */
#pragma once

#include "fulfill/domain/privacy_person.h"
#include "queue/hash.h"

/*
 * Everything about the person: {"person": [labels], "tables": {TABLE: [rows]}}.  Keys,
 * seals and hashes are left out; codes of tickets are not readable from the store.
 */
json_t *privacy_export(Db *db, const PrivacyPerson *person, GError **error) MUST_USE;

/*
 * What an erasure would do: {"person": [...], "goes": [{"table", "rows", "columns":
 * [{"column", "deed", "why"}]}], "stays": [likewise], "keep_until": DAY or null, "jobs":
 * n}.
 */
json_t *privacy_plan(
    Db *db, const PrivacyPerson *person, int keep_years, GError **error) MUST_USE;

/* What is outside the store: messages by number, batches by file. */
typedef struct PrivacyTraces {
	GArray *mails;      /* int64_t, mail_out.id */
	GPtrArray *batches; /* char *, file names in the print folder */
	GPtrArray *orders;  /* char *, numbers */
} PrivacyTraces;
void privacy_traces_clear(PrivacyTraces *traces);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PrivacyTraces, privacy_traces_clear)

/* Before the erasure: afterwards nothing leads there. */
bool privacy_traces(
    Db *db, const PrivacyPerson *person, PrivacyTraces *ret, GError **error) MUST_USE;

/* Names an erasure: where it is written in the log, and again after a restore. */
typedef struct PrivacyOrder {
	const char *key;    /* random, unique; its members are KEY/0, KEY/1 ... */
	bool again;         /* after a restore: `key` is the member's own */
	const char *actor;  /* who asked for it */
	const char *reason; /* without the person's name: INVALID */
	int keep_years;     /* that the books are kept after the end of a year */
	int64_t at;
	const uint8_t *mac; /* of the address, 32 bytes; or NULL when there is none */
} PrivacyOrder;

/*
 * Erases within `tx`: open jobs are withdrawn first, then rows change and go, then the
 * trail is looked through for names.  *ret_report is the plan as it was carried out.
 *
 * CONFLICT: a subscription runs, which needs the data (cancel it first).  BUSY: a mail is
 * leaving at this moment.
 */
bool privacy_erase(DbTx *tx, const PrivacyPerson *person, const PrivacyOrder *order,
    json_t **ret_report, GError **error) MUST_USE;

/* Is this erasure carried out in this store?  1 / 0 / -1. */
int privacy_is_erased(Db *db, const char *key, GError **error) MUST_USE;
/* Notes one whose person is not in this store. */
bool privacy_note_absent(DbTx *tx, const PrivacyOrder *order, EraseScope scope,
    int64_t id, int64_t created_at, GError **error) MUST_USE;
