/*
 * sold.h - what a licence that was just made means for the books.
 */
#pragma once

#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/ticket.h"

/*
 * In the transaction of ticket_issue(): the charge of the licence, and its subscription
 * when the product is one.  A licence for staff costs nothing, whatever its product says.
 */
bool licence_sold(DbTx *tx, const Product *product, int64_t licence_id,
    const LicenceFacts *facts, const LicenceTerm *term, GError **error) MUST_USE;
