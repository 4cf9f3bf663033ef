/*
 * rights_rows.h - one node of the stored tree: its row and its grants; for rights_store.c
 * and rights_book.c.
 */
#pragma once

#include "fulfill/domain/rights_store.h"

typedef struct RightsRowNode {
	RightsWho who;
	RightsWho above; /* both 0: the vendor */
	char *name;
	bool inherits;
	bool may_lend; /* inherits create-user too */
} RightsRowNode;

void rights_row_clear(RightsRowNode *node);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RightsRowNode, rights_row_clear)

/* NOT_FOUND when there is no such party or user, or it was removed. */
bool rights_row_get(Db *db, RightsWho who, RightsRowNode *ret, GError **error) MUST_USE;

/* What a node has whose upper neighbour has `above` (NULL: it is the vendor), before
 * anybody asked whether it is within. */
Rights *rights_row_rights(
    Db *db, const RightsRowNode *node, const Rights *above, GError **error) MUST_USE;

/* RightsRowNode of all that are not removed and may have rights, each after the one above
 * it. */
GArray *rights_row_list(Db *db, GError **error) MUST_USE;

/* A key for hash tables of pointers; of the place above the vendor NULL. */
gpointer rights_row_key(RightsWho who);

/* Writes grants in place of the old; the node does not inherit any more. */
bool rights_row_put(
    DbTx *tx, RightsWho who, const Rights *rights, GError **error) MUST_USE;
