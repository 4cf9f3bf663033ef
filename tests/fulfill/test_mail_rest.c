/*
 * test_mail_rest.c - a domain that refuses us rests, longer each time, and alone.
 */
#include "tests/support/cm.h"

#include "fulfill/work/mail_rest.h"
#include "queue/clock.h"

#define MINUTE (60 * US_PER_S)

static void
a_domain_rests_longer_each_time(void **state)
{
	static const int minutes[] = { 15, 30, 60, 120, 240, 240 };
	g_autoptr(MailRest) rest = mail_rest_new();
	int64_t now = 1000;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(minutes); i++) {
		assert_int_equal(
		    mail_rest_add(rest, "a@Policy.example", now), minutes[i] * MINUTE);
		/* A second answer to what was under way does not prolong it. */
		assert_int_equal(mail_rest_add(rest, "b@policy.example", now + MINUTE),
		    (minutes[i] - 1) * MINUTE);
		assert_int_equal(mail_rest_left(rest, "c@POLICY.example", now + MINUTE),
		    (minutes[i] - 1) * MINUTE);
		now += minutes[i] * MINUTE;
		assert_int_equal(mail_rest_left(rest, "c@policy.example", now), 0);
	}
}

static void
others_do_not_rest(void **state)
{
	g_autoptr(MailRest) rest = mail_rest_new();

	(void)state;
	assert_int_equal(mail_rest_left(rest, "a@x.example", 0), 0);
	mail_rest_add(rest, "a@policy.example", 0);
	assert_int_equal(mail_rest_left(rest, "a@x.example", 0), 0);
	assert_int_equal(mail_rest_left(rest, "a@sub.policy.example", 0), 0);
}

static void
a_mail_that_was_taken_ends_it(void **state)
{
	g_autoptr(MailRest) rest = mail_rest_new();

	(void)state;
	mail_rest_add(rest, "a@policy.example", 0);
	mail_rest_end(rest, "b@policy.example");
	assert_int_equal(mail_rest_left(rest, "a@policy.example", 0), 0);
	assert_int_equal(mail_rest_add(rest, "a@policy.example", 0), 15 * MINUTE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_rests_longer_each_time),
		cmocka_unit_test(others_do_not_rest),
		cmocka_unit_test(a_mail_that_was_taken_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
