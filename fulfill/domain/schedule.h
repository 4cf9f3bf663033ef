/*
 * schedule.h - when something is to run: a rule, a time of day, a zone, and the holidays.
 *
 * A schedule runs once on each day its rule gives (rrule.h), at a time on the clock of
 * its zone (day_time_at() of queue/day.h: the hour that spring leaves out is read with
 * the offset before it, the hour that comes twice in autumn means the first).  A day that
 * is a holiday is moved to the next working day; where two days are moved onto one, or
 * onto a day of the rule, that is one occurrence.  A Saturday or Sunday that the rule
 * names is meant, unless it is a holiday too.
 *
 * An occurrence is known by its key, schedule and day, which the store holds unique:
 * that, and not the clock, is what makes it run once.  The day of the key is the day of
 * the rule, not the day it was moved to; so a holiday that is entered late does not run
 * again, on the next working day, what has run already.
 *
 * Pure functions of their arguments; a schedule may be shared between threads.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "fulfill/domain/holidays.h"
#include "queue/day.h"
#include "queue/err.h"

typedef struct Schedule Schedule;

/* Strings are copied.  `holidays` is borrowed and outlives the schedule. */
typedef struct ScheduleSpec {
	const char *id;           /* "nfr-cad"; unique among schedules */
	const char *rule;         /* "FREQ=MONTHLY;BYDAY=1MO" */
	const char *at;           /* "08:30"; NULL: 00:00 */
	const char *zone;         /* "Europe/Berlin" */
	Day start_day;            /* anchors the rule; nothing runs before it */
	const Holidays *holidays; /* NULL: no day is moved */
} ScheduleSpec;

typedef struct Occurrence {
	Day rule_day; /* what the rule says; the key */
	Day day;      /* when it runs: later than rule_day when that is a holiday */
	int64_t at;
} Occurrence;

/*
 * NULL: INVALID for a bad rule or time, or a rule that gives no day within
 * LIMIT_SCHEDULE_YEARS of its start; CONFIG for an unknown zone.
 */
Schedule *schedule_new(const ScheduleSpec *spec, GError **error) MUST_USE;
void schedule_free(Schedule *schedule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Schedule, schedule_free)

/* "nfr-cad/2027-04-05".  The caller frees. */
char *schedule_key(
    const Schedule *schedule, Occurrence occurrence) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The occurrences whose `day` lies from `from` to `to` (inclusive), in order, at most
 * `max`: an array of Occurrence, which the caller unrefs.  NULL: INVALID, the holidays
 * leave no working day.
 */
GArray *schedule_list(
    const Schedule *schedule, Day from, Day to, guint max, GError **error) MUST_USE;

/* The first occurrence after the instant `after_at`: when to look again.  1: *ret is
 * filled. 0: the schedule is over, or sleeps for LIMIT_SCHEDULE_YEARS.  -1: as above. */
int schedule_next(
    const Schedule *schedule, int64_t after_at, Occurrence *ret, GError **error) MUST_USE;

/*
 * The occurrence that is due at `now_at`, when the last that ran did so on the day
 * `ran_day` (Occurrence.day; DAY_MIN: none has): the latest that is after that and not
 * after now. Those between are past, so a downtime of many occurrences is caught up once,
 * and a clock that went back finds nothing.
 *
 * The key has the last word: after a holiday was entered late, what is due here may have
 * run already.  The caller stores key and day in one transaction; where the key exists,
 * only the day.
 *
 * 1: *ret is filled.  0: nothing is due.  -1: as above.
 */
int schedule_due(const Schedule *schedule, Day ran_day, int64_t now_at, Occurrence *ret,
    GError **error) MUST_USE;
