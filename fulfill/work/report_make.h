/*
 * report_make.h - a report in any of its formats: what the command prints, what goes into
 * mails and folders.
 */
#pragma once

#include "fulfill/domain/report_out.h"
#include "fulfill/work/work.h"

typedef struct ReportWish {
	ReportId id;
	Day day;             /* any day of the month; or the day */
	const char *party;   /* code; NULL: all */
	const char *format;  /* table, csv, json, xml, datev, pdf */
	const char *invoice; /* datev: its number, or NULL */
	const Scope *scope;  /* of who asks; NULL: everything */
} ReportWish;

/* "2027-04" or "2027-04-30": what a report is of; the caller's. */
char *report_period(ReportId id, Day day);

/* "April 2027", for people; the caller's. */
char *report_month_name(Day month, const char *language);

/* "statement-2027-04-R-100.csv"; the caller's. */
char *report_file_name(const ReportWish *wish);
/* The MIME type of a format; NULL: there is no such format. */
const char *report_mime(const char *format);

/* Writes the report; *ret (may be NULL) is what it came to.  INVALID: a format that this
 * report does not have. */
bool report_make(Work *work, const ReportWish *wish, ReportSink sink, void *context,
    StatementSums *ret, GError **error) MUST_USE;

/* A ReportSink whose context is a GString. */
bool report_to_string(void *string, const void *data, size_t size, GError **error);
