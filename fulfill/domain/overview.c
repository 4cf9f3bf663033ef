/*
 * overview.c - one statement a row, asked for each month.
 */
#include "fulfill/domain/overview.h"

static const struct {
	const char *de, *en, *note_de, *note_en;
} texts[OVERVIEW_ROWS] = {
#define ROW(id, de, en, note_de, note_en) { de, en, note_de, note_en },
#include "fulfill/domain/overview.def"
#undef ROW
};

/* $1, $2: begin and end of the month, as times. */
#define CREATED(kind)                                                                    \
	"SELECT count(*) FROM licence l JOIN product p ON p.id = l.product_id WHERE "    \
	"l.created_at >= $1 AND l.created_at < $2 AND p.kind = '" kind                   \
	"' /* scan: once a month */"
/* $1, $2: its first and last day. */
#define EVENTS(kinds)                                                                    \
	"SELECT count(*) FROM sale_event WHERE day >= $1 AND day <= $2 AND kind IN "     \
	"(" kinds ")"

static const struct {
	bool by_day;
	Stmt stmt;
} rows[OVERVIEW_ROWS] = {
	[OVERVIEW_FULL] = { false, { .name = "overview.full", .sql = CREATED("full") } },
	[OVERVIEW_SUBSCRIPTION] = { false,
	    { .name = "overview.subscription", .sql = CREATED("subscription") } },
	[OVERVIEW_DEMO] = { false, { .name = "overview.demo", .sql = CREATED("demo") } },
	[OVERVIEW_NFR] = { true,
	    { .name = "overview.nfr",
		.sql =
		    "SELECT count(*) FROM licence l JOIN product p ON p.id = "
		    "l.product_id LEFT JOIN ticket t ON t.licence_id = l.id WHERE "
		    "p.kind = 'nfr' AND $1 <> '' AND l.first_day <= $2 AND (l.last_day "
		    "IS NULL OR l.last_day >= $2) AND (t.state IS NULL OR t.state NOT "
		    "IN ('recalled', 'recall_pending')) /* scan: once a month */" } },
	[OVERVIEW_RENEWED] = { true,
	    { .name = "overview.renewed", .sql = EVENTS("'renewed'") } },
	[OVERVIEW_CANCELLED] = { true,
	    { .name = "overview.cancelled", .sql = EVENTS("'cancelled'") } },
	[OVERVIEW_REVERSED] = { true,
	    { .name = "overview.reversed", .sql = EVENTS("'reversed', 'exchanged'") } },
	[OVERVIEW_BOUNCED] = { false,
	    { .name = "overview.bounced",
		.sql = "SELECT count(*) FROM delivery WHERE state IN ('bounced', "
		       "'returned') AND changed_at >= $1 AND changed_at < $2 /* scan: "
		       "once a month */" } },
};

static bool
german(const char *language)
{
	return g_strcmp0(language, "de") == 0;
}

const char *
overview_title(OverviewRow row, const char *language)
{
	return german(language) ? texts[row].de : texts[row].en;
}

const char *
overview_note(OverviewRow row, const char *language)
{
	return german(language) ? texts[row].note_de : texts[row].note_en;
}

bool
overview_read(Db *db, Day month, GTimeZone *zone, Overview *ret, GError **error)
{
	Day newest = day_month_first(month);

	for (int m = 0; m < OVERVIEW_MONTHS_BACK; m++) {
		Day first = day_add_months(newest, m - OVERVIEW_MONTHS_BACK + 1);
		Day last = day_month_last(first);
		char a[DAY_CHARS];
		char b[DAY_CHARS];
		DbValue days[] = { v_text(day_format(first, a)),
			v_text(day_format(last, b)) };
		DbValue times[] = { v_int(day_start_at(first, zone)),
			v_int(day_end_at(last, zone)) };

		for (int r = 0; r < OVERVIEW_ROWS; r++)
			if (db_find_int(db, &rows[r].stmt, rows[r].by_day ? days : times,
				2, &ret->values[r][m], error) != 1)
				return false;
	}
	return true;
}
