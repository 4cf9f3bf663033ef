/*
 * test_tmpl_check.c - every mistake that an override can make is told with its file and
 * line before anybody gets a mail.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "queue/limits.h"
#include "templates/tmpl_set.h"
#include "tests/support/fix_files.h"

typedef struct CheckRow {
	const char *name;
	const char *files[6]; /* path, text, path, text, ... */
	const char *wanted;   /* each fault with its newline, the folder as DIR */
} CheckRow;

/* Texts that are right, for rows that look at something else. */
#define TICKET "Subject: x\n\n{{ticket.code}}\n"

/* clang-format off */
static const CheckRow rows[] = {
	{ "right files are right", { "de/ticket.txt", TICKET, "en/notice.html", "{{reason}}\n" }, "" },
	{ "notes and copies of editors are nobody's business", { "README", "{{", "de/ticket.txt~", "{{", "de/.ticket.txt.swp", "{{" }, "" },

	/* fields */
	{ "an unknown field", { "de/ticket.txt", TICKET "{{holder.nmae}}\n" }, "DIR/de/ticket.txt:4: text 'ticket' has no field 'holder.nmae'\n" },
	{ "an unknown field in a subject", { "de/ticket.txt", "Subject: {{nmae}}\n\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: text 'ticket' has no field 'nmae'\n" },
	{ "an unknown field in HTML", { "en/ticket.html", "{{ticket.code}}\n<p>{{{nmae}}}</p>\n" }, "DIR/en/ticket.html:2: text 'ticket' has no field 'nmae'\n" },
	{ "an unknown section hides what is inside", { "de/ticket.txt", TICKET "{{#optionen}}\n{{x}}{{/optionen}}\n{{^y}}{{/y}}\n" }, "DIR/de/ticket.txt:4: text 'ticket' has no field 'optionen'\nDIR/de/ticket.txt:6: text 'ticket' has no field 'y'\n" },
	{ "a field of another text", { "de/ticket.txt", TICKET "{{reason}}\n" }, "DIR/de/ticket.txt:4: text 'ticket' has no field 'reason'\n" },
	{ "the order in what goes to the reseller's customer", { "de/forward.txt", TICKET "{{order.number}}\n" }, "DIR/de/forward.txt:4: text 'forward' has no field 'order.number'\n" },
	{ "a field of an item outside its list", { "de/digest.txt", "Subject: x\n\n{{#tickets}}\n{{ticket.code}}\n\n{{/tickets}}\n{{ticket.serial}}\n" }, "DIR/de/digest.txt:7: text 'digest' has no field 'ticket.serial'\n" },
	{ "a list as text", { "de/ticket.txt", TICKET "{{options}}\n" }, "DIR/de/ticket.txt:4: 'options' is a list, not text\n" },
	{ "an object as text", { "de/ticket.txt", TICKET "{{holder}}\n" }, "DIR/de/ticket.txt:4: 'holder' is an object, not text\n" },
	{ "yes or no as text", { "de/ticket.txt", TICKET "{{demo}}\n" }, "DIR/de/ticket.txt:4: 'demo' is yes or no, not text\n" },
	{ "a dot that is an object", { "de/ticket.txt", TICKET "{{#options}}\n{{.}}\n{{/options}}\n" }, "DIR/de/ticket.txt:5: '.' is an object, not text\n" },
	{ "a dot that is text", { "de/ticket.txt", TICKET "{{#ticket.groups}}{{.}}{{/ticket.groups}}{{#holder.name}}{{.}}{{/holder.name}}\n" }, "" },
	{ "the second part of a name is not looked for outside", { "de/ticket.txt", TICKET "{{#order}}{{holder.number}}{{/order}}\n" }, "DIR/de/ticket.txt:4: text 'ticket' has no field 'holder.number'\n" },

	/* what does not parse */
	{ "an unbalanced section", { "de/ticket.txt", TICKET "\n{{#order}}\n{{number}}\n" }, "DIR/de/ticket.txt:5: section 'order' is never closed\n" },
	{ "faults of several files, by line", { "de/notice.txt", "Subject: x\n\n{{/a}}\n\n\n\n\n\n\n{{/b}}\n", "en/words.txt", "hello\n" }, NULL },
	{ "a partial that does not parse is told once", { "de/foot.txt", "{{#brand}}\n" }, "DIR/de/foot.txt:1: section 'brand' is never closed\n" },

	/* the frame of a text */
	{ "no subject", { "de/ticket.txt", "{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: does not begin with 'Subject: ...'\n" },
	{ "an empty subject", { "de/ticket.txt", "Subject: \n\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: does not begin with 'Subject: ...'\n" },
	{ "an empty file", { "de/ticket.txt", "" }, "DIR/de/ticket.txt:1: does not begin with 'Subject: ...'\n" },
	{ "no empty line", { "de/ticket.txt", "Subject: x\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:2: no empty line between the subject and the body\n" },
	{ "nothing but a subject", { "de/ticket.txt", "Subject: x" }, "DIR/de/ticket.txt:2: no empty line between the subject and the body\n" },
	{ "a partial in a subject", { "de/ticket.txt", "Subject: {{> foot}}\n\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: a subject has no partials\n" },

	/* the code */
	{ "a text without its code", { "de/ticket.txt", "Subject: x\n\n{{product.name}}\n" }, "DIR/de/ticket.txt:1: the code has no line of its own\n" },
	{ "a code with words on its line", { "de/ticket.txt", "Subject: x\n\nCode: {{ticket.code}}\n" }, "DIR/de/ticket.txt:1: the code has no line of its own\n" },
	{ "a code with a full stop", { "de/ticket.txt", "Subject: x\n\n{{ticket.code}}.\n" }, "DIR/de/ticket.txt:1: the code has no line of its own\n" },
	{ "a code in the subject", { "de/ticket.txt", "Subject: {{ticket.code}}\n\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: the code stands in the subject\n" },
	{ "its link in the subject", { "de/ticket.txt", "Subject: {{ticket.url}}\n\n{{ticket.code}}\n" }, "DIR/de/ticket.txt:1: the code stands in the subject\n" },
	{ "HTML without its code", { "de/ticket.html", "<p>{{ticket.masked}}</p>\n" }, "DIR/de/ticket.html:1: the code is not shown in one piece\n" },
	{ "HTML with its code only beside the picture", { "de/ticket.html", "{{#has_qr}}<img alt=\"{{ticket.code}}\">{{ticket.code}}{{/has_qr}}\n" }, "DIR/de/ticket.html:1: the code is not shown in one piece\n" },
	{ "HTML with blanks between the groups", { "de/ticket.html", "{{#ticket.groups}}<b>{{.}}</b> {{/ticket.groups}}\n" }, "DIR/de/ticket.html:1: the code is not shown in one piece\n" },
	{ "HTML with its groups in one piece", { "de/ticket.html", "{{#ticket.groups}}<b>{{.}}</b><wbr>{{/ticket.groups}}\n" }, "" },
	{ "a digest that shows only some codes", { "de/digest.txt", "Subject: x\n\n{{#tickets}}\n{{^subscription}}\n{{ticket.code}}\n{{/subscription}}\n{{/tickets}}\n" }, "DIR/de/digest.txt:1: the code has no line of its own\n" },

	/* partials */
	{ "a partial that is nowhere", { "de/ticket.txt", TICKET "{{> fuss}}\n" }, "DIR/de/ticket.txt:4: there is no partial 'fuss' in language 'de'\n" },
	{ "a partial of the other kind", { "de/ticket.txt", TICKET "{{> head}}\n" }, "DIR/de/ticket.txt:4: there is no partial 'head' in language 'de'\n" },
	{ "a text as a partial", { "de/ticket.txt", TICKET "{{> notice}}\n" }, "DIR/de/ticket.txt:4: there is no partial 'notice' in language 'de'\n" },
	{ "a partial in shared is for all languages", { "de/ticket.txt", TICKET "{{> x}}", "en/ticket.txt", TICKET "{{> x}}", "shared/x.txt", "x\n" }, "" },
	{ "a fault in a partial is told with the text that meets it", { "de/foot.txt", "\n{{order.number}}\n" }, "DIR/de/foot.txt:2: text 'command' has no field 'order.number'\n"
	  "DIR/de/foot.txt:2: text 'forward' has no field 'order.number'\n"
	  "DIR/de/foot.txt:2: text 'programme' has no field 'order.number'\n"
	  "DIR/de/foot.txt:2: text 'subscription' has no field 'order.number'\n" },
	{ "a partial that includes itself", { "de/ticket.txt", TICKET "{{> a}}\n", "de/a.txt", "{{> b}}", "de/b.txt", "{{#order}}\n{{> a}}{{/order}}" }, "DIR/de/b.txt:2: partial 'a' includes itself\n" },
	{ "a partial that nothing uses", { "de/foto.txt", "x\n" }, "DIR/de/foto.txt:1: no text includes 'foto'\n" },
	{ "a text whose name is misspelled", { "de/tickt.html", "x\n" }, "DIR/de/tickt.html:1: no text includes 'tickt'\n" },
	{ "a brand's partial that nothing uses", { "brand/r1/en/foto.html", "x\n" }, "DIR/brand/r1/en/foto.html:1: no text includes 'foto'\n" },

	/* languages and folders */
	{ "a language that lacks texts", { "brand/r1/fr/ticket.txt", TICKET }, NULL },
	{ "a folder that is no language", { "deutsch/ticket.txt", TICKET }, "DIR/deutsch:1: neither a language like 'de' nor 'shared'\n" },
	{ "a text in shared", { "shared/ticket.txt", TICKET }, "DIR/shared/ticket.txt:1: 'ticket' belongs to a language, not to 'shared'\n" },
	{ "words in shared", { "shared/words.txt", "x\n" }, "DIR/shared/words.txt:1: 'words' belongs to a language, not to 'shared'\n" },
	{ "words with a gap", { "de/words.txt", "kind.full: x\nkind.fool: y\n" }, NULL },
	{ "a fault of a brand", { "brand/r1/de/ticket.txt", TICKET "{{x}}\n" }, "DIR/brand/r1/de/ticket.txt:4: text 'ticket' has no field 'x'\n" },
	{ "bytes that are not UTF-8", { "de/foot.txt", "Gr\xfc\xdf" "e\n" }, "DIR/de/foot.txt:1: not UTF-8\n" },
};
/* clang-format on */

static char *
told(GPtrArray *faults, const char *dir)
{
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < faults->len; i++)
		g_string_append_printf(all, "%s\n", (char *)faults->pdata[i]);
	g_string_replace(all, dir, "DIR", 0);
	return g_string_free(all, FALSE);
}

static GPtrArray *
check_row(const CheckRow *row, FixFiles *dir)
{
	for (gsize i = 0; i < G_N_ELEMENTS(row->files) && row->files[i] != NULL; i += 2)
		fix_files_put(dir, row->files[i], row->files[i + 1]);
	return tmpl_set_check(fix_files_dir(dir), "de");
}

static void
faults_are_told_as_the_row_says(void **state)
{
	const CheckRow *row = *state;
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GPtrArray) faults = check_row(row, dir);
	g_autofree char *all = told(faults, fix_files_dir(dir));
	g_autoptr(GError) error = NULL;
	g_autoptr(TmplSet) set = tmpl_set_open(fix_files_dir(dir), "de", &error);

	/* Rows without a wanted text have tests of their own below. */
	if (row->wanted != NULL)
		assert_string_equal(all, row->wanted);
	else
		assert_true(faults->len > 1);
	assert_int_equal(set != NULL, faults->len == 0);
}

static const CheckRow *
row_named(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	fail_msg("no row '%s'", name);
	return NULL;
}

static void
a_language_lacks_every_text_that_it_lacks(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GPtrArray) faults =
	    check_row(row_named("a language that lacks texts"), dir);
	g_autofree char *all = told(faults, fix_files_dir(dir));
	const char *const *texts = tmpl_set_texts();
	guint wanted = 1; /* words.txt */

	(void)state;
	for (; *texts != NULL; texts++) {
		g_autofree char *txt = g_strdup_printf(
		    "DIR/brand/r1/fr/%s.txt:1: is missing: a language has all texts\n",
		    *texts);
		g_autofree char *html = g_strdup_printf(
		    "DIR/brand/r1/fr/%s.html:1: is missing: a language has all texts\n",
		    *texts);
		bool there = strcmp(*texts, "ticket") == 0;

		assert_true((strstr(all, txt) == NULL) == there);
		assert_true((strstr(all, html) != NULL) == tmpl_set_is_rich(*texts));
		wanted += (there ? 0 : 1) + (tmpl_set_is_rich(*texts) ? 1 : 0);
	}
	assert_non_null(strstr(all, "DIR/brand/r1/fr/words.txt:1: is missing"));
	assert_int_equal(faults->len, wanted);
}

static void
faults_come_in_the_order_of_files_and_lines(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GPtrArray) faults =
	    check_row(row_named("faults of several files, by line"), dir);
	g_autofree char *all = told(faults, fix_files_dir(dir));

	(void)state;
	assert_true(g_str_has_prefix(all, "DIR/de/notice.txt:3: '/a' closes nothing\n"
					  "DIR/de/notice.txt:10: '/b' closes nothing\n"
					  "DIR/en/words.txt:1: "));
	assert_non_null(strstr(all, "DIR/en/words.txt:1: not a line 'key: text'\n"));
}

static void
words_with_a_gap_name_every_gap(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autoptr(GPtrArray) faults = check_row(row_named("words with a gap"), dir);
	g_autofree char *all = told(faults, fix_files_dir(dir));

	(void)state;
	assert_non_null(strstr(all, "DIR/de/words.txt:2: 'kind.fool' is not a key\n"));
	assert_non_null(strstr(all, "DIR/de/words.txt:1: 'month.12' is missing\n"));
	assert_null(strstr(all, "'kind.full'"));
}

static void
a_default_language_without_texts_is_refused(void **state)
{
	g_autoptr(GPtrArray) faults = tmpl_set_check(NULL, "fr");

	(void)state;
	assert_int_equal(faults->len, 1);
	assert_string_equal(faults->pdata[0],
	    "templates:1: there are no texts in the default language 'fr'");
}

static void
what_is_not_a_file_is_not_read(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autofree char *folder = g_build_filename(fix_files_dir(dir), "de/x.txt", NULL);
	g_autofree char *link = g_build_filename(fix_files_dir(dir), "de/y.txt", NULL);
	g_autofree char *big = g_strnfill(LIMIT_TEMPLATE_FILE_BYTES + 1, 'x');
	g_autoptr(GPtrArray) faults = NULL;
	g_autofree char *all = NULL;

	(void)state;
	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	assert_int_equal(symlink("nowhere", link), 0);
	fix_files_put(dir, "de/z.txt", big);
	faults = tmpl_set_check(fix_files_dir(dir), "de");
	all = told(faults, fix_files_dir(dir));
	assert_string_equal(all,
	    "DIR/de/x.txt:1: not a file\n"
	    "DIR/de/y.txt:1: cannot read: No such file or directory\n"
	    "DIR/de/z.txt:1: longer than 262144 bytes\n");
}

static void
a_file_in_place_of_the_folder_is_told(void **state)
{
	g_autoptr(FixFiles) dir = fix_files_new();
	g_autofree char *path = g_build_filename(fix_files_dir(dir), "templates", NULL);
	g_autoptr(GPtrArray) faults = NULL;

	(void)state;
	fix_files_put(dir, "templates", "x");
	faults = tmpl_set_check(path, "de");
	assert_int_equal(faults->len, 1);
	assert_non_null(strstr(faults->pdata[0], "templates:1: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_language_lacks_every_text_that_it_lacks),
		cmocka_unit_test(faults_come_in_the_order_of_files_and_lines),
		cmocka_unit_test(words_with_a_gap_name_every_gap),
		cmocka_unit_test(a_default_language_without_texts_is_refused),
		cmocka_unit_test(what_is_not_a_file_is_not_read),
		cmocka_unit_test(a_file_in_place_of_the_folder_is_told),
	};

	return run_rows("overrides", rows, faults_are_told_as_the_row_says) +
	       cmocka_run_group_tests_name("tmpl_check", tests, NULL, NULL);
}
