/*
 * stats.c - counts over tables that belong to others.
 */
#include "fulfill/domain/stats.h"

static const Stmt DELIVERIES = {
	.name = "stats.deliveries",
	.sql = "SELECT channel, state, count(*) FROM delivery GROUP BY channel, state"
	       " ORDER BY channel, state /* scan */",
};

bool
stats_deliveries(Db *db, json_t *object, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &DELIVERIES, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		json_t *channel = json_object_get(object, db_col_text(rows, 0));

		if (channel == NULL) {
			channel = json_object();
			json_object_set_new(object, db_col_text(rows, 0), channel);
		}
		json_object_set_new(
		    channel, db_col_text(rows, 1), json_integer(db_col_int(rows, 2)));
	}
	return more == 0;
}
