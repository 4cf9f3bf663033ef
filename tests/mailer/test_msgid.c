/*
 * test_msgid.c - a bounce finds its mail, and only with our key.
 */
#include "tests/support/cm.h"

#include "mailer/addr.h"
#include "mailer/msgid.h"

static const uint8_t seed[MSGID_SEED_BYTES] = "0123456789abcde";
static const uint8_t key[MSGID_KEY_BYTES] = "the key of this test, 32 bytes.";
static const uint8_t other_key[MSGID_KEY_BYTES] = "another key, also of 32 bytes..";
static const char domain[] = "mail.example.org";

static void
the_same_seed_gives_the_same_message_id(void **state)
{
	g_autofree char *one = msgid_new(42, seed, domain);
	g_autofree char *two = msgid_new(42, seed, domain);

	(void)state;
	assert_string_equal(one, two);
	assert_string_equal(one, "42.gaytemzugu3doobzmfrggzdfaa@mail.example.org");
	assert_true(msgid_is_valid(one));
}

static void
a_message_id_cannot_break_out_of_its_field(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"@x",
		"x@",
		"a b@x",
		"a@x>\r\nBcc: y",
		"a@x\n",
		"a@b@c",
		"<a@x>",
		"\xc3\xbc@x",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(msgid_is_valid(bad[i]));
}

static void
a_return_path_leads_back_to_its_mail(void **state)
{
	static const int64_t ids[] = { 0, 1, 42, INT64_C(1) << 40, INT64_MAX, -1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_autofree char *path = msgid_return_path(ids[i], key, domain);
		g_autofree char *upper = g_ascii_strup(path, -1);
		int64_t id = 7;

		assert_int_equal(strchr(path, '@') - path, 8 + MSGID_TOKEN_CHARS);
		assert_true(addr_check(path, NULL));
		assert_true(msgid_return_path_verify(path, key, domain, &id));
		assert_int_equal(id, ids[i]);
		assert_true(msgid_return_path_verify(upper, key, domain, &id));
	}
}

static void
a_forged_return_path_is_not_ours(void **state)
{
	g_autofree char *path = msgid_return_path(42, key, domain);
	int64_t id = 7;
	int tried = 0;

	(void)state;
	assert_false(msgid_return_path_verify(path, other_key, domain, &id));
	assert_false(msgid_return_path_verify(path, key, "example.org", &id));
	/* Every other letter at every place. */
	for (char *p = path + 8; *p != '@'; p++) {
		char kept = *p;

		for (const char *c = "abcdefghijklmnopqrstuvwxyz234567"; *c != '\0';
		     c++) {
			if (*c == kept)
				continue;
			*p = *c;
			assert_false(msgid_return_path_verify(path, key, domain, &id));
			tried++;
		}
		*p = kept;
	}
	assert_int_equal(tried, 31 * MSGID_TOKEN_CHARS);
	assert_int_equal(id, 7);
}

static void
what_is_no_token_is_not_ours(void **state)
{
	static const char *const bad[] = {
		"",
		"bounces+",
		"bounces+@mail.example.org",
		"bounces@mail.example.org",
		"bounces+a@mail.example.org",
		"bounces+aaaaaaaaaaaaaaaaaaaaaaaaaaaaa@mail.example.org",
		"bounces+0000000000000000000000000001@mail.example.org",
		"postmaster@mail.example.org",
	};
	int64_t id = 0;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(msgid_return_path_verify(bad[i], key, domain, &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_message_id),
		cmocka_unit_test(a_message_id_cannot_break_out_of_its_field),
		cmocka_unit_test(a_return_path_leads_back_to_its_mail),
		cmocka_unit_test(a_forged_return_path_is_not_ours),
		cmocka_unit_test(what_is_no_token_is_not_ours),
	};

	return cmocka_run_group_tests_name("msgid", tests, NULL, NULL);
}
