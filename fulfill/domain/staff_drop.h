/*
 * staff_drop.h - did master data take away too many people? (R13.3)
 *
 * A staff list says itself who is gone (staff_sync.h).  An import only changes records,
 * but it may give all of them a last day: it passes the same bar.
 *
 *   g_autoptr(StaffDrop) before = staff_drop_begin(db, today, error);
 *   ... load ...
 *   staff_drop_check(before, db, max_drop, &alarm, error); alarm set: roll back
 */
#pragma once

#include "queue/day.h"
#include "queue/db.h"

/* Who was employed on a day, today or earlier from now on. */
typedef struct StaffDrop StaffDrop;

StaffDrop *staff_drop_begin(Db *db, Day today, GError **error) MUST_USE;
void staff_drop_free(StaffDrop *drop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StaffDrop, staff_drop_free)

/* *ret_alarm: a sentence, to be freed; NULL: not too many. */
bool staff_drop_check(const StaffDrop *drop, Db *db, int max_drop, char **ret_alarm,
    GError **error) MUST_USE;

/* The sentence for `lost` of `before` people, to be freed; NULL: not too many. */
char *staff_drop_alarm(int64_t lost, int64_t before, int max_drop);
