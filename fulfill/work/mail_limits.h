/*
 * mail_limits.h - is what a mail orders within what its sender may order without a
 * person?
 */
#pragma once

#include "fulfill/domain/mail_sender.h"
#include "fulfill/work/work.h"

/*
 * `orders` are OrderDraft *: all that the mail carries.  *ret_held is why a person must
 * look, with the setting's name, to be freed; NULL: it is within all limits.
 * Cancellations count as orders, and not as licences.
 */
bool mail_limits_check(Work *work, const MailSender *sender, const GPtrArray *orders,
    char **ret_held, GError **error) MUST_USE;
