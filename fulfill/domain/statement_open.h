/*
 * statement_open.h - the lines of a month that is not closed; for statement.c.
 */
#pragma once

#include "fulfill/domain/statement.h"

/*
 * `month` is the first day of it.  Corrections of closed months belong to the month that
 * is closed next: that is the one after the last closed one, or, when a month in between
 * is left out, whichever is really being closed.
 */
bool statement_open_lines(Db *db, const StatementParty *party, Day month, bool closing,
    const char *language, StatementFn fn, void *user, GError **error) MUST_USE;
