/*
 * mail_staff.h - a staff list by mail: the subject "staff", the list as the attachment.
 *
 * From an administrator of the vendor, proved like whoever orders (mail_proof.h).  The
 * list passes the same checks as one in the drop folder (staff_file.h); the sender is
 * told what it changed, or why nothing, and the owner of a refusal as well.
 */
#pragma once

#include "fulfill/work/mail_command.h"

#define MAIL_STAFF_VERB "staff"

/* As mail_command_do(). */
bool mail_staff_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error) MUST_USE;
