/*
 * sale.h - what was sold, renewed, ended and given back.
 *
 * The one book of money: rows are only added, a mistake is corrected by a further row.
 * Statements, key-date lists and credits are computed from it (R10.4, R12.2, R12.3),
 * never from what a licence says today.
 *
 * A charge ("sold", "renewed") is a price for a period and the days of it that the
 * licence was to run.  A reversal ("reversed", "exchanged") names its charge in
 * `of_event` and cuts it short: the charge was used up to the day before the reversal's
 * `day`.
 */
#pragma once

#include "fulfill/domain/prorata.h"
#include "queue/db.h"

typedef enum SaleKind {
	SALE_SOLD,      /* a licence was made; the first charge */
	SALE_RENEWED,   /* a further term; a charge */
	SALE_CANCELLED, /* notice came: no further term */
	SALE_KEPT,      /* the notice was taken back */
	SALE_ENDED,     /* the last term ran out */
	SALE_REVERSED,  /* a charge was undone or cut short */
	SALE_EXCHANGED, /* likewise, because another licence took over */
	SALE_N_KINDS
} SaleKind;

/* "sold" ...; the stored names. */
const char *sale_kind_name(SaleKind kind);

/* One row.  A last day of DAY_MAX is "for ever". */
typedef struct Sale {
	int64_t id; /* filled by sale_add() */
	SaleKind kind;
	int64_t licence_id;
	int k; /* term, from 1; 0: no subscription */
	int64_t party_id;
	int64_t product_id;
	int quantity; /* seats; price and amount have them in */
	Day day;      /* when it counts; see fulfill/schema/0081_sale_event.sql */
	Day first_day;
	Day last_day;
	Day period_first_day;
	Day period_last_day;
	Money price;  /* of the whole period; an empty currency: no price */
	Money amount; /* charges: what is billed; reversals: what is given back, <= 0 */
	CreditMode mode;
	int64_t of_event;   /* reversals: the charge */
	const char *reason; /* or NULL; borrowed */
	int64_t at;         /* when it was recorded; filled by sale_add() */
} Sale;

/* CONFLICT when a charge for this (licence, term) stands already. */
bool sale_add(DbTx *tx, Sale *sale, GError **error) MUST_USE;

/* The charge of a term of a licence (k 0: the only one).  1 / 0: none / -1.  `reason` is
 * not filled. */
int sale_find_charge(
    Db *db, int64_t licence_id, int k, Sale *ret, GError **error) MUST_USE;

/* What was given back of a charge so far, 0 or more, in its currency's minor units; and
 * how many reversals there are (`ret_n` may be NULL). */
bool sale_given_back(
    Db *db, int64_t charge_id, int64_t *ret_minor, int *ret_n, GError **error) MUST_USE;

/*
 * Cuts a charge short on `day`, the first that is not used any more (never before its
 * first day), and gives back by `mode` (R10.4): at most what was billed less what was
 * given back before.  `kind` is SALE_REVERSED or SALE_EXCHANGED.  `ret` is what is given
 * back, 0 or more; its currency is empty when there was no price.
 */
bool sale_reverse(DbTx *tx, const Sale *charge, SaleKind kind, Day day, CreditMode mode,
    const char *reason, Money *ret, GError **error) MUST_USE;

/* The charge as prorata.h computes with it.  A charge for ever is a period of one day: it
 * is billed on it and nothing of it is left the day after. */
Charge sale_charge(const Sale *sale);

/* Calls fn for each row of a licence, oldest first; or, with `licence_id` 0, for each
 * whose day lies in `from` to `to`, by (day, id).  `sale->reason` lives for the call. */
bool sale_list(Db *db, int64_t licence_id, Day from, Day to,
    void (*fn)(void *user, const Sale *sale), void *user, GError **error) MUST_USE;
