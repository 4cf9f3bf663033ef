/*
 * golden.c - golden files: compare, show, accept.
 */
#include "tests/support/golden.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <glib.h>

const char *
golden_root(void)
{
	const char *root = g_getenv("TP_SOURCE");

	return root != NULL ? root : ".";
}

static char *
write_file(const char *path, const void *bytes, size_t size)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	if (g_mkdir_with_parents(folder, 0755) != 0)
		return g_strdup_printf("cannot make '%s'", folder);
	if (!g_file_set_contents(path, bytes, (gssize)size, &error))
		return g_strdup(error->message);
	return NULL;
}

/* Lines for a person; for what has no lines, the first byte that differs. */
static char *
describe(const char *wanted_path, const char *got_path, const char *wanted,
    size_t wanted_size, const char *got, size_t got_size)
{
	const char *argv[] = { "diff", "-u", wanted_path, got_path, NULL };
	g_autofree char *out = NULL;
	size_t same = 0;

	if (memchr(wanted, '\0', wanted_size) == NULL &&
	    memchr(got, '\0', got_size) == NULL &&
	    g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
		NULL, &out, NULL, NULL, NULL) &&
	    out != NULL && *out != '\0' && g_utf8_validate(out, -1, NULL))
		return g_steal_pointer(&out);
	while (same < MIN(wanted_size, got_size) && wanted[same] == got[same])
		same++;
	return g_strdup_printf("byte %zu differs; %zu bytes, %zu wanted; see '%s'", same,
	    got_size, wanted_size, got_path);
}

char *
golden_diff(const char *root, const char *name, const void *bytes, size_t size)
{
	g_autofree char *path = g_build_filename(root, "tests", "golden", name, NULL);
	g_autofree char *got = g_build_filename(root, "build", "golden", name, NULL);
	g_autofree char *wanted = NULL;
	g_autofree char *text = NULL;
	size_t wanted_size = 0;
	bool there = g_file_get_contents(path, &wanted, &wanted_size, NULL);

	if (there && wanted_size == size && memcmp(wanted, bytes, size) == 0)
		return NULL;
	if (g_strcmp0(g_getenv("GOLDEN"), "accept") == 0)
		return write_file(path, bytes, size);
	text = write_file(got, bytes, size);
	if (text != NULL)
		return g_steal_pointer(&text);
	if (!there)
		return g_strdup_printf(
		    "there is no tests/golden/%s yet: read '%s', then run "
		    "make golden",
		    name, got);
	text = describe(path, got, wanted, wanted_size, bytes, size);
	return g_strdup_printf(
	    "tests/golden/%s differs; if that is meant, run make golden\n%s", name, text);
}
