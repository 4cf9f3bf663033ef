/*
 * notice.h - the owner is told when a delivery is given up or comes back.
 */
#pragma once

#include "fulfill/domain/mail_out.h"
#include "fulfill/work/work.h"

typedef struct GivenUp {
	const MailOut *mail; /* NULL: its row is gone, and nobody is told */
	const char *subject; /* what the job was about, for people */
	const char *reason;  /* or NULL */
	int attempts;
} GivenUp;

/* Plans a mail to gateway.owner, when one is set, in the transaction that gives the
 * message up.  A notice that is given up itself makes no further notice. */
bool notice_given_up(
    Work *work, DbTx *tx, const GivenUp *given_up, GError **error) MUST_USE;

/* Tells it once a day that a provider refuses us as a sender. */
bool notice_domain_refuses(Work *work, DbTx *tx, const MailOut *mail, const char *reason,
    GError **error) MUST_USE;

/* The same about a message that came back.  Once for a message, however often it does. */
bool notice_came_back(
    Work *work, DbTx *tx, int64_t mail_id, const char *reason, GError **error) MUST_USE;

/* The owner hears that the reader of a mail complained about it.  Once for an address. */
bool notice_complaint(
    Work *work, DbTx *tx, int64_t mail_id, const char *reason, GError **error) MUST_USE;
