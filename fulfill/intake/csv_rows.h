/*
 * csv_rows.h - a CSV whose columns are somebody else's: a header and rows of text.
 *
 * RFC 4180; the separator is the one of ';', ',' and tab that the header has most of;
 * UTF-8 with or without a mark, else CP1252.  Everything in it is a stranger's: size,
 * rows, columns and fields are bounded before they are kept (queue/limits.def, STAFF_*
 * and CSV_FIELD_BYTES).
 *
 * No database, no files.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "queue/err.h"

typedef struct CsvRows CsvRows;

/* INVALID, with the line: a quote that never ends, a row with more cells than the header,
 * a NUL, no header, above a limit. */
CsvRows *csv_rows_parse(const char *bytes, size_t size, GError **error) MUST_USE;
void csv_rows_free(CsvRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsvRows, csv_rows_free)

/* Which column has this title, whatever its case; -1: none. */
int csv_rows_column(const CsvRows *rows, const char *title);

/* Rows below the header; blank ones are none. */
guint csv_rows_count(const CsvRows *rows);

/* Trimmed; "" where the row is short.  Lives as long as `rows`. */
const char *csv_rows_cell(const CsvRows *rows, guint row, int column);
