/*
 * rights_hold.h - work that was promised under a right that is gone is held (R6.2).
 */
#pragma once

#include "queue/db.h"

/*
 * Looks at every order that is not issued yet and every ticket mail and card that has not
 * left, and holds the jobs of those whose party or user may not order them any more; the
 * reason says who lost what.  A person releases them (`queue release`) or withdraws the
 * order.
 */
bool rights_hold_jobs(DbTx *tx, GError **error) MUST_USE;
