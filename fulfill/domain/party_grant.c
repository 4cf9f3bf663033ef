/*
 * party_grant.c - rights that come with master data; the vendor gives them.
 */
#include "fulfill/domain/party_grant.h"

bool
grants_import(DbTx *tx, JsonRead *record, RightsWho who, GError **error)
{
	const json_t *grants = json_object_get(record->object, "grants");
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Rights) rights = NULL;

	if (grants == NULL)
		return rights_store_inherit(tx, who, error);
	rights = rights_from_json(grants, &wrong);
	if (rights == NULL) {
		jr_fault(record, "grants", "%s", wrong->message);
		return true;
	}
	if (rights_store_set(tx, who, rights, &wrong))
		return true;
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_DENIED)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	jr_fault(record, "grants", "%s", wrong->message);
	return true;
}
