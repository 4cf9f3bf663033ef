/*
 * ticket_view.h - who sees a ticket, and who may do something with it.
 *
 *   a customer's admin   the tickets of that customer
 *   a customer's user    those assigned to them, and those of the customer that are
 *                        assigned to nobody and shown (R2.10)
 *   those above          what lies with their party or below, in groups in which they
 * have any right; what is assigned to a person only as admins the operator (0) everything
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

/* Whom of its holder a ticket is assigned to; 0: nobody. */
bool ticket_user(Db *db, int64_t ticket_id, int64_t *ret_id, GError **error) MUST_USE;

/* 1 / 0 / -1: whether it is seen; for lists. */
int ticket_is_seen(Db *db, int64_t actor, int64_t ticket_id, GError **error) MUST_USE;

/*
 * Gives a ticket of a customer to one of its users, or (user 0) to nobody in particular;
 * `shown` counts then.  CONFLICT while it is in use: it has to be returned first (R7.1).
 */
bool ticket_give_user(DbTx *tx, int64_t actor, int64_t ticket_id, int64_t user_id,
    bool shown, GError **error) MUST_USE;

/* Shows a ticket to all users of its holder, or hides it from those who are no admins. */
bool ticket_show(
    DbTx *tx, int64_t actor, int64_t ticket_id, bool shown, GError **error) MUST_USE;
