/*
 * schedule.c - from days of a rule to instants at which something runs.
 */
#include "fulfill/domain/schedule.h"

#include <string.h>

#include "fulfill/domain/rrule.h"
#include "queue/limits.h"
#include "queue/quote.h"

/* How many days of the rule are asked for at once. */
#define BATCH 64

struct Schedule {
	char *id;
	Rule *rule;
	int at_s;
	GTimeZone *zone;
	Day start_day;
	int64_t until_at;
	const Holidays *holidays;
};

void
schedule_free(Schedule *schedule)
{
	if (schedule == NULL)
		return;
	g_free(schedule->id);
	rule_free(schedule->rule);
	if (schedule->zone != NULL)
		g_time_zone_unref(schedule->zone);
	g_free(schedule);
}

static bool
check_comes_true(const Schedule *schedule, const char *rule, GError **error)
{
	Day to = day_add_months(schedule->start_day, 12 * LIMIT_SCHEDULE_YEARS);
	g_autoptr(GArray) days =
	    rule_days(schedule->rule, schedule->start_day, schedule->start_day, to, 1);
	g_autofree char *shown = NULL;
	char buf[DAY_CHARS];

	if (days->len > 0)
		return true;
	shown = quote(rule);
	return err_set(error, TP_ERROR_INVALID, "'%s' gives no day within %d years of %s",
	    shown, LIMIT_SCHEDULE_YEARS, day_format(schedule->start_day, buf));
}

Schedule *
schedule_new(const ScheduleSpec *spec, GError **error)
{
	g_autoptr(Schedule) schedule = g_new0(Schedule, 1);

	schedule->id = g_strdup(spec->id);
	schedule->start_day = spec->start_day;
	schedule->holidays = spec->holidays;
	schedule->rule = rule_parse(spec->rule, error);
	if (schedule->rule == NULL ||
	    !daytime_parse(spec->at != NULL ? spec->at : "00:00", &schedule->at_s, error))
		return NULL;
	schedule->zone = zone_open(spec->zone, error);
	if (schedule->zone == NULL || !check_comes_true(schedule, spec->rule, error))
		return NULL;
	schedule->until_at = rule_until_at(schedule->rule, schedule->zone);
	return g_steal_pointer(&schedule);
}

char *
schedule_key(const Schedule *schedule, Occurrence occurrence)
{
	char buf[DAY_CHARS];

	return g_strdup_printf(
	    "%s/%s", schedule->id, day_format(occurrence.rule_day, buf));
}

/* ---- walking ---- */

/* The days of a rule in order, a batch at a time. */
typedef struct Walk {
	const Schedule *schedule;
	GArray *days;
	guint i;
	Day next; /* where the next batch begins */
	Day to;
} Walk;

static void
walk_start(Walk *walk, const Schedule *schedule, Day from, Day to)
{
	*walk = (Walk){ .schedule = schedule, .next = from, .to = to };
}

static void
walk_end(Walk *walk)
{
	if (walk->days != NULL)
		g_array_unref(walk->days);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_end)

static bool
walk_next(Walk *walk, Day *ret)
{
	const Schedule *schedule = walk->schedule;

	if (walk->days == NULL || walk->i == walk->days->len) {
		/* A batch that was not full was the last. */
		if (walk->days != NULL && walk->days->len < BATCH)
			return false;
		walk_end(walk);
		walk->days = rule_days(
		    schedule->rule, schedule->start_day, walk->next, walk->to, BATCH);
		walk->i = 0;
		if (walk->days->len == 0)
			return false;
		walk->next =
		    day_add_days(g_array_index(walk->days, Day, walk->days->len - 1), 1);
	}
	*ret = g_array_index(walk->days, Day, walk->i++);
	return true;
}

/* 1: *ret is the occurrence of this day of the rule.  0: UNTIL is over.  -1: INVALID. */
static int
occurrence_of(const Schedule *schedule, Day rule_day, Occurrence *ret, GError **error)
{
	Day day = rule_day;

	/* UNTIL speaks of what the rule says, not of what a holiday makes of it. */
	if (day_time_at(rule_day, schedule->at_s, schedule->zone) > schedule->until_at)
		return 0;
	if (schedule->holidays != NULL &&
	    holidays_name(schedule->holidays, rule_day) != NULL &&
	    !holidays_next_working(schedule->holidays, rule_day, &day, error))
		return -1;
	*ret = (Occurrence){
		.rule_day = rule_day,
		.day = day,
		.at = day_time_at(day, schedule->at_s, schedule->zone),
	};
	return 1;
}

/*
 * Puts `next` where its day belongs.  Mostly that is the end; but where Friday is a
 * holiday and Saturday is not, Friday's run comes after Saturday's.  Where a day has a
 * run already, the later day of the rule gives the name, as it would if nothing had been
 * moved there.
 */
static void
put_in_order(GArray *found, Occurrence next)
{
	guint i = found->len;

	while (i > 0 && g_array_index(found, Occurrence, i - 1).day.v > next.day.v)
		i--;
	if (i > 0 && g_array_index(found, Occurrence, i - 1).day.v == next.day.v)
		g_array_index(found, Occurrence, i - 1) = next;
	else
		g_array_insert_val(found, i, next);
}

GArray *
schedule_list(const Schedule *schedule, Day from, Day to, guint max, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Occurrence));
	/* What is moved into the span begins before it. */
	Day first = schedule->holidays != NULL
			? day_add_days(from, -(int64_t)LIMIT_HOLIDAY_RUN_DAYS)
			: from;
	g_auto(Walk) walk;
	Day rule_day;

	walk_start(&walk, schedule, first, to);
	while (max > 0 && walk_next(&walk, &rule_day)) {
		Occurrence next;
		int n;

		/* Days only move forward: nothing that follows can come before it. */
		if (found->len >= max &&
		    day_cmp(rule_day, g_array_index(found, Occurrence, max - 1).day) > 0)
			break;
		n = occurrence_of(schedule, rule_day, &next, error);
		if (n < 0)
			return NULL;
		if (n == 0)
			break;
		if (day_cmp(next.day, from) >= 0 && day_cmp(next.day, to) <= 0)
			put_in_order(found, next);
	}
	if (found->len > max)
		g_array_set_size(found, max);
	return g_steal_pointer(&found);
}

int
schedule_next(const Schedule *schedule, int64_t after_at, Occurrence *ret, GError **error)
{
	Day today = day_of(after_at, schedule->zone);
	/* A time in the gap of a zone that skips a whole day falls on the day after. */
	Day from = day_add_days(today, -1);
	Day to = day_add_months(
	    day_max(today, schedule->start_day), 12 * LIMIT_SCHEDULE_YEARS);
	g_autoptr(GArray) list = schedule_list(schedule, from, to, 4, error);

	if (list == NULL)
		return -1;
	for (guint i = 0; i < list->len; i++) {
		if (g_array_index(list, Occurrence, i).at > after_at) {
			*ret = g_array_index(list, Occurrence, i);
			return 1;
		}
	}
	return 0;
}

int
schedule_due(const Schedule *schedule, Day ran_day, int64_t now_at, Occurrence *ret,
    GError **error)
{
	Day today = day_of(now_at, schedule->zone);
	g_autoptr(GArray) list =
	    schedule_list(schedule, ran_day, today, G_MAXUINT, error);

	if (list == NULL)
		return -1;
	for (guint i = list->len; i > 0; i--) {
		Occurrence last = g_array_index(list, Occurrence, i - 1);

		if (last.at > now_at)
			continue;
		if (day_cmp(last.day, ran_day) <= 0 && ran_day.v != DAY_MIN.v)
			return 0;
		*ret = last;
		return 1;
	}
	return 0;
}
