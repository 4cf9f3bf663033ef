/*
 * party_grant.h - the "grants" of a master record.
 */
#pragma once

#include "fulfill/domain/json_read.h"
#include "fulfill/domain/rights_store.h"

/*
 * Gives a party or user the rights of the record's "grants" in place of those it had;
 * what is below it is cut to them.  A record without that key has no rights of its own:
 * whether it has those above is told by its `inherits`.  Grants that are wrong, or more
 * than what is above has, are a fault of the record.
 */
bool grants_import(DbTx *tx, JsonRead *record, RightsWho who, GError **error) MUST_USE;
