/*
 * subscription_end.c - notice, taking notice back, taking a renewal back.
 */
#include "fulfill/domain/subscription_private.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/ticket.h"

static bool
refuse(const Subscription *s, const char *what, GError **error)
{
	return err_set(error, TP_ERROR_CONFLICT,
	    "subscription %" G_GINT64_FORMAT " is %s and cannot be %s", s->id,
	    subscription_state_name(s->state), what);
}

/* Was it over before it began?  Then term_cancel() is not asked: the anchor of one that
 * joined a running term lies before its first day. */
static int
begun(DbTx *tx, const Subscription *s, Day day, GError **error)
{
	SubscriptionTerm first;
	int found = subscription_term_find(tx->db, s->id, 1, &first, error);

	return found == 1 ? day_cmp(day, first.first_day) >= 0 : found < 0 ? -1 : 1;
}

/* Terms that were prepared beyond the one with which it ends (R8.3). */
static bool
undo_prepared(DbTx *tx, Subscription *s, int end_period, Money *ret, GError **error)
{
	while (s->k - s->k_base > end_period) {
		SubscriptionTerm term;
		Money back;

		if (subscription_term_latest(tx->db, s->id, &term, error) != 1 ||
		    !subscription_undo_term(tx, s, term.first_day, CREDIT_FULL,
			"notice came in time", &back, error))
			return false;
		if (ret->currency[0] == '\0')
			*ret = back;
		else if (!money_add(*ret, back, ret, error))
			return false;
	}
	return true;
}

bool
subscription_cancel(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    Day received_day, const char *reason, CancelAnswer *ret, GError **error)
{
	Period period;
	char detail[DAY_CHARS];
	int found;

	*ret = (CancelAnswer){ .end_day = s->end_day, .cancelled_day = s->cancelled_day };
	if (s->state == SUBSCRIPTION_CANCELLED) {
		ret->before = true;
		return true;
	}
	if (s->state != SUBSCRIPTION_ACTIVE)
		return refuse(s, "cancelled", error);
	found = begun(tx, s, received_day, error);
	if (found == 1)
		found = term_cancel(
		    s->term, s->notice, s->start_day, received_day, &period, error);
	if (found < 0)
		return false;
	ret->at_once = found == 0;
	if (found == 0)
		period = (Period){ .k = 0, .last_day = day_add_days(s->start_day, -1) };
	if (!undo_prepared(tx, s, period.k, &ret->given_back, error))
		return false;
	s->state = found == 0 ? SUBSCRIPTION_ENDED : SUBSCRIPTION_CANCELLED;
	s->cancelled_day = received_day;
	s->end_day = period.last_day;
	s->due_day = found == 0 ? DAY_MAX : received_day;
	g_clear_pointer(&s->hold, g_free);
	ret->end_day = s->end_day;
	ret->cancelled_day = received_day;
	if (found == 0 && !g_str_has_prefix(s->ticket_state, "recall") &&
	    !ticket_recall(tx, s->ticket_id, "cancelled before it began", error))
		return false;
	return subscription_put(tx, s, error) &&
	       subscription_note(tx, s, SALE_CANCELLED, received_day, reason, error) &&
	       audit_add(tx, AUDIT_CANCELLED, "subscription", s->id,
		   day_format(s->end_day, detail), error) &&
	       subscription_letter(tx, policy->issue, s, SUBSCRIPTION_NOTICED,
		   day_format(received_day, detail), DAY_MIN, error);
}

bool
subscription_keep(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s, Day day,
    const char *reason, GError **error)
{
	bool over = day_cmp(day, s->last_day) > 0;
	char detail[DAY_CHARS];

	if (s->state == SUBSCRIPTION_ACTIVE)
		return true;
	if (s->state != SUBSCRIPTION_CANCELLED && s->state != SUBSCRIPTION_ENDED)
		return refuse(s, "kept", error);
	if (g_str_has_prefix(s->ticket_state, "recall"))
		return err_set(error, TP_ERROR_CONFLICT,
		    "the ticket of subscription %" G_GINT64_FORMAT
		    " was recalled: order anew",
		    s->id);
	s->state = SUBSCRIPTION_ACTIVE;
	s->cancelled_day = DAY_MIN;
	s->end_day = DAY_MAX;
	s->due_day = day;
	g_clear_pointer(&s->hold, g_free);
	if (over ? !subscription_renew(tx, s, day, reason, error)
		 : !subscription_put(tx, s, error))
		return false;
	return subscription_note(tx, s, SALE_KEPT, day, reason, error) &&
	       audit_add(tx, AUDIT_KEPT, "subscription", s->id,
		   day_format(s->last_day, detail), error) &&
	       subscription_letter(tx, policy->issue, s, SUBSCRIPTION_RESUMED,
		   day_format(day, detail), DAY_MIN, error);
}

bool
subscription_reverse_term(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    Day day, CreditMode mode, const char *reason, Money *ret, GError **error)
{
	SubscriptionTerm term;
	char detail[DAY_CHARS];
	int found;

	if (s->state == SUBSCRIPTION_REVERSED || s->state == SUBSCRIPTION_EXCHANGED)
		return refuse(s, "reversed", error);
	found = subscription_term_latest(tx->db, s->id, &term, error);
	if (found < 0)
		return false;
	if (found == 0 || term.k == 1)
		return err_set(error, TP_ERROR_CONFLICT,
		    "subscription %" G_GINT64_FORMAT
		    " was not renewed: what can be reversed is the whole of it",
		    s->id);
	if (!subscription_undo_term(tx, s, day, mode, reason, ret, error))
		return false;
	/* It would be renewed again at once: what was undone stays undone. */
	s->state = SUBSCRIPTION_CANCELLED;
	s->cancelled_day = day;
	s->end_day = s->last_day;
	s->due_day = day;
	return subscription_put(tx, s, error) &&
	       audit_add(tx, AUDIT_REVERSED, "subscription", s->id,
		   credit_mode_name(mode), error) &&
	       subscription_letter(tx, policy->issue, s, SUBSCRIPTION_UNDONE,
		   day_format(day, detail), DAY_MIN, error);
}
