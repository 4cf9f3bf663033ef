/*
 * four_eyes.c - the first request is kept, the second one by another person opens it.
 */
#include "fulfill/domain/four_eyes.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/clock.h"

static const Stmt CONFIRM = {
	.name = "four_eyes.confirm",
	.sql =
	    "UPDATE four_eyes SET confirmed_by = $3, confirmed_at = $4"
	    " WHERE deed = $1 AND ref = $2 AND confirmed_at IS NULL AND asked_by <> $3",
};
static const Stmt ASK = {
	.name = "four_eyes.ask",
	.sql = "INSERT INTO four_eyes (deed, ref, reason, asked_by, asked_at)"
	       " VALUES ($1, $2, $3, $4, $5)"
	       " ON CONFLICT (deed, ref) WHERE confirmed_at IS NULL DO NOTHING",
};

int
four_eyes(DbTx *tx, const char *deed, int64_t ref, const char *reason, GError **error)
{
	int64_t now = clock_now_at();
	int64_t changed;

	if (reason == NULL || *reason == '\0') {
		err_set(error, TP_ERROR_INVALID, "a reason is needed: --reason TEXT");
		return -1;
	}
	if (!db_exec(tx->db, &CONFIRM,
		DB_ARGS(v_text(deed), v_int(ref), v_text(audit_actor()), v_int(now)),
		&changed, error))
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
