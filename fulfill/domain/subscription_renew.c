/*
 * subscription_renew.c - one term more, one term less.
 */
#include "fulfill/domain/subscription_private.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order_options.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/product.h"
#include "fulfill/domain/remote_call.h"
#include "fulfill/domain/rights_use.h"
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

/* The rights of who ordered, as they are in this transaction.  Borrowed from `cache`. */
static const Rights *
cached_rights(DbTx *tx, int64_t party_id, GHashTable *cache, GError **error)
{
	Rights *rights = g_hash_table_lookup(cache, GSIZE_TO_POINTER((gsize)party_id));

	if (rights == NULL) {
		rights = rights_of(tx->db, (RightsWho){ .party_id = party_id }, error);
		if (rights != NULL)
			g_hash_table_insert(
			    cache, GSIZE_TO_POINTER((gsize)party_id), rights);
	}
	return rights;
}

GHashTable *
subscription_rights_cache(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)rights_free);
}

/* R4.4: what runs stays; a renewal takes the values that are allowed today. */
bool
subscription_obstacle(
    DbTx *tx, const Subscription *s, GHashTable *cache, char **ret, GError **error)
{
	g_autoptr(Product) product = product_get(tx->db, s->product_id, error);
	g_autoptr(GPtrArray) faults = use_faults_new();
	g_autofree char *text = NULL;
	RightsUse use = { .action = RIGHT_CREATE, .product = product };
	const Rights *rights;
	json_t *options;

	*ret = NULL;
	if (product == NULL || db_find_text(tx->db, &OPTIONS,
				   DB_ARGS(v_int(s->order_line_id)), &text, error) < 0)
		return false;
	rights = cached_rights(tx, s->party_id, cache, error);
	if (rights == NULL)
		return false;
	options = text != NULL ? json_loads(text, 0, NULL) : NULL;
	json_object_del(options, OPTION_START);
	use.options = options;
	use.who = "the party";
	if (!rights_use(rights, &use, faults, NULL, NULL) && faults->len > 0)
		*ret = g_strdup(((const UseFault *)g_ptr_array_index(faults, 0))->text);
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
	if (strcmp(s->backend, "mint") != 0 && !remote_call_extend(tx, s->ticket_id, s->k,
						   s->quantity, period.last_day, error))
		return false;
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
