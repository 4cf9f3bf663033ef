/*
 * order_store.h - customer and lines of a draft that was found good, into the store; for
 * order.c and order_change.c.
 */
#pragma once

#include "fulfill/domain/order_check.h"

/* The draft's customer below `party`; one that is known by its code takes over what is
 * given. */
bool order_store_customer(DbTx *tx, const OrderDraft *draft, const Party *party,
    int64_t *ret_id, GError **error) MUST_USE;

/* All lines of the draft that are not refused and whose quantity is above 0.  A line of
 * that id which was withdrawn before is there again, and says what the draft says. */
bool order_store_lines(DbTx *tx, const OrderDraft *draft, const OrderPolicy *policy,
    const Checked *checked, int64_t order_id, GError **error) MUST_USE;
