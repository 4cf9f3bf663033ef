/*
 * subscription_chore.h - subscriptions that are due, in slices.
 */
#pragma once

#include "fulfill/domain/subscription_rules.h"
#include "fulfill/work/work.h"

/* The rules with the settings in them; also for the commands.  CONFIG. */
bool subscription_policy(
    const Work *work, SubscriptionPolicy *ret, GError **error) MUST_USE;

/* Rows of chores.def. */
bool chore_exchanges(Work *work, bool *ret_more, GError **error) MUST_USE;
bool chore_subscriptions(Work *work, bool *ret_more, GError **error) MUST_USE;
