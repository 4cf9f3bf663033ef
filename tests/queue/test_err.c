/*
 * test_err.c - errors say what a caller can do about them.
 */
#include "tests/support/cm.h"

#include <errno.h>
#include <sysexits.h>

#include "queue/err.h"

static void
an_error_carries_code_and_text(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(
	    err_set(&error, TP_ERROR_INVALID, "order '%s' has no lines", "SO-1"));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_INVALID));
	assert_string_equal(error->message, "order 'SO-1' has no lines");
	assert_int_equal(tp_error_exit_code(error), EX_DATAERR);
	assert_string_equal(tp_error_name(error), "invalid");
}

static void
errno_decides_who_can_help(void **state)
{
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) full = NULL;

	(void)state;
	assert_false(err_errno(&missing, ENOENT, "cannot open '%s'", "x"));
	assert_int_equal(missing->code, TP_ERROR_NOT_FOUND);
	assert_false(err_errno(&full, ENOSPC, "cannot write '%s'", "x"));
	assert_int_equal(full->code, TP_ERROR_IO);
	assert_int_equal(tp_error_exit_code(full), EX_IOERR);
}

typedef struct ErrnoRow {
	int errnum;
	TpError code;
	const char *name;
} ErrnoRow;

static void
each_errno_has_its_code_and_each_code_its_name(void **state)
{
	static const ErrnoRow rows[] = {
		{ ENOENT, TP_ERROR_NOT_FOUND, "not_found" },
		{ ENOTDIR, TP_ERROR_NOT_FOUND, "not_found" },
		{ EACCES, TP_ERROR_DENIED, "denied" },
		{ EPERM, TP_ERROR_DENIED, "denied" },
		{ EAGAIN, TP_ERROR_BUSY, "busy" },
		{ EBUSY, TP_ERROR_BUSY, "busy" },
		{ ETIMEDOUT, TP_ERROR_TIMEOUT, "timeout" },
		{ EIO, TP_ERROR_IO, "io" },
	};
	g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, 1, "of GLib");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(err_errno(&error, rows[i].errnum, "x"));
		assert_int_equal(error->code, rows[i].code);
		assert_string_equal(tp_error_name(error), rows[i].name);
	}
	assert_string_equal(tp_error_name(foreign), "io");
	assert_int_equal(tp_error_exit_code(foreign), EX_SOFTWARE);
	assert_int_equal(tp_error_exit_code(NULL), EX_OK);
}

static void
nobody_has_to_ask_for_the_error(void **state)
{
	(void)state;
	assert_false(err_set(NULL, TP_ERROR_BUSY, "busy"));
	assert_int_equal(err_set_int(NULL, TP_ERROR_BUSY, "busy"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_carries_code_and_text),
		cmocka_unit_test(errno_decides_who_can_help),
		cmocka_unit_test(each_errno_has_its_code_and_each_code_its_name),
		cmocka_unit_test(nobody_has_to_ask_for_the_error),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
