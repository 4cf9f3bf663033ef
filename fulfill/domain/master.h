/*
 * master.h - `ticketpost import`: product groups, products, parties, users, employees,
 * programmes.
 *
 * A file is loaded whole or not at all, and loading it again changes nothing.  Records
 * that are missing from a file stay: importing adds and changes, it does not remove.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/faults.h"
#include "queue/db.h"

typedef struct MasterCount {
	const char *list; /* "products" */
	int stored;       /* new or changed */
	int same;
} MasterCount;

#define MASTER_LISTS 6

/*
 * Loads a document within `tx`.  true with faults in `faults`: the caller rolls back and
 * tells them.  `ret` gets a row per list, in the order of loading.
 */
bool master_import(DbTx *tx, const json_t *document, Faults *faults,
    MasterCount ret[MASTER_LISTS], GError **error) MUST_USE;
