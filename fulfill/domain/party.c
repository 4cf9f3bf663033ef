/*
 * party.c - the tree of parties.
 */
#include "fulfill/domain/party.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/mail_limit.h"
#include "fulfill/domain/party_grant.h"
#include "fulfill/domain/privacy_level.h"
#include "fulfill/domain/privacy_notice.h"
#include "queue/clock.h"
#include "queue/limits.h"
#include "queue/quote.h"

#define PARTY_COLS                                                                       \
	"id, parent_id, code, kind, name, company, email, language, address, privacy,"   \
	" deliver, channels, brand, mode, direct,"                                       \
	" (SELECT picture_id FROM logo WHERE logo.brand = coalesce(party.brand, '')),"   \
	" consumer, print"

static const Stmt FIND = {
	.name = "party.find",
	.sql = "SELECT " PARTY_COLS " FROM party WHERE code = $1 AND kind <> 'customer'"
	       " AND removed_at IS NULL",
};
static const Stmt FIND_ANY = {
	.name = "party.find_any",
	.sql = "SELECT " PARTY_COLS " FROM party WHERE code = $1 AND removed_at IS NULL"
	       " ORDER BY CASE WHEN kind = 'customer' THEN 1 ELSE 0 END, id LIMIT 2",
};
static const Stmt GET = {
	.name = "party.get",
	.sql = "SELECT " PARTY_COLS " FROM party WHERE id = $1",
};
static const Stmt FIND_CUSTOMER = {
	.name = "party.find_customer",
	.sql = "SELECT " PARTY_COLS " FROM party WHERE parent_id = $2 AND code = $1",
};
static const Stmt ADD_VENDOR = {
	.name = "party.add_vendor",
	.sql = "INSERT INTO party (code, kind, name, language, privacy, created_at, "
	       "changed_at)"
	       " SELECT $1, 'vendor', $2, $3, 'address', $4, $4"
	       " WHERE NOT EXISTS (SELECT 1 FROM party WHERE kind = 'vendor')",
};
static const Stmt PUT_CUSTOMER = {
	.name = "party.put_customer",
	.sql =
	    "INSERT INTO party (parent_id, code, kind, name, company, email, language, "
	    "address,"
	    " created_at, changed_at, email_key, consumer)"
	    " VALUES ($1, $2, 'customer', $3, $4, $5, $6, $7, $8, $8, $9,"
	    " coalesce($10, 0))"
	    " ON CONFLICT (parent_id, code) DO UPDATE SET name = coalesce($3, "
	    "party.name),"
	    " company = coalesce($4, party.company), email = coalesce($5, party.email),"
	    " language = coalesce($6, party.language), address = coalesce($7, "
	    "party.address),"
	    " email_key = coalesce($9, party.email_key),"
	    " consumer = coalesce($10, party.consumer),"
	    " changed_at = $8 RETURNING id",
};
static const Stmt PUT = {
	.name = "party.put",
	.sql =
	    "INSERT INTO party (parent_id, code, kind, name, email, language, address, "
	    "privacy,"
	    " deliver, channels, brand, mode, direct, fingerprint, company, created_at,"
	    " changed_at, email_key, inherits, consumer, print)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
	    "$16,"
	    " $16, $17, $18, $19, $20)"
	    " ON CONFLICT (parent_id, code) DO UPDATE SET kind = $3, name = $4, email = "
	    "$5,"
	    " language = $6, address = $7, privacy = $8, deliver = $9, channels = $10,"
	    " brand = $11, mode = $12, direct = $13, fingerprint = $14, company = $15,"
	    " changed_at = $16, email_key = $17, consumer = $19, print = $20,"
	    " removed_at = NULL RETURNING id",
};
static const Stmt PUT_VENDOR = {
	.name = "party.put_vendor",
	.sql =
	    "UPDATE party SET name = $1, email = $2, language = $3, address = $4, "
	    "deliver = $5,"
	    " channels = $6, brand = $7, fingerprint = $8, changed_at = $9, print = $10"
	    " WHERE kind = 'vendor' RETURNING id",
};
static const Stmt PRINT = {
	.name = "party.fingerprint",
	.sql = "SELECT fingerprint FROM party WHERE code = $1 AND coalesce(parent_id, 0) "
	       "= $2 AND removed_at IS NULL",
};

void
party_free(Party *party)
{
	if (party == NULL)
		return;
	g_free(party->code);
	g_free(party->kind);
	g_free(party->name);
	g_free(party->company);
	g_free(party->email);
	g_free(party->language);
	json_decref(party->address);
	g_free(party->privacy);
	g_free(party->deliver);
	g_free(party->channels);
	g_free(party->brand);
	g_free(party->logo);
	g_free(party->print);
	g_free(party->mode);
	g_free(party);
}

static Party *
from_row(const DbRows *rows)
{
	Party *party = g_new0(Party, 1);
	const char *address = db_col_text(rows, 8);

	party->id = db_col_int(rows, 0);
	party->parent_id = db_col_int(rows, 1);
	party->code = g_strdup(db_col_text(rows, 2));
	party->kind = g_strdup(db_col_text(rows, 3));
	party->name = g_strdup(db_col_text(rows, 4));
	party->company = g_strdup(db_col_text(rows, 5));
	party->email = g_strdup(db_col_text(rows, 6));
	party->language = g_strdup(db_col_text(rows, 7));
	party->address = address != NULL ? json_loads(address, 0, NULL) : NULL;
	party->privacy = g_strdup(db_col_text(rows, 9));
	party->deliver = g_strdup(db_col_text(rows, 10));
	party->channels = g_strdup(db_col_text(rows, 11));
	party->brand = g_strdup(db_col_text(rows, 12));
	party->mode = g_strdup(db_col_text(rows, 13));
	party->direct = db_col_int(rows, 14) != 0;
	party->logo = g_strdup(db_col_text(rows, 15));
	party->consumer = db_col_int(rows, 16) != 0;
	party->print = g_strdup(db_col_text(rows, 17));
	return party;
}

static int
find(Db *db, const Stmt *stmt, DbValue key, Party **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(key), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = from_row(rows);
	return more;
}

int
party_find(Db *db, const char *code, Party **ret, GError **error)
{
	return find(db, &FIND, v_text(code), ret, error);
}

int
party_find_any(Db *db, const char *code, Party **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &FIND_ANY, DB_ARGS(v_text(code)), error);
	g_autoptr(Party) first = NULL;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	first = from_row(rows);
	more = db_next(rows, error);
	if (more == 1 && strcmp(first->kind, "customer") == 0)
		return err_set_int(error, TP_ERROR_CONFLICT,
		    "several resellers have a customer '%s': write RESELLER/CUSTOMER",
		    code);
	if (more < 0)
		return -1;
	*ret = g_steal_pointer(&first);
	return 1;
}

Party *
party_resolve(Db *db, const char *text, GError **error)
{
	const char *slash = strchr(text, '/');
	g_autofree char *above =
	    slash != NULL ? g_strndup(text, (gsize)(slash - text)) : NULL;
	g_autofree char *shown = quote(text);
	g_autoptr(Party) parent = NULL;
	Party *party = NULL;
	int found;

	if (above == NULL) {
		found = party_find_any(db, text, &party, error);
	} else {
		found = party_find(db, above, &parent, error);
		if (found == 1)
			found =
			    party_find_customer(db, parent->id, slash + 1, &party, error);
	}
	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no party '%s'", shown);
	return party;
}

bool
party_is_at_or_below(Db *db, int64_t id, int64_t above, bool *ret, GError **error)
{
	*ret = id == above;
	for (int depth = 0; id != 0 && !*ret && depth < 64; depth++) {
		g_autoptr(Party) party = party_get(db, id, error);

		if (party == NULL)
			return false;
		id = party->parent_id;
		*ret = id == above && id != 0;
	}
	return true;
}

char *
party_email_key(const char *email)
{
	g_autofree char *low = email != NULL ? g_utf8_strdown(email, -1) : NULL;
	const char *at = low != NULL ? strrchr(low, '@') : NULL;
	const char *plus = low != NULL ? strchr(low, '+') : NULL;

	if (at == NULL)
		return NULL;
	if (plus == NULL || plus == low || plus > at)
		return g_steal_pointer(&low);
	return g_strdup_printf("%.*s%s", (int)(plus - low), low, at);
}

int
party_find_customer(
    Db *db, int64_t parent_id, const char *code, Party **ret, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &FIND_CUSTOMER, DB_ARGS(v_text(code), v_int(parent_id)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = from_row(rows);
	return more;
}

Party *
party_get(Db *db, int64_t id, GError **error)
{
	Party *party = NULL;
	int found = find(db, &GET, v_int(id), &party, error);

	if (found == 0)
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no party %" G_GINT64_FORMAT, id);
	return party;
}

bool
party_has_channel(const Party *party, const char *channel)
{
	g_auto(GStrv) list = NULL;

	if (party->channels == NULL)
		return true;
	list = g_strsplit(party->channels, ",", -1);
	return g_strv_contains((const char *const *)list, channel);
}

bool
party_ensure_vendor(DbTx *tx, const char *name, const char *language, GError **error)
{
	return db_exec(tx->db, &ADD_VENDOR,
	    DB_ARGS(v_text(PARTY_VENDOR), v_text(name), v_text(language),
		v_int(clock_now_at())),
	    NULL, error);
}

bool
party_put_customer(DbTx *tx, int64_t parent_id, const CustomerFacts *facts,
    int64_t *ret_id, GError **error)
{
	char *address =
	    facts->address != NULL ? json_dumps(facts->address, JSON_COMPACT) : NULL;
	g_autofree char *code = facts->code != NULL ? g_strdup(facts->code)
						    : g_strdup_printf("+%08x%08x",
							  g_random_int(), g_random_int());
	g_autofree char *key = party_email_key(facts->email);
	int found = db_find_int(tx->db, &PUT_CUSTOMER,
	    DB_ARGS(v_int(parent_id), v_text(code), v_text(facts->name),
		v_text(facts->company), v_text(facts->email), v_text(facts->language),
		v_text(address), v_int(clock_now_at()), v_text(key),
		facts->kind != NULL ? v_int(strcmp(facts->kind, "consumer") == 0)
				    : v_null()),
	    ret_id, error);

	free(address);
	return found == 1 && privacy_notice_capture(tx, *ret_id, error);
}

/* A list of words of `choices` as "a,b"; NULL: absent or faulty. */
static char *
read_list(JsonRead *record, const char *key, const char *choices)
{
	const json_t *list = jr_array(record, key, JR_MAY);
	g_auto(GStrv) allowed = g_strsplit(choices, "|", -1);
	g_autoptr(GString) text = g_string_new("");
	size_t i;
	json_t *value;

	if (list == NULL)
		return NULL;
	json_array_foreach (list, i, value) {
		const char *word = json_string_value(value);

		if (word == NULL || !g_strv_contains((const char *const *)allowed, word))
			jr_fault(record, key, "[%zu] is not one of %s", i, choices);
		else
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? "," : "", word);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Lines, postcode, city, country; as JSON text, to be freed with free(). */
static char *
read_address(JsonRead *record)
{
	const json_t *value = jr_object(record, "address", JR_MAY);
	g_auto(JsonRead) address = { 0 };
	const json_t *lines;
	size_t i;
	json_t *line;

	if (value == NULL)
		return NULL;
	jr_enter(&address, value, record->faults, "%s.address", record->path);
	jr_only(&address, "lines|postcode|city|region|country");
	lines = jr_array(&address, "lines", JR_MAY);
	if (json_array_size(lines) > LIMIT_ADDRESS_LINES)
		jr_fault(&address, "lines", "has more than %d", LIMIT_ADDRESS_LINES);
	json_array_foreach (lines, i, line) {
		if (!json_is_string(line))
			jr_fault(&address, "lines", "[%zu] must be text", i);
	}
	jr_text(&address, "postcode", JR_MAY, 12);
	jr_text(&address, "city", JR_MAY, LIMIT_ADDRESS_LINE_CHARS);
	jr_text(&address, "region", JR_MAY, LIMIT_ADDRESS_LINE_CHARS);
	jr_text(&address, "country", JR_MAY, 2);
	return json_dumps(value, JSON_COMPACT);
}

/* What a customer's record says above the level of its reseller is a fault. */
static void
check_privacy(JsonRead *record, const Party *parent)
{
	static const char *const fields[] = { "company", "name", "email", "address" };
	PrivacyLevel level;

	if (!privacy_level_from_name(parent->privacy, &level, NULL))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (json_object_get(record->object, fields[i]) != NULL &&
		    privacy_level_needed(fields[i]) > level)
			jr_fault(record, fields[i],
			    "'%s' has privacy level '%s': this needs '%s'", parent->code,
			    parent->privacy,
			    privacy_level_name(privacy_level_needed(fields[i])));
}

/* 1: *ret_id is the parent.  0: a fault was added. */
static int
read_parent(DbTx *tx, JsonRead *record, bool customer, int64_t *ret_id, GError **error)
{
	const char *code = jr_text(record, "parent", JR_MAY, 64);
	g_autoptr(Party) parent = NULL;
	int found =
	    party_find(tx->db, code != NULL ? code : PARTY_VENDOR, &parent, error);

	if (found == 0)
		jr_fault(record, "parent", "there is no party '%s'", code);
	if (found == 1)
		*ret_id = parent->id;
	if (found == 1 && customer)
		check_privacy(record, parent);
	return found;
}

int
party_import(DbTx *tx, JsonRead *record, GError **error)
{
	const char *code = jr_text(record, "id", JR_MUST, 64);
	bool vendor = g_strcmp0(code, PARTY_VENDOR) == 0;
	const char *kind = jr_choice(record, "kind", vendor ? JR_MAY : JR_MUST,
	    vendor ? "vendor" : "reseller|customer");
	const char *name = jr_text(record, "name", JR_MAY, LIMIT_NAME_CHARS);
	const char *company = jr_text(record, "company", JR_MAY, LIMIT_NAME_CHARS);
	const char *email = jr_text(record, "email", JR_MAY, LIMIT_EMAIL_BYTES);
	const char *language = jr_choice(record, "language", JR_MAY, "de|en");
	const char *privacy =
	    jr_choice(record, "privacy", JR_MAY, "pseudonym|company|contact|address");
	const char *deliver = jr_choice(record, "deliver", JR_MAY, "email|post|portal");
	const char *brand = jr_text(record, "brand", JR_MAY, 40);
	const char *mode = jr_choice(record, "mode", JR_MAY, "pool|jit");
	const char *paper = jr_choice(record, "print", JR_MAY, "sheet|letter|pin");
	bool direct = jr_bool(record, "direct", false);
	bool consumer = jr_bool(record, "consumer", false);
	g_autofree char *channels = read_list(record, "channels", "email|post|portal");
	char *address = read_address(record);
	uint8_t print[HASH_BYTES];
	guint before = faults_count(record->faults);
	int64_t now = clock_now_at();
	bool inherits = json_object_get(record->object, "grants") == NULL &&
			g_strcmp0(kind, "reseller") == 0;
	g_autofree char *key =
	    g_strcmp0(kind, "customer") == 0 ? party_email_key(email) : NULL;
	RightsWho who = { 0 };
	int64_t parent_id = 0;
	int same;
	int stored = 1;

	jr_only(record,
	    "id|kind|parent|name|company|language|direct|privacy|email|address|deliver|"
	    "channels|brand|mode|grants|mail|consumer|print");
	if (consumer && g_strcmp0(kind, "customer") != 0)
		jr_fault(record, "consumer", "only a customer is a consumer");
	if (brand != NULL &&
	    strspn(brand, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(brand))
		jr_fault(record, "brand",
		    "may have a-z, 0-9 and - only: it is a folder's name");
	if (!vendor && read_parent(tx, record, g_strcmp0(kind, "customer") == 0,
			   &parent_id, error) < 0)
		stored = -1;
	if (stored < 0 || code == NULL || (kind == NULL && !vendor) ||
	    faults_count(record->faults) > before) {
		free(address);
		return stored < 0 ? -1 : 0;
	}
	fingerprint_of(record->object, print);
	same =
	    fingerprint_is(tx->db, &PRINT, v_text(code), v_int(parent_id), print, error);
	if (same != 0) {
		free(address);
		return same > 0 ? 0 : -1;
	}
	stored =
	    vendor
		? db_find_int(tx->db, &PUT_VENDOR,
		      DB_ARGS(v_text(name), v_text(email), v_text(language),
			  v_text(address), v_text(deliver), v_text(channels),
			  v_text(brand), v_blob(print, sizeof(print)), v_int(now),
			  v_text(paper)),
		      &who.party_id, error)
		: db_find_int(tx->db, &PUT,
		      DB_ARGS(v_int(parent_id), v_text(code), v_text(kind), v_text(name),
			  v_text(email), v_text(language), v_text(address),
			  v_text(privacy != NULL ? privacy : "address"), v_text(deliver),
			  v_text(channels), v_text(brand), v_text(mode), v_int(direct),
			  v_blob(print, sizeof(print)), v_text(company), v_int(now),
			  v_text(key), v_int(inherits), v_int(consumer), v_text(paper)),
		      &who.party_id, error);
	free(address);
	if (stored == 1 && (!grants_import(tx, record, who, error) ||
			       !mail_limit_import(tx, record, who.party_id, error)))
		return -1;
	if (stored == 1 && g_strcmp0(kind, "customer") == 0 &&
	    !privacy_notice_capture(tx, who.party_id, error))
		return -1;
	return stored;
}
