/*
 * cmd_print_logo.c - the logos of brands, taken from the operator's folder.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/logo.h"
#include "fulfill/work/logos.h"

static gboolean opt_dry_run;

const GOptionEntry opt_print_logos[] = {
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &opt_dry_run, "check the files only",
	    NULL },
	{ 0 },
};

static const Column columns[] = {
	{ "BRAND", "brand", false },
	{ "WIDTH", "width", true },
	{ "HEIGHT", "height", true },
	{ "PICTURE", "picture", false },
	{ NULL, NULL, false },
};

static void
add_row(void *user, const char *brand, const char *picture, int width, int height)
{
	json_array_append_new(user,
	    json_pack("{s:s, s:i, s:i, s:s}", "brand", *brand != '\0' ? brand : "vendor",
		"width", width, "height", height, "picture", picture));
}

int
cmd_print_logos(Cmd *cmd, GError **error)
{
	const char *folder = settings_text(cmd->settings, SET_PRINT_LOGOS);
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Faults) faults = faults_new();
	LogoCount count;
	json_t *list;

	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !logos_take(&tx, folder, faults, &count, error))
		return -1;
	for (guint i = 0; i < faults_count(faults); i++)
		fprintf(stderr, "ticketpost: %s/%s: %s\n", folder,
		    faults_at(faults, i)->path, faults_at(faults, i)->text);
	if (faults_count(faults) > 0)
		return EX_DATAERR;
	if (!opt_dry_run && count.taken + count.removed > 0 &&
	    (!audit_add(&tx, AUDIT_LOGOS, "master", 1, NULL, error) ||
		!db_commit(&tx, error)))
		return -1;
	list = json_array();
	/* Within the transaction: a dry run shows what would be. */
	if (!logo_list(cmd->work->db, add_row, list, error)) {
		json_decref(list);
		return -1;
	}
	table_print(cmd,
	    json_pack("{s:i, s:i, s:i, s:o}", "taken", count.taken, "unchanged",
		count.same, "removed", count.removed, "logos", list),
	    "logos", columns);
	return EX_OK;
}
