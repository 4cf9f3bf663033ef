/*
 * jit.h - just in time: a reseller without stock makes customer, licence and ticket at
 * the moment of sale, in one transaction (R5.2).
 */
#pragma once

#include "fulfill/domain/issue.h"

/* More than this in one order is left to the workers: the writer lock is held meanwhile.
 */
#define JIT_TICKETS 100

/*
 * Issues the order that was just placed in `tx` when its party works just in time, or
 * `always`.  1: issued, *ret_tickets counts.  0: it is left to a job, which the caller
 * adds; so is one that cannot be issued now, whose job will say why.
 */
int jit_issue(DbTx *tx, const IssueContext *context, int64_t order_id, bool always,
    int *ret_tickets, GError **error) MUST_USE;
