/*
 * notice.h - the owner is told when a delivery is given up.
 */
#pragma once

#include "fulfill/work/mail_settle.h"

/* Plans a mail to gateway.owner, when one is set, in the transaction that gives the
 * message up. A notice that is given up itself makes no further notice. */
bool notice_given_up(Work *work, DbTx *tx, const MailItem *item, GError **error) MUST_USE;
