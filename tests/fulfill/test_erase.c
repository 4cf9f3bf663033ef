/*
 * test_erase.c - every column of the real schema has its row in erase.def.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/erase.h"
#include "tests/support/fix_shop.h"

static const Stmt TABLES = {
	.name = "test.tables",
	.sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
	       "'sqlite!_%' ESCAPE '!' ORDER BY name",
	.pgsql = "SELECT table_name FROM information_schema.tables WHERE table_schema = "
		 "'public' ORDER BY table_name",
};
static const Stmt COLUMNS = {
	.name = "test.columns",
	.sql = "SELECT name FROM pragma_table_info($1) ORDER BY cid",
	.pgsql = "SELECT column_name FROM information_schema.columns WHERE table_schema "
		 "= 'public' AND table_name = $1 ORDER BY ordinal_position",
};

/* "table.column" of the whole schema. */
static GPtrArray *
schema(Db *db)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(DbRows) tables = db_query(db, &TABLES, DB_NO_ARGS, &error);

	assert_no_error(error);
	while (db_next(tables, &error) == 1) {
		g_autofree char *table = g_strdup(db_col_text(tables, 0));
		g_autoptr(DbRows) rows =
		    db_query(db, &COLUMNS, DB_ARGS(v_text(table)), &error);

		assert_no_error(error);
		while (db_next(rows, &error) == 1)
			g_ptr_array_add(
			    all, g_strconcat(table, ".", db_col_text(rows, 0), NULL));
	}
	return all;
}

static void
every_column_of_the_schema_has_a_row(void **state)
{
	FixDb fix;
	g_autoptr(GPtrArray) all = NULL;
	int missing = 0;

	(void)state;
	fix_db_memory(&fix);
	all = schema(fix.db);
	assert_true(all->len > 150);
	for (guint i = 0; i < all->len; i++) {
		g_auto(GStrv) at = g_strsplit(g_ptr_array_index(all, i), ".", 2);

		if (erase_column_find(at[0], at[1]) != NULL)
			continue;
		missing++;
		print_error("add to fulfill/domain/erase.def:\n"
			    "COL(%s, %s, FACT|LINK|PERSON|TEXT|SECRET, "
			    "KEEP|BLANK|PSEUDO, \"SQL value\", \"why\")\n",
		    at[0], at[1]);
	}
	if (missing > 0)
		print_error(
		    "and, when rows of a new table are about a person, a line\n"
		    "WHO(PARTY|USER|EMPLOYEE|EMAIL, table, CHANGE|DELETE, \"which "
		    "rows belong to $1\")\n");
	assert_int_equal(missing, 0);
	fix_db_done(&fix);
}

static void
every_row_is_a_column_once_and_says_why(void **state)
{
	FixDb fix;
	g_autoptr(GPtrArray) all = NULL;
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	int bad = 0;

	(void)state;
	fix_db_memory(&fix);
	all = schema(fix.db);
	for (const EraseColumn *c = erase_columns(); c->table != NULL; c++) {
		char *name = g_strconcat(c->table, ".", c->column, NULL);

		if (!g_ptr_array_find_with_equal_func(all, name, g_str_equal, NULL) ||
		    g_hash_table_contains(seen, name) || *c->why == '\0' ||
		    (c->deed == ERASE_KEEP) != (*c->value == '\0')) {
			print_error("erase.def: %s: no such column, twice, without a "
				    "reason, or a value that does not fit its deed\n",
			    name);
			bad++;
		}
		g_hash_table_add(seen, name);
	}
	assert_int_equal(bad, 0);
	fix_db_done(&fix);
}

static void
every_statement_prepares_against_the_schema(void **state)
{
	FixDb fix;
	const GPtrArray *parts = erase_parts();
	g_autoptr(GError) error = NULL;

	(void)state;
	fix_db_memory(&fix);
	assert_true(parts->len >= 15);
	for (guint i = 0; i < parts->len; i++) {
		const ErasePart *part = g_ptr_array_index(parts, i);

		if (!db_prepares(fix.db, &part->count, &error) ||
		    !db_prepares(fix.db, &part->select, &error) ||
		    (part->change.sql != NULL &&
			!db_prepares(fix.db, &part->change, &error)))
			fail_msg("%s: %s", part->table, error->message);
		assert_true(part->columns->len > 0);
	}
	fix_db_done(&fix);
}

/* A personal column that stays must be one that the table of parts never reaches, or be
 * defended: none is today. */
static void
nothing_personal_stays_where_a_person_is_found(void **state)
{
	const GPtrArray *parts = erase_parts();
	int looked = 0;

	(void)state;
	for (guint i = 0; i < parts->len; i++) {
		const ErasePart *part = g_ptr_array_index(parts, i);

		if (part->deed == ERASE_DELETE)
			continue;
		for (const EraseColumn *c = erase_columns(); c->table != NULL; c++)
			if (strcmp(c->table, part->table) == 0 &&
			    (c->holds == ERASE_PERSON || c->holds == ERASE_TEXT)) {
				looked++;
				if (c->deed == ERASE_KEEP)
					fail_msg("%s.%s is about a person and stays",
					    c->table, c->column);
			}
	}
	assert_true(looked > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_of_the_schema_has_a_row),
		cmocka_unit_test(every_row_is_a_column_once_and_says_why),
		cmocka_unit_test(every_statement_prepares_against_the_schema),
		cmocka_unit_test(nothing_personal_stays_where_a_person_is_found),
	};

	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
