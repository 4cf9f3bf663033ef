/*
 * test_chores.c - recurring work is done when it is due, by one, and again after a drain.
 */
#include "tests/support/cm.h"

#include "fulfill/work/chores.h"
#include "queue/timer.h"
#include "tests/support/fix_files.h"
#include "tests/support/fix_shop.h"

static FixShop shop;
static FixFiles *files;
static Settings *settings;
static Work work;

static int
setup(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	(void)state;
	fix_shop(&shop);
	/* Chores read settings: those of an empty file are the defaults. */
	files = fix_files_new();
	fix_files_put(files, "ticketpost.conf", "");
	path = g_build_filename(fix_files_dir(files), "ticketpost.conf", NULL);
	settings = settings_read(path, &error);
	assert_no_error(error);
	work = (Work){ .db = shop.db,
		.vault = shop.vault,
		.zone = shop.zone,
		.issue = shop.issue,
		.settings = settings };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	g_clear_pointer(&settings, settings_free);
	g_clear_pointer(&files, fix_files_free);
	fix_shop_done(&shop);
	return 0;
}

/* How many slices are done until nothing is due. */
static int
slices(Chores *chores)
{
	bool busy = true;
	int n = 0;

	while (busy) {
		assert_true(chores_turn(chores, &work, &busy, NULL));
		n += busy;
	}
	return n;
}

static int64_t
n_taken(void)
{
	return fix_int(&shop, "SELECT count(*) FROM timer WHERE name LIKE 'chore/%'"
			      " AND ran_at IS NOT NULL");
}

static size_t
n_chores(void)
{
	size_t n = 0;

	while (chores_name(n) != NULL)
		n++;
	return n;
}

static void
each_chore_is_done_at_first_and_then_not_before_its_time(void **state)
{
	g_autoptr(Chores) first = chores_new(false);
	g_autoptr(Chores) second = chores_new(false);

	(void)state;
	assert_true(n_chores() > 0);
	assert_true(slices(first) >= (int)n_chores());
	assert_int_equal(n_taken(), n_chores());
	assert_int_equal(slices(first), 0);
	assert_int_equal(slices(second), 0); /* another worker: the timers are taken */
}

static void
a_drain_does_each_chore_whatever_its_timer_says(void **state)
{
	g_autoptr(Chores) worker = chores_new(false);
	g_autoptr(Chores) drain = chores_new(true);

	(void)state;
	assert_true(slices(worker) > 0);
	assert_true(slices(drain) >= (int)n_chores());
	assert_int_equal(slices(drain), 0);
}

static void
a_chore_is_done_by_name_and_an_unknown_name_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(chores_do(&work, "checkpoint", NULL));
	assert_false(chores_do(&work, "dishes", &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_NOT_FOUND));
}

static void
a_timer_that_was_never_set_is_due_and_a_taken_one_is_not(void **state)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	(void)state;
	assert_int_equal(timer_is_due(shop.db, "t", NULL), 1);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	assert_true(timer_ensure(&tx, "t", 60, NULL));
	assert_int_equal(timer_is_due(shop.db, "t", NULL), 1);
	assert_int_equal(timer_take(&tx, "t", NULL), 1);
	assert_int_equal(timer_is_due(shop.db, "t", NULL), 0);
	assert_true(db_commit(&tx, NULL));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_chore_is_done_at_first_and_then_not_before_its_time),
		T(a_drain_does_each_chore_whatever_its_timer_says),
		T(a_chore_is_done_by_name_and_an_unknown_name_is_refused),
		T(a_timer_that_was_never_set_is_due_and_a_taken_one_is_not),
	};

	return cmocka_run_group_tests_name("chores", tests, NULL, NULL);
}
