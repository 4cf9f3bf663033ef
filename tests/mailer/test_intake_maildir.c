/*
 * test_intake_maildir.c - each mail once, none lost, whatever stands in the folder.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailer/intake_maildir.h"
#include "queue/limits.h"

typedef struct Fix {
	char *path;
	Maildir *maildir;
} Fix;

static int
set_up(void **state)
{
	Fix *fix = g_new0(Fix, 1);
	static const char *const folders[] = { "new", "cur", "tmp" };

	fix->path = g_dir_make_tmp("maildir-XXXXXX", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(fix->path, folders[i], NULL);

		assert_int_equal(g_mkdir(folder, 0700), 0);
	}
	fix->maildir = maildir_open(fix->path, NULL);
	assert_non_null(fix->maildir);
	*state = fix;
	return 0;
}

static void
empty(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);

		if (g_file_test(entry, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
			empty(entry);
		else
			(void)g_unlink(entry);
	}
	(void)g_rmdir(path);
}

static int
tear_down(void **state)
{
	Fix *fix = *state;

	maildir_close(fix->maildir);
	empty(fix->path);
	g_free(fix->path);
	g_free(fix);
	return 0;
}

static void
put(const Fix *fix, const char *where, const char *text)
{
	g_autofree char *path = g_build_filename(fix->path, where, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static bool
there(const Fix *fix, const char *where)
{
	g_autofree char *path = g_build_filename(fix->path, where, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
mails_come_in_the_order_of_delivery(void **state)
{
	Fix *fix = *state;
	static const char *const names[] = { "1795512601.M1P1.host",
		"1795512602.M1P1.host", "1795512603.M1P1.host" };
	MaildirMail *none = NULL;

	put(fix, "new/1795512602.M1P1.host", "two");
	put(fix, "new/1795512603.M1P1.host", "three");
	put(fix, "new/1795512601.M1P1.host", "one");
	put(fix, "new/.hidden", "x");
	put(fix, "tmp/1795512600.M1P1.host", "half");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(MaildirMail) mail = NULL;

		assert_int_equal(maildir_next(fix->maildir, &mail, NULL), 1);
		assert_string_equal(mail->name, names[i]);
		assert_null(mail->problem);
		assert_int_equal(mail->size_bytes, g_bytes_get_size(mail->bytes));
	}
	assert_int_equal(maildir_next(fix->maildir, &none, NULL), 0);
	assert_null(none);
}

static void
a_mail_comes_again_until_it_is_done(void **state)
{
	Fix *fix = *state;
	MaildirMail *none = NULL;

	put(fix, "new/1.a.host", "one");
	for (int i = 0; i < 3; i++) {
		g_autoptr(MaildirMail) mail = NULL;

		assert_int_equal(maildir_next(fix->maildir, &mail, NULL), 1);
		assert_memory_equal(g_bytes_get_data(mail->bytes, NULL), "one", 3);
		assert_int_equal(maildir_next(fix->maildir, &none, NULL), 0);
	}
	assert_true(maildir_done(fix->maildir, "1.a.host", NULL));
	assert_false(there(fix, "new/1.a.host"));
	assert_true(there(fix, "cur/1.a.host:2,S"));
	assert_int_equal(maildir_next(fix->maildir, &none, NULL), 0);
	/* Done is done, also when it is said after a crash. */
	assert_true(maildir_done(fix->maildir, "1.a.host", NULL));
}

static void
a_name_with_flags_gets_ours(void **state)
{
	Fix *fix = *state;

	put(fix, "new/1.a.host:2,", "one");
	assert_true(maildir_done(fix->maildir, "1.a.host:2,", NULL));
	assert_true(there(fix, "cur/1.a.host:2,S"));
}

static void
nothing_in_cur_is_overwritten(void **state)
{
	Fix *fix = *state;
	g_autoptr(GError) error = NULL;

	put(fix, "new/1.a.host", "one");
	put(fix, "cur/1.a.host:2,S", "another");
	assert_false(maildir_done(fix->maildir, "1.a.host", &error));
	assert_error(error, TP_ERROR_EXISTS);
	assert_true(there(fix, "new/1.a.host"));
}

static void
a_mail_that_vanishes_is_passed_over(void **state)
{
	Fix *fix = *state;
	g_autoptr(MaildirMail) first = NULL;
	g_autoptr(MaildirMail) third = NULL;
	g_autofree char *path = g_build_filename(fix->path, "new/2.a.host", NULL);
	g_autoptr(GError) error = NULL;

	put(fix, "new/1.a.host", "one");
	put(fix, "new/2.a.host", "two");
	put(fix, "new/3.a.host", "three");
	assert_int_equal(maildir_next(fix->maildir, &first, NULL), 1);
	assert_int_equal(g_unlink(path), 0);
	assert_int_equal(maildir_next(fix->maildir, &third, NULL), 1);
	assert_string_equal(third->name, "3.a.host");
	assert_false(maildir_done(fix->maildir, "2.a.host", &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

static void
what_cannot_be_read_does_not_block_the_rest(void **state)
{
	Fix *fix = *state;
	g_autofree char *folder = g_build_filename(fix->path, "new/1.folder", NULL);
	g_autofree char *fifo = g_build_filename(fix->path, "new/2.fifo", NULL);
	g_autofree char *link = g_build_filename(fix->path, "new/3.link", NULL);
	g_autofree char *huge = g_build_filename(fix->path, "new/4.huge", NULL);
	static const char *const problems[] = { "not a plain file", "not a plain file",
		"symbolic links", "longer than" };

	assert_int_equal(g_mkdir(folder, 0700), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	put(fix, "new/4.huge", "");
	assert_int_equal(truncate(huge, (off_t)LIMIT_INTAKE_BYTES + 1), 0);
	put(fix, "new/5.mail", "five");
	for (size_t i = 0; i < G_N_ELEMENTS(problems); i++) {
		g_autoptr(MaildirMail) mail = NULL;

		assert_int_equal(maildir_next(fix->maildir, &mail, NULL), 1);
		assert_null(mail->bytes);
		assert_non_null(mail->problem);
		if (strstr(mail->problem, problems[i]) == NULL)
			fail_msg("'%s' does not say '%s'", mail->problem, problems[i]);
	}
	{
		g_autoptr(MaildirMail) mail = NULL;

		assert_int_equal(maildir_next(fix->maildir, &mail, NULL), 1);
		assert_string_equal(mail->name, "5.mail");
		assert_null(mail->problem);
	}
}

static void
a_mail_of_the_greatest_length_is_read(void **state)
{
	Fix *fix = *state;
	g_autofree char *path = g_build_filename(fix->path, "new/1.a", NULL);
	g_autoptr(MaildirMail) mail = NULL;

	put(fix, "new/1.a", "");
	assert_int_equal(truncate(path, LIMIT_INTAKE_BYTES), 0);
	assert_int_equal(maildir_next(fix->maildir, &mail, NULL), 1);
	assert_null(mail->problem);
	assert_int_equal(g_bytes_get_size(mail->bytes), LIMIT_INTAKE_BYTES);
}

static void
names_stay_inside(void **state)
{
	Fix *fix = *state;
	static const char *const names[] = { "../cur/x", "/etc/passwd", ".", "..",
		"a/b" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(maildir_done(fix->maildir, names[i], &error));
		assert_error(error, TP_ERROR_INVALID);
	}
}

static void
ten_thousand_mails_are_read_and_done(void **state)
{
	Fix *fix = *state;
	MaildirMail *none = NULL;
	int n = 0;

	for (int i = 0; i < 10000; i++) {
		g_autofree char *path = g_strdup_printf(
		    "%s/new/%d.M%dP1.host", fix->path, 1795512600 + i / 7, i);
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs("x", file);
		fclose(file);
	}
	for (;;) {
		g_autoptr(MaildirMail) mail = NULL;
		int rc = maildir_next(fix->maildir, &mail, NULL);

		if (rc == 0)
			break;
		assert_int_equal(rc, 1);
		if (n++ % 2 == 0)
			assert_true(maildir_done(fix->maildir, mail->name, NULL));
	}
	assert_int_equal(n, 10000);
	n = 0;
	for (;;) {
		g_autoptr(MaildirMail) mail = NULL;

		if (maildir_next(fix->maildir, &mail, NULL) == 0)
			break;
		n++;
	}
	assert_int_equal(n, 5000);
	assert_null(none);
}

static void
what_is_no_maildir_is_named(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(maildir_open("/nonexistent/maildir", &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "/nonexistent/maildir/new"));
}

#define WITH_MAILDIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MAILDIR(mails_come_in_the_order_of_delivery),
		WITH_MAILDIR(a_mail_comes_again_until_it_is_done),
		WITH_MAILDIR(a_name_with_flags_gets_ours),
		WITH_MAILDIR(nothing_in_cur_is_overwritten),
		WITH_MAILDIR(a_mail_that_vanishes_is_passed_over),
		WITH_MAILDIR(what_cannot_be_read_does_not_block_the_rest),
		WITH_MAILDIR(a_mail_of_the_greatest_length_is_read),
		WITH_MAILDIR(names_stay_inside),
		WITH_MAILDIR(ten_thousand_mails_are_read_and_done),
		cmocka_unit_test(what_is_no_maildir_is_named),
	};

	return cmocka_run_group_tests_name("intake_maildir", tests, NULL, NULL);
}
