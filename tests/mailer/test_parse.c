/*
 * test_parse.c - what a message says, whoever wrote it; and that no message hurts.
 *
 * Each mishap of tests/corpus/mime is read in both line ends, and what was read is
 * compared with the .json beside it.  TICKETPOST_ACCEPT=1 writes those files anew: then
 * the difference is reviewed like code.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailer/parse_json.h"
#include "queue/clock.h"
#include "queue/limits.h"
#include "tests/support/golden.h"

#define FOLDER "tests/corpus/mime/"

static ParsedMail *
parse_text(const char *text, gssize length, GError **error)
{
	size_t n = length < 0 ? strlen(text) : (size_t)length;
	g_autoptr(GBytes) raw = g_bytes_new(text, n);

	return parse_mail(raw, error);
}

static char *
with_crlf(const char *text, size_t length, size_t *ret_length)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			g_string_append_c(out, '\r');
		g_string_append_c(out, text[i]);
	}
	*ret_length = out->len;
	return g_string_free(out, FALSE);
}

/* The record with the body text, as it stands in the corpus. */
static char *
record(const ParsedMail *mail)
{
	json_t *json = parse_to_json(mail);
	char *dump, *out;

	json_object_set_new(json, "text", parse_json_text(mail->text, 1000));
	dump = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	out = g_strconcat(dump, "\n", NULL);
	free(dump);
	json_decref(json);
	return out;
}

static void
corpus_row(void **state)
{
	const char *name = *(const char *const *)*state;
	g_autofree char *eml = g_strconcat(FOLDER, name, ".eml", NULL);
	g_autofree char *golden = g_strconcat("mime/", name, ".json", NULL);
	g_autofree char *bytes = NULL, *crlf = NULL, *read = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(ParsedMail) same = NULL;
	gsize n;

	assert_true(g_file_get_contents(eml, &bytes, &n, NULL));
	mail = parse_text(bytes, (gssize)n, &error);
	assert_no_error(error);
	read = record(mail);
	assert_golden(golden, read, strlen(read));

	crlf = with_crlf(bytes, n, &n);
	same = parse_text(crlf, (gssize)n, &error);
	assert_no_error(error);
	assert_string_equal(same->text, mail->text);
	assert_string_equal(same->subject, mail->subject);
	assert_int_equal(same->n_parts, mail->n_parts);
	assert_int_equal(same->flaws, mail->flaws);
	for (size_t i = 0; i < mail->n_parts; i++) {
		assert_string_equal(same->parts[i].type, mail->parts[i].type);
		assert_int_equal(same->parts[i].parent, mail->parts[i].parent);
		assert_int_equal(
		    same->parts[i].is_attachment, mail->parts[i].is_attachment);
	}
}

static int
run_corpus(void)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(FOLDER, 0, NULL);
	const char *file;

	while (dir != NULL && (file = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(file, ".eml"))
			g_ptr_array_add(names, g_strndup(file, strlen(file) - 4));
	/* An empty folder would be a quiet success. */
	g_assert_cmpuint(names->len, >=, 50);
	return run_rows_(
	    "parse: corpus", names->pdata, sizeof(char *), names->len, corpus_row);
}

/* The same promise for every corpus mail cut anywhere: it parses, and nothing is read
 * behind its end (the copy has exactly its size, for AddressSanitizer). */
static void
mail_cut_anywhere_is_still_mail(void **state)
{
	g_autofree char *bytes = NULL;
	gsize n;

	(void)state;
	assert_true(
	    g_file_get_contents(FOLDER "forward_as_attachment.eml", &bytes, &n, NULL));
	for (gsize cut = 1; cut <= n; cut++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) raw = g_bytes_new(bytes, cut);
		g_autoptr(ParsedMail) mail = parse_mail(raw, &error);

		assert_no_error(error);
		assert_true(mail->n_parts >= 1);
	}
}

/* ---- limits and bombs ---- */

typedef struct Bomb {
	const char *name;
	const char *head; /* once */
	const char *unit; /* repeated */
	int times;
	const char *tail;
	const char *limit; /* part of the message; NULL: it parses */
} Bomb;

#define H "From: a@example.org\nSubject: x\n"
#define MIX "Content-Type: multipart/mixed; boundary=b\n\n"
#define RFC822 "Content-Type: message/rfc822\n\n"

/* clang-format off */
static const Bomb bombs[] = {
	{ "100,000 nested messages", H, RFC822, 100000, "", "nested deeper than 30" },
	{ "100,000 nested multiparts", H, MIX "--b\n", 100000, "", "nested deeper than 30" },
	{ "200,000 opening brackets", "From: ", "(", 200000, "a@b\n\n", "longer than 16384 bytes" },
	{ "16,000 opening brackets", "From: ", "(", 16000, "a@b\n\n", "deeper than 32" },
	{ "16,000 brackets in folds", "To: ", "(\n ", 5000, "a@b\n\n", "deeper than 32" },
	{ "16,000 brackets in Content-Type", H "Content-Type: text/plain", "(", 16000, "\n\n", "deeper than 32" },
	{ "16,000 brackets in a subject are text", H "X: ", "(", 16000, "\n\n", NULL },
	{ "32 brackets", "From: ", "((", 16, "a@b\n\n", NULL },
	{ "100,000 header fields", H, "X: y\n", 100000, "\n", "500 header fields" },
	{ "500 header fields", "", "X: y\n", 500, "\n", NULL },
	{ "501 header fields", "", "X: y\n", 501, "\n", "500 header fields" },
	{ "a header block of 70 KB", H, "X: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\n", 350, "\n", "block is longer than 65536 bytes" },
	{ "a header field of 20 MB", "Subject: ", "0123456789", 2000000, "\n\n", "longer than 16384 bytes" },
	{ "a field name of 20 MB", "", "0123456789", 2000000, ": x\n\n", "longer than 16384 bytes" },
	{ "a fold of 20 MB", "Subject: x\n", " 23456789\n", 2000000, "\n\n", "longer than 16384 bytes" },
	{ "a line of 20 MB", H "\n", "0123456789", 2000000, "\n", NULL },
	{ "20 million empty lines", H MIX, "\n", 20000000, "", NULL },
	{ "delimiters that almost fit", H MIX, "--bb\n", 4000000, "", NULL },
	{ "101 parts", H MIX, "--b\n\nx\n", 101, "", "more than 100 parts" },
	{ "99 parts", H MIX, "--b\n\nx\n", 99, "--b--\n", NULL },
	{ "1,001 addresses", H "Cc: ", "a@b,", 1001, "\n\n", "more than 1000 addresses" },
	{ "10,000 groups", H "Cc: ", "g:", 8000, "\n\n", NULL },
	{ "10,000 words before an address", H "Cc: ", "x,", 8000, "a@b\n\n", NULL },
	{ "encoded words of nothing", "Subject: ", "=?", 8000, "\n\n", NULL },
	{ "encoded words that never end", "Subject: ", "=?a?q?", 2700, "\n\n", NULL },
	{ "parameters without end", H "Content-Type: text/plain", ";a*0*=x", 2000, "\n\n", NULL },
	{ "boundary of 300 bytes", H "Content-Type: multipart/mixed; boundary=", "0123456789", 30, "\n\nx", NULL },
	{ "26 MB", H "\n", "0123456789012345678901234\n", 1010000, "", "longer than 26214400 bytes" },
	{ "20 MB of tags", H "Content-Type: text/html\n\n", "<b", 2000000, "", NULL },
	{ "4 MB of ampersands", H "Content-Type: text/html\n\n", "&", 4000000, "", NULL },
	{ "4 MB of open comments", H "Content-Type: text/html\n\n", "<!--", 1000000, "", NULL },
	{ "4 MB of style elements", H "Content-Type: text/html\n\n", "<style>", 600000, "", NULL },
	{ "quoted-printable signs", H "Content-Transfer-Encoding: quoted-printable\n\n", "=", 20000000, "", NULL },
	{ "blanks at the end of a coded line", H "Content-Transfer-Encoding: quoted-printable\n\n", "         x", 2000000, "", NULL },
	{ "padding only", H "Content-Transfer-Encoding: base64\n\n", "=", 20000000, "", NULL },
	{ "a claim of 1 GB", H "Content-Length: 1073741824\nContent-Type: message/partial; total=1073741824; number=1\nX: ", "y", 10, "\n\nx", NULL },
};
/* clang-format on */

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
bomb_row(void **state)
{
	const Bomb *bomb = *state;
	g_autoptr(GString) text = g_string_new(bomb->head);
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(GError) error = NULL;
	double start;

	for (int i = 0; i < bomb->times; i++)
		g_string_append(text, bomb->unit);
	g_string_append(text, bomb->tail);
	start = cpu_s();
	mail = parse_text(text->str, (gssize)text->len, &error);
	/* The child has 5 s; what is not linear takes minutes. */
	assert_true(cpu_s() - start < 5);
	if (bomb->limit == NULL) {
		assert_no_error(error);
		assert_non_null(mail);
	} else {
		assert_null(mail);
		assert_error(error, TP_ERROR_INVALID);
		if (strstr(error->message, bomb->limit) == NULL)
			fail_msg("'%s' does not say '%s'", error->message, bomb->limit);
	}
}

/* Mails in base64 in mails: what is decoded is limited in sum. */
static void
matryoshka_in_base64_is_limited(void **state)
{
	g_autofree char *inner = g_strnfill(11 * 1024 * 1024, 'x');
	g_autoptr(GError) error = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	int levels = 0;

	(void)state;
	for (; strlen(inner) < 18 * 1024 * 1024; levels++) {
		g_autofree char *coded =
		    g_base64_encode((const guchar *)inner, strlen(inner));

		g_free(inner);
		inner = g_strconcat("Content-Type: message/rfc822\n"
				    "Content-Transfer-Encoding: base64\n\n",
		    coded, NULL);
	}
	assert_true(levels >= 2);
	mail = parse_text(inner, -1, &error);
	assert_no_error(error);
	assert_int_equal(mail->n_parts, levels + 1);

	/* Ten copies side by side are more than the sum allows. */
	g_clear_pointer(&mail, parsed_mail_free);
	{
		g_autoptr(GString) many = g_string_new(H MIX);
		g_autofree char *small = g_strnfill(1300 * 1024, 'x');
		g_autofree char *once =
		    g_base64_encode((const guchar *)small, strlen(small));
		g_autofree char *mid =
		    g_strconcat("Content-Type: message/rfc822\n"
				"Content-Transfer-Encoding: base64\n\n",
			once, NULL);
		g_autofree char *twice = NULL;

		for (int i = 0; i < 3; i++) {
			twice = g_base64_encode((const guchar *)mid, strlen(mid));
			g_free(mid);
			mid = g_strconcat("Content-Type: message/rfc822\n"
					  "Content-Transfer-Encoding: base64\n\n",
			    twice, NULL);
			g_clear_pointer(&twice, g_free);
		}
		while (many->len + strlen(mid) < LIMIT_INTAKE_BYTES)
			g_string_append_printf(many, "--b\n%s\n", mid);
		assert_null(parse_text(many->str, (gssize)many->len, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_non_null(strstr(error->message, "coded parts"));
	}
}

static void
an_empty_message_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(parse_text("", 0, &error));
	assert_error(error, TP_ERROR_INVALID);
}

/* ---- dates ---- */

typedef struct DateRow {
	const char *name;
	const char *text;
	int64_t at_s; /* -1: no date */
} DateRow;

/* clang-format off */
static const DateRow dates[] = {
	{ "with a zone", "Tue, 24 Nov 2026 10:30:00 +0100", 1795512600 },
	{ "west", "Tue, 24 Nov 2026 04:30:00 -0500", 1795512600 },
	{ "no day of the week, no seconds", "24 Nov 2026 09:30 +0000", 1795512600 },
	{ "named zone", "Tue, 24 Nov 2026 04:30:00 EST", 1795512600 },
	{ "comment", "Tue, 24 Nov 2026 10:30:00 +0100 (CET)", 1795512600 },
	{ "comment between", "Tue, (x) 24 Nov (y) 2026 10:30:00 +0100", 1795512600 },
	{ "year of two digits", "24 Nov 26 09:30:00 GMT", 1795512600 },
	{ "year of the last century", "24 Nov 99 09:30:00 GMT", 943435800 },
	{ "leap day", "29 Feb 2024 00:00:00 +0000", 1709164800 },
	{ "leap second", "31 Dec 2016 23:59:60 +0000", 1483228800 },
	{ "unknown zone is UTC", "24 Nov 2026 09:30:00 QQQ", 1795512600 },
	{ "dashes", "24-Nov-2026 09:30:00 +0000", 1795512600 },
	{ "whole month name", "24 November 2026 09:30:00 +0000", 1795512600 },
	{ "no leap day", "29 Feb 2026 00:00:00 +0000", -1 },
	{ "day 0", "0 Jan 2026 00:00:00 +0000", -1 },
	{ "hour 24", "1 Jan 2026 24:00:00 +0000", -1 },
	{ "long numbers", "1 Jan 20260000000 00:00:00 +0000", -1 },
	{ "ISO", "2026-11-24T09:30:00Z", -1 },
	{ "nothing", "", -1 },
	{ "words", "yesterday", -1 },
};
/* clang-format on */

static void
date_row(void **state)
{
	const DateRow *row = *state;
	int64_t at = -US_PER_S;

	assert_int_equal(parse_date(row->text, &at), row->at_s >= 0);
	assert_int_equal(at, row->at_s * US_PER_S);
}

/* ---- addresses ---- */

typedef struct AddrRow {
	const char *name;
	const char *text;
	const char *read; /* name<address> for each, '!' in place of none */
} AddrRow;

/* clang-format off */
static const AddrRow addrs[] = {
	{ "bare", "a@b.example", "<a@b.example>" },
	{ "name", "Ada <a@b.example>", "Ada<a@b.example>" },
	{ "quoted name", "\"Ada, B. \\\"C\\\"\" <a@b.example>", "Ada, B. \"C\"<a@b.example>" },
	{ "encoded name", "=?utf-8?q?M=C3=BCller?= <a@b.example>", "M" "\xc3\xbc" "ller<a@b.example>" },
	{ "encoded name in quotes", "\"=?utf-8?q?M=C3=BCller?=\" <a@b.example>", "M" "\xc3\xbc" "ller<a@b.example>" },
	{ "two", "a@b.example, c@d.example", "<a@b.example> <c@d.example>" },
	{ "name in a comment", "a@b.example (Ada)", "Ada<a@b.example>" },
	{ "group", "Team: a@b.example, c@d.example;, e@f.example", "<a@b.example> <c@d.example> <e@f.example>" },
	{ "empty group", "undisclosed-recipients:;", "" },
	{ "null sender", "<>", "" },
	{ "route", "<@x.example,@y.example:a@b.example>", "<a@b.example>" },
	{ "blanks in the address", "a @ b . example", "<a@b.example>" },
	{ "quoted local part", "\"a b\"@c.example", "<\"a b\"@c.example>" },
	{ "comma in a name", "Muster, Max <a@b.example>", "Muster, Max<a@b.example>" },
	{ "only words", "Max Muster", "Max Muster!" },
	{ "two words and an at", "max muster@b.example", "!" },
	{ "two at signs", "a@b@c.example", "!" },
	{ "two brackets", "<a@b.example> <c@d.example>", "<a@b.example> <c@d.example>" },
	{ "bracket not closed", "Ada <a@b.example", "Ada<a@b.example>" },
	{ "list in brackets", "<a@b.example,c@d.example>", "!" },
	{ "semicolons in place of commas", "a@b.example; c@d.example", "<a@b.example> <c@d.example>" },
	{ "mailto", "mailto:a@b.example", "<a@b.example>" },
	{ "nothing at all", " , ,, ", "" },
};
/* clang-format on */

static void
addr_row(void **state)
{
	const AddrRow *row = *state;
	ParsedAddresses list = { 0 };
	g_autoptr(GString) read = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	assert_true(parse_addresses(row->text, &list, &error));
	for (size_t i = 0; i < list.n; i++) {
		g_string_append_printf(
		    read, "%s%s", i == 0 ? "" : " ", list.rows[i].name);
		if (list.rows[i].address == NULL)
			g_string_append_c(read, '!');
		else
			g_string_append_printf(read, "<%s>", list.rows[i].address);
	}
	parsed_addresses_clear(&list);
	assert_string_equal(read->str, row->read);
}

static void
message_ids_are_found_in_any_wrapping(void **state)
{
	g_auto(GStrv) two = parse_msgids("(x) <a@b>\t <c@d> <broken e@f <>");
	g_auto(GStrv) bare = parse_msgids("  a@b rest");
	g_auto(GStrv) none = parse_msgids("");

	(void)state;
	assert_int_equal(g_strv_length(two), 2);
	assert_string_equal(two[0], "a@b");
	assert_string_equal(two[1], "c@d");
	assert_int_equal(g_strv_length(bare), 1);
	assert_string_equal(bare[0], "a@b");
	assert_int_equal(g_strv_length(none), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_cut_anywhere_is_still_mail),
		cmocka_unit_test(matryoshka_in_base64_is_limited),
		cmocka_unit_test(an_empty_message_is_refused),
		cmocka_unit_test(message_ids_are_found_in_any_wrapping),
	};

	return run_corpus() + run_rows("parse: bombs", bombs, bomb_row) +
	       run_rows("parse: dates", dates, date_row) +
	       run_rows("parse: addresses", addrs, addr_row) +
	       cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
