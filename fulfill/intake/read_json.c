/*
 * read_json.c - native orders: one object, an array of them, or one a line (JSON Lines).
 *
 * The text is taken apart value by value, so that only one order at a time is a tree. All
 * keys are ours or an error; a key that stands twice is an error of the document, because
 * no one can say which of the two was meant.
 */
#include <jansson.h>
#include <string.h>

#include "fulfill/intake/build.h"
#include "fulfill/intake/read.h"
#include "queue/limits.h"
#include "queue/quote.h"

/* ---- values ---- */

static const char *
type_name(const json_t *value)
{
	/* clang-format off */
	static const char *const names[] = {
		[JSON_OBJECT]  = "an object",
		[JSON_ARRAY]   = "an array",
		[JSON_STRING]  = "a text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL]    = "a number with a fraction or exponent",
		[JSON_TRUE]    = "true",
		[JSON_FALSE]   = "false",
		[JSON_NULL]    = "null",
	};
	/* clang-format on */
	return names[json_typeof(value)];
}

static void
error_type(Build *b, const char *path, const json_t *value, const char *wanted)
{
	build_error(
	    b, E_TYPE, path, "%s is %s instead of %s", path, type_name(value), wanted);
}

static void
error_unknown(Build *b, const char *path)
{
	g_autofree char *shown = quote(path);

	build_error(b, E_UNKNOWN_FIELD, shown, "an order has no field '%s'", shown);
}

/* A text, or null for none. */
static const char *
text_of(Build *b, const char *path, const json_t *value, size_t *size)
{
	if (json_is_null(value))
		return NULL;
	if (!json_is_string(value)) {
		error_type(b, path, value, "a text");
		return NULL;
	}
	*size = json_string_length(value);
	return json_string_value(value);
}

/* ---- lines ---- */

static void
read_option_list(Build *b, const char *path, const char *name, const json_t *list)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	const json_t *value;
	size_t i;

	json_array_foreach (list, i, value) {
		if (!json_is_string(value)) {
			error_type(b, path, value, "a text");
			return;
		}
		if (strlen(json_string_value(value)) != json_string_length(value)) {
			build_error(b, E_CHARACTER, path, "%s has a NUL", path);
			return;
		}
		g_ptr_array_add(words, (char *)(uintptr_t)json_string_value(value));
	}
	build_option_words(b, name, words);
}

static void
read_option(Build *b, const char *name, const json_t *value)
{
	g_autofree char *shown = quote(name);
	g_autofree char *path = g_strconcat("options.", shown, NULL);

	if (!build_option_name(name)) {
		build_error(b, E_OPTION_UNKNOWN, path,
		    "'%s' is not the name of an option (a-z, 0-9, _)", shown);
	} else if (json_is_integer(value)) {
		build_option_number(b, name, json_integer_value(value));
	} else if (json_is_array(value)) {
		read_option_list(b, path, name, value);
	} else if (json_is_string(value)) {
		json_auto_t *list = json_array();

		/* The array keeps the value by a reference of its own. */
		json_array_append(list, (json_t *)(uintptr_t)value);
		read_option_list(b, path, name, list);
	} else {
		error_type(b, path, value, "a whole number or a list of texts");
	}
}

static void
read_quantity(Build *b, const json_t *value)
{
	if (json_is_integer(value)) {
		build_quantity_number(b, json_integer_value(value));
	} else if (json_is_real(value)) {
		char text[G_ASCII_DTOSTR_BUF_SIZE];

		/* An integral one was written with a point or an exponent: say what it
		 * is. */
		g_ascii_dtostr(text, sizeof(text), json_real_value(value));
		b->quantity_given = true;
		build_error(b, E_QUANTITY, "quantity",
		    "quantity '%s' is not written as a whole number from 1 to %d", text,
		    LIMIT_ORDER_QUANTITY);
	} else if (!json_is_null(value)) {
		b->quantity_given = true;
		error_type(b, "quantity", value, "a whole number");
	}
}

static void
read_line_value(Build *b, const char *key, json_t *value)
{
	const char *text;
	size_t size = 0;

	if (strcmp(key, "line") == 0)
		return; /* was read first */
	if (strcmp(key, "quantity") == 0) {
		read_quantity(b, value);
	} else if (strcmp(key, "options") == 0) {
		const char *name;
		json_t *option;

		if (json_is_object(value))
			json_object_foreach (value, name, option)
				read_option(b, name, option);
		else if (!json_is_null(value))
			error_type(b, key, value, "an object");
	} else if (build_line_has_field(key)) {
		text = text_of(b, key, value, &size);
		if (text != NULL)
			build_line_text(b, key, text, size);
		else if (!json_is_null(value))
			b->product_bad = true;
	} else {
		error_unknown(b, key);
	}
}

static void
read_line(Build *b, const char *place, size_t i, json_t *object)
{
	g_autofree char *where = g_strdup_printf(
	    "%s%slines[%zu]", place != NULL ? place : "", place != NULL ? ", " : "", i);
	const char *id = NULL;
	char number[24];
	size_t size = 0;
	const char *key;
	json_t *value;

	build_order(b);
	build_at(b, "%s", where);
	if (!json_is_object(object)) {
		error_type(b, "lines", object, "an object");
		return;
	}
	value = json_object_get(object, "line");
	if (json_is_integer(value)) {
		g_snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		id = number;
		size = strlen(number);
	} else if (value != NULL) {
		id = text_of(b, "line", value, &size);
	}
	if (!build_line(b, id, size, where))
		return;
	json_object_foreach (object, key, value)
		read_line_value(b, key, value);
}

/* ---- orders ---- */

static void
read_address_lines(Build *b, const char *path, const json_t *list)
{
	const json_t *value;
	size_t i;

	if (json_is_null(list))
		return;
	if (!json_is_array(list)) {
		error_type(b, path, list, "a list of texts");
		b->address_bad = true;
		return;
	}
	json_array_foreach (list, i, value) {
		size_t size = 0;
		const char *text = text_of(b, path, value, &size);

		if (text != NULL)
			build_address_line(b, text, size);
	}
}

/* The objects within an order, and which of their keys are read by hand. */
static bool
is_object_path(const char *path)
{
	return strcmp(path, "customer") == 0 || strcmp(path, "customer.address") == 0 ||
	       strcmp(path, "deliver") == 0;
}

static void
read_object(Build *b, const char *prefix, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		g_autofree char *path = g_strconcat(prefix, key, NULL);
		const char *text;
		size_t size = 0;

		if (strcmp(path, "lines") == 0)
			continue; /* last, when all else is known */
		if (strcmp(path, "customer.address.lines") == 0) {
			read_address_lines(b, path, value);
		} else if (is_object_path(path)) {
			g_autofree char *inner = g_strconcat(path, ".", NULL);

			if (json_is_object(value))
				read_object(b, inner, value);
			else if (!json_is_null(value))
				error_type(b, path, value, "an object");
		} else if (build_has_field(path)) {
			text = text_of(b, path, value, &size);
			if (text != NULL)
				build_text(b, path, text, size);
		} else {
			error_unknown(b, path);
		}
	}
}

static OrderDraft *
read_order(json_t *object, const IntakeHint *hint, const char *place)
{
	g_auto(Build) b = { 0 };
	json_t *lines = json_object_get(object, "lines");
	json_t *line;
	size_t i;

	build_begin(&b, hint, place);
	build_at(&b, place != NULL ? "%s" : NULL, place);
	read_object(&b, "", object);
	if (json_is_array(lines))
		json_array_foreach (lines, i, line)
			read_line(&b, place, i, line);
	else if (lines != NULL && !json_is_null(lines))
		error_type(&b, "lines", lines, "a list");
	return build_end(&b);
}

/* ---- documents ---- */

static const char *
skip_blanks(const char *c, const char *end)
{
	while (c < end && strchr(" \t\r\n", *c) != NULL && *c != '\0')
		c++;
	return c;
}

/*
 * jansson builds its tree by recursion, and a tree takes eighty times the bytes of the
 * shortest text for it: look at the depth and the number of values of each order before.
 */
static bool
check_shape(const char *text, const char *end, GError **error)
{
	int base = *skip_blanks(text, end) == '['; /* the depth at which orders lie */
	bool in_string = false;
	int depth = 0;
	int values = 0;

	for (const char *c = text; c < end; c++) {
		if (in_string) {
			if (*c == '\\')
				c++;
			else if (*c == '"')
				in_string = false;
		} else if (*c == '"') {
			in_string = true;
		} else if (*c == '{' || *c == '[') {
			depth++;
			values++;
		} else if (*c == '}' || *c == ']') {
			if (--depth <= base)
				values = 0;
		} else if (*c == ',') {
			values++;
		}
		if (depth > LIMIT_JSON_DEPTH)
			return order_error_set(error, E_LIMIT,
			    "line %d: nested more than %d levels deep",
			    read_line_of(text, c), LIMIT_JSON_DEPTH);
		if (values > LIMIT_ORDER_VALUES)
			return order_error_set(error, E_LIMIT,
			    "line %d: an order of more than %d values",
			    read_line_of(text, c), LIMIT_ORDER_VALUES);
	}
	return true;
}

/* The key in "duplicate object key near '"days"'". */
static char *
named_key(const char *text)
{
	const char *open = strchr(text, '"');
	const char *close = open != NULL ? strrchr(text, '"') : NULL;
	g_autofree char *key =
	    close > open ? g_strndup(open + 1, (gsize)(close - open - 1)) : g_strdup("");

	return quote(key);
}

static bool
error_syntax(GError **error, const char *text, const char *at, const json_error_t *why)
{
	int line = read_line_of(text, at) + why->line - 1;
	int column = why->column;
	g_autofree char *key = NULL;
	g_autofree char *shown = NULL;

	/* Our own words for what people really meet; the library's for the rest. */
	switch (json_error_code(why)) {
	case json_error_premature_end_of_input:
		return order_error_set(error, E_TORN,
		    "line %d column %d: the document ends in the middle of a value", line,
		    column);
	case json_error_duplicate_key:
		key = named_key(why->text);
		return order_error_set(error, E_DUPLICATE_KEY,
		    "line %d column %d: the key '%s' stands twice", line, column, key);
	case json_error_numeric_overflow:
		return order_error_set(error, E_TYPE,
		    "line %d column %d: a number is too large", line, column);
	case json_error_null_byte_in_key:
	case json_error_null_character:
	case json_error_null_value:
		return order_error_set(error, E_CHARACTER,
		    "line %d column %d: a NUL where none can be", line, column);
	default:
		shown = g_utf8_make_valid(why->text, -1);
		for (char *c = shown; *c != '\0'; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7F)
				*c = '?';
		return order_error_set(error, E_FORMAT, "line %d column %d: no JSON: %s",
		    line, column, shown);
	}
}

/* One order at *at, which is moved behind it. */
static bool
read_value(const char *text, const char **at, const char *end, const char *place,
    const IntakeHint *hint, ReadOut *out, GError **error)
{
	json_error_t why;
	json_auto_t *value = json_loadb(*at, (size_t)(end - *at),
	    JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &why);

	if (value == NULL)
		return error_syntax(error, text, *at, &why);
	if (!json_is_object(value))
		return order_error_set(error, E_TYPE,
		    "line %d: %s where an order belongs", read_line_of(text, *at),
		    type_name(value));
	*at += why.position;
	return read_add(out, read_order(value, hint, place), error);
}

static bool
read_array(const char *text, const char *at, const char *end, const IntakeHint *hint,
    ReadOut *out, GError **error)
{
	at = skip_blanks(at + 1, end);
	if (at < end && *at == ']')
		return order_error_set(error, E_FORMAT, "the list of orders is empty");
	for (guint i = 0;; i++) {
		g_autofree char *place = g_strdup_printf("[%u]", i);

		if (at < end && *at != '{' && *at != ']')
			return order_error_set(error, E_FORMAT,
			    "line %d: no order where one belongs",
			    read_line_of(text, at));
		if (!read_value(text, &at, end, place, hint, out, error))
			return false;
		at = skip_blanks(at, end);
		if (at == end)
			return order_error_set(error, E_TORN,
			    "line %d: the list of orders has no end",
			    read_line_of(text, at));
		if (*at == ']')
			break;
		if (*at != ',')
			return order_error_set(error, E_FORMAT,
			    "line %d: ',' or ']' is missing behind an order",
			    read_line_of(text, at));
		at = skip_blanks(at + 1, end);
	}
	at = skip_blanks(at + 1, end);
	if (at < end)
		return order_error_set(error, E_FORMAT,
		    "line %d: something stands behind the list of orders",
		    read_line_of(text, at));
	return true;
}

/* One object, or one a line: the first may span lines, and further ones begin on a line
 * of their own. */
static bool
read_objects(const char *text, const char *at, const char *end, const IntakeHint *hint,
    ReadOut *out, GError **error)
{
	int line = read_line_of(text, at);

	while (at < end) {
		const char *start = at;
		const char *next;
		g_autofree char *place = g_strdup_printf("line %d", line);

		if (!read_value(text, &at, end, place, hint, out, error))
			return false;
		next = skip_blanks(at, end);
		if (next < end && memchr(at, '\n', (size_t)(next - at)) == NULL)
			return order_error_set(error, E_FORMAT,
			    "line %d: something stands behind an order", line);
		line += read_line_of(start, next) - 1;
		at = next;
	}
	if (out->orders->len == 1) {
		OrderDraft *only = g_ptr_array_index(out->orders, 0);

		g_clear_pointer(&only->place, g_free);
	}
	return true;
}

bool
read_json(
    const char *text, size_t size, const IntakeHint *hint, ReadOut *out, GError **error)
{
	const char *end = text + size;
	const char *at = skip_blanks(text, end);

	if (at == end)
		return order_error_set(error, E_TORN, "the document is empty");
	if (!check_shape(text, end, error))
		return false;
	if (at < end && *at == '[')
		return read_array(text, at, end, hint, out, error);
	return read_objects(text, at, end, hint, out, error);
}
