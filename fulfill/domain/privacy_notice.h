/*
 * privacy_notice.h - what a person is told about the use of their data, and that they
 * were (field-notes R14.2).
 *
 * Whoever stores a customer records the version and the purpose of the notice that is in
 * force, in the same transaction; the first mail or letter to that customer carries it,
 * and is noted beside it.  A new version is told again, with the next of them.  A card
 * on a sheet has no room for it and does not count.
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"

/* What is recorded when the vendor names no purpose of its own.  A text says it in the
 * words of its language. */
#define PRIVACY_PURPOSE_USUAL "licence contract"

typedef struct PrivacyNotice {
	const char *version; /* "2026-1" */
	const char *purpose;
	const char *url; /* where it stands in full; or NULL */
} PrivacyNotice;

/* Makes this the notice in force; writes only when it is another than before. */
bool privacy_notice_set(Db *db, const PrivacyNotice *notice, GError **error) MUST_USE;

/* A customer's data are being stored. */
bool privacy_notice_capture(DbTx *tx, int64_t party_id, GError **error) MUST_USE;

/* What the next mail to a customer must carry: *ret is the field `privacy` of
 * templates/fields.def (the caller's), and *ret_id its row.  1 / 0: it was told. */
int privacy_notice_due(
    Db *db, int64_t party_id, json_t **ret, int64_t *ret_id, GError **error) MUST_USE;

/* That mail is planned. */
bool privacy_notice_told(DbTx *tx, int64_t id, int64_t mail_id, GError **error) MUST_USE;
/* Or the first piece of that letter. */
bool privacy_notice_printed(
    DbTx *tx, int64_t id, int64_t piece_id, GError **error) MUST_USE;
