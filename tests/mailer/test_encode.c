/*
 * test_encode.c - what goes in comes out, in lines that relays leave alone.
 */
#include "tests/support/cm.h"

#include "mailer/encode.h"

/* Decoders of our own, as simple as can be. */
static GString *
qp_decode(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text; *p != '\0'; p++) {
		if (p[0] == '=' && p[1] == '\r') {
			p += 2;
		} else if (p[0] == '=') {
			assert_true(g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]));
			g_string_append_c(out, (char)(g_ascii_xdigit_value(p[1]) * 16 +
						      g_ascii_xdigit_value(p[2])));
			p += 2;
		} else {
			g_string_append_c(out, *p);
		}
	}
	return out;
}

static void
assert_lines_are_safe(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);

	for (int i = 0; lines[i] != NULL; i++) {
		size_t length = strlen(lines[i]);

		assert_true(length <= 76);
		assert_true(lines[i][0] != '.');
		assert_false(g_str_has_prefix(lines[i], "From "));
		assert_null(strpbrk(lines[i], "\r\n"));
		assert_true(length == 0 || !g_ascii_isspace(lines[i][length - 1]));
		for (size_t j = 0; j < length; j++)
			assert_true(lines[i][j] == '\t' ||
				    (lines[i][j] >= 32 && lines[i][j] < 127));
	}
}

static void
base64_of_every_length_reads_back(void **state)
{
	uint8_t bytes[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		g_autoptr(GString) out = g_string_new("before");
		g_autofree guchar *back = NULL;
		gsize n = 0;

		encode_base64(out, bytes, length);
		assert_true(length == 0 || g_str_has_suffix(out->str, "\r\n"));
		assert_int_equal(out->len, strlen(out->str));
		assert_lines_are_safe(out->str + strlen("before"));
		back = g_base64_decode(out->str + 6, &n);
		assert_int_equal(n, length);
		assert_memory_equal(back, bytes, length);
	}
}

typedef struct QpRow {
	const char *name;
	const char *text;
	const char *wire;
} QpRow;

#define X70 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* clang-format off */
static const QpRow qp_rows[] = {
	{ "qp: plain", "Hello, world!\n", "Hello, world!\r\n" },
	{ "qp: a licence code stays readable", "7K3QF-GHJKM-NPRST-VWXYZ-0123A\n", "7K3QF-GHJKM-NPRST-VWXYZ-0123A\r\n" },
	{ "qp: an activation URL too", "HTTPS://DEPOT.EXAMPLE.COM/#7K3QF\n", "HTTPS://DEPOT.EXAMPLE.COM/#7K3QF\r\n" },
	{ "qp: equals sign", "a=b\n", "a=3Db\r\n" },
	{ "qp: umlaut", "\xc3\xbc\n", "=C3=BC\r\n" },
	{ "qp: last line without end is ended", "a", "a\r\n" },
	{ "qp: CRLF stays one end", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "qp: lone CR is an end", "a\rb\n", "a\r\nb\r\n" },
	{ "qp: empty lines stay", "\n\na\n\n", "\r\n\r\na\r\n\r\n" },
	{ "qp: space at the end", "a \n", "a=20\r\n" },
	{ "qp: tab at the end", "a\t\n", "a=09\r\n" },
	{ "qp: spaces within stay", "a  b\tc\n", "a  b\tc\r\n" },
	{ "qp: lone dot", ".\n", "=2E\r\n" },
	{ "qp: dots", "..\n.x\n", "=2E.\r\n=2Ex\r\n" },
	{ "qp: From at the start", "From me\n", "=46rom me\r\n" },
	{ "qp: From elsewhere, and Fromage, stay", " From me\nFromage\n", " From me\r\nFromage\r\n" },
	{ "qp: controls", "\x01\x7f\n", "=01=7F\r\n" },
	{ "qp: a long line breaks at a space", X70 " yyyyyyyy\n", X70 " =\r\nyyyyyyyy\r\n" },
	{ "qp: a long word breaks where it must", X70 X70 "\n", X70 "xxx=\r\n" "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n" },
	{ "qp: a dot behind a soft break", X70 " .yyyyyyyyy\n", X70 " =\r\n=2Eyyyyyyyyy\r\n" },
	{ "qp: From behind a soft break", X70 " From me\n", X70 " =\r\n=46rom me\r\n" },
	{ "qp: a character is not cut", X70 "\xe2\x82\xac\n", X70 "=\r\n=E2=82=AC\r\n" },
	{ "qp: nothing", "", "" },
};
/* clang-format on */

static void
qp_is(void **state)
{
	const QpRow *row = *state;
	g_autoptr(GString) out = g_string_new(NULL);

	encode_quoted_printable(out, row->text, strlen(row->text));
	assert_string_equal(out->str, row->wire);
}

/* Text of many kinds of trouble, cut short to a seed. */
static char *
random_text(GRand *rand, size_t length)
{
	static const char *const bits[] = { "a", "From ", ".", " ", "\t", "=", "\n",
		"\r\n", "word ", "\xc3\xbc", "\xe6\x97\xa5", "\xf0\x9f\x9a\x80", "> ",
		"-- ", "ABCDE-FGHIJ", "a long word that is none ", "\xd7\xa2" };
	GString *text = g_string_new(NULL);

	while (text->len < length)
		g_string_append(
		    text, bits[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(bits))]);
	return g_string_free(text, FALSE);
}

static void
quoted_printable_reads_back(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	(void)state;
	for (int round = 0; round < 2000; round++) {
		g_autofree char *text =
		    random_text(rand, (size_t)g_rand_int_range(rand, 0, 600));
		g_autoptr(GString) wire = g_string_new(NULL);
		g_autoptr(GString) back = NULL;
		g_autoptr(GString) wanted = g_string_new(text);

		g_string_replace(wanted, "\r\n", "\n", 0);
		if (wanted->len > 0 && wanted->str[wanted->len - 1] != '\n')
			g_string_append_c(wanted, '\n');
		encode_quoted_printable(wire, text, strlen(text));
		assert_lines_are_safe(wire->str);
		back = qp_decode(wire->str);
		g_string_replace(back, "\r\n", "\n", 0);
		assert_string_equal(back->str, wanted->str);
	}
}

/* What a reader of format=flowed does (RFC 3676 4.1, 4.4). */
static char *
unflow(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(NULL);

	for (int i = 0; lines[i] != NULL; i++) {
		const char *line = lines[i];
		size_t length = 0;

		line += *line == ' ';
		length = strlen(line);
		g_string_append(out, line);
		if (lines[i + 1] == NULL)
			break;
		if (length == 0 || line[length - 1] != ' ' || strcmp(line, "-- ") == 0)
			g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

typedef struct FlowRow {
	const char *name;
	const char *text;
	const char *flowed;
} FlowRow;

/* clang-format off */
static const FlowRow flow_rows[] = {
	{ "flowed: short lines stay", "a\nb\n", "a\nb\n" },
	{ "flowed: spaces at the end go", "a  \nb\t\n", "a\nb\n" },
	{ "flowed: the mark before a signature stays", "-- \nme\n", "-- \nme\n" },
	{ "flowed: leading space is stuffed", " a\n", "  a\n" },
	{ "flowed: a quote sign is stuffed", "> a\n", " > a\n" },
	{ "flowed: From is stuffed", "From a\n", " From a\n" },
	{ "flowed: a long word stays whole", X70 "xxxxxxxxxx\n", X70 "xxxxxxxxxx\n" },
	{ "flowed: a paragraph is broken", X70 " yyyy zzzz\n", X70 " \nyyyy zzzz\n" },
	{ "flowed: umlauts count as one", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc \naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" },
};
/* clang-format on */

static void
flowed_is(void **state)
{
	const FlowRow *row = *state;
	g_autofree char *flowed = encode_flowed(row->text);

	assert_string_equal(flowed, row->flowed);
}

static void
flowed_text_reads_back(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);

	(void)state;
	for (int round = 0; round < 2000; round++) {
		g_autofree char *text =
		    random_text(rand, (size_t)g_rand_int_range(rand, 0, 900));
		g_autofree char *flowed = encode_flowed(text);
		g_autofree char *back = unflow(flowed);
		g_autoptr(GString) plain = g_string_new(text);
		g_autoptr(GString) wanted = g_string_new(NULL);
		g_auto(GStrv) lines = NULL;

		g_string_replace(plain, "\r\n", "\n", 0);
		lines = g_strsplit(plain->str, "\n", -1);
		for (int i = 0; lines[i] != NULL; i++) {
			if (lines[i + 1] == NULL && *lines[i] == '\0')
				break;
			if (strcmp(lines[i], "-- ") != 0)
				g_strchomp(lines[i]);
			g_string_append_printf(wanted, "%s\n", lines[i]);
		}
		assert_string_equal(back, wanted->str);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_of_every_length_reads_back),
		cmocka_unit_test(quoted_printable_reads_back),
		cmocka_unit_test(flowed_text_reads_back),
	};

	return run_rows("qp", qp_rows, qp_is) + run_rows("flowed", flow_rows, flowed_is) +
	       cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
