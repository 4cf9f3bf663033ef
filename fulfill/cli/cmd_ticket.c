/*
 * cmd_ticket.c - tickets, masked unless somebody asks with a reason.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/work/subscription_chore.h"
#include "mailer/addr.h"
#include "queue/day.h"

static char *opt_order;
static char *opt_state;
static char *opt_product;
static char *opt_to;
static int opt_limit;
static gboolean opt_yes;
static char *opt_name;
static char *opt_language;
static char *opt_credit;

const GOptionEntry opt_ticket_list[] = {
	{ "order", 0, 0, G_OPTION_ARG_STRING, &opt_order, "of this order", "NUMBER" },
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state,
	    "issued, collected, recalled ...", "STATE" },
	{ "product", 0, 0, G_OPTION_ARG_STRING, &opt_product, "of this product", "SKU" },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "at most so many", "N" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_ticket_recall[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ "credit", 0, 0, G_OPTION_ARG_STRING, &opt_credit,
	    "of what was charged: full, prorata (the days that are left) or none (the "
	    "default)",
	    "MODE" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_ticket_reason[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};

const GOptionEntry opt_ticket_forward[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "the customer's address", "ADDRESS" },
	{ "name", 0, 0, G_OPTION_ARG_STRING, &opt_name, "the customer's name", "NAME" },
	{ "language", 0, 0, G_OPTION_ARG_STRING, &opt_language,
	    "in which the customer is written to; default: the reseller's", "de|en" },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_ticket_resend[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "another address than before",
	    "ADDRESS" },
	{ "yes", 0, 0, G_OPTION_ARG_NONE, &opt_yes, "do not ask when the address changed",
	    NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};

static void
add_delivery(void *user, const TicketDelivery *d)
{
	json_array_append_new(
	    user, json_pack("{s:s, s:s, s:s, s:s, s:o}", "channel", d->channel, "to",
		      d->recipient, "state", d->state, "purpose", d->purpose, "reason",
		      json_text(d->reason)));
}

static json_t *
ticket_json(Db *db, const Ticket *t, GError **error)
{
	json_t *deliveries = json_array();

	if (!ticket_deliveries(db, t->id, add_delivery, deliveries, error)) {
		json_decref(deliveries);
		return NULL;
	}
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:o}",
	    "id", t->id, "masked", t->masked, "order", t->order, "line", t->line,
	    "product", t->sku, "kind", t->kind, "state", t->state, "first_day",
	    t->first_day, "last_day", json_text(t->last_day), "holder",
	    json_text(t->holder), "quantity", t->quantity, "deliveries", deliveries);
}

/* For the table: how the latest delivery stands. */
static void
add_summary(json_t *ticket)
{
	json_t *deliveries = json_object_get(ticket, "deliveries");
	json_t *last = json_array_get(deliveries, json_array_size(deliveries) - 1);

	if (last != NULL) {
		json_object_set(ticket, "channel", json_object_get(last, "channel"));
		json_object_set(ticket, "to", json_object_get(last, "to"));
		json_object_set(ticket, "delivery", json_object_get(last, "state"));
	}
}

static const Column columns[] = {
	{ "ID", "id", true },
	{ "TICKET", "masked", false },
	{ "ORDER", "order", false },
	{ "LINE", "line", false },
	{ "PRODUCT", "product", false },
	{ "STATE", "state", false },
	{ "LAST DAY", "last_day", false },
	{ "HOLDER", "holder", false },
	{ "BY", "channel", false },
	{ "TO", "to", false },
	{ "DELIVERY", "delivery", false },
	{ NULL, NULL, false },
};

/* The ticket of the first argument, when whoever acts may do this with it. */
static bool
resolve(Cmd *cmd, TicketAs as, int64_t *ret_id, GError **error)
{
	int64_t actor;

	return acting_user(cmd, &actor, error) &&
	       ticket_resolve(
		   cmd->work->db, cmd->work->vault, cmd->args[0], ret_id, error) &&
	       ticket_may_act(cmd->work->db, actor, *ret_id, as, error);
}

int
cmd_ticket_list(Cmd *cmd, GError **error)
{
	TicketFilter filter = {
		.order = opt_order, .state = opt_state, .product = opt_product
	};
	g_autoptr(GPtrArray) tickets = NULL;
	json_t *list;
	int64_t actor;

	if (!acting_user(cmd, &actor, error))
		return -1;
	/* Of those that are seen, which the store cannot count. */
	if (actor == 0)
		filter.limit = opt_limit;
	tickets = ticket_list(cmd->work->db, &filter, error);
	if (tickets == NULL)
		return -1;
	list = json_array();
	for (guint i = 0; i < tickets->len; i++) {
		const Ticket *one = g_ptr_array_index(tickets, i);
		int seen = ticket_is_seen(cmd->work->db, actor, one->id, error);
		json_t *ticket;

		if (opt_limit > 0 && json_array_size(list) == (size_t)opt_limit)
			break;
		if (seen == 0)
			continue;
		ticket = seen == 1 ? ticket_json(cmd->work->db, one, error) : NULL;
		if (ticket == NULL) {
			json_decref(list);
			return -1;
		}
		if (!cmd->json)
			add_summary(ticket);
		json_array_append_new(list, ticket);
	}
	table_print(cmd, json_pack("{s:o}", "tickets", list), "tickets", columns);
	return EX_OK;
}

int
cmd_ticket_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "ticket", "masked", false },
		{ "id", "id", false },
		{ "order", "order", false },
		{ "line", "line", false },
		{ "product", "product", false },
		{ "kind", "kind", false },
		{ "state", "state", false },
		{ "first day", "first_day", false },
		{ "last day", "last_day", false },
		{ "holder", "holder", false },
		{ NULL, NULL, false },
	};
	static const Column delivery_columns[] = {
		{ "BY", "channel", false },
		{ "TO", "to", false },
		{ "STATE", "state", false },
		{ "PURPOSE", "purpose", false },
		{ "REASON", "reason", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Ticket) ticket = NULL;
	json_t *document;
	int64_t id;

	if (!resolve(cmd, TICKET_AS_VIEWER, &id, error))
		return -1;
	ticket = ticket_get(cmd->work->db, id, error);
	document = ticket != NULL ? ticket_json(cmd->work->db, ticket, error) : NULL;
	if (document == NULL)
		return -1;
	table_print_object(cmd, json_incref(document), lines);
	if (!cmd->json) {
		putchar('\n');
		table_print(cmd, document, "deliveries", delivery_columns);
	} else {
		json_decref(document);
	}
	return EX_OK;
}

/*
 * For anybody who holds a code: is it well-formed, and is it one of ours?  Says where a
 * typing error is when that can be known, and of a good ticket no more than that it is
 * good: not whose it is, not what for.
 */
int
cmd_ticket_verify(Cmd *cmd, GError **error)
{
	g_auto(Code) code = { 0 };
	CodeFault fault = { 0 };
	g_autoptr(GError) wrong = NULL;
	const char *verdict = "known";
	int64_t id = 0;
	json_t *answer;

	if (!code_parse(cmd->args[0], -1, &code, &fault, &wrong)) {
		/* Unless a service made it, whose codes have no check of ours. */
		if (strspn(cmd->args[0], "0123456789") != strlen(cmd->args[0]) &&
		    ticket_resolve(
			cmd->work->db, cmd->work->vault, cmd->args[0], &id, NULL))
			g_clear_error(&wrong);
		else
			verdict = "mistyped";
	} else {
		char text[CODE_TEXT_SIZE];
		g_autoptr(GError) unknown = NULL;

		code_format(&code, text);
		if (!ticket_resolve(
			cmd->work->db, cmd->work->vault, text, &id, &unknown)) {
			if (!g_error_matches(unknown, TP_ERROR, TP_ERROR_NOT_FOUND)) {
				g_propagate_error(error, g_steal_pointer(&unknown));
				return -1;
			}
			verdict = "unknown";
		}
		memset(text, 0, sizeof(text));
	}
	answer = json_pack("{s:s}", "verdict", verdict);
	if (wrong != NULL)
		json_object_set_new(answer, "text", json_string(wrong->message));
	if (fault.group > 0)
		json_object_set_new(answer, "group", json_integer(fault.group));
	if (fault.position > 0)
		json_object_set_new(answer, "position", json_integer(fault.position));
	if (cmd->json)
		table_print_object(cmd, json_incref(answer), NULL);
	else if (wrong != NULL)
		fprintf(stderr, "ticketpost: not a ticket code: %s\n", wrong->message);
	else
		printf("%s\n", id != 0 ? "this is a ticket of ours"
				       : "well-formed, but not a ticket of ours");
	json_decref(answer);
	return id != 0 ? EX_OK : EX_DATAERR;
}

int
cmd_ticket_reveal(Cmd *cmd, GError **error)
{
	g_auto(Code) code = { 0 };
	g_auto(DbTx) tx = DB_TX_INIT;
	char text[CODE_TEXT_SIZE];
	int64_t id;

	/* The audit row is durable before the code is seen. */
	if (!resolve(cmd, TICKET_AS_USER, &id, error) ||
	    !ticket_open(cmd->work->db, cmd->work->vault, id, &code, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !audit_add(&tx, AUDIT_REVEALED, "ticket", id, NULL, error) ||
	    !db_commit(&tx, error))
		return -1;
	code_format(&code, text);
	if (cmd->json)
		table_print_object(
		    cmd, json_pack("{s:I, s:s}", "id", id, "code", text), NULL);
	else
		printf("%s\n", text);
	memset(text, 0, sizeof(text));
	return EX_OK;
}

/* Another address than the last mail went to is asked about; without somebody to ask,
 * --yes has to say so. */
static bool
may_write_to(const char *last, const char *to, GError **error)
{
	int answer;

	if (last == NULL || strcmp(last, to) == 0 || opt_yes)
		return true;
	if (!isatty(STDIN_FILENO))
		return err_set(error, TP_ERROR_CONFLICT,
		    "the last mail went to '%s', not to '%s': say --yes, or --to '%s'",
		    last, to, last);
	fprintf(stderr, "The last mail went to %s.  Send to %s? [y/N] ", last, to);
	answer = getchar();
	return answer == 'y' || answer == 'Y' ||
	       err_set(error, TP_ERROR_CANCELLED, "nothing was sent");
}

int
cmd_ticket_resend(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *named = NULL;
	g_autofree char *last = NULL;
	g_autofree char *now = NULL;
	const char *to;
	int64_t id;
	int64_t mail_id;

	if (opt_to != NULL && (named = addr_normal(opt_to, error)) == NULL)
		return -1;
	if (!resolve(cmd, TICKET_AS_SENDER, &id, error) ||
	    !mail_again_address(cmd->work->db, id, &last, &now, error))
		return -1;
	to = named != NULL ? named : now;
	if ((to != NULL && !may_write_to(last, to, error)) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !mail_again_resend(&tx, id, to, cmd_reason, &mail_id, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(
		    stderr, "mail %" G_GINT64_FORMAT " is ready to be sent\n", mail_id);
	return EX_OK;
}

int
cmd_ticket_forward(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *to = NULL;
	Forward forward = {
		.name = opt_name, .language = opt_language, .reason = cmd_reason
	};
	int64_t mail_id;

	if (opt_to == NULL) {
		err_set(error, TP_ERROR_INVALID, "forward to whom? say --to ADDRESS");
		return -1;
	}
	to = addr_normal(opt_to, error);
	if (to == NULL)
		return -1;
	forward.to = to;
	forward.zone = cmd->work->zone;
	if (!resolve(cmd, TICKET_AS_SENDER, &forward.ticket_id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !mail_again_forward(&tx, &forward, &mail_id, error) || !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(
		    stderr, "mail %" G_GINT64_FORMAT " is ready to be sent\n", mail_id);
	return EX_OK;
}

/* What was sold is also undone in the books: a subscription renews no more, and what was
 * charged is given back as --credit says. */
int
cmd_ticket_recall(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Ticket) ticket = NULL;
	g_autofree char *back = NULL;
	Reversal how = { .day = day_today(cmd->work->zone), .reason = cmd_reason };
	SubscriptionPolicy policy;
	Money given;
	int64_t id;

	if (!credit_mode_from_name(
		opt_credit != NULL ? opt_credit : "none", &how.mode, error) ||
	    !resolve(cmd, TICKET_AS_REVOKER, &id, error) ||
	    (ticket = ticket_get(cmd->work->db, id, error)) == NULL ||
	    !subscription_policy(cmd->work, &policy, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !licence_reverse(&tx, &policy, ticket->licence_id, &how, &given, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (given.currency[0] != '\0')
		back = money_format(given);
	if (cmd->json)
		table_print_object(cmd,
		    json_pack("{s:I, s:s, s:o}", "id", id, "credit",
			credit_mode_name(how.mode), "given_back", json_text(back)),
		    NULL);
	else if (!cmd->quiet && back != NULL)
		fprintf(stderr, "recalled; given back: %s%s\n", back,
		    opt_credit == NULL ? " (--credit full or prorata gives more)" : "");
	return EX_OK;
}
