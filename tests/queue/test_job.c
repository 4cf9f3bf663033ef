/*
 * test_job.c - jobs are done once, later, and surely.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/job.h"
#include "queue/job_admin.h"
#include "queue/job_retry.h"
#include "queue/timer.h"
#include "tests/support/fix_db.h"

static const JobKind kinds[] = {
	{ "once", "licence", 1, 60, 3, 0, JOB_ONCE },
	{ "again", "mail", 2, 60, 0, 900, JOB_AGAIN },
};

#define T0 (INT64_C(1700000000) * US_PER_S)

static FixDb fix;

static int
setup(void **state)
{
	(void)state;
	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
	clock_set_at(T0);
	fix_db_memory(&fix);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_db_done(&fix);
	clock_set_at(0);
	return 0;
}

static int
add(const char *kind, int64_t ref)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	g_autofree char *key = g_strdup_printf("%s/%d", kind, (int)ref);
	JobSpec spec = { .kind = kind, .ref = ref, .key = key, .subject = key };
	int added;

	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	added = job_add(&tx, &spec, &error);
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	return added;
}

static GPtrArray *
claim(const char *kind, int max)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *jobs = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);

	assert_true(job_claim(fix.db, job_kind_find(kind), "w1", max, jobs, &error) >= 0);
	assert_no_error(error);
	return jobs;
}

static int
settle(const Job *job, JobHow how, JobState *state)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	int settled;

	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	settled = job_settle(&tx, job, how, "because", 0, state, &error);
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	return settled;
}

static void
arm(GPtrArray *jobs)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;

	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(job_arm(&tx, jobs, &error));
	assert_true(db_commit(&tx, &error));
}

static char *
state_of(int64_t id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JobInfo) info = job_get(fix.db, id, &error);

	assert_no_error(error);
	return g_strdup(info->state);
}

#define assert_state(id, wanted)                                                         \
	do {                                                                             \
		g_autofree char *is = state_of(id);                                      \
		assert_string_equal(is, wanted);                                         \
	} while (0)

static void
sweep(void)
{
	g_autoptr(GError) error = NULL;

	assert_true(job_sweep(fix.db, NULL, &error));
	assert_no_error(error);
}

static void
adding_twice_adds_once(void **state)
{
	(void)state;
	assert_int_equal(add("once", 1), 1);
	assert_int_equal(add("once", 1), 0);
}

static void
a_job_is_claimed_by_one_and_in_order(void **state)
{
	(void)state;
	add("once", 1);
	add("once", 2);
	add("once", 3);
	{
		g_autoptr(GPtrArray) first = claim("once", 2);
		g_autoptr(GPtrArray) second = claim("once", 2);
		g_autoptr(GPtrArray) third = claim("once", 2);

		assert_int_equal(first->len, 2);
		assert_int_equal(((Job *)first->pdata[0])->ref, 1);
		assert_int_equal(((Job *)first->pdata[0])->attempt, 1);
		assert_int_equal(second->len, 1);
		assert_int_equal(third->len, 0);
	}
}

static void
a_job_is_not_claimed_before_it_is_due_nor_while_held(void **state)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	JobSpec later = { .kind = "once",
		.ref = 1,
		.key = "a",
		.subject = "a",
		.due_at = T0 + 5 * US_PER_S };
	JobSpec held = {
		.kind = "once", .ref = 2, .key = "b", .subject = "b", .hold = "wait"
	};

	(void)state;
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_int_equal(job_add(&tx, &later, &error), 1);
	assert_int_equal(job_add(&tx, &held, &error), 1);
	assert_true(db_commit(&tx, &error));
	{
		g_autoptr(GPtrArray) none = claim("once", 9);
		int64_t due = 0;

		assert_int_equal(none->len, 0);
		assert_int_equal(
		    job_next_due(fix.db, job_kind_find("once"), &due, &error), 1);
		assert_int_equal(due, T0 + 5 * US_PER_S);
	}
	clock_set_at(T0 + 5 * US_PER_S);
	{
		g_autoptr(GPtrArray) one = claim("once", 9);

		assert_int_equal(one->len, 1);
	}
}

static void
a_lost_worker_before_the_point_of_no_return_leads_back_to_ready(void **state)
{
	g_autoptr(GPtrArray) jobs = NULL;
	Job *job;

	(void)state;
	add("once", 1);
	jobs = claim("once", 1);
	job = jobs->pdata[0];
	clock_set_at(T0 + 59 * US_PER_S);
	sweep();
	assert_state(job->id, "leased");
	clock_set_at(T0 + 61 * US_PER_S);
	sweep();
	assert_state(job->id, "ready");
	/* the sleeper wakes up: the fence and the state keep it out */
	assert_int_equal(settle(job, JOB_HOW_DONE, NULL), 0);
	{
		g_autoptr(GPtrArray) again = claim("once", 1);
		Job *taken = again->pdata[0];

		assert_int_equal(taken->attempt, 2);
		assert_int_equal(settle(job, JOB_HOW_DONE, NULL), 0);
		assert_int_equal(settle(taken, JOB_HOW_DONE, NULL), 1);
	}
	assert_state(job->id, "done");
}

static void
a_lost_worker_after_the_point_of_no_return_leads_to_doubt(void **state)
{
	g_autoptr(GPtrArray) once = NULL;
	g_autoptr(GPtrArray) again = NULL;

	(void)state;
	add("once", 1);
	add("again", 1);
	once = claim("once", 1);
	again = claim("again", 1);
	arm(once);
	arm(again);
	clock_set_at(T0 + 61 * US_PER_S);
	sweep();
	assert_state(((Job *)once->pdata[0])->id, "doubt");
	assert_state(((Job *)again->pdata[0])->id, "doubt");
	/* mail may be sent twice, after a while; paper never by itself */
	clock_set_at(T0 + (61 + 901) * US_PER_S);
	sweep();
	assert_state(((Job *)once->pdata[0])->id, "doubt");
	assert_state(((Job *)again->pdata[0])->id, "ready");
}

static void
a_poison_job_dies_and_takes_nobody_with_it(void **state)
{
	(void)state;
	add("again", 1);
	for (int i = 0; i < JOB_MAX_LAPSES; i++) {
		g_autoptr(GPtrArray) jobs = claim("again", 10);

		assert_true(jobs->len >= 1);
		clock_set_at(clock_now_at() + 61 * US_PER_S);
		sweep();
		if (i == 0)
			add("again", 2);
	}
	assert_state(1, "dead");
	{
		g_autofree char *other = state_of(2);

		assert_string_not_equal(other, "dead");
	}
}

static void
attempts_run_out_and_an_operator_can_ask_again(void **state)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	JobState where = JOB_READY;

	(void)state;
	add("once", 1);
	for (int i = 1; i <= 3; i++) {
		g_autoptr(GPtrArray) jobs = claim("once", 1);

		assert_int_equal(jobs->len, 1);
		assert_int_equal(settle(jobs->pdata[0], JOB_HOW_RETRY, &where), 1);
		assert_int_equal(where, i < 3 ? JOB_READY : JOB_DEAD);
		clock_set_at(clock_now_at() + 7200 * US_PER_S);
	}
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(job_do(&tx, 1, JOB_VERB_RETRY, NULL, &error));
	assert_false(job_do(&tx, 1, JOB_VERB_RESOLVE, NULL, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	assert_non_null(strstr(error->message, "is ready and cannot be resolved"));
	assert_true(db_commit(&tx, NULL));
	{
		g_autoptr(GPtrArray) jobs = claim("once", 1);

		assert_int_equal(((Job *)jobs->pdata[0])->attempt, 1);
	}
}

static void
a_released_job_keeps_its_tries(void **state)
{
	(void)state;
	add("once", 1);
	for (int i = 0; i < 10; i++) {
		g_autoptr(GPtrArray) jobs = claim("once", 1);

		assert_int_equal(((Job *)jobs->pdata[0])->attempt, 1);
		assert_int_equal(settle(jobs->pdata[0], JOB_HOW_RELEASE, NULL), 1);
	}
}

static void
curves_grow_spread_and_end(void **state)
{
	const RetryCurve *mail = retry_curve_find("mail");

	(void)state;
	assert_non_null(mail);
	for (uint32_t r = 0; r < 1000; r += 7) {
		int first = retry_wait_s(mail, 1, r);
		int late = retry_wait_s(mail, 60, r);

		assert_in_range(first, 240, 360);
		assert_in_range(late, 4 * 3600 * 8 / 10, 4 * 3600 * 12 / 10);
	}
	assert_false(retry_is_over(mail, 4 * 86400));
	assert_true(retry_is_over(mail, 5 * 86400));
	assert_null(retry_curve_find("nonsense"));
}

static void
the_schema_knows_every_state_and_no_other(void **state)
{
	static const Stmt SET = { .name = "job.set", .sql = "UPDATE job SET state = $1" };
	g_autoptr(GError) error = NULL;
	int64_t changed = 0;

	(void)state;
	add("once", 1);
	for (int i = 0; i < JOB_N_STATES; i++) {
		assert_true(db_exec(fix.db, &SET,
		    DB_ARGS(v_text(job_state_name((JobState)i))), &changed, &error));
		assert_int_equal(changed, 1);
		assert_true(strlen(job_state_sentence((JobState)i)) > 10);
	}
	assert_false(db_exec(fix.db, &SET, DB_ARGS(v_text("lost")), NULL, &error));
	assert_error(error, TP_ERROR_INVALID);
}

static void
one_takes_a_timer(void **state)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
	assert_true(timer_ensure(&tx, "t", 60, &error));
	assert_int_equal(timer_take(&tx, "t", &error), 1);
	assert_int_equal(timer_take(&tx, "t", &error), 0);
	clock_set_at(T0 + 600 * US_PER_S);
	assert_int_equal(timer_take(&tx, "t", &error), 1);
	assert_int_equal(timer_take(&tx, "t", &error), 0);
	assert_true(timer_set(&tx, "t", T0, &error));
	assert_int_equal(timer_take(&tx, "t", &error), 1);
	assert_true(db_commit(&tx, &error));
}

static void
operators_see_hold_and_release(void **state)
{
	g_autoptr(GError) error = NULL;
	JobFilter held = { .held = true };
	int64_t n = 0;

	(void)state;
	add("once", 1);
	add("again", 2);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(job_hold_all(&tx, "again", "restored", &n, &error));
		assert_int_equal(n, 1);
		assert_true(db_commit(&tx, &error));
	}
	{
		g_autoptr(GPtrArray) none = claim("again", 9);
		g_autoptr(GPtrArray) list = job_list(fix.db, &held, &error);

		assert_int_equal(none->len, 0);
		assert_int_equal(list->len, 1);
		assert_string_equal(((JobInfo *)list->pdata[0])->hold, "restored");
	}
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(fix.db, DB_WRITE, &tx, &error));
		assert_true(job_release_all(&tx, NULL, &n, &error));
		assert_int_equal(n, 1);
		assert_true(job_cancel_ref(&tx, "again", 2, "withdrawn", &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_state(2, "cancelled");
	assert_true(job_pending(fix.db, NULL, &n, &error));
	assert_int_equal(n, 1);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(adding_twice_adds_once),
		T(a_job_is_claimed_by_one_and_in_order),
		T(a_job_is_not_claimed_before_it_is_due_nor_while_held),
		T(a_lost_worker_before_the_point_of_no_return_leads_back_to_ready),
		T(a_lost_worker_after_the_point_of_no_return_leads_to_doubt),
		T(a_poison_job_dies_and_takes_nobody_with_it),
		T(attempts_run_out_and_an_operator_can_ask_again),
		T(a_released_job_keeps_its_tries),
		T(curves_grow_spread_and_end),
		T(the_schema_knows_every_state_and_no_other),
		T(one_takes_a_timer),
		T(operators_see_hold_and_release),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
