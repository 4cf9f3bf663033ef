/*
 * drop.h - the drop folder: order files in, results beside them.
 *
 * A file is taken once it is complete: its name does not end in .tmp or .part nor begin
 * with a dot, and it has rested for intake.settle.  (Write NAME.tmp and rename it: then
 * it is complete by construction.)  It then moves to done/ or rejected/ with
 * NAME.result.json beside it.
 *
 * Orders are committed before the file moves: after a crash between the two it is read
 * again, and each of its orders is a duplicate.
 */
#pragma once

#include <signal.h>

#include "fulfill/work/work.h"

/* Takes every file that is ready; `ret_n` counts them, `ret_resting` those that have not
 * rested long enough yet. */
bool drop_scan(Work *work, int *ret_n, int *ret_resting, GError **error) MUST_USE;

/* Scans until told to stop; wakes for new files (inotify) and looks every few seconds
 * anyway. */
bool drop_watch(Work *work, const volatile sig_atomic_t *stop, GError **error) MUST_USE;
