/*
 * reversal.h - Storno: a sale is undone for good (R10.1 to R10.6).
 *
 * Of any licence, subscription or not.  Its ticket is dead at once when nobody collected
 * it, else it is recalled at the next contact; mails on their way and cards that are not
 * shipped are pulled (ticket_recall()).  What was reversed never becomes usable again:
 * whoever wants it back orders anew.
 */
#pragma once

#include "fulfill/domain/prorata.h"
#include "fulfill/domain/subscription_rules.h"

typedef struct Reversal {
	Day day;         /* the first day that is not used any more */
	CreditMode mode; /* full: all that was ever billed for it; prorata: the days left;
			    none: nothing */
	const char *reason;
} Reversal;

/*
 * With `policy` NULL no letter is written: whoever asked for it is told otherwise.
 * CONFLICT when the licence is reversed already.  `ret` is what is given back; its
 * currency is empty when nothing was ever billed.
 */
bool licence_reverse(DbTx *tx, const SubscriptionPolicy *policy, int64_t licence_id,
    const Reversal *how, Money *ret, GError **error) MUST_USE;

/* The same of each of `ids` (int64_t), without a letter. */
bool licences_reverse(
    DbTx *tx, const GArray *ids, const Reversal *how, GError **error) MUST_USE;

/*
 * Which `quantity` licences of an order line a partial Storno takes (R10.3): those that
 * nobody collected first, among these the youngest; never by chance.  Licence ids.
 * NOT_FOUND when there is no such line; CONFLICT when it has fewer left.
 */
GArray *reversal_pick(Db *db, const char *source, const char *order, const char *line,
    int quantity, GError **error) MUST_USE;
