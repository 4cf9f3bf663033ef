/*
 * mail_order.h - the orders in a mail whose sender is proved.
 *
 * They belong to the sender's party: a reseller's user orders, within its rights, for
 * that reseller and those below it, and its order numbers are a source of their own
 * ("R-100/mail").  The vendor's own users may name any party and source.
 *
 * All orders of a mail, its answers and the mail's end are one transaction.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/mail_proof.h"

typedef struct MailOrders {
	json_t *answers; /* a list, as of `order submit`; for mail_in.outcome */
	char *held;      /* why the mail must wait for a person; NULL: it is done */
} MailOrders;

void mail_orders_clear(MailOrders *orders);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailOrders, mail_orders_clear)

/* Places the orders and plans the answers.  When ret->held is set nothing was done. */
bool mail_order_take(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailOrders *ret, GError **error) MUST_USE;
