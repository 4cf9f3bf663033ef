/*
 * programme_list.c - plans as rows.
 */
#include "fulfill/domain/programme_list.h"

static const Stmt LIST = {
	.name = "programme_plan.list",
	.sql = "SELECT p.id, g.code, e.code, e.name, r.sku, p.state, p.reason, p.asked,"
	       " o.number, p.k, p.start_day, p.last_day,"
	       " (SELECT min(t.tail) FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       "  JOIN order_line ol ON ol.id = l.order_line_id"
	       "  WHERE ol.order_id = p.order_id)"
	       " FROM programme_plan p JOIN programme g ON g.id = p.programme_id"
	       " JOIN employee e ON e.id = p.employee_id"
	       " JOIN product r ON r.id = p.product_id"
	       " LEFT JOIN orders o ON o.id = p.order_id"
	       " WHERE ($1 = '' OR e.code = $1) AND ($2 = '' OR g.code = $2)"
	       " AND ($3 = 0 OR p.state IN ('active', 'held'))"
	       " ORDER BY p.id /* scan: a person looks */",
};

bool
plan_list(Db *db, const PlanFilter *filter, void (*fn)(void *user, const PlanRow *row),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_text(filter->employee != NULL ? filter->employee : ""),
		v_text(filter->programme != NULL ? filter->programme : ""),
		v_int(filter->live)),
	    error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		PlanRow row = {
			.id = db_col_int(rows, 0),
			.programme = db_col_text(rows, 1),
			.employee = db_col_text(rows, 2),
			.name = db_col_text(rows, 3),
			.product = db_col_text(rows, 4),
			.state = db_col_text(rows, 5),
			.reason = db_col_text(rows, 6),
			.asked = db_col_int(rows, 7) != 0,
			.order = db_col_text(rows, 8),
			.terms = db_col_int(rows, 9),
			.first_day = db_col_text(rows, 10),
			.last_day = db_col_text(rows, 11),
			.tail = db_col_text(rows, 12),
		};

		fn(user, &row);
	}
	return more == 0;
}

json_t *
plan_row_json(const PlanRow *r)
{
	g_autofree char *masked =
	    r->tail != NULL ? g_strconcat("*****-...-", r->tail, NULL) : NULL;

	return json_pack("{s:I, s:s, s:s, s:s?, s:s, s:s, s:s?, s:b, s:s?, s:I, s:s, s:s,"
			 " s:s?}",
	    "id", r->id, "programme", r->programme, "employee", r->employee, "name",
	    r->name, "product", r->product, "state", r->state, "reason", r->reason,
	    "asked", r->asked, "order", r->order, "terms", r->terms, "first_day",
	    r->first_day, "last_day", r->last_day, "masked", masked);
}
