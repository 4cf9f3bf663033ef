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
	" l.quantity, l.order_line_id, t.id, t.state, t.tail, t.backend, s.end_day"
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

static const Stmt DUE = {
	.name = "subscription.due",
	.sql = "SELECT " SUBSCRIPTION_COLS SUBSCRIPTION_FROM
	       " WHERE s.due_day <= $1 ORDER BY s.due_day, s.id LIMIT $2",
	.pgsql = "SELECT " SUBSCRIPTION_COLS SUBSCRIPTION_FROM
		 " WHERE s.due_day <= $1 ORDER BY s.due_day, s.id LIMIT $2"
		 " FOR UPDATE OF s SKIP LOCKED",
};
static const Stmt PUT = {
	.name = "subscription.put",
	.sql = "UPDATE subscription SET state = $4, start_day = $5, k = $6, k_base = $7,"
	       " last_day = $8, cancelled_day = $9, end_day = $10, due_day = $11,"
	       " hold = $12, changed_at = $13 WHERE id = $1 AND state = $2 AND k = $3",
};
static const Stmt LICENCE_LAST = {
	.name = "licence.last_day",
	.sql = "UPDATE licence SET last_day = $2 WHERE id = $1",
};
static const Stmt NEXT_TERM = {
	.name = "subscription_term.add",
	.sql = "INSERT INTO subscription_term (subscription_id, k, first_day, last_day,"
	       " state, created_at) VALUES ($1, $2, $3, $4, 'stands', $5)"
	       " ON CONFLICT (subscription_id, k) DO NOTHING",
};
static const Stmt TERM_LATEST = {
	.name = "subscription_term.latest",
	.sql = "SELECT k, first_day, last_day, state FROM subscription_term"
	       " WHERE subscription_id = $1 AND state = 'stands' ORDER BY k DESC LIMIT 1",
};
static const Stmt TERM_GET = {
	.name = "subscription_term.get",
	.sql = "SELECT k, first_day, last_day, state FROM subscription_term"
	       " WHERE subscription_id = $1 AND k = $2",
};
static const Stmt TERM_REVERSE = {
	.name = "subscription_term.reverse",
	.sql = "UPDATE subscription_term SET state = 'reversed'"
	       " WHERE subscription_id = $1 AND k = $2",
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
	g_free(subscription->backend);
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
	s->backend = g_strdup(db_col_text(rows, 23));
	s->stored_k = s->k;
	if (!subscription_state_from_name(db_col_text(rows, 2), &s->state, error) ||
	    !day_parse(db_col_text(rows, 3), &s->start_day, error) ||
	    !day_parse(db_col_text(rows, 6), &s->last_day, error) ||
	    !term_rule_from_name(db_col_text(rows, 9), &s->term.rule, error) ||
	    !read_day(db_col_text(rows, 12), DAY_MIN, &s->cancelled_day, error) ||
	    !read_day(db_col_text(rows, 13), DAY_MAX, &s->due_day, error) ||
	    !read_day(db_col_text(rows, 24), DAY_MAX, &s->end_day, error)) {
		g_prefix_error(error, "subscription %" G_GINT64_FORMAT ": ", s->id);
		return NULL;
	}
	s->stored_state = s->state;
	s->stored_last_day = s->last_day;
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
subscription_period(const Subscription *s, int ahead, Period *ret, GError **error)
{
	if (!term_period(s->term, s->start_day, s->k - s->k_base + ahead, ret, error))
		return false;
	ret->k = s->k + ahead;
	return true;
}

bool
subscription_deadline(const Subscription *s, Day *ret, GError **error)
{
	Period period;

	if (!subscription_period(s, 0, &period, error))
		return false;
	*ret = notice_deadline_day(s->notice, period);
	return true;
}

/* A day that stands for "none" as NULL. */
static DbValue
day_or_null(Day day, Day none, char buf[DAY_CHARS])
{
	return day_cmp(day, none) == 0 ? v_null() : v_text(day_format(day, buf));
}

bool
subscription_put(DbTx *tx, Subscription *s, GError **error)
{
	char start[DAY_CHARS];
	char last[DAY_CHARS];
	char cancelled[DAY_CHARS];
	char end[DAY_CHARS];
	char due[DAY_CHARS];
	int64_t changed;

	day_format(s->start_day, start);
	day_format(s->last_day, last);
	if (!db_exec(tx->db, &PUT,
		DB_ARGS(v_int(s->id), v_text(state_names[s->stored_state]),
		    v_int(s->stored_k), v_text(state_names[s->state]), v_text(start),
		    v_int(s->k), v_int(s->k_base), v_text(last),
		    day_or_null(s->cancelled_day, DAY_MIN, cancelled),
		    day_or_null(s->end_day, DAY_MAX, end),
		    day_or_null(s->due_day, DAY_MAX, due), v_text(s->hold),
		    v_int(clock_now_at())),
		&changed, error))
		return false;
	if (changed != 1)
		return err_set(error, TP_ERROR_CONFLICT,
		    "subscription %" G_GINT64_FORMAT " was changed meanwhile", s->id);
	if (day_cmp(s->last_day, s->stored_last_day) != 0 &&
	    !db_exec(tx->db, &LICENCE_LAST, DB_ARGS(v_int(s->licence_id), v_text(last)),
		NULL, error))
		return false;
	s->stored_state = s->state;
	s->stored_k = s->k;
	s->stored_last_day = s->last_day;
	return true;
}

GPtrArray *
subscription_due(DbTx *tx, Day today, int max, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)subscription_free);
	char day[DAY_CHARS];
	g_autoptr(DbRows) rows = db_query(
	    tx->db, &DUE, DB_ARGS(v_text(day_format(today, day)), v_int(max)), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		Subscription *s = from_row(rows, error);

		if (s == NULL)
			return NULL;
		g_ptr_array_add(list, s);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

int
subscription_term_add(
    DbTx *tx, int64_t id, int k, Day first_day, Day last_day, GError **error)
{
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	int64_t changed;

	if (!db_exec(tx->db, &NEXT_TERM,
		DB_ARGS(v_int(id), v_int(k), v_text(day_format(first_day, first)),
		    v_text(day_format(last_day, last)), v_int(clock_now_at())),
		&changed, error))
		return -1;
	return changed == 1;
}

static int
read_term(DbRows *rows, SubscriptionTerm *ret, GError **error)
{
	int more = db_next(rows, error);

	if (more <= 0)
		return more;
	ret->k = (int)db_col_int(rows, 0);
	ret->stands = strcmp(db_col_text(rows, 3), "stands") == 0;
	return day_parse(db_col_text(rows, 1), &ret->first_day, error) &&
		       day_parse(db_col_text(rows, 2), &ret->last_day, error)
		   ? 1
		   : -1;
}

int
subscription_term_latest(Db *db, int64_t id, SubscriptionTerm *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &TERM_LATEST, DB_ARGS(v_int(id)), error);

	return rows != NULL ? read_term(rows, ret, error) : -1;
}

int
subscription_term_find(Db *db, int64_t id, int k, SubscriptionTerm *ret, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &TERM_GET, DB_ARGS(v_int(id), v_int(k)), error);

	return rows != NULL ? read_term(rows, ret, error) : -1;
}

bool
subscription_term_reverse(DbTx *tx, int64_t id, int k, GError **error)
{
	return db_exec(tx->db, &TERM_REVERSE, DB_ARGS(v_int(id), v_int(k)), NULL, error);
}
