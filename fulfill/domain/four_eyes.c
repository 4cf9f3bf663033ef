/*
 * four_eyes.c - the first request is kept, the second one by another person opens it.
 */
#include "fulfill/domain/four_eyes.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/clock.h"

static const Stmt CONFIRM = {
	.name = "four_eyes.confirm",
	.sql = "UPDATE four_eyes SET confirmed_by = $3, confirmed_at = $4"
	       " WHERE deed = $1 AND ref = $2 AND confirmed_at IS NULL AND asked_by <> $3"
	       /* $5 the login, $6 the login with AS, $7 1: nobody behind it. */
	       " AND asked_by <> $5"
	       " AND NOT ($7 = 1 AND substr(asked_by, 1, length($6)) = $6)",
};
static const Stmt ASK = {
	.name = "four_eyes.ask",
	.sql = "INSERT INTO four_eyes (deed, ref, reason, asked_by, asked_at)"
	       " VALUES ($1, $2, $3, $4, $5)"
	       " ON CONFLICT (deed, ref) WHERE confirmed_at IS NULL DO NOTHING",
};

#define AS " as "

/* One login that speaks now for itself and now for a user is one person; two users behind
 * one login (a portal's) are two. */
static bool
confirm(DbTx *tx, const char *deed, int64_t ref, int64_t now, int64_t *ret_changed,
    GError **error)
{
	const char *actor = audit_actor();
	const char *as = strstr(actor, AS);
	g_autofree char *login =
	    as != NULL ? g_strndup(actor, (gsize)(as - actor)) : g_strdup(actor);
	g_autofree char *behind = g_strconcat(login, AS, NULL);

	return db_exec(tx->db, &CONFIRM,
	    DB_ARGS(v_text(deed), v_int(ref), v_text(actor), v_int(now), v_text(login),
		v_text(behind), v_int(as == NULL)),
	    ret_changed, error);
}

int
four_eyes(DbTx *tx, const char *deed, int64_t ref, const char *reason, GError **error)
{
	int64_t now = clock_now_at();
	int64_t changed;

	if (reason == NULL || *reason == '\0') {
		err_set(error, TP_ERROR_INVALID, "a reason is needed: --reason TEXT");
		return -1;
	}
	if (!confirm(tx, deed, ref, now, &changed, error))
		return -1;
	if (changed > 0)
		return 1;
	if (!db_exec(tx->db, &ASK,
		DB_ARGS(v_text(deed), v_int(ref), v_text(reason), v_text(audit_actor()),
		    v_int(now)),
		&changed, error))
		return -1;
	return changed == 0 || audit_add(tx, AUDIT_ASKED, deed, ref, reason, error) ? 0
										    : -1;
}
