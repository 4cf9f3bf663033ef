/*
 * fix_files.c - make a folder, fill it, remove it.
 */
#include "tests/support/fix_files.h"

#include <glib/gstdio.h>

struct FixFiles {
	char *dir;
};

FixFiles *
fix_files_new(void)
{
	FixFiles *files = g_new0(FixFiles, 1);

	files->dir = g_dir_make_tmp("tp-files-XXXXXX", NULL);
	g_assert(files->dir != NULL);
	return files;
}

const char *
fix_files_dir(const FixFiles *files)
{
	return files->dir;
}

void
fix_files_put(FixFiles *files, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(files->dir, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);

	g_assert(g_mkdir_with_parents(folder, 0700) == 0);
	g_assert(g_file_set_contents(path, text, -1, NULL));
}

/* Does not follow links out of the folder. */
static void
remove_tree(const char *path)
{
	GDir *dir =
	    g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_remove(path);
}

void
fix_files_free(FixFiles *files)
{
	remove_tree(files->dir);
	g_free(files->dir);
	g_free(files);
}
