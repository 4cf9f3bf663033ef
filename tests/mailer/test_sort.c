/*
 * test_sort.c - a mail is what it is, and only people get answers.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "mailer/sort.h"

static const SortSelf self = {
	.domain = "depot.example",
	.loop = "depot.example",
	.forward_address = "forward@depot.example",
};

typedef struct Row {
	const char *name;
	const char *head; /* beside From, To and Date */
	const char
	    *body; /* with its own Content-Type field where it has one, then "\n" */
	const char *kind;
	const char *rule; /* NULL: any */
	bool may_answer;
} Row;

#define TEXT "\nGuten Tag\n"
#define JSON "Content-Type: application/json\n\n{\"order\":\"SO-1\"}\n"
#define FILE_AS(type, name, bytes)                                                       \
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n"                \
	"Content-Type: " type "; name=\"" name "\"\n\n" bytes "\n--b--\n"

/* clang-format off */
static const Row rows[] = {
	{ "a person", "Subject: Frage\n", TEXT, "other", "nothing_known", true },
	{ "JSON as body type", "Subject: x\n", JSON, "order", "document", true },
	{ "JSON in plain text", "Subject: x\n", "\n\n  {\"order\":\"SO-1\"}\n", "order", "document", true },
	{ "JSON list", "Subject: x\n", "\n[ {\"order\":\"SO-1\"} ]\n", "order", "document", true },
	{ "CSV in plain text", "Subject: x\n", "\norder;party;line;product;quantity\n", "order", "document", true },
	{ "a sentence with those words is none", "Subject: x\n", "\nour order of the product\n", "other", NULL, true },
	{ "XML in plain text", "Subject: x\n", "\n<?xml version=\"1.0\"?><ORDER/>\n", "order", "document", true },
	{ "EDIFACT in plain text", "Subject: x\n", "\nUNB+UNOC:3+A+B'\n", "order", "document", true },
	{ "XML attached", "Subject: x\n", FILE_AS("application/xml", "a.xml", "<ORDER/>"), "order", "document", true },
	{ "CSV as Excel", "Subject: x\n", FILE_AS("application/vnd.ms-excel", "A.CSV", "order;product"), "order", "document", true },
	{ "EDIFACT as octets", "Subject: x\n", FILE_AS("application/octet-stream", "orders.dat", "UNA:+.? 'UNB+UNOC:3"), "order", "document", true },
	{ "PDF attached", "Subject: x\n", FILE_AS("application/pdf", "po.pdf", "%PDF-1.7"), "order", "document", true },
	{ "a picture is none", "Subject: x\n", FILE_AS("image/png", "logo.png", "x"), "other", NULL, true },
	{ "an empty file is none", "Subject: x\n", "Content-Type: text/csv\n\n", "other", NULL, true },
	{ "order in a forwarded mail", "Subject: x\n", "Content-Type: message/rfc822\n\nSubject: y\n" JSON, "order", "document", true },

	{ "our own mail", "X-Loop: depot.example\n", JSON, "loop", "own_loop", false },
	{ "somebody else's loop mark", "X-Loop: other.example\n", JSON, "order", NULL, true },
	{ "Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied\n", JSON, "auto_reply", "auto_submitted", false },
	{ "Auto-Submitted: auto-generated", "Auto-Submitted: auto-generated\n", JSON, "auto_reply", "auto_submitted", false },
	{ "Auto-Submitted: no", "Auto-Submitted: No\n", JSON, "order", NULL, true },
	{ "Auto-Submitted: no, with a comment", "Auto-Submitted: no (really)\n", JSON, "order", NULL, true },
	{ "Auto-Submitted: not-a-word", "Auto-Submitted: nothing\n", JSON, "auto_reply", "auto_submitted", false },
	{ "Auto-Submitted twice", "Auto-Submitted: no\nAuto-Submitted: auto-replied\n", JSON, "auto_reply", NULL, false },
	{ "Precedence: bulk", "Precedence: bulk\n", JSON, "auto_reply", "precedence", false },
	{ "Precedence: list", "Precedence: LIST\n", JSON, "auto_reply", "precedence", false },
	{ "Precedence: first-class", "Precedence: first-class\n", JSON, "order", NULL, true },
	{ "mailing list", "List-Id: <a.lists.example>\n", JSON, "auto_reply", "list", false },
	{ "X-Autoreply", "X-Autoreply: yes\n", JSON, "auto_reply", "x_autoreply", false },
	{ "X-Autorespond", "X-AutoRespond: x\n", JSON, "auto_reply", "x_autorespond", false },
	{ "T-Online: autoresponder", "X-POST-MessageClass: 9; Autoresponder\n", JSON, "auto_reply", "autoresponder", false },
	{ "null sender", "Return-Path: <>\n", JSON, "auto_reply", "null_sender", false },
	{ "null sender with a blank", "Return-Path: < >\n", JSON, "auto_reply", "null_sender", false },
	{ "a sender", "Return-Path: <a@b.example>\n", JSON, "order", NULL, true },
	{ "subject of Exchange", "Subject: Automatische Antwort: Ihr Ticket\n", TEXT, "auto_reply", "subject", false },
	{ "subject of Exchange, coded", "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_x?=\n", TEXT, "auto_reply", "subject", false },
	{ "absence", "Subject: Abwesenheitsnotiz\n", TEXT, "auto_reply", "subject", false },
	{ "automatic things may be ordered", "Subject: Automatik 4711\n", JSON, "order", NULL, true },
	{ "Exchange asks for silence in any mail", "X-Auto-Response-Suppress: All\n", JSON, "order", NULL, true },

	{ "mail to the forward address", "Delivered-To: forward@depot.example\nSubject: Fwd: Ihr Ticket\n", TEXT, "command", "forward_address", true },
	{ "with a document, too", "Delivered-To: Forward@Depot.example\n", JSON, "command", "forward_address", true },
	{ "but no vacation reply", "Delivered-To: forward@depot.example\nAuto-Submitted: auto-replied\n", TEXT, "auto_reply", NULL, false },
	{ "resend", "Subject: Re: AW: Resend *****-ABCDE\n", TEXT, "command", "verb", true },
	{ "an admin makes a user", "Subject: AW: Benutzer ada@example.org\n", TEXT, "command", "verb", true },
	{ "back for good", "Subject: =?utf-8?q?Zur=C3=BCckrufen_T00000017?=\n", TEXT, "command", "verb", true },
	{ "status", "Subject: status\n", TEXT, "command", "verb", true },
	{ "an employee asks for a ticket", "Subject: NFR\n", TEXT, "command", "verb", true },
	{ "a demo of so many days", "Subject: Re: demo 30\n", TEXT, "command", "verb", true },
	{ "a demonstration is none", "Subject: Demonstration on Friday\n", TEXT, "other", NULL, true },
	{ "stop", "Subject: Stopp\n", TEXT, "command", "verb", true },
	{ "help wanted is help", "Subject: Hilfe bitte\n", TEXT, "command", "verb", true },
	{ "forwarded is not forward", "Subject: Forwarded mail\n", TEXT, "other", NULL, true },
	{ "Fwd: is not forward", "Subject: Fwd: x\n", TEXT, "other", NULL, true },
	{ "staffing is no staff list", "Subject: Staffing in December\n", JSON, "order", NULL, true },
	{ "a staff list is no order", "Subject: Personalliste Dezember\n", JSON, "command", "staff_list", true },
	{ "a document goes before a verb", "Subject: status of SO-1\n", JSON, "order", NULL, true },
};
/* clang-format on */

static MailSort *
sort_text(const char *head, const char *body)
{
	g_autofree char *text = g_strconcat("From: Ada <ada@reseller.example>\n"
					    "To: orders@depot.example\n"
					    "Date: Tue, 24 Nov 2026 10:30:00 +0100\n",
	    head, body, NULL);
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	g_autoptr(ParsedMail) mail = parse_mail(raw, &error);

	assert_no_error(error);
	return sort_mail(mail, &self);
}

static void
row_is_sorted(void **state)
{
	const Row *row = *state;
	g_autoptr(MailSort) sort = sort_text(row->head, row->body);

	assert_string_equal(mail_kind_name(sort->kind), row->kind);
	if (row->rule != NULL)
		assert_string_equal(sort->rule, row->rule);
	assert_int_equal(sort->may_answer, row->may_answer);
	assert_null(sort->bounce);
}

static void
a_command_says_what_and_about_what(void **state)
{
	g_autoptr(MailSort) resend = sort_text("Subject: Re: resend  SO-1 now\n", TEXT);
	g_autoptr(MailSort) forward =
	    sort_text("Delivered-To: forward@depot.example\nSubject: x\n", TEXT);
	g_autoptr(MailSort) help = sort_text("Subject: help\n", TEXT);

	(void)state;
	assert_string_equal(resend->command, "resend");
	assert_string_equal(resend->argument, "SO-1 now");
	assert_string_equal(forward->command, "forward");
	assert_string_equal(help->command, "help");
	assert_string_equal(help->argument, "");
}

static void
without_addresses_of_ours_nothing_is_ours(void **state)
{
	const SortSelf nobody = { .domain = "depot.example" };
	const char *text =
	    "X-Loop: depot.example\nDelivered-To: forward@depot.example\n\nx\n";
	g_autoptr(GBytes) raw = g_bytes_new_static(text, strlen(text));
	g_autoptr(ParsedMail) mail = parse_mail(raw, NULL);
	g_autoptr(MailSort) sort = NULL;

	(void)state;
	assert_non_null(mail);
	sort = sort_mail(mail, &nobody);
	/* Without a From field it is nobody's, and nobody is answered. */
	assert_string_equal(mail_kind_name(sort->kind), "auto_reply");
	assert_string_equal(sort->rule, "mail_server");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_says_what_and_about_what),
		cmocka_unit_test(without_addresses_of_ours_nothing_is_ours),
	};

	return run_rows("sort", rows, row_is_sorted) +
	       cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
