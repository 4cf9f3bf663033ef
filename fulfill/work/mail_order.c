/*
 * mail_order.c - documents of a mail become orders, each with an answer.
 */
#include "fulfill/work/mail_order.h"

#include <string.h>

#include "fulfill/domain/mail_limit.h"
#include "fulfill/domain/party.h"
#include "fulfill/intake/intake.h"
#include "fulfill/work/mail_answer.h"
#include "fulfill/work/mail_limits.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/submit.h"
#include "queue/limits.h"

/* One document: its orders, or why it cannot be read. */
typedef struct Document {
	IntakeDocument *read;
	GError *wrong;
	const char *name; /* of the record */
} Document;

static void
document_clear(void *p)
{
	Document *document = p;

	intake_document_free(document->read);
	g_clear_error(&document->wrong);
}

void
mail_orders_clear(MailOrders *orders)
{
	g_clear_pointer(&orders->answers, json_decref);
	g_clear_pointer(&orders->held, g_free);
}

static GArray *
read_documents(const json_t *record)
{
	json_t *list = json_object_get(record, "documents");
	GArray *documents = g_array_new(FALSE, TRUE, sizeof(Document));
	IntakeHint hint = { .source = "mail" };

	g_array_set_clear_func(documents, document_clear);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		g_autoptr(GBytes) bytes = mail_reader_document(item);
		gsize size;
		const void *data = g_bytes_get_data(bytes, &size);
		Document document = { .name = json_string_value(
					  json_object_get(item, "name")) };

		document.read = intake_read_bytes(data, size, &hint, &document.wrong);
		g_array_append_val(documents, document);
	}
	return documents;
}

/* ---- for whom? ---- */

/* The user among those of the proof whose party the documents name.  NULL: it cannot be
 * told. */
static const MailSender *
choose_sender(const MailProof *proof, const GArray *documents)
{
	const MailSender *chosen = NULL;

	if (proof->users->len == 1)
		return g_ptr_array_index(proof->users, 0);
	for (guint d = 0; d < documents->len; d++) {
		const IntakeDocument *read = g_array_index(documents, Document, d).read;

		for (guint i = 0; read != NULL && i < read->orders->len; i++) {
			const OrderDraft *draft = g_ptr_array_index(read->orders, i);
			const MailSender *here = NULL;

			for (guint u = 0; u < proof->users->len; u++) {
				const MailSender *user =
				    g_ptr_array_index(proof->users, u);

				if (g_strcmp0(draft->party, user->party) == 0)
					here = user;
			}
			if (here == NULL || (chosen != NULL && chosen != here))
				return NULL;
			chosen = here;
		}
	}
	return chosen;
}

static bool
is_missing_party(const OrderError *error)
{
	return error->code == E_MISSING_FIELD && error->line == NULL &&
	       g_strcmp0(error->field, "party") == 0;
}

/* A reseller need not say who it is, and cannot say that it is somebody else who does not
 * stand below it.  What its user may order is the domain's to say. */
static bool
bind_to_sender(Db *db, OrderDraft *draft, const MailSender *sender, GError **error)
{
	g_autoptr(Party) party = NULL;
	g_autofree char *source = NULL;
	bool below = true;

	for (guint i = draft->errors->len; draft->party == NULL && i-- > 0;)
		if (is_missing_party(g_ptr_array_index(draft->errors, i)))
			g_ptr_array_remove_index(draft->errors, i);
	if (draft->party == NULL)
		draft->party = g_strdup(sender->party);
	if (party_find(db, draft->party, &party, error) < 0 ||
	    (party != NULL &&
		!party_is_at_or_below(db, party->id, sender->party_id, &below, error)))
		return false;
	if (!below)
		order_draft_error(draft, E_RIGHT, NULL, "party",
		    "this sender orders for '%s', not for '%s'", sender->party,
		    draft->party);
	if (sender->vendor)
		return true;
	source = g_strdup_printf(
	    "%s/%s", sender->party, draft->source != NULL ? draft->source : "mail");
	g_free(draft->source);
	draft->source = g_steal_pointer(&source);
	return true;
}

static bool
bind_all(Db *db, GArray *documents, const MailSender *sender, GError **error)
{
	for (guint d = 0; d < documents->len; d++) {
		IntakeDocument *read = g_array_index(documents, Document, d).read;

		for (guint i = 0; read != NULL && i < read->orders->len; i++)
			if (!bind_to_sender(
				db, g_ptr_array_index(read->orders, i), sender, error))
				return false;
	}
	return true;
}

/* All orders of the mail; borrowed. */
static GPtrArray *
all_orders(const GArray *documents)
{
	GPtrArray *orders = g_ptr_array_new();

	for (guint d = 0; d < documents->len; d++) {
		const IntakeDocument *read = g_array_index(documents, Document, d).read;

		for (guint i = 0; read != NULL && i < read->orders->len; i++)
			g_ptr_array_add(orders, g_ptr_array_index(read->orders, i));
	}
	return orders;
}

/* ---- taking them ---- */

static json_t *
unreadable_answer(const Document *document)
{
	return json_pack("{s:n, s:s, s:s, s:[], s:[{s:s, s:n, s:s}]}", "order", "source",
	    "mail", "status", "rejected", "lines", "errors", "code",
	    order_error_name(order_error_of(document->wrong)), "field", "text",
	    document->wrong->message);
}

static bool
place_all(Work *work, DbTx *tx, const MailIn *mail, GArray *documents,
    const MailAnswer *answer, json_t *answers, GError **error)
{
	OrderPolicy policy = submit_policy(work);
	SubmitCount count = { 0 };

	policy.user_id = answer->to->user_id;
	for (guint d = 0; d < documents->len; d++) {
		const Document *document = &g_array_index(documents, Document, d);

		if (document->read == NULL) {
			json_t *refused = unreadable_answer(document);

			json_array_append_new(answers, refused);
			if (!mail_answer_plan(work, tx, answer, refused, NULL, 0, error))
				return false;
			continue;
		}
		for (guint i = 0; i < document->read->orders->len; i++) {
			OrderDraft *draft = g_ptr_array_index(document->read->orders, i);
			int64_t id = 0;

			if (!submit_place(
				tx, draft, &policy, answers, &count, &id, error) ||
			    (id != 0 && !mail_limit_note(tx, mail->id, id,
					    answer->to->party_id, error)) ||
			    !mail_answer_plan(work, tx, answer,
				json_array_get(answers, json_array_size(answers) - 1),
				draft, document->read->format, error))
				return false;
		}
	}
	return true;
}

bool
mail_order_take(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailOrders *ret, GError **error)
{
	g_autoptr(GArray) documents = read_documents(record);
	g_autoptr(GPtrArray) orders = all_orders(documents);
	const MailSender *sender = choose_sender(proof, documents);
	MailAnswer answer;

	ret->answers = json_array();
	if (json_is_true(json_object_get(record, "too_large"))) {
		ret->held = g_strdup_printf("more than %d documents or %d MiB of them",
		    LIMIT_MAIL_IN_DOCUMENTS, LIMIT_MAIL_IN_DOCUMENT_BYTES >> 20);
		return true;
	}
	if (sender == NULL) {
		ret->held =
		    g_strdup("the sender is a user of several parties, and the order "
			     "names none of them");
		return true;
	}
	if (!bind_all(work->db, documents, sender, error))
		return false;
	/* A person who let the mail go has seen it. */
	if (strcmp(proof->method, "person") != 0 &&
	    !mail_limits_check(work, sender, orders, &ret->held, error))
		return false;
	if (ret->held != NULL)
		return true;
	answer = mail_answer_to(mail, record, sender);
	if (documents->len == 0)
		return mail_answer_none(work, tx, &answer, record, error);
	return submit_check_disk(work, error) &&
	       place_all(work, tx, mail, documents, &answer, ret->answers, error);
}
