/*
 * test_prorata.c - what the days of a licence cost.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/prorata.h"
#include "fulfill/domain/term.h"

static Day
d(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

static Money
m(const char *text)
{
	g_autoptr(GError) error = NULL;
	Money money = { 0, "" };

	if (!money_parse(text, &money, &error))
		fail_msg("%s", error->message);
	return money;
}

static void
assert_money(Money money, const char *wanted)
{
	g_autofree char *text = money_format(money);

	assert_string_equal(text, wanted);
}

static Charge
charge(const char *price, const char *period_first, const char *period_last,
    const char *first, const char *last)
{
	return (Charge){ m(price), d(period_first), d(period_last), d(first), d(last) };
}

/* ---- R12.3, R11.1, R11.2 ---- */

struct amount_row {
	const char *name;
	const char *price, *period_first, *period_last; /* the whole period */
	const char *first, *last;                       /* the licence runs */
	const char *from, *to;                          /* the month asked for */
	int days;
	const char *amount;
};

/* clang-format off */
static const struct amount_row amount_rows[] = {
	{ "R12.3 a whole month",                 "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", 30, "30.00 EUR" },
	{ "R12.3 started on the 10th",           "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-10", "2027-04-30", "2027-04-01", "2027-04-30", 21, "21.00 EUR" },
	{ "R12.3 ended on the 10th",             "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-10", "2027-04-01", "2027-04-30", 10, "10.00 EUR" },
	{ "R12.3 15 to 28 February 2027",        "29.00 EUR", "2027-02-01", "2027-02-28", "2027-02-15", "2027-02-28", "2027-02-01", "2027-02-28", 14, "14.50 EUR" },
	{ "R12.3 15 to 29 February 2028",        "29.00 EUR", "2028-02-01", "2028-02-29", "2028-02-15", "2028-02-29", "2028-02-01", "2028-02-29", 15, "15.00 EUR" },
	{ "R12.3 days 1 to 10 of 31",            "10.00 EUR", "2027-05-01", "2027-05-31", "2027-05-01", "2027-05-31", "2027-05-01", "2027-05-10", 10, "3.23 EUR" },
	{ "R12.3 days 11 to 20 of 31",           "10.00 EUR", "2027-05-01", "2027-05-31", "2027-05-01", "2027-05-31", "2027-05-11", "2027-05-20", 10, "3.22 EUR" },
	{ "R12.3 days 21 to 31 of 31",           "10.00 EUR", "2027-05-01", "2027-05-31", "2027-05-01", "2027-05-31", "2027-05-21", "2027-05-31", 11, "3.55 EUR" },
	{ "ten days of 31 that stand alone",     "10.00 EUR", "2027-05-01", "2027-05-31", "2027-05-11", "2027-05-20", "2027-05-01", "2027-05-31", 10, "3.23 EUR" },
	{ "R11.1 the old, 1 to 11 April",        "10.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-11", "2027-04-01", "2027-04-30", 11, "3.67 EUR" },
	{ "R11.1 the new, 12 to 30 April",       "25.00 EUR", "2027-04-01", "2027-04-30", "2027-04-12", "2027-04-30", "2027-04-01", "2027-04-30", 19, "15.83 EUR" },
	{ "R11.2 the quarter has 91 days",       "91.00 EUR", "2027-04-01", "2027-06-30", "2027-05-20", "2027-06-30", "2027-04-01", "2027-06-30", 42, "42.00 EUR" },
	{ "a day",                               "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-30", "2027-04-30", "2027-04-01", "2027-04-30",  1, "1.00 EUR" },
	{ "the month before",                    "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", "2027-03-01", "2027-03-31",  0, "0.00 EUR" },
	{ "the month after",                     "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30", "2027-05-01", "2027-05-31",  0, "0.00 EUR" },
	{ "it never ran",                        "30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-03-31", "2027-04-01", "2027-04-30",  0, "0.00 EUR" },
	{ "a contract of the 15th, first month", "31.00 EUR", "2027-01-15", "2027-02-14", "2027-01-15", "2027-02-14", "2027-01-01", "2027-01-31", 17, "17.00 EUR" },
	{ "and its second",                      "31.00 EUR", "2027-01-15", "2027-02-14", "2027-01-15", "2027-02-14", "2027-02-01", "2027-02-28", 14, "14.00 EUR" },
	{ "a leap year, its February",          "366.00 EUR", "2028-01-01", "2028-12-31", "2028-01-01", "2028-12-31", "2028-02-01", "2028-02-29", 29, "29.00 EUR" },
	{ "yen round to a yen",                     "1000 JPY", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-11", "2027-04-01", "2027-04-30", 11, "367 JPY" },
	{ "nothing costs nothing",                "0.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-11", "2027-04-01", "2027-04-30", 11, "0.00 EUR" },
};
/* clang-format on */

static void
amount_row_test(void **state)
{
	const struct amount_row *row = *state;
	g_autoptr(GError) error = NULL;
	Charge c = charge(
	    row->price, row->period_first, row->period_last, row->first, row->last);
	Money amount = { 0, "" };

	assert_int_equal(charge_days(&c, d(row->from), d(row->to)), row->days);
	assert_true(charge_amount(&c, d(row->from), d(row->to), &amount, &error));
	assert_no_error(error);
	assert_money(amount, row->amount);
}

static void
direct_customers_pay_at_once_in_the_month_of_sale(void **state)
{
	Charge c =
	    charge("499.00 EUR", "2028-02-29", "2029-02-28", "2028-02-29", "2029-02-28");
	Money amount = { 0, "" };

	(void)state;
	assert_true(
	    charge_amount_at_once(&c, d("2028-02-01"), d("2028-02-29"), &amount, NULL));
	assert_money(amount, "499.00 EUR");
	assert_true(
	    charge_amount_at_once(&c, d("2028-03-01"), d("2028-03-31"), &amount, NULL));
	assert_money(amount, "0.00 EUR");
	assert_true(
	    charge_amount_at_once(&c, d("2028-01-01"), d("2028-01-31"), &amount, NULL));
	assert_money(amount, "0.00 EUR");
}

static Charge
random_charge(GRand *rand)
{
	static const Term terms[] = { { .months = 1 }, { .months = 3 }, { .months = 12 },
		{ .months = 1, .rule = TERM_ANCHOR }, { .days = 30 }, { .days = 365 } };
	Day start = { d("2027-01-01").v + g_rand_int_range(rand, 0, 800) };
	Money price = { g_rand_int_range(rand, 0, 100000), "EUR" };
	Period p;
	Charge c;
	int days;

	assert_true(term_period(terms[g_rand_int_range(rand, 0, G_N_ELEMENTS(terms))],
	    start, g_rand_int_range(rand, 1, 30), &p, NULL));
	days = period_days(p);
	c = (Charge){ price, p.first_day, p.last_day, p.first_day, p.last_day };
	if (g_rand_boolean(rand))
		c.first_day.v += g_rand_int_range(rand, 0, days);
	if (g_rand_boolean(rand))
		c.last_day.v -=
		    g_rand_int_range(rand, 0, day_diff(c.first_day, c.last_day) + 2);
	return c;
}

static void
the_months_of_any_charge_add_up_to_its_total(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(31);
	int whole = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		Charge c = random_charge(rand);
		Money total;
		Money sum = { 0, "EUR" };

		assert_true(charge_total(&c, &total, NULL));
		for (Day month = day_month_first(c.period_first_day);
		     day_cmp(month, c.period_last_day) <= 0;
		     month = day_add_months(month, 1)) {
			Money part;

			assert_true(
			    charge_amount(&c, month, day_month_last(month), &part, NULL));
			assert_true(part.minor >= 0);
			assert_true(money_add(sum, part, &sum, NULL));
		}
		assert_int_equal(sum.minor, total.minor);
		if (c.first_day.v == c.period_first_day.v &&
		    c.last_day.v == c.period_last_day.v) {
			assert_int_equal(total.minor, c.price.minor);
			whole++;
		}
	}
	assert_true(whole > 4000);
}

/* ---- R10.4 ---- */

struct credit_row {
	const char *name;
	CreditMode mode;
	const char *day;
	const char *billed;
	const char *credit;
};

/* clang-format off */
/* 30.00 for April 2027, of which the licence runs from the 10th: 21.00. */
static const struct credit_row credit_rows[] = {
	{ "full: all that was billed",             CREDIT_FULL,    "2027-04-20", "21.00 EUR", "21.00 EUR" },
	{ "full: not more than was billed",        CREDIT_FULL,    "2027-04-20",  "5.00 EUR",  "5.00 EUR" },
	{ "none: nothing",                         CREDIT_NONE,    "2027-04-20", "21.00 EUR",  "0.00 EUR" },
	{ "prorata: from the day to the last",     CREDIT_PRORATA, "2027-04-20", "21.00 EUR", "11.00 EUR" },
	{ "prorata on the first day: all",         CREDIT_PRORATA, "2027-04-10", "21.00 EUR", "21.00 EUR" },
	{ "prorata before the first day: all",     CREDIT_PRORATA, "2027-03-01", "21.00 EUR", "21.00 EUR" },
	{ "prorata on the last day: one day",      CREDIT_PRORATA, "2027-04-30", "21.00 EUR",  "1.00 EUR" },
	{ "prorata after the last day: nothing",   CREDIT_PRORATA, "2027-05-01", "21.00 EUR",  "0.00 EUR" },
	{ "prorata: not more than was billed",     CREDIT_PRORATA, "2027-04-20",  "7.00 EUR",  "7.00 EUR" },
	{ "prorata: nothing billed, nothing back", CREDIT_PRORATA, "2027-04-20",  "0.00 EUR",  "0.00 EUR" },
};
/* clang-format on */

static void
credit_row_test(void **state)
{
	const struct credit_row *row = *state;
	g_autoptr(GError) error = NULL;
	Charge c =
	    charge("30.00 EUR", "2027-04-01", "2027-04-30", "2027-04-10", "2027-04-30");
	Money credit = { 0, "" };

	assert_true(
	    charge_credit(&c, row->mode, d(row->day), m(row->billed), &credit, &error));
	assert_no_error(error);
	assert_money(credit, row->credit);
}

static void
what_is_billed_less_what_is_credited_is_what_was_used(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(10);
	int credited = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		Charge c = random_charge(rand);
		Day day = { c.first_day.v + g_rand_int_range(rand, -3, 40) };
		Money billed, credit, used, again;

		assert_true(charge_total(&c, &billed, NULL));
		assert_true(
		    charge_credit(&c, CREDIT_PRORATA, day, billed, &credit, NULL));
		assert_true(
		    charge_amount(&c, c.first_day, (Day){ day.v - 1 }, &used, NULL));
		assert_true(credit.minor >= 0 && credit.minor <= billed.minor);
		assert_int_equal(billed.minor - credit.minor, used.minor);
		/* A second reversal gives back at most what is left. */
		billed.minor -= credit.minor;
		assert_true(charge_credit(&c, CREDIT_FULL, day, billed, &again, NULL));
		assert_int_equal(again.minor, used.minor);
		credited += credit.minor > 0;
	}
	assert_true(credited > 10000);
}

/* ---- R11 ---- */

struct exchange_row {
	const char *name;
	const char *old_first, *old_last; /* within April 2027, 10.00 */
	const char *billed;
	const char *new_price, *day;
	const char *old_amount, *credit, *new_amount, *due;
};

/* clang-format off */
static const struct exchange_row exchange_rows[] = {
	{ "R11.1 10.00 to 25.00 on 12 April",    "2027-04-01", "2027-04-30", "10.00 EUR", "25.00 EUR", "2027-04-12", "3.67 EUR",  "6.33 EUR", "15.83 EUR",  "9.50 EUR" },
	{ "R11.5 on the first day",              "2027-04-01", "2027-04-30", "10.00 EUR", "25.00 EUR", "2027-04-01", "0.00 EUR", "10.00 EUR", "25.00 EUR", "15.00 EUR" },
	{ "R11.5 on the last day",               "2027-04-01", "2027-04-30", "10.00 EUR", "25.00 EUR", "2027-04-30", "9.67 EUR",  "0.33 EUR",  "0.83 EUR",  "0.50 EUR" },
	{ "R11.5 cheaper: more back than due",   "2027-04-01", "2027-04-30", "10.00 EUR",  "1.00 EUR", "2027-04-12", "3.67 EUR",  "6.33 EUR",  "0.63 EUR", "-5.70 EUR" },
	{ "R11.5 a cancelled one that ends 20th", "2027-04-01", "2027-04-20", "6.67 EUR", "25.00 EUR", "2027-04-12", "3.67 EUR",  "3.00 EUR", "15.83 EUR", "12.83 EUR" },
	{ "the old was not billed yet",          "2027-04-01", "2027-04-30",  "0.00 EUR", "25.00 EUR", "2027-04-12", "3.67 EUR",  "0.00 EUR", "15.83 EUR", "15.83 EUR" },
	{ "the old was billed in part",          "2027-04-01", "2027-04-30",  "5.00 EUR", "25.00 EUR", "2027-04-12", "3.67 EUR",  "5.00 EUR", "15.83 EUR", "10.83 EUR" },
};
/* clang-format on */

static void
exchange_row_test(void **state)
{
	const struct exchange_row *row = *state;
	g_autoptr(GError) error = NULL;
	Charge old = charge(
	    "10.00 EUR", "2027-04-01", "2027-04-30", row->old_first, row->old_last);
	Charge new =
	    charge(row->new_price, "2027-04-01", "2027-04-30", row->day, "2027-04-30");
	Exchange plan;

	assert_true(exchange_plan(&old, m(row->billed), &new, &plan, &error));
	assert_no_error(error);
	assert_money(plan.old_amount, row->old_amount);
	assert_money(plan.old_credit, row->credit);
	assert_money(plan.new_amount, row->new_amount);
	assert_money(plan.due, row->due);
	/* The day is billed once, and none is left out. */
	assert_int_equal(charge_days(&plan.old_charge, d(row->day), d(row->day)), 0);
	assert_int_equal(charge_days(&new, d(row->day), d(row->day)), 1);
	assert_int_equal(day_diff(plan.old_charge.last_day, new.first_day), 1);
}

static void
a_chain_of_exchanges_bills_each_day_once(void **state)
{
	static const char *const prices[] = { "10.00 EUR", "25.00 EUR", "7.00 EUR",
		"100.00 EUR" };
	static const char *const days[] = { "2027-04-01", "2027-04-05", "2027-04-05",
		"2027-04-30" };
	Charge now = charge(prices[0], "2027-04-01", "2027-04-30", days[0], "2027-04-30");
	Money paid = m("10.00 EUR");
	Money billed = paid;
	int64_t used = 0;
	int total_days = 0;

	(void)state;
	for (size_t i = 1; i < G_N_ELEMENTS(prices); i++) {
		Charge next =
		    charge(prices[i], "2027-04-01", "2027-04-30", days[i], "2027-04-30");
		Exchange plan;

		assert_true(exchange_plan(&now, billed, &next, &plan, NULL));
		assert_true(money_add(paid, plan.due, &paid, NULL));
		used += plan.old_amount.minor;
		total_days +=
		    charge_days(&plan.old_charge, d("2027-04-01"), d("2027-04-30"));
		now = next;
		billed = plan.new_amount;
	}
	total_days += charge_days(&now, d("2027-04-01"), d("2027-04-30"));
	used += billed.minor;
	assert_int_equal(total_days, 30);
	assert_int_equal(paid.minor, used);
	/* 4 days of 10.00, none of 25.00, 25 of 7.00, one of 100.00. */
	assert_money(paid, "10.49 EUR");
}

static void
what_is_no_charge_is_refused(void **state)
{
	Charge good =
	    charge("10.00 EUR", "2027-04-01", "2027-04-30", "2027-04-01", "2027-04-30");
	Charge bad[4] = { good, good, good, good };
	static const char *const texts[] = {
		"a price cannot be below 0",
		"the period 2027-04-01 to 2027-03-31 ends before it begins",
		"2027-03-31 to 2027-04-30 does not lie in the period 2027-04-01 to "
		"2027-04-30",
		"2027-04-10 to 2027-04-08 does not lie in the period 2027-04-01 to "
		"2027-04-30",
	};
	Money r = { 4711, "EUR" };
	Exchange plan;

	(void)state;
	bad[0].price.minor = -1;
	bad[1].period_last_day = d("2027-03-31");
	bad[2].first_day = d("2027-03-31");
	bad[3].first_day = d("2027-04-10");
	bad[3].last_day = d("2027-04-08");
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GError) at_once = NULL;

		assert_false(charge_total(&bad[i], &r, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_string_equal(error->message, texts[i]);
		assert_false(charge_amount_at_once(
		    &bad[i], d("2020-01-01"), d("2020-01-31"), &r, &at_once));
		assert_error(at_once, TP_ERROR_INVALID);
		assert_int_equal(r.minor, 4711);
	}
	for (int i = 0; i < 4; i++) {
		g_autoptr(GError) error = NULL;
		Charge late = charge(
		    "25.00 EUR", "2027-05-01", "2027-05-31", "2027-05-01", "2027-05-31");
		bool ok =
		    i == 0   ? charge_credit(&good, CREDIT_FULL, d("2027-04-03"),
				   m("-0.01 EUR"), &r, &error)
		    : i == 1 ? charge_credit(&good, CREDIT_PRORATA, d("2027-04-03"),
				   m("1.00 USD"), &r, &error)
		    : i == 2 ? exchange_plan(&good, m("10.00 EUR"), &late, &plan, &error)
			     : exchange_plan(&late, m("25.00 EUR"), &good, &plan, &error);

		assert_false(ok);
		assert_error(error, TP_ERROR_INVALID);
	}
	assert_int_equal(r.minor, 4711);
}

static void
credit_modes_have_names(void **state)
{
	g_autoptr(GError) error = NULL;
	CreditMode mode = CREDIT_NONE;

	(void)state;
	assert_true(credit_mode_from_name("prorata", &mode, NULL));
	assert_int_equal(mode, CREDIT_PRORATA);
	assert_string_equal(credit_mode_name(CREDIT_FULL), "full");
	assert_false(credit_mode_from_name("half", &mode, &error));
	assert_string_equal(
	    error->message, "'half' is not a credit mode: full, prorata or none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_customers_pay_at_once_in_the_month_of_sale),
		cmocka_unit_test(the_months_of_any_charge_add_up_to_its_total),
		cmocka_unit_test(what_is_billed_less_what_is_credited_is_what_was_used),
		cmocka_unit_test(a_chain_of_exchanges_bills_each_day_once),
		cmocka_unit_test(what_is_no_charge_is_refused),
		cmocka_unit_test(credit_modes_have_names),
	};

	return cmocka_run_group_tests_name("prorata", tests, NULL, NULL) +
	       run_rows("prorata.amount", amount_rows, amount_row_test) +
	       run_rows("prorata.credit", credit_rows, credit_row_test) +
	       run_rows("prorata.exchange", exchange_rows, exchange_row_test);
}
