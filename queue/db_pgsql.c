/*
 * db_pgsql.c - the PostgreSQL driver; the only file that includes libpq-fe.h.
 *
 * Statements are prepared once per connection without saying types: the server infers
 * them, and a value of another type is a BUG here, as STRICT makes it an error in SQLite.
 * Where the server infers a 32-bit integer (a parameter beside a literal, as in `$3 = 0`)
 * we ask for 64 bits, for all our integers have them.  Values travel as text, bytes as
 * they are; results come back whole and as text, so that another statement may run while
 * one is read.
 *
 * Connections get lost.  Outside a transaction the next statement connects again; inside
 * one everything fails with BUSY until the rollback, except for the one case that nobody
 * can decide: a COMMIT (or a lone write) was sent and no reply came.  That is UNCERTAIN.
 * A dead peer is noticed by keep-alives within a minute, so that no worker hangs for
 * hours on a host that is gone.
 *
 * Leases are measured by the server's clock.  Asking it each time would cost a round trip
 * for each of several calls in a turn, so its distance from our monotonic clock is asked
 * once a second.
 */
#include "queue/db_pgsql_private.h"

#include <poll.h>
#include <string.h>

#include "queue/clock.h"
#include "queue/db_pgsql_text.h"

#define CLOCK_US US_PER_S
#define HINT_US 20000 /* NOTIFY takes a lock of the whole cluster at its commit */

static void pgsql_close(Db *base);

static Db *
pgsql_open(const char *url, bool create, GError **error)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	PgsqlDb *db;

	(void)create;
	/* What libpq says to it may quote a password. */
	if (options == NULL) {
		err_set(error, TP_ERROR_CONFIG,
		    "the store's URL is not understood: it reads "
		    "postgresql://user@host:port/database?parameter=value");
		return NULL;
	}
	PQconninfoFree(options);
	db = g_new0(PgsqlDb, 1);
	db->url = g_strdup(url);
	db->cache = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (!pgsql_connect(db, error)) {
		pgsql_close(&db->base);
		return NULL;
	}
	return &db->base;
}

/* Only between transactions: at its commit a NOTIFY takes a lock of the whole cluster. */
static void
send_hint(PgsqlDb *db)
{
	int64_t now_us = clock_monotonic_us();

	if (!db->hint_waits || pgsql_is_lost(db) || now_us < db->hinted_us + HINT_US)
		return;
	db->hint_waits = false;
	db->hinted_us = now_us;
	pgsql_word(&db->base, "NOTIFY ticketpost", NULL);
}

static void
pgsql_hint(Db *base)
{
	PgsqlDb *db = (PgsqlDb *)base;

	db->hint_waits = true;
	if (!base->in_tx)
		send_hint(db);
}

static void
pgsql_close(Db *base)
{
	PgsqlDb *db = (PgsqlDb *)base;

	db->hinted_us = 0;
	send_hint(db);
	pgsql_disconnect(db);
	g_hash_table_unref(db->cache);
	g_free(db->url);
	g_free(db);
}

static bool
ask_clock(PgsqlDb *db, GError **error)
{
	g_autoptr(PGresult) result = PQexec(
	    db->conn, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
	int64_t now_us = clock_monotonic_us();

	if (!pgsql_is_ok(result))
		return pgsql_fail(db, result, "clock", error);
	db->ahead_us = g_ascii_strtoll(PQgetvalue(result, 0, 0), NULL, 10) - now_us;
	db->ahead_until_us = now_us + CLOCK_US;
	return true;
}

static bool
pgsql_now_at(Db *base, int64_t *ret_at, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;

	if (clock_monotonic_us() >= db->ahead_until_us &&
	    (!pgsql_ready(db, error) || !ask_clock(db, error)))
		return false;
	*ret_at = clock_turn_at(clock_monotonic_us() + db->ahead_us);
	return true;
}

static bool
pgsql_begin(Db *base, DbTxMode mode, GError **error)
{
	static const char *const words[] = {
		[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		[DB_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
		[DB_WRITE_LAZY] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
				  "SET LOCAL synchronous_commit = off",
	};
	PgsqlDb *db = (PgsqlDb *)base;

	return pgsql_ready(db, error) && pgsql_word(base, words[mode], error);
}

static bool
pgsql_commit(Db *base, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	g_autoptr(PGresult) result = NULL;

	/* Nothing was sent yet: this one case of a lost connection is certain. */
	if (!pgsql_is_alive(db))
		return pgsql_fail(db, NULL, "commit", error);
	result = PQexec(db->conn, "COMMIT");
	if (pgsql_is_lost(db))
		return err_set(error, TP_ERROR_UNCERTAIN,
		    "store: commit: the connection was lost before the reply");
	if (!pgsql_is_ok(result))
		return pgsql_fail(db, result, "commit", error);
	if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		return err_set(error, TP_ERROR_IO,
		    "store: commit: the server answered %s", PQcmdStatus(result));
	send_hint(db);
	return true;
}

static void
pgsql_rollback(Db *base)
{
	PgsqlDb *db = (PgsqlDb *)base;

	if (!pgsql_is_lost(db) && PQtransactionStatus(db->conn) != PQTRANS_IDLE)
		pgsql_word(base, "ROLLBACK", NULL);
}

static bool
pgsql_lock(Db *base, int number, GError **error)
{
	static const Stmt LOCK = { .name = "db.lock",
		.sql = "SELECT pg_advisory_xact_lock($1)" };

	return db_exec(base, &LOCK, DB_ARGS(v_int(number)), NULL, error);
}

static bool
pgsql_script(Db *base, const char *sql, GError **error)
{
	g_autofree char *text = pgsql_translate(sql);
	PgsqlDb *db = (PgsqlDb *)base;
	g_autoptr(PGresult) result = PQexec(db->conn, text);

	return pgsql_is_ok(result) || PQresultStatus(result) == PGRES_EMPTY_QUERY ||
	       pgsql_fail(db, result, "script", error);
}

/* Takes in what has come; true when another connection gave a hint. */
static bool
take_hints(PgsqlDb *db)
{
	bool any = false;
	PGnotify *hint;

	while ((hint = PQnotifies(db->conn)) != NULL) {
		any = any || hint->be_pid != PQbackendPID(db->conn);
		PQfreemem(hint);
	}
	return any;
}

static int
pgsql_wait(Db *base, int timeout_ms, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	int64_t until_us = clock_monotonic_us() + timeout_ms * INT64_C(1000);

	if (!pgsql_ready(db, error))
		return -1;
	if (!db->listens) {
		if (!pgsql_word(base, "LISTEN ticketpost", error))
			return -1;
		db->listens = true;
		return 1; /* what came before we listened is seen by looking */
	}
	send_hint(db);
	for (;;) {
		struct pollfd wait = { .fd = PQsocket(db->conn), .events = POLLIN };
		int64_t left_us = until_us - clock_monotonic_us();

		if (!PQconsumeInput(db->conn) || pgsql_is_lost(db)) {
			pgsql_fail(db, NULL, "wait", error);
			return -1;
		}
		if (take_hints(db))
			return 1;
		if (left_us <= 0 || poll(&wait, 1, (int)((left_us + 999) / 1000)) <= 0)
			return 0;
	}
}

static bool
pgsql_backup(Db *base, const char *path, GError **error)
{
	(void)path;
	return err_set(error, TP_ERROR_REFUSED,
	    "PostgreSQL is backed up with its own tools: pg_dump --format=custom %s",
	    PQdb(((PgsqlDb *)base)->conn));
}

static bool
pgsql_checkpoint(Db *base, GError **error)
{
	(void)base;
	(void)error;
	return true;
}

static bool
pgsql_scrub(Db *base, GError **error)
{
	return base->driver->word(base, "VACUUM FULL", error);
}

static bool
pgsql_verify(Db *base, GError **error)
{
	static const Stmt OFF = { .name = "db.verify",
		.sql = "SELECT 'index ' || c.relname FROM pg_index i"
		       " JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid"
		       " UNION ALL SELECT 'constraint ' || conname FROM pg_constraint"
		       " WHERE NOT convalidated"
		       " UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger"
		       " WHERE tgenabled = 'D' LIMIT 1" };
	g_autofree char *what = NULL;
	int found = db_find_text(base, &OFF, DB_NO_ARGS, &what, error);

	if (found < 0)
		return false;
	return found == 0 ||
	       err_set(error, TP_ERROR_IO, "store is damaged: %s is switched off", what);
}

const DbDriver db_pgsql = {
	.scheme = "postgresql:",
	.other_scheme = "postgres:",
	.open = pgsql_open,
	.close = pgsql_close,
	.now_at = pgsql_now_at,
	.begin = pgsql_begin,
	.commit = pgsql_commit,
	.rollback = pgsql_rollback,
	.word = pgsql_word,
	.lock = pgsql_lock,
	.exec = pgsql_exec,
	.query = pgsql_query,
	.next = pgsql_next,
	.col_int = pgsql_col_int,
	.col_text = pgsql_col_text,
	.col_blob = pgsql_col_blob,
	.col_is_null = pgsql_col_is_null,
	.col_count = pgsql_col_count,
	.col_name = pgsql_col_name,
	.rows_done = pgsql_rows_done,
	.script = pgsql_script,
	.prepares = pgsql_prepares,
	.hint = pgsql_hint,
	.wait = pgsql_wait,
	.backup = pgsql_backup,
	.checkpoint = pgsql_checkpoint,
	.scrub = pgsql_scrub,
	.verify = pgsql_verify,
};
