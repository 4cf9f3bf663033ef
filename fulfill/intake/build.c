/*
 * build.c - the table of fields, lines and their options.  What holds between fields is
 * in build_rules.c.
 */
#include "fulfill/intake/build.h"

#include <stdarg.h>
#include <string.h>

#include "fulfill/intake/value.h"
#include "queue/limits.h"
#include "queue/quote.h"

/* ---- fields ---- */

typedef struct Field {
	const char *path;
	ValueRead read; /* NULL: one of the words of an enum, set by set_word() */
	size_t offset;
	int max;
} Field;

#define AT(member) offsetof(OrderDraft, member)

/* clang-format off */
static const Field fields[] = {
	{ "order",                     value_id,       AT(number),                    LIMIT_ORDER_NUMBER_CHARS },
	{ "source",                    value_id,       AT(source),                    LIMIT_ORDER_ID_CHARS },
	{ "party",                     value_id,       AT(party),                     LIMIT_ORDER_ID_CHARS },
	{ "ordered_on",                value_day,      AT(ordered_on),                0 },
	{ "reference",                 value_text,     AT(reference),                 LIMIT_ORDER_REFERENCE_CHARS },
	{ "kind",                      NULL,           AT(kind),                      0 },
	{ "customer.id",               value_id,       AT(customer.id),               LIMIT_ORDER_ID_CHARS },
	{ "customer.name",             value_text,     AT(customer.name),             LIMIT_NAME_CHARS },
	{ "customer.company",          value_text,     AT(customer.company),          LIMIT_NAME_CHARS },
	{ "customer.email",            value_email,    AT(customer.email),            LIMIT_EMAIL_BYTES },
	{ "customer.language",         value_language, AT(customer.language),         0 },
	{ "customer.address.postcode", value_text,     AT(customer.address.postcode), LIMIT_POSTCODE_CHARS },
	{ "customer.address.city",     value_text,     AT(customer.address.city),     LIMIT_ADDRESS_LINE_CHARS },
	{ "customer.address.region",   value_text,     AT(customer.address.region),   LIMIT_ADDRESS_LINE_CHARS },
	{ "customer.address.country",  value_country,  AT(customer.address.country),  0 },
	{ "customer.kind",             value_customer, AT(customer.kind),             0 },
	{ "deliver.by",                NULL,           AT(deliver_by),                0 },
	{ "deliver.to",                NULL,           AT(deliver_to),                0 },
	{ "deliver.email",             value_email,    AT(deliver_email),             LIMIT_EMAIL_BYTES },
};
/* clang-format on */

static const Field *
field_find(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i].path, path) == 0)
			return &fields[i];
	return NULL;
}

bool
build_has_field(const char *path)
{
	return field_find(path) != NULL;
}

bool
build_line_has_field(const char *path)
{
	return strcmp(path, "product") == 0;
}

/* ---- errors ---- */

void
build_at(Build *b, const char *format, ...)
{
	va_list args;

	g_clear_pointer(&b->at, g_free);
	if (format == NULL)
		return;
	va_start(args, format);
	b->at = g_strdup_vprintf(format, args);
	va_end(args);
}

void
build_error(Build *b, OrderErrorCode code, const char *field, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (b->draft->errors->len == LIMIT_ORDER_ERRORS)
		order_draft_error(b->draft, E_LIMIT, NULL, NULL,
		    "there are more than %d errors; the others are not listed",
		    LIMIT_ORDER_ERRORS);
	if (b->draft->errors->len > LIMIT_ORDER_ERRORS)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	order_draft_error(b->draft, code, b->line != NULL ? b->line->line : NULL, field,
	    "%s%s%s", b->at != NULL ? b->at : "", b->at != NULL ? ": " : "", text);
}

static void
error_value(Build *b, const char *field, const char *text, size_t size, const Flaw *flaw)
{
	g_autofree char *copy = g_strndup(text, MIN(size, 8 * QUOTE_CHARS));
	g_autofree char *shown = quote(copy);

	build_error(b, flaw->code, field, "%s '%s' %s", field, shown, flaw->why);
}

void
build_missing(Build *b, const char *field)
{
	build_error(b, E_MISSING_FIELD, field, "%s is missing", field);
}

/* ---- the order ---- */

void
build_begin(Build *b, const IntakeHint *hint, const char *place)
{
	*b = (Build){ .hint = hint };
	b->draft = order_draft_new();
	b->draft->place = g_strdup(place);
	b->line_ids = g_hash_table_new(g_str_hash, g_str_equal);
	b->address = g_ptr_array_new_with_free_func(g_free);
}

void
build_clear(Build *b)
{
	g_clear_pointer(&b->draft, order_draft_free);
	g_clear_pointer(&b->line_ids, g_hash_table_unref);
	g_clear_pointer(&b->address, g_ptr_array_unref);
	g_clear_pointer(&b->at, g_free);
}

/* Fields whose value is a word of a list. */
static void
set_word(Build *b, const Field *field, const char *text, size_t size)
{
	g_autofree char *word = g_ascii_strdown(text, (gssize)size);
	OrderDraft *draft = b->draft;
	Flaw flaw = { .code = E_CHANNEL };

	if (field->offset == AT(deliver_by)) {
		if (order_by_from_name(word, &draft->deliver_by))
			return;
		g_strlcpy(flaw.why, "is none of email, post, portal", sizeof(flaw.why));
	} else if (field->offset == AT(deliver_to)) {
		if (order_to_from_name(word, &draft->deliver_to))
			return;
		g_strlcpy(flaw.why, "is none of customer, party", sizeof(flaw.why));
	} else {
		if (order_kind_from_name(word, &draft->kind))
			return;
		flaw.code = E_FORMAT;
		g_strlcpy(flaw.why, "is none of order, change, replace, cancel",
		    sizeof(flaw.why));
	}
	error_value(b, field->path, text, size, &flaw);
}

void
build_text(Build *b, const char *path, const char *text, size_t size)
{
	const Field *field = field_find(path);
	ValueRead read;
	char **at;
	char *value;
	Flaw flaw;

	if (field == NULL)
		BUG("no field '%s'", path);
	value_trim(&text, &size);
	if (size == 0)
		return;
	if (field->read == NULL) {
		set_word(b, field, text, size);
		return;
	}
	read = field->read == value_day && b->lax_days ? value_day_lax : field->read;
	value = read(text, size, field->max, &flaw);
	if (value == NULL) {
		b->address_bad =
		    b->address_bad || g_str_has_prefix(path, "customer.address.");
		b->email_bad = b->email_bad || field->read == value_email;
		error_value(b, path, text, size, &flaw);
		return;
	}
	at = (char **)(void *)((char *)b->draft + field->offset);
	g_free(*at);
	*at = value;
}

void
build_address_line(Build *b, const char *text, size_t size)
{
	char *value;
	Flaw flaw;

	value_trim(&text, &size);
	if (size == 0)
		return;
	value = value_text(text, size, LIMIT_ADDRESS_LINE_CHARS, &flaw);
	if (value == NULL) {
		b->address_bad = true;
		error_value(b, "customer.address.lines", text, size, &flaw);
	} else if (b->address->len == LIMIT_ADDRESS_LINES) {
		g_free(value);
		if (!b->address_bad)
			build_error(b, E_LIMIT, "customer.address.lines",
			    "customer.address.lines are more than %d",
			    LIMIT_ADDRESS_LINES);
		b->address_bad = true;
	} else {
		g_ptr_array_add(b->address, value);
	}
}

/* ---- lines ---- */

static int64_t
least_quantity(const Build *b)
{
	OrderKind kind = b->draft->kind;

	return kind == ORDER_CHANGE || kind == ORDER_CANCEL ? 0 : 1;
}

/* What a line has to have when no more is said about it. */
static void
finish_line(Build *b)
{
	if (b->line == NULL)
		return;
	/* What is taken away need not be named twice. */
	if (b->line->product == NULL && !b->product_bad &&
	    b->draft->kind != ORDER_CANCEL &&
	    (b->draft->kind != ORDER_CHANGE || b->line->quantity > 0 ||
		!b->quantity_given))
		build_missing(b, "product");
	if (b->line->quantity == 0 && !b->quantity_given &&
	    b->draft->kind != ORDER_CANCEL)
		build_missing(b, "quantity");
	b->tickets += b->line->quantity;
	b->product_bad = b->quantity_given = false;
	b->line = NULL;
}

void
build_order(Build *b)
{
	finish_line(b);
}

bool
build_line(Build *b, const char *id, size_t size, const char *place)
{
	OrderLine *line;
	Flaw flaw;

	finish_line(b);
	b->too_many_lines = b->draft->lines->len == LIMIT_ORDER_LINES;
	if (b->too_many_lines)
		return false;
	line = order_draft_add_line(b->draft);
	line->place = g_strdup(place);
	value_trim(&id, &size);
	if (size > 0) {
		line->line = value_id(id, size, LIMIT_ORDER_LINE_ID_CHARS, &flaw);
		if (line->line == NULL) /* of the order: it cannot name its line */
			error_value(b, "line", id, size, &flaw);
	}
	if (line->line == NULL)
		line->line = g_strdup_printf("%u", b->draft->lines->len);
	b->line = line;
	if (!g_hash_table_add(b->line_ids, line->line)) {
		g_autofree char *shown = quote(line->line);

		build_error(b, E_LINE_TWICE, "line", "line '%s' stands twice", shown);
	}
	return true;
}

void
build_line_text(Build *b, const char *path, const char *text, size_t size)
{
	Flaw flaw;

	if (!build_line_has_field(path))
		BUG("no field '%s' in a line", path);
	value_trim(&text, &size);
	if (size == 0)
		return;
	g_free(b->line->product);
	b->line->product = value_id(text, size, LIMIT_ORDER_ID_CHARS, &flaw);
	b->product_bad = b->line->product == NULL;
	if (b->product_bad)
		error_value(b, path, text, size, &flaw);
}

void
build_quantity(Build *b, const char *text, size_t size)
{
	Flaw flaw;

	value_trim(&text, &size);
	if (size == 0)
		return;
	b->quantity_given = true;
	if (!value_count(text, size, least_quantity(b), LIMIT_ORDER_QUANTITY,
		&b->line->quantity, &flaw))
		error_value(b, "quantity", text, size, &flaw);
}

void
build_quantity_number(Build *b, int64_t number)
{
	char text[24];

	g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, number);
	build_quantity(b, text, strlen(text));
}

/* ---- options ---- */

bool
build_option_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && name[n] == '\0' && n <= 32 && g_ascii_isalpha(name[0]);
}

static bool
may_take_option(Build *b, const char *name)
{
	g_autofree char *field = g_strconcat("options.", name, NULL);

	if (b->line->options->len < LIMIT_LINE_OPTIONS ||
	    order_line_find_option(b->line, name) != NULL)
		return true;
	build_error(
	    b, E_LIMIT, field, "a line has more than %d options", LIMIT_LINE_OPTIONS);
	return false;
}

void
build_option_number(Build *b, const char *name, int64_t number)
{
	if (may_take_option(b, name))
		order_line_set_number(b->line, name, number);
}

void
build_option_words(Build *b, const char *name, GPtrArray *words)
{
	g_autofree char *field = g_strconcat("options.", name, NULL);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

	if (!may_take_option(b, name))
		return;
	if (words->len > LIMIT_OPTION_WORDS) {
		build_error(
		    b, E_LIMIT, field, "%s are more than %d", field, LIMIT_OPTION_WORDS);
		return;
	}
	for (guint i = 0; i < words->len; i++) {
		const char *text = g_ptr_array_index(words, i);
		size_t size = strlen(text);
		Flaw flaw;
		char *word;

		value_trim(&text, &size);
		word = value_id(text, size, LIMIT_ORDER_ID_CHARS, &flaw);
		if (word == NULL) {
			error_value(b, field, text, size, &flaw);
			return;
		}
		g_ptr_array_add(list, word);
	}
	g_ptr_array_add(list, NULL);
	order_line_set_words(b->line, name, (const char *const *)list->pdata);
}

void
build_option_text(Build *b, const char *name, const char *text, size_t size)
{
	int64_t number;

	value_trim(&text, &size);
	if (size == 0)
		return;
	if (value_whole(text, size, &number)) {
		build_option_number(b, name, number);
	} else {
		g_autofree char *copy = g_strndup(text, size);
		char **split = g_strsplit(copy, "|", LIMIT_OPTION_WORDS + 2);
		g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

		for (char **word = split; *word != NULL; word++)
			g_ptr_array_add(words, *word);
		g_free(split);
		build_option_words(b, name, words);
	}
}
