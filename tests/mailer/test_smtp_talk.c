/*
 * test_smtp_talk.c - the dialogue without a wire: what leaves, byte for byte.
 */
#include "tests/support/cm.h"

#include "mailer/smtp_talk.h"

/* Sends up to `most` bytes a time into `wire`. */
static void
drain(SmtpTalk *talk, GString *wire, size_t most)
{
	const char *bytes = NULL;
	size_t n = 0;

	while ((n = smtp_talk_pending(talk, &bytes)) > 0) {
		n = MIN(n, most);
		g_string_append_len(wire, bytes, (gssize)n);
		smtp_talk_sent(talk, n);
	}
}

static void
feed(SmtpTalk *talk, const char *text)
{
	smtp_talk_feed(talk, text, strlen(text));
}

/* Plays a good server to a body of these bytes; gives what was sent from DATA on. */
static char *
send_body(const char *bytes, size_t length, size_t most)
{
	const SmtpOffers offers = { .pipelining = true };
	const SmtpEnvelope mail = {
		.from = "",
		.to = "ada@example.org",
		.bytes = bytes,
		.length = length,
	};
	g_autoptr(GString) commands = g_string_new(NULL);
	GString *body = g_string_new(NULL);
	SmtpTalk talk;

	smtp_talk_init(&talk);
	smtp_talk_begin(&talk, &mail, &offers);
	drain(&talk, commands, most);
	assert_string_equal(
	    commands->str, "MAIL FROM:<>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\n");
	feed(&talk, "250 ok\r\n250 ok\r\n354 go\r\n");
	assert_int_equal(talk.phase, MAIL_PHASE_BODY);
	drain(&talk, body, most);
	assert_int_equal(talk.phase, MAIL_PHASE_DOT);
	assert_false(talk.over);
	feed(&talk, "250 ok\r\n");
	assert_true(talk.over && talk.usable);
	assert_int_equal(talk.outcome, MAIL_SENT);
	smtp_talk_done(&talk);
	return g_string_free(body, FALSE);
}

typedef struct Row {
	const char *name;
	const char *bytes;
	const char *wire;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "nothing to stuff", "a: b\r\n\r\nx\r\n", "a: b\r\n\r\nx\r\n.\r\n" },
	{ "a dot at a line's start", "x\r\n.y\r\n", "x\r\n..y\r\n.\r\n" },
	{ "a lone dot does not end it", "x\r\n.\r\ny\r\n", "x\r\n..\r\ny\r\n.\r\n" },
	{ "a dot first of all", ".x\r\n", "..x\r\n.\r\n" },
	{ "dots one after the other", ".\r\n.\r\n..\r\n", "..\r\n..\r\n...\r\n.\r\n" },
	{ "a dot within a line stays", "a.b\r\nc.\r\n", "a.b\r\nc.\r\n.\r\n" },
	{ "no line end at the end", "x", "x\r\n.\r\n" },
	{ "half a line end at the end", "x\r", "x\r\r\n.\r\n" },
	{ "empty", "", ".\r\n" },
};
/* clang-format on */

static void
body_is_stuffed(void **state)
{
	const Row *row = *state;

	for (size_t most = 1; most < 40; most++) {
		g_autofree char *wire = send_body(row->bytes, strlen(row->bytes), most);

		if (*row->bytes == '\0')
			assert_true(g_str_has_suffix(wire, ".\r\n"));
		else
			assert_string_equal(wire, row->wire);
	}
}

/* A line end or a dot may fall on the seam between two chunks. */
static void
chunks_do_not_show(void **state)
{
	(void)state;
	for (int shift = -6; shift <= 6; shift++) {
		g_autoptr(GString) bytes = g_string_new(NULL);
		g_autoptr(GString) wanted = g_string_new(NULL);
		g_autofree char *wire = NULL;

		while ((int)bytes->len < SMTP_CHUNK_BYTES + shift - 3)
			g_string_append_c(bytes, 'x');
		g_string_append(wanted, bytes->str);
		g_string_append(bytes, "\r\n.\r\n.end\r\n");
		g_string_append(wanted, "\r\n..\r\n..end\r\n.\r\n");
		wire = send_body(bytes->str, bytes->len, SIZE_MAX);
		assert_int_equal(strlen(wire), wanted->len);
		assert_string_equal(wire, wanted->str);
	}
}

static void
the_phase_says_when_the_dot_may_have_left(void **state)
{
	static const char bytes[] = "a: b\r\n\r\nx\r\n";
	const SmtpOffers offers = { .pipelining = true };
	const SmtpEnvelope mail = {
		.from = "",
		.to = "a@example.org",
		.bytes = bytes,
		.length = sizeof(bytes) - 1,
	};

	(void)state;
	for (size_t sent = 0; sent <= sizeof(bytes) - 1 + 3; sent++) {
		g_autoptr(GString) commands = g_string_new(NULL);
		const char *pending = NULL;
		SmtpTalk talk;

		smtp_talk_init(&talk);
		smtp_talk_begin(&talk, &mail, &offers);
		drain(&talk, commands, SIZE_MAX);
		feed(&talk, "250 ok\r\n250 ok\r\n354 go\r\n");
		assert_int_equal(
		    smtp_talk_pending(&talk, &pending), sizeof(bytes) - 1 + 3);
		smtp_talk_sent(&talk, sent);
		smtp_talk_lost(&talk, "cut");
		assert_true(talk.over && !talk.usable);
		assert_int_equal(talk.outcome,
		    sent < sizeof(bytes) - 1 + 1 ? MAIL_TEMPFAIL : MAIL_UNCERTAIN);
		smtp_talk_done(&talk);
	}
}

static void
one_command_at_a_time_without_pipelining(void **state)
{
	const SmtpOffers offers = { 0 };
	const SmtpEnvelope mail = {
		.from = "b@example.org",
		.to = "a@example.org",
		.bytes = "x\r\n",
		.length = 3,
	};
	static const struct {
		const char *sent;
		const char *reply;
	} steps[] = {
		{ "MAIL FROM:<b@example.org>\r\n", "250 ok\r\n" },
		{ "RCPT TO:<a@example.org>\r\n", "250 ok\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ "x\r\n.\r\n", "250 ok\r\n" },
	};
	SmtpTalk talk;

	(void)state;
	smtp_talk_init(&talk);
	smtp_talk_begin(&talk, &mail, &offers);
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_autoptr(GString) wire = g_string_new(NULL);

		assert_false(talk.over);
		drain(&talk, wire, SIZE_MAX);
		assert_string_equal(wire->str, steps[i].sent);
		feed(&talk, steps[i].reply);
	}
	assert_int_equal(talk.outcome, MAIL_SENT);
	smtp_talk_done(&talk);
}

typedef struct OfferRow {
	const char *name;
	const char *lines; /* '|' between them */
	const char *mail;
	const char *rcpt;
} OfferRow;

/* clang-format off */
static const OfferRow offer_rows[] = {
	{ "offers: none", "fake.example", "MAIL FROM:<b@example.org>", "RCPT TO:<a@example.org>" },
	{ "offers: SIZE", "SIZE 1000", "MAIL FROM:<b@example.org> SIZE=3", "RCPT TO:<a@example.org>" },
	{ "offers: size without a limit", "size", "MAIL FROM:<b@example.org> SIZE=3", "RCPT TO:<a@example.org>" },
	{ "offers: SIZE 0 is no limit", "SIZE 0", "MAIL FROM:<b@example.org> SIZE=3", "RCPT TO:<a@example.org>" },
	{ "offers: SIZE of nonsense", "SIZE lots", "MAIL FROM:<b@example.org> SIZE=3", "RCPT TO:<a@example.org>" },
	{ "offers: DSN", "DSN", "MAIL FROM:<b@example.org> RET=HDRS ENVID=e+2Bi+3Dd", "RCPT TO:<a@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@example.org" },
};
/* clang-format on */

static void
offers_are_used(void **state)
{
	const OfferRow *row = *state;
	g_auto(GStrv) lines = g_strsplit(row->lines, "|", -1);
	g_autofree char *wanted =
	    g_strconcat(row->mail, "\r\n", row->rcpt, "\r\nDATA\r\n", NULL);
	g_autoptr(GString) wire = g_string_new(NULL);
	const SmtpEnvelope mail = {
		.from = "b@example.org",
		.to = "a@example.org",
		.envid = "e+i=d",
		.bytes = "x\r\n",
		.length = 3,
	};
	SmtpOffers offers = { .pipelining = true };
	SmtpTalk talk;

	for (int i = 0; lines[i] != NULL; i++)
		smtp_offers_read(&offers, lines[i]);
	smtp_talk_init(&talk);
	smtp_talk_begin(&talk, &mail, &offers);
	drain(&talk, wire, SIZE_MAX);
	assert_string_equal(wire->str, wanted);
	smtp_talk_done(&talk);
}

static void
a_notice_asks_for_no_notice(void **state)
{
	const SmtpOffers offers = { .pipelining = true, .dsn = true };
	const SmtpEnvelope mail = { "", "a@example.org", NULL, "x\r\n", 3 };
	g_autoptr(GString) wire = g_string_new(NULL);
	SmtpTalk talk;

	(void)state;
	smtp_talk_init(&talk);
	smtp_talk_begin(&talk, &mail, &offers);
	drain(&talk, wire, SIZE_MAX);
	assert_non_null(strstr(wire->str, " NOTIFY=NEVER"));
	smtp_talk_done(&talk);
}

/* Whatever a server says, in whatever pieces: it ends, and "sent" needs a 2xx after the
 * dot. */
static void
no_server_makes_it_lie(void **state)
{
	static const char *const words[] = { "250 ok\r\n", "250-ok\r\n", "354 go\r\n",
		"421 bye\r\n", "450 later\r\n", "550 no\r\n", "99", "hello\r\n", "\r\n",
		"25", "250\r\n", "-", " " };
	g_autoptr(GRand) rand = g_rand_new_with_seed(4711);
	int outcomes[4] = { 0 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const SmtpOffers offers = { .pipelining = g_rand_boolean(rand) };
		const SmtpEnvelope mail = { "", "a@example.org", NULL, "x\r\n", 3 };
		g_autoptr(GString) wire = g_string_new(NULL);
		bool dot = false;
		SmtpTalk talk;

		smtp_talk_init(&talk);
		smtp_talk_begin(&talk, &mail, &offers);
		for (int i = 0; i < 12 && !talk.over; i++) {
			const char *word = words[g_rand_int_range(rand, 0,
			    g_rand_boolean(rand) ? 3 : (int)G_N_ELEMENTS(words))];

			drain(&talk, wire, 7);
			dot = dot || g_str_has_suffix(wire->str, "\r\n.\r\n");
			feed(&talk, word);
		}
		if (!talk.over)
			smtp_talk_lost(&talk, "cut");
		outcomes[talk.outcome]++;
		if (talk.outcome == MAIL_SENT) {
			assert_true(dot);
			assert_int_equal(talk.reply.code / 100, 2);
		}
		if (talk.outcome == MAIL_UNCERTAIN)
			assert_true(dot && !talk.usable);
		if (!dot)
			assert_true(talk.outcome == MAIL_TEMPFAIL ||
				    talk.outcome == MAIL_PERMFAIL);
		smtp_talk_done(&talk);
	}
	for (int i = 0; i < 4; i++)
		assert_true(outcomes[i] > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_do_not_show),
		cmocka_unit_test(the_phase_says_when_the_dot_may_have_left),
		cmocka_unit_test(one_command_at_a_time_without_pipelining),
		cmocka_unit_test(a_notice_asks_for_no_notice),
		cmocka_unit_test(no_server_makes_it_lie),
	};

	return run_rows("body", rows, body_is_stuffed) +
	       run_rows("offers", offer_rows, offers_are_used) +
	       cmocka_run_group_tests_name("smtp_talk", tests, NULL, NULL);
}
