/*
 * test_address.c - addresses as each country writes them, and as a window holds them.
 */
#include "tests/support/cm.h"

#include <math.h>
#include <string.h>

#include "print/address.h"

#define STREET(...)                                                                      \
	.lines = (const char *const[])                                                   \
	{                                                                                \
		__VA_ARGS__, NULL                                                        \
	}

typedef struct AddressCase {
	const char *name;
	Address address;
	const char *home;
	const char *language;
	const char *wanted; /* lines parted by '|' */
} AddressCase;

/* Streets and firms are made up; towns and postcodes exist. */
/* clang-format off */
static const AddressCase cases[] = {
	{ "DE at home: firm, person, street, postcode and town",
	  { "Häfele & Söhne GmbH", "Jörg Häfele", STREET("Amalienstraße 25"),
	    "76133", "Karlsruhe", NULL, "DE" }, "DE", "de",
	  "Häfele & Söhne GmbH|Jörg Häfele|Amalienstraße 25|76133 Karlsruhe" },
	{ "DE from Austria: town and country in capitals",
	  { NULL, "Anna Groß", STREET("Neue Gasse 3"), "35390", "Gießen", NULL, "DE" },
	  "AT", "de", "Anna Groß|Neue Gasse 3|35390 GIESSEN|DEUTSCHLAND" },
	{ "DE: the old D- is dropped",
	  { NULL, "Anna Groß", STREET("Neue Gasse 3"), "D-35390", "Gießen", NULL, "de" },
	  "DE", "de", "Anna Groß|Neue Gasse 3|35390 Gießen" },
	{ "AT", { "Tischlerei Huber", NULL, STREET("Neubaugasse 64/2/17"), "1070", "Wien",
	    NULL, "AT" }, "DE", "de",
	  "Tischlerei Huber|Neubaugasse 64/2/17|1070 WIEN|ÖSTERREICH" },
	{ "AT at home", { "Tischlerei Huber", NULL, STREET("Herrengasse 3"), "A-8010",
	    "Graz", NULL, "AT" }, "AT", "de",
	  "Tischlerei Huber|Herrengasse 3|8010 Graz" },
	{ "CH", { "Bureau Léman SA", "Chloé Favre", STREET("Rue de la Servette 89"),
	    "1202", "Genève", NULL, "CH" }, "DE", "de",
	  "Bureau Léman SA|Chloé Favre|Rue de la Servette 89|1202 GENÈVE|SCHWEIZ" },
	{ "FR: the town in capitals at home too", { "Menuiserie Kléber",
	    "Aurélie Noël", STREET("Bâtiment B", "102 cours Lafayette"), "69003", "Lyon",
	    NULL, "FR" }, "FR", "fr",
	  "Menuiserie Kléber|Aurélie Noël|Bâtiment B|102 cours Lafayette|69003 LYON" },
	{ "IT: the province behind the town", { "Studio Bellini S.r.l.", NULL,
	    STREET("Via Torino 40"), "20123", "Milano", "Mi", "IT" }, "DE", "en",
	  "Studio Bellini S.r.l.|Via Torino 40|20123 MILANO MI|ITALY" },
	{ "ES: the province below the town", { NULL, "Iñaki Etxeberria",
	    STREET("Calle Mayor 7, 2º B"), "20800", "Zarautz", "Gipuzkoa", "ES" },
	  "DE", "de", "Iñaki Etxeberria|Calle Mayor 7, 2º B|20800 ZARAUTZ|Gipuzkoa|SPANIEN" },
	{ "GB: town in capitals, postcode on its own line", { "Canal Wharf Joinery Ltd",
	    "Fergus O'Brien", STREET("Studio 12", "41 Curtain Road"), "ec2a3pt", "London",
	    NULL, "GB" }, "GB", "en",
	  "Fergus O'Brien|Canal Wharf Joinery Ltd|Studio 12|41 Curtain Road|LONDON|"
	  "EC2A 3PT" },
	{ "GB from Germany", { NULL, "Siân Rhys", STREET("3 Castle Square"), "LL55 2NF",
	    "Caernarfon", NULL, "GB" }, "DE", "de",
	  "Siân Rhys|3 Castle Square|CAERNARFON|LL55 2NF|VEREINIGTES KÖNIGREICH" },
	{ "IE: county and Eircode", { NULL, "Aoife Ní Bhriain", STREET("12 Strand Street"),
	    "v92x5f1", "Tralee", "Co. Kerry", "IE" }, "DE", "en",
	  "Aoife Ní Bhriain|12 Strand Street|TRALEE|Co. Kerry|V92 X5F1|IRELAND" },
	{ "IE: an address without Eircode is whole", { NULL, "Aoife Ní Bhriain",
	    STREET("12 Strand Street"), NULL, "Tralee", "Co. Kerry", "IE" }, "DE", "en",
	  "Aoife Ní Bhriain|12 Strand Street|TRALEE|Co. Kerry|IRELAND" },
	{ "NL: postcode with its letters, two blanks, town in capitals", { NULL,
	    "Joost van der Meer", STREET("Prinsengracht 263-H"), "1016gv", "Amsterdam",
	    NULL, "NL" }, "DE", "de",
	  "Joost van der Meer|Prinsengracht 263-H|1016 GV  AMSTERDAM|NIEDERLANDE" },
	{ "BE", { NULL, "Luc Peeters", STREET("Rue Neuve 5 bte 2"), "B-1000", "Bruxelles",
	    NULL, "BE" }, "DE", "de",
	  "Luc Peeters|Rue Neuve 5 bte 2|1000 BRUXELLES|BELGIEN" },
	{ "LU keeps its letter", { NULL, "Marc Weber", STREET("7, rue du Fort"), "L-4750",
	    "Pétange", NULL, "LU" }, "DE", "de",
	  "Marc Weber|7, rue du Fort|L-4750 PÉTANGE|LUXEMBURG" },
	{ "US: six lines in all", { "Acme Millwork Inc.", "Wile Coyote",
	    STREET("1200 Congress Ave", "Suite 300"), "787012483", "Austin", "tx", "US" },
	  "DE", "en",
	  "Wile Coyote|Acme Millwork Inc.|1200 Congress Ave|Suite 300|AUSTIN TX  78701-2483|"
	  "UNITED STATES OF AMERICA" },
	{ "US without a firm", { NULL, "Wile Coyote",
	    STREET("1200 Congress Ave Ste 300"), "787012483", "Austin", "tx", "US" },
	  "DE", "en",
	  "Wile Coyote|1200 Congress Ave Ste 300|AUSTIN TX  78701-2483|"
	  "UNITED STATES OF AMERICA" },
	{ "CA: two blanks before the postcode", { NULL, "Zoë Tremblay",
	    STREET("10-123 Rue Main NW"), "h3z2y7", "Montréal", "QC", "CA" }, "DE", "de",
	  "Zoë Tremblay|10-123 Rue Main NW|MONTRÉAL QC  H3Z 2Y7|KANADA" },
	{ "AU", { "Opal Design Pty Ltd", NULL, STREET("99 George Street"), "2000",
	    "Sydney", "NSW", "AU" }, "DE", "de",
	  "Opal Design Pty Ltd|99 George Street|SYDNEY NSW 2000|AUSTRALIEN" },
	{ "JP in Latin letters", { NULL, "Tanaka Ichiro",
	    STREET("10-23, Jingumae 5-chome"), "1500001", "Shibuya-ku", "Tokyo", "JP" },
	  "DE", "de", "Tanaka Ichiro|10-23, Jingumae 5-chome|"
	  "SHIBUYA-KU, Tokyo 150-0001|JAPAN" },
	{ "JP in its own script runs from the large to the small", { "株式会社青空",
	    "田中一郎", STREET("神宮前5-10-23"), "1500001", "渋谷区", "東京都", "JP" },
	  "DE", "de",
	  "〒150-0001|東京都渋谷区|神宮前5-10-23|株式会社青空|田中一郎|JAPAN" },
	{ "SE", { NULL, "Åsa Öberg", STREET("Storgatan 12 lgh 1102"), "S-11455",
	    "Stockholm", NULL, "SE" }, "DE", "de",
	  "Åsa Öberg|Storgatan 12 lgh 1102|114 55  STOCKHOLM|SCHWEDEN" },
	{ "DK", { NULL, "Søren Kjær", STREET("Nørregade 10, 3. th"), "DK-1165",
	    "København K", NULL, "DK" }, "DE", "de",
	  "Søren Kjær|Nørregade 10, 3. th|1165 KØBENHAVN K|DÄNEMARK" },
	{ "NO", { NULL, "Bjørn Ås", STREET("Karl Johans gate 1"), "0154", "Oslo", NULL,
	    "NO" }, "DE", "de", "Bjørn Ås|Karl Johans gate 1|0154 OSLO|NORWEGEN" },
	{ "FI", { NULL, "Päivi Mäkelä", STREET("Mannerheimintie 5 A 3"), "00100",
	    "Helsinki", NULL, "FI" }, "DE", "de",
	  "Päivi Mäkelä|Mannerheimintie 5 A 3|00100 HELSINKI|FINNLAND" },
	{ "PL", { "Łódzka Stolarnia", "Żaneta Ćwikła", STREET("ul. Piotrkowska 104"),
	    "90926", "Łódź", NULL, "PL" }, "DE", "de",
	  "Łódzka Stolarnia|Żaneta Ćwikła|ul. Piotrkowska 104|90-926 ŁÓDŹ|POLEN" },
	{ "CZ", { NULL, "Jiří Dvořák", STREET("Vodičkova 30"), "11000", "Praha 1", NULL,
	    "CZ" }, "DE", "de", "Jiří Dvořák|Vodičkova 30|110 00 PRAHA 1|TSCHECHIEN" },
	{ "SK", { NULL, "Eva Horváthová", STREET("Obchodná 2"), "811 06", "Bratislava",
	    NULL, "SK" }, "DE", "de",
	  "Eva Horváthová|Obchodná 2|811 06 BRATISLAVA|SLOWAKEI" },
	{ "HU: the street below the town", { NULL, "Kovács Ágnes",
	    STREET("Andrássy út 60."), "1062", "Budapest", NULL, "HU" }, "DE", "de",
	  "Kovács Ágnes|BUDAPEST|Andrássy út 60.|1062|UNGARN" },
	{ "PT", { NULL, "Inês Gonçalves", STREET("Rua Augusta 100, 2.º Dto"), "1100053",
	    "Lisboa", NULL, "PT" }, "DE", "de",
	  "Inês Gonçalves|Rua Augusta 100, 2.º Dto|1100-053 LISBOA|PORTUGAL" },
	{ "GR", { NULL, "Νίκος Παππάς", STREET("Ερμού 15"), "10563", "Αθήνα", NULL, "GR" },
	  "DE", "de", "Νίκος Παππάς|Ερμού 15|105 63 ΑΘΉΝΑ|GRIECHENLAND" },
	{ "LI", { NULL, "Marie Beck", STREET("Städtle 8"), "9490", "Vaduz", NULL, "LI" },
	  "DE", "de", "Marie Beck|Städtle 8|9490 VADUZ|LIECHTENSTEIN" },
	{ "SI", { NULL, "Žiga Kovačič", STREET("Čopova ulica 1"), "1000", "Ljubljana",
	    NULL, "SI" }, "DE", "de",
	  "Žiga Kovačič|Čopova ulica 1|1000 LJUBLJANA|SLOWENIEN" },
	{ "any other country gets the plain order", { "Nairobi CAD Bureau", NULL,
	    STREET("P.O. Box 30075"), "00100", "Nairobi", NULL, "KE" }, "DE", "en",
	  "Nairobi CAD Bureau|P.O. Box 30075|00100 NAIROBI|KENYA" },
	{ "a town that is its country is said once", { NULL, "Chan Siu Ming",
	    STREET("8 Queen's Road Central"), NULL, "Hong Kong", NULL, "HK" }, "DE", "en",
	  "Chan Siu Ming|8 Queen's Road Central|HONG KONG" },
	{ "blanks are folded and blank lines dropped", { "  Holz \xc2\xa0 Werk  ", "",
	    STREET(" ", "Am  Kai 2", ""), " 24103 ", " Kiel ", "", "DE" }, "DE", "de",
	  "Holz Werk|Am Kai 2|24103 Kiel" },
	{ "a firm named like its owner is one line", { "Jana Kötter", "Jana Kötter",
	    STREET("Sophienstraße 91"), "76135", "Karlsruhe", NULL, "DE" }, "DE", "de",
	  "Jana Kötter|Sophienstraße 91|76135 Karlsruhe" },
	{ "a town too small to have a street is an error, not a gap",
	  { NULL, "X", NULL, "76135", "Karlsruhe", NULL, "DE" }, "DE", "de",
	  "ERROR street" },
	/* ready-made lines */
	{ "ready-made lines stand as they are", { NULL, NULL,
	    STREET("Firma Holz", "Postfach 12", "76001 Karlsruhe"), NULL, NULL, NULL,
	    "DE" }, "DE", "de", "Firma Holz|Postfach 12|76001 Karlsruhe" },
	{ "ready-made lines get the names they lack", { "Firma Holz", "Jana Kötter",
	    STREET("FIRMA HOLZ", "Postfach 12", "76001 Karlsruhe"), NULL, NULL, NULL,
	    "DE" }, "DE", "de", "Jana Kötter|FIRMA HOLZ|Postfach 12|76001 Karlsruhe" },
	{ "ready-made lines get the country they lack", { NULL, "Siân Rhys",
	    STREET("3 Castle Square", "Caernarfon LL55 2NF"), NULL, NULL, NULL, "GB" },
	  "DE", "de",
	  "Siân Rhys|3 Castle Square|Caernarfon LL55 2NF|VEREINIGTES KÖNIGREICH" },
	{ "the country of ready-made lines is not said twice", { NULL, "Siân Rhys",
	    STREET("3 Castle Square", "LL55 2NF Caernarfon", "United Kingdom"), NULL,
	    NULL, NULL, "GB" }, "DE", "de",
	  "Siân Rhys|3 Castle Square|LL55 2NF Caernarfon|UNITED KINGDOM" },
	{ "ready-made lines without a postcode are incomplete", { NULL, "Jana Kötter",
	    STREET("Gebäude C", "Ziegelei 101"), NULL, NULL, NULL, "DE" }, "DE", "de",
	  "ERROR no line has a postcode" },
	{ "one street line is not an address", { NULL, "Jana Kötter",
	    STREET("Ziegelei 101"), NULL, NULL, NULL, "DE" }, "DE", "de",
	  "ERROR 'postcode' and 'city' are missing" },
	/* what holds a delivery back */
	{ "no postcode", { NULL, "Jana Kötter", STREET("Ziegelei 101"), NULL, "Bremen",
	    NULL, "DE" }, "DE", "de", "ERROR field 'postcode' is missing" },
	{ "no town", { NULL, "Jana Kötter", STREET("Ziegelei 101"), "28195", NULL, NULL,
	    "DE" }, "DE", "de", "ERROR field 'city' is missing" },
	{ "no state", { NULL, "Wile Coyote", STREET("1 Congress Ave"), "78701", "Austin",
	    NULL, "US" }, "DE", "de", "ERROR field 'region' is missing, an address in US" },
	{ "no recipient", { NULL, " ", STREET("Ziegelei 101"), "28195", "Bremen", NULL,
	    "DE" }, "DE", "de", "ERROR 'company' and 'name'" },
	{ "no country", { NULL, "Jana Kötter", STREET("Ziegelei 101"), "28195", "Bremen",
	    NULL, NULL }, "DE", "de", "ERROR 'country' is missing" },
	{ "a country that is none", { NULL, "Jana Kötter", STREET("Ziegelei 101"), "28195",
	    "Bremen", NULL, "QQ" }, "DE", "de", "ERROR ISO 3166-1" },
	{ "a postcode cut short", { NULL, "Jana Kötter", STREET("Ziegelei 101"), "2819",
	    "Bremen", NULL, "DE" }, "DE", "de", "ERROR no postcode of DE, they look like 99999" },
	{ "a postcode of the neighbour", { NULL, "Jana Kötter", STREET("Ziegelei 101"),
	    "28195", "Wien", NULL, "AT" }, "DE", "de", "ERROR no postcode of AT" },
	{ "a line break in a name", { NULL, "Jana\nKötter", STREET("Ziegelei 101"),
	    "28195", "Bremen", NULL, "DE" }, "DE", "de", "ERROR 'name' has the character U+000A" },
	{ "text that turns around", { NULL, "Jana \xe2\x80\xaeKötter",
	    STREET("Ziegelei 101"), "28195", "Bremen", NULL, "DE" }, "DE", "de",
	  "ERROR 'name' has the character U+202E" },
	{ "bytes that are no text", { NULL, "Jana K\xf6tter", STREET("Ziegelei 101"),
	    "28195", "Bremen", NULL, "DE" }, "DE", "de", "ERROR 'name' is not UTF-8" },
	{ "seven lines", { "Firma", "Jana", STREET("a", "b", "c", "d"), "28195", "Bremen",
	    NULL, "DE" }, "DE", "de", "ERROR more than 6 lines" },
	{ "the country is the seventh line", { "Firma", "Jana", STREET("a", "b", "c"),
	    "28195", "Bremen", NULL, "DE" }, "AT", "de",
	  "ERROR more than 6 lines (the one of field 'country'" },
};
/* clang-format on */

static void
an_address_reads_as_its_country_writes_it(void **state)
{
	const AddressCase *c = *state;
	g_autoptr(GError) error = NULL;
	g_auto(AddressBlock) block = { 0 };
	bool good = address_format(&c->address, c->home, c->language, &block, &error);

	if (g_str_has_prefix(c->wanted, "ERROR ")) {
		assert_false(good);
		assert_error(error, TP_ERROR_INVALID);
		if (strstr(error->message, c->wanted + 6) == NULL)
			fail_msg("'%s' does not say '%s'", error->message, c->wanted + 6);
		assert_int_equal(block.n, 0);
	} else {
		g_autoptr(GString) got = g_string_new(NULL);

		assert_no_error(error);
		assert_true(good);
		for (int i = 0; i < block.n; i++) {
			g_string_append_printf(
			    got, "%s%s", i > 0 ? "|" : "", block.lines[i]);
			assert_non_null(block.fields[i]);
		}
		assert_string_equal(got->str, c->wanted);
	}
}

static void
countries_have_names_in_the_senders_language(void **state)
{
	(void)state;
	assert_string_equal(address_country("DE", "de"), "Deutschland");
	assert_string_equal(address_country("de", "en"), "Germany");
	assert_string_equal(address_country("AD", "fr"), "Andorra");
	assert_string_equal(address_country("ZW", "de"), "Simbabwe");
	assert_null(address_country("QQ", "de"));
	assert_null(address_country("", "de"));
}

static void
an_error_does_not_repeat_the_address(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(AddressBlock) block = { 0 };
	g_autofree char *name = g_strnfill(300, 'x');
	Address address = { NULL, name, STREET("Ziegelei 101"), "28195", "Bremen", NULL,
		"DE" };

	(void)state;
	assert_false(address_format(&address, "DE", "de", &block, &error));
	assert_non_null(
	    strstr(error->message, "'name' has 300 characters, the limit is 100"));
	assert_null(strstr(error->message, "xxx"));
}

/* Windows.  A ruler whose every byte is half as wide as it is high. */

static double
ruler(void *context, const char *text, double size_pt)
{
	(*(int *)context)++;
	return (double)strlen(text) * size_pt / 2 * 25.4 / 72;
}

typedef struct FitCase {
	const char *name;
	int lines;
	int chars;
	double wanted_pt;
	const char *why;
} FitCase;

/* clang-format off */
static const FitCase fits[] = {
	{ "four short lines are set large", 4, 20, 11, NULL },
	{ "six lines shrink to fit the height", 6, 20, 10, NULL },
	{ "a long line shrinks the whole block", 3, 45, 9.5, NULL },
	{ "the longest line that fits", 3, 54, 8, NULL },
	{ "a line one character longer is refused", 3, 55, 0,
	  "field 'company' is 77.6 mm wide at 8 pt, the window holds 77.5 mm" },
};
/* clang-format on */

static void
a_block_fits_the_window_or_is_refused(void **state)
{
	const FitCase *c = *state;
	g_autoptr(GError) error = NULL;
	AddressBlock block = { .n = c->lines };
	g_autofree char *longest = g_strnfill((gsize)c->chars, 'M');
	char brief[] = "short";
	int calls = 0;
	g_auto(AddressFit) fit = { .size_pt = 0 };

	for (int i = 0; i < c->lines; i++) {
		block.lines[i] = i == 0 ? longest : brief;
		block.fields[i] = i == 0 ? "company" : "street";
	}
	if (c->why == NULL) {
		assert_true(
		    address_fit(&block, &address_window, ruler, &calls, &fit, &error));
		assert_no_error(error);
		assert_true(fabs(fit.size_pt - c->wanted_pt) < 0.01);
		assert_true(c->lines * fit.pitch_mm <= address_window.height_mm);
		assert_true(
		    ruler(&calls, longest, fit.size_pt) <= address_window.width_mm);
	} else {
		assert_false(
		    address_fit(&block, &address_window, ruler, &calls, &fit, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_non_null(strstr(error->message, c->why));
	}
	assert_true(calls > 0);
}

/* Lines that are too wide. */

typedef struct BreakCase {
	const char *name;
	const char *lines;  /* "field:text" parted by '|' */
	const char *wanted; /* texts parted by '|', or "ERROR ..." */
} BreakCase;

/* clang-format off */
static const BreakCase breaks[] = {
	{ "a long firm is broken near its middle",
	  "company:Vereinigte Werkzeugfabriken fuer Praezision AG und Compagnie|city:76133 Ort",
	  "Vereinigte Werkzeugfabriken fuer|Praezision AG und Compagnie|76133 Ort" },
	{ "a long street as well",
	  "name:A|street:Industriegebiet Nord hinter dem alten Gueterbahnhof, Halle 17|city:O",
	  "A|Industriegebiet Nord hinter dem|alten Gueterbahnhof, Halle 17|O" },
	{ "what fits on one line stays on it",
	  "company:Vereinigte Werkzeugfabriken fuer Praezision|city:76133 Ort",
	  "Vereinigte Werkzeugfabriken fuer Praezision|76133 Ort" },
	{ "a long town is not broken",
	  "name:A|city:76133 Llanfairpwllgwyngyll gogerychwyrndrobwll llantysiliogogoch",
	  "ERROR field 'city' is" },
	{ "a seventh line there is not",
	  "company:Vereinigte Werkzeugfabriken fuer Praezision AG und Compagnie|name:A|"
	  "street:B|street:C|city:D|country:E",
	  "ERROR field 'company' is" },
	{ "a word of 60 letters cannot be broken",
	  "company:Vereinigtewerkzeugfabrikenfuerpraezisionagundcompagnieinallerwelt|city:O",
	  "ERROR field 'company' is" },
};
/* clang-format on */

static void
a_long_line_is_broken_where_it_may_be(void **state)
{
	const BreakCase *c = *state;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) parts = g_strsplit(c->lines, "|", -1);
	g_auto(AddressFit) fit = { .size_pt = 0 };
	AddressBlock block = { .n = 0 };
	int calls = 0;
	bool good;

	for (char **p = parts; *p != NULL; p++) {
		char *colon = strchr(*p, ':');

		*colon = '\0';
		block.fields[block.n] = *p;
		block.lines[block.n++] = colon + 1;
	}
	good = address_fit(&block, &address_window, ruler, &calls, &fit, &error);
	if (g_str_has_prefix(c->wanted, "ERROR ")) {
		assert_false(good);
		if (strstr(error->message, c->wanted + 6) == NULL)
			fail_msg("'%s'", error->message);
	} else {
		g_autoptr(GString) got = g_string_new(NULL);

		assert_no_error(error);
		assert_true(good);
		for (int i = 0; i < fit.block.n; i++)
			g_string_append_printf(
			    got, "%s%s", i > 0 ? "|" : "", fit.block.lines[i]);
		assert_string_equal(got->str, c->wanted);
	}
}

static void
a_low_label_says_how_high_the_lines_are(void **state)
{
	static const AddressFrame label = { "label", 38.1, 10, 9, 6 };
	g_autoptr(GError) error = NULL;
	AddressBlock block = { .n = 5 };
	char brief[] = "short";
	int calls = 0;
	g_auto(AddressFit) fit = { .size_pt = 0 };

	(void)state;
	for (int i = 0; i < block.n; i++) {
		block.lines[i] = brief;
		block.fields[i] = "street";
	}
	assert_false(address_fit(&block, &label, ruler, &calls, &fit, &error));
	assert_non_null(strstr(error->message, "5 lines are 13.2 mm high at 6 pt"));
	assert_int_equal(fit.block.n, 0);
	block.n = 3;
	g_clear_error(&error);
	assert_true(address_fit(&block, &label, ruler, &calls, &fit, &error));
	assert_true(fit.size_pt >= 6 && fit.size_pt < 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(countries_have_names_in_the_senders_language),
		cmocka_unit_test(an_error_does_not_repeat_the_address),
		cmocka_unit_test(a_low_label_says_how_high_the_lines_are),
	};
	int failed = 0;

	failed += run_rows("addresses", cases, an_address_reads_as_its_country_writes_it);
	failed += run_rows("breaks", breaks, a_long_line_is_broken_where_it_may_be);
	failed += run_rows("windows", fits, a_block_fits_the_window_or_is_refused);
	failed += cmocka_run_group_tests_name("address", tests, NULL, NULL);
	return failed;
}
