/*
 * report.h - lists of what was sold and what runs, row by row.
 *
 * Reports and columns stand in report.def.  A report calls a function for each row, in a
 * stable order, and keeps no more of it in memory than a page; report_out.h writes rows
 * in a format.
 *
 * What is shown of a customer follows the privacy level of its reseller, also when that
 * was lowered after the data came.
 */
#pragma once

#include "fulfill/domain/scope.h"
#include "fulfill/domain/statement.h"

typedef enum ReportId {
#define REPORT(id, name, de, en, what) REPORT_##id,
#define COLUMN(report, key, type, width, de, en, what)
#include "fulfill/domain/report.def"
#undef REPORT
#undef COLUMN
	REPORTS
} ReportId;

typedef enum ReportType {
	REPORT_TEXT,
	REPORT_NUMBER,
	REPORT_DAY,
	REPORT_MONEY
} ReportType;

typedef struct ReportColumn {
	const char *key;
	ReportType type;
	int width;
	const char *de;
	const char *en;
	const char *what;
} ReportColumn;

typedef struct Report {
	const char *name;
	const char *de;
	const char *en;
	const char *what;
	const ReportColumn *columns;
	int n;
} Report;

const Report *report_get(ReportId id);
bool report_from_name(const char *name, ReportId *ret);

/* The most columns a report has. */
#define REPORT_COLUMNS_MAX 24

/* A value: text (NULL: none), or a number; MONEY has its currency in `text`. */
typedef struct ReportCell {
	const char *text;
	int64_t number;
} ReportCell;

/* `cells` has a cell for each column, borrowed for the call; false stops. */
typedef bool (*ReportFn)(void *user, const ReportCell *cells, GError **error);

typedef struct ReportQuery {
	ReportId id;
	const char *party; /* code; NULL: all */
	Day day; /* licences, statement: any day of the month; others: the day */
	GTimeZone *zone;
	const char *language;
	const Scope *scope; /* who asks may export this; NULL: everything */
} ReportQuery;

/* Before report_run(), and before anything is written.  NOT_FOUND: no such party, or none
 * that may be exported.  DENIED: a statement has a product outside the scope; it is whole
 * or refused, since its sums are those of the invoice. */
bool report_check(Db *db, const ReportQuery *query, GError **error) MUST_USE;

/* What it came to: *ret (may be NULL) has rows and sums; `closed` when every statement in
 * it is, and then the hash of the only one, or over all of them.  Rows outside the scope
 * are left out. */
bool report_run(Db *db, const ReportQuery *query, ReportFn fn, void *user,
    StatementSums *ret, GError **error) MUST_USE;
