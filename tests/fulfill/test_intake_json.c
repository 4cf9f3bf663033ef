/*
 * test_intake_json.c - native orders as JSON: what is read, what is refused and where.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/intake.h"
#include "queue/limits.h"
#include "tests/fulfill/summary.h"

static const IntakeHint no_hint;

/* An order around one line, and around one customer. */
#define LINE(line)                                                                       \
	"{\"order\":\"A\",\"source\":\"erp\",\"party\":\"R-100\",\"lines\":[" line "]}"
#define ORDER(more)                                                                      \
	"{\"order\":\"A\",\"source\":\"erp\",\"party\":\"R-100\"," more                  \
	"\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"quantity\":1}]}"
#define GOOD ORDER("")

static const struct json_row {
	const char *name;
	const char *text;
	const char *wanted;
	const char *says; /* part of the first error's text; NULL: no matter */
} rows[] = {
	/* shapes */
	{ "one object", GOOD, "A: 1=P*1", NULL },
	{ "an array", "[" GOOD ",\n" GOOD "]", "A: 1=P*1; A: 1=P*1", NULL },
	{ "one a line", GOOD "\n" GOOD "\r\n\n" GOOD, "A: 1=P*1; A: 1=P*1; A: 1=P*1",
	    NULL },
	{ "with a byte order mark", "\xef\xbb\xbf" GOOD, "A: 1=P*1", NULL },
	{ "over several lines",
	    "\n{\n \"order\": \"A\", \"source\": \"erp\", \"party\": \"R\",\n "
	    "\"lines\":\n [\n{\"product\":\"P\",\"quantity\":2}\n]\n}\n",
	    "A: 1=P*2", NULL },
	{ "two on one line", GOOD GOOD, "E_FORMAT",
	    "line 1: something stands behind an order" },
	{ "an empty list", " [ ] ", "E_FORMAT", "empty" },
	{ "a list within a list", "[[" GOOD "]]", "E_FORMAT",
	    "line 1: no order where one belongs" },
	{ "a number in the list", "[" GOOD ",7]", "E_FORMAT", "no order" },
	{ "no comma", "[" GOOD GOOD "]", "E_FORMAT", "',' or ']' is missing" },
	{ "a comma at the end", "[" GOOD ",\n]", "E_FORMAT", "line 2" },
	{ "something behind the list", "[" GOOD "] x", "E_FORMAT", "behind the list" },
	{ "a comment", "{\"order\":\"A\", /* */ }", "E_FORMAT", "line 1 column" },
	{ "single quotes", "{'order':'A'}", "E_FORMAT", "line 1 column 2" },

	/* torn */
	{ "cut in a text", "{\"order\":\"A", "E_TORN", "line 1 column" },
	{ "cut in the third line", GOOD "\n" GOOD "\n{\"order\":", "E_TORN",
	    "line 3 column" },
	{ "cut between two of a list", "[" GOOD ",", "E_TORN", "line 1" },
	{ "cut before the list ends", "[" GOOD "\n", "E_TORN",
	    "line 2: the list of orders has no end" },

	/* keys */
	{ "a key twice", "{\"order\":\"A\",\n \"order\":\"B\"}", "E_DUPLICATE_KEY",
	    "line 2 column 8: the key 'order' stands twice" },
	{ "a key twice in a line", LINE("{\"quantity\":1,\"quantity\":2}"),
	    "E_DUPLICATE_KEY", "'quantity'" },
	{ "an unknown key", ORDER("\"prise\":1,"), "A: 1=P*1 | E_UNKNOWN_FIELD prise",
	    "no field 'prise'" },
	{ "an unknown key of the customer",
	    ORDER("\"customer\":{\"id\":\"C\",\"adress\":{}},"),
	    "A: 1=P*1 | E_UNKNOWN_FIELD customer.adress", NULL },
	{ "an unknown key of the address",
	    ORDER("\"customer\":{\"id\":\"C\",\"address\":{\"zip\":\"1\"}},"),
	    "A: 1=P*1 | E_UNKNOWN_FIELD customer.address.zip", NULL },
	{ "an unknown key of a line",
	    LINE("{\"line\":\"7\",\"product\":\"P\",\"quantity\":1,\"price\":1}"),
	    "A: 7=P*1 | E_UNKNOWN_FIELD 7.price",
	    "lines[0]: an order has no field 'price'" },
	{ "the path in a list of orders", "[" GOOD "," ORDER("\"x\":1,") "]",
	    "A: 1=P*1; A: 1=P*1 | E_UNKNOWN_FIELD x", "[1]: an order has no field 'x'" },
	{ "the line in JSON Lines", GOOD "\n" LINE("{\"product\":\"P\",\"quantity\":0}"),
	    "A: 1=P*1; A: 1=P*0 | E_QUANTITY 1.quantity",
	    "line 2, lines[0]: quantity '0' is not a whole number from 1 to 10000" },
	{ "a key with an escape for the terminal", ORDER("\"\\u001b[2J\":1,"),
	    "A: 1=P*1 | E_UNKNOWN_FIELD ?[2J", NULL },

	/* quantities */
	{ "quantity 10000", LINE("{\"product\":\"P\",\"quantity\":10000}"),
	    "A: 1=P*10000", NULL },
	{ "quantity 10001", LINE("{\"product\":\"P\",\"quantity\":10001}"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", NULL },
	{ "quantity -1", LINE("{\"product\":\"P\",\"quantity\":-1}"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", "'-1'" },
	{ "quantity 1e9", LINE("{\"product\":\"P\",\"quantity\":1e9}"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", "1000000000" },
	{ "quantity 2.5", LINE("{\"product\":\"P\",\"quantity\":2.5}"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", "2.5" },
	{ "quantity 2.0", LINE("{\"product\":\"P\",\"quantity\":2.0}"),
	    "A: 1=P*0 | E_QUANTITY 1.quantity", NULL },
	{ "quantity as a text", LINE("{\"product\":\"P\",\"quantity\":\"2\"}"),
	    "A: 1=P*0 | E_TYPE 1.quantity", "a text instead of a whole number" },
	{ "quantity true", LINE("{\"product\":\"P\",\"quantity\":true}"),
	    "A: 1=P*0 | E_TYPE 1.quantity", NULL },
	{ "quantity of 20 digits",
	    LINE("{\"product\":\"P\",\"quantity\":99999999999999999999}"), "E_TYPE",
	    "a number is too large" },
	{ "no quantity", LINE("{\"product\":\"P\"}"),
	    "A: 1=P*0 | E_MISSING_FIELD 1.quantity", NULL },
	{ "three lines of 10000 are too many tickets",
	    LINE("{\"product\":\"P\",\"quantity\":10000},{\"product\":\"P\",\"quantity\":"
		 "10000},{\"product\":\"P\",\"quantity\":1}"),
	    "A: 1=P*10000 2=P*10000 3=P*1 | E_LIMIT lines", "20001 tickets" },

	/* lines */
	{ "no lines", "{\"order\":\"A\",\"source\":\"erp\",\"party\":\"R\"}",
	    "A: | E_MISSING_FIELD lines", NULL },
	{ "empty lines", LINE(""), "A: | E_MISSING_FIELD lines", NULL },
	{ "lines that are none", LINE("7"), "A: | E_TYPE lines | E_MISSING_FIELD lines",
	    NULL },
	{ "a line id twice",
	    LINE("{\"line\":\"1\",\"product\":\"P\",\"quantity\":1},{\"line\":\"1\","
		 "\"product\":\"Q\",\"quantity\":1}"),
	    "A: 1=P*1 1=Q*1 | E_LINE_TWICE 1.line", NULL },
	{ "a line id as a number is the same id",
	    LINE("{\"line\":1,\"product\":\"P\",\"quantity\":1},{\"line\":\"1\","
		 "\"product\":\"Q\",\"quantity\":1}"),
	    "A: 1=P*1 1=Q*1 | E_LINE_TWICE 1.line", NULL },
	{ "a position that another line has for an id",
	    LINE("{\"line\":\"2\",\"product\":\"P\",\"quantity\":1},{\"product\":\"Q\","
		 "\"quantity\":1}"),
	    "A: 2=P*1 2=Q*1 | E_LINE_TWICE 2.line", NULL },
	{ "the id comes last and still names the line",
	    LINE("{\"quantity\":0,\"product\":\"P\",\"line\":\"9\"}"),
	    "A: 9=P*0 | E_QUANTITY 9.quantity", NULL },
	{ "no product", LINE("{\"quantity\":1}"), "A: 1=?*1 | E_MISSING_FIELD 1.product",
	    NULL },
	{ "a product of another type", LINE("{\"product\":4711,\"quantity\":1}"),
	    "A: 1=?*1 | E_TYPE 1.product", NULL },
	{ "all errors at once",
	    LINE("{\"product\":\"\",\"quantity\":0,\"x\":1},{\"product\":\"P\","
		 "\"quantity\":1}"),
	    "A: 1=?*0 2=P*1 | E_QUANTITY 1.quantity | E_UNKNOWN_FIELD 1.x | "
	    "E_MISSING_FIELD 1.product",
	    NULL },

	/* options */
	{ "options",
	    LINE("{\"product\":\"P\",\"quantity\":1,\"options\":{\"mods\":[\"b\",\"a\"],"
		 "\"days\":30,\"size\":\"xl\"}}"),
	    "A: 1=P*1(days=30,mods=b+a,size=xl)", NULL },
	{ "an option with a fraction",
	    LINE("{\"product\":\"P\",\"quantity\":1,\"options\":{\"days\":1.5}}"),
	    "A: 1=P*1 | E_TYPE 1.options.days", NULL },
	{ "an option name that is none",
	    LINE("{\"product\":\"P\",\"quantity\":1,\"options\":{\"Days!\":1}}"),
	    "A: 1=P*1 | E_OPTION_UNKNOWN 1.options.Days!", NULL },
	{ "a list with a number in it",
	    LINE("{\"product\":\"P\",\"quantity\":1,\"options\":{\"m\":[\"a\",1]}}"),
	    "A: 1=P*1 | E_TYPE 1.options.m", NULL },

	/* the order */
	{ "no number",
	    "{\"source\":\"erp\",\"party\":\"R\",\"lines\":[{\"product\":\"P\","
	    "\"quantity\":1}]}",
	    "?: 1=P*1 | E_MISSING_FIELD order", NULL },
	{ "a number as a number",
	    "{\"order\":12,\"source\":\"erp\",\"party\":\"R\",\"lines\":[{\"product\":"
	    "\"P\",\"quantity\":1}]}",
	    "?: 1=P*1 | E_TYPE order", "order is a number instead of a text" },
	{ "no source",
	    "{\"order\":\"A\",\"party\":\"R\",\"lines\":[{\"product\":\"P\",\"quantity\":"
	    "1}]}",
	    "A: 1=P*1 | E_MISSING_FIELD source", NULL },
	{ "no party",
	    "{\"order\":\"A\",\"source\":\"erp\",\"lines\":[{\"product\":\"P\","
	    "\"quantity\":1}]}",
	    "A: 1=P*1 | E_MISSING_FIELD party", NULL },
	{ "null is absent",
	    ORDER("\"ordered_on\":null,\"customer\":null,\"deliver\":{\"by\":null},"),
	    "A: 1=P*1", NULL },
	{ "a cancellation of everything",
	    "{\"order\":\"A\",\"source\":\"erp\",\"party\":\"R\",\"kind\":\"cancel\"}",
	    "A cancel:", NULL },
	{ "a cancellation of a line",
	    "{\"lines\":[{\"line\":\"2\"}],\"order\":\"A\",\"source\":\"erp\",\"party\":"
	    "\"R\",\"kind\":\"cancel\"}",
	    "A cancel: 2=?*0", NULL },
	{ "a change to none",
	    "{\"order\":\"A\",\"source\":\"erp\",\"party\":\"R\",\"kind\":\"change\","
	    "\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"quantity\":0}]}",
	    "A change: 1=P*0", NULL },
	{ "a kind that is none", ORDER("\"kind\":\"gift\","), "A: 1=P*1 | E_FORMAT kind",
	    NULL },

	/* days and languages */
	{ "a leap day", ORDER("\"ordered_on\":\"2028-02-29\","), "A: 1=P*1", NULL },
	{ "no leap day", ORDER("\"ordered_on\":\"2027-02-29\","),
	    "A: 1=P*1 | E_DATE ordered_on", "'2027-02-29'" },
	{ "a German day", ORDER("\"ordered_on\":\"24.11.2026\","),
	    "A: 1=P*1 | E_DATE ordered_on", NULL },
	{ "a day with an hour", ORDER("\"ordered_on\":\"2026-11-24T10:00:00Z\","),
	    "A: 1=P*1 | E_DATE ordered_on", NULL },
	{ "a language with a country",
	    ORDER("\"customer\":{\"id\":\"C\",\"language\":\"de-AT\"},"), "A: 1=P*1",
	    NULL },
	{ "a language without texts",
	    ORDER("\"customer\":{\"id\":\"C\",\"language\":\"fr\"},"),
	    "A: 1=P*1 | E_LANGUAGE customer.language", NULL },

	/* characters */
	{ "CR LF in a mail address",
	    ORDER("\"customer\":{\"email\":\"a@b.example\\r\\nBcc: x@y.example\"},"),
	    "A: 1=P*1 | E_EMAIL customer.email", NULL },
	{ "LF in a name", ORDER("\"customer\":{\"name\":\"A\\nB\"},"),
	    "A: 1=P*1 | E_CHARACTER customer.name", "U+000A" },
	{ "TAB in an order number", ORDER("\"reference\":\"A\\tB\","),
	    "A: 1=P*1 | E_CHARACTER reference", NULL },
	{ "NUL in a name", ORDER("\"customer\":{\"name\":\"A\\u0000B\"},"),
	    "A: 1=P*1 | E_CHARACTER customer.name", "NUL" },
	{ "NUL in a product", LINE("{\"product\":\"P\\u0000\",\"quantity\":1}"),
	    "A: 1=?*1 | E_CHARACTER 1.product", NULL },
	{ "NUL in a key", "{\"\\u0000\":1}", "E_CHARACTER", NULL },
	{ "a line separator", ORDER("\"customer\":{\"name\":\"A\\u2028B\"},"),
	    "A: 1=P*1 | E_CHARACTER customer.name", NULL },
	{ "a change of the writing direction",
	    ORDER("\"customer\":{\"name\":\"A\\u202eB\"},"),
	    "A: 1=P*1 | E_CHARACTER customer.name", "U+202E" },
	{ "a letter lost before", ORDER("\"customer\":{\"name\":\"M\\ufffdller\"},"),
	    "A: 1=P*1 | E_ENCODING customer.name", NULL },
	{ "an invisible character in a number",
	    "{\"order\":\"A\\u200b\",\"source\":\"erp\",\"party\":\"R\",\"lines\":[{"
	    "\"product\":\"P\",\"quantity\":1}]}",
	    "?: 1=P*1 | E_CHARACTER order", "U+200B" },
	{ "half a surrogate pair", ORDER("\"customer\":{\"name\":\"\\ud83d\"},"),
	    "E_FORMAT", NULL },
	{ "CP1252 in JSON", ORDER("\"customer\":{\"name\":\"M\xfcller\"},"), "E_ENCODING",
	    "0xFC is not UTF-8" },
	{ "a template in a name is a name",
	    ORDER("\"customer\":{\"name\":\"{{code}} {{> secrets}}\"},"), "A: 1=P*1",
	    NULL },

	/* addresses */
	{ "an address for a letter",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"lines\":[\"S "
		  "1\"],\"postcode\":\"76137\",\"city\":\"K\",\"country\":\"de\"}},"
		  "\"deliver\":{\"by\":\"post\"},"),
	    "A: 1=P*1", NULL },
	{ "a country without postcodes",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"lines\":[\"S "
		  "1\"],\"city\":\"Dubai\",\"country\":\"AE\"}},\"deliver\":{\"by\":"
		  "\"post\"},"),
	    "A: 1=P*1", NULL },
	{ "a letter without an address",
	    ORDER("\"customer\":{\"name\":\"N\"},\"deliver\":{\"by\":\"post\",\"to\":"
		  "\"customer\"},"),
	    "A: 1=P*1 | E_ADDRESS customer.address", "customer.address.lines" },
	{ "a customer on file may have one",
	    ORDER("\"customer\":{\"id\":\"C-1\"},\"deliver\":{\"by\":\"post\",\"to\":"
		  "\"customer\"},"),
	    "A: 1=P*1", NULL },
	{ "a letter without a city",
	    ORDER("\"customer\":{\"id\":\"C\",\"address\":{\"lines\":[\"S "
		  "1\"],\"country\":\"DE\"}},\"deliver\":{\"by\":\"post\"},"),
	    "A: 1=P*1 | E_ADDRESS customer.address", "city" },
	{ "lines set up by the sender",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"lines\":[\"1 Rue X\",\"BP "
		  "7\",\"75001 "
		  "PARIS\"],\"country\":\"FR\"}},\"deliver\":{\"by\":\"post\"},"),
	    "A: 1=P*1", NULL },
	{ "a country that is none",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"lines\":[\"S\"],\"city\":"
		  "\"K\",\"country\":\"Atlantis\"}},\"deliver\":{\"by\":\"post\"},"),
	    "A: 1=P*1 | E_ADDRESS customer.address.country", "'Atlantis'" },
	{ "a postcode as a number",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"postcode\":1067}},"),
	    "A: 1=P*1 | E_TYPE customer.address.postcode", NULL },
	{ "seven lines of address",
	    ORDER("\"customer\":{\"name\":\"N\",\"address\":{\"lines\":[\"1\",\"2\","
		  "\"3\",\"4\",\"5\",\"6\",\"7\"]}},"),
	    "A: 1=P*1 | E_LIMIT customer.address.lines", NULL },
	{ "the party's letter needs no customer",
	    ORDER("\"deliver\":{\"by\":\"post\",\"to\":\"party\"},"), "A: 1=P*1", NULL },
	{ "to a customer who is not there",
	    ORDER("\"deliver\":{\"by\":\"email\",\"to\":\"customer\"},"),
	    "A: 1=P*1 | E_CUSTOMER customer", NULL },
	{ "an address of nobody", ORDER("\"customer\":{\"address\":{\"city\":\"K\"}},"),
	    "A: 1=P*1 | E_CUSTOMER customer", NULL },
	{ "email without an address",
	    ORDER("\"customer\":{\"name\":\"N\"},\"deliver\":{\"by\":\"email\"},"),
	    "A: 1=P*1 | E_EMAIL customer.email", NULL },
	{ "an address that is none",
	    ORDER("\"customer\":{\"email\":\"a@@b\"},\"deliver\":{\"by\":\"email\"},"),
	    "A: 1=P*1 | E_EMAIL customer.email", NULL },
	{ "a channel that is none",
	    ORDER("\"deliver\":{\"by\":\"fax\",\"to\":\"moon\"},"),
	    "A: 1=P*1 | E_CHANNEL deliver.by | E_CHANNEL deliver.to", NULL },
	{ "a text where an object belongs",
	    ORDER("\"customer\":\"C-1\",\"deliver\":[1],"),
	    "A: 1=P*1 | E_TYPE customer | E_TYPE deliver", NULL },
};

static void
json_row_test(void **state)
{
	const struct json_row *row = *state;
	g_autofree char *text = NULL;
	g_autofree char *got = summary_of(row->text, strlen(row->text), &no_hint, &text);

	if (strcmp(got, row->wanted) != 0)
		fail_msg("got    %s\nwanted %s\n(%s)", got, row->wanted, text);
	if (row->says != NULL && (text == NULL || strstr(text, row->says) == NULL))
		fail_msg("'%s' does not say '%s'", text, row->says);
}

static OrderDraft *
only(const char *text, const IntakeHint *hint)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(text, strlen(text), hint, &error);

	if (document == NULL)
		fail_msg("%s", error->message);
	assert_int_equal(document->orders->len, 1);
	g_ptr_array_set_free_func(document->orders, NULL);
	return g_ptr_array_index(document->orders, 0);
}

static const char everything[] =
    "{ \"order\": \" SO-2026-000123 \", \"source\": \"erp\", \"party\": \"R-100\","
    " \"ordered_on\": \"2026-11-24\", \"reference\": \"PO 7/\xc3\xa4\","
    " \"customer\": { \"id\": \"C-77\", \"name\": \"Jo\xcc\x88rg\", \"company\": \"=1+1 "
    "GmbH\","
    "   \"email\": \"J@B\xc3\xbc"
    "cher.Example\", \"language\": \"EN\","
    "   \"address\": { \"lines\": [\"Hof 1\", \"\"], \"postcode\": \"76137\","
    "                 \"city\": \"Karlsruhe\", \"country\": \"de\" } },"
    " \"deliver\": { \"by\": \"email\", \"to\": \"customer\", \"email\": \"x@y.example\" "
    "},"
    " \"lines\": [ { \"line\": \"1\", \"product\": \"CAD-PRO\", \"quantity\": 3,"
    "             \"options\": { \"days\": 30, \"mods\": [\"cam\"] } },"
    "            { \"line\": \"2\", \"product\": \"CAD-LT\", \"quantity\": 1 } ] }";

static void
every_field_arrives_in_its_stored_spelling(void **state)
{
	g_autoptr(OrderDraft) d = only(everything, &no_hint);

	(void)state;
	assert_int_equal(d->errors->len, 0);
	assert_int_equal(d->kind, ORDER_NEW);
	assert_string_equal(d->number, "SO-2026-000123");
	assert_string_equal(d->source, "erp");
	assert_string_equal(d->party, "R-100");
	assert_string_equal(d->ordered_on, "2026-11-24");
	assert_string_equal(d->reference, "PO 7/\xc3\xa4");
	assert_true(d->has_customer);
	assert_string_equal(d->customer.id, "C-77");
	assert_string_equal(d->customer.name, "J\xc3\xb6rg"); /* NFC */
	assert_string_equal(d->customer.company, "=1+1 GmbH");
	assert_string_equal(d->customer.email, "J@xn--bcher-kva.example");
	assert_string_equal(d->customer.language, "en");
	assert_string_equal(d->customer.address.lines[0], "Hof 1");
	assert_null(d->customer.address.lines[1]);
	assert_string_equal(d->customer.address.postcode, "76137");
	assert_string_equal(d->customer.address.city, "Karlsruhe");
	assert_string_equal(d->customer.address.country, "DE");
	assert_int_equal(d->deliver_by, ORDER_BY_EMAIL);
	assert_int_equal(d->deliver_to, ORDER_TO_CUSTOMER);
	assert_string_equal(d->deliver_email, "x@y.example");
	assert_int_equal(d->lines->len, 2);
	assert_null(d->place);
}

/* The same order with its keys the other way round, in other spellings of the same, and
 * in a list. */
static const char rearranged[] =
    "[{\"lines\":[{\"quantity\":1,\"product\":\"CAD-LT\",\"line\":2},"
    "{\"options\":{\"mods\":[\"cam\"],\"days\":30},\"product\":\"CAD-PRO\",\"quantity\":"
    "3,\"line\":\"1\"}],"
    "\"deliver\":{\"email\":\"x@y.example\",\"to\":\"customer\",\"by\":\"email\"},"
    "\"customer\":{\"address\":{\"country\":\"DE\",\"city\":\"Karlsruhe "
    "\",\"postcode\":\"76137\",\"lines\":[\"Hof 1\"]},"
    "\"language\":\"en\",\"email\":\"J@xn--bcher-kva.example\",\"company\":\"=1+1 "
    "GmbH\",\"name\":\"J\xc3\xb6rg\",\"id\":\"C-77\"},"
    "\"reference\":\"PO "
    "7/"
    "\xc3\xa4\",\"ordered_on\":\"2026-11-24\",\"party\":\"R-100\",\"order\":\"SO-2026-"
    "000123\",\"kind\":\"order\"}]";

static void
the_same_order_arranged_anew_has_the_same_hash(void **state)
{
	IntakeHint hint = { .source = "erp" };
	g_autoptr(OrderDraft) a = only(everything, &no_hint);
	g_autoptr(OrderDraft) b = only(rearranged, &hint);
	uint8_t x[HASH_BYTES];
	uint8_t y[HASH_BYTES];

	(void)state;
	assert_int_equal(b->errors->len, 0);
	order_draft_hash(a, x);
	order_draft_hash(b, y);
	assert_memory_equal(x, y, HASH_BYTES);
	assert_string_equal(b->source, "erp");
	assert_string_equal(b->place, "[0]");
}

static void
a_hint_fills_in_but_does_not_overrule(void **state)
{
	IntakeHint hint = { .source = "drop", .party = "R-9" };
	g_autoptr(OrderDraft) given = only(GOOD, &hint);
	g_autoptr(OrderDraft) bare = only(
	    "{\"order\":\"A\",\"lines\":[{\"product\":\"P\",\"quantity\":1}]}", &hint);

	(void)state;
	assert_string_equal(given->source, "erp");
	assert_string_equal(given->party, "R-100");
	assert_string_equal(bare->source, "drop");
	assert_string_equal(bare->party, "R-9");
	assert_int_equal(given->errors->len + bare->errors->len, 0);
}

static void
a_known_sender_cannot_speak_for_another_source(void **state)
{
	IntakeHint hint = { .source = "mail-r100", .source_fixed = true };
	g_autofree char *text = NULL;
	g_autofree char *got = summary_of(GOOD, strlen(GOOD), &hint, &text);

	(void)state;
	assert_string_equal(got, "A: 1=P*1 | E_SOURCE source");
	assert_non_null(strstr(text, "'erp'"));
}

static void
nesting_has_a_limit(void **state)
{
	g_autoptr(GString) deep = g_string_new("{\"order\":");
	g_autofree char *text = NULL;
	g_autofree char *got = NULL;
	g_autofree char *quoted = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append_c(deep, '[');
	got = summary_of(deep->str, deep->len, &no_hint, &text);
	assert_string_equal(got, "E_LIMIT");
	assert_non_null(strstr(text, "32 levels"));
	/* Brackets in a text are no levels. */
	g_string_assign(
	    deep, "{\"order\":\"A\",\"source\":\"s\",\"party\":\"p\",\"reference\":\"");
	for (int i = 0; i < 50; i++)
		g_string_append(deep, "[\\\"");
	g_string_append(deep, "\",\"lines\":[{\"product\":\"P\",\"quantity\":1}]}");
	quoted = summary_of(deep->str, deep->len, &no_hint, NULL);
	assert_string_equal(quoted, "A: 1=P*1");
}

/* Each prefix of a good document is an error or nothing, never a smaller order. */
static void
a_cut_document_is_never_an_order(void **state)
{
	int torn = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(everything) - 1; n++) {
		g_autofree char *got = summary_of(everything, n, &no_hint, NULL);

		if (!g_str_has_prefix(got, "E_"))
			fail_msg("the first %zu bytes are %s", n, got);
		torn += strcmp(got, "E_TORN") == 0;
	}
	assert_true(torn > 500);
}

static void
ten_thousand_orders_are_read_one_by_one(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document = NULL;

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(text,
		    "{\"order\":\"SO-%d\",\"source\":\"erp\",\"party\":\"R-100\","
		    "\"customer\":{\"name\":"
		    "\"Ada "
		    "%d\",\"email\":\"ada%d@example.org\"},\"deliver\":{\"by\":\"email\"}"
		    ","
		    "\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"quantity\":1}]}\n",
		    i, i, i);
	document = intake_read_bytes(text->str, text->len, &no_hint, &error);
	assert_no_error(error);
	assert_int_equal(document->orders->len, 10000);
	for (guint i = 0; i < document->orders->len; i++) {
		const OrderDraft *draft = g_ptr_array_index(document->orders, i);
		g_autofree char *number = g_strdup_printf("SO-%u", i);
		g_autofree char *place = g_strdup_printf("line %u", i + 1);

		assert_int_equal(draft->errors->len, 0);
		assert_string_equal(draft->number, number);
		assert_string_equal(draft->place, place);
	}
}

/* A value that is one longer than it may be, and one that is not. */
static void
texts_have_limits(void **state)
{
	static const struct {
		const char *path;
		int limit;
		const char *before, *behind;
	} fields[] = {
		{ "reference", LIMIT_ORDER_REFERENCE_CHARS, "\"reference\":\"", "\"," },
		{ "customer.name", LIMIT_NAME_CHARS, "\"customer\":{\"name\":\"",
		    "\"}," },
		{ "customer.address.city", LIMIT_ADDRESS_LINE_CHARS,
		    "\"customer\":{\"id\":\"C\",\"address\":{\"city\":\"", "\"}}," },
		{ "customer.address.lines", LIMIT_ADDRESS_LINE_CHARS,
		    "\"customer\":{\"id\":\"C\",\"address\":{\"lines\":[\"", "\"]}}," },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		for (int over = 0; over <= 1; over++) {
			g_autoptr(GString) text = g_string_new("{");
			g_autofree char *got = NULL;
			g_autofree char *wanted = g_strdup_printf("A: 1=P*1%s%s",
			    over ? " | E_LIMIT " : "", over ? fields[i].path : "");

			g_string_append(text, fields[i].before);
			for (int n = 0; n < fields[i].limit + over; n++)
				g_string_append(
				    text, "\xc3\xa4"); /* characters, not bytes */
			g_string_append_printf(text, "%s%s", fields[i].behind, &GOOD[1]);
			got = summary_of(text->str, text->len, &no_hint, NULL);
			assert_string_equal(got, wanted);
		}
}

static void
options_have_limits(void **state)
{
	g_autoptr(GString) many =
	    g_string_new("{\"order\":\"A\",\"source\":\"s\",\"party\":\"p\",\"lines\":[{"
			 "\"product\":\"P\","
			 "\"quantity\":1,\"options\":{\"w\":[");
	g_autoptr(OrderDraft) draft = NULL;

	(void)state;
	for (int i = 0; i <= LIMIT_OPTION_WORDS; i++)
		g_string_append_printf(many, "%s\"a\"", i > 0 ? "," : "");
	g_string_append(many, "],\"x\":[\"a\\nb\"]");
	for (int i = 0; i <= LIMIT_LINE_OPTIONS; i++)
		g_string_append_printf(many, ",\"o%d\":1", i);
	g_string_append(many, "}}]}");
	draft = only(many->str, &no_hint);
	assert_int_equal(draft->errors->len, 3);
	assert_int_equal(((OrderError *)draft->errors->pdata[0])->code, E_LIMIT);
	assert_string_equal(((OrderError *)draft->errors->pdata[0])->field, "options.w");
	assert_int_equal(((OrderError *)draft->errors->pdata[1])->code, E_CHARACTER);
	assert_int_equal(((OrderError *)draft->errors->pdata[2])->code, E_LIMIT);
	assert_int_equal(
	    ((OrderLine *)draft->lines->pdata[0])->options->len, LIMIT_LINE_OPTIONS);
}

static void
too_many_lines_are_one_error(void **state)
{
	g_autoptr(GString) text =
	    g_string_new("{\"order\":\"A\",\"source\":\"s\",\"party\":\"p\",\"lines\":[");
	IntakeHint hint = { 0 };
	g_autoptr(OrderDraft) draft = NULL;

	(void)state;
	for (int i = 0; i <= LIMIT_ORDER_LINES; i++)
		g_string_append_printf(
		    text, "%s{\"product\":\"P\",\"quantity\":1}", i > 0 ? "," : "");
	g_string_append(text, "]}");
	draft = only(text->str, &hint);
	assert_int_equal(draft->errors->len, 1);
	assert_int_equal(
	    ((OrderError *)g_ptr_array_index(draft->errors, 0))->code, E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_arrives_in_its_stored_spelling),
		cmocka_unit_test(the_same_order_arranged_anew_has_the_same_hash),
		cmocka_unit_test(a_hint_fills_in_but_does_not_overrule),
		cmocka_unit_test(a_known_sender_cannot_speak_for_another_source),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(a_cut_document_is_never_an_order),
		cmocka_unit_test(ten_thousand_orders_are_read_one_by_one),
		cmocka_unit_test(texts_have_limits),
		cmocka_unit_test(options_have_limits),
		cmocka_unit_test(too_many_lines_are_one_error),
	};
	int failed = cmocka_run_group_tests_name("JSON orders", tests, NULL, NULL);

	return failed + run_rows("JSON", rows, json_row_test);
}
