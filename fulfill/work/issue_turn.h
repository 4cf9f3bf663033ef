/*
 * issue_turn.h - jobs of kind "issue": orders become tickets.
 *
 * A claim must stand in the store before its work begins, so that an order that kills its
 * worker every time is counted.  To spare a commit for that, each turn issues what the
 * turn before claimed and claims what the next will issue.
 */
#pragma once

#include "fulfill/work/work.h"

typedef struct IssueTurn IssueTurn;

IssueTurn *issue_turn_new(Work *work);

/* What is claimed and not issued is given back. */
void issue_turn_free(IssueTurn *turn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IssueTurn, issue_turn_free)

/*
 * One commit.  *ret_n: orders that were looked at, *ret_open: orders claimed for the next
 * turn (at most `max`).  An order that fails is undone alone and retried along its curve;
 * one whose lease was lost is left to its new worker.  BUSY, IO, UNCERTAIN: nothing of it
 * happened, or its leases lapse; call again.
 */
bool issue_turn(
    IssueTurn *turn, int max, int *ret_n, int *ret_open, GError **error) MUST_USE;
