/*
 * cmd_group.c - groups of a party's users, who see the same tickets.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"

static char *opt_party;

#define OPT_PARTY                                                                        \
	{                                                                                \
		"party", 0, 0, G_OPTION_ARG_STRING, &opt_party,                          \
		    "whose group (default: that of the user of --as)", "PARTY"           \
	}

const GOptionEntry opt_group_list[] = {
	{ "party", 0, 0, G_OPTION_ARG_STRING, &opt_party, "of this party", "PARTY" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_of_group[] = { OPT_PARTY, ACTING_OPTION, { 0 } };

/* ---- looking ---- */

typedef struct Groups {
	json_t *list;
	const Scope *scope;
	json_t *last; /* the group of the row before; borrowed */
	int64_t last_id;
} Groups;

static void
add_row(void *user, const UserGroupRow *row)
{
	Groups *groups = user;

	if (!scope_has_party(groups->scope, row->party_id))
		return;
	if (groups->last == NULL || groups->last_id != row->id) {
		groups->last =
		    json_pack("{s:I, s:s, s:s, s:[], s:I}", "id", row->id, "group",
			row->name, "party", row->party, "users", "tickets", row->tickets);
		groups->last_id = row->id;
		json_array_append_new(groups->list, groups->last);
	}
	if (row->user != NULL)
		json_array_append_new(
		    json_object_get(groups->last, "users"), json_string(row->user));
}

/* For the table: the addresses in one cell. */
static void
add_members(json_t *list)
{
	size_t i;
	json_t *group;

	json_array_foreach (list, i, group) {
		g_autoptr(GString) text = g_string_new("");
		size_t k;
		json_t *address;

		json_array_foreach (json_object_get(group, "users"), k, address)
			g_string_append_printf(
			    text, "%s%s", k > 0 ? ", " : "", json_string_value(address));
		json_object_set_new(group, "members", json_string(text->str));
	}
}

int
cmd_group_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "PARTY", "party", false },
		{ "GROUP", "group", false },
		{ "TICKETS", "tickets", true },
		{ "USERS", "members", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Scope) scope = NULL;
	g_autoptr(Party) party = NULL;
	Groups groups = { 0 };

	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error) ||
	    (opt_party != NULL &&
		(party = party_resolve(cmd->work->db, opt_party, error)) == NULL))
		return -1;
	groups = (Groups){ .list = json_array(), .scope = scope };
	if (!user_group_list(
		cmd->work->db, party != NULL ? party->id : 0, add_row, &groups, error)) {
		json_decref(groups.list);
		return -1;
	}
	if (!cmd->json)
		add_members(groups.list);
	table_print(cmd, json_pack("{s:o}", "groups", groups.list), "groups", columns);
	return EX_OK;
}

/* ---- changing ---- */

typedef struct Change {
	int64_t actor;
	int64_t party_id;
} Change;

static bool
read_party(Cmd *cmd, Change *ret, GError **error)
{
	g_autoptr(Party) party = NULL;
	g_autoptr(User) user = NULL;

	if (!acting_user(cmd, &ret->actor, error))
		return false;
	if (opt_party != NULL) {
		party = party_resolve(cmd->work->db, opt_party, error);
		ret->party_id = party != NULL ? party->id : 0;
		return party != NULL;
	}
	if (ret->actor == 0)
		return err_set(error, TP_ERROR_INVALID, "say whose with --party");
	user = user_get(cmd->work->db, ret->actor, error);
	ret->party_id = user != NULL ? user->party_id : 0;
	return user != NULL;
}

int
cmd_group_add(Cmd *cmd, GError **error)
{
	Change change = { 0 };
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	return read_party(cmd, &change, error) &&
		       db_begin(cmd->work->db, DB_WRITE, &tx, error) &&
		       user_group_add(&tx, change.actor, change.party_id, cmd->args[0],
			   &id, error) &&
		       db_commit(&tx, error)
		   ? EX_OK
		   : -1;
}

int
cmd_group_remove(Cmd *cmd, GError **error)
{
	Change change = { 0 };
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	return read_party(cmd, &change, error) &&
		       db_begin(cmd->work->db, DB_WRITE, &tx, error) &&
		       user_group_resolve(
			   tx.db, change.party_id, cmd->args[0], &id, error) &&
		       user_group_remove(&tx, change.actor, id, error) &&
		       db_commit(&tx, error)
		   ? EX_OK
		   : -1;
}

typedef int Deed(
    DbTx *tx, int64_t actor, int64_t group_id, int64_t user_id, GError **error);

static int
members(Cmd *cmd, Deed *deed, GError **error)
{
	Change change = { 0 };
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	if (!read_party(cmd, &change, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !user_group_resolve(tx.db, change.party_id, cmd->args[0], &id, error))
		return -1;
	for (int i = 1; i < cmd->n_args; i++) {
		g_autoptr(User) user = NULL;
		int found =
		    user_find_of(tx.db, cmd->args[i], change.party_id, &user, error);

		if (found == 0)
			err_set(error, TP_ERROR_NOT_FOUND,
			    "'%.80s' is no user of this party", cmd->args[i]);
		if (found <= 0 || deed(&tx, change.actor, id, user->id, error) < 0)
			return -1;
	}
	return db_commit(&tx, error) ? EX_OK : -1;
}

int
cmd_group_join(Cmd *cmd, GError **error)
{
	return members(cmd, user_group_put, error);
}

int
cmd_group_leave(Cmd *cmd, GError **error)
{
	return members(cmd, user_group_take, error);
}
