/*
 * rights_admin.h - who may change whose rights, and who may make and remove users and
 * parties.
 *
 * The actor is a user, or 0: the operator of this machine, who acts for the vendor.
 *
 *   - nobody changes their own rights, or those of their own party, or of anybody above
 *     (R6.3); two users of a party do not change each other's;
 *   - a user changes those it made, and an admin besides the ordinary users of its party
 *     and everybody in the parties below;
 *   - nobody gives what they do not have, and only in groups in which they have
 *     create-user; to take away takes nothing but being above;
 *   - making a user gives no rights by itself.
 *
 * Each of these is one step of the caller's transaction: whoever stands below has lost
 * what was taken when it returns, and jobs that need it are held (rights_store.h). DENIED
 * with the reason.
 */
#pragma once

#include "fulfill/domain/rights_store.h"
#include "fulfill/domain/user.h"

/* Gives further rights: those named replace the ones for the same group and action. */
bool rights_admin_grant(
    DbTx *tx, int64_t actor, RightsWho who, const Rights *more, GError **error) MUST_USE;

/* Takes actions (bits by RightAction; 0: all) in a group ("": in all).  NOT_FOUND when
 * there is nothing to take. */
bool rights_admin_revoke(DbTx *tx, int64_t actor, RightsWho who, const char *group,
    unsigned actions, GError **error) MUST_USE;

/* Makes a user of a party.  `inherits`: with all rights of the party, which must be the
 * actor's to give. */
bool rights_admin_add_user(DbTx *tx, int64_t actor, const UserFacts *facts,
    int64_t *ret_id, GError **error) MUST_USE;

/* May the actor make users of this party, and put them into groups? */
bool rights_admin_may_add_user(
    DbTx *tx, int64_t actor, int64_t party_id, GError **error) MUST_USE;

bool rights_admin_remove_user(
    DbTx *tx, int64_t actor, int64_t id, GError **error) MUST_USE;

/* May the actor make a party below `parent_id`?  A customer takes the right to create
 * anything, a reseller create-user. */
bool rights_admin_may_add_party(
    DbTx *tx, int64_t actor, int64_t parent_id, bool customer, GError **error) MUST_USE;

/* Takes a party away: it and its users may do nothing any more; parties below it go to
 * the one above it.  CONFLICT when it has pool tickets or a customer of the one above has
 * the same code as one of its own. */
bool rights_admin_remove_party(
    DbTx *tx, int64_t actor, int64_t id, GError **error) MUST_USE;
