/*
 * subscription_list.c - reading only.
 */
#include "fulfill/domain/subscription_list.h"

#include <string.h>

static const Stmt LIST = {
	.name = "subscription.list",
	.sql =
	    "SELECT s.id, t.id, t.tail, t.state, o.number, ol.line, p.sku, r.code,"
	    " coalesce(h.company, h.name, h.email), s.state, s.start_day, s.k, "
	    "s.last_day,"
	    " s.end_day, s.cancelled_day, s.due_day, s.hold, l.quantity"
	    " FROM subscription s JOIN licence l ON l.id = s.licence_id"
	    " JOIN ticket t ON t.licence_id = l.id JOIN product p ON p.id = l.product_id"
	    " JOIN order_line ol ON ol.id = l.order_line_id"
	    " JOIN orders o ON o.id = ol.order_id JOIN party r ON r.id = l.party_id"
	    " LEFT JOIN party h ON h.id = l.holder_id"
	    " WHERE ($1 = 0 OR s.id = $1) AND ($2 = '' OR s.state = $2)"
	    " AND ($3 = '' OR r.code = $3) AND ($4 = '' OR p.sku = $4)"
	    " AND ($5 = '' OR o.number = $5) AND ($6 = '' OR s.last_day <= $6)"
	    " ORDER BY s.id LIMIT $7 /* scan: a person looks */",
};
static const Stmt TERMS = {
	.name = "subscription_term.list",
	.sql = "SELECT k, first_day, last_day, state FROM subscription_term"
	       " WHERE subscription_id = $1 ORDER BY k",
};

static const char *
or_any(const char *text)
{
	return text != NULL ? text : "";
}

bool
subscription_list(Db *db, const SubscriptionFilter *filter,
    void (*fn)(void *user, const SubscriptionRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_int(filter->id), v_text(or_any(filter->state)),
		v_text(or_any(filter->party)), v_text(or_any(filter->product)),
		v_text(or_any(filter->order)), v_text(or_any(filter->last_by)),
		v_int(filter->limit > 0 ? filter->limit : INT64_MAX)),
	    error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		SubscriptionRow row = {
			.id = db_col_int(rows, 0),
			.ticket_id = db_col_int(rows, 1),
			.tail = db_col_text(rows, 2),
			.ticket_state = db_col_text(rows, 3),
			.order = db_col_text(rows, 4),
			.line = db_col_text(rows, 5),
			.product = db_col_text(rows, 6),
			.party = db_col_text(rows, 7),
			.holder = db_col_text(rows, 8),
			.state = db_col_text(rows, 9),
			.start_day = db_col_text(rows, 10),
			.k = (int)db_col_int(rows, 11),
			.last_day = db_col_text(rows, 12),
			.end_day = db_col_text(rows, 13),
			.cancelled_day = db_col_text(rows, 14),
			.due_day = db_col_text(rows, 15),
			.hold = db_col_text(rows, 16),
			.quantity = (int)db_col_int(rows, 17),
		};

		fn(user, &row);
	}
	return more == 0;
}

bool
subscription_terms(Db *db, int64_t id,
    void (*fn)(void *user, const SubscriptionTerm *term), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &TERMS, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		SubscriptionTerm term = {
			.k = (int)db_col_int(rows, 0),
			.stands = strcmp(db_col_text(rows, 3), "stands") == 0,
		};

		if (!day_parse(db_col_text(rows, 1), &term.first_day, error) ||
		    !day_parse(db_col_text(rows, 2), &term.last_day, error))
			return false;
		fn(user, &term);
	}
	return more == 0;
}
