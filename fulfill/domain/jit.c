/*
 * jit.c - issue in the transaction of the order.
 */
#include "fulfill/domain/jit.h"

#include "queue/fault.h"

static const Stmt WANTED = {
	.name = "orders.just_in_time",
	.sql = "SELECT (SELECT sum(l.quantity) FROM order_line l WHERE l.order_id = o.id)"
	       " FROM orders o JOIN party p ON p.id = o.party_id"
	       " WHERE o.id = $1 AND ($2 = 1 OR p.mode = 'jit')",
};

int
jit_issue(DbTx *tx, const IssueContext *context, int64_t order_id, bool always,
    int *ret_tickets, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int64_t tickets;
	int found = db_find_int(
	    tx->db, &WANTED, DB_ARGS(v_int(order_id), v_int(always)), &tickets, error);

	*ret_tickets = 0;
	if (found <= 0)
		return found;
	if (tickets > JIT_TICKETS)
		return 0;
	if (!db_savepoint(tx, error))
		return -1;
	FAULT("jit.issue");
	if (issue_order(tx, context, order_id, ret_tickets, &wrong))
		return db_savepoint_release(tx, error) ? 1 : -1;
	if (!db_savepoint_undo(tx, error))
		return -1;
	*ret_tickets = 0;
	return 0;
}
