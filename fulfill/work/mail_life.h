/*
 * mail_life.h - what a customer's people and a reseller's may do with a ticket by mail:
 * the same as by command, with the same rights.
 *
 *   activate, return, restore T00000017   collected, taken from its device, lost
 *   confirm T00000017                     its receipt came
 *   approve T00000017                     a restore that waits: by those above the holder
 *   recall T00000017                      called back for good, without credit: "revoke"
 *   assign T00000017 GROUP                to a group of its customer's users, hidden
 *   assign T00000017 ADDRESS              to a user of its customer; from a pool to the
 *                                         customer, or the user, of this address
 *   unassign T00000017                    from a user or group to the customer, from
 * there to the pool show, hide T00000017                  to its group or all users of
 * its customer, or to admins only
 */
#pragma once

#include "fulfill/domain/ticket_life.h"
#include "fulfill/work/work.h"

/* How many restores are given without approval, by the settings. */
LifePolicy work_life_policy(const Work *work);

typedef struct MailLife {
	const char *verb;
	int64_t ticket_id;
	const char *address; /* of assign; or NULL */
	const char *words;   /* what stands behind the verb */
} MailLife;

bool mail_life_has(const char *verb);

/*
 * Does it as the first of `users` (int64_t; one person may be a user of several parties)
 * who sees the ticket.  *ret_news: what became of it, to be freed.  Refusals are INVALID,
 * NOT_FOUND, DENIED and CONFLICT, with nothing done.
 */
bool mail_life_do(Work *work, DbTx *tx, const GArray *users, const MailLife *what,
    char **ret_news, GError **error) MUST_USE;
