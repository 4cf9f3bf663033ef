/*
 * cmd_mail_in.c - mails that come in: hand one over, see what was received or held, let
 * it go.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/mail_in.h"
#include "fulfill/domain/mail_sender.h"
#include "fulfill/work/log.h"
#include "fulfill/work/mail_proof.h"
#include "fulfill/work/submit.h"
#include "queue/limits.h"

static gboolean opt_held;
static gint opt_limit = 50;
static char *opt_to;
static char *opt_as_user;
static gboolean opt_discard;

const GOptionEntry opt_mail_receive[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to,
	    "envelope recipient, as the mail server says it", "ADDRESS" },
	{ 0 },
};
const GOptionEntry opt_mail_list[] = {
	{ "held", 0, 0, G_OPTION_ARG_NONE, &opt_held, "only what waits for a person",
	    NULL },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "newest N; 0: all", "N" },
	{ 0 },
};
const GOptionEntry opt_mail_release[] = {
	{ "as", 0, 0, G_OPTION_ARG_STRING, &opt_as_user,
	    "take it as a mail of this registered user", "USER" },
	{ "discard", 0, 0, G_OPTION_ARG_NONE, &opt_discard,
	    "put it away instead; its bytes are wiped", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ 0 },
};

/* ---- receive ---- */

static bool
read_stdin(GByteArray *out, GError **error)
{
	for (;;) {
		uint8_t buffer[65536];
		ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot read standard input");
		if (n == 0)
			return true;
		g_byte_array_append(out, buffer, (guint)n);
		if (out->len > LIMIT_INTAKE_BYTES)
			return err_set(error, TP_ERROR_INVALID,
			    "the mail has more than %d bytes", LIMIT_INTAKE_BYTES);
	}
}

static bool
receive(Cmd *cmd, const GByteArray *bytes, int64_t *ret_id, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	MailInNew mail = { .source = "receive",
		.recipient = opt_to,
		.bytes = bytes->data,
		.size = bytes->len };

	cmd->settings_path = settings_locate(cmd->config, error);
	if (cmd->settings_path == NULL)
		return false;
	cmd->settings = settings_read(cmd->settings_path, error);
	if (cmd->settings == NULL)
		return false;
	cmd->work = work_open(cmd->settings, WORK_KEYS, error);
	return cmd->work != NULL && submit_check_disk(cmd->work, error) &&
	       db_begin(cmd->work->db, DB_WRITE, &tx, error) &&
	       mail_in_add(&tx, cmd->work->vault, &mail, ret_id, error) >= 0 &&
	       db_commit(&tx, error);
}

/* A mail server that gets another code than 75 sends the mail back to its author:
 * whatever is wrong with us must not do that. */
int
cmd_mail_receive(Cmd *cmd, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GError) wrong = NULL;
	int64_t id = 0;

	if (read_stdin(bytes, &wrong) && receive(cmd, bytes, &id, &wrong)) {
		if (cmd->json)
			printf("{\"mail\":%" G_GINT64_FORMAT "}\n", id);
		return EX_OK;
	}
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	fprintf(stderr, "ticketpost: %s\n", wrong->message);
	return EX_TEMPFAIL;
}

/* ---- list and show ---- */

static json_t *
mail_json(const MailIn *mail, GTimeZone *zone)
{
	json_t *outcome =
	    mail->outcome != NULL ? json_loads(mail->outcome, 0, NULL) : NULL;

	return json_pack(
	    "{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:o, "
	    "s:o, s:o}",
	    "id", mail->id, "state", mail_in_state_name(mail->state), "reason",
	    json_text(mail->reason), "kind", json_text(mail->kind), "rule",
	    json_text(mail->rule), "from", json_text(mail->sender), "subject",
	    json_text(mail->subject), "message_id", json_text(mail->message_id), "proof",
	    json_text(mail->proof), "source", mail->source, "size", mail->size_bytes,
	    "tries", mail->tries, "kept", json_boolean(!mail->wiped), "received",
	    json_time(mail->received_at, zone), "outcome",
	    outcome != NULL ? outcome : json_null());
}

static void
add_mail(void *user, const MailIn *mail)
{
	Listing *listing = user;

	json_array_append_new(listing->list, mail_json(mail, listing->zone));
}

int
cmd_mail_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", true },
		{ "STATE", "state", false },
		{ "KIND", "kind", false },
		{ "FROM", "from", false },
		{ "SUBJECT", "subject", false },
		{ "RECEIVED", "received", false },
		{ "REASON", "reason", false },
		{ NULL, NULL, false },
	};
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };

	return table_print_list(cmd,
	    mail_in_list(cmd->work->db, opt_held, opt_limit, add_mail, &listing, error),
	    listing.list, "mails", columns);
}

int
cmd_mail_show(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "mail", "id", true },
		{ "state", "state", false },
		{ "reason", "reason", false },
		{ "kind", "kind", false },
		{ "rule", "rule", false },
		{ "from", "from", false },
		{ "proof", "proof", false },
		{ "subject", "subject", false },
		{ "message-id", "message_id", false },
		{ "source", "source", false },
		{ "bytes", "size", true },
		{ "received", "received", false },
		{ NULL, NULL, false },
	};
	g_autoptr(MailIn) mail = NULL;
	int64_t id;

	if (!cmd_number(cmd->args[0], "mail", &id, error) ||
	    (mail = mail_in_get(cmd->work->db, id, error)) == NULL)
		return -1;
	table_print_object(cmd, mail_json(mail, cmd->work->zone), columns);
	if (!cmd->json && mail->outcome != NULL)
		printf("%-14s %s\n", "outcome", mail->outcome);
	return EX_OK;
}

/* ---- release ---- */

static bool
find_user(Db *db, const char *email, int64_t *ret_id, GError **error)
{
	g_autoptr(GPtrArray) users = mail_sender_by_email(db, email, error);

	if (users == NULL)
		return false;
	if (users->len == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "'%s' is no registered user: see the list \"users\" of 'ticketpost "
		    "import'",
		    email);
	if (users->len > 1)
		return err_set(
		    error, TP_ERROR_CONFLICT, "'%s' is a user of several parties", email);
	*ret_id = ((MailSender *)g_ptr_array_index(users, 0))->user_id;
	return true;
}

int
cmd_mail_release(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t user_id = 0;
	int64_t id;

	if (!cmd_number(cmd->args[0], "mail", &id, error) ||
	    (opt_as_user != NULL &&
		!find_user(cmd->work->db, opt_as_user, &user_id, error)) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return -1;
	if (opt_discard ? !mail_in_discard(&tx, id, cmd_reason, error)
			: !mail_in_release(&tx, id, user_id, cmd_reason, error))
		return -1;
	return db_commit(&tx, error) ? EX_OK : -1;
}

int
cmd_mail_address(Cmd *cmd, GError **error)
{
	g_autofree char *address = NULL;
	int64_t id;

	if (!find_user(cmd->work->db, cmd->args[0], &id, error))
		return -1;
	address = mail_proof_address(cmd->work, id, error);
	if (address == NULL)
		return -1;
	if (cmd->json)
		printf("{\"address\":\"%s\"}\n", address);
	else
		puts(address);
	return EX_OK;
}
