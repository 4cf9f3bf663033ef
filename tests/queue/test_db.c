/*
 * test_db.c - the SQL door keeps its contract.
 */
#include "tests/support/cm.h"

#include "queue/db.h"
#include "queue/migrate.h"
#include "tests/support/fix_db.h"

static const Stmt PUT = {
	.name = "timer.put",
	.sql = "INSERT INTO timer (due_at, name, every_s) VALUES ($2, $1, 0)",
};
static const Stmt GET = { .name = "timer.get", .sql = "SELECT due_at, name FROM timer" };
static const Stmt COUNT = { .name = "timer.count", .sql = "SELECT count(*) FROM timer" };

static int64_t
count(Db *db)
{
	g_autoptr(GError) error = NULL;
	int64_t n = -1;

	assert_int_equal(db_find_int(db, &COUNT, DB_NO_ARGS, &n, &error), 1);
	return n;
}

static void
values_go_in_by_number_whatever_their_order_in_the_text(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;

	(void)state;
	fix_db_memory(&fix);
	assert_true(db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(7)), NULL, &error));
	{
		g_autoptr(DbRows) rows = db_query(fix.db, &GET, DB_NO_ARGS, &error);

		assert_int_equal(db_next(rows, &error), 1);
		assert_int_equal(db_col_int(rows, 0), 7);
		assert_string_equal(db_col_text(rows, 1), "a");
		assert_int_equal(db_next(rows, &error), 0);
	}
	fix_db_done(&fix);
}

static void
a_transaction_that_leaves_scope_is_rolled_back(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;

	(void)state;
	fix_db_memory(&fix);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
	}
	assert_int_equal(count(fix.db), 0);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
		assert_true(db_savepoint(&tx, &error));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("b"), v_int(1)), NULL, &error));
		assert_true(db_savepoint_undo(&tx, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(count(fix.db), 1);
	fix_db_done(&fix);
}

static void
errors_say_what_to_do(void **state)
{
	static const Stmt BAD = { .name = "job.bad",
		.sql =
		    "INSERT INTO job (kind, ref, key, subject, state, priority, due_at,"
		    " attempts, lapses, fence, created_at)"
		    " VALUES ('x', 1, 'k', 's', 'nonsense', 0, 0, 0, 0, 0, 0)" };
	FixDb fix;
	g_autoptr(GError) twice = NULL;
	g_autoptr(GError) check = NULL;
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) scheme = NULL;

	(void)state;
	fix_db_memory(&fix);
	assert_true(db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, NULL));
	assert_false(db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &twice));
	assert_error(twice, TP_ERROR_CONFLICT);
	assert_false(db_exec(fix.db, &BAD, DB_NO_ARGS, NULL, &check));
	assert_error(check, TP_ERROR_INVALID);
	assert_null(db_open("sqlite:/nonexistent/t.db", false, &missing));
	assert_error(missing, TP_ERROR_NOT_FOUND);
	assert_null(db_open("mysql:x", false, &scheme));
	assert_error(scheme, TP_ERROR_CONFIG);
	fix_db_done(&fix);
}

static void
no_connection_ever_checkpoints_by_itself(void **state)
{
	static const Stmt AUTO = { .name = "db.auto",
		.sql = "PRAGMA wal_autocheckpoint" };
	static const Stmt SYNC = { .name = "db.sync", .sql = "PRAGMA synchronous" };
	static const Stmt MODE = { .name = "db.mode", .sql = "PRAGMA journal_mode" };
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autofree char *mode = NULL;
	Db *second;
	int64_t value = -1;

	(void)state;
	fix_db_file(&fix);
	second = fix_db_again(&fix);
	assert_int_equal(db_find_int(second, &AUTO, DB_NO_ARGS, &value, &error), 1);
	assert_int_equal(value, 0);
	assert_int_equal(db_find_int(second, &SYNC, DB_NO_ARGS, &value, &error), 1);
	assert_int_equal(value, 2);
	assert_int_equal(db_find_text(second, &MODE, DB_NO_ARGS, &mode, &error), 1);
	assert_string_equal(mode, "wal");
	db_close(second);
	fix_db_done(&fix);
}

static void
a_backup_is_whole_private_and_never_overwrites(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	g_autofree char *url = NULL;
	g_autoptr(Db) copy = NULL;

	(void)state;
	fix_db_file(&fix);
	path = g_build_filename(fix.folder, "copy.db", NULL);
	url = g_strconcat("sqlite:", path, NULL);
	assert_true(db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
	assert_true(db_backup(fix.db, path, &error));
	assert_no_error(error);
	copy = db_open(url, false, &error);
	assert_no_error(error);
	assert_int_equal(count(copy), 1);
	assert_true(db_verify(copy, &error));
	assert_false(db_backup(fix.db, path, &error));
	assert_error(error, TP_ERROR_EXISTS);
	g_clear_pointer(&copy, db_close);
	fix_db_done(&fix);
}

static void
migrations_run_once_and_an_edited_one_is_refused(void **state)
{
	static const Stmt EDIT = { .name = "m.edit",
		.sql = "UPDATE schema_migration SET checksum = 'x' WHERE number = 1" };
	static const Stmt FUTURE = { .name = "m.future",
		.sql = "INSERT INTO schema_migration VALUES (999999, 'x', 'x', 0)" };
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) newer = NULL;
	int ran = -1;

	(void)state;
	fix_db_memory(&fix);
	assert_int_equal(migrate_pending(fix.db, &error), 0);
	assert_true(migrate_run(fix.db, &ran, &error));
	assert_int_equal(ran, 0);
	assert_true(db_exec(fix.db, &FUTURE, DB_NO_ARGS, NULL, &error));
	assert_int_equal(migrate_pending(fix.db, &newer), -1);
	assert_error(newer, TP_ERROR_CONFIG);
	assert_true(db_exec(fix.db, &EDIT, DB_NO_ARGS, NULL, NULL));
	assert_int_equal(migrate_pending(fix.db, &error), -1);
	assert_error(error, TP_ERROR_CONFIG);
	fix_db_done(&fix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_in_by_number_whatever_their_order_in_the_text),
		cmocka_unit_test(a_transaction_that_leaves_scope_is_rolled_back),
		cmocka_unit_test(errors_say_what_to_do),
		cmocka_unit_test(no_connection_ever_checkpoints_by_itself),
		cmocka_unit_test(a_backup_is_whole_private_and_never_overwrites),
		cmocka_unit_test(migrations_run_once_and_an_edited_one_is_refused),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
