/*
 * response_edifact.h - the answer to an order that came as EDIFACT; for response.c, with
 * what both read of a result.
 */
#pragma once

#include <jansson.h>

#include "fulfill/intake/order.h"

/* Of a whole order. */
typedef enum ResponseVerdict {
	RESPONSE_ACCEPTED,
	RESPONSE_IN_PART,
	RESPONSE_REJECTED,
} ResponseVerdict;

ResponseVerdict response_verdict(const json_t *result);

/* A string of an object; NULL: absent. */
const char *response_text(const json_t *object, const char *key);
bool response_line_is_accepted(const json_t *line);
/* What was ordered by it; NULL: the draft has no such line. */
const OrderLine *response_line_of(const OrderDraft *draft, const json_t *line);
/* "E_QUANTITY quantity: ..."; to be freed. */
char *response_error_text(const json_t *error);

/* An interchange of one ORDRSP, character set UNOC; the caller's.  draft->number is
 * there.
 */
char *response_edifact(const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today, size_t *ret_size);
