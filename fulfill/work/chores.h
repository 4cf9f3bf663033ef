/*
 * chores.h - recurring work of the workers: a table (chores.def) of functions.
 *
 * A timer in the store lets one worker of all do a chore when it is due.  That is a
 * courtesy, not a lock: a worker that dies in the middle, or `work --drain` beside a
 * running gateway, may do it twice or at once.  So a chore
 *   - works in slices of well under a second, each in its own transaction,
 *   - finds its work in the store (never in memory), and
 *   - leaves marks that make doing it again harmless (a UNIQUE key, a state named in the
 *     WHERE of its UPDATE).
 */
#pragma once

#include "fulfill/work/work.h"

/* One slice.  *ret_more: there is more to do at once. */
typedef bool (*ChoreFn)(Work *work, bool *ret_more, GError **error);

typedef struct Chores Chores;

/* `all`: do each once now, due or not, as a drain does. */
Chores *chores_new(bool all);
void chores_free(Chores *chores);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chores, chores_free)

/*
 * A slice of the next chore that is due.  *ret_busy: call again at once.  BUSY and
 * UNCERTAIN are returned, to be waited out by the caller; any other error of a chore is
 * logged, and the chore waits for its next time: what is wrong with one must not stop
 * mail and paper.
 */
bool chores_turn(Chores *chores, Work *work, bool *ret_busy, GError **error) MUST_USE;

/* The names in the order of the table; NULL after the last. */
const char *chores_name(size_t i);

/* Does one chore to its end, whatever its timer says: for `simulate` and tests.
 * NOT_FOUND when there is no such chore. */
bool chores_do(Work *work, const char *name, GError **error) MUST_USE;
