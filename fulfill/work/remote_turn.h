/*
 * remote_turn.h - jobs of kind "remote": calls to services elsewhere.
 *
 * claim -> look again -> fill in -> arm, commit -> call -> settle and record, commit
 *
 * A call whose answer was lost is in doubt and is never simply made again.  A chore asks
 * the service by the probe of its file: if it happened, it is recorded; if it surely did
 * not, it is tried again; else it waits for a person (`queue resolve`).  Where the file
 * says that the service does nothing twice for one key (repeatable), asking again is the
 * probe.
 */
#pragma once

#include "fulfill/work/work.h"

/* Up to `max` calls, one after the other; *ret_n counts them. */
bool remote_turn(Work *work, int max, int *ret_n, GError **error) MUST_USE;

/* Rows of chores.def. */
bool chore_remote_doubt(Work *work, bool *ret_more, GError **error) MUST_USE;
bool chore_remote_status(Work *work, bool *ret_more, GError **error) MUST_USE;

/* Opens what the settings name, for `check`: CONFIG when something is wrong with it. */
bool remote_check(Work *work, GError **error) MUST_USE;
