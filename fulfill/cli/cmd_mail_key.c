/*
 * cmd_mail_key.c - to whom mails are encrypted.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/mail_key.h"
#include "fulfill/work/submit.h"
#include "mailer/encrypt.h"

static gboolean opt_remove;

const GOptionEntry opt_mail_encrypt[] = {
	{ "remove", 0, 0, G_OPTION_ARG_NONE, &opt_remove,
	    "take the key away: mails are readable on the way again", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ 0 },
};

static void
add_row(void *user, const MailKeyRow *row)
{
	Listing *listing = user;

	json_array_append_new(
	    listing->list, json_pack("{s:s, s:s, s:s, s:o, s:o}", "address", row->address,
			       "kind", row->kind, "fingerprint", row->fingerprint,
			       "expires", json_time(row->expires_at, listing->zone),
			       "since", json_time(row->at, listing->zone)));
}

int
cmd_mail_keys(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ADDRESS", "address", false },
		{ "KIND", "kind", false },
		{ "FINGERPRINT", "fingerprint", false },
		{ "EXPIRES", "expires", false },
		{ "SINCE", "since", false },
		{ NULL, NULL, false },
	};
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };

	return table_print_list(cmd,
	    mail_key_list(cmd->work->db, add_row, &listing, error), listing.list, "keys",
	    columns);
}

static EncryptKey *
read_key(Cmd *cmd, GError **error)
{
	g_autoptr(GBytes) file = NULL;
	g_autoptr(Encrypt) encrypt = NULL;

	if (!submit_read(cmd->args[1], &file, error))
		return NULL;
	encrypt = encrypt_open(settings_text(cmd->work->settings, SET_MAIL_KEYS), error);
	return encrypt != NULL ? encrypt_look(encrypt, file, error) : NULL;
}

int
cmd_mail_encrypt(Cmd *cmd, GError **error)
{
	g_autoptr(EncryptKey) key = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	if (opt_remove == (cmd->args[1] != NULL)) {
		fputs("ticketpost: mail encrypt: name the file of the key, or --remove\n",
		    stderr);
		return EX_USAGE;
	}
	if (!opt_remove && (key = read_key(cmd, error)) == NULL)
		return -1;
	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !(opt_remove ? mail_key_drop(&tx, cmd->args[0], cmd_reason, error)
			 : mail_key_put(&tx, cmd->args[0], key, cmd_reason, error)) ||
	    !db_commit(&tx, error))
		return -1;
	if (key != NULL && !cmd->json)
		printf("%s %s\n", encrypt_kind_name(key->kind), key->fingerprint);
	return EX_OK;
}
