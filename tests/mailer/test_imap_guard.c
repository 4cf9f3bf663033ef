/*
 * test_imap_guard.c - a server is heard as long as what it says can be borne.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "mailer/imap_guard.h"
#include "queue/limits.h"

typedef struct Row {
	const char *name;
	const char *head;
	const char *unit; /* repeated */
	int times;
	const char *tail;
	const char *why; /* part of the reason; NULL: it is heard */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "usual replies", "* OK [UIDVALIDITY 7] it is\r\n* 3 EXISTS\r\n", "* SEARCH 3 5 9\r\n", 100, "A1 OK done\r\n", NULL },
	{ "a mail", "* 1 FETCH (UID 3 BODY[] {10}\r\n", "((((((((((", 1, ")\r\nA1 OK done\r\n", NULL },
	{ "two literals in one reply", "* 1 FETCH (UID 3 BODY[1] {3}\r\n(((", " BODY[2] {3}\r\n(((", 1, ")\r\n", NULL },
	{ "brackets in a quoted string", "* 1 FETCH (X \"", "(", 1000, "\")\r\n", NULL },
	{ "an escaped quote", "* 1 FETCH (X \"\\\"", "(", 1000, "\")\r\n", NULL },
	{ "a quote that is never closed ends with its line", "* 1 FETCH (X \"abc\r\n* X ", "(", 33, "", "nested" },
	{ "32 brackets", "* X ", "(", 32, "\r\n", NULL },
	{ "33 brackets", "* X ", "(", 33, "", "nested" },
	{ "brackets over many lines", "* X ((((((((((((((((", "\r\n* X ((((((((((((((((", 1000, "\r\n", NULL },
	{ "brackets over literals", "* X (((((((((((((((( {0}\r\n(((((((((((((((( {0}\r\n", "(", 1, "", "nested" },
	{ "brackets in a status text", "* OK ", "(", 33, "", "nested" },
	{ "quotes in a status text", "* OK it's 3\" long", "\r\n* OK it's 3\" long", 10, "\r\n", NULL },
	{ "a literal behind a status text", "* OK {5}\r\n", "", 0, "", "behind a status text" },
	{ "a literal behind a tagged status", "A12 no {5}\r\n", "", 0, "", "behind a status text" },
	{ "a literal behind a continuation", "+ {5}\r\n", "", 0, "", "behind a status text" },
	{ "okay is no status", "* OKAY {3}\r\nabc\r\n", "", 0, "", NULL },
	{ "1 GB", "* 1 FETCH (BODY[] {1073741824}\r\n", "", 0, "", "longer than any mail" },
	{ "2^64", "* 1 FETCH (BODY[] {18446744073709551616}\r\n", "", 0, "", "longer than any mail" },
	{ "digits without end", "* 1 FETCH (BODY[] {", "0", 5000000, "", "without end" },
	{ "the largest mail", "* 1 FETCH (BODY[] {26214400}\r\n", "", 0, "", NULL },
	{ "a non-synchronizing literal", "* 1 FETCH (BODY[] {3+}\r\n(((", "", 0, ")\r\n", NULL },
	{ "a brace in the middle", "* X {5} y\r\n* X ", "(", 33, "", "nested" },
	{ "a line without end", "* OK ", "x", LIMIT_IMAP_LINE_BYTES + 1, "", "without end" },
	{ "replies without end", "", "* 5 EXISTS\r\n", 4000000, "", "more bytes" },
	{ "nothing", "", "", 0, "", NULL },
};
/* clang-format on */

/* In pieces of every size, since a network cuts anywhere. */
static const char *
feed(const GString *text, size_t piece)
{
	ImapGuard guard;
	const char *why = NULL;

	imap_guard_init(&guard);
	for (size_t at = 0; at < text->len && why == NULL; at += piece)
		why = imap_guard_feed(&guard, text->str + at, MIN(piece, text->len - at));
	return why;
}

static void
row_is_judged(void **state)
{
	const Row *row = *state;
	g_autoptr(GString) text = g_string_new(row->head);
	static const size_t pieces[] = { 1, 2, 3, 7, 1000, SIZE_MAX / 2 };

	for (int i = 0; i < row->times; i++)
		g_string_append(text, row->unit);
	g_string_append(text, row->tail);
	for (size_t i = text->len > 1000000 ? 4 : 0; i < G_N_ELEMENTS(pieces); i++) {
		const char *why = feed(text, pieces[i]);

		if (row->why == NULL) {
			assert_null(why);
			continue;
		}
		assert_non_null(why);
		if (strstr(why, row->why) == NULL)
			fail_msg("'%s' does not say '%s'", why, row->why);
	}
}

static void
each_command_has_its_own_budget(void **state)
{
	ImapGuard guard;
	g_autofree char *mail = g_strnfill(LIMIT_INTAKE_BYTES, 'x');
	g_autofree char *head =
	    g_strdup_printf("* 1 FETCH (BODY[] {%d}\r\n", LIMIT_INTAKE_BYTES);

	(void)state;
	imap_guard_init(&guard);
	for (int i = 0; i < 3; i++) {
		imap_guard_command(&guard);
		assert_null(imap_guard_feed(&guard, head, strlen(head)));
		assert_null(imap_guard_feed(&guard, mail, LIMIT_INTAKE_BYTES));
		assert_null(imap_guard_feed(&guard, ")\r\n", 3));
	}
	assert_null(imap_guard_feed(&guard, head, strlen(head)));
	assert_non_null(imap_guard_feed(&guard, mail, LIMIT_INTAKE_BYTES));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_has_its_own_budget),
	};

	return run_rows("imap_guard", rows, row_is_judged) +
	       cmocka_run_group_tests_name("imap_guard", tests, NULL, NULL);
}
