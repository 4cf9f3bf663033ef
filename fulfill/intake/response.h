/*
 * response.h - the answer to an order in the language it came in.
 *
 *   UBL 2.1     OrderResponse, Peppol codes: AP accepted, RE rejected, CA in part;
 *               a line 5 accepted, 7 not accepted
 *   openTRANS   ORDERRESPONSE 2.1; a refused line has the quantity 0 and says why in
 * REMARKS
 *   EDIFACT     ORDRSP D.96A; 1225: 29 accepted, 4 in part, 27 not; 1229 of a line: 5
 *               accepted, 7 not; why stands in FTX+AAO.  From the recipient of the
 * order's interchange to its sender
 */
#pragma once

#include <jansson.h>

#include "fulfill/intake/intake.h"

typedef struct Response {
	const char *name; /* of the file; static, as the type is */
	const char *type;
	char *bytes; /* NULL: the format has no answer of its own */
	size_t size;
} Response;

void response_clear(Response *response);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Response, response_clear)

/*
 * `result` is the order's entry in the list of `order submit --json`, `today` an ISO day.
 * false: the format has no answer of its own.
 */
bool response_make(IntakeFormat format, const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today, Response *ret);
