/*
 * cmd_user.c - people who act for a party, and what they may.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/rights_args.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_admin.h"
#include "mailer/addr.h"

static char *opt_party;
static char *opt_role;
static char *opt_name;
static gboolean opt_inherit;

const GOptionEntry opt_user_list[] = {
	{ "party", 0, 0, G_OPTION_ARG_STRING, &opt_party, "of this party", "PARTY" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_user_add[] = {
	{ "party", 0, 0, G_OPTION_ARG_STRING, &opt_party, "for whom the user acts",
	    "PARTY" },
	{ "role", 0, 0, G_OPTION_ARG_STRING, &opt_role, "admin, or user (the default)",
	    "ROLE" },
	{ "name", 0, 0, G_OPTION_ARG_STRING, &opt_name, "of the person", "NAME" },
	{ "inherit", 0, 0, G_OPTION_ARG_NONE, &opt_inherit,
	    "with the rights of the party, whatever they become", NULL },
	ACTING_OPTION,
	{ 0 },
};

static json_t *
user_json(const User *user)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:b}", "id", user->id, "email",
	    user->email, "party", user->party, "role", user->admin ? "admin" : "user",
	    "name", json_text(user->name), "inherits", user->inherits);
}

int
cmd_user_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "USER", "email", false },
		{ "PARTY", "party", false },
		{ "ROLE", "role", false },
		{ "NAME", "name", false },
		{ "INHERITS", "inherits", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Party) party = NULL;
	g_autoptr(GPtrArray) users = NULL;
	g_autoptr(Scope) scope = NULL;
	json_t *list;

	if (opt_party != NULL &&
	    (party = party_resolve(cmd->work->db, opt_party, error)) == NULL)
		return -1;
	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error))
		return -1;
	users = user_list(cmd->work->db, party != NULL ? party->id : 0, NULL, error);
	if (users == NULL)
		return -1;
	list = json_array();
	for (guint i = 0; i < users->len; i++) {
		const User *user = g_ptr_array_index(users, i);

		if (scope_has_party(scope, user->party_id))
			json_array_append_new(list, user_json(user));
	}
	table_print(cmd, json_pack("{s:o}", "users", list), "users", columns);
	return EX_OK;
}

int
cmd_user_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "user", "email", false },
		{ "party", "party", false },
		{ "role", "role", false },
		{ "name", "name", false },
		{ "inherits", "inherits", false },
		{ NULL, NULL, false },
	};
	g_autoptr(User) user = user_resolve(cmd->work->db, cmd->args[0], error);
	g_autoptr(Rights) rights = NULL;
	g_autoptr(Scope) scope = NULL;

	if (user == NULL || !acting_scope(cmd, RIGHT_VIEW, &scope, error))
		return -1;
	if (!scope_has_party(scope, user->party_id)) {
		err_set(error, TP_ERROR_NOT_FOUND, "there is no user '%s'", cmd->args[0]);
		return -1;
	}
	rights = rights_of(cmd->work->db, (RightsWho){ .user_id = user->id }, error);
	if (rights == NULL)
		return -1;
	rights_args_show(cmd, user_json(user), lines, rights);
	return EX_OK;
}

int
cmd_user_grant(Cmd *cmd, GError **error)
{
	g_autoptr(User) user = user_resolve(cmd->work->db, cmd->args[0], error);

	return user != NULL
		   ? rights_args_grant(cmd, (RightsWho){ .user_id = user->id }, error)
		   : -1;
}

int
cmd_user_revoke(Cmd *cmd, GError **error)
{
	g_autoptr(User) user = user_resolve(cmd->work->db, cmd->args[0], error);

	return user != NULL
		   ? rights_args_revoke(cmd, (RightsWho){ .user_id = user->id }, error)
		   : -1;
}

int
cmd_user_add(Cmd *cmd, GError **error)
{
	g_autofree char *email = addr_normal(cmd->args[0], error);
	g_autoptr(Party) party = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	UserFacts facts = { .email = email, .name = opt_name, .inherits = opt_inherit };
	int64_t actor;
	int64_t id;

	if (email == NULL)
		return -1;
	if (opt_role != NULL && strcmp(opt_role, "admin") != 0 &&
	    strcmp(opt_role, "user") != 0) {
		err_set(
		    error, TP_ERROR_INVALID, "'%s' is not a role: admin, user", opt_role);
		return -1;
	}
	facts.admin = g_strcmp0(opt_role, "admin") == 0;
	if (opt_party == NULL) {
		err_set(error, TP_ERROR_INVALID, "say for whom with --party");
		return -1;
	}
	party = party_resolve(cmd->work->db, opt_party, error);
	if (party == NULL || !acting_user(cmd, &actor, error))
		return -1;
	facts.party_id = party->id;
	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_add_user(&tx, actor, &facts, &id, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(stderr, "'%s' acts for '%s'%s\n", email, party->code,
		    opt_inherit ? "" : "; user grant gives rights");
	return EX_OK;
}

int
cmd_user_remove(Cmd *cmd, GError **error)
{
	g_autoptr(User) user = user_resolve(cmd->work->db, cmd->args[0], error);
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t actor;

	if (user == NULL || !acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_remove_user(&tx, actor, user->id, error) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}
