/*
 * test_intake_csv.c - orders as tables: columns, encodings, rows that belong together.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/intake.h"
#include "queue/limits.h"
#include "tests/fulfill/summary.h"

#define HEAD "order,source,party,line,product,quantity\n"
#define ROW(order, line, quantity) order ",shop,R-100," line ",P," quantity "\n"

static const IntakeHint no_hint;

static const struct csv_row {
	const char *name;
	const char *text;
	const char *wanted;
	const char *says;
} rows[] = {
	/* shapes */
	{ "one row", HEAD ROW("A", "1", "2"), "A: 1=P*2", NULL },
	{ "two orders of two rows",
	    HEAD ROW("A", "1", "1") ROW("A", "2", "2") ROW("B", "1", "3")
		ROW("B", "2", "4"),
	    "A: 1=P*1 2=P*2; B: 1=P*3 2=P*4", NULL },
	{ "semicolons", "order;source;party;line;product;quantity\nA;s;R;1;P;2\n",
	    "A: 1=P*2", NULL },
	{ "tabs", "order\tsource\tparty\tline\tproduct\tquantity\nA\ts\tR\t1\tP\t2\n",
	    "A: 1=P*2", NULL },
	{ "CR LF", "order,source,party,product,quantity\r\nA,s,R,P,2\r\n", "A: 1=P*2",
	    NULL },
	{ "no end of the last line, from a person",
	    "order,source,party,product,quantity\nA,s,R,P,2", "A: 1=P*2", NULL },
	{ "blank lines and rows of nothing",
	    "\n" HEAD "\n" ROW("A", "1", "2") ",,,,,\n\r\n" ROW("B", "1", "1"),
	    "A: 1=P*2; B: 1=P*1", NULL },
	{ "cells of nothing behind the last column", HEAD "A,s,R,1,P,2,,\n", "A: 1=P*2",
	    NULL },
	{ "blanks around",
	    " order , source,party,line,product , quantity\n A , s,R, 1,P , 2 \n",
	    "A: 1=P*2", NULL },
	{ "quotes", HEAD "\"A\",\"s\",\"R\",\"1\",\"P\"\"Q,R\",\"2\"\n", "A: 1=P\"Q,R*2",
	    NULL },
	{ "columns in any order", "quantity,product,order,party,source\n2,P,A,R,s\n",
	    "A: 1=P*2", NULL },
	{ "no line column: the position is the id",
	    "order,source,party,product,quantity\nA,s,R,P,2\nA,s,R,Q,1\n",
	    "A: 1=P*2 2=Q*1", NULL },
	{ "German titles",
	    "Auftrags-Nr.;Quelle;H\xc3\xa4ndler;Pos.;Artikel-Nr.;Menge;E-Mail;"
	    "Stra\xc3\x9f"
	    "e;PLZ;Ort;Land;Tage\nA;s;R;1;P;2;a@b.example;S 1;1;K;DE;30\n",
	    "A: 1=P*2(days=30)", NULL },
	{ "German titles in CP1252",
	    "Auftrag;Quelle;H\xe4ndler;Artikel;St\xfc"
	    "ck;Stra\xdf"
	    "e\nA;s;R;P;2;\n",
	    "A: 1=P*2", NULL },
	{ "options by name",
	    "order,source,party,product,quantity,options.days,options.mods\nA,s,R,P,2,-5,"
	    "b|a\n",
	    "A: 1=P*2(days=-5,mods=b+a)", NULL },
	{ "a trailer that is right", HEAD ROW("A", "1", "2") "#rows,1\n", "A: 1=P*2",
	    NULL },

	/* refused as a whole */
	{ "no header", "A,s,R,1,P,2\n", "E_FORMAT",
	    "no CSV header with columns of ours" },
	{ "a column that is none",
	    "order,source,party,product,quantity,prise\nA,s,R,P,2,7\n", "E_UNKNOWN_FIELD",
	    "line 1: column 6 'prise' is none of ours" },
	{ "a column without a title",
	    "order,source,party,product,quantity,\nA,s,R,P,2,7\n", "E_UNKNOWN_FIELD",
	    "column 6 ''" },
	{ "a column twice", "order,source,party,product,quantity,qty\nA,s,R,P,2,7\n",
	    "E_DUPLICATE_KEY", "columns 5 and 6 'qty'" },
	{ "an option twice",
	    "order,party,product,quantity,days,options.days\nA,R,P,2,7,8\n",
	    "E_DUPLICATE_KEY", "columns 5 and 6" },
	{ "an option that cannot be",
	    "order,party,product,quantity,options.Days!\nA,R,P,2,7\n", "E_UNKNOWN_FIELD",
	    "column 5" },
	{ "no column for the quantity", "order,party,product\nA,R,P\n", "E_MISSING_FIELD",
	    "'quantity'" },
	{ "nothing below the header", HEAD, "E_TORN", "line 1: there is no row" },
	{ "a quote without an end",
	    HEAD ROW("A", "1", "2") "B,s,R,1,\"P,2\n" ROW("C", "1", "1"), "E_TORN",
	    "line 3: a quoted field" },
	{ "a quote in the middle", HEAD "A,s,R,1,P\"Q,2\n", "E_FORMAT",
	    "line 2: a quote where none can stand" },
	{ "text behind a quote", HEAD "A,s,R,1,\"P\"x,2\n", "E_FORMAT", "line 2" },
	{ "a trailer that misses rows", HEAD ROW("A", "1", "2") "#rows,2\n", "E_TORN",
	    "line 3: the document says it has 2 rows, here are 1" },
	{ "a trailer without a number", HEAD ROW("A", "1", "2") "#rows,many\n",
	    "E_FORMAT", "line 3" },
	{ "a row behind the trailer",
	    HEAD ROW("A", "1", "2") "#rows,1\n" ROW("B", "1", "2"), "E_FORMAT",
	    "line 4: a row behind" },

	/* rows of an order */
	{ "rows that stand apart",
	    HEAD ROW("A", "1", "1") ROW("B", "1", "1") ROW("A", "2", "1")
		ROW("A", "3", "1"),
	    "A: 1=P*1 | E_ORDER_SPLIT order; B: 1=P*1",
	    "row 4: belongs to the order in row 2" },
	{ "one number from two sources is two orders", HEAD "A,s,R,1,P,1\nA,t,R,1,P,2\n",
	    "A: 1=P*1; A: 1=P*2", NULL },
	{ "rows that disagree", HEAD "A,s,R-1,1,P,1\nA,s,R-2,2,P,2\n",
	    "A: 1=P*1 2=P*2 | E_ROW_DIFFERS party",
	    "row 3: column 'party' is 'R-2', and not so in row 2" },
	{ "a row that leaves out what was said", HEAD "A,s,R,1,P,1\nA,,,2,P,2\n",
	    "A: 1=P*1 2=P*2", NULL },
	{ "a row that is short", HEAD "A,s,R,1,P,1\nA,s,R\n" ROW("B", "1", "1"),
	    "A: 1=P*1 2=?*0 | E_FORMAT | E_MISSING_FIELD 2.product | E_MISSING_FIELD "
	    "2.quantity; B: 1=P*1",
	    "row 3: the row has 3 cells, the header 6" },
	{ "a row that is long", HEAD "A,s,R,1,P,1,7\n", "A: 1=P*1 | E_FORMAT",
	    "the row has 7 cells" },
	{ "a line twice", HEAD ROW("A", "1", "1") ROW("A", "1", "1"),
	    "A: 1=P*1 1=P*1 | E_LINE_TWICE 1.line", "row 3" },
	{ "rows without a number belong to none", HEAD ",s,R,1,P,1\n,s,R,2,P,1\n",
	    "?: 1=P*1 | E_MISSING_FIELD order; ?: 2=P*1 | E_MISSING_FIELD order", NULL },

	/* values */
	{ "quantity 2.5", HEAD ROW("A", "1", "2.5"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    "row 2: quantity '2.5'" },
	{ "quantity 2,5", "order;source;party;product;quantity\nA;s;R;P;2,5\n",
	    "A: 1=P*0 | E_QUANTITY 1.quantity", NULL },
	{ "quantity 1e9", HEAD ROW("A", "1", "1e9"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    NULL },
	{ "quantity 0x10", HEAD ROW("A", "1", "0x10"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    NULL },
	{ "quantity +3", HEAD ROW("A", "1", "+3"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    NULL },
	{ "quantity -1", HEAD ROW("A", "1", "-1"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    NULL },
	{ "quantity 0", HEAD ROW("A", "1", "0"), "A: 1=P*0 | E_QUANTITY 1.quantity",
	    NULL },
	{ "quantity 1000000000", HEAD ROW("A", "1", "1000000000"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", NULL },
	{ "no quantity", HEAD ROW("A", "1", ""), "A: 1=P*0 | E_MISSING_FIELD 1.quantity",
	    NULL },
	{ "a line break in a cell",
	    "order,source,party,product,quantity,name,email\nA,s,R,P,1,\"Ada\nB\",a@b."
	    "example\nB,s,R,P,0,,\n",
	    "A: 1=P*1 | E_CHARACTER customer.name; B: 1=P*0 | E_QUANTITY 1.quantity",
	    "row 2" },
	{ "CR LF in a mail address",
	    "order,source,party,product,quantity,email\nA,s,R,P,1,\"a@b.example\r\nBcc: "
	    "c@d.example\"\n",
	    "A: 1=P*1 | E_EMAIL customer.email", NULL },
	{ "a tab in a name", "order,source,party,product,quantity,name\nA,s,R,P,1,A\tB\n",
	    "A: 1=P*1 | E_CHARACTER customer.name", NULL },
	{ "a formula is a name",
	    "order,source,party,product,quantity,name,company\nA,s,R,P,1,=cmd|' /C "
	    "calc'!A0,@SUM(1)\n",
	    "A: 1=P*1", NULL },

	/* encodings */
	{ "a byte order mark", "\xef\xbb\xbf" HEAD ROW("A", "1", "1"), "A: 1=P*1", NULL },
	{ "a byte order mark and no UTF-8", "\xef\xbb\xbf" HEAD ROW("\xc4", "1", "1"),
	    "E_ENCODING", "line 2 byte 1: 0xC4 is not UTF-8" },
	{ "a byte that CP1252 does not have", HEAD ROW("\x81", "1", "1"), "E_ENCODING",
	    "line 2 byte 1: 0x81 is neither UTF-8 nor CP1252" },
	{ "a mixture",
	    HEAD ROW("\xc3\xa4\xc3\xb6\xc3\xbc", "1", "1") ROW("\xe4", "1", "1"),
	    "E_ENCODING", "line 3 byte 1: 0xE4 in a text that else is UTF-8" },
};

static void
csv_row_test(void **state)
{
	const struct csv_row *row = *state;
	g_autofree char *text = NULL;
	g_autofree char *got = summary_of(row->text, strlen(row->text), &no_hint, &text);

	if (strcmp(got, row->wanted) != 0)
		fail_msg("got    %s\nwanted %s\n(%s)", got, row->wanted, text);
	if (row->says != NULL && (text == NULL || strstr(text, row->says) == NULL))
		fail_msg("'%s' does not say '%s'", text, row->says);
}

static OrderDraft *
first(const char *text, size_t size, const IntakeHint *hint)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document = intake_read_bytes(text, size, hint, &error);

	if (document == NULL)
		fail_msg("%s", error->message);
	assert_int_equal(document->format, INTAKE_CSV);
	g_ptr_array_set_free_func(document->orders, NULL);
	return g_ptr_array_index(document->orders, 0);
}

static const char json[] =
    "{\"order\":\"WEB-1\",\"source\":\"shop\",\"party\":\"R-300\",\"customer\":{\"id\":"
    "\"K-1\",\"name\":"
    "\"Jana K\xc3\xb6tter\",\"company\":\"K\xc3\xb6tter & S\xc3\xb6hne "
    "\xe2\x82\xac\",\"email\":\"jana@koetter.example\","
    "\"language\":\"de\",\"address\":{\"lines\":[\"Sophienstra\xc3\x9f"
    "e 91\",\"Hof\"],\"postcode\":\"76135\",\"city\":"
    "\"Karlsruhe\",\"country\":\"DE\"}},\"deliver\":{\"by\":\"email\",\"to\":"
    "\"customer\"},\"lines\":["
    "{\"line\":\"1\",\"product\":\"CAD-PRO\",\"quantity\":1},"
    "{\"line\":\"2\",\"product\":\"CAD-DEMO\",\"quantity\":2,\"options\":{\"days\":45}}]"
    "}";

#define TABLE                                                                            \
	"order;source;party;customer;name;company;email;street;street2;postcode;city;"   \
	"country;language;deliver_by;deliver_to;line;product;quantity;days\r\n"          \
	"WEB-1;shop;R-300;K-1;Jana K\xf6tter;K\xf6tter & S\xf6hne \x80;"                 \
	"jana@koetter.example;Sophienstra\xdf"                                           \
	"e 91;Hof;76135;Karlsruhe;DE;de;email;"                                          \
	"customer;1;CAD-PRO;1;\r\n"                                                      \
	"WEB-1;shop;R-300;K-1;Jana K\xf6tter;K\xf6tter & S\xf6hne \x80;"                 \
	"jana@koetter.example;Sophienstra\xdf"                                           \
	"e 91;Hof;76135;Karlsruhe;DE;de;email;"                                          \
	"customer;2;CAD-DEMO;2;45\r\n"

/* An order that comes once as a table in CP1252 and once as JSON is one order. */
static void
a_table_and_json_of_one_order_have_one_hash(void **state)
{
	g_autoptr(OrderDraft) a = first(TABLE, strlen(TABLE), &no_hint);
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(json, strlen(json), &no_hint, NULL);
	uint8_t x[HASH_BYTES];
	uint8_t y[HASH_BYTES];

	(void)state;
	assert_int_equal(a->errors->len, 0);
	assert_string_equal(a->place, "rows 2 to 3");
	assert_string_equal(
	    a->customer.company, "K\xc3\xb6tter & S\xc3\xb6hne \xe2\x82\xac");
	assert_non_null(document);
	order_draft_hash(a, x);
	order_draft_hash(g_ptr_array_index(document->orders, 0), y);
	assert_memory_equal(x, y, HASH_BYTES);
}

/* R22: from a drop folder, no prefix of a table is taken for a smaller table, but where a
 * row ends: only a trailer helps against that. */
static void
a_cut_table_from_a_drop_folder_is_torn(void **state)
{
	IntakeHint hint = { .may_be_cut = true };
	size_t size = strlen(TABLE);
	int taken = 0;

	(void)state;
	for (size_t n = 0; n <= size; n++) {
		g_autofree char *got = summary_of(TABLE, n, &hint, NULL);

		if (g_str_has_prefix(got, "E_"))
			continue;
		assert_int_equal(TABLE[n - 1], '\n');
		taken++;
	}
	assert_int_equal(taken, 2);
}

static void
a_trailer_makes_every_cut_visible(void **state)
{
	static const char text[] = HEAD ROW("A", "1", "1") ROW("A", "2", "2") "#rows,2\n";
	IntakeHint hint = { .may_be_cut = true };
	int taken = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		g_autofree char *got = summary_of(text, n, &hint, NULL);

		if (g_str_has_prefix(got, "E_"))
			continue;
		/* Cut exactly behind a row it is a table like others; its sender would
		 * have to want trailers always for us to miss one. */
		if (n < sizeof(text) - 2)
			assert_int_equal(text[n - 1], '\n');
		taken++;
	}
	assert_int_equal(taken, 4); /* behind row 1, behind row 2, "#rows,2", all */
}

static void
a_runaway_quote_is_stopped_early(void **state)
{
	g_autoptr(GString) text = g_string_new(HEAD "A,s,R,1,\"");
	g_autofree char *why = NULL;
	g_autofree char *got = NULL;

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append(text, "0123456789\n");
	got = summary_of(text->str, text->len, &no_hint, &why);
	assert_string_equal(got, "E_LIMIT");
	assert_non_null(strstr(why, "line 2: a field that begins here"));
}

static void
ten_thousand_rows_are_ten_thousand_orders(void **state)
{
	g_autoptr(GString) text = g_string_new("order;party;product;quantity;email\n");
	IntakeHint hint = { .source = "shop" };
	g_autoptr(IntakeDocument) document = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(text, "W-%d;R;P;1;a%d@b.example\n", i, i);
	document = intake_read_bytes(text->str, text->len, &hint, &error);
	assert_no_error(error);
	assert_int_equal(document->orders->len, 10000);
	for (guint i = 0; i < document->orders->len; i++) {
		const OrderDraft *draft = g_ptr_array_index(document->orders, i);
		g_autofree char *place = g_strdup_printf("row %u", i + 2);

		assert_int_equal(draft->errors->len, 0);
		assert_string_equal(draft->place, place);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_and_json_of_one_order_have_one_hash),
		cmocka_unit_test(a_cut_table_from_a_drop_folder_is_torn),
		cmocka_unit_test(a_trailer_makes_every_cut_visible),
		cmocka_unit_test(a_runaway_quote_is_stopped_early),
		cmocka_unit_test(ten_thousand_rows_are_ten_thousand_orders),
	};
	int failed = cmocka_run_group_tests_name("CSV orders", tests, NULL, NULL);

	return failed + run_rows("CSV", rows, csv_row_test);
}
