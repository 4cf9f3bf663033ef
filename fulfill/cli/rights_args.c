/*
 * rights_args.c - from options to rights, from rights to rows.
 */
#include "fulfill/cli/rights_args.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/domain/rights_admin.h"

static char *opt_group;
static char *opt_may;
static char *opt_options;
static char *opt_channels;
static int opt_quota = -1;

const GOptionEntry opt_grant[] = {
	{ "group", 0, 0, G_OPTION_ARG_STRING, &opt_group, "product group; * for all",
	    "GROUP" },
	{ "may", 0, 0, G_OPTION_ARG_STRING, &opt_may,
	    "create,modify,revoke,view,resend,export,print,create-user", "LIST" },
	{ "options", 0, 0, G_OPTION_ARG_STRING, &opt_options,
	    "limits of options, as in master data: {\"days\": {\"max\": 30}}", "JSON" },
	{ "channels", 0, 0, G_OPTION_ARG_STRING, &opt_channels, "email,post,portal",
	    "LIST" },
	{ "quota", 0, 0, G_OPTION_ARG_INT, &opt_quota, "at most so many licences", "N" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_revoke[] = {
	{ "group", 0, 0, G_OPTION_ARG_STRING, &opt_group, "in this group (default: all)",
	    "GROUP" },
	{ "may", 0, 0, G_OPTION_ARG_STRING, &opt_may, "these actions (default: all)",
	    "LIST" },
	ACTING_OPTION,
	{ 0 },
};

static json_t *
words(const char *text)
{
	g_auto(GStrv) list = g_strsplit(text, ",", -1);
	json_t *array = json_array();

	for (char **word = list; *word != NULL; word++)
		json_array_append_new(array, json_string(g_strstrip(*word)));
	return array;
}

/* One grant in the form of master data. */
static Rights *
wanted(GError **error)
{
	json_t *grant;
	json_t *list;
	Rights *rights;

	if (opt_group == NULL || opt_may == NULL) {
		err_set(error, TP_ERROR_INVALID, "say what with --group and --may");
		return NULL;
	}
	grant = json_pack("{s:s, s:o}", "group", opt_group, "may", words(opt_may));
	if (opt_options != NULL) {
		json_error_t where;
		json_t *options = json_loads(opt_options, JSON_REJECT_DUPLICATES, &where);

		if (options == NULL) {
			json_decref(grant);
			err_set(error, TP_ERROR_INVALID, "--options: %s", where.text);
			return NULL;
		}
		json_object_set_new(grant, "options", options);
	}
	if (opt_channels != NULL)
		json_object_set_new(grant, "channels", words(opt_channels));
	if (opt_quota >= 0)
		json_object_set_new(grant, "quota", json_integer(opt_quota));
	list = json_pack("[o]", grant);
	rights = rights_from_json(list, error);
	json_decref(list);
	return rights;
}

int
rights_args_grant(Cmd *cmd, RightsWho who, GError **error)
{
	g_autoptr(Rights) more = wanted(error);
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t actor;

	if (more == NULL || !acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_grant(&tx, actor, who, more, error) || !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

int
rights_args_revoke(Cmd *cmd, RightsWho who, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_auto(GStrv) list = g_strsplit(opt_may != NULL ? opt_may : "", ",", -1);
	unsigned actions = 0;
	int64_t actor;

	for (char **word = list; *word != NULL; word++) {
		RightAction action;

		if (!right_action_from_name(g_strstrip(*word), &action, error))
			return -1;
		actions |= 1u << action;
	}
	if (!acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !rights_admin_revoke(
		&tx, actor, who, opt_group != NULL ? opt_group : "", actions, error) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

void
rights_args_show(
    const Cmd *cmd, json_t *object, const Column *lines, const Rights *rights)
{
	g_autofree char *text = rights_format(rights);

	if (cmd->json)
		json_object_set_new(object, "rights", rights_to_json(rights));
	table_print_object(cmd, object, lines);
	if (!cmd->json)
		printf("\n%s", *text != '\0' ? text : "no rights in product groups\n");
}

/* ---- the matrix ---- */

/* "days 1 to 30", as rights_format() has it, without group and actions. */
static char *
limits_of(const json_t *grant)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *name;
	json_t *range;

	json_object_foreach (json_object_get(grant, "options"), name, range) {
		char *of = json_dumps(range, JSON_COMPACT);

		g_string_append_printf(
		    text, "%s%s %s", text->len > 0 ? "; " : "", name, of);
		free(of);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *
joined(const json_t *list, const char *absent)
{
	g_autoptr(GString) text = g_string_new(NULL);
	size_t i;
	json_t *word;

	if (list == NULL)
		return g_strdup(absent);
	json_array_foreach (list, i, word)
		g_string_append_printf(
		    text, "%s%s", i > 0 ? "," : "", json_string_value(word));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *
matrix_row(const char *who, const char *kind, const json_t *grant)
{
	g_autofree char *limits = limits_of(grant);
	g_autofree char *by = joined(json_object_get(grant, "channels"), "all");
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "who", who, "kind", kind,
	    "group", json_string_value(json_object_get(grant, "group")), "limits", limits,
	    "channels", by);
	size_t i;
	json_t *action;

	json_array_foreach (json_object_get(grant, "may"), i, action)
		json_object_set_new(row, json_string_value(action), json_string("x"));
	if (json_object_get(grant, "quota") != NULL)
		json_object_set(row, "quota", json_object_get(grant, "quota"));
	return row;
}

static const Column matrix_columns[] = {
	{ "WHO", "who", false },
	{ "KIND", "kind", false },
	{ "GROUP", "group", false },
	{ "CREATE", "create", false },
	{ "MODIFY", "modify", false },
	{ "REVOKE", "revoke", false },
	{ "VIEW", "view", false },
	{ "RESEND", "resend", false },
	{ "EXPORT", "export", false },
	{ "PRINT", "print", false },
	{ "USERS", "create-user", false },
	{ "BY", "channels", false },
	{ "QUOTA", "quota", true },
	{ "LIMITS", "limits", false },
	{ NULL, NULL, false },
};

void
rights_args_matrix(const Cmd *cmd, json_t *list)
{
	json_t *rows;
	size_t i;
	json_t *node;

	if (cmd->json) {
		table_print(
		    cmd, json_pack("{s:o}", "matrix", list), "matrix", matrix_columns);
		return;
	}
	rows = json_array();
	json_array_foreach (list, i, node) {
		const json_t *rights = json_object_get(node, "rights");
		const char *kind = json_string_value(json_object_get(node, "kind"));
		int depth = (int)json_integer_value(json_object_get(node, "depth"));
		g_autofree char *who = g_strdup_printf("%*s%s", depth * 2, "",
		    json_string_value(json_object_get(node, "who")));
		size_t g;
		json_t *grant;

		if (json_array_size(rights) == 0)
			json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "who",
							who, "kind", kind, "group", "-"));
		json_array_foreach (rights, g, grant)
			json_array_append_new(
			    rows, matrix_row(g == 0 ? who : "", kind, grant));
	}
	json_decref(list);
	table_print(cmd, json_pack("{s:o}", "rows", rows), "rows", matrix_columns);
}
