/*
 * subscription_chore.c - the due ones, a slice a transaction.
 */
#include "fulfill/work/subscription_chore.h"

#include "fulfill/domain/exchange.h"
#include "fulfill/work/chores.h"
#include "queue/fault.h"

/* About 50 ms of work. */
#define SLICE 200

bool
subscription_policy(const Work *work, SubscriptionPolicy *ret, GError **error)
{
	const char *remind = settings_text(work->settings, SET_SUB_REMIND);

	*ret = (SubscriptionPolicy){
		.issue = &work->issue,
		.lead_days = (int)settings_number(work->settings, SET_SUB_LEAD),
		.grace_days = (int)settings_number(work->settings, SET_SUB_GRACE),
	};
	if (subscription_remind_parse(remind != NULL ? remind : "", ret, error))
		return true;
	g_prefix_error(error, "[subscription] remind_days: ");
	return false;
}

bool
chore_subscriptions(Work *work, bool *ret_more, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	SubscriptionPolicy policy;
	int n;

	*ret_more = false;
	if (!subscription_policy(work, &policy, error) ||
	    !db_begin(work->db, DB_WRITE, &tx, error) ||
	    !subscription_turn(&tx, &policy, day_today(work->zone), SLICE, &n, error))
		return false;
	FAULT("subscription.commit");
	if (!db_commit(&tx, error))
		return false;
	FAULT("subscription.committed");
	*ret_more = n == SLICE;
	return true;
}

bool
chore_exchanges(Work *work, bool *ret_more, GError **error)
{
	/* Only where this round of slices has got to; the next begins at the start. */
	static int64_t after;
	g_auto(DbTx) tx = DB_TX_INIT;
	int n;

	*ret_more = false;
	if (!db_begin(work->db, DB_WRITE, &tx, error) ||
	    !exchange_turn(&tx, day_today(work->zone), after, SLICE, &n, &after, error) ||
	    !db_commit(&tx, error))
		return false;
	*ret_more = n == SLICE;
	if (!*ret_more)
		after = 0;
	return true;
}
