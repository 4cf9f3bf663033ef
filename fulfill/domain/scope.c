/*
 * scope.c - two sets, read once.
 */
#include "fulfill/domain/scope.h"

#include <string.h>

#include "fulfill/domain/product.h"
#include "fulfill/domain/rights_store.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/user.h"

static const Stmt PARTIES = {
	.name = "party.scope",
	.sql = "WITH RECURSIVE below (id) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT "
	       "p.id FROM party p JOIN below b ON p.parent_id = b.id)"
	       " SELECT p.id, p.code, p.kind FROM below b JOIN party p ON p.id = b.id",
};
static const Stmt PRODUCTS = {
	.name = "product.scope",
	.sql = "SELECT id FROM product ORDER BY id /* scan: all of them are meant */",
};
/* Where a card lies, or who ordered it: as ticket_view.h has it. */
#define WHERE_IT_LIES                                                                    \
	"SELECT coalesce(l.pool_id, l.party_id), l.product_id, count(*) FROM "           \
	"print_piece p JOIN ticket t ON t.id = p.ticket_id JOIN licence l ON l.id = "    \
	"t.licence_id"

static const Stmt OF_BATCH = {
	.name = "print_piece.scope_batch",
	.sql = WHERE_IT_LIES " WHERE p.batch_id = $1"
			     " GROUP BY coalesce(l.pool_id, l.party_id), l.product_id",
};
static const Stmt OF_PIECE = {
	.name = "print_piece.scope_one",
	.sql = WHERE_IT_LIES " WHERE p.id = $1"
			     " GROUP BY coalesce(l.pool_id, l.party_id), l.product_id",
};
static const Stmt OF_CUSTOMER = {
	.name = "licence.scope_customer",
	.sql = "SELECT coalesce(l.pool_id, l.party_id), l.product_id, count(*) FROM "
	       "licence l WHERE l.holder_id = $1"
	       " GROUP BY coalesce(l.pool_id, l.party_id), l.product_id",
};

static const Stmt OF_ORDER = {
	.name = "order_line.scope_order",
	.sql = "SELECT o.party_id, l.product_id, count(*) FROM order_line l JOIN orders o"
	       " ON o.id = l.order_id WHERE l.order_id = $1"
	       " GROUP BY o.party_id, l.product_id",
};

struct Scope {
	GHashTable *parties;  /* id -> NULL */
	GHashTable *codes;    /* of vendors and resellers */
	GHashTable *products; /* id -> NULL */
	GHashTable *skus;
	char *who;
	RightAction action;
	bool whole;
};

void
scope_free(Scope *scope)
{
	if (scope == NULL)
		return;
	g_hash_table_unref(scope->parties);
	g_hash_table_unref(scope->codes);
	g_hash_table_unref(scope->products);
	g_hash_table_unref(scope->skus);
	g_free(scope->who);
	g_free(scope);
}

static Scope *
scope_new(const User *user, RightAction action)
{
	Scope *scope = g_new0(Scope, 1);

	scope->parties = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	scope->products =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	scope->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	scope->skus = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	scope->who = g_strdup(user->email);
	scope->action = action;
	return scope;
}

static void
add_id(GHashTable *set, int64_t id)
{
	g_hash_table_add(set, g_memdup2(&id, sizeof(id)));
}

static bool
load_parties(Db *db, int64_t top, Scope *scope, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &PARTIES, DB_ARGS(v_int(top)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		add_id(scope->parties, db_col_int(rows, 0));
		if (strcmp(db_col_text(rows, 2), "customer") != 0)
			g_hash_table_add(scope->codes, g_strdup(db_col_text(rows, 1)));
	}
	return more == 0;
}

static bool
has_right(const Rights *rights, const Product *product, RightAction action)
{
	if (action == RIGHT_VIEW)
		return rights_may_view(rights, product);
	for (guint i = 0; i < product->groups->len; i++) {
		const ProductGroup *group = g_ptr_array_index(product->groups, i);

		if (rights_find(rights, group->code, action) != NULL)
			return true;
	}
	return false;
}

static bool
load_products(Db *db, const Rights *rights, bool vendor, Scope *scope, GError **error)
{
	g_autoptr(GArray) ids = db_list_ints(db, &PRODUCTS, DB_NO_ARGS, error);

	if (ids == NULL)
		return false;
	for (guint i = 0; i < ids->len; i++) {
		int64_t id = g_array_index(ids, int64_t, i);
		g_autoptr(Product) product = product_get(db, id, error);

		if (product == NULL)
			return false;
		if (!has_right(rights, product, scope->action))
			continue;
		add_id(scope->products, id);
		g_hash_table_add(scope->skus, g_strdup(product->sku));
	}
	scope->whole = vendor && g_hash_table_size(scope->products) == ids->len;
	return true;
}

Scope *
scope_of(Db *db, int64_t actor, RightAction action, GError **error)
{
	g_autoptr(User) user = user_get(db, actor, error);
	g_autoptr(Rights) rights =
	    user != NULL ? rights_of(db, (RightsWho){ .user_id = actor }, error) : NULL;
	g_autoptr(Scope) scope = NULL;

	if (rights == NULL)
		return NULL;
	scope = scope_new(user, action);
	if (!load_parties(db, user->party_id, scope, error) ||
	    !load_products(
		db, rights, strcmp(user->party_kind, "vendor") == 0, scope, error))
		return NULL;
	if (g_hash_table_size(scope->products) == 0 &&
	    (action != RIGHT_VIEW ||
		(!user->admin && !rights_has_action(rights, RIGHT_CREATE_USER)))) {
		err_set(error, TP_ERROR_DENIED,
		    "'%s' has no right to %s in any product group", scope->who,
		    right_action_name(action));
		return NULL;
	}
	return g_steal_pointer(&scope);
}

bool
scope_has_party(const Scope *scope, int64_t party_id)
{
	return scope == NULL || g_hash_table_contains(scope->parties, &party_id);
}

bool
scope_has(const Scope *scope, int64_t party_id, int64_t product_id)
{
	return scope_has_party(scope, party_id) &&
	       (scope == NULL || g_hash_table_contains(scope->products, &product_id));
}

bool
scope_has_party_code(const Scope *scope, const char *party)
{
	return scope == NULL || g_hash_table_contains(scope->codes, party);
}

bool
scope_has_code(const Scope *scope, const char *party, const char *sku)
{
	return scope_has_party_code(scope, party) &&
	       (scope == NULL || g_hash_table_contains(scope->skus, sku));
}

bool
scope_is_whole(const Scope *scope)
{
	return scope == NULL || scope->whole;
}

bool
scope_need_whole(const Scope *scope, const char *what, GError **error)
{
	return scope_is_whole(scope) ||
	       err_set(error, TP_ERROR_DENIED,
		   "'%s' may not have %s: it takes the right to %s every product, at the "
		   "vendor",
		   scope->who, what, right_action_name(scope->action));
}

/* ---- cards and customers ---- */

/* How many of the rows that `stmt` counts are within the scope, and how many are not. */
static bool
count(Db *db, const Scope *scope, const Stmt *stmt, int64_t id, int64_t *ret_in,
    int64_t *ret_out, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(id)), error);
	int more;

	*ret_in = *ret_out = 0;
	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		bool in = scope_has(scope, db_col_int(rows, 0), db_col_int(rows, 1));

		*(in ? ret_in : ret_out) += db_col_int(rows, 2);
	}
	return more == 0;
}

int
scope_has_batch(Db *db, const Scope *scope, int64_t batch_id, GError **error)
{
	int64_t in;
	int64_t out;

	if (scope == NULL)
		return 1;
	if (!count(db, scope, &OF_BATCH, batch_id, &in, &out, error))
		return -1;
	return in > 0 && out == 0;
}

bool
scope_need_batch(Db *db, const Scope *scope, int64_t batch_id, GError **error)
{
	int64_t in;
	int64_t out;

	if (scope == NULL)
		return true;
	if (!count(db, scope, &OF_BATCH, batch_id, &in, &out, error))
		return false;
	if (in == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no batch %" G_GINT64_FORMAT, batch_id);
	return out == 0 ||
	       err_set(error, TP_ERROR_DENIED,
		   "batch %" G_GINT64_FORMAT " has %" G_GINT64_FORMAT
		   " cards that '%s' has no right to %s",
		   batch_id, out, scope->who, right_action_name(scope->action));
}

int
scope_has_order(Db *db, const Scope *scope, int64_t order_id, GError **error)
{
	int64_t in;
	int64_t out;

	if (scope == NULL)
		return 1;
	return count(db, scope, &OF_ORDER, order_id, &in, &out, error) ? in > 0 : -1;
}

bool
scope_need_piece(Db *db, const Scope *scope, int64_t piece_id, GError **error)
{
	int64_t in;
	int64_t out;

	if (scope == NULL)
		return true;
	return count(db, scope, &OF_PIECE, piece_id, &in, &out, error) &&
	       (in == 1 || err_set(error, TP_ERROR_NOT_FOUND, "there is no such card"));
}

bool
scope_need_customer(Db *db, const Scope *scope, int64_t customer_id, GError **error)
{
	int64_t in;
	int64_t out;

	if (scope == NULL)
		return true;
	if (!scope_has_party(scope, customer_id))
		return err_set(error, TP_ERROR_NOT_FOUND, "there is no such customer");
	return count(db, scope, &OF_CUSTOMER, customer_id, &in, &out, error) &&
	       (out == 0 || err_set(error, TP_ERROR_DENIED,
				"the customer has %" G_GINT64_FORMAT
				" licences that '%s' has no right to %s",
				out, scope->who, right_action_name(scope->action)));
}
