/*
 * peer.h - asking other programs about a file we made: qpdf, poppler, zbarimg.
 */
#pragma once

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cm.h"

/* A folder for the test's files, removed with peer_clear(). */
static inline char *
peer_folder(void)
{
	return g_dir_make_tmp("print-XXXXXX", NULL);
}

static inline void
peer_clear(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		unlink(path);
	}
	if (dir != NULL)
		g_dir_close(dir);
	rmdir(folder);
}

/* Runs argv (NULL-terminated); its stdout, to be g_free()d.  The program must be there:
 * deps.sh brings them.  *ret_status, if asked for, is the exit code; else it must be 0.
 */
static inline char *
peer_run(const char *const *argv, int *ret_status)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *err = NULL;
	char *out = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
		NULL, &out, &err, &status, &error))
		fail_msg("cannot run %s: %s", argv[0], error->message);
	if (ret_status != NULL)
		*ret_status = g_spawn_check_wait_status(status, NULL) ? 0 : 1;
	else if (!g_spawn_check_wait_status(status, NULL))
		fail_msg("%s: %s%s", argv[0], out, err);
	return out;
}

/* Writes bytes as folder/name; the path, to be g_free()d. */
static inline char *
peer_write(const char *folder, const char *name, const GByteArray *bytes)
{
	char *path = g_build_filename(folder, name, NULL);

	assert_true(
	    g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL));
	return path;
}

/* qpdf finds nothing to say. */
static inline void
peer_check_pdf(const char *path)
{
	const char *argv[] = { "qpdf", "--check", path, NULL };
	g_autofree char *out = peer_run(argv, NULL);

	if (strstr(out, "No syntax or stream encoding errors found") == NULL ||
	    strstr(out, "WARNING") != NULL)
		fail_msg("%s", out);
}

static inline char *
peer_text(const char *path)
{
	const char *argv[] = { "pdftotext", "-layout", path, "-", NULL };

	return peer_run(argv, NULL);
}

/* Renders all pages at `dpi` as folder/stem-N.ext, as poppler counts N; `kind` is "-png",
 * "-gray" (PGM) or "-mono" (PBM). */
static inline void
peer_render(const char *path, const char *dpi, const char *kind, const char *stem_path)
{
	const char *png[] = { "pdftoppm", "-r", dpi, kind, path, stem_path, NULL };
	g_free(peer_run(png, NULL));
}

/* All codes zbarimg sees in a picture, one a line. */
static inline char *
peer_scan(const char *picture)
{
	const char *argv[] = { "zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable",
		picture, NULL };
	int status;

	return peer_run(argv, &status);
}
