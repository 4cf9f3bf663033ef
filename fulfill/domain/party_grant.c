/*
 * party_grant.c - loading users and grants.
 */
#include "fulfill/domain/party_grant.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"
#include "queue/clock.h"
#include "queue/limits.h"

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
static const Stmt USER_PRINT = {
	.name = "user.fingerprint",
	.sql = "SELECT fingerprint FROM \"user\" WHERE party_id = $1 AND email = $2",
};
static const Stmt USER_PUT = {
	.name = "user.put",
	.sql =
	    "INSERT INTO \"user\" (party_id, email, name, role, fingerprint, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6)"
	    " ON CONFLICT (party_id, email) DO UPDATE SET name = $3, role = $4,"
	    " fingerprint = $5 RETURNING id",
};

/* Every member must be one of `choices`; the list as JSON text to be freed, or NULL. */
static char *
dump_words(JsonRead *r, const char *key, JrNeed need, const char *choices)
{
	const json_t *list = jr_array(r, key, need);
	g_auto(GStrv) allowed = g_strsplit(choices, "|", -1);
	size_t i;
	json_t *word;

	if (list == NULL)
		return NULL;
	json_array_foreach (list, i, word) {
		const char *text = json_string_value(word);

		if (text == NULL || !g_strv_contains((const char *const *)allowed, text))
			jr_fault(r, key, "[%zu] is not one of %s", i, choices);
	}
	return json_dumps(list, JSON_COMPACT);
}

static void
check_ranges(JsonRead *grant, const json_t *options)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)options, name, value) {
		g_auto(JsonRead) range = { 0 };

		jr_enter(
		    &range, value, grant->faults, "%s.options.%s", grant->path, name);
		jr_only(&range, "min|max");
		jr_int(&range, "min", JR_MAY, INT32_MIN, INT32_MAX, 0);
		jr_int(&range, "max", JR_MAY, INT32_MIN, INT32_MAX, 0);
	}
}

static bool
import_one(DbTx *tx, JsonRead *grant, int64_t party_id, int64_t user_id, GError **error)
{
	const char *group = jr_text(grant, "group", JR_MUST, 64);
	char *may = dump_words(grant, "may", JR_MUST, GRANT_ACTIONS);
	char *channels = dump_words(grant, "channels", JR_MAY, "email|post|portal");
	const json_t *options = jr_object(grant, "options", JR_MAY);
	char *ranges = options != NULL ? json_dumps(options, JSON_COMPACT) : NULL;
	int64_t quota = jr_int(grant, "quota", JR_MAY, 0, INT32_MAX, -1);
	int64_t group_id;
	bool ok = true;

	jr_only(grant, "group|may|options|channels|quota");
	check_ranges(grant, options);
	if (group != NULL && may != NULL)
		ok = product_group_ensure(tx, group, &group_id, error) &&
		     db_exec(tx->db, &ADD,
			 DB_ARGS(v_id(party_id), v_id(user_id), v_int(group_id),
			     v_text(may), v_text(ranges), v_text(channels),
			     quota >= 0 ? v_int(quota) : v_null()),
			 NULL, error);
	free(may);
	free(channels);
	free(ranges);
	return ok;
}

bool
grants_import(
    DbTx *tx, JsonRead *record, int64_t party_id, int64_t user_id, GError **error)
{
	const json_t *list = jr_array(record, "grants", JR_MAY);
	size_t i;
	json_t *value;

	if (!db_exec(
		tx->db, &DROP, DB_ARGS(v_int(party_id), v_int(user_id)), NULL, error))
		return false;
	json_array_foreach (list, i, value) {
		g_auto(JsonRead) grant = { 0 };

		jr_enter(
		    &grant, value, record->faults, "%s.grants[%zu]", record->path, i);
		if (!import_one(tx, &grant, party_id, user_id, error))
			return false;
	}
	return true;
}

int
user_import(DbTx *tx, JsonRead *record, GError **error)
{
	const char *email = jr_text(record, "email", JR_MUST, LIMIT_EMAIL_BYTES);
	const char *code = jr_text(record, "party", JR_MUST, 64);
	const char *name = jr_text(record, "name", JR_MAY, LIMIT_NAME_CHARS);
	const char *role = jr_choice(record, "role", JR_MUST, "admin|user");
	g_autoptr(Party) party = NULL;
	g_autofree char *login = NULL;
	uint8_t print[HASH_BYTES];
	guint before = faults_count(record->faults);
	int64_t id;
	int found;

	jr_only(record, "email|party|name|role|grants");
	if (email == NULL || code == NULL || role == NULL ||
	    faults_count(record->faults) > before)
		return 0;
	found = party_find(tx->db, code, &party, error);
	if (found == 0)
		jr_fault(record, "party", "there is no party '%s'", code);
	if (found <= 0)
		return found;
	login = g_utf8_strdown(email, -1);
	fingerprint_of(record->object, print);
	found = fingerprint_is(
	    tx->db, &USER_PRINT, v_int(party->id), v_text(login), print, error);
	if (found != 0)
		return found > 0 ? 0 : -1;
	if (db_find_int(tx->db, &USER_PUT,
		DB_ARGS(v_int(party->id), v_text(login), v_text(name), v_text(role),
		    v_blob(print, sizeof(print)), v_int(clock_now_at())),
		&id, error) != 1 ||
	    !grants_import(tx, record, 0, id, error))
		return -1;
	return 1;
}
