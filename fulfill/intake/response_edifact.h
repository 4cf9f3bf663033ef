/*
 * response_edifact.h - the answer to an order that came as EDIFACT; for response.c.
 */
#pragma once

#include <jansson.h>

#include "fulfill/intake/order.h"

/* An interchange of one ORDRSP, character set UNOC; the caller's.  draft->number is
 * there.
 */
char *response_edifact(const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today, size_t *ret_size);
