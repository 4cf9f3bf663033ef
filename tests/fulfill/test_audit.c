/*
 * test_audit.c - one altered or missing row of the trail is found, and an erasure is not
 * mistaken for one.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "tests/support/fix_db.h"

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

static void
add(int n, const char *detail)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	for (int i = 0; i < n; i++)
		assert_true(audit_add(&tx, AUDIT_HELD, "job", i, detail, &error));
	assert_true(db_commit(&tx, &error));
}

static void
run(const char *sql)
{
	g_autoptr(GError) error = NULL;

	if (!db_exec(fix.db, fix_stmt(sql), DB_NO_ARGS, NULL, &error))
		fail_msg("%s: %s", sql, error->message);
}

/* 0: the chain is whole; else the row at which it breaks. */
static int64_t
broken_at(void)
{
	g_autoptr(GError) error = NULL;
	int64_t rows = 0;
	int64_t bad = 0;
	int sound = audit_verify(fix.db, &rows, &bad, &error);

	assert_no_error(error);
	return sound == 1 ? 0 : bad;
}

/* What somebody could do to six rows of which 3 has a detail, and where it shows. */
typedef struct Row {
	const char *name;
	const char *sql;
	int64_t bad;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "nothing done is nothing found", "UPDATE audit SET at = at", 0 },
	{ "another time", "UPDATE audit SET at = at + 1 WHERE id = 4", 4 },
	{ "another actor", "UPDATE audit SET actor = 'x' WHERE id = 1", 1 },
	{ "another action", "UPDATE audit SET action = 'ticket.issued' WHERE id = 2", 2 },
	{ "another subject", "UPDATE audit SET subject = 'job/99' WHERE id = 6", 6 },
	{ "another detail", "UPDATE audit SET detail = 'jammed' WHERE id = 3", 3 },
	{ "a detail where none was", "UPDATE audit SET detail = 'x' WHERE id = 2", 2 },
	{ "a detail gone without a word", "UPDATE audit SET detail = NULL, salt = NULL WHERE id = 3", 3 },
	{ "a detail gone with its hash", "UPDATE audit SET detail = NULL, salt = NULL, detail_hash = NULL WHERE id = 3", 3 },
	{ "another salt", "UPDATE audit SET salt = detail_hash WHERE id = 3", 3 },
	{ "a row missing inside", "DELETE FROM audit WHERE id = 5", 5 },
	{ "the first row missing", "DELETE FROM audit WHERE id = 1", 1 },
	{ "the last row missing", "DELETE FROM audit WHERE id = 6", 6 },
	{ "all rows missing", "DELETE FROM audit", 1 },
	{ "a head that says less", "UPDATE audit_head SET last_id = 5", 7 },
};
/* clang-format on */

static void
tampering_row_test(void **state)
{
	const Row *row = *state;

	setup(NULL);
	add(2, NULL);
	add(1, "paper jam");
	add(3, NULL);
	assert_int_equal(broken_at(), 0);
	run(row->sql);
	assert_int_equal(broken_at(), row->bad);
	teardown(NULL);
}

static void
a_detail_is_blanked_in_the_open_and_the_chain_holds(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *detail = NULL;
	static const Stmt DETAIL = { .name = "test.detail",
		.sql = "SELECT detail FROM audit WHERE id = 2" };
	int64_t n = 0;

	(void)state;
	add(1, "paper jam");
	add(1, "Zoë Müller asked 100% surely");
	add(1, NULL);
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(audit_blank_text(&tx, "asked 1_0%", &n, &error));
	assert_int_equal(n, 0); /* the signs of LIKE stand for themselves */
	assert_true(audit_blank_text(&tx, "Zoë Müller", &n, &error));
	assert_int_equal(n, 1);
	assert_true(db_commit(&tx, &error));
	assert_int_equal(db_find_text(fix.db, &DETAIL, DB_NO_ARGS, &detail, &error), 1);
	assert_null(detail);
	assert_int_equal(broken_at(), 0);
	/* The row that says so cannot be dropped either. */
	run("UPDATE audit SET subject = 'audit/1' WHERE action = 'privacy.blanked'");
	assert_int_equal(broken_at(), 4);
}

static void
addresses_do_not_get_into_the_trail(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *detail = NULL;
	static const Stmt DETAIL = { .name = "test.detail_of_1",
		.sql = "SELECT detail FROM audit WHERE id = 1" };

	(void)state;
	add(1, "550 5.1.1 <zoe@example.org>: no such user");
	assert_int_equal(db_find_text(fix.db, &DETAIL, DB_NO_ARGS, &detail, &error), 1);
	assert_string_equal(detail, "550 5.1.1 <address> no such user");
	assert_int_equal(broken_at(), 0);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_detail_is_blanked_in_the_open_and_the_chain_holds),
		T(addresses_do_not_get_into_the_trail),
	};

	return run_rows("what is done to the trail", rows, tampering_row_test) +
	       cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
