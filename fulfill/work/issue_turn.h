/*
 * issue_turn.h - jobs of kind "issue".
 */
#pragma once

#include "fulfill/work/work.h"

/* Claims up to `max` orders that are due and issues them in one transaction.  An order
 * that fails is undone alone and tried again along its curve.  *ret_n is how many were
 * claimed. */
bool issue_turn(Work *work, int max, int *ret_n, GError **error) MUST_USE;
