/*
 * subscription_list.h - subscriptions as people look at them.
 */
#pragma once

#include "fulfill/domain/subscription.h"

typedef struct SubscriptionRow {
	int64_t id;
	int64_t ticket_id;
	const char *tail; /* of the ticket */
	const char *ticket_state;
	const char *order;
	const char *line;
	const char *product;
	const char *party;  /* its code */
	const char *holder; /* or NULL */
	const char *state;
	const char *start_day;
	int k;
	const char *last_day;
	const char *end_day;       /* or NULL: open */
	const char *cancelled_day; /* or NULL */
	const char *due_day;       /* or NULL */
	const char *hold;          /* or NULL */
	int quantity;
} SubscriptionRow;

/* NULL or 0 for any. */
typedef struct SubscriptionFilter {
	int64_t id;
	const char *state;
	const char *party;   /* code */
	const char *product; /* sku */
	const char *order;   /* number */
	const char *last_by; /* whose last day is this or earlier */
	int limit;
} SubscriptionFilter;

/* Calls fn for each, by id.  The row lives for the call. */
bool subscription_list(Db *db, const SubscriptionFilter *filter,
    void (*fn)(void *user, const SubscriptionRow *row), void *user,
    GError **error) MUST_USE;

/* Calls fn for each term of a subscription, in order. */
bool subscription_terms(Db *db, int64_t id,
    void (*fn)(void *user, const SubscriptionTerm *term), void *user,
    GError **error) MUST_USE;
