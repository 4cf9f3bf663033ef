/*
 * staff_sync.h - a staff list is taken over: who joined, who changed, who left (C13).
 *
 * The list is all of the staff.  Who is employed here and not on it left: the day of the
 * list is the last one.  A list that is empty, or that loses more than `max_drop` per
 * cent of those employed, changes nothing, whatever else it says: it is more likely that
 * a list is broken than that everybody went (R13.3).
 *
 * Who comes back gets a new plan: what is left of the old one ends with the sync.  A new
 * address keeps the plan, reaches the holder of the ticket, and lets a plan go on that
 * was held because mail came back.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/faults.h"
#include "queue/day.h"
#include "queue/db.h"

typedef struct StaffSync {
	GPtrArray *joined; /* staff numbers */
	GPtrArray *rehired;
	GPtrArray *changed;
	GPtrArray *left; /* not on the list any more */
	int64_t same;
	int64_t before; /* employed before */
	int64_t lost;   /* of those, employed no more */
	char *alarm;    /* why nothing may be changed; NULL: all is well */
} StaffSync;

void staff_sync_clear(StaffSync *sync);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StaffSync, staff_sync_clear)

/*
 * Takes `list`, an array of records as in master data ("employees"), where "from" may be
 * missing: then it is the day that is known, or `today`.  With faults or ret->alarm the
 * caller rolls back.
 */
bool staff_sync(DbTx *tx, const json_t *list, Day today, int max_drop, Faults *faults,
    StaffSync *ret, GError **error) MUST_USE;

typedef struct EmployeeRow {
	int64_t id;
	const char *code;
	const char *email;
	const char *name; /* or NULL, like the rest */
	const char *language;
	const char *department;
	const char *from_day;
	const char *until_day;
	int64_t plans; /* that run */
} EmployeeRow;

/* Employees in the order of their numbers here; `code` NULL: all, `on` NULL: whenever
 * they were employed. */
bool employee_list(Db *db, const char *code, const char *on,
    void (*fn)(void *user, const EmployeeRow *row), void *user, GError **error) MUST_USE;
