/*
 * response.h - the answer to an order in the language it came in.
 *
 *   UBL 2.1     OrderResponse, Peppol codes: AP accepted, RE rejected, CA in part;
 *               a line 5 accepted, 7 not accepted
 *   openTRANS   ORDERRESPONSE 2.1; a refused line has the quantity 0 and says why in
 * REMARKS
 */
#pragma once

#include <jansson.h>

#include "fulfill/intake/intake.h"

/*
 * `result` is the order's entry in the list of `order submit --json`, `today` an ISO day.
 * The caller's; NULL: the format has no answer of its own.  *ret_name (static) is what
 * the file is called.
 */
char *response_xml(IntakeFormat format, const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today, const char **ret_name);
