/*
 * report_rows.c - licences of a month, subscriptions of a day, NFR of a day.
 *
 * Read in pages by the number of the licence.  A statement yields the columns of its
 * report in their order, after the number it is paged by; names of products and
 * addresses are JSON, and take the last columns.
 */
#include "fulfill/domain/report_rows.h"

#include <jansson.h>
#include <string.h>

#define PAGE 1000

/* What a privacy level lets be seen of a customer. */
#define SEE_COMPANY "CASE WHEN r.privacy <> 'pseudonym' THEN h.company END"
#define SEE_CONTACT                                                                      \
	"CASE WHEN r.privacy IN ('contact', 'address') THEN h.name END, CASE WHEN "      \
	"r.privacy IN ('contact', 'address') THEN h.email END"
#define SEE_ADDRESS "CASE WHEN r.privacy = 'address' THEN h.address END"

#define FROM_LICENCE                                                                     \
	" FROM licence l JOIN order_line ol ON ol.id = l.order_line_id JOIN orders o ON" \
	" o.id = ol.order_id JOIN product p ON p.id = l.product_id JOIN party r ON r.id" \
	" = l.party_id LEFT JOIN party h ON h.id = l.holder_id LEFT JOIN ticket t ON "   \
	"t.licence_id = l.id"

/* $1: after this licence; $2: how many; $3: party or ''; $4, $5: the time. */
static const Stmt LICENCES = {
	.name = "licence.report",
	.sql = "SELECT l.id, r.code, l.id, l.created_at, p.kind, p.sku, p.name, "
	       "l.quantity, o.number, ol.line, h.code, " SEE_COMPANY ", " SEE_CONTACT
	       ", " SEE_ADDRESS ", l.first_day, l.last_day, t.tail, t.state" FROM_LICENCE
	       " WHERE l.id > $1 AND ($3 = '' OR r.code = $3) AND l.created_at >= $4 AND "
	       "l.created_at < $5 ORDER BY l.id LIMIT $2",
};
/* By what was known of the day: a term that stood, and no reversal up to it. */
static const Stmt SUBSCRIPTIONS = {
	.name = "sale_event.report_on_day",
	.sql =
	    "SELECT e.id, r.code, l.id, p.sku, p.name, e.quantity, o.number, ol.line, "
	    "h.code, " SEE_COMPANY ", e.k, e.first_day, e.last_day, CASE WHEN coalesce("
	    "(SELECT c.kind FROM sale_event c WHERE c.licence_id = e.licence_id AND "
	    "c.kind IN ('cancelled', 'kept') AND c.day <= $4 ORDER BY c.day DESC, c.id "
	    "DESC LIMIT 1), 'kept') = 'cancelled' THEN 'no' ELSE 'yes' END, "
	    "e.price_minor, e.currency FROM sale_event e JOIN licence l ON l.id = "
	    "e.licence_id JOIN order_line ol ON ol.id = l.order_line_id JOIN orders o ON "
	    "o.id = ol.order_id JOIN product p ON p.id = e.product_id JOIN party r ON "
	    "r.id"
	    " = e.party_id LEFT JOIN party h ON h.id = l.holder_id WHERE e.id > $1 AND "
	    "($3 = '' OR r.code = $3) AND e.kind IN ('sold', 'renewed') AND e.k > 0 AND "
	    "e.first_day <= $4 AND e.last_day >= $4 AND NOT EXISTS (SELECT 1 FROM "
	    "sale_event b WHERE b.of_event = e.id AND b.day <= $4) ORDER BY e.id LIMIT "
	    "$2",
};
static const Stmt NFR = {
	.name = "licence.report_nfr",
	.sql = "SELECT l.id, r.code, l.id, p.sku, p.name, l.quantity, o.number, "
	       "coalesce(l.holder_id, 0), l.first_day, l.last_day, t.tail, "
	       "t.state" FROM_LICENCE
	       " WHERE l.id > $1 AND ($3 = '' OR r.code = $3) AND p.kind = 'nfr' AND "
	       "l.first_day <= $4 AND (l.last_day IS NULL OR l.last_day >= $4) AND "
	       "(t.state IS NULL OR t.state NOT IN ('recalled', 'recall_pending')) ORDER "
	       "BY l.id LIMIT $2",
};

/* How a column of the statement becomes a cell. */
typedef enum Take {
	AS_IT_IS, /* by the type of the report's column */
	AS_NAME,  /* {"de": ..., "en": ...} */
	AS_ADDRESS,
	AS_DAY_OF, /* an instant */
	AS_HOLDER, /* a number as pseudonym */
} Take;

typedef struct Row {
	const ReportQuery *query;
	const Report *report;
	ReportCell cells[REPORT_COLUMNS_MAX];
	GPtrArray *kept; /* texts made for this row */
	int party;       /* column of its code */
	int sku;
} Row;

static Take
take_of(ReportId id, const char *key)
{
	if (strcmp(key, "product") == 0)
		return AS_NAME;
	if (strcmp(key, "address") == 0)
		return AS_ADDRESS;
	if (strcmp(key, "created_day") == 0)
		return AS_DAY_OF;
	return id == REPORT_NFR && strcmp(key, "holder") == 0 ? AS_HOLDER : AS_IT_IS;
}

static char *
name_in(const char *text, const char *language)
{
	json_t *names = text != NULL ? json_loads(text, 0, NULL) : NULL;
	const char *name = json_string_value(json_object_get(names, language));
	char *copy;

	if (name == NULL)
		name = json_string_value(json_object_get(names, "en"));
	copy = g_strdup(name);
	json_decref(names);
	return copy;
}

static char *
one_line(const char *text)
{
	static const char *const keys[] = { "postcode", "city", "country" };
	json_t *address = text != NULL ? json_loads(text, 0, NULL) : NULL;
	GString *line;
	size_t i;
	json_t *part;

	if (address == NULL)
		return NULL;
	line = g_string_new("");
	json_array_foreach (json_object_get(address, "lines"), i, part)
		g_string_append_printf(
		    line, "%s%s", line->len > 0 ? ", " : "", json_string_value(part));
	for (i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *value = json_string_value(json_object_get(address, keys[i]));

		if (value != NULL)
			g_string_append_printf(line, "%s%s",
			    i == 1          ? " "
			    : line->len > 0 ? ", "
					    : "",
			    value);
	}
	json_decref(address);
	return g_string_free(line, FALSE);
}

static const char *
keep(Row *row, char *text)
{
	if (text != NULL)
		g_ptr_array_add(row->kept, text);
	return text;
}

static void
fill(Row *row, const DbRows *rows)
{
	g_ptr_array_set_size(row->kept, 0);
	for (int i = 0; i < row->report->n; i++) {
		const ReportColumn *column = &row->report->columns[i];
		ReportCell *cell = &row->cells[i];
		char day[DAY_CHARS];

		*cell = (ReportCell){ NULL, 0 };
		switch (take_of(row->query->id, column->key)) {
		case AS_NAME:
			cell->text = keep(
			    row, name_in(db_col_text(rows, i + 1), row->query->language));
			break;
		case AS_ADDRESS:
			cell->text = keep(row, one_line(db_col_text(rows, i + 1)));
			break;
		case AS_DAY_OF:
			cell->text = keep(row,
			    g_strdup(day_format(
				day_of(db_col_int(rows, i + 1), row->query->zone), day)));
			break;
		case AS_HOLDER:
			if (db_col_int(rows, i + 1) != 0)
				cell->text =
				    keep(row, g_strdup_printf("K%" G_GINT64_FORMAT,
						  db_col_int(rows, i + 1)));
			break;
		case AS_IT_IS:
			if (column->type == REPORT_NUMBER || column->type == REPORT_MONEY)
				cell->number = db_col_int(rows, i + 1);
			else
				cell->text = db_col_text(rows, i + 1);
			break;
		}
	}
	/* The currency of an amount stands in the last column. */
	for (int i = 0; i < row->report->n; i++)
		if (row->report->columns[i].type == REPORT_MONEY)
			row->cells[i].text = row->cells[row->report->n - 1].text;
}

static int
column_of(const Report *report, const char *key)
{
	int i = 0;

	while (i < report->n && strcmp(report->columns[i].key, key) != 0)
		i++;
	return i;
}

bool
report_rows(Db *db, const ReportQuery *query, ReportFn fn, void *user, int64_t *ret_rows,
    GError **error)
{
	static const Stmt *const stmts[REPORTS] = {
		[REPORT_LICENCES] = &LICENCES,
		[REPORT_SUBSCRIPTIONS] = &SUBSCRIPTIONS,
		[REPORT_NFR] = &NFR,
	};
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	Row row = { .query = query, .report = report_get(query->id), .kept = kept };
	DbValue party = v_text(query->party != NULL ? query->party : "");
	char day[DAY_CHARS];
	int64_t at = 0;

	row.party = column_of(row.report, "party");
	row.sku = column_of(row.report, "sku");
	*ret_rows = 0;
	for (;;) {
		DbValue args[5] = { v_int(at), v_int(PAGE), party };
		size_t n = 4;
		g_autoptr(DbRows) rows = NULL;
		int in_page = 0;
		int more;

		if (query->id == REPORT_LICENCES) {
			args[3] =
			    v_int(day_start_at(day_month_first(query->day), query->zone));
			args[4] =
			    v_int(day_end_at(day_month_last(query->day), query->zone));
			n = 5;
		} else {
			args[3] = v_text(day_format(query->day, day));
		}
		rows = db_query(db, stmts[query->id], args, n, error);
		if (rows == NULL)
			return false;
		while ((more = db_next(rows, error)) == 1) {
			at = db_col_int(rows, 0);
			fill(&row, rows);
			in_page++;
			if (!scope_has_code(query->scope, row.cells[row.party].text,
				row.cells[row.sku].text))
				continue;
			if (!fn(user, row.cells, error))
				return false;
			++*ret_rows;
		}
		if (more < 0)
			return false;
		if (in_page < PAGE)
			return true;
	}
}
