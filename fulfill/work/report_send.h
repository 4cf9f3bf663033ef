/*
 * report_send.h - reports that go out by themselves.
 *
 * Section [report] of the settings says which reports, when (a recurrence rule: the first
 * or the last day of the month works), to whom and in which formats.  A run on the last
 * day of a month is about that month, any other about the month before.  Statements go
 * to each party that is charged anything, by mail; lists to [report] to.  With a folder
 * everything is written there as well.
 *
 * Each report of a period and party goes out once, by its key in the store.  What cannot
 * go out is told to the owner at once, is tried again every quarter of an hour, and is
 * never given up.  Days that were missed because nothing ran are caught up once.
 */
#pragma once

#include "fulfill/work/report_make.h"

/* One report of one party (NULL: of everybody) for a period.  1: it went out.  0: it had
 * before, or there is nothing to tell.  -1: it did not; the owner is told. */
int report_send(Work *work, ReportId id, const StatementParty *party, Day day,
    GError **error) MUST_USE;

/* The same for every party that is meant by `party` (NULL: all).  `ret_n` counts what
 * went out. */
bool report_send_all(Work *work, ReportId id, const char *party, Day day, int *ret_n,
    GError **error) MUST_USE;

/* A chore. */
bool chore_reports(Work *work, bool *ret_more, GError **error);
