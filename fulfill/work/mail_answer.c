/*
 * mail_answer.c - letters of the text "answer".
 */
#include "fulfill/work/mail_answer.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/mail_letter.h"
#include "fulfill/intake/response.h"
#include "mailer/msgid.h"
#include "queue/clock.h"
#include "queue/day.h"

/* Why a mail that should be an order has none, by what parse.h found in it. */
static const struct {
	const char *flaw;
	const char *text;
} reasons[] = {
	{ "tnef",
	    "E_FORMAT: winmail.dat cannot be read: send the order as a file, with rich "
	    "text switched off" },
	{ "encrypted", "E_FORMAT: the mail is encrypted" },
};

MailAnswer
mail_answer_to(const MailIn *mail, const json_t *record, const MailSender *sender)
{
	const json_t *read = json_object_get(record, "mail");
	const char *id = json_string_value(json_object_get(read, "message_id"));

	return (MailAnswer){
		.mail_id = mail->id,
		.message_id = id != NULL && msgid_is_valid(id) ? id : NULL,
		.subject = json_string_value(json_object_get(read, "subject")),
		.to = sender,
	};
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "E_QUANTITY quantity: 20000 is more than the 10000 that are allowed; ..." */
static char *
errors_text(const json_t *errors)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *error = json_array_get(errors, i);
		const char *field = text_of(error, "field");

		g_string_append_printf(text, "%s%s%s%s: %s", i > 0 ? "; " : "",
		    text_of(error, "code"), field != NULL ? " " : "",
		    field != NULL ? field : "", text_of(error, "text"));
	}
	return g_string_free(text, FALSE);
}

static json_t *
lines_of(const json_t *result)
{
	json_t *from = json_object_get(result, "lines");
	json_t *to = json_array();

	for (size_t i = 0; i < json_array_size(from); i++) {
		const json_t *line = json_array_get(from, i);
		g_autofree char *errors = errors_text(json_object_get(line, "errors"));

		json_array_append_new(to,
		    json_pack("{s:s, s:b, s:s}", "line", text_of(line, "line"),
			"accepted", g_strcmp0(text_of(line, "status"), "accepted") == 0,
			"errors", errors));
	}
	return to;
}

static json_t *
context_of(Work *work, const MailAnswer *answer, const json_t *result)
{
	json_t *context = letter_context(&work->issue, answer->to->name);
	const char *number = text_of(result, "order");
	g_autofree char *errors = errors_text(json_object_get(result, "errors"));

	if (number != NULL)
		json_object_set_new(
		    context, "order", json_pack("{s:s}", "number", number));
	json_object_set_new(
	    context, "answer", json_pack("{s:s}", "status", text_of(result, "status")));
	json_object_set_new(context, "lines", lines_of(result));
	if (*errors != '\0')
		json_object_set_new(context, "reason", json_string(errors));
	return context;
}

static char *
result_file(const json_t *result)
{
	json_t *document = json_pack("{s:[O]}", "orders", result);
	char *text = json_dumps(document, JSON_INDENT(2));

	json_decref(document);
	return text;
}

static int
plan(Work *work, DbTx *tx, const MailAnswer *answer, const json_t *result,
    const char *key, const LetterPart *parts, size_t n_parts, GError **error)
{
	const char *references[] = { answer->message_id, NULL };
	const char *number = text_of(result, "order");
	json_t *context = context_of(work, answer, result);
	g_autofree char *subject =
	    g_strdup_printf("answer to order %s", number != NULL ? number : "?");
	const Letter letter = {
		.text = "answer",
		.context = context,
		.to_email = answer->to->email,
		.to_name = answer->to->name,
		.language = answer->to->language != NULL ? answer->to->language
							 : work->issue.language,
		.subject = subject,
		.key = key,
		.in_reply_to = answer->message_id,
		.references = references,
		.null_sender = true,
		.parts = parts,
		.n_parts = n_parts,
	};
	int planned = mail_letter_plan(tx, &letter, NULL, error);

	json_decref(context);
	return planned;
}

/* The n-th reply to a mail takes the first number that is free.  A mail is settled in the
 * transaction that plans its replies, so none is planned twice. */
bool
mail_answer_plan(Work *work, DbTx *tx, const MailAnswer *answer, const json_t *result,
    const OrderDraft *draft, IntakeFormat format, GError **error)
{
	char *file = result_file(result);
	char today[DAY_CHARS];
	g_auto(Response) response = { 0 };
	LetterPart parts[2] = { { "application/json", "result.json", file,
	    strlen(file) } };
	size_t n = 1;
	bool ok = false;

	day_format(day_of(clock_now_at(), work->zone), today);
	if (draft != NULL && response_make(format, draft, result, work->issue.vendor_name,
				 today, &response))
		parts[n++] = (LetterPart){ response.type, response.name, response.bytes,
			response.size };
	for (int i = 1, planned = 0; planned == 0; i++) {
		g_autofree char *key =
		    g_strdup_printf("answer/%" G_GINT64_FORMAT "/%d", answer->mail_id, i);

		planned = plan(work, tx, answer, result, key, parts, n, error);
		ok = planned > 0;
	}
	free(file);
	return ok;
}

bool
mail_answer_none(
    Work *work, DbTx *tx, const MailAnswer *answer, const json_t *record, GError **error)
{
	json_t *flaws = json_object_get(json_object_get(record, "mail"), "flaws");
	const char *why = "E_FORMAT: nothing in the mail can be read as an order";
	char today[DAY_CHARS];
	g_autofree char *key = NULL;
	json_t *result;
	int planned;

	for (size_t i = 0; i < json_array_size(flaws); i++)
		for (size_t r = 0; r < G_N_ELEMENTS(reasons); r++)
			if (g_strcmp0(json_string_value(json_array_get(flaws, i)),
				reasons[r].flaw) == 0)
				why = reasons[r].text;
	day_format(day_of(clock_now_at(), work->zone), today);
	key = g_strdup_printf("unreadable/%s/%s", answer->to->email, today);
	result = json_pack("{s:n, s:s, s:[], s:[{s:s, s:n, s:s}]}", "order", "status",
	    "rejected", "lines", "errors", "code", "E_FORMAT", "field", "text",
	    why + strlen("E_FORMAT: "));
	planned = plan(work, tx, answer, result, key, NULL, 0, error);
	json_decref(result);
	return planned >= 0;
}
