/*
 * rights_hold.c - after rights were taken: which promises were made under them?
 */
#include "fulfill/domain/rights_hold.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/issue.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/print_piece.h"
#include "fulfill/domain/rights_use.h"
#include "queue/job_admin.h"

/* Orders to be issued, and issued ones whose mail has not left. */
static const Stmt PENDING = {
	.name = "orders.pending_work",
	.sql =
	    "SELECT o.id, o.party_id, o.user_id, o.deliver_by, l.product_id, l.quantity"
	    " FROM orders o JOIN order_line l ON l.order_id = o.id"
	    " WHERE l.state <> 'cancelled' AND (o.state = 'accepted' OR (o.state = "
	    "'issued' AND (EXISTS (SELECT 1 FROM mail_out m JOIN job j ON j.kind = 'mail'"
	    " AND j.ref = m.id WHERE m.order_id = o.id AND j.state IN ('ready', 'doubt')"
	    " AND j.hold IS NULL) OR EXISTS (SELECT 1 FROM licence x JOIN ticket t"
	    " ON t.licence_id = x.id JOIN print_piece p ON p.ticket_id = t.id"
	    " WHERE x.order_line_id = l.id AND p.state = 'batched'))))"
	    " ORDER BY o.id, l.id /* scan: all that is open */",
};
static const Stmt MAILS = {
	.name = "mail_out.waiting_of_order",
	.sql =
	    "SELECT m.id FROM mail_out m JOIN job j ON j.kind = 'mail' AND j.ref = m.id"
	    " WHERE m.order_id = $1 AND j.state IN ('ready', 'doubt')"
	    " AND j.hold IS NULL ORDER BY m.id",
};
static const Stmt PIECES = {
	.name = "print_piece.waiting_of_order",
	.sql = "SELECT p.id FROM order_line l JOIN licence x ON x.order_line_id = l.id"
	       " JOIN ticket t ON t.licence_id = x.id"
	       " JOIN print_piece p ON p.ticket_id = t.id"
	       " WHERE l.order_id = $1 AND p.state = 'batched' ORDER BY p.id",
};

typedef struct Pending {
	int64_t order_id;
	int64_t party_id;
	int64_t user_id;
	int64_t product_id;
	RightChannel channel;
} Pending;

static GArray *
list_pending(Db *db, GError **error)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Pending));
	g_autoptr(DbRows) rows = db_query(db, &PENDING, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		const char *by = db_col_text(rows, 3);
		Pending one = { .order_id = db_col_int(rows, 0),
			.party_id = db_col_int(rows, 1),
			.user_id = db_col_int(rows, 2),
			.product_id = db_col_int(rows, 4),
			.channel = strcmp(by, "email") == 0  ? RIGHT_EMAIL
				   : strcmp(by, "post") == 0 ? RIGHT_POST
							     : RIGHT_PORTAL };

		g_array_append_val(list, one);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

/* 1: still permitted.  0: *ret_why says why not. */
static int
still_may(Db *db, const Pending *one, char **ret_why, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	g_autofree char *who = NULL;
	g_autoptr(Rights) rights =
	    order_rights_of(db, one->party_id, one->user_id, &who, &wrong);
	g_autoptr(Product) product = NULL;
	g_autoptr(GPtrArray) faults = use_faults_new();
	RightsUse use = { .action = RIGHT_CREATE, .channel = one->channel };

	if (rights == NULL && (g_error_matches(wrong, TP_ERROR, TP_ERROR_DENIED) ||
				  g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND))) {
		*ret_why = g_strdup(wrong->message);
		return 0;
	}
	if (rights == NULL) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	product = product_get(db, one->product_id, error);
	if (product == NULL)
		return -1;
	use.who = who;
	use.product = product;
	if (rights_use(rights, &use, faults, NULL, NULL))
		return 1;
	*ret_why = g_strdup(((UseFault *)g_ptr_array_index(faults, 0))->text);
	return 0;
}

static bool
hold_order(DbTx *tx, int64_t order_id, const char *why, GError **error)
{
	g_autofree char *reason = g_strconcat("right taken: ", why, NULL);
	g_autoptr(GArray) mails =
	    db_list_ints(tx->db, &MAILS, DB_ARGS(v_int(order_id)), error);
	g_autoptr(GArray) pieces =
	    mails != NULL ? db_list_ints(tx->db, &PIECES, DB_ARGS(v_int(order_id)), error)
			  : NULL;

	if (pieces == NULL || !job_hold_ref(tx, JOB_KIND_ISSUE, order_id, reason, error))
		return false;
	for (guint i = 0; i < mails->len; i++) {
		int64_t id = g_array_index(mails, int64_t, i);

		if (!job_hold_ref(tx, JOB_KIND_MAIL, id, reason, error) ||
		    !delivery_move(
			tx, DELIVERY_OF_MAIL, id, DELIVERY_HOLD, reason, NULL, error))
			return false;
	}
	for (guint i = 0; i < pieces->len; i++)
		if (!print_piece_pull(
			tx, g_array_index(pieces, int64_t, i), reason, error))
			return false;
	return audit_add(tx, AUDIT_HELD, "order", order_id, NULL, error);
}

bool
rights_hold_jobs(DbTx *tx, GError **error)
{
	g_autoptr(GArray) pending = list_pending(tx->db, error);
	int64_t held = 0;

	if (pending == NULL)
		return false;
	for (guint i = 0; i < pending->len; i++) {
		const Pending *one = &g_array_index(pending, Pending, i);
		g_autofree char *why = NULL;
		int may;

		if (one->order_id == held)
			continue;
		may = still_may(tx->db, one, &why, error);
		if (may < 0)
			return false;
		if (may == 1)
			continue;
		if (!hold_order(tx, one->order_id, why, error))
			return false;
		held = one->order_id;
	}
	return true;
}
