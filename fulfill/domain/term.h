/*
 * term.h - how long a licence runs, when it renews, until when it can be cancelled.
 *
 * A contract is stored as its first day and a term; its periods are counted from 1.
 * Period k is always derived from the first day and k, never from period k - 1: a
 * contract of the 31st that steps from February to March by adding a month to what it has
 * loses three days for ever.  Periods follow each other without gap or overlap, whatever
 * the day.
 *
 * Both days of a period belong to it.  "Usable until" is the end of last_day in the zone
 * of the vendor: day_end_at() of queue/day.h.
 *
 * Two conventions for terms in months, chosen per contract:
 *
 *   bgb      The period ends with the day before the one that has the number of the first
 *            day; if the month has no such day, with its last day (BGB 187 (2), 188 (2)
 * and (3)).  From 31 January: to 28 February, then 1 to 30 March. anchor   The contract
 * renews on the day that has the number of the first day, or on the last day of a month
 * that has no such day; the period ends with the day before. From 31 January: renews 28
 * February, 31 March, 30 April.
 *
 * Terms in days have no conventions: a demo of d days, and the model of 365 days, end
 * with first_day + d - 1.
 *
 * Pure functions; nothing here knows today.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "queue/day.h"
#include "queue/err.h"

typedef enum TermRule {
	TERM_BGB,
	TERM_ANCHOR,
} TermRule;

/* Stored names, "bgb" and "anchor". */
const char *term_rule_name(TermRule rule);
bool term_rule_from_name(const char *name, TermRule *ret, GError **error) MUST_USE;

/* Either months or days, the other is 0. */
typedef struct Term {
	int months;
	int days;
	TermRule rule; /* means nothing for days */
} Term;

/* How long before the end of a period word must come.  Either or none. */
typedef struct Notice {
	int months;
	int days;
} Notice;

typedef struct Period {
	int k; /* from 1 */
	Day first_day;
	Day last_day; /* inclusive */
} Period;

/* INVALID unless exactly one of the two is set, and within LIMIT_TERM_MONTHS and
 * LIMIT_TERM_DAYS. */
bool term_check(Term term, GError **error) MUST_USE;

/*
 * INVALID when both are set or one is outside LIMIT_NOTICE_MONTHS and LIMIT_NOTICE_DAYS.
 * For consumers a month is the most that may be agreed (BGB 309 no. 9 c); in days, that
 * is 28, because a month may have no more.
 */
bool notice_check(Notice notice, bool consumer, GError **error) MUST_USE;

/* ---- periods ---- */

/*
 * Period `k` of a contract that starts on `start_day`.  INVALID when the term is not a
 * term (see term_check()), k is below 1, or the period ends after 9999-12-31.
 */
bool term_period(Term term, Day start_day, int k, Period *ret, GError **error) MUST_USE;

/* The period that contains `day`.  1: *ret is filled.  0: `day` is before the start.  -1:
 * INVALID as above. */
int term_find(Term term, Day start_day, Day day, Period *ret, GError **error) MUST_USE;

/* Days in the period, at least 1: the denominator of every day-exact amount. */
int period_days(Period period);

/* The day on which the next period is prepared: `lead_days` before the last day, so that
 * the licence does not lapse while its renewal is under way; never before the first. */
Day period_lead_day(Period period, int lead_days);

/*
 * The last day of a licence of `last_day` to which `days` are added.  While it runs
 * (through last_day itself) they follow last_day; afterwards they start with `today`, and
 * the gap is neither usable nor billed.
 */
Day term_extended_last_day(Day last_day, int days, Day today);

/* ---- notice ---- */

/*
 * The last day on which notice for the end of `period` can arrive, until its last second:
 * the last day of the period less the notice.  Months are counted backwards and clamped:
 * one month before 31 March is 28 February.
 *
 * Counted forwards from the arrival, as BGB 188 (2) counts, a notice that arrives on
 * 31 January may still reach the end of February; here the 28th is the last.  Whoever
 * wants to be generous is so in the terms of the contract, not in this function.
 *
 * Before the first day of the period when the notice is longer than it: then notice had
 * to come in an earlier one.
 */
Day notice_deadline_day(Notice notice, Period period);

/*
 * What a cancellation that arrives on `received_day` (the day it reached our mailbox, in
 * the vendor's zone) brings about: the end of the first period whose deadline is not yet
 * over.
 *
 * 1: *ret is the period with whose last day the contract ends.
 * 0: the contract has not begun; it ends at once and nothing of it is billed.
 * -1: INVALID as for term_period().
 */
int term_cancel(Term term, Notice notice, Day start_day, Day received_day, Period *ret,
    GError **error) MUST_USE;
