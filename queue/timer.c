/*
 * timer.c - one UPDATE decides who takes a timer.
 */
#include "queue/timer.h"

#include "queue/clock.h"

static const Stmt ENSURE = {
	.name = "timer.ensure",
	.sql = "INSERT INTO timer (name, due_at, every_s) VALUES ($1, $2, $3)"
	       " ON CONFLICT (name) DO UPDATE SET every_s = $3",
};
static const Stmt SET = {
	.name = "timer.set",
	.sql = "INSERT INTO timer (name, due_at, every_s) VALUES ($1, $2, 0)"
	       " ON CONFLICT (name) DO UPDATE SET due_at = $2",
};
static const Stmt TAKE = {
	.name = "timer.take",
	.sql = "UPDATE timer SET ran_at = $2, due_at = CASE WHEN every_s > 0"
	       " THEN $2 + every_s * 1000000 ELSE 9223372036854775807 END"
	       " WHERE name = $1 AND due_at <= $2",
};

static const Stmt IS_DUE = {
	.name = "timer.is_due",
	.sql = "SELECT due_at <= $2 FROM timer WHERE name = $1",
	.pgsql = "SELECT (due_at <= $2)::int FROM timer WHERE name = $1",
};

bool
timer_ensure(DbTx *tx, const char *name, int every_s, GError **error)
{
	int64_t now;

	return db_now_at(tx->db, &now, error) &&
	       db_exec(tx->db, &ENSURE, DB_ARGS(v_text(name), v_int(now), v_int(every_s)),
		   NULL, error);
}

bool
timer_set(DbTx *tx, const char *name, int64_t due_at, GError **error)
{
	return db_exec(tx->db, &SET, DB_ARGS(v_text(name), v_int(due_at)), NULL, error);
}

int
timer_take(DbTx *tx, const char *name, GError **error)
{
	int64_t now;
	int64_t changed;

	if (!db_now_at(tx->db, &now, error) ||
	    !db_exec(tx->db, &TAKE, DB_ARGS(v_text(name), v_int(now)), &changed, error))
		return -1;
	return changed > 0;
}

int
timer_is_due(Db *db, const char *name, GError **error)
{
	int64_t now;
	int64_t due = 1;

	if (!db_now_at(db, &now, error) ||
	    db_find_int(db, &IS_DUE, DB_ARGS(v_text(name), v_int(now)), &due, error) < 0)
		return -1;
	return due != 0;
}
