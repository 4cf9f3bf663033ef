/*
 * order.h - take an order, or say why not.
 *
 * Orders are unique by (source, number).  The same content again is a duplicate, and
 * nothing happens; other content under the same number is refused.  An order that is
 * accepted has an issue job in the same transaction, so that it cannot be forgotten.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/intake/order.h"
#include "queue/day.h"
#include "queue/db.h"

typedef enum OrderStatus {
	ORDER_ACCEPTED,
	ORDER_DUPLICATE,
	ORDER_REJECTED,
	ORDER_HELD,
} OrderStatus;

const char *order_status_name(OrderStatus status);

typedef struct OrderPolicy {
	bool partial;         /* good lines go ahead when others are refused */
	int64_t max_quantity; /* of one line; at most LIMIT_ORDER_QUANTITY */
	int64_t today_at;     /* 0: now; for orders that name no day */
	int64_t
	    user_id; /* who sends it and whose rights count too; 0: the party itself */
	GTimeZone *zone;
	/* To issue at once, in the same transaction: orders of parties that work just in
	 * time, or all of them; NULL: every order is left to its job. */
	const IssueContext *issue;
	bool at_once;
	/* What was counted against quotas in this transaction; NULL: each order counts.
	 */
	struct RightsQuotas *quotas;
} OrderPolicy;

/*
 * Takes `draft`, whose `source` must be set unless it has errors.  Everything found wrong
 * is added to draft->errors; which lines are refused follows from them.  *ret_id is the
 * order (0 when there is none).  The caller commits, or rolls back for a dry run.
 */
bool order_place(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error) MUST_USE;

/* Is this line of the draft refused, by an error of its own or of the order? */
bool order_line_refused(
    const OrderDraft *draft, const OrderLine *line, const OrderPolicy *policy);

/*
 * Withdraws an order, or one line of it (`line` NULL: all): what is not issued yet will
 * not be, licences are reversed: tickets recalled, charges given back in full.
 * `ret_tickets` counts those.  NOT_FOUND; CONFLICT when it is withdrawn already.
 */
bool order_cancel(DbTx *tx, const char *source, const char *number, const char *line,
    const char *reason, Day today, int *ret_tickets, GError **error) MUST_USE;

/* The id of an order by number; with `source` NULL the number alone must be unique (else
 * CONFLICT). */
bool order_resolve(Db *db, const char *source, const char *number, int64_t *ret_id,
    GError **error) MUST_USE;

typedef struct OrderRow {
	int64_t id;
	const char *source;
	const char *number;
	const char *party;
	const char *customer; /* or NULL */
	const char *ordered_day;
	const char *deliver_by;
	const char *deliver_to;
	const char *state;
	int64_t received_at;
	int64_t lines;
	int64_t tickets;
} OrderRow;

/* Orders by (state, source; NULL: any), or the one of `id`. */
bool order_list(Db *db, const char *state, const char *source, int64_t id, int limit,
    void (*fn)(void *user, const OrderRow *row), void *user, GError **error) MUST_USE;

typedef struct OrderLineRow {
	int64_t id;
	const char *line;
	const char *sku;
	int64_t quantity;
	const char *options; /* JSON or NULL */
	const char *state;
	int64_t tickets;
} OrderLineRow;
bool order_lines(Db *db, int64_t order_id,
    void (*fn)(void *user, const OrderLineRow *row), void *user, GError **error) MUST_USE;

/* Calls fn(state, count) for each state. */
bool order_count(Db *db, void (*fn)(void *user, const char *state, int64_t n), void *user,
    GError **error) MUST_USE;
