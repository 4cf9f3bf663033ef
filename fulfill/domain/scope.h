/*
 * scope.h - what a user may see, export or print: a set of parties and of products.
 *
 * Lists and reports walk many rows; asking for each of them whether somebody may see it
 * (ticket_view.h) reads the tree of parties again and again.  A scope is read once: the
 * parties at or below the user's, and the products for which the user has the right.  It
 * holds for as long as the transaction it was read in.
 *
 * The functions take NULL for a scope without bounds: the operator of this machine.
 */
#pragma once

#include "fulfill/domain/rights.h"
#include "queue/db.h"

typedef struct Scope Scope;

/*
 * Of a user.  With RIGHT_VIEW, products on which there is any right: seeing comes with
 * each other action.  DENIED when there is not one product; but an admin, and who may
 * make users, sees who is there: at a customer nobody has rights in product groups.
 */
Scope *scope_of(Db *db, int64_t actor, RightAction action, GError **error) MUST_USE;
void scope_free(Scope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scope, scope_free)

/* By number; by code and SKU, of vendors and resellers, whose codes are unique. */
bool scope_has(const Scope *scope, int64_t party_id, int64_t product_id);
bool scope_has_code(const Scope *scope, const char *party, const char *sku);

bool scope_has_party(const Scope *scope, int64_t party_id);
bool scope_has_party_code(const Scope *scope, const char *party);

/* Every party and every product: what is not told apart by them may be shown. */
bool scope_is_whole(const Scope *scope);

/* DENIED unless it is whole; `what` for the text: "the overview". */
bool scope_need_whole(const Scope *scope, const char *what, GError **error) MUST_USE;

/* DENIED unless it has all cards of a print batch; NOT_FOUND when it has none of them. */
bool scope_need_batch(
    Db *db, const Scope *scope, int64_t batch_id, GError **error) MUST_USE;

/* 1 / 0 / -1: whether it has every card of the batch, and one at least. */
int scope_has_batch(
    Db *db, const Scope *scope, int64_t batch_id, GError **error) MUST_USE;

/* 1 / 0 / -1: whether it has a line of this order. */
int scope_has_order(
    Db *db, const Scope *scope, int64_t order_id, GError **error) MUST_USE;

/* NOT_FOUND unless it has this card. */
bool scope_need_piece(
    Db *db, const Scope *scope, int64_t piece_id, GError **error) MUST_USE;

/* DENIED unless it has every licence that a customer holds or held the order of;
 * NOT_FOUND when the customer is not below. */
bool scope_need_customer(
    Db *db, const Scope *scope, int64_t customer_id, GError **error) MUST_USE;
