/*
 * test_intake_corpus.c - whole documents of each format, from tests/corpus/orders.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/intake.h"
#include "queue/limits.h"
#include "tests/fulfill/summary.h"

static const IntakeHint hint = { .source = "erp" };

/* clang-format off */
static const struct corpus_row {
	const char *name; /* of the file */
	const char *format;
	const char *wanted;
	const char *says;
} rows[] = {
	/* openTRANS */
	{ "opentrans-21.xml", "opentrans", "PO-7001: 10=CAD-PRO*3 20=CAD-DEMO*2(days=45,modules=cam+sheet)", NULL },
	{ "opentrans-21-no-namespace.xml", "opentrans", "26-0815: 1=STATIK-PRO*1", NULL },
	{ "opentrans-21-xmlns-each.xml", "opentrans", "X-1: 1=CAD-LT*5", NULL },
	{ "opentrans-10-list.xml", "opentrans", "A-1: 1=CAD-PRO*1; A-2: 1=CAD-LT*0 | E_QUANTITY 1.quantity", "line 26: quantity '2.5'" },
	{ "opentrans-total.xml", "opentrans", "T-1: 1=CAD-PRO*1 | E_TOTAL lines", "line 7: TOTAL_ITEM_NUM is '2', and there are 1 items" },
	{ "opentrans-dozen.xml", "opentrans", "D-1: 1=CAD-PRO*1 | E_QUANTITY 1.quantity", "unit 'DZN'" },
	{ "opentrans-buyers-number.xml", "opentrans", "B-1: 1=?*1 | E_MISSING_FIELD 1.product", NULL },
	{ "opentrans-change.xml", "opentrans", "PO-7001 change: 10=CAD-PRO*5 20=CAD-DEMO*0", NULL },
	{ "opentrans-change-prefixed.xml", "opentrans", "PO-7001 change: 10=CAD-LT*1", NULL },
	{ "opentrans-change-no-order.xml", "opentrans", "? change: 10=CAD-PRO*5 | E_MISSING_FIELD order", NULL },
	{ "opentrans-change-total.xml", "opentrans", "PO-7001 change: 10=CAD-PRO*5 | E_TOTAL lines", "TOTAL_ITEM_NUM is '3'" },
	{ "opentrans-change-negative.xml", "opentrans", "PO-7001 change: 10=CAD-PRO*0 | E_QUANTITY 10.quantity", "'-1'" },
	{ "opentrans-xxe.xml", "xml", "E_FORMAT", "line 2: a DOCTYPE" },
	{ "opentrans-cut.xml", "opentrans", "E_TORN", "line 4" },

	/* UBL */
	{ "ubl-order.xml", "ubl", "34: 1=CAD-PRO*4 2=CAD-DEMO*1(days=14)", NULL },
	{ "ubl-order-delivery.xml", "ubl", "D-77: a=STATIK-PRO*10", NULL },
	{ "ubl-order-copy.xml", "ubl", "C-1: 1=CAD-PRO*1 | E_COPY", NULL },
	{ "ubl-order-blanket.xml", "ubl", "B-1: 1=CAD-PRO*100 | E_FORMAT kind", "'221'" },
	{ "ubl-order-lines.xml", "ubl",
	  "L-1: 1=CAD-PRO*0 1=CAD-LT*1 | E_QUANTITY 1.quantity | E_LINE_TWICE 1.line | E_QUANTITY 1.quantity | E_TOTAL lines", "'1.5'" },
	{ "ubl-cancellation.xml", "ubl", "34 cancel:", NULL },
	{ "ubl-cancellation-of-nothing.xml", "ubl", "? cancel: | E_MISSING_FIELD order", NULL },
	{ "ubl-cancellation-copy.xml", "ubl", "34 cancel: | E_COPY", NULL },
	{ "ubl-cancellation-endpoint.xml", "ubl", "PO 34/b cancel:", NULL },
	{ "ubl-cancellation-cut.xml", "ubl", "E_TORN", "line 7" },
	{ "ubl-order-laughs.xml", "xml", "E_FORMAT", "a DOCTYPE" },
	{ "ubl-invoice.xml", "xml", "E_FORMAT", "'Invoice' is no order" },
	{ "order-of-another-world.xml", "ubl", "E_FORMAT", "'Order' is no order" },

	/* EDIFACT */
	{ "orders.edi", "edifact", "128576: 1=CAD-PRO*3 2=CAD-LT*2", NULL },
	{ "orders-wrapped.edi", "edifact", "W-1: 1=STATIK-PRO*1", NULL },
	{ "orders-own-separators.edi", "edifact", "S-1: 1=CAD-PRO*4", NULL },
	{ "orders-two.edi", "edifact", "T-1: 1=CAD-PRO*1; T-2: 1=CAD-PRO*0 2=?*1 | E_QUANTITY 1.quantity | E_QUANTITY 2.quantity | E_MISSING_FIELD 2.product", "segment 13 (QTY): quantity '0'" },
	{ "orders-replace.edi", "edifact", "E-1 replace: 1=CAD-PRO*2", NULL },
	{ "orders-cancel.edi", "edifact", "E-1 cancel:", NULL },
	{ "orders-copy.edi", "edifact", "E-1: 1=CAD-PRO*2 | E_COPY kind", "'31'" },
	{ "orders-duplicate.edi", "edifact", "E-1: 1=CAD-PRO*2 | E_COPY kind", "'7'" },
	{ "orders-blanket.edi", "edifact", "E-1: 1=CAD-PRO*2 | E_FORMAT kind", "1001 '221'" },
	{ "ordchg.edi", "edifact", "E-1 change: 1=CAD-PRO*5 2=CAD-LT*0 3=CAD-SUB*1", NULL },
	{ "ordchg-no-order.edi", "edifact", "? change: 1=CAD-PRO*2 | E_MISSING_FIELD order", NULL },
	{ "ordchg-cancel.edi", "edifact", "E-1 cancel:", NULL },
	{ "ordchg-replace.edi", "edifact", "E-1 replace: 1=CAD-LT*2", NULL },
	{ "ordchg-copy.edi", "edifact", "E-1 change: 1=CAD-LT*2 | E_COPY kind", "'31'" },
	{ "ordchg-no-quantity.edi", "edifact", "E-1 change: 1=CAD-LT*0 2=?*0 | E_MISSING_FIELD 1.quantity", NULL },
	{ "orders-totals.edi", "edifact", "E-2: 1=CAD-PRO*2 | E_TOTAL lines", "CNT says '3', counted are 1" },
	{ "orders-test.edi", "edifact", "E-3: 1=CAD-PRO*2 | E_TEST", NULL },
	{ "orders-count.edi", "edifact", "E_TORN", "line 8: UNT says the message has '9' segments, here are 7" },
	{ "orders-cut.edi", "edifact", "E_TORN", "before its UNZ" },
	{ "orders-umlaut-in-unoa.edi", "edifact", "E_ENCODING", "0xFC in an interchange of level UNOA" },
	{ "invoic.edi", "edifact", "E_FORMAT", "line 2: message 'INVOIC'" },

	/* our own */
	{ "native.json", "json", "N-1: 1=CAD-PRO*2 2=CAD-DEMO*1(days=30)", NULL },
	{ "native-lines.jsonl", "json", "J-1: 1=CAD-PRO*1; J-2: 1=CAD-PRO*0 2=CAD-LT*1 | E_QUANTITY 1.quantity; J-3: 1=CAD-PRO*1 | E_UNKNOWN_FIELD 1.colour", "line 2, lines[0]" },
	{ "native-key-twice.json", "json", "E_DUPLICATE_KEY", "line 2" },
	{ "native-cut.json", "json", "E_TORN", "line 2" },
	{ "native-latin1.json", "json", "E_ENCODING", "0xF6" },
	{ "native-header-injection.json", "json", "N-6: 1=CAD-PRO*1 | E_CHARACTER customer.name | E_EMAIL customer.email", NULL },
	{ "table-german.csv", "csv", "G-1: 1=CAD-PRO*2 2=CAD-DEMO*1(days=30)", NULL },
	{ "table-comma.csv", "csv", "F-1: 1=CAD-PRO*1; F-2: 1=CAD-PRO*1", NULL },
	{ "table-apart.csv", "csv", "S-1: 1=CAD-PRO*1 | E_ORDER_SPLIT order; S-2: 1=CAD-PRO*1", NULL },
	{ "table-break-in-cell.csv", "csv", "B-1: 1=CAD-PRO*1 | E_CHARACTER customer.name; B-2: 1=CAD-PRO*0 | E_QUANTITY 1.quantity", NULL },
	{ "table-rows-missing.csv", "csv", "E_TORN", "2 rows, here are 1" },
	{ "table-unknown-column.csv", "csv", "E_UNKNOWN_FIELD", "column 7 'tickets'" },
};
/* clang-format on */

static char *
folder(void)
{
	const char *source = g_getenv("TP_SOURCE");

	return g_build_filename(
	    source != NULL ? source : ".", "tests/corpus/orders", NULL);
}

static char *
contents(const char *name, gsize *ret_size)
{
	g_autofree char *dir = folder();
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) error = NULL;
	char *bytes = NULL;

	if (!g_file_get_contents(path, &bytes, ret_size, &error))
		fail_msg("%s", error->message);
	return bytes;
}

static void
corpus_row_test(void **state)
{
	const struct corpus_row *row = *state;
	gsize size = 0;
	g_autofree char *bytes = contents(row->name, &size);
	g_autofree char *text = NULL;
	g_autofree char *got = summary_of(bytes, size, &hint, &text);

	assert_string_equal(
	    intake_format_name(intake_recognise(bytes, size)), row->format);
	if (strcmp(got, row->wanted) != 0)
		fail_msg("got    %s\nwanted %s\n(%s)", got, row->wanted, text);
	if (row->says != NULL && (text == NULL || strstr(text, row->says) == NULL))
		fail_msg("'%s' does not say '%s'", text, row->says);
}

static void
every_file_has_a_row(void **state)
{
	g_autofree char *path = folder();
	GDir *dir = g_dir_open(path, 0, NULL);
	int files = 0;

	(void)state;
	assert_non_null(dir);
	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		bool found = strcmp(name, "README.md") == 0;

		files += !found;
		for (size_t i = 0; i < G_N_ELEMENTS(rows) && !found; i++)
			found = strcmp(rows[i].name, name) == 0;
		if (!found)
			fail_msg("%s has no row", name);
	}
	g_dir_close(dir);
	assert_int_equal(files, G_N_ELEMENTS(rows));
}

static OrderDraft *
first(const char *name)
{
	gsize size = 0;
	g_autofree char *bytes = contents(name, &size);
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(bytes, size, &hint, &error);
	OrderDraft *draft;

	if (document == NULL)
		fail_msg("%s", error->message);
	draft = g_ptr_array_steal_index(document->orders, 0);
	assert_int_equal(draft->errors->len, 0);
	return draft;
}

/* ---- who is who ---- */

/* clang-format off */
static const struct party_row {
	const char *name; /* of the file; its first order is looked at */
	const char *party, *ordered_on, *reference;
	const char *id, *company, *person, *email;
	const char *lines, *postcode, *city, *country; /* lines joined by '|' */
} parties[] = {
	{ "opentrans-21.xml", "R-100", "2026-11-24", "M 12/26",
	  "K-55", "Schreinerei M\303\274\303\237ig & T\303\266chter", "\303\204nne M\303\274\303\237ig", "aenne@muessig.example",
	  "Werkstatt|Am Hobel 3", "79098", "Freiburg", "DE" },
	{ "opentrans-21-no-namespace.xml", "R-200", "2026-11-24", NULL,
	  "L-1", "Bureau d'\303\251tudes Lef\303\250vre", NULL, "bureau@lefevre.example",
	  "7 Rue de l'\303\211tang", "68000", "Colmar", "FR" },
	/* delivered to the buyer: no customer */
	{ "opentrans-21-xmlns-each.xml", "R-300", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "opentrans-10-list.xml", "R-100", "2026-11-20", NULL,
	  "B-9", "M\303\266bel Gro\303\237", "J\303\266rg Gro\303\237", "joerg@moebel-gross.example",
	  "Postfach 12", "4010", "Linz", "AT" },
	{ "ubl-order.xml", "R-200", "2026-11-24", "Dept. 4",
	  "C-9", "Fjord Arkitekter AS", "\303\205se Dahl", "ase@fjord.example",
	  "\303\230vre gate 4|3. etasje", "5003", "Bergen", "NO" },
	{ "ubl-order-delivery.xml", "7300010000001", "2026-11-24", NULL,
	  NULL, "Humber Boats Ltd", "Kit O'Hara", NULL,
	  "Quay 7", "HU1 2AA", "Hull", "GB" },
	{ "orders.edi", "R-100", "2026-11-24", "B 77/26",
	  "K-7", "Glaserei S\303\274\303\237", "J\303\274rgen S\303\274\303\237", "j.suess@glaserei-suess.example",
	  "Ring 5|Hof links", "50667", "K\303\266ln", "DE" },
	{ "orders-wrapped.edi", "R-200", "2026-11-24", NULL,
	  NULL, "Werkst\303\244tte Brandl", NULL, NULL, "c/o Huber|Kirchengasse 3", NULL, NULL, NULL },
	{ "orders-own-separators.edi", "R-300", NULL, NULL,
	  "K-1", "O'Brien ^ Sons!", NULL, NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */

static void
same(const char *what, const char *got, const char *wanted)
{
	if (g_strcmp0(got, wanted) != 0)
		fail_msg("%s is '%s', not '%s'", what, got, wanted);
}

static void
party_row_test(void **state)
{
	const struct party_row *row = *state;
	g_autoptr(OrderDraft) d = first(row->name);
	const OrderCustomer *c = &d->customer;
	g_autofree char *lines =
	    c->address.lines != NULL ? g_strjoinv("|", c->address.lines) : NULL;

	same("source", d->source, "erp");
	same("party", d->party, row->party);
	same("ordered_on", d->ordered_on, row->ordered_on);
	same("reference", d->reference, row->reference);
	same("id", c->id, row->id);
	same("company", c->company, row->company);
	same("name", c->name, row->person);
	same("email", c->email, row->email);
	same("lines", lines, row->lines);
	same("postcode", c->address.postcode, row->postcode);
	same("city", c->address.city, row->city);
	same("country", c->address.country, row->country);
	assert_int_equal(d->has_customer, row->id != NULL || row->company != NULL);
}

/* ---- one order in all formats ---- */

#define UBL "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
static const char *const one_order[] = {
	"{\"order\":\"Z-1\",\"party\":\"R-100\",\"ordered_on\":\"2026-11-24\","
	"\"customer\":{\"id\":\"K-1\","
	"\"company\":\"M\xc3\xbcller\",\"address\":{\"lines\":[\"Weg "
	"1\"],\"postcode\":\"76137\","
	"\"city\":\"Karlsruhe\",\"country\":\"DE\"}},"
	"\"lines\":[{\"line\":\"1\",\"product\":\"CAD-PRO\",\"quantity\":3}]}",

	"order;party;ordered_on;customer;company;street;postcode;city;country;line;"
	"product;quantity\n"
	"Z-1;R-100;2026-11-24;K-1;M\xfcller;Weg 1;76137;Karlsruhe;DE;1;CAD-PRO;3\n",

	"<ORDER><ORDER_HEADER><ORDER_INFO><ORDER_ID>Z-1</ORDER_ID><ORDER_DATE>20261124</"
	"ORDER_DATE>"
	"<PARTIES><PARTY><PARTY_ID>R-100</PARTY_ID><PARTY_ROLE>buyer</PARTY_ROLE></PARTY>"
	"<PARTY><PARTY_ID>K-1</PARTY_ID><PARTY_ROLE>delivery</"
	"PARTY_ROLE><ADDRESS><NAME>M\xc3\xbcller"
	"</NAME><STREET>Weg "
	"1</STREET><ZIP>76137</ZIP><CITY>Karlsruhe</CITY><COUNTRY_CODED>276"
	"</COUNTRY_CODED></ADDRESS></PARTY></PARTIES></ORDER_INFO></"
	"ORDER_HEADER><ORDER_ITEM_LIST>"
	"<ORDER_ITEM><LINE_ITEM_ID>1</LINE_ITEM_ID><PRODUCT_ID><SUPPLIER_PID>CAD-PRO</"
	"SUPPLIER_PID>"
	"</PRODUCT_ID><QUANTITY>3.0</QUANTITY></ORDER_ITEM></ORDER_ITEM_LIST></ORDER>",

	"<Order xmlns=\"" UBL
	"\"><ID>Z-1</ID><IssueDate>2026-11-24</IssueDate><BuyerCustomerParty>"
	"<SupplierAssignedAccountID>R-100</SupplierAssignedAccountID></"
	"BuyerCustomerParty>"
	"<OriginatorCustomerParty><Party><PartyIdentification><ID>K-1</ID></"
	"PartyIdentification>"
	"<PartyName><Name>M\xc3\xbcller</Name></PartyName><PostalAddress><StreetName>Weg "
	"1</StreetName>"
	"<CityName>Karlsruhe</CityName><PostalZone>76137</"
	"PostalZone><Country><IdentificationCode>DE"
	"</IdentificationCode></Country></PostalAddress></Party></"
	"OriginatorCustomerParty><OrderLine>"
	"<LineItem><ID>1</ID><Quantity "
	"unitCode=\"C62\">3</Quantity><Item><SellersItemIdentification>"
	"<ID>CAD-PRO</ID></SellersItemIdentification></Item></LineItem></OrderLine></"
	"Order>",

	"UNB+UNOC:3+A+B+261124:0912+1'UNH+1+ORDERS:D:96A:UN'BGM+220+Z-1+9'DTM+137:"
	"20261124:102'"
	"NAD+BY+R-100'NAD+UD+K-1++M\xfcller+Weg "
	"1+Karlsruhe++76137+DE'LIN+1++CAD-PRO:SA'QTY+21:3'"
	"UNS+S'UNT+9+1'UNZ+1+1'",
};

static void
one_order_has_one_hash_in_all_formats(void **state)
{
	uint8_t hash[G_N_ELEMENTS(one_order)][HASH_BYTES];
	bool seen[INTAKE_PDF + 1] = { false };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(one_order); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IntakeDocument) document =
		    intake_read_bytes(one_order[i], strlen(one_order[i]), &hint, &error);
		const OrderDraft *draft;

		if (document == NULL)
			fail_msg("format %zu: %s", i, error->message);
		assert_false(seen[document->format]);
		seen[document->format] = true;
		draft = g_ptr_array_index(document->orders, 0);
		assert_int_equal(draft->errors->len, 0);
		order_draft_hash(draft, hash[i]);
		if (memcmp(hash[i], hash[0], HASH_BYTES) != 0)
			fail_msg(
			    "%s: another hash", intake_format_name(document->format));
	}
}

/* ---- torn, encoded, hostile ---- */

/* No beginning of a document of these formats is an order. */
static void
no_prefix_is_an_order(void **state)
{
	static const char *const names[] = { "opentrans-21.xml", "ubl-order.xml",
		"orders.edi", "orders-two.edi", "native.json" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize size = 0;
		g_autofree char *bytes = contents(names[i], &size);

		while (g_ascii_isspace(bytes[size - 1]))
			size--;
		for (gsize n = 0; n < size; n++) {
			g_autofree char *got = summary_of(bytes, n, &hint, NULL);

			if (!g_str_has_prefix(got, "E_"))
				fail_msg("%zu bytes of %s are %s", n, names[i], got);
		}
	}
}

static void
xml_in_utf16_is_the_same_order(void **state)
{
	static const char *const encodings[] = { "UTF-16LE", "UTF-16BE" };
	gsize size = 0;
	g_autofree char *utf8 = contents("opentrans-21.xml", &size);
	const char *body = strstr(utf8, "?>") + 2;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
		g_autofree char *text =
		    g_strconcat("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
			body, NULL);
		gsize n = 0;
		g_autofree char *utf16 =
		    g_convert(text, -1, encodings[i], "UTF-8", NULL, &n, NULL);
		g_autofree char *got = summary_of(utf16, n, &hint, NULL);

		assert_string_equal(got, rows[0].wanted);
	}
}

static void
a_doctype_hidden_in_utf16_is_found(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf<!DOCTYPE ORDER SYSTEM \"file:///etc/passwd\"><ORDER/>";
	gsize n = 0;
	g_autofree char *utf16 = g_convert(text, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);
	g_autofree char *why = NULL;
	g_autofree char *got = summary_of(utf16, n, &hint, &why);

	(void)state;
	assert_string_equal(got, "E_FORMAT");
	assert_non_null(strstr(why, "DOCTYPE"));
}

static void
xml_has_limits(void **state)
{
	g_autoptr(GString) deep = g_string_new("<ORDER>");
	g_autoptr(GString) wide = g_string_new("<ORDER>");
	g_autofree char *deep_why = NULL;
	g_autofree char *wide_why = NULL;
	g_autofree char *deep_got = NULL;
	g_autofree char *wide_got = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append(deep, "<a>");
	for (int i = 0; i <= LIMIT_XML_NODES; i++)
		g_string_append(wide, "<a/>");
	deep_got = summary_of(deep->str, deep->len, &hint, &deep_why);
	wide_got = summary_of(wide->str, wide->len, &hint, &wide_why);
	assert_string_equal(deep_got, "E_LIMIT");
	assert_non_null(strstr(deep_why, "64 levels"));
	assert_string_equal(wide_got, "E_LIMIT");
	assert_non_null(strstr(wide_why, "1000000 elements"));
}

static void
a_segment_without_end_is_stopped(void **state)
{
	g_autoptr(GString) text = g_string_new("UNB+UNOA:1+");
	g_autofree char *got = NULL;

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append(text, "ABCDEFGHIJ");
	got = summary_of(text->str, text->len, &hint, NULL);
	assert_string_equal(got, "E_LIMIT");
}

/* Bytes changed, dropped and doubled at random places: any answer will do, but there has
 * to be one.  What this finds, a sanitizer shows. */
static void
damaged_documents_are_answered(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261124);
	int refused = 0;
	int read = 0;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize size = 0;
		g_autofree char *bytes = contents(rows[i].name, &size);

		for (int round = 0; round < 100; round++) {
			g_autoptr(GByteArray) damaged = g_byte_array_new();
			g_autofree char *got = NULL;

			g_byte_array_append(damaged, (guint8 *)bytes, (guint)size);
			for (int n = g_rand_int_range(rand, 1, 6); n > 0; n--) {
				guint at =
				    (guint)g_rand_int_range(rand, 0, (int)damaged->len);

				switch (g_rand_int_range(rand, 0, 4)) {
				case 0:
					damaged->data[at] = (guint8)g_rand_int(rand);
					break;
				case 1:
					g_byte_array_remove_index(damaged, at);
					break;
				case 2:
					damaged->data[at] ^=
					    (guint8)(1 << g_rand_int_range(rand, 0, 8));
					break;
				default:
					g_byte_array_append(damaged,
					    (guint8 *)bytes + MIN(at, size - 1),
					    (guint)(size - MIN(at, size - 1)));
				}
			}
			got = summary_of(damaged->data, damaged->len, &hint, NULL);
			refused += g_str_has_prefix(got, "E_");
			read += !g_str_has_prefix(got, "E_");
		}
	}
	assert_int_equal(refused + read, 100 * (int)G_N_ELEMENTS(rows));
	assert_true(refused > 500);
	assert_true(read > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_has_a_row),
		cmocka_unit_test(one_order_has_one_hash_in_all_formats),
		cmocka_unit_test(no_prefix_is_an_order),
		cmocka_unit_test(xml_in_utf16_is_the_same_order),
		cmocka_unit_test(a_doctype_hidden_in_utf16_is_found),
		cmocka_unit_test(xml_has_limits),
		cmocka_unit_test(a_segment_without_end_is_stopped),
		cmocka_unit_test(damaged_documents_are_answered),
	};
	int failed = cmocka_run_group_tests_name("order documents", tests, NULL, NULL);

	failed += run_rows("files", rows, corpus_row_test);
	failed += run_rows("parties", parties, party_row_test);
	return failed;
}
