/*
 * subscription_rules.h - what happens to a subscription, by itself and by word.
 *
 * All of it in the caller's transaction, and each with its rows in sale_event, the audit
 * trail and the letters (subscription_letter.h): nothing changes without its notice.
 *
 * By itself, on its due day (subscription_turn()):
 *
 *   remind    once each, `remind_days` before the last day on which notice can come, or
 *             before the last day when there is notice.  After downtime only the latest
 *             of those that were missed
 *   renew     `lead_days` before the last day, so that nothing lapses while it is under
 *             way (R8.4); after downtime term by term, in order (R8.2)
 *   hold      a renewal that the product's options of today forbid (R4.4) waits with its
 *             reason, `grace_days` beyond the last day; then it ends
 *   end       after the last day
 *
 * A renewal that is prepared before the deadline of notice is taken back in full when
 * notice comes in time after all (R8.3).
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/domain/prorata.h"
#include "fulfill/domain/subscription.h"

#define SUBSCRIPTION_REMINDERS 8

typedef struct SubscriptionPolicy {
	const IssueContext *issue; /* zone, vendor; borrowed */
	int lead_days;
	int grace_days;
	int remind_days[SUBSCRIPTION_REMINDERS]; /* from the most on; 0 ends */
} SubscriptionPolicy;

/* "30,7" as remind_days.  INVALID. */
bool subscription_remind_parse(
    const char *text, SubscriptionPolicy *ret, GError **error) MUST_USE;

/*
 * Does what is due on `today` for up to `max` subscriptions; *ret_n counts them, fewer
 * than `max` means that none is left.
 */
bool subscription_turn(DbTx *tx, const SubscriptionPolicy *policy, Day today, int max,
    int *ret_n, GError **error) MUST_USE;

/* What a cancellation came to. */
typedef struct CancelAnswer {
	Day end_day;       /* usable through it */
	Day cancelled_day; /* the notice that counts */
	bool before;       /* there was notice already: nothing changed */
	bool at_once;      /* it had not begun: nothing is billed (R9.5) */
	Money given_back; /* of a renewal that was prepared already; currency may be empty
			   */
} CancelAnswer;

/*
 * Kuendigung that arrived on `received_day`: it ends with the first term that the notice
 * still reaches (R9.1).  Ticket, moves and resends stay as they are until then (R9.2).
 * CONFLICT for one that was reversed, exchanged or is over.
 */
bool subscription_cancel(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    Day received_day, const char *reason, CancelAnswer *ret, GError **error) MUST_USE;

/*
 * Takes the notice back on `day` (R9.4).  Until the last day: the same subscription,
 * ticket and anchor.  Afterwards: a new term from `day`, charged as such; the gap is not.
 * Without notice nothing changes.  CONFLICT as above for reversed and exchanged ones.
 */
bool subscription_keep(DbTx *tx, const SubscriptionPolicy *policy, Subscription *s,
    Day day, const char *reason, GError **error) MUST_USE;

/*
 * Storno of its latest term alone, a renewal: back to the last day of the term before,
 * with which it then ends; ticket and licence stay (R10.4).  CONFLICT when the latest
 * term is the first.  `ret` is what is given back.
 */
bool subscription_reverse_term(DbTx *tx, const SubscriptionPolicy *policy,
    Subscription *s, Day day, CreditMode mode, const char *reason, Money *ret,
    GError **error) MUST_USE;
