/*
 * rights_matrix.c - the stored tree as a list, depth first.
 */
#include "fulfill/domain/rights_matrix.h"

#include <string.h>

#include "fulfill/domain/rights_rows.h"

static const Stmt KIND = {
	.name = "party.kind",
	.sql = "SELECT kind FROM party WHERE id = $1",
};

typedef struct Matrix {
	Db *db;
	GArray *nodes; /* RightsRowNode */
	json_t *list;
	bool sound;
} Matrix;

static char *
kind_of(Db *db, const RightsRowNode *node, GError **error)
{
	char *kind = NULL;

	if (node->who.user_id != 0)
		return g_strdup(node->may_lend ? "admin" : "user");
	(void)!db_find_text(db, &KIND, DB_ARGS(v_int(node->who.party_id)), &kind, error);
	return kind;
}

static bool walk(Matrix *matrix, const RightsRowNode *at, const Rights *above,
    const char *above_name, int depth, GError **error);

/* Users before parties, each in the order of names. */
static gint
by_name(gconstpointer a, gconstpointer b)
{
	const RightsRowNode *x = *(const RightsRowNode *const *)a;
	const RightsRowNode *y = *(const RightsRowNode *const *)b;

	if ((x->who.user_id != 0) != (y->who.user_id != 0))
		return x->who.user_id != 0 ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool
walk_below(Matrix *matrix, RightsWho who, const Rights *rights, const char *name,
    int depth, GError **error)
{
	g_autoptr(GPtrArray) below = g_ptr_array_new();

	for (guint i = 0; i < matrix->nodes->len; i++) {
		RightsRowNode *node = &g_array_index(matrix->nodes, RightsRowNode, i);

		if (rights_row_key(node->above) == rights_row_key(who))
			g_ptr_array_add(below, node);
	}
	g_ptr_array_sort(below, by_name);
	for (guint i = 0; i < below->len; i++)
		if (!walk(
			matrix, g_ptr_array_index(below, i), rights, name, depth, error))
			return false;
	return true;
}

static bool
walk(Matrix *matrix, const RightsRowNode *at, const Rights *above, const char *above_name,
    int depth, GError **error)
{
	g_autoptr(Rights) rights = rights_row_rights(matrix->db, at, above, error);
	g_autofree char *kind = rights != NULL ? kind_of(matrix->db, at, error) : NULL;
	g_autofree char *excess = NULL;
	json_t *row;

	if (kind == NULL)
		return false;
	excess = above != NULL ? rights_excess(rights, above) : NULL;
	row = json_pack("{s:s, s:s, s:o, s:i, s:b, s:o}", "who", at->name, "kind", kind,
	    "above", above_name != NULL ? json_string(above_name) : json_null(), "depth",
	    depth, "inherits", at->inherits, "rights", rights_to_json(rights));
	if (excess != NULL)
		json_object_set_new(row, "excess", json_string(excess));
	matrix->sound = matrix->sound && excess == NULL;
	json_array_append_new(matrix->list, row);
	return walk_below(matrix, at->who, rights, at->name, depth + 1, error);
}

json_t *
rights_matrix(Db *db, bool *ret_sound, GError **error)
{
	g_autoptr(GArray) nodes = rights_row_list(db, error);
	Matrix matrix = { db, nodes, NULL, true };

	if (nodes == NULL)
		return NULL;
	matrix.list = json_array();
	if (!walk_below(&matrix, (RightsWho){ 0 }, NULL, NULL, 0, error)) {
		json_decref(matrix.list);
		return NULL;
	}
	*ret_sound = matrix.sound;
	return matrix.list;
}
