/*
 * cmd_debug.c - what the program reads in a mail, without doing anything about it.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/submit.h"
#include "mailer/bounce.h"
#include "mailer/msgid.h"

/* Settings and keys where there are any: `debug` works without an instance too. */
static void
open_if_there(Cmd *cmd)
{
	cmd->settings_path = settings_locate(cmd->config, NULL);
	if (cmd->settings_path != NULL)
		cmd->settings = settings_read(cmd->settings_path, NULL);
	if (cmd->settings != NULL)
		cmd->work = work_open(cmd->settings, WORK_KEYS, NULL);
}

static json_t *
read_file(Cmd *cmd, GError **error)
{
	g_autoptr(GBytes) raw = NULL;
	g_autofree char *death = NULL;
	json_t *record = NULL;
	int read;

	if (!submit_read(cmd->args[0], &raw, error))
		return NULL;
	read = mail_reader_run(cmd->work, raw, &record, &death, error);
	if (read == 0)
		err_set(error, TP_ERROR_INVALID, "'%s' kills its reader: %s",
		    cmd->args[0], death);
	return read == 1 ? record : NULL;
}

static void
print(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

int
cmd_debug_parse(Cmd *cmd, GError **error)
{
	static const char *const keys[] = { "from", "to", "subject", "date", "message_id",
		"attachments", "parts" };
	json_t *shown;
	json_t *record;

	record = read_file(cmd, error);
	if (record == NULL)
		return -1;
	shown = json_object();
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		json_object_set(shown, keys[i],
		    json_object_get(json_object_get(record, "mail"), keys[i]));
	json_decref(record);
	print(shown);
	return EX_OK;
}

static bool
has_our_token(const Cmd *cmd, const json_t *bounce)
{
	json_t *paths = json_object_get(bounce, "return_paths");
	g_autofree char *domain =
	    cmd->work != NULL ? mail_reader_domain(cmd->settings) : NULL;
	int64_t id;

	for (size_t i = 0; domain != NULL && i < json_array_size(paths); i++) {
		const char *path = json_string_value(json_array_get(paths, i));

		if (path != NULL &&
		    msgid_return_path_verify(path,
			vault_mac_key(cmd->work->vault, VAULT_RETURN_PATH), domain, &id))
			return true;
	}
	return false;
}

int
cmd_debug_bounce(Cmd *cmd, GError **error)
{
	json_t *rows = NULL;
	json_t *bounce;
	json_t *record;

	open_if_there(cmd);
	record = read_file(cmd, error);
	if (record == NULL)
		return -1;
	bounce = json_object_get(json_object_get(record, "sort"), "bounce");
	if (json_is_object(bounce))
		rows = bounce_rows_to_json(bounce, has_our_token(cmd, bounce));
	print(rows != NULL ? rows : json_array());
	json_decref(record);
	return EX_OK;
}
