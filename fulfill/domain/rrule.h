/*
 * rrule.h - recurrence rules on civil days: the RRULE of RFC 5545 3.3.10 as far as it
 * speaks of days.
 *
 * A rule and the day it starts from give a set of days.  The time of day is not a matter
 * of the rule here (see schedule.h), so BYHOUR and its like, and frequencies below a day,
 * are refused, and a rule gives a day once or not at all.
 *
 * One thing differs from RFC 5545, on purpose.  There, a day that a month does not have
 * is left out: FREQ=MONTHLY;BYMONTHDAY=31 runs seven times a year, and a rule that starts
 * on the 31st, or on 29 February, does the same without saying so.  Nobody who writes
 * "the 31st" into a schedule means that.  Here the last day of the month stands in for
 * it, which is SKIP=BACKWARD of RFC 7529 4.1 and can be written into the rule; SKIP=OMIT
 * asks for the behaviour of RFC 5545.  A rule with BYSETPOS picks from the days that
 * exist and is never bent.
 *
 * What is refused rather than left to surprise, each with its reason in the text:
 * BYMONTHDAY -29 to -31 and BYYEARDAY 366 and -366, which not every month or year has
 * (write 1 or -1); BYWEEKNO without BYDAY; numbers before weekdays in daily and weekly
 * rules; parts that do not belong to their frequency (RFC 5545 3.3.10, the table).
 *
 * Written by hand: libical 3.0.16 gives wrong days for FREQ=WEEKLY;INTERVAL=5;BYDAY=SU,
 * for negative days in daily rules, for yearly BYMONTHDAY without BYMONTH, and for
 * week 53.
 *
 * Pure functions.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "queue/day.h"
#include "queue/err.h"

typedef struct Rule Rule;

/*
 * Reads "FREQ=MONTHLY;BYDAY=1MO", with or without "RRULE:" before it, in any case.  NULL
 * and INVALID with a text that names the part: unknown, twice, out of range, not of this
 * frequency, longer than LIMIT_RRULE_BYTES.
 */
Rule *rule_parse(const char *text, GError **error) MUST_USE;
void rule_free(Rule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rule, rule_free)

/* The last instant an occurrence may have: the UNTIL of the rule read in `zone`,
 * INT64_MAX without one.  UNTIL as a day means the whole day; as a local time, the clock
 * there. */
int64_t rule_until_at(const Rule *rule, GTimeZone *zone);

/*
 * The days of the rule from `from` to `to` (inclusive), in order, each once, at most
 * `max` of them (an array of Day, which the caller unrefs).
 *
 * `start` anchors the rule: INTERVAL counts from its day, week, month or year; what the
 * rule leaves open (the weekday, the day of the month) is taken from it; COUNT counts
 * from it; nothing is before it.  Unlike DTSTART it is not a member of the set unless the
 * rule says so.
 *
 * UNTIL is applied to the day (one more when it is given in UTC, since which day that is
 * depends on the zone): callers with a zone compare rule_until_at() too.
 */
GArray *rule_days(const Rule *rule, Day start, Day from, Day to, guint max) MUST_USE;
