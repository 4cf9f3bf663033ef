/*
 * test_sender.c - the seam, with the senders that need no network.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailer/sender_memory.h"

typedef struct Seen {
	int n;
	MailOutcome outcome;
	MailScope scope;
	MailPhase phase;
	int64_t id;
	char text[200];
} Seen;

static void
on_done(void *user, const SenderResult *result)
{
	Seen *seen = user;

	seen->n++;
	seen->outcome = result->outcome;
	seen->scope = result->scope;
	seen->phase = result->phase;
	seen->id = result->id;
	g_strlcpy(seen->text, result->text, sizeof(seen->text));
}

static char *
make_folder(void)
{
	char *path = g_dir_make_tmp("ticketpost-XXXXXX", NULL);

	assert_non_null(path);
	return path;
}

static void
drop_folder(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name = NULL;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			drop_folder(child);
		else
			assert_int_equal(g_unlink(child), 0);
	}
	assert_int_equal(g_rmdir(path), 0);
}

static int
count_files(const char *path, const char *sub)
{
	g_autofree char *folder = g_build_filename(path, sub, NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	int n = 0;

	assert_non_null(dir);
	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static void
submit(Sender *sender, int64_t id, const char *text, Seen *seen)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	const SenderMail mail = {
		.id = id,
		.from = "bounces@example.org",
		.to = "ada@example.org",
		.bytes = bytes,
		.user = seen,
	};
	g_autoptr(GError) error = NULL;

	assert_int_equal(sender_submit(sender, &mail, &error), 1);
	assert_no_error(error);
}

static Sender *
open_url(const char *url)
{
	const SenderOptions options = { .url = url, .done = on_done };
	g_autoptr(GError) error = NULL;
	Sender *sender = sender_open(&options, &error);

	assert_no_error(error);
	return sender;
}

static void
memory_keeps_what_it_is_given(void **state)
{
	g_autoptr(Sender) sender = open_url("memory:");
	Seen seen = { 0 };

	(void)state;
	submit(sender, 1, "one", &seen);
	submit(sender, 2, "two", &seen);
	assert_int_equal(sender_in_flight(sender), 2);
	assert_int_equal(seen.n, 0);
	assert_int_equal(sender_step(sender, 0, NULL), 2);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.outcome, MAIL_SENT);
	assert_int_equal(sender_memory_count(sender), 2);
	assert_string_equal(sender_memory_get(sender, 1)->to, "ada@example.org");
}

static bool
say_no(void *owner, const SenderMail *mail, SenderResult *result)
{
	(void)mail;
	result->outcome = *(MailOutcome *)owner;
	return false;
}

static void
memory_answers_as_it_is_told(void **state)
{
	g_autoptr(Sender) sender = open_url("memory:");
	MailOutcome wanted = MAIL_UNCERTAIN;
	Seen seen = { 0 };

	(void)state;
	sender_memory_answer(sender, say_no, &wanted);
	submit(sender, 1, "one", &seen);
	assert_int_equal(sender_step(sender, 0, NULL), 1);
	assert_int_equal(seen.outcome, MAIL_UNCERTAIN);
	assert_int_equal(sender_memory_count(sender), 0);
}

static void
no_more_is_taken_than_there_are_slots(void **state)
{
	g_autoptr(Sender) sender = open_url("memory:");
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	Seen seen = { 0 };
	const SenderMail mail = {
		.from = "",
		.to = "a@example.org",
		.bytes = bytes,
		.user = &seen,
	};
	int taken = 0;

	(void)state;
	while (sender_submit(sender, &mail, NULL) == 1)
		taken++;
	assert_true(taken > 1);
	assert_int_equal(sender_capacity(sender), 0);
	sender_abort_all(sender);
	assert_int_equal(seen.n, taken);
	assert_int_equal(seen.outcome, MAIL_TEMPFAIL);
	assert_int_equal(sender_capacity(sender), taken);
}

static void
an_envelope_cannot_carry_commands(void **state)
{
	static const char *const bad[] = {
		"a@example.org>\r\nDATA",
		"a@example.org> SIZE=1",
		"a b@example.org",
		"<a@example.org>",
		"",
		"nobody",
	};
	g_autoptr(Sender) sender = open_url("memory:");
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		const SenderMail mail = { .from = "", .to = bad[i], .bytes = bytes };

		assert_int_equal(sender_submit(sender, &mail, &error), -1);
		assert_error(error, TP_ERROR_INVALID);
	}
}

static void
maildir_holds_the_bytes_under_the_mail_id(void **state)
{
	g_autofree char *path = make_folder();
	g_autofree char *url = g_strconcat("maildir:", path, "/outbox", NULL);
	g_autofree char *outbox = g_build_filename(path, "outbox", NULL);
	g_autofree char *file =
	    g_build_filename(outbox, "new", "0000000042.ticketpost", NULL);
	g_autofree char *text = NULL;
	Sender *sender = open_url(url);
	struct stat st;
	Seen seen = { 0 };

	(void)state;
	submit(sender, 42, "Subject: x\r\n\r\nbody\r\n", &seen);
	assert_int_equal(count_files(outbox, "new"), 0);
	assert_int_equal(sender_step(sender, 0, NULL), 1);
	assert_int_equal(seen.outcome, MAIL_SENT);
	assert_int_equal(seen.id, 42);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_string_equal(text, "Subject: x\r\n\r\nbody\r\n");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(count_files(outbox, "tmp"), 0);
	assert_int_equal(count_files(outbox, "cur"), 0);
	sender_close(sender);
	drop_folder(path);
}

static void
maildir_takes_the_same_mail_twice_and_has_it_once(void **state)
{
	g_autofree char *path = make_folder();
	g_autofree char *url = g_strconcat("maildir:", path, NULL);
	Seen seen = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		g_autoptr(Sender) sender = open_url(url);

		submit(sender, 42, "the same", &seen);
		submit(sender, 43, "another", &seen);
		assert_int_equal(sender_step(sender, 0, NULL), 2);
	}
	assert_int_equal(seen.n, 4);
	assert_int_equal(count_files(path, "new"), 2);
	drop_folder(path);
}

static void
maildir_takes_many_at_once(void **state)
{
	g_autofree char *path = make_folder();
	g_autofree char *url = g_strconcat("maildir:", path, NULL);
	Sender *sender = open_url(url);
	Seen seen = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++)
		submit(sender, i, "one of many", &seen);
	assert_int_equal(sender_step(sender, 0, NULL), 50);
	assert_int_equal(seen.n, 50);
	assert_int_equal(seen.outcome, MAIL_SENT);
	assert_int_equal(count_files(path, "new"), 50);
	assert_int_equal(count_files(path, "tmp"), 0);
	sender_close(sender);
	drop_folder(path);
}

static void
maildir_says_when_it_cannot_write(void **state)
{
	g_autofree char *path = make_folder();
	g_autofree char *url = g_strconcat("maildir:", path, NULL);
	g_autofree char *gone = g_build_filename(path, "new", NULL);
	Sender *sender = open_url(url);
	Seen seen = { 0 };

	(void)state;
	assert_int_equal(g_rmdir(gone), 0);
	submit(sender, 1, "x", &seen);
	assert_int_equal(sender_step(sender, 0, NULL), 1);
	assert_int_equal(seen.outcome, MAIL_TEMPFAIL);
	assert_int_equal(seen.scope, MAIL_SCOPE_ROUTE);
	assert_non_null(strstr(seen.text, "No such file"));
	assert_int_equal(count_files(path, "tmp"), 0);
	sender_close(sender);
	drop_folder(path);
}

static void
a_maildir_that_cannot_be_made_is_told_at_open(void **state)
{
	const SenderOptions options = { .url = "maildir:/dev/null/x", .done = on_done };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(sender_open(&options, &error));
	assert_non_null(strstr(error->message, "/dev/null/x"));
}

static void
an_unknown_transport_is_a_matter_of_configuration(void **state)
{
	static const char *const bad[] = { "", "x", "ftp://x", "maildir",
		"maildir:", "memory:x", "http://example.org" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		const SenderOptions options = { .url = bad[i], .done = on_done };
		g_autoptr(GError) error = NULL;

		assert_null(sender_open(&options, &error));
		assert_error(error, TP_ERROR_CONFIG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_keeps_what_it_is_given),
		cmocka_unit_test(memory_answers_as_it_is_told),
		cmocka_unit_test(no_more_is_taken_than_there_are_slots),
		cmocka_unit_test(an_envelope_cannot_carry_commands),
		cmocka_unit_test(maildir_holds_the_bytes_under_the_mail_id),
		cmocka_unit_test(maildir_takes_the_same_mail_twice_and_has_it_once),
		cmocka_unit_test(maildir_takes_many_at_once),
		cmocka_unit_test(maildir_says_when_it_cannot_write),
		cmocka_unit_test(a_maildir_that_cannot_be_made_is_told_at_open),
		cmocka_unit_test(an_unknown_transport_is_a_matter_of_configuration),
	};

	return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
