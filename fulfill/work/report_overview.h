/*
 * report_overview.h - the month at a glance, as PDF or as a page for the web.
 */
#pragma once

#include "fulfill/work/report_make.h"

/* `format` is "pdf" or "html", INVALID else.  Needs fonts (WORK_FONTS). */
bool report_overview(Work *work, Day month, const char *format, ReportSink sink,
    void *context, GError **error) MUST_USE;
