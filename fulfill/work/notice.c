/*
 * notice.c - mails about mails.
 */
#include "fulfill/work/notice.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/mail_letter.h"
#include "queue/clock.h"
#include "queue/day.h"

/* What the text "notice" says beside delivery and reason: one ticket of the message, or
 * its first. */
static bool
tell_ticket(DbTx *tx, Letter *letter, json_t *context, int64_t id, GError **error)
{
	g_autofree char *masked = NULL;
	json_t *first = json_array_get(json_object_get(context, "tickets"), 0);

	if (first != NULL) {
		json_object_set(context, "product", json_object_get(first, "product"));
		json_object_set(context, "ticket", json_object_get(first, "ticket"));
		json_object_del(context, "tickets");
	}
	if (!mail_out_about(tx, id, &letter->order_id, &masked, error))
		return false;
	if (masked != NULL)
		json_object_set_new(
		    json_object_get(context, "ticket"), "masked", json_string(masked));
	letter->text = "notice";
	letter->subject = "notice";
	return true;
}

static bool
tell_owner(Work *work, DbTx *tx, const MailOut *mail, const char *about, int attempts,
    const char *reason, GError **error)
{
	const char *owner = settings_text(work->settings, SET_OWNER);
	Letter letter = { .text = "undelivered",
		.to_email = owner,
		.language = settings_text(work->settings, SET_LANGUAGE),
		.subject = "undelivered",
		.null_sender = true };
	g_autofree char *key = NULL;
	json_t *delivery;
	json_t *context;
	bool ok = true;

	if (owner == NULL || mail->null_sender)
		return true;
	key = g_strdup_printf("notice/%" G_GINT64_FORMAT, mail->id);
	letter.key = key;
	context = mail->sealed->len > 0 ? json_loads(mail->context, 0, NULL)
					: letter_context(&work->issue, NULL);
	delivery = json_pack("{s:s, s:s}", "channel", "email", "to", mail->to_email);
	if (attempts > 0)
		json_object_set_new(delivery, "attempts", json_integer(attempts));
	json_object_set_new(context, "delivery", delivery);
	json_object_set_new(context, "reason",
	    json_string(reason != NULL ? reason : "no reason was given"));
	letter.context = context;
	if (mail->sealed->len > 0)
		ok = tell_ticket(tx, &letter, context, mail->id, error);
	else
		json_object_set_new(context, "about", json_string(about));
	ok = ok && mail_letter_plan(tx, &letter, NULL, error) >= 0;
	json_decref(context);
	return ok;
}

bool
notice_given_up(Work *work, DbTx *tx, const GivenUp *given_up, GError **error)
{
	return given_up->mail == NULL ||
	       tell_owner(work, tx, given_up->mail, given_up->subject, given_up->attempts,
		   given_up->reason, error);
}

bool
notice_came_back(
    Work *work, DbTx *tx, int64_t mail_id, const char *reason, GError **error)
{
	g_autoptr(MailOut) mail = NULL;
	int found = mail_out_try(tx->db, mail_id, &mail, error);

	if (found <= 0)
		return found == 0;
	/* Whose mail was erased cannot be told. */
	return *mail->to_email == '\0' ||
	       tell_owner(work, tx, mail, mail->text, 0, reason, error);
}

bool
notice_domain_refuses(
    Work *work, DbTx *tx, const MailOut *mail, const char *reason, GError **error)
{
	const char *owner = settings_text(work->settings, SET_OWNER);
	const char *at = strrchr(mail->to_email, '@');
	Letter letter = { .text = "undelivered",
		.to_email = owner,
		.language = settings_text(work->settings, SET_LANGUAGE),
		.subject = "a provider refuses us",
		.null_sender = true };
	g_autofree char *about = NULL;
	g_autofree char *key = NULL;
	char today[DAY_CHARS];
	json_t *context;
	bool ok;

	if (owner == NULL || at == NULL || mail->null_sender)
		return true;
	day_format(day_of(clock_now_at(), work->zone), today);
	key = g_strdup_printf("refused/%s/%s", at + 1, today);
	about = g_strdup_printf("all mail to %s (see: ticketpost doctor)", at + 1);
	letter.key = key;
	context = letter_context(&work->issue, NULL);
	json_object_set_new(context, "about", json_string(about));
	json_object_set_new(context, "reason",
	    json_string(reason != NULL ? reason : "no reason was given"));
	json_object_set_new(
	    context, "delivery", json_pack("{s:s}", "to", mail->to_email));
	letter.context = context;
	ok = mail_letter_plan(tx, &letter, NULL, error) >= 0;
	json_decref(context);
	return ok;
}

bool
notice_complaint(
    Work *work, DbTx *tx, int64_t mail_id, const char *reason, GError **error)
{
	const char *owner = settings_text(work->settings, SET_OWNER);
	g_autoptr(MailOut) mail = NULL;
	int found = mail_out_try(tx->db, mail_id, &mail, error);
	Letter letter = { .text = "complaint",
		.to_email = owner,
		.language = settings_text(work->settings, SET_LANGUAGE),
		.subject = "complaint",
		.null_sender = true };
	g_autofree char *key = NULL;
	json_t *context;
	bool ok;

	if (found <= 0 || owner == NULL || *mail->to_email == '\0')
		return found >= 0;
	key = g_strdup_printf("complaint/%s", mail->to_email);
	letter.key = key;
	context = letter_context(&work->issue, NULL);
	json_object_set_new(
	    context, "delivery", json_pack("{s:s}", "to", mail->to_email));
	json_object_set_new(context, "about", json_string(mail->text));
	json_object_set_new(context, "reason",
	    json_string(*reason != '\0' ? reason : "no reason was given"));
	letter.context = context;
	ok = mail_letter_plan(tx, &letter, NULL, error) >= 0;
	json_decref(context);
	return ok;
}
