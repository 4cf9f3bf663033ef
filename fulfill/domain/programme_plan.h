/*
 * programme_plan.h - one employee's licence by a programme: made, extended, cut short,
 * held, ended (C13).
 *
 * The licence comes into the world by an internal order (source "programme"), whose
 * number is programme, day and employee: whatever runs twice finds it there.  The ticket
 * stays the same through all terms; what moves is the last day.  It never lies after the
 * last day of employment.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/programme.h"
#include "queue/db.h"

#define PROGRAMME_SOURCE "programme"

typedef struct Plan {
	int64_t id;
	int64_t programme_id;
	int64_t employee_id;
	int64_t product_id;
	int64_t order_id;
	char state[8]; /* active, held, ended */
	Day start_day;
	int k;
	Day last_day;
} Plan;

/* The plan by which an employee has a product now.  1: *ret is filled.  0: none. */
int plan_find(
    Db *db, int64_t employee_id, int64_t product_id, Plan *ret, GError **error) MUST_USE;

/*
 * Makes plan and order; the licence runs from `day`, one term, at most to the end of the
 * employment.  `number` is the order's; `asked`: a demo beside the schedule, one ticket.
 * `days` not 0: so many instead of the programme's term.  1: *ret is filled.  0: refused,
 * *ret_why says why (to be freed), nothing is stored.
 */
typedef struct PlanWish {
	const Programme *programme;
	const ProgrammePerson *person;
	Day day;
	int days;
	bool asked;
	const char *number;
	int64_t due_at; /* not before; 0: now */
} PlanWish;
int plan_issue(DbTx *tx, const IssueContext *issue, const PlanWish *wish, Plan *ret,
    char **ret_why, GError **error) MUST_USE;

/* Whole terms more until the licence reaches `need_day`, at most to the end of the
 * employment.  1: extended.  0: it reaches that already, or cannot go further. */
int plan_extend(DbTx *tx, Plan *plan, const Programme *programme,
    const ProgrammePerson *person, Day need_day, GError **error) MUST_USE;

/* The last day becomes an earlier one. */
bool plan_shorten(DbTx *tx, Plan *plan, Day last_day, GError **error) MUST_USE;

/* Over.  `recall`: the tickets are called back. */
bool plan_end(
    DbTx *tx, Plan *plan, bool recall, const char *reason, GError **error) MUST_USE;

/* Plan: those of an employee that run, held ones too. */
GArray *plan_live_of(Db *db, int64_t employee_id, GError **error) MUST_USE;

/* All plans of an employee end, tickets are recalled. */
bool plan_end_employee(
    DbTx *tx, int64_t employee_id, const char *reason, GError **error) MUST_USE;

/* Held plans of an employee go on. */
bool plan_resume_employee(DbTx *tx, int64_t employee_id, GError **error) MUST_USE;

/* A mail came back for good: plans of the ticket it carried, or of the employee it was
 * for, are held.  *ret_n counts. */
bool plan_bounced(DbTx *tx, int64_t mail_id, const char *reason, int64_t *ret_n,
    GError **error) MUST_USE;

/* The days of a licence that an order of a programme makes; for issue.c.  1: set.  0: no
 * such order. */
int plan_term(Db *db, int64_t order_id, LicenceTerm *term, GError **error) MUST_USE;

/* "*****-...-ABCDE" of the plan's (first) ticket, or NULL before it is made; *ret is the
 * caller's. */
bool plan_masked(Db *db, const Plan *plan, char **ret, GError **error) MUST_USE;

/* Fills a plan from the columns PLAN_COLUMNS, the first of which is `at`. */
#define PLAN_COLUMNS                                                                     \
	"p.id, p.programme_id, p.employee_id, p.product_id, p.order_id, p.state, "       \
	"p.start_day, p.k, p.last_day"
bool plan_from_row(const DbRows *rows, int at, Plan *ret, GError **error) MUST_USE;
