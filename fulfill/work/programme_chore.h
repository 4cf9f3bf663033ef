/*
 * programme_chore.h - runs of programmes and ends of plans, as recurring work.
 */
#pragma once

#include "fulfill/domain/programme_run.h"
#include "fulfill/work/work.h"

/* What the settings say; `*ret_holidays` (may become NULL) is the caller's and outlives
 * the policy. */
bool programme_policy(const Work *work, ProgrammePolicy *ret, Holidays **ret_holidays,
    GError **error) MUST_USE;

/* Begins what is due, goes through the staff, ends what is over; a slice. */
bool chore_programmes(Work *work, bool *ret_more, GError **error) MUST_USE;

/* Takes staff lists out of their folder. */
bool chore_staff(Work *work, bool *ret_more, GError **error) MUST_USE;
