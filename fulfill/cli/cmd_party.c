/*
 * cmd_party.c - resellers and customers, and what they may.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/rights_args.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/party_list.h"
#include "fulfill/domain/rights_admin.h"
#include "fulfill/domain/rights_matrix.h"

static char *opt_parent;
static char *opt_kind;
static char *opt_name;
static char *opt_company;
static char *opt_email;
static char *opt_language;
static char *opt_mode;
static char *opt_print;
static char *opt_deliver;
static gboolean opt_matrix;
static gboolean opt_direct;
static gboolean opt_consumer;

const GOptionEntry opt_party_list[] = {
	{ "parent", 0, 0, G_OPTION_ARG_STRING, &opt_parent, "directly below this party",
	    "PARTY" },
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &opt_kind, "vendor, reseller, customer",
	    "KIND" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_party_add[] = {
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &opt_kind,
	    "reseller or customer (default: customer)", "KIND" },
	{ "parent", 0, 0, G_OPTION_ARG_STRING, &opt_parent,
	    "below whom (default: the vendor)", "PARTY" },
	{ "name", 0, 0, G_OPTION_ARG_STRING, &opt_name, "of the company or contact",
	    "NAME" },
	{ "company", 0, 0, G_OPTION_ARG_STRING, &opt_company, "beside a contact's name",
	    "NAME" },
	{ "email", 0, 0, G_OPTION_ARG_STRING, &opt_email, "where mail goes", "ADDRESS" },
	{ "language", 0, 0, G_OPTION_ARG_STRING, &opt_language, "de or en", "LANGUAGE" },
	{ "print", 0, 0, G_OPTION_ARG_STRING, &opt_print,
	    "sheet, letter or pin: what orders by post become; default: [print] product",
	    "PRODUCT" },
	{ "mode", 0, 0, G_OPTION_ARG_STRING, &opt_mode, "pool or jit", "MODE" },
	{ "deliver", 0, 0, G_OPTION_ARG_STRING, &opt_deliver, "email, post, portal",
	    "CHANNEL" },
	{ "direct", 0, 0, G_OPTION_ARG_NONE, &opt_direct, "the vendor's own sales unit",
	    NULL },
	{ "consumer", 0, 0, G_OPTION_ARG_NONE, &opt_consumer,
	    "a customer whom consumer law protects: a notice of at most a month", NULL },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_party_rights[] = {
	{ "matrix", 0, 0, G_OPTION_ARG_NONE, &opt_matrix,
	    "everybody and everything (the default)", NULL },
	ACTING_OPTION,
	{ 0 },
};

typedef struct Parties {
	json_t *list;
	const Scope *scope;
} Parties;

static void
add_party(void *user, const PartyRow *row)
{
	const Parties *parties = user;

	if (!scope_has_party(parties->scope, row->id))
		return;
	json_array_append_new(parties->list,
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:I, s:I}", "party",
		row->code, "kind", row->kind, "parent", json_text(row->parent), "name",
		json_text(row->name), "company", json_text(row->company), "mode",
		json_text(row->mode), "direct", row->direct, "email",
		json_text(row->email), "users", row->users, "pool", row->pool));
}

int
cmd_party_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "PARTY", "party", false },
		{ "KIND", "kind", false },
		{ "PARENT", "parent", false },
		{ "NAME", "name", false },
		{ "COMPANY", "company", false },
		{ "MODE", "mode", false },
		{ "USERS", "users", true },
		{ "POOL", "pool", true },
		{ NULL, NULL, false },
	};
	g_autoptr(Party) parent = NULL;
	g_autoptr(Scope) scope = NULL;
	Parties parties = { 0 };

	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error) ||
	    (opt_parent != NULL &&
		(parent = party_resolve(cmd->work->db, opt_parent, error)) == NULL))
		return -1;
	parties = (Parties){ .list = json_array(), .scope = scope };
	if (!party_list(cmd->work->db, parent != NULL ? parent->id : 0, opt_kind, 0,
		add_party, &parties, error)) {
		json_decref(parties.list);
		return -1;
	}
	table_print(cmd, json_pack("{s:o}", "parties", parties.list), "parties", columns);
	return EX_OK;
}

int
cmd_party_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "party", "party", false },
		{ "kind", "kind", false },
		{ "parent", "parent", false },
		{ "name", "name", false },
		{ "company", "company", false },
		{ "email", "email", false },
		{ "mode", "mode", false },
		{ "direct", "direct", false },
		{ "users", "users", false },
		{ "pool", "pool", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Party) party = party_resolve(cmd->work->db, cmd->args[0], error);
	g_autoptr(Rights) rights = NULL;
	g_autoptr(Scope) scope = NULL;
	Parties parties = { 0 };
	json_t *object;

	if (party == NULL || !acting_scope(cmd, RIGHT_VIEW, &scope, error))
		return -1;
	if (!scope_has_party(scope, party->id)) {
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no party '%s'", cmd->args[0]);
		return -1;
	}
	rights = rights_of(cmd->work->db, (RightsWho){ .party_id = party->id }, error);
	if (rights == NULL)
		return -1;
	parties.list = json_array();
	if (!party_list(cmd->work->db, 0, NULL, party->id, add_party, &parties, error)) {
		json_decref(parties.list);
		return -1;
	}
	object = json_incref(json_array_get(parties.list, 0));
	json_decref(parties.list);
	rights_args_show(cmd, object, lines, rights);
	return EX_OK;
}

int
cmd_party_grant(Cmd *cmd, GError **error)
{
	g_autoptr(Party) party = party_resolve(cmd->work->db, cmd->args[0], error);

	return party != NULL
		   ? rights_args_grant(cmd, (RightsWho){ .party_id = party->id }, error)
		   : -1;
}

int
cmd_party_revoke(Cmd *cmd, GError **error)
{
	g_autoptr(Party) party = party_resolve(cmd->work->db, cmd->args[0], error);

	return party != NULL
		   ? rights_args_revoke(cmd, (RightsWho){ .party_id = party->id }, error)
		   : -1;
}

static void
put(json_t *record, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(record, key, json_string(text));
}

/* The same record as in a master data file, so that the same rules hold. */
static json_t *
record_of(const Cmd *cmd, const char *kind, const char *parent)
{
	json_t *record = json_object();

	put(record, "id", cmd->args[0]);
	put(record, "kind", kind);
	put(record, "parent", parent);
	put(record, "name", opt_name);
	put(record, "company", opt_company);
	put(record, "email", opt_email);
	put(record, "language", opt_language);
	put(record, "mode", opt_mode);
	put(record, "print", opt_print);
	put(record, "deliver", opt_deliver);
	if (opt_direct)
		json_object_set_new(record, "direct", json_true());
	if (opt_consumer)
		json_object_set_new(record, "consumer", json_true());
	/* Making somebody gives no rights: party grant does. */
	json_object_set_new(record, "grants", json_array());
	return record;
}

static bool
import_record(DbTx *tx, json_t *record, GError **error)
{
	g_autoptr(Faults) faults = faults_new();
	g_auto(JsonRead) read = { 0 };

	jr_enter(&read, record, faults, "party");
	if (party_import(tx, &read, error) < 0)
		return false;
	if (faults_count(faults) == 0)
		return true;
	return err_set(error, TP_ERROR_INVALID, "%s: %s", faults_at(faults, 0)->path,
	    faults_at(faults, 0)->text);
}

int
cmd_party_add(Cmd *cmd, GError **error)
{
	const char *kind = opt_kind != NULL ? opt_kind : "customer";
	g_autoptr(Party) parent = party_resolve(
	    cmd->work->db, opt_parent != NULL ? opt_parent : PARTY_VENDOR, error);
	g_autoptr(Party) there = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	bool customer = strcmp(kind, "customer") == 0;
	json_t *record;
	int64_t actor;
	int found;
	bool ok;

	if (parent == NULL || !acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_may_add_party(&tx, actor, parent->id, customer, error))
		return -1;
	found = customer
		    ? party_find_customer(tx.db, parent->id, cmd->args[0], &there, error)
		    : party_find(tx.db, cmd->args[0], &there, error);
	if (found != 0) {
		if (found > 0)
			err_set(error, TP_ERROR_EXISTS, "there is a party '%s' already",
			    cmd->args[0]);
		return -1;
	}
	record = record_of(cmd, kind, parent->code);
	ok = import_record(&tx, record, error);
	json_decref(record);
	if (!ok || !audit_add(&tx, AUDIT_PARTY_ADDED, "party", parent->id, NULL, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(stderr, "'%s' stands below '%s'\n", cmd->args[0], parent->code);
	return EX_OK;
}

int
cmd_party_remove(Cmd *cmd, GError **error)
{
	g_autoptr(Party) party = party_resolve(cmd->work->db, cmd->args[0], error);
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t actor;

	if (party == NULL || !acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_remove_party(&tx, actor, party->id, error) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

int
cmd_party_rights(Cmd *cmd, GError **error)
{
	g_autoptr(Scope) scope = NULL;
	json_t *list;
	bool sound;

	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error) ||
	    !scope_need_whole(scope, "everybody's rights", error) ||
	    (list = rights_matrix(cmd->work->db, &sound, error)) == NULL)
		return -1;
	rights_args_matrix(cmd, list);
	if (sound)
		return EX_OK;
	err_set(error, TP_ERROR_INVALID,
	    "stored rights are more than those above: they are not used; "
	    "any change of rights cuts them");
	return -1;
}
