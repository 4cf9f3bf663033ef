/*
 * programme_run.h - what programmes do by themselves: their runs, and the ends.
 *
 * A run is one occurrence of the schedule, known by programme and day; what it does for a
 * person is a row of its own, so that whatever is done twice is done once, and nobody
 * gets two mails for one period.  A downtime of many occurrences is one run.
 *
 * For each person of the audience who is employed on the day of the run:
 *
 *   no plan                  a ticket, from that day, one term
 *   a plan that renews       whole terms more, until the licence reaches the next run and
 *                            `lead_days` beyond; a letter, when that moved its last day
 *   one that does not        nothing while it runs
 *   a plan of another        nothing: one licence of a product, on however many lists
 *   programme
 *   a held plan              nothing: its mail came back
 *   stopped by the employee  nothing, until the employee asks for it (programme_ask.h)
 *
 * No last day lies after the last day of employment.
 */
#pragma once

#include "fulfill/domain/programme.h"
#include "fulfill/domain/programme_plan.h"

typedef struct ProgrammePolicy {
	const IssueContext *issue;
	const Holidays *holidays; /* or NULL */
	int per_minute;           /* mails of a run; 0: all at once */
	const char *owner;        /* is told who lost what; or NULL */
	const char *owner_language;
} ProgrammePolicy;

/* Begins the run that is due at `now_at`, if one is.  1: begun.  0: none is due, it ran,
 * or the programme is paused. */
int programme_begin(DbTx *tx, const Programme *programme, const ProgrammePolicy *policy,
    int64_t now_at, GError **error) MUST_USE;

/*
 * Up to `max` people of the oldest run that is not done.  *ret_busy: call again.
 */
bool programme_turn(DbTx *tx, const ProgrammePolicy *policy, int max, bool *ret_busy,
    GError **error) MUST_USE;

/*
 * Up to `max` plans whose holder leaves before their last day (they are shortened, and
 * told), or whose last day is over (they end; tickets of those who left are recalled, and
 * the owner is told what was removed).  *ret_n: how many.
 */
bool programme_sweep(DbTx *tx, const ProgrammePolicy *policy, Day today, int max,
    int *ret_n, GError **error) MUST_USE;
