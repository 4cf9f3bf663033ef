/*
 * order_change.c - what becomes of an order that is here already.
 */
#include "fulfill/domain/order_change.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order_less.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/order_store.h"
#include "fulfill/domain/rights_use.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/job_admin.h"

/* The row stays locked: nobody issues the order meanwhile. */
#define STORED                                                                           \
	"SELECT o.id, o.state, p.code, o.customer_id, o.deliver_by, o.deliver_to,"       \
	" o.deliver_email, o.reference, o.ordered_day, o.change_hash,"                   \
	" (SELECT count(*) FROM order_line l JOIN remote_call r ON r.order_line_id ="    \
	" l.id WHERE l.order_id = o.id)"                                                 \
	" FROM orders o JOIN party p ON p.id = o.party_id"                               \
	" WHERE o.source = $1 AND o.number = $2"

static const Stmt FIND = {
	.name = "orders.for_change",
	.sql = STORED,
	.pgsql = STORED " FOR NO KEY UPDATE OF o",
};
static const Stmt WITHDRAW_ALL = {
	.name = "order_line.withdraw_all",
	.sql = "UPDATE order_line SET state = 'cancelled' WHERE order_id = $1"
	       " AND state = 'accepted'",
};
static const Stmt WITHDRAW = {
	.name = "order_line.withdraw",
	.sql = "UPDATE order_line SET state = 'cancelled' WHERE order_id = $1"
	       " AND line = $2 AND state = 'accepted'",
};
static const Stmt HEAD = {
	.name = "orders.change",
	.sql = "UPDATE orders SET customer_id = $2, deliver_by = $3, deliver_to = $4,"
	       " deliver_email = $5, reference = $6, ordered_day = $7 WHERE id = $1",
};
static const Stmt MARK = {
	.name = "orders.mark_change",
	.sql = "UPDATE orders SET change_hash = $2 WHERE id = $1",
};
static const Stmt CANCEL_IF_EMPTY = {
	.name = "orders.cancel_if_changed_away",
	.sql = "UPDATE orders SET state = 'cancelled' WHERE id = $1 AND NOT EXISTS"
	       " (SELECT 1 FROM order_line WHERE order_id = $1 AND state <> 'cancelled')",
};

/* The order as it stands. */
typedef struct Stored {
	int64_t id;
	int64_t customer_id;
	char *state;
	char *party;
	char *deliver_by;
	char *deliver_to;
	char *deliver_email;
	char *reference;
	char *ordered_day;
	bool same;   /* the document that changed it last was this one */
	bool making; /* a service elsewhere was asked for its tickets */
} Stored;

static void
stored_done(Stored *s)
{
	g_free(s->state);
	g_free(s->party);
	g_free(s->deliver_by);
	g_free(s->deliver_to);
	g_free(s->deliver_email);
	g_free(s->reference);
	g_free(s->ordered_day);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stored, stored_done)

static int
find_stored(DbTx *tx, const OrderDraft *draft, const uint8_t hash[HASH_BYTES],
    Stored *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(
	    tx->db, &FIND, DB_ARGS(v_text(draft->source), v_text(draft->number)), error);
	int found = rows != NULL ? db_next(rows, error) : -1;
	const void *last;
	size_t size;

	if (found <= 0)
		return found;
	last = db_col_blob(rows, 9, &size);
	*ret = (Stored){
		.id = db_col_int(rows, 0),
		.state = g_strdup(db_col_text(rows, 1)),
		.party = g_strdup(db_col_text(rows, 2)),
		.customer_id = db_col_int(rows, 3),
		.deliver_by = g_strdup(db_col_text(rows, 4)),
		.deliver_to = g_strdup(db_col_text(rows, 5)),
		.deliver_email = g_strdup(db_col_text(rows, 6)),
		.reference = g_strdup(db_col_text(rows, 7)),
		.ordered_day = g_strdup(db_col_text(rows, 8)),
		.same = size == HASH_BYTES && memcmp(last, hash, HASH_BYTES) == 0,
		.making = db_col_int(rows, 10) > 0,
	};
	return 1;
}

/* 1: here it is, and may be touched.  0: the answer is in the draft or in *ret_status. */
static int
begin(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, uint8_t hash[HASH_BYTES],
    Stored *ret, OrderStatus *ret_status, GError **error)
{
	int found;

	*ret_status = ORDER_REJECTED;
	order_draft_hash(draft, hash);
	if (draft->errors->len > 0)
		return 0;
	found = find_stored(tx, draft, hash, ret, error);
	if (found < 0)
		return -1;
	if (found == 0)
		order_draft_error(draft, E_ORDER_UNKNOWN, NULL, "order",
		    "there is no order '%s' of source '%s'", draft->number,
		    draft->source);
	else if (ret->same ||
		 (draft->kind == ORDER_CANCEL && strcmp(ret->state, "cancelled") == 0))
		*ret_status = ORDER_DUPLICATE;
	else if (draft->kind != ORDER_CANCEL && strcmp(draft->party, ret->party) != 0)
		order_draft_error(draft, E_ORDER_CONFLICT, NULL, "party",
		    "order '%s' is one of party '%s', and stays so", draft->number,
		    ret->party);
	if (*ret_status == ORDER_DUPLICATE || draft->errors->len > 0)
		return 0;
	/* To take something away takes the right to revoke, issued or not. */
	if (!order_rights_revoke(tx, draft, policy, ret->id, error))
		return -1;
	return draft->errors->len == 0;
}

static bool
mark(DbTx *tx, int64_t id, const uint8_t hash[HASH_BYTES], const char *reason,
    GError **error)
{
	return db_exec(tx->db, &MARK, DB_ARGS(v_int(id), v_blob(hash, HASH_BYTES)), NULL,
		   error) &&
	       (reason == NULL ||
		   audit_add(tx, AUDIT_ORDER_CHANGED, "order", id, reason, error));
}

/* ---- not issued: it is what the document says ---- */

static void
set(char **at, const char *text)
{
	if (*at == NULL)
		*at = g_strdup(text);
}

static void
set_address(OrderAddress *to, const json_t *from)
{
	json_t *lines = json_object_get(from, "lines");

	if (to->lines != NULL || json_array_size(lines) == 0)
		return;
	to->lines = g_new0(char *, json_array_size(lines) + 1);
	for (size_t i = 0; i < json_array_size(lines); i++)
		to->lines[i] = g_strdup(json_string_value(json_array_get(lines, i)));
	set(&to->postcode, json_string_value(json_object_get(from, "postcode")));
	set(&to->city, json_string_value(json_object_get(from, "city")));
	set(&to->region, json_string_value(json_object_get(from, "region")));
	set(&to->country, json_string_value(json_object_get(from, "country")));
}

/* A change says what is different, and the rest of the head stays.  *ret_kept: so does
 * the customer. */
static bool
keep_head(
    DbTx *tx, OrderDraft *draft, const Stored *stored, bool *ret_kept, GError **error)
{
	g_autoptr(Party) customer = NULL;

	set(&draft->deliver_email, stored->deliver_email);
	set(&draft->reference, stored->reference);
	set(&draft->ordered_on, stored->ordered_day);
	if (draft->deliver_by == ORDER_BY_UNSET)
		(void)!order_by_from_name(stored->deliver_by, &draft->deliver_by);
	if (draft->deliver_to == ORDER_TO_UNSET)
		(void)!order_to_from_name(stored->deliver_to, &draft->deliver_to);
	*ret_kept = !draft->has_customer;
	if (draft->has_customer || stored->customer_id == 0)
		return true;
	customer = party_get(tx->db, stored->customer_id, error);
	if (customer == NULL)
		return false;
	draft->has_customer = true;
	set(&draft->customer.id, customer->code);
	set(&draft->customer.name, customer->name);
	set(&draft->customer.company, customer->company);
	set(&draft->customer.email, customer->email);
	set(&draft->customer.language, customer->language);
	set_address(&draft->customer.address, customer->address);
	return true;
}

/* What will not be any more goes first, so that quotas do not count it. */
static bool
withdraw_lines(DbTx *tx, OrderDraft *draft, const Stored *stored, GError **error)
{
	if (draft->kind == ORDER_REPLACE)
		return db_exec(
		    tx->db, &WITHDRAW_ALL, DB_ARGS(v_int(stored->id)), NULL, error);
	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);
		int64_t gone;

		if (!db_exec(tx->db, &WITHDRAW,
			DB_ARGS(v_int(stored->id), v_text(line->line)), &gone, error))
			return false;
		if (gone == 0 && line->quantity == 0)
			order_draft_error(draft, E_LINE_UNKNOWN, line->line, "line",
			    "order '%s' has no open line '%s'", draft->number,
			    line->line);
	}
	return true;
}

/* Lines that are taken away need no product, and nothing about them can be wrong. */
static OrderDraft *
take_gone(OrderDraft *draft)
{
	OrderDraft *gone = order_draft_new();

	for (guint i = draft->lines->len; i-- > 0;) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);

		if (line->quantity == 0)
			g_ptr_array_insert(
			    gone->lines, 0, g_ptr_array_steal_index(draft->lines, i));
	}
	return gone;
}

static void
give_gone(OrderDraft *draft, OrderDraft *gone)
{
	while (gone->lines->len > 0)
		g_ptr_array_add(draft->lines, g_ptr_array_steal_index(gone->lines, 0));
	order_draft_free(gone);
}

static bool
store(DbTx *tx, const OrderDraft *draft, const OrderPolicy *policy,
    const Checked *checked, const Stored *stored, bool kept, GError **error)
{
	int64_t customer_id = kept ? stored->customer_id : 0;
	int64_t ended;

	if (draft->has_customer && !kept &&
	    !order_store_customer(tx, draft, checked->party, &customer_id, error))
		return false;
	return db_exec(tx->db, &HEAD,
		   DB_ARGS(v_int(stored->id), v_id(customer_id),
		       v_text(order_by_name(checked->by)),
		       v_text(order_to_name(checked->to)), v_text(draft->deliver_email),
		       v_text(draft->reference),
		       v_text(draft->ordered_on != NULL ? draft->ordered_on
							: stored->ordered_day)),
		   NULL, error) &&
	       order_store_lines(tx, draft, policy, checked, stored->id, error) &&
	       db_exec(
		   tx->db, &CANCEL_IF_EMPTY, DB_ARGS(v_int(stored->id)), &ended, error) &&
	       (ended == 0 ||
		   job_cancel_ref(tx, JOB_KIND_ISSUE, stored->id, "changed away", error));
}

static bool
rewrite(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, const Stored *stored,
    GError **error)
{
	g_auto(Checked) checked = { 0 };
	OrderDraft *gone;
	bool kept = false;
	bool ok;

	if (!db_savepoint(tx, error))
		return false;
	if ((draft->kind == ORDER_CHANGE &&
		!keep_head(tx, draft, stored, &kept, error)) ||
	    !withdraw_lines(tx, draft, stored, error))
		return false;
	rights_quotas_clear(policy->quotas);
	gone = take_gone(draft);
	ok = order_check(tx, draft, policy, &checked, error) &&
	     (draft->errors->len > 0 ||
		 store(tx, draft, policy, &checked, stored, kept, error));
	give_gone(draft, gone);
	rights_quotas_clear(policy->quotas);
	if (!ok)
		return false;
	return draft->errors->len > 0 ? db_savepoint_undo(tx, error)
				      : db_savepoint_release(tx, error);
}

/* ---- documents ---- */

static bool
touch(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, const Stored *stored,
    GError **error)
{
	if (strcmp(stored->state, "issued") == 0)
		return order_less(tx, draft, policy, stored->id, error);
	if (strcmp(stored->state, "accepted") == 0 && !stored->making)
		return rewrite(tx, draft, policy, stored, error);
	order_draft_error(draft, E_ORDER_STATE, NULL, "order",
	    stored->making && strcmp(stored->state, "accepted") == 0
		? "the tickets of order '%s' are being made: cancel it, or wait"
		: "order '%s' is %s, and cannot be changed",
	    draft->number, stored->state);
	return true;
}

bool
order_change(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error)
{
	g_auto(Stored) stored = { 0 };
	uint8_t hash[HASH_BYTES];
	int found = begin(tx, draft, policy, hash, &stored, ret_status, error);

	*ret_id = stored.id;
	if (found <= 0)
		return found == 0;
	FAULT("order.change");
	if (!touch(tx, draft, policy, &stored, error))
		return false;
	if (draft->errors->len > 0)
		return true;
	*ret_status = ORDER_ACCEPTED;
	return mark(tx, stored.id, hash, order_kind_name(draft->kind), error);
}

bool
order_withdraw(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    OrderStatus *ret_status, int64_t *ret_id, GError **error)
{
	g_auto(Stored) stored = { 0 };
	uint8_t hash[HASH_BYTES];
	int found = begin(tx, draft, policy, hash, &stored, ret_status, error);

	*ret_id = stored.id;
	if (found <= 0)
		return found == 0;
	rights_quotas_clear(policy->quotas);
	if (!order_less_cancel(tx, draft, policy, stored.id, error))
		return false;
	if (draft->errors->len > 0)
		return true;
	*ret_status = ORDER_ACCEPTED;
	return mark(tx, stored.id, hash, NULL, error);
}
