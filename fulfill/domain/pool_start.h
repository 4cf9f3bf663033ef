/*
 * pool_start.h - the first day of what leaves a pool.
 *
 * Days of a demo that lie on a shelf are not counted.  A subscription whose product says
 * "starts": "assigned" has no term, no charge and no renewal as long as it lies there;
 * all of that begins on the day it is given to a customer.  Everything else runs as it
 * was sold.
 */
#pragma once

#include "fulfill/domain/product.h"
#include "queue/day.h"
#include "queue/db.h"

/* Does a licence of this product wait for its first day in a pool? */
bool pool_start_waits(const Product *product);

/* Begins on `today` what waited, once: what runs already is left alone. */
bool pool_start(DbTx *tx, int64_t licence_id, Day today, GError **error) MUST_USE;
