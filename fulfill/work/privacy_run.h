/*
 * privacy_run.h - an erasure from beginning to end: store, folders, log, signed report.
 *
 * The order is such that a crash anywhere leaves something that finishes it:
 *
 *   1. one line in the erasure log (a file beside the store), synced
 *   2. files removed from the folders
 *   3. the store changed, in one transaction
 *   4. the store written anew, so that no byte is left of what was there
 *   5. the signed report
 *
 * An erasure that is in the log and not in the store is carried out by privacy_again():
 * after a crash between 1 and 3, and after a restore from a backup in which the person
 * still is.  So the log must be kept apart from the backups of the store.
 */
#pragma once

#include "fulfill/domain/privacy.h"
#include "fulfill/work/work.h"

/* *ret_report is what was done (or would be, with `dry_run`), with the "signature" file's
 * path when there is one.  Errors as privacy_erase(). */
bool privacy_run(Work *work, const char *who, const char *reason, bool dry_run,
    json_t **ret_report, GError **error) MUST_USE;

/* The same for a person of a rule, which is the reason; without the report, and without
 * step 4, which serves many. */
bool privacy_run_by_rule(Work *work, EraseScope scope, int64_t id, int64_t created_at,
    const char *rule, GError **error) MUST_USE;

/* Carries out what the log has and the store has not; `ret_n` counts.  Every worker does
 * it before it claims anything: after a restore no mail may leave to who was erased. */
bool privacy_again(Work *work, int *ret_n, GError **error) MUST_USE;

/* A chore: looks whether the log has more than the store. */
bool chore_erasures(Work *work, bool *ret_more, GError **error);
