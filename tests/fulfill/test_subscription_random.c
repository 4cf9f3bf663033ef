/*
 * test_subscription_random.c - random lives of subscriptions, and what must hold of each.
 *
 * Days pass by random leaps; on each something random is done by word or by the chores.
 * After each step the books are held against promises that name no history:
 *
 *   - standing terms follow each other without overlap, and without a gap unless a new
 *     start lies between
 *   - each standing term of a living subscription has one charge, of its days
 *   - nothing is given back that was not billed
 *   - licence, subscription and latest standing term agree on the last day
 *   - there is one ticket
 */
#include "tests/support/cm.h"

#include <stdio.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription_list.h"
#include "fulfill/domain/subscription_rules.h"
#include "tests/support/fix_shop.h"

#define LIVES 24
#define STEPS 60

static FixShop shop;
static SubscriptionPolicy policy;

static void
today_is(Day day)
{
	clock_set_at(day_time_at(day, 12 * 3600, shop.zone));
}

static int64_t
count(const char *sql, int64_t id)
{
	g_autofree char *text = g_strdup_printf("%s = %" G_GINT64_FORMAT, sql, id);

	return fix_int(&shop, text);
}

/* ---- promises ---- */

typedef struct Terms {
	int n;
	Day last;
	int k;
	bool begun;
	Day start; /* of the anchor */
	int64_t licence_id;
} Terms;

static void
check_term(void *user, const SubscriptionTerm *term)
{
	Terms *terms = user;
	g_autoptr(GError) error = NULL;
	Sale charge;

	assert_int_equal(
	    sale_find_charge(shop.db, terms->licence_id, term->k, &charge, &error), 1);
	assert_int_equal(day_cmp(charge.first_day, term->first_day), 0);
	assert_int_equal(day_cmp(charge.last_day, term->last_day), 0);
	assert_true(day_cmp(term->first_day, term->last_day) <= 0);
	if (!term->stands)
		return;
	if (terms->begun) {
		Day next = day_add_days(terms->last, 1);

		/* A gap only where a new anchor starts. */
		if (day_cmp(term->first_day, next) != 0)
			assert_true(day_cmp(term->first_day, next) > 0);
	}
	terms->begun = true;
	terms->n++;
	terms->k = term->k;
	terms->last = term->last_day;
}

static void
check_promises(int64_t id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = subscription_get(shop.db, id, &error);
	Terms terms = { .start = s->start_day, .licence_id = s->licence_id };

	assert_true(subscription_terms(shop.db, id, check_term, &terms, &error));
	if (terms.n > 0)
		assert_int_equal(day_cmp(terms.last, s->last_day), 0);
	assert_int_equal(
	    count("SELECT count(*) FROM ticket WHERE licence_id", s->licence_id), 1);
	assert_int_equal(count("SELECT count(*) FROM subscription s JOIN licence l ON "
			       "l.id = s.licence_id"
			       " AND l.last_day = s.last_day WHERE s.id",
			     id),
	    1);
	/* Of no charge was more given back than billed, and none was billed twice. */
	assert_int_equal(
	    count("SELECT count(*) FROM sale_event c WHERE"
		  " c.kind IN ('sold', 'renewed') AND c.amount_minor <"
		  " (SELECT -coalesce(sum(r.amount_minor), 0) FROM sale_event r"
		  "  WHERE r.of_event = c.id) AND c.licence_id",
		s->licence_id),
	    0);
	assert_int_equal(count("SELECT count(*) - count(DISTINCT k) FROM sale_event WHERE"
			       " kind IN ('sold', 'renewed') AND licence_id",
			     s->licence_id),
	    0);
	/* Letters of an event in a term are one. */
	assert_int_equal(
	    count("SELECT count(*) - count(DISTINCT k || what) FROM subscription_letter"
		  " WHERE subscription_id",
		id),
	    0);
}

/* ---- steps ---- */

typedef enum Deed { TURN, TURN_BACK, CANCEL, KEEP, UNDO, REVERSE, N_DEEDS } Deed;

static bool
do_deed(DbTx *tx, Deed deed, Subscription *s, Day today, GRand *rand, GError **error)
{
	CancelAnswer answer;
	Reversal how = { .day = today,
		.mode = (CreditMode)g_rand_int_range(rand, 0, 3),
		.reason = "random" };
	Money back;
	int n;

	switch (deed) {
	case TURN:
		return subscription_turn(tx, &policy, today, 50, &n, error);
	case TURN_BACK:
		return subscription_turn(tx, &policy,
		    day_add_days(today, -g_rand_int_range(rand, 1, 40)), 50, &n, error);
	case CANCEL:
		return subscription_cancel(tx, &policy, s,
		    day_add_days(today, -g_rand_int_range(rand, 0, 10)), NULL, &answer,
		    error);
	case KEEP:
		return subscription_keep(tx, &policy, s, today, NULL, error);
	case UNDO:
		return subscription_reverse_term(
		    tx, &policy, s, today, how.mode, NULL, &back, error);
	case REVERSE:
		return licence_reverse(tx, &policy, s->licence_id, &how, &back, error);
	case N_DEEDS:
		break;
	}
	return false;
}

/* What is refused is undone and is a CONFLICT; anything else is a fault of ours. */
static bool
step(Deed deed, int64_t id, Day today, GRand *rand)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = subscription_get(shop.db, id, &error);
	g_auto(DbTx) tx = DB_TX_INIT;

	today_is(today);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	if (do_deed(&tx, deed, s, today, rand, &error)) {
		assert_true(db_commit(&tx, &error));
		return true;
	}
	db_rollback(&tx);
	if (!g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT))
		fail_msg("deed %d: %s", (int)deed, error->message);
	return false;
}

static Deed
draw(GRand *rand)
{
	/* Time passes more often than people change their minds. */
	static const Deed urn[] = { TURN, TURN, TURN, TURN, TURN, TURN, TURN_BACK, CANCEL,
		CANCEL, KEEP, KEEP, UNDO };

	if (g_rand_int_range(rand, 0, 60) == 0)
		return REVERSE;
	return urn[g_rand_int_range(rand, 0, G_N_ELEMENTS(urn))];
}

static void
sell(GRand *rand, Day start, int64_t *ret_id)
{
	static const Stmt TERM = { .name = "t",
		.sql =
		    "UPDATE product SET term_months = $1, term_days = $2, term_rule = $3,"
		    " notice_months = $4, notice_days = $5 WHERE sku = 'CAD-SUB'" };
	static int n;
	g_autoptr(GError) error = NULL;
	bool days = g_rand_int_range(rand, 0, 4) == 0;
	bool month = g_rand_boolean(rand);
	char number[16];
	int64_t order;

	assert_true(db_exec(shop.db, &TERM,
	    DB_ARGS(v_id(days ? 0 : g_rand_int_range(rand, 1, 13)),
		v_id(days ? g_rand_int_range(rand, 30, 400) : 0),
		v_text(g_rand_boolean(rand) ? "bgb" : "anchor"), v_id(month ? 1 : 0),
		v_id(month ? 0 : g_rand_int_range(rand, 0, 30))),
	    NULL, &error));
	today_is(start);
	g_snprintf(number, sizeof(number), "L-%d", ++n);
	fix_order(&shop, number, "CAD-SUB", 1, "email", "customer", &order);
	assert_int_equal(fix_issue(&shop, order), 1);
	*ret_id = fix_int(&shop, "SELECT max(id) FROM subscription");
}

static void
no_life_breaks_a_promise(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261124);
	int done[N_DEEDS] = { 0 };
	int64_t rows;
	int64_t bad;

	(void)state;
	fix_shop(&shop);
	policy = (SubscriptionPolicy){ .issue = &shop.issue,
		.lead_days = 5,
		.grace_days = 10,
		.remind_days = { 21, 3 } };
	for (int life = 0; life < LIVES; life++) {
		Day today = {
			day_add_days((Day){ 20454 }, g_rand_int_range(rand, 0, 800)).v
		};
		int64_t id;

		sell(rand, today, &id);
		for (int i = 0; i < STEPS; i++) {
			Deed deed = draw(rand);

			today = day_add_days(today, g_rand_int_range(rand, 0, 45));
			done[deed] += step(deed, id, today, rand);
			check_promises(id);
		}
	}
	/* Each was done, and not only refused. */
	for (int i = 0; i < N_DEEDS; i++)
		assert_true(done[i] > 3);
	assert_true(fix_int(&shop, "SELECT max(k) FROM subscription_term") > 5);
	assert_int_equal(audit_verify(shop.db, &rows, &bad, NULL), 1);
	clock_set_at(0);
	fix_shop_done(&shop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_life_breaks_a_promise),
	};

	return cmocka_run_group_tests_name("subscription random", tests, NULL, NULL);
}
