/*
 * exchange.h - one subscription for another, without a gap and without paying twice.
 *
 * In one transaction the charges of the old one are cut short on the day of the exchange
 * and an internal order ("exchange", number "X-<old>") is placed for the new one, whose
 * first day that is: so the day is billed once, on the new (R11.1).  The order is issued
 * and delivered like any other.  The old licence stays usable until the new ticket was
 * delivered or activated, and is then recalled (R11.4).
 *
 * Options of the old one go over, but its start; what the other product does not offer,
 * or not in this range, is a reason to refuse, unless it is to be left behind.
 *
 * With equal terms the new one takes over the anchor: its first charge is the rest of the
 * running period, and what follows renews on the old days.  Otherwise its first term
 * starts on the day of the exchange.
 */
#pragma once

#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/subscription_rules.h"

typedef struct ExchangeWish {
	const char *sku; /* of the new product, a subscription */
	const char
	    *direction; /* "upgrade", "downgrade", "swap": said, never guessed (R11.3) */
	Day day;        /* the first of the new; the old runs on it, today or later */
	const char *recall_on; /* "activated" or "delivered" */
	int recall_days;    /* when it was delivered, the old goes after so many days at
			       the latest */
	const char *reason; /* or NULL */
	bool drop_options;  /* leave behind what the other product does not offer */
} ExchangeWish;

typedef struct ExchangeAnswer {
	int64_t order_id;
	char number[32];  /* of the internal order */
	bool aligned;     /* the anchor was kept */
	Day new_last_day; /* of the first term of the new */
	Money given_back; /* currency empty: the old had no price */
	Money charged;
	Money due; /* charged - given_back; below 0 in the customer's favour */
	Day recall_by_day;
} ExchangeAnswer;

/*
 * CONFLICT: the old one is over, reversed or exchanged, or another exchange of it runs.
 * INVALID: the day is not one on which it runs, the product is none that can be ordered,
 * the currencies differ.
 */
bool subscription_exchange(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    const ExchangeWish *wish, ExchangeAnswer *ret, GError **error) MUST_USE;

/* For issue.c.  1: the order is the new side of an exchange and `term` is changed to what
 * was agreed.  0: it is not. */
int exchange_term(Db *db, int64_t order_id, LicenceTerm *term, GError **error) MUST_USE;
bool exchange_issued(
    DbTx *tx, int64_t order_id, int64_t licence_id, GError **error) MUST_USE;

/* Recalls the old side of those whose new side has arrived, at most `max`; *ret_n counts
 * what it looked at after `after_id`, *ret_last is the last of them. */
bool exchange_turn(DbTx *tx, Day today, int64_t after_id, int max, int *ret_n,
    int64_t *ret_last, GError **error) MUST_USE;
