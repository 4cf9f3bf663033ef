/*
 * test_report.c - what lists show, and that every format says the same.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/datev.h"
#include "fulfill/domain/report_out.h"
#include "fulfill/domain/sale.h"
#include "queue/clock.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_set_at(0);
	fix_shop_done(&shop);
	return 0;
}

static Day
day(const char *text)
{
	Day ret;

	assert_true(day_parse(text, &ret, NULL));
	return ret;
}

static void
run(const char *sql)
{
	g_autoptr(GError) error = NULL;

	if (!db_exec(shop.db, fix_stmt(sql), DB_NO_ARGS, NULL, &error))
		fail_msg("%s: %s", sql, error->message);
}

static bool
to_string(void *context, const void *data, size_t size, GError **error)
{
	(void)error;
	g_string_append_len(context, data, (gssize)size);
	return true;
}

static char *
make(ReportId id, const char *on, const char *party, ReportFormat format)
{
	GString *text = g_string_new("");
	g_autoptr(GError) error = NULL;
	ReportQuery query = { id, party, day(on), shop.zone, "de", NULL };
	ReportHead head = { id, on, party, "Europe/Berlin" };
	g_autoptr(ReportOut) out = report_out_new(&head, format, to_string, text);
	g_auto(StatementSums) sums = { 0 };

	if (!report_out_begin(out, &error) ||
	    !report_run(shop.db, &query, report_out_row, out, &sums, &error) ||
	    !report_out_end(out, &sums, &error))
		fail_msg("%s", error->message);
	return g_string_free(text, FALSE);
}

static int
count_lines(const char *text)
{
	int n = 0;

	for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	return n;
}

static void
sell(const char *number, const char *sku, int quantity)
{
	int64_t id;

	assert_string_equal(
	    fix_order(&shop, number, sku, quantity, "email", "customer", &id),
	    "accepted");
	assert_int_equal(fix_issue(&shop, id), quantity);
}

/* R12.6: a licence of 30 June, 22:30 UTC, is one of July in Berlin. */
static void
a_month_is_cut_in_the_zone_of_the_vendor(void **state)
{
	int64_t at;
	g_autofree char *june = NULL;
	g_autofree char *july = NULL;

	(void)state;
	assert_true(at_parse("2027-06-30T22:30:00Z", &at, NULL));
	clock_set_at(at);
	sell("A", "CAD-PRO", 1);
	june = make(REPORT_LICENCES, "2027-06-15", NULL, REPORT_AS_CSV);
	july = make(REPORT_LICENCES, "2027-07-15", NULL, REPORT_AS_CSV);
	assert_int_equal(count_lines(june), 1);
	assert_int_equal(count_lines(july), 2);
	assert_non_null(strstr(july, ",2027-07-01,full,CAD-PRO,"));
}

static void
a_list_shows_what_the_privacy_level_allows(void **state)
{
	static const struct {
		const char *level;
		const char *shown;
		const char *hidden;
	} rows[] = {
		{ "address", "Kaiserstr. 1, 76133 Karlsruhe, DE", NULL },
		{ "contact", "zoe@example.org", "Kaiserstr" },
		{ "company", "CAD-PRO", "Zoë" },
		{ "pseudonym", "CAD-PRO", "Zoë" },
	};

	(void)state;
	sell("A", "CAD-PRO", 1);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *sql = g_strdup_printf(
		    "UPDATE party SET privacy = '%s' WHERE code = 'R-100'",
		    rows[i].level);
		g_autofree char *csv = NULL;
		char today[DAY_CHARS];

		run(sql);
		csv = make(REPORT_LICENCES, day_format(day_today(shop.zone), today), NULL,
		    REPORT_AS_CSV);
		assert_non_null(strstr(csv, rows[i].shown));
		if (rows[i].hidden != NULL)
			assert_null(strstr(csv, rows[i].hidden));
	}
}

/* ---- R12.2: the key-date list ---- */

typedef struct KeyRow {
	const char *name;
	const char *also; /* SQL after a year from 2027-04-01 was sold */
	const char *on;
	int listed;
	const char *renews;
} KeyRow;

#define EVENT(kind, on, of)                                                              \
	"INSERT INTO sale_event (kind, licence_id, k, party_id, product_id, quantity, "  \
	"day, first_day, last_day, period_first_day, period_last_day, price_minor, "     \
	"amount_minor, currency, of_event, at) SELECT '" kind                            \
	"', licence_id, 1, party_id, product_id, 1, '" on                                \
	"', first_day, last_day, period_first_day, period_last_day, price_minor, 0, "    \
	"currency, " of ", 1 FROM sale_event WHERE kind = 'sold'"

/* clang-format off */
static const KeyRow key_rows[] = {
	{ "R12.2: the first day counts", NULL, "2027-04-01", 1, "yes" },
	{ "R12.2: the last day counts", NULL, "2028-03-31", 1, "yes" },
	{ "R12.2: the day before does not", NULL, "2027-03-31", 0, NULL },
	{ "R12.2: the day after does not", NULL, "2028-04-01", 0, NULL },
	{ "R12.2: reversed on the day is out", EVENT("reversed", "2027-06-10", "id"), "2027-06-10", 0, NULL },
	{ "R12.2: the day before the reversal it was in", EVENT("reversed", "2027-06-10", "id"), "2027-06-09", 1, "yes" },
	{ "R12.2: cancelled but running is in, and says so", EVENT("cancelled", "2027-06-10", "NULL"), "2027-07-01", 1, "no" },
	{ "R12.2: before the notice it renewed", EVENT("cancelled", "2027-06-10", "NULL"), "2027-06-09", 1, "yes" },
};
/* clang-format on */

static void
key_row_test(void **state)
{
	const KeyRow *row = *state;
	g_autofree char *csv = NULL;
	int64_t at;

	setup(NULL);
	assert_true(at_parse("2027-04-01T08:00:00Z", &at, NULL));
	clock_set_at(at);
	sell("A", "CAD-SUB", 1);
	sell("B", "CAD-DEMO", 1); /* demos are not on this list */
	run("DELETE FROM sale_event WHERE k = 0");
	if (row->also != NULL)
		run(row->also);
	csv = make(REPORT_SUBSCRIPTIONS, row->on, NULL, REPORT_AS_CSV);
	assert_int_equal(count_lines(csv), 1 + row->listed);
	if (row->renews != NULL) {
		g_autofree char *mark =
		    g_strdup_printf(",2027-04-01,2028-03-31,%s,499.00,EUR", row->renews);

		assert_non_null(strstr(csv, mark));
	}
	teardown(NULL);
}

static void
no_cell_is_a_formula(void **state)
{
	g_autofree char *csv = NULL;
	char today[DAY_CHARS];

	(void)state;
	sell("A", "CAD-PRO", 1);
	run("UPDATE party SET name = '=HYPERLINK(\"http://x\")', company = '@SUM(1)' "
	    "WHERE kind = 'customer'");
	csv = make(REPORT_LICENCES, day_format(day_today(shop.zone), today), NULL,
	    REPORT_AS_CSV);
	assert_non_null(strstr(csv, "\"'=HYPERLINK(\"\"http://x\"\")\""));
	assert_non_null(strstr(csv, "\"'@SUM(1)\""));
	assert_null(strstr(csv, ",=HYPER"));
}

static void
every_format_has_the_same_rows(void **state)
{
	g_autofree char *csv = NULL;
	g_autofree char *json = NULL;
	g_autofree char *xml = NULL;
	g_autofree char *table = NULL;
	json_t *document;
	json_t *rows;
	int n = 0;

	(void)state;
	sell("A<&\">", "CAD-PRO", 3);
	sell("B", "CAD-SUB", 2);
	run("UPDATE sale_event SET day = '2027-04-01', first_day = '2027-04-01', "
	    "period_first_day = '2027-04-01', last_day = CASE WHEN last_day IS NULL THEN "
	    "NULL ELSE '2028-03-31' END, period_last_day = CASE WHEN period_last_day IS "
	    "NULL THEN NULL ELSE '2028-03-31' END");
	csv = make(REPORT_STATEMENT, "2027-04-10", "R-100", REPORT_AS_CSV);
	json = make(REPORT_STATEMENT, "2027-04-10", "R-100", REPORT_AS_JSON);
	xml = make(REPORT_STATEMENT, "2027-04-10", "R-100", REPORT_AS_XML);
	table = make(REPORT_STATEMENT, "2027-04-10", "R-100", REPORT_AS_TABLE);
	assert_int_equal(count_lines(csv), 6);
	assert_int_equal(count_lines(table), 7);
	document = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(document);
	rows = json_object_get(document, "rows");
	assert_int_equal(json_array_size(rows), 5);
	assert_int_equal(json_integer_value(json_object_get(document, "count")), 5);
	/* 3 x 1490.00 and 2 x 499.00 x 30/366 */
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(document, "sums"), 0), "amount")),
	    "4551.80");
	for (const char *p = xml; (p = strstr(p, "<row>")) != NULL; p++)
		n++;
	assert_int_equal(n, 5);
	assert_non_null(strstr(xml, "<order>A&lt;&amp;&quot;&gt;</order>"));
	assert_non_null(strstr(xml, "<sum currency=\"EUR\">4551.80</sum>"));
	json_decref(document);
}

static void
the_schema_names_every_key_of_every_row(void **state)
{
	(void)state;
	for (int id = 0; id < REPORTS; id++) {
		const Report *report = report_get((ReportId)id);
		json_t *schema = report_out_schema((ReportId)id);
		json_t *row;

		assert_non_null(schema);
		row = json_object_get(
		    json_object_get(
			json_object_get(json_object_get(schema, "properties"), "rows"),
			"items"),
		    "properties");
		assert_int_equal(json_object_size(row), report->n);
		for (int i = 0; i < report->n; i++)
			assert_non_null(json_object_get(row, report->columns[i].key));
		assert_int_equal(schema->refcount, 1);
		json_decref(schema);
	}
}

/* ---- DATEV ---- */

static char *
datev(const DatevConfig *config, GError **error)
{
	g_autoptr(Datev) batch =
	    datev_new(config, day("2027-04-10"), "RE-2027/04", error);
	ReportQuery query = { REPORT_STATEMENT, "R-100", day("2027-04-10"), shop.zone,
		"de", NULL };
	g_autoptr(GString) text = g_string_new("");
	int64_t at;

	assert_true(at_parse("2027-05-03T10:20:30.456Z", &at, NULL));
	if (batch == NULL ||
	    !report_run(shop.db, &query, datev_row, batch, NULL, error) ||
	    !datev_write(batch, at, text, error))
		return NULL;
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
a_datev_batch_has_positive_amounts_and_sides(void **state)
{
	DatevConfig config = { 29098, 55003, 1, 4, "8400", NULL,
		"R-100=10001, R-200=10002" };
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	int semicolons = 0;

	(void)state;
	sell("A", "CAD-PRO", 2);
	run("UPDATE sale_event SET day = '2027-04-01', first_day = '2027-04-01', "
	    "period_first_day = '2027-04-01'");
	run("INSERT INTO sale_event (kind, licence_id, k, party_id, product_id, "
	    "quantity, "
	    "day, first_day, period_first_day, price_minor, amount_minor, currency, "
	    "credit_mode, of_event, at) SELECT 'reversed', licence_id, 0, party_id, "
	    "product_id, 1, '2027-04-20', first_day, period_first_day, price_minor, "
	    "-price_minor, currency, 'full', id, 1 FROM sale_event WHERE id = 1");
	text = datev(&config, &error);
	assert_no_error(error);
	lines = g_strsplit(text, "\r\n", -1);
	assert_int_equal(g_strv_length(lines), 5);
	assert_string_equal(lines[0],
	    "\"EXTF\";700;21;\"Buchungsstapel\";13;20270503102030456;;\"RE\";\"\";\"\";"
	    "29098;55003;20270101;4;20270401;20270430;\"Lizenzen "
	    "2027-04\";\"\";1;0;0;\"EUR\";;\"\";;;\"\";;;\"\";\"\"");
	assert_true(g_str_has_prefix(lines[2],
	    "2980,00;\"S\";\"EUR\";;;;10001;8400;;3004;\"RE-2027/04\";;;\"Lizenzen "
	    "2027-04 R-100 CAD-PRO\";"));
	assert_true(g_str_has_prefix(lines[3], "1490,00;\"H\";\"EUR\";;;;10001;8400;"));
	for (int i = 1; i < 4; i++) {
		semicolons = 0;
		for (const char *p = lines[i]; *p != '\0'; p++)
			semicolons += *p == ';';
		assert_int_equal(semicolons, 124);
	}
	/* CP1252: "Schlüssel" with one byte. */
	assert_non_null(strstr(lines[1], "BU-Schl\xFCssel"));
}

static void
a_datev_batch_says_what_is_missing(void **state)
{
	static const struct {
		DatevConfig config;
		const char *says;
	} rows[] = {
		{ { 0, 1, 1, 4, "8400", NULL, "" }, "consultant" },
		{ { 2000, 0, 1, 4, "8400", NULL, "" }, "client" },
		{ { 2000, 1, 13, 4, "8400", NULL, "" }, "year_begins" },
		{ { 2000, 1, 1, 9, "8400", NULL, "" }, "account_length" },
		{ { 2000, 1, 1, 4, "840", NULL, "" }, "revenue" },
		{ { 2000, 1, 1, 4, "8400", "x", "" }, "tax_key" },
		{ { 2000, 1, 1, 4, "8400", NULL, "R-100=1000" }, "debtors" },
		{ { 2000, 1, 1, 4, "8400", NULL, "R-200=10002" }, "R-100" },
	};

	(void)state;
	sell("A", "CAD-PRO", 1);
	run("UPDATE sale_event SET day = '2027-04-01', first_day = '2027-04-01', "
	    "period_first_day = '2027-04-01'");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = datev(&rows[i].config, &error);

		assert_null(text);
		assert_error(error, TP_ERROR_CONFIG);
		assert_non_null(strstr(error->message, rows[i].says));
	}
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_month_is_cut_in_the_zone_of_the_vendor),
		T(a_list_shows_what_the_privacy_level_allows),
		T(no_cell_is_a_formula),
		T(every_format_has_the_same_rows),
		cmocka_unit_test(the_schema_names_every_key_of_every_row),
		T(a_datev_batch_has_positive_amounts_and_sides),
		T(a_datev_batch_says_what_is_missing),
	};

	return run_rows("the key-date list", key_rows, key_row_test) +
	       cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
