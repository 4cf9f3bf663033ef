/*
 * test_tmpl_set.c - the right text in the right language under the right brand, and none
 * at all when something is missing.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <string.h>

#include "queue/embed.h"
#include "templates/tmpl_set.h"
#include "tests/support/fix_files.h"

static const TmplSet *plain; /* the embedded set, "de" by default */

static char *
render(const TmplSet *set, const char *brand, const char *language, const char *text,
    TmplKind kind)
{
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);
	json_t *context = tmpl_set_example(set, brand, language, text, &error);

	assert_no_error(error);
	if (!tmpl_set_render(set, brand, language, text, kind, context, out, &error))
		fail_msg("%s", error->message);
	json_decref(context);
	return g_string_free(out, FALSE);
}

/* --- which text -------------------------------------------------------------------- */

typedef struct LanguageRow {
	const char *name;
	const char *wanted;
	const char *used;
} LanguageRow;

/* clang-format off */
static const LanguageRow languages[] = {
	{ "a language that is there is used", "en", "en" },
	{ "upper case does not matter", "EN", "en" },
	{ "a region falls back to its language", "en-GB", "en" },
	{ "a locale is understood", "en_US.UTF-8", "en" },
	{ "many subtags fall away one by one", "de-latn-at-1996", "de" },
	{ "an unknown language becomes the default", "fr", "de" },
	{ "nonsense becomes the default", "../../etc", "de" },
	{ "nothing becomes the default", "", "de" },
	{ "NULL becomes the default", NULL, "de" },
};
/* clang-format on */

static void
a_language_is_chosen_as_the_row_says(void **state)
{
	const LanguageRow *row = *state;

	assert_string_equal(tmpl_set_language(plain, NULL, row->wanted), row->used);
	assert_string_equal(
	    tmpl_set_language(plain, "no-such-brand", row->wanted), row->used);
}

static void
an_instance_and_a_brand_put_their_files_over_ours(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(TmplSet) set = NULL;
	g_autofree char *none = NULL, *r1 = NULL, *r2 = NULL, *r1_foot = NULL,
			*html = NULL;

	(void)state;
	fix_files_put(
	    dir, "de/ticket.txt", "Subject: Instanz\n\n{{ticket.code}}\n{{> foot}}\n");
	fix_files_put(dir, "de/foot.txt", "Fuß der Instanz\n");
	fix_files_put(dir, "brand/r1/de/foot.txt", "Fuß von {{brand.name}}\n");
	fix_files_put(dir, "brand/r2/de/ticket.txt", "Subject: R2\n\n{{ticket.code}}\n");
	set = tmpl_set_open(fix_files_dir(dir), "de", &error);
	assert_no_error(error);

	none = render(set, NULL, "de", "ticket", TMPL_TEXT);
	assert_non_null(strstr(none, "\nFuß der Instanz\n"));
	r1 = render(set, "r1", "de", "ticket", TMPL_SUBJECT);
	assert_string_equal(r1, "Instanz");
	r1_foot = render(set, "r1", "de", "ticket", TMPL_TEXT);
	assert_non_null(strstr(r1_foot, "\nFuß von Nordlicht CAD-Systeme\n"));
	r2 = render(set, "r2", "de", "ticket", TMPL_SUBJECT);
	assert_string_equal(r2, "R2");
	/* What nobody replaced is still there. */
	html = render(set, "r2", "en", "ticket", TMPL_HTML);
	assert_non_null(strstr(html, "<html lang=\"en\">"));
}

static void
a_brand_may_speak_a_language_of_its_own(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(TmplSet) set = NULL;
	g_autofree char *subject = NULL;

	(void)state;
	/* French, by taking everything English and changing one word. */
	for (const EmbedFile *e = embed_templates; e->path != NULL; e++) {
		g_autofree char *path = NULL;

		if (!g_str_has_prefix(e->path, "templates/en/"))
			continue;
		path =
		    g_strconcat("brand/r1/fr/", e->path + strlen("templates/en/"), NULL);
		fix_files_put(dir, path, e->data);
	}
	fix_files_put(dir, "brand/r1/fr/ticket.txt",
	    "Subject: Votre ticket\n\n{{ticket.code}}\n{{> privacy}}\n");
	set = tmpl_set_open(fix_files_dir(dir), "en", &error);
	assert_no_error(error);
	assert_string_equal(tmpl_set_language(set, "r1", "fr"), "fr");
	assert_string_equal(tmpl_set_language(set, NULL, "fr"), "en");
	assert_string_equal(tmpl_set_language(set, "r2", "fr"), "en");
	subject = render(set, "r1", "fr-CA", "ticket", TMPL_SUBJECT);
	assert_string_equal(subject, "Votre ticket");
}

static void
windows_line_ends_and_byte_order_marks_are_no_matter(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(TmplSet) set = NULL;
	g_autofree char *body = NULL;

	(void)state;
	fix_files_put(dir, "de/ticket.txt",
	    "\xef\xbb\xbfSubject: x\r\n\r\n{{#order}}\r\nzu {{number}}\r\n{{/order}}\r\n"
	    "{{ticket.code}}\r\n");
	set = tmpl_set_open(fix_files_dir(dir), "de", &error);
	assert_no_error(error);
	body = render(set, NULL, "de", "ticket", TMPL_TEXT);
	assert_string_equal(body, "zu SO-2026-000123\n7K3QF-M2XWT-9PB4H-C6VDZ-HJR8N\n");
}

static void
a_folder_that_does_not_exist_changes_nothing(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TmplSet) set = tmpl_set_open("/nowhere/at/all", "en", &error);

	(void)state;
	assert_no_error(error);
	assert_string_equal(tmpl_set_language(set, NULL, "xx"), "en");
}

/* --- what must not go out ---------------------------------------------------------- */

static void
refused(json_t *context, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new("as it was");

	for (TmplKind kind = TMPL_TEXT; kind <= TMPL_SUBJECT; kind++) {
		g_clear_error(&error);
		assert_false(tmpl_set_render(
		    plain, NULL, "de", "ticket", kind, context, out, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_string_equal(error->message, wanted);
		assert_string_equal(out->str, "as it was");
	}
}

static void
a_mail_without_its_ticket_is_never_written(void **state)
{
	json_t *context = tmpl_set_example(plain, NULL, "de", "ticket", NULL);
	json_t *ticket = json_object_get(context, "ticket");

	(void)state;
	json_object_set_new(ticket, "code", json_string(""));
	refused(context, "text 'ticket': field 'ticket.code' is missing");
	json_object_del(ticket, "code");
	refused(context, "text 'ticket': field 'ticket.code' is missing");
	json_decref(context);
}

static void
a_context_that_was_not_completed_is_refused(void **state)
{
	json_t *context = tmpl_set_example(plain, NULL, "de", "ticket", NULL);
	json_t *ticket = json_object_get(context, "ticket");

	(void)state;
	json_object_del(ticket, "groups");
	refused(context, "text 'ticket': field 'ticket.groups' is missing");
	json_decref(context);
}

static void
an_unknown_text_is_not_found(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	json_t *context = json_object();

	(void)state;
	assert_false(tmpl_set_render(
	    plain, NULL, "de", "invoice", TMPL_TEXT, context, out, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_null(tmpl_set_example(plain, NULL, "de", "invoice", &error));
	assert_string_equal(error->message, "there is no text 'invoice'");
	json_decref(context);
}

static void
completing_tells_what_is_wrong(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *context = json_pack("{s:{s:s}}", "product", "kind", "gift");

	(void)state;
	assert_false(tmpl_set_complete(plain, NULL, "en", context, &error));
	assert_string_equal(error->message, "field 'product.kind': 'gift' is no kind");
	json_decref(context);
}

static void
every_fault_is_in_the_list_and_the_first_in_the_error(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GPtrArray) faults = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *first = NULL;

	(void)state;
	fix_files_put(dir, "de/foot.txt", "{{#a}}\n");
	fix_files_put(dir, "en/foot.txt", "{{/b}}\n");
	faults = tmpl_set_check(fix_files_dir(dir), "de");
	assert_int_equal(faults->len, 2);
	assert_null(tmpl_set_open(fix_files_dir(dir), "de", &error));
	assert_error(error, TP_ERROR_CONFIG);
	first = g_strconcat(faults->pdata[0], " (and 1 more)", NULL);
	assert_string_equal(error->message, first);

	g_clear_error(&error);
	fix_files_put(dir, "en/foot.txt", "ok\n");
	assert_null(tmpl_set_open(fix_files_dir(dir), "de", &error));
	assert_string_equal(error->message, faults->pdata[0]);
}

/* --- threads ----------------------------------------------------------------------- */

static gpointer
render_often(gpointer data)
{
	const char *wanted = data;

	for (int i = 0; i < 50; i++) {
		json_t *context = tmpl_set_example(plain, NULL, "de", "digest", NULL);
		g_autoptr(GString) out = g_string_new(NULL);
		bool ok = tmpl_set_render(
		    plain, NULL, "de", "digest", TMPL_HTML, context, out, NULL);

		json_decref(context);
		if (!ok || strcmp(out->str, wanted) != 0)
			return GINT_TO_POINTER(1);
	}
	return NULL;
}

static void
threads_share_one_set(void **state)
{
	g_autofree char *wanted = render(plain, NULL, "de", "digest", TMPL_HTML);
	GThread *threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		threads[i] = g_thread_new("render", render_often, wanted);
	for (int i = 0; i < 4; i++)
		assert_null(g_thread_join(threads[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_and_a_brand_put_their_files_over_ours),
		cmocka_unit_test(a_brand_may_speak_a_language_of_its_own),
		cmocka_unit_test(windows_line_ends_and_byte_order_marks_are_no_matter),
		cmocka_unit_test(a_folder_that_does_not_exist_changes_nothing),
		cmocka_unit_test(a_mail_without_its_ticket_is_never_written),
		cmocka_unit_test(a_context_that_was_not_completed_is_refused),
		cmocka_unit_test(an_unknown_text_is_not_found),
		cmocka_unit_test(completing_tells_what_is_wrong),
		cmocka_unit_test(every_fault_is_in_the_list_and_the_first_in_the_error),
		cmocka_unit_test(threads_share_one_set),
	};
	g_autoptr(GError) error = NULL;
	TmplSet *set = tmpl_set_open(NULL, "de", &error);
	int failed;

	if (set == NULL) {
		print_error("%s\n", error->message);
		return 1;
	}
	plain = set;
	failed = run_rows("languages", languages, a_language_is_chosen_as_the_row_says) +
		 cmocka_run_group_tests_name("tmpl_set", tests, NULL, NULL);
	tmpl_set_close(set);
	return failed;
}
