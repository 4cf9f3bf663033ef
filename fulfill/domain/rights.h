/*
 * rights.h - who may do what with which products, within which limits.
 *
 * A right is (product group, action, limits of options, channels, quota); rights are a
 * set of them, at most one for each group and action.  The group "*" stands for every
 * group that is not named with that action; the vendor has it.
 *
 * Rights are passed down a tree: what a child has lies within what its parent has
 * (rights_within()), on every axis.  Where two hands speak, both must allow
 * (rights_meet()): a limit that one does not name is that of the other, channels are
 * those of both, the smaller quota holds.
 *
 * The tree is in rights_tree.h; tables and sessions are not here.  Pure functions.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "fulfill/domain/ranges.h"
#include "queue/err.h"

typedef enum RightAction {
#define ACTION(symbol, name, text) RIGHT_##symbol,
#include "fulfill/domain/right_action.def"
#undef ACTION
	RIGHT_ACTIONS /* how many */
} RightAction;

/* "create-user" and back. */
const char *right_action_name(RightAction action);
bool right_action_from_name(const char *name, RightAction *ret, GError **error) MUST_USE;

/* Channels of delivery, as bits. */
typedef enum RightChannel {
	RIGHT_NO_CHANNEL = 0,
	RIGHT_EMAIL = 1,
	RIGHT_POST = 2,
	RIGHT_PORTAL = 4,
	RIGHT_ALL_CHANNELS = 7,
} RightChannel;

/* One right.  Belongs to the Rights it is of. */
typedef struct Right {
	Ranges *limits;
	unsigned channels;
	int64_t quota; /* licences; -1: without */
} Right;

typedef struct Rights Rights;

Rights *rights_new(void) MUST_USE;     /* none */
Rights *rights_new_all(void) MUST_USE; /* everything without limits: the vendor */
Rights *rights_copy(const Rights *rights) MUST_USE;
void rights_free(Rights *rights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rights, rights_free)

/* Gives the right, in place of one for the same group and action.  Takes `limits`. */
void rights_put(Rights *rights, const char *group, RightAction action, Ranges *limits,
    unsigned channels, int64_t quota);

/* NULL: there is no such right.  Falls back to the group "*". */
const Right *rights_find(const Rights *rights, const char *group, RightAction action);

bool rights_is_empty(const Rights *rights);

/*
 * Reads the "grants" of a master record:
 *
 *   [{"group": "cad", "may": ["create", "view"], "options": {"days": {"max": 30}},
 *     "channels": ["email"], "quota": 100}]
 *
 * Without channels: all; without quota: none.  NULL or JSON null read as no rights. NULL:
 * INVALID with the place before the reason: "[0].options.days.max: ...".  The same action
 * for the same group twice is an error, since the two would have to be added up.
 */
Rights *rights_from_json(const json_t *grants, GError **error) MUST_USE;

/* The same form again, in a fixed order, actions with the same limits together; the
 * caller decrefs. */
json_t *rights_to_json(const Rights *rights) MUST_USE;

/* For people, a line for each group and each set of actions with the same limits:
 * "cad: create, view; days 1 to 30; email; quota 100\n".  The caller frees. */
char *rights_format(const Rights *rights) G_GNUC_WARN_UNUSED_RESULT;

/* Whether `inner` permits nothing that `outer` forbids. */
bool rights_within(const Rights *inner, const Rights *outer);

/* What both permit. */
Rights *rights_meet(const Rights *outer, const Rights *inner) MUST_USE;

/* `inner` with what it does not name taken from `outer`: a limit of an option, channels
 * when it has all, a quota when it has none.  What it names stays, even when that is too
 * much: whoever asks for 90 days where there are 60 is told, whoever names none gets 60.
 */
Rights *rights_complete(const Rights *inner, const Rights *outer) MUST_USE;

/* The same without one action, in any group. */
Rights *rights_without(const Rights *rights, RightAction action) MUST_USE;

/* The same without some actions (bits; 0: all) in the group of this name ("": in all). */
Rights *rights_take(const Rights *rights, const char *group, unsigned actions) MUST_USE;

/* The same with each of `groups` (ends with NULL) named instead of "*": what is taken
 * from one of them then stays with the others. */
Rights *rights_spread(const Rights *rights, const char *const *groups) MUST_USE;

/* The same and `more`, whose rights take the place of those for the same group and
 * action. */
Rights *rights_merge(const Rights *rights, const Rights *more) MUST_USE;

/* Whether there is this action in any group. */
bool rights_has_action(const Rights *rights, RightAction action);

/* Why `inner` is not within `outer`, for the error of a refused grant: "create of 'cad'",
 * the first in order; NULL when it is.  The caller frees. */
char *rights_excess(const Rights *inner, const Rights *outer) G_GNUC_WARN_UNUSED_RESULT;

/* The same where each right may lie within that of one or of the other. */
char *rights_excess_either(const Rights *inner, const Rights *one,
    const Rights *other) G_GNUC_WARN_UNUSED_RESULT;

/* What may be passed on: all rights in the groups in which there is create-user. */
Rights *rights_lendable(const Rights *rights) MUST_USE;

/* ---- using them ---- */

typedef struct RightsAsk {
	RightAction action;
	const char *const *groups; /* of the product; ends with NULL */
	RightChannel channel;      /* RIGHT_NO_CHANNEL: it takes none */
	const Ranges *offer;       /* of the product; NULL: options do not matter */
	const json_t *options;     /* what is wanted, {"days": 30}; NULL: nothing */
} RightsAsk;

/*
 * Whether the rights permit it.  A right on any of the groups suffices (R4.1); but one
 * right must permit all of it, channel and options too, so that two halves do not make a
 * whole.
 *
 * On true *ret (unless NULL) is that right; its quota is for the caller to count against.
 * DENIED: no group has the action, or the channel.  INVALID: an option is out of its
 * effective range, which is named; with several groups, that of the last.
 */
bool rights_check(const Rights *rights, const RightsAsk *ask, const Right **ret,
    GError **error) MUST_USE;
