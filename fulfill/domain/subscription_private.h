/*
 * subscription_private.h - what the files of subscription_rules.h share.
 */
#pragma once

#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription_letter.h"
#include "fulfill/domain/subscription_rules.h"

/* A row about a term that carries no money of its own: cancelled, kept, ended. */
bool subscription_note(DbTx *tx, const Subscription *s, SaleKind kind, Day day,
    const char *reason, GError **error) MUST_USE;

/* Begins the next term: its row, its charge at today's price, licence and audit.  From
 * `first_day` when a gap is before it (DAY_MIN: it follows the one before). */
bool subscription_renew(DbTx *tx, Subscription *s, Day first_day, const char *reason,
    GError **error) MUST_USE;

/* Takes the latest term back: its row, its charge, the licence's last day. */
bool subscription_undo_term(DbTx *tx, Subscription *s, Day day, CreditMode mode,
    const char *reason, Money *ret, GError **error) MUST_USE;

/* What the rights and ranges of today say against a renewal, to be freed; NULL: nothing.
 * `cache` is kept for one transaction. */
GHashTable *subscription_rights_cache(void);
bool subscription_obstacle(DbTx *tx, const Subscription *s, GHashTable *cache, char **ret,
    GError **error) MUST_USE;
