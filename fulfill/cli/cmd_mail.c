/*
 * cmd_mail.c - see what a mail looks like, and whether the transport works.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/work/logos.h"
#include "fulfill/work/mail_transport.h"
#include "fulfill/work/render_mail.h"
#include "mailer/addr.h"
#include "queue/clock.h"

static gboolean opt_order;

const GOptionEntry opt_mail_preview[] = {
	{ "order", 0, 0, G_OPTION_ARG_NONE, &opt_order,
	    "TICKET is the number of an order", NULL },
	{ 0 },
};

/* Codes are bearer secrets: a preview shows the mail with a specimen in their place. */
static void
seal_specimens(Vault *vault, MailOut *mail)
{
	static const uint8_t specimen[CODE_RANDOM_BYTES] = { 0 };

	for (guint i = 0; i < mail->sealed->len; i++) {
		MailSealed *sealed = g_ptr_array_index(mail->sealed, i);
		g_auto(Code) code = { 0 };
		uint8_t lookup[VAULT_LOOKUP_BYTES];
		uint8_t bytes[VAULT_SEALED_BYTES];

		code_from_bytes(specimen, &code);
		vault_lookup(vault, &code, lookup);
		vault_seal(vault, &code, bytes);
		g_bytes_unref(sealed->bytes);
		g_bytes_unref(sealed->lookup);
		sealed->bytes = g_bytes_new(bytes, sizeof(bytes));
		sealed->lookup = g_bytes_new(lookup, sizeof(lookup));
	}
}

static MailOut *
find_mail(Cmd *cmd, GError **error)
{
	Db *db = cmd->work->db;
	int64_t ticket_id = 0;
	int64_t order_id = 0;
	int64_t mail_id;
	int found;

	if (opt_order
		? !order_resolve(db, NULL, cmd->args[0], &order_id, error)
		: !ticket_resolve(db, cmd->work->vault, cmd->args[0], &ticket_id, error))
		return NULL;
	found = mail_out_find(db, ticket_id, order_id, &mail_id, error);
	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "nothing is mailed for '%s'",
		    cmd->args[0]);
	return found == 1 ? mail_out_get(db, mail_id, error) : NULL;
}

int
cmd_mail_preview(Cmd *cmd, GError **error)
{
	g_autoptr(MailOut) mail = find_mail(cmd, error);
	g_autoptr(MailRenderer) renderer = NULL;
	g_auto(RenderedMail) rendered = { 0 };
	const char *bytes;
	gsize size;

	if (mail == NULL)
		return -1;
	seal_specimens(cmd->work->vault, mail);
	renderer = mail_renderer_new(cmd->work);
	if (!logos_need(cmd->work->logos, cmd->work->db, mail->context, error) ||
	    !mail_render(renderer, mail, &rendered, error))
		return -1;
	bytes = g_bytes_get_data(rendered.bytes, &size);
	fwrite(bytes, 1, size, stdout);
	return EX_OK;
}

/* A message about the example ticket of the texts. */
static MailOut *
example_mail(Cmd *cmd, const char *to, GError **error)
{
	json_t *context =
	    tmpl_set_example(cmd->work->templates, NULL, NULL, "ticket", error);
	MailOut *mail;
	MailSealed *sealed;

	if (context == NULL)
		return NULL;
	mail = g_new0(MailOut, 1);
	mail->text = g_strdup("ticket");
	mail->to_email = g_strdup(to);
	mail->language = g_strdup(settings_text(cmd->settings, SET_LANGUAGE));
	mail->context = json_dumps(context, JSON_COMPACT);
	mail->date_at = clock_now_at();
	mail->sealed = g_ptr_array_new();
	sealed = g_new0(MailSealed, 1);
	sealed->bytes = g_bytes_new(NULL, 0);
	sealed->lookup = g_bytes_new(NULL, 0);
	g_ptr_array_add(mail->sealed, sealed);
	(void)!getentropy(mail->seed, sizeof(mail->seed));
	json_decref(context);
	seal_specimens(cmd->work->vault, mail);
	return mail;
}

typedef struct Outcome {
	bool done;
	MailOutcome outcome;
	int code;
	char *text;
} Outcome;

static void
note(void *user, const SenderResult *result)
{
	Outcome *outcome = user;

	outcome->done = true;
	outcome->outcome = result->outcome;
	outcome->code = result->code;
	outcome->text = g_strdup(result->text);
}

int
cmd_mail_test_send(Cmd *cmd, GError **error)
{
	g_autofree char *to = addr_normal(cmd->args[0], error);
	g_autoptr(MailOut) mail = to != NULL ? example_mail(cmd, to, error) : NULL;
	g_autoptr(MailRenderer) renderer = NULL;
	g_auto(RenderedMail) rendered = { 0 };
	g_autoptr(Sender) sender = NULL;
	Outcome outcome = { 0 };
	SenderMail message = { .to = to, .user = &outcome };

	if (mail == NULL)
		return -1;
	renderer = mail_renderer_new(cmd->work);
	sender = mail_transport_open(cmd->work, note, error);
	if (sender == NULL || !mail_render(renderer, mail, &rendered, error))
		return -1;
	message.from = rendered.envelope_from;
	message.bytes = rendered.bytes;
	if (sender_submit(sender, &message, error) < 0)
		return -1;
	while (!outcome.done)
		if (sender_step(sender, 1000, error) < 0)
			return -1;
	printf("%s: %d %s\n", outcome.outcome == MAIL_SENT ? "sent" : "not sent",
	    outcome.code, outcome.text != NULL ? outcome.text : "");
	g_free(outcome.text);
	return outcome.outcome == MAIL_SENT       ? EX_OK
	       : outcome.outcome == MAIL_PERMFAIL ? EX_UNAVAILABLE
						  : EX_TEMPFAIL;
}
