/*
 * subscription_renew.c - one term more, one term less.
 */
#include "fulfill/domain/subscription_private.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/product.h"
#include "queue/fault.h"

static const Stmt OPTIONS = {
	.name = "order_line.options",
	.sql = "SELECT options FROM order_line WHERE id = $1",
};

/* What the row of any kind says of its licence. */
static Sale
sale_of(const Subscription *s, SaleKind kind, Day day, const char *reason)
{
	return (Sale){
		.kind = kind,
		.licence_id = s->licence_id,
		.k = s->k,
		.party_id = s->party_id,
		.product_id = s->product_id,
		.quantity = s->quantity,
		.day = day,
		.reason = reason,
	};
}

bool
subscription_note(DbTx *tx, const Subscription *s, SaleKind kind, Day day,
    const char *reason, GError **error)
{
	Sale sale = sale_of(s, kind, day, reason);
	SubscriptionTerm term;
	int found = subscription_term_latest(tx->db, s->id, &term, error);

	if (found < 0)
		return false;
	if (found == 0)
		term = (SubscriptionTerm){
			.k = s->k, .first_day = s->start_day, .last_day = s->last_day
		};
	sale.k = term.k;
	sale.first_day = sale.period_first_day = term.first_day;
	sale.last_day = sale.period_last_day = term.last_day;
	return sale_add(tx, &sale, error);
}

/* R4.4: what runs stays; a renewal takes the values that are allowed today. */
static char *
option_obstacle(const Product *product, const json_t *options)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)options, name, value) {
		const OptionRange *range = product_option(product, name);
		int64_t number = json_integer_value(value);

		if (range == NULL)
			return g_strdup_printf(
			    "option '%s' is not offered any more", name);
		if (json_is_integer(value) &&
		    (number < range->min || number > range->max))
			return g_strdup_printf(
			    "option '%s': %" G_GINT64_FORMAT
			    " is outside the allowed range %" G_GINT64_FORMAT
			    " to %" G_GINT64_FORMAT,
			    name, number, range->min, range->max);
	}
	return NULL;
}

bool
subscription_obstacle(DbTx *tx, const Subscription *s, char **ret, GError **error)
{
	g_autoptr(Product) product = NULL;
	g_autofree char *text = NULL;
	json_t *options;

	*ret = NULL;
	if (db_find_text(
		tx->db, &OPTIONS, DB_ARGS(v_int(s->order_line_id)), &text, error) < 0)
		return false;
	if (text == NULL)
		return true;
	product = product_get(tx->db, s->product_id, error);
	if (product == NULL)
		return false;
	options = json_loads(text, 0, NULL);
	*ret = option_obstacle(product, options);
	json_decref(options);
	return true;
}

bool
subscription_renew(
    DbTx *tx, Subscription *s, Day first_day, const char *reason, GError **error)
{
	g_autoptr(Product) product = product_get(tx->db, s->product_id, error);
	bool gap = day_cmp(first_day, DAY_MIN) != 0;
	Sale sale;
	Period period;
	char detail[DAY_CHARS];
	int added;

	if (product == NULL)
		return false;
	if (gap) {
		s->start_day = first_day;
		s->k_base = s->k;
	}
	s->k++;
	if (!subscription_period(s, 0, &period, error))
		return false;
	added = subscription_term_add(
	    tx, s->id, s->k, period.first_day, period.last_day, error);
	if (added < 0)
		return false;
	if (added == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "term %d of subscription %" G_GINT64_FORMAT " is there already", s->k,
		    s->id);
	s->last_day = period.last_day;
	sale = sale_of(s, SALE_RENEWED, period.first_day, reason);
	sale.first_day = sale.period_first_day = period.first_day;
	sale.last_day = sale.period_last_day = period.last_day;
	if (!product_charge(product, s->quantity, &sale.price, error))
		return false;
	sale.amount = sale.price;
	FAULT("subscription.renew");
	return sale_add(tx, &sale, error) && subscription_put(tx, s, error) &&
	       audit_add(tx, AUDIT_RENEWED, "subscription", s->id,
		   day_format(period.last_day, detail), error);
}

bool
subscription_undo_term(DbTx *tx, Subscription *s, Day day, CreditMode mode,
    const char *reason, Money *ret, GError **error)
{
	SubscriptionTerm term;
	SubscriptionTerm before;
	Sale charge;

	if (subscription_term_latest(tx->db, s->id, &term, error) != 1 ||
	    sale_find_charge(tx->db, s->licence_id, term.k, &charge, error) != 1) {
		if (error != NULL && *error == NULL)
			err_set(error, TP_ERROR_CONFLICT,
			    "subscription %" G_GINT64_FORMAT " has no term left", s->id);
		return false;
	}
	if (!sale_reverse(tx, &charge, SALE_REVERSED, day, mode, reason, ret, error) ||
	    !subscription_term_reverse(tx, s->id, term.k, error))
		return false;
	/* The anchor counts one less: the next renewal is this period again, as a further
	 * term. */
	s->k_base++;
	switch (subscription_term_latest(tx->db, s->id, &before, error)) {
	case 1:
		s->last_day = before.last_day;
		break;
	case 0:
		s->last_day = day_add_days(term.first_day, -1);
		break;
	default:
		return false;
	}
	return subscription_put(tx, s, error);
}
