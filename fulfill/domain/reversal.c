/*
 * reversal.c - the charges of a licence are cut short, then its ticket is recalled.
 */
#include "fulfill/domain/reversal.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/subscription_private.h"
#include "fulfill/domain/ticket.h"
#include "queue/fault.h"

static const Stmt CHARGES = {
	.name = "sale_event.charges",
	.sql =
	    "SELECT e.k FROM sale_event e WHERE e.licence_id = $1"
	    " AND e.kind IN ('sold', 'renewed') AND NOT EXISTS (SELECT 1 FROM"
	    " subscription s JOIN subscription_term t ON t.subscription_id = s.id"
	    " WHERE s.licence_id = e.licence_id AND t.k = e.k AND t.state = 'reversed')"
	    " ORDER BY e.k",
};
static const Stmt TICKET_OF = {
	.name = "ticket.of_licence",
	.sql = "SELECT id FROM ticket WHERE licence_id = $1",
};
static const Stmt PICK = {
	.name = "licence.pick",
	.sql = "SELECT l.id FROM licence l JOIN ticket t ON t.licence_id = l.id"
	       " JOIN order_line ol ON ol.id = l.order_line_id"
	       " WHERE ol.order_id = $1 AND ol.line = $2"
	       " AND t.state NOT IN ('recalled', 'recall_pending')"
	       " ORDER BY CASE WHEN t.state IN ('issued', 'returned',"
	       " 'confirmed_returned') THEN 0 ELSE 1 END, l.seq DESC LIMIT $3",
};
static const Stmt LINE_HAS = {
	.name = "order_line.has",
	.sql = "SELECT count(*) FROM order_line WHERE order_id = $1 AND line = $2",
};

/* A charge whose days are all used is only touched when the whole purchase is undone. */
static bool
reverse_charge(
    DbTx *tx, int64_t licence_id, int k, const Reversal *how, Money *sum, GError **error)
{
	Sale charge;
	Money back;
	int n;
	int64_t given;

	if (sale_find_charge(tx->db, licence_id, k, &charge, error) != 1 ||
	    !sale_given_back(tx->db, charge.id, &given, &n, error))
		return false;
	if (how->mode != CREDIT_FULL && (n > 0 || day_cmp(charge.last_day, how->day) < 0))
		return true;
	if (!sale_reverse(tx, &charge, SALE_REVERSED, how->day, how->mode, how->reason,
		&back, error))
		return false;
	if (back.currency[0] == '\0')
		return true;
	if (sum->currency[0] == '\0') {
		*sum = back;
		return true;
	}
	return money_add(*sum, back, sum, error);
}

static bool
reverse_charges(
    DbTx *tx, int64_t licence_id, const Reversal *how, Money *sum, GError **error)
{
	g_autoptr(GArray) terms =
	    db_list_ints(tx->db, &CHARGES, DB_ARGS(v_int(licence_id)), error);

	if (terms == NULL)
		return false;
	for (guint i = 0; i < terms->len; i++)
		if (!reverse_charge(tx, licence_id, (int)g_array_index(terms, int64_t, i),
			how, sum, error))
			return false;
	return true;
}

static bool
reverse_subscription(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    const Reversal *how, GError **error)
{
	char about[DAY_CHARS];

	if (s->state == SUBSCRIPTION_REVERSED)
		return err_set(error, TP_ERROR_CONFLICT,
		    "subscription %" G_GINT64_FORMAT " is reversed already", s->id);
	s->state = SUBSCRIPTION_REVERSED;
	s->due_day = DAY_MAX;
	/* The day before is the last that was used; the store keeps the term's. */
	if (!subscription_put(tx, s, error))
		return false;
	s->last_day = day_max(day_add_days(how->day, -1), DAY_MIN);
	return policy == NULL ||
	       subscription_letter(tx, policy->issue, s, SUBSCRIPTION_UNDONE,
		   day_format(how->day, about), DAY_MIN, error);
}

bool
licence_reverse(DbTx *tx, const SubscriptionPolicy *policy, int64_t licence_id,
    const Reversal *how, Money *ret, GError **error)
{
	g_autoptr(Subscription) s = NULL;
	const char *reason = how->reason != NULL ? how->reason : "reversed";
	int64_t ticket_id;
	int found = db_find_int(
	    tx->db, &TICKET_OF, DB_ARGS(v_int(licence_id)), &ticket_id, error);

	*ret = (Money){ 0 };
	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no licence %" G_GINT64_FORMAT, licence_id);
	if (found != 1)
		return false;
	found = subscription_find(tx->db, licence_id, &s, error);
	if (found < 0 ||
	    (found == 1 && !reverse_subscription(tx, policy, s, how, error)) ||
	    !reverse_charges(tx, licence_id, how, ret, error))
		return false;
	FAULT("reversal.recall");
	return ticket_recall(tx, ticket_id, reason, error) &&
	       audit_add(tx, AUDIT_REVERSED, "licence", licence_id,
		   credit_mode_name(how->mode), error);
}

bool
licences_reverse(DbTx *tx, const GArray *ids, const Reversal *how, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		Money back;

		if (!licence_reverse(
			tx, NULL, g_array_index(ids, int64_t, i), how, &back, error))
			return false;
	}
	return true;
}

GArray *
reversal_pick(Db *db, const char *source, const char *order, const char *line,
    int quantity, GError **error)
{
	g_autoptr(GArray) ids = NULL;
	int64_t order_id;
	int64_t lines;

	if (!order_resolve(db, source, order, &order_id, error) ||
	    db_find_int(db, &LINE_HAS, DB_ARGS(v_int(order_id), v_text(line)), &lines,
		error) != 1)
		return NULL;
	if (lines == 0) {
		err_set(error, TP_ERROR_NOT_FOUND, "order '%s' has no line '%s'", order,
		    line);
		return NULL;
	}
	ids = db_list_ints(
	    db, &PICK, DB_ARGS(v_int(order_id), v_text(line), v_int(quantity)), error);
	if (ids != NULL && (int)ids->len < quantity) {
		err_set(error, TP_ERROR_CONFLICT,
		    "line '%s' of order '%s' has %u licences left, not %d", line, order,
		    ids->len, quantity);
		return NULL;
	}
	return g_steal_pointer(&ids);
}
