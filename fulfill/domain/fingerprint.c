/*
 * fingerprint.c - a hash over sorted JSON.
 */
#include "fulfill/domain/fingerprint.h"

#include <stdlib.h>
#include <string.h>

void
fingerprint_of(const json_t *record, uint8_t ret[HASH_BYTES])
{
	char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);

	hash_bytes(text, strlen(text), ret);
	free(text);
}

int
fingerprint_is(Db *db, const Stmt *stmt, DbValue key, DbValue second,
    const uint8_t print[HASH_BYTES], GError **error)
{
	g_autoptr(DbRows) rows = second.type == DB_NULL
				     ? db_query(db, stmt, DB_ARGS(key), error)
				     : db_query(db, stmt, DB_ARGS(key, second), error);
	const void *stored;
	size_t size;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	stored = db_col_blob(rows, 0, &size);
	return size == HASH_BYTES && memcmp(stored, print, HASH_BYTES) == 0;
}
