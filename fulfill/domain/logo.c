/*
 * logo.c - rows of picture and logo.
 */
#include "fulfill/domain/logo.h"

#include <string.h>

#include "queue/clock.h"

static const Stmt ADD = {
	.name = "picture.add",
	.sql = "INSERT INTO picture (id, width, height, channels, packed, added_at)"
	       " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
};
static const Stmt GET = {
	.name = "picture.get",
	.sql = "SELECT width, height, channels, packed FROM picture WHERE id = $1",
};
static const Stmt PUT = {
	.name = "logo.put",
	.sql = "INSERT INTO logo (brand, picture_id, changed_at) VALUES ($1, $2, $3)"
	       " ON CONFLICT (brand) DO UPDATE SET picture_id = excluded.picture_id,"
	       " changed_at = excluded.changed_at"
	       " WHERE logo.picture_id <> excluded.picture_id",
};
static const Stmt REMOVE = {
	.name = "logo.remove",
	.sql = "DELETE FROM logo WHERE brand = $1",
};
static const Stmt IS_USED = {
	.name = "party.brand_is_used",
	.sql = "SELECT count(*) FROM party WHERE brand = $1 AND removed_at IS NULL",
};
static const Stmt LIST = {
	.name = "logo.list",
	.sql = "SELECT l.brand, l.picture_id, p.width, p.height FROM logo l"
	       " JOIN picture p ON p.id = l.picture_id ORDER BY l.brand",
};

int
logo_brand_is_used(Db *db, const char *brand, GError **error)
{
	int64_t n = 0;

	return db_find_int(db, &IS_USED, DB_ARGS(v_text(brand)), &n, error) < 0 ? -1
										: n > 0;
}

int
logo_put(DbTx *tx, const char *brand, const Picture *picture, GError **error)
{
	int64_t now = clock_now_at();
	int64_t n;

	if (!db_exec(tx->db, &ADD,
		DB_ARGS(v_text(picture->id), v_int(picture->width),
		    v_int(picture->height), v_int(picture->channels),
		    v_blob(picture->packed->data, picture->packed->len), v_int(now)),
		&n, error) ||
	    !db_exec(tx->db, &PUT,
		DB_ARGS(v_text(brand), v_text(picture->id), v_int(now)), &n, error))
		return -1;
	return n > 0;
}

int
logo_remove(DbTx *tx, const char *brand, GError **error)
{
	int64_t n;

	return db_exec(tx->db, &REMOVE, DB_ARGS(v_text(brand)), &n, error) ? n > 0 : -1;
}

Picture *
logo_picture(Db *db, const char *id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_text(id)), error);
	g_autoptr(Picture) picture = NULL;
	const void *packed;
	size_t size;
	int more = rows != NULL ? db_next(rows, error) : -1;

	if (more < 0)
		return NULL;
	if (more == 0) {
		err_set(error, TP_ERROR_NOT_FOUND, "there is no picture '%s'", id);
		return NULL;
	}
	packed = db_col_blob(rows, 3, &size);
	picture = picture_unpack((int)db_col_int(rows, 0), (int)db_col_int(rows, 1),
	    (int)db_col_int(rows, 2), packed, size, error);
	if (picture != NULL && strcmp(picture->id, id) != 0) {
		err_set(error, TP_ERROR_INVALID, "picture '%s' is another now", id);
		return NULL;
	}
	return g_steal_pointer(&picture);
}

bool
logo_list(Db *db, LogoRow *fn, void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) > 0)
		fn(user, db_col_text(rows, 0), db_col_text(rows, 1),
		    (int)db_col_int(rows, 2), (int)db_col_int(rows, 3));
	return more == 0;
}
