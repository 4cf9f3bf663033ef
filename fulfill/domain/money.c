/*
 * money.c - amounts in minor units.
 */
#include "fulfill/domain/money.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

/* A product of two int64 always fits. */
__extension__ typedef __int128 Wide;

#define MOST_DECIMALS 3

/* clang-format off */
/* ISO 4217 list one, codes by number of decimals; funds and metals left out. */
static const struct {
	int decimals;
	const char *codes;      /* three letters and a blank each */
} currencies[] = {
	{ 2, "EUR USD GBP CHF PLN CZK SEK NOK DKK HUF RON BGN TRY CAD AUD NZD CNY INR BRL MXN "
	     "AED AFN ALL AMD ANG AOA ARS AWG AZN BAM BBD BDT BMD BND BOB BSD BTN BWP BYN BZD "
	     "CDF COP CRC CUP CVE DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GTQ GYD HKD HNL "
	     "HTG IDR ILS IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD "
	     "MMK MNT MOP MRU MUR MVR MWK MYR MZN NAD NGN NIO NPR PAB PEN PGK PHP PKR QAR RSD "
	     "RUB SAR SBD SCR SDG SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TTD "
	     "TWD TZS UAH UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG " },
	{ 0, "JPY KRW ISK CLP VND BIF DJF GNF KMF PYG RWF UGX VUV XAF XOF XPF " },
	{ 3, "BHD IQD JOD KWD LYD OMR TND " },
};

static const struct {
	const char *language;
	char point;
	char group;             /* between groups of three digits */
} languages[] = {
	{ "de", ',', '.' },
	{ "en", '.', ',' },
};
/* clang-format on */

int
currency_decimals(const char *code)
{
	if (strlen(code) != 3)
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(currencies); i++)
		for (const char *c = currencies[i].codes; *c != '\0'; c += 4)
			if (memcmp(c, code, 3) == 0)
				return currencies[i].decimals;
	return -1;
}

bool
money_from_minor(int64_t minor, const char *currency, Money *ret, GError **error)
{
	g_autofree char *shown = NULL;

	if (currency_decimals(currency) >= 0) {
		*ret = (Money){ .minor = minor };
		memcpy(ret->currency, currency, 4);
		return true;
	}
	shown = quote(currency);
	return err_set(
	    error, TP_ERROR_INVALID, "'%s' is not a currency of ISO 4217", shown);
}

/* ---- text ---- */

/* Appends the digits at *text to *minor and moves past them; returns how many there were.
 * Only the first `most` count: with more of them the caller refuses the text. */
static int
digits_take(const char **text, int most, int64_t *minor)
{
	int n = 0;

	for (; g_ascii_isdigit(**text); (*text)++, n++)
		if (n < most)
			*minor = *minor * 10 + g_ascii_digit_value(**text);
	return n;
}

static bool
money_parse_shape(const char *text, Money *ret, int *ret_whole_digits, GError **error)
{
	const char *c = text;
	bool negative = *c == '-';
	int64_t minor = 0;
	int whole;
	int decimals = 0;
	int wanted;

	if (negative)
		c++;
	if (c[0] == '0' && g_ascii_isdigit(c[1]))
		return err_set(error, TP_ERROR_INVALID, "it begins with a zero");
	whole = digits_take(&c, LIMIT_MONEY_DIGITS, &minor);
	if (whole == 0)
		return err_set(
		    error, TP_ERROR_INVALID, "it does not begin with a number");
	if (*c == ',')
		return err_set(
		    error, TP_ERROR_INVALID, "decimals follow a point, not a comma");
	if (*c == '.') {
		c++;
		decimals = digits_take(&c, MOST_DECIMALS, &minor);
		if (decimals == 0)
			return err_set(
			    error, TP_ERROR_INVALID, "no decimals follow the point");
	}
	if (*c++ != ' ')
		return err_set(error, TP_ERROR_INVALID,
		    "one blank and a currency must follow the number");
	if (!money_from_minor(0, c, ret, error))
		return false;
	wanted = currency_decimals(c);
	if (decimals != 0 && decimals != wanted)
		return err_set(error, TP_ERROR_INVALID, "%s has %d decimals, not %d", c,
		    wanted, decimals);
	for (int i = decimals; i < wanted; i++)
		minor *= 10;
	ret->minor = negative ? -minor : minor;
	*ret_whole_digits = whole;
	return true;
}

bool
money_parse(const char *text, Money *ret, GError **error)
{
	g_autofree char *shown = NULL;
	int whole = 0;
	Money money;

	if (money_parse_shape(text, &money, &whole, error)) {
		if (whole <= LIMIT_MONEY_DIGITS) {
			*ret = money;
			return true;
		}
		err_set(error, TP_ERROR_INVALID,
		    "more than %d digits stand before the point", LIMIT_MONEY_DIGITS);
	}
	shown = quote(text);
	g_prefix_error(error, "'%s' is not an amount like '499.00 EUR': ", shown);
	return false;
}

/* The digits of the amount with `point`, and with `group` between thousands unless it is
 * 0. */
static GString *
format_digits(Money money, char point, char group)
{
	int decimals = MAX(currency_decimals(money.currency), 0);
	/* Unsigned, because the least int64 has no positive twin. */
	uint64_t minor =
	    money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
	char buf[40];
	char *c = buf + sizeof(buf);

	*--c = '\0';
	for (int i = 0; i <= decimals || minor > 0; i++) {
		if (i > decimals && (i - decimals) % 3 == 0 && group != '\0')
			*--c = group;
		*--c = (char)('0' + minor % 10);
		minor /= 10;
		if (i + 1 == decimals)
			*--c = point;
	}
	if (money.minor < 0)
		*--c = '-';
	return g_string_new(c);
}

char *
money_format_number(Money money, char point)
{
	return g_string_free(format_digits(money, point, '\0'), FALSE);
}

char *
money_format(Money money)
{
	GString *text = format_digits(money, '.', '\0');

	g_string_append_printf(text, " %s", money.currency);
	return g_string_free(text, FALSE);
}

char *
money_format_people(Money money, const char *language)
{
	for (size_t i = 0; language != NULL && i < G_N_ELEMENTS(languages); i++) {
		size_t n = strlen(languages[i].language);
		GString *text;

		if (g_ascii_strncasecmp(language, languages[i].language, n) != 0 ||
		    g_ascii_isalnum(language[n]))
			continue;
		text = format_digits(money, languages[i].point, languages[i].group);
		g_string_append_printf(text, " %s", money.currency);
		return g_string_free(text, FALSE);
	}
	return money_format(money);
}

/* ---- arithmetic ---- */

static bool
too_large(GError **error)
{
	return err_set(error, TP_ERROR_INVALID, "the amount is too large to be counted");
}

static bool
money_from_wide(Wide minor, Money like, Money *ret, GError **error)
{
	if (minor > INT64_MAX || minor < INT64_MIN)
		return too_large(error);
	*ret = like;
	ret->minor = (int64_t)minor;
	return true;
}

static bool
check_same_currency(Money a, Money b, GError **error)
{
	if (memcmp(a.currency, b.currency, 3) == 0)
		return true;
	return err_set(error, TP_ERROR_INVALID, "%s and %s cannot be added up",
	    a.currency, b.currency);
}

bool
money_add(Money a, Money b, Money *ret, GError **error)
{
	return check_same_currency(a, b, error) &&
	       money_from_wide((Wide)a.minor + b.minor, a, ret, error);
}

bool
money_sub(Money a, Money b, Money *ret, GError **error)
{
	return check_same_currency(a, b, error) &&
	       money_from_wide((Wide)a.minor - b.minor, a, ret, error);
}

bool
money_neg(Money a, Money *ret, GError **error)
{
	return money_from_wide(-(Wide)a.minor, a, ret, error);
}

/* a / b rounded half away from zero; b > 0. */
static Wide
divide_half_up(Wide a, Wide b)
{
	Wide quotient = a / b;
	Wide rest = a % b;

	/* Not 2 * rest >= b: rest may be near the top of what a Wide holds. */
	if (rest >= 0)
		return rest >= b - rest ? quotient + 1 : quotient;
	return -rest >= b + rest ? quotient - 1 : quotient;
}

bool
money_scale(
    Money money, int64_t numerator, int64_t denominator, Money *ret, GError **error)
{
	if (denominator < 1)
		return err_set(error, TP_ERROR_INVALID,
		    "an amount cannot be divided by %" G_GINT64_FORMAT, denominator);
	return money_from_wide(divide_half_up((Wide)money.minor * numerator, denominator),
	    money, ret, error);
}

/* The part, which lies between 0 and whole and therefore fits. */
static Money
part_of(Money whole, int64_t from, int64_t to, int64_t steps)
{
	Wide upper = divide_half_up((Wide)whole.minor * to, steps);
	Wide lower = divide_half_up((Wide)whole.minor * from, steps);

	whole.minor = (int64_t)(upper - lower);
	return whole;
}

bool
money_part(
    Money whole, int64_t from, int64_t to, int64_t steps, Money *ret, GError **error)
{
	if (steps < 1 || from < 0 || from > to || to > steps)
		return err_set(error, TP_ERROR_INVALID,
		    "steps %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
		    " are no part of %" G_GINT64_FORMAT,
		    from, to, steps);
	*ret = part_of(whole, from, to, steps);
	return true;
}

bool
money_split(Money whole, const int64_t *weights, size_t n, Money *ret, GError **error)
{
	int64_t sum = 0;
	int64_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (weights[i] < 0)
			return err_set(error, TP_ERROR_INVALID,
			    "weight %" G_GINT64_FORMAT " is below 0", weights[i]);
		if (__builtin_add_overflow(sum, weights[i], &sum))
			return too_large(error);
	}
	if (sum == 0)
		return err_set(
		    error, TP_ERROR_INVALID, "there is nothing to split an amount among");
	for (size_t i = 0; i < n; i++) {
		ret[i] = part_of(whole, from, from + weights[i], sum);
		from += weights[i];
	}
	return true;
}
