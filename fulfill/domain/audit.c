/*
 * audit.c - the chain.
 *
 * hash(n) = BLAKE2b-256( hash(n-1), id, at, actor, action, subject, detail_hash ), where
 * detail_hash(n) = BLAKE2b-256( salt, detail ).  The head row repeats the last id and
 * hash, so that rows cut off at the end are missed too.
 */
#include "fulfill/domain/audit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "queue/clock.h"
#include "queue/hash.h"

static const char *const names[] = {
#define ACTION(id, name, sentence) name,
#include "fulfill/domain/audit.def"
#undef ACTION
};

#define SALT_BYTES 16

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
	.sql = "INSERT INTO audit (id, at, actor, action, subject, detail, salt, "
	       "detail_hash, hash)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
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
	.sql = "SELECT id, at, actor, action, subject, detail, hash, salt, detail_hash"
	       " FROM audit ORDER BY id",
};
static const Stmt BLANK = {
	.name = "audit.blank",
	.sql = "UPDATE audit SET detail = NULL, salt = NULL"
	       " WHERE id = $1 AND detail IS NOT NULL",
};
static const Stmt NAMING = {
	.name = "audit.naming",
	.sql = "SELECT id FROM audit WHERE detail IS NOT NULL AND detail LIKE $1 ESCAPE "
	       "'!' ORDER BY id /* scan: an erasure looks at every detail */",
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
hash_detail(const void *salt, size_t size, const char *detail, uint8_t ret[HASH_BYTES])
{
	Hash hash;

	hash_init(&hash);
	hash_add(&hash, salt, size);
	hash_add_text(&hash, detail);
	hash_done(&hash, ret);
}

/* `detail_hash` NULL: the row has no detail. */
static void
row_hash(const uint8_t before[HASH_BYTES], const AuditRow *row,
    const uint8_t *detail_hash, uint8_t ret[HASH_BYTES])
{
	Hash hash;

	hash_init(&hash);
	hash_add(&hash, before, HASH_BYTES);
	hash_add_int(&hash, row->id);
	hash_add_int(&hash, row->at);
	hash_add_text(&hash, row->actor);
	hash_add_text(&hash, row->action);
	hash_add_text(&hash, row->subject);
	hash_add_int(&hash, detail_hash != NULL);
	if (detail_hash != NULL)
		hash_add(&hash, detail_hash, HASH_BYTES);
	hash_done(&hash, ret);
}

/* The text with every word that holds an '@' replaced. */
static char *
without_addresses(const char *text)
{
	g_auto(GStrv) words = NULL;

	if (text == NULL || strchr(text, '@') == NULL)
		return g_strdup(text);
	words = g_strsplit(text, " ", -1);
	for (char **w = words; *w != NULL; w++)
		if (strchr(*w, '@') != NULL) {
			g_free(*w);
			*w = g_strdup("<address>");
		}
	return g_strjoinv(" ", words);
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
	uint8_t salt[SALT_BYTES];
	uint8_t detail_hash[HASH_BYTES];
	uint8_t hash[HASH_BYTES];
	g_autofree char *clean = without_addresses(detail);
	AuditRow row = {
		.at = clock_now_at(),
		.actor = audit_actor(),
		.action = names[action],
		.subject = about,
		.detail = clean,
	};

	g_snprintf(about, sizeof(about), "%s/%" G_GINT64_FORMAT, subject, id);
	if (clean != NULL && getentropy(salt, sizeof(salt)) < 0)
		BUG("no random bytes: %s", g_strerror(errno));
	if (clean != NULL)
		hash_detail(salt, sizeof(salt), clean, detail_hash);
	if (head(tx->db, &HEAD, &row.id, before, error) < 0)
		return false;
	row.id++;
	row_hash(before, &row, clean != NULL ? detail_hash : NULL, hash);
	return db_exec(tx->db, &ADD,
		   DB_ARGS(v_int(row.id), v_int(row.at), v_text(row.actor),
		       v_text(row.action), v_text(row.subject), v_text(row.detail),
		       clean != NULL ? v_blob(salt, sizeof(salt)) : v_null(),
		       clean != NULL ? v_blob(detail_hash, sizeof(detail_hash))
				     : v_null(),
		       v_blob(hash, sizeof(hash))),
		   NULL, error) &&
	       db_exec(tx->db, &HEAD_PUT,
		   DB_ARGS(v_int(row.id), v_blob(hash, sizeof(hash))), NULL, error);
}

bool
audit_blank(DbTx *tx, int64_t id, GError **error)
{
	int64_t changed;

	return db_exec(tx->db, &BLANK, DB_ARGS(v_int(id)), &changed, error) &&
	       (changed == 0 || audit_add(tx, AUDIT_BLANKED, "audit", id, NULL, error));
}

/* LIKE's own signs as themselves. */
static char *
like_pattern(const char *text)
{
	GString *pattern = g_string_new("%");

	for (const char *c = text; *c != '\0'; c++) {
		if (strchr("%_!", *c) != NULL)
			g_string_append_c(pattern, '!');
		g_string_append_c(pattern, *c);
	}
	g_string_append_c(pattern, '%');
	return g_string_free(pattern, FALSE);
}

bool
audit_blank_text(DbTx *tx, const char *text, int64_t *ret_n, GError **error)
{
	g_autofree char *pattern = like_pattern(text);
	g_autoptr(GArray) ids =
	    db_list_ints(tx->db, &NAMING, DB_ARGS(v_text(pattern)), error);

	if (ids == NULL)
		return false;
	for (guint i = 0; i < ids->len; i++)
		if (!audit_blank(tx, g_array_index(ids, int64_t, i), error))
			return false;
	*ret_n = ids->len;
	return true;
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

/* One row against its hashes.  Details that are gone are noted in `blanked`, rows that
 * announce it in `announced`. */
static bool
row_is_sound(const DbRows *rows, const AuditRow *row, uint8_t expected[HASH_BYTES],
    GHashTable *blanked, GHashTable *announced)
{
	size_t size;
	size_t salt_size;
	size_t detail_size;
	const void *stored;
	const void *salt = db_col_blob(rows, 7, &salt_size);
	const void *detail_hash = db_col_blob(rows, 8, &detail_size);
	uint8_t made[HASH_BYTES];

	if (detail_hash != NULL && detail_size != HASH_BYTES)
		return false;
	if (row->detail != NULL) {
		if (detail_hash == NULL)
			return false;
		hash_detail(salt, salt_size, row->detail, made);
		if (memcmp(made, detail_hash, HASH_BYTES) != 0)
			return false;
	} else if (detail_hash != NULL) {
		g_hash_table_add(blanked, g_memdup2(&row->id, sizeof(row->id)));
	}
	if (strcmp(row->action, names[AUDIT_BLANKED]) == 0 &&
	    g_str_has_prefix(row->subject, "audit/")) {
		int64_t id = g_ascii_strtoll(row->subject + strlen("audit/"), NULL, 10);

		g_hash_table_add(announced, g_memdup2(&id, sizeof(id)));
	}
	row_hash(expected, row, detail_hash, expected);
	stored = db_col_blob(rows, 6, &size);
	return size == HASH_BYTES && memcmp(stored, expected, HASH_BYTES) == 0;
}

/* 0: every detail that is gone was taken away by audit_blank(); else the first that was
 * not. */
static int64_t
first_unannounced(GHashTable *blanked, GHashTable *announced)
{
	GHashTableIter iter;
	gpointer key;
	int64_t first = 0;

	g_hash_table_iter_init(&iter, blanked);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		int64_t id = *(const int64_t *)key;

		if (!g_hash_table_contains(announced, key) && (first == 0 || id < first))
			first = id;
	}
	return first;
}

int
audit_verify(Db *db, int64_t *ret_rows, int64_t *ret_bad, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GHashTable) blanked =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable) announced =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
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

		if (row.id != n + 1 ||
		    !row_is_sound(rows, &row, expected, blanked, announced)) {
			*ret_bad = n + 1;
			return 0;
		}
		n++;
	}
	if (more < 0)
		return -1;
	*ret_bad = n + 1;
	if (n != last || memcmp(end, expected, HASH_BYTES) != 0)
		return 0;
	*ret_bad = first_unannounced(blanked, announced);
	if (*ret_bad != 0)
		return 0;
	*ret_rows = n;
	return 1;
}
