/*
 * report_out.c - four formats from one table of columns.
 */
#include "fulfill/domain/report_out.h"

#include <string.h>

#include "queue/csv_out.h"

/* Handed on in pieces of about this size. */
#define PIECE (64 * 1024)

#define NAMESPACE "urn:ticketpost:report:1"

struct ReportOut {
	ReportHead head;
	const Report *report;
	ReportFormat format;
	ReportSink sink;
	void *context;
	GString *text;
	int64_t rows;
};

/* clang-format off */
static const struct {
	const char *name;
	const char *mime;
} formats[REPORT_FORMATS] = {
	[REPORT_AS_TABLE] = { "table", "text/plain; charset=utf-8" },
	[REPORT_AS_CSV]   = { "csv",   "text/csv; charset=utf-8" },
	[REPORT_AS_JSON]  = { "json",  "application/json" },
	[REPORT_AS_XML]   = { "xml",   "application/xml" },
};
/* clang-format on */

const char *
report_format_name(ReportFormat format)
{
	return formats[format].name;
}

const char *
report_format_mime(ReportFormat format)
{
	return formats[format].mime;
}

bool
report_format_from_name(const char *name, ReportFormat *ret)
{
	for (int i = 0; i < REPORT_FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0) {
			*ret = (ReportFormat)i;
			return true;
		}
	return false;
}

ReportOut *
report_out_new(
    const ReportHead *head, ReportFormat format, ReportSink sink, void *context)
{
	ReportOut *out = g_new0(ReportOut, 1);

	out->head = *head;
	out->report = report_get(head->id);
	out->format = format;
	out->sink = sink;
	out->context = context;
	out->text = g_string_sized_new(PIECE + 4096);
	return out;
}

void
report_out_free(ReportOut *out)
{
	if (out == NULL)
		return;
	g_string_free(out->text, TRUE);
	g_free(out);
}

static bool
flush(ReportOut *out, bool all, GError **error)
{
	if (out->text->len < (all ? 1 : PIECE))
		return true;
	if (!out->sink(out->context, out->text->str, out->text->len, error))
		return false;
	g_string_truncate(out->text, 0);
	return true;
}

/* "12.34"; NULL for no price. */
static char *
amount_text(const ReportCell *cell)
{
	Money money = { .minor = cell->number };

	if (cell->text == NULL)
		return NULL;
	g_strlcpy(money.currency, cell->text, sizeof(money.currency));
	return money_format_number(money, '.');
}

/* ---- table ---- */

static int
columns_of(gunichar c)
{
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

/* Exactly `width` columns: cut with an ellipsis, or filled. */
static void
pad(GString *out, const char *text, int width, bool right)
{
	g_autoptr(GString) cut = g_string_new("");
	int used = 0;
	const char *p = text;

	for (; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (g_unichar_iscntrl(c))
			c = ' '; /* a text must not steer the terminal */
		if (used + columns_of(c) > width - (*g_utf8_next_char(p) != '\0'))
			break;
		g_string_append_unichar(cut, c);
		used += columns_of(c);
	}
	if (*p != '\0' && used < width) {
		g_string_append(cut, "…");
		used++;
	}
	for (int i = used; right && i < width; i++)
		g_string_append_c(out, ' ');
	g_string_append_len(out, cut->str, (gssize)cut->len);
	for (int i = used; !right && i < width; i++)
		g_string_append_c(out, ' ');
}

static void
end_line(GString *out)
{
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

static void
table_row(ReportOut *out, const ReportCell *cells)
{
	for (int i = 0; i < out->report->n; i++) {
		const ReportColumn *column = &out->report->columns[i];
		bool right =
		    column->type == REPORT_NUMBER || column->type == REPORT_MONEY;
		g_autofree char *made = NULL;
		const char *text = cells != NULL ? cells[i].text : column->en;

		if (cells != NULL && column->type == REPORT_NUMBER)
			text = made =
			    g_strdup_printf("%" G_GINT64_FORMAT, cells[i].number);
		if (cells != NULL && column->type == REPORT_MONEY)
			text = made = amount_text(&cells[i]);
		g_string_append(out->text, i > 0 ? "  " : "");
		pad(out->text, text != NULL ? text : "", column->width, right);
	}
	end_line(out->text);
}

/* ---- csv ---- */

static void
csv_row(ReportOut *out, const ReportCell *cells)
{
	for (int i = 0; i < out->report->n; i++) {
		const ReportColumn *column = &out->report->columns[i];
		g_autofree char *amount = NULL;

		switch (column->type) {
		case REPORT_NUMBER:
			csv_out_number(out->text, cells[i].number);
			break;
		case REPORT_MONEY:
			amount = amount_text(&cells[i]);
			/* A number of our own making, bare also when it is negative. */
			g_string_append_printf(
			    out->text, "%s,", amount != NULL ? amount : "");
			break;
		case REPORT_TEXT:
		case REPORT_DAY:
			csv_out_text(out->text, cells[i].text);
			break;
		}
	}
	csv_out_end(out->text);
}

/* ---- json ---- */

static void
json_quote(GString *out, const char *text)
{
	if (text == NULL) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		if ((unsigned char)*p < 0x20)
			g_string_append_printf(out, "\\u%04x", *p);
		else
			g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

static void
json_row(ReportOut *out, const ReportCell *cells)
{
	g_string_append(out->text, out->rows > 0 ? ",\n{" : "\n{");
	for (int i = 0; i < out->report->n; i++) {
		const ReportColumn *column = &out->report->columns[i];
		g_autofree char *amount = NULL;

		g_string_append_printf(
		    out->text, "%s\"%s\":", i > 0 ? "," : "", column->key);
		if (column->type == REPORT_NUMBER)
			g_string_append_printf(
			    out->text, "%" G_GINT64_FORMAT, cells[i].number);
		else if (column->type == REPORT_MONEY)
			json_quote(out->text, amount = amount_text(&cells[i]));
		else
			json_quote(out->text, cells[i].text);
	}
	g_string_append_c(out->text, '}');
}

static void
json_begin(ReportOut *out)
{
	g_string_append(out->text, "{\"report\":");
	json_quote(out->text, out->report->name);
	g_string_append(out->text, ",\"period\":");
	json_quote(out->text, out->head.period);
	g_string_append(out->text, ",\"party\":");
	json_quote(out->text, out->head.party);
	g_string_append(out->text, ",\"zone\":");
	json_quote(out->text, out->head.zone);
	g_string_append(out->text, ",\"rows\":[");
}

static void
hash_text(const StatementSums *sums, GString *out)
{
	char text[2 * HASH_BYTES + 1];

	hash_hex(sums->hash, HASH_BYTES, text);
	g_string_append(out, text);
}

static void
json_end(ReportOut *out, const StatementSums *sums)
{
	char at[AT_CHARS];

	g_string_append_printf(
	    out->text, "\n],\"count\":%" G_GINT64_FORMAT ",\"sums\":[", out->rows);
	for (guint i = 0; sums != NULL && sums->sums != NULL && i < sums->sums->len;
	     i++) {
		Money sum = g_array_index(sums->sums, Money, i);
		g_autofree char *amount = money_format_number(sum, '.');

		g_string_append_printf(out->text,
		    "%s{\"amount\":\"%s\",\"currency\":\"%s\"}", i > 0 ? "," : "", amount,
		    sum.currency);
	}
	g_string_append_c(out->text, ']');
	if (sums != NULL && sums->closed) {
		g_string_append_printf(out->text, ",\"closed_at\":\"%s\",\"hash\":\"",
		    at_format(sums->closed_at, at));
		hash_text(sums, out->text);
		g_string_append_c(out->text, '"');
	}
	g_string_append(out->text, "}\n");
}

/* ---- xml ---- */

/* Text content; what XML 1.0 cannot hold becomes U+FFFD. */
static void
xml_text(GString *out, const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		switch (c) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		default:
			if ((c < 0x20 && c != '\t' && c != '\n') || c == 0xFFFE ||
			    c == 0xFFFF)
				c = 0xFFFD;
			g_string_append_unichar(out, c);
			break;
		}
	}
}

static void
xml_attribute(GString *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	g_string_append_printf(out, " %s=\"", name);
	xml_text(out, value);
	g_string_append_c(out, '"');
}

static void
xml_begin(ReportOut *out)
{
	g_string_append(out->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<report "
				   "xmlns=\"" NAMESPACE "\"");
	xml_attribute(out->text, "name", out->report->name);
	xml_attribute(out->text, "period", out->head.period);
	xml_attribute(out->text, "party", out->head.party);
	xml_attribute(out->text, "zone", out->head.zone);
	g_string_append(out->text, ">\n");
}

static void
xml_row(ReportOut *out, const ReportCell *cells)
{
	g_string_append(out->text, "<row>");
	for (int i = 0; i < out->report->n; i++) {
		const ReportColumn *column = &out->report->columns[i];
		g_autofree char *made = NULL;
		const char *text = cells[i].text;

		if (column->type == REPORT_NUMBER)
			text = made =
			    g_strdup_printf("%" G_GINT64_FORMAT, cells[i].number);
		if (column->type == REPORT_MONEY)
			text = made = amount_text(&cells[i]);
		if (text == NULL)
			continue; /* absent is absent */
		g_string_append_printf(out->text, "<%s>", column->key);
		xml_text(out->text, text);
		g_string_append_printf(out->text, "</%s>", column->key);
	}
	g_string_append(out->text, "</row>\n");
}

static void
xml_end(ReportOut *out, const StatementSums *sums)
{
	char at[AT_CHARS];

	for (guint i = 0; sums != NULL && sums->sums != NULL && i < sums->sums->len;
	     i++) {
		Money sum = g_array_index(sums->sums, Money, i);
		g_autofree char *amount = money_format_number(sum, '.');

		g_string_append_printf(
		    out->text, "<sum currency=\"%s\">%s</sum>\n", sum.currency, amount);
	}
	if (sums != NULL && sums->closed) {
		g_string_append_printf(out->text, "<closed at=\"%s\" hash=\"",
		    at_format(sums->closed_at, at));
		hash_text(sums, out->text);
		g_string_append(out->text, "\"/>\n");
	}
	g_string_append_printf(
	    out->text, "<count>%" G_GINT64_FORMAT "</count>\n</report>\n", out->rows);
}

/* ---- all of them ---- */

bool
report_out_begin(ReportOut *out, GError **error)
{
	switch (out->format) {
	case REPORT_AS_TABLE:
		table_row(out, NULL);
		break;
	case REPORT_AS_CSV:
		for (int i = 0; i < out->report->n; i++)
			csv_out_text(out->text, out->report->columns[i].key);
		csv_out_end(out->text);
		break;
	case REPORT_AS_JSON:
		json_begin(out);
		break;
	case REPORT_AS_XML:
		xml_begin(out);
		break;
	case REPORT_FORMATS:
		BUG("no format");
	}
	return flush(out, false, error);
}

bool
report_out_row(void *user, const ReportCell *cells, GError **error)
{
	ReportOut *out = user;
	static void (*const rows[REPORT_FORMATS])(ReportOut * out,
	    const ReportCell *cells) = { table_row, csv_row, json_row, xml_row };

	rows[out->format](out, cells);
	out->rows++;
	return flush(out, false, error);
}

static void
table_end(ReportOut *out, const StatementSums *sums)
{
	for (guint i = 0; sums != NULL && sums->sums != NULL && i < sums->sums->len;
	     i++) {
		g_autofree char *sum = money_format(g_array_index(sums->sums, Money, i));

		g_string_append_printf(out->text, "sum: %s\n", sum);
	}
}

bool
report_out_end(ReportOut *out, const StatementSums *sums, GError **error)
{
	switch (out->format) {
	case REPORT_AS_TABLE:
		table_end(out, sums);
		break;
	case REPORT_AS_CSV:
		break;
	case REPORT_AS_JSON:
		json_end(out, sums);
		break;
	case REPORT_AS_XML:
		xml_end(out, sums);
		break;
	case REPORT_FORMATS:
		BUG("no format");
	}
	return flush(out, true, error);
}

/* ---- schema ---- */

static json_t *
column_schema(const ReportColumn *column)
{
	json_t *schema = json_pack("{s:s}", "description", column->what);

	switch (column->type) {
	case REPORT_NUMBER:
		json_object_set_new(schema, "type", json_string("integer"));
		break;
	case REPORT_TEXT:
		json_object_set_new(
		    schema, "type", json_pack("[s, s]", "string", "null"));
		break;
	case REPORT_DAY:
		json_object_set_new(
		    schema, "type", json_pack("[s, s]", "string", "null"));
		json_object_set_new(
		    schema, "pattern", json_string("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"));
		break;
	case REPORT_MONEY:
		json_object_set_new(
		    schema, "type", json_pack("[s, s]", "string", "null"));
		json_object_set_new(
		    schema, "pattern", json_string("^-?[0-9]+(\\.[0-9]+)?$"));
		break;
	}
	return schema;
}

json_t *
report_out_schema(ReportId id)
{
	const Report *report = report_get(id);
	json_t *properties = json_object();
	json_t *required = json_array();
	json_t *row;
	json_t *text = json_pack("{s:s}", "type", "string");

	for (int i = 0; i < report->n; i++) {
		json_object_set_new(properties, report->columns[i].key,
		    column_schema(&report->columns[i]));
		json_array_append_new(required, json_string(report->columns[i].key));
	}
	row = json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
	    properties, "required", required, "additionalProperties", false);
	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:{s:{s:s}, s:O, s:{s:[s, s]}, s:O, s:{s:s, s:o}, "
	    "s:{s:s}, s:{s:s, s:{s:s, s:{s:O, s:O}, s:[s, s]}}, s:O, s:o}, s:[s, s, s, s,"
	    " s]}",
	    "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
	    report->en, "description", report->what, "type", "object", "properties",
	    "report", "const", report->name, "period", text, "party", "type", "string",
	    "null", "zone", text, "rows", "type", "array", "items", row, "count", "type",
	    "integer", "sums", "type", "array", "items", "type", "object", "properties",
	    "amount", text, "currency", text, "required", "amount", "currency",
	    "closed_at", text, "hash", text, "required", "report", "period", "rows",
	    "count", "sums");
}
