/*
 * test_sender_faults.c - the sending process dies, or its connection fails, at every
 * point.
 *
 * The program runs itself as a child that sends one message.  Killed after the final dot
 * it leaves a copy nobody knows of, and the next run makes a second: same bytes.  Killed
 * before it leaves none.
 */
#include "tests/support/cm.h"

#include <signal.h>
#include <sys/wait.h>

#include "mailer/sender.h"
#include "tests/support/fake_smtpd.h"

static FakeSmtpd *smtpd;
static char *relay; /* the URL of its good row */
static const char *self;

/* ---- the child ---- */

static void
on_done(void *user, const SenderResult *result)
{
	*(int *)user = (int)result->outcome;
}

static int
child(const char *url)
{
	static const char bytes[] = "Message-ID: <1.x@example.org>\r\n\r\nticket\r\n";
	const SenderOptions options = { .url = url, .done = on_done, .connections = 1 };
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) message = g_bytes_new_static(bytes, sizeof(bytes) - 1);
	int outcome = -1;
	const SenderMail mail = {
		.id = 1,
		.from = "",
		.to = "ada@example.org",
		.bytes = message,
		.user = &outcome,
	};

	if (sender == NULL || sender_submit(sender, &mail, NULL) != 1)
		return 99;
	while (sender_in_flight(sender) > 0) {
		if (sender_step(sender, 20000, NULL) < 0)
			return 98;
	}
	return outcome;
}

/* ---- the parent ---- */

/* The outcome, or -1 when it was killed. */
static int
run_child(const char *url, const char *fault)
{
	char *argv[] = { (char *)self, (char *)"child", (char *)url, NULL };
	g_auto(GStrv) env = g_environ_setenv(
	    g_get_environ(), "TICKETPOST_FAULT", fault == NULL ? "" : fault, true);
	int status = 0;

	assert_true(g_spawn_sync(
	    NULL, argv, env, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL));
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return -1;
	}
	assert_in_range(WEXITSTATUS(status), MAIL_SENT, MAIL_UNCERTAIN);
	return WEXITSTATUS(status);
}

/* The server's thread may be slower than the child's death. */
static int
stored_since(int before, int wanted)
{
	for (int i = 0; i < 100 && fake_smtpd_stored(smtpd, "good") < before + wanted;
	     i++)
		g_usleep(10000);
	return fake_smtpd_stored(smtpd, "good") - before;
}

static void
killed_at_every_point_it_loses_nothing(void **state)
{
	/* The points in their order, and how many copies are there after the next run. */
	static const struct {
		const char *name;
		int copies;
	} points[] = {
		{ "smtp.connect", 1 },
		{ "smtp.envelope", 1 },
		{ "smtp.dot", 1 },
		{ "smtp.dotted", 2 },
		{ "smtp.sent", 2 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(points); i++) {
		g_autofree char *by_name = g_strdup_printf("die:%s:1", points[i].name);
		g_autofree char *by_number = g_strdup_printf("die:%d", (int)i + 1);
		const char *faults[] = { by_name, by_number };

		for (int j = 0; j < 2; j++) {
			int before = fake_smtpd_stored(smtpd, "good");
			int n = 0;

			assert_int_equal(run_child(relay, faults[j]), -1);
			n = stored_since(before, points[i].copies - 1);
			assert_int_equal(n, points[i].copies - 1);
			assert_int_equal(run_child(relay, NULL), MAIL_SENT);
			n = stored_since(before, points[i].copies);
			assert_int_equal(n, points[i].copies);
			if (n == 2) {
				g_autofree char *one =
				    fake_smtpd_message(smtpd, "good", before + 1);
				g_autofree char *two =
				    fake_smtpd_message(smtpd, "good", before + 2);

				assert_string_equal(one, two);
			}
		}
	}
	/* There is no sixth. */
	assert_int_equal(run_child(relay, "die:6"), MAIL_SENT);
}

static void
a_failing_connection_is_told_as_it_is(void **state)
{
	/* One command at a time: MAIL, RCPT, DATA, body with dot, QUIT.  What cannot be
	 * sent at once is tried again by the next step: nothing has left. */
	static const struct {
		const char *fault;
		MailOutcome outcome;
		int stored;
	} rows[] = {
		{ "fail:smtp.connect:1", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.send:1", MAIL_SENT, 1 },
		{ "fail:smtp.send:2", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.send:3", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.send:4", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.send:5", MAIL_SENT, 1 },
		{ "fail:smtp.receive:1", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.receive:2", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.receive:3", MAIL_TEMPFAIL, 0 },
		{ "fail:smtp.receive:4", MAIL_UNCERTAIN, 1 },
		{ "fail:smtp.receive:5", MAIL_SENT, 1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		int before = fake_smtpd_stored(smtpd, "good");
		int outcome = run_child(relay, rows[i].fault);
		int n = stored_since(before, rows[i].stored);

		if (outcome != (int)rows[i].outcome || n != rows[i].stored)
			fail_msg("%s: %s with %d stored", rows[i].fault,
			    mail_outcome_name((MailOutcome)outcome), n);
	}
}

static int
count_files(const char *folder, const char *sub)
{
	g_autofree char *path = g_build_filename(folder, sub, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	int n = 0;

	while (dir != NULL && g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static void
a_maildir_has_the_message_once_whenever_the_writer_dies(void **state)
{
	int deaths = 0;

	(void)state;
	for (int n = 1;; n++) {
		char *folder = test_folder_make();
		g_autofree char *maildir = g_strconcat("maildir:", folder, NULL);
		g_autofree char *fault = g_strdup_printf("die:%d", n);
		int outcome = run_child(maildir, fault);

		deaths += outcome < 0;
		/* What can be seen is whole; a torn one is still in tmp. */
		assert_in_range(count_files(folder, "new"), 0, 1);
		assert_int_equal(run_child(maildir, NULL), MAIL_SENT);
		assert_int_equal(count_files(folder, "new"), 1);
		assert_int_equal(count_files(folder, "tmp"), 0);
		test_folder_drop(folder);
		if (outcome == MAIL_SENT)
			break;
	}
	assert_int_equal(deaths, 4);
}

static void
a_full_disk_is_told_and_leaves_nothing(void **state)
{
	char *folder = test_folder_make();
	g_autofree char *maildir = g_strconcat("maildir:", folder, NULL);

	(void)state;
	assert_int_equal(run_child(maildir, "fail:maildir.write:1"), MAIL_TEMPFAIL);
	assert_int_equal(count_files(folder, "new"), 0);
	assert_int_equal(count_files(folder, "tmp"), 0);
	test_folder_drop(folder);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_every_point_it_loses_nothing),
		cmocka_unit_test(a_failing_connection_is_told_as_it_is),
		cmocka_unit_test(a_maildir_has_the_message_once_whenever_the_writer_dies),
		cmocka_unit_test(a_full_disk_is_told_and_leaves_nothing),
	};
	int failed = 0;

	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return child(argv[2]);
	smtpd = fake_smtpd_start(NULL, false);
	relay = g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, "good"));
	failed = cmocka_run_group_tests_name("sender_faults", tests, NULL, NULL);
	fake_smtpd_stop(smtpd);
	g_free(relay);
	return failed;
}
