/*
 * mail_life.c - verbs of mails about one ticket.
 */
#include "fulfill/work/mail_life.h"

#include <string.h>

#include "fulfill/domain/pool.h"
#include "fulfill/domain/pool_find.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_life.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"
#include "fulfill/work/subscription_chore.h"
#include "queue/day.h"

typedef struct Asking {
	Work *work;
	DbTx *tx;
	int64_t actor;
	const MailLife *what;
	bool approve;
	char **news;
} Asking;

LifePolicy
work_life_policy(const Work *work)
{
	return (LifePolicy){
		.zone = work->zone,
		.restores = (int)settings_number(work->settings, SET_LIMIT_RESTORES),
		.restore_us =
		    settings_number(work->settings, SET_LIMIT_RESTORE_SPAN) * US_PER_S,
	};
}

/* What stands beside "T00000017"; the caller's. */
static char *
words_without_serial(const char *words)
{
	g_auto(GStrv) list = g_strsplit_set(words != NULL ? words : "", " \t", -1);
	g_autoptr(GString) rest = g_string_new("");

	for (char **word = list; *word != NULL; word++) {
		bool serial = **word == 'T' && strlen(*word) == 9 &&
			      strspn(*word + 1, "0123456789") == 8;

		if (**word != '\0' && !serial)
			g_string_append_printf(
			    rest, "%s%s", rest->len > 0 ? " " : "", *word);
	}
	return g_string_free(g_steal_pointer(&rest), FALSE);
}

static bool
act(Asking *a, TicketEvent event, GError **error)
{
	LifePolicy policy = work_life_policy(a->work);
	LifeAct what = { .actor = a->actor,
		.ticket_id = a->what->ticket_id,
		.event = event,
		.approve = a->approve,
		.reason = "asked for by mail" };
	TicketState state;
	int done = ticket_act(a->tx, &policy, &what, &state, error);

	if (done == 1)
		*a->news = g_strdup_printf("T%08" G_GINT64_FORMAT ": %s",
		    a->what->ticket_id, ticket_state_name(state));
	else if (done == 0)
		*a->news = g_strdup_printf(
		    "T%08" G_GINT64_FORMAT ": waits for approval", a->what->ticket_id);
	return done >= 0;
}

static bool
do_activate(Asking *a, GError **error)
{
	return act(a, TICKET_ACTIVATE, error);
}

static bool
do_return(Asking *a, GError **error)
{
	return act(a, TICKET_RETURN, error);
}

static bool
do_restore(Asking *a, GError **error)
{
	return act(a, TICKET_RESTORE, error);
}

static bool
do_confirm(Asking *a, GError **error)
{
	return act(a, TICKET_CONFIRM, error);
}

static bool
do_approve(Asking *a, GError **error)
{
	a->approve = true;
	return act(a, TICKET_RESTORE, error);
}

static bool
do_recall(Asking *a, GError **error)
{
	g_autoptr(Ticket) ticket = ticket_get(a->tx->db, a->what->ticket_id, error);
	Reversal how = { .day = day_today(a->work->zone),
		.mode = CREDIT_NONE,
		.reason = "asked for by mail" };
	SubscriptionPolicy policy;
	Money given;

	return ticket != NULL &&
	       ticket_may_act(
		   a->tx->db, a->actor, ticket->id, TICKET_AS_REVOKER, error) &&
	       subscription_policy(a->work, &policy, error) &&
	       licence_reverse(a->tx, &policy, ticket->licence_id, &how, &given, error);
}

/* "assign T00000017 Planung": what is no ticket's number is a group of its holder.
 * *ret_named: one was named, and it was given or `error` says why not. */
static bool
assign_group(Asking *a, bool *ret_named, GError **error)
{
	g_autoptr(Ticket) ticket = NULL;
	g_autofree char *name = words_without_serial(a->what->words);
	TicketTo to = { 0 };

	*ret_named = *name != '\0';
	if (!*ret_named)
		return false;
	ticket = ticket_get(a->tx->db, a->what->ticket_id, error);
	if (ticket == NULL)
		return false;
	if (ticket->holder_id == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "it lies in a pool: assign it to a customer first");
	return user_group_resolve(
		   a->tx->db, ticket->holder_id, name, &to.group_id, error) &&
	       ticket_give(a->tx, a->actor, ticket->id, &to, error);
}

static bool
do_assign(Asking *a, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	PoolPick pick = { .ticket_id = a->what->ticket_id };
	PoolGoal goal = { 0 };
	bool done = false;

	if (a->what->address == NULL && assign_group(a, &done, error))
		return true;
	if (done)
		return false;
	if (a->what->address == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "to whom? write 'assign T%08" G_GINT64_FORMAT
		    " user@example.com' into the subject",
		    a->what->ticket_id);
	if (!pool_of_ticket(a->tx->db, pick.ticket_id, &pick.pool_id, error) ||
	    !pool_find_goal(a->tx->db, pick.ticket_id, a->what->address, &goal, error))
		return false;
	if (pick.pool_id == 0)
		return ticket_give(a->tx, a->actor, pick.ticket_id,
		    &(TicketTo){ .user_id = goal.user_id }, error);
	return pool_assign(a->tx, a->actor, &pick, &goal, a->work->zone, ids, error);
}

static bool
do_unassign(Asking *a, GError **error)
{
	int64_t id = a->what->ticket_id;
	const TicketTo nobody = { 0 };
	TicketTo whom;

	return ticket_whom(a->tx->db, id, &whom, error) &&
	       (whom.user_id != 0 || whom.group_id != 0
		       ? ticket_give(a->tx, a->actor, id, &nobody, error)
		       : pool_unassign(a->tx, a->actor, id, error));
}

static bool
do_show(Asking *a, GError **error)
{
	return ticket_show(a->tx, a->actor, a->what->ticket_id, true, error);
}

static bool
do_hide(Asking *a, GError **error)
{
	return ticket_show(a->tx, a->actor, a->what->ticket_id, false, error);
}

static const struct {
	const char *name;
	bool (*run)(Asking *a, GError **error);
} verbs[] = {
	{ "activate", do_activate },
	{ "return", do_return },
	{ "restore", do_restore },
	{ "confirm", do_confirm },
	{ "approve", do_approve },
	{ "recall", do_recall },
	{ "assign", do_assign },
	{ "unassign", do_unassign },
	{ "show", do_show },
	{ "hide", do_hide },
};

bool
mail_life_has(const char *verb)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_strcmp0(verbs[i].name, verb) == 0)
			return true;
	return false;
}

bool
mail_life_do(Work *work, DbTx *tx, const GArray *users, const MailLife *what,
    char **ret_news, GError **error)
{
	Asking a = { .work = work, .tx = tx, .what = what, .news = ret_news };

	*ret_news = NULL;
	for (guint i = 0; i < users->len && a.actor == 0; i++) {
		int64_t id = g_array_index(users, int64_t, i);
		g_autoptr(GError) wrong = NULL;
		int seen = ticket_is_seen(tx->db, id, what->ticket_id, &wrong);

		if (seen == 1)
			a.actor = id;
		else if (seen < 0 &&
			 !g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
	}
	if (a.actor == 0)
		return err_set(
		    error, TP_ERROR_NOT_FOUND, "no ticket of yours has this number");
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, what->verb) == 0)
			return verbs[i].run(&a, error);
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a command", what->verb);
}
