/*
 * report_rows.h - the lists that come straight from the store; for report.c.
 */
#pragma once

#include "fulfill/domain/report.h"

/* *ret_rows counts. */
bool report_rows(Db *db, const ReportQuery *query, ReportFn fn, void *user,
    int64_t *ret_rows, GError **error) MUST_USE;
