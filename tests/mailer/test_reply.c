/*
 * test_reply.c - what a server said, however it comes in, and what it means.
 */
#include "tests/support/cm.h"

#include "mailer/reply.h"

typedef struct Row {
	const char *name;
	const char *bytes;
	int code; /* -1: not complete */
	int class, subject, detail;
	const char *text;
	int left; /* bytes behind the reply */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "one line", "250 ok\r\n", 250, 0, 0, 0, "ok", 0 },
	{ "enhanced code", "550 5.1.1 no such user\r\n", 550, 5, 1, 1, "5.1.1 no such user", 0 },
	{ "three digits in it", "550 5.7.515 no\r\n", 550, 5, 7, 515, "5.7.515 no", 0 },
	{ "enhanced code alone", "250 2.0.0\r\n", 250, 2, 0, 0, "2.0.0", 0 },
	{ "enhanced code of another class does not count", "250 5.1.1 odd\r\n", 250, 0, 0, 0, "5.1.1 odd", 0 },
	{ "a version is no enhanced code", "220 5.1 beta\r\n", 220, 0, 0, 0, "5.1 beta", 0 },
	{ "four digits are no enhanced code", "550 5.1.1000 x\r\n", 550, 0, 0, 0, "5.1.1000 x", 0 },
	{ "many lines", "250-one\r\n250-two\r\n250 three\r\n", 250, 0, 0, 0, "one two three", 0 },
	{ "no text", "250\r\n", 250, 0, 0, 0, "", 0 },
	{ "bare line feed", "250 ok\n", 250, 0, 0, 0, "ok", 0 },
	{ "what follows is left", "250 ok\r\n354 go\r\n", 250, 0, 0, 0, "ok", 8 },
	{ "codes that differ", "250-one\r\n550 two\r\n", 0, 0, 0, 0, "one two", 0 },
	{ "garbage", "hello\r\n", 0, 0, 0, 0, "hello", 0 },
	{ "garbage after a line", "250-one\r\nhello\r\n", 0, 0, 0, 0, "one hello", 0 },
	{ "two digits", "25\r\n", 0, 0, 0, 0, "", 0 },
	{ "code and letter", "250x\r\n", 0, 0, 0, 0, "x", 0 },
	{ "code below 100", "099 x\r\n", 0, 0, 0, 0, "x", 0 },
	{ "empty line", "\r\n", 0, 0, 0, 0, "", 0 },
	{ "unknown code", "999 what\r\n", 999, 0, 0, 0, "what", 0 },
	{ "controls are shown as marks", "250 a\033[2J\007b\tc\r\n", 250, 0, 0, 0, "a?[2J?b c", 0 },
	{ "UTF-8 stays, what is none is marked", "250 \xc3\xbc\xff\r\n", 250, 0, 0, 0, "\xc3\xbc\xef\xbf\xbd", 0 },
	{ "C1 controls are marked", "250 a\xc2\x9b" "b\r\n", 250, 0, 0, 0, "a?b", 0 },
	{ "not yet: nothing", "", -1, 0, 0, 0, NULL, 0 },
	{ "not yet: no line end", "250 ok", -1, 0, 0, 0, NULL, 0 },
	{ "not yet: more lines come", "250-ok\r\n", -1, 0, 0, 0, NULL, 0 },
	{ "not yet: half the code", "250-ok\r\n25", -1, 0, 0, 0, NULL, 0 },
};
/* clang-format on */

static void
check(const Row *row, const Reply *reply, bool complete, size_t left)
{
	assert_int_equal(complete, row->code >= 0);
	if (!complete)
		return;
	assert_int_equal(reply->code, row->code);
	assert_int_equal(reply->ecode.class, row->class);
	assert_int_equal(reply->ecode.subject, row->subject);
	assert_int_equal(reply->ecode.detail, row->detail);
	assert_string_equal(reply->text, row->text);
	assert_int_equal(left, row->left);
}

static void
row_holds_whole_and_in_bytes(void **state)
{
	const Row *row = *state;
	size_t length = strlen(row->bytes);
	size_t used = 0;
	size_t at = 0;
	bool complete = false;
	Reply reply;

	reply_init(&reply);
	complete = reply_feed(&reply, row->bytes, length, &used);
	check(row, &reply, complete, length - used);
	reply_init(&reply);
	for (complete = false; at < length && !complete; at++) {
		complete = reply_feed(&reply, row->bytes + at, 1, &used);
		assert_int_equal(used, 1);
	}
	check(row, &reply, complete, length - at);
}

static void
only_a_bounded_piece_is_kept(void **state)
{
	g_autofree char *long_line = g_strnfill(1000000, 'x');
	size_t used = 0;
	Reply reply;

	(void)state;
	reply_init(&reply);
	assert_false(reply_feed(&reply, "250-", 4, &used));
	assert_false(reply_feed(&reply, long_line, 1000000, &used));
	assert_true(reply_feed(&reply, "\r\n250 end\r\n", 11, &used));
	assert_int_equal(reply.code, 250);
	assert_int_equal(strlen(reply.text), LIMIT_MAIL_REPLY_BYTES - 1);
}

static void
a_server_that_does_not_stop_is_stopped(void **state)
{
	size_t used = 0;
	bool complete = false;
	int fed = 0;
	Reply reply;

	(void)state;
	reply_init(&reply);
	for (; !complete; fed++) {
		complete = reply_feed(&reply, "250-and more\r\n", 14, &used);
		assert_true(fed < 1000000);
	}
	assert_int_equal(reply.code, 0);
	assert_true(fed >= LIMIT_MAIL_REPLY_STREAM_BYTES / 14);
}

static void
text_is_valid_whatever_comes(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261124);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char bytes[1200];
		size_t used = 0;
		Reply reply;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] =
			    round % 2 == 0
				? (char)g_rand_int(rand)
				: "250 -\r\n5\xc3\xbc\xe2"[g_rand_int_range(rand, 0, 11)];
		for (size_t at = 0; at < sizeof(bytes); at += used) {
			reply_init(&reply);
			if (!reply_feed(&reply, bytes + at, sizeof(bytes) - at, &used))
				break;
			assert_true(used > 0);
			assert_true(g_utf8_validate(reply.text, -1, NULL));
			assert_true(strlen(reply.text) < LIMIT_MAIL_REPLY_BYTES);
			for (const char *p = reply.text; *p != '\0'; p++)
				assert_false(g_ascii_iscntrl(*p));
		}
	}
}

typedef struct Meaning {
	const char *name;
	MailPhase phase;
	int code;
	EnhancedCode ecode;
	const char *text;
	MailOutcome outcome;
	MailScope scope;
} Meaning;

#define N                                                                                \
	{                                                                                \
		0, 0, 0                                                                  \
	}

/* clang-format off */
static const Meaning meanings[] = {
	{ "lost before MAIL", MAIL_PHASE_CONNECT, 0, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "5xx to the login", MAIL_PHASE_AUTH, 535, { 5, 7, 8 }, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "5xx as greeting", MAIL_PHASE_BANNER, 554, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "4xx to MAIL", MAIL_PHASE_MAIL, 451, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_MESSAGE },
	{ "4xx to RCPT", MAIL_PHASE_RCPT, 450, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_RECIPIENT },
	{ "5xx to RCPT", MAIL_PHASE_RCPT, 550, { 5, 1, 1 }, "", MAIL_PERMFAIL, MAIL_SCOPE_RECIPIENT },
	{ "5xx to DATA", MAIL_PHASE_DATA, 554, N, "", MAIL_PERMFAIL, MAIL_SCOPE_MESSAGE },
	{ "421 to RCPT", MAIL_PHASE_RCPT, 421, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "421 to the dot", MAIL_PHASE_DOT, 421, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "login wanted at RCPT", MAIL_PHASE_RCPT, 530, { 5, 7, 1 }, "", MAIL_TEMPFAIL, MAIL_SCOPE_ROUTE },
	{ "2xx to the dot", MAIL_PHASE_DOT, 250, N, "", MAIL_SENT, MAIL_SCOPE_MESSAGE },
	{ "any 2xx to the dot", MAIL_PHASE_DOT, 299, N, "", MAIL_SENT, MAIL_SCOPE_MESSAGE },
	{ "nothing after the dot", MAIL_PHASE_DOT, 0, N, "", MAIL_UNCERTAIN, MAIL_SCOPE_MESSAGE },
	{ "3xx after the dot", MAIL_PHASE_DOT, 354, N, "", MAIL_UNCERTAIN, MAIL_SCOPE_MESSAGE },
	{ "999 after the dot", MAIL_PHASE_DOT, 999, N, "", MAIL_UNCERTAIN, MAIL_SCOPE_MESSAGE },
	{ "lost in the body", MAIL_PHASE_BODY, 0, N, "", MAIL_TEMPFAIL, MAIL_SCOPE_MESSAGE },
	{ "Gmail: not authenticated", MAIL_PHASE_DOT, 550, { 5, 7, 26 }, "", MAIL_TEMPFAIL, MAIL_SCOPE_DOMAIN },
	{ "Yahoo: policy", MAIL_PHASE_DOT, 550, { 5, 7, 9 }, "", MAIL_TEMPFAIL, MAIL_SCOPE_DOMAIN },
	{ "Microsoft: policy", MAIL_PHASE_DOT, 550, { 5, 7, 515 }, "", MAIL_TEMPFAIL, MAIL_SCOPE_DOMAIN },
	{ "SPF in words", MAIL_PHASE_RCPT, 550, { 5, 7, 1 }, "5.7.1 SPF check failed", MAIL_TEMPFAIL, MAIL_SCOPE_DOMAIN },
	{ "5.7.1 without such words", MAIL_PHASE_RCPT, 550, { 5, 7, 1 }, "5.7.1 Relay access denied", MAIL_PERMFAIL, MAIL_SCOPE_RECIPIENT },
	{ "mailbox full for good", MAIL_PHASE_DOT, 552, { 5, 2, 2 }, "", MAIL_PERMFAIL, MAIL_SCOPE_MESSAGE },
};
/* clang-format on */

static void
meaning_holds(void **state)
{
	const Meaning *m = *state;
	MailOutcome outcome = MAIL_SENT;
	MailScope scope = MAIL_SCOPE_MESSAGE;

	reply_classify(m->phase, m->code, m->ecode, m->text, &outcome, &scope);
	assert_string_equal(mail_outcome_name(outcome), mail_outcome_name(m->outcome));
	assert_string_equal(mail_scope_name(scope), mail_scope_name(m->scope));
}

/* The promise behind the queue: nothing but a 2xx to the dot is "sent", and nothing
 * before the dot is in doubt. */
static void
no_code_in_no_phase_breaks_the_promise(void **state)
{
	int sent = 0;
	int doubt = 0;

	(void)state;
	for (int phase = MAIL_PHASE_CONNECT; phase <= MAIL_PHASE_DOT; phase++) {
		for (int code = 0; code <= 999; code++) {
			MailOutcome outcome = MAIL_SENT;
			MailScope scope = MAIL_SCOPE_MESSAGE;

			reply_classify((MailPhase)phase, code, (EnhancedCode)N, "",
			    &outcome, &scope);
			if (outcome == MAIL_SENT) {
				assert_int_equal(phase, MAIL_PHASE_DOT);
				assert_int_equal(code / 100, 2);
				sent++;
			}
			if (outcome == MAIL_UNCERTAIN) {
				assert_int_equal(phase, MAIL_PHASE_DOT);
				assert_true(code < 400 || code > 599);
				doubt++;
			}
			if (outcome == MAIL_PERMFAIL)
				assert_int_equal(code / 100, 5);
		}
	}
	assert_int_equal(sent, 100);
	assert_int_equal(doubt, 1000 - 100 - 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_bounded_piece_is_kept),
		cmocka_unit_test(a_server_that_does_not_stop_is_stopped),
		cmocka_unit_test(text_is_valid_whatever_comes),
		cmocka_unit_test(no_code_in_no_phase_breaks_the_promise),
	};

	return run_rows("reply", rows, row_holds_whole_and_in_bytes) +
	       run_rows("meaning", meanings, meaning_holds) +
	       cmocka_run_group_tests_name("reply more", tests, NULL, NULL);
}
