/* clang-format off */
/*
 * mail_in_turn.h - mails that came in are read, one at a time, and what they lead to is done.
 *
 * kind              proved sender                  else
 * ----------------  -----------------------------  ---------------------------------------
 * bounce            deliveries bounced, owner told, fallback; the token in the return path
 *                   proves it, and without one of ours nothing happens
 * delay success     noted
 * complaint         noted in the audit trail
 * loop auto_reply   nothing, ever
 * order             placed, one answer each        held, not answered
 * command           done and answered              held, not answered; resend, from the
 *                                                  address on file: done, not answered
 * other             held for a person              held for a person
 */
/* clang-format on */
#pragma once

#include "fulfill/work/work.h"

/* Chore: reads the next mail that is due. */
bool mail_in_chore(Work *work, bool *ret_more, GError **error) MUST_USE;

/* Chore: wipes the bytes of mails that are done, once intake.keep is over. */
bool mail_in_wipe_chore(Work *work, bool *ret_more, GError **error) MUST_USE;

/* Chore: takes new mail out of the Maildir of the settings. */
bool mail_in_maildir_chore(Work *work, bool *ret_more, GError **error) MUST_USE;
