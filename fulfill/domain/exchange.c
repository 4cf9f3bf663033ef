/*
 * exchange.c - the table exchange.
 */
#include "fulfill/domain/exchange.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order_options.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/subscription_private.h"
#include "fulfill/domain/ticket.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"

static const Stmt ADD = {
	.name = "exchange.add",
	.sql = "INSERT INTO exchange (old_licence_id, order_id, direction, day, aligned,"
	       " recall_on, recall_by_day, state, created_at)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8)",
};
static const Stmt OF_ORDER = {
	.name = "exchange.of_order",
	.sql = "SELECT old_licence_id, day, aligned FROM exchange WHERE order_id = $1",
};
static const Stmt ISSUED = {
	.name = "exchange.issued",
	.sql = "UPDATE exchange SET new_licence_id = $2 WHERE order_id = $1"
	       " AND new_licence_id IS NULL",
};
static const Stmt WAITING = {
	.name = "exchange.waiting",
	.sql = "SELECT x.id, o.id, o.state, n.state, x.recall_on, x.recall_by_day,"
	       " (SELECT count(*) FROM delivery d WHERE d.ticket_id = n.id"
	       "  AND d.state IN ('sent', 'shipped'))"
	       " FROM exchange x JOIN ticket o ON o.licence_id = x.old_licence_id"
	       " LEFT JOIN ticket n ON n.licence_id = x.new_licence_id"
	       " WHERE x.state = 'waiting' AND x.id > $1 ORDER BY x.id LIMIT $2",
};
static const Stmt DONE = {
	.name = "exchange.done",
	.sql = "UPDATE exchange SET state = 'done', done_at = $2"
	       " WHERE id = $1 AND state = 'waiting'",
};
static const Stmt ORDER_OF = {
	.name = "orders.of_licence",
	.sql = "SELECT o.deliver_by, o.deliver_to, o.deliver_email, p.code, c.code,"
	       " o.reference, ol.options FROM licence l JOIN order_line ol ON ol.id = "
	       "l.order_line_id"
	       " JOIN orders o ON o.id = ol.order_id JOIN party p ON p.id = o.party_id"
	       " LEFT JOIN party c ON c.id = coalesce(o.customer_id, l.holder_id)"
	       " WHERE l.id = $1",
};

static bool
check(const Subscription *s, const ExchangeWish *wish, Day today, GError **error)
{
	char day[DAY_CHARS];
	char last[DAY_CHARS];

	if (s->state != SUBSCRIPTION_ACTIVE && s->state != SUBSCRIPTION_CANCELLED)
		return err_set(error, TP_ERROR_CONFLICT,
		    "subscription %" G_GINT64_FORMAT
		    " is %s and cannot be exchanged: order the other one",
		    s->id, subscription_state_name(s->state));
	if (day_cmp(wish->day, s->last_day) > 0)
		return err_set(error, TP_ERROR_INVALID,
		    "%s is after %s, the last day of subscription %" G_GINT64_FORMAT,
		    day_format(wish->day, day), day_format(s->last_day, last), s->id);
	/* What is billed is changed from here on; a past day would open a closed month.
	 */
	if (day_cmp(wish->day, today) < 0)
		return err_set(error, TP_ERROR_INVALID,
		    "%s is past: an exchange begins today or later",
		    day_format(wish->day, day));
	return true;
}

/* The order by which the new one comes into the world. */
static bool
place(DbTx *tx, const SubscriptionPolicy *policy, const Subscription *s,
    const ExchangeWish *wish, ExchangeAnswer *ret, GError **error)
{
	g_autoptr(OrderDraft) draft = order_draft_new();
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &ORDER_OF, DB_ARGS(v_int(s->licence_id)), error);
	OrderPolicy rules = { .max_quantity = LIMIT_ORDER_QUANTITY,
		.zone = policy->issue->zone };
	g_autoptr(Product) product = NULL;
	g_autofree char *options = NULL;
	OrderStatus status;
	OrderLine *line;

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	draft->source = g_strdup("exchange");
	draft->number = g_strdup(ret->number);
	draft->party = g_strdup(db_col_text(rows, 3));
	draft->reference = g_strdup(db_col_text(rows, 5));
	draft->deliver_email = g_strdup(db_col_text(rows, 2));
	options = g_strdup(db_col_text(rows, 6));
	if (!order_by_from_name(db_col_text(rows, 0), &draft->deliver_by) ||
	    !order_to_from_name(db_col_text(rows, 1), &draft->deliver_to))
		BUG("order of licence %" G_GINT64_FORMAT, s->licence_id);
	if (db_col_text(rows, 4) != NULL) {
		draft->has_customer = true;
		draft->customer.id = g_strdup(db_col_text(rows, 4));
	}
	g_clear_pointer(&rows, db_rows_done);
	if (product_find(tx->db, wish->sku, &product, error) != 1)
		return false;
	line = order_draft_add_line(draft);
	line->line = g_strdup("1");
	line->product = g_strdup(wish->sku);
	line->quantity = s->quantity;
	order_options_carry(line, options, wish->drop_options ? product->offer : NULL);
	if (!order_place(tx, draft, &rules, &status, &ret->order_id, error))
		return false;
	if (status == ORDER_ACCEPTED)
		return true;
	return err_set(error, TP_ERROR_INVALID, "the new subscription: %s",
	    draft->errors->len > 0
		? ((const OrderError *)g_ptr_array_index(draft->errors, 0))->text
		: order_status_name(status));
}

/* What running days are joined, and what they cost. */
static bool
align(const Subscription *s, Day day, LicenceTerm *term, GError **error)
{
	Period period;

	if (term_find(s->term, s->start_day, day, &period, error) != 1)
		return false;
	term->last_day = period.last_day;
	term->period = period;
	term->start_day = s->start_day;
	term->k_base = 1 - period.k;
	return true;
}

static bool
same_term(Term a, Term b)
{
	return a.months == b.months && a.days == b.days &&
	       (a.months == 0 || a.rule == b.rule);
}

/* The first term and charge of the new one, as issue.c will make them. */
static bool
foresee(DbTx *tx, const Subscription *s, const ExchangeWish *wish, ExchangeAnswer *ret,
    GError **error)
{
	g_autoptr(Product) product = NULL;
	LicenceTerm term;
	Charge charge;
	int found = product_find(tx->db, wish->sku, &product, error);

	if (found < 0)
		return false;
	if (found == 0 || strcmp(product->kind, "subscription") != 0)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is not a subscription that can be ordered", wish->sku);
	if (!product->ticket_per_line && s->quantity > 1)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' has a ticket for each seat, the old one has %d seats on one",
		    wish->sku, s->quantity);
	if (!licence_term(product, NULL, wish->day, &term, error))
		return false;
	ret->aligned = same_term(term.term, s->term);
	if (ret->aligned && !align(s, wish->day, &term, error))
		return false;
	ret->new_last_day = term.last_day;
	if (!product_charge(product, s->quantity, &ret->charged, error))
		return false;
	charge = (Charge){
		.price = ret->charged,
		.period_first_day = term.period.first_day,
		.period_last_day = term.period.last_day,
		.first_day = wish->day,
		.last_day = term.last_day,
	};
	return ret->charged.currency[0] == '\0' ||
	       charge_total(&charge, &ret->charged, error);
}

/* Every term that stands and reaches the day is cut short on it; a prepared one wholly.
 */
static bool
cut(DbTx *tx, Subscription *s, const ExchangeWish *wish, Money *ret, GError **error)
{
	SubscriptionTerm term;

	*ret = (Money){ 0 };
	for (int k = s->k; k >= 1; k--) {
		Sale charge;
		Money back;
		int found = subscription_term_find(tx->db, s->id, k, &term, error);

		if (found < 0)
			return false;
		if (found == 0 || !term.stands)
			continue;
		if (day_cmp(term.last_day, wish->day) < 0)
			break;
		if (sale_find_charge(tx->db, s->licence_id, k, &charge, error) != 1 ||
		    !sale_reverse(tx, &charge, SALE_EXCHANGED, wish->day, CREDIT_PRORATA,
			wish->reason, &back, error))
			return false;
		if (ret->currency[0] == '\0')
			*ret = back;
		else if (!money_add(*ret, back, ret, error))
			return false;
	}
	return true;
}

static bool
settle(ExchangeAnswer *ret, GError **error)
{
	if (ret->given_back.currency[0] == '\0')
		ret->due = ret->charged;
	else if (ret->charged.currency[0] == '\0')
		return money_neg(ret->given_back, &ret->due, error);
	else
		return money_sub(ret->charged, ret->given_back, &ret->due, error);
	return true;
}

bool
subscription_exchange(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    const ExchangeWish *wish, ExchangeAnswer *ret, GError **error)
{
	char day[DAY_CHARS];
	char by[DAY_CHARS];

	*ret = (ExchangeAnswer){ .recall_by_day =
				     day_add_days(wish->day, wish->recall_days) };
	g_snprintf(ret->number, sizeof(ret->number), "X-%" G_GINT64_FORMAT, s->id);
	if (!check(s, wish, day_today(policy->issue->zone), error) ||
	    !foresee(tx, s, wish, ret, error) ||
	    !cut(tx, s, wish, &ret->given_back, error) || !settle(ret, error) ||
	    !place(tx, policy, s, wish, ret, error))
		return false;
	s->state = SUBSCRIPTION_EXCHANGED;
	s->due_day = DAY_MAX;
	FAULT("exchange.placed");
	return subscription_put(tx, s, error) &&
	       db_exec(tx->db, &ADD,
		   DB_ARGS(v_int(s->licence_id), v_int(ret->order_id),
		       v_text(wish->direction), v_text(day_format(wish->day, day)),
		       v_int(ret->aligned), v_text(wish->recall_on),
		       v_text(day_format(ret->recall_by_day, by)), v_int(clock_now_at())),
		   NULL, error) &&
	       audit_add(
		   tx, AUDIT_EXCHANGED, "subscription", s->id, wish->direction, error);
}

int
exchange_term(Db *db, int64_t order_id, LicenceTerm *term, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &OF_ORDER, DB_ARGS(v_int(order_id)), error);
	g_autoptr(Subscription) s = NULL;
	Period period = { .k = 1 };
	Day day;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	if (!day_parse(db_col_text(rows, 1), &day, error))
		return -1;
	if (db_col_int(rows, 2) != 0) {
		if (subscription_find(db, db_col_int(rows, 0), &s, error) != 1 ||
		    !align(s, day, term, error))
			return -1;
	} else {
		if (!term_period(term->term, day, 1, &period, error))
			return -1;
		term->start_day = day;
		term->last_day = period.last_day;
		term->period = period;
	}
	term->first_day = day;
	return 1;
}

bool
exchange_issued(DbTx *tx, int64_t order_id, int64_t licence_id, GError **error)
{
	return db_exec(
	    tx->db, &ISSUED, DB_ARGS(v_int(order_id), v_int(licence_id)), NULL, error);
}

/* ---- recalling the old one ---- */

typedef struct Waiting {
	int64_t id;
	int64_t old_ticket_id;
	bool old_recalled;
	bool arrived; /* enough of the new one to take the old away */
} Waiting;

static bool
is(const char *state, const char *words)
{
	return state != NULL && strstr(words, state) != NULL;
}

static bool
read_waiting(const DbRows *rows, Day today, Waiting *ret, GError **error)
{
	const char *new_state = db_col_text(rows, 3);
	bool delivered = db_col_int(rows, 6) > 0;
	bool activated = is(new_state, "collected,confirmed");
	Day by;

	if (!day_parse(db_col_text(rows, 5), &by, error))
		return false;
	*ret = (Waiting){
		.id = db_col_int(rows, 0),
		.old_ticket_id = db_col_int(rows, 1),
		.old_recalled = is(db_col_text(rows, 2), "recalled,recall_pending"),
		/* One that was undone leaves nothing: both are given up.  Time alone
		 * never takes the old away: nobody is locked out by a lost mail. */
		.arrived = activated || is(new_state, "recalled,recall_pending") ||
			   (delivered && (is(db_col_text(rows, 4), "delivered") ||
					     day_cmp(today, by) > 0)),
	};
	return true;
}

bool
exchange_turn(DbTx *tx, Day today, int64_t after_id, int max, int *ret_n,
    int64_t *ret_last, GError **error)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Waiting));
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &WAITING, DB_ARGS(v_int(after_id), v_int(max)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Waiting waiting;

		if (!read_waiting(rows, today, &waiting, error))
			return false;
		g_array_append_val(list, waiting);
	}
	g_clear_pointer(&rows, db_rows_done);
	if (more < 0)
		return false;
	*ret_n = (int)list->len;
	*ret_last = after_id;
	for (guint i = 0; i < list->len; i++) {
		const Waiting *w = &g_array_index(list, Waiting, i);

		*ret_last = w->id;
		if (!w->arrived && !w->old_recalled)
			continue;
		FAULT("exchange.recall");
		if (!db_exec(tx->db, &DONE, DB_ARGS(v_int(w->id), v_int(clock_now_at())),
			NULL, error) ||
		    (!w->old_recalled &&
			!ticket_recall(tx, w->old_ticket_id,
			    "exchanged: the new one has arrived", error)))
			return false;
	}
	return true;
}
