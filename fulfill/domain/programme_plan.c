/*
 * programme_plan.c - the table programme_plan, and the orders behind it.
 */
#include "fulfill/domain/programme_plan.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"

#define LIVE "p.state IN ('active', 'held')"

static const Stmt FIND = {
	.name = "programme_plan.find",
	.sql = "SELECT " PLAN_COLUMNS " FROM programme_plan p WHERE p.employee_id = $1"
	       " AND p.product_id = $2 AND p.asked = 0 AND " LIVE,
};
static const Stmt OF_EMPLOYEE = {
	.name = "programme_plan.of_employee",
	.sql = "SELECT " PLAN_COLUMNS " FROM programme_plan p WHERE p.employee_id = $1"
	       " AND " LIVE " ORDER BY p.id",
};
static const Stmt ADD = {
	.name = "programme_plan.add",
	.sql = "INSERT INTO programme_plan (programme_id, employee_id, product_id, asked,"
	       " order_id, state, start_day, k, last_day, created_at, changed_at)"
	       " VALUES ($1, $2, $3, $4, $5, 'active', $6, 1, $7, $8, $8) RETURNING id",
};
static const Stmt PUT = {
	.name = "programme_plan.put",
	.sql = "UPDATE programme_plan SET k = $3, last_day = $4, changed_at = $5"
	       " WHERE id = $1 AND k = $2 AND state <> 'ended'",
};
static const Stmt LICENCE_PUT = {
	.name = "licence.last_day_of_plan",
	.sql = "UPDATE licence SET last_day = $2 WHERE order_line_id IN"
	       " (SELECT id FROM order_line WHERE order_id = $1)",
};
static const Stmt END = {
	.name = "programme_plan.end",
	.sql = "UPDATE programme_plan SET state = 'ended', reason = $2, changed_at = $3"
	       " WHERE id = $1 AND state <> 'ended'",
};
static const Stmt RESUME = {
	.name = "programme_plan.resume",
	.sql = "UPDATE programme_plan SET state = 'active', reason = NULL,"
	       " changed_at = $2 WHERE employee_id = $1 AND state = 'held'",
};
static const Stmt BOUNCED = {
	.name = "programme_plan.bounced",
	.sql = "UPDATE programme_plan SET state = 'held', reason = $2, changed_at = $3"
	       " WHERE state = 'active' AND (order_id IN (SELECT order_id FROM mail_out"
	       "  WHERE id = $1 AND order_id IS NOT NULL) OR employee_id IN"
	       "  (SELECT e.id FROM employee e JOIN mail_out m ON"
	       "   lower(m.to_email) = lower(e.email) WHERE m.id = $1))",
};
static const Stmt TERM_OF = {
	.name = "programme_plan.of_order",
	.sql = "SELECT start_day, last_day FROM programme_plan WHERE order_id = $1",
};
static const Stmt TAIL = {
	.name = "ticket.tail_of_order",
	.sql = "SELECT t.tail FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id WHERE ol.order_id = $1"
	       " ORDER BY t.id LIMIT 1",
};
static const Stmt NUMBER = {
	.name = "orders.number_for_plan",
	.sql = "SELECT number FROM orders WHERE id = $1",
};
static const Stmt DUE = {
	.name = "job.due_of_order",
	.sql = "UPDATE job SET due_at = $2 WHERE kind = 'issue' AND ref = $1"
	       " AND state = 'ready'",
};

bool
plan_from_row(const DbRows *rows, int at, Plan *ret, GError **error)
{
	*ret = (Plan){
		.id = db_col_int(rows, at),
		.programme_id = db_col_int(rows, at + 1),
		.employee_id = db_col_int(rows, at + 2),
		.product_id = db_col_int(rows, at + 3),
		.order_id = db_col_int(rows, at + 4),
		.k = (int)db_col_int(rows, at + 7),
	};
	g_strlcpy(ret->state, db_col_text(rows, at + 5), sizeof(ret->state));
	return day_parse(db_col_text(rows, at + 6), &ret->start_day, error) &&
	       day_parse(db_col_text(rows, at + 8), &ret->last_day, error);
}

int
plan_find(Db *db, int64_t employee_id, int64_t product_id, Plan *ret, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &FIND, DB_ARGS(v_int(employee_id), v_int(product_id)), error);
	int more = rows != NULL ? db_next(rows, error) : -1;

	return more == 1 && !plan_from_row(rows, 0, ret, error) ? -1 : more;
}

/* ---- making ---- */

static OrderDraft *
draft_of(const PlanWish *wish)
{
	const ProgrammePerson *person = wish->person;
	OrderDraft *draft = order_draft_new();
	OrderLine *line = order_draft_add_line(draft);
	int days = wish->days != 0 ? wish->days : wish->programme->term.days;

	draft->source = g_strdup(PROGRAMME_SOURCE);
	draft->number = g_strdup(wish->number);
	draft->party = g_strdup(PARTY_VENDOR);
	draft->has_customer = true;
	/* Not the staff number: it stays in the orders when the person is erased. */
	draft->customer.id = g_strdup_printf("staff-%" G_GINT64_FORMAT, person->id);
	draft->customer.name = g_strdup(person->name);
	draft->customer.email = g_strdup(person->email);
	draft->customer.language = g_strdup(person->language);
	draft->deliver_by = ORDER_BY_EMAIL;
	draft->deliver_to = ORDER_TO_CUSTOMER;
	line->line = g_strdup("1");
	line->product = g_strdup(wish->programme->sku);
	line->quantity = wish->asked ? 1 : wish->programme->number;
	/* So that the product's range for the days of a demo has its say. */
	if (wish->programme->demo && days > 0)
		order_line_set_number(line, "days", days);
	return draft;
}

static bool
last_day_of(const PlanWish *wish, Day *ret, GError **error)
{
	Term term =
	    wish->days != 0 ? (Term){ .days = wish->days } : wish->programme->term;
	Period period;

	if (!term_period(term, wish->day, 1, &period, error))
		return false;
	*ret = day_min(period.last_day, wish->person->until_day);
	return true;
}

int
plan_issue(DbTx *tx, const IssueContext *issue, const PlanWish *wish, Plan *ret,
    char **ret_why, GError **error)
{
	g_autoptr(OrderDraft) draft = draft_of(wish);
	OrderPolicy policy = { .max_quantity = LIMIT_ORDER_QUANTITY,
		.zone = issue->zone };
	OrderStatus status;
	Day last;
	char from[DAY_CHARS];
	char to[DAY_CHARS];

	*ret_why = NULL;
	if (!last_day_of(wish, &last, error) ||
	    !order_place(tx, draft, &policy, &status, &ret->order_id, error))
		return -1;
	if (status != ORDER_ACCEPTED) {
		*ret_why = g_strdup(
		    draft->errors->len > 0
			? ((const OrderError *)g_ptr_array_index(draft->errors, 0))->text
			: order_status_name(status));
		return 0;
	}
	*ret = (Plan){ .programme_id = wish->programme->id,
		.employee_id = wish->person->id,
		.product_id = wish->programme->product_id,
		.order_id = ret->order_id,
		.state = "active",
		.start_day = wish->day,
		.k = 1,
		.last_day = last };
	FAULT("plan.issue");
	if (db_find_int(tx->db, &ADD,
		DB_ARGS(v_int(ret->programme_id), v_int(ret->employee_id),
		    v_int(ret->product_id), v_int(wish->asked), v_int(ret->order_id),
		    v_text(day_format(wish->day, from)), v_text(day_format(last, to)),
		    v_int(clock_now_at())),
		&ret->id, error) != 1 ||
	    (wish->due_at != 0 &&
		!db_exec(tx->db, &DUE, DB_ARGS(v_int(ret->order_id), v_int(wish->due_at)),
		    NULL, error)) ||
	    !audit_add(tx, AUDIT_PLAN_ISSUED, "plan", ret->id, to, error))
		return -1;
	return 1;
}

int
plan_term(Db *db, int64_t order_id, LicenceTerm *term, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &TERM_OF, DB_ARGS(v_int(order_id)), error);
	int more = rows != NULL ? db_next(rows, error) : -1;

	if (more <= 0)
		return more;
	if (!day_parse(db_col_text(rows, 0), &term->first_day, error) ||
	    !day_parse(db_col_text(rows, 1), &term->last_day, error))
		return -1;
	term->start_day = term->first_day;
	term->period.first_day = term->first_day;
	term->period.last_day = term->last_day;
	return 1;
}

/* ---- changing ---- */

/* Writes k and last day, here and in the licence; `was` is the k that was read. */
static bool
put(DbTx *tx, const Plan *plan, int was, GError **error)
{
	char day[DAY_CHARS];
	int64_t changed;

	day_format(plan->last_day, day);
	if (!db_exec(tx->db, &PUT,
		DB_ARGS(v_int(plan->id), v_int(was), v_int(plan->k), v_text(day),
		    v_int(clock_now_at())),
		&changed, error))
		return false;
	if (changed != 1)
		return err_set(error, TP_ERROR_BUSY,
		    "plan %" G_GINT64_FORMAT " was changed by somebody else", plan->id);
	return db_exec(tx->db, &LICENCE_PUT, DB_ARGS(v_int(plan->order_id), v_text(day)),
	    NULL, error);
}

int
plan_extend(DbTx *tx, Plan *plan, const Programme *programme,
    const ProgrammePerson *person, Day need_day, GError **error)
{
	Day before = plan->last_day;
	int was = plan->k;
	char day[DAY_CHARS];

	while (day_cmp(plan->last_day, need_day) < 0 &&
	       day_cmp(plan->last_day, person->until_day) < 0) {
		Period period;

		/* From the start and k, never from the term before (C8). */
		if (!term_period(
			programme->term, plan->start_day, plan->k + 1, &period, error))
			return -1;
		plan->k++;
		plan->last_day =
		    day_min(day_max(plan->last_day, period.last_day), person->until_day);
	}
	if (day_cmp(plan->last_day, before) == 0)
		return 0;
	FAULT("plan.extend");
	return put(tx, plan, was, error) &&
		       audit_add(tx, AUDIT_PLAN_EXTENDED, "plan", plan->id,
			   day_format(plan->last_day, day), error)
		   ? 1
		   : -1;
}

bool
plan_shorten(DbTx *tx, Plan *plan, Day last_day, GError **error)
{
	char day[DAY_CHARS];

	plan->last_day = last_day;
	return put(tx, plan, plan->k, error) &&
	       audit_add(tx, AUDIT_PLAN_SHORTENED, "plan", plan->id,
		   day_format(last_day, day), error);
}

static bool
cancel_order(DbTx *tx, const Plan *plan, const char *reason, GError **error)
{
	/* Nothing is billed for staff: the day is for inventories, and near enough. */
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *number = NULL;
	g_autoptr(GError) wrong = NULL;
	int tickets;

	if (db_find_text(
		tx->db, &NUMBER, DB_ARGS(v_int(plan->order_id)), &number, error) != 1)
		return false;
	if (order_cancel(tx, PROGRAMME_SOURCE, number, NULL, reason, day_today(utc),
		&tickets, &wrong) ||
	    g_error_matches(wrong, TP_ERROR, TP_ERROR_CONFLICT))
		return true;
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}

bool
plan_end(DbTx *tx, Plan *plan, bool recall, const char *reason, GError **error)
{
	int64_t changed;

	g_strlcpy(plan->state, "ended", sizeof(plan->state));
	if (!db_exec(tx->db, &END,
		DB_ARGS(v_int(plan->id), v_text(reason), v_int(clock_now_at())), &changed,
		error))
		return false;
	FAULT("plan.end");
	return changed == 0 ||
	       ((!recall || cancel_order(tx, plan, reason, error)) &&
		   audit_add(tx, AUDIT_PLAN_ENDED, "plan", plan->id, reason, error));
}

GArray *
plan_live_of(Db *db, int64_t employee_id, GError **error)
{
	g_autoptr(GArray) plans = g_array_new(FALSE, FALSE, sizeof(Plan));
	g_autoptr(DbRows) rows =
	    db_query(db, &OF_EMPLOYEE, DB_ARGS(v_int(employee_id)), error);
	int more = -1;

	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		Plan plan;

		if (!plan_from_row(rows, 0, &plan, error))
			return NULL;
		g_array_append_val(plans, plan);
	}
	return more == 0 ? g_steal_pointer(&plans) : NULL;
}

bool
plan_end_employee(DbTx *tx, int64_t employee_id, const char *reason, GError **error)
{
	g_autoptr(GArray) plans = plan_live_of(tx->db, employee_id, error);

	for (guint i = 0; plans != NULL && i < plans->len; i++)
		if (!plan_end(tx, &g_array_index(plans, Plan, i), true, reason, error))
			return false;
	return plans != NULL;
}

bool
plan_resume_employee(DbTx *tx, int64_t employee_id, GError **error)
{
	int64_t changed;

	return db_exec(tx->db, &RESUME,
		   DB_ARGS(v_int(employee_id), v_int(clock_now_at())), &changed, error) &&
	       (changed == 0 || audit_add(tx, AUDIT_PLAN_RESUMED, "employee", employee_id,
				    NULL, error));
}

bool
plan_bounced(
    DbTx *tx, int64_t mail_id, const char *reason, int64_t *ret_n, GError **error)
{
	return db_exec(tx->db, &BOUNCED,
		   DB_ARGS(v_int(mail_id), v_text(reason), v_int(clock_now_at())), ret_n,
		   error) &&
	       (*ret_n == 0 || audit_add(tx, AUDIT_PLAN_HELD, "mail", mail_id,
				   "its mail came back", error));
}

bool
plan_masked(Db *db, const Plan *plan, char **ret, GError **error)
{
	g_autofree char *tail = NULL;
	int found = db_find_text(db, &TAIL, DB_ARGS(v_int(plan->order_id)), &tail, error);

	*ret = found == 1 ? g_strconcat("*****-...-", tail, NULL) : NULL;
	return found >= 0;
}
