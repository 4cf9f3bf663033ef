/*
 * test_code.c - ticket codes: unique, even, typo-proof, readable however they were typed.
 */
#include "tests/support/cm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fulfill/issue/code.h"
#include "queue/limits.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- making ---- */

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, CODE_SYMBOLS);
}

/* SG-1.  With 31 degrees of freedom chi-square is above 103 once in 10^9. */
static void
a_million_codes_are_unique_and_even(void **state)
{
	enum { N = 1000000 };
	char(*all)[CODE_SYMBOLS] = g_malloc(N * (size_t)CODE_SYMBOLS);
	static unsigned count[CODE_SYMBOLS][128];

	(void)state;
	for (int i = 0; i < N; i++) {
		Code code;

		code_random(&code);
		assert_int_equal(strlen(code.symbols), CODE_SYMBOLS);
		memcpy(all[i], code.symbols, CODE_SYMBOLS);
		for (int p = 0; p < CODE_SYMBOLS; p++)
			count[p][(unsigned char)code.symbols[p]]++;
	}
	for (int p = 0; p < CODE_SYMBOLS; p++) {
		double chi = 0;
		unsigned seen = 0;

		for (int s = 0; s < 32; s++) {
			double off = count[p][(unsigned char)symbols[s]] - N / 32.0;

			seen += count[p][(unsigned char)symbols[s]];
			chi += off * off / (N / 32.0);
		}
		assert_int_equal(seen, N); /* nothing outside the alphabet */
		if (chi > 103)
			fail_msg("position %d: chi-square %.1f", p, chi);
	}
	qsort(all, N, CODE_SYMBOLS, by_bytes);
	for (int i = 1; i < N; i++)
		assert_true(memcmp(all[i - 1], all[i], CODE_SYMBOLS) < 0);
	g_free(all);
}

/* Worked out by hand from the definition in code.h, with alpha^5 = alpha^2 + 1. */
static const struct known_row {
	const char *name;
	uint8_t bytes[CODE_RANDOM_BYTES];
	const char *text;
} known[] = {
	{ "all zero", { 0 }, "00000-00000-00000-00000-00000" },
	/* symbol 0 is 1: the check symbol is alpha^-24 = alpha^7 = 20 = M */
	{ "a one in the first place", { 0x08 }, "10000-00000-00000-00000-0000M" },
	/* symbol 23 is 1: alpha^23 * alpha^-24 = alpha^30 = 18 = J */
	{ "a one in the last place", { [14] = 1 }, "00000-00000-00000-00000-0001J" },
};

static void
known_row_test(void **state)
{
	const struct known_row *row = *state;
	char text[CODE_TEXT_SIZE];
	Code code;

	code_from_bytes(row->bytes, &code);
	assert_string_equal(code_format(&code, text), row->text);
}

/* Reads back what it wrote, in the ways people write. */
static void
a_hundred_thousand_round_trips(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		char text[CODE_TEXT_SIZE];
		Code code;
		Code back;

		code_random(&code);
		code_format(&code, text);
		assert_int_equal(strlen(text), 29);
		if (i % 3 == 1)
			for (char *c = text; *c != '\0'; c++)
				*c = g_ascii_tolower(*c);
		assert_true(
		    code_parse(i % 3 == 2 ? code.symbols : text, -1, &back, NULL, NULL));
		assert_string_equal(back.symbols, code.symbols);
	}
}

static void
masks_show_the_last_group_only(void **state)
{
	Code code;
	char mask[CODE_MASK_SIZE];
	char again[CODE_MASK_SIZE];

	(void)state;
	assert_true(code_parse("10000-00000-00000-00000-0000M", -1, &code, NULL, NULL));
	assert_string_equal(code_mask(&code, mask), "*****-...-0000M");
	assert_string_equal(code_tail(&code), "0000M");
	assert_string_equal(code_mask_tail("0000M", again), mask);
	code_clear(&code);
	for (size_t i = 0; i < sizeof(code); i++)
		assert_int_equal(((char *)&code)[i], 0);
}

/* ---- what the check finds ---- */

/* YZ may be read as ZY; a single change that this mends gives a code, but never the one
 * it came from.  What must not happen is that a typo passes as it stands. */
static bool
passes_as_it_stands(const char *text)
{
	Code back;

	return code_parse(text, -1, &back, NULL, NULL) && strcmp(back.symbols, text) == 0;
}

static void
every_single_substitution_is_found(void **state)
{
	long tried = 0;

	(void)state;
	for (int sample = 0; sample < 50; sample++) {
		Code code;

		code_random(&code);
		assert_true(passes_as_it_stands(code.symbols));
		for (int p = 0; p < CODE_SYMBOLS; p++) {
			char was = code.symbols[p];

			for (int s = 0; s < 32; s++) {
				if (symbols[s] == was)
					continue;
				code.symbols[p] = symbols[s];
				assert_false(passes_as_it_stands(code.symbols));
				tried++;
			}
			code.symbols[p] = was;
		}
	}
	assert_int_equal(tried, 50 * 25 * 31);
}

static void
every_swap_of_two_is_found(void **state)
{
	long tried = 0;

	(void)state;
	for (int sample = 0; sample < 200; sample++) {
		Code code;

		code_random(&code);
		for (int p = 0; p < CODE_SYMBOLS; p++)
			for (int q = p + 1; q < CODE_SYMBOLS; q++) {
				Code swapped = code;

				if (code.symbols[p] == code.symbols[q])
					continue;
				swapped.symbols[p] = code.symbols[q];
				swapped.symbols[q] = code.symbols[p];
				assert_false(passes_as_it_stands(swapped.symbols));
				tried++;
			}
	}
	assert_true(tried > 200 * 250);
}

/* One check symbol cannot say where: each place has a symbol that mends the code. */
static void
a_single_error_could_be_anywhere(void **state)
{
	Code code;
	int mends = 0;

	(void)state;
	do {
		code_random(&code);
	} while (strpbrk(code.symbols, "YZ") != NULL);
	code.symbols[7] = code.symbols[7] == 'A' ? 'B' : 'A';
	for (int p = 0; p < CODE_SYMBOLS; p++) {
		char was = code.symbols[p];

		for (int s = 0; s < 32; s++) {
			code.symbols[p] = symbols[s];
			if (passes_as_it_stands(code.symbols))
				mends++;
		}
		code.symbols[p] = was;
	}
	assert_int_equal(mends, CODE_SYMBOLS);
}

/* ---- reading ---- */

/* All of these are this code. */
#define CLEAN "1ABCD-EFGHJ-KMNPQ-RSTVW-X0YZJ"

static const struct read_row {
	const char *name;
	const char *text;
} reads[] = {
	{ "as it is printed", CLEAN },
	{ "without dashes", "1ABCDEFGHJKMNPQRSTVWX0YZJ" },
	{ "in lower case", "1abcd-efghj-kmnpq-rstvw-x0yzj" },
	{ "i and l for 1, o for 0", "iABCD-EFGHJ-KMNPQ-RSTVW-XoYZJ" },
	{ "L and O in capitals", "LABCD-EFGHJ-KMNPQ-RSTVW-XOYZJ" },
	{ "blanks all over", "  1 ABCD EFGHJ KMNPQ RSTVW X0YZJ \r\n" },
	{ "no-break spaces", "1ABCD\xc2\xa0"
			     "EFGHJ\xc2\xa0KMNPQ\xc2\xa0RSTVW\xc2\xa0X0YZJ" },
	{ "narrow and figure spaces", "1ABCD\xe2\x80\xaf"
				      "EFGHJ\xe2\x80\x87KMNPQRSTVWX0YZJ" },
	{ "en dashes, as word processors like",
	    "1ABCD\xe2\x80\x93"
	    "EFGHJ\xe2\x80\x93KMNPQ\xe2\x80\x93RSTVW\xe2\x80\x93X0YZJ" },
	{ "em dash, minus, no-break hyphen, small hyphen",
	    "1ABCD\xe2\x80\x94"
	    "EFGHJ\xe2\x88\x92KMNPQ\xe2\x80\x91RSTVW\xef\xb9\xa3X0YZJ" },
	{ "soft hyphen and zero-width space", "1ABCD\xc2\xad"
					      "EFGHJ\xe2\x80\x8bKMNPQRSTVWX0YZJ" },
	{ "sharp s for the dash", "1ABCD\xc3\x9f"
				  "EFGHJ\xc3\x9fKMNPQ\xc3\x9fRSTVW\xc3\x9fX0YZJ" },
	{ "scanned through a keyboard set to German",
	    "1abcd\xc3\x9f"
	    "efghj\xc3\x9fkmnpq\xc3\x9frstvw\xc3\x9fx0zyj" },
	{ "Y and Z exchanged", "1ABCD-EFGHJ-KMNPQ-RSTVW-X0ZYJ" },
	{ "full-width letters", "\xef\xbc\x91\xef\xbc\xa1"
				"BCD-EFGHJ-KMNPQ-RSTVW-X0YZJ" },
	{ "the payload of a QR symbol", "HTTPS://DEPOT.EXAMPLE.COM/#" CLEAN },
	{ "the payload through a keyboard set to German",
	    "HTTPS\xc3\x96&&DEPOT.EXAMPLE.COM&\xc2\xa7"
	    "1ABCD\xc3\x9f"
	    "EFGHJ\xc3\x9fKMNPQ\xc3\x9fRSTVW\xc3\x9fX0ZYJ" },
	{ "a byte order mark in front", "\xef\xbb\xbf" CLEAN },
};

static void
read_row_test(void **state)
{
	const struct read_row *row = *state;
	g_autoptr(GError) error = NULL;
	char text[CODE_TEXT_SIZE];
	CodeFault fault;
	Code code;

	if (!code_parse(row->text, -1, &code, &fault, &error))
		fail_msg("%s", error->message);
	assert_string_equal(code_format(&code, text), CLEAN);
}

static const struct fault_row {
	const char *name;
	const char *text;
	CodeFaultKind kind;
	int group;
	int position;
	const char *says;
} faults[] = {
	{ "nothing", "", CODE_EMPTY, 0, 0, "there is no ticket code" },
	{ "only blanks and dashes", " - - ", CODE_EMPTY, 0, 0,
	    "there is no ticket code" },
	{ "U is no symbol", "1ABCD-EFGHJ-KMNUQ-RSTVW-X0YZJ", CODE_SYMBOL, 3, 4,
	    "group 3, position 4: 'U' is not a symbol of a ticket code" },
	{ "the first of two is named", "1ABC?-EFGHJ-KMNUQ-RSTVW-X0YZJ", CODE_SYMBOL, 1, 5,
	    "'?'" },
	{ "counted off when there are no dashes", "1ABCDEFGHJKMNPQRSTVWX0YZ!",
	    CODE_SYMBOL, 5, 5, "'!'" },
	{ "in the group that was typed, though one before is short",
	    "1ABC-EFGHJ-KMNPQ-RS*VW-X0YZJ", CODE_SYMBOL, 4, 3, "'*'" },
	{ "an umlaut",
	    "1ABCD-\xc3\x84"
	    "FGHJ-KMNPQ-RSTVW-X0YZJ",
	    CODE_SYMBOL, 2, 1, "'\xc3\x84'" },
	{ "a letter with a separate accent",
	    "1ABCD-E\xcc\x81"
	    "FGH-KMNPQ-RSTVW-X0YZJ",
	    CODE_SYMBOL, 2, 2, "cannot be shown" },
	{ "a byte that is no text",
	    "1ABCD-EFG\xff"
	    "J-KMNPQ-RSTVW-X0YZJ",
	    CODE_SYMBOL, 2, 4, "cannot be shown" },
	{ "an escape sequence is not repeated", "1ABCD-\x1b[0m", CODE_SYMBOL, 2, 1,
	    "cannot be shown" },
	{ "one short, with dashes", "1ABCD-EFGHJ-KMNP-RSTVW-X0YZJ", CODE_LENGTH, 3, 0,
	    "group 3 has 4 symbols instead of 5" },
	{ "one long, with dashes", "1ABCD-EFGHJJ-KMNPQ-RSTVW-X0YZJ", CODE_LENGTH, 2, 0,
	    "group 2 has 6 symbols" },
	{ "two short: which cannot be said in one word", "1ABC-EFGHJ-KMNP-RSTVW-X0YZJ",
	    CODE_LENGTH, 0, 0, "here are 23" },
	{ "one short, without dashes", "1ABCDEFGHJKMNPQRSTVWX0YZ", CODE_LENGTH, 0, 0,
	    "here are 24" },
	{ "a group missing", "1ABCD-EFGHJ-KMNPQ-RSTVW", CODE_LENGTH, 0, 0,
	    "here are 20" },
	{ "two codes without a semicolon", CLEAN " " CLEAN, CODE_LENGTH, 0, 0,
	    "here are 50" },
	{ "a hundred symbols",
	    "00000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000000000000000000000000000",
	    CODE_LENGTH, 0, 0, "many more" },
	{ "one symbol wrong", "1ABCD-EFGHJ-KMNPQ-RSTVW-X0YZV", CODE_CHECK, 0, 0,
	    "cannot be told" },
	{ "two neighbours swapped", "1ABCD-EFGHJ-MKNPQ-RSTVW-X0YZJ", CODE_CHECK, 0, 0,
	    "cannot be told" },
	{ "two groups swapped", "EFGHJ-1ABCD-KMNPQ-RSTVW-X0YZJ", CODE_CHECK, 0, 0,
	    "cannot be told" },
};

static void
fault_row_test(void **state)
{
	const struct fault_row *row = *state;
	g_autoptr(GError) error = NULL;
	CodeFault fault = { .kind = CODE_CHECK, .group = 9 };
	Code code;

	assert_false(code_parse(row->text, -1, &code, &fault, &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strstr(error->message, row->says) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, row->says);
	assert_int_equal(fault.kind, row->kind);
	assert_int_equal(fault.group, row->group);
	assert_int_equal(fault.position, row->position);
	/* An error goes into logs: it never repeats what may be most of a code. */
	assert_null(strstr(error->message, "EFGHJ"));
	assert_null(strstr(error->message, "RSTVW"));
}

static void
a_nul_inside_is_a_fault(void **state)
{
	CodeFault fault;
	Code code;

	(void)state;
	assert_false(code_parse("1ABCD-EF\0HJ", 11, &code, &fault, NULL));
	assert_int_equal(fault.kind, CODE_SYMBOL);
	assert_int_equal(fault.group, 2);
	assert_int_equal(fault.position, 3);
}

/* A scanner for US layout on a German keyboard: Y and Z change places, '-' becomes sharp
 * s.  The code is found as it is read, or as its other reading. */
static void
qwertz_scans_resolve(void **state)
{
	int with_yz = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char text[CODE_TEXT_SIZE];
		g_autoptr(GString) typed = g_string_new(NULL);
		Code code;
		Code back;
		Code other;

		code_random(&code);
		code_format(&code, text);
		for (const char *c = text; *c != '\0'; c++)
			if (*c == '-')
				g_string_append(typed, "\xc3\x9f");
			else
				g_string_append_c(typed, *c == 'Y'   ? 'Z'
							 : *c == 'Z' ? 'Y'
								     : *c);
		with_yz += strpbrk(text, "YZ") != NULL;
		assert_true(code_parse(typed->str, -1, &back, NULL, NULL));
		if (strcmp(back.symbols, code.symbols) == 0)
			continue;
		assert_true(code_other_reading(&back, &other));
		assert_string_equal(other.symbols, code.symbols);
	}
	assert_true(with_yz > 1000);
}

/* 1 + alpha^2 + alpha^5 is 0, so exchanging Y and Z in places 0, 2 and 5 goes unnoticed.
 */
static void
the_rare_second_reading_is_offered(void **state)
{
	const uint8_t bytes[CODE_RANDOM_BYTES] = { 0xf0, 0x3c, 0x00, 0x7c };
	Code code;
	Code back;
	Code other;

	(void)state;
	code_from_bytes(bytes, &code);
	assert_memory_equal(code.symbols, "Y0Y00Z", 6);
	assert_true(code_other_reading(&code, &other));
	assert_memory_equal(other.symbols, "Z0Z00Y", 6);
	assert_true(code_parse(other.symbols, -1, &back, NULL, NULL));
	assert_string_equal(back.symbols, other.symbols);
	assert_true(code_other_reading(&back, &other));
	assert_string_equal(other.symbols, code.symbols);
	assert_true(code_parse(CLEAN, -1, &code, NULL, NULL));
	assert_false(code_other_reading(&code, &other));
}

static void
lists_are_separated_by_semicolons(void **state)
{
	g_autoptr(GArray) codes = code_list_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(code_parse_list(
	    CLEAN "; 00000-00000-00000-00000-00000;;" CLEAN ";\n", codes, &error));
	assert_no_error(error);
	assert_int_equal(codes->len, 2);
	assert_true(code_parse_list(CLEAN, codes, &error));
	assert_int_equal(codes->len, 2);
}

static void
a_bad_entry_leaves_the_list_alone(void **state)
{
	g_autoptr(GArray) codes = code_list_new();
	g_autoptr(GError) bad = NULL;
	g_autoptr(GError) none = NULL;

	(void)state;
	assert_false(code_parse_list(CLEAN ";1ABCU", codes, &bad));
	assert_error(bad, TP_ERROR_INVALID);
	assert_non_null(strstr(bad->message, "entry 2: group 1, position 5: 'U'"));
	assert_int_equal(codes->len, 0);
	assert_false(code_parse_list(" ; ;", codes, &none));
	assert_error(none, TP_ERROR_INVALID);
}

static void
a_list_has_a_limit(void **state)
{
	g_autoptr(GArray) codes = code_list_new();
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	(void)state;
	for (int i = 0; i <= LIMIT_CODES_IN_A_LIST; i++) {
		Code code;

		code_random(&code);
		g_string_append_printf(text, "%s;", code.symbols);
	}
	assert_false(code_parse_list(text->str, codes, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_int_equal(codes->len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_codes_are_unique_and_even),
		cmocka_unit_test(a_hundred_thousand_round_trips),
		cmocka_unit_test(masks_show_the_last_group_only),
		cmocka_unit_test(every_single_substitution_is_found),
		cmocka_unit_test(every_swap_of_two_is_found),
		cmocka_unit_test(a_single_error_could_be_anywhere),
		cmocka_unit_test(a_nul_inside_is_a_fault),
		cmocka_unit_test(qwertz_scans_resolve),
		cmocka_unit_test(the_rare_second_reading_is_offered),
		cmocka_unit_test(lists_are_separated_by_semicolons),
		cmocka_unit_test(a_bad_entry_leaves_the_list_alone),
		cmocka_unit_test(a_list_has_a_limit),
	};
	int failed = cmocka_run_group_tests_name("code", tests, NULL, NULL);

	failed += run_rows("known codes", known, known_row_test);
	failed += run_rows("what is read", reads, read_row_test);
	failed += run_rows("what is wrong", faults, fault_row_test);
	return failed;
}
