/*
 * pool_start.c - a term, a charge, a subscription: later than the ticket.
 */
#include "fulfill/domain/pool_start.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/remote_call.h"
#include "fulfill/domain/sold.h"
#include "fulfill/domain/subscription.h"
#include "queue/fault.h"

static const Stmt FACTS = {
	.name = "licence.start_facts",
	.sql = "SELECT l.product_id, l.party_id, l.order_line_id, l.quantity, ol.options,"
	       " t.id, t.backend FROM licence l JOIN order_line ol ON ol.id = "
	       "l.order_line_id JOIN ticket t ON t.licence_id = l.id WHERE l.id = $1",
};
static const Stmt RUN_FROM = {
	.name = "licence.run_from",
	.sql = "UPDATE licence SET first_day = $2, last_day = $3 WHERE id = $1",
};

typedef struct Facts {
	Product *product;
	LicenceFacts licence;
	json_t *options;
	int64_t ticket_id;
	bool remote;
} Facts;

static void
facts_clear(Facts *facts)
{
	g_clear_pointer(&facts->product, product_free);
	json_decref(facts->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

bool
pool_start_waits(const Product *product)
{
	return product->starts_assigned && strcmp(product->kind, "subscription") == 0;
}

static bool
load(Db *db, int64_t licence_id, Facts *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &FACTS, DB_ARGS(v_int(licence_id)), error);
	int64_t product_id;

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	product_id = db_col_int(rows, 0);
	ret->licence = (LicenceFacts){ .product_id = product_id,
		.party_id = db_col_int(rows, 1),
		.order_line_id = db_col_int(rows, 2),
		.quantity = (int)db_col_int(rows, 3) };
	if (!db_col_is_null(rows, 4))
		ret->options = json_loads(db_col_text(rows, 4), 0, NULL);
	ret->ticket_id = db_col_int(rows, 5);
	ret->remote = strcmp(db_col_text(rows, 6), "mint") != 0;
	g_clear_pointer(&rows, db_rows_done);
	ret->product = product_get(db, product_id, error);
	return ret->product != NULL;
}

static bool
run_from(DbTx *tx, int64_t licence_id, const LicenceTerm *term, GError **error)
{
	char first[DAY_CHARS];
	char last[DAY_CHARS];

	return db_exec(tx->db, &RUN_FROM,
	    DB_ARGS(v_int(licence_id), v_text(day_format(term->first_day, first)),
		day_cmp(term->last_day, DAY_MAX) < 0
		    ? v_text(day_format(term->last_day, last))
		    : v_null()),
	    NULL, error);
}

bool
pool_start(DbTx *tx, int64_t licence_id, Day today, GError **error)
{
	g_auto(Facts) facts = { 0 };
	g_autoptr(Subscription) running = NULL;
	LicenceTerm term;
	bool demo;
	int found;

	if (!load(tx->db, licence_id, &facts, error))
		return false;
	demo = strcmp(facts.product->kind, "demo") == 0;
	if (!demo && !pool_start_waits(facts.product))
		return true;
	found = subscription_find(tx->db, licence_id, &running, error);
	if (found != 0)
		return found > 0;
	if (!licence_term(facts.product, facts.options, today, &term, error) ||
	    !run_from(tx, licence_id, &term, error))
		return false;
	if (demo)
		return true;
	FAULT("pool.start");
	return licence_sold(
		   tx, facts.product, licence_id, &facts.licence, &term, error) &&
	       (!facts.remote || remote_call_extend(tx, facts.ticket_id, 1,
				     facts.licence.quantity, term.last_day, error));
}
