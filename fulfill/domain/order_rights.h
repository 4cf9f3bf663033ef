/*
 * order_rights.h - is this draft within the rights of those who stand behind it? for
 * order.c.
 *
 * Two hands: the party that orders, and the user who sends it (policy->user_id; 0:
 * whoever speaks for the party itself, as an ERP does).  Both must permit it.  A user
 * acts for its own party and for those below.
 */
#pragma once

#include "fulfill/domain/order_check.h"
#include "fulfill/domain/rights_store.h"

/* Adds E_RIGHT, E_CHANNEL, E_OPTION_RANGE and so on to lines of a draft whose party,
 * products and channel are known, and fills checked->offers.  false: the store failed. */
bool order_rights_check(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    Checked *checked, GError **error) MUST_USE;

/* The line was accepted: it counts for the orders that follow in this transaction. */
void order_rights_taken(const OrderPolicy *policy, const Checked *checked,
    const OrderLine *line, const Product *product);

/* The same for withdrawing of a stored order the lines that the draft names, or all of
 * it: when it names none, or replaces the order. */
bool order_rights_revoke(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    int64_t order_id, GError **error) MUST_USE;

/* The rights of a party, met with those of a user when there is one; NULL: DENIED with
 * the reason. */
Rights *order_rights_of(
    Db *db, int64_t party_id, int64_t user_id, char **ret_who, GError **error) MUST_USE;
