/*
 * programme_letter.c - letters "programme" and "staff".
 */
#include "fulfill/domain/programme_letter.h"

#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/product.h"

static const char *const names[] = {
	[PLAN_RENEWED] = "renewed",
	[PLAN_SHORTENED] = "shortened",
	[PLAN_ENDED] = "ended",
};

static const Stmt DUE = {
	.name = "job.due_of_mail",
	.sql = "UPDATE job SET due_at = $2 WHERE kind = 'mail' AND ref = $1"
	       " AND state = 'ready'",
};

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

int
programme_letter(DbTx *tx, const IssueContext *issue, const Plan *plan,
    const ProgrammePerson *person, PlanEvent event, int64_t due_at, GError **error)
{
	const char *language =
	    person->language != NULL ? person->language : issue->language;
	g_autoptr(Product) product = product_get(tx->db, plan->product_id, error);
	g_autofree char *masked = NULL;
	g_autofree char *last = day_format_people(plan->last_day, language);
	char day[DAY_CHARS];
	g_autofree char *key = g_strdup_printf("plan/%" G_GINT64_FORMAT "/%d/%s/%s",
	    plan->id, plan->k, names[event], day_format(plan->last_day, day));
	json_t *context;
	int64_t mail_id = 0;
	int planned;

	if (product == NULL || !plan_masked(tx->db, plan, &masked, error))
		return -1;
	context = letter_context(issue, person->name);
	json_object_set_new(context, names[event], json_true());
	json_object_set_new(
	    context, "is_nfr", json_boolean(g_str_equal(product->kind, "nfr")));
	put(context, "product", product_name(product, language));
	put(context, "masked", masked);
	put(context, "last_day_text", last);
	{
		const Letter letter = { .text = "programme",
			.context = context,
			.to_email = person->email,
			.to_name = person->name,
			.language = language,
			.subject = names[event],
			.key = key,
			.recurring = true,
			.order_id = plan->order_id };

		planned = mail_letter_plan(tx, &letter, &mail_id, error);
	}
	json_decref(context);
	if (planned == 1 && due_at != 0 &&
	    !db_exec(tx->db, &DUE, DB_ARGS(v_int(mail_id), v_int(due_at)), NULL, error))
		return -1;
	return planned;
}

bool
programme_removed(DbTx *tx, json_t *list, const Plan *plan, const ProgrammePerson *person,
    const char *what, GError **error)
{
	g_autoptr(Product) product = product_get(tx->db, plan->product_id, error);
	g_autofree char *masked = NULL;
	char day[DAY_CHARS];
	json_t *row;

	if (product == NULL || !plan_masked(tx->db, plan, &masked, error))
		return false;
	row = json_object();
	put(row, "employee", person->code);
	put(row, "name", person->name);
	put(row, "product", product->sku);
	put(row, "masked", masked);
	put(row, "last_day", day_format(plan->last_day, day));
	put(row, "what", what);
	json_array_append_new(list, row);
	return true;
}

bool
programme_report(DbTx *tx, const IssueContext *issue, const char *owner,
    const char *language, json_t *list, const char *key, GError **error)
{
	json_t *context;
	bool ok;

	if (owner == NULL || json_array_size(list) == 0)
		return true;
	context = letter_context(issue, NULL);
	json_object_set(context, "removed", list);
	{
		const Letter letter = { .text = "staff",
			.context = context,
			.to_email = owner,
			.language = language,
			.subject = "licences of people who left",
			.key = key,
			.null_sender = true };

		ok = mail_letter_plan(tx, &letter, NULL, error) >= 0;
	}
	json_decref(context);
	return ok;
}
