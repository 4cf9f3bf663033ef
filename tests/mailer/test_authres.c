/*
 * test_authres.c - a sender is proved by our own mail server or not at all.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "mailer/authres.h"
#include "queue/limits.h"

#define MX "mx.depot.example"
#define GOT                                                                              \
	"Received: from mail.reseller.example (mail.reseller.example [192.0.2.10])\n"    \
	"\tby " MX " (Postfix) with ESMTPS id 4711; Tue, 24 Nov 2026 10:30:05 +0100\n"
#define STORED                                                                           \
	"Received: from " MX " by store.depot.example (Dovecot) with LMTP id x; now\n"
#define AR "Authentication-Results: "
#define DMARC "dmarc=pass (p=reject dis=none) header.from=reseller.example"
#define DKIM                                                                             \
	"dkim=pass (2048-bit key) header.d=reseller.example header.i=@reseller.example " \
	"header.s=a"
#define FROM "From: Einkauf <orders@reseller.example>\n"

typedef struct Row {
	const char *name;
	const char *head;
	AuthresWhy why;
	const char *method;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "dmarc", AR MX "; " DMARC "\n" GOT FROM, AUTHRES_PROVED, "dmarc" },
	{ "dkim by the domain itself", AR MX "; " DKIM "\n" GOT FROM, AUTHRES_PROVED, "dkim" },
	{ "one of two signatures", AR MX "; dkim=fail header.d=reseller.example; dkim=pass header.d=list.example; " DKIM "\n" GOT FROM, AUTHRES_PROVED, "dkim" },
	{ "below the store's Received", STORED AR MX "; " DMARC "\n" GOT FROM, AUTHRES_PROVED, "dmarc" },
	{ "a version, any case, comments everywhere", AR "(x) MX.Depot.Example (y) 1 (z) ; (a) DMARC (b) / 1 = pass\n", AUTHRES_NO_RECEIVED, NULL },
	{ "method with a version", AR MX " 1; dmarc/1=PASS header.from=Reseller.Example\n" GOT FROM, AUTHRES_PROVED, "dmarc" },
	{ "blanks around the signs", AR MX " ; dmarc = pass header.from = \"reseller.example\"\n" GOT FROM, AUTHRES_PROVED, "dmarc" },
	{ "umlaut domain", AR MX "; dmarc=pass header.from=xn--bcher-kva.example\n" GOT "From: a@b\xc3\xbc" "cher.example\n", AUTHRES_PROVED, "dmarc" },
	{ "empty result in between", AR MX "; ; " DMARC ";\n" GOT FROM, AUTHRES_PROVED, "dmarc" },

	{ "no field", GOT FROM, AUTHRES_NO_FIELD, NULL },
	{ "another server's field", AR "mx.reseller.example; " DMARC "\n" GOT FROM, AUTHRES_NO_FIELD, NULL },
	{ "a longer name that begins like ours", AR MX ".evil.example; " DMARC "\n" GOT FROM, AUTHRES_NO_FIELD, NULL },
	{ "our id in a comment", AR "(" MX ") evil.example; " DMARC "\n" GOT FROM, AUTHRES_NO_FIELD, NULL },
	{ "forged: below our Received", GOT AR MX "; " DMARC "\n" FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "forged with a Received of its own", GOT AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "forged, HELO hides ours: by", "Received: from by (unknown [192.0.2.66]) by " MX " (Postfix) with SMTP id 1; now\n" AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "forged, HELO hides ours: comment", "Received: from x ( (unknown [192.0.2.66])\n\tby " MX " (Postfix) with SMTP id 1; now\n" AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "forged, HELO hides ours: quote", "Received: from \" (unknown [192.0.2.66])\n\tby " MX " (Postfix) with SMTP id 1; now\n" AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "forged, HELO hides ours: by another", "Received: from x by mx.evil.example (unknown [192.0.2.66])\n\tby " MX " (Postfix) with SMTP id 1; now\n" AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_ABOVE, NULL },
	{ "the topmost says fail, a forged one pass", AR MX "; dmarc=fail header.from=reseller.example\n" GOT AR MX "; " DMARC "\n" FROM, AUTHRES_NOT_PASSED, NULL },
	{ "the topmost counts even beside another", AR MX "; spf=pass\n" AR MX "; " DMARC "\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "no Received of ours", AR MX "; " DMARC "\n" STORED FROM, AUTHRES_NO_RECEIVED, NULL },
	{ "Received by a longer name", AR MX "; " DMARC "\nReceived: from x by " MX ".evil.example; now\n" FROM, AUTHRES_NO_RECEIVED, NULL },

	{ "spf alone", AR MX "; spf=pass smtp.mailfrom=reseller.example\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "arc alone", AR MX "; arc=pass header.d=reseller.example\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "none", AR MX "; none\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "fail", AR MX "; dmarc=fail header.from=reseller.example; dkim=fail header.d=reseller.example\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "pass in a comment", AR MX "; dmarc=none (dmarc=pass header.from=reseller.example)\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "pass in a reason", AR MX "; dmarc=fail reason=\"; dmarc=pass header.from=reseller.example\" header.from=reseller.example\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "dkim of another domain", AR MX "; dkim=pass header.d=attacker.example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dkim of the parent domain", AR MX "; dkim=pass header.d=example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dkim of a sub-domain", AR MX "; dkim=pass header.d=mail.reseller.example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dkim without its domain", AR MX "; dkim=pass header.i=@reseller.example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dmarc for another From", AR MX "; dmarc=pass header.from=attacker.example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dmarc for nobody", AR MX "; dmarc=pass\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "dmarc for two", AR MX "; dmarc=pass header.from=attacker.example header.from=reseller.example\n" GOT FROM, AUTHRES_OTHER_DOMAIN, NULL },
	{ "passed is not pass", AR MX "; dmarc=passed header.from=reseller.example\n" GOT FROM, AUTHRES_NOT_PASSED, NULL },
	{ "broken", AR MX "; dmarc=pass header.from=reseller.example; ???\n" GOT FROM, AUTHRES_BROKEN, NULL },
	{ "a quote that is never closed", AR MX "; dmarc=pass header.from=\"reseller.example\n" GOT FROM, AUTHRES_BROKEN, NULL },
	{ "a comment that is never closed", AR MX "; dmarc=pass header.from=reseller.example (\n" GOT FROM, AUTHRES_PROVED, "dmarc" },

	{ "no From", AR MX "; " DMARC "\n" GOT, AUTHRES_NO_FROM, NULL },
	{ "From without an address", AR MX "; " DMARC "\n" GOT "From: Einkauf\n", AUTHRES_NO_FROM, NULL },
	{ "two From fields", AR MX "; " DMARC "\n" GOT FROM "From: x@attacker.example\n", AUTHRES_MANY_FROM, NULL },
	{ "two From addresses", AR MX "; " DMARC "\n" GOT "From: x@attacker.example, orders@reseller.example\n", AUTHRES_MANY_FROM, NULL },
	{ "an address as display name", AR MX "; " DMARC "\n" GOT "From: \"orders@reseller.example\" <x@attacker.example>\n", AUTHRES_OTHER_DOMAIN, NULL },
	{ "group syntax", AR MX "; " DMARC "\n" GOT "From: orders@reseller.example:;\n", AUTHRES_NO_FROM, NULL },
};
/* clang-format on */

static ParsedMail *
mail_of(const char *head)
{
	g_autofree char *text = g_strconcat(head, "Subject: Order\n\n{}\n", NULL);
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	ParsedMail *mail = parse_mail(raw, &error);

	assert_no_error(error);
	return mail;
}

static void
row_is_judged(void **state)
{
	const Row *row = *state;
	const AuthresSelf self = { .authserv_id = MX };
	g_autofree char *head = g_strconcat(row->head,
	    row->why == AUTHRES_NO_RECEIVED && strstr(row->head, "From: ") == NULL ? FROM
										   : "",
	    NULL);
	g_autoptr(ParsedMail) mail = mail_of(head);
	g_autoptr(AuthresVerdict) verdict = authres_check(mail, &self);

	assert_string_equal(authres_why_name(verdict->why), authres_why_name(row->why));
	assert_true(strlen(authres_why_text(verdict->why)) > 10);
	if (row->method == NULL)
		assert_null(verdict->method);
	else
		assert_string_equal(verdict->method, row->method);
}

static void
the_sender_is_spelt_one_way(void **state)
{
	const AuthresSelf self = { .authserv_id = MX };
	g_autoptr(ParsedMail) mail = mail_of(
	    AR MX "; " DMARC "\n" GOT "From: \"boss\" <Orders@RESELLER.Example>\n");
	g_autoptr(AuthresVerdict) verdict = authres_check(mail, &self);

	(void)state;
	assert_int_equal(verdict->why, AUTHRES_PROVED);
	assert_string_equal(verdict->sender, "Orders@reseller.example");
}

static void
the_mx_may_have_another_name_than_the_judge(void **state)
{
	const AuthresSelf self = { .authserv_id = "auth.depot.example", .mx = MX };
	g_autoptr(ParsedMail) mail =
	    mail_of(AR "auth.depot.example; " DMARC "\n" GOT FROM);
	g_autoptr(AuthresVerdict) verdict = authres_check(mail, &self);

	(void)state;
	assert_int_equal(verdict->why, AUTHRES_PROVED);
}

static void
a_content_filter_means_two_hops(void **state)
{
	static const char again[] = "Received: from localhost (localhost [127.0.0.1])\n"
				    "\tby " MX " (Postfix) with ESMTP id 2; now\n";
	const AuthresSelf two = { .authserv_id = MX, .own_hops = 2 };
	const AuthresSelf one = { .authserv_id = MX };
	g_autofree char *head = g_strconcat(again, AR MX "; " DMARC "\n" GOT FROM, NULL);
	g_autofree char *forged =
	    g_strconcat(again, GOT AR MX "; " DMARC "\n" FROM, NULL);
	g_autoptr(ParsedMail) mail = mail_of(head);
	g_autoptr(ParsedMail) forged_mail = mail_of(forged);
	g_autoptr(AuthresVerdict) with_two = authres_check(mail, &two);
	g_autoptr(AuthresVerdict) with_one = authres_check(mail, &one);
	g_autoptr(AuthresVerdict) not_above = authres_check(forged_mail, &two);

	(void)state;
	assert_int_equal(with_two->why, AUTHRES_PROVED);
	assert_int_equal(with_one->why, AUTHRES_NOT_ABOVE);
	assert_int_equal(not_above->why, AUTHRES_NOT_ABOVE);
}

static void
a_field_is_read_whole(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(AuthResults) results =
	    authres_parse("mx.example 1 (c); dkim=pass reason=\"a; b\" "
			  "header.d=d.example header.b=\"x=\"; "
			  "SPF=SoftFail smtp.mailfrom=a@b.example; none",
		&error);

	(void)state;
	assert_no_error(error);
	assert_string_equal(results->authserv_id, "mx.example");
	assert_int_equal(results->n_rows, 2);
	assert_string_equal(auth_result_find(&results->rows[0], "reason"), "a; b");
	assert_string_equal(auth_result_find(&results->rows[0], "header.b"), "x=");
	assert_string_equal(results->rows[1].method, "spf");
	assert_string_equal(results->rows[1].result, "softfail");
	assert_string_equal(
	    auth_result_find(&results->rows[1], "smtp.mailfrom"), "a@b.example");
	assert_null(auth_result_find(&results->rows[1], "header.d"));
}

static void
results_and_properties_are_limited(void **state)
{
	g_autoptr(GString) many = g_string_new("mx.example");
	g_autoptr(GString) wide = g_string_new("mx.example; dkim=pass");
	g_autoptr(AuthResults) results = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	for (int i = 0; i <= LIMIT_AUTHRES_RESULTS; i++)
		g_string_append(many, ";dkim=pass");
	assert_null(authres_parse(many->str, &error));
	assert_error(error, TP_ERROR_INVALID);
	for (int i = 0; i < 1000; i++)
		g_string_append_printf(wide, " header.x%d=y", i);
	results = authres_parse(wide->str, NULL);
	assert_non_null(results);
	assert_int_equal(results->rows[0].n_props, LIMIT_AUTHRES_PROPERTIES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sender_is_spelt_one_way),
		cmocka_unit_test(the_mx_may_have_another_name_than_the_judge),
		cmocka_unit_test(a_content_filter_means_two_hops),
		cmocka_unit_test(a_field_is_read_whole),
		cmocka_unit_test(results_and_properties_are_limited),
	};

	return run_rows("authres", rows, row_is_judged) +
	       cmocka_run_group_tests_name("authres", tests, NULL, NULL);
}
