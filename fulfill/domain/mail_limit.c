/*
 * mail_limit.c - rows of mail_limit and mail_order.
 */
#include "fulfill/domain/mail_limit.h"

#include <string.h>

#include "fulfill/domain/product.h"
#include "queue/clock.h"
#include "queue/limits.h"

static const Stmt PUT = {
	.name = "mail_limit.put",
	.sql = "INSERT INTO mail_limit (party_id, quantity, daily, orders, products)"
	       " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (party_id) DO UPDATE SET"
	       " quantity = $2, daily = $3, orders = $4, products = $5",
};
static const Stmt DROP = {
	.name = "mail_limit.drop",
	.sql = "DELETE FROM mail_limit WHERE party_id = $1",
};
static const Stmt GET = {
	.name = "mail_limit.get",
	.sql = "SELECT quantity, daily, orders, products FROM mail_limit"
	       " WHERE party_id = $1",
};
static const Stmt NOTE = {
	.name = "mail_order.add",
	.sql = "INSERT INTO mail_order (mail_id, order_id, party_id, at)"
	       " VALUES ($1, $2, $3, $4) ON CONFLICT (mail_id, order_id) DO NOTHING",
};
static const Stmt ORDERS = {
	.name = "mail_order.count_since",
	.sql = "SELECT count(*) FROM mail_order WHERE party_id = $1 AND at >= $2",
};
static const Stmt LICENCES = {
	.name = "mail_order.quantity_since",
	.sql = "SELECT coalesce(sum(quantity), 0) FROM order_line WHERE state <>"
	       " 'cancelled' AND order_id IN"
	       " (SELECT order_id FROM mail_order WHERE party_id = $1 AND at >= $2)",
};

void
mail_limit_clear(MailLimit *limit)
{
	g_clear_pointer(&limit->products, g_free);
}

/* "CAD-PRO,cad"; NULL: absent, or faults. */
static char *
read_products(JsonRead *r)
{
	const json_t *list = jr_array(r, "products", JR_MAY);
	GString *text;
	size_t i;
	json_t *value;

	if (list == NULL)
		return NULL;
	text = g_string_new(NULL);
	json_array_foreach (list, i, value) {
		const char *word = json_string_value(value);

		if (word == NULL || *word == '\0' || strchr(word, ',') != NULL ||
		    g_utf8_strlen(word, -1) > LIMIT_ORDER_ID_CHARS)
			jr_fault(r, "products", "[%zu] is no SKU and no group", i);
		else
			g_string_append_printf(
			    text, "%s%s", text->len > 0 ? "," : "", word);
	}
	return g_string_free(text, FALSE);
}

static DbValue
v_limit(int64_t value)
{
	return value >= 0 ? v_int(value) : v_null();
}

bool
mail_limit_import(DbTx *tx, JsonRead *record, int64_t party_id, GError **error)
{
	const json_t *value = jr_object(record, "mail", JR_MAY);
	guint before = faults_count(record->faults);
	g_auto(JsonRead) r = { 0 };
	g_autofree char *products = NULL;
	int64_t quantity;
	int64_t daily;
	int64_t orders;

	if (value == NULL)
		return db_exec(tx->db, &DROP, DB_ARGS(v_int(party_id)), NULL, error);
	jr_enter(&r, value, record->faults, "%s.mail", record->path);
	jr_only(&r, "quantity|daily|orders|products");
	quantity = jr_int(&r, "quantity", JR_MAY, 0, LIMIT_ORDER_TICKETS, -1);
	daily = jr_int(&r, "daily", JR_MAY, 0, G_MAXINT32, -1);
	orders = jr_int(&r, "orders", JR_MAY, 0, G_MAXINT32, -1);
	products = read_products(&r);
	return faults_count(record->faults) > before ||
	       db_exec(tx->db, &PUT,
		   DB_ARGS(v_int(party_id), v_limit(quantity), v_limit(daily),
		       v_limit(orders), v_text(products)),
		   NULL, error);
}

bool
mail_limit_get(Db *db, int64_t party_id, MailLimit *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(party_id)), error);
	int found = rows != NULL ? db_next(rows, error) : -1;

	if (found <= 0)
		return found == 0;
	if (!db_col_is_null(rows, 0))
		ret->quantity = db_col_int(rows, 0);
	if (!db_col_is_null(rows, 1))
		ret->daily = db_col_int(rows, 1);
	if (!db_col_is_null(rows, 2))
		ret->orders = db_col_int(rows, 2);
	if (!db_col_is_null(rows, 3)) {
		g_free(ret->products);
		ret->products = g_strdup(db_col_text(rows, 3));
	}
	return true;
}

bool
mail_limit_has(Db *db, const MailLimit *limit, const char *sku, bool *ret, GError **error)
{
	g_auto(GStrv) list = NULL;
	const char *const *words;
	g_autoptr(Product) product = NULL;
	int found;

	*ret = limit->products == NULL;
	if (*ret)
		return true;
	list = g_strsplit(limit->products, ",", -1);
	for (char **word = list; *word != NULL; word++)
		g_strstrip(*word);
	words = (const char *const *)list;
	*ret = g_strv_contains(words, sku);
	if (*ret)
		return true;
	found = product_find(db, sku, &product, error);
	for (guint i = 0; found == 1 && i < product->groups->len; i++) {
		const ProductGroup *group = g_ptr_array_index(product->groups, i);

		*ret = *ret || g_strv_contains(words, group->code);
	}
	return found >= 0;
}

bool
mail_limit_note(
    DbTx *tx, int64_t mail_id, int64_t order_id, int64_t party_id, GError **error)
{
	return db_exec(tx->db, &NOTE,
	    DB_ARGS(
		v_int(mail_id), v_int(order_id), v_int(party_id), v_int(clock_now_at())),
	    NULL, error);
}

bool
mail_limit_used(Db *db, int64_t party_id, int64_t since_at, int64_t *ret_orders,
    int64_t *ret_licences, GError **error)
{
	return db_find_int(db, &ORDERS, DB_ARGS(v_int(party_id), v_int(since_at)),
		   ret_orders, error) == 1 &&
	       db_find_int(db, &LICENCES, DB_ARGS(v_int(party_id), v_int(since_at)),
		   ret_licences, error) == 1;
}
