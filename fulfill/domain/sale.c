/*
 * sale.c - the table sale_event.
 */
#include "fulfill/domain/sale.h"

#include <string.h>

#include "queue/clock.h"

/* clang-format off */
static const char *const kind_names[] = {
	[SALE_SOLD]      = "sold",
	[SALE_RENEWED]   = "renewed",
	[SALE_CANCELLED] = "cancelled",
	[SALE_KEPT]      = "kept",
	[SALE_ENDED]     = "ended",
	[SALE_REVERSED]  = "reversed",
	[SALE_EXCHANGED] = "exchanged",
};
/* clang-format on */

#define SALE_COLS                                                                        \
	"id, kind, licence_id, k, party_id, product_id, quantity, day, first_day,"       \
	" last_day, period_first_day, period_last_day, price_minor, amount_minor,"       \
	" currency, credit_mode, of_event, reason, at"

static const Stmt ADD = {
	.name = "sale_event.add",
	.sql =
	    "INSERT INTO sale_event (kind, licence_id, k, party_id, product_id, quantity,"
	    " day, first_day, last_day, period_first_day, period_last_day, price_minor,"
	    " amount_minor, currency, credit_mode, of_event, reason, at, at_once)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
	    " $16, $17, $18, (SELECT direct FROM party WHERE id = $4)) RETURNING id",
};
static const Stmt CHARGE = {
	.name = "sale_event.charge",
	.sql = "SELECT " SALE_COLS " FROM sale_event WHERE licence_id = $1 AND k = $2"
	       " AND kind IN ('sold', 'renewed')",
};
static const Stmt GIVEN_BACK = {
	.name = "sale_event.given_back",
	.sql = "SELECT coalesce(-sum(amount_minor), 0), count(*) FROM sale_event"
	       " WHERE of_event = $1",
	.pgsql =
	    "SELECT coalesce(-sum(amount_minor), 0)::bigint, count(*) FROM sale_event"
	    " WHERE of_event = $1",
};
static const Stmt OF_LICENCE = {
	.name = "sale_event.of_licence",
	.sql = "SELECT " SALE_COLS " FROM sale_event WHERE licence_id = $1 ORDER BY id",
};
static const Stmt OF_DAYS = {
	.name = "sale_event.of_days",
	.sql = "SELECT " SALE_COLS " FROM sale_event WHERE day >= $1 AND day <= $2"
	       " ORDER BY day, id",
};

const char *
sale_kind_name(SaleKind kind)
{
	return kind_names[kind];
}

/* NULL: for ever. */
static const char *
last_text(Day day, char buf[DAY_CHARS])
{
	return day_cmp(day, DAY_MAX) < 0 ? day_format(day, buf) : NULL;
}

bool
sale_add(DbTx *tx, Sale *sale, GError **error)
{
	char day[DAY_CHARS];
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	char period_first[DAY_CHARS];
	char period_last[DAY_CHARS];
	bool back = sale->kind == SALE_REVERSED || sale->kind == SALE_EXCHANGED;
	bool priced = sale->price.currency[0] != '\0';

	sale->at = clock_now_at();
	return db_find_int(tx->db, &ADD,
		   DB_ARGS(v_text(kind_names[sale->kind]), v_int(sale->licence_id),
		       v_int(sale->k), v_int(sale->party_id), v_int(sale->product_id),
		       v_int(sale->quantity), v_text(day_format(sale->day, day)),
		       v_text(day_format(sale->first_day, first)),
		       v_text(last_text(sale->last_day, last)),
		       v_text(day_format(sale->period_first_day, period_first)),
		       v_text(last_text(sale->period_last_day, period_last)),
		       v_int(priced ? sale->price.minor : 0),
		       v_int(priced ? sale->amount.minor : 0),
		       priced ? v_text(sale->price.currency) : v_null(),
		       back ? v_text(credit_mode_name(sale->mode)) : v_null(),
		       v_id(back ? sale->of_event : 0), v_text(sale->reason),
		       v_int(sale->at)),
		   &sale->id, error) == 1;
}

static bool
read_day(const DbRows *rows, int column, Day *ret, GError **error)
{
	const char *text = db_col_text(rows, column);

	if (text == NULL) {
		*ret = DAY_MAX;
		return true;
	}
	return day_parse(text, ret, error);
}

static SaleKind
kind_from_name(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kind_names); i++)
		if (strcmp(kind_names[i], name) == 0)
			return (SaleKind)i;
	BUG("sale_event.kind '%s'", name);
}

static bool
from_row(const DbRows *rows, Sale *ret, GError **error)
{
	const char *currency = db_col_text(rows, 14);
	const char *mode = db_col_text(rows, 15);

	*ret = (Sale){
		.id = db_col_int(rows, 0),
		.kind = kind_from_name(db_col_text(rows, 1)),
		.licence_id = db_col_int(rows, 2),
		.k = (int)db_col_int(rows, 3),
		.party_id = db_col_int(rows, 4),
		.product_id = db_col_int(rows, 5),
		.quantity = (int)db_col_int(rows, 6),
		.price.minor = db_col_int(rows, 12),
		.amount.minor = db_col_int(rows, 13),
		.mode = CREDIT_NONE,
		.of_event = db_col_int(rows, 16),
		.reason = db_col_text(rows, 17),
		.at = db_col_int(rows, 18),
	};
	g_strlcpy(ret->price.currency, currency != NULL ? currency : "",
	    sizeof(ret->price.currency));
	g_strlcpy(
	    ret->amount.currency, ret->price.currency, sizeof(ret->amount.currency));
	return read_day(rows, 7, &ret->day, error) &&
	       read_day(rows, 8, &ret->first_day, error) &&
	       read_day(rows, 9, &ret->last_day, error) &&
	       read_day(rows, 10, &ret->period_first_day, error) &&
	       read_day(rows, 11, &ret->period_last_day, error) &&
	       (mode == NULL || credit_mode_from_name(mode, &ret->mode, error));
}

int
sale_find_charge(Db *db, int64_t licence_id, int k, Sale *ret, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &CHARGE, DB_ARGS(v_int(licence_id), v_int(k)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	if (!from_row(rows, ret, error))
		return -1;
	ret->reason = NULL;
	return 1;
}

bool
sale_given_back(Db *db, int64_t charge_id, int64_t *ret_minor, int *ret_n, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &GIVEN_BACK, DB_ARGS(v_int(charge_id)), error);

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	*ret_minor = db_col_int(rows, 0);
	if (ret_n != NULL)
		*ret_n = (int)db_col_int(rows, 1);
	return true;
}

static bool
credit_of(
    Db *db, const Sale *charge, Day day, CreditMode mode, Money *ret, GError **error)
{
	Charge cut = sale_charge(charge);
	Money billed = charge->amount;
	int64_t back;

	*ret = charge->amount;
	ret->minor = 0;
	if (charge->price.currency[0] == '\0')
		return true;
	if (!sale_given_back(db, charge->id, &back, NULL, error))
		return false;
	billed.minor -= back;
	return charge_credit(&cut, mode, day, billed, ret, error);
}

bool
sale_reverse(DbTx *tx, const Sale *charge, SaleKind kind, Day day, CreditMode mode,
    const char *reason, Money *ret, GError **error)
{
	Sale sale = *charge;
	Money back;

	if (!credit_of(tx->db, charge, day, mode, &back, error))
		return false;
	sale.kind = kind;
	sale.day = day_max(day, charge->first_day);
	sale.mode = mode;
	sale.of_event = charge->id;
	sale.reason = reason;
	sale.amount = back;
	sale.amount.minor = -back.minor;
	*ret = back;
	return sale_add(tx, &sale, error);
}

Charge
sale_charge(const Sale *sale)
{
	bool open = day_cmp(sale->period_last_day, DAY_MAX) >= 0;
	Charge charge = {
		.price = sale->price,
		.period_first_day = sale->period_first_day,
		.period_last_day = open ? sale->period_first_day : sale->period_last_day,
		.first_day = sale->first_day,
		.last_day = open ? sale->first_day : sale->last_day,
	};

	return charge;
}

bool
sale_list(Db *db, int64_t licence_id, Day from, Day to,
    void (*fn)(void *user, const Sale *sale), void *user, GError **error)
{
	char a[DAY_CHARS];
	char b[DAY_CHARS];
	g_autoptr(DbRows) rows =
	    licence_id != 0
		? db_query(db, &OF_LICENCE, DB_ARGS(v_int(licence_id)), error)
		: db_query(db, &OF_DAYS,
		      DB_ARGS(v_text(day_format(from, a)), v_text(day_format(to, b))),
		      error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Sale sale;

		if (!from_row(rows, &sale, error))
			return false;
		fn(user, &sale);
	}
	return more == 0;
}
