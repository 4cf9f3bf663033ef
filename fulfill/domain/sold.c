/*
 * sold.c - a licence is made: its charge, its subscription.
 */
#include "fulfill/domain/sold.h"

#include <string.h>

#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription.h"

bool
licence_sold(DbTx *tx, const Product *product, int64_t licence_id,
    const LicenceFacts *facts, const LicenceTerm *term, GError **error)
{
	bool renews = strcmp(product->kind, "subscription") == 0;
	Sale sale = {
		.kind = SALE_SOLD,
		.licence_id = licence_id,
		.k = renews ? 1 : 0,
		.party_id = facts->party_id,
		.product_id = product->id,
		.quantity = facts->quantity,
		.day = term->first_day,
		.first_day = term->first_day,
		.last_day = term->last_day,
		.period_first_day = term->period.first_day,
		.period_last_day = term->period.last_day,
	};
	SubscriptionPlan plan = {
		.licence_id = licence_id,
		.start_day = term->start_day,
		.k_base = term->k_base,
		.last_day = term->last_day,
		.first_day = term->first_day,
		.term = term->term,
		.notice = { .months = product->notice_months,
		    .days = product->notice_days },
	};
	Charge charge;

	if (!product_charge(product, facts->quantity, &sale.price, error))
		return false;
	sale.amount = sale.price;
	charge = sale_charge(&sale);
	if (sale.price.currency[0] != '\0' && !charge_total(&charge, &sale.amount, error))
		return false;
	return sale_add(tx, &sale, error) &&
	       (!renews || subscription_open(tx, &plan, error));
}
