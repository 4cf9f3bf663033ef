/*
 * cmd_programme.c - programmes: what there is, what comes next, run now, pause.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/programme_ask.h"
#include "fulfill/domain/programme_list.h"
#include "fulfill/work/chores.h"
#include "fulfill/work/programme_chore.h"
#include "queue/clock.h"

#define PREVIEW_DATES 12
#define PREVIEW_PEOPLE 200

static gboolean opt_all;
static gboolean opt_resume;

const GOptionEntry opt_programme_show[] = {
	{ "all", 0, 0, G_OPTION_ARG_NONE, &opt_all, "also plans that are over", NULL },
	{ 0 },
};
const GOptionEntry opt_programme_pause[] = {
	{ "resume", 0, 0, G_OPTION_ARG_NONE, &opt_resume, "let it run again", NULL },
	{ 0 },
};

static json_t *
programme_json(const Programme *p)
{
	char day[DAY_CHARS];
	json_t *term = p->term.months > 0 ? json_pack("{s:i}", "months", p->term.months)
					  : json_pack("{s:i}", "days", p->term.days);

	return json_pack(
	    "{s:s, s:s, s:s, s:O, s:o, s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:i,"
	    " s:b}",
	    "id", p->code, "product", p->sku, "kind", p->demo ? "demo" : "nfr",
	    "audience", p->audience, "term", term, "schedule", p->rule, "at", p->at,
	    "zone", p->zone, "from", day_format(p->start_day, day), "renew", p->renew,
	    "lead_days", p->lead_days, "number", p->number, "per_month", p->per_month,
	    "paused", p->paused);
}

/* The next occurrence as a clock on the wall there shows it, or null. */
static json_t *
next_run(const Programme *p, const Holidays *holidays, GError **error)
{
	g_autoptr(Schedule) schedule = programme_schedule(p, holidays, error);
	g_autoptr(GTimeZone) zone = NULL;
	Occurrence next;
	int found =
	    schedule != NULL ? schedule_next(schedule, clock_now_at(), &next, error) : -1;

	if (found < 0)
		return NULL;
	zone = zone_open(p->zone, error);
	if (zone == NULL)
		return NULL;
	return found == 1 && !p->paused ? json_time(next.at, zone) : json_null();
}

int
cmd_programme_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", false },
		{ "KIND", "kind", false },
		{ "PRODUCT", "product", false },
		{ "SCHEDULE", "schedule", false },
		{ "AT", "at", false },
		{ "RENEWS", "renew", false },
		{ "PAUSED", "paused", false },
		{ "NEXT", "next", false },
		{ NULL, NULL, false },
	};
	g_autoptr(GPtrArray) all =
	    programme_list(cmd->work->db, NULL, cmd->work->zone, error);
	g_autoptr(Holidays) holidays = NULL;
	ProgrammePolicy policy;
	json_t *list;

	if (all == NULL || !programme_policy(cmd->work, &policy, &holidays, error))
		return -1;
	list = json_array();
	for (guint i = 0; i < all->len; i++) {
		const Programme *p = g_ptr_array_index(all, i);
		json_t *object = programme_json(p);
		json_t *next = next_run(p, holidays, error);

		json_array_append_new(list, object);
		if (next == NULL) {
			json_decref(list);
			return -1;
		}
		json_object_set_new(object, "next", next);
	}
	table_print(cmd, json_pack("{s:o}", "programmes", list), "programmes", columns);
	return EX_OK;
}

static void
add_plan(void *user, const PlanRow *r)
{
	json_array_append_new(user, plan_row_json(r));
}

int
cmd_programme_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "programme", "id", false },
		{ "kind", "kind", false },
		{ "product", "product", false },
		{ "schedule", "schedule", false },
		{ "at", "at", false },
		{ "zone", "zone", false },
		{ "renews", "renew", false },
		{ "lead days", "lead_days", false },
		{ "licences a person", "number", false },
		{ "by mail a month", "per_month", false },
		{ "paused", "paused", false },
		{ NULL, NULL, false },
	};
	static const Column plans[] = {
		{ "EMPLOYEE", "employee", false },
		{ "NAME", "name", false },
		{ "STATE", "state", false },
		{ "TICKET", "masked", false },
		{ "TERMS", "terms", true },
		{ "FROM", "first_day", false },
		{ "TO", "last_day", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Programme) p =
	    programme_get(cmd->work->db, cmd->args[0], cmd->work->zone, error);
	PlanFilter filter = { .programme = cmd->args[0], .live = !opt_all };
	json_t *list = json_array();
	json_t *object;

	if (p == NULL || !plan_list(cmd->work->db, &filter, add_plan, list, error)) {
		json_decref(list);
		return -1;
	}
	object = programme_json(p);
	if (cmd->json) {
		json_object_set_new(object, "plans", list);
		table_print_object(cmd, object, lines);
		return EX_OK;
	}
	table_print_object(cmd, object, lines);
	table_print(cmd, json_pack("{s:o}", "plans", list), "plans", plans);
	return EX_OK;
}

/* What a run on `day` would do for a person, in words. */
static const char *
foreseen(const Programme *p, const Plan *plan, int found, bool stopped, Day day)
{
	if (found == 0 && stopped)
		return "nothing: stopped";
	if (found == 0 || day_cmp(plan->last_day, day) < 0)
		return "ticket";
	if (strcmp(plan->state, "held") == 0)
		return "held";
	return plan->programme_id == p->id && p->renew ? "renewal" : "nothing";
}

static bool
people_json(Cmd *cmd, const Programme *p, Day day, json_t *list, GError **error)
{
	int64_t after = 0;
	bool more = true;

	while (more) {
		g_autoptr(GPtrArray) people =
		    programme_people(cmd->work->db, day, after, PREVIEW_PEOPLE, error);

		if (people == NULL)
			return false;
		more = people->len == PREVIEW_PEOPLE;
		for (guint i = 0; i < people->len; i++) {
			const ProgrammePerson *person = g_ptr_array_index(people, i);
			Plan plan;
			bool stopped = false;
			int found;

			after = person->id;
			if (!programme_is_for(p, person))
				continue;
			found = plan_find(
			    cmd->work->db, person->id, p->product_id, &plan, error);
			if (found < 0 || !programme_stopped(cmd->work->db, person,
					     p->product_id, &stopped, error))
				return false;
			json_array_append_new(list,
			    json_pack("{s:s, s:s?, s:s, s:s}", "employee", person->code,
				"name", person->name, "email", person->email, "what",
				foreseen(p, &plan, found, stopped, day)));
		}
	}
	return true;
}

int
cmd_programme_preview(Cmd *cmd, GError **error)
{
	static const Column dates[] = {
		{ "DAY", "day", false },
		{ "LOCAL TIME", "at", false },
		{ "BY THE RULE", "rule_day", false },
		{ NULL, NULL, false },
	};
	static const Column people[] = {
		{ "EMPLOYEE", "employee", false },
		{ "NAME", "name", false },
		{ "EMAIL", "email", false },
		{ "GETS", "what", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Programme) p =
	    programme_get(cmd->work->db, cmd->args[0], cmd->work->zone, error);
	g_autoptr(Holidays) holidays = NULL;
	g_autoptr(Schedule) schedule = NULL;
	g_autoptr(GTimeZone) zone = NULL;
	ProgrammePolicy policy;
	int64_t at = clock_now_at();
	Occurrence next = { .at = at, .day = day_today(cmd->work->zone) };
	Day first = next.day;
	json_t *list;
	json_t *who;
	int found = 1;
	bool ok;

	if (p == NULL || !programme_policy(cmd->work, &policy, &holidays, error))
		return -1;
	schedule = programme_schedule(p, holidays, error);
	zone = zone_open(p->zone, error);
	if (schedule == NULL || zone == NULL)
		return -1;
	list = json_array();
	who = json_array();
	for (int i = 0; i < PREVIEW_DATES && found == 1; i++) {
		char day[DAY_CHARS];
		char rule[DAY_CHARS];

		found = schedule_next(schedule, at, &next, error);
		if (found != 1)
			break;
		first = i == 0 ? next.day : first;
		at = next.at;
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:s}", "day", day_format(next.day, day),
			      "at", json_time(next.at, zone), "rule_day",
			      day_format(next.rule_day, rule)));
	}
	ok = found >= 0 && people_json(cmd, p, first, who, error);
	if (!ok) {
		json_decref(list);
		json_decref(who);
		return -1;
	}
	if (cmd->json) {
		table_print(cmd,
		    json_pack("{s:s, s:s, s:o, s:o}", "programme", p->code, "zone",
			p->zone, "dates", list, "people", who),
		    "dates", dates);
		return EX_OK;
	}
	table_print(cmd, json_pack("{s:o}", "dates", list), "dates", dates);
	table_print(cmd, json_pack("{s:o}", "people", who), "people", people);
	return EX_OK;
}

static void
count_plan(void *user, const PlanRow *r)
{
	(void)r;
	++*(int64_t *)user;
}

/* What is due, at once: the same as a worker does, so that nothing can happen twice. */
int
cmd_programme_run(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "plans that run", "plans", false },
		{ NULL, NULL, false },
	};
	PlanFilter filter = { .live = true };
	int64_t plans = 0;

	if (!chores_do(cmd->work, "programmes", error) ||
	    !plan_list(cmd->work->db, &filter, count_plan, &plans, error))
		return -1;
	table_print_object(cmd, json_pack("{s:I}", "plans", plans), lines);
	return EX_OK;
}

int
cmd_programme_pause(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Programme) p =
	    programme_get(cmd->work->db, cmd->args[0], cmd->work->zone, error);
	int done;

	if (p == NULL || !db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return -1;
	done = programme_pause(&tx, p, !opt_resume, error);
	if (done == 0)
		err_set(error, TP_ERROR_CONFLICT, "programme '%s' %s already", p->code,
		    opt_resume ? "runs" : "is paused");
	if (done <= 0 || !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet && !cmd->json)
		printf("%s %s\n", p->code, opt_resume ? "runs" : "is paused");
	return EX_OK;
}
