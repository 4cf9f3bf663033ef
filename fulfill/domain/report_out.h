/*
 * report_out.h - a report as a table, CSV, JSON or XML; written row by row.
 *
 *   ReportOut *out = report_out_new(&head, format, sink, context);
 *   report_out_begin(), report_out_row() ..., report_out_end(), report_out_free()
 *
 *   table  for a terminal: columns as wide as report.def says, texts cut
 *   csv    RFC 4180 with a header of keys; texts that a spreadsheet would calculate are
 *          guarded (queue/csv_out.h); amounts with a point
 *   json   {"report", "period", "party", "zone", "rows": [...], "count", "sums"}; the
 * schema is report_out_schema() xml    the same in the namespace urn:ticketpost:report:1
 *
 * The same report has the same bytes: nothing in them says when they were made.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/report.h"

typedef enum ReportFormat {
	REPORT_AS_TABLE,
	REPORT_AS_CSV,
	REPORT_AS_JSON,
	REPORT_AS_XML,
	REPORT_FORMATS
} ReportFormat;

const char *report_format_name(ReportFormat format);
const char *report_format_mime(ReportFormat format);
bool report_format_from_name(const char *name, ReportFormat *ret);

/* Where the bytes go, in pieces; false: error set. */
typedef bool (*ReportSink)(void *context, const void *data, size_t size, GError **error);

typedef struct ReportHead {
	ReportId id;
	const char *period; /* "2027-04" or "2027-04-30" */
	const char *party;  /* code; NULL: all */
	const char *zone;   /* in which days are cut */
} ReportHead;

typedef struct ReportOut ReportOut;

/* `head` is copied, its texts are borrowed. */
ReportOut *report_out_new(
    const ReportHead *head, ReportFormat format, ReportSink sink, void *context);
void report_out_free(ReportOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportOut, report_out_free)

bool report_out_begin(ReportOut *out, GError **error) MUST_USE;
/* A ReportFn. */
bool report_out_row(void *out, const ReportCell *cells, GError **error);
/* `sums` may be NULL.  Everything has been handed to the sink when it returns. */
bool report_out_end(ReportOut *out, const StatementSums *sums, GError **error) MUST_USE;

/* The JSON Schema (2020-12) of a report; the caller's. */
json_t *report_out_schema(ReportId id);
