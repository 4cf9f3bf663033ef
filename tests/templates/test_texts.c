/*
 * test_texts.c - the texts that the program carries: read once by a person, equal since.
 *
 * Golden files are the examples of fields.def in every text, language and kind, and some
 * contexts at the edge.  What must hold for any context is checked beside them.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "templates/tmpl_set.h"
#include "tests/support/golden.h"

static TmplSet *set;
static const char *const languages[] = { "de", "en" };

typedef struct TextRow {
	const char *name; /* also of its golden files */
	const char *text;
	const char *kind;           /* of the product, or NULL: as in the example */
	const char *const drop[20]; /* fields to take away, "a.b" */
} TextRow;

/* clang-format off */
static const TextRow rows[] = {
	{ "ticket",      "ticket",  NULL,   { NULL } },
	{ "digest",      "digest",  NULL,   { NULL } },
	{ "forward",     "forward", NULL,   { NULL } },
	{ "notice",      "notice",  NULL,   { NULL } },
	{ "undelivered", "undelivered", NULL, { NULL } },
	{ "complaint", "complaint", NULL, { NULL } },
	{ "answer",      "answer",  NULL,   { NULL } },
	{ "report",      "report",  NULL,   { NULL } },
	{ "report-list", "report",  NULL,   { "report.party", "report.sum", "report.closed", "recipient", NULL } },
	{ "report-failed", "report-failed", NULL, { NULL } },
	{ "command",     "command", NULL,   { NULL } },
	{ "command-no",  "command", NULL,   { "done", "news", "recipient", NULL } },
	{ "answer-none", "answer",  NULL,   { "order", "lines", "recipient", NULL } },
	{ "ticket-nfr",  "ticket",  "nfr",  { "order", "privacy", NULL } },
	{ "ticket-demo", "ticket",  "demo", { "order", "privacy", "ticket.first_day", NULL } },
	{ "ticket-ever", "ticket",  "full", { "ticket.last_day", "holder.name", NULL } },
	{ "ticket-bare", "ticket",  "full", { "order", "vendor.address", "brand.color", "brand.email", "brand.url", "recipient", "ticket.serial", "ticket.url", "ticket.first_day", "ticket.last_day", "product.sku", "options", "holder", "has_card", "has_qr", "qr_cid", "privacy", NULL } },
	{ "digest-bare", "digest",  NULL,   { "vendor.address", "brand.color", "brand.email", "brand.url", "recipient", "order.day", "order.reference", "total", "has_csv", "has_sheet", "forwardable", NULL } },
	{ "notice-bare", "notice",  NULL,   { "vendor.address", "recipient", "order.day", "order.reference", "ticket.serial", "delivery.attempts", NULL } },
};
/* clang-format on */

static void
drop(json_t *context, const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ".", 2);

	if (parts[1] != NULL)
		context = json_object_get(context, parts[0]);
	if (json_object_del(context, parts[1] != NULL ? parts[1] : parts[0]) != 0)
		fail_msg("the example has no '%s'", path);
}

static json_t *
context_of(const TextRow *row, const char *language)
{
	g_autoptr(GError) error = NULL;
	json_t *context = tmpl_set_example(set, NULL, language, row->text, &error);

	assert_no_error(error);
	for (const char *const *d = row->drop; *d != NULL; d++)
		drop(context, *d);
	if (row->kind != NULL)
		json_object_set_new(
		    json_object_get(context, "product"), "kind", json_string(row->kind));
	if (!tmpl_set_complete(set, NULL, language, context, &error))
		fail_msg("%s", error->message);
	return context;
}

static char *
render(const char *text, const char *language, TmplKind kind, const json_t *context)
{
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);

	if (!tmpl_set_render(set, NULL, language, text, kind, context, out, &error))
		fail_msg("%s", error->message);
	return g_string_free(out, FALSE);
}

/* --- what holds for every text ------------------------------------------------------ */

static void
check_text(const char *body)
{
	assert_true(g_utf8_validate(body, -1, NULL));
	assert_true(g_str_has_suffix(body, "\n"));
	assert_false(g_str_has_suffix(body, "\n\n"));
	assert_true(*body != '\n');
	/* RFC 3676: a line that ends in a space flows into the next. */
	assert_null(strstr(body, " \n"));
	assert_null(strstr(body, "\n\n\n"));
	assert_null(strchr(body, '\r'));
	assert_null(strstr(body, "{{"));
	assert_null(strstr(body, "()"));
	assert_null(strstr(body, " ,"));
	for (const char *line = body; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');

		assert_true((gsize)(end - line) <= 998);
		line = end + 1;
	}
}

/* Every tag is closed in order; those without an end are few. */
static void
check_balance(const char *html)
{
	static const char *const empty[] = { "meta", "br", "wbr", "img", NULL };
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);

	for (const char *at = html; (at = strchr(at, '<')) != NULL; at++) {
		g_autofree char *name = NULL;
		bool closes = at[1] == '/';
		gsize n;

		at += closes ? 2 : 1;
		n = strcspn(at, " \n>");
		name = g_strndup(at, n);
		if (*name == '!' || g_strv_contains(empty, name))
			continue;
		if (!closes) {
			g_ptr_array_add(open, g_steal_pointer(&name));
			continue;
		}
		assert_true(open->len > 0);
		assert_string_equal(open->pdata[open->len - 1], name);
		g_ptr_array_set_size(open, (gint)open->len - 1);
	}
	assert_int_equal(open->len, 0);
}

static gsize
count(const char *text, const char *what)
{
	gsize n = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

/* As quoted-printable (RFC 2045 6.7), lines of 75 and a soft break after each. */
static gsize
mailed_size(const char *html)
{
	gsize n = 0, column = 0;

	for (const char *at = html; *at != '\0'; at++) {
		gsize width = *at == '=' || (guchar)*at > 126 ? 3 : 1;

		if (*at == '\n') {
			n += 2;
			column = 0;
			continue;
		}
		if (column + width > 75) {
			n += 3;
			column = 0;
		}
		n += width;
		column += width;
	}
	return n;
}

static void
check_html(const char *html, const char *language)
{
	g_autofree char *lang = g_strdup_printf("<html lang=\"%s\">", language);

	assert_true(g_utf8_validate(html, -1, NULL));
	/* Each mail carries it: with QR picture and card it is to stay below 17 KiB. */
	assert_true(strlen(html) > 1024);
	assert_true(mailed_size(html) < 5632);
	assert_non_null(strstr(html, lang));
	assert_non_null(strstr(html, "<title>"));
	assert_null(strstr(html, "<title></title>"));
	assert_non_null(strstr(html, "content=\"light dark\""));
	assert_null(strstr(html, "{{"));
	assert_null(strstr(html, "style=\"\""));
	/* A table here is for looks only, and says so to a screen reader. */
	assert_true(count(html, "<table") >= 3);
	assert_int_equal(count(html, "<table"), count(html, "role=presentation"));
	assert_int_equal(count(html, "<img"), count(html, " alt=\""));
	/* Nothing is fetched: no fonts, no pictures but those in the mail. */
	assert_int_equal(count(html, "src="), count(html, "src=\"cid:"));
	assert_null(strstr(html, "@font-face"));
	assert_null(strstr(html, "@import"));
	assert_null(strstr(html, "url("));
	assert_null(strstr(html, "<script"));
	/* What Outlook's engine does not have. */
	assert_null(strstr(html, "flex"));
	assert_null(strstr(html, "float:"));
	assert_null(strstr(html, "margin-"));
	check_balance(html);
}

static void
a_text_is_as_it_was_read(void **state)
{
	const TextRow *row = *state;

	for (gsize l = 0; l < G_N_ELEMENTS(languages); l++) {
		const char *language = languages[l];
		json_t *context = context_of(row, language);
		g_autofree char *subject =
		    render(row->text, language, TMPL_SUBJECT, context);
		g_autofree char *body = render(row->text, language, TMPL_TEXT, context);
		g_autofree char *html =
		    tmpl_set_is_rich(row->text)
			? render(row->text, language, TMPL_HTML, context)
			: NULL;
		g_autofree char *mail =
		    g_strdup_printf("Subject: %s\n\n%s", subject, body);
		g_autofree char *txt_name =
		    g_strdup_printf("templates/%s-%s.txt", row->name, language);
		g_autofree char *html_name =
		    g_strdup_printf("templates/%s-%s.html", row->name, language);

		json_decref(context);
		check_text(body);
		if (html != NULL)
			check_html(html, language);
		assert_null(strpbrk(subject, "\r\n"));
		assert_true(*subject != ' ' && !g_str_has_suffix(subject, " "));
		assert_golden(txt_name, mail, strlen(mail));
		if (html != NULL)
			assert_golden(html_name, html, strlen(html));
	}
}

/* --- one thing each ------------------------------------------------------------------
 */

static void
nfr_and_demo_are_said_in_every_part(void **state)
{
	static const TextRow nfr = { "", "ticket", "nfr", { NULL } };
	static const TextRow demo = { "", "forward", "demo", { NULL } };

	(void)state;
	for (gsize l = 0; l < G_N_ELEMENTS(languages); l++) {
		json_t *a = context_of(&nfr, languages[l]);
		json_t *b = context_of(&demo, languages[l]);
		g_autofree char *subject =
		    render("ticket", languages[l], TMPL_SUBJECT, a);
		g_autofree char *text = render("ticket", languages[l], TMPL_TEXT, a);
		g_autofree char *html = render("ticket", languages[l], TMPL_HTML, a);
		g_autofree char *trial = render("forward", languages[l], TMPL_HTML, b);

		assert_true(g_str_has_prefix(subject, "NFR: "));
		assert_non_null(strstr(text, "NFR - not for resale"));
		assert_non_null(strstr(html, "<strong>NFR - not for resale</strong>"));
		assert_non_null(strstr(trial, "<strong>Demo</strong>"));
		assert_null(strstr(trial, "NFR"));
		json_decref(a);
		json_decref(b);
	}
}

static void
a_name_cannot_add_a_line_or_a_tag(void **state)
{
	static const TextRow plain = { "", "ticket", NULL, { NULL } };
	json_t *context = context_of(&plain, "de");
	g_autofree char *subject = NULL, *text = NULL, *html = NULL;

	(void)state;
	json_object_set_new(json_object_get(context, "product"), "name",
	    json_string("A\r\nBcc: x@example.org\n\nFAKE1-FAKE2\n"));
	json_object_set_new(json_object_get(context, "holder"), "name",
	    json_string("</td><script>alert(\"1\")</script>{{ticket.code}}"));
	subject = render("ticket", "de", TMPL_SUBJECT, context);
	text = render("ticket", "de", TMPL_TEXT, context);
	html = render("ticket", "de", TMPL_HTML, context);
	assert_string_equal(subject, "Ihr Ticket für A Bcc: x@example.org FAKE1-FAKE2 ");
	assert_null(strstr(text, "\nFAKE1"));
	assert_non_null(strstr(text, "{{ticket.code}}"));
	assert_null(strstr(html, "<script"));
	assert_non_null(strstr(html, "&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)"));
	check_balance(html);
	json_decref(context);
}

static void
a_forwarded_text_names_only_the_brand(void **state)
{
	static const TextRow plain = { "", "forward", NULL, { NULL } };

	(void)state;
	for (gsize l = 0; l < G_N_ELEMENTS(languages); l++) {
		json_t *context = context_of(&plain, languages[l]);
		g_autofree char *text =
		    render("forward", languages[l], TMPL_TEXT, context);
		g_autofree char *html =
		    render("forward", languages[l], TMPL_HTML, context);

		assert_non_null(strstr(text, "Nordlicht"));
		assert_null(strstr(text, "Fächerwerk"));
		assert_null(strstr(html, "Fächerwerk"));
		assert_null(strstr(text, "SO-2026"));
		assert_null(strstr(html, "SO-2026"));
		assert_null(strstr(text, "EUR"));
		json_decref(context);
	}
}

static void
a_notice_never_shows_a_code(void **state)
{
	static const TextRow plain = { "", "notice", NULL, { NULL } };
	json_t *context = context_of(&plain, "de");
	g_autofree char *html = render("notice", "de", TMPL_HTML, context);
	g_autofree char *text = render("notice", "de", TMPL_TEXT, context);

	(void)state;
	assert_non_null(strstr(html, "*****-HJR8N"));
	assert_null(strstr(html, "7K3QF"));
	assert_null(strstr(text, "7K3QF"));
	json_decref(context);
}

static void
a_part_of_a_long_order_says_which(void **state)
{
	static const TextRow plain = { "", "digest", NULL, { NULL } };
	json_t *context = context_of(&plain, "en");
	g_autofree char *subject = NULL, *text = NULL;

	(void)state;
	json_object_set_new(
	    context, "part", json_pack("{s:i, s:i}", "number", 2, "of", 5));
	subject = render("digest", "en", TMPL_SUBJECT, context);
	text = render("digest", "en", TMPL_TEXT, context);
	assert_string_equal(
	    subject, "3 tickets for order SO-2026-000123 (PO 4711/26), part 2 of 5");
	assert_non_null(strstr(text, "This is message 2 of 5."));
	json_decref(context);
}

static void
one_ticket_is_not_many(void **state)
{
	static const TextRow plain = { "", "digest", NULL, { NULL } };
	json_t *context = context_of(&plain, "de");
	json_t *tickets = json_object_get(context, "tickets");
	g_autofree char *subject = NULL, *text = NULL;

	(void)state;
	json_array_remove(tickets, 2);
	json_array_remove(tickets, 1);
	assert_true(tmpl_set_complete(set, NULL, "de", context, NULL));
	subject = render("digest", "de", TMPL_SUBJECT, context);
	text = render("digest", "de", TMPL_TEXT, context);
	assert_string_equal(
	    subject, "Ihr Ticket zur Bestellung SO-2026-000123 (PO 4711/26)");
	assert_non_null(strstr(text, "ist Ihr Ticket bereit."));
	json_decref(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nfr_and_demo_are_said_in_every_part),
		cmocka_unit_test(a_name_cannot_add_a_line_or_a_tag),
		cmocka_unit_test(a_forwarded_text_names_only_the_brand),
		cmocka_unit_test(a_notice_never_shows_a_code),
		cmocka_unit_test(a_part_of_a_long_order_says_which),
		cmocka_unit_test(one_ticket_is_not_many),
	};
	g_autoptr(GError) error = NULL;
	int failed;

	set = tmpl_set_open(NULL, "de", &error);
	if (set == NULL) {
		print_error("%s\n", error->message);
		return 1;
	}
	failed = run_rows("texts", rows, a_text_is_as_it_was_read) +
		 cmocka_run_group_tests_name("texts one by one", tests, NULL, NULL);
	tmpl_set_close(set);
	return failed;
}
