/*
 * value.c - text, names, addresses, days, countries and numbers from outside.
 */
#include "fulfill/intake/value.h"

#include <stdarg.h>
#include <string.h>

#include "mailer/addr.h"
#include "queue/day.h"
#include "queue/limits.h"

/* clang-format off */
/* Languages that templates/ has texts in: ISO 639-1, and both codes of 639-2, which business
 * documents use. */
static const struct {
	const char *code;
	const char *other[2];
} languages[] = {
	{ "de", { "deu", "ger" } },
	{ "en", { "eng", "eng" } },
};

/* What stands in place of a code in files that never leave their country. */
static const struct {
	const char *name;
	const char *alpha2;
} country_names[] = {
	{ "Deutschland", "DE" }, { "Germany", "DE" }, { "\303\226sterreich", "AT" }, { "Austria", "AT" },
	{ "Schweiz", "CH" }, { "Switzerland", "CH" },
};

static const struct {
	char alpha2[3];
	char alpha3[4];
	int number;
} countries[] = {
#define COUNTRY(alpha2, alpha3, number) { #alpha2, #alpha3, number },
#include "fulfill/intake/countries.def"
#undef COUNTRY
};
/* clang-format on */

static bool flawed(Flaw *flaw, OrderErrorCode code, const char *format, ...) PRINTF(3, 4);

static bool
flawed(Flaw *flaw, OrderErrorCode code, const char *format, ...)
{
	va_list args;

	flaw->code = code;
	va_start(args, format);
	g_vsnprintf(flaw->why, sizeof(flaw->why), format, args);
	va_end(args);
	return false;
}

/* ---- text ---- */

void
value_trim(const char **text, size_t *size)
{
	for (;;)
		if (*size >= 1 && **text == ' ')
			(*text)++, (*size)--;
		else if (*size >= 2 && memcmp(*text, "\xc2\xa0", 2) == 0)
			*text += 2, *size -= 2;
		else
			break;
	for (;;)
		if (*size >= 1 && (*text)[*size - 1] == ' ')
			(*size)--;
		else if (*size >= 2 && memcmp(*text + *size - 2, "\xc2\xa0", 2) == 0)
			*size -= 2;
		else
			break;
}

/* Embedding, override and isolation of the writing direction: text that is shown in
 * another order than it is read. */
static bool
steers_direction(gunichar c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool
check_char(gunichar c, Flaw *flaw)
{
	GUnicodeType type;

	if (c >= 0x20 && c < 0x7F)
		return true;
	type = g_unichar_type(c);
	if (type == G_UNICODE_CONTROL)
		return flawed(flaw, E_CHARACTER, "has a control character (U+%04X)", c);
	if (type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
		return flawed(flaw, E_CHARACTER, "has a line break (U+%04X)", c);
	if (steers_direction(c))
		return flawed(flaw, E_CHARACTER,
		    "has a character that turns the writing direction (U+%04X)", c);
	if (c == 0xFEFF)
		return flawed(flaw, E_CHARACTER, "has a byte order mark inside");
	if (c == 0xFFFD)
		return flawed(flaw, E_ENCODING,
		    "has U+FFFD, which stands for a letter lost in a conversion");
	return true;
}

static bool
check_id_char(gunichar c, Flaw *flaw)
{
	if (c >= 0x20 && c < 0x7F)
		return true;
	if (g_unichar_type(c) == G_UNICODE_FORMAT || g_unichar_isspace(c))
		return flawed(
		    flaw, E_CHARACTER, "has a character that cannot be seen (U+%04X)", c);
	return check_char(c, flaw);
}

static char *
read_text(
    const char *text, size_t size, int max, bool (*check)(gunichar, Flaw *), Flaw *flaw)
{
	bool ascii = true;
	const char *end;
	int n = 0;

	if (!g_utf8_validate_len(text, size, &end)) {
		if (end < text + size && *end == '\0')
			flawed(flaw, E_CHARACTER, "has a NUL");
		else
			flawed(flaw, E_ENCODING, "is not UTF-8 at byte %d",
			    (int)(end - text) + 1);
		return NULL;
	}
	for (const char *c = text; c < text + size; c = g_utf8_next_char(c)) {
		ascii = ascii && (unsigned char)*c < 0x80;
		if (!check(g_utf8_get_char(c), flaw))
			return NULL;
		if (++n > max) {
			flawed(flaw, E_LIMIT, "has more than %d characters", max);
			return NULL;
		}
	}
	if (ascii)
		return g_strndup(text, size);
	return g_utf8_normalize(text, (gssize)size, G_NORMALIZE_DEFAULT_COMPOSE);
}

char *
value_text(const char *text, size_t size, int max, Flaw *flaw)
{
	return read_text(text, size, max, check_char, flaw);
}

char *
value_id(const char *text, size_t size, int max, Flaw *flaw)
{
	return read_text(text, size, max, check_id_char, flaw);
}

/* ---- addresses and places ---- */

char *
value_email(const char *text, size_t size, int max, Flaw *flaw)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(MailAddr) addr = NULL;

	if (size > (size_t)max) {
		flawed(flaw, E_EMAIL, "has more than %d bytes", max);
		return NULL;
	}
	addr = addr_parse(text, (gssize)size, &why);
	if (addr == NULL) {
		flawed(flaw, E_EMAIL, "is not a mail address: %s", why->message);
		return NULL;
	}
	return addr_format(addr);
}

char *
value_language(const char *text, size_t size, int max, Flaw *flaw)
{
	(void)max;
	for (size_t i = 0; i < G_N_ELEMENTS(languages); i++)
		if ((size >= 2 && g_ascii_strncasecmp(text, languages[i].code, 2) == 0 &&
			(size == 2 || text[2] == '-' || text[2] == '_')) ||
		    (size == 3 &&
			(g_ascii_strncasecmp(text, languages[i].other[0], 3) == 0 ||
			    g_ascii_strncasecmp(text, languages[i].other[1], 3) == 0)))
			return g_strdup(languages[i].code);
	flawed(flaw, E_LANGUAGE, "is not a language there are texts in (de, en)");
	return NULL;
}

char *
value_customer(const char *text, size_t size, int max, Flaw *flaw)
{
	static const char *const words[][3] = {
		{ "consumer", "verbraucher", "privat" },
		{ "business", "unternehmer", "gewerblich" },
	};

	(void)max;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		for (size_t k = 0; k < G_N_ELEMENTS(words[i]); k++)
			if (strlen(words[i][k]) == size &&
			    g_ascii_strncasecmp(text, words[i][k], size) == 0)
				return g_strdup(words[i][0]);
	flawed(flaw, E_CUSTOMER, "is neither consumer nor business");
	return NULL;
}

char *
value_country(const char *text, size_t size, int max, Flaw *flaw)
{
	int64_t number = 0;

	(void)max;
	if (size == 3)
		(void)value_whole(text, size, &number);
	for (size_t i = 0; i < G_N_ELEMENTS(countries); i++)
		if ((size == 2 &&
			g_ascii_strncasecmp(text, countries[i].alpha2, 2) == 0) ||
		    (size == 3 &&
			g_ascii_strncasecmp(text, countries[i].alpha3, 3) == 0) ||
		    (number != 0 && number == countries[i].number))
			return g_strdup(countries[i].alpha2);
	for (size_t i = 0; i < G_N_ELEMENTS(country_names); i++)
		if (size == strlen(country_names[i].name) &&
		    memcmp(text, country_names[i].name, size) == 0)
			return g_strdup(country_names[i].alpha2);
	flawed(flaw, E_ADDRESS, "is not a country of ISO 3166 (two letters)");
	return NULL;
}

/* ---- days ---- */

char *
value_day(const char *text, size_t size, int max, Flaw *flaw)
{
	g_autofree char *copy = g_strndup(text, size);
	Day day;

	(void)max;
	if (strlen(copy) == size && day_parse(copy, &day, NULL))
		return g_steal_pointer(&copy);
	flawed(flaw, E_DATE, "is not a day of the calendar written YYYY-MM-DD");
	return NULL;
}

static bool
all_digits(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!g_ascii_isdigit(text[i]))
			return false;
	return true;
}

/* What may follow a day: "T10:00:00+02:00", " 10:00", "Z", "+02:00" (XML Schema lets a
 * date have a zone). */
static bool
is_time(const char *text, size_t size)
{
	if (size == 0)
		return true;
	if (strchr("TZ +-", text[0]) == NULL)
		return false;
	for (size_t i = 1; i < size; i++)
		if (!g_ascii_isdigit(text[i]) && strchr(":.+-Z", text[i]) == NULL)
			return false;
	return size <= 40;
}

char *
value_day_lax(const char *text, size_t size, int max, Flaw *flaw)
{
	char iso[11];

	if (size >= 10 && is_time(text + 10, size - 10) && text[4] == '-')
		return value_day(text, 10, max, flaw);
	if (size >= 8 && all_digits(text, 8) && is_time(text + 8, size - 8)) {
		g_snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text, text + 4, text + 6);
		return value_day(iso, 10, max, flaw);
	}
	flawed(flaw, E_DATE, "is not a day of the calendar");
	return NULL;
}

/* ---- numbers ---- */

bool
value_whole(const char *text, size_t size, int64_t *ret)
{
	bool minus = size > 0 && text[0] == '-';
	uint64_t v = 0;

	if (size - minus < 1 || size - minus > 18)
		return false;
	for (size_t i = minus; i < size; i++) {
		if (!g_ascii_isdigit(text[i]))
			return false;
		v = 10 * v + (uint64_t)(text[i] - '0');
	}
	*ret = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

bool
value_count(
    const char *text, size_t size, int64_t least, int64_t most, int64_t *ret, Flaw *flaw)
{
	int64_t v;

	if (!value_whole(text, size, &v) || v < least || v > most)
		return flawed(flaw, E_QUANTITY,
		    "is not a whole number from %" G_GINT64_FORMAT
		    " to %" G_GINT64_FORMAT,
		    least, most);
	*ret = v;
	return true;
}
