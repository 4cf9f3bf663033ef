/*
 * audit.c - the chain.
 *
 * hash(n) = BLAKE2b-256( hash(n-1), id, at, actor, action, subject, detail ).  The head
 * row repeats the last id and hash, so that rows cut off at the end are missed too.
 */
#include "fulfill/domain/audit.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/hash.h"

static const char *const names[] = {
#define ACTION(id, name, sentence) name,
#include "fulfill/domain/audit.def"
#undef ACTION
};

static char *actor;

static const Stmt HEAD = {
	.name = "audit_head.get",
	.sql = "SELECT last_id, hash FROM audit_head WHERE one = 1",
	.pgsql = "SELECT last_id, hash FROM audit_head WHERE one = 1 FOR UPDATE",
};
static const Stmt HEAD_READ = {
	.name = "audit_head.read",
	.sql = "SELECT last_id, hash FROM audit_head WHERE one = 1",
};
static const Stmt HEAD_PUT = {
	.name = "audit_head.put",
	.sql = "UPDATE audit_head SET last_id = $1, hash = $2 WHERE one = 1",
};
static const Stmt ADD = {
	.name = "audit.add",
	.sql = "INSERT INTO audit (id, at, actor, action, subject, detail, hash)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
static const Stmt LIST = {
	.name = "audit.list",
	.sql = "SELECT id, at, actor, action, subject, detail FROM audit"
	       " WHERE subject = $1 OR $1 = '' ORDER BY id",
};
static const Stmt LIST_NEWEST = {
	.name = "audit.list_newest",
	.sql = "SELECT id, at, actor, action, subject, detail FROM"
	       " (SELECT * FROM audit WHERE subject = $1 OR $1 = '' ORDER BY id DESC "
	       "LIMIT $2) t"
	       " ORDER BY id",
};
static const Stmt WALK = {
	.name = "audit.walk",
	.sql =
	    "SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id",
};

const char *
audit_action_name(AuditAction action)
{
	return names[action];
}

void
audit_actor_set(const char *name)
{
	g_free(actor);
	actor = g_strdup(name);
}

const char *
audit_actor(void)
{
	return actor != NULL ? actor : "unknown";
}

static void
row_hash(const uint8_t before[HASH_BYTES], const AuditRow *row, uint8_t ret[HASH_BYTES])
{
	Hash hash;

	hash_init(&hash);
	hash_add(&hash, before, HASH_BYTES);
	hash_add_int(&hash, row->id);
	hash_add_int(&hash, row->at);
	hash_add_text(&hash, row->actor);
	hash_add_text(&hash, row->action);
	hash_add_text(&hash, row->subject);
	hash_add_text(&hash, row->detail);
	hash_done(&hash, ret);
}

/* 1: ret_id and ret_hash are the end of the chain. */
static int
head(Db *db, const Stmt *stmt, int64_t *ret_id, uint8_t ret_hash[HASH_BYTES],
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_NO_ARGS, error);
	const void *bytes;
	size_t size;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more < 0)
		return -1;
	bytes = more == 1 ? db_col_blob(rows, 1, &size) : NULL;
	if (bytes == NULL || size != HASH_BYTES)
		return err_set_int(
		    error, TP_ERROR_IO, "audit: the head of the chain is missing");
	*ret_id = db_col_int(rows, 0);
	memcpy(ret_hash, bytes, HASH_BYTES);
	return 1;
}

bool
audit_add(DbTx *tx, AuditAction action, const char *subject, int64_t id,
    const char *detail, GError **error)
{
	char about[64];
	uint8_t before[HASH_BYTES];
	uint8_t hash[HASH_BYTES];
	AuditRow row = {
		.at = clock_now_at(),
		.actor = audit_actor(),
		.action = names[action],
		.subject = about,
		.detail = detail,
	};

	g_snprintf(about, sizeof(about), "%s/%" G_GINT64_FORMAT, subject, id);
	if (head(tx->db, &HEAD, &row.id, before, error) < 0)
		return false;
	row.id++;
	row_hash(before, &row, hash);
	return db_exec(tx->db, &ADD,
		   DB_ARGS(v_int(row.id), v_int(row.at), v_text(row.actor),
		       v_text(row.action), v_text(row.subject), v_text(row.detail),
		       v_blob(hash, sizeof(hash))),
		   NULL, error) &&
	       db_exec(tx->db, &HEAD_PUT,
		   DB_ARGS(v_int(row.id), v_blob(hash, sizeof(hash))), NULL, error);
}

static AuditRow
from_row(const DbRows *rows)
{
	return (AuditRow){
		.id = db_col_int(rows, 0),
		.at = db_col_int(rows, 1),
		.actor = db_col_text(rows, 2),
		.action = db_col_text(rows, 3),
		.subject = db_col_text(rows, 4),
		.detail = db_col_text(rows, 5),
	};
}

bool
audit_list(Db *db, const char *subject, int limit,
    void (*fn)(void *user, const AuditRow *row), void *user, GError **error)
{
	DbValue about = v_text(subject != NULL ? subject : "");
	g_autoptr(DbRows) rows =
	    limit > 0 ? db_query(db, &LIST_NEWEST, DB_ARGS(about, v_int(limit)), error)
		      : db_query(db, &LIST, DB_ARGS(about), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		AuditRow row = from_row(rows);

		fn(user, &row);
	}
	return more == 0;
}

int
audit_verify(Db *db, int64_t *ret_rows, int64_t *ret_bad, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(DbRows) rows = NULL;
	uint8_t expected[HASH_BYTES] = { 0 };
	uint8_t end[HASH_BYTES];
	int64_t last;
	int64_t n = 0;
	int more;

	/* One view of chain and head, while others write. */
	if (!db_begin(db, DB_READ, &tx, error) ||
	    head(db, &HEAD_READ, &last, end, error) < 0)
		return -1;
	rows = db_query(db, &WALK, DB_NO_ARGS, error);
	if (rows == NULL)
		return -1;
	while ((more = db_next(rows, error)) == 1) {
		AuditRow row = from_row(rows);
		size_t size;
		const void *stored = db_col_blob(rows, 6, &size);

		row_hash(expected, &row, expected);
		if (row.id != n + 1 || size != HASH_BYTES ||
		    memcmp(stored, expected, HASH_BYTES) != 0) {
			*ret_bad = n + 1;
			return 0;
		}
		n++;
	}
	if (more < 0)
		return -1;
	if (n != last || memcmp(end, expected, HASH_BYTES) != 0) {
		*ret_bad = n + 1;
		return 0;
	}
	*ret_rows = n;
	return 1;
}
