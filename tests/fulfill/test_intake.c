/*
 * test_intake.c - what is recognised, and what is refused before it is read.
 */
#include "tests/support/cm.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/intake/intake.h"
#include "queue/limits.h"
#include "tests/fulfill/summary.h"

static const IntakeHint no_hint;

#define GOOD                                                                             \
	"{\"order\":\"A\",\"source\":\"s\",\"party\":\"p\",\"lines\":[{\"product\":"     \
	"\"P\","                                                                         \
	"\"quantity\":1}]}"

/* ---- recognition ---- */

static const struct kind_row {
	const char *name;
	const char *bytes;
	size_t size; /* 0: up to the NUL */
	const char *format;
	const char *summary; /* of reading it; NULL: no matter */
} kinds[] = {
	{ "an object", "  \n{", 0, "json", "E_TORN" },
	{ "a list", "[", 0, "json", "E_TORN" },
	{ "a header", "order;product;quantity\n", 0, "csv", "E_TORN" },
	{ "a header with one name of ours is none", "order;foo;bar\n", 0, "unknown",
	    "E_FORMAT" },
	{ "a mail", "Received: from x\r\n by y\r\n", 0, "mail", "E_FORMAT" },
	{ "a mail in a mailbox", "From ada@example.org Mon\n", 0, "mail", "E_FORMAT" },
	{ "a PDF", "%PDF-1.7\n", 0, "pdf", "E_FORMAT" },
	{ "a ZIP", "PK\x03\x04", 0, "unknown", "E_FORMAT" },
	{ "a gzip", "\x1f\x8b\x08\x00\x00", 5, "unknown", "E_FORMAT" },
	{ "prose", "Please send us ten tickets, thanks\n", 0, "unknown", "E_FORMAT" },
	{ "nothing", "", 0, "unknown", "E_TORN" },
	{ "blanks", "  \r\n\n", 0, "unknown", "E_FORMAT" },
	{ "a NUL", "\0", 1, "unknown", "E_FORMAT" },
	{ "JSON in UTF-16 with a mark", "\xff\xfe{\0\"\0", 6, "unknown", "E_ENCODING" },
	{ "JSON in UTF-16 without a mark", "{\0\"\0a\0", 6, "unknown", "E_ENCODING" },
	{ "JSON in UTF-16, the other end first", "\0{\0\"", 4, "unknown", "E_ENCODING" },
	{ "a table in CP1252 with a NUL", "order;product;quantity\n\xe4;\0;1\n", 29,
	    "csv", "E_ENCODING" },
	{ "JSON with a NUL", "{\"order\":\"A\0\"}", 14, "json", "E_ENCODING" },
};

static void
kind_row_test(void **state)
{
	const struct kind_row *row = *state;
	size_t size = row->size != 0 ? row->size : strlen(row->bytes);
	g_autofree char *got = summary_of(row->bytes, size, &no_hint, NULL);

	assert_string_equal(
	    intake_format_name(intake_recognise(row->bytes, size)), row->format);
	if (row->summary != NULL)
		assert_string_equal(got, row->summary);
}

/* ---- much of everything ---- */

/* Each row is `head`, then `again` as often as fits into 8 MiB, then `tail`: small bytes
 * that would be large in memory.  Each has to be refused, and soon. */
static const struct bulk_row {
	const char *name;
	const char *head, *again, *tail;
	const char *summary; /* begins with this */
	const char *says;
} bulks[] = {
	{ "empty lines in JSON",
	    "{\"order\":\"A\",\"source\":\"s\",\"party\":\"p\",\"lines\":[{}", ",{}",
	    "]}", "E_LIMIT", "250000 values" },
	{ "a list in a line", "[{\"order\":\"A\",\"lines\":[{\"options\":{\"a\":[0", ",0",
	    "]}}]}]", "E_LIMIT", "250000 values" },
	{ "orders of nothing", "{}\n", "{}\n", "", "E_LIMIT", "100000 errors" },
	{ "a list of orders of nothing", "[{}", ",{}", "]", "E_LIMIT", "100000 errors" },
	{ "cells", "order;product;quantity\n", ";", "\n", "E_LIMIT", "200 cells" },
	{ "columns", "order;product;quantity", ";days", "\n", "E_", NULL },
	{ "rows of one order", "order;source;party;product;quantity\n", "A;s;p;P;1\n", "",
	    "A: ", "more than 10000 lines" },
	{ "rows of nothing right", "order;source;party;product;quantity\n", ";;;;0\n", "",
	    "E_LIMIT", "100000 errors" },
	{ "segments", "UNB+UNOA:1+A+B+1:1+1'UNH+1+ORDERS:D:96A:UN'BGM+220+A+9'NAD+BY+p'",
	    "LIN+++P:SA'QTY+21:1'", "", "E_TORN", NULL },
	{ "items", "<ORDER><ORDER_ITEM_LIST>",
	    "<ORDER_ITEM><QUANTITY>1</QUANTITY></ORDER_ITEM>",
	    "</ORDER_ITEM_LIST></ORDER>", "?: ", "product is missing" },
};

static void
bulk_row_test(void **state)
{
	const struct bulk_row *row = *state;
	IntakeHint hint = { .source = "s" };
	g_autoptr(GString) text = g_string_new(row->head);
	g_autofree char *why = NULL;
	g_autofree char *got = NULL;

	while (text->len < 8 * 1024 * 1024)
		g_string_append(text, row->again);
	g_string_append(text, row->tail);
	got = summary_of(text->str, text->len, &hint, &why);
	if (!g_str_has_prefix(got, row->summary))
		fail_msg("%.60s (%s)", got, why);
	if (row->says != NULL && (why == NULL || strstr(why, row->says) == NULL))
		fail_msg("'%s' does not say '%s'", why, row->says);
}

/* ---- files ---- */

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("intake-XXXXXX", NULL);
	return folder != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	GDir *dir = g_dir_open(folder, 0, NULL);

	(void)state;
	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_clear_pointer(&folder, g_free);
	return 0;
}

static void
the_name_of_a_file_says_nothing(void **state)
{
	g_autofree char *path = g_build_filename(folder, "order.csv", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document = NULL;

	(void)state;
	assert_true(g_file_set_contents(path, GOOD, -1, NULL));
	document = intake_read_file(path, &no_hint, &error);
	assert_no_error(error);
	assert_int_equal(document->format, INTAKE_JSON);
	assert_int_equal(document->orders->len, 1);
}

/* The file has no bytes on the disk: whoever read it would read zeros for a while. */
static void
a_hundred_megabytes_are_refused_unread(void **state)
{
	g_autofree char *path = g_build_filename(folder, "big", NULL);
	g_autoptr(GError) error = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 100 * 1000 * 1000), 0);
	assert_null(intake_read_fd(fd, &no_hint, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_int_equal(order_error_of(error), E_LIMIT);
	assert_non_null(strstr(error->message, "64 MiB"));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0); /* not a byte */
	close(fd);
}

static void
a_pipe_is_read_to_its_end(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], GOOD, strlen(GOOD)), strlen(GOOD));
	close(ends[1]);
	document = intake_read_fd(ends[0], &no_hint, &error);
	close(ends[0]);
	assert_no_error(error);
	assert_int_equal(document->orders->len, 1);
}

static void
what_is_no_file_is_refused(void **state)
{
	g_autofree char *none = g_build_filename(folder, "none", NULL);
	g_autofree char *fifo = g_build_filename(folder, "fifo", NULL);
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) dir = NULL;
	g_autoptr(GError) pipe_error = NULL;

	(void)state;
	assert_null(intake_read_file(none, &no_hint, &missing));
	assert_error(missing, TP_ERROR_NOT_FOUND);
	assert_null(intake_read_file(folder, &no_hint, &dir));
	assert_error(dir, TP_ERROR_INVALID);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(intake_read_file(fifo, &no_hint, &pipe_error));
	assert_error(pipe_error, TP_ERROR_INVALID);
}

#define WITH_FOLDER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(the_name_of_a_file_says_nothing),
		WITH_FOLDER(a_hundred_megabytes_are_refused_unread),
		WITH_FOLDER(a_pipe_is_read_to_its_end),
		WITH_FOLDER(what_is_no_file_is_refused),
	};
	int failed = cmocka_run_group_tests_name("intake", tests, NULL, NULL);

	failed += run_rows("recognised", kinds, kind_row_test);
	failed += run_rows("much of everything", bulks, bulk_row_test);
	return failed;
}
