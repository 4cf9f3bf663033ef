/*
 * subscription.h - a licence that renews until somebody ends it.
 *
 * Term k is period k - k_base of term.h, always counted from start_day (R8.1).  What each
 * term was stands in subscription_term under (subscription, k): that key makes a renewal
 * happen once, whether a worker was down for days, two tried at once, or the clock went
 * back (R8.2).  Ticket and licence stay the same for ever; a renewal moves last_day.
 *
 *   active      renews by itself
 *   cancelled   does not renew; usable to last_day (R9.2)
 *   ended       last_day is over
 *   reversed    undone (Storno); never again usable (R10.2)
 *   exchanged   another took over; usable until the new one has arrived (R11.4)
 */
#pragma once

#include "fulfill/domain/term.h"
#include "queue/db.h"

typedef enum SubscriptionState {
	SUBSCRIPTION_ACTIVE,
	SUBSCRIPTION_CANCELLED,
	SUBSCRIPTION_ENDED,
	SUBSCRIPTION_REVERSED,
	SUBSCRIPTION_EXCHANGED,
	SUBSCRIPTION_N_STATES
} SubscriptionState;

/* The stored names. */
const char *subscription_state_name(SubscriptionState state);
bool subscription_state_from_name(
    const char *name, SubscriptionState *ret, GError **error) MUST_USE;

/* What a new one is made of. */
typedef struct SubscriptionPlan {
	int64_t licence_id;
	Day start_day; /* the anchor; before first_day when a term is joined half-way */
	int k_base;    /* the first term is period 1 - k_base of the anchor */
	Day first_day; /* of the first term, as it is used */
	Day last_day;
	Term term;
	Notice notice;
} SubscriptionPlan;

/* With its first term; in the transaction that makes the licence. */
bool subscription_open(DbTx *tx, const SubscriptionPlan *plan, GError **error) MUST_USE;

typedef struct Subscription {
	int64_t id;
	int64_t licence_id;
	SubscriptionState state;
	Day start_day;
	int k;
	int k_base;
	Day last_day;
	Term term;
	Notice notice;
	Day cancelled_day; /* DAY_MIN: never */
	Day due_day;       /* DAY_MAX: never again */
	char *hold;        /* why the renewal that is due is not possible; or NULL */
	/* of its licence */
	int64_t product_id;
	int64_t party_id;
	int64_t holder_id; /* 0: in a pool */
	int quantity;
	int64_t order_line_id;
	int64_t ticket_id;
	char *ticket_state;
	char *ticket_tail;
} Subscription;

void subscription_free(Subscription *subscription);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Subscription, subscription_free)

/* NOT_FOUND. */
Subscription *subscription_get(Db *db, int64_t id, GError **error) MUST_USE;

/* Of a licence.  1: *ret is the caller's.  0: it does not renew. */
int subscription_find(
    Db *db, int64_t licence_id, Subscription **ret, GError **error) MUST_USE;

/* Period of term `k`, as its anchor counts it.  INVALID as term_period(). */
bool subscription_period(
    const Subscription *subscription, int k, Period *ret, GError **error) MUST_USE;
