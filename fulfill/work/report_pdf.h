/*
 * report_pdf.h - the statement of a party on paper.
 */
#pragma once

#include "fulfill/work/report_make.h"

/* INVALID: another report than the statement, or not of one party.  Needs fonts
 * (WORK_FONTS). */
bool report_pdf(Work *work, const ReportWish *wish, ReportSink sink, void *context,
    StatementSums *ret, GError **error) MUST_USE;
