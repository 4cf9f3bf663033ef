/*
 * test_smtp_tls.c - without a verified, encrypted connection not a byte of mail leaves.
 */
#include "tests/support/cm.h"

#include <unistd.h>

#include "mailer/sender.h"
#include "tests/support/fake_smtpd.h"

typedef struct Row {
	const char *name;
	const char *url;   /* with the row's port */
	const char *trust; /* CA file in the folder; NULL: the system's */
	MailOutcome outcome;
	MailPhase phase;
	const char *words; /* some of the reason */
	bool login;
} Row;

#define WRAPPED "smtps://localhost:%d"
#define STARTTLS "smtp://localhost:%d?starttls=required"
#define BY_NUMBER "smtps://127.0.0.1:%d"
#define SENT MAIL_SENT, MAIL_PHASE_DONE
#define NO(phase) MAIL_TEMPFAIL, MAIL_PHASE_##phase

/* clang-format off */
static const Row rows[] = {
	{ "tls-good",            WRAPPED,   "ca.pem",       SENT,        "stored",     false },
	{ "tls-good",            BY_NUMBER, "ca.pem",       SENT,        "stored",     false },
	{ "tls-good",            WRAPPED,   "ca.pem",       SENT,        "stored",     true },
	{ "tls-good",            WRAPPED,   NULL,           NO(CONNECT), "certificate", false },
	{ "tls-wrong-name",      WRAPPED,   "ca.pem",       NO(CONNECT), "name",       false },
	{ "tls-expired",         WRAPPED,   "ca.pem",       NO(CONNECT), "certificate", false },
	{ "tls-unknown-ca",      WRAPPED,   "ca.pem",       NO(CONNECT), "certificate", false },
	{ "tls-old",             WRAPPED,   "ca.pem",       NO(CONNECT), "",           false },
	{ "tls-garbage",         WRAPPED,   "ca.pem",       NO(CONNECT), "",           false },
	{ "tls-silence",         WRAPPED,   "ca.pem",       NO(CONNECT), "",           false },
	{ "starttls-good",       STARTTLS,  "ca.pem",       SENT,        "stored",     false },
	{ "starttls-good",       STARTTLS,  "ca.pem",       SENT,        "stored",     true },
	{ "starttls-good",       STARTTLS,  "stranger.pem", NO(TLS),     "certificate", true },
	{ "starttls-wrong-name", STARTTLS,  "ca.pem",       NO(TLS),     "name",       true },
	{ "starttls-expired",    STARTTLS,  "ca.pem",       NO(TLS),     "certificate", true },
	{ "starttls-unknown-ca", STARTTLS,  "ca.pem",       NO(TLS),     "certificate", true },
	{ "starttls-stripped",   STARTTLS,  "ca.pem",       NO(EHLO),    "STARTTLS",   true },
	{ "starttls-454",        STARTTLS,  "ca.pem",       NO(TLS),     "4.7.0",      true },
	{ "starttls-cut",        STARTTLS,  "ca.pem",       NO(TLS),     "",           true },
	{ "starttls-garbage",    STARTTLS,  "ca.pem",       NO(TLS),     "",           true },
	{ "starttls-inject",     STARTTLS,  "ca.pem",       NO(TLS),     "",           true },
	{ "starttls-silence",    STARTTLS,  "ca.pem",       NO(TLS),     "",           true },
};
/* clang-format on */

static FakeSmtpd *smtpd;
static char *certs;

typedef struct Seen {
	int n;
	MailOutcome outcome;
	MailScope scope;
	MailPhase phase;
	char text[600];
} Seen;

static void
on_done(void *user, const SenderResult *result)
{
	Seen *seen = user;

	seen->n++;
	seen->outcome = result->outcome;
	seen->scope = result->scope;
	seen->phase = result->phase;
	g_strlcpy(seen->text, result->text, sizeof(seen->text));
}

/* Sends one message to the row's port; `large` has it cross many TLS records. */
static void
send_one(const Row *row, size_t size, Seen *seen)
{
	g_autofree char *pattern = g_strdup(row->url);
	g_auto(GStrv) parts = g_strsplit(pattern, "%d", 2);
	g_autofree char *url = g_strdup_printf(
	    "%s%d%s", parts[0], fake_smtpd_port(smtpd, row->name), parts[1]);
	g_autofree char *ca =
	    row->trust == NULL ? NULL : g_build_filename(certs, row->trust, NULL);
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = 1,
		.hello = "client.example",
		.user = row->login ? "robot" : NULL,
		.password = row->login ? "s3cret pass" : NULL,
		.ca_file = ca,
		.connect_timeout_ms = strstr(row->name, "silence") != NULL ? 400 : 20000,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Sender) sender = sender_open(&options, &error);
	GString *text = g_string_new("Subject: TOPSECRET\r\n\r\n");
	g_autoptr(GBytes) bytes = NULL;
	SenderMail mail = { .from = "", .to = "ada@example.org", .user = seen };

	assert_no_error(error);
	while (text->len < size)
		g_string_append(text, "TOPSECRET TOPSECRET\r\n");
	bytes = g_string_free_to_bytes(text);
	mail.bytes = bytes;
	assert_int_equal(sender_submit(sender, &mail, NULL), 1);
	while (sender_in_flight(sender) > 0)
		assert_true(sender_step(sender, 30000, NULL) >= 0);
	assert_int_equal(seen->n, 1);
}

static void
row_holds(void **state)
{
	const Row *row = *state;
	int before = fake_smtpd_stored(smtpd, row->name);
	g_autofree char *talk_before = fake_smtpd_talk(smtpd, row->name);
	g_autofree char *talk = NULL;
	Seen seen = { 0 };

	send_one(row, 2000, &seen);
	if (seen.outcome != row->outcome || seen.phase != row->phase ||
	    strstr(seen.text, row->words) == NULL)
		fail_msg("%s at %s (%s), wanted %s at %s (%s)",
		    mail_outcome_name(seen.outcome), mail_phase_name(seen.phase),
		    seen.text, mail_outcome_name(row->outcome),
		    mail_phase_name(row->phase), row->words);
	talk = fake_smtpd_talk(smtpd, row->name);
	if (row->outcome == MAIL_SENT) {
		assert_int_equal(fake_smtpd_stored(smtpd, row->name), before + 1);
		assert_int_equal(strstr(talk, "AUTH") != NULL && row->login, row->login);
		return;
	}
	assert_int_equal(seen.scope, MAIL_SCOPE_ROUTE);
	assert_int_equal(fake_smtpd_stored(smtpd, row->name), before);
	/* Neither envelope nor body nor password. */
	talk += strlen(talk_before);
	assert_null(strstr(talk, "MAIL"));
	assert_null(strstr(talk, "AUTH"));
	assert_null(strstr(talk, "TOPSECRET"));
	talk -= strlen(talk_before);
}

static void
a_large_message_crosses_tls_whole(void **state)
{
	static const Row row = { "tls-good", WRAPPED, "ca.pem", SENT, "", false };
	int before = fake_smtpd_stored(smtpd, "tls-good");
	g_autofree char *text = NULL;
	Seen seen = { 0 };

	(void)state;
	send_one(&row, 5 * 1024 * 1024, &seen);
	assert_int_equal(seen.outcome, MAIL_SENT);
	text = fake_smtpd_message(smtpd, "tls-good", before + 1);
	assert_true(strlen(text) >= 5 * 1024 * 1024);
	assert_true(g_str_has_suffix(text, "TOPSECRET\r\n"));
}

static void
optional_starttls_is_used_where_it_is_offered(void **state)
{
	static const Row with = { "starttls-good", "smtp://localhost:%d", "ca.pem", SENT,
		"", false };
	static const Row without = { "starttls-stripped", "smtp://localhost:%d", "ca.pem",
		SENT, "", false };
	g_autofree char *talk = NULL;
	Seen one = { 0 };
	Seen two = { 0 };

	(void)state;
	send_one(&with, 100, &one);
	assert_int_equal(one.outcome, MAIL_SENT);
	talk = fake_smtpd_talk(smtpd, "starttls-good");
	assert_true(g_str_has_suffix(talk, "DATA\n.\nQUIT\n") ||
		    g_str_has_suffix(talk, "DATA\n.\n"));
	assert_non_null(strstr(talk, "STARTTLS\nEHLO"));
	send_one(&without, 100, &two);
	assert_int_equal(two.outcome, MAIL_SENT);
}

static void
a_ca_file_that_is_not_there_is_told_at_open(void **state)
{
	const SenderOptions options = {
		.url = "smtps://localhost",
		.done = on_done,
		.ca_file = "/nonexistent/ca.pem",
	};
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(sender_open(&options, &error));
	assert_error(error, TP_ERROR_CONFIG);
}

static void
make_certs(void)
{
	char *argv[] = { (char *)"tests/support/make_certs.sh", NULL, NULL };
	g_autoptr(GError) error = NULL;
	int status = 0;

	certs = test_folder_make();
	argv[1] = certs;
	if (!g_spawn_sync(g_getenv("TP_SOURCE"), argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
		NULL, NULL, &status, &error) ||
	    !g_spawn_check_wait_status(status, &error))
		fail_msg("cannot make certificates: %s", error->message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_message_crosses_tls_whole),
		cmocka_unit_test(optional_starttls_is_used_where_it_is_offered),
		cmocka_unit_test(a_ca_file_that_is_not_there_is_told_at_open),
	};
	int failed = 0;

	make_certs();
	smtpd = fake_smtpd_start(certs, true);
	failed += run_rows("tls", rows, row_holds);
	failed += cmocka_run_group_tests_name("tls more", tests, NULL, NULL);
	fake_smtpd_stop(smtpd);
	test_folder_drop(certs);
	return failed;
}
