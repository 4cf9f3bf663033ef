/*
 * test_pgsql.c - what only the PostgreSQL driver promises.
 */
#include "tests/support/cm.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/clock.h"
#include "queue/db.h"
#include "queue/migrate.h"
#include "tests/support/fix_db.h"
#include "tests/support/pg_proxy.h"

static const Stmt PUT = {
	.name = "timer.put",
	.sql = "INSERT INTO timer (due_at, name, every_s) VALUES ($2, $1, 0)",
};
static const Stmt COUNT = { .name = "timer.count", .sql = "SELECT count(*) FROM timer" };
static const Stmt PID = { .name = "pid", .sql = "SELECT pg_backend_pid()" };
static const Stmt KILL = { .name = "kill",
	.sql = "SELECT pg_terminate_backend($1::int)" };

static FixDb fix;

static int
setup(void **state)
{
	(void)state;
	fix_db_memory(&fix);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_db_done(&fix);
	return 0;
}

static int64_t
get(Db *db, const Stmt *stmt)
{
	g_autoptr(GError) error = NULL;
	int64_t n = -1;

	assert_int_equal(db_find_int(db, stmt, DB_NO_ARGS, &n, &error), 1);
	assert_no_error(error);
	return n;
}

/* The server ends the connection, as in a fast shutdown. */
static void
cut(Db *db)
{
	g_autoptr(Db) other = fix_db_again(&fix);
	g_autoptr(GError) error = NULL;
	int64_t pid = get(db, &PID);
	g_autofree char *process = g_strdup_printf("/proc/%d", (int)pid);

	assert_true(db_exec(other, &KILL, DB_ARGS(v_int(pid)), NULL, &error));
	while (access(process, F_OK) == 0)
		g_usleep(1000);
}

static bool
put(Db *db, const char *name, GError **error)
{
	return db_exec(db, &PUT, DB_ARGS(v_text(name), v_int(1)), NULL, error);
}

static void
a_parameter_beside_a_literal_takes_large_numbers(void **state)
{
	static const Stmt WIDE = { .name = "wide",
		.sql = "SELECT 1 WHERE $1 = 0 OR $1 = 1099511627776" };
	g_autoptr(GError) error = NULL;
	int64_t one = 0;

	(void)state;
	assert_int_equal(db_find_int(fix.db, &WIDE,
			     DB_ARGS(v_int(INT64_C(1099511627776))), &one, &error),
	    1);
	assert_int_equal(
	    db_find_int(fix.db, &WIDE, DB_ARGS(v_int(INT64_MAX)), &one, &error), 0);
	assert_no_error(error);
}

static void
many_numbers_travel_as_one_value(void **state)
{
	static const Stmt SUM = { .name = "sum",
		.sql = "SELECT sum(x) FROM unnest($1::bigint[]) AS t (x)" };
	const int64_t values[] = { 1, -2, INT64_C(1) << 40 };
	g_autoptr(GError) error = NULL;
	int64_t sum = 0;

	(void)state;
	assert_int_equal(
	    db_find_int(fix.db, &SUM, DB_ARGS(v_ints(values, 3)), &sum, &error), 1);
	assert_int_equal(sum, (INT64_C(1) << 40) - 1);
	assert_int_equal(
	    db_find_int(fix.db, &SUM, DB_ARGS(v_ints(values, 0)), &sum, &error), 1);
	assert_int_equal(sum, 0);
}

static void
outside_a_transaction_a_lost_connection_is_made_again(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t at;

	(void)state;
	cut(fix.db);
	assert_int_equal(get(fix.db, &COUNT), 0);
	cut(fix.db);
	assert_true(put(fix.db, "a", &error));
	cut(fix.db);
	assert_true(db_prepares(fix.db, &COUNT, &error));
	cut(fix.db);
	assert_true(db_now_at(fix.db, &at, &error));
	cut(fix.db);
	assert_int_equal(db_wait(fix.db, 0, &error), 1);
	assert_no_error(error);
	assert_int_equal(get(fix.db, &COUNT), 1);
}

static void
inside_a_transaction_a_lost_connection_is_busy_and_nothing_happened(void **state)
{
	g_autoptr(GError) lost = NULL;
	g_autoptr(GError) spoiled = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(put(fix.db, "a", &error));
		cut(fix.db);
		assert_false(put(fix.db, "b", &lost));
		assert_error(lost, TP_ERROR_BUSY);
		assert_false(db_commit(&tx, &spoiled));
		assert_error(spoiled, TP_ERROR_IO);
	}
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(put(fix.db, "a", &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_no_error(error);
	assert_int_equal(get(fix.db, &COUNT), 1);
}

static void
a_connection_lost_before_the_commit_is_busy(void **state)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(put(fix.db, "a", &error));
	cut(fix.db);
	assert_false(db_commit(&tx, &error));
	assert_error(error, TP_ERROR_BUSY);
	db_rollback(&tx);
	assert_int_equal(get(fix.db, &COUNT), 0);
}

static void
a_commit_without_a_reply_is_uncertain(void **state)
{
	g_autoptr(GError) error = NULL;
	PgProxy proxy;
	Db *db;

	(void)state;
	pg_proxy_start(&proxy, fix.url, "COMMIT", sizeof("COMMIT"));
	db = db_open(proxy.url, false, &error);
	assert_no_error(error);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(db, DB_WRITE, &tx, &error));
		assert_true(put(db, "a", &error));
		assert_false(db_commit(&tx, &error));
		assert_error(error, TP_ERROR_UNCERTAIN);
	}
	db_close(db);
	/* this time it did happen */
	assert_int_equal(get(fix.db, &COUNT), 1);
	pg_proxy_stop(&proxy);
}

static void
a_lone_write_without_a_reply_is_uncertain_and_a_read_is_not(void **state)
{
	static const Stmt ADD = { .name = "timer.add",
		.sql = "INSERT INTO timer (name, due_at, every_s) VALUES ('lone', 1, 0)"
		       " RETURNING due_at" };
	/* The protocol's Execute message: type, length, name of the portal, rows. */
	static const char EXECUTE[] = "E\0\0\0\x09\0\0\0\0\0";
	static const Stmt LOOK = { .name = "look", .sql = "SELECT 'lone'::text" };
	const struct {
		const Stmt *stmt;
		bool rows;
		int wanted;
	} cases[] = {
		{ &ADD, true, TP_ERROR_UNCERTAIN },
		{ &ADD, false, TP_ERROR_UNCERTAIN },
		{ &LOOK, true, TP_ERROR_BUSY },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		PgProxy proxy;
		Db *db;

		pg_proxy_start(&proxy, fix.url, EXECUTE, sizeof(EXECUTE) - 1);
		db = db_open(proxy.url, false, &error);
		assert_no_error(error);
		if (cases[i].rows)
			assert_null(db_query(db, cases[i].stmt, DB_NO_ARGS, &error));
		else
			assert_false(
			    db_exec(db, cases[i].stmt, DB_NO_ARGS, NULL, &error));
		assert_error(error, cases[i].wanted);
		db_close(db);
		pg_proxy_stop(&proxy);
	}
}

typedef struct StateRow {
	const char *name;
	const char *sqlstate;
	int wanted;
} StateRow;

static const StateRow state_rows[] = {
	{ "a serialisation failure is BUSY", "40001", TP_ERROR_BUSY },
	{ "a deadlock is BUSY", "40P01", TP_ERROR_BUSY },
	{ "a lock that is not to be had is BUSY", "55P03", TP_ERROR_BUSY },
	{ "a cancelled statement is BUSY", "57014", TP_ERROR_BUSY },
	{ "a number out of range is INVALID", "22003", TP_ERROR_INVALID },
	{ "a NULL where none may be is INVALID", "23502", TP_ERROR_INVALID },
	{ "a CHECK is INVALID", "23514", TP_ERROR_INVALID },
	{ "a UNIQUE key is CONFLICT", "23505", TP_ERROR_CONFLICT },
	{ "a foreign key is CONFLICT", "23503", TP_ERROR_CONFLICT },
	{ "a privilege that is missing is DENIED", "42501", TP_ERROR_DENIED },
	{ "a full disk is IO", "53100", TP_ERROR_IO },
	{ "a damaged index is IO", "XX002", TP_ERROR_IO },
};

static void
state_row(void **state)
{
	const StateRow *row = *state;
	g_autofree char *sql = g_strdup_printf(
	    "DO $$ BEGIN RAISE 'as told' USING ERRCODE = '%s', DETAIL = 'secret'; END $$",
	    row->sqlstate);
	const Stmt stmt = { .name = "raise", .sql = sql };
	g_autoptr(GError) error = NULL;

	setup(NULL);
	assert_false(db_exec(fix.db, &stmt, DB_NO_ARGS, NULL, &error));
	assert_error(error, row->wanted);
	assert_string_equal(error->message, "store: raise: as told");
	teardown(NULL);
}

static void
what_is_no_utf8_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(put(fix.db, "\xff", &error));
	assert_error(error, TP_ERROR_INVALID);
}

static void
the_clock_is_the_servers_and_turns_with_ours(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t first;
	int64_t second;

	(void)state;
	assert_true(db_now_at(fix.db, &first, &error));
	assert_true(db_now_at(fix.db, &second, &error));
	assert_true(second >= first);
	/* one machine, so both clocks agree */
	assert_true(ABS(second - clock_now_at()) < 60 * US_PER_S);
	clock_set_at(77);
	assert_true(db_now_at(fix.db, &first, &error));
	clock_set_at(0);
	assert_int_equal(first, 77);
	assert_no_error(error);
}

static void
a_lock_keeps_others_out_until_the_end(void **state)
{
	static const Stmt SHORT = { .name = "short", .sql = "SET lock_timeout = '50ms'" };
	g_autoptr(Db) other = fix_db_again(&fix);
	g_auto(DbTx) mine = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) busy = NULL;

	(void)state;
	assert_true(db_exec(other, &SHORT, DB_NO_ARGS, NULL, &error));
	assert_true(db_begin(fix.db, DB_WRITE, &mine, &error));
	assert_true(db_lock(&mine, DB_LOCK_USER, &error));
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(other, DB_WRITE, &tx, &error));
		assert_true(db_lock(&tx, DB_LOCK_USER + 1, &error));
		assert_false(db_lock(&tx, DB_LOCK_USER, &busy));
		assert_error(busy, TP_ERROR_BUSY);
	}
	assert_true(db_commit(&mine, &error));
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(other, DB_WRITE, &tx, &error));
		assert_true(db_lock(&tx, DB_LOCK_USER, &error));
	}
	assert_no_error(error);
}

static void
a_reading_transaction_sees_one_moment_and_cannot_write(void **state)
{
	g_autoptr(Db) other = fix_db_again(&fix);
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(db_begin(fix.db, DB_READ, &tx, &error));
	assert_int_equal(get(fix.db, &COUNT), 0);
	assert_true(put(other, "a", &error));
	assert_int_equal(get(fix.db, &COUNT), 0);
	assert_no_error(error);
	assert_false(put(fix.db, "b", &error));
	assert_error(error, TP_ERROR_DENIED);
}

static void
two_programs_that_migrate_at_once_migrate_once(void **state)
{
	FixDb fresh;
	g_autoptr(GError) error = NULL;
	pid_t child[3];

	(void)state;
	fix_db_empty(&fresh);
	assert_true(migrate_pending(fresh.db, &error) > 0);
	for (int i = 0; i < 3; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			Db *db = db_open(fresh.url, false, NULL);
			bool done = db != NULL && migrate_run(db, NULL, NULL);

			db_close(db);
			_exit(done ? 0 : 1);
		}
	}
	for (int i = 0; i < 3; i++) {
		int status = -1;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(migrate_pending(fresh.db, &error), 0);
	assert_no_error(error);
	fix_db_done(&fresh);
}

static void
backup_points_to_pg_dump(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(db_backup(fix.db, "/nonexistent/x", &error));
	assert_error(error, TP_ERROR_REFUSED);
	assert_non_null(strstr(error->message, "pg_dump"));
	assert_true(db_checkpoint(fix.db, NULL));
}

static void
a_constraint_switched_off_is_found(void **state)
{
	static const Stmt OFF = { .name = "off",
		.sql =
		    "ALTER TABLE timer ADD CONSTRAINT due CHECK (due_at > 0) NOT VALID" };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(db_verify(fix.db, &error));
	assert_no_error(error);
	assert_true(db_exec(fix.db, &OFF, DB_NO_ARGS, NULL, &error));
	assert_false(db_verify(fix.db, &error));
	assert_error(error, TP_ERROR_IO);
	assert_non_null(strstr(error->message, "due"));
}

static void
what_cannot_be_opened_says_why_and_never_the_password(void **state)
{
	static const Stmt LATIN = { .name = "latin",
		.sql = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE "
		       "template0" };
	static const Stmt DROP = { .name = "drop", .sql = "DROP DATABASE latin" };
	const char *params = strchr(fix.url, '?');
	g_autofree char *latin =
	    g_strconcat("postgresql://ticketpost@/latin", params, NULL);
	g_autofree char *no_base =
	    g_strconcat("postgres://ticketpost@/nothing", params, NULL);
	g_autofree char *no_user =
	    g_strconcat("postgresql://nobody:verysecret@/postgres", params, NULL);
	const struct {
		const char *url;
		int wanted;
		const char *why;
	} rows[] = {
		{ no_base, TP_ERROR_NOT_FOUND, "there is no such database" },
		{ no_user, TP_ERROR_DENIED, "login refused" },
		{ latin, TP_ERROR_CONFIG, "is encoded in LATIN1" },
		{ "postgresql://u:verysecret@/x?host=/nonexistent", TP_ERROR_BUSY,
		    "No such file" },
		{ "postgresql://u:very%secret@127.0.0.1/x", TP_ERROR_CONFIG,
		    "not understood" },
		{ "postgresql://u@127.0.0.1/x?verysecret=1", TP_ERROR_CONFIG,
		    "not understood" },
	};

	(void)state;
	assert_true(db_exec(fix.db, &LATIN, DB_NO_ARGS, NULL, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(db_open(rows[i].url, false, &error));
		assert_error(error, rows[i].wanted);
		assert_non_null(strstr(error->message, rows[i].why));
		assert_null(strstr(error->message, "secret"));
	}
	assert_true(db_exec(fix.db, &DROP, DB_NO_ARGS, NULL, NULL));
}

static void
pg_sh(const char *verb, const char *dir)
{
	g_autofree char *path =
	    g_build_filename(g_getenv("TP_SOURCE"), "tests/support/pg.sh", NULL);
	char *argv[] = { path, (char *)(uintptr_t)verb, (char *)(uintptr_t)dir, NULL };
	int status = -1;

	assert_true(
	    g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
}

static void
a_server_that_fails_and_comes_back_is_waited_for(void **state)
{
	const char *dir = strstr(fix.url, "host=") + strlen("host=");
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) lost = NULL;
	pid_t child;

	(void)state;
	if (g_getenv("TP_SOURCE") == NULL)
		skip();
	assert_true(put(fix.db, "kept", &error));
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(put(fix.db, "not committed", &error));
	pg_sh("crash", dir);
	assert_false(put(fix.db, "nobody there", &lost));
	assert_error(lost, TP_ERROR_BUSY);
	db_rollback(&tx);
	child = fork();
	if (child == 0) {
		g_usleep(200000);
		pg_sh("again", dir);
		_exit(0);
	}
	assert_int_equal(get(fix.db, &COUNT), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_no_error(error);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_parameter_beside_a_literal_takes_large_numbers),
		T(many_numbers_travel_as_one_value),
		T(outside_a_transaction_a_lost_connection_is_made_again),
		T(inside_a_transaction_a_lost_connection_is_busy_and_nothing_happened),
		T(a_connection_lost_before_the_commit_is_busy),
		T(a_commit_without_a_reply_is_uncertain),
		T(a_lone_write_without_a_reply_is_uncertain_and_a_read_is_not),
		T(what_is_no_utf8_is_refused),
		T(the_clock_is_the_servers_and_turns_with_ours),
		T(a_lock_keeps_others_out_until_the_end),
		T(a_reading_transaction_sees_one_moment_and_cannot_write),
		T(two_programs_that_migrate_at_once_migrate_once),
		T(backup_points_to_pg_dump),
		T(a_constraint_switched_off_is_found),
		T(what_cannot_be_opened_says_why_and_never_the_password),
		T(a_server_that_fails_and_comes_back_is_waited_for),
	};

	return cmocka_run_group_tests_name("pgsql", tests, NULL, NULL) +
	       run_rows("sqlstate", state_rows, state_row);
}
