/*
 * pool_level.c - stock counted, and the letter about it.
 */
#include "fulfill/domain/pool_level.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/mail_letter.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"

/* Counted over the index of pools: what is assigned has left it. */
#define LEFT                                                                             \
	"(SELECT count(*) FROM licence l JOIN ticket t ON t.licence_id = l.id"           \
	" WHERE l.pool_id = s.party_id AND l.product_id = s.product_id"                  \
	" AND t.state IN ('issued', 'confirmed_returned'))"

#define HAPPENED(kind)                                                                   \
	"(SELECT count(*) FROM pool_event e JOIN licence x ON x.id = e.licence_id"       \
	" WHERE e.from_id = s.party_id AND x.product_id = s.product_id"                  \
	" AND e.kind = '" kind "')"
#define LEVEL(column)                                                                    \
	"coalesce((SELECT v." column " FROM pool_level v"                                \
	" WHERE v.party_id = s.party_id AND v.product_id = s.product_id), 0)"

static const Stmt LIST = {
	.name = "licence.pools",
	.sql =
	    "SELECT p.code, d.sku, " LEFT
	    ", " HAPPENED("assigned") ", " HAPPENED("returned") ", " HAPPENED(
		"expired") ", " LEVEL("reorder_at") ", " LEVEL("keep_days") " FROM "
									    "(SELECT "
									    "pool_id AS "
									    "party_id, "
									    "product_id "
									    "FROM "
									    "licence "
									    "WHERE "
									    "pool_id IS"
									    " NOT NULL "
									    "UNION "
									    "SELECT "
									    "e.from_id, "
									    "x.product_"
									    "id FROM "
									    "pool_event "
									    "e JOIN"
									    " licence x "
									    "ON x.id = "
									    "e.licence_"
									    "id WHERE "
									    "e.kind <> "
									    "'unassigned'"
									    " UNION"
									    " SELECT "
									    "party_id, "
									    "product_id "
									    "FROM "
									    "pool_level) "
									    "s"
									    " JOIN party "
									    "p ON p.id = "
									    "s.party_id"
									    " JOIN "
									    "product d "
									    "ON d.id = "
									    "s.product_"
									    "id WHERE "
									    "($1 = 0 OR "
									    "s.party_id "
									    "= $1)"
									    " ORDER BY "
									    "p.code, "
									    "d.sku /* "
									    "scan: a "
									    "person "
									    "looks */",
};
static const Stmt SET = {
	.name = "pool_level.set",
	.sql = "INSERT INTO pool_level (party_id, product_id, reorder_at, keep_days)"
	       " VALUES ($1, $2, $3, $4) ON CONFLICT (party_id, product_id)"
	       " DO UPDATE SET reorder_at = $3, keep_days = $4, low = 0",
};
static const Stmt DROP = {
	.name = "pool_level.drop",
	.sql = "DELETE FROM pool_level WHERE party_id = $1 AND product_id = $2",
};
static const Stmt FULL_AGAIN = {
	.name = "pool_level.full",
	.sql = "UPDATE pool_level AS s SET low = 0 WHERE low = 1 AND reorder_at <= " LEFT,
};
static const Stmt RUN_LOW = {
	.name = "pool_level.low",
	.sql = "SELECT s.party_id, s.product_id, s.reorder_at, s.round, " LEFT
	       " FROM pool_level s WHERE s.low = 0 AND s.reorder_at > " LEFT
	       " ORDER BY s.party_id, s.product_id /* scan: few have a level */",
};
static const Stmt TOLD = {
	.name = "pool_level.told",
	.sql = "UPDATE pool_level SET low = 1, round = round + 1 WHERE party_id = $1"
	       " AND product_id = $2 AND low = 0 AND round = $3",
};

bool
pool_list(Db *db, int64_t party_id, void (*fn)(void *user, const PoolRow *row),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_ARGS(v_int(party_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		PoolRow row = {
			.party = db_col_text(rows, 0),
			.sku = db_col_text(rows, 1),
			.left = db_col_int(rows, 2),
			.assigned = db_col_int(rows, 3),
			.returned = db_col_int(rows, 4),
			.expired = db_col_int(rows, 5),
			.reorder_at = db_col_int(rows, 6),
			.keep_days = db_col_int(rows, 7),
		};

		fn(user, &row);
	}
	return more == 0;
}

bool
pool_level_set(DbTx *tx, int64_t party_id, int64_t product_id, int64_t reorder_at,
    int64_t keep_days, GError **error)
{
	if (reorder_at == 0 && keep_days == 0)
		return db_exec(tx->db, &DROP, DB_ARGS(v_int(party_id), v_int(product_id)),
		    NULL, error);
	return db_exec(tx->db, &SET,
	    DB_ARGS(
		v_int(party_id), v_int(product_id), v_int(reorder_at), v_int(keep_days)),
	    NULL, error);
}

typedef struct Low {
	int64_t party_id;
	int64_t product_id;
	int64_t reorder_at;
	int64_t round;
	int64_t left;
} Low;

static bool
tell(DbTx *tx, const IssueContext *issue, const Low *low, const Party *party,
    const Product *product, const char *to, const char *whom, GError **error)
{
	const char *language =
	    party->language != NULL ? party->language : issue->language;
	json_t *context = letter_context(issue, party->name);
	g_autofree char *subject =
	    g_strdup_printf("stock of %s at %s", product->sku, party->code);
	g_autofree char *key = g_strdup_printf(
	    "stock/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%s",
	    low->party_id, low->product_id, low->round, whom);
	Letter letter = { .text = "stock",
		.context = context,
		.to_email = to,
		.to_name = party->name,
		.language = language,
		.subject = subject,
		.key = key };
	bool ok;

	json_object_set_new(context, "stock",
	    json_pack("{s:s, s:s, s:s, s:I, s:I}", "party", party->code, "product",
		product_name(product, language), "sku", product->sku, "left", low->left,
		"reorder_at", low->reorder_at));
	ok = mail_letter_plan(tx, &letter, NULL, error) >= 0;
	json_decref(context);
	return ok;
}

static bool
tell_all(DbTx *tx, const IssueContext *issue, const Low *low, const char *owner,
    GError **error)
{
	g_autoptr(Party) party = party_get(tx->db, low->party_id, error);
	g_autoptr(Product) product =
	    party != NULL ? product_get(tx->db, low->product_id, error) : NULL;
	int64_t changed;

	if (product == NULL ||
	    !db_exec(tx->db, &TOLD,
		DB_ARGS(v_int(low->party_id), v_int(low->product_id), v_int(low->round)),
		&changed, error))
		return false;
	/* Another worker was faster. */
	if (changed == 0)
		return true;
	return (party->email == NULL ||
		   tell(tx, issue, low, party, product, party->email, "party", error)) &&
	       (owner == NULL ||
		   tell(tx, issue, low, party, product, owner, "owner", error)) &&
	       audit_add(tx, AUDIT_POOL_LOW, "party", low->party_id, product->sku, error);
}

bool
pool_level_turn(
    DbTx *tx, const IssueContext *issue, const char *owner, int *ret_n, GError **error)
{
	g_autoptr(GArray) low = g_array_new(FALSE, FALSE, sizeof(Low));
	g_autoptr(DbRows) rows = NULL;
	int more;

	if (!db_exec(tx->db, &FULL_AGAIN, DB_NO_ARGS, NULL, error))
		return false;
	rows = db_query(tx->db, &RUN_LOW, DB_NO_ARGS, error);
	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Low one = { db_col_int(rows, 0), db_col_int(rows, 1), db_col_int(rows, 2),
			db_col_int(rows, 3), db_col_int(rows, 4) };

		g_array_append_val(low, one);
	}
	if (more < 0)
		return false;
	g_clear_pointer(&rows, db_rows_done);
	for (guint i = 0; i < low->len; i++)
		if (!tell_all(tx, issue, &g_array_index(low, Low, i), owner, error))
			return false;
	*ret_n = (int)low->len;
	return true;
}
