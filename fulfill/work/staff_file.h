/*
 * staff_file.h - a staff list as a file: read by the columns of the settings, taken over,
 * or refused with an alarm to the owner.
 */
#pragma once

#include "fulfill/domain/staff_sync.h"
#include "fulfill/work/work.h"

typedef struct StaffOptions {
	bool dry_run;
	int max_drop; /* per cent; -1: that of the settings */
} StaffOptions;

/*
 * JSON (an array of employees, or an object that has them under "employees") or CSV, by
 * content.  Days may be written 2026-11-24 or 24.11.2026.
 *
 * INVALID: it cannot be read, a record is wrong, or it loses too many people; then
 * nothing is changed, and gateway.owner is told (once a day for each reason), a dry run
 * apart.  *ret is filled either way and cleared by the caller.
 */
bool staff_file_take(Work *work, const void *bytes, size_t size,
    const StaffOptions *options, StaffSync *ret, GError **error) MUST_USE;

/* The same in a transaction of the caller's, who undoes it and tells the owner when it
 * fails. */
bool staff_file_take_in(Work *work, DbTx *tx, const void *bytes, size_t size,
    const StaffOptions *options, StaffSync *ret, GError **error) MUST_USE;

/* Tells the owner that a list did not come or cannot be taken. */
bool staff_file_alarm(Work *work, const char *reason, GError **error) MUST_USE;
bool staff_file_alarm_in(
    Work *work, DbTx *tx, const char *reason, GError **error) MUST_USE;

/* `wanted`, or what the settings say when it is negative. */
int staff_max_drop(const Work *work, int wanted);

/* {"joined": [...], "rehired": ..., "changed": ..., "left": ..., "same": n, "before": n};
 * the caller's. */
json_t *staff_sync_json(const StaffSync *sync);
