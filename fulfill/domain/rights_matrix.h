/*
 * rights_matrix.h - who may what, all of it, for people and for programs.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/rights_store.h"

/*
 * A list, in the order of the tree, of
 *   {"who", "kind": vendor | reseller | customer | admin | user, "above", "depth",
 *    "inherits", "rights": grants as in master data}
 * Somebody whose stored rights are more than those above has "excess" with the first of
 * them, and *ret_sound is false.  The caller's.
 */
json_t *rights_matrix(Db *db, bool *ret_sound, GError **error) MUST_USE;
