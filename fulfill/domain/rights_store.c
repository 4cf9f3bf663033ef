/*
 * rights_store.c - the stored tree, read from the vendor down and written whole.
 */
#include "fulfill/domain/rights_store.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/rights_hold.h"
#include "fulfill/domain/rights_rows.h"

/* Deeper than any trade; a ring of parents ends here. */
#define DEPTH 32

static const Stmt PARTY_TOUCHED = {
	.name = "party.rights_cut",
	.sql = "UPDATE party SET fingerprint = NULL WHERE id = $1",
};
static const Stmt USER_TOUCHED = {
	.name = "user.rights_cut",
	.sql = "UPDATE \"user\" SET fingerprint = NULL WHERE id = $1",
};

static const Stmt GRANTS_DROP = {
	.name = "grant.drop_all",
	.sql = "DELETE FROM \"grant\" WHERE party_id = $1 OR user_id = $2",
};
static const Stmt PARTY_INHERITS = {
	.name = "party.inherits",
	.sql = "UPDATE party SET inherits = 1 WHERE id = $1 AND kind = 'reseller'",
};
static const Stmt USER_INHERITS = {
	.name = "user.inherits",
	.sql = "UPDATE \"user\" SET inherits = 1 WHERE id = $1 AND party_id IN"
	       " (SELECT id FROM party WHERE kind <> 'customer')",
};

static void
level_free(gpointer data)
{
	RightsLevel *level = data;

	g_free(level->name);
	rights_free(level->rights);
	g_free(level);
}

const Rights *
rights_levels_last(const GPtrArray *levels)
{
	return ((const RightsLevel *)g_ptr_array_index(levels, levels->len - 1))->rights;
}

/* What the node has, or DENIED when that is more than what is above it. */
static Rights *
checked_rights(Db *db, const RightsRowNode *node, const Rights *above, GError **error)
{
	g_autoptr(Rights) rights = rights_row_rights(db, node, above, error);
	g_autofree char *excess =
	    rights != NULL && above != NULL ? rights_excess(rights, above) : NULL;

	if (excess != NULL)
		err_set(error, TP_ERROR_DENIED,
		    "the stored rights of '%s' are more than those above it: %s",
		    node->name, excess);
	return excess == NULL ? g_steal_pointer(&rights) : NULL;
}

static bool
append_levels(Db *db, RightsWho who, int depth, GPtrArray *levels, GError **error)
{
	g_auto(RightsRowNode) node = { 0 };
	Rights *rights;
	RightsLevel *level;
	bool root;

	if (depth > DEPTH)
		return err_set(error, TP_ERROR_DENIED,
		    "there are more than %d levels above party %" G_GINT64_FORMAT, DEPTH,
		    who.party_id);
	if (!rights_row_get(db, who, &node, error))
		return false;
	root = node.above.party_id == 0 && node.above.user_id == 0;
	if (!root && !append_levels(db, node.above, depth + 1, levels, error))
		return false;
	rights =
	    checked_rights(db, &node, root ? NULL : rights_levels_last(levels), error);
	if (rights == NULL)
		return false;
	level = g_new0(RightsLevel, 1);
	level->who = who;
	level->name = g_steal_pointer(&node.name);
	level->rights = rights;
	g_ptr_array_add(levels, level);
	return true;
}

GPtrArray *
rights_levels(Db *db, RightsWho who, GError **error)
{
	g_autoptr(GPtrArray) levels = g_ptr_array_new_with_free_func(level_free);

	return append_levels(db, who, 0, levels, error) ? g_steal_pointer(&levels) : NULL;
}

Rights *
rights_of(Db *db, RightsWho who, GError **error)
{
	g_autoptr(GPtrArray) levels = rights_levels(db, who, error);

	return levels != NULL ? rights_copy(rights_levels_last(levels)) : NULL;
}

/* ---- writing ---- */

/* The record that was imported says more than what is left: it is to be read anew. */
static bool
write_cut(DbTx *tx, RightsWho who, const Rights *rights, GError **error)
{
	bool user = who.user_id != 0;

	return rights_row_put(tx, who, rights, error) &&
	       db_exec(tx->db, user ? &USER_TOUCHED : &PARTY_TOUCHED,
		   DB_ARGS(v_int(user ? who.user_id : who.party_id)), NULL, error) &&
	       audit_add(tx, AUDIT_RIGHTS_CUT, user ? "user" : "party",
		   user ? who.user_id : who.party_id, NULL, error);
}

/*
 * From the vendor down: each within the one above, cut where it is not.  The parts that
 * are stored are few (resellers and their users), so the whole tree is walked.
 */
bool
rights_store_settle(DbTx *tx, GError **error)
{
	g_autoptr(GArray) nodes = rights_row_list(tx->db, error);
	g_autoptr(GHashTable) had = g_hash_table_new_full(
	    g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)rights_free);

	if (nodes == NULL)
		return false;
	for (guint i = 0; i < nodes->len; i++) {
		const RightsRowNode *node = &g_array_index(nodes, RightsRowNode, i);
		const Rights *above =
		    g_hash_table_lookup(had, rights_row_key(node->above));
		Rights *rights = rights_row_rights(tx->db, node, above, error);

		if (rights == NULL)
			return false;
		if (above != NULL && !rights_within(rights, above)) {
			Rights *cut = rights_meet(above, rights);

			rights_free(rights);
			rights = cut;
			if (!write_cut(tx, node->who, rights, error)) {
				rights_free(rights);
				return false;
			}
		}
		g_hash_table_insert(had, rights_row_key(node->who), rights);
	}
	return rights_hold_jobs(tx, error);
}

bool
rights_store_inherit(DbTx *tx, RightsWho who, GError **error)
{
	bool user = who.user_id != 0;
	int64_t dropped;

	return db_exec(tx->db, &GRANTS_DROP,
		   DB_ARGS(v_int(who.party_id), v_int(who.user_id)), &dropped, error) &&
	       db_exec(tx->db, user ? &USER_INHERITS : &PARTY_INHERITS,
		   DB_ARGS(v_int(user ? who.user_id : who.party_id)), NULL, error) &&
	       (dropped == 0 || rights_store_settle(tx, error));
}

bool
rights_store_set(DbTx *tx, RightsWho who, const Rights *wanted, GError **error)
{
	g_auto(RightsRowNode) node = { 0 };
	g_autoptr(GPtrArray) levels = NULL;
	g_autoptr(Rights) before = NULL;
	g_autoptr(Rights) whole = NULL;
	g_autofree char *excess = NULL;
	const Rights *above;

	if (!rights_row_get(tx->db, who, &node, error))
		return false;
	if (node.above.party_id == 0 && node.above.user_id == 0)
		return rights_is_empty(wanted) ||
		       err_set(error, TP_ERROR_DENIED, "the vendor has all rights");
	levels = rights_levels(tx->db, node.above, error);
	if (levels == NULL)
		return false;
	above = rights_levels_last(levels);
	before = rights_row_rights(tx->db, &node, above, error);
	if (before == NULL)
		return false;
	whole = rights_complete(wanted, above);
	excess = rights_excess(whole, above);
	if (excess != NULL)
		return err_set(error, TP_ERROR_DENIED, "%s is more than '%s' has", excess,
		    ((RightsLevel *)g_ptr_array_index(levels, levels->len - 1))->name);
	if (!rights_row_put(tx, who, whole, error))
		return false;
	/* Nothing was taken: nobody below has too much. */
	return rights_within(before, whole) || rights_store_settle(tx, error);
}
