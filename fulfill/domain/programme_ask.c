/*
 * programme_ask.c - nfr, demo, stop.
 */
#include "fulfill/domain/programme_ask.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/programme_letter.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"

static const Stmt NOTE = {
	.name = "programme_ask.add",
	.sql =
	    "INSERT INTO programme_ask (mail_id, employee_id, programme_id, product_id,"
	    " what, plan_id, day, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
};
static const Stmt COUNT = {
	.name = "programme_ask.count",
	.sql =
	    "SELECT count(*) FROM programme_ask WHERE employee_id = $1 AND programme_id ="
	    " $2 AND what = 'given' AND day >= $3 AND day <= $4",
};
static const Stmt LAST = {
	.name = "programme_ask.last",
	.sql = "SELECT what FROM programme_ask WHERE employee_id = $1 AND product_id = $2"
	       " AND day >= $3 AND what <> 'again' ORDER BY id DESC LIMIT 1",
};
static const Stmt TICKETS = {
	.name = "ticket.of_plan",
	.sql = "SELECT t.id FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id WHERE ol.order_id = $1"
	       " ORDER BY t.id",
};

/* What was written behind the verb. */
typedef struct Wish {
	int days;   /* 0: none named */
	char *name; /* of a programme, product or ticket; NULL: none */
} Wish;

static void
wish_clear(Wish *wish)
{
	g_free(wish->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wish, wish_clear)

void
ask_answer_clear(AskAnswer *answer)
{
	g_clear_pointer(&answer->reason, g_free);
	g_clear_pointer(&answer->news, g_free);
}

static const char *const verb_names[] = {
	[ASK_NFR] = "nfr",
	[ASK_DEMO] = "demo",
	[ASK_STOP] = "stop",
	[ASK_HELP] = "help",
};

/* What may stand behind a number: "30 days". */
static bool
is_unit(const char *word)
{
	static const char *const units[] = { "day", "days", "tag", "tage", "d" };

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_ascii_strcasecmp(word, units[i]) == 0)
			return true;
	return false;
}

/* "30", "30 days CAD-DEMO", "CAD-DEMO 30".  false: something else, *ret_reason says so.
 */
static bool
read_wish(const Ask *ask, Wish *ret, char **ret_reason)
{
	g_auto(GStrv) words = g_strsplit_set(ask->argument, " \t,;", -1);

	for (char **word = words; *word != NULL; word++) {
		char *end;
		guint64 n = g_ascii_strtoull(*word, &end, 10);

		if (**word == '\0' || (ret->days > 0 && is_unit(*word)))
			continue;
		if (ask->verb == ASK_DEMO && ret->days == 0 && *end == '\0' && n > 0 &&
		    n <= LIMIT_TERM_DAYS) {
			ret->days = (int)n;
		} else if (ret->name == NULL) {
			ret->name = g_strdup(*word);
		} else {
			*ret_reason = g_strdup_printf(
			    "'%s' cannot be read: write '%s' and, if need be, the name "
			    "of a programme",
			    ask->argument,
			    ask->verb == ASK_DEMO ? "demo 30" : verb_names[ask->verb]);
			return false;
		}
	}
	return true;
}

/* ---- which programme? ---- */

static bool
is_called(const Programme *p, const char *name)
{
	return name == NULL || g_ascii_strcasecmp(p->code, name) == 0 ||
	       g_ascii_strcasecmp(p->sku, name) == 0;
}

/* "nfr-cad (CAD-NFR), ..." */
static char *
names_of(const GPtrArray *list)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const Programme *p = g_ptr_array_index(list, i);

		g_string_append_printf(
		    text, "%s%s (%s)", i > 0 ? ", " : "", p->code, p->sku);
	}
	return g_string_free(text, FALSE);
}

/* Those of `all` from which the person may have tickets by mail; borrowed. */
static GPtrArray *
on_offer(const GPtrArray *all, const Ask *ask, bool demo, const char *name)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++) {
		Programme *p = g_ptr_array_index(all, i);

		if (p->demo == demo && p->per_month > 0 && !p->paused &&
		    programme_is_for(p, ask->person) && is_called(p, name))
			g_ptr_array_add(list, p);
	}
	return list;
}

static const Programme *
choose(const GPtrArray *all, const Ask *ask, const Wish *wish, char **ret_reason)
{
	bool demo = ask->verb == ASK_DEMO;
	g_autoptr(GPtrArray) fits = on_offer(all, ask, demo, wish->name);
	g_autoptr(GPtrArray) any = on_offer(all, ask, demo, NULL);
	g_autofree char *names = names_of(wish->name == NULL ? fits : any);

	if (fits->len == 1)
		return g_ptr_array_index(fits, 0);
	if (any->len == 0)
		*ret_reason =
		    g_strdup("no programme gives you a ticket of this kind by mail");
	else if (fits->len == 0)
		*ret_reason = g_strdup_printf(
		    "'%s' is not what you may ask for: %s", wish->name, names);
	else
		*ret_reason = g_strdup_printf(
		    "which one? write '%s NAME': %s", verb_names[ask->verb], names);
	return NULL;
}

/* ---- giving ---- */

static bool
note(DbTx *tx, const Ask *ask, const Plan *plan, const char *what, GError **error)
{
	char day[DAY_CHARS];

	return db_exec(tx->db, &NOTE,
	    DB_ARGS(v_int(ask->mail_id), v_int(ask->person->id),
		v_int(plan->programme_id), v_int(plan->product_id), v_text(what),
		v_int(plan->id), v_text(day_format(day_today(ask->issue->zone), day)),
		v_int(clock_now_at())),
	    NULL, error);
}

/* How many the person had of this programme in the month of `today`. */
static bool
count_month(
    DbTx *tx, const Ask *ask, const Programme *p, Day today, int64_t *ret, GError **error)
{
	char from[DAY_CHARS];
	char to[DAY_CHARS];

	return db_find_int(tx->db, &COUNT,
		   DB_ARGS(v_int(ask->person->id), v_int(p->id),
		       v_text(day_format(day_month_first(today), from)),
		       v_text(day_format(day_month_last(today), to))),
		   ret, error) == 1;
}

/* Longer than the programme's own term?  *ret_most: its days. */
static bool
is_too_long(const Programme *p, int days, Day today, int32_t *ret_most)
{
	Period period;

	if (!term_period(p->term, today, 1, &period, NULL))
		return false;
	*ret_most = day_diff(today, period.last_day) + 1;
	return days > *ret_most;
}

static bool
give(DbTx *tx, const Ask *ask, const Programme *p, const Wish *wish, AskAnswer *ret,
    GError **error)
{
	Day today = day_today(ask->issue->zone);
	g_autofree char *number = g_strdup_printf("ask/%" G_GINT64_FORMAT, ask->mail_id);
	PlanWish what = { .programme = p,
		.person = ask->person,
		.day = today,
		.days = wish->days,
		.asked = p->demo,
		.number = number };
	int32_t most = 0;
	int64_t had;
	Plan plan;
	int given;

	if (!count_month(tx, ask, p, today, &had, error))
		return false;
	if (had >= p->per_month) {
		ret->reason =
		    g_strdup_printf("%s gives a person %d a month, and you had %d",
			p->code, p->per_month, (int)had);
		return true;
	}
	if (is_too_long(p, wish->days, today, &most)) {
		ret->reason = g_strdup_printf(
		    "%d days are more than the %d of %s", wish->days, most, p->code);
		return true;
	}
	given = plan_issue(tx, ask->issue, &what, &plan, &ret->reason, error);
	return given >= 0 && (given == 0 || note(tx, ask, &plan, "given", error));
}

static GArray *
tickets_of(DbTx *tx, const Plan *plan, GError **error)
{
	return db_list_ints(tx->db, &TICKETS, DB_ARGS(v_int(plan->order_id)), error);
}

/* One ticket once more.  0: it cannot leave now; *ret_why is to be freed. */
static int
once_more(DbTx *tx, const Ask *ask, int64_t ticket_id, char **ret_why, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int64_t mail_id;
	int64_t n;

	if (!mail_again_count(tx->db, ticket_id, clock_now_at() - US_PER_DAY, &n, error))
		return -1;
	if (n >= ask->resend_daily) {
		*ret_why = g_strdup_printf("you have it, and it was sent again %d times "
					   "today: that is enough",
		    (int)n);
		return 0;
	}
	if (mail_again_resend(
		tx, ticket_id, ask->person->email, "asked for by mail", &mail_id, &wrong))
		return 1;
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_CONFLICT)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	*ret_why = g_strdup_printf("you have it already: %s", wrong->message);
	return 0;
}

/* The person has one.  Who writes can be written to: what was held goes on. */
static bool
send_again(DbTx *tx, const Ask *ask, const Plan *plan, AskAnswer *ret, GError **error)
{
	g_autoptr(GArray) tickets = NULL;

	if ((strcmp(plan->state, "held") == 0 &&
		!plan_resume_employee(tx, plan->employee_id, error)) ||
	    (tickets = tickets_of(tx, plan, error)) == NULL)
		return false;
	if (tickets->len == 0) {
		ret->news = g_strdup("your ticket is being made and comes by itself");
		return true;
	}
	for (guint i = 0; i < tickets->len && ret->reason == NULL; i++)
		if (once_more(tx, ask, g_array_index(tickets, int64_t, i), &ret->reason,
			error) < 0)
			return false;
	return ret->reason != NULL || note(tx, ask, plan, "again", error);
}

static bool
do_give(DbTx *tx, const Ask *ask, const Wish *wish, const GPtrArray *all, AskAnswer *ret,
    GError **error)
{
	const Programme *p = choose(all, ask, wish, &ret->reason);
	Day today = day_today(ask->issue->zone);
	Plan plan;
	int found = 0;

	if (p == NULL)
		return true;
	if (!p->demo)
		found = plan_find(tx->db, ask->person->id, p->product_id, &plan, error);
	if (found < 0)
		return false;
	/* One that ran out is over; the sweep would say so a little later. */
	if (found == 1 && day_cmp(plan.last_day, today) < 0) {
		if (!plan_end(tx, &plan, false, "ran out", error))
			return false;
		found = 0;
	}
	return found == 1 ? send_again(tx, ask, &plan, ret, error)
			  : give(tx, ask, p, wish, ret, error);
}

/* ---- stopping ---- */

static const Programme *
programme_of(const GPtrArray *all, const Plan *plan)
{
	for (guint i = 0; i < all->len; i++) {
		const Programme *p = g_ptr_array_index(all, i);

		if (p->id == plan->programme_id)
			return p;
	}
	return NULL;
}

/* "T00000017" is one of the plan's tickets. */
static bool
has_ticket(DbTx *tx, const Plan *plan, const char *name, bool *ret, GError **error)
{
	g_autoptr(GArray) tickets = tickets_of(tx, plan, error);

	*ret = false;
	if (tickets == NULL)
		return false;
	for (guint i = 0; i < tickets->len; i++) {
		g_autofree char *number = g_strdup_printf(
		    "T%08" G_GINT64_FORMAT, g_array_index(tickets, int64_t, i));

		*ret = *ret || g_ascii_strcasecmp(number, name) == 0;
	}
	return true;
}

static bool
is_meant(DbTx *tx, const Plan *plan, const Programme *p, const char *name, bool *ret,
    GError **error)
{
	/* Demo tickets may be with customers by now: only when they are named. */
	*ret = name == NULL ? !p->demo || p->renew : is_called(p, name);
	return *ret || name == NULL || has_ticket(tx, plan, name, ret, error);
}

static bool
stop_one(DbTx *tx, const Ask *ask, Plan *plan, GError **error)
{
	Day today = day_today(ask->issue->zone);

	if (day_cmp(plan->last_day, today) > 0 && !plan_shorten(tx, plan, today, error))
		return false;
	FAULT("ask.stop");
	return plan_end(tx, plan, true, "asked to", error) &&
	       note(tx, ask, plan, "stopped", error) &&
	       programme_letter(
		   tx, ask->issue, plan, ask->person, PLAN_ENDED, 0, error) >= 0;
}

static bool
do_stop(DbTx *tx, const Ask *ask, const Wish *wish, const GPtrArray *all, AskAnswer *ret,
    GError **error)
{
	g_autoptr(GArray) plans = plan_live_of(tx->db, ask->person->id, error);
	int n = 0;

	if (plans == NULL)
		return false;
	for (guint i = 0; i < plans->len; i++) {
		Plan *plan = &g_array_index(plans, Plan, i);
		const Programme *p = programme_of(all, plan);
		bool meant = false;

		if (p != NULL && !is_meant(tx, plan, p, wish->name, &meant, error))
			return false;
		if (meant && !stop_one(tx, ask, plan, error))
			return false;
		n += meant;
	}
	if (n > 0)
		return true;
	if (wish->name != NULL)
		ret->reason =
		    g_strdup_printf("nothing that you have is called '%s'", wish->name);
	else if (plans->len > 0)
		ret->reason = g_strdup("nothing renews itself; write 'stop NAME' to end "
				       "a demo before its last day");
	else
		ret->reason = g_strdup("you have nothing that could be ended");
	return true;
}

/* ---- all of them ---- */

static bool
do_help(DbTx *tx, const Ask *ask, const Wish *wish, const GPtrArray *all, AskAnswer *ret,
    GError **error)
{
	g_autoptr(GPtrArray) nfr = on_offer(all, ask, false, NULL);
	g_autoptr(GPtrArray) demo = on_offer(all, ask, true, NULL);
	g_autofree char *nfr_names = names_of(nfr);
	g_autofree char *demo_names = names_of(demo);

	(void)tx, (void)wish, (void)error;
	ret->news = g_strdup_printf(
	    "Subjects: nfr (%s); demo DAYS (%s); stop, which ends what you have.",
	    nfr->len > 0 ? nfr_names : "none for you",
	    demo->len > 0 ? demo_names : "none for you");
	return true;
}

static bool (*const verbs[])(DbTx *tx, const Ask *ask, const Wish *wish,
    const GPtrArray *all, AskAnswer *ret, GError **error) = {
	[ASK_NFR] = do_give,
	[ASK_DEMO] = do_give,
	[ASK_STOP] = do_stop,
	[ASK_HELP] = do_help,
};

bool
programme_ask(DbTx *tx, const Ask *ask, AskAnswer *ret, GError **error)
{
	g_autoptr(GPtrArray) all = programme_list(tx->db, NULL, ask->issue->zone, error);
	g_auto(Wish) wish = { 0 };

	*ret = (AskAnswer){ 0 };
	if (all == NULL)
		return false;
	if (ask->verb != ASK_HELP && !read_wish(ask, &wish, &ret->reason))
		return true;
	return verbs[ask->verb](tx, ask, &wish, all, ret, error);
}

bool
programme_stopped(
    Db *db, const ProgrammePerson *person, int64_t product_id, bool *ret, GError **error)
{
	char from[DAY_CHARS];
	g_autofree char *what = NULL;
	int found = db_find_text(db, &LAST,
	    DB_ARGS(v_int(person->id), v_int(product_id),
		v_text(day_format(person->from_day, from))),
	    &what, error);

	*ret = found == 1 && strcmp(what, "stopped") == 0;
	return found >= 0;
}
