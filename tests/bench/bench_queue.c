/*
 * bench_queue.c [JOBS] - what the queue alone can do: empty jobs are added, leased and
 * done in groups of 500, each group in its own durable commits.
 *
 * Prints "sqlite PER_SECOND", and with TICKETPOST_TEST_STORE also "pgsql PER_SECOND" and
 * "lease PER_SECOND" (leases of 1,000 alone).
 */
#include <stdio.h>
#include <stdlib.h>

#include "queue/clock.h"
#include "queue/job.h"
#include "tests/support/fix_db.h"

#define GROUP 500
#define LEASE 1000

static const JobKind kinds[] = { { "empty", "house", 0, 60, 20, 0, JOB_AGAIN } };

static void
must(bool ok, GError *error)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", error->message);
	exit(70);
}

static void
add(Db *db, int from, int n)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	GError *error = NULL;

	must(db_begin(db, DB_WRITE, &tx, &error), error);
	for (int i = from; i < from + n; i++) {
		char key[24];
		JobSpec spec = { "empty", i, key, "nothing", NULL, NULL, 1 };

		g_snprintf(key, sizeof(key), "empty/%d", i);
		must(job_add(&tx, &spec, &error) == 1, error);
	}
	must(db_commit(&tx, &error), error);
}

static GPtrArray *
lease(Db *db, int n)
{
	GPtrArray *jobs = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	GError *error = NULL;

	must(job_claim(db, &kinds[0], "bench", n, jobs, &error) == n, error);
	return jobs;
}

static void
done(Db *db, GPtrArray *jobs)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	GError *error = NULL;

	must(db_begin(db, DB_WRITE, &tx, &error), error);
	for (guint i = 0; i < jobs->len; i++)
		must(job_settle(
			 &tx, jobs->pdata[i], JOB_HOW_DONE, NULL, 0, NULL, &error) == 1,
		    error);
	must(db_commit(&tx, &error), error);
	g_ptr_array_unref(jobs);
}

static void
measure(const char *name, int n)
{
	FixDb fix;
	int64_t begin;
	int64_t leasing = 0;

	fix_db_file(&fix);
	begin = clock_monotonic_us();
	for (int i = 0; i < n; i += GROUP) {
		add(fix.db, i, GROUP);
		done(fix.db, lease(fix.db, GROUP));
	}
	printf("%s %.0f\n", name, 1e6 * n / (double)(clock_monotonic_us() - begin));
	if (fix_db_is_pgsql()) {
		for (int i = n; i < 2 * n; i += GROUP)
			add(fix.db, i, GROUP);
		for (int i = 0; i < n; i += LEASE) {
			begin = clock_monotonic_us();
			g_ptr_array_unref(lease(fix.db, LEASE));
			leasing += clock_monotonic_us() - begin;
		}
		printf("lease %.0f\n", 1e6 * n / (double)leasing);
	}
	fix_db_done(&fix);
}

int
main(int argc, char **argv)
{
	int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 40000;

	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
	measure(fix_db_is_pgsql() ? "pgsql" : "sqlite", n / LEASE * LEASE);
	return 0;
}
