/*
 * test_decode.c - whatever senders do to letters, a person can read them again.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "mailer/decode.h"
#include "queue/limits.h"

typedef enum What {
	WORDS,
	BASE64,
	QP,
	FLOWED,
	FLOWED_DELSP,
	HTML,
	XTEXT,
	FIELD_VALUE,
	FILENAME,
	BOUNDARY,
} What;

typedef struct Row {
	const char *name;
	What what;
	const char *in;
	const char *out; /* NULL: the parameter is not there */
} Row;

#define UUML "\xc3\xbc"
#define AUML "\xc3\xa4"
#define BAD "\xef\xbf\xbd"

/* clang-format off */
static const Row rows[] = {
	{ "words: plain text stays", WORDS, "Order 4711", "Order 4711" },
	{ "words: q", WORDS, "=?utf-8?q?M=C3=BCller_GmbH?=", "M" UUML "ller GmbH" },
	{ "words: b", WORDS, "=?UTF-8?B?TcO8bGxlcg==?=", "M" UUML "ller" },
	{ "words: latin1 is windows-1252", WORDS, "=?iso-8859-1?Q?10_=80?=", "10 \xe2\x82\xac" },
	{ "words: a language tag is passed over", WORDS, "=?utf-8*de?q?M=C3=BCller?=", "M" UUML "ller" },
	{ "words: blanks between two words go", WORDS, "=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab" },
	{ "words: blanks beside text stay", WORDS, "x =?utf-8?q?a?= y =?utf-8?q?b?= z", "x a y b z" },
	{ "words: a letter split between two words", WORDS, "=?utf-8?B?TcM=?= =?utf-8?B?vGxsZXI=?=", "M" UUML "ller" },
	{ "words: two charsets side by side", WORDS, "=?utf-8?q?=C3=BC?= =?iso-8859-1?q?=FC?=", UUML UUML },
	{ "words: blanks inside a word", WORDS, "=?utf-8?q?a b=C3=BC?=", "a b" UUML },
	{ "words: glued to the text around", WORDS, "Re:=?utf-8?q?=C3=BC?=x", "Re:" UUML "x" },
	{ "words: unknown charset is guessed", WORDS, "=?x-foo?q?=FC?=", UUML },
	{ "words: broken ones stay as they are", WORDS, "=?utf-8?x?a?= =?utf-8?q?a =?q?", "=?utf-8?x?a?= =?utf-8?q?a =?q?" },
	{ "words: cut base64", WORDS, "=?utf-8?B?TcO8b?=", "M" UUML },
	{ "words: raw utf-8", WORDS, "M" UUML "ller", "M" UUML "ller" },
	{ "words: raw windows-1252", WORDS, "M\xfcller \x80", "M" UUML "ller \xe2\x82\xac" },
	{ "words: control characters become blanks", WORDS, "=?utf-8?q?a=0D=0ABcc:_b=1B[2J=00?=", "a  Bcc: b [2J" BAD },
	{ "words: invalid utf-8 is marked", WORDS, "=?utf-8?q?a=FFb?=", "a" BAD "b" },
	{ "words: iso-2022-jp", WORDS, "=?iso-2022-jp?B?GyRCJCIbKEI=?=", "\xe3\x81\x82" },

	{ "base64: plain", BASE64, "SGFsbG8=", "Hallo" },
	{ "base64: wrapped after every digit", BASE64, "S\nG\nF\r\ns \tb\nG\n8\n=\n", "Hallo" },
	{ "base64: padding missing", BASE64, "SGFsbG8", "Hallo" },
	{ "base64: one digit too many", BASE64, "SGFsbG8hS", "Hallo!" },
	{ "base64: two blobs", BASE64, "SGFs\nbG8=\nSGFsbG8=\n", "HalloHallo" },
	{ "base64: footer of a list stays out", BASE64, "SGFsbG8=\n\n___________\nlist mailing list\n", "Hallo" },
	{ "base64: footer without padding in front", BASE64, "SGFsbG8h\n_______________\nlist of lists\n", "Hallo!" },
	{ "base64: footer behind a signature line", BASE64, "SGFsbG8h\n-- \nlist of lists\n", "Hallo!" },
	{ "base64: signs between", BASE64, "SG*F.sbG8=", "Hallo" },
	{ "base64: nothing", BASE64, "====", "" },

	{ "qp: letters", QP, "M=C3=BCller", "M" UUML "ller" },
	{ "qp: lower case", QP, "M=c3=bcller", "M" UUML "ller" },
	{ "qp: soft line break", QP, "a=\nb=\r\nc", "abc" },
	{ "qp: blanks behind a soft line break", QP, "a= \t\nb", "ab" },
	{ "qp: blanks at the end of a line go", QP, "a \t\nb  ", "a\nb" },
	{ "qp: CRLF stays CRLF", QP, "a\r\nb\n", "a\r\nb\n" },
	{ "qp: a lone sign stays", QP, "a=zz = b=4", "a=zz = b=4" },
	{ "qp: the last sign is a soft line break", QP, "a=", "a" },
	{ "qp: coded line break at the end", QP, "a=0D=0A", "a\r\n" },

	{ "flowed: joined", FLOWED, "a \nb \nc\nd\n", "a b c\nd\n" },
	{ "flowed: delsp", FLOWED_DELSP, "Karls \nruhe\n", "Karlsruhe\n" },
	{ "flowed: quotes of one depth", FLOWED, ">a \n>b\n>> c \n>d\n", "> a b\n>> c \n> d\n" },
	{ "flowed: signature line", FLOWED, "text \n-- \nname\n", "text \n-- \nname\n" },
	{ "flowed: space-stuffing", FLOWED, " From here\n  two\n", "From here\n two\n" },
	{ "flowed: CRLF", FLOWED, "a \r\nb\r\n", "a b\n" },

	{ "html: paragraphs", HTML, "<p>a</p><p>b<br>c</p>", "a\n\nb\nc\n" },
	{ "html: blanks fold", HTML, "a \n\t b", "a b\n" },
	{ "html: entities", HTML, "&lt;&amp;&gt; M&uuml;ller &#8364; &#x20AC; &nbsp;x", "<&> M" UUML "ller \xe2\x82\xac \xe2\x82\xac x\n" },
	{ "html: what is no entity", HTML, "a & b &foo; &;", "a & b &foo; &;\n" },
	{ "html: what is no tag", HTML, "a < b and c > d", "a < b and c > d\n" },
	{ "html: script and style", HTML, "a<style>x{}</style><script>if (a<b) y()</script>b", "ab\n" },
	{ "html: comment", HTML, "a<!-- <p>no</p> -->b<!-- open", "ab\n" },
	{ "html: a sign in a quoted value", HTML, "<a title=\"a > b\">x</a>", "x\n" },
	{ "html: a quote that is never closed", HTML, "<a title=\"x>y</a> z", "y z\n" },
	{ "html: surrogates and giants are marked", HTML, "&#xd800; &#99999999;", BAD " " BAD "\n" },
	{ "html: cells are words", HTML, "<tr><td>a</td><td>b</td></tr>", "a b\n" },

	{ "xtext: coded plus", XTEXT, "a+2Bb@example.org", "a+b@example.org" },
	{ "xtext: no digits behind", XTEXT, "a+zz+", "a+zz+" },
	{ "xtext: control characters", XTEXT, "a+0D+00b", "a??b" },

	{ "field: value in lower case", FIELD_VALUE, " Text/PLAIN ; charset=x", "text/plain" },
	{ "field: comments go", FIELD_VALUE, "text/plain (a (b) c); charset=x", "text/plain" },
	{ "field: nothing", FIELD_VALUE, "", "" },

	{ "param: quoted", FILENAME, "attachment; filename=\"a;b.csv\"", "a;b.csv" },
	{ "param: any case", FILENAME, "attachment; FileName=a.csv", "a.csv" },
	{ "param: blanks around", FILENAME, "attachment ;  filename = a.csv ; x=y", "a.csv" },
	{ "param: blanks inside, no quotes", FILENAME, "attachment; filename=Order (1) 4711.csv", "Order (1) 4711.csv" },
	{ "param: comment at the end", FILENAME, "attachment; filename=a.csv (made by hand); x=y", "a.csv" },
	{ "param: quoted quote", FILENAME, "attachment; filename=\"a\\\"b.csv\"", "a\"b.csv" },
	{ "param: path of Windows", FILENAME, "attachment; filename=\"C:\\new\\a.csv\"", "C:\\new\\a.csv" },
	{ "param: quote never closed", FILENAME, "attachment; filename=\"a.csv", "a.csv" },
	{ "param: encoded word in quotes", FILENAME, "attachment; filename=\"=?utf-8?q?=C3=A4=2Ecsv?=\"", AUML ".csv" },
	{ "param: raw windows-1252", FILENAME, "attachment; filename=\"\xe4.csv\"", AUML ".csv" },
	{ "param: percent and charset", FILENAME, "attachment; filename*=iso-8859-1'de'%E4%20b.csv", AUML " b.csv" },
	{ "param: percent without charset", FILENAME, "attachment; filename*=%C3%A4.csv", AUML ".csv" },
	{ "param: extended wins", FILENAME, "attachment; filename=\"?.csv\"; filename*=utf-8''%C3%A4.csv", AUML ".csv" },
	{ "param: pieces in any order", FILENAME, "attachment; filename*2=c; filename*0=a; filename*1=b", "abc" },
	{ "param: coded and plain pieces", FILENAME, "attachment; filename*0*=utf-8''a%20; filename*1=b%20; filename*2*=%20c", "a b%20 c" },
	{ "param: a letter split between pieces", FILENAME, "attachment; filename*0*=utf-8''%C3; filename*1*=%A4", AUML },
	{ "param: a piece is missing", FILENAME, "attachment; filename*0=a; filename*2=c", "a" },
	{ "param: the first piece is missing", FILENAME, "attachment; filename*1=b; filename=plain", "plain" },
	{ "param: line breaks cannot get in", FILENAME, "attachment; filename*=utf-8''a%0D%0Ab%00c", "a  b" BAD "c" },
	{ "param: encoded word in pieces", FILENAME, "attachment; filename*0=\"=?utf-8?q?=C3=A4\"; filename*1=\"?=\"", AUML },
	{ "param: not there", FILENAME, "attachment; name=a", NULL },
	{ "param: nothing behind the charset", FILENAME, "attachment; filename*=utf-8''", "" },
	{ "param: no value", FILENAME, "attachment; filename", "" },
	{ "param: only semicolons", FILENAME, ";;;;;;", NULL },
	{ "param: boundary with signs", BOUNDARY, "multipart/mixed; boundary=\"=_:()/?,'\"", "=_:()/?,'" },
};
/* clang-format on */

static char *
from_array(GByteArray *bytes)
{
	char *text = bytes->len == 0 ? g_strdup("")
				     : g_strndup((const char *)bytes->data, bytes->len);

	assert_int_equal(strlen(text), bytes->len);
	return text;
}

static char *
decode(const Row *row)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(DecodedField) field = NULL;

	switch (row->what) {
	case WORDS:
		return decode_words(row->in);
	case BASE64:
		decode_base64(row->in, strlen(row->in), bytes);
		return from_array(bytes);
	case QP:
		decode_quoted_printable(row->in, strlen(row->in), bytes);
		return from_array(bytes);
	case FLOWED:
	case FLOWED_DELSP:
		return decode_flowed(row->in, row->what == FLOWED_DELSP);
	case HTML:
		return decode_html(row->in);
	case XTEXT:
		return decode_xtext(row->in);
	case FIELD_VALUE:
	case FILENAME:
	case BOUNDARY:
		field = decode_field(row->in);
		return g_strdup(
		    row->what == FIELD_VALUE
			? field->value
			: decoded_field_find(
			      field, row->what == FILENAME ? "filename" : "boundary"));
	}
	return NULL;
}

static void
row_decodes(void **state)
{
	const Row *row = *state;
	g_autofree char *out = decode(row);

	if (row->out == NULL) {
		assert_null(out);
		return;
	}
	assert_non_null(out);
	assert_string_equal(out, row->out);
	assert_true(g_utf8_validate(out, -1, NULL) || row->what == BASE64);
}

static void
every_charset_of_the_table_is_there(void **state)
{
	static const char *const names[] = {
#define CHARSET(name, iconv_name) name,
#include "mailer/decode_charsets.def"
#undef CHARSET
	};

	(void)state;
	decode_init();
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *text = NULL;
		size_t n;

		assert_true(decode_charset_known(names[i]));
		/* Letters survive in all of them; the two-byte ones get two bytes each.
		 */
		if (g_str_has_prefix(names[i], "utf-16"))
			text = decode_charset(names[i],
			    g_str_has_suffix(names[i], "be") ? "\0A\0B" : "A\0B\0", 4,
			    &n);
		else
			text = decode_charset(names[i], "AB", 2, &n);
		assert_string_equal(text, "AB");
		assert_int_equal(n, 2);
	}
	assert_false(decode_charset_known("iso-2022-cn-ext"));
	assert_false(decode_charset_known(NULL));
	assert_true(decode_charset_known("UTF-8"));
}

static void
any_bytes_in_any_charset_give_valid_utf8(void **state)
{
	uint8_t bytes[512];
	static const char *const names[] = { NULL, "utf-8", "utf-16", "utf-7", "gb18030",
		"iso-2022-jp", "shift_jis", "big5", "koi8-r", "us-ascii", "windows-1252",
		"nonsense" };

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 167 + i / 256);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		for (size_t n = 0; n <= sizeof(bytes); n += 7) {
			size_t length;
			g_autofree char *text =
			    decode_charset(names[i], bytes, n, &length);

			assert_int_equal(strlen(text), length);
			assert_true(g_utf8_validate(text, -1, NULL));
		}
}

static void
a_field_keeps_at_most_its_limit_of_parameters(void **state)
{
	g_autoptr(GString) raw = g_string_new("text/plain");
	g_autoptr(DecodedField) field = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		g_string_append_printf(raw, "; p%d=x", i);
	field = decode_field(raw->str);
	assert_int_equal(field->n_params, LIMIT_INTAKE_PARAMS);
	assert_string_equal(decoded_field_find(field, "p63"), "x");
	assert_null(decoded_field_find(field, "p64"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_charset_of_the_table_is_there),
		cmocka_unit_test(any_bytes_in_any_charset_give_valid_utf8),
		cmocka_unit_test(a_field_keeps_at_most_its_limit_of_parameters),
	};

	return run_rows("decode", rows, row_decodes) +
	       cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
