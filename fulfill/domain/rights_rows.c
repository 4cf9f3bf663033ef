/*
 * rights_rows.c - grants as rows, rows as rights.
 */
#include "fulfill/domain/rights_rows.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/product.h"

#define PARTY_COLS "id, 0, coalesce(parent_id, 0), 0, code, inherits, 0"
#define USER_COLS                                                                        \
	"u.party_id, u.id, u.party_id, coalesce(u.made_by, 0), u.email, u.inherits,"     \
	" CASE WHEN u.role = 'admin' THEN 1 ELSE 0 END"

static const Stmt PARTY = {
	.name = "party.rights_node",
	.sql = "SELECT " PARTY_COLS " FROM party WHERE id = $1 AND removed_at IS NULL",
};
static const Stmt USER = {
	.name = "user.rights_node",
	.sql = "SELECT " USER_COLS " FROM \"user\" u JOIN party p ON p.id = u.party_id"
	       " WHERE u.id = $1 AND u.removed_at IS NULL AND p.removed_at IS NULL",
};
static const Stmt PARTIES = {
	.name = "party.rights_nodes",
	.sql = "SELECT " PARTY_COLS " FROM party p WHERE removed_at IS NULL AND"
	       " (kind <> 'customer' OR EXISTS (SELECT 1 FROM \"grant\" g WHERE"
	       " g.party_id = p.id) OR EXISTS (SELECT 1 FROM \"user\" u WHERE"
	       " u.party_id = p.id)) ORDER BY id /* scan: all are wanted */",
};
static const Stmt USERS = {
	.name = "user.rights_nodes",
	.sql = "SELECT " USER_COLS " FROM \"user\" u JOIN party p ON p.id = u.party_id"
	       " WHERE u.removed_at IS NULL AND p.removed_at IS NULL ORDER BY u.id"
	       " /* scan: all are wanted */",
};
static const Stmt GRANTS = {
	.name = "grant.list",
	.sql = "SELECT g.code, x.may, x.options, x.channels, x.quota FROM \"grant\" x"
	       " JOIN product_group g ON g.id = x.group_id"
	       " WHERE x.party_id = $1 OR x.user_id = $2 ORDER BY x.id",
};
static const Stmt DROP = {
	.name = "grant.drop",
	.sql = "DELETE FROM \"grant\" WHERE party_id = $1 OR user_id = $2",
};
static const Stmt ADD = {
	.name = "grant.add",
	.sql = "INSERT INTO \"grant\" (party_id, user_id, group_id, may, options, "
	       "channels, quota)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
static const Stmt PARTY_OWNS = {
	.name = "party.owns_rights",
	.sql = "UPDATE party SET inherits = 0 WHERE id = $1",
};
static const Stmt USER_OWNS = {
	.name = "user.owns_rights",
	.sql = "UPDATE \"user\" SET inherits = 0 WHERE id = $1",
};

void
rights_row_clear(RightsRowNode *node)
{
	g_clear_pointer(&node->name, g_free);
}

/* A user's row has its party first, which is where it stands when nobody made it. */
static RightsRowNode
from_row(const DbRows *rows)
{
	int64_t user = db_col_int(rows, 1);
	int64_t made_by = db_col_int(rows, 3);
	RightsRowNode node = { .name = g_strdup(db_col_text(rows, 4)),
		.inherits = db_col_int(rows, 5) != 0,
		.may_lend = db_col_int(rows, 6) != 0 };

	if (user != 0)
		node.who.user_id = user;
	else
		node.who.party_id = db_col_int(rows, 0);
	if (made_by != 0)
		node.above.user_id = made_by;
	else
		node.above.party_id = db_col_int(rows, 2);
	return node;
}

bool
rights_row_get(Db *db, RightsWho who, RightsRowNode *ret, GError **error)
{
	bool user = who.user_id != 0;
	g_autoptr(DbRows) rows = db_query(db, user ? &USER : &PARTY,
	    DB_ARGS(v_int(user ? who.user_id : who.party_id)), error);
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no %s %" G_GINT64_FORMAT, user ? "user" : "party",
		    user ? who.user_id : who.party_id);
	if (more == 1)
		*ret = from_row(rows);
	return more == 1;
}

static json_t *
parsed(const char *text)
{
	return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static Rights *
grants(Db *db, const RightsRowNode *node, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GRANTS,
	    DB_ARGS(v_int(node->who.party_id), v_int(node->who.user_id)), error);
	json_t *list;
	Rights *rights = NULL;
	int more;

	if (rows == NULL)
		return NULL;
	list = json_array();
	while ((more = db_next(rows, error)) == 1) {
		json_t *grant = json_object();
		json_t *options = parsed(db_col_text(rows, 2));
		json_t *channels = parsed(db_col_text(rows, 3));

		json_object_set_new(grant, "group", json_string(db_col_text(rows, 0)));
		json_object_set_new(grant, "may", parsed(db_col_text(rows, 1)));
		if (options != NULL)
			json_object_set_new(grant, "options", options);
		if (channels != NULL)
			json_object_set_new(grant, "channels", channels);
		if (!db_col_is_null(rows, 4))
			json_object_set_new(
			    grant, "quota", json_integer(db_col_int(rows, 4)));
		json_array_append_new(list, grant);
	}
	if (more == 0)
		rights = rights_from_json(list, error);
	json_decref(list);
	return rights;
}

Rights *
rights_row_rights(Db *db, const RightsRowNode *node, const Rights *above, GError **error)
{
	if (above == NULL)
		return rights_new_all();
	if (!node->inherits)
		return grants(db, node, error);
	return node->may_lend ? rights_copy(above)
			      : rights_without(above, RIGHT_CREATE_USER);
}

static bool
read_all(Db *db, const Stmt *stmt, GArray *nodes, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		RightsRowNode node = from_row(rows);

		g_array_append_val(nodes, node);
	}
	return more == 0;
}

/* Users and parties have numbers of their own. */
gpointer
rights_row_key(RightsWho who)
{
	return GSIZE_TO_POINTER(
	    who.user_id != 0 ? (gsize)who.user_id * 2 + 1 : (gsize)who.party_id * 2);
}

/* A ring, or one whose upper neighbour is gone, is left out: it has no rights. */
static GArray *
sort_by_depth(GArray *nodes)
{
	g_autoptr(GHashTable) placed = g_hash_table_new(g_direct_hash, g_direct_equal);
	GArray *sorted =
	    g_array_sized_new(FALSE, FALSE, sizeof(RightsRowNode), nodes->len);
	bool moved = true;

	g_array_set_clear_func(sorted, (GDestroyNotify)rights_row_clear);
	g_hash_table_add(placed, rights_row_key((RightsWho){ 0 }));
	while (moved) {
		moved = false;
		for (guint i = 0; i < nodes->len; i++) {
			RightsRowNode *node = &g_array_index(nodes, RightsRowNode, i);

			if (node->name == NULL ||
			    !g_hash_table_contains(placed, rights_row_key(node->above)))
				continue;
			g_array_append_val(sorted, *node);
			node->name = NULL;
			g_hash_table_add(placed, rights_row_key(g_array_index(sorted,
						     RightsRowNode, sorted->len - 1)
								    .who));
			moved = true;
		}
	}
	return sorted;
}

GArray *
rights_row_list(Db *db, GError **error)
{
	g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(RightsRowNode));

	g_array_set_clear_func(nodes, (GDestroyNotify)rights_row_clear);
	if (!read_all(db, &PARTIES, nodes, error) || !read_all(db, &USERS, nodes, error))
		return NULL;
	return sort_by_depth(nodes);
}

/* The JSON of one key as text to be freed; NULL: it is not there. */
static char *
dumped(const json_t *grant, const char *key)
{
	const json_t *value = json_object_get(grant, key);

	return value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
}

static bool
add_grant(DbTx *tx, RightsWho who, const json_t *grant, GError **error)
{
	const json_t *quota = json_object_get(grant, "quota");
	char *may = dumped(grant, "may");
	char *options = dumped(grant, "options");
	char *channels = dumped(grant, "channels");
	int64_t group_id;
	bool ok =
	    product_group_ensure(tx, json_string_value(json_object_get(grant, "group")),
		&group_id, error) &&
	    db_exec(tx->db, &ADD,
		DB_ARGS(v_id(who.party_id), v_id(who.user_id), v_int(group_id),
		    v_text(may), v_text(options), v_text(channels),
		    quota != NULL ? v_int(json_integer_value(quota)) : v_null()),
		NULL, error);

	free(may);
	free(options);
	free(channels);
	return ok;
}

bool
rights_row_put(DbTx *tx, RightsWho who, const Rights *rights, GError **error)
{
	json_t *list = rights_to_json(rights);
	bool user = who.user_id != 0;
	bool ok = db_exec(tx->db, &DROP, DB_ARGS(v_int(who.party_id), v_int(who.user_id)),
		      NULL, error) &&
		  db_exec(tx->db, user ? &USER_OWNS : &PARTY_OWNS,
		      DB_ARGS(v_int(user ? who.user_id : who.party_id)), NULL, error);
	size_t i;
	json_t *grant;

	json_array_foreach (list, i, grant)
		ok = ok && add_grant(tx, who, grant, error);
	json_decref(list);
	return ok;
}
