/*
 * test_money.c - amounts are exact, and parts add up to the whole.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/money.h"
#include "queue/limits.h"

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

struct parse_row {
	const char *name;
	const char *text;
	int64_t minor;
	const char *wanted; /* how it is written back; NULL: refused */
	const char *error;  /* a part of the text */
};

/* clang-format off */
static const struct parse_row parse_rows[] = {
	{ "euros and cents",            "499.00 EUR",         49900, "499.00 EUR", NULL },
	{ "less than a euro",           "0.05 EUR",               5, "0.05 EUR", NULL },
	{ "whole euros",                "499 EUR",            49900, "499.00 EUR", NULL },
	{ "a credit",                   "-3.50 EUR",           -350, "-3.50 EUR", NULL },
	{ "less than a euro of credit", "-0.05 EUR",             -5, "-0.05 EUR", NULL },
	{ "nothing",                    "0.00 EUR",               0, "0.00 EUR", NULL },
	{ "minus nothing is nothing",   "-0.00 EUR",              0, "0.00 EUR", NULL },
	{ "yen have no decimals",       "1200 JPY",            1200, "1200 JPY", NULL },
	{ "dinars have three",          "1.234 KWD",           1234, "1.234 KWD", NULL },
	{ "the largest amount",         "9999999999.99 EUR", 999999999999, "9999999999.99 EUR", NULL },
	{ "one digit too many",         "10000000000.00 EUR", 0, NULL, "'10000000000.00 EUR' is not an amount like '499.00 EUR': more than 10 digits stand before the point" },
	{ "a number without end",       "99999999999999999999999999999999999999 EUR", 0, NULL, "more than 10 digits" },
	{ "decimals without end",       "9999999999.99999999999999999999999999 EUR", 0, NULL, "EUR has 2 decimals, not 26" },
	{ "yen with decimals",          "1200.00 JPY", 0, NULL, "JPY has 0 decimals, not 2" },
	{ "one decimal of two",         "499.0 EUR",   0, NULL, "EUR has 2 decimals, not 1" },
	{ "a decimal comma",            "499,00 EUR",  0, NULL, "decimals follow a point, not a comma" },
	{ "thousands with a comma",     "1,499.00 EUR", 0, NULL, "decimals follow a point, not a comma" },
	{ "a point and no decimals",    "499. EUR",    0, NULL, "no decimals follow the point" },
	{ "no digit before the point",  ".50 EUR",     0, NULL, "does not begin with a number" },
	{ "a plus sign",                "+499.00 EUR", 0, NULL, "does not begin with a number" },
	{ "two signs",                  "--1.00 EUR",  0, NULL, "does not begin with a number" },
	{ "a leading zero",             "0499.00 EUR", 0, NULL, "begins with a zero" },
	{ "a power of ten",             "1e3 EUR",     0, NULL, "one blank and a currency" },
	{ "no currency",                "499.00",      0, NULL, "one blank and a currency" },
	{ "no blank",                   "499.00EUR",   0, NULL, "one blank and a currency" },
	{ "two blanks",                 "499.00  EUR", 0, NULL, "' EUR' is not a currency" },
	{ "small letters",              "499.00 eur",  0, NULL, "'eur' is not a currency of ISO 4217" },
	{ "a sign is not a code",       "499.00 \xe2\x82\xac", 0, NULL, "is not a currency of ISO 4217" },
	{ "a currency of the past",     "499.00 DEM",  0, NULL, "'DEM' is not a currency of ISO 4217" },
	{ "parts of two codes",         "499.00 R U",  0, NULL, "'R U' is not a currency" },
	{ "something after the code",   "499.00 EUR ", 0, NULL, "'EUR ' is not a currency" },
	{ "the code first",             "EUR 499.00",  0, NULL, "does not begin with a number" },
	{ "nothing at all",             "",            0, NULL, "does not begin with a number" },
};
/* clang-format on */

static void
parse_row_test(void **state)
{
	const struct parse_row *row = *state;
	g_autoptr(GError) error = NULL;
	Money money = { 4711, "XXX" };

	if (row->wanted == NULL) {
		assert_false(money_parse(row->text, &money, &error));
		assert_error(error, TP_ERROR_INVALID);
		if (strstr(error->message, row->error) == NULL)
			fail_msg("%s", error->message);
		assert_int_equal(money.minor, 4711);
		return;
	}
	assert_true(money_parse(row->text, &money, &error));
	assert_no_error(error);
	assert_int_equal(money.minor, row->minor);
	assert_money(money, row->wanted);
}

struct people_row {
	const char *name;
	const char *text, *language, *wanted;
};

/* clang-format off */
static const struct people_row people_rows[] = {
	{ "German has a decimal comma",    "499.00 EUR",       "de",    "499,00 EUR" },
	{ "German groups with points",     "1234567.80 EUR",   "de-AT", "1.234.567,80 EUR" },
	{ "English the other way round",   "1234567.80 EUR",   "en_GB", "1,234,567.80 EUR" },
	{ "a thousand",                    "1000.00 EUR",      "de",    "1.000,00 EUR" },
	{ "a credit",                      "-1000.00 EUR",     "de",    "-1.000,00 EUR" },
	{ "six digits need one mark",      "-999999.99 EUR",   "en",    "-999,999.99 EUR" },
	{ "yen",                           "1200000 JPY",      "en",    "1,200,000 JPY" },
	{ "dinars",                        "1234.567 KWD",     "de",    "1.234,567 KWD" },
	{ "a cent",                        "0.01 EUR",         "de",    "0,01 EUR" },
	{ "a language we do not have",     "1234.50 EUR",      "ja",    "1234.50 EUR" },
	{ "no language",                   "1234.50 EUR",      NULL,    "1234.50 EUR" },
};
/* clang-format on */

static void
people_row_test(void **state)
{
	const struct people_row *row = *state;
	g_autofree char *text = money_format_people(m(row->text), row->language);

	assert_string_equal(text, row->wanted);
}

static void
numbers_can_be_written_alone(void **state)
{
	g_autofree char *datev = money_format_number(m("-1234.50 EUR"), ',');
	g_autofree char *least = money_format_number((Money){ INT64_MIN, "EUR" }, '.');

	(void)state;
	assert_string_equal(datev, "-1234,50");
	assert_string_equal(least, "-92233720368547758.08");
}

static void
every_currency_has_decimals(void **state)
{
	(void)state;
	assert_int_equal(currency_decimals("EUR"), 2);
	assert_int_equal(currency_decimals("CHF"), 2);
	assert_int_equal(currency_decimals("ZWG"), 2);
	assert_int_equal(currency_decimals("JPY"), 0);
	assert_int_equal(currency_decimals("TND"), 3);
	assert_int_equal(currency_decimals(""), -1);
	assert_int_equal(currency_decimals("EU"), -1);
	assert_int_equal(currency_decimals("EURO"), -1);
	assert_int_equal(currency_decimals("XXX"), -1);
}

static void
sums_are_exact_or_refused(void **state)
{
	g_autoptr(GError) mixed = NULL;
	g_autoptr(GError) over = NULL;
	g_autoptr(GError) under = NULL;
	g_autoptr(GError) least = NULL;
	Money most = { INT64_MAX, "EUR" };
	Money r = { 0, "" };

	(void)state;
	assert_true(money_add(m("0.10 EUR"), m("0.20 EUR"), &r, NULL));
	assert_money(r, "0.30 EUR");
	assert_true(money_sub(m("0.10 EUR"), m("0.20 EUR"), &r, NULL));
	assert_money(r, "-0.10 EUR");
	assert_true(money_neg(r, &r, NULL));
	assert_money(r, "0.10 EUR");
	assert_false(money_add(m("0.10 EUR"), m("0.20 USD"), &r, &mixed));
	assert_error(mixed, TP_ERROR_INVALID);
	assert_string_equal(mixed->message, "EUR and USD cannot be added up");
	assert_false(money_add(most, m("0.01 EUR"), &r, &over));
	assert_error(over, TP_ERROR_INVALID);
	assert_false(money_sub((Money){ INT64_MIN, "EUR" }, m("0.01 EUR"), &r, &under));
	assert_error(under, TP_ERROR_INVALID);
	assert_false(money_neg((Money){ INT64_MIN, "EUR" }, &r, &least));
	assert_error(least, TP_ERROR_INVALID);
	assert_money(r, "0.10 EUR");
}

struct scale_row {
	const char *name;
	int64_t minor, numerator, denominator, wanted;
};

/* clang-format off */
static const struct scale_row scale_rows[] = {
	{ "R12.3 start on the 10th of April", 3000, 21, 30,  2100 },
	{ "R12.3 ended on the 10th of April", 3000, 10, 30,  1000 },
	{ "R12.3 15 to 28 Feb 2027",          2900, 14, 28,  1450 },
	{ "R12.3 15 to 29 Feb 2028",          2900, 15, 29,  1500 },
	{ "R11.1 old plan, 1 to 11 April",    1000, 11, 30,   367 },
	{ "R11.1 new plan, 12 to 30 April",   2500, 19, 30,  1583 },
	{ "below half goes down",             1000,  1,  3,   333 },
	{ "above half goes up",               2000,  1,  3,   667 },
	{ "half goes up",                        5,  1,  2,     3 },
	{ "half of a credit mirrors it",        -5,  1,  2,    -3 },
	{ "a negative factor mirrors it",        5, -1,  2,    -3 },
	{ "just below half",                   499, 1, 1000,    0 },
	{ "just half",                         500, 1, 1000,    1 },
	{ "nothing",                             0, 7,  9,      0 },
	{ "no share",                         1000, 0,  9,      0 },
	{ "the largest by the largest",  INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
	{ "the least by the largest",    INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN },
};
/* clang-format on */

static void
scale_row_test(void **state)
{
	const struct scale_row *row = *state;
	g_autoptr(GError) error = NULL;
	Money r = { 0, "" };

	assert_true(money_scale(
	    (Money){ row->minor, "EUR" }, row->numerator, row->denominator, &r, &error));
	assert_no_error(error);
	assert_int_equal(r.minor, row->wanted);
	assert_string_equal(r.currency, "EUR");
}

static void
what_cannot_be_scaled_is_refused(void **state)
{
	g_autoptr(GError) zero = NULL;
	g_autoptr(GError) over = NULL;
	Money r = { 4711, "EUR" };

	(void)state;
	assert_false(money_scale(m("1.00 EUR"), 1, 0, &r, &zero));
	assert_error(zero, TP_ERROR_INVALID);
	assert_false(money_scale((Money){ INT64_MAX, "EUR" }, 3, 2, &r, &over));
	assert_error(over, TP_ERROR_INVALID);
	assert_int_equal(r.minor, 4711);
}

static void
ten_euros_over_31_days_in_three_parts_are_ten_euros(void **state)
{
	static const int64_t weights[] = { 10, 10, 11 };
	Money parts[3];

	(void)state;
	/* R12.3: 3.23 + 3.22 + 3.55, not 3.23 + 3.23 + 3.55 = 10.01. */
	assert_true(money_split(m("10.00 EUR"), weights, 3, parts, NULL));
	assert_money(parts[0], "3.23 EUR");
	assert_money(parts[1], "3.22 EUR");
	assert_money(parts[2], "3.55 EUR");
}

static void
any_split_adds_up_to_the_whole(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(12);
	int uneven = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)g_rand_int_range(rand, 1, 20);
		Money whole = { g_rand_int_range(rand, -100000, 100000), "EUR" };
		int64_t weights[20];
		Money parts[20];
		int64_t sum = 0;
		int64_t weight_sum = 0;

		for (size_t i = 0; i < n; i++)
			weight_sum += weights[i] = g_rand_int_range(rand, 0, 40);
		if (weight_sum == 0)
			weight_sum = weights[0] = 1;
		assert_true(money_split(whole, weights, n, parts, NULL));
		for (size_t i = 0; i < n; i++) {
			/* Never more than a cent from the exact share; never the other
			 * sign. */
			int64_t off =
			    parts[i].minor * weight_sum - whole.minor * weights[i];

			assert_true(off <= weight_sum && off >= -weight_sum);
			assert_true(parts[i].minor == 0 ||
				    (parts[i].minor < 0) == (whole.minor < 0));
			if (weights[i] == 0)
				assert_int_equal(parts[i].minor, 0);
			if (off != 0)
				uneven++;
			sum += parts[i].minor;
		}
		assert_int_equal(sum, whole.minor);
	}
	assert_true(uneven > 100000);
}

static void
what_cannot_be_split_is_refused(void **state)
{
	static const int64_t none[] = { 0, 0 };
	static const int64_t negative[] = { 2, -1 };
	static const int64_t many[] = { INT64_MAX, 1 };
	static const int64_t most[] = { INT64_MAX - 1, 1 };
	g_autoptr(GError) e1 = NULL;
	g_autoptr(GError) e2 = NULL;
	g_autoptr(GError) e3 = NULL;
	g_autoptr(GError) e4 = NULL;
	Money parts[2] = { { 4711, "EUR" }, { 4711, "EUR" } };

	(void)state;
	assert_false(money_split(m("1.00 EUR"), none, 2, parts, &e1));
	assert_error(e1, TP_ERROR_INVALID);
	assert_false(money_split(m("1.00 EUR"), negative, 2, parts, &e2));
	assert_error(e2, TP_ERROR_INVALID);
	assert_false(money_split(m("1.00 EUR"), many, 2, parts, &e3));
	assert_error(e3, TP_ERROR_INVALID);
	assert_int_equal(parts[0].minor, 4711);
	assert_false(money_part(m("1.00 EUR"), 3, 2, 4, &parts[0], &e4));
	assert_error(e4, TP_ERROR_INVALID);
	assert_int_equal(parts[0].minor, 4711);
	assert_true(money_split((Money){ INT64_MIN, "EUR" }, most, 2, parts, NULL));
	assert_int_equal(parts[0].minor + parts[1].minor, INT64_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_can_be_written_alone),
		cmocka_unit_test(every_currency_has_decimals),
		cmocka_unit_test(sums_are_exact_or_refused),
		cmocka_unit_test(what_cannot_be_scaled_is_refused),
		cmocka_unit_test(ten_euros_over_31_days_in_three_parts_are_ten_euros),
		cmocka_unit_test(any_split_adds_up_to_the_whole),
		cmocka_unit_test(what_cannot_be_split_is_refused),
	};

	return cmocka_run_group_tests_name("money", tests, NULL, NULL) +
	       run_rows("money.parse", parse_rows, parse_row_test) +
	       run_rows("money.people", people_rows, people_row_test) +
	       run_rows("money.scale", scale_rows, scale_row_test);
}
