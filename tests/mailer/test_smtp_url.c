/*
 * test_smtp_url.c - where the relay is, and when it may be spoken to in the clear.
 */
#include "tests/support/cm.h"

#include "mailer/smtp_url.h"

typedef struct Row {
	const char *name;
	const char *text;
	const char *host; /* NULL: refused */
	int port;
	SmtpTls tls;
	const char *words; /* of the reason, or the user */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "a relay elsewhere wants STARTTLS", "smtp://mx.example.org", "mx.example.org", 25, SMTP_TLS_REQUIRED, NULL },
	{ "a port", "smtp://mx.example.org:587", "mx.example.org", 587, SMTP_TLS_REQUIRED, NULL },
	{ "a slash behind the host", "smtp://mx.example.org/", "mx.example.org", 25, SMTP_TLS_REQUIRED, NULL },
	{ "TLS from the first byte", "smtps://mx.example.org", "mx.example.org", 465, SMTP_TLS_WRAPPED, NULL },
	{ "this machine by name", "smtp://localhost:2525", "localhost", 2525, SMTP_TLS_OPTIONAL, NULL },
	{ "this machine by number", "smtp://127.0.0.1", "127.0.0.1", 25, SMTP_TLS_OPTIONAL, NULL },
	{ "this machine by another number", "smtp://127.9.9.9", "127.9.9.9", 25, SMTP_TLS_OPTIONAL, NULL },
	{ "this machine by IPv6", "smtp://[::1]:2525", "::1", 2525, SMTP_TLS_OPTIONAL, NULL },
	{ "another machine by IPv6", "smtp://[2001:db8::1]", "2001:db8::1", 25, SMTP_TLS_REQUIRED, NULL },
	{ "a name that only begins like this machine", "smtp://localhost.example.org", "localhost.example.org", 25, SMTP_TLS_REQUIRED, NULL },
	{ "a number that only begins like this machine", "smtp://127.0.0.1.example.org", "127.0.0.1.example.org", 25, SMTP_TLS_REQUIRED, NULL },
	{ "required on this machine", "smtp://localhost?starttls=required", "localhost", 25, SMTP_TLS_REQUIRED, NULL },
	{ "optional elsewhere, if somebody says so", "smtp://mx.example.org?starttls=optional", "mx.example.org", 25, SMTP_TLS_OPTIONAL, NULL },
	{ "off elsewhere, if somebody says so", "smtp://mx.example.org?starttls=off", "mx.example.org", 25, SMTP_TLS_OFF, NULL },
	{ "a user", "smtp://robot@mx.example.org", "mx.example.org", 25, SMTP_TLS_REQUIRED, "robot" },
	{ "a user with an escaped at", "smtps://robot%40example.org@mx.example.org", "mx.example.org", 465, SMTP_TLS_WRAPPED, "robot@example.org" },

	{ "a password is refused", "smtp://robot:secret@mx.example.org", NULL, 0, 0, "secrets file" },
	{ "a login in the clear is refused", "smtp://robot@mx.example.org?starttls=off", NULL, 0, 0, "in the clear" },
	{ "a login that may be in the clear too", "smtp://robot@mx.example.org?starttls=optional", NULL, 0, 0, "in the clear" },
	{ "starttls beside smtps", "smtps://mx.example.org?starttls=off", NULL, 0, 0, "smtps" },
	{ "an unknown value", "smtp://mx.example.org?starttls=maybe", NULL, 0, 0, "maybe" },
	{ "an unknown parameter", "smtp://mx.example.org?verify=no", NULL, 0, 0, "verify=no" },
	{ "a path", "smtp://mx.example.org/x", NULL, 0, 0, "behind the host" },
	{ "a fragment", "smtp://mx.example.org#x", NULL, 0, 0, "behind the host" },
	{ "no host", "smtp://", NULL, 0, 0, "host" },
	{ "no slashes", "smtp:mx.example.org", NULL, 0, 0, "host" },
	{ "port 0", "smtp://mx.example.org:0", NULL, 0, 0, "port 0" },
	{ "a port that is none", "smtp://mx.example.org:x", NULL, 0, 0, NULL },
	{ "a port beyond all", "smtp://mx.example.org:70000", NULL, 0, 0, NULL },
	{ "a space in the host", "smtp://mx example.org", NULL, 0, 0, NULL },
	{ "an escaped line end in the host", "smtp://mx%0d%0a.example.org", NULL, 0, 0, NULL },
	{ "another scheme", "http://mx.example.org", NULL, 0, 0, "neither" },
};
/* clang-format on */

static void
row_holds(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(SmtpUrl) url = smtp_url_parse(row->text, false, &error);

	if (row->host == NULL) {
		assert_null(url);
		assert_error(error, TP_ERROR_CONFIG);
		if (row->words != NULL && strstr(error->message, row->words) == NULL)
			fail_msg("'%s' does not say '%s'", error->message, row->words);
		/* A reason goes to the log; a password must not. */
		assert_null(strstr(error->message, "secret@"));
		return;
	}
	assert_no_error(error);
	assert_string_equal(url->host, row->host);
	assert_int_equal(url->port, row->port);
	assert_int_equal(url->tls, row->tls);
	assert_int_equal(url->user != NULL, row->words != NULL);
	if (row->words != NULL)
		assert_string_equal(url->user, row->words);
}

static void
a_login_from_elsewhere_counts_too(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(smtp_url_parse("smtp://mx.example.org?starttls=off", true, &error));
	assert_error(error, TP_ERROR_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_from_elsewhere_counts_too),
	};

	return run_rows("smtp_url", rows, row_holds) +
	       cmocka_run_group_tests_name("smtp_url more", tests, NULL, NULL);
}
