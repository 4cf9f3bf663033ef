/*
 * ticket_csv.c - columns as a table.
 */
#include "fulfill/work/ticket_csv.h"

#include <stdbool.h>
#include <string.h>

struct TicketCsv {
	GString *text;
};

/* clang-format off */
static const struct {
	const char *title;
	bool of_order;		/* from the order's facts, else the ticket's */
	const char *object;
	const char *key;
} columns[] = {
	{ "order",     true,  "order",   "number" },
	{ "reference", true,  "order",   "reference" },
	{ "serial",    false, "ticket",  "serial" },
	{ "code",      false, "ticket",  "code" },
	{ "url",       false, "ticket",  "url" },
	{ "sku",       false, "product", "sku" },
	{ "product",   false, "product", "name" },
	{ "holder",    false, "holder",  "name" },
	{ "company",   false, "holder",  "company" },
	{ "first_day", false, "ticket",  "first_day" },
	{ "last_day",  false, "ticket",  "last_day" },
};
/* clang-format on */

static bool
looks_like_formula(const char *value)
{
	/* U+FF1D, U+FF0B, U+FF0D, U+FF20: what = + - @ become when typed full-width */
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (*value != '\0' && strchr("=+-@\t\r", *value) != NULL)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(value, wide[i]))
			return true;
	return false;
}

void
csv_append_field(GString *out, const char *value)
{
	bool formula = looks_like_formula(value);

	if (!formula && strpbrk(value, "\",;\r\n") == NULL) {
		g_string_append(out, value);
		return;
	}
	g_string_append_c(out, '"');
	if (formula)
		g_string_append_c(out, '\'');
	for (; *value != '\0'; value++) {
		if (*value == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *value);
	}
	g_string_append_c(out, '"');
}

TicketCsv *
ticket_csv_new(void)
{
	TicketCsv *csv = g_new0(TicketCsv, 1);

	csv->text = g_string_new("");
	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
		g_string_append_printf(
		    csv->text, "%s%s", i > 0 ? "," : "", columns[i].title);
	g_string_append(csv->text, "\r\n");
	return csv;
}

void
ticket_csv_free(TicketCsv *csv)
{
	if (csv == NULL)
		return;
	g_string_free(csv->text, TRUE);
	g_free(csv);
}

void
ticket_csv_add(TicketCsv *csv, const json_t *frame, const json_t *facts)
{
	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
		const json_t *from = columns[i].of_order ? frame : facts;
		const char *value = json_string_value(json_object_get(
		    json_object_get(from, columns[i].object), columns[i].key));

		if (i > 0)
			g_string_append_c(csv->text, ',');
		csv_append_field(csv->text, value != NULL ? value : "");
	}
	g_string_append(csv->text, "\r\n");
}

const char *
ticket_csv_text(const TicketCsv *csv, size_t *ret_length)
{
	*ret_length = csv->text->len;
	return csv->text->str;
}
