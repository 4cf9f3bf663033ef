/*
 * print_turn.h - the job of a batch: closed when its time has come, written as files,
 * and, with [print] auto, handed on to the printer.
 */
#pragma once

#include "fulfill/work/work.h"

/* Does at most one batch; *ret_n counts.  Errors are those of the store only: what is
 * wrong with a batch is its own affair and is kept with its job. */
bool print_turn(Work *work, int *ret_n, GError **error) MUST_USE;
