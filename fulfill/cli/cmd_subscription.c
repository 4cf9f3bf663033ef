/*
 * cmd_subscription.c - subscriptions: look, give notice, take it back, undo, exchange.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/exchange.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription_list.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/work/subscription_chore.h"

static char *opt_state;
static char *opt_party;
static char *opt_product;
static char *opt_order;
static char *opt_line;
static char *opt_source;
static char *opt_last_by;
static char *opt_day;
static char *opt_credit;
static char *opt_to;
static char *opt_direction;
static char *opt_recall_on;
static int opt_recall_days = 14;
static int opt_quantity;
static int opt_limit;
static gboolean opt_drop_options;
static gboolean opt_term;
static gboolean opt_dry_run;

#define DRY_RUN                                                                          \
	{                                                                                \
		"dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run,                      \
		    "say what would happen, change nothing", NULL                        \
	}
#define REASON                                                                           \
	{                                                                                \
		"reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason,                        \
		    "kept with the booking", "TEXT"                                      \
	}

const GOptionEntry opt_subscription_list[] = {
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state,
	    "active, cancelled, ended, reversed, exchanged", "STATE" },
	{ "party", 0, 0, G_OPTION_ARG_STRING, &opt_party, "ordered by it", "CODE" },
	{ "product", 0, 0, G_OPTION_ARG_STRING, &opt_product, "of this product", "SKU" },
	{ "order", 0, 0, G_OPTION_ARG_STRING, &opt_order, "of this order", "NUMBER" },
	{ "last-by", 0, 0, G_OPTION_ARG_STRING, &opt_last_by,
	    "whose last day is this one or earlier", "DAY" },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "at most so many", "N" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_subscription_cancel[] = {
	{ "received", 0, 0, G_OPTION_ARG_STRING, &opt_day,
	    "when the notice reached us (default: today)", "DAY" },
	REASON,
	DRY_RUN,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_subscription_keep[] = {
	REASON,
	DRY_RUN,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_subscription_reverse[] = {
	{ "credit", 0, 0, G_OPTION_ARG_STRING, &opt_credit,
	    "needed: full, prorata (the days that are left) or none", "MODE" },
	{ "day", 0, 0, G_OPTION_ARG_STRING, &opt_day,
	    "the first day that is not used any more (default: today)", "DAY" },
	{ "term", 0, 0, G_OPTION_ARG_NONE, &opt_term,
	    "only its latest renewal: the licence ends with the term before", NULL },
	{ "order", 0, 0, G_OPTION_ARG_STRING, &opt_order,
	    "instead of IDs: of a line of this order, renewing or not", "NUMBER" },
	{ "source", 0, 0, G_OPTION_ARG_STRING, &opt_source, "of the order", "NAME" },
	{ "line", 0, 0, G_OPTION_ARG_STRING, &opt_line, "of the order", "LINE" },
	{ "quantity", 0, 0, G_OPTION_ARG_INT, &opt_quantity,
	    "so many of the line: uncollected first, the youngest first", "N" },
	REASON,
	DRY_RUN,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_subscription_exchange[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "needed: the other product", "SKU" },
	{ "direction", 0, 0, G_OPTION_ARG_STRING, &opt_direction,
	    "upgrade, downgrade or swap (default): kept for reports", "WORD" },
	{ "day", 0, 0, G_OPTION_ARG_STRING, &opt_day,
	    "the first day of the new one (default: today)", "DAY" },
	{ "recall-on", 0, 0, G_OPTION_ARG_STRING, &opt_recall_on,
	    "the old is recalled when the new was activated (default) or delivered",
	    "WORD" },
	{ "recall-days", 0, 0, G_OPTION_ARG_INT, &opt_recall_days,
	    "or so many days after the exchange, once it was delivered (default: 14)",
	    "N" },
	{ "drop-options", 0, 0, G_OPTION_ARG_NONE, &opt_drop_options,
	    "leave options behind that the other product does not offer", NULL },
	REASON,
	DRY_RUN,
	ACTING_OPTION,
	{ 0 },
};

/* ---- looking ---- */

static void
add_row(void *user, const SubscriptionRow *r)
{
	g_autofree char *masked = g_strconcat("*****-...-", r->tail, NULL);

	json_array_append_new(user,
	    json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:i, s:s,"
		      " s:o, s:o, s:o, s:o, s:i}",
		"id", r->id, "ticket_id", r->ticket_id, "masked", masked, "ticket_state",
		r->ticket_state, "order", r->order, "line", r->line, "product",
		r->product, "party", r->party, "holder", json_text(r->holder), "state",
		r->state, "start_day", r->start_day, "term", r->k, "last_day",
		r->last_day, "end_day", json_text(r->end_day), "cancelled_day",
		json_text(r->cancelled_day), "due_day", json_text(r->due_day), "hold",
		json_text(r->hold), "quantity", r->quantity));
}

static int64_t actor; /* who acts; 0: the operator */

static int
sees_subscription(void *db, const json_t *one, GError **error)
{
	return ticket_is_seen(
	    db, actor, json_integer_value(json_object_get(one, "ticket_id")), error);
}

/* Those whose tickets whoever acts may see, at most --limit. */
static bool
keep_seen(Db *db, json_t *list, GError **error)
{
	return actor == 0 || acting_keep(list, opt_limit, sees_subscription, db, error);
}

int
cmd_subscription_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", true },
		{ "TICKET", "masked", false },
		{ "ORDER", "order", false },
		{ "LINE", "line", false },
		{ "PRODUCT", "product", false },
		{ "HOLDER", "holder", false },
		{ "STATE", "state", false },
		{ "TERM", "term", true },
		{ "LAST DAY", "last_day", false },
		{ "ENDS", "end_day", false },
		{ NULL, NULL, false },
	};
	SubscriptionFilter filter = {
		.state = opt_state,
		.party = opt_party,
		.product = opt_product,
		.order = opt_order,
		.last_by = opt_last_by,
		.limit = opt_limit,
	};
	SubscriptionState state;
	Day day;
	json_t *list;

	if ((opt_state != NULL &&
		!subscription_state_from_name(opt_state, &state, error)) ||
	    (opt_last_by != NULL && !day_parse(opt_last_by, &day, error)) ||
	    !acting_user(cmd, &actor, error))
		return -1;
	if (actor != 0)
		filter.limit = 0; /* of those that are seen */
	list = json_array();
	if (!subscription_list(cmd->work->db, &filter, add_row, list, error) ||
	    !keep_seen(cmd->work->db, list, error)) {
		json_decref(list);
		return -1;
	}
	table_print(
	    cmd, json_pack("{s:o}", "subscriptions", list), "subscriptions", columns);
	return EX_OK;
}

/* "17" is a subscription; anything else is the code of its ticket. */
static Subscription *
find(Cmd *cmd, const char *text, GError **error)
{
	g_autoptr(Ticket) ticket = NULL;
	Subscription *s = NULL;
	int64_t id;
	int found;

	if (strspn(text, "0123456789") == strlen(text) && *text != '\0')
		return cmd_number(text, "subscription", &id, error)
			   ? subscription_get(cmd->work->db, id, error)
			   : NULL;
	if (!ticket_resolve(cmd->work->db, cmd->work->vault, text, &id, error))
		return NULL;
	ticket = ticket_get(cmd->work->db, id, error);
	if (ticket == NULL)
		return NULL;
	found = subscription_find(cmd->work->db, ticket->licence_id, &s, error);
	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "this ticket does not renew");
	return s;
}

/* The same, when whoever acts may do this with its ticket. */
static Subscription *
resolve(Cmd *cmd, const char *text, TicketAs as, GError **error)
{
	g_autoptr(Subscription) s = find(cmd, text, error);

	return s != NULL && ticket_may_act(cmd->work->db, actor, s->ticket_id, as, error)
		   ? g_steal_pointer(&s)
		   : NULL;
}

static json_t *
json_day(Day day, Day none)
{
	char text[DAY_CHARS];

	return day_cmp(day, none) == 0 ? json_null() : json_string(day_format(day, text));
}

static json_t *
json_money(Money money)
{
	g_autofree char *text = NULL;

	if (money.currency[0] == '\0')
		return json_null();
	text = money_format(money);
	return json_string(text);
}

static void
add_term(void *user, const SubscriptionTerm *t)
{
	json_array_append_new(user, json_pack("{s:i, s:o, s:o, s:s}", "term", t->k,
					"first_day", json_day(t->first_day, DAY_MAX),
					"last_day", json_day(t->last_day, DAY_MAX),
					"state", t->stands ? "stands" : "reversed"));
}

static void
add_sale(void *user, const Sale *sale)
{
	json_array_append_new(user,
	    json_pack("{s:I, s:o, s:s, s:i, s:o, s:o, s:o, s:o}", "id", sale->id, "day",
		json_day(sale->day, DAY_MAX), "kind", sale_kind_name(sale->kind), "term",
		sale->k, "first_day", json_day(sale->first_day, DAY_MAX), "last_day",
		json_day(sale->last_day, DAY_MAX), "amount", json_money(sale->amount),
		"reason", json_text(sale->reason)));
}

/* When it renews next and until when notice can come, for whoever asks today. */
static bool
add_outlook(const SubscriptionPolicy *policy, const Subscription *s, json_t *object,
    GError **error)
{
	bool open = s->state == SUBSCRIPTION_ACTIVE || s->state == SUBSCRIPTION_CANCELLED;
	Period period;
	Day deadline;

	json_object_set_new(object, "renews_on", json_null());
	json_object_set_new(object, "notice_until", json_null());
	if (!open || day_cmp(s->last_day, s->end_day) >= 0)
		return true;
	if (!subscription_period(s, 0, &period, error) ||
	    !subscription_deadline(s, &deadline, error))
		return false;
	json_object_set_new(object, "renews_on",
	    json_day(period_lead_day(period, policy->lead_days), DAY_MAX));
	if (s->state == SUBSCRIPTION_ACTIVE)
		json_object_set_new(object, "notice_until", json_day(deadline, DAY_MIN));
	return true;
}

int
cmd_subscription_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "subscription", "id", false },
		{ "ticket", "masked", false },
		{ "ticket state", "ticket_state", false },
		{ "order", "order", false },
		{ "line", "line", false },
		{ "product", "product", false },
		{ "party", "party", false },
		{ "holder", "holder", false },
		{ "state", "state", false },
		{ "since", "start_day", false },
		{ "last day", "last_day", false },
		{ "renews on", "renews_on", false },
		{ "notice until", "notice_until", false },
		{ "ends", "end_day", false },
		{ "held", "hold", false },
		{ NULL, NULL, false },
	};
	static const Column events[] = {
		{ "DAY", "day", false },
		{ "WHAT", "kind", false },
		{ "TERM", "term", true },
		{ "FROM", "first_day", false },
		{ "TO", "last_day", false },
		{ "AMOUNT", "amount", true },
		{ "WHY", "reason", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Subscription) s =
	    acting_user(cmd, &actor, error)
		? resolve(cmd, cmd->args[0], TICKET_AS_VIEWER, error)
		: NULL;
	SubscriptionFilter filter = { .id = s != NULL ? s->id : 0 };
	SubscriptionPolicy policy;
	Db *db = cmd->work->db;
	json_t *rows = json_array();
	json_t *terms = json_array();
	json_t *sales = json_array();
	json_t *object;

	if (s == NULL || !subscription_policy(cmd->work, &policy, error) ||
	    !subscription_list(db, &filter, add_row, rows, error) ||
	    !subscription_terms(db, s->id, add_term, terms, error) ||
	    !sale_list(db, s->licence_id, DAY_MIN, DAY_MAX, add_sale, sales, error) ||
	    !add_outlook(&policy, s, json_array_get(rows, 0), error)) {
		json_decref(rows);
		json_decref(terms);
		json_decref(sales);
		return -1;
	}
	object = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	json_object_set_new(object, "terms", terms);
	json_object_set_new(object, "events", sales);
	table_print_object(cmd, json_incref(object), lines);
	if (!cmd->json) {
		putchar('\n');
		table_print(cmd, json_incref(object), "events", events);
	}
	json_decref(object);
	return EX_OK;
}

/* ---- acting ---- */

static bool
day_option(const Cmd *cmd, Day *ret, GError **error)
{
	*ret = day_today(cmd->work->zone);
	return opt_day == NULL || day_parse(opt_day, ret, error);
}

/* What a dry run did is undone; the answer is the same. */
static bool
finish(DbTx *tx, GError **error)
{
	if (!opt_dry_run)
		return db_commit(tx, error);
	db_rollback(tx);
	return true;
}

static int
answer(const Cmd *cmd, json_t *object, const Column *lines)
{
	json_object_set_new(object, "dry_run", json_boolean(opt_dry_run));
	table_print_object(cmd, object, lines);
	return EX_OK;
}

int
cmd_subscription_cancel(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "subscription", "id", false },
		{ "state", "state", false },
		{ "ends on", "end_day", false },
		{ "notice of", "cancelled_day", false },
		{ "given back", "given_back", false },
		{ NULL, NULL, false },
	};
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Subscription) s = NULL;
	SubscriptionPolicy policy;
	CancelAnswer got;
	Day day;

	if (!acting_user(cmd, &actor, error) || !day_option(cmd, &day, error) ||
	    !subscription_policy(cmd->work, &policy, error))
		return -1;
	if (day_cmp(day, day_today(cmd->work->zone)) > 0) {
		err_set(error, TP_ERROR_INVALID,
		    "--received %s has not come yet: it is the day on which the notice "
		    "reached us",
		    opt_day);
		return -1;
	}
	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (s = resolve(cmd, cmd->args[0], TICKET_AS_REVIEWER, error)) == NULL ||
	    !subscription_cancel(&tx, &policy, s, day, cmd_reason, &got, error) ||
	    !finish(&tx, error))
		return -1;
	return answer(cmd,
	    json_pack("{s:I, s:s, s:o, s:o, s:b, s:b, s:o}", "id", s->id, "state",
		subscription_state_name(s->state), "end_day",
		json_day(got.end_day, DAY_MAX), "cancelled_day",
		json_day(got.cancelled_day, DAY_MIN), "before", got.before, "at_once",
		got.at_once, "given_back", json_money(got.given_back)),
	    lines);
}

int
cmd_subscription_keep(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "subscription", "id", false },
		{ "state", "state", false },
		{ "last day", "last_day", false },
		{ "new term", "new_term", false },
		{ NULL, NULL, false },
	};
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Subscription) s = NULL;
	SubscriptionPolicy policy;
	int k;

	if (!acting_user(cmd, &actor, error) ||
	    !subscription_policy(cmd->work, &policy, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (s = resolve(cmd, cmd->args[0], TICKET_AS_REVIEWER, error)) == NULL)
		return -1;
	k = s->k;
	if (!subscription_keep(
		&tx, &policy, s, day_today(cmd->work->zone), cmd_reason, error) ||
	    !finish(&tx, error))
		return -1;
	return answer(cmd,
	    json_pack("{s:I, s:s, s:o, s:b}", "id", s->id, "state",
		subscription_state_name(s->state), "last_day",
		json_day(s->last_day, DAY_MAX), "new_term", s->k != k),
	    lines);
}

/* Licence ids: those named, or a part of a line. */
static GArray *
chosen(Cmd *cmd, GError **error)
{
	g_autoptr(GArray) ids = NULL;

	if (opt_order != NULL && actor != 0) {
		err_set(error, TP_ERROR_INVALID,
		    "--order is for operators: with --as name the subscriptions");
		return NULL;
	}
	if (opt_order != NULL) {
		if (cmd->n_args > 0 || opt_line == NULL || opt_quantity < 1 || opt_term) {
			err_set(error, TP_ERROR_INVALID,
			    "--order goes with --line and --quantity, without IDs and "
			    "without --term");
			return NULL;
		}
		return reversal_pick(
		    cmd->work->db, opt_source, opt_order, opt_line, opt_quantity, error);
	}
	if (cmd->n_args == 0 || opt_line != NULL || opt_quantity != 0) {
		err_set(error, TP_ERROR_INVALID,
		    "name subscriptions, or --order with --line and --quantity");
		return NULL;
	}
	ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	for (int i = 0; i < cmd->n_args; i++) {
		g_autoptr(Subscription) s =
		    resolve(cmd, cmd->args[i], TICKET_AS_REVOKER, error);

		if (s == NULL)
			return NULL;
		g_array_append_val(ids, s->licence_id);
	}
	return g_steal_pointer(&ids);
}

static json_t *
reversed_json(Db *db, int64_t licence_id, Money back, GError **error)
{
	g_autoptr(Subscription) s = NULL;
	int found = subscription_find(db, licence_id, &s, error);
	json_t *object;

	if (found < 0)
		return NULL;
	object = json_pack(
	    "{s:I, s:o}", "licence", licence_id, "given_back", json_money(back));
	if (found == 1) {
		json_object_set_new(object, "id", json_integer(s->id));
		json_object_set_new(
		    object, "state", json_string(subscription_state_name(s->state)));
		json_object_set_new(object, "last_day", json_day(s->last_day, DAY_MAX));
		json_object_set_new(object, "ticket_state", json_string(s->ticket_state));
	}
	return object;
}

static bool
reverse_one(DbTx *tx, const SubscriptionPolicy *policy, int64_t licence_id,
    const Reversal *how, Money *back, GError **error)
{
	g_autoptr(Subscription) s = NULL;

	if (!opt_term)
		return licence_reverse(tx, policy, licence_id, how, back, error);
	return subscription_find(tx->db, licence_id, &s, error) == 1 &&
	       subscription_reverse_term(
		   tx, policy, s, how->day, how->mode, how->reason, back, error);
}

int
cmd_subscription_reverse(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", true },
		{ "LICENCE", "licence", true },
		{ "STATE", "state", false },
		{ "TICKET", "ticket_state", false },
		{ "LAST DAY", "last_day", false },
		{ "GIVEN BACK", "given_back", true },
		{ NULL, NULL, false },
	};
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GArray) ids = NULL;
	SubscriptionPolicy policy;
	Reversal how = { .reason = cmd_reason };
	json_t *list;

	if (opt_credit == NULL) {
		err_set(
		    error, TP_ERROR_INVALID, "--credit is needed: full, prorata or none");
		return -1;
	}
	if (!acting_user(cmd, &actor, error) ||
	    !credit_mode_from_name(opt_credit, &how.mode, error) ||
	    !day_option(cmd, &how.day, error) ||
	    !subscription_policy(cmd->work, &policy, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (ids = chosen(cmd, error)) == NULL)
		return -1;
	list = json_array();
	for (guint i = 0; i < ids->len; i++) {
		int64_t id = g_array_index(ids, int64_t, i);
		json_t *object;
		Money back;

		object = reverse_one(&tx, &policy, id, &how, &back, error)
			     ? reversed_json(cmd->work->db, id, back, error)
			     : NULL;
		if (object == NULL) {
			json_decref(list);
			return -1;
		}
		json_array_append_new(list, object);
	}
	if (!finish(&tx, error)) {
		json_decref(list);
		return -1;
	}
	table_print(cmd,
	    json_pack("{s:o, s:b}", "reversed", list, "dry_run", opt_dry_run), "reversed",
	    columns);
	return EX_OK;
}

static bool
exchange_wish(const Cmd *cmd, ExchangeWish *ret, GError **error)
{
	static const char *const directions[] = { "upgrade", "downgrade", "swap", NULL };
	static const char *const signs[] = { "activated", "delivered", NULL };

	*ret = (ExchangeWish){
		.sku = opt_to,
		.direction = opt_direction != NULL ? opt_direction : "swap",
		.recall_on = opt_recall_on != NULL ? opt_recall_on : "activated",
		.recall_days = opt_recall_days,
		.drop_options = opt_drop_options,
		.reason = cmd_reason,
	};
	if (opt_to == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "--to is needed: the product that takes over");
	if (!g_strv_contains(directions, ret->direction))
		return err_set(error, TP_ERROR_INVALID,
		    "--direction '%s' is not upgrade, downgrade or swap", ret->direction);
	if (!g_strv_contains(signs, ret->recall_on))
		return err_set(error, TP_ERROR_INVALID,
		    "--recall-on '%s' is not activated or delivered", ret->recall_on);
	if (opt_recall_days < 0 || opt_recall_days > 366)
		return err_set(
		    error, TP_ERROR_INVALID, "--recall-days is not in 0 to 366");
	return day_option(cmd, &ret->day, error);
}

/* What the other one is, somebody could also order. */
static bool
may_exchange(DbTx *tx, const Subscription *s, const ExchangeWish *wish, GError **error)
{
	g_autoptr(Ticket) ticket = ticket_get(tx->db, s->ticket_id, error);
	g_autoptr(Product) product = NULL;
	g_autoptr(Scope) scope = NULL;
	int found;

	if (ticket == NULL)
		return false;
	if (actor == 0)
		return true;
	found = product_find(tx->db, wish->sku, &product, error);
	if (found <= 0) /* subscription_exchange() says so */
		return found == 0;
	scope = scope_of(tx->db, actor, RIGHT_CREATE, error);
	return scope != NULL &&
	       (scope_has(scope, ticket->party_id, product->id) ||
		   err_set(error, TP_ERROR_DENIED, "'%s' has no right to create '%s'",
		       acting_as, wish->sku));
}

int
cmd_subscription_exchange(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "subscription", "id", false },
		{ "new order", "order", false },
		{ "last day", "new_last_day", false },
		{ "anchor kept", "aligned", false },
		{ "given back", "given_back", false },
		{ "charged", "charged", false },
		{ "due", "due", false },
		{ "recalled by", "recall_by_day", false },
		{ NULL, NULL, false },
	};
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Subscription) s = NULL;
	SubscriptionPolicy policy;
	ExchangeWish wish;
	ExchangeAnswer got;

	if (!acting_user(cmd, &actor, error) || !exchange_wish(cmd, &wish, error) ||
	    !subscription_policy(cmd->work, &policy, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (s = resolve(cmd, cmd->args[0], TICKET_AS_REVIEWER, error)) == NULL ||
	    !may_exchange(&tx, s, &wish, error) ||
	    !subscription_exchange(&tx, &policy, s, &wish, &got, error) ||
	    !finish(&tx, error))
		return -1;
	return answer(cmd,
	    json_pack("{s:I, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o}", "id", s->id,
		"state", subscription_state_name(s->state), "order", got.number,
		"new_last_day", json_day(got.new_last_day, DAY_MAX), "aligned",
		got.aligned, "given_back", json_money(got.given_back), "charged",
		json_money(got.charged), "due", json_money(got.due), "recall_by_day",
		json_day(got.recall_by_day, DAY_MAX)),
	    lines);
}
