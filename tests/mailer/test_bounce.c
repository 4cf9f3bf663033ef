/*
 * test_bounce.c - what a mail that came back says, in the fashion of each server.
 *
 * Every mail of tests/corpus/dsn is sorted in both line ends, and the verdict is compared
 * with tests/golden/dsn.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>

#include "mailer/bounce_private.h"
#include "mailer/msgid.h"
#include "mailer/sort.h"
#include "queue/limits.h"
#include "tests/support/golden.h"

#define FOLDER "tests/corpus/dsn/"

static const SortSelf self = {
	.domain = "depot.example",
	.loop = "depot.example",
	.forward_address = "forward@depot.example",
};

static char *
verdict(const char *bytes, gsize n)
{
	g_autoptr(GBytes) raw = g_bytes_new(bytes, n);
	g_autoptr(GError) error = NULL;
	g_autoptr(ParsedMail) mail = parse_mail(raw, &error);
	g_autoptr(MailSort) sort = NULL;
	json_t *json;
	char *dump, *out;

	assert_no_error(error);
	sort = sort_mail(mail, &self);
	json = sort_to_json(sort);
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
	g_autofree char *golden = g_strconcat("dsn/", name, ".json", NULL);
	g_autofree char *bytes = NULL, *lf = NULL, *crlf = NULL;
	g_auto(GStrv) lines = NULL;
	g_autofree char *both = NULL;
	gsize n;

	assert_true(g_file_get_contents(eml, &bytes, &n, NULL));
	lf = verdict(bytes, n);
	assert_golden(golden, lf, strlen(lf));
	/* The ticket of the returned mail never shows. */
	assert_null(strstr(lf, "FGHJK"));

	lines = g_strsplit(bytes, "\n", -1);
	both = g_strjoinv("\r\n", lines);
	crlf = verdict(both, strlen(both));
	assert_string_equal(crlf, lf);
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
	g_assert_cmpuint(names->len, >=, 60);
	return run_rows_(
	    "bounce: corpus", names->pdata, sizeof(char *), names->len, corpus_row);
}

/* ---- judging ---- */

typedef struct Row {
	const char *name;
	const char *text;
	EnhancedCode status;
	BounceClass class;
	bool holds_domain;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "5.1.1 alone", NULL, { 5, 1, 1 }, BOUNCE_HARD, false },
	{ "5.1.1 for a rate limit (GoDaddy)", "550 5.1.1 rate limit exceeded", { 5, 1, 1 }, BOUNCE_SOFT, false },
	{ "5.1.0 for a refused sender", "550 5.1.0 Sender rejected", { 5, 1, 0 }, BOUNCE_POLICY, true },
	{ "full by words", "550 mailbox  full", { 5, 0, 0 }, BOUNCE_FULL, false },
	{ "full by code", "554 sorry", { 5, 2, 2 }, BOUNCE_FULL, false },
	{ "full for now", "452 4.2.2 try again later", { 4, 2, 2 }, BOUNCE_SOFT, false },
	{ "full and try later", "452 4.2.2 mailbox full, try again later", { 4, 2, 2 }, BOUNCE_FULL, false },
	{ "words over two lines", "550 mailbox\r\n  is full", { 5, 0, 0 }, BOUNCE_FULL, false },
	{ "words with a gap", "account ada@example.org is disabled", { 5, 0, 0 }, BOUNCE_HARD, false },
	{ "the gap is short", "account 01234567890123456789012345678901234567890123456789012345678901234567890123456789 x disabled", { 5, 5, 0 }, BOUNCE_HARD, false },
	{ "Gmail: authenticate", "550-5.7.26 unauthenticated", { 5, 7, 26 }, BOUNCE_POLICY, true },
	{ "Yahoo: policy", "550 5.7.9 (TSS07) not accepted for policy reasons", { 5, 7, 9 }, BOUNCE_POLICY, true },
	{ "Microsoft: authentication level", "550 5.7.515 Access denied", { 5, 7, 515 }, BOUNCE_POLICY, true },
	{ "Microsoft: unknown recipient", "550 5.4.1 Recipient address rejected: Access denied", { 5, 4, 1 }, BOUNCE_HARD, false },
	{ "storage of the server", "452 4.3.1 Insufficient system storage", { 4, 3, 1 }, BOUNCE_SOFT, false },
	{ "greylisting", "450 4.2.0 Greylisted, see http://x.example", { 4, 2, 0 }, BOUNCE_SOFT, false },
	{ "spam", "554 5.7.1 Message looks like SPAM", { 5, 7, 1 }, BOUNCE_POLICY, false },
	{ "size", "552 5.3.4 Message size exceeds fixed limit", { 5, 3, 4 }, BOUNCE_POLICY, false },
	{ "552 without words", "552 no", { 0 }, BOUNCE_FULL, false },
	{ "554 without words", "554 no", { 0 }, BOUNCE_POLICY, false },
	{ "550 without words", "550 no", { 0 }, BOUNCE_HARD, false },
	{ "451 without words", "451 no", { 0 }, BOUNCE_SOFT, false },
	{ "5.0.0 without words", "no", { 5, 0, 0 }, BOUNCE_HARD, false },
	{ "nothing at all", NULL, { 0 }, BOUNCE_SOFT, false },
	{ "success", "250 2.0.0 ok", { 2, 0, 0 }, BOUNCE_NONE, false },
	{ "a number that is no code", "5500 things", { 0 }, BOUNCE_SOFT, false },
};
/* clang-format on */

static void
row_is_judged(void **state)
{
	const Row *row = *state;
	const char *rule = NULL;
	bool holds;
	BounceClass class = bounce_classify(row->text, row->status, &holds, &rule);

	assert_string_equal(bounce_class_name(class), bounce_class_name(row->class));
	assert_int_equal(holds, row->holds_domain);
	assert_non_null(rule);
}

typedef struct MaskRow {
	const char *name;
	const char *text;
	const char *masked;
} MaskRow;

/* clang-format off */
static const MaskRow masks[] = {
	{ "five groups", "x ABCDE-FGHJK-MNPQR-STVWX-YZ234.", "x *****-*****-*****-*****-YZ234." },
	{ "without dashes, in a link", "https://h.example/#abcdefghjkmnpqrstvwxyz234", "https://h.example/#*****-*****-*****-*****-yz234" },
	{ "at the end", "ABCDE-FGHJK-MNPQR-STVWX-YZ234", "*****-*****-*****-*****-YZ234" },
	{ "24 letters are none", "ABCDEFGHJKMNPQRSTVWXYZ23", "ABCDEFGHJKMNPQRSTVWXYZ23" },
	{ "26 letters are none", "ABCDEFGHJKMNPQRSTVWXYZ2345", "ABCDEFGHJKMNPQRSTVWXYZ2345" },
	{ "plain words", "550 5.1.1 no such user", "550 5.1.1 no such user" },
	{ "empty", "", "" },
};
/* clang-format on */

static void
mask_row(void **state)
{
	const MaskRow *row = *state;
	g_autofree char *masked = bounce_mask_codes(row->text);

	assert_string_equal(masked, row->masked);
}

/* ---- whose bounce it is ---- */

static Bounce *
read_corpus(const char *name)
{
	g_autofree char *eml = g_strconcat(FOLDER, name, ".eml", NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(GBytes) raw = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(GError) error = NULL;
	Bounce *bounce = NULL;
	gsize n;

	assert_true(g_file_get_contents(eml, &bytes, &n, NULL));
	raw = g_bytes_new(bytes, n);
	mail = parse_mail(raw, &error);
	assert_no_error(error);
	assert_int_equal(bounce_read(mail, "depot.example", &bounce, &error), 1);
	return bounce;
}

static void
the_token_of_a_bounce_is_ours(void **state)
{
	g_autoptr(Bounce) bounce = read_corpus("postfix_user_unknown");
	g_autoptr(Bounce) other = read_corpus("report_about_nobody_of_ours");
	uint8_t key[MSGID_KEY_BYTES];
	int64_t mail_id = 0;
	json_t *record = bounce_to_json(bounce);
	json_t *rows_json = bounce_rows_to_json(record, true);

	(void)state;
	memset(key, 'k', sizeof(key));
	assert_non_null(bounce->return_paths[0]);
	assert_true(msgid_return_path_verify(
	    bounce->return_paths[0], key, "depot.example", &mail_id));
	assert_int_equal(mail_id, 4711);
	memset(key, 'x', sizeof(key));
	assert_false(msgid_return_path_verify(
	    bounce->return_paths[0], key, "depot.example", &mail_id));
	assert_null(other->return_paths[0]);

	assert_int_equal(json_array_size(rows_json), 1);
	assert_true(
	    json_is_true(json_object_get(json_array_get(rows_json, 0), "token_ok")));
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(rows_json, 0), "original_message_id")),
	    "4711.k3v9x2m7q4w8@depot.example");
	json_decref(rows_json);
	json_decref(record);
}

static void
a_record_of_another_form_has_no_rows(void **state)
{
	json_t *empty = json_object();

	(void)state;
	assert_null(bounce_rows_to_json(empty, true));
	json_decref(empty);
}

static void
class_names_go_both_ways(void **state)
{
	(void)state;
	for (BounceClass class = BOUNCE_NONE; class <= BOUNCE_COMPLAINT; class ++) {
		BounceClass back;

		assert_true(bounce_class_from_name(bounce_class_name(class), &back));
		assert_int_equal(back, class);
	}
	for (DsnAction action = DSN_FAILED; action <= DSN_EXPANDED; action++) {
		DsnAction back;

		assert_true(dsn_action_from_name(dsn_action_name(action), &back));
		assert_int_equal(back, action);
	}
}

static void
a_reason_is_one_line_of_bounded_length(void **state)
{
	g_autoptr(GString) text =
	    g_string_new("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n\n"
			 "Delivery to the following recipients failed.\n\n"
			 "ada@example.org\n");
	g_autoptr(GBytes) raw = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(Bounce) bounce = NULL;

	(void)state;
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "\xc3\xa4\xc3\xb6\xc3\xbc \x1b[31m more\n");
	raw = g_bytes_new(text->str, text->len);
	mail = parse_mail(raw, NULL);
	assert_int_equal(bounce_read(mail, "depot.example", &bounce, NULL), 1);
	assert_int_equal(bounce->n_rows, 1);
	assert_in_range(strlen(bounce->rows[0].reason), 100, LIMIT_BOUNCE_REASON_BYTES);
	assert_true(g_utf8_validate(bounce->rows[0].reason, -1, NULL));
	assert_null(strpbrk(bounce->rows[0].reason, "\r\n\x1b"));
}

static void
recipients_in_text_are_limited(void **state)
{
	g_autoptr(GString) text =
	    g_string_new("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n\n"
			 "Delivery to the following recipients failed.\n\n");
	g_autoptr(GBytes) raw = NULL;
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(Bounce) bounce = NULL;

	(void)state;
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(text, "<a%d@b.example>: no\n", i);
	raw = g_bytes_new(text->str, text->len);
	mail = parse_mail(raw, NULL);
	assert_int_equal(bounce_read(mail, "depot.example", &bounce, NULL), 1);
	assert_int_equal(bounce->n_rows, LIMIT_DSN_RECIPIENTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_of_a_bounce_is_ours),
		cmocka_unit_test(a_record_of_another_form_has_no_rows),
		cmocka_unit_test(class_names_go_both_ways),
		cmocka_unit_test(a_reason_is_one_line_of_bounded_length),
		cmocka_unit_test(recipients_in_text_are_limited),
	};

	return run_corpus() + run_rows("bounce: judging", rows, row_is_judged) +
	       run_rows("bounce: masking", masks, mask_row) +
	       cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
