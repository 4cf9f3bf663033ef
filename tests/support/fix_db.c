/*
 * fix_db.c - stores for tests.
 *
 * With PostgreSQL the first store of a test program is migrated and kept as a template;
 * the others are copies of it, which is several times faster.
 */
#include "tests/support/cm.h"

#include "tests/support/fix_db.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/migrate.h"

static char *template_name;

static const char *
server(void)
{
	const char *url = g_getenv("TICKETPOST_TEST_STORE");

	return url != NULL && g_str_has_prefix(url, "postgres") ? url : NULL;
}

const Stmt *
fix_stmt(const char *sql)
{
	static GHashTable *made;
	Stmt *stmt;

	if (made == NULL)
		made = g_hash_table_new(g_str_hash, g_str_equal);
	stmt = g_hash_table_lookup(made, sql);
	if (stmt == NULL) {
		stmt = g_new0(Stmt, 1);
		*stmt = (Stmt){ .name = "test", .sql = g_strdup(sql) };
		g_hash_table_insert(made, (gpointer)stmt->sql, stmt);
	}
	return stmt;
}

bool
fix_db_is_pgsql(void)
{
	return server() != NULL;
}

static Db *
must_open(const char *url, bool create)
{
	g_autoptr(GError) error = NULL;
	Db *db = db_open(url, create, &error);

	assert_no_error(error);
	return db;
}

static void
must_migrate(Db *db)
{
	g_autoptr(GError) error = NULL;

	assert_true(migrate_run(db, NULL, &error));
	assert_no_error(error);
}

/* CREATE and DROP DATABASE take names, not values: these are ours. */
static void
on_server(const char *verb, const char *name, const char *rest)
{
	g_autofree char *sql = g_strdup_printf("%s DATABASE %s %s", verb, name, rest);
	const Stmt stmt = { .name = verb, .sql = sql };
	g_autoptr(GError) error = NULL;
	g_autoptr(Db) db = must_open(server(), false);

	assert_true(db_exec(db, &stmt, DB_NO_ARGS, NULL, &error));
	assert_no_error(error);
}

static char *
url_of(const char *name)
{
	const char *params = strchr(server(), '?');
	const char *end = params != NULL ? params : server() + strlen(server());
	g_autofree char *head = g_strndup(server(), (gsize)(end - server()));
	char *slash = strrchr(head, '/');

	*slash = '\0';
	return g_strconcat(head, "/", name, params, NULL);
}

static void
drop_template(void)
{
	on_server("DROP", template_name, "");
	g_clear_pointer(&template_name, g_free);
}

static void
make_template(void)
{
	g_autofree char *url = NULL;
	g_autoptr(Db) db = NULL;

	template_name = g_strdup_printf("t%d", (int)getpid());
	on_server("CREATE", template_name, "");
	url = url_of(template_name);
	db = must_open(url, false);
	must_migrate(db);
	atexit(drop_template);
}

static void
pgsql_new(FixDb *fix, const char *from)
{
	static int n;
	g_autofree char *rest = g_strconcat("TEMPLATE ", from, NULL);

	g_free(fix->url);
	fix->name = g_strdup_printf("t%d_%d", (int)getpid(), ++n);
	on_server("CREATE", fix->name, rest);
	fix->url = url_of(fix->name);
	fix->db = must_open(fix->url, false);
}

static void
fill(FixDb *fix)
{
	if (fix_db_is_pgsql()) {
		if (template_name == NULL)
			make_template();
		pgsql_new(fix, template_name);
		return;
	}
	fix->db = must_open(fix->url, true);
	must_migrate(fix->db);
}

void
fix_db_empty(FixDb *fix)
{
	*fix = (FixDb){ .name = NULL };
	if (fix_db_is_pgsql()) {
		pgsql_new(fix, "template1");
		return;
	}
	fix->url = g_strdup("sqlite::memory:");
	fix->db = must_open(fix->url, true);
}

void
fix_db_memory(FixDb *fix)
{
	*fix = (FixDb){ .url = g_strdup("sqlite::memory:") };
	fill(fix);
}

void
fix_db_file(FixDb *fix)
{
	*fix = (FixDb){ .folder = g_dir_make_tmp("ticketpost-XXXXXX", NULL) };
	assert_non_null(fix->folder);
	fix->url = g_strdup_printf("sqlite:%s/t.db", fix->folder);
	fill(fix);
}

Db *
fix_db_again(FixDb *fix)
{
	return must_open(fix->url, false);
}

static void
remove_folder(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_unlink(path);
	}
	g_rmdir(folder);
}

void
fix_db_done(FixDb *fix)
{
	db_close(fix->db);
	if (fix->name != NULL)
		on_server("DROP", fix->name, "WITH (FORCE)");
	if (fix->folder != NULL)
		remove_folder(fix->folder);
	g_free(fix->name);
	g_free(fix->folder);
	g_free(fix->url);
}
