/*
 * cmd_stats.c - how much was done on which day.
 */
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/activity.h"

#define DAYS 14
#define MOST_DAYS 3660

static char *opt_from;
static char *opt_to;

const GOptionEntry opt_stats[] = {
	{ "from", 0, 0, G_OPTION_ARG_STRING, &opt_from,
	    "first day (default: two weeks ago)", "DAY" },
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "last day (default: today)", "DAY" },
	{ 0 },
};

static const char *const keys[] = {
#define COUNT(key, title, action) #key,
#include "fulfill/domain/activity.def"
#undef COUNT
};

static bool
read_span(GTimeZone *zone, Day *from, Day *to, GError **error)
{
	*to = day_today(zone);
	if (opt_to != NULL && !day_parse(opt_to, to, error)) {
		g_prefix_error(error, "--to: ");
		return false;
	}
	*from = day_add_days(*to, -(DAYS - 1));
	if (opt_from != NULL && !day_parse(opt_from, from, error)) {
		g_prefix_error(error, "--from: ");
		return false;
	}
	return (day_cmp(*from, *to) <= 0 && day_diff(*from, *to) < MOST_DAYS) ||
	       err_set(error, TP_ERROR_INVALID,
		   "--from and --to: from 1 to %d days, the first before the last",
		   MOST_DAYS);
}

static json_t *
day_json(const Activity *one, int64_t *totals)
{
	char text[DAY_CHARS];
	json_t *object = json_pack("{s:s}", "day", day_format(one->day, text));

	for (size_t k = 0; k < G_N_ELEMENTS(keys); k++) {
		json_object_set_new(object, keys[k], json_integer(one->counts[k]));
		totals[k] += one->counts[k];
	}
	return object;
}

int
cmd_stats(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "DAY", "day", false },
#define COUNT(key, title, action) { title, #key, true },
#include "fulfill/domain/activity.def"
#undef COUNT
		{ NULL, NULL, false },
	};
	Db *db = cmd->work->db;
	GTimeZone *zone = cmd->work->zone;
	g_autoptr(GArray) days = NULL;
	int64_t totals[ACTIVITY_KINDS] = { 0 };
	int64_t n;
	int64_t half;
	int64_t most;
	json_t *list;
	json_t *sum;
	Day from;
	Day to;

	if (!read_span(zone, &from, &to, error) ||
	    (days = activity_days(db, from, to, zone, error)) == NULL ||
	    !activity_issue_times(db, from, to, zone, &n, &half, &most, error))
		return -1;
	list = json_array();
	for (guint i = 0; i < days->len; i++)
		json_array_append_new(
		    list, day_json(&g_array_index(days, Activity, i), totals));
	sum = json_pack("{s:s}", "day", "total");
	for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
		json_object_set_new(sum, keys[k], json_integer(totals[k]));
	if (!cmd->json)
		json_array_append(list, sum);
	table_print(cmd,
	    json_pack("{s:o, s:o, s:{s:I, s:I, s:I}}", "days", list, "total", sum,
		"issue", "orders", n, "half_ms", half, "most_ms", most),
	    "days", columns);
	return EX_OK;
}
