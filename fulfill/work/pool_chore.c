/*
 * pool_chore.c - stock is looked at.
 */
#include "fulfill/work/pool_chore.h"

#include "fulfill/domain/pool_level.h"
#include "queue/fault.h"

bool
chore_stock(Work *work, bool *ret_more, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int n;

	*ret_more = false;
	if (!db_begin(work->db, DB_WRITE, &tx, error) ||
	    !pool_level_turn(
		&tx, &work->issue, settings_text(work->settings, SET_OWNER), &n, error))
		return false;
	FAULT("stock.commit");
	return db_commit(&tx, error);
}
