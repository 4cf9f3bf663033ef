/*
 * customer_limit.h - at most so many of a product for one customer, as of a demo (R4.3).
 *
 * One customer is whoever has the same address when case and "+tag" are taken away, with
 * whatever reseller; without an address, the same record.  Orders count from the moment
 * they are accepted, pool tickets when they are assigned; what was withdrawn does not.
 */
#pragma once

#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"
#include "fulfill/intake/order.h"

/*
 * `email` or `customer_id` (0: not on file) says who; `more` are to come.  1: there is
 * room.  0: *ret_text says why not (to be freed).
 */
int customer_limit(DbTx *tx, const Product *product, const char *email,
    int64_t customer_id, int64_t more, char **ret_text, GError **error) MUST_USE;

/* The same for a line of a draft, whose error it adds; lines before it count. */
bool customer_limit_draft(DbTx *tx, OrderDraft *draft, const OrderLine *line,
    const Product *product, const Party *known, GError **error) MUST_USE;
