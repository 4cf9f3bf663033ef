/*
 * test_golden.c - golden files: what is equal, what is told, what is accepted.
 */
#include "tests/support/cm.h"

#include <stdlib.h>

#include "tests/support/golden.h"

static char *root;

static int
make_root(void **state)
{
	(void)state;
	root = g_dir_make_tmp("golden-XXXXXX", NULL);
	g_unsetenv("GOLDEN");
	return root == NULL;
}

static int
remove_root(void **state)
{
	const char *argv[] = { "rm", "-rf", root, NULL };

	(void)state;
	g_unsetenv("GOLDEN");
	g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
	    NULL, NULL, NULL, NULL, NULL);
	g_clear_pointer(&root, g_free);
	return 0;
}

static char *
compare(const char *text)
{
	return golden_diff(root, "mail/a.eml", text, strlen(text));
}

static void
accept_text(const char *text)
{
	g_setenv("GOLDEN", "accept", TRUE);
	assert_null(compare(text));
	g_unsetenv("GOLDEN");
}

static void
missing_file_is_told(void **state)
{
	g_autofree char *diff = compare("one\n");

	(void)state;
	assert_non_null(diff);
	assert_non_null(strstr(diff, "there is no tests/golden/mail/a.eml"));
}

static void
accepted_bytes_are_equal_from_then_on(void **state)
{
	(void)state;
	accept_text("one\ntwo\n");
	assert_null(compare("one\ntwo\n"));
}

static void
difference_is_shown_as_a_diff(void **state)
{
	g_autofree char *diff = NULL;

	(void)state;
	accept_text("one\ntwo\n");
	diff = compare("one\nthree\n");
	assert_non_null(diff);
	assert_non_null(strstr(diff, "\n-two\n+three\n"));
}

static void
difference_without_lines_names_the_byte(void **state)
{
	g_autofree char *diff = NULL;

	(void)state;
	g_setenv("GOLDEN", "accept", TRUE);
	assert_null(golden_diff(root, "x.pdf", "ab\0cd", 5));
	g_unsetenv("GOLDEN");
	diff = golden_diff(root, "x.pdf", "ab\0xd", 5);
	assert_non_null(diff);
	assert_non_null(strstr(diff, "byte 3 differs; 5 bytes, 5 wanted"));
}

static void
shorter_bytes_differ(void **state)
{
	g_autofree char *diff = NULL;

	(void)state;
	accept_text("one\ntwo\n");
	diff = compare("one\n");
	assert_non_null(diff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    missing_file_is_told, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
		    accepted_bytes_are_equal_from_then_on, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
		    difference_is_shown_as_a_diff, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
		    difference_without_lines_names_the_byte, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
		    shorter_bytes_differ, make_root, remove_root),
	};

	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
