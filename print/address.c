/*
 * address.c - parts of an address into lines, by the table of countries.
 *
 * Looking for sizes of type and windows?  See address_fit.c.
 */
#include "print/address.h"

#include <stdlib.h>
#include <string.h>

typedef struct AddressRow {
	const char *country;
	const char *format;
	const char *native;
	const char *required;
	const char *postcodes;
	const char *prefixes;
} AddressRow;

typedef struct CountryRow {
	const char *code, *german, *english;
} CountryRow;

/* clang-format off */
static const AddressRow rows[] = {
#define ADDRESS(country, format, native, required, postcodes, prefixes) \
	{ country, format, native, required, postcodes, prefixes },
#include "print/addresses.def"
#undef ADDRESS
};

static const CountryRow countries[] = {
#define COUNTRY(code, german, english) { code, german, english },
#include "print/country.def"
#undef COUNTRY
};

/* The fields a format may name. */
typedef enum Field { COMPANY, NAME, STREET, POSTCODE, CITY, REGION, N_FIELDS } Field;
static const char *const field_names[N_FIELDS] = {
	"company", "name", "street", "postcode", "city", "region",
};
/* clang-format on */

/* An address with every text cleaned; the lines of the street apart. */
typedef struct Parts {
	char *text[N_FIELDS]; /* STREET stays NULL; absent ones are NULL */
	GPtrArray *street;
	bool capitals; /* mail from abroad: the town in capitals */
} Parts;

static void
parts_clear(Parts *parts)
{
	for (int i = 0; i < N_FIELDS; i++)
		g_free(parts->text[i]);
	g_clear_pointer(&parts->street, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

void
address_block_clear(AddressBlock *block)
{
	for (int i = 0; i < block->n; i++)
		g_free(block->lines[i]);
	*block = (AddressBlock){ 0 };
}

/* Capitals for postal clerks: the same in every locale, and without the rare capital
 * sharp s, which old sorters do not read. */
static char *
capitals(const char *text)
{
	GString *s = g_string_new(NULL);

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == 0xDF)
			g_string_append(s, "SS");
		else
			g_string_append_unichar(s, g_unichar_toupper(c));
	}
	return g_string_free(s, FALSE);
}

static int
row_order(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

/* Rows of both tables begin with their code. */
static const CountryRow *
country_row(const char *code)
{
	return bsearch(
	    code, countries, G_N_ELEMENTS(countries), sizeof(countries[0]), row_order);
}

static const AddressRow *
address_row(const char *code)
{
	const AddressRow *row =
	    bsearch(code, rows, G_N_ELEMENTS(rows), sizeof(rows[0]), row_order);

	return row != NULL ? row : &rows[0];
}

const char *
address_country(const char *code, const char *language)
{
	g_autofree char *upper = g_ascii_strup(code, -1);
	const CountryRow *row = country_row(upper);

	if (row == NULL)
		return NULL;
	return g_strcmp0(language, "de") == 0 ? row->german : row->english;
}

/* Trims, folds blanks (of any kind) into one, and refuses what a line must not have.
 * *ret is NULL for what is absent. */
static bool
clean(const char *text, const char *field, char **ret, GError **error)
{
	g_autoptr(GString) s = g_string_new(NULL);
	glong n = 0;
	bool blank = false;

	*ret = NULL;
	if (text == NULL)
		return true;
	if (!g_utf8_validate(text, -1, NULL))
		return err_set(
		    error, TP_ERROR_INVALID, "address: field '%s' is not UTF-8", field);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		GUnicodeType type = g_unichar_type(c);

		if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
		    type == G_UNICODE_LINE_SEPARATOR ||
		    type == G_UNICODE_PARAGRAPH_SEPARATOR)
			return err_set(error, TP_ERROR_INVALID,
			    "address: field '%s' has the character U+%04X", field, c);
		if (type == G_UNICODE_SPACE_SEPARATOR) {
			blank = true;
			continue;
		}
		if (blank && s->len > 0)
			g_string_append_c(s, ' ');
		blank = false;
		g_string_append_unichar(s, c);
	}
	n = g_utf8_strlen(s->str, (gssize)s->len);
	if (n > LIMIT_ADDRESS_LINE_CHARS)
		return err_set(error, TP_ERROR_INVALID,
		    "address: field '%s' has %ld characters, the limit is %d", field, n,
		    LIMIT_ADDRESS_LINE_CHARS);
	if (s->len > 0)
		*ret = g_strdup(s->str);
	return true;
}

/* Postcodes. */

static bool
shape_matches(const char *shape, size_t shape_n, const char *bare)
{
	for (size_t i = 0; i < shape_n; i++) {
		bool fits;

		switch (shape[i]) {
		case '9':
			fits = g_ascii_isdigit(*bare);
			break;
		case 'A':
			fits = g_ascii_isalpha(*bare);
			break;
		case 'X':
			fits = g_ascii_isalnum(*bare);
			break;
		case ' ':
		case '-':
			continue; /* people write it or not */
		default:
			fits = g_ascii_toupper(*bare) == shape[i];
			break;
		}
		if (!fits)
			return false;
		bare++;
	}
	return *bare == '\0';
}

/* `bare` written as its shape has it. */
static char *
shape_fill(const char *shape, size_t shape_n, const char *bare)
{
	GString *s = g_string_new(NULL);

	for (size_t i = 0; i < shape_n; i++)
		g_string_append_c(s, shape[i] == ' ' || shape[i] == '-'
					 ? shape[i]
					 : g_ascii_toupper(*bare++));
	return g_string_free(s, FALSE);
}

/* `text` as the country writes its postcodes, or NULL if it cannot be one. */
static char *
postcode_normal(const AddressRow *row, const char *text)
{
	g_auto(GStrv) prefixes = g_strsplit(row->prefixes, " ", -1);
	g_autoptr(GString) bare = g_string_new(NULL);

	if (row->postcodes == NULL)
		return g_strdup(text);
	for (char **p = prefixes; *p != NULL; p++)
		if (**p != '\0' && g_ascii_strncasecmp(text, *p, strlen(*p)) == 0) {
			text += strlen(*p);
			break;
		}
	for (const char *p = text; *p != '\0'; p++)
		if (*p != ' ' && *p != '-')
			g_string_append_c(bare, *p);
	for (const char *shape = row->postcodes; shape != NULL;) {
		size_t n = strcspn(shape, "|");

		if (shape_matches(shape, n, bare->str))
			return shape_fill(shape, n, bare->str);
		shape = shape[n] == '|' ? shape + n + 1 : NULL;
	}
	return NULL;
}

/* Ready-made lines: does any line hold a postcode, as a word or as two? */
static bool
line_has_postcode(const AddressRow *row, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " ,", -1);

	for (char **w = words; *w != NULL; w++) {
		g_autofree char *one = postcode_normal(row, *w);
		g_autofree char *pair = w[1] != NULL ? g_strconcat(*w, w[1], NULL) : NULL;
		g_autofree char *two = pair != NULL ? postcode_normal(row, pair) : NULL;

		if (one != NULL || two != NULL)
			return true;
	}
	return false;
}

/* Lines into the block. */

static bool
add_line(AddressBlock *block, const char *text, const char *field, GError **error)
{
	/* A firm whose name is its owner's gets one line, not two. */
	if (block->n > 0 && strcmp(block->lines[block->n - 1], text) == 0)
		return true;
	if (block->n == LIMIT_ADDRESS_LINES)
		return err_set(error, TP_ERROR_INVALID,
		    "address: more than %d lines (the one of field '%s' is too many)",
		    LIMIT_ADDRESS_LINES, field);
	block->lines[block->n] = g_strdup(text);
	block->fields[block->n] = field;
	block->n++;
	return true;
}

/* One line of a format, "{postcode} {city}", into *line.  Literals before the first field
 * belong to it; those between two fields are written when both are. */
static const char *
fill_line(const char *format, size_t n, const Parts *parts, GString *line)
{
	const char *end = format + n;
	const char *field = NULL;
	size_t longest = 0;

	for (const char *p = format; p < end;) {
		const char *open = memchr(p, '{', (size_t)(end - p));
		const char *close;
		bool upper;
		char *text = NULL;

		if (open == NULL)
			break;
		close = memchr(open, '}', (size_t)(end - open));
		g_assert(close != NULL);
		upper = g_ascii_isupper(open[1]);
		for (int i = 0; i < N_FIELDS; i++) {
			size_t len = (size_t)(close - open - 1);

			if (strlen(field_names[i]) != len ||
			    g_ascii_strncasecmp(open + 1, field_names[i], len) != 0)
				continue;
			text = parts->text[i];
			upper = upper || (i == CITY && parts->capitals);
			if (text != NULL && strlen(text) > longest) {
				longest = strlen(text);
				field = field_names[i];
			}
		}
		if (text != NULL) {
			g_autofree char *big = upper ? capitals(text) : NULL;

			if (line->len > 0 || p == format)
				g_string_append_len(line, p, open - p);
			g_string_append(line, upper ? big : text);
		}
		p = close + 1;
	}
	return field;
}

static bool
fill_format(const char *format, const Parts *parts, AddressBlock *block, GError **error)
{
	for (const char *at = format; at != NULL;) {
		size_t n = strcspn(at, "|");

		if (strncmp(at, "{street}", n) == 0) {
			for (guint i = 0; i < parts->street->len; i++)
				if (!add_line(block, g_ptr_array_index(parts->street, i),
					"street", error))
					return false;
		} else {
			g_autoptr(GString) line = g_string_new(NULL);
			const char *field = fill_line(at, n, parts, line);

			if (line->len > 0 && !add_line(block, line->str, field, error))
				return false;
		}
		at = at[n] == '|' ? at + n + 1 : NULL;
	}
	return true;
}

static bool
is_native(const char *text)
{
	for (const char *p = text; p != NULL && *p != '\0'; p = g_utf8_next_char(p)) {
		GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(p));

		if (script == G_UNICODE_SCRIPT_HAN ||
		    script == G_UNICODE_SCRIPT_HIRAGANA ||
		    script == G_UNICODE_SCRIPT_KATAKANA)
			return true;
	}
	return false;
}

static bool
check_complete(
    const AddressRow *row, const char *country, const Parts *parts, GError **error)
{
	/* clang-format off */
	static const struct { char letter; Field field; } needs[] = {
		{ 'p', POSTCODE }, { 'c', CITY }, { 'r', REGION },
	};
	/* clang-format on */

	if (parts->street->len == 0)
		return err_set(error, TP_ERROR_INVALID, "address: the street is missing");
	for (size_t i = 0; i < G_N_ELEMENTS(needs); i++)
		if (strchr(row->required, needs[i].letter) != NULL &&
		    parts->text[needs[i].field] == NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "address: field '%s' is missing, an address in %s needs it",
			    field_names[needs[i].field], country);
	return true;
}

static bool
format_parts(const AddressRow *row, const char *country, Parts *parts,
    AddressBlock *block, GError **error)
{
	char *normal;

	if (!check_complete(row, country, parts, error))
		return false;
	if (parts->text[POSTCODE] != NULL) {
		normal = postcode_normal(row, parts->text[POSTCODE]);
		if (normal == NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "address: field 'postcode' is no postcode of %s, they look "
			    "like %s",
			    country, row->postcodes);
		g_free(parts->text[POSTCODE]);
		parts->text[POSTCODE] = normal;
	}
	return fill_format(row->native != NULL && is_native(parts->text[CITY])
			       ? row->native
			       : row->format,
	    parts, block, error);
}

static bool
among(const GPtrArray *lines, const char *text)
{
	g_autofree char *folded = g_utf8_casefold(text, -1);

	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *line = g_utf8_casefold(g_ptr_array_index(lines, i), -1);

		if (strcmp(line, folded) == 0)
			return true;
	}
	return false;
}

static bool
format_ready(const AddressRow *row, const char *country, const Parts *parts,
    AddressBlock *block, GError **error)
{
	bool has_postcode = row->postcodes == NULL || strchr(row->required, 'p') == NULL;

	if (parts->street->len < 2)
		return err_set(error, TP_ERROR_INVALID,
		    "address: fields 'postcode' and 'city' are missing");
	for (guint i = 0; i < parts->street->len && !has_postcode; i++)
		has_postcode =
		    line_has_postcode(row, g_ptr_array_index(parts->street, i));
	if (!has_postcode)
		return err_set(error, TP_ERROR_INVALID,
		    "address: no line has a postcode of %s, they look like %s", country,
		    row->postcodes);
	for (int i = COMPANY; i <= NAME; i++)
		if (parts->text[i] != NULL && !among(parts->street, parts->text[i]) &&
		    !add_line(block, parts->text[i], field_names[i], error))
			return false;
	for (guint i = 0; i < parts->street->len; i++)
		if (!add_line(block, g_ptr_array_index(parts->street, i), "lines", error))
			return false;
	return true;
}

/* The last line of mail abroad, unless a ready-made line says it already. */
static bool
add_country(
    const CountryRow *row, const char *language, AddressBlock *block, GError **error)
{
	g_autofree char *line = NULL;
	g_autofree char *last = capitals(block->lines[block->n - 1]);
	g_autofree char *german = capitals(row->german);
	g_autofree char *english = capitals(row->english);

	if (strcmp(last, german) == 0 || strcmp(last, english) == 0) {
		g_free(block->lines[block->n - 1]);
		block->lines[block->n - 1] = g_steal_pointer(&last);
		return true;
	}
	line = capitals(g_strcmp0(language, "de") == 0 ? row->german : row->english);
	return add_line(block, line, "country", error);
}

static bool
parts_read(const Address *address, Parts *parts, GError **error)
{
	const char *texts[N_FIELDS] = { address->company, address->name, NULL,
		address->postcode, address->city, address->region };

	parts->street = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; i < N_FIELDS; i++)
		if (!clean(texts[i], field_names[i], &parts->text[i], error))
			return false;
	for (size_t i = 0; address->lines != NULL && address->lines[i] != NULL; i++) {
		char *line = NULL;

		if (!clean(address->lines[i], "lines", &line, error))
			return false;
		if (line != NULL)
			g_ptr_array_add(parts->street, line);
	}
	return true;
}

bool
address_format(const Address *address, const char *home, const char *language,
    AddressBlock *ret, GError **error)
{
	g_auto(AddressBlock) block = { 0 };
	g_auto(Parts) parts = { 0 };
	g_autofree char *code = NULL;
	const CountryRow *country;
	const AddressRow *row;
	bool abroad, ready;

	if (address->country == NULL || address->country[0] == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "address: field 'country' is missing");
	code = g_ascii_strup(address->country, -1);
	country = country_row(code);
	if (country == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "address: field 'country' is no code of ISO 3166-1");
	row = address_row(code);
	if (!parts_read(address, &parts, error))
		return false;
	abroad = g_ascii_strcasecmp(code, home) != 0;
	ready = parts.text[POSTCODE] == NULL && parts.text[CITY] == NULL;
	parts.capitals = abroad;
	if (parts.text[COMPANY] == NULL && parts.text[NAME] == NULL && !ready)
		return err_set(error, TP_ERROR_INVALID,
		    "address: fields 'company' and 'name' are both missing");
	if (ready ? !format_ready(row, code, &parts, &block, error)
		  : !format_parts(row, code, &parts, &block, error))
		return false;
	if (abroad && !add_country(country, language, &block, error))
		return false;
	*ret = block;
	block = (AddressBlock){ 0 };
	return true;
}
