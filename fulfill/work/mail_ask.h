/*
 * mail_ask.h - what employees ask for by mail: nfr, demo, stop (domain/programme_ask.h).
 *
 * An employee is no user and has no login: that the border server vouches for the
 * address, or a person releases the mail, and that it is on the staff list, is enough.
 * Whoever is not on it is not answered: the mail waits for a person.
 */
#pragma once

#include "fulfill/work/mail_command.h"

bool mail_ask_has(const char *verb);

/* As mail_command_do(). */
bool mail_ask_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error) MUST_USE;
