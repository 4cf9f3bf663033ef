/*
 * migrate.c - numbered, forward-only, checksummed.
 */
#include "queue/migrate.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/embed.h"

static const char CREATE[] = "CREATE TABLE IF NOT EXISTS schema_migration ("
			     "number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
			     "checksum TEXT NOT NULL, ran_at INTEGER NOT NULL) STRICT;";

static const Stmt LIST = {
	.name = "schema_migration.list",
	.sql = "SELECT number, checksum FROM schema_migration ORDER BY number",
};
static const Stmt RAN = {
	.name = "schema_migration.ran",
	.sql = "SELECT number FROM schema_migration WHERE number = $1",
};
static const Stmt ADD = {
	.name = "schema_migration.add",
	.sql = "INSERT INTO schema_migration (number, name, checksum, ran_at)"
	       " VALUES ($1, $2, $3, $4)",
};

typedef struct Migration {
	int number;
	const char *name;
	const EmbedFile *file;
	char *checksum;
} Migration;

static void
migration_free(gpointer data)
{
	Migration *m = data;

	g_free(m->checksum);
	g_free(m);
}

static int
by_number(gconstpointer a, gconstpointer b)
{
	const Migration *const *x = a;
	const Migration *const *y = b;

	return (*x)->number - (*y)->number;
}

static GPtrArray *
migrations_all(void)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(migration_free);

	for (const EmbedFile *f = embed_schema; f->path != NULL; f++) {
		Migration *m = g_new0(Migration, 1);
		const char *slash = strrchr(f->path, '/');

		m->name = slash + 1;
		m->number = (int)g_ascii_strtoll(m->name, NULL, 10);
		m->file = f;
		m->checksum = g_compute_checksum_for_data(
		    G_CHECKSUM_SHA256, (const guchar *)f->data, f->size);
		g_ptr_array_add(all, m);
	}
	g_ptr_array_sort(all, by_number);
	return all;
}

/* Takes from `all` what the store has already, checking each. */
static bool
drop_ran(Db *db, GPtrArray *all, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Migration *m = all->len > 0 ? g_ptr_array_index(all, 0) : NULL;
		int64_t number = db_col_int(rows, 0);

		if (m == NULL || m->number != number)
			return err_set(error, TP_ERROR_CONFIG,
			    "the store has migration %d, which this program does not "
			    "know: "
			    "install the newer program",
			    (int)number);
		if (strcmp(m->checksum, db_col_text(rows, 1)) != 0)
			return err_set(error, TP_ERROR_CONFIG,
			    "migration '%s' was edited after it ran on this store",
			    m->name);
		g_ptr_array_remove_index(all, 0);
	}
	return more == 0;
}

static GPtrArray *
pending(Db *db, GError **error)
{
	g_autoptr(GPtrArray) all = migrations_all();

	/* A new store has no list yet: everything is pending. */
	if (db_prepares(db, &LIST, NULL) && !drop_ran(db, all, error))
		return NULL;
	return g_steal_pointer(&all);
}

int
migrate_pending(Db *db, GError **error)
{
	g_autoptr(GPtrArray) left = pending(db, error);

	return left != NULL ? (int)left->len : -1;
}

static bool
create_list(Db *db, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(db, DB_WRITE, &tx, error) &&
	       db_lock(&tx, DB_LOCK_MIGRATE, error) && db_script(&tx, CREATE, error) &&
	       db_commit(&tx, error);
}

/* 1: ran it.  0: somebody else did meanwhile, while we waited for the lock. */
static int
run_one(Db *db, const Migration *m, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t number;
	int ran;

	if (!db_begin(db, DB_WRITE, &tx, error) || !db_lock(&tx, DB_LOCK_MIGRATE, error))
		return -1;
	ran = db_find_int(db, &RAN, DB_ARGS(v_int(m->number)), &number, error);
	if (ran != 0)
		return ran < 0 ? -1 : 0;
	if (!db_script(&tx, m->file->data, error) ||
	    !db_exec(db, &ADD,
		DB_ARGS(v_int(m->number), v_text(m->name), v_text(m->checksum),
		    v_int(clock_now_at())),
		NULL, error) ||
	    !db_commit(&tx, error))
		return -1;
	return 1;
}

bool
migrate_run(Db *db, int *ret_ran, GError **error)
{
	g_autoptr(GPtrArray) left = NULL;
	int n = 0;

	if (!create_list(db, error) || (left = pending(db, error)) == NULL)
		return false;
	for (guint i = 0; i < left->len; i++) {
		const Migration *m = g_ptr_array_index(left, i);
		int ran = run_one(db, m, error);

		if (ran < 0) {
			g_prefix_error(error, "migration '%s': ", m->name);
			return false;
		}
		n += ran;
	}
	if (ret_ran != NULL)
		*ret_ran = n;
	return true;
}
