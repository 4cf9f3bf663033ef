/*
 * cmd_privacy.c - what is kept about a person, and its end.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/privacy.h"
#include "fulfill/domain/user.h"
#include "fulfill/issue/sign.h"
#include "fulfill/work/privacy_run.h"
#include "fulfill/work/retention.h"
#include "queue/day.h"

static gboolean opt_dry_run;
static char *opt_why;

const GOptionEntry opt_privacy_erase[] = {
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run,
	    "tell what goes and what stays, change nothing", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &opt_why,
	    "why, without naming the person; it is kept", "TEXT" },
	{ 0 },
};
const GOptionEntry opt_privacy_retention[] = {
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run,
	    "count what is due, change nothing", NULL },
	{ 0 },
};

/* What a person reads of one value. */
static char *
people_text(const char *key, const json_t *value)
{
	char at[AT_CHARS];

	if (json_is_integer(value) && g_str_has_suffix(key, "_at"))
		return g_strdup(at_format(json_integer_value(value), at));
	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return g_strdup(json_string_value(value));
}

static void
print_export(const json_t *document)
{
	const char *table;
	json_t *rows;

	json_object_foreach (json_object_get(document, "tables"), table, rows) {
		size_t i;
		json_t *row;

		json_array_foreach (rows, i, row) {
			const char *key;
			json_t *value;

			printf("%s%s\n", i == 0 ? "\n" : "", table);
			json_object_foreach (row, key, value) {
				g_autofree char *text = people_text(key, value);

				printf("    %-16s %s\n", key, text != NULL ? text : "");
			}
		}
	}
}

static bool
note_export(Cmd *cmd, const PrivacyPerson *person, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return false;
	for (guint i = 0; i < person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);

		if (!audit_add(&tx, AUDIT_EXPORTED, erase_scope_name(member->scope),
			member->id, NULL, error))
			return false;
	}
	return db_commit(&tx, error);
}

/* 1 / 0 / -1: whether this is of those whose data may be exported. */
static int
is_within(Db *db, const Scope *scope, const PrivacyMember *member, GError **error)
{
	g_autoptr(User) user = NULL;

	if (scope_is_whole(scope))
		return 1;
	if (member->scope == ERASE_PARTY && scope_has_party(scope, member->id))
		return scope_need_customer(db, scope, member->id, error) ? 1 : -1;
	if (member->scope != ERASE_USER)
		return 0;
	user = user_get(db, member->id, NULL);
	return user != NULL && scope_has_party(scope, user->party_id);
}

/* What others hold of the same person is theirs to show. */
static bool
keep_within(Db *db, const Scope *scope, PrivacyPerson *person, GError **error)
{
	for (guint i = person->members->len; i-- > 0;) {
		int within =
		    is_within(db, scope, g_ptr_array_index(person->members, i), error);

		if (within < 0)
			return false;
		if (within == 0)
			g_ptr_array_remove_index(person->members, i);
	}
	return person->members->len > 0 ||
	       err_set(error, TP_ERROR_NOT_FOUND, "there is no such person");
}

int
cmd_privacy_export(Cmd *cmd, GError **error)
{
	g_autoptr(PrivacyPerson) person =
	    privacy_person_find(cmd->work->db, cmd->args[0], error);
	g_autoptr(Scope) scope = NULL;
	json_t *document;

	if (person == NULL || !acting_scope(cmd, RIGHT_EXPORT, &scope, error) ||
	    !keep_within(cmd->work->db, scope, person, error) ||
	    !note_export(cmd, person, error))
		return -1;
	document = privacy_export(cmd->work->db, person, error);
	if (document == NULL)
		return -1;
	if (cmd->json) {
		table_print_object(cmd, document, NULL);
		return EX_OK;
	}
	print_export(document);
	json_decref(document);
	return EX_OK;
}

static void
print_columns(const char *title, const json_t *list, bool with_why)
{
	size_t i;
	json_t *part;

	printf("%s\n", title);
	json_array_foreach (list, i, part) {
		json_int_t rows = json_integer_value(json_object_get(part, "rows"));
		size_t k;
		json_t *column;
		int n = 0;

		printf("    %-16s %" JSON_INTEGER_FORMAT " row%s: ",
		    json_string_value(json_object_get(part, "table")), rows,
		    rows == 1 ? "" : "s");
		json_array_foreach (json_object_get(part, "columns"), k, column) {
			const char *why =
			    json_string_value(json_object_get(column, "why"));
			const EraseColumn *def = erase_column_find(
			    json_string_value(json_object_get(part, "table")),
			    json_string_value(json_object_get(column, "column")));

			/* States and numbers are nobody's; "likewise" repeats the
			 * reason before it.  JSON has them all. */
			if (with_why && n > 0 &&
			    (def == NULL || def->holds == ERASE_FACT ||
				g_strcmp0(why, "likewise") == 0))
				continue;
			printf("%s%s", n++ > 0 ? ", " : "",
			    json_string_value(json_object_get(column, "column")));
			if (with_why)
				printf(" (%s)", why);
		}
		putchar('\n');
	}
}

static void
print_report(const json_t *report)
{
	const char *until = json_string_value(json_object_get(report, "keep_until"));
	const char *file = json_string_value(json_object_get(report, "file"));
	const char *folder;
	json_t *n;
	size_t i;
	json_t *label;

	json_array_foreach (json_object_get(report, "person"), i, label)
		printf("%s\n", json_string_value(label));
	print_columns("GOES", json_object_get(report, "goes"), false);
	json_object_foreach (json_object_get(report, "files"), folder, n)
		printf("    %" JSON_INTEGER_FORMAT " file(s) in %s\n",
		    json_integer_value(n), folder);
	print_columns("STAYS", json_object_get(report, "stays"), true);
	if (until != NULL)
		printf("    for the books, under a pseudonym, until %s\n", until);
	if (file != NULL)
		printf("signed report: %s\n", file);
}

int
cmd_privacy_erase(Cmd *cmd, GError **error)
{
	json_t *report = NULL;

	if (opt_why == NULL && !opt_dry_run) {
		err_set(error, TP_ERROR_INVALID,
		    "an erasure needs a reason: --reason 'asked on 2026-11-24'");
		return -1;
	}
	if (!privacy_run(cmd->work, cmd->args[0], opt_why, opt_dry_run, &report, error))
		return -1;
	if (cmd->json) {
		table_print_object(cmd, report, NULL);
		return EX_OK;
	}
	if (!cmd->quiet)
		print_report(report);
	json_decref(report);
	return EX_OK;
}

int
cmd_privacy_retention(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "RULE", "rule", false },
		{ "WHAT GOES", "what", false },
		{ "KEPT", "keep", false },
		{ "NOW", "n", true },
		{ NULL, NULL, false },
	};
	json_t *rules = NULL;

	if (!retention_run(cmd->work, opt_dry_run, &rules, error))
		return -1;
	table_print(cmd, json_pack("{s:b, s:o}", "dry_run", opt_dry_run, "rules", rules),
	    "rules", columns);
	return EX_OK;
}

int
cmd_privacy_again(Cmd *cmd, GError **error)
{
	int n = 0;

	if (!privacy_again(cmd->work, &n, error))
		return -1;
	if (cmd->json)
		table_print_object(cmd, json_pack("{s:i}", "erased", n), NULL);
	else if (!cmd->quiet)
		printf("%d erasure%s carried out again\n", n, n == 1 ? "" : "s");
	return EX_OK;
}

int
cmd_privacy_key(Cmd *cmd, GError **error)
{
	g_autofree char *key = sign_public_key(cmd->work->vault);

	(void)error;
	if (cmd->json)
		table_print_object(cmd, json_pack("{s:s}", "key", key), NULL);
	else
		printf("%s\n", key);
	return EX_OK;
}
