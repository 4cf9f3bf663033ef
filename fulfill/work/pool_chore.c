/*
 * pool_chore.c - stock is looked at.
 */
#include "fulfill/work/pool_chore.h"

#include "fulfill/domain/pool.h"
#include "fulfill/domain/pool_level.h"
#include "fulfill/work/subscription_chore.h"
#include "queue/fault.h"

/* About 50 ms of work. */
#define SLICE 100

bool
chore_stock(Work *work, bool *ret_more, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	SubscriptionPolicy policy;
	int expired;
	int n;

	*ret_more = false;
	if (!subscription_policy(work, &policy, error) ||
	    !db_begin(work->db, DB_WRITE, &tx, error) ||
	    !pool_expire_turn(&tx, &policy, SLICE, &expired, error) ||
	    !pool_level_turn(
		&tx, &work->issue, settings_text(work->settings, SET_OWNER), &n, error))
		return false;
	FAULT("stock.commit");
	*ret_more = expired == SLICE;
	return db_commit(&tx, error);
}
