/*
 * test_out.c - files that appear whole or not at all.
 */
#include "tests/print/peer.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "queue/out.h"

static char *folder;

static int
set_up(void **state)
{
	(void)state;
	folder = peer_folder();
	return folder == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	peer_clear(folder);
	g_clear_pointer(&folder, g_free);
	unsetenv("TICKETPOST_FAULT");
	return 0;
}

static int
count_files(void)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	int n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static bool
write_file(const char *path, const char *text, GError **error)
{
	g_autoptr(Out) out = out_open(path, error);

	return out != NULL && out_write(out, text, strlen(text), error) &&
	       out_commit(out, error);
}

static void
a_file_is_there_after_the_commit_for_its_owner_only(void **state)
{
	g_autofree char *path = g_build_filename(folder, "sheet.pdf", NULL);
	g_autofree char *text = NULL;
	g_autoptr(Out) out = out_open(path, NULL);
	struct stat st;

	(void)state;
	assert_true(out_write(out, "ab", 2, NULL));
	assert_int_equal(access(path, F_OK), -1);
	assert_true(out_write(out, "c", 1, NULL));
	assert_true(out_commit(out, NULL));
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, "abc");
	assert_int_equal(count_files(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(out_bytes(out), 3);
	assert_string_equal(out_sha256(out),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
what_is_given_up_leaves_the_old_file(void **state)
{
	g_autofree char *path = g_build_filename(folder, "sheet.pdf", NULL);
	g_autofree char *text = NULL;
	Out *out;

	(void)state;
	assert_true(write_file(path, "old", NULL));
	out = out_open(path, NULL);
	assert_true(out_write(out, "new", 3, NULL));
	assert_int_equal(count_files(), 2);
	out_free(out);
	assert_int_equal(count_files(), 1);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, "old");
	assert_true(write_file(path, "new", NULL));
	assert_int_equal(count_files(), 1);
}

static void
two_who_write_do_not_disturb_each_other(void **state)
{
	g_autofree char *path = g_build_filename(folder, "sheet.pdf", NULL);
	g_autofree char *longer = g_build_filename(folder, "sheet.pdf.bak", NULL);
	g_autofree char *alike = g_build_filename(folder, ".sheet.pdf.mine", NULL);
	g_autofree char *text = NULL;
	g_autoptr(Out) first = out_open(path, NULL);
	g_autoptr(Out) other = out_open(longer, NULL);

	(void)state;
	assert_true(g_file_set_contents(alike, "mine", -1, NULL));
	assert_true(out_write(first, "first", 5, NULL));
	assert_true(write_file(path, "second", NULL));
	assert_true(out_commit(first, NULL));
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, "first");
	assert_true(out_commit(other, NULL));
	assert_int_equal(count_files(), 3);
}

static void
a_full_disk_is_seen(void **state)
{
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)state;
	assert_false(write_file("/dev/full", "x", &error));
	assert_error(error, TP_ERROR_IO);
	assert_non_null(strstr(error->message, "No space left"));
	/* And the device was not replaced by a file. */
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_true(write_file("/dev/null", "x", NULL));
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

static void
a_folder_that_is_not_there_is_named(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(out_open("/nowhere/at/all.pdf", &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "/nowhere/at/all.pdf"));
}

/* Runs write_file() in a child with a fault set; its exit code, or -1 if it was killed.
 */
static int
in_child(const char *path, const char *fault)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setenv("TICKETPOST_FAULT", fault, 1);
		_exit(write_file(path, "new", NULL) ? 0 : 3);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

typedef struct FaultRow {
	const char *name;
	const char *fault;
	int status;
	const char *left; /* content afterwards */
} FaultRow;

static const FaultRow faults[] = {
	{ "no fault", "fail:file.nothing:1", 0, "new" },
	{ "writing does not succeed", "fail:file.write:1", 3, "old" },
	{ "renaming does not succeed", "fail:file.rename:1", 3, "old" },
	{ "killed before writing", "die:file.write:1", -1, "old" },
	{ "killed before the name appears", "die:file.rename:1", -1, "old" },
	{ "killed after it appeared", "die:file.renamed:1", -1, "new" },
};

static void
fault_test(void **state)
{
	const FaultRow *row = *state;
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;

	set_up(NULL);
	path = g_build_filename(folder, "sheet.pdf", NULL);
	assert_true(g_file_set_contents(path, "old", -1, NULL));
	assert_int_equal(in_child(path, row->fault), row->status);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, row->left);
	/* A kill may leave the temporary file, until the next one writes; nothing else
	 * does. */
	if (row->status >= 0)
		assert_int_equal(count_files(), 1);
	assert_int_equal(in_child(path, "fail:file.nothing:1"), 0);
	assert_int_equal(count_files(), 1);
	tear_down(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_file_is_there_after_the_commit_for_its_owner_only, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_given_up_leaves_the_old_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    two_who_write_do_not_disturb_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_is_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_folder_that_is_not_there_is_named, set_up, tear_down),
	};
	/* First, before this process itself has passed a fault point and read its
	 * setting. */
	int failed = run_rows("out faults", faults, fault_test);

	return failed | cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
