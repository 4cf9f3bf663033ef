/*
 * audit.h - who did what, when and why; each row carries the hash of the one before, so
 * that one altered or missing row is found.
 *
 * Rows hold ids, never names, addresses or codes: the chain survives the erasure of a
 * person.  Email addresses in a detail (servers repeat them in their replies) are left
 * out by audit_add() itself.  Where a person wrote a name into a reason, audit_blank()
 * takes the detail away: the chain runs over its salted hash and still holds, and the
 * blanking is a row of its own.
 */
#pragma once

#include "queue/db.h"

typedef enum AuditAction {
#define ACTION(id, name, sentence) AUDIT_##id,
#include "fulfill/domain/audit.def"
#undef ACTION
	AUDIT_N_ACTIONS
} AuditAction;

const char *audit_action_name(AuditAction action);

/* Who acts in this process: "cli:NAME", "worker".  Set once at start; copied. */
void audit_actor_set(const char *actor);
const char *audit_actor(void);

/* Adds a row about `subject` ("order", 17).  `detail` is one short fact or NULL. */
bool audit_add(DbTx *tx, AuditAction action, const char *subject, int64_t id,
    const char *detail, GError **error) MUST_USE;

typedef struct AuditRow {
	int64_t id;
	int64_t at;
	const char *actor;
	const char *action;
	const char *subject;
	const char *detail; /* or NULL */
} AuditRow;

/* Calls fn for the rows about `subject` ("order/17"; NULL: all), oldest first, from the
 * `limit` newest (0: all). */
bool audit_list(Db *db, const char *subject, int limit,
    void (*fn)(void *user, const AuditRow *row), void *user, GError **error) MUST_USE;

/* Takes the detail of a row away, for the erasure of a person named in it. */
bool audit_blank(DbTx *tx, int64_t id, GError **error) MUST_USE;

/* Blanks every detail in which `text` stands; `ret_n` counts. */
bool audit_blank_text(
    DbTx *tx, const char *text, int64_t *ret_n, GError **error) MUST_USE;

/* Walks the whole chain.  1: sound, *ret_rows counts it.  0: broken; *ret_bad is the
 * first row that is altered or missing, or whose detail went without a row that says so.
 * -1: error. */
int audit_verify(Db *db, int64_t *ret_rows, int64_t *ret_bad, GError **error) MUST_USE;
