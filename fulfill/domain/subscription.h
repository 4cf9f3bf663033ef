/*
 * subscription.h - a licence that renews until somebody ends it.
 *
 * Term k is period k - k_base of term.h, always counted from start_day (R8.1).  What each
 * term was stands in subscription_term under (subscription, k): that key makes a renewal
 * happen once, whether a worker was down for days, two tried at once, or the clock went
 * back (R8.2).  Ticket and licence stay the same for ever; a renewal moves last_day.
 *
 *   active      renews by itself
 *   cancelled   renews to end_day and no further; usable to then (R9.1, R9.2)
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
	int k;      /* the latest term, whether it stands or not */
	int k_base; /* k - k_base is the latest period that stands */
	Day last_day;
	Term term;
	Notice notice;
	Day cancelled_day; /* DAY_MIN: never */
	Day end_day;       /* DAY_MAX: open */
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
	char *backend; /* who issued the ticket */
	/* as they are stored; for subscription_put() */
	SubscriptionState stored_state;
	int stored_k;
	Day stored_last_day;
} Subscription;

void subscription_free(Subscription *subscription);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Subscription, subscription_free)

/* NOT_FOUND. */
Subscription *subscription_get(Db *db, int64_t id, GError **error) MUST_USE;

/* Of a licence.  1: *ret is the caller's.  0: it does not renew. */
int subscription_find(
    Db *db, int64_t licence_id, Subscription **ret, GError **error) MUST_USE;

/* The period that is running or prepared: the latest that stands.  `ahead` 1: the one
 * after it.  INVALID as term_period(). */
bool subscription_period(
    const Subscription *subscription, int ahead, Period *ret, GError **error) MUST_USE;

/* The last day on which notice for the end of the latest period that stands can arrive.
 */
bool subscription_deadline(
    const Subscription *subscription, Day *ret, GError **error) MUST_USE;

/*
 * Writes state, anchor, k, days and hold, and the licence's last day, where the stored
 * row still has the state and k with which it was read.  CONFLICT when it has not:
 * somebody else was quicker, roll back and read again.
 */
bool subscription_put(DbTx *tx, Subscription *subscription, GError **error) MUST_USE;

/* Up to `max` of those that are due on `today`, first the longest overdue; locked for
 * this transaction, so that two workers share the work.  Subscription * to be freed. */
GPtrArray *subscription_due(DbTx *tx, Day today, int max, GError **error) MUST_USE;

/* ---- terms ---- */

/* 1: added.  0: there is a term of this k already. */
int subscription_term_add(
    DbTx *tx, int64_t id, int k, Day first_day, Day last_day, GError **error) MUST_USE;

typedef struct SubscriptionTerm {
	int k;
	Day first_day;
	Day last_day;
	bool stands;
} SubscriptionTerm;

/* The latest that stands.  1 / 0: none does / -1. */
int subscription_term_latest(
    Db *db, int64_t id, SubscriptionTerm *ret, GError **error) MUST_USE;
int subscription_term_find(
    Db *db, int64_t id, int k, SubscriptionTerm *ret, GError **error) MUST_USE;

/* It does not count any more. */
bool subscription_term_reverse(DbTx *tx, int64_t id, int k, GError **error) MUST_USE;
