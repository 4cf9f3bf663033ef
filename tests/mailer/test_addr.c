/*
 * test_addr.c - an address that passes is safe in an envelope and in a header.
 */
#include "tests/support/cm.h"

#include "mailer/addr.h"
#include "queue/limits.h"

typedef struct Row {
	const char *name;
	const char *text;
	const char *normal; /* NULL: refused */
	const char *reason; /* part of the message */
} Row;

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10

/* clang-format off */
static const Row rows[] = {
	{ "plain", "ada@example.org", "ada@example.org", NULL },
	{ "plus, dots and odd signs", "a.b+c!#$%&'*/=?^_`{|}~-@example.org", "a.b+c!#$%&'*/=?^_`{|}~-@example.org", NULL },
	{ "domain is lower-cased, local part is not", "Ada@EXAMPLE.Org", "Ada@example.org", NULL },
	{ "umlaut domain goes to A-label", "ada@B\xc3\xbc" "cher.example", "ada@xn--bcher-kva.example", NULL },
	{ "sharp s is kept (RFC 5891)", "a@stra\xc3\x9f" "e.example", "a@xn--strae-oqa.example", NULL },
	{ "decomposed umlaut is the same domain", "ada@bu\xcc\x88" "cher.example", "ada@xn--bcher-kva.example", NULL },
	{ "an A-label is kept", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example", NULL },
	{ "ideographic full stop separates labels", "a@example\xe3\x80\x82" "org", "a@example.org", NULL },
	{ "umlaut before the at (RFC 6531)", "m\xc3\xbcller@example.org", "m\xc3\xbcller@example.org", NULL },
	{ "decomposed local part is composed", "mu\xcc\x88ller@example.org", "m\xc3\xbcller@example.org", NULL },
	{ "quoted local part keeps its dot", "\".ada\"@example.org", "\".ada\"@example.org", NULL },
	{ "quoted local part may have a space", "\"a b\\\"c\"@example.org", "\"a b\\\"c\"@example.org", NULL },
	{ "relay on this machine", "root@localhost", "root@localhost", NULL },
	{ "64 bytes before the at", X60 "xxxx@example.org", X60 "xxxx@example.org", NULL },

	{ "empty", "", NULL, "no '@'" },
	{ "no at", "ada.example.org", NULL, "no '@'" },
	{ "two at", "a@b@example.org", NULL, "more than one" },
	{ "at inside quotes", "\"a@b\"@example.org", NULL, "more than one" },
	{ "nothing before", "@example.org", NULL, "nothing before" },
	{ "nothing behind", "ada@", NULL, "empty label" },
	{ "65 bytes before the at", X60 "xxxxx@example.org", NULL, "more than 64" },
	{ "line break", "ada@example.org\r\nBcc: all@example.org", NULL, "control" },
	{ "line break before the at", "ada\r\n@example.org", NULL, "control" },
	{ "bare line feed", "ada\n@example.org", NULL, "control" },
	{ "tab", "ada\t@example.org", NULL, "control" },
	{ "space", "ad a@example.org", NULL, "byte 3" },
	{ "space behind", "ada@example.org ", NULL, "not allowed in one" },
	{ "smtp command parameter", "ada@example.org> SIZE=1", NULL, "not allowed in one" },
	{ "angle bracket", "<ada@example.org>", NULL, "byte 1" },
	{ "comment", "ada(x)@example.org", NULL, "byte 4" },
	{ "comma list", "a,b@example.org", NULL, "byte 2" },
	{ "source route", "@a.example:b@example.org", NULL, "more than one" },
	{ "two dots", "a..b@example.org", NULL, "dot" },
	{ "dot at the end", "a.@example.org", NULL, "dot" },
	{ "dot at the start", ".a@example.org", NULL, "dot" },
	{ "quote without end", "\"a@example.org", NULL, "does not end" },
	{ "quote that ends early", "\"a\"b\"@example.org", NULL, "byte 3" },
	{ "backslash at the end of quotes", "\"a\\\"@example.org", NULL, "quotes nothing" },
	{ "umlaut in quotes", "\"\xc3\xbc\"@example.org", NULL, "quotes" },
	{ "no dot in the domain", "ada@example", NULL, "no dot" },
	{ "address literal", "ada@[192.0.2.1]", NULL, NULL },
	{ "numbers only", "ada@192.0.2.1", NULL, "ends in a number" },
	{ "empty label", "ada@example..org", NULL, "empty label" },
	{ "dot behind the domain", "ada@example.org.", NULL, "empty label" },
	{ "hyphen at a label's edge", "ada@-example.org", NULL, "hyphen" },
	{ "underscore in the domain", "ada@ex_ample.org", NULL, "not allowed in one" },
	{ "label of 64 bytes", "ada@" X60 "xxxx.org", NULL, "63" },
	{ "domain of 254 bytes", "a@" X60 "." X60 "." X60 "." X60 "." "xxxxxx.org", NULL, "253" },
	{ "address of 255 bytes", X60 "@" X60 "." X60 "." X60 "." "xxxxxxx.org", NULL, "longer than 254" },
	{ "bogus A-label", "a@xn--\xc3\xbc.example", NULL, NULL },
	{ "A-label of nothing", "a@xn--a.example", NULL, NULL },
	{ "invalid UTF-8", "a\xff@example.org", NULL, "UTF-8" },
	{ "overlong UTF-8 slash", "a\xc0\xaf@example.org", NULL, "UTF-8" },
	{ "no-break space", "a\xc2\xa0" "b@example.org", NULL, "byte 2" },
	{ "right-to-left override", "a\xe2\x80\xae@example.org", NULL, "byte 2" },
	{ "zero width space", "a\xe2\x80\x8b" "b@example.org", NULL, "byte 2" },
	{ "C1 control", "a\xc2\x85" "b@example.org", NULL, "byte 2" },
	{ "full-width at is not an at", "ada\xef\xbc\xa0" "example.org", NULL, "no '@'" },
	{ "a sign that unfolds to a slash", "a@b\xe2\x84\x80.example", NULL, "not allowed in one" },
	{ "a full-width underscore", "a@\xef\xbc\xbf" "b.example", NULL, "not allowed in one" },
	{ "soft hyphen in the domain", "a@b\xc2\xad" "c.example", NULL, "not allowed in one" },
	{ "full-width at in the domain", "a@b\xef\xbc\xa0" "example.org", NULL, NULL },
};
/* clang-format on */

static void
row_holds(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *normal = addr_normal(row->text, &error);

	if (row->normal != NULL) {
		g_autofree char *again = NULL;

		assert_no_error(error);
		assert_string_equal(normal, row->normal);
		again = addr_normal(normal, &error);
		assert_string_equal(again, normal);
		return;
	}
	assert_null(normal);
	assert_error(error, TP_ERROR_INVALID);
	if (row->reason != NULL && strstr(error->message, row->reason) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, row->reason);
	assert_null(strpbrk(error->message, "\r\n"));
}

static void
a_nul_inside_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(addr_parse("ada\0@example.org", 16, &error));
	assert_error(error, TP_ERROR_INVALID);
}

static void
only_a_local_part_beyond_ascii_needs_smtputf8(void **state)
{
	g_autoptr(MailAddr) plain = addr_parse("a@b\xc3\xbc"
					       "cher.example",
	    -1, NULL);
	g_autoptr(MailAddr) wide = addr_parse("\xc3\xbc@example.org", -1, NULL);

	(void)state;
	assert_false(plain->needs_smtputf8);
	assert_true(wide->needs_smtputf8);
}

typedef struct NameRow {
	const char *name;
	const char *text;
	const char *shown;
} NameRow;

/* clang-format off */
static const NameRow names[] = {
	{ "name: plain", "Ada Lovelace", "Ada Lovelace" },
	{ "name: umlauts stay", "J\xc3\xbcrgen Gr\xc3\xb6\xc3\x9f" "e", "J\xc3\xbcrgen Gr\xc3\xb6\xc3\x9f" "e" },
	{ "name: an address in it is broken up", "ceo@bank.example", "ceo bank.example" },
	{ "name: header injection is inert", "Ada\r\nBcc: x@example.org", "Ada Bcc x example.org" },
	{ "name: quotes and brackets go", "\"Ada\" <x>", "Ada x" },
	{ "name: spaces collapse", "  Ada   L.  ", "Ada L." },
	{ "name: direction marks go", "Ada\xe2\x80\xae" "gro", "Adagro" },
	{ "name: hebrew stays", "\xd7\xa2\xd7\x93\xd7\x94", "\xd7\xa2\xd7\x93\xd7\x94" },
	{ "name: emoji stays", "Ada \xf0\x9f\x9a\x80", "Ada \xf0\x9f\x9a\x80" },
	{ "name: nothing left", "@:,", "" },
	{ "name: invalid UTF-8 is marked", "A\xff" "B", "A\xef\xbf\xbd" "B" },
};
/* clang-format on */

static void
name_is_shown(void **state)
{
	const NameRow *row = *state;
	g_autofree char *shown = addr_display_name(row->text);

	assert_string_equal(shown, row->shown);
}

static void
a_long_name_is_cut(void **state)
{
	g_autofree char *text = g_strnfill(5000, 'x');
	g_autofree char *shown = addr_display_name(text);

	(void)state;
	assert_int_equal(strlen(shown), LIMIT_DISPLAY_NAME_CHARS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nul_inside_is_refused),
		cmocka_unit_test(only_a_local_part_beyond_ascii_needs_smtputf8),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return run_rows("addr", rows, row_holds) +
	       run_rows("names", names, name_is_shown) +
	       cmocka_run_group_tests_name("addr more", tests, NULL, NULL);
}
