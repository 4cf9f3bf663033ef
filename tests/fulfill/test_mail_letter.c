/*
 * test_mail_letter.c - a letter is planned once, kept whole, and rendered from what is
 * kept.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/mail_stop.h"
#include "fulfill/work/render_mail.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

static const LetterPart parts[] = {
	{ "text/csv; charset=utf-8", "list.csv", "a;b\r\n1;2\r\n", 10 },
	{ "application/json", "list.json", "{}", 2 },
};

static json_t *
context_new(void)
{
	json_t *context = letter_context(&shop.issue, "Zo\xc3\xab");

	json_object_set_new(context, "about", json_string("statement 2026-10"));
	json_object_set_new(context, "reason", json_string("550 no such user"));
	json_object_set_new(
	    context, "delivery", json_pack("{s:s}", "to", "ada@example.org"));
	return context;
}

static int
plan(const Letter *letter, int64_t *ret_id, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int planned;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	planned = mail_letter_plan(&tx, letter, ret_id, error);
	if (planned >= 0)
		assert_true(db_commit(&tx, error));
	return planned;
}

static void
a_letter_of_a_key_is_planned_once(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *context = context_new();
	Letter letter = { .text = "undelivered",
		.context = context,
		.to_email = "Boss@EXAMPLE.org",
		.language = "en",
		.subject = "undelivered",
		.key = "notice/7" };
	int64_t id = 0;
	int64_t other = 0;

	(void)state;
	assert_int_equal(plan(&letter, &id, &error), 1);
	assert_int_equal(plan(&letter, &other, &error), 0);
	assert_int_equal(other, 0);
	letter.key = NULL;
	assert_int_equal(plan(&letter, &other, &error), 1);
	assert_int_equal(plan(&letter, &other, &error), 1);
	assert_no_error(error);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out"), 3);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM job WHERE kind = 'mail' AND state = 'ready'"),
	    3);
	json_decref(context);
}

static void
what_cannot_be_sent_is_refused_when_it_is_planned(void **state)
{
	static const struct {
		const char *text;
		const char *to;
		size_t size;
		const char *says;
	} rows[] = {
		{ "undelivered", "ada@example.org\r\nBcc: x@example.org", 1, "" },
		{ "undelivered", "nobody", 1, "" },
		{ "invoice", "ada@example.org", 1, "there is no text 'invoice'" },
		{ "undelivered", "ada@example.org", 7 * 1024 * 1024 + 1, "more than" },
	};
	json_t *context = context_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *bytes = g_malloc0(rows[i].size);
		LetterPart part = { "text/plain", "x.txt", bytes, rows[i].size };
		Letter letter = { .text = rows[i].text,
			.context = context,
			.to_email = rows[i].to,
			.language = "en",
			.subject = "x",
			.parts = &part,
			.n_parts = 1 };

		assert_int_equal(plan(&letter, NULL, &error), -1);
		assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_INVALID));
		assert_non_null(strstr(error->message, rows[i].says));
	}
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out"), 0);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM job"), 0);
	json_decref(context);
}

static char *
rendered(int64_t id, char **ret_from)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *conf = g_strconcat(shop.key_path, ".conf", NULL);
	g_autoptr(Settings) settings = NULL;
	g_autoptr(TmplSet) texts = tmpl_set_open(NULL, "de", &error);
	g_autoptr(MailOut) mail = mail_out_get(shop.db, id, &error);
	g_auto(RenderedMail) bytes = { 0 };
	g_autoptr(MailRenderer) renderer = NULL;
	Work work = { .vault = shop.vault, .zone = shop.zone };

	assert_no_error(error);
	assert_true(
	    g_file_set_contents(conf, "[mail]\nfrom=tickets@vendor.example\n", -1, NULL));
	work.settings = settings = settings_read(conf, &error);
	g_unlink(conf);
	work.templates = texts;
	renderer = mail_renderer_new(&work);
	if (!mail_render(renderer, mail, &bytes, &error))
		fail_msg("%s", error->message);
	*ret_from = g_strdup(bytes.envelope_from);
	return g_strndup(
	    g_bytes_get_data(bytes.bytes, NULL), g_bytes_get_size(bytes.bytes));
}

static void
a_letter_is_rendered_with_all_that_was_planned(void **state)
{
	static const char *const references[] = { "a@x.example", "b@x.example", NULL };
	static const char *const says[] = {
		"\r\nReply-To: desk@vendor.example\r\n",
		"\r\nIn-Reply-To: <b@x.example>\r\n",
		"\r\nReferences: <a@x.example> <b@x.example>\r\n",
		"\r\nAuto-Submitted: auto-replied\r\n",
		"\r\nList-Unsubscribe:\r\n <mailto:leave+",
		"\r\nContent-Type: multipart/mixed;",
		"filename=\"list.csv\"",
		"\r\nYTtiDQoxOzINCg==\r\n",
		"\r\nContent-Type: application/json\r\n",
		"\r\nSubject: Not delivered: statement 2026-10\r\n",
	};
	g_autoptr(GError) error = NULL;
	json_t *context = context_new();
	Letter letter = { .text = "undelivered",
		.context = context,
		.to_email = "ada@example.org",
		.to_name = "Ada",
		.language = "en",
		.subject = "x",
		.reply_to = "desk@vendor.example",
		.in_reply_to = "b@x.example",
		.references = references,
		.recurring = true,
		.parts = parts,
		.n_parts = G_N_ELEMENTS(parts) };
	g_autofree char *from = NULL;
	g_autofree char *mail = NULL;
	g_autofree char *again = NULL;
	g_autofree char *unused = NULL;
	int64_t id;

	(void)state;
	assert_int_equal(plan(&letter, &id, &error), 1);
	mail = rendered(id, &from);
	for (size_t i = 0; i < G_N_ELEMENTS(says); i++)
		if (strstr(mail, says[i]) == NULL)
			fail_msg("no '%s' in:\n%s", says[i], mail);
	assert_null(strstr(mail, "text/html"));
	/* An answer leaves with the return path <>: it makes no bounce. */
	assert_string_equal(from, "");
	again = rendered(id, &unused);
	assert_string_equal(mail, again);
	json_decref(context);
}

static void
a_letter_that_is_no_answer_can_bounce_to_us(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *context = context_new();
	Letter letter = { .text = "undelivered",
		.context = context,
		.to_email = "ada@example.org",
		.language = "de",
		.subject = "x" };
	g_autofree char *from = NULL;
	g_autofree char *mail = NULL;
	int64_t id;

	(void)state;
	assert_int_equal(plan(&letter, &id, &error), 1);
	mail = rendered(id, &from);
	assert_true(g_str_has_prefix(from, "bounces+"));
	assert_non_null(strstr(mail, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_null(strstr(mail, "multipart"));
	json_decref(context);
}

static void
who_wants_no_more_gets_no_recurring_letter(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *context = context_new();
	Letter letter = { .text = "undelivered",
		.context = context,
		.to_email = "Ada@example.org",
		.language = "de",
		.subject = "x",
		.recurring = true };
	int64_t id = 0;

	(void)state;
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(mail_stop_add(&tx, "ada@Example.org", NULL, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(plan(&letter, &id, &error), 0);
	letter.recurring = false;
	assert_int_equal(plan(&letter, &id, &error), 1);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(mail_stop_end(&tx, "ADA@example.org", NULL, &error));
		assert_true(db_commit(&tx, &error));
	}
	letter.recurring = true;
	assert_int_equal(plan(&letter, &id, &error), 1);
	json_decref(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_letter_of_a_key_is_planned_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_cannot_be_sent_is_refused_when_it_is_planned, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_letter_is_rendered_with_all_that_was_planned, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_letter_that_is_no_answer_can_bounce_to_us, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_wants_no_more_gets_no_recurring_letter, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
