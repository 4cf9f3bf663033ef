/*
 * order_change.h - documents about an order that is here already: changes, replacements,
 * cancellations; for order.c.
 *
 * What may become of an order depends on how far it is:
 *
 *   accepted   nothing is made yet: a change makes its lines what the document says
 *              (quantity 0: gone), a replacement makes the whole order so.  What the new
 *              order would not be permitted is refused, and the old one stands.
 *   issued     customers may hold the tickets: it can only become less.  Lines that are
 *              withdrawn, and licences by which a line has fewer, are reversed as in a
 *              Storno (those that nobody collected first, R10.3).  More, another
 *              product or other options are refused: they are a new order.
 *   cancelled  it stays so.
 *
 * The same document twice in a row changes nothing the second time.  Whole or nothing,
 * whatever the source's setting for orders is.
 */
#pragma once

#include "fulfill/domain/order.h"

/* ORDER_CHANGE and ORDER_REPLACE, as order_place(). */
bool order_change(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error) MUST_USE;

/* ORDER_CANCEL: all of the order, the lines named, or so many of a line. */
bool order_withdraw(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error) MUST_USE;
