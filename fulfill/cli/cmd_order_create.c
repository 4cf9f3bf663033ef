/*
 * cmd_order_create.c - an order of one product, typed in: customer, licence and ticket at
 * once.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/user.h"
#include "fulfill/work/submit.h"

static char *opt_number;
static char *opt_party;
static char *opt_product;
static int opt_quantity = 1;
static char **opt_options;
static char *opt_customer;
static char *opt_name;
static char *opt_company;
static char *opt_email;
static char *opt_language;
static char *opt_by;
static char *opt_to;
static gboolean opt_dry_run;

const GOptionEntry opt_order_create[] = {
	{ "product", 0, 0, G_OPTION_ARG_STRING, &opt_product, "what is sold", "SKU" },
	{ "quantity", 0, 0, G_OPTION_ARG_INT, &opt_quantity, "how many (default: 1)",
	    "N" },
	{ "option", 0, 0, G_OPTION_ARG_STRING_ARRAY, &opt_options,
	    "days=30, modules=cam|cae, start=2026-12-01; again for each", "NAME=VALUE" },
	{ "customer", 0, 0, G_OPTION_ARG_STRING, &opt_customer,
	    "the reseller's number for its customer", "ID" },
	{ "name", 0, 0, G_OPTION_ARG_STRING, &opt_name, "of the customer's contact",
	    "NAME" },
	{ "company", 0, 0, G_OPTION_ARG_STRING, &opt_company, "of the customer", "NAME" },
	{ "email", 0, 0, G_OPTION_ARG_STRING, &opt_email, "of the customer", "ADDRESS" },
	{ "language", 0, 0, G_OPTION_ARG_STRING, &opt_language, "de or en", "LANGUAGE" },
	{ "by", 0, 0, G_OPTION_ARG_STRING, &opt_by, "email, post, portal", "CHANNEL" },
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "customer or party", "WHOM" },
	{ "party", 0, 0, G_OPTION_ARG_STRING, &opt_party,
	    "who sells (default: that of the user of --as)", "PARTY" },
	{ "number", 0, 0, G_OPTION_ARG_STRING, &opt_number,
	    "of the order; the same again changes nothing (default: a new one)",
	    "NUMBER" },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run, "answer, make nothing",
	    NULL },
	ACTING_OPTION,
	{ 0 },
};

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

/* A whole number, or words with '|' between them. */
static json_t *
option_value(const char *text)
{
	char *end;
	gint64 number = g_ascii_strtoll(text, &end, 10);
	g_auto(GStrv) words = NULL;
	json_t *list;

	if (*text != '\0' && *end == '\0')
		return json_integer(number);
	words = g_strsplit(text, "|", -1);
	list = json_array();
	for (char **word = words; *word != NULL; word++)
		json_array_append_new(list, json_string(*word));
	return list;
}

static json_t *
options_json(GError **error)
{
	json_t *options = json_object();

	for (char **o = opt_options; o != NULL && *o != NULL; o++) {
		const char *equals = strchr(*o, '=');
		g_autofree char *name =
		    equals != NULL ? g_strndup(*o, (gsize)(equals - *o)) : NULL;

		if (name == NULL) {
			json_decref(options);
			err_set(error, TP_ERROR_INVALID,
			    "--option: '%s' is not of the form days=30", *o);
			return NULL;
		}
		json_object_set_new(options, name, option_value(equals + 1));
	}
	return options;
}

/* The same document as a file would have. */
static json_t *
order_json(const char *party, const char *number, GError **error)
{
	json_t *options = options_json(error);
	json_t *line;
	json_t *order;
	json_t *customer;
	json_t *deliver;

	if (options == NULL)
		return NULL;
	line = json_pack("{s:s, s:s, s:i, s:o}", "line", "1", "product",
	    opt_product != NULL ? opt_product : "", "quantity", opt_quantity, "options",
	    options);
	order = json_pack(
	    "{s:s, s:s, s:[o]}", "order", number, "party", party, "lines", line);
	customer = json_object();
	put(customer, "id", opt_customer);
	put(customer, "name", opt_name);
	put(customer, "company", opt_company);
	put(customer, "email", opt_email);
	put(customer, "language", opt_language);
	deliver = json_object();
	put(deliver, "by", opt_by);
	put(deliver, "to", opt_to);
	json_object_set_new(order, "deliver", deliver);
	if (json_object_size(customer) > 0)
		json_object_set_new(order, "customer", customer);
	else
		json_decref(customer);
	return order;
}

static char *
party_of(const Cmd *cmd, int64_t actor, GError **error)
{
	g_autoptr(User) user = NULL;

	if (opt_party != NULL)
		return g_strdup(opt_party);
	if (actor == 0) {
		err_set(error, TP_ERROR_INVALID, "say who sells with --party or --as");
		return NULL;
	}
	user = user_get(cmd->work->db, actor, error);
	return user != NULL ? g_strdup(user->party) : NULL;
}

/* What became of it: the answer as of submit, and the tickets. */
static bool
print_answer(const Cmd *cmd, json_t *answers, const char *number, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", true },
		{ "TICKET", "masked", false },
		{ "PRODUCT", "product", false },
		{ "FIRST DAY", "first_day", false },
		{ "LAST DAY", "last_day", false },
		{ "HOLDER", "holder", false },
		{ NULL, NULL, false },
	};
	TicketFilter filter = { .order = number };
	g_autoptr(GPtrArray) tickets = ticket_list(cmd->work->db, &filter, error);
	json_t *list;

	if (tickets == NULL)
		return false;
	list = json_array();
	for (guint i = 0; i < tickets->len; i++) {
		const Ticket *t = g_ptr_array_index(tickets, i);

		json_array_append_new(
		    list, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "id", t->id,
			      "masked", t->masked, "product", t->sku, "first_day",
			      t->first_day, "last_day", json_text(t->last_day), "holder",
			      json_text(t->holder)));
	}
	table_print(cmd, json_pack("{s:O, s:o}", "orders", answers, "tickets", list),
	    "tickets", columns);
	return true;
}

/* The first thing that is wrong, for people. */
static int
refused(const Cmd *cmd, json_t *answers, GError **error)
{
	const json_t *order = json_array_get(answers, 0);
	const json_t *line = json_array_get(json_object_get(order, "lines"), 0);
	const json_t *wrong = json_array_get(json_object_get(line, "errors"), 0);

	if (wrong == NULL)
		wrong = json_array_get(json_object_get(order, "errors"), 0);
	if (cmd->json) {
		table_print_object(cmd, json_pack("{s:O}", "orders", answers), NULL);
		return EX_DATAERR;
	}
	err_set(error, TP_ERROR_INVALID, "%s %s: %s",
	    json_string_value(json_object_get(wrong, "code")),
	    json_string_value(json_object_get(wrong, "field")),
	    json_string_value(json_object_get(wrong, "text")));
	return -1;
}

int
cmd_order_create(Cmd *cmd, GError **error)
{
	SubmitOptions options = {
		.source = "cli", .dry_run = opt_dry_run, .at_once = true
	};
	SubmitCount count = { 0 };
	g_autofree char *number =
	    opt_number != NULL
		? g_strdup(opt_number)
		: g_strdup_printf("cli-%08x%08x", g_random_int(), g_random_int());
	g_autofree char *party = NULL;
	json_t *order;
	json_t *answers;
	char *text;
	int code = -1;

	if (!acting_user(cmd, &options.user_id, error))
		return -1;
	party = party_of(cmd, options.user_id, error);
	order = party != NULL ? order_json(party, number, error) : NULL;
	if (order == NULL)
		return -1;
	text = json_dumps(order, JSON_COMPACT);
	answers = json_array();
	if (submit_bytes(
		cmd->work, text, strlen(text), &options, answers, &count, error)) {
		if (count.rejected > 0)
			code = refused(cmd, answers, error);
		else if (print_answer(cmd, answers, number, error))
			code = EX_OK;
	}
	free(text);
	json_decref(order);
	json_decref(answers);
	return code;
}
