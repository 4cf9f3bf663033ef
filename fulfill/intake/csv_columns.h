/*
 * csv_columns.h - the header line of a CSV, by the names of csv_columns.def.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/* Instead of a row of csv_columns.def. */
enum { CSV_UNKNOWN = -1, CSV_OPTION = -2 };

typedef struct CsvColumn {
	char *title;      /* as it stands in the header, trimmed */
	int known;        /* row of csv_columns.def, CSV_UNKNOWN or CSV_OPTION */
	const char *path; /* the field, "customer.name"; NULL: unknown or an option */
	char *option;     /* name of the option; NULL: none */
} CsvColumn;

CsvColumn *csv_column_new(const char *title) G_GNUC_WARN_UNUSED_RESULT;
void csv_column_free(void *column);

/* The separator by which most titles of the first line are ours, and how many that are.
 */
char csv_separator(const char *text, size_t size, int *ret_known);
