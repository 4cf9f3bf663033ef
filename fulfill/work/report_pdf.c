/*
 * report_pdf.c - lines of a statement, formatted for people.
 *
 * The lines are walked twice: once to count and to sum, then to draw.
 */
#include "fulfill/work/report_pdf.h"

#include <jansson.h>
#include <string.h>

#include "print/press.h"
#include "print/statement_sheet.h"

typedef struct Drawing {
	StatementSheet *sheet;
	const char *language;
	StatementSums carried;
} Drawing;

typedef struct Sinking {
	ReportSink sink;
	void *context;
} Sinking;

static bool
pen_sink(void *context, const void *data, size_t size, GError **error)
{
	const Sinking *sinking = context;

	return sinking->sink(sinking->context, data, size, error);
}

/* "1.234,50 EUR" without the currency, which the sum names. */
static char *
number_of(Money money, const char *language)
{
	char *text = money_format_people(money, language);
	char *blank = strrchr(text, ' ');

	if (blank != NULL)
		*blank = '\0';
	return text;
}

static char *
short_day(Day day, const char *language)
{
	Ymd d = day_ymd(day);
	char text[DAY_CHARS];

	if (g_strcmp0(language, "de") == 0)
		return g_strdup_printf("%02d.%02d.%04d", d.day, d.month, d.year);
	return g_strdup(day_format(day, text));
}

static bool
draw_line(void *user, const StatementLine *line, GError **error)
{
	Drawing *drawing = user;
	const char *language = drawing->language;
	bool by_day = line->period_days > 0;
	g_autofree char *order =
	    g_strdup_printf("%s / %s", line->order_number, line->order_line);
	g_autofree char *detail =
	    line->quantity > 1 ? g_strdup_printf("%s × %d", line->sku, line->quantity)
			       : g_strdup(line->sku);
	g_autofree char *from = short_day(line->first_day, language);
	g_autofree char *to = day_cmp(line->last_day, DAY_MAX) < 0
				  ? short_day(line->last_day, language)
				  : NULL;
	g_autofree char *days =
	    by_day ? g_strdup_printf("%d/%d", line->days, line->period_days) : NULL;
	g_autofree char *price = number_of(line->price, language);
	g_autofree char *amount = number_of(line->amount, language);
	g_autofree char *carried = NULL;
	StatementRow row = {
		.line = line->line,
		.corrects = line->corrects,
		.order = order,
		.product = line->product,
		.detail = detail,
		.customer = line->customer,
		.from = from,
		.to = to,
		.days = days,
		.price = price,
		.amount = amount,
	};

	if (!statement_sums_add(&drawing->carried, line->amount, error))
		return false;
	row.carried = carried = statement_sums_format(&drawing->carried, language);
	return statement_sheet_row(drawing->sheet, &row, error);
}

/* Lines, then postcode and city. */
static char **
address_lines(const char *text)
{
	json_t *address = text != NULL ? json_loads(text, 0, NULL) : NULL;
	GPtrArray *lines = g_ptr_array_new();
	const char *postcode = json_string_value(json_object_get(address, "postcode"));
	const char *city = json_string_value(json_object_get(address, "city"));
	size_t i;
	json_t *line;

	json_array_foreach (json_object_get(address, "lines"), i, line)
		g_ptr_array_add(lines, g_strdup(json_string_value(line)));
	if (city != NULL)
		g_ptr_array_add(
		    lines, g_strdup_printf("%s%s%s", postcode != NULL ? postcode : "",
			       postcode != NULL ? " " : "", city));
	g_ptr_array_add(lines, NULL);
	json_decref(address);
	return (char **)g_ptr_array_free(lines, FALSE);
}

static char **
sums_of(const StatementSums *sums, const char *language)
{
	GPtrArray *texts = g_ptr_array_new();

	for (guint i = 0; sums->sums != NULL && i < sums->sums->len; i++)
		g_ptr_array_add(texts,
		    money_format_people(g_array_index(sums->sums, Money, i), language));
	g_ptr_array_add(texts, NULL);
	return (char **)g_ptr_array_free(texts, FALSE);
}

char *
report_month_name(Day month, const char *language)
{
	g_autofree char *day = day_format_people(month, language);
	Ymd d = day_ymd(month);
	static const char *const de[] = { "Januar", "Februar", "März", "April", "Mai",
		"Juni", "Juli", "August", "September", "Oktober", "November",
		"Dezember" };
	const char *blank;

	if (g_strcmp0(language, "de") == 0)
		return g_strdup_printf("%s %d", de[d.month - 1], d.year);
	/* "1 April 2027" */
	blank = strchr(day, ' ');
	return g_strdup(blank != NULL ? blank + 1 : day);
}

static char *
hash_text(const StatementSums *sums)
{
	char *text = g_malloc(2 * HASH_BYTES + 1);

	hash_hex(sums->hash, HASH_BYTES, text);
	return text;
}

static bool
draw(Work *work, const StatementParty *party, Day month, const StatementHead *head,
    Sinking *sinking, GError **error)
{
	g_autoptr(Press) press = press_new(work->fonts);
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_sink, sinking);
	g_autoptr(StatementSheet) sheet = statement_sheet_begin(pen, head, error);
	Drawing drawing = { .sheet = sheet, .language = head->language };
	bool ok = sheet != NULL &&
		  statement_lines(work->db, party, month, work->issue.language, draw_line,
		      &drawing, NULL, error) &&
		  statement_sheet_end(sheet, error);

	statement_sums_clear(&drawing.carried);
	return ok;
}

bool
report_pdf(Work *work, const ReportWish *wish, ReportSink sink, void *context,
    StatementSums *ret, GError **error)
{
	g_autoptr(GPtrArray) parties = NULL;
	const StatementParty *party;
	const char *language;
	Sinking sinking = { sink, context };
	g_auto(DbTx) tx = DB_TX_INIT;

	if (wish->id != REPORT_STATEMENT || wish->party == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "PDF is for the statement of one party: name it with --party");
	/* What is counted is what is drawn, while others write. */
	if (!db_begin(work->db, DB_READ, &tx, error))
		return false;
	parties = statement_parties(work->db, wish->party, error);
	if (parties == NULL)
		return false;
	party = g_ptr_array_index(parties, 0);
	language = party->language != NULL ? party->language : work->issue.language;
	if (!statement_lines(
		work->db, party, wish->day, work->issue.language, NULL, NULL, ret, error))
		return false;
	g_autofree char *period = report_period(wish->id, wish->day);
	g_autofree char *number = g_strdup_printf("%s-%s", party->code, period);
	g_autofree char *month = report_month_name(day_month_first(wish->day), language);
	g_autofree char *hash = ret->closed ? hash_text(ret) : NULL;
	g_autofree char *closed =
	    ret->closed ? day_format_people(day_of(ret->closed_at, work->zone), language)
			: NULL;
	g_auto(GStrv) address = address_lines(party->address);
	g_auto(GStrv) sums = sums_of(ret, language);
	StatementHead head = {
		.language = language,
		.vendor = work->issue.vendor_name,
		.party = party->name,
		.address = (const char *const *)address,
		.party_code = party->code,
		.month = month,
		.number = number,
		.closed = closed,
		.hash = hash,
		.zone = settings_text(work->settings, SET_TIMEZONE),
		.rows = ret->lines,
		.sums = (const char *const *)sums,
	};

	return draw(work, party, day_month_first(wish->day), &head, &sinking, error);
}
