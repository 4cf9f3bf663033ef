/*
 * subscription.c - the tables subscription and subscription_term: making and finding.
 */
#include "fulfill/domain/subscription.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/quote.h"

/* clang-format off */
static const char *const state_names[] = {
	[SUBSCRIPTION_ACTIVE]    = "active",
	[SUBSCRIPTION_CANCELLED] = "cancelled",
	[SUBSCRIPTION_ENDED]     = "ended",
	[SUBSCRIPTION_REVERSED]  = "reversed",
	[SUBSCRIPTION_EXCHANGED] = "exchanged",
};
/* clang-format on */

static const Stmt ADD = {
	.name = "subscription.add",
	.sql =
	    "INSERT INTO subscription (licence_id, state, start_day, k, k_base, last_day,"
	    " term_months, term_days, term_rule, notice_months, notice_days, due_day,"
	    " created_at, changed_at)"
	    " VALUES ($1, 'active', $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
	    " RETURNING id",
};
static const Stmt TERM_ADD = {
	.name = "subscription_term.add_first",
	.sql = "INSERT INTO subscription_term (subscription_id, k, first_day, last_day,"
	       " state, created_at) VALUES ($1, 1, $2, $3, 'stands', $4)",
};

#define SUBSCRIPTION_COLS                                                                \
	"s.id, s.licence_id, s.state, s.start_day, s.k, s.k_base, s.last_day,"           \
	" s.term_months, s.term_days, s.term_rule, s.notice_months, s.notice_days,"      \
	" s.cancelled_day, s.due_day, s.hold, l.product_id, l.party_id, l.holder_id,"    \
	" l.quantity, l.order_line_id, t.id, t.state, t.tail"
#define SUBSCRIPTION_FROM                                                                \
	" FROM subscription s JOIN licence l ON l.id = s.licence_id"                     \
	" JOIN ticket t ON t.licence_id = l.id"

static const Stmt GET = {
	.name = "subscription.get",
	.sql = "SELECT " SUBSCRIPTION_COLS SUBSCRIPTION_FROM " WHERE s.id = $1",
};
static const Stmt OF_LICENCE = {
	.name = "subscription.of_licence",
	.sql = "SELECT " SUBSCRIPTION_COLS SUBSCRIPTION_FROM " WHERE s.licence_id = $1",
};

const char *
subscription_state_name(SubscriptionState state)
{
	return state_names[state];
}

bool
subscription_state_from_name(const char *name, SubscriptionState *ret, GError **error)
{
	g_autofree char *shown = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(state_names); i++) {
		if (strcmp(state_names[i], name) == 0) {
			*ret = (SubscriptionState)i;
			return true;
		}
	}
	shown = quote(name);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a state of a subscription: active, cancelled, ended, reversed "
	    "or "
	    "exchanged",
	    shown);
}

bool
subscription_open(DbTx *tx, const SubscriptionPlan *plan, GError **error)
{
	char start[DAY_CHARS];
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	int64_t now = clock_now_at();
	int64_t id;

	day_format(plan->start_day, start);
	day_format(plan->first_day, first);
	day_format(plan->last_day, last);
	/* Due at once: the chore looks and says when it looks again. */
	return db_find_int(tx->db, &ADD,
		   DB_ARGS(v_int(plan->licence_id), v_text(start), v_int(plan->k_base),
		       v_text(last), v_int(plan->term.months), v_int(plan->term.days),
		       v_text(term_rule_name(plan->term.rule)),
		       v_int(plan->notice.months), v_int(plan->notice.days),
		       v_text(first), v_int(now)),
		   &id, error) == 1 &&
	       db_exec(tx->db, &TERM_ADD,
		   DB_ARGS(v_int(id), v_text(first), v_text(last), v_int(now)), NULL,
		   error);
}

void
subscription_free(Subscription *subscription)
{
	if (subscription == NULL)
		return;
	g_free(subscription->hold);
	g_free(subscription->ticket_state);
	g_free(subscription->ticket_tail);
	g_free(subscription);
}

static bool
read_day(const char *text, Day absent, Day *ret, GError **error)
{
	*ret = absent;
	return text == NULL || day_parse(text, ret, error);
}

static Subscription *
from_row(const DbRows *rows, GError **error)
{
	g_autoptr(Subscription) s = g_new0(Subscription, 1);

	s->id = db_col_int(rows, 0);
	s->licence_id = db_col_int(rows, 1);
	s->k = (int)db_col_int(rows, 4);
	s->k_base = (int)db_col_int(rows, 5);
	s->term.months = (int)db_col_int(rows, 7);
	s->term.days = (int)db_col_int(rows, 8);
	s->notice.months = (int)db_col_int(rows, 10);
	s->notice.days = (int)db_col_int(rows, 11);
	s->hold = g_strdup(db_col_text(rows, 14));
	s->product_id = db_col_int(rows, 15);
	s->party_id = db_col_int(rows, 16);
	s->holder_id = db_col_int(rows, 17);
	s->quantity = (int)db_col_int(rows, 18);
	s->order_line_id = db_col_int(rows, 19);
	s->ticket_id = db_col_int(rows, 20);
	s->ticket_state = g_strdup(db_col_text(rows, 21));
	s->ticket_tail = g_strdup(db_col_text(rows, 22));
	if (!subscription_state_from_name(db_col_text(rows, 2), &s->state, error) ||
	    !day_parse(db_col_text(rows, 3), &s->start_day, error) ||
	    !day_parse(db_col_text(rows, 6), &s->last_day, error) ||
	    !term_rule_from_name(db_col_text(rows, 9), &s->term.rule, error) ||
	    !read_day(db_col_text(rows, 12), DAY_MIN, &s->cancelled_day, error) ||
	    !read_day(db_col_text(rows, 13), DAY_MAX, &s->due_day, error)) {
		g_prefix_error(error, "subscription %" G_GINT64_FORMAT ": ", s->id);
		return NULL;
	}
	return g_steal_pointer(&s);
}

static int
find(Db *db, const Stmt *stmt, int64_t key, Subscription **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(key)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	*ret = from_row(rows, error);
	return *ret != NULL ? 1 : -1;
}

Subscription *
subscription_get(Db *db, int64_t id, GError **error)
{
	Subscription *subscription = NULL;
	int found = find(db, &GET, id, &subscription, error);

	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no subscription %" G_GINT64_FORMAT, id);
	return found == 1 ? subscription : NULL;
}

int
subscription_find(Db *db, int64_t licence_id, Subscription **ret, GError **error)
{
	return find(db, &OF_LICENCE, licence_id, ret, error);
}

bool
subscription_period(const Subscription *s, int k, Period *ret, GError **error)
{
	if (!term_period(s->term, s->start_day, k - s->k_base, ret, error))
		return false;
	ret->k = k;
	return true;
}
