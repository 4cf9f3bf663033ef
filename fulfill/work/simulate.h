/*
 * simulate.h - a span of days, played on a copy of the store.
 *
 * The same chores that the workers do (chores.h) and the same issuing of orders run on
 * the copy, once at the end of each day, with the clock set to it: there is no second
 * rule set, and nothing leaves.  Every mail is taken to arrive on its day; cards are not
 * printed, and nobody collects, cancels or orders anything.
 */
#pragma once

#include "fulfill/domain/journal.h"
#include "fulfill/work/work.h"
#include "queue/day.h"

/* What happened on a day. */
typedef void (*SimulateFn)(void *user, Day day, const JournalEntry *entry);

/*
 * From `from` to `to`, both included, in order.  INVALID when that is no span or longer
 * than LIMIT_SIMULATE_DAYS.  The store of `work` is only read; the clock of the process
 * is turned, and turned back at the end.
 */
bool simulate(const Work *work, Day from, Day to, SimulateFn fn, void *user,
    GError **error) MUST_USE;
