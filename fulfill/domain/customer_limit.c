/*
 * customer_limit.c - who had how many.
 */
#include "fulfill/domain/customer_limit.h"

/* Two orders of one customer at the same moment see each other: they come one by one. */
#define LOCK_LIMIT (DB_LOCK_USER + 1)

static const Stmt ORDERED = {
	.name = "order_line.of_customer",
	.sql = "SELECT coalesce(sum(l.quantity), 0) FROM party c"
	       " JOIN orders o ON o.customer_id = c.id"
	       " JOIN order_line l ON l.order_id = o.id WHERE l.product_id = $1"
	       " AND l.state <> 'cancelled' AND c.email_key = $2",
};
static const Stmt ORDERED_BY_ID = {
	.name = "order_line.of_customer_id",
	.sql = "SELECT coalesce(sum(l.quantity), 0) FROM orders o"
	       " JOIN order_line l ON l.order_id = o.id WHERE l.product_id = $1"
	       " AND l.state <> 'cancelled' AND o.customer_id = $2",
};
static const Stmt ASSIGNED = {
	.name = "licence.assigned_to_customer",
	.sql = "SELECT coalesce(sum(l.quantity), 0) FROM party c"
	       " JOIN licence l ON l.holder_id = c.id"
	       " JOIN order_line ol ON ol.id = l.order_line_id"
	       " JOIN orders o ON o.id = ol.order_id WHERE l.product_id = $1"
	       " AND o.customer_id IS NULL AND c.email_key = $2",
};
static const Stmt ASSIGNED_BY_ID = {
	.name = "licence.assigned_to_customer_id",
	.sql = "SELECT coalesce(sum(l.quantity), 0) FROM licence l"
	       " JOIN order_line ol ON ol.id = l.order_line_id"
	       " JOIN orders o ON o.id = ol.order_id WHERE l.product_id = $1"
	       " AND o.customer_id IS NULL AND l.holder_id = $2",
};

int
customer_limit(DbTx *tx, const Product *product, const char *email, int64_t customer_id,
    int64_t more, char **ret_text, GError **error)
{
	g_autofree char *key = party_email_key(email);
	DbValue who = key != NULL ? v_text(key) : v_int(customer_id);
	int64_t ordered;
	int64_t assigned;

	if (product->per_customer == 0 || (key == NULL && customer_id == 0))
		return 1;
	if (!db_lock(tx, LOCK_LIMIT, error) ||
	    db_find_int(tx->db, key != NULL ? &ORDERED : &ORDERED_BY_ID,
		DB_ARGS(v_int(product->id), who), &ordered, error) != 1 ||
	    db_find_int(tx->db, key != NULL ? &ASSIGNED : &ASSIGNED_BY_ID,
		DB_ARGS(v_int(product->id), who), &assigned, error) != 1)
		return -1;
	if (ordered + assigned + more <= product->per_customer)
		return 1;
	*ret_text = g_strdup_printf(
	    "'%s' is given to a customer at most %d times, and this one has had "
	    "%" G_GINT64_FORMAT,
	    product->sku, product->per_customer, ordered + assigned);
	return 0;
}

bool
customer_limit_draft(DbTx *tx, OrderDraft *draft, const OrderLine *line,
    const Product *product, const Party *known, GError **error)
{
	const char *email = draft->customer.email != NULL ? draft->customer.email
			    : known != NULL               ? known->email
							  : NULL;
	g_autofree char *text = NULL;
	int64_t more = line->quantity;
	int room;

	if (!draft->has_customer)
		return true;
	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *before = g_ptr_array_index(draft->lines, i);

		if (before == line)
			break;
		if (g_strcmp0(before->product, line->product) == 0)
			more += before->quantity;
	}
	room = customer_limit(
	    tx, product, email, known != NULL ? known->id : 0, more, &text, error);
	if (room == 0)
		order_draft_error(
		    draft, E_PER_CUSTOMER, line->line, "quantity", "%s", text);
	return room >= 0;
}
