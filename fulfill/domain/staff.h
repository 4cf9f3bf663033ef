/*
 * staff.h - loading employees and programmes (NFR and demo tickets by schedule).
 */
#pragma once

#include "fulfill/domain/json_read.h"
#include "queue/db.h"

/* Each loads one record.  1: stored.  0: the same already, or faults.  -1: error. */
int employee_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;
int programme_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;
