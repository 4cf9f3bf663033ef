/*
 * derive.h - the fields that follow from others: days in words, the code in groups, flags
 * by the kind of product.  Done here once, so that neither callers nor texts compute.
 */
#pragma once

#include <jansson.h>

#include "templates/words.h"

/*
 * Adds to `context`, and to each item of its "tickets", the fields marked DERIVED or MADE
 * in fields.def.  What is there already under such a name is replaced.
 *
 * false: INVALID, names the field; `context` may then have some of them.
 */
bool derive_fields(const Words *words, json_t *context, GError **error) MUST_USE;

/* "#ffffff" or "#000000", whichever has the higher contrast on `color` ("#rrggbb"), at
 * least 4.5:1 by WCAG 2.1; NULL when that is not a colour. */
const char *derive_ink(const char *color);
