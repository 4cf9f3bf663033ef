/*
 * master.c - the lists of a master data file and who loads each.
 */
#include "fulfill/domain/master.h"

#include <string.h>

#include "fulfill/domain/json_read.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"
#include "fulfill/domain/staff.h"
#include "fulfill/domain/user.h"

/* In this order: what is referred to first. */
static const struct {
	const char *name;
	int (*load)(DbTx *tx, JsonRead *record, GError **error);
} lists[MASTER_LISTS] = {
	{ "groups", product_group_import },
	{ "products", product_import },
	{ "parties", party_import },
	{ "users", user_import },
	{ "employees", employee_import },
	{ "programmes", programme_import },
};

/*
 * A party may stand before its parent in the file.  Gives the list back with parents
 * first; a ring or a parent that is nowhere in the file keeps its place and is told by
 * the loader.
 */
static json_t *
parents_first(const json_t *list)
{
	g_autoptr(GHashTable) waiting = g_hash_table_new(g_str_hash, g_str_equal);
	size_t n = json_array_size(list);
	g_autofree bool *placed = g_new0(bool, n + 1);
	json_t *sorted = json_array();
	bool moved = true;

	for (size_t i = 0; i < n; i++) {
		const char *id =
		    json_string_value(json_object_get(json_array_get(list, i), "id"));

		if (id != NULL)
			g_hash_table_add(waiting, (gpointer)(uintptr_t)id);
	}
	while (moved) {
		moved = false;
		for (size_t i = 0; i < n; i++) {
			json_t *party = json_array_get(list, i);
			const char *id = json_string_value(json_object_get(party, "id"));
			const char *parent =
			    json_string_value(json_object_get(party, "parent"));

			if (placed[i] ||
			    (parent != NULL && g_hash_table_contains(waiting, parent)))
				continue;
			json_array_append(sorted, party);
			placed[i] = moved = true;
			if (id != NULL)
				g_hash_table_remove(waiting, id);
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!placed[i])
			json_array_append(sorted, json_array_get(list, i));
	return sorted;
}

/* Where a record stood in the file, whatever order it is loaded in. */
static size_t
place_of(const json_t *list, const json_t *record)
{
	size_t i;
	json_t *other;

	json_array_foreach (list, i, other) {
		if (other == record)
			return i;
	}
	return 0;
}

static bool
load_list(DbTx *tx, const json_t *list, size_t which, Faults *faults, MasterCount *count,
    GError **error)
{
	bool parties = strcmp(lists[which].name, "parties") == 0;
	json_t *sorted =
	    parties ? parents_first(list) : json_incref((json_t *)(uintptr_t)list);
	size_t i;
	json_t *value;
	bool ok = true;

	json_array_foreach (sorted, i, value) {
		g_auto(JsonRead) record = { 0 };
		int stored;

		jr_enter(&record, value, faults, "%s[%zu]", lists[which].name,
		    parties ? place_of(list, value) : i);
		stored =
		    record.object != NULL ? lists[which].load(tx, &record, error) : 0;
		ok = stored >= 0;
		if (!ok)
			break;
		count->stored += stored;
		count->same += stored == 0;
	}
	json_decref(sorted);
	return ok;
}

bool
master_import(DbTx *tx, const json_t *document, Faults *faults,
    MasterCount ret[MASTER_LISTS], GError **error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(document)) {
		faults_add(faults, "$", "master data is one JSON object");
		return true;
	}
	json_object_foreach ((json_t *)(uintptr_t)document, key, value) {
		bool known = false;

		for (size_t i = 0; i < MASTER_LISTS; i++)
			known = known || strcmp(lists[i].name, key) == 0;
		if (!known)
			faults_add(faults, key, "is not known here");
		else if (!json_is_array(value))
			faults_add(faults, key, "must be a list");
	}
	for (size_t i = 0; i < MASTER_LISTS; i++) {
		const json_t *list = json_object_get(document, lists[i].name);

		ret[i] = (MasterCount){ .list = lists[i].name };
		if (json_is_array(list) &&
		    !load_list(tx, list, i, faults, &ret[i], error))
			return false;
	}
	return true;
}
