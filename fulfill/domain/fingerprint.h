/*
 * fingerprint.h - was this record imported before, word for word?
 */
#pragma once

#include <jansson.h>

#include "queue/db.h"
#include "queue/hash.h"

/* Of the record in canonical form: key order and blanks do not matter. */
void fingerprint_of(const json_t *record, uint8_t ret[HASH_BYTES]);

/* `stmt` selects the stored fingerprint by one key, or two when `second` is not null.  1:
 * it is the same.  0: it is another, or there is no such row.  -1: error. */
int fingerprint_is(Db *db, const Stmt *stmt, DbValue key, DbValue second,
    const uint8_t print[HASH_BYTES], GError **error) MUST_USE;
