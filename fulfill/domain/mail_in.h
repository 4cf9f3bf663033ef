/*
 * mail_in.h - mails that come in: stored first, then read.
 *
 * A source hands over the raw bytes with mail_in_add() and may forget them once that is
 * committed; the same bytes are taken once, however often they are handed in.  At rest
 * they are sealed, because a mail that comes back carries a ticket.
 *
 * A reader
 *   1. mail_in_take()s the next, which counts the try before anything is read,
 *   2. reads it, in a child that may die: mail_in_died(),
 *   3. mail_in_settle()s it in the transaction that holds what it led to.
 * A reader that vanishes leaves it to the next after MAIL_IN_LEASE_S.
 */
#pragma once

#include "fulfill/issue/vault.h"
#include "queue/db.h"

typedef enum MailInState {
#define STATE(id, name, sentence) MAIL_IN_##id,
#include "fulfill/domain/mail_in_state.def"
#undef STATE
	MAIL_IN_N_STATES
} MailInState;

const char *mail_in_state_name(MailInState state);
bool mail_in_state_from_name(const char *name, MailInState *ret);

enum {
	MAIL_IN_LEASE_S = 120,
	MAIL_IN_MAX_DEATHS = 2, /* of its readers; then it is poison */
	MAIL_IN_MAX_TRIES = 20, /* for reasons of ours; then it is held */
};

/* As it is handed over; borrowed. */
typedef struct MailInNew {
	const char *source;    /* "receive", "maildir", "imap" */
	const char *ref;       /* its name there, or NULL */
	const char *recipient; /* envelope recipient, or NULL: not known */
	const void *bytes;
	size_t size;
	const char
	    *problem; /* why the bytes are missing (too long ...): born held; or NULL */
} MailInNew;

/* 1: stored.  0: it was here before; *ret_id is that.  -1: INVALID, it is empty or longer
 * than LIMIT_INTAKE_BYTES. */
int mail_in_add(DbTx *tx, const Vault *vault, const MailInNew *mail, int64_t *ret_id,
    GError **error) MUST_USE;

/* One row.  Texts may be NULL but for source and state. */
typedef struct MailIn {
	int64_t id;
	char *source;
	char *source_ref;
	char *recipient;
	int64_t size_bytes;
	MailInState state;
	char *reason;
	char *kind;
	char *rule;
	char *sender;
	char *subject;
	char *message_id;
	char *proof;
	int64_t user_id; /* 0: nobody */
	char *outcome;   /* JSON */
	int64_t tries;
	int64_t deaths;
	int64_t received_at;
	int64_t changed_at;
	bool wiped; /* its bytes are */
} MailIn;

void mail_in_free(MailIn *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailIn, mail_in_free)

MailIn *mail_in_get(Db *db, int64_t id, GError **error) MUST_USE;

/* The raw bytes.  NOT_FOUND: wiped. */
GBytes *mail_in_bytes(Db *db, const Vault *vault, int64_t id, GError **error) MUST_USE;

/* Newest last.  `held`: only those that wait for a person.  `limit` 0: all. */
bool mail_in_list(Db *db, bool held, int limit,
    void (*fn)(void *user, const MailIn *mail), void *user, GError **error) MUST_USE;

/* The next that is due, its try counted and committed; in a transaction of its own.
 * 1: *ret is the caller's.  0: none. */
int mail_in_take(Db *db, MailIn **ret, GError **error) MUST_USE;

/* Its reader died; `how` says of what.  *ret_state: RECEIVED to try again, or POISON. */
bool mail_in_died(DbTx *tx, const MailIn *mail, const char *how, MailInState *ret_state,
    GError **error) MUST_USE;

/* Something of ours failed: try again later; held after MAIL_IN_MAX_TRIES. */
bool mail_in_put_off(
    DbTx *tx, const MailIn *mail, const char *why, GError **error) MUST_USE;

/* What a reader found; texts may be NULL, and are cut to what a table shows. */
typedef struct MailInFound {
	MailInState state; /* DONE or HELD */
	const char *reason;
	const char *kind;
	const char *rule;
	const char *sender;
	const char *subject;
	const char *message_id;
	const char *proof;
	int64_t user_id;
	const char *outcome; /* JSON */
	bool wipe;           /* its bytes are not needed any more */
} MailInFound;

/* 1: settled.  0: another reader has it meanwhile: roll back.  -1: error. */
int mail_in_settle(
    DbTx *tx, const MailIn *mail, const MailInFound *found, GError **error) MUST_USE;

/*
 * A person lets a held or poisonous mail go: it is read again, and its sender counts as
 * proved, as user `user_id` (0: as the user its From address names).  CONFLICT when it
 * does not wait, NOT_FOUND.
 */
bool mail_in_release(
    DbTx *tx, int64_t id, int64_t user_id, const char *reason, GError **error) MUST_USE;

/* A person puts it away for good; its bytes are wiped. */
bool mail_in_discard(DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* Wipes the bytes of what was done before `before_at`; *ret_n counts. */
bool mail_in_wipe(DbTx *tx, int64_t before_at, int64_t *ret_n, GError **error) MUST_USE;

/* How far an IMAP mailbox was read; `name` is borrowed. */
typedef struct MailBoxMark {
	const char *name;
	uint32_t uidvalidity;
	uint32_t taken_uid; /* the last that is stored here */
	uint32_t done_uid;  /* the last that the server was told about */
} MailBoxMark;

/* Fills in the UIDs for name and uidvalidity: 0 when the mailbox is new, or made anew. */
bool mail_box_get(Db *db, MailBoxMark *mark, GError **error) MUST_USE;
bool mail_box_put(DbTx *tx, const MailBoxMark *mark, GError **error) MUST_USE;
