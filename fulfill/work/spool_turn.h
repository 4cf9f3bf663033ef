/*
 * spool_turn.h - written batches go to the printer, and what the printer says of them
 * comes back.
 *
 * The order of things, for each file: it is noted as `sending` and the job is armed, in
 * one transaction; the file leaves; the printer's number is noted.  Whoever dies in
 * between leaves a batch in doubt, and a person decides (print resolve).
 */
#pragma once

#include "fulfill/work/work.h"

/* Asks for a rendered batch to be printed.  1: asked; 0: it is asked for already.
 * -1: CONFLICT when it is not rendered; CONFIG when no printer is set. */
int spool_ask(
    DbTx *tx, const Settings *settings, int64_t batch_id, GError **error) MUST_USE;

/* Does at most one such job; *ret_n counts.  Errors are those of the store only. */
bool spool_turn(Work *work, int *ret_n, GError **error) MUST_USE;

/* Asks the printer about what it was given: a chore. */
bool chore_print_follow(Work *work, bool *ret_more, GError **error) MUST_USE;
