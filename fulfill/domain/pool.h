/*
 * pool.h - tickets made in advance: a reseller's stock.
 *
 * An order without a customer fills the pool of the reseller that ordered (issue.c). From
 * there a ticket goes to a customer, or to one of its users; a part of the pool goes to
 * the pool of a reseller below; what is not used goes back.  Each of these moves every
 * ticket it was asked for, or none.
 *
 * A ticket is never given twice and a pool never falls below zero, however many do it at
 * once: a pool is locked first, and each ticket is taken by an UPDATE that names the pool
 * it must still lie in.
 *
 * `actor` is a user of the pool's party or of one above, 0 the operator; each of these
 * takes "create" for the product, as ordering it does.
 */
#pragma once

#include "fulfill/domain/product.h"
#include "fulfill/domain/subscription_rules.h"
#include "queue/db.h"

/* Which tickets.  One of `product`, `ticket_id` and `batch_id` is set. */
typedef struct PoolPick {
	int64_t pool_id;        /* whose pool */
	const Product *product; /* the oldest `count` of it */
	int count;
	int64_t ticket_id; /* this one */
	int64_t batch_id;  /* cards `first` to `last` of this print batch, counted from 1;
			      `first` 0: all of its cards that lie in the pool */
	int first;
	int last;
} PoolPick;

/* Who gets them. */
typedef struct PoolGoal {
	int64_t holder_id; /* a customer below the pool's party */
	int64_t user_id;   /* one of its users */
	int64_t group_id;  /* or one of its groups; both 0: the customer itself */
	bool shown;        /* to the group, or to all of its users; else to its admins */
} PoolGoal;

/*
 * Gives tickets to a customer.  A demo runs from this day on; everything else as it was
 * sold.  `ret_tickets` (GArray of int64_t) gets them.  CONFLICT when the pool has fewer:
 * the text says how many; DENIED; INVALID when the holder is no customer of that party.
 */
bool pool_assign(DbTx *tx, int64_t actor, const PoolPick *pick, const PoolGoal *goal,
    GTimeZone *zone, GArray *ret_tickets, GError **error) MUST_USE;

/* Moves tickets to the pool of a reseller below. */
bool pool_split(DbTx *tx, int64_t actor, const PoolPick *pick, int64_t to_id,
    GArray *ret_tickets, GError **error) MUST_USE;

/* Gives unused tickets back: to the pool of the reseller above; to the vendor they are
 * reversed, with a credit of all that was billed (R5.4). */
bool pool_return(DbTx *tx, int64_t actor, const PoolPick *pick,
    const SubscriptionPolicy *policy, const char *reason, GArray *ret_tickets,
    GError **error) MUST_USE;

/*
 * Takes back for good what lies unused in pools longer than their pool_level says, up to
 * `max`; without credit, as it was sold.  *ret_n counts.
 */
bool pool_expire_turn(DbTx *tx, const SubscriptionPolicy *policy, int max, int *ret_n,
    GError **error) MUST_USE;

/* Takes a ticket from its customer and puts it back into the pool it came from.  CONFLICT
 * when it came from none, or is in use: it has to be returned first (R7.1). */
bool pool_unassign(DbTx *tx, int64_t actor, int64_t ticket_id, GError **error) MUST_USE;

/* In whose pool a ticket lies; 0: in none. */
bool pool_of_ticket(Db *db, int64_t ticket_id, int64_t *ret_id, GError **error) MUST_USE;
