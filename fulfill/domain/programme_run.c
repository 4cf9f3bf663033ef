/*
 * programme_run.c - runs in slices, and the ends of plans.
 */
#include "fulfill/domain/programme_run.h"

#include <string.h>

#include "fulfill/domain/programme_ask.h"
#include "fulfill/domain/programme_letter.h"
#include "queue/clock.h"
#include "queue/fault.h"

static const Stmt LAST_RUN = {
	.name = "programme_run.last_day",
	.sql = "SELECT max(day) FROM programme_run WHERE programme_id = $1",
};
static const Stmt BEGIN = {
	.name = "programme_run.begin",
	.sql =
	    "INSERT INTO programme_run (programme_id, rule_day, day, next_day, state,"
	    " after_id, mails, started_at) VALUES ($1, $2, $3, $4, 'running', 0, 0, $5)"
	    " ON CONFLICT (programme_id, rule_day) DO NOTHING",
};
static const Stmt OPEN = {
	.name = "programme_run.open",
	.sql = "SELECT r.id, g.code, r.rule_day, r.day, r.next_day, r.after_id, r.mails,"
	       " r.started_at FROM programme_run r JOIN programme g ON"
	       " g.id = r.programme_id WHERE r.state = 'running' AND g.paused_at IS NULL"
	       " ORDER BY r.id LIMIT 1",
};
static const Stmt STEP = {
	.name = "programme_run.step",
	.sql = "UPDATE programme_run SET after_id = $3, mails = $4, state = $5,"
	       " done_at = $6 WHERE id = $1 AND after_id = $2 AND state = 'running'",
};
static const Stmt DEED = {
	.name = "programme_deed.add",
	.sql = "INSERT INTO programme_deed (programme_id, employee_id, rule_day, what,"
	       " plan_id, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
static const Stmt IS_DONE = {
	.name = "programme_deed.is",
	.sql = "SELECT 1 FROM programme_deed WHERE programme_id = $1 AND employee_id = $2"
	       " AND rule_day = $3",
};
static const Stmt LEAVING = {
	.name = "programme_plan.leaving",
	.sql = "SELECT " PLAN_COLUMNS " FROM programme_plan p JOIN employee e"
	       " ON e.id = p.employee_id WHERE e.until_day IS NOT NULL"
	       " AND p.state IN ('active', 'held') AND p.last_day > e.until_day"
	       " ORDER BY p.id LIMIT $1",
};
static const Stmt OVER = {
	.name = "programme_plan.over",
	.sql = "SELECT " PLAN_COLUMNS " FROM programme_plan p"
	       " WHERE p.state IN ('active', 'held') AND p.last_day < $1"
	       " ORDER BY p.last_day, p.id LIMIT $2",
};

typedef struct Run {
	DbTx *tx;
	const ProgrammePolicy *policy;
	Programme *programme;
	int64_t id;
	char rule_day[DAY_CHARS];
	Day day;
	Day next_day;
	int64_t after_id;
	int64_t mails;
	int64_t started_at;
} Run;

int
programme_begin(DbTx *tx, const Programme *programme, const ProgrammePolicy *policy,
    int64_t now_at, GError **error)
{
	g_autoptr(Schedule) schedule = NULL;
	g_autofree char *ran = NULL;
	Occurrence due;
	Occurrence next;
	char rule_day[DAY_CHARS];
	char day[DAY_CHARS];
	char next_day[DAY_CHARS];
	Day ran_day = DAY_MIN;
	int64_t begun;
	int found;

	if (programme->paused)
		return 0;
	schedule = programme_schedule(programme, policy->holidays, error);
	if (schedule == NULL || db_find_text(tx->db, &LAST_RUN,
				    DB_ARGS(v_int(programme->id)), &ran, error) < 0)
		return -1;
	if (ran != NULL && !day_parse(ran, &ran_day, error))
		return -1;
	found = schedule_due(schedule, ran_day, now_at, &due, error);
	if (found <= 0)
		return found;
	found = schedule_next(schedule, now_at, &next, error);
	if (found < 0)
		return -1;
	/* After the last one a licence is not carried further than to its term. */
	if (found == 0)
		next.day = due.day;
	if (!db_exec(tx->db, &BEGIN,
		DB_ARGS(v_int(programme->id), v_text(day_format(due.rule_day, rule_day)),
		    v_text(day_format(due.day, day)),
		    v_text(day_format(next.day, next_day)), v_int(now_at)),
		&begun, error))
		return -1;
	return begun == 1;
}

/* When the next mail of this run may leave. */
static int64_t
next_mail_at(Run *run)
{
	int rate = run->policy->per_minute;
	int64_t n = run->mails++;

	return rate > 0 ? run->started_at + n * 60 * US_PER_S / rate : 0;
}

static bool
note(Run *run, const ProgrammePerson *person, const char *what, int64_t plan_id,
    const char *detail, GError **error)
{
	return db_exec(run->tx->db, &DEED,
	    DB_ARGS(v_int(run->programme->id), v_int(person->id), v_text(run->rule_day),
		v_text(what), v_id(plan_id), v_text(detail), v_int(clock_now_at())),
	    NULL, error);
}

static bool
give(Run *run, const ProgrammePerson *person, GError **error)
{
	g_autofree char *number = g_strdup_printf(
	    "%s/%s/%" G_GINT64_FORMAT, run->programme->code, run->rule_day, person->id);
	PlanWish wish = { .programme = run->programme,
		.person = person,
		/* Late after a downtime: from today, so that nothing is lost. */
		.day = day_max(run->day, day_today(run->policy->issue->zone)),
		.number = number };
	g_autofree char *why = NULL;
	Plan plan;
	int given;

	if (day_cmp(wish.day, person->until_day) > 0)
		return true;
	wish.due_at = next_mail_at(run);
	given = plan_issue(run->tx, run->policy->issue, &wish, &plan, &why, error);
	if (given < 0)
		return false;
	if (given == 0)
		run->mails--;
	return note(run, person, given == 1 ? "issued" : "refused",
	    given == 1 ? plan.id : 0, why, error);
}

static bool
renew(Run *run, const ProgrammePerson *person, Plan *plan, GError **error)
{
	Day need = day_add_days(run->next_day, run->programme->lead_days);
	int extended;

	if (strcmp(plan->state, "held") == 0)
		return note(run, person, "held", plan->id, NULL, error);
	if (plan->programme_id != run->programme->id || !run->programme->renew)
		return note(run, person, "covered", plan->id, NULL, error);
	extended = plan_extend(run->tx, plan, run->programme, person, need, error);
	if (extended <= 0)
		return extended == 0 &&
		       note(run, person, "covered", plan->id, NULL, error);
	return programme_letter(run->tx, run->policy->issue, plan, person,
		   day_cmp(plan->last_day, person->until_day) == 0 ? PLAN_SHORTENED
								   : PLAN_RENEWED,
		   next_mail_at(run), error) >= 0 &&
	       note(run, person, "extended", plan->id, NULL, error);
}

static bool
serve(Run *run, const ProgrammePerson *person, GError **error)
{
	Plan plan;
	bool stopped = false;
	int64_t one;
	int found;

	if (!programme_is_for(run->programme, person))
		return true;
	found = db_find_int(run->tx->db, &IS_DONE,
	    DB_ARGS(v_int(run->programme->id), v_int(person->id), v_text(run->rule_day)),
	    &one, error);
	if (found != 0)
		return found > 0;
	found =
	    plan_find(run->tx->db, person->id, run->programme->product_id, &plan, error);
	if (found < 0 || (found == 0 && !programme_stopped(run->tx->db, person,
					    run->programme->product_id, &stopped, error)))
		return false;
	if (stopped)
		return note(run, person, "refused", 0, "stopped by the employee", error);
	/* One that ran out is over; the sweep would say so a little later. */
	if (found == 1 && day_cmp(plan.last_day, run->day) < 0) {
		if (!plan_end(run->tx, &plan, false, "ran out", error))
			return false;
		found = 0;
	}
	return found == 1 ? renew(run, person, &plan, error) : give(run, person, error);
}

/* 1: *run is the oldest open one. */
static int
load(Run *run, GError **error)
{
	g_autoptr(DbRows) rows = db_query(run->tx->db, &OPEN, DB_NO_ARGS, error);
	g_autofree char *code = NULL;
	int more = rows != NULL ? db_next(rows, error) : -1;

	if (more <= 0)
		return more;
	run->id = db_col_int(rows, 0);
	code = g_strdup(db_col_text(rows, 1));
	g_strlcpy(run->rule_day, db_col_text(rows, 2), sizeof(run->rule_day));
	run->after_id = db_col_int(rows, 5);
	run->mails = db_col_int(rows, 6);
	run->started_at = db_col_int(rows, 7);
	if (!day_parse(db_col_text(rows, 3), &run->day, error) ||
	    !day_parse(db_col_text(rows, 4), &run->next_day, error))
		return -1;
	g_clear_pointer(&rows, db_rows_done);
	run->programme =
	    programme_get(run->tx->db, code, run->policy->issue->zone, error);
	return run->programme != NULL ? 1 : -1;
}

bool
programme_turn(
    DbTx *tx, const ProgrammePolicy *policy, int max, bool *ret_busy, GError **error)
{
	Run run = { .tx = tx, .policy = policy };
	g_autoptr(Programme) programme = NULL;
	g_autoptr(GPtrArray) people = NULL;
	int64_t after;
	int64_t changed;
	bool done;
	int found = load(&run, error);

	programme = run.programme;
	*ret_busy = found == 1;
	if (found <= 0)
		return found == 0;
	after = run.after_id;
	people = programme_people(tx->db, run.day, after, max, error);
	if (people == NULL)
		return false;
	for (guint i = 0; i < people->len; i++) {
		const ProgrammePerson *person = g_ptr_array_index(people, i);

		if (!serve(&run, person, error)) {
			g_prefix_error(error,
			    "programme '%s', employee '%s': ", programme->code,
			    person->code);
			return false;
		}
		run.after_id = person->id;
	}
	done = people->len < (guint)max;
	FAULT("programme.step");
	if (!db_exec(tx->db, &STEP,
		DB_ARGS(v_int(run.id), v_int(after), v_int(run.after_id),
		    v_int(run.mails), v_text(done ? "done" : "running"),
		    done ? v_int(clock_now_at()) : v_null()),
		&changed, error))
		return false;
	return changed == 1 ||
	       err_set(error, TP_ERROR_BUSY, "another worker is at this run");
}

/* ---- ends ---- */

static GArray *
plans_of(DbRows *rows, GError **error)
{
	g_autoptr(GArray) plans = g_array_new(FALSE, FALSE, sizeof(Plan));
	int more = -1;

	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		Plan plan;

		if (!plan_from_row(rows, 0, &plan, error))
			return NULL;
		g_array_append_val(plans, plan);
	}
	return more == 0 ? g_steal_pointer(&plans) : NULL;
}

static bool
cut(DbTx *tx, const ProgrammePolicy *policy, Plan *plan, Day today, GError **error)
{
	g_autoptr(ProgrammePerson) person =
	    programme_person_get(tx->db, plan->employee_id, error);

	if (person == NULL || !plan_shorten(tx, plan, person->until_day, error))
		return false;
	/* Who has left gets no further mail. */
	return day_cmp(person->until_day, today) < 0 || *person->email == '\0' ||
	       programme_letter(
		   tx, policy->issue, plan, person, PLAN_SHORTENED, 0, error) >= 0;
}

static bool
finish(DbTx *tx, Plan *plan, Day today, json_t *removed, GError **error)
{
	g_autoptr(ProgrammePerson) person =
	    programme_person_get(tx->db, plan->employee_id, error);
	bool left;

	if (person == NULL)
		return false;
	left = day_cmp(person->until_day, today) < 0;
	if (!plan_end(tx, plan, left, left ? "left" : "ran out", error))
		return false;
	return !left || programme_removed(tx, removed, plan, person, "recalled", error);
}

bool
programme_sweep(DbTx *tx, const ProgrammePolicy *policy, Day today, int max, int *ret_n,
    GError **error)
{
	char day[DAY_CHARS];
	g_autoptr(DbRows) leaving =
	    db_query(tx->db, &LEAVING, DB_ARGS(v_int(max)), error);
	g_autoptr(GArray) cuts = plans_of(leaving, error);
	g_autoptr(DbRows) rows = NULL;
	g_autoptr(GArray) over = NULL;
	g_autofree char *key = NULL;
	json_t *removed;
	bool ok = true;

	g_clear_pointer(&leaving, db_rows_done);
	if (cuts == NULL)
		return false;
	for (guint i = 0; i < cuts->len; i++)
		if (!cut(tx, policy, &g_array_index(cuts, Plan, i), today, error))
			return false;
	rows = db_query(
	    tx->db, &OVER, DB_ARGS(v_text(day_format(today, day)), v_int(max)), error);
	over = plans_of(rows, error);
	g_clear_pointer(&rows, db_rows_done);
	if (over == NULL)
		return false;
	*ret_n = (int)MAX(cuts->len, over->len);
	removed = json_array();
	for (guint i = 0; ok && i < over->len; i++)
		ok = finish(tx, &g_array_index(over, Plan, i), today, removed, error);
	if (ok && over->len > 0) {
		key = g_strdup_printf(
		    "staff-left/%" G_GINT64_FORMAT, g_array_index(over, Plan, 0).id);
		ok = programme_report(tx, policy->issue, policy->owner,
		    policy->owner_language, removed, key, error);
	}
	json_decref(removed);
	return ok;
}
