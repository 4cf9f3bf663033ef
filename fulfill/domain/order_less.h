/*
 * order_less.h - an order becomes less: lines withdrawn, licences of a line reversed; for
 * order_change.c.
 *
 * First everything is held against what is stored, and what cannot be done adds its error
 * to the draft: then nothing is touched.  Who may do it was asked before.
 */
#pragma once

#include "fulfill/domain/order.h"

/* An issued order to what a change or replacement says.  More than there is, another
 * product or other options are E_ORDER_STATE. */
bool order_less(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, int64_t order_id,
    GError **error) MUST_USE;

/* What a cancellation says: no lines: all of it; a line without a quantity: the line;
 * else so many of it.  Issued or not. */
bool order_less_cancel(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    int64_t order_id, GError **error) MUST_USE;
