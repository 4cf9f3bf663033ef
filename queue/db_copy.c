/*
 * db_copy.c - table by table, as the schema of the copy names them.
 *
 * The one place where SQL is put together: from the names of our own tables and columns,
 * which the schema of the copy tells, and from nothing else.
 */
#include "queue/db_copy.h"

#include <string.h>

#include "queue/migrate.h"

/* SQLite only, and always asked of the copy. */
static const Stmt TABLES = {
	.name = "copy.tables",
	.sql =
	    "SELECT name FROM sqlite_schema WHERE type = 'table'"
	    " AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migration' ORDER BY name",
};
static const Stmt COLUMNS = {
	.name = "copy.columns",
	.sql = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
};

/* The rows come from a store that keeps its references, in an order that does not: each
 * check would be a scan of all that may refer to a row. */
static const Stmt LOOSE = { .name = "copy.loose", .sql = "PRAGMA foreign_keys = OFF" };
static const Stmt STRICT = { .name = "copy.strict", .sql = "PRAGMA foreign_keys = ON" };

/* Connections prepare a statement by its address and keep it: so it lives as long as the
 * program.  There are two for each table and copy. */
static const Stmt *
made(const char *name, char *sql)
{
	static GPtrArray *all;
	Stmt *stmt = g_new0(Stmt, 1);

	if (all == NULL)
		all = g_ptr_array_new();
	stmt->name = name;
	stmt->sql = sql;
	g_ptr_array_add(all, stmt);
	return stmt;
}

typedef struct Table {
	const Stmt *read;
	const Stmt *write;
	GArray *types; /* enum DbType of each column */
} Table;

static void
table_done(Table *table)
{
	if (table->types != NULL)
		g_array_unref(table->types);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Table, table_done)

static bool
describe(Db *to, const char *name, Table *ret, GError **error)
{
	g_autoptr(GString) columns = g_string_new("");
	g_autoptr(GString) values = g_string_new("");
	g_autoptr(DbRows) rows = db_query(to, &COLUMNS, DB_ARGS(v_text(name)), error);
	int more;

	if (rows == NULL)
		return false;
	ret->types = g_array_new(FALSE, FALSE, sizeof(enum DbType));
	while ((more = db_next(rows, error)) == 1) {
		const char *word = db_col_text(rows, 1);
		enum DbType type = strcmp(word, "INTEGER") == 0 ? DB_INT
				   : strcmp(word, "BLOB") == 0  ? DB_BLOB
								: DB_TEXT;

		g_array_append_val(ret->types, type);
		g_string_append_printf(columns, "%s\"%s\"", columns->len > 0 ? ", " : "",
		    db_col_text(rows, 0));
		g_string_append_printf(
		    values, "%s$%u", values->len > 0 ? ", " : "", ret->types->len);
	}
	ret->read = made(
	    "copy.read", g_strdup_printf("SELECT %s FROM \"%s\"", columns->str, name));
	ret->write =
	    made("copy.write", g_strdup_printf("INSERT INTO \"%s\" (%s) VALUES (%s)",
				   name, columns->str, values->str));
	return more == 0;
}

static DbValue
value_of(const DbRows *rows, int column, enum DbType type)
{
	const void *bytes;
	size_t size;

	if (db_col_is_null(rows, column))
		return v_null();
	switch (type) {
	case DB_INT:
		return v_int(db_col_int(rows, column));
	case DB_BLOB:
		bytes = db_col_blob(rows, column, &size);
		return v_blob(bytes, size);
	default:
		return v_text(db_col_text(rows, column));
	}
}

static bool
copy_rows(Db *from, Db *to, const Table *table, GError **error)
{
	g_autoptr(DbRows) rows = db_query(from, table->read, DB_NO_ARGS, error);
	g_autofree DbValue *values = g_new(DbValue, table->types->len);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		for (guint i = 0; i < table->types->len; i++)
			values[i] = value_of(
			    rows, (int)i, g_array_index(table->types, enum DbType, i));
		if (!db_exec(to, table->write, values, table->types->len, NULL, error))
			return false;
	}
	return more == 0;
}

static bool
copy_table(Db *from, DbTx *to, const char *name, bool rows, GError **error)
{
	g_auto(Table) table = { 0 };
	g_autofree char *empty = g_strdup_printf("DELETE FROM \"%s\"", name);

	/* What the migrations put there themselves would be there twice. */
	return describe(to->db, name, &table, error) && db_script(to, empty, error) &&
	       (!rows || copy_rows(from, to->db, &table, error));
}

static GPtrArray *
list_tables(Db *to, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(DbRows) rows = db_query(to, &TABLES, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(names, g_strdup(db_col_text(rows, 0)));
	return more == 0 ? g_steal_pointer(&names) : NULL;
}

static bool
copy_all(Db *from, Db *to, const char *const *without, GError **error)
{
	g_auto(DbTx) read = DB_TX_INIT;
	g_auto(DbTx) write = DB_TX_INIT;
	g_autoptr(GPtrArray) names = NULL;

	if (!db_begin(from, DB_READ, &read, error) ||
	    !db_begin(to, DB_WRITE, &write, error) ||
	    (names = list_tables(to, error)) == NULL)
		return false;
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		bool wanted = without == NULL || !g_strv_contains(without, name);

		if (!copy_table(from, &write, name, wanted, error)) {
			g_prefix_error(error, "copy of '%s': ", name);
			return false;
		}
	}
	db_rollback(&read);
	return db_commit(&write, error);
}

Db *
db_copy_to_memory(Db *from, const char *const *without, GError **error)
{
	g_autoptr(Db) to = NULL;
	int pending = migrate_pending(from, error);

	if (pending < 0)
		return NULL;
	if (pending > 0) {
		err_set(
		    error, TP_ERROR_CONFIG, "the store is not of this program's schema");
		return NULL;
	}
	to = db_open("sqlite::memory:", true, error);
	if (to == NULL || !migrate_run(to, NULL, error) ||
	    !db_exec(to, &LOOSE, DB_NO_ARGS, NULL, error) ||
	    !copy_all(from, to, without, error) ||
	    !db_exec(to, &STRICT, DB_NO_ARGS, NULL, error))
		return NULL;
	return g_steal_pointer(&to);
}
