/*
 * test_statement.c - what a month comes to, and that all months come to what was sold.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/sale_cut.h"
#include "fulfill/domain/statement.h"
#include "tests/support/fix_shop.h"

static Day
day(const char *text)
{
	Day ret;

	if (!day_parse(text, &ret, NULL))
		fail_msg("'%s' is no day", text);
	return ret;
}

static Money
money(int64_t minor)
{
	return (Money){ minor, "EUR" };
}

/* ---- C12 as rows: one charge, one month ---- */

typedef struct Row {
	const char *name;
	const char *period_first; /* NULL: for ever */
	const char *period_last;
	const char *first;
	const char *last;
	int64_t price;
	bool direct;
	const char *back_day; /* NULL: no reversal */
	CreditMode mode;
	const char *month;
	int days;
	int64_t amount; /* of all lines of the month */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "R12.3: 30.00 a month, April from the 10th: 21 days, 21.00", "2027-04-01", "2027-04-30", "2027-04-10", "2027-04-30", 3000, false, NULL, CREDIT_NONE, "2027-04-01", 21, 2100 },
	{ "R12.3: ended on the 10th: 10 days, 10.00", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", 3000, false, "2027-04-11", CREDIT_PRORATA, "2027-04-01", 10, 1000 },
	{ "R12.3: 29.00, 15 to 28 February 2027: 14.50", "2027-02-01", "2027-02-28", "2027-02-15", "2027-02-28", 2900, false, NULL, CREDIT_NONE, "2027-02-01", 14, 1450 },
	{ "R12.3: 29.00, 15 to 29 February 2028: 15.00", "2028-02-01", "2028-02-29", "2028-02-15", "2028-02-29", 2900, false, NULL, CREDIT_NONE, "2028-02-01", 15, 1500 },
	{ "a year by the day: the first month", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, false, NULL, CREDIT_NONE, "2027-04-01", 16, 1600 },
	{ "a year by the day: a month in it", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, false, NULL, CREDIT_NONE, "2027-05-01", 31, 3100 },
	{ "a year by the day: the last month", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, false, NULL, CREDIT_NONE, "2028-04-01", 14, 1400 },
	{ "a year by the day: the month after", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, false, NULL, CREDIT_NONE, "2028-05-01", 0, 0 },
	{ "R12.5: a direct customer pays the year in the month of sale", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, true, NULL, CREDIT_NONE, "2027-04-01", 366, 36600 },
	{ "R12.5: and nothing in the month after", "2027-04-15", "2028-04-14", "2027-04-15", "2028-04-14", 36600, true, NULL, CREDIT_NONE, "2027-05-01", 0, 0 },
	{ "R12.5: 29 February renews once, in its month", "2028-02-29", "2029-02-27", "2028-02-29", "2029-02-27", 36500, true, NULL, CREDIT_NONE, "2028-02-01", 365, 36500 },
	{ "for ever: all of it in the month of sale", NULL, NULL, "2027-04-15", NULL, 149000, false, NULL, CREDIT_NONE, "2027-04-01", 0, 149000 },
	{ "for ever: nothing later", NULL, NULL, "2027-04-15", NULL, 149000, false, NULL, CREDIT_NONE, "2027-05-01", 0, 0 },
	{ "for ever, undone: the credit in the month of the Storno", NULL, NULL, "2027-04-15", NULL, 149000, false, "2027-06-02", CREDIT_FULL, "2027-06-01", 0, -149000 },
	{ "R10.4 full: nothing is left of any month", "2027-04-01", "2028-03-31", "2027-04-01", "2028-03-31", 36600, false, "2027-06-10", CREDIT_FULL, "2027-04-01", 0, 0 },
	{ "R10.4 none: every month stays", "2027-04-01", "2028-03-31", "2027-04-01", "2028-03-31", 36600, false, "2027-06-10", CREDIT_NONE, "2027-07-01", 31, 3100 },
	{ "R10.4 prorata: up to the day before", "2027-04-01", "2028-03-31", "2027-04-01", "2028-03-31", 36600, false, "2027-06-10", CREDIT_PRORATA, "2027-06-01", 9, 900 },
	{ "R10.4 prorata: nothing later", "2027-04-01", "2028-03-31", "2027-04-01", "2028-03-31", 36600, false, "2027-06-10", CREDIT_PRORATA, "2027-07-01", 0, 0 },
	{ "R11.1: the old of an exchange on 12 April: 3.67", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", 1000, false, "2027-04-12", CREDIT_PRORATA, "2027-04-01", 11, 367 },
	{ "R11.1: the new of it: 15.83", "2027-04-01", "2027-04-30", "2027-04-12", "2027-04-30", 2500, false, NULL, CREDIT_NONE, "2027-04-01", 19, 1583 },
	{ "R11.2: the quarter is the denominator, 91 days", "2027-04-01", "2027-06-30", "2027-05-20", "2027-06-30", 9100, false, NULL, CREDIT_NONE, "2027-06-01", 30, 3000 },
};
/* clang-format on */

static Sale
sale_of_row(const Row *row, int64_t id)
{
	bool for_ever = row->period_first == NULL;

	return (Sale){
		.id = id,
		.kind = SALE_SOLD,
		.licence_id = 1,
		.quantity = 1,
		.day = day(row->first),
		.first_day = day(row->first),
		.last_day = for_ever ? DAY_MAX : day(row->last),
		.period_first_day = day(for_ever ? row->first : row->period_first),
		.period_last_day = for_ever ? DAY_MAX : day(row->period_last),
		.price = money(row->price),
		.amount = money(row->price),
		.mode = CREDIT_NONE,
	};
}

static void
cut_row_test(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) back = g_array_new(FALSE, FALSE, sizeof(Sale));
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(SalePart));
	SaleCharge charge = {
		.charge = sale_of_row(row, 1), .reversals = back, .at_once = row->direct
	};
	Charge whole = sale_charge(&charge.charge);
	int64_t amount = 0;
	int days = 0;

	assert_true(charge_total(&whole, &charge.charge.amount, &error));
	if (row->back_day != NULL) {
		Sale reversal = charge.charge;
		Money credit;

		assert_true(charge_credit(&whole, row->mode, day(row->back_day),
		    charge.charge.amount, &credit, &error));
		reversal.id = 2;
		reversal.kind = SALE_REVERSED;
		reversal.day = day(row->back_day);
		reversal.mode = row->mode;
		reversal.amount.minor = -credit.minor;
		g_array_append_val(back, reversal);
	}
	assert_true(sale_cut(&charge, day(row->month), parts, &error));
	assert_no_error(error);
	for (guint i = 0; i < parts->len; i++) {
		amount += g_array_index(parts, SalePart, i).amount.minor;
		days += g_array_index(parts, SalePart, i).days;
	}
	assert_int_equal(amount, row->amount);
	assert_int_equal(days, row->days);
}

/* R12.3: parts sum to the whole, however the month is cut. */
static void
ten_ten_and_eleven_days_of_ten_euro(void **state)
{
	Charge charge = { money(1000), day("2027-05-01"), day("2027-05-31"),
		day("2027-05-01"), day("2027-05-31") };
	Money a;
	Money b;
	Money c;

	(void)state;
	assert_true(
	    charge_amount(&charge, day("2027-05-01"), day("2027-05-10"), &a, NULL));
	assert_true(
	    charge_amount(&charge, day("2027-05-11"), day("2027-05-20"), &b, NULL));
	assert_true(
	    charge_amount(&charge, day("2027-05-21"), day("2027-05-31"), &c, NULL));
	assert_int_equal(a.minor, 323);
	assert_int_equal(b.minor, 322);
	assert_int_equal(c.minor, 355);
}

/* ---- a book of 10,000 histories ---- */

enum { PARTIES = 3, MONTHS = 18 };

/* Each statement is a round trip to a server: a tenth is enough there. */
static int
licences(void)
{
	return fix_db_is_pgsql() ? 1000 : 10000;
}

typedef struct Book {
	FixShop shop;
	GPtrArray *parties; /* StatementParty *; the last one is direct */
	int64_t line_id[PARTIES];
	int64_t product_id;
	GArray *charges; /* Sale: all of them */
	Day begin;       /* of the first month */
} Book;

static const char *const codes[PARTIES] = { "R-100", "R-200", "R-300" };

static int64_t
insert(Book *book, const Stmt *stmt, const DbValue *args, size_t n)
{
	g_autoptr(GError) error = NULL;
	int64_t id = 0;

	if (db_find_int(book->shop.db, stmt, args, n, &id, &error) != 1)
		fail_msg("%s: %s", stmt->name, error != NULL ? error->message : "no row");
	return id;
}

static void
open_book(Book *book)
{
	static const Stmt ORDER = { .name = "test.order",
		.sql = "INSERT INTO orders (source, number, party_id, ordered_day, "
		       "deliver_by, deliver_to, state, content_hash, received_at) VALUES "
		       "('test', $1, $2, '2027-01-01', 'portal', 'party', 'issued', $3, "
		       "1) RETURNING id" };
	static const Stmt LINE = { .name = "test.line",
		.sql = "INSERT INTO order_line (order_id, line, product_id, quantity, "
		       "state) VALUES ($1, '1', $2, 1, 'issued') RETURNING id" };

	fix_shop(&book->shop);
	book->begin = day("2027-01-01");
	book->charges = g_array_new(FALSE, FALSE, sizeof(Sale));
	book->product_id =
	    fix_int(&book->shop, "SELECT id FROM product WHERE sku = 'CAD-SUB'");
	book->parties =
	    g_ptr_array_new_with_free_func((GDestroyNotify)statement_party_free);
	for (int i = 0; i < PARTIES; i++) {
		g_autoptr(GPtrArray) one =
		    statement_parties(book->shop.db, codes[i], NULL);
		StatementParty *party = g_ptr_array_steal_index(one, 0);
		int64_t order_id;

		g_ptr_array_add(book->parties, party);
		order_id = insert(book, &ORDER,
		    DB_ARGS(v_text(codes[i]), v_int(party->id), v_blob("x", 1)));
		book->line_id[i] = insert(
		    book, &LINE, DB_ARGS(v_int(order_id), v_int(book->product_id)));
	}
}

static void
close_book(Book *book)
{
	g_ptr_array_unref(book->parties);
	g_array_unref(book->charges);
	fix_shop_done(&book->shop);
}

static int
pick(GRand *rand, int n)
{
	return g_rand_int_range(rand, 0, n);
}

static void
add_charge(Book *book, DbTx *tx, Sale *sale)
{
	g_autoptr(GError) error = NULL;

	if (!sale_add(tx, sale, &error))
		fail_msg("sale: %s", error->message);
	g_array_append_val(book->charges, *sale);
}

/* A licence of some party from some day of the months up to `month`: recorded late when
 * that month is closed already. */
static void
sell(Book *book, DbTx *tx, GRand *rand, int month, int n)
{
	static const Stmt LICENCE = { .name = "test.licence",
		.sql = "INSERT INTO licence (order_line_id, seq, quantity, product_id, "
		       "party_id, first_day, created_at) VALUES ($1, $2, 1, $3, $4, "
		       "'2027-01-01', 1) RETURNING id" };
	static const int lengths[] = { 1, 3, 12, 12, 24 };
	int who = pick(rand, PARTIES);
	StatementParty *party = g_ptr_array_index(book->parties, who);
	int back = pick(rand, 10) == 0 ? pick(rand, 3) : 0;
	Day first = day_add_days(
	    day_add_months(book->begin, MAX(month - back, 0)), pick(rand, 28));
	int months = lengths[pick(rand, G_N_ELEMENTS(lengths))];
	bool for_ever = pick(rand, 6) == 0;
	Sale sale = {
		.kind = SALE_SOLD,
		.k = for_ever ? 0 : 1,
		.party_id = party->id,
		.product_id = book->product_id,
		.quantity = 1,
		.day = first,
		.first_day = first,
		.last_day =
		    for_ever ? DAY_MAX : day_add_days(day_add_months(first, months), -1),
		.price = money(pick(rand, 100) == 0 ? 0 : pick(rand, 200000) + 1),
	};

	sale.period_first_day = first;
	sale.period_last_day = sale.last_day;
	sale.amount = sale.price;
	sale.licence_id = insert(book, &LICENCE,
	    DB_ARGS(v_int(book->line_id[who]), v_int(n), v_int(book->product_id),
		v_int(party->id)));
	add_charge(book, tx, &sale);
}

/* Something happens to an old charge: it renews, or is undone, in full, by the day or
 * without a cent; on some day of its own time. */
static void
live_on(Book *book, DbTx *tx, GRand *rand)
{
	guint at = (guint)pick(rand, (int)book->charges->len);
	Sale charge = g_array_index(book->charges, Sale, at);
	g_autoptr(GError) error = NULL;
	int64_t given;
	int n;

	if (pick(rand, 3) == 0 && charge.k > 0) {
		Sale next = charge;
		int64_t newest = 0;
		Sale found;

		for (int k = charge.k; newest == 0; k++)
			if (sale_find_charge(book->shop.db, charge.licence_id, k + 1,
				&found, &error) == 1)
				next = found;
			else
				newest = k;
		next.k++;
		next.kind = SALE_RENEWED;
		next.first_day = day_add_days(next.last_day, 1);
		next.last_day = day_add_days(next.first_day,
		    day_diff(charge.period_first_day, charge.period_last_day));
		next.day = next.first_day;
		next.period_first_day = next.first_day;
		next.period_last_day = next.last_day;
		next.amount = next.price;
		add_charge(book, tx, &next);
		return;
	}
	assert_true(sale_given_back(book->shop.db, charge.id, &given, &n, &error));
	if (n == 0 || pick(rand, 8) == 0) {
		int span = day_cmp(charge.last_day, DAY_MAX) < 0
			       ? day_diff(charge.first_day, charge.last_day) + 1
			       : 400;
		Money back;

		if (!sale_reverse(tx, &charge,
			pick(rand, 2) == 0 ? SALE_REVERSED : SALE_EXCHANGED,
			day_add_days(charge.first_day, pick(rand, span)),
			(CreditMode)pick(rand, 3), NULL, &back, &error))
			fail_msg("reverse: %s", error->message);
	}
}

/* Direct or not: the other. */
static int
turn(Book *book, int who)
{
	static const Stmt TURN = { .name = "test.turn",
		.sql = "UPDATE party SET direct = 1 - direct WHERE id = $1" };
	const StatementParty *party = g_ptr_array_index(book->parties, (guint)who);

	assert_true(db_exec(book->shop.db, &TURN, DB_ARGS(v_int(party->id)), NULL, NULL));
	return 1;
}

static void
must_close(Book *book, DbTx *tx, int who, int month)
{
	g_autoptr(GError) error = NULL;
	int done = statement_close(tx, g_ptr_array_index(book->parties, (guint)who),
	    day_add_months(book->begin, month), day("2099-01-01"), "de", &error);

	if (done < 0)
		fail_msg("close: %s", error->message);
	assert_int_equal(done, 1);
}

static int64_t
sum_of(const StatementSums *sums)
{
	assert_true(sums->sums == NULL || sums->sums->len <= 1);
	return sums->sums == NULL || sums->sums->len == 0
		   ? 0
		   : g_array_index(sums->sums, Money, 0).minor;
}

static void
all_months_add_up_to_what_was_sold(void **state)
{
	static const Stmt SOLD = { .name = "test.sold",
		.sql = "SELECT coalesce(sum(amount_minor), 0) FROM sale_event WHERE "
		       "party_id = $1" };
	Book book;
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261124);
	int n = 0;
	int last = MONTHS;
	int turns = 0;
	int64_t corrections;

	(void)state;
	open_book(&book);
	for (int month = 0; month < MONTHS; month++) {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(book.shop.db, DB_WRITE, &tx, NULL));
		for (int i = 0; i < licences() / MONTHS; i++) {
			sell(&book, &tx, rand, month, ++n);
			if (pick(rand, 2) == 0)
				live_on(&book, &tx, rand);
		}
		/* Parties close at their own pace, one of them not at all for a while. */
		for (int who = 0; who < PARTIES; who++)
			if (who != 2 || month > 8)
				if (pick(rand, 4) > 0)
					must_close(&book, &tx, who, month);
		/* A reseller becomes the vendor's own sales unit, and another one is
		 * sold: what was charged before stays charged as it was. */
		for (int who = 0; who < PARTIES; who++)
			if (pick(rand, 5) == 0)
				turns += turn(&book, who);
		assert_true(db_commit(&tx, NULL));
	}
	corrections = fix_int(
	    &book.shop, "SELECT count(*) FROM statement_line WHERE kind = 'correction'");
	assert_true(corrections > licences() / 50);
	assert_true(turns > 3);
	assert_true(
	    fix_int(&book.shop, "SELECT count(*) FROM sale_event WHERE at_once = 1") >
	    licences() / 20);
	for (guint i = 0; i < book.charges->len; i++) {
		const Sale *sale = &g_array_index(book.charges, Sale, i);

		if (day_cmp(sale->last_day, DAY_MAX) < 0)
			last = MAX(last, day_diff(book.begin, sale->last_day) / 28 + 1);
	}
	for (int who = 0; who < PARTIES; who++) {
		StatementParty *party = g_ptr_array_index(book.parties, (guint)who);
		int64_t total = 0;
		int64_t sold = insert(&book, &SOLD, DB_ARGS(v_int(party->id)));

		for (int month = 0; month <= last; month++) {
			g_auto(StatementSums) sums = { 0 };
			g_autoptr(GError) error = NULL;

			if (!statement_lines(book.shop.db, party,
				day_add_months(book.begin, month), "de", NULL, NULL,
				&sums, &error))
				fail_msg("%s: %s", party->code, error->message);
			total += sum_of(&sums);
		}
		assert_true(sold != 0);
		assert_int_equal(total, sold);
	}
	/* Each correction points to a line of a closed month that is there. */
	assert_int_equal(
	    fix_int(&book.shop, "SELECT count(*) FROM statement_line c WHERE c.kind = "
				"'correction' AND NOT EXISTS (SELECT 1 FROM "
				"statement_line o WHERE o.line = c.corrects)"),
	    0);
	assert_int_equal(fix_int(&book.shop, "SELECT count(*) - count(DISTINCT line) "
					     "FROM statement_line"),
	    0);
	close_book(&book);
}

/* ---- frozen ---- */

static bool
collect(void *user, const StatementLine *line, GError **error)
{
	(void)error;
	g_string_append_printf(user, "%s %s %" G_GINT64_FORMAT " %s\n", line->line,
	    line->kind, line->amount.minor,
	    line->corrects != NULL ? line->corrects : "-");
	return true;
}

static char *
lines(Book *book, int who, const char *month)
{
	GString *text = g_string_new("");
	g_autoptr(GError) error = NULL;

	if (!statement_lines(book->shop.db, g_ptr_array_index(book->parties, (guint)who),
		day(month), "de", collect, text, NULL, &error))
		g_string_printf(text, "error: %s", error->message);
	return g_string_free(text, FALSE);
}

static void
a_closed_month_never_changes_and_late_events_point_to_it(void **state)
{
	static const Stmt ALTER = { .name = "test.alter",
		.sql = "UPDATE statement_line SET amount_minor = 1 WHERE line = "
		       "'1-202704'" };
	Book book;
	Sale sale = { 0 };
	Money back;
	g_autoptr(GError) error = NULL;
	g_autofree char *before = NULL;
	g_autofree char *closed = NULL;
	g_autofree char *after = NULL;
	g_autofree char *next = NULL;
	g_autofree char *next_but_one = NULL;
	g_autofree char *altered = NULL;

	(void)state;
	open_book(&book);
	{
		g_auto(DbTx) tx = DB_TX_INIT;
		g_autoptr(GRand) rand = g_rand_new_with_seed(1);

		assert_true(db_begin(book.shop.db, DB_WRITE, &tx, NULL));
		sell(&book, &tx, rand, 0, 1);
		assert_true(db_commit(&tx, NULL));
	}
	/* One charge of our own making: 366.00 for a year of 366 days from April. */
	assert_true(db_exec(book.shop.db,
	    &(Stmt){ .name = "t",
		.sql = "UPDATE sale_event SET party_id = (SELECT id FROM party WHERE "
		       "code = 'R-100'), kind = 'sold', k = 1, day = '2027-04-01', "
		       "first_day = '2027-04-01', last_day = '2028-03-31', "
		       "period_first_day = '2027-04-01', period_last_day = "
		       "'2028-03-31', price_minor = 36600, amount_minor = 36600, "
		       "at_once = 0" },
	    DB_NO_ARGS, NULL, &error));
	assert_no_error(error);
	before = lines(&book, 0, "2027-04-01");
	assert_string_equal(before, "1-202704 sold 3000 -\n");
	{
		g_auto(DbTx) tx = DB_TX_INIT;
		const StatementParty *party = g_ptr_array_index(book.parties, 0);

		assert_true(db_begin(book.shop.db, DB_WRITE, &tx, NULL));
		assert_int_equal(statement_close(&tx, party, day("2027-04-01"),
				     day("2027-04-30"), "de", &error),
		    -1);
		assert_error(error, TP_ERROR_INVALID);
		g_clear_error(&error);
		assert_int_equal(statement_close(&tx, party, day("2027-04-15"),
				     day("2027-05-01"), "de", &error),
		    1);
		assert_int_equal(statement_close(&tx, party, day("2027-04-01"),
				     day("2027-05-01"), "de", &error),
		    0);
		/* The Storno comes in May and undoes everything. */
		assert_int_equal(
		    sale_find_charge(book.shop.db,
			g_array_index(book.charges, Sale, 0).licence_id, 1, &sale, NULL),
		    1);
		assert_true(sale_reverse(&tx, &sale, SALE_REVERSED, day("2027-05-10"),
		    CREDIT_FULL, NULL, &back, &error));
		assert_int_equal(back.minor, 36600);
		assert_true(db_commit(&tx, NULL));
	}
	closed = lines(&book, 0, "2027-04-01");
	assert_string_equal(closed, before);
	next = lines(&book, 0, "2027-05-01");
	assert_string_equal(next, "1-202704+1 correction -3000 1-202704\n");
	next_but_one = lines(&book, 0, "2027-06-01");
	assert_string_equal(next_but_one, "");
	assert_true(db_exec(book.shop.db, &ALTER, DB_NO_ARGS, NULL, &error));
	altered = lines(&book, 0, "2027-04-01");
	assert_non_null(strstr(altered, "altered after it was closed"));
	close_book(&book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_ten_and_eleven_days_of_ten_euro),
		cmocka_unit_test(
		    a_closed_month_never_changes_and_late_events_point_to_it),
		cmocka_unit_test(all_months_add_up_to_what_was_sold),
	};

	return run_rows("C12", rows, cut_row_test) +
	       cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
