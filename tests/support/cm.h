/*
 * cm.h - cmocka with the headers it wants, and rows of a table as tests of their own.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <glib.h>
#include <stdbool.h>

/*
 * A test per row of `rows` (an array of structs whose first member is `const char
 * *name`), each run as fn(&row).  Yields a GArray-free array of struct CMUnitTest in
 * `tests`, to be handed to _cmocka_run_group_tests() by run_rows().
 */
#define run_rows(group, rows, fn)                                                        \
	run_rows_(group, rows, sizeof((rows)[0]), G_N_ELEMENTS(rows), fn)

static inline int
run_rows_(
    const char *group, const void *rows, size_t size, size_t n, CMUnitTestFunction fn)
{
	g_autofree struct CMUnitTest *tests = g_new0(struct CMUnitTest, n);

	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)rows + i * size;

		tests[i].name = *(const char *const *)(const void *)row;
		tests[i].test_func = fn;
		tests[i].initial_state = (void *)(uintptr_t)row;
	}
	return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}

/* Fails with the error's text when `error` is set. */
#define assert_no_error(error)                                                           \
	do {                                                                             \
		if ((error) != NULL)                                                     \
			fail_msg("unexpected error: %s", (error)->message);              \
	} while (0)

#define assert_error(error, wanted)                                                      \
	do {                                                                             \
		assert_non_null(error);                                                  \
		assert_int_equal((error)->code, wanted);                                 \
	} while (0)
