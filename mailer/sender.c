/*
 * sender.c - picks a way to send by URL and passes calls on.
 */
#include "mailer/sender.h"

#include <string.h>

#include "mailer/sender_private.h"

/* clang-format off */
static const struct {
	const char *scheme;
	Sender *(*open)(const SenderOptions *options, const char *rest, GError **error);
} schemes[] = {
	{ "maildir", sender_maildir_open },
	{ "memory",  sender_memory_open },
	{ "smtp",    sender_smtp_open },
	{ "smtps",   sender_smtp_open },
};
/* clang-format on */

Sender *
sender_open(const SenderOptions *options, GError **error)
{
	size_t length = strcspn(options->url, ":");

	if (options->done == NULL)
		BUG("sender_open() without done");
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (strlen(schemes[i].scheme) == length && options->url[length] == ':' &&
		    g_ascii_strncasecmp(options->url, schemes[i].scheme, length) == 0)
			return schemes[i].open(options, options->url + length + 1, error);
	}
	(void)err_set(error, TP_ERROR_CONFIG,
	    "transport '%s' is none of maildir:, smtp://, smtps://", options->url);
	return NULL;
}

void
sender_close(Sender *sender)
{
	if (sender == NULL)
		return;
	sender->ops->abort_all(sender);
	sender->ops->close(sender);
}

int
sender_capacity(const Sender *sender)
{
	return sender->ops->capacity(sender);
}

int
sender_in_flight(const Sender *sender)
{
	return sender->ops->in_flight(sender);
}

/*
 * The envelope comes from addr_format() or msgid_return_path(), but what would break out
 * of a command line is looked for once more where it matters.
 */
static bool
is_safe_path(const char *path, bool may_be_empty)
{
	if (*path == '\0')
		return may_be_empty;
	for (const char *p = path; *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p) || *p == ' ' || *p == '<' || *p == '>')
			return false;
	}
	return strchr(path, '@') != NULL;
}

int
sender_submit(Sender *sender, const SenderMail *mail, GError **error)
{
	if (!is_safe_path(mail->from, true))
		return err_set_int(
		    error, TP_ERROR_INVALID, "envelope sender is not an address");
	if (!is_safe_path(mail->to, false))
		return err_set_int(
		    error, TP_ERROR_INVALID, "envelope recipient is not an address");
	return sender->ops->submit(sender, mail, error);
}

int
sender_step(Sender *sender, int timeout_ms, GError **error)
{
	return sender->ops->step(sender, timeout_ms, error);
}

void
sender_wakeup(Sender *sender)
{
	sender->ops->wakeup(sender);
}

void
sender_abort_all(Sender *sender)
{
	sender->ops->abort_all(sender);
}

void
sender_stats(const Sender *sender, SenderStats *ret)
{
	*ret = sender->stats;
}

void
sender_report(Sender *sender, void *user, const SenderResult *result)
{
	sender->stats.messages++;
	sender->stats.reused += result->reused;
	sender->done(user, result);
}
