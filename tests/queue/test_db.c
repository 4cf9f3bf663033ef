/*
 * test_db.c - the SQL door keeps its contract.
 */
#include "tests/support/cm.h"

#include <string.h>

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

static void
a_failed_statement_spoils_its_transaction_until_it_is_undone(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) twice = NULL;
	g_autoptr(GError) after = NULL;
	g_autoptr(GError) at_commit = NULL;

	(void)state;
	fix_db_memory(&fix);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
		assert_true(db_savepoint(&tx, &error));
		assert_false(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &twice));
		assert_error(twice, TP_ERROR_CONFLICT);
		assert_null(db_query(fix.db, &GET, DB_NO_ARGS, &after));
		assert_error(after, TP_ERROR_IO);
		assert_false(db_savepoint_release(&tx, NULL));
		assert_false(db_commit(&tx, &at_commit));
		assert_error(at_commit, TP_ERROR_IO);
		assert_true(db_savepoint_undo(&tx, &error));
		assert_true(db_savepoint(&tx, &error));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("b"), v_int(1)), NULL, &error));
		assert_true(db_savepoint_release(&tx, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_no_error(error);
	assert_int_equal(count(fix.db), 2);
	fix_db_done(&fix);
}

static void
every_type_comes_back_as_it_went_in(void **state)
{
	static const Stmt MAKE = { .name = "thing.make",
		.sql = "CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER, t TEXT,"
		       " b BLOB) STRICT" };
	static const Stmt ADD = { .name = "thing.add",
		.sql = "INSERT INTO thing (n, t, b) VALUES ($1, $2, $3) RETURNING id" };
	static const Stmt ALL = { .name = "thing.all",
		.sql = "SELECT n, t, b, id AS name_of_it FROM thing ORDER BY id" };
	static const guint8 bytes[] = { 0, 1, 0xff, '\\', '\'', 0 };
	const struct {
		int64_t n;
		const char *t;
		const void *b;
		size_t size;
	} rows[] = {
		{ INT64_MAX, "", bytes, sizeof(bytes) },
		{ INT64_MIN, "d\xc3\xbc \\ '$1' %", bytes, 0 },
		{ 0, NULL, NULL, 0 },
	};
	FixDb fix;
	g_autoptr(GError) error = NULL;
	size_t n = 0;

	(void)state;
	fix_db_memory(&fix);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(db_script(&tx, MAKE.sql, &error));
		assert_true(db_commit(&tx, &error));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		int64_t id = 0;

		assert_int_equal(
		    db_find_int(fix.db, &ADD,
			DB_ARGS(i < 2 ? v_int(rows[i].n) : v_id(0), v_text(rows[i].t),
			    v_blob(rows[i].b, rows[i].size)),
			&id, &error),
		    1);
		assert_int_equal(id, i + 1);
	}
	{
		g_autoptr(DbRows) got = db_query(fix.db, &ALL, DB_NO_ARGS, &error);

		assert_int_equal(db_col_count(got), 4);
		assert_string_equal(db_col_name(got, 3), "name_of_it");
		for (; db_next(got, &error) == 1; n++) {
			size_t size = 99;
			const void *b = db_col_blob(got, 2, &size);
			const char *t = db_col_text(got, 1);
			g_autofree char *digits =
			    g_strdup_printf("%" G_GINT64_FORMAT, rows[n].n);

			assert_int_equal(db_col_int(got, 0), rows[n].n);
			assert_int_equal(db_col_is_null(got, 0), n == 2);
			if (n < 2)
				assert_string_equal(db_col_text(got, 0), digits);
			assert_int_equal(t == NULL, rows[n].t == NULL);
			if (t != NULL)
				assert_string_equal(t, rows[n].t);
			assert_int_equal(size, rows[n].size);
			assert_int_equal(db_col_is_null(got, 2), n == 2);
			if (size > 0)
				assert_memory_equal(b, bytes, size);
		}
	}
	assert_no_error(error);
	assert_int_equal(n, G_N_ELEMENTS(rows));
	fix_db_done(&fix);
}

static void
statements_may_run_inside_the_rows_of_another(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;
	int seen = 0;

	(void)state;
	fix_db_memory(&fix);
	for (int i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("t%d", i);

		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text(name), v_int(i)), NULL, &error));
	}
	{
		g_autoptr(DbRows) outer = db_query(fix.db, &GET, DB_NO_ARGS, &error);

		while (db_next(outer, &error) == 1) {
			g_autoptr(DbRows) inner =
			    db_query(fix.db, &GET, DB_NO_ARGS, &error);
			g_autofree char *first = NULL;

			while (db_next(inner, &error) == 1)
				seen++;
			assert_int_equal(
			    db_find_text(fix.db, &GET, DB_NO_ARGS, &first, &error), 1);
			assert_string_equal(first, "0");
			assert_int_equal(count(fix.db), 3);
		}
	}
	assert_no_error(error);
	assert_int_equal(seen, 9);
	fix_db_done(&fix);
}

static void
nothing_new_is_no_row(void **state)
{
	static const Stmt NONE = { .name = "timer.none",
		.sql = "SELECT name FROM timer WHERE due_at = 77" };
	static const Stmt NULL_TEXT = { .name = "timer.null",
		.sql = "SELECT max(name) FROM timer" };
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strdup("before");
	char *null = (char *)"before";
	int64_t n = 5;

	(void)state;
	fix_db_memory(&fix);
	assert_int_equal(db_find_int(fix.db, &NONE, DB_NO_ARGS, &n, &error), 0);
	assert_int_equal(n, 5);
	assert_int_equal(db_find_text(fix.db, &NONE, DB_NO_ARGS, &text, &error), 0);
	assert_string_equal(text, "before");
	assert_int_equal(db_find_text(fix.db, &NULL_TEXT, DB_NO_ARGS, &null, &error), 1);
	assert_null(null);
	assert_no_error(error);
	fix_db_done(&fix);
}

static void
a_statement_the_schema_does_not_carry_does_not_prepare(void **state)
{
	static const Stmt GONE = { .name = "gone", .sql = "SELECT nothing FROM nowhere" };
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) gone = NULL;
	int64_t n;

	(void)state;
	fix_db_memory(&fix);
	assert_true(db_prepares(fix.db, &COUNT, &error));
	assert_false(db_prepares(fix.db, &GONE, &gone));
	assert_non_null(strstr(gone->message, "gone"));
	assert_int_equal(db_find_int(fix.db, &GONE, DB_NO_ARGS, &n, NULL), -1);
	assert_int_equal(count(fix.db), 0);
	assert_no_error(error);
	fix_db_done(&fix);
}

static void
who_waits_is_woken_by_others_and_not_by_itself(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autoptr(Db) other = NULL;

	(void)state;
	fix_db_file(&fix);
	other = fix_db_again(&fix);
	/* whatever came before the first look */
	while (db_wait(fix.db, 0, &error) == 1)
		continue;
	assert_int_equal(db_wait(fix.db, 20, &error), 0);

	assert_true(db_exec(fix.db, &PUT, DB_ARGS(v_text("mine"), v_int(1)), NULL, NULL));
	db_hint(fix.db);
	assert_int_equal(db_wait(fix.db, 20, &error), 0);

	/* in between counts as well as during */
	assert_true(db_exec(other, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
	db_hint(other);
	assert_int_equal(db_wait(fix.db, 10000, &error), 1);
	assert_int_equal(db_wait(fix.db, 20, &error), 0);

	/* a hint inside a transaction leaves with the commit */
	g_usleep(25000);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(other, DB_WRITE, &tx, &error));
		db_hint(other);
		assert_true(
		    db_exec(other, &PUT, DB_ARGS(v_text("b"), v_int(1)), NULL, &error));
		assert_int_equal(db_wait(fix.db, 20, &error), 0);
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(db_wait(fix.db, 10000, &error), 1);

	/* and at the latest with the end of the connection */
	assert_true(db_exec(other, &PUT, DB_ARGS(v_text("c"), v_int(1)), NULL, &error));
	db_hint(other);
	db_hint(other);
	g_clear_pointer(&other, db_close);
	assert_int_equal(db_wait(fix.db, 10000, &error), 1);
	assert_no_error(error);
	fix_db_done(&fix);
}

/* Is what is written now on the disk when its commit returns? */
static bool
is_durable(Db *db)
{
	static const Stmt SETTING = { .name = "t.durable",
		.sql = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
		.pgsql = "SELECT current_setting('synchronous_commit')" };
	g_autofree char *value = NULL;

	assert_int_equal(db_find_text(db, &SETTING, DB_NO_ARGS, &value, NULL), 1);
	return strcmp(value, "2") == 0 || strcmp(value, "on") == 0;
}

static void
a_lazy_commit_is_seen_by_others_and_only_it_is_lazy(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;
	g_autoptr(Db) other = NULL;

	(void)state;
	fix_db_file(&fix);
	other = fix_db_again(&fix);
	for (int commits = 0; commits < 2; commits++) {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(is_durable(fix.db));
		assert_true(db_begin(fix.db, DB_WRITE_LAZY, &tx, &error));
		assert_false(is_durable(fix.db));
		assert_true(
		    db_exec(fix.db, &PUT, DB_ARGS(v_text("a"), v_int(1)), NULL, &error));
		if (commits)
			assert_true(db_commit(&tx, &error));
		else
			db_rollback(&tx);
		assert_int_equal(count(other), commits);
		assert_true(is_durable(fix.db));
	}
	fix_db_done(&fix);
}

static void
a_store_in_use_is_sound(void **state)
{
	FixDb fix;
	g_autoptr(GError) error = NULL;

	(void)state;
	fix_db_memory(&fix);
	assert_true(db_verify(fix.db, &error));
	assert_true(db_checkpoint(fix.db, &error));
	assert_no_error(error);
	assert_int_equal(db_is_pgsql(fix.db), fix_db_is_pgsql());
	fix_db_done(&fix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_in_by_number_whatever_their_order_in_the_text),
		cmocka_unit_test(a_transaction_that_leaves_scope_is_rolled_back),
		cmocka_unit_test(errors_say_what_to_do),
		cmocka_unit_test(
		    a_failed_statement_spoils_its_transaction_until_it_is_undone),
		cmocka_unit_test(every_type_comes_back_as_it_went_in),
		cmocka_unit_test(statements_may_run_inside_the_rows_of_another),
		cmocka_unit_test(nothing_new_is_no_row),
		cmocka_unit_test(a_statement_the_schema_does_not_carry_does_not_prepare),
		cmocka_unit_test(who_waits_is_woken_by_others_and_not_by_itself),
		cmocka_unit_test(a_lazy_commit_is_seen_by_others_and_only_it_is_lazy),
		cmocka_unit_test(a_store_in_use_is_sound),
		cmocka_unit_test(migrations_run_once_and_an_edited_one_is_refused),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
