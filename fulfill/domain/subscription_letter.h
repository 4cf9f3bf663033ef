/*
 * subscription_letter.h - letters about subscriptions: reminders, renewals, ends.
 *
 * Letters are gathered in a transaction and go out together, those of one event to one
 * reader as one mail: a reseller with a thousand renewals on the first of a month gets a
 * list.  Each (subscription, term, event) is written about once, for ever.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/domain/subscription.h"

typedef enum SubscriptionEvent {
	SUBSCRIPTION_RENEWS,  /* it will renew unless notice comes */
	SUBSCRIPTION_ENDS,    /* it will end */
	SUBSCRIPTION_RENEWED, /* a further term began */
	SUBSCRIPTION_NOTICED, /* notice came */
	SUBSCRIPTION_RESUMED, /* the notice was taken back */
	SUBSCRIPTION_UNDONE,  /* reversed */
	SUBSCRIPTION_N_EVENTS
} SubscriptionEvent;

typedef struct SubscriptionLetters SubscriptionLetters;

/* `issue` is borrowed. */
SubscriptionLetters *subscription_letters_new(const IssueContext *issue);
void subscription_letters_free(SubscriptionLetters *letters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SubscriptionLetters, subscription_letters_free)

/*
 * Notes that this is to be told.  `about` tells several events of one kind in a term
 * apart ("30" days before) or is NULL; `deadline` is the last day for notice (DAY_MIN: it
 * does not matter).
 *
 * 1: noted.  0: it was told before.  Somebody without an address is not told.
 */
int subscription_letters_add(DbTx *tx, SubscriptionLetters *letters,
    const Subscription *s, SubscriptionEvent event, const char *about, Day deadline,
    GError **error) MUST_USE;

/* Marks as told without telling: an earlier reminder that a later one overtakes. */
bool subscription_letters_skip(DbTx *tx, const Subscription *s, SubscriptionEvent event,
    const char *about, GError **error) MUST_USE;

/* Plans the mails; in the transaction of the adds. */
bool subscription_letters_send(
    DbTx *tx, SubscriptionLetters *letters, GError **error) MUST_USE;

/* One event of one subscription, told at once. */
bool subscription_letter(DbTx *tx, const IssueContext *issue, const Subscription *s,
    SubscriptionEvent event, const char *about, Day deadline, GError **error) MUST_USE;
