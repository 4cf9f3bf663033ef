/*
 * db_copy.h - everything of one store in another: for trying out what must not be kept.
 */
#pragma once

#include "queue/db.h"

/*
 * A store in memory with the schema of this program and all rows that `from` has at one
 * moment, whichever database `from` is: others go on working meanwhile.  It takes about
 * as much memory as `from` has bytes.  The tables `without` (names, NULL ends) stay
 * empty; none of them may be one that others refer to.
 *
 * CONFIG when `from` is not of this program's schema.
 */
Db *db_copy_to_memory(Db *from, const char *const *without, GError **error) MUST_USE;
