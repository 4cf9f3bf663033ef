/*
 * test_sqlite.c - what only the SQLite driver promises.
 */
#include "tests/support/cm.h"

#include "queue/db.h"
#include "tests/support/fix_db.h"

static const Stmt PUT = {
	.name = "timer.put",
	.sql = "INSERT INTO timer (due_at, name, every_s) VALUES ($2, $1, 0)",
};
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_connection_ever_checkpoints_by_itself),
		cmocka_unit_test(a_backup_is_whole_private_and_never_overwrites),
	};

	return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
