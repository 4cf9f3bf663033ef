/*
 * activity.h - how much was done on which day, counted from the audit trail.
 */
#pragma once

#include "queue/day.h"
#include "queue/db.h"

typedef enum ActivityKind {
#define COUNT(key, title, action) ACTIVITY_##key,
#include "fulfill/domain/activity.def"
#undef COUNT
	ACTIVITY_KINDS
} ActivityKind;

typedef struct Activity {
	Day day;
	int64_t counts[ACTIVITY_KINDS];
} Activity;

/* Activity of each day from `from` to `to`, both counted, in `zone`; days on which
 * nothing happened too. */
GArray *activity_days(Db *db, Day from, Day to, GTimeZone *zone, GError **error) MUST_USE;

/* How long it took from taking an order to having issued it, for orders issued in these
 * days, in milliseconds: half of them, and 99 of 100, were faster.  *ret_n counts them.
 */
bool activity_issue_times(Db *db, Day from, Day to, GTimeZone *zone, int64_t *ret_n,
    int64_t *ret_half_ms, int64_t *ret_most_ms, GError **error) MUST_USE;
