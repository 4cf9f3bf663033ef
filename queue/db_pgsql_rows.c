/*
 * db_pgsql_rows.c - statements with their values, and the rows that come of them.
 */
#include "queue/db_pgsql_private.h"

#include <string.h>

#include "queue/db_pgsql_text.h"

/* Types of the server's catalogue; they never change (pg_type.dat). */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_INT8_ARRAY = 1016,
	OID_NUMERIC = 1700,
};

typedef struct Prepared {
	char name[16];
	int n_params;
	Oid types[PGSQL_MAX_PARAMS];
} Prepared;

typedef struct PgsqlRows {
	DbRows base;
	PGresult *result;
	int row;
	GPtrArray *bytes; /* decoded columns of this row */
} PgsqlRows;

/* A statement that is its own commit, or a commit: when the connection is lost now,
 * nobody knows. */
static bool
fail_write(PgsqlDb *db, const PGresult *result, const char *what, GError **error)
{
	if (pgsql_is_lost(db) && !db->base.in_tx)
		return err_set(error, TP_ERROR_UNCERTAIN,
		    "store: %s: the connection was lost before the reply", what);
	return pgsql_fail(db, result, what, error);
}

static bool
prepare_as(PgsqlDb *db, const Stmt *stmt, Prepared *p, GError **error)
{
	const char *sql = stmt->pgsql != NULL ? stmt->pgsql : stmt->sql;
	g_autoptr(PGresult) made = NULL;
	g_autoptr(PGresult) seen = NULL;

	g_snprintf(p->name, sizeof(p->name), "s%u", db->n_prepared++);
	made = PQprepare(db->conn, p->name, sql, p->n_params, p->types);
	if (!pgsql_is_ok(made))
		return pgsql_fail(db, made, stmt->name, error);
	seen = PQdescribePrepared(db->conn, p->name);
	if (!pgsql_is_ok(seen))
		return pgsql_fail(db, seen, stmt->name, error);
	p->n_params = PQnparams(seen);
	if (p->n_params > PGSQL_MAX_PARAMS)
		BUG("%s: more than %d parameters", stmt->name, PGSQL_MAX_PARAMS);
	for (int i = 0; i < p->n_params; i++)
		p->types[i] = PQparamtype(seen, i);
	return true;
}

static bool
forget(PgsqlDb *db, const Prepared *p, GError **error)
{
	char sql[32];

	g_snprintf(sql, sizeof(sql), "DEALLOCATE %s", p->name);
	return pgsql_word(&db->base, sql, error);
}

static bool
prepare_new(PgsqlDb *db, const Stmt *stmt, Prepared *p, GError **error)
{
	bool narrow = false;

	*p = (Prepared){ .n_params = 0 };
	if (!prepare_as(db, stmt, p, error))
		return false;
	for (int i = 0; i < p->n_params; i++)
		if (p->types[i] == OID_INT4 || p->types[i] == OID_INT2) {
			p->types[i] = OID_INT8;
			narrow = true;
		}
	return !narrow || (forget(db, p, error) && prepare_as(db, stmt, p, error));
}

static const Prepared *
prepare(PgsqlDb *db, const Stmt *stmt, GError **error)
{
	Prepared *p = g_hash_table_lookup(db->cache, stmt);
	Prepared made;

	if (p != NULL)
		return p;
	if (!prepare_new(db, stmt, &made, error))
		return NULL;
	p = g_memdup2(&made, sizeof(made));
	g_hash_table_insert(db->cache, (gpointer)(uintptr_t)stmt, p);
	return p;
}

static bool
takes(Oid type, enum DbType value)
{
	switch (value) {
	case DB_NULL:
		return true;
	case DB_INT:
		return type == OID_INT8 || type == OID_NUMERIC || type == OID_BOOL;
	case DB_TEXT:
		return type != OID_INT8 && type != OID_BYTEA && type != OID_INT8_ARRAY;
	case DB_BLOB:
		return type == OID_BYTEA;
	case DB_INTS:
		return type == OID_INT8_ARRAY;
	}
	return false;
}

/* False: nothing was sent.  *ret_result may be NULL when the connection is lost. */
static bool
run(PgsqlDb *db, const Stmt *stmt, const DbValue *args, size_t n, PGresult **ret_result,
    GError **error)
{
	const Prepared *p = prepare(db, stmt, error);
	const char *values[PGSQL_MAX_PARAMS];
	int lengths[PGSQL_MAX_PARAMS] = { 0 };
	int formats[PGSQL_MAX_PARAMS] = { 0 };
	char digits[PGSQL_MAX_PARAMS][24];
	g_autoptr(GPtrArray) arrays = NULL;

	if (p == NULL)
		return false;
	if ((int)n != p->n_params)
		BUG("%s: %zu values for %d parameters", stmt->name, n, p->n_params);
	for (size_t i = 0; i < n; i++) {
		const DbValue *v = &args[i];

		if (!takes(p->types[i], v->type))
			BUG("%s: $%zu is of another type", stmt->name, i + 1);
		values[i] = v->data;
		switch (v->type) {
		case DB_NULL:
			values[i] = NULL;
			break;
		case DB_INT:
			g_snprintf(
			    digits[i], sizeof(digits[i]), "%" G_GINT64_FORMAT, v->i);
			values[i] = digits[i];
			break;
		case DB_TEXT:
			break;
		case DB_BLOB:
			lengths[i] = (int)v->size;
			formats[i] = 1;
			break;
		case DB_INTS:
			if (arrays == NULL)
				arrays = g_ptr_array_new_with_free_func(g_free);
			values[i] = pgsql_array(v->data, v->size);
			g_ptr_array_add(arrays, (gpointer)(uintptr_t)values[i]);
			break;
		}
	}
	*ret_result =
	    PQexecPrepared(db->conn, p->name, p->n_params, values, lengths, formats, 0);
	return true;
}

bool
pgsql_exec(Db *base, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	g_autoptr(PGresult) result = NULL;

	if (!pgsql_ready(db, error) || !run(db, stmt, args, n, &result, error))
		return false;
	if (!pgsql_is_ok(result))
		return fail_write(db, result, stmt->name, error);
	if (ret_changed != NULL)
		*ret_changed = g_ascii_strtoll(PQcmdTuples(result), NULL, 10);
	return true;
}

DbRows *
pgsql_query(Db *base, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	g_autoptr(PGresult) result = NULL;
	PgsqlRows *rows;

	if (!pgsql_ready(db, error) || !run(db, stmt, args, n, &result, error))
		return NULL;
	if (!pgsql_is_ok(result)) {
		if (g_str_has_prefix(stmt->sql, "SELECT"))
			pgsql_fail(db, result, stmt->name, error);
		else
			fail_write(db, result, stmt->name, error);
		return NULL;
	}
	rows = g_new0(PgsqlRows, 1);
	rows->base = (DbRows){ .db = base, .stmt = stmt };
	rows->result = g_steal_pointer(&result);
	rows->row = -1;
	rows->bytes = g_ptr_array_new_with_free_func(g_free);
	return &rows->base;
}

int
pgsql_next(DbRows *base, GError **error)
{
	PgsqlRows *rows = (PgsqlRows *)base;

	(void)error;
	g_ptr_array_set_size(rows->bytes, 0);
	if (rows->row + 1 >= PQntuples(rows->result))
		return 0;
	rows->row++;
	return 1;
}

bool
pgsql_col_is_null(const DbRows *base, int column)
{
	const PgsqlRows *rows = (const PgsqlRows *)base;

	return PQgetisnull(rows->result, rows->row, column) != 0;
}

int64_t
pgsql_col_int(const DbRows *base, int column)
{
	const PgsqlRows *rows = (const PgsqlRows *)base;
	const char *text = PQgetvalue(rows->result, rows->row, column);

	if (PQftype(rows->result, column) == OID_BOOL)
		return text[0] == 't';
	return g_ascii_strtoll(text, NULL, 10);
}

const char *
pgsql_col_text(const DbRows *base, int column)
{
	const PgsqlRows *rows = (const PgsqlRows *)base;

	return pgsql_col_is_null(base, column)
		   ? NULL
		   : PQgetvalue(rows->result, rows->row, column);
}

const void *
pgsql_col_blob(const DbRows *base, int column, size_t *ret_size)
{
	const PgsqlRows *rows = (const PgsqlRows *)base;
	const char *text = PQgetvalue(rows->result, rows->row, column);
	void *bytes;

	*ret_size = 0;
	if (pgsql_col_is_null(base, column))
		return NULL;
	if (PQftype(rows->result, column) != OID_BYTEA) {
		*ret_size = strlen(text);
		return text;
	}
	bytes = pgsql_unhex(text, ret_size);
	g_ptr_array_add(rows->bytes, bytes);
	return bytes;
}

int
pgsql_col_count(const DbRows *base)
{
	return PQnfields(((const PgsqlRows *)base)->result);
}

const char *
pgsql_col_name(const DbRows *base, int column)
{
	return PQfname(((const PgsqlRows *)base)->result, column);
}

void
pgsql_rows_done(DbRows *base)
{
	PgsqlRows *rows = (PgsqlRows *)base;

	PQclear(rows->result);
	g_ptr_array_unref(rows->bytes);
	g_free(rows);
}

bool
pgsql_prepares(Db *base, const Stmt *stmt, GError **error)
{
	PgsqlDb *db = (PgsqlDb *)base;
	Prepared p;

	return pgsql_ready(db, error) && prepare_new(db, stmt, &p, error) &&
	       forget(db, &p, error);
}
