/*
 * fix_db.c - stores for tests.
 */
#include "tests/support/cm.h"

#include "tests/support/fix_db.h"

#include <glib/gstdio.h>

#include "queue/migrate.h"

static void
migrate(FixDb *fix)
{
	g_autoptr(GError) error = NULL;

	fix->db = db_open(fix->url, true, &error);
	assert_no_error(error);
	assert_true(migrate_run(fix->db, NULL, &error));
	assert_no_error(error);
}

void
fix_db_memory(FixDb *fix)
{
	*fix = (FixDb){ .url = g_strdup("sqlite::memory:") };
	migrate(fix);
}

void
fix_db_file(FixDb *fix)
{
	*fix = (FixDb){ .folder = g_dir_make_tmp("ticketpost-XXXXXX", NULL) };
	assert_non_null(fix->folder);
	fix->url = g_strdup_printf("sqlite:%s/t.db", fix->folder);
	migrate(fix);
}

Db *
fix_db_again(FixDb *fix)
{
	g_autoptr(GError) error = NULL;
	Db *db = db_open(fix->url, false, &error);

	assert_no_error(error);
	return db;
}

void
fix_db_done(FixDb *fix)
{
	db_close(fix->db);
	if (fix->folder != NULL) {
		g_autoptr(GDir) dir = g_dir_open(fix->folder, 0, NULL);
		const char *name;

		while ((name = g_dir_read_name(dir)) != NULL) {
			g_autofree char *path = g_build_filename(fix->folder, name, NULL);

			g_unlink(path);
		}
		g_rmdir(fix->folder);
	}
	g_free(fix->folder);
	g_free(fix->url);
}
