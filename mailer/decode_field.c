/*
 * decode_field.c - `value; name=value; ...` with RFC 2231's pieces and charsets.
 *
 * The raw parameters are collected first (pieces in any order, at most
 * LIMIT_INTAKE_PARAMS), then put together.  What senders really write in a file name:
 *
 *   filename="=?utf-8?Q?...?="     an encoded word where RFC 2047 5 forbids it
 *   filename=Order 4711.pdf        blanks without quotes
 *   filename="C:\orders\a.csv"     a backslash that quotes nothing
 *   filename="Bestellung ä.pdf"    raw UTF-8 or windows-1252
 *   filename*0="a"; filename*1*=%20b      pieces, some coded, some not
 */
#include "mailer/decode.h"

#include <string.h>

#include "queue/limits.h"

typedef struct Piece {
	char *name;    /* lower case, without stars */
	int section;   /* n of name*n; 0 when there is none */
	bool sections; /* name*n */
	bool extended; /* name*= or name*n*= : percent coded */
	char *value;   /* quotes taken off, not decoded */
} Piece;

static void
piece_clear(void *p)
{
	Piece *piece = p;

	g_free(piece->name);
	g_free(piece->value);
}

/* The byte after the comment that opens at `at`; NULL: it is never closed.  Nested ones
 * are counted, not entered. */
static const char *
comment_end(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
	}
	return NULL;
}

/* Skips blanks and whole comments. */
static const char *
skip_blanks(const char *at)
{
	for (;;) {
		const char *end;

		at += strspn(at, " \t\r\n");
		end = *at == '(' ? comment_end(at) : NULL;
		if (end == NULL)
			return at;
		at = end;
	}
}

/* Reads a quoted string whose opening quote is at `at`; the end may be missing. */
static const char *
read_quoted(const char *at, GString *out)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		/* Only these two can be meant as quoted; "C:\orders" is a path. */
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		g_string_append_c(out, *at);
	}
	return *at == '"' ? at + 1 : at;
}

/* Reads a value up to ';' or the end, with outer blanks and a comment at its end removed.
 * "Order (1).pdf" without quotes is a name, not a comment. */
static const char *
read_value(const char *at, GString *out)
{
	bool comments = true;

	at = skip_blanks(at);
	if (*at == '"') {
		at = read_quoted(at, out);
		/* Whatever follows the quotes is not part of anything. */
		return at + strcspn(at, ";");
	}
	for (; *at != '\0' && *at != ';'; at++) {
		if (*at == '(' && comments) {
			const char *end = comment_end(at);
			const char *next = end == NULL ? NULL : skip_blanks(end);

			if (next != NULL && (*next == ';' || *next == '\0')) {
				at = next;
				break;
			}
			/* Look once: a value full of '(' would be read again and again.
			 */
			comments = false;
		}
		g_string_append_c(out, *at);
	}
	while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	return at;
}

/* Takes the stars off a parameter name: "filename*10*" is piece 10, percent coded. */
static void
piece_name(Piece *piece, const char *name, size_t length)
{
	const char *star = memchr(name, '*', length);
	const char *at = star;

	piece->name = g_ascii_strdown(name, star == NULL ? (gssize)length : star - name);
	if (star == NULL)
		return;
	for (at++; at < name + length && g_ascii_isdigit(*at); at++) {
		piece->sections = true;
		if (piece->section <= LIMIT_INTAKE_PARAMS)
			piece->section = piece->section * 10 + (*at - '0');
	}
	piece->extended = !piece->sections || (at < name + length && *at == '*');
}

static const char *
read_piece(const char *at, Piece *ret)
{
	g_autoptr(GString) value = g_string_new(NULL);
	size_t n;

	at = skip_blanks(at);
	n = strcspn(at, "= \t;\"(");
	piece_name(ret, at, n);
	at = skip_blanks(at + n);
	if (*at == '=')
		at = read_value(at + 1, value);
	else
		at += strcspn(at, ";");
	ret->value = g_strdup(value->str);
	return at;
}

/* By name; then name*=, the pieces name*n= in order, name=. */
static int
piece_order(const void *a, const void *b)
{
	const Piece *left = a;
	const Piece *right = b;
	int order = strcmp(left->name, right->name);

	if (order != 0)
		return order;
	if (left->sections != right->sections || left->extended != right->extended) {
		int l = left->sections ? 1 : left->extended ? 0 : 2;
		int r = right->sections ? 1 : right->extended ? 0 : 2;

		if (l != r)
			return l - r;
	}
	return left->section - right->section;
}

/* charset'language'rest of the first extended piece; returns the rest. */
static const char *
extended_charset(const char *value, char **ret_charset)
{
	const char *first = strchr(value, '\'');
	const char *second = first == NULL ? NULL : strchr(first + 1, '\'');

	if (second == NULL)
		return value;
	*ret_charset = g_strndup(value, (gsize)(first - value));
	return second + 1;
}

static char *
clean(char *text)
{
	for (char *at = text; *at != '\0'; at++)
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	return text;
}

/* Puts the pieces of one name together; `n` of them, in order. */
static char *
join(const Piece *pieces, size_t n)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *charset = NULL;
	bool extended = false;

	for (size_t i = 0; i < n; i++) {
		const char *value = pieces[i].value;

		/* A piece that is missing ends the value: what follows has no place. */
		if (pieces->sections && pieces[i].section != (int)i)
			break;
		if (i == 0 && pieces->extended)
			value = extended_charset(value, &charset);
		extended |= pieces[i].extended;
		if (pieces[i].extended)
			decode_percent(value, bytes);
		else
			g_byte_array_append(
			    bytes, (const uint8_t *)value, (guint)strlen(value));
	}
	if (!extended) {
		g_byte_array_append(bytes, (const uint8_t *)"", 1);
		return decode_words((const char *)bytes->data);
	}
	return clean(decode_charset(charset, bytes->data, bytes->len, NULL));
}

static void
join_all(DecodedField *field, GArray *pieces)
{
	const Piece *rows = (const Piece *)(const void *)pieces->data;

	field->params = g_new0(DecodedParam, pieces->len + 1);
	for (size_t i = 0, end; i < pieces->len; i = end) {
		size_t first = i;
		size_t n = 1;

		for (end = i + 1; end < pieces->len; end++)
			if (strcmp(rows[end].name, rows[i].name) != 0)
				break;
		/* Pieces without piece 0 are no value: the plain one behind them counts.
		 */
		for (size_t k = first; k < end && rows[k].sections; k++)
			n = k - first + 1;
		if (rows[first].sections && rows[first].section != 0 && first + n < end) {
			first += n;
			n = 1;
		}
		if (rows[first].name[0] == '\0')
			continue;
		field->params[field->n_params].name = g_strdup(rows[first].name);
		field->params[field->n_params].value = join(rows + first, n);
		field->n_params++;
	}
}

DecodedField *
decode_field(const char *raw)
{
	DecodedField *field = g_new0(DecodedField, 1);
	g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(Piece));
	g_autoptr(GString) value = g_string_new(NULL);
	const char *at = read_value(raw, value);

	g_array_set_clear_func(pieces, piece_clear);
	field->value = clean(g_ascii_strdown(value->str, -1));
	while (*at == ';' && pieces->len < LIMIT_INTAKE_PARAMS) {
		Piece piece = { 0 };

		at = read_piece(at + 1, &piece);
		g_array_append_val(pieces, piece);
	}
	g_array_sort(pieces, piece_order);
	join_all(field, pieces);
	return field;
}

void
decoded_field_free(DecodedField *field)
{
	if (field == NULL)
		return;
	for (size_t i = 0; i < field->n_params; i++) {
		g_free(field->params[i].name);
		g_free(field->params[i].value);
	}
	g_free(field->params);
	g_free(field->value);
	g_free(field);
}

const char *
decoded_field_find(const DecodedField *field, const char *name)
{
	for (size_t i = 0; i < field->n_params; i++)
		if (strcmp(field->params[i].name, name) == 0)
			return field->params[i].value;
	return NULL;
}
