/*
 * subscription_turn.c - what happens by itself, on its day.
 *
 * A subscription is looked at on its due_day, does all that is due, in order, and says on
 * which day it is to be looked at again: so a year of 10,000 subscriptions costs what
 * happens in it, and a day on which nothing happens costs nothing.
 */
#include "fulfill/domain/subscription_private.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/limits.h"

typedef struct Turn {
	DbTx *tx;
	const SubscriptionPolicy *policy;
	SubscriptionLetters *letters;
	GHashTable *rights;
	Day today;
} Turn;

bool
subscription_remind_parse(const char *text, SubscriptionPolicy *ret, GError **error)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	int days[SUBSCRIPTION_REMINDERS] = { 0 };
	int n = 0;

	for (char **w = words; *w != NULL; w++) {
		const char *word = g_strstrip(*w);
		char *end;
		long value = strtol(word, &end, 10);

		if (*word == '\0')
			continue;
		if (*end != '\0' || value < 1 || value > LIMIT_TERM_DAYS)
			return err_set(error, TP_ERROR_INVALID,
			    "'%s' is not a number of days", word);
		if (n == SUBSCRIPTION_REMINDERS || (n > 0 && value >= days[n - 1]))
			return err_set(error, TP_ERROR_INVALID,
			    "'%s': at most %d numbers, from the most to the fewest", text,
			    SUBSCRIPTION_REMINDERS);
		days[n++] = (int)value;
	}
	memcpy(ret->remind_days, days, sizeof(days));
	return true;
}

/*
 * Reminders before `mark`.  Of those whose day has come the latest is written, the others
 * are marked; *ret_next is the day of the next one (or stays).
 */
static bool
remind(Turn *turn, const Subscription *s, Day first_day, SubscriptionEvent event,
    Day mark, Day deadline, Day *ret_next, GError **error)
{
	const int *days = turn->policy->remind_days;
	char about[16];
	int due = -1;

	for (int i = 0; i < SUBSCRIPTION_REMINDERS && days[i] != 0; i++) {
		Day day = day_add_days(mark, -days[i]);

		/* A reminder longer than the term would come with the ticket. */
		if (day_cmp(day, first_day) <= 0)
			continue;
		if (day_cmp(day, turn->today) > 0) {
			*ret_next = day_min(*ret_next, day);
			break;
		}
		if (due >= 0) {
			g_snprintf(about, sizeof(about), "%d", days[due]);
			if (!subscription_letters_skip(turn->tx, s, event, about, error))
				return false;
		}
		due = i;
	}
	if (due < 0)
		return true;
	g_snprintf(about, sizeof(about), "%d", days[due]);
	/* Too late to act on it: it is not written any more. */
	if (day_cmp(turn->today, mark) > 0)
		return subscription_letters_skip(turn->tx, s, event, about, error);
	return subscription_letters_add(
		   turn->tx, turn->letters, s, event, about, deadline, error) >= 0;
}

static bool
end(Turn *turn, Subscription *s, GError **error)
{
	s->state = SUBSCRIPTION_ENDED;
	s->due_day = DAY_MAX;
	return subscription_note(turn->tx, s, SALE_ENDED, s->last_day, s->hold, error) &&
	       subscription_put(turn->tx, s, error) &&
	       audit_add(turn->tx, AUDIT_ENDED, "subscription", s->id, s->hold, error);
}

/* A renewal that is due and not possible: it waits, then it ends. */
static bool
wait_or_end(Turn *turn, Subscription *s, char *why, GError **error)
{
	g_free(s->hold);
	s->hold = why;
	if (day_cmp(turn->today, day_add_days(s->last_day, turn->policy->grace_days)) > 0)
		return end(turn, s, error);
	s->due_day = day_add_days(turn->today, 1);
	return subscription_put(turn->tx, s, error);
}

/* One renewal.  1: done, look again.  0: it waits or ended. */
static int
renew(Turn *turn, Subscription *s, GError **error)
{
	char *why;

	if (!subscription_obstacle(turn->tx, s, turn->rights, &why, error))
		return -1;
	if (why != NULL)
		return wait_or_end(turn, s, why, error) ? 0 : -1;
	g_clear_pointer(&s->hold, g_free);
	if (!subscription_renew(turn->tx, s, DAY_MIN, NULL, error) ||
	    subscription_letters_add(turn->tx, turn->letters, s, SUBSCRIPTION_RENEWED,
		NULL, DAY_MIN, error) < 0)
		return -1;
	return 1;
}

/* Nothing renews any more: reminders, then the end. */
static bool
run_out(Turn *turn, Subscription *s, GError **error)
{
	Day next = day_add_days(s->last_day, 1);

	if (day_cmp(turn->today, s->last_day) > 0)
		return end(turn, s, error);
	if (!remind(turn, s, s->start_day, SUBSCRIPTION_ENDS, s->last_day, DAY_MIN, &next,
		error))
		return false;
	s->due_day = next;
	return subscription_put(turn->tx, s, error);
}

static bool
go_on(Turn *turn, Subscription *s, GError **error)
{
	for (;;) {
		Period period;
		Day deadline;
		Day lead;
		Day next;
		int renewed;

		if (day_cmp(s->last_day, s->end_day) >= 0)
			return run_out(turn, s, error);
		if (!subscription_period(s, 0, &period, error) ||
		    !subscription_deadline(s, &deadline, error))
			return false;
		next = lead = period_lead_day(period, turn->policy->lead_days);
		/* One that ends later was told so when its notice came. */
		if (s->state == SUBSCRIPTION_ACTIVE &&
		    !remind(turn, s, period.first_day, SUBSCRIPTION_RENEWS,
			day_min(deadline, lead), deadline, &next, error))
			return false;
		if (day_cmp(turn->today, lead) < 0) {
			s->due_day = next;
			return subscription_put(turn->tx, s, error);
		}
		renewed = renew(turn, s, error);
		if (renewed <= 0)
			return renewed == 0;
	}
}

static bool
step(Turn *turn, Subscription *s, GError **error)
{
	if (s->state == SUBSCRIPTION_ACTIVE || s->state == SUBSCRIPTION_CANCELLED) {
		/* Whoever recalls a ticket without Storno ends what it stands for. */
		if (g_str_equal(s->ticket_state, "recalled") ||
		    g_str_equal(s->ticket_state, "recall_pending"))
			s->state = SUBSCRIPTION_REVERSED;
		else
			return go_on(turn, s, error);
	}
	s->due_day = DAY_MAX;
	return subscription_put(turn->tx, s, error);
}

bool
subscription_turn(DbTx *tx, const SubscriptionPolicy *policy, Day today, int max,
    int *ret_n, GError **error)
{
	g_autoptr(SubscriptionLetters) letters = subscription_letters_new(policy->issue);
	g_autoptr(GHashTable) rights = subscription_rights_cache();
	Turn turn = { .tx = tx,
		.policy = policy,
		.letters = letters,
		.rights = rights,
		.today = today };
	g_autoptr(GPtrArray) due = subscription_due(tx, today, max, error);

	if (due == NULL)
		return false;
	for (guint i = 0; i < due->len; i++) {
		Subscription *s = g_ptr_array_index(due, i);

		if (!step(&turn, s, error)) {
			g_prefix_error(
			    error, "subscription %" G_GINT64_FORMAT ": ", s->id);
			return false;
		}
	}
	*ret_n = (int)due->len;
	return subscription_letters_send(tx, letters, error);
}
