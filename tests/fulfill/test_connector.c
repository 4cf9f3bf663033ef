/*
 * test_connector.c - a service elsewhere, over real TLS: what each misfortune means, and
 * what never leaves.
 */
#include "tests/support/cm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fulfill/issue/answer.h"
#include "fulfill/issue/connector.h"
#include "fulfill/issue/http.h"
#include "tests/support/fix_files.h"

static FixFiles *files;
static pid_t server;
static int port;

static char *
in_source(const char *name)
{
	const char *source = g_getenv("TP_SOURCE");

	return g_build_filename(source != NULL ? source : ".", name, NULL);
}

/* The Python service with a certificate of a CA that is made now. */
static int
start(void **state)
{
	g_autofree char *certs = in_source("tests/support/make_certs.sh");
	g_autofree char *service = in_source("tests/support/fake_service.py");
	g_autofree char *command = NULL;
	g_autofree char *out = NULL;
	int pipes[2];
	char line[32] = "";

	(void)state;
	files = fix_files_new();
	command = g_strdup_printf("sh '%s' '%s'", certs, fix_files_dir(files));
	if (!g_spawn_command_line_sync(command, &out, NULL, NULL, NULL))
		return -1;
	if (pipe(pipes) < 0)
		return -1;
	server = fork();
	if (server == 0) {
		if (chdir(fix_files_dir(files)) < 0)
			_exit(127);
		dup2(pipes[1], 1);
		close(pipes[0]);
		execl("/usr/bin/python3", "python3", service, "good.pem", "good.key",
		    (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	for (size_t n = 0; n < sizeof(line) - 1 && read(pipes[0], line + n, 1) == 1; n++)
		if (line[n] == '\n')
			break;
	close(pipes[0]);
	port = (int)g_ascii_strtoll(line, NULL, 10);
	return port > 0 ? 0 : -1;
}

static int
finish(void **state)
{
	(void)state;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	fix_files_free(files);
	return 0;
}

/* The path of a connector file; `more` are further lines of [mint]. */
static char *
write_file(const char *kind, const char *host, const char *private, const char *more)
{
	g_autofree char *text = g_strdup_printf(
	    "[connector]\nkind=%s\nurl=https://%s:%d\n"
	    "private=%s\nca_file=ca.pem\n"
	    "connect_s=2\ntotal_s=2\n"
	    "[namespaces]\nl=urn:example:licences\n"
	    "[mint]\npath=/x\n%s\n"
	    "[probe]\nmethod=GET\npath=/x\nabsent=404\n"
	    "%s\n[states]\nNEW=issued\n",
	    kind, host, port, private, more,
	    strcmp(kind, "soap") == 0 ? "ticket=//l:ticket"
				      : "ticket=/data/ticket\nabsent_at=/data/unknown");

	fix_files_put(files, "c.ini", text);
	return g_build_filename(fix_files_dir(files), "c.ini", NULL);
}

#define JSON_PLACES                                                                      \
	"ticket=/data/ticket\nref=/data/id\nstate=\nerror=/error/message\nbody={}\n"     \
	"key_header=Idempotency-Key\n"
#define XML_PLACES "ticket=//l:ticket\nref=//l:id\nbody=<x/>\naction=urn:x\n"

typedef struct CallRow {
	const char *name;
	const char *kind;
	const char *path;
	ConnectorVerb verb;
	int result;
	TpError code; /* of -1 */
	const char *says;
} CallRow;

/* clang-format off */
static const CallRow rows[] = {
	{ "an answer with a ticket is done",            "rest", "/plain/ok",         CONNECTOR_MINT, 1, 0, NULL },
	{ "201 is done, too",                           "rest", "/plain/created",    CONNECTOR_MINT, 1, 0, NULL },
	{ "done without a ticket is doubt",             "rest", "/plain/no-ticket",  CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "/data/ticket" },
	{ "a login page is doubt",                      "rest", "/plain/no-json",    CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no JSON" },
	{ "nothing at all is doubt",                    "rest", "/plain/empty",      CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "empty" },
	{ "a torn answer is doubt",                     "rest", "/plain/torn",       CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no JSON" },
	{ "a key twice is no answer",                   "rest", "/plain/twice",      CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no JSON" },
	{ "a ticket with a line break is none",         "rest", "/plain/line-break", CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "/data/ticket" },
	{ "an answer that does not end is cut",         "rest", "/plain/huge",       CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "longer" },
	{ "a closed connection is doubt",               "rest", "/plain/cut",        CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no answer" },
	{ "half an answer is doubt",                    "rest", "/plain/half",       CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no answer" },
	{ "silence is doubt",                           "rest", "/plain/slow",       CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no answer" },
	{ "400 is no, with the reason",                 "rest", "/plain/400",        CONNECTOR_MINT, -1, TP_ERROR_REFUSED,   "no such product" },
	{ "409 is no",                                  "rest", "/plain/409",        CONNECTOR_MINT, -1, TP_ERROR_REFUSED,   "409" },
	{ "401 is for the operator",                    "rest", "/plain/401",        CONNECTOR_MINT, -1, TP_ERROR_TEMPFAIL,  "secret" },
	{ "403 is for the operator",                    "rest", "/plain/403",        CONNECTOR_MINT, -1, TP_ERROR_TEMPFAIL,  "secret" },
	{ "429 is later",                               "rest", "/plain/429",        CONNECTOR_MINT, -1, TP_ERROR_TEMPFAIL,  "too many" },
	{ "503 is later",                               "rest", "/plain/503",        CONNECTOR_MINT, -1, TP_ERROR_TEMPFAIL,  "not available" },
	{ "500 is doubt",                               "rest", "/plain/500",        CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "oops" },
	{ "502 is doubt",                               "rest", "/plain/502",        CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "502" },
	{ "a redirect is not followed",                 "rest", "/plain/redirect",   CONNECTOR_MINT, -1, TP_ERROR_TEMPFAIL,  "redirects" },
	{ "a probe finds it",                           "rest", "/plain/ok",         CONNECTOR_PROBE, 1, 0, NULL },
	{ "a probe that may say no says no",            "rest", "/plain/404",        CONNECTOR_PROBE, 0, 0, NULL },
	{ "so does one that says it in words",          "rest", "/plain/absent",     CONNECTOR_PROBE, 0, 0, NULL },
	{ "a probe that says nothing says nothing",     "rest", "/plain/no-ticket",  CONNECTOR_PROBE, -1, TP_ERROR_UNCERTAIN, "" },
	{ "a SOAP answer with a ticket is done",        "soap", "/plain/soap-ok",    CONNECTOR_MINT, 1, 0, NULL },
	{ "a fault of the client is no",                "soap", "/plain/fault-client", CONNECTOR_MINT, -1, TP_ERROR_REFUSED, "no such product" },
	{ "a fault of the sender (1.2) is no",          "soap", "/plain/fault-sender", CONNECTOR_MINT, -1, TP_ERROR_REFUSED, "no such product" },
	{ "a fault of the server is doubt",             "soap", "/plain/fault-server", CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "database" },
	{ "a fault that comes with 200 is a fault",     "soap", "/plain/fault-in-200", CONNECTOR_MINT, -1, TP_ERROR_REFUSED, "fault" },
	{ "a DOCTYPE is not read",                      "soap", "/plain/doctype",    CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no XML" },
	{ "XML without end is not read",                "soap", "/plain/bomb",       CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no XML" },
	{ "JSON where XML was asked for is doubt",      "soap", "/plain/ok",         CONNECTOR_MINT, -1, TP_ERROR_UNCERTAIN, "no XML" },
	{ "a path that leaves the path is none",        "rest", "x.example/",        CONNECTOR_MINT, -1, TP_ERROR_INVALID,   "path" },
	{ "a path with a line break is none",           "rest", "/a\r\nX: y",        CONNECTOR_MINT, -1, TP_ERROR_INVALID,   "path" },
};
/* clang-format on */

static void
a_call_means_what_the_table_says(void **state)
{
	const CallRow *row = *state;
	bool soap = strcmp(row->kind, "soap") == 0;
	g_autofree char *path = write_file(
	    row->kind, "localhost", "127.0.0.1;::1", soap ? XML_PLACES : JSON_PLACES);
	g_autoptr(GError) error = NULL;
	g_autoptr(Connector) connector = connector_open(path, NULL, &error);
	g_auto(ConnectorAnswer) answer = { 0 };
	int result;

	assert_no_error(error);
	result = connector_call(connector, row->verb, "mint/1/1", row->path,
	    row->verb == CONNECTOR_PROBE ? NULL : "{}", &answer, &error);
	if (result != row->result)
		fail_msg("%d: %s", result, error != NULL ? error->message : "");
	if (row->result == 1) {
		assert_string_equal(answer.ticket, "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2");
	} else if (row->result == -1) {
		assert_error(error, row->code);
		if (strstr(error->message, row->says) == NULL)
			fail_msg("'%s' does not say '%s'", error->message, row->says);
		assert_null(strstr(error->message, "ABCDE"));
	}
}

/* ---- what never leaves ---- */

typedef struct WireRow {
	const char *name;
	const char *host;
	const char *private;
	const char *says;
} WireRow;

/* clang-format off */
static const WireRow wire_rows[] = {
	{ "an address that is not public and not named", "127.0.0.1", "10.0.0.1", "127.0.0.1 is not a public address" },
	{ "a name that leads to one",                    "localhost", "",         "is not a public address" },
	{ "a certificate for another name",              "127.0.0.1.nip.invalid", "127.0.0.1", "" },
};
/* clang-format on */

static void
nothing_is_sent_to(void **state)
{
	const WireRow *row = *state;
	g_autofree char *path = write_file("rest", row->host, row->private, JSON_PLACES);
	g_autoptr(GError) error = NULL;
	g_autoptr(Connector) connector = connector_open(path, NULL, &error);
	g_auto(ConnectorAnswer) answer = { 0 };

	assert_no_error(error);
	assert_int_equal(connector_call(connector, CONNECTOR_MINT, "k", "/plain/ok", "{}",
			     &answer, &error),
	    -1);
	assert_error(error, TP_ERROR_TEMPFAIL);
	if (strstr(error->message, row->says) == NULL)
		fail_msg("'%s'", error->message);
}

static void
a_certificate_nobody_signed_for_us_ends_before_a_byte(void **state)
{
	g_autofree char *text = g_strdup_printf(
	    "[connector]\nkind=rest\nurl=https://localhost:%d\nprivate=127.0.0.1;::1\n"
	    "ca_file=unknown-ca.pem\n[mint]\npath=/x\nticket=/t\n",
	    port);
	g_autofree char *path = g_build_filename(fix_files_dir(files), "t.ini", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Connector) connector = NULL;
	g_auto(ConnectorAnswer) answer = { 0 };

	(void)state;
	fix_files_put(files, "t.ini", text);
	connector = connector_open(path, NULL, &error);
	assert_no_error(error);
	assert_int_equal(connector_call(connector, CONNECTOR_MINT, "k", "/plain/ok", "{}",
			     &answer, &error),
	    -1);
	assert_error(error, TP_ERROR_TEMPFAIL);
}

static void
key_secret_and_type_are_where_the_file_says(void **state)
{
	g_autofree char *path = write_file("rest", "localhost", "127.0.0.1;::1",
	    "ticket=/data/ticket\nref=/data/key\nstate=/data/type\nbody={}\n"
	    "key_header=Idempotency-Key");
	g_autoptr(GError) error = NULL;
	g_autoptr(Connector) connector = connector_open(path, NULL, &error);
	g_auto(ConnectorAnswer) answer = { 0 };

	(void)state;
	assert_no_error(error);
	assert_int_equal(connector_call(connector, CONNECTOR_MINT, "mint/7/3",
			     "/plain/echo", "{\"a\":1}", &answer, &error),
	    1);
	assert_string_equal(answer.ref, "mint/7/3");
	assert_string_equal(answer.state, "application/json");
	assert_string_equal(connector_state(connector, "NEW"), "issued");
	assert_null(connector_state(connector, "OLD"));
}

/* ---- addresses ---- */

static void
only_what_anybody_can_route_is_public(void **state)
{
	static const char *const public[] = { "8.8.8.8", "93.184.216.34", "172.32.0.1",
		"2606:2800:220:1::1", "2a00:1450:4001::1", "::ffff:8.8.8.8" };
	static const char *const not_public[] = { "127.0.0.1", "127.8.9.1", "10.0.0.1",
		"172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1",
		"198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::1", "2001:db8::1", "localhost", "1.2.3", "" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(public); i++)
		if (!http_address_is_public(public[i]))
			fail_msg("'%s' is public", public[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(not_public); i++)
		if (http_address_is_public(not_public[i]))
			fail_msg("'%s' is not public", not_public[i]);
}

/* ---- the file ---- */

typedef struct FileRow {
	const char *name;
	const char *text;
	const char *says;
} FileRow;

/* clang-format off */
static const FileRow file_rows[] = {
	{ "http is not https",        "[connector]\nkind=rest\nurl=http://a.example\n", "https" },
	{ "no user in the address",   "[connector]\nkind=rest\nurl=https://u:p@a.example\n", "without user" },
	{ "no query in the address",  "[connector]\nkind=rest\nurl=https://a.example?x=1\n", "query" },
	{ "file: is not https",       "[connector]\nkind=rest\nurl=file:///etc/passwd\n", "https" },
	{ "a kind there is not",      "[connector]\nkind=grpc\nurl=https://a.example\n", "rest or soap" },
	{ "no address",               "[connector]\nkind=rest\n", "url: is missing" },
	{ "a private name",           "[connector]\nkind=rest\nurl=https://a.example\nprivate=localhost\n", "IP address" },
	{ "a slip in a key",          "[connector]\nkind=rest\nurl=https://a.example\ntimeout=3\n", "timeout" },
	{ "a slip in a section",      "[connector]\nkind=rest\nurl=https://a.example\n[mnt]\n", "[mnt]" },
	{ "mint without ticket",      "[connector]\nkind=rest\nurl=https://a.example\n[mint]\npath=/\n", "ticket: is missing" },
	{ "a place that is none",     "[connector]\nkind=rest\nurl=https://a.example\n[mint]\npath=/\nticket=$.a\n", "JSON pointer" },
	{ "an XPath that is none",    "[connector]\nkind=soap\nurl=https://a.example\n[mint]\npath=/\nticket=//[\n", "XPath" },
	{ "a path without its slash", "[connector]\nkind=rest\nurl=https://a.example\n[mint]\npath=v1\nticket=/t\n", "path" },
	{ "a secret that is not there", "[connector]\nkind=rest\nurl=https://a.example\nsecret=a/b\n", "secret" },
	{ "a header that asks for one", "[connector]\nkind=rest\nurl=https://a.example\n[headers]\nA=x {{secret}}\n", "{{secret}}" },
	{ "a state of nobody's",      "[connector]\nkind=rest\nurl=https://a.example\n[states]\nA=gone\n", "state of a ticket" },
	{ "a status that is none",    "[connector]\nkind=rest\nurl=https://a.example\n[mint]\npath=/\nticket=/t\ndone=20\n", "200 to 599" },
	{ "seconds without end",      "[connector]\nkind=rest\nurl=https://a.example\ntotal_s=900\n", "120" },
	{ "status without a state",   "[connector]\nkind=rest\nurl=https://a.example\n[status]\npath=/\n", "state: is missing" },
};
/* clang-format on */

static void
a_file_is_refused_for(void **state)
{
	const FileRow *row = *state;
	g_autofree char *path = g_build_filename(fix_files_dir(files), "f.ini", NULL);
	g_autoptr(GError) error = NULL;

	fix_files_put(files, "f.ini", row->text);
	assert_null(connector_open(path, NULL, &error));
	assert_error(error, TP_ERROR_CONFIG);
	if (strstr(error->message, row->says) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, row->says);
}

static void
pointers_are_those_of_the_rfc(void **state)
{
	static const char text[] =
	    "{\"foo\": [\"bar\", \"baz\"], \"\": \"none\", \"a/b\": 1, "
	    "\"m~n\": 8, \"t\": true, \"o\": {}, \"z\": null}";
	static const char *const found[][2] = { { "/foo/0", "bar" }, { "/foo/1", "baz" },
		{ "/", "none" }, { "/a~1b", "1" }, { "/m~0n", "8" }, { "/t", "true" } };
	static const char *const lost[] = { "/foo/2", "/foo/-", "/foo/x", "/foo", "/o",
		"/z", "/nothing", "/foo/0/x" };
	g_autoptr(GError) error = NULL;
	g_autoptr(Answer) answer = answer_from_json(text, strlen(text), &error);

	(void)state;
	assert_no_error(error);
	for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
		g_autofree char *value = answer_text(answer, found[i][0]);

		assert_string_equal(value, found[i][1]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(lost); i++) {
		g_autofree char *value = answer_text(answer, lost[i]);

		if (value != NULL)
			fail_msg("'%s' is '%s'", lost[i], value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_nobody_signed_for_us_ends_before_a_byte),
		cmocka_unit_test(key_secret_and_type_are_where_the_file_says),
		cmocka_unit_test(only_what_anybody_can_route_is_public),
		cmocka_unit_test(pointers_are_those_of_the_rfc),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	if (start(NULL) < 0) {
		print_error("the service does not start\n");
		return 1;
	}
	failed = cmocka_run_group_tests_name("connector", tests, NULL, NULL);
	failed += run_rows("calls", rows, a_call_means_what_the_table_says);
	failed += run_rows("wires", wire_rows, nothing_is_sent_to);
	failed += run_rows("files", file_rows, a_file_is_refused_for);
	finish(NULL);
	return failed;
}
