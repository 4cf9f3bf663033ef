/*
 * order_check.h - what takes the store to say about a draft; for order.c.
 */
#pragma once

#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"

/* A draft with everything it refers to. */
typedef struct Checked {
	Party *party;
	Party *customer;     /* known from before, or NULL */
	GPtrArray *products; /* Product * or NULL, one a line */
	GPtrArray *offers; /* Ranges * of what each may be, or NULL; set without errors */
	GPtrArray *levels; /* RightsLevel * of the party */
	GPtrArray *user_levels; /* of the user who sends it, or NULL */
	OrderBy by;
	OrderTo to;
} Checked;

void checked_done(Checked *checked);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Checked, checked_done)

/* Fills `ret`, adding errors to the draft.  false: the store failed. */
bool order_check(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, Checked *ret,
    GError **error) MUST_USE;
