/*
 * order.c - orders and their lines.
 */
#include "fulfill/domain/order.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/issue.h"
#include "fulfill/domain/jit.h"
#include "fulfill/domain/order_change.h"
#include "fulfill/domain/order_check.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/order_store.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/ticket.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "queue/fault.h"
#include "queue/job_admin.h"
#include "queue/limits.h"

static const char *const status_names[] = { "accepted", "duplicate", "rejected", "held" };

static const Stmt BY_NUMBER = {
	.name = "orders.by_number",
	.sql = "SELECT id, content_hash FROM orders WHERE source = $1 AND number = $2",
};
static const Stmt ADD = {
	.name = "orders.add",
	.sql = "INSERT INTO orders (source, number, party_id, customer_id, ordered_day, "
	       "reference,"
	       " deliver_by, deliver_to, deliver_email, state, content_hash, received_at,"
	       " user_id)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'accepted', $10, $11, $12) "
	       "RETURNING id",
};
static const Stmt RESOLVE = {
	.name = "orders.resolve",
	.sql = "SELECT id FROM orders WHERE number = $1 AND ($2 = '' OR source = $2) "
	       "LIMIT 2",
};
static const Stmt LIST = {
	.name = "orders.list",
	.sql =
	    "SELECT o.id, o.source, o.number, p.code, coalesce(c.company, c.name, "
	    "c.email),"
	    " o.ordered_day, o.deliver_by, o.deliver_to, o.state, o.received_at,"
	    " (SELECT count(*) FROM order_line l WHERE l.order_id = o.id),"
	    " (SELECT count(*) FROM order_line l JOIN licence x ON x.order_line_id = l.id"
	    "  WHERE l.order_id = o.id)"
	    " FROM orders o JOIN party p ON p.id = o.party_id"
	    " LEFT JOIN party c ON c.id = o.customer_id"
	    " WHERE ($1 = '' OR o.state = $1) AND ($2 = '' OR o.source = $2)"
	    " AND ($3 = 0 OR o.id = $3) ORDER BY o.id LIMIT $4 /* scan: a person looks "
	    "*/",
};
static const Stmt LINES = {
	.name = "order_line.list",
	.sql = "SELECT l.id, l.line, p.sku, l.quantity, l.options, l.state,"
	       " (SELECT count(*) FROM licence x WHERE x.order_line_id = l.id)"
	       " FROM order_line l JOIN product p ON p.id = l.product_id"
	       " WHERE l.order_id = $1 ORDER BY l.id",
};
static const Stmt COUNT = {
	.name = "orders.count",
	.sql =
	    "SELECT state, count(*) FROM orders GROUP BY state ORDER BY state /* scan */",
};
static const Stmt LINES_CANCEL = {
	.name = "order_line.cancel",
	.sql = "UPDATE order_line SET state = 'cancelled' WHERE order_id = $1"
	       " AND ($2 = '' OR line = $2) AND state <> 'cancelled'",
};
static const Stmt ORDER_CANCEL_IF_EMPTY = {
	.name = "orders.cancel_if_empty",
	.sql = "UPDATE orders SET state = 'cancelled' WHERE id = $1 AND NOT EXISTS"
	       " (SELECT 1 FROM order_line WHERE order_id = $1 AND state <> 'cancelled')",
};
static const Stmt LICENCES_OF = {
	.name = "licence.of_order",
	.sql = "SELECT l.id FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id WHERE ol.order_id = $1"
	       " AND ($2 = '' OR ol.line = $2) AND t.state NOT IN ('recalled', "
	       "'recall_pending')",
};

const char *
order_status_name(OrderStatus status)
{
	return status_names[status];
}

static bool
has_order_errors(const OrderDraft *draft)
{
	return order_draft_has_errors(draft, NULL);
}

bool
order_line_refused(
    const OrderDraft *draft, const OrderLine *line, const OrderPolicy *policy)
{
	if (has_order_errors(draft))
		return true;
	if (!policy->partial)
		return draft->errors->len > 0;
	return order_draft_has_errors(draft, line->line);
}

static guint
good_lines(const OrderDraft *draft, const OrderPolicy *policy)
{
	guint n = 0;

	for (guint i = 0; i < draft->lines->len; i++)
		n += !order_line_refused(
		    draft, g_ptr_array_index(draft->lines, i), policy);
	return n;
}

/* 1: the same order is here.  0: none of this number is.  An order that says something
 * else adds its error. */
static int
find_before(DbTx *tx, OrderDraft *draft, const uint8_t hash[HASH_BYTES], int64_t *ret_id,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(tx->db, &BY_NUMBER,
	    DB_ARGS(v_text(draft->source), v_text(draft->number)), error);
	const void *stored;
	size_t size;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	stored = db_col_blob(rows, 1, &size);
	if (size == HASH_BYTES && memcmp(stored, hash, HASH_BYTES) == 0) {
		*ret_id = db_col_int(rows, 0);
		return 1;
	}
	order_draft_error(draft, E_ORDER_CONFLICT, NULL, "order",
	    "order '%s' of source '%s' is here already and says something else",
	    draft->number, draft->source);
	return 0;
}

static bool
add_order(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, const Checked *checked,
    const uint8_t hash[HASH_BYTES], int64_t *ret_id, GError **error)
{
	int64_t now = clock_now_at();
	char today[DAY_CHARS];
	char key[40];
	g_autofree char *subject = g_strdup_printf("order %s", draft->number);
	JobSpec job = { .kind = JOB_KIND_ISSUE, .key = key, .subject = subject };
	int64_t customer_id = 0;
	int tickets;
	int issued = 0;

	day_format(
	    day_of(policy->today_at != 0 ? policy->today_at : now, policy->zone), today);
	if (draft->has_customer &&
	    !order_store_customer(tx, draft, checked->party, &customer_id, error))
		return false;
	if (db_find_int(tx->db, &ADD,
		DB_ARGS(v_text(draft->source), v_text(draft->number),
		    v_int(checked->party->id), v_id(customer_id),
		    v_text(draft->ordered_on != NULL ? draft->ordered_on : today),
		    v_text(draft->reference), v_text(order_by_name(checked->by)),
		    v_text(order_to_name(checked->to)), v_text(draft->deliver_email),
		    v_blob(hash, HASH_BYTES), v_int(now), v_id(policy->user_id)),
		ret_id, error) != 1)
		return false;
	g_snprintf(key, sizeof(key), "issue/%" G_GINT64_FORMAT, *ret_id);
	job.ref = *ret_id;
	if (!order_store_lines(tx, draft, policy, checked, *ret_id, error) ||
	    !audit_add(tx, AUDIT_ORDER_ACCEPTED, "order", *ret_id, NULL, error))
		return false;
	if (policy->issue != NULL)
		issued = jit_issue(
		    tx, policy->issue, *ret_id, policy->at_once, &tickets, error);
	return issued > 0 || (issued == 0 && job_add(tx, &job, error) >= 0);
}

static bool
place_new(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, OrderStatus *ret_status,
    int64_t *ret_id, GError **error)
{
	g_auto(Checked) checked = { 0 };
	uint8_t hash[HASH_BYTES];
	int before = 0;

	order_draft_hash(draft, hash);
	if (draft->number != NULL && draft->source != NULL)
		before = find_before(tx, draft, hash, ret_id, error);
	if (before != 0) {
		*ret_status = ORDER_DUPLICATE;
		return before > 0;
	}
	if (!order_check(tx, draft, policy, &checked, error))
		return false;
	if (good_lines(draft, policy) == 0) {
		if (draft->errors->len == 0)
			order_draft_error(draft, E_MISSING_FIELD, NULL, "lines",
			    "an order needs a line");
		*ret_status = ORDER_REJECTED;
		return true;
	}
	FAULT("order.accept");
	*ret_status = ORDER_ACCEPTED;
	return add_order(tx, draft, policy, &checked, hash, ret_id, error);
}

bool
order_place(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error)
{
	*ret_id = 0;
	switch (draft->kind) {
	case ORDER_NEW:
		return place_new(tx, draft, policy, ret_status, ret_id, error);
	case ORDER_CANCEL:
		return order_withdraw(tx, draft, policy, ret_status, ret_id, error);
	case ORDER_CHANGE:
	case ORDER_REPLACE:
		return order_change(tx, draft, policy, ret_status, ret_id, error);
	}
	BUG("kind %d", draft->kind);
}

bool
order_resolve(
    Db *db, const char *source, const char *number, int64_t *ret_id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &RESOLVE,
	    DB_ARGS(v_text(number), v_text(source != NULL ? source : "")), error);
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 0)
		return err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no order '%s'", number);
	if (more < 0)
		return false;
	*ret_id = db_col_int(rows, 0);
	more = db_next(rows, error);
	if (more == 1)
		return err_set(error, TP_ERROR_CONFLICT,
		    "several sources have an order '%s': name one with --source", number);
	return more == 0;
}

static bool
reverse_licences(DbTx *tx, int64_t order_id, const char *line, const char *reason,
    Day today, int *ret_n, GError **error)
{
	/* The purchase is undone: all of it is given back (R10.4). */
	Reversal how = { .day = today, .mode = CREDIT_FULL, .reason = reason };
	g_autoptr(GArray) ids = db_list_ints(
	    tx->db, &LICENCES_OF, DB_ARGS(v_int(order_id), v_text(line)), error);

	if (ids == NULL || !licences_reverse(tx, ids, &how, error))
		return false;
	*ret_n = (int)ids->len;
	return true;
}

bool
order_cancel(DbTx *tx, const char *source, const char *number, const char *line,
    const char *reason, Day today, int *ret_tickets, GError **error)
{
	const char *which = line != NULL ? line : "";
	int64_t id;
	int64_t changed;
	int64_t ended;

	if (!order_resolve(tx->db, source, number, &id, error) ||
	    !db_exec(tx->db, &LINES_CANCEL, DB_ARGS(v_int(id), v_text(which)), &changed,
		error))
		return false;
	if (changed == 0)
		return err_set(error,
		    line != NULL ? TP_ERROR_NOT_FOUND : TP_ERROR_CONFLICT,
		    line != NULL ? "order '%s' has no open line '%s'"
				 : "order '%s' is cancelled already",
		    number, line);
	if (!reverse_licences(tx, id, which, reason, today, ret_tickets, error) ||
	    !db_exec(tx->db, &ORDER_CANCEL_IF_EMPTY, DB_ARGS(v_int(id)), &ended, error))
		return false;
	if (ended > 0 && !job_cancel_ref(tx, JOB_KIND_ISSUE, id, reason, error))
		return false;
	return audit_add(tx, AUDIT_ORDER_CANCELLED, "order", id, reason, error);
}

bool
order_list(Db *db, const char *state, const char *source, int64_t id, int limit,
    void (*fn)(void *user, const OrderRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_text(state != NULL ? state : ""),
		v_text(source != NULL ? source : ""), v_int(id),
		v_int(limit > 0 ? limit : INT64_MAX)),
	    error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		OrderRow row = {
			.id = db_col_int(rows, 0),
			.source = db_col_text(rows, 1),
			.number = db_col_text(rows, 2),
			.party = db_col_text(rows, 3),
			.customer = db_col_text(rows, 4),
			.ordered_day = db_col_text(rows, 5),
			.deliver_by = db_col_text(rows, 6),
			.deliver_to = db_col_text(rows, 7),
			.state = db_col_text(rows, 8),
			.received_at = db_col_int(rows, 9),
			.lines = db_col_int(rows, 10),
			.tickets = db_col_int(rows, 11),
		};

		fn(user, &row);
	}
	return more == 0;
}

bool
order_lines(Db *db, int64_t order_id, void (*fn)(void *user, const OrderLineRow *row),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LINES, DB_ARGS(v_int(order_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		OrderLineRow row = {
			.id = db_col_int(rows, 0),
			.line = db_col_text(rows, 1),
			.sku = db_col_text(rows, 2),
			.quantity = db_col_int(rows, 3),
			.options = db_col_text(rows, 4),
			.state = db_col_text(rows, 5),
			.tickets = db_col_int(rows, 6),
		};

		fn(user, &row);
	}
	return more == 0;
}

bool
order_count(Db *db, void (*fn)(void *user, const char *state, int64_t n), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &COUNT, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		fn(user, db_col_text(rows, 0), db_col_int(rows, 1));
	return more == 0;
}
