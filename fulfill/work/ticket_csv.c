/*
 * ticket_csv.c - columns as a table.
 */
#include "fulfill/work/ticket_csv.h"

#include <stdbool.h>

#include "queue/csv_out.h"

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

TicketCsv *
ticket_csv_new(void)
{
	TicketCsv *csv = g_new0(TicketCsv, 1);

	csv->text = g_string_new("");
	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
		csv_out_text(csv->text, columns[i].title);
	csv_out_end(csv->text);
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

		csv_out_text(csv->text, value);
	}
	csv_out_end(csv->text);
}

const char *
ticket_csv_text(const TicketCsv *csv, size_t *ret_length)
{
	*ret_length = csv->text->len;
	return csv->text->str;
}
