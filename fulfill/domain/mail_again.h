/*
 * mail_again.h - a ticket that was delivered leaves once more: to the same reader, or
 * from a reseller to its customer.
 *
 * What the mail says is what the delivery before said, frozen then.  A recalled ticket
 * never leaves again, and none leaves while an earlier mail with it is on its way.
 */
#pragma once

#include "queue/db.h"

/*
 * "resend": `to` NULL: to the address of the last mail.  CONFLICT for a recalled ticket,
 * while one is on its way, and when it was never written to anybody.
 */
bool mail_again_resend(DbTx *tx, int64_t ticket_id, const char *to, const char *reason,
    int64_t *ret_id, GError **error) MUST_USE;

/*
 * Where the last mail with this ticket went, and where its recipient would be written to
 * today; both the caller's.  *ret_last NULL: there was none.  *ret_now NULL: no address
 * is on file.
 */
bool mail_again_address(
    Db *db, int64_t ticket_id, char **ret_last, char **ret_now, GError **error) MUST_USE;

/* Borrowed; those that are not needed may be NULL. */
typedef struct Forward {
	int64_t ticket_id;
	const char *to; /* needed; as addr_normal() spells it */
	const char *name;
	const char *language;
	int64_t party_id; /* who forwards: must own the ticket or stand above; 0: we do */
	const char *reason;
	GTimeZone *zone; /* of the day on which a term begins that waited in a pool */
} Forward;

/*
 * "forward": the customer gets the ticket under the reseller's brand, answers go to the
 * reseller, and the customer is its holder from then on.
 *
 * DENIED: the ticket is not this party's, its privacy level keeps customers from us, or
 * it is an employee's NFR ticket and `to` is none (R13.5). CONFLICT: it was recalled, is
 * on its way, or another holder has it: a ticket never has two. A holder whose mails all
 * came back does not have it.
 */
bool mail_again_forward(
    DbTx *tx, const Forward *forward, int64_t *ret_id, GError **error) MUST_USE;

/* Mails with this ticket that people asked for by mail since `since_at`: for limits. */
bool mail_again_count(
    Db *db, int64_t ticket_id, int64_t since_at, int64_t *ret_n, GError **error) MUST_USE;
