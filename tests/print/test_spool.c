/*
 * test_spool.c - printers that are not there, and addresses that are none.  What a real
 * one does is in tests/e2e/print_day.sh.
 */
#include "tests/support/cm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "print/spool.h"
#include "queue/err.h"

static const SpoolWish wish = {
	.title = "t", .media = "iso_a4_210x297mm", .sides = "one-sided", .copies = 1
};

typedef struct Row {
	const char *name;
	const char *uri;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "nothing",            "" },
	{ "a path",             "/dev/usb/lp0" },
	{ "another protocol",   "http://localhost/ipp" },
	{ "a name",             "printer" },
	{ "a port that is none","ipp://localhost:99999999/ipp/print" },
};
/* clang-format on */

static void
what_is_no_printer_is_refused(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *job = NULL;

	assert_false(spool_check(row->uri, &wish, &error));
	assert_error(error, TP_ERROR_INVALID);
	g_clear_error(&error);
	assert_false(spool_send(row->uri, &wish, "/dev/null", &job, &error));
	assert_error(error, TP_ERROR_INVALID);
}

/* A port of ours on which nobody listens, or somebody who hangs up at once. */
static int
bound(bool listening, char uri[64])
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	g_snprintf(uri, 64, "ipp://127.0.0.1:%d/ipp/print", ntohs(at.sin_port));
	return fd;
}

static void
a_printer_that_is_not_there_is_busy_so_nothing_left(void **state)
{
	char uri[64];
	int fd = bound(false, uri);
	g_autoptr(GError) error = NULL;
	g_autofree char *job = NULL;
	g_autofree char *says = NULL;
	SpoolState what;

	(void)state;
	assert_false(spool_check(uri, &wish, &error));
	assert_error(error, TP_ERROR_BUSY);
	g_clear_error(&error);
	assert_false(spool_send(uri, &wish, "/dev/null", &job, &error));
	assert_error(error, TP_ERROR_BUSY);
	g_clear_error(&error);
	assert_false(spool_look(uri, "1", &what, &says, &error));
	assert_error(error, TP_ERROR_BUSY);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printer_that_is_not_there_is_busy_so_nothing_left),
	};

	return run_rows("addresses", rows, what_is_no_printer_is_refused) |
	       cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
