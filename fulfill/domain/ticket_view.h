/*
 * ticket_view.h - who sees a ticket, and who may do something with it.
 *
 *   a customer's admin   the tickets of that customer
 *   a customer's user    those assigned to them; those assigned to a group of theirs, or
 *                        to nobody in particular, once they are shown (R2.10)
 *   those above          what lies with their party or below, in product groups in which
 *                        they have any right; what is assigned to a person only as admins
 *   the operator (0)     everything
 */
#pragma once

#include "queue/db.h"

typedef enum TicketAs {
	TICKET_AS_VIEWER,   /* see it */
	TICKET_AS_USER,     /* collect, return, restore: who sees it as its holder, or
			       "modify" */
	TICKET_AS_MANAGER,  /* assign it among the holder's users: its admin, or "modify"
			     */
	TICKET_AS_REVIEWER, /* approve a restore: those above with "modify" */
	TICKET_AS_REVOKER,  /* recall: those above with "revoke" */
	TICKET_AS_PRINTER,  /* another card of it: those above with "print" */
	TICKET_AS_SENDER,   /* send it again: its holder's admin, or "resend" */
} TicketAs;

/* DENIED when not; a ticket that the actor does not see is NOT_FOUND, so that nobody
 * learns of it. */
bool ticket_may_act(
    Db *db, int64_t actor, int64_t ticket_id, TicketAs as, GError **error) MUST_USE;

/* Whom of its holder a ticket is given to: a user, a group (user_group.h), or neither:
 * then `shown` means all of its users.  What is given to a user is always seen by them.
 */
typedef struct TicketTo {
	int64_t user_id;
	int64_t group_id;
	bool shown;
} TicketTo;

/* Whom of its holder a ticket is assigned to; both 0: nobody. */
bool ticket_whom(Db *db, int64_t ticket_id, TicketTo *ret, GError **error) MUST_USE;

/* 1 / 0 / -1: whether it is seen; for lists. */
int ticket_is_seen(Db *db, int64_t actor, int64_t ticket_id, GError **error) MUST_USE;

/* CONFLICT while it is in use: it has to be returned first (R7.1). */
bool ticket_give(DbTx *tx, int64_t actor, int64_t ticket_id, const TicketTo *to,
    GError **error) MUST_USE;

/* Shows a ticket to the group it is assigned to, else to all users of its holder; or
 * hides it from those who are no admins. */
bool ticket_show(
    DbTx *tx, int64_t actor, int64_t ticket_id, bool shown, GError **error) MUST_USE;
