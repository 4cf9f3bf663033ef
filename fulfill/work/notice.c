/*
 * notice.c - mails about mails.
 */
#include "fulfill/work/notice.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/mail_out.h"

bool
notice_given_up(Work *work, DbTx *tx, const MailItem *item, GError **error)
{
	const char *owner = settings_text(work->settings, SET_OWNER);
	json_t *context;
	json_t *first;
	bool ok;

	if (owner == NULL || item->mail == NULL ||
	    strcmp(item->mail->text, "notice") == 0)
		return true;
	context = json_loads(item->mail->context, 0, NULL);
	first = json_array_get(json_object_get(context, "tickets"), 0);
	if (first != NULL) {
		json_object_set(context, "product", json_object_get(first, "product"));
		json_object_set(context, "ticket", json_object_get(first, "ticket"));
		json_object_del(context, "tickets");
	}
	json_object_set_new(context, "delivery",
	    json_pack("{s:s, s:s, s:i}", "channel", "email", "to", item->mail->to_email,
		"attempts", item->job->attempt));
	json_object_set_new(context, "reason",
	    json_string(item->detail != NULL ? item->detail : "no reason was given"));
	ok = mail_out_notice(tx, owner, settings_text(work->settings, SET_LANGUAGE),
	    context, item->mail->id, error);
	json_decref(context);
	return ok;
}
