/*
 * test_dsn.c - delivery status reports, field by field.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "mailer/dsn.h"

typedef struct Row {
	const char *name;
	const char *text;
	const char
	    *read; /* "final/original action c.s.d diagnostic;" for each; NULL: refused */
} Row;

#define R "Reporting-MTA: dns; mx.example\n\n"

/* clang-format off */
static const Row rows[] = {
	{ "by the book (RFC 3464 2.1)", R "Original-Recipient: rfc822; a@b.example\nFinal-Recipient: rfc822; c@d.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no\n",
	  "c@d.example/a@b.example failed 5.1.1 550 no;" },
	{ "two recipients", R "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; c@d\nAction: delayed\nStatus: 4.2.0\n",
	  "a@b/- failed 5.1.1 -;c@d/- delayed 4.2.0 -;" },
	{ "any case, CRLF", "REPORTING-MTA: DNS; X\r\n\r\nFINAL-RECIPIENT: RFC822; a@b\r\nACTION: FAILED\r\nSTATUS: 5.1.1\r\n",
	  "a@b/- failed 5.1.1 -;" },
	{ "folded fields", R "Final-Recipient: rfc822;\n a@b\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;\n 550 5.1.1\n no such user\n",
	  "a@b/- failed 5.1.1 550 5.1.1 no such user;" },
	{ "success words", R "Final-Recipient: rfc822; a@b\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; c@d\nAction: expanded\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; e@f\nAction: delivered\nStatus: 2.0.0\n",
	  "a@b/- relayed 2.0.0 -;c@d/- expanded 2.0.0 -;e@f/- delivered 2.0.0 -;" },
	{ "action with a comment", R "Final-Recipient: rfc822; a@b\nAction: failed (bounced)\nStatus: 5.1.1 (bad)\n", "a@b/- failed 5.1.1 -;" },
	{ "action in other words", R "Final-Recipient: rfc822; a@b\nAction: Failure\n", "a@b/- failed 0.0.0 -;" },
	{ "no action, status tells", R "Final-Recipient: rfc822; a@b\nStatus: 4.4.7\n", "a@b/- delayed 4.4.7 -;" },
	{ "no action, no status, reply tells", R "Final-Recipient: rfc822; a@b\nDiagnostic-Code: smtp; 550 no\n", "a@b/- failed 0.0.0 550 no;" },
	{ "nothing tells", R "Final-Recipient: rfc822; a@b\n", NULL },
	{ "no address type", R "Final-Recipient: a@b\nAction: failed\n", "a@b/- failed 0.0.0 -;" },
	{ "brackets", R "Final-Recipient: rfc822; <a@b>\nAction: failed\n", "a@b/- failed 0.0.0 -;" },
	{ "comment behind the address", R "Final-Recipient: rfc822; a@b (Ada)\nAction: failed\n", "a@b/- failed 0.0.0 -;" },
	{ "xtext in the original only", R "Original-Recipient: rfc822; a+2Bx@b\nFinal-Recipient: rfc822; a+x@b\nAction: failed\n", "a+x@b/a+x@b failed 0.0.0 -;" },
	{ "utf-8 (RFC 6533)", R "Final-Recipient: utf-8; m\\x{FC}ller@b\nAction: failed\n", "m\xc3\xbcller@b/- failed 0.0.0 -;" },
	{ "only an original", R "Original-Recipient: rfc822; a@b\nAction: failed\n", "-/a@b failed 0.0.0 -;" },
	{ "one group for all", "Reporting-MTA: dns; x\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.0.0\n", "a@b/- failed 5.0.0 -;" },
	{ "an empty line behind each field", R "Original-Recipient: rfc822; a@b\n\nFinal-Recipient: rfc822; a@b\n\nAction: failed\n\nStatus: 5.1.1\n", "a@b/a@b failed 5.1.1 -;" },
	{ "empty lines in front", "\n\n\n" R "\n\nFinal-Recipient: rfc822; a@b\nAction: failed\n\n\n", "a@b/- failed 0.0.0 -;" },
	{ "lines that are no fields", "garbage\n" R "more garbage\nFinal-Recipient: rfc822; a@b\nAction: failed\nyet more\n", "a@b/- failed 0.0.0 -;" },
	{ "a broken status", R "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1\n", "a@b/- failed 0.0.0 -;" },
	{ "a status twice", R "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\nStatus: 4.0.0\n", "a@b/- failed 5.1.1 -;" },
	{ "control characters", R "Final-Recipient: rfc822; a\x1b@b\nAction: failed\nDiagnostic-Code: smtp; 550\x1b[2J no\n", "a @b/- failed 0.0.0 550 [2J no;" },
	{ "no recipient", R "Action: failed\nStatus: 5.0.0\n", NULL },
	{ "nothing", "", NULL },
};
/* clang-format on */

static const char *
or_dash(const char *text)
{
	return text == NULL ? "-" : text;
}

static void
row_is_read(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Dsn) dsn = dsn_parse(row->text, strlen(row->text), &error);
	g_autoptr(GString) read = g_string_new(NULL);

	if (row->read == NULL) {
		assert_null(dsn);
		assert_error(error, TP_ERROR_INVALID);
		return;
	}
	assert_no_error(error);
	for (size_t i = 0; i < dsn->n_rcpts; i++) {
		const DsnRecipient *r = &dsn->rcpts[i];

		g_string_append_printf(read, "%s/%s %s %d.%d.%d %s;", or_dash(r->final),
		    or_dash(r->original), dsn_action_name(r->action), r->status.class,
		    r->status.subject, r->status.detail, or_dash(r->diagnostic));
	}
	assert_string_equal(read->str, row->read);
}

static void
recipients_and_words_are_limited(void **state)
{
	g_autoptr(GString) text = g_string_new(R);
	g_autoptr(Dsn) dsn = NULL;

	(void)state;
	for (int i = 0; i < 300; i++) {
		g_string_append_printf(text,
		    "Final-Recipient: rfc822; a%d@b\nAction: failed\nDiagnostic-Code: "
		    "x; ",
		    i);
		for (int k = 0; k < 500; k++)
			g_string_append(text, "\xc3\xa4\xc3\xb6 ");
		g_string_append(text, "\n\n");
	}
	dsn = dsn_parse(text->str, text->len, NULL);
	assert_non_null(dsn);
	assert_int_equal(dsn->n_rcpts, LIMIT_DSN_RECIPIENTS);
	assert_in_range(strlen(dsn->rcpts[99].diagnostic), LIMIT_DSN_TEXT_BYTES - 8,
	    LIMIT_DSN_TEXT_BYTES);
	assert_true(g_utf8_validate(dsn->rcpts[99].diagnostic, -1, NULL));
}

static int
read_mail(const char *text, Dsn **ret)
{
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	g_autoptr(ParsedMail) mail = parse_mail(raw, NULL);

	assert_non_null(mail);
	return dsn_read(mail, ret, NULL);
}

static void
only_the_mail_itself_can_be_a_report(void **state)
{
	g_autoptr(Dsn) dsn = NULL;

	(void)state;
	assert_int_equal(read_mail("Subject: x\n\nText\n", &dsn), 0);
	/* A forwarded report is about nobody. */
	assert_int_equal(
	    read_mail("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
		      "Content-Type: message/rfc822\n\n"
		      "Content-Type: multipart/report; report-type=delivery-status; "
		      "boundary=c\n\n"
		      "--c\nContent-Type: message/delivery-status\n\n" R
		      "Final-Recipient: rfc822; a@b\nAction: failed\n--c--\n--b--\n",
		&dsn),
	    0);
	/* A report without its part says that it is one. */
	assert_int_equal(read_mail("Content-Type: multipart/report; "
				   "report-type=delivery-status; boundary=c\n\n"
				   "--c\n\nText\n--c--\n",
			     &dsn),
	    -1);
}

static void
the_message_group_is_kept(void **state)
{
	const char *text = "Reporting-MTA: dns; mx.example\n"
			   "Original-Envelope-Id: tp-4711+2B\n\n"
			   "Final-Recipient: rfc822; a@b\nAction: failed\n"
			   "Remote-MTA: dns; mx1.receiver.example\n";
	g_autoptr(Dsn) dsn = dsn_parse(text, strlen(text), NULL);

	(void)state;
	assert_non_null(dsn);
	assert_string_equal(dsn->reporting_mta, "mx.example");
	assert_string_equal(dsn->envelope_id, "tp-4711+");
	assert_string_equal(dsn->rcpts[0].remote_mta, "mx1.receiver.example");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_and_words_are_limited),
		cmocka_unit_test(only_the_mail_itself_can_be_a_report),
		cmocka_unit_test(the_message_group_is_kept),
	};

	return run_rows("dsn", rows, row_is_read) +
	       cmocka_run_group_tests_name("dsn", tests, NULL, NULL);
}
