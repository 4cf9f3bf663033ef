/*
 * test_smtp_pool.c - whatever a server does, the outcome says what may have happened.
 *
 * Each row is one mischief of tests/support/fake_smtpd.py, played once to a client that
 * may pipeline and once to one that may not.
 */
#include "tests/support/cm.h"

#include <unistd.h>

#include "mailer/sender.h"
#include "tests/support/fake_smtpd.h"

typedef struct Seen {
	int n;
	MailOutcome outcome;
	MailScope scope;
	MailPhase phase;
	int code;
	EnhancedCode ecode;
	char text[600];
	bool reused;
	int64_t duration_us;
} Seen;

typedef struct Row {
	const char *name;
	MailOutcome outcome;
	MailScope scope;
	MailPhase phase;
	int code;
	int stored;
	bool large; /* a body that does not fit into the sockets' buffers */
	bool login;
} Row;

#define T(s, p) MAIL_TEMPFAIL, MAIL_SCOPE_##s, MAIL_PHASE_##p
#define P(s, p) MAIL_PERMFAIL, MAIL_SCOPE_##s, MAIL_PHASE_##p
#define U MAIL_UNCERTAIN, MAIL_SCOPE_MESSAGE, MAIL_PHASE_DOT
#define S MAIL_SENT, MAIL_SCOPE_MESSAGE, MAIL_PHASE_DONE

/* clang-format off */
static const Row rows[] = {
	/* row                     outcome             code stored large login */
	{ "good",                  S,                  250, 1, 0, 0 },
	{ "good-dsn",              S,                  250, 1, 0, 0 },
	{ "good-auth",             S,                  250, 1, 0, 1 },
	{ "small-size",            P(MESSAGE, MAIL),     0, 0, 0, 0 },
	{ "banner-cut",            T(ROUTE, BANNER),     0, 0, 0, 0 },
	{ "banner-reset",          T(ROUTE, BANNER),     0, 0, 0, 0 },
	{ "banner-421",            T(ROUTE, BANNER),   421, 0, 0, 0 },
	{ "banner-554",            T(ROUTE, BANNER),   554, 0, 0, 0 },
	{ "banner-silence",        T(ROUTE, BANNER),     0, 0, 0, 0 },
	{ "banner-garbage",        T(ROUTE, BANNER),     0, 0, 0, 0 },
	{ "banner-late",           S,                  250, 1, 0, 0 },
	{ "banner-drip",           S,                  250, 1, 0, 0 },
	{ "ehlo-cut",              T(ROUTE, EHLO),       0, 0, 0, 0 },
	{ "ehlo-421",              T(ROUTE, EHLO),     421, 0, 0, 0 },
	{ "ehlo-502-helo",         S,                  250, 1, 0, 0 },
	{ "ehlo-550-helo-550",     T(ROUTE, EHLO),     550, 0, 0, 0 },
	{ "ehlo-silence",          T(ROUTE, EHLO),       0, 0, 0, 0 },
	{ "auth-535",              T(ROUTE, AUTH),     535, 0, 0, 1 },
	{ "auth-454",              T(ROUTE, AUTH),     454, 0, 0, 1 },
	{ "auth-cut",              T(ROUTE, AUTH),       0, 0, 0, 1 },
	{ "mail-421",              T(ROUTE, MAIL),     421, 0, 0, 0 },
	{ "mail-451",              T(MESSAGE, MAIL),   451, 0, 0, 0 },
	{ "mail-452",              T(MESSAGE, MAIL),   452, 0, 0, 0 },
	{ "mail-550",              P(MESSAGE, MAIL),   550, 0, 0, 0 },
	{ "mail-552",              P(MESSAGE, MAIL),   552, 0, 0, 0 },
	{ "mail-530",              T(ROUTE, MAIL),     530, 0, 0, 0 },
	{ "mail-cut",              T(MESSAGE, MAIL),     0, 0, 0, 0 },
	{ "mail-silence",          T(MESSAGE, MAIL),     0, 0, 0, 0 },
	{ "mail-garbage",          T(MESSAGE, MAIL),     0, 0, 0, 0 },
	{ "mail-999",              T(MESSAGE, MAIL),   999, 0, 0, 0 },
	{ "rcpt-251",              S,                  250, 1, 0, 0 },
	{ "rcpt-421",              T(ROUTE, RCPT),     421, 0, 0, 0 },
	{ "rcpt-450",              T(RECIPIENT, RCPT), 450, 0, 0, 0 },
	{ "rcpt-452",              T(RECIPIENT, RCPT), 452, 0, 0, 0 },
	{ "rcpt-550",              P(RECIPIENT, RCPT), 550, 0, 0, 0 },
	{ "rcpt-550-lines",        P(RECIPIENT, RCPT), 550, 0, 0, 0 },
	{ "rcpt-550-dmarc",        T(DOMAIN, RCPT),    550, 0, 0, 0 },
	{ "rcpt-550-data-354",     P(RECIPIENT, RCPT), 550, 0, 0, 0 },
	{ "rcpt-cut",              T(MESSAGE, RCPT),     0, 0, 0, 0 },
	{ "rcpt-silence",          T(MESSAGE, RCPT),     0, 0, 0, 0 },
	{ "data-451",              T(MESSAGE, DATA),   451, 0, 0, 0 },
	{ "data-554",              P(MESSAGE, DATA),   554, 0, 0, 0 },
	{ "data-250",              T(MESSAGE, DATA),   250, 0, 0, 0 },
	{ "data-cut",              T(MESSAGE, DATA),     0, 0, 0, 0 },
	{ "data-silence",          T(MESSAGE, DATA),     0, 0, 0, 0 },
	{ "body-cut",              T(MESSAGE, BODY),     0, 0, 1, 0 },
	{ "body-reset",            T(MESSAGE, BODY),     0, 0, 1, 0 },
	{ "body-552",              P(MESSAGE, BODY),   552, 0, 1, 0 },
	{ "body-stall-silence",    T(MESSAGE, BODY),     0, 0, 1, 0 },
	{ "dot-cut",               U,                    0, 0, 0, 0 },
	{ "dot-store-cut",         U,                    0, 1, 0, 0 },
	{ "dot-store-reset",       U,                    0, 1, 0, 0 },
	{ "dot-partial-25",        U,                    0, 1, 0, 0 },
	{ "dot-partial-250",       U,                    0, 1, 0, 0 },
	{ "dot-partial-250-space", U,                    0, 1, 0, 0 },
	{ "dot-partial-line",      U,                    0, 1, 0, 0 },
	{ "dot-silence",           U,                    0, 1, 0, 0 },
	{ "dot-421",               T(ROUTE, DOT),      421, 0, 0, 0 },
	{ "dot-451",               T(MESSAGE, DOT),    451, 0, 0, 0 },
	{ "dot-452",               T(MESSAGE, DOT),    452, 0, 0, 0 },
	{ "dot-552",               P(MESSAGE, DOT),    552, 0, 0, 0 },
	{ "dot-554",               P(MESSAGE, DOT),    554, 0, 0, 0 },
	{ "dot-550-gmail",         T(DOMAIN, DOT),     550, 0, 0, 0 },
	{ "dot-550-outlook",       T(DOMAIN, DOT),     550, 0, 0, 0 },
	{ "dot-553-yahoo",         T(DOMAIN, DOT),     553, 0, 0, 0 },
	{ "dot-999",               U,                  999, 1, 0, 0 },
	{ "dot-354",               U,                  354, 1, 0, 0 },
	{ "dot-hello",             U,                    0, 1, 0, 0 },
	{ "dot-two-codes",         U,                    0, 1, 0, 0 },
	{ "dot-long-line",         S,                  250, 1, 0, 0 },
	{ "dot-many-lines",        S,                  250, 1, 0, 0 },
	{ "dot-drip",              S,                  250, 1, 0, 0 },
	{ "dot-bare-code",         S,                  250, 1, 0, 0 },
	{ "dot-lf-only",           S,                  250, 1, 0, 0 },
	{ "dot-control",           S,                  250, 1, 0, 0 },
	{ "dot-250-reset",         S,                  250, 1, 0, 0 },
	{ "dot-250-twice",         S,                  250, 1, 0, 0 },
};
/* clang-format on */

static FakeSmtpd *smtpd;
static bool pipelining;

static void
on_done(void *user, const SenderResult *result)
{
	Seen *seen = user;

	seen->n++;
	seen->outcome = result->outcome;
	seen->scope = result->scope;
	seen->phase = result->phase;
	seen->code = result->code;
	seen->ecode = result->ecode;
	seen->reused = result->reused;
	seen->duration_us = result->duration_us;
	g_strlcpy(seen->text, result->text, sizeof(seen->text));
}

/* Short enough for a test, long enough for a busy machine. */
static Sender *
open_row(const char *row, int connections, bool login)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, row));
	bool silent = strstr(row, "silence") != NULL;
	bool early = g_str_has_prefix(row, "banner") || g_str_has_prefix(row, "ehlo");
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = connections,
		.hello = "client.example",
		.user = login ? "robot" : NULL,
		.password = login ? "s3cret pass" : NULL,
		.connect_timeout_ms = early && silent ? 300 : 30000,
		.command_timeout_ms = !early && silent ? 300 : 30000,
		.dot_timeout_ms = silent ? 300 : 30000,
	};
	g_autoptr(GError) error = NULL;
	Sender *sender = sender_open(&options, &error);

	assert_no_error(error);
	return sender;
}

static GBytes *
make_message(bool large)
{
	GString *text = g_string_new("Subject: x\r\n\r\n.leading dot\r\n..\r\n.\r\n");
	/* Linux lets a socket's buffers grow to several MiB on either side. */
	size_t wanted = large ? 9 * 1024 * 1024 : 2000;

	while (text->len < wanted)
		g_string_append(text, "a line of the body that is not very long\r\n");
	g_string_append(text, "last line\r\n");
	return g_string_free_to_bytes(text);
}

static void
submit(Sender *sender, const char *to, GBytes *bytes, Seen *seen)
{
	const SenderMail mail = {
		.id = 7,
		.from = "bounces+abc@example.org",
		.to = to,
		.bytes = bytes,
		.envid = "envid=7",
		.user = seen,
	};
	g_autoptr(GError) error = NULL;

	assert_int_equal(sender_submit(sender, &mail, &error), 1);
	assert_no_error(error);
}

static void
run_until_idle(Sender *sender)
{
	while (sender_in_flight(sender) > 0)
		assert_true(sender_step(sender, 30000, NULL) >= 0);
}

/* The server writes the file before it replies, but the thread may be slow to do so in
 * rows that are cut. */
static int
stored_at_last(const char *row, int wanted)
{
	for (int i = 0; i < 200 && fake_smtpd_stored(smtpd, row) < wanted; i++)
		g_usleep(10000);
	return fake_smtpd_stored(smtpd, row);
}

static void
row_holds(void **state)
{
	const Row *row = *state;
	g_autoptr(Sender) sender = open_row(row->name, 1, row->login);
	g_autoptr(GBytes) bytes = make_message(row->large);
	Seen seen = { 0 };

	submit(sender, "ada@example.org", bytes, &seen);
	assert_int_equal(seen.n, 0);
	run_until_idle(sender);
	assert_int_equal(seen.n, 1);
	/* A reset may overtake the news that the connection was made, and on a busy
	 * machine the time may be up before the server comes to its silence. */
	if ((strcmp(row->name, "banner-reset") == 0 ||
		strstr(row->name, "silence") != NULL) &&
	    seen.phase < row->phase)
		seen.phase = row->phase;
	if (seen.outcome != row->outcome || seen.scope != row->scope ||
	    seen.phase != row->phase || seen.code != row->code)
		fail_msg("%s/%s at %s with %d (%s), wanted %s/%s at %s with %d",
		    mail_outcome_name(seen.outcome), mail_scope_name(seen.scope),
		    mail_phase_name(seen.phase), seen.code, seen.text,
		    mail_outcome_name(row->outcome), mail_scope_name(row->scope),
		    mail_phase_name(row->phase), row->code);
	assert_true(*seen.text != '\0' || row->code != 0);
	assert_null(strpbrk(seen.text, "\r\n\033"));
	assert_true(g_utf8_validate(seen.text, -1, NULL));
	assert_int_equal(stored_at_last(row->name, row->stored), row->stored);
	if (row->stored > 0) {
		g_autofree char *text = fake_smtpd_message(smtpd, row->name, 1);

		assert_int_equal(strlen(text), g_bytes_get_size(bytes));
		assert_memory_equal(
		    text, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	}
}

static void
enhanced_codes_and_words_are_kept(void **state)
{
	g_autoptr(Sender) sender = open_row("rcpt-550", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.ecode.class, 5);
	assert_int_equal(seen.ecode.subject, 1);
	assert_int_equal(seen.ecode.detail, 1);
	assert_string_equal(seen.text, "5.1.1 no such user");
}

static void
a_refused_port_is_a_matter_of_the_route(void **state)
{
	const SenderOptions options = {
		.url = "smtp://127.0.0.1:1",
		.done = on_done,
	};
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.outcome, MAIL_TEMPFAIL);
	assert_int_equal(seen.scope, MAIL_SCOPE_ROUTE);
	assert_int_equal(seen.phase, MAIL_PHASE_CONNECT);
	assert_non_null(strstr(seen.text, "127.0.0.1"));
}

static void
a_name_that_does_not_resolve_is_a_matter_of_the_route(void **state)
{
	const SenderOptions options = {
		.url = "smtp://no-such-host.invalid?starttls=off",
		.done = on_done,
	};
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.outcome, MAIL_TEMPFAIL);
	assert_int_equal(seen.scope, MAIL_SCOPE_ROUTE);
}

static void
messages_share_a_connection(void **state)
{
	g_autoptr(Sender) sender = open_row("good", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	int before = fake_smtpd_stored(smtpd, "good");
	SenderStats stats;

	(void)state;
	for (int i = 0; i < 5; i++) {
		Seen seen = { 0 };

		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		assert_int_equal(seen.outcome, MAIL_SENT);
		assert_int_equal(seen.reused, i > 0);
	}
	sender_stats(sender, &stats);
	assert_int_equal(stats.connects, 1);
	assert_int_equal(stats.messages, 5);
	assert_int_equal(stats.reused, 4);
	assert_int_equal(stored_at_last("good", before + 5), before + 5);
}

static void
a_refused_recipient_does_not_cost_the_connection(void **state)
{
	g_autoptr(Sender) sender = open_row("rcpt-550-lines", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	g_autofree char *talk = NULL;
	SenderStats stats;

	(void)state;
	for (int i = 0; i < 3; i++) {
		Seen seen = { 0 };

		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		assert_int_equal(seen.outcome, MAIL_PERMFAIL);
		assert_int_equal(seen.reused, i > 0);
	}
	sender_stats(sender, &stats);
	assert_int_equal(stats.connects, 1);
	talk = fake_smtpd_talk(smtpd, "rcpt-550-lines");
	assert_non_null(strstr(talk, "RSET\nMAIL FROM:"));
}

static void
a_new_connection_is_made_when_the_idle_one_is_gone(void **state)
{
	static const char *const names[] = { "idle-cut", "idle-421", "idle-mail-cut",
		"idle-mail-421" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(Sender) sender = open_row(names[i], 1, false);
		g_autoptr(GBytes) bytes = make_message(false);
		SenderStats stats;
		Seen seen = { 0 };

		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		assert_int_equal(seen.outcome, MAIL_SENT);
		/* Without a step in between: the client does not know yet. */
		g_usleep(150000);
		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		if (seen.outcome != MAIL_SENT)
			fail_msg("%s: %s at %s (%s)", names[i],
			    mail_outcome_name(seen.outcome), mail_phase_name(seen.phase),
			    seen.text);
		sender_stats(sender, &stats);
		assert_int_equal(stats.connects, 2);
		assert_int_equal(stored_at_last(names[i], 2), 2);
	}
}

static void
a_server_that_knows_no_rset_gets_a_new_connection(void **state)
{
	g_autoptr(Sender) sender = open_row("idle-rset-500", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.outcome, MAIL_PERMFAIL);
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.outcome, MAIL_SENT);
	assert_int_equal(stored_at_last("idle-rset-500", 1), 1);
}

static void
a_reply_to_nothing_ends_the_connection(void **state)
{
	static const char *const names[] = { "dot-250-twice", "early-replies" };

	(void)state;
	/* Who may pipeline cannot tell early replies from quick ones. */
	for (size_t i = 0; i < (pipelining ? 1 : G_N_ELEMENTS(names)); i++) {
		g_autoptr(Sender) sender = open_row(names[i], 1, false);
		g_autoptr(GBytes) bytes = make_message(false);
		SenderStats stats;
		Seen seen = { 0 };

		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		assert_int_not_equal(seen.outcome, MAIL_UNCERTAIN);
		submit(sender, "ada@example.org", bytes, &seen);
		run_until_idle(sender);
		assert_false(seen.reused);
		sender_stats(sender, &stats);
		assert_int_equal(stats.connects, 2);
	}
}

static void
nothing_is_said_before_done_has_returned(void **state)
{
	g_autoptr(Sender) sender = open_row("good-dsn", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	const SenderMail more = { .from = "", .to = "a@example.org", .bytes = bytes };
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	/* One slot, one message: a second one has no place to overtake. */
	assert_int_equal(sender_submit(sender, &more, NULL), 0);
	run_until_idle(sender);
	assert_int_equal(seen.outcome, MAIL_SENT);
	before = fake_smtpd_talk(smtpd, "good-dsn");
	assert_true(g_str_has_suffix(before, ".\n"));
	assert_int_equal(sender_step(sender, 100, NULL), 0);
	g_usleep(100000);
	after = fake_smtpd_talk(smtpd, "good-dsn");
	assert_string_equal(before, after);
}

static void
dsn_parameters_ask_for_headers_only(void **state)
{
	g_autofree char *talk = fake_smtpd_talk(smtpd, "good-dsn");

	(void)state;
	assert_non_null(strstr(talk, " RET=HDRS ENVID=envid+3D7\n"));
	assert_non_null(strstr(talk, "RCPT TO:<ada@example.org> NOTIFY=FAILURE,DELAY "
				     "ORCPT=rfc822;ada@example.org\n"));
	assert_non_null(strstr(talk, "EHLO client.example\n"));
	assert_non_null(strstr(talk, " SIZE="));
}

static void
an_address_beyond_ascii_needs_a_server_that_knows_it(void **state)
{
	g_autoptr(Sender) old = open_row("good", 1, false);
	g_autoptr(Sender) new = open_row("good-dsn", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	g_autofree char *talk = NULL;
	Seen seen = { 0 };

	(void)state;
	submit(old, "m\xc3\xbcller@example.org", bytes, &seen);
	run_until_idle(old);
	assert_int_equal(seen.outcome, MAIL_PERMFAIL);
	assert_int_equal(seen.scope, MAIL_SCOPE_RECIPIENT);
	assert_int_equal(seen.ecode.detail, 7);
	submit(new, "m\xc3\xbcller@example.org", bytes, &seen);
	run_until_idle(new);
	assert_int_equal(seen.outcome, MAIL_SENT);
	talk = fake_smtpd_talk(smtpd, "good-dsn");
	assert_non_null(strstr(talk, " BODY=8BITMIME SMTPUTF8 "));
	assert_non_null(strstr(talk, "RCPT TO:<m\xc3\xbcller@example.org>"));
}

static void
a_slow_server_does_not_hold_the_others(void **state)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, "good-auth"));
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = 2,
	};
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen slow = { 0 };
	Seen quick = { 0 };

	(void)state;
	submit(sender, "dot-silence@example.org", bytes, &slow);
	for (int i = 1; i <= 20; i++) {
		submit(sender, "ada@example.org", bytes, &quick);
		while (quick.n < i)
			assert_true(sender_step(sender, 30000, NULL) >= 0);
		assert_int_equal(quick.outcome, MAIL_SENT);
	}
	/* libcurl's own sending would have been stuck before the first of them. */
	assert_int_equal(slow.n, 0);
	sender_abort_all(sender);
	assert_int_equal(slow.outcome, MAIL_UNCERTAIN);
}

static void
abort_tells_doubt_from_harmless(void **state)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, "good-auth"));
	const SenderOptions options = { .url = url, .done = on_done, .connections = 3 };
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	int before = stored_at_last("good-auth", 0);
	Seen dot = { 0 };
	Seen fresh = { 0 };

	(void)state;
	submit(sender, "dot-silence@example.org", bytes, &dot);
	while (fake_smtpd_stored(smtpd, "good-auth") == before)
		assert_true(sender_step(sender, 20, NULL) >= 0);
	submit(sender, "ada@example.org", bytes, &fresh);
	sender_abort_all(sender);
	assert_int_equal(dot.n, 1);
	assert_int_equal(dot.outcome, MAIL_UNCERTAIN);
	assert_int_equal(fresh.n, 1);
	assert_int_equal(fresh.outcome, MAIL_TEMPFAIL);
	assert_int_equal(sender_in_flight(sender), 0);
	/* And goes on afterwards. */
	submit(sender, "ada@example.org", bytes, &fresh);
	run_until_idle(sender);
	assert_int_equal(fresh.outcome, MAIL_SENT);
}

static void
one_domain_takes_no_more_than_its_share(void **state)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, "good"));
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = 4,
		.domain_connections = 2,
	};
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	Seen seen = { 0 };
	const SenderMail third = {
		.from = "",
		.to = "c@big.example",
		.bytes = bytes,
		.user = &seen,
	};

	(void)state;
	submit(sender, "a@big.example", bytes, &seen);
	submit(sender, "b@big.example", bytes, &seen);
	assert_int_equal(sender_submit(sender, &third, NULL), 0);
	assert_int_equal(sender_capacity(sender), 2);
	submit(sender, "a@small.example", bytes, &seen);
	run_until_idle(sender);
	assert_int_equal(seen.n, 3);
	assert_int_equal(sender_submit(sender, &third, NULL), 1);
	run_until_idle(sender);
	assert_int_equal(seen.n, 4);
}

static gpointer
wake(gpointer sender)
{
	g_usleep(50000);
	sender_wakeup(sender);
	return NULL;
}

static void
a_wakeup_from_another_thread_ends_the_wait(void **state)
{
	g_autoptr(Sender) sender = open_row("dot-store-cut", 1, false);
	g_autoptr(Sender) silent = open_row("banner-late", 1, false);
	g_autoptr(GBytes) bytes = make_message(false);
	GThread *thread = NULL;
	Seen seen = { 0 };

	(void)state;
	/* 300 ms until the greeting: whatever ends the wait before is the wake-up. */
	submit(silent, "ada@example.org", bytes, &seen);
	thread = g_thread_new("wake", wake, silent);
	assert_int_equal(sender_step(silent, 20000, NULL), 0);
	g_thread_join(thread);
	assert_int_equal(seen.n, 0);
	/* A wake-up before the wait counts too. */
	sender_wakeup(silent);
	assert_int_equal(sender_step(silent, 20000, NULL), 0);
	run_until_idle(silent);
	assert_int_equal(seen.outcome, MAIL_SENT);
	/* With nothing in flight there is nothing to wait for. */
	assert_int_equal(sender_step(sender, -1, NULL), 0);
}

static void
an_idle_connection_says_quit_in_time(void **state)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d", fake_smtpd_port(smtpd, "rcpt-251"));
	const SenderOptions options = {
		.url = url,
		.done = on_done,
		.connections = 1,
		.idle_timeout_ms = 50,
	};
	g_autoptr(Sender) sender = sender_open(&options, NULL);
	g_autoptr(GBytes) bytes = make_message(false);
	g_autofree char *talk = NULL;
	Seen seen = { 0 };

	(void)state;
	submit(sender, "ada@example.org", bytes, &seen);
	run_until_idle(sender);
	g_usleep(80000);
	assert_int_equal(sender_step(sender, 0, NULL), 0);
	for (int i = 0; i < 200; i++) {
		g_free(talk);
		talk = fake_smtpd_talk(smtpd, "rcpt-251");
		if (g_str_has_suffix(talk, "QUIT\n"))
			break;
		g_usleep(10000);
	}
	assert_true(g_str_has_suffix(talk, "QUIT\n"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(enhanced_codes_and_words_are_kept),
	cmocka_unit_test(a_refused_port_is_a_matter_of_the_route),
	cmocka_unit_test(a_name_that_does_not_resolve_is_a_matter_of_the_route),
	cmocka_unit_test(messages_share_a_connection),
	cmocka_unit_test(a_refused_recipient_does_not_cost_the_connection),
	cmocka_unit_test(a_new_connection_is_made_when_the_idle_one_is_gone),
	cmocka_unit_test(a_server_that_knows_no_rset_gets_a_new_connection),
	cmocka_unit_test(a_reply_to_nothing_ends_the_connection),
	cmocka_unit_test(nothing_is_said_before_done_has_returned),
	cmocka_unit_test(dsn_parameters_ask_for_headers_only),
	cmocka_unit_test(an_address_beyond_ascii_needs_a_server_that_knows_it),
	cmocka_unit_test(a_slow_server_does_not_hold_the_others),
	cmocka_unit_test(abort_tells_doubt_from_harmless),
	cmocka_unit_test(one_domain_takes_no_more_than_its_share),
	cmocka_unit_test(a_wakeup_from_another_thread_ends_the_wait),
	cmocka_unit_test(an_idle_connection_says_quit_in_time),
};

int
main(void)
{
	int failed = 0;

	assert_true(G_N_ELEMENTS(rows) >= 70);
	for (int round = 0; round < 2; round++) {
		pipelining = round == 0;
		smtpd = fake_smtpd_start(NULL, pipelining);
		failed +=
		    run_rows(pipelining ? "pipelined" : "one by one", rows, row_holds);
		failed += cmocka_run_group_tests_name("pool", tests, NULL, NULL);
		fake_smtpd_stop(smtpd);
	}
	return failed;
}
