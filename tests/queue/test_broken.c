/*
 * test_broken.c - what becomes of a call when the store fails under it: it says so, and
 * nobody goes on as if nothing was there to do.
 */
#include "tests/support/cm.h"

#include <fcntl.h>
#include <unistd.h>

#include "queue/db_copy.h"
#include "queue/job_admin.h"
#include "queue/migrate.h"
#include "queue/timer.h"
#include "tests/support/fix_db.h"

static FixDb fix;
static const JobKind kinds[] = {
	{ "mail", "mail", 0, 60, 0, 900, JOB_AGAIN },
};

/* --- a table that is not there ------------------------------------------------------ */

static Job job = { .id = 1, .kind = kinds, .fence = 1 };

static GPtrArray *
one_job(void)
{
	GPtrArray *jobs = g_ptr_array_new();

	g_ptr_array_add(jobs, &job);
	return jobs;
}

static bool
do_add(DbTx *tx, GError **error)
{
	return job_add(tx,
		   &(JobSpec){ .kind = "mail", .ref = 1, .key = "k", .subject = "s" },
		   error) >= 0;
}

static bool
do_claim(DbTx *tx, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);

	return job_claim_in(tx, kinds, "me", 5, jobs, error) >= 0;
}

static bool
do_arm(DbTx *tx, GError **error)
{
	g_autoptr(GPtrArray) jobs = one_job();

	return job_arm(tx, jobs, error);
}

static bool
do_extend(DbTx *tx, GError **error)
{
	g_autoptr(GPtrArray) jobs = one_job();

	return job_extend(tx, jobs, error);
}

static bool
do_settle(DbTx *tx, GError **error)
{
	return job_settle(tx, &job, JOB_HOW_DONE, NULL, 0, NULL, error) >= 0;
}

static bool
do_drop(DbTx *tx, GError **error)
{
	return job_drop_leases(tx, "me", "mail", error);
}

static bool
do_drop_all(DbTx *tx, GError **error)
{
	return job_drop_leases(tx, "me", NULL, error);
}

static bool
do_verb(DbTx *tx, GError **error)
{
	return job_do(tx, 1, JOB_VERB_RETRY, "why", error);
}

static bool
do_hold_all(DbTx *tx, GError **error)
{
	return job_hold_all(tx, NULL, "why", NULL, error);
}

static bool
do_release_all(DbTx *tx, GError **error)
{
	return job_release_all(tx, NULL, NULL, error);
}

static bool
do_cancel_ref(DbTx *tx, GError **error)
{
	return job_cancel_ref(tx, "mail", 1, "why", error);
}

static bool
do_hold_ref(DbTx *tx, GError **error)
{
	return job_hold_ref(tx, "mail", 1, "why", error);
}

static bool
do_wake_ref(DbTx *tx, GError **error)
{
	return job_wake_ref(tx, "mail", 1, error);
}

static bool
do_ensure(DbTx *tx, GError **error)
{
	return timer_ensure(tx, "t", 60, error);
}

static bool
do_set(DbTx *tx, GError **error)
{
	return timer_set(tx, "t", 1, error);
}

static bool
do_take(DbTx *tx, GError **error)
{
	return timer_take(tx, "t", error) >= 0;
}

static bool
ask_claim(Db *db, GError **error)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new();

	return job_claim(db, kinds, "me", 5, jobs, error) >= 0;
}

static bool
ask_sweep(Db *db, GError **error)
{
	return job_sweep(db, NULL, error);
}

static bool
ask_next(Db *db, GError **error)
{
	int64_t at;

	return job_next_due(db, kinds, &at, error) >= 0;
}

static bool
ask_list(Db *db, GError **error)
{
	g_autoptr(GPtrArray) jobs = job_list(db, &(JobFilter){ .open = true }, error);

	return jobs != NULL;
}

static bool
ask_get(Db *db, GError **error)
{
	g_autoptr(JobInfo) info = job_get(db, 1, error);

	return info != NULL;
}

static void
count_none(void *user, const char *state, int64_t n)
{
	(void)user;
	(void)state;
	(void)n;
}

static bool
ask_count(Db *db, GError **error)
{
	return job_count(db, count_none, NULL, error);
}

static bool
ask_pending(Db *db, GError **error)
{
	int64_t n;

	return job_pending(db, "mail", &n, error);
}

static bool
ask_oldest(Db *db, GError **error)
{
	int64_t at;

	return job_oldest_ready_at(db, &at, error);
}

static bool
ask_timer(Db *db, GError **error)
{
	return timer_is_due(db, "t", error) >= 0;
}

static bool
ask_copy(Db *db, GError **error)
{
	g_autoptr(Db) copy = db_copy_to_memory(db, NULL, error);

	return copy != NULL;
}

typedef struct Row {
	const char *name;
	bool (*in_tx)(DbTx *tx, GError **error);
	bool (*alone)(Db *db, GError **error);
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "add",          do_add,         NULL },
	{ "claim in",     do_claim,       NULL },
	{ "arm",          do_arm,         NULL },
	{ "extend",       do_extend,      NULL },
	{ "settle",       do_settle,      NULL },
	{ "drop",         do_drop,        NULL },
	{ "drop all",     do_drop_all,    NULL },
	{ "verb",         do_verb,        NULL },
	{ "hold all",     do_hold_all,    NULL },
	{ "release all",  do_release_all, NULL },
	{ "cancel ref",   do_cancel_ref,  NULL },
	{ "hold ref",     do_hold_ref,    NULL },
	{ "wake ref",     do_wake_ref,    NULL },
	{ "timer ensure", do_ensure,      NULL },
	{ "timer set",    do_set,         NULL },
	{ "timer take",   do_take,        NULL },
	{ "claim",        NULL,           ask_claim },
	{ "sweep",        NULL,           ask_sweep },
	{ "next due",     NULL,           ask_next },
	{ "list",         NULL,           ask_list },
	{ "get",          NULL,           ask_get },
	{ "count",        NULL,           ask_count },
	{ "pending",      NULL,           ask_pending },
	{ "oldest",       NULL,           ask_oldest },
	{ "timer is due", NULL,           ask_timer },
	{ "copy",         NULL,           ask_copy },
};
/* clang-format on */

static void
what_cannot_be_read_or_written_is_an_error(void **state)
{
	(void)state;
	fix_db_memory(&fix);
	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
	assert_true(db_exec(
	    fix.db, fix_stmt("ALTER TABLE job RENAME TO gone"), DB_NO_ARGS, NULL, NULL));
	assert_true(db_exec(fix.db, fix_stmt("ALTER TABLE timer RENAME TO gone_too"),
	    DB_NO_ARGS, NULL, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_auto(DbTx) tx = DB_TX_INIT;
		bool ok;

		if (rows[i].in_tx != NULL) {
			assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
			ok = rows[i].in_tx(&tx, &error);
		} else {
			ok = rows[i].alone(fix.db, &error);
		}
		if (ok || error == NULL || error->message[0] == '\0')
			fail_msg("%s: %s", rows[i].name, ok ? "went on" : "says nothing");
	}
	fix_db_done(&fix);
}

/* --- a schema of another program ---------------------------------------------------- */

static void
a_list_of_migrations_that_is_of_another_kind_is_an_error(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	fix_db_memory(&fix);
	assert_true(db_exec(fix.db,
	    fix_stmt(
		"INSERT INTO schema_migration (number, name, checksum, ran_at) VALUES "
		"(9999, 'later', 'x', 1)"),
	    DB_NO_ARGS, NULL, &error));
	assert_int_equal(migrate_pending(fix.db, &error), -1);
	assert_error(error, TP_ERROR_CONFIG);
	g_clear_error(&error);
	assert_false(migrate_run(fix.db, NULL, &error));
	assert_error(error, TP_ERROR_CONFIG);
	g_clear_error(&error);
	assert_null(db_copy_to_memory(fix.db, NULL, &error));
	assert_error(error, TP_ERROR_CONFIG);
	fix_db_done(&fix);
}

/* --- a file that is not a store ----------------------------------------------------- */

static void
write_at(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void
a_file_that_is_no_store_or_a_damaged_one_is_found(void **state)
{
	g_autofree char *path = NULL;
	g_autofree char *url = NULL;
	g_autofree char *nowhere = NULL;
	g_autofree char *noise = g_malloc0(4096);
	g_autoptr(GError) error = NULL;
	g_autoptr(Db) db = NULL;
	bool sound;

	(void)state;
	if (fix_db_is_pgsql())
		return; /* of files and pages */
	fix_db_file(&fix);
	path = g_build_filename(fix.folder, "other", NULL);
	url = g_strconcat("sqlite:", path, NULL);
	write_at(path, 0, "This is no store, and was never meant to be one, at all.", 56);
	db = db_open(url, false, &error);
	assert_null(db);
	assert_non_null(error);
	g_clear_error(&error);

	nowhere = g_strconcat("sqlite:", fix.folder, "/not/there.db", NULL);
	assert_null(db_open(nowhere, false, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_null(db_open(nowhere, true, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	g_clear_error(&error);

	/* A page in the middle is overwritten: a good copy of it is not to be had. */
	assert_int_equal(unlink(path), 0);
	assert_true(db_backup(fix.db, path, &error));
	memset(noise, 0xA5, 4096);
	for (off_t page = 2; page < 12; page++)
		write_at(path, page * 4096, noise, 4096);
	db = db_open(url, false, &error);
	sound = db != NULL && db_verify(db, &error);
	assert_false(sound);
	assert_non_null(error);
	g_clear_pointer(&db, db_close);
	fix_db_done(&fix);
}

static void
a_store_that_is_full_says_so(void **state)
{
	g_autoptr(GError) error = NULL;
	bool ok = true;

	(void)state;
	if (fix_db_is_pgsql())
		return; /* of files and pages */
	fix_db_memory(&fix);
	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
	assert_true(db_exec(
	    fix.db, fix_stmt("PRAGMA max_page_count=1"), DB_NO_ARGS, NULL, &error));
	for (int i = 0; ok && i < 2000; i++) {
		g_auto(DbTx) tx = DB_TX_INIT;
		g_autofree char *key = g_strdup_printf("key-%d", i);
		JobSpec spec = { .kind = "mail", .ref = i, .key = key, .subject = key };

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		ok = job_add(&tx, &spec, &error) == 1 && db_commit(&tx, &error);
	}
	assert_false(ok);
	assert_error(error, TP_ERROR_IO);
	assert_non_null(strstr(error->message, "full"));
	fix_db_done(&fix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_read_or_written_is_an_error),
		cmocka_unit_test(
		    a_list_of_migrations_that_is_of_another_kind_is_an_error),
		cmocka_unit_test(a_file_that_is_no_store_or_a_damaged_one_is_found),
		cmocka_unit_test(a_store_that_is_full_says_so),
	};

	return cmocka_run_group_tests_name("broken", tests, NULL, NULL);
}
