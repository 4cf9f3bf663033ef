/*
 * statement_open.c - from the book of sales to the lines of a month.
 *
 * Charges are read a page at a time by their number, with their reversals, so that
 * memory stays flat however long the month is.
 */
#include "fulfill/domain/statement_open.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/sale_cut.h"

#define PAGE 1000

/* In PostgreSQL a row with a lower number may be committed later: corrections look back
 * this far, several of the largest orders.  Looking at too many is harmless. */
#define LOOK_BACK 2000

#define CHARGE_COLS                                                                      \
	"e.id, e.kind, e.day, e.first_day, e.last_day, e.period_first_day, "             \
	"e.period_last_day, e.price_minor, e.amount_minor, e.currency, e.credit_mode,"   \
	" e.of_event"
#define LINE_COLS                                                                        \
	", e.quantity, o.number, ol.line, p.sku, p.name, coalesce(l.holder_id, 0),"      \
	" e.at_once"                                                                     \
	" FROM sale_event e JOIN licence l ON l.id = e.licence_id JOIN order_line ol ON" \
	" ol.id = l.order_line_id JOIN orders o ON o.id = ol.order_id JOIN product p ON" \
	" p.id = e.product_id WHERE e.party_id = $1 AND e.id > $2 AND e.kind IN "        \
	"('sold', 'renewed') AND e.currency IS NOT NULL"

/* $3, $4: first and last day of the month. */
static const Stmt CHARGES = {
	.name = "sale_event.of_month",
	.sql = "SELECT " CHARGE_COLS LINE_COLS
	       " AND ((e.first_day <= $4 AND coalesce(e.last_day, e.first_day) >= $3)"
	       " OR EXISTS (SELECT 1 FROM sale_event r WHERE r.of_event = e.id AND r.day"
	       " >= $3 AND r.day <= $4)) ORDER BY e.id LIMIT $5",
};
/* $3: events after this one were not known when months were closed. */
static const Stmt LATE = {
	.name = "sale_event.late",
	.sql = "SELECT " CHARGE_COLS LINE_COLS
	       " AND (e.id > $3 OR EXISTS (SELECT 1 FROM sale_event r WHERE r.of_event "
	       "= e.id AND r.id > $3)) ORDER BY e.id LIMIT $4",
};
/* + 0: the index of reversals is the one to use, not that of parties. */
static const Stmt REVERSALS = {
	.name = "sale_event.reversals",
	.sql = "SELECT " CHARGE_COLS " FROM sale_event e WHERE e.of_event >= $1 AND "
	       "e.of_event <= $2 AND e.party_id + 0 = $3 ORDER BY e.of_event, e.id",
};
/* The latest closed month but `$2` itself, and what was known then. */
static const Stmt CLOSED = {
	.name = "statement.closed_months",
	.sql = "SELECT month, event_id FROM statement WHERE party_id = $1 AND month <> "
	       "$2 AND hash IS NOT NULL ORDER BY month",
};
static const Stmt FROZEN = {
	.name = "statement_line.frozen",
	.sql = "SELECT coalesce(sum(s.amount_minor), 0), coalesce(sum(s.days), 0), "
	       "count(*), min(CASE WHEN s.corrects IS NULL THEN s.line END) FROM "
	       "statement_line s JOIN statement t ON t.id = s.statement_id WHERE "
	       "s.event_id = $1 AND s.month = $2 AND t.hash IS NOT NULL",
};

typedef struct Item {
	SaleCharge charge;
	int quantity;
	char *order_number;
	char *order_line;
	char *sku;
	char *product; /* in the language of the statement */
	int64_t holder_id;
} Item;

typedef struct Open {
	Db *db;
	const StatementParty *party;
	Day month;
	const char *language;
	StatementFn fn;
	void *user;
	GArray *parts; /* of SalePart, used again and again */
} Open;

static void
item_free(gpointer data)
{
	Item *item = data;

	g_free(item->order_number);
	g_free(item->order_line);
	g_free(item->sku);
	g_free(item->product);
	if (item->charge.reversals != NULL)
		g_array_unref(item->charge.reversals);
	g_free(item);
}

static void
month_text(Day month, char ret[DAY_CHARS])
{
	day_format(month, ret);
	ret[7] = '\0';
}

static bool
read_day(const DbRows *rows, int column, Day *ret, GError **error)
{
	const char *text = db_col_text(rows, column);

	*ret = DAY_MAX;
	return text == NULL || day_parse(text, ret, error);
}

/* The columns of CHARGE_COLS. */
static bool
sale_from_row(const DbRows *rows, Sale *ret, GError **error)
{
	const char *mode = db_col_text(rows, 10);

	*ret = (Sale){
		.id = db_col_int(rows, 0),
		.kind = strcmp(db_col_text(rows, 1), "renewed") == 0 ? SALE_RENEWED
								     : SALE_SOLD,
		.price.minor = db_col_int(rows, 7),
		.amount.minor = db_col_int(rows, 8),
		.mode = CREDIT_NONE,
		.of_event = db_col_int(rows, 11),
	};
	g_strlcpy(ret->price.currency, db_col_text(rows, 9), sizeof(ret->price.currency));
	g_strlcpy(
	    ret->amount.currency, ret->price.currency, sizeof(ret->amount.currency));
	return read_day(rows, 2, &ret->day, error) &&
	       read_day(rows, 3, &ret->first_day, error) &&
	       read_day(rows, 4, &ret->last_day, error) &&
	       read_day(rows, 5, &ret->period_first_day, error) &&
	       read_day(rows, 6, &ret->period_last_day, error) &&
	       (mode == NULL || credit_mode_from_name(mode, &ret->mode, error));
}

static char *
name_in(const char *json, const char *language)
{
	json_t *names = json_loads(json, 0, NULL);
	const char *name = json_string_value(json_object_get(names, language));
	char *copy;

	if (name == NULL)
		name = json_string_value(json_object_get(names, "en"));
	if (name == NULL)
		name = json_string_value(json_object_iter_value(json_object_iter(names)));
	copy = g_strdup(name != NULL ? name : "");
	json_decref(names);
	return copy;
}

static bool
read_items(const Open *open, DbRows *rows, GPtrArray *items, GError **error)
{
	int more;

	while ((more = db_next(rows, error)) == 1) {
		Item *item = g_new0(Item, 1);

		g_ptr_array_add(items, item);
		if (!sale_from_row(rows, &item->charge.charge, error))
			return false;
		item->charge.at_once = db_col_int(rows, 18) != 0;
		item->quantity = (int)db_col_int(rows, 12);
		item->order_number = g_strdup(db_col_text(rows, 13));
		item->order_line = g_strdup(db_col_text(rows, 14));
		item->sku = g_strdup(db_col_text(rows, 15));
		item->product = name_in(db_col_text(rows, 16), open->language);
		item->holder_id = db_col_int(rows, 17);
	}
	return more == 0;
}

/* Reversals come in the order of their charges, as the items do. */
static bool
read_reversals(const Open *open, const GPtrArray *items, GError **error)
{
	const Item *first = g_ptr_array_index(items, 0);
	const Item *last = g_ptr_array_index(items, items->len - 1);
	g_autoptr(DbRows) rows = db_query(open->db, &REVERSALS,
	    DB_ARGS(v_int(first->charge.charge.id), v_int(last->charge.charge.id),
		v_int(open->party->id)),
	    error);
	guint at = 0;
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Item *item;
		Sale back;

		if (!sale_from_row(rows, &back, error))
			return false;
		do
			item = g_ptr_array_index(items, at);
		while (item->charge.charge.id < back.of_event && ++at < items->len);
		if (item->charge.charge.id != back.of_event)
			continue; /* of a charge that has no part in this */
		if (item->charge.reversals == NULL)
			item->charge.reversals = g_array_new(FALSE, FALSE, sizeof(Sale));
		g_array_append_val(item->charge.reversals, back);
	}
	return more == 0;
}

/* Calls fn for each item of a statement's pages; `rest` are $3 and what follows but the
 * page size, which is last. */
static bool
walk(Open *open, const Stmt *stmt, const DbValue *rest, size_t n,
    bool (*fn)(Open *open, const Item *item, GError **error), GError **error)
{
	int64_t at = 0;

	for (;;) {
		g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
		g_autoptr(DbRows) rows = NULL;
		DbValue args[6] = { v_int(open->party->id), v_int(at) };

		memcpy(args + 2, rest, n * sizeof(*rest));
		args[2 + n] = v_int(PAGE);
		rows = db_query(open->db, stmt, args, n + 3, error);
		if (rows == NULL || !read_items(open, rows, items, error))
			return false;
		g_clear_pointer(&rows, db_rows_done);
		if (items->len == 0)
			return true;
		if (!read_reversals(open, items, error))
			return false;
		for (guint i = 0; i < items->len; i++) {
			const Item *item = g_ptr_array_index(items, i);

			at = item->charge.charge.id;
			if (!fn(open, item, error))
				return false;
		}
		if (items->len < PAGE)
			return true;
	}
}

static StatementLine
line_of(const Item *item, const SalePart *part, const char *kind)
{
	char month[DAY_CHARS];

	month_text(part->month, month);
	return (StatementLine){
		.line = g_strdup_printf(
		    "%" G_GINT64_FORMAT "-%.4s%s", part->event_id, month, month + 5),
		.kind = kind,
		.event_id = part->event_id,
		.month = part->month,
		.order_number = g_strdup(item->order_number),
		.order_line = g_strdup(item->order_line),
		.sku = g_strdup(item->sku),
		.product = g_strdup(item->product),
		.customer = item->holder_id != 0
				? g_strdup_printf("K%" G_GINT64_FORMAT, item->holder_id)
				: g_strdup(""),
		.quantity = item->quantity,
		.first_day = part->first_day,
		.last_day = part->last_day,
		.days = part->days,
		.period_days = part->period_days,
		.price = item->charge.charge.price,
		.amount = part->amount,
	};
}

static const char *
kind_of(const Item *item, const SalePart *part)
{
	if (part->back)
		return "credit";
	return item->charge.charge.kind == SALE_RENEWED ? "renewed" : "sold";
}

static bool
lines_of_month(Open *open, const Item *item, GError **error)
{
	g_array_set_size(open->parts, 0);
	if (!sale_cut(&item->charge, open->month, open->parts, error))
		return false;
	for (guint i = 0; i < open->parts->len; i++) {
		const SalePart *part = &g_array_index(open->parts, SalePart, i);
		g_auto(StatementLine) line = line_of(item, part, kind_of(item, part));

		if (!open->fn(open->user, &line, error))
			return false;
	}
	return true;
}

/* ---- corrections ---- */

typedef struct Late {
	Open open;
	GArray *months; /* of Day: closed */
	int64_t known;  /* the newest event when the last one was closed */
} Late;

/* What one event should have come to in a closed month, against what it did. */
static bool
correct_event(Late *late, const Item *item, Day month, int64_t event_id, GError **error)
{
	SalePart part = {
		.event_id = event_id,
		.back = event_id != item->charge.charge.id,
		.month = month,
		.first_day = month,
		.last_day = day_month_last(month),
		.amount = item->charge.charge.price,
	};
	char text[DAY_CHARS];
	g_autoptr(DbRows) rows = NULL;
	g_auto(StatementLine) line = { 0 };
	const char *first_line;
	int64_t n;

	part.amount.minor = 0;
	for (guint i = 0; i < late->open.parts->len; i++) {
		const SalePart *one = &g_array_index(late->open.parts, SalePart, i);

		if (one->event_id == event_id)
			part = *one;
	}
	month_text(month, text);
	rows = db_query(
	    late->open.db, &FROZEN, DB_ARGS(v_int(event_id), v_text(text)), error);
	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	part.amount.minor -= db_col_int(rows, 0);
	part.days -= (int)db_col_int(rows, 1);
	n = db_col_int(rows, 2);
	first_line = db_col_text(rows, 3);
	if (part.amount.minor == 0)
		return true;
	line = line_of(item, &part, n > 0 ? "correction" : kind_of(item, &part));
	if (n > 0) {
		char *id = g_strdup_printf("%s+%" G_GINT64_FORMAT, line.line, n);

		g_free(line.line);
		line.line = id;
		line.corrects = g_strdup(first_line);
	}
	return late->open.fn(late->open.user, &line, error);
}

static bool
corrections_of(Open *open, const Item *item, GError **error)
{
	Late *late = (Late *)open;
	Day first;
	Day last;

	sale_months(&item->charge, &first, &last);
	for (guint i = 0; i < late->months->len; i++) {
		Day month = g_array_index(late->months, Day, i);

		if (day_cmp(month, first) < 0 || day_cmp(month, last) > 0)
			continue;
		g_array_set_size(open->parts, 0);
		if (!sale_cut(&item->charge, month, open->parts, error) ||
		    !correct_event(late, item, month, item->charge.charge.id, error))
			return false;
		for (guint r = 0;
		     item->charge.reversals != NULL && r < item->charge.reversals->len;
		     r++)
			if (!correct_event(late, item, month,
				g_array_index(item->charge.reversals, Sale, r).id, error))
				return false;
	}
	return true;
}

/* Fills the closed months, and what was known when the last of them was closed; it had
 * the corrections of before in it. */
static bool
read_closed(Late *late, bool closing, bool *ret_ours, GError **error)
{
	char text[DAY_CHARS];
	g_autoptr(DbRows) rows = NULL;
	Day after;
	int more;

	month_text(late->open.month, text);
	rows = db_query(late->open.db, &CLOSED,
	    DB_ARGS(v_int(late->open.party->id), v_text(text)), error);
	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Day month;

		if (!day_parse_month(db_col_text(rows, 0), &month, error))
			return false;
		g_array_append_val(late->months, month);
		late->known = db_col_int(rows, 1);
	}
	*ret_ours = false;
	if (more < 0 || late->months->len == 0)
		return more == 0;
	after = g_array_index(late->months, Day, late->months->len - 1);
	*ret_ours = closing ? day_cmp(late->open.month, after) > 0
			    : day_cmp(late->open.month, day_add_months(after, 1)) == 0;
	return true;
}

bool
statement_open_lines(Db *db, const StatementParty *party, Day month, bool closing,
    const char *language, StatementFn fn, void *user, GError **error)
{
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(SalePart));
	g_autoptr(GArray) months = g_array_new(FALSE, FALSE, sizeof(Day));
	Late late = {
		.open = { .db = db,
		    .party = party,
		    .month = month,
		    .language = party->language != NULL ? party->language : language,
		    .fn = fn,
		    .user = user,
		    .parts = parts },
		.months = months,
	};
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	const DbValue days[] = { v_text(day_format(month, first)),
		v_text(day_format(day_month_last(month), last)) };
	DbValue known;
	bool ours;

	if (!walk(
		&late.open, &CHARGES, days, G_N_ELEMENTS(days), lines_of_month, error) ||
	    !read_closed(&late, closing, &ours, error))
		return false;
	if (!ours)
		return true;
	known = v_int(late.known - (db_is_pgsql(db) ? LOOK_BACK : 0));
	return walk(&late.open, &LATE, &known, 1, corrections_of, error);
}
