/*
 * mail_report.c - which mail of ours, and what follows.
 */
#include "fulfill/work/mail_report.h"

#include <string.h>

#include "fulfill/domain/mail_back.h"
#include "fulfill/domain/mail_domain.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/domain/programme_plan.h"
#include "fulfill/work/log.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/notice.h"
#include "mailer/bounce.h"
#include "mailer/msgid.h"

/* The mail of ours that this is about; 0: none that we can be sure of. */
static int64_t
our_mail(const Work *work, const MailIn *mail, const json_t *bounce)
{
	json_t *paths = json_object_get(bounce, "return_paths");
	g_autofree char *domain = mail_reader_domain(work->settings);
	const uint8_t *key = vault_mac_key(work->vault, VAULT_RETURN_PATH);
	int64_t id;

	if (mail->recipient != NULL &&
	    msgid_return_path_verify(mail->recipient, key, domain, &id))
		return id;
	for (size_t i = 0; i < json_array_size(paths); i++) {
		const char *path = json_string_value(json_array_get(paths, i));

		if (path != NULL && msgid_return_path_verify(path, key, domain, &id))
			return id;
	}
	return 0;
}

/* The first row that says failed; of other reports the first. */
static const json_t *
row_that_counts(const json_t *bounce, MailReportKind kind)
{
	json_t *rows = json_object_get(bounce, "rows");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *is = json_string_value(json_object_get(row, "action"));

		if (kind != MAIL_REPORT_FAILED || g_strcmp0(is, "failed") == 0)
			return row;
	}
	return NULL;
}

/* Its other mails would come back, too. */
static bool
rest_domain(Work *work, DbTx *tx, int64_t mail_id, const char *reason, GError **error)
{
	g_autoptr(MailOut) mail = NULL;
	int found = mail_out_try(tx->db, mail_id, &mail, error);
	const char *at;
	int64_t for_us;

	if (found < 0)
		return false;
	at = found == 1 ? strrchr(mail->to_email, '@') : NULL;
	if (at == NULL)
		return true;
	if (!mail_domain_refused(
		tx, mail->to_email, "it refuses us as a sender", &for_us, error))
		return false;
	if (for_us > 0)
		log_event(LOG_WARNING, "mail.domain_rests", "domain", at + 1, "reply",
		    reason, NULL);
	return for_us == 0 || notice_domain_refuses(work, tx, mail, reason, error);
}

static bool
take_failed(Work *work, DbTx *tx, const MailBack *back, bool holds_domain,
    int64_t *ret_moved, int64_t *ret_again, GError **error)
{
	int64_t held;

	/* Mails without tickets come back, too: their owner is told as well, once. */
	if (!mail_back_failed(tx, &work->issue, back, ret_moved, ret_again, error) ||
	    !notice_came_back(work, tx, back->mail_id, back->reason, error) ||
	    (holds_domain && !rest_domain(work, tx, back->mail_id, back->reason, error)))
		return false;
	/* Who cannot be reached is not renewed in silence (C13). */
	return strcmp(back->class, "hard") != 0 ||
	       plan_bounced(tx, back->mail_id, back->reason, &held, error);
}

/* What is sent by a programme waits, and the owner hears of it once. */
static bool
take_complaint(Work *work, DbTx *tx, const MailBack *back, GError **error)
{
	int64_t held;

	return mail_back_complaint(tx, back, error) &&
	       plan_bounced(tx, back->mail_id, back->reason, &held, error) &&
	       notice_complaint(work, tx, back->mail_id, back->reason, error);
}

bool
mail_report_take(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    MailReportKind kind, json_t **ret_outcome, GError **error)
{
	const json_t *bounce = json_object_get(json_object_get(record, "sort"), "bounce");
	const json_t *row = row_that_counts(bounce, kind);
	const char *reason = json_string_value(json_object_get(row, "reason"));
	const char *class = json_string_value(json_object_get(row, "class"));
	g_autofree char *masked = bounce_mask_codes(reason != NULL ? reason : "");
	MailBack back = { .mail_id = our_mail(work, mail, bounce),
		.class = class != NULL ? class : "hard",
		.reason = masked,
		.fallback = settings_text(work->settings, SET_MAIL_FALLBACK) };
	int64_t moved = 0;
	int64_t again = 0;

	if (row == NULL || back.mail_id == 0)
		return true;
	if (kind == MAIL_REPORT_FAILED &&
	    !take_failed(work, tx, &back,
		json_is_true(json_object_get(row, "holds_domain")), &moved, &again,
		error))
		return false;
	if (kind == MAIL_REPORT_COMPLAINT && !take_complaint(work, tx, &back, error))
		return false;
	*ret_outcome = json_pack("{s:I, s:s, s:s, s:I, s:I}", "mail", back.mail_id,
	    "class", class != NULL ? class : "", "reason", masked, "deliveries", moved,
	    "fallback", again);
	return true;
}
