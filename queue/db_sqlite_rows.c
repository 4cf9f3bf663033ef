/*
 * db_sqlite_rows.c - statements of SQLite: prepared once, bound, stepped, read.
 *
 * Parameters are written $1, $2...; SQLite takes these for names and numbers them by
 * first appearance, so each statement keeps a map from our number to SQLite's.
 */
#include "queue/db_sqlite_private.h"

#define MAX_PARAMS 40

typedef struct Prepared {
	DbRows rows; /* what db_query() hands out: one use at a time */
	sqlite3_stmt *stmt;
	bool in_use;
	bool extra; /* a second copy of a statement in use: not in the cache */
	int n_params;
	int slot[MAX_PARAMS]; /* SQLite's index of $i+1 */
} Prepared;

void
sqlite_prepared_free(gpointer data)
{
	Prepared *p = data;

	sqlite3_finalize(p->stmt);
	g_free(p);
}

static Prepared *
prepare_new(SqliteDb *db, const Stmt *stmt, GError **error)
{
	const char *tail = NULL;
	Prepared *p = g_new0(Prepared, 1);
	int rc = sqlite3_prepare_v3(
	    db->handle, stmt->sql, -1, SQLITE_PREPARE_PERSISTENT, &p->stmt, &tail);

	if (rc != SQLITE_OK) {
		sqlite_fail(db, rc, stmt->name, error);
		sqlite_prepared_free(p);
		return NULL;
	}
	if (tail != NULL && *tail != '\0')
		BUG("%s: text after the statement: %s", stmt->name, tail);
	p->n_params = sqlite3_bind_parameter_count(p->stmt);
	if (p->n_params > MAX_PARAMS)
		BUG("%s: more than %d parameters", stmt->name, MAX_PARAMS);
	for (int i = 0; i < p->n_params; i++) {
		char name[8];

		g_snprintf(name, sizeof(name), "$%d", i + 1);
		p->slot[i] = sqlite3_bind_parameter_index(p->stmt, name);
		if (p->slot[i] == 0)
			BUG("%s: parameters are not $1..$%d", stmt->name, p->n_params);
	}
	p->rows.db = &db->base;
	p->rows.stmt = stmt;
	return p;
}

static Prepared *
prepare(SqliteDb *db, const Stmt *stmt, GError **error)
{
	Prepared *p = g_hash_table_lookup(db->cache, stmt);

	if (p == NULL) {
		p = prepare_new(db, stmt, error);
		if (p == NULL)
			return NULL;
		g_hash_table_insert(db->cache, (gpointer)(uintptr_t)stmt, p);
	} else if (p->in_use) {
		p = prepare_new(db, stmt, error);
		if (p == NULL)
			return NULL;
		p->extra = true;
	}
	p->in_use = true;
	return p;
}

void
sqlite_rows_done(DbRows *rows)
{
	Prepared *p = (Prepared *)rows;

	sqlite3_reset(p->stmt);
	sqlite3_clear_bindings(p->stmt);
	p->in_use = false;
	if (p->extra)
		sqlite_prepared_free(p);
}

static void
bind(Prepared *p, const DbValue *args, size_t n)
{
	if ((int)n != p->n_params)
		BUG("%s: %zu values for %d parameters", p->rows.stmt->name, n,
		    p->n_params);
	for (size_t i = 0; i < n; i++) {
		const DbValue *v = &args[i];
		int slot = p->slot[i];
		int rc = SQLITE_OK;

		switch (v->type) {
		case DB_NULL:
			rc = sqlite3_bind_null(p->stmt, slot);
			break;
		case DB_INT:
			rc = sqlite3_bind_int64(p->stmt, slot, v->i);
			break;
		case DB_TEXT:
			rc = sqlite3_bind_text64(
			    p->stmt, slot, v->data, v->size, SQLITE_STATIC, SQLITE_UTF8);
			break;
		case DB_BLOB:
			rc = sqlite3_bind_blob64(
			    p->stmt, slot, v->data, v->size, SQLITE_STATIC);
			break;
		case DB_INTS:
			BUG("%s: $%zu: SQLite knows no arrays", p->rows.stmt->name,
			    i + 1);
		}
		if (rc != SQLITE_OK)
			BUG("%s: $%zu: %s", p->rows.stmt->name, i + 1,
			    sqlite3_errstr(rc));
	}
}

DbRows *
sqlite_query(Db *base, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	Prepared *p = prepare((SqliteDb *)base, stmt, error);

	if (p == NULL)
		return NULL;
	bind(p, args, n);
	return &p->rows;
}

int
sqlite_next(DbRows *rows, GError **error)
{
	Prepared *p = (Prepared *)rows;
	int rc = sqlite3_step(p->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	sqlite_fail((SqliteDb *)rows->db, rc, rows->stmt->name, error);
	return -1;
}

bool
sqlite_exec(Db *base, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error)
{
	SqliteDb *db = (SqliteDb *)base;
	Prepared *p = prepare(db, stmt, error);
	int rc;

	if (p == NULL)
		return false;
	bind(p, args, n);
	rc = sqlite3_step(p->stmt);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		sqlite_fail(db, rc, stmt->name, error);
	else if (ret_changed != NULL)
		*ret_changed = sqlite3_changes64(db->handle);
	sqlite_rows_done(&p->rows);
	return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

int64_t
sqlite_col_int(const DbRows *rows, int column)
{
	return sqlite3_column_int64(((const Prepared *)rows)->stmt, column);
}

const char *
sqlite_col_text(const DbRows *rows, int column)
{
	return (const char *)sqlite3_column_text(((const Prepared *)rows)->stmt, column);
}

const void *
sqlite_col_blob(const DbRows *rows, int column, size_t *ret_size)
{
	sqlite3_stmt *stmt = ((const Prepared *)rows)->stmt;
	const void *data = sqlite3_column_blob(stmt, column);

	*ret_size = (size_t)sqlite3_column_bytes(stmt, column);
	return data;
}

bool
sqlite_col_is_null(const DbRows *rows, int column)
{
	return sqlite3_column_type(((const Prepared *)rows)->stmt, column) == SQLITE_NULL;
}

int
sqlite_col_count(const DbRows *rows)
{
	return sqlite3_column_count(((const Prepared *)rows)->stmt);
}

const char *
sqlite_col_name(const DbRows *rows, int column)
{
	return sqlite3_column_name(((const Prepared *)rows)->stmt, column);
}

bool
sqlite_prepares(Db *base, const Stmt *stmt, GError **error)
{
	Prepared *p = prepare_new((SqliteDb *)base, stmt, error);

	if (p == NULL)
		return false;
	sqlite_prepared_free(p);
	return true;
}
