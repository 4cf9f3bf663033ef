/*
 * issue_turn.h - jobs of kind "issue": orders become tickets.
 *
 * A claim must stand in the store before its work begins, so that an order that kills its
 * worker every time is counted.  Such a commit need not reach the disk, for a machine
 * that fails forgets the claim with its worker; and while there is more to do, the commit
 * that issues what was claimed claims the next.
 */
#pragma once

#include "fulfill/work/mail_pump.h"
#include "fulfill/work/work.h"

typedef struct IssueTurn IssueTurn;

IssueTurn *issue_turn_new(Work *work);

/* What is claimed and not issued is given back. */
void issue_turn_free(IssueTurn *turn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IssueTurn, issue_turn_free)

/*
 * One commit, which `pump` joins (NULL: no mails are claimed now).  *ret_n: orders that
 * were looked at, *ret_open: orders claimed for the next turn (at most `max`).  An order
 * that fails is undone alone and retried along its curve; one whose lease was lost is
 * left to its new worker.  BUSY, IO, UNCERTAIN: nothing of it happened, or its leases
 * lapse; call again.
 */
bool issue_turn(IssueTurn *turn, int max, MailPump *pump, int *ret_n, int *ret_open,
    GError **error) MUST_USE;
