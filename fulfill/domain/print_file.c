/*
 * print_file.c - rows of print_file.
 */
#include "fulfill/domain/print_file.h"

#include <string.h>

#include "queue/clock.h"

#define FILE_COLS                                                                        \
	"id, batch_id, part, kind, name, sha256, pages, state, job, says FROM "          \
	"print_file"

static const Stmt LIST = {
	.name = "print_file.list",
	.sql = "SELECT " FILE_COLS " WHERE batch_id = $1 ORDER BY part, id",
};
static const Stmt IN_STATE = {
	.name = "print_file.in_state",
	.sql = "SELECT " FILE_COLS " WHERE state = $1"
	       " AND state IN ('sending', 'sent', 'stale') ORDER BY id LIMIT $2",
};
static const Stmt FIND = {
	.name = "print_file.find",
	.sql = "SELECT " FILE_COLS " WHERE batch_id = $1 AND part = $2 AND kind = $3",
};
static const Stmt PUT = {
	.name = "print_file.put",
	.sql = "INSERT INTO print_file (batch_id, part, kind, name, sha256, pages, state,"
	       " changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'written', $7)"
	       " ON CONFLICT (batch_id, part, kind) DO UPDATE SET name = excluded.name,"
	       " sha256 = excluded.sha256, pages = excluded.pages, state = CASE WHEN"
	       " print_file.state = 'stale' THEN 'written' ELSE print_file.state END,"
	       " changed_at = excluded.changed_at",
};
static const Stmt MOVE = {
	.name = "print_file.move",
	.sql = "UPDATE print_file SET state = $3, job = coalesce($4, job),"
	       " says = coalesce($5, says), changed_at = $6"
	       " WHERE id = $1 AND $2 LIKE '%,' || state || ',%'",
};
static const Stmt NOTE = {
	.name = "print_file.note",
	.sql = "UPDATE print_file SET says = $2, changed_at = $3 WHERE id = $1",
};
static const Stmt COUNT = {
	.name = "print_file.count",
	.sql = "SELECT count(*) FROM print_file WHERE batch_id = $1 AND kind = 'cards'"
	       " AND $2 LIKE '%,' || state || ',%'",
};
static const Stmt MOVE_ALL = {
	.name = "print_file.move_all",
	.sql = "UPDATE print_file SET state = $3, changed_at = $4 WHERE batch_id = $1"
	       " AND kind = 'cards' AND $2 LIKE '%,' || state || ',%'",
};

void
print_file_free(PrintFile *file)
{
	if (file == NULL)
		return;
	g_free(file->kind);
	g_free(file->name);
	g_free(file->sha256);
	g_free(file->state);
	g_free(file->job);
	g_free(file->says);
	g_free(file);
}

static PrintFile *
from_row(const DbRows *rows)
{
	PrintFile *file = g_new0(PrintFile, 1);

	file->id = db_col_int(rows, 0);
	file->batch_id = db_col_int(rows, 1);
	file->part = (int)db_col_int(rows, 2);
	file->kind = g_strdup(db_col_text(rows, 3));
	file->name = g_strdup(db_col_text(rows, 4));
	file->sha256 = g_strdup(db_col_text(rows, 5));
	file->pages = (int)db_col_int(rows, 6);
	file->state = g_strdup(db_col_text(rows, 7));
	file->job = g_strdup(db_col_text(rows, 8));
	file->says = g_strdup(db_col_text(rows, 9));
	return file;
}

static GPtrArray *
collect(DbRows *rows, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)print_file_free);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
print_file_list(Db *db, int64_t batch_id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_ARGS(v_int(batch_id)), error);

	return collect(rows, error);
}

GPtrArray *
print_file_in_state(Db *db, const char *state, int max, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &IN_STATE, DB_ARGS(v_text(state), v_int(max)), error);

	return collect(rows, error);
}

int
print_file_find(
    Db *db, int64_t batch_id, int part, const char *kind, PrintFile **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(
	    db, &FIND, DB_ARGS(v_int(batch_id), v_int(part), v_text(kind)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = from_row(rows);
	return more;
}

bool
print_file_put(DbTx *tx, const PrintFile *file, GError **error)
{
	return db_exec(tx->db, &PUT,
	    DB_ARGS(v_int(file->batch_id), v_int(file->part), v_text(file->kind),
		v_text(file->name), v_text(file->sha256), v_int(file->pages),
		v_int(clock_now_at())),
	    NULL, error);
}

bool
print_file_move(DbTx *tx, int64_t id, const char *from, const char *to, const char *job,
    const char *says, GError **error)
{
	int64_t changed;

	if (!db_exec(tx->db, &MOVE,
		DB_ARGS(v_int(id), v_text(from), v_text(to), v_text(job), v_text(says),
		    v_int(clock_now_at())),
		&changed, error))
		return false;
	return changed == 1 || err_set(error, TP_ERROR_CONFLICT,
				   "print file %" G_GINT64_FORMAT " is not %.*s any more",
				   id, (int)strcspn(from + 1, ","), from + 1);
}

bool
print_file_note(DbTx *tx, int64_t id, const char *says, GError **error)
{
	return db_exec(tx->db, &NOTE,
	    DB_ARGS(v_int(id), v_text(says), v_int(clock_now_at())), NULL, error);
}

bool
print_file_count(
    Db *db, int64_t batch_id, const char *states, int64_t *ret_n, GError **error)
{
	return db_find_int(db, &COUNT, DB_ARGS(v_int(batch_id), v_text(states)), ret_n,
		   error) == 1;
}

bool
print_file_move_all(
    DbTx *tx, int64_t batch_id, const char *from, const char *to, GError **error)
{
	return db_exec(tx->db, &MOVE_ALL,
	    DB_ARGS(v_int(batch_id), v_text(from), v_text(to), v_int(clock_now_at())),
	    NULL, error);
}
