/*
 * four_eyes.h - deeds that need two persons: one asks, another one confirms by asking for
 * the same.
 */
#pragma once

#include "queue/db.h"

/*
 * `deed` ("reprint") on `ref` is wanted by audit_actor().  1: another person has asked
 * for it before, so do it now; the request is used up.  0: noted, a second person must
 * ask for the same; commit.  A login with and without --as is one person.  -1: error.
 * INVALID without a reason.
 */
int four_eyes(
    DbTx *tx, const char *deed, int64_t ref, const char *reason, GError **error) MUST_USE;
