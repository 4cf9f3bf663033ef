/*
 * activity.c - counts by quarters of an hour, put together to days of a zone.
 */
#include "fulfill/domain/activity.h"

#include <string.h>

/* Every zone's days begin at a quarter of an hour. */
#define QUARTER_US (15 * 60 * US_PER_S)

static const char *const actions[] = {
#define COUNT(key, title, action) [ACTIVITY_##key] = action,
#include "fulfill/domain/activity.def"
#undef COUNT
};

static const Stmt COUNTS = {
	.name = "audit.activity",
	.sql = "SELECT at / $3, action, count(*) FROM audit WHERE at >= $1 AND at < $2"
	       " GROUP BY at / $3, action /* scan: a person looks */",
};
static const Stmt TIMES = {
	.name = "orders.issue_times",
	.sql =
	    "SELECT issued_at - received_at FROM orders WHERE issued_at >= $1"
	    " AND issued_at < $2 ORDER BY 1 LIMIT 1 OFFSET $3 /* scan: a person looks */",
};
static const Stmt N_ISSUED = {
	.name = "orders.n_issued",
	.sql = "SELECT count(*) FROM orders WHERE issued_at >= $1 AND issued_at < $2"
	       " /* scan: a person looks */",
};

static void
count(GArray *days, Day first, Day day, const char *action, int64_t n)
{
	int32_t i = day_diff(first, day);

	if (i < 0 || i >= (int32_t)days->len)
		return;
	for (size_t k = 0; k < G_N_ELEMENTS(actions); k++)
		if (strcmp(actions[k], action) == 0)
			g_array_index(days, Activity, (guint)i).counts[k] += n;
}

GArray *
activity_days(Db *db, Day from, Day to, GTimeZone *zone, GError **error)
{
	g_autoptr(GArray) days = g_array_new(FALSE, TRUE, sizeof(Activity));
	g_autoptr(DbRows) rows = db_query(db, &COUNTS,
	    DB_ARGS(v_int(day_start_at(from, zone)), v_int(day_end_at(to, zone)),
		v_int(QUARTER_US)),
	    error);
	int more;

	if (rows == NULL)
		return NULL;
	for (Day day = from; day_cmp(day, to) <= 0; day = day_add_days(day, 1)) {
		Activity one = { .day = day };

		g_array_append_val(days, one);
	}
	while ((more = db_next(rows, error)) == 1)
		count(days, from, day_of(db_col_int(rows, 0) * QUARTER_US, zone),
		    db_col_text(rows, 1), db_col_int(rows, 2));
	return more == 0 ? g_steal_pointer(&days) : NULL;
}

bool
activity_issue_times(Db *db, Day from, Day to, GTimeZone *zone, int64_t *ret_n,
    int64_t *ret_half_ms, int64_t *ret_most_ms, GError **error)
{
	DbValue first = v_int(day_start_at(from, zone));
	DbValue end = v_int(day_end_at(to, zone));
	int64_t half;
	int64_t most;

	*ret_half_ms = *ret_most_ms = 0;
	if (db_find_int(db, &N_ISSUED, DB_ARGS(first, end), ret_n, error) != 1)
		return false;
	if (*ret_n == 0)
		return true;
	if (db_find_int(db, &TIMES, DB_ARGS(first, end, v_int((*ret_n - 1) / 2)), &half,
		error) != 1 ||
	    db_find_int(db, &TIMES, DB_ARGS(first, end, v_int((*ret_n - 1) * 99 / 100)),
		&most, error) != 1)
		return false;
	*ret_half_ms = half / 1000;
	*ret_most_ms = most / 1000;
	return true;
}
