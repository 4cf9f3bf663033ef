/*
 * nfr_holder.h - an NFR ticket of a programme stays with the staff (R13.5).
 */
#pragma once

#include "queue/db.h"

/* May the ticket go to `email` (as addr_normal() spells it)?  DENIED: it is an employee's
 * NFR ticket, and nobody employed today has this address. */
bool nfr_holder_check(
    Db *db, int64_t ticket_id, const char *email, GError **error) MUST_USE;
