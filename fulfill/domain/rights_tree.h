/*
 * rights_tree.h - rights passed down a tree of parties and users.
 *
 * The parent of a node is who made it.  One rule holds before and after each operation:
 * what a node may lies within what its parent may (R6.1).  So a right taken from one is
 * taken from all below in the same step (R6.2); a node that goes leaves its children to
 * its own parent (R6.4); and nobody gets a right that nobody above has.
 *
 * Who may change what:
 *   - a node acts on those below it, never on itself, a sibling, or anyone above (R6.3);
 *   - to pass on a right in a group takes create-user in that group, and the right
 * itself;
 *   - to take away takes nothing but being above.
 *
 * The tree is in memory: the domain loads the part it works on, does one operation, and
 * writes the nodes named in `changed` in the transaction in which it read them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "fulfill/domain/rights.h"

typedef struct RightsTree RightsTree;

/* A node, from 0; the root is 0.  Numbers are not used again. */
typedef guint RightsNode;

/* Takes the rights of the root. */
RightsTree *rights_tree_new(Rights *root) MUST_USE;
void rights_tree_free(RightsTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RightsTree, rights_tree_free)

/* Loads a node as it is stored, without asking who may.  INVALID when its rights are not
 * within its parent's: then somebody wrote past this file. */
bool rights_tree_load(RightsTree *tree, RightsNode parent, const Rights *rights,
    RightsNode *ret, GError **error) MUST_USE;

/* How many numbers were given out; whether a node is still there, its parent (of the
 * root: the root), and what it may. */
guint rights_tree_count(const RightsTree *tree);
bool rights_tree_has(const RightsTree *tree, RightsNode node);
RightsNode rights_tree_parent(const RightsTree *tree, RightsNode node);
const Rights *rights_tree_rights(const RightsTree *tree, RightsNode node);

/* Whether `node` is below `above`, at any depth; not of itself. */
bool rights_tree_is_below(const RightsTree *tree, RightsNode node, RightsNode above);

/*
 * All operations: DENIED when the actor may not, with the reason; then nothing has
 * changed. NOT_FOUND for a node that is not there.  `changed` (NULL: not wanted) is an
 * array of RightsNode that gets those whose rights or parent changed.
 */

/* A new node below the actor. */
bool rights_tree_add(RightsTree *tree, RightsNode actor, const Rights *wanted,
    RightsNode *ret, GError **error) MUST_USE;

/* Gives `node` these rights in place of its own, and cuts those of all below it. */
bool rights_tree_set(RightsTree *tree, RightsNode actor, RightsNode node,
    const Rights *wanted, GArray *changed, GError **error) MUST_USE;

/* Puts `node` under another parent, both below or at the actor; it and all below keep
 * what the new parent may too. */
bool rights_tree_move(RightsTree *tree, RightsNode actor, RightsNode node,
    RightsNode parent, GArray *changed, GError **error) MUST_USE;

/* Takes `node` away; its children go to its parent and keep what they may. */
bool rights_tree_remove(RightsTree *tree, RightsNode actor, RightsNode node,
    GArray *changed, GError **error) MUST_USE;

/* Whether one who has `own` may make `wanted` of what somebody has `now`: DENIED for what
 * is more than its own, and for what is new where there is no create-user. */
bool rights_may_lend(
    const Rights *own, const Rights *now, const Rights *wanted, GError **error) MUST_USE;

/* INVALID: a node may what its parent may not; the text names it. */
bool rights_tree_check(const RightsTree *tree, GError **error) MUST_USE;
