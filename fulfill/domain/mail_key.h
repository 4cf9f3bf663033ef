/*
 * mail_key.h - to whom mails are encrypted, and the bytes that were made.
 *
 * The key is one of an address: whoever reads there reads all mails to it, orders and
 * letters of any party.
 */
#pragma once

#include "fulfill/domain/mail_out.h"
#include "mailer/encrypt.h"
#include "queue/db.h"

/* Replaces what there is.  `reason` goes into the audit trail. */
bool mail_key_put(DbTx *tx, const char *address, const EncryptKey *key,
    const char *reason, GError **error) MUST_USE;

/* NOT_FOUND. */
bool mail_key_drop(
    DbTx *tx, const char *address, const char *reason, GError **error) MUST_USE;

typedef struct MailKeyRow {
	const char *address;
	const char *kind;
	const char *fingerprint;
	int64_t expires_at; /* 0: never, or not known */
	int64_t at;
} MailKeyRow;

bool mail_key_list(Db *db, void (*fn)(void *user, const MailKeyRow *row), void *user,
    GError **error) MUST_USE;

/* Is there any key, or anything made?  Where not, nothing need be loaded. */
bool mail_key_any(Db *db, bool *ret, GError **error) MUST_USE;

/* Fills mail->key (NULL: there is none) and mail->made. */
bool mail_key_load(Db *db, MailOut *mail, GError **error) MUST_USE;

/* Keeps what was made of a mail that is about to leave; and lets it go. */
bool mail_made_keep(DbTx *tx, int64_t mail_id, GBytes *bytes, GError **error) MUST_USE;
bool mail_made_drop(DbTx *tx, int64_t mail_id, GError **error) MUST_USE;
