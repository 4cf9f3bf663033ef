/*
 * csv_rows.c - libcsv, and a list of lists.
 */
#include "fulfill/intake/csv_rows.h"

#include <csv.h>
#include <string.h>

#include "queue/limits.h"

struct CsvRows {
	GPtrArray *header; /* of char * */
	GPtrArray *rows;   /* of GPtrArray of char * */
};

typedef struct Parse {
	CsvRows *rows;
	GPtrArray *cells;
	int line; /* of the row, counted in rows */
	GError *error;
} Parse;

void
csv_rows_free(CsvRows *rows)
{
	if (rows == NULL)
		return;
	if (rows->header != NULL)
		g_ptr_array_unref(rows->header);
	g_ptr_array_unref(rows->rows);
	g_free(rows);
}

static void
on_cell(void *text, size_t size, void *data)
{
	Parse *p = data;

	if (p->error != NULL)
		return;
	if (size > LIMIT_CSV_FIELD_BYTES || p->cells->len >= LIMIT_STAFF_COLUMNS)
		err_set(&p->error, TP_ERROR_INVALID,
		    "row %d: a field or a row that is too long", p->line);
	else
		g_ptr_array_add(p->cells, g_strstrip(g_strndup(text, size)));
}

static bool
is_blank(const GPtrArray *cells)
{
	for (guint i = 0; i < cells->len; i++)
		if (*(const char *)g_ptr_array_index(cells, i) != '\0')
			return false;
	return true;
}

static void
on_row(int end, void *data)
{
	Parse *p = data;
	GPtrArray *cells = p->cells;

	(void)end;
	p->line++;
	if (p->error != NULL)
		return;
	p->cells = g_ptr_array_new_with_free_func(g_free);
	if (is_blank(cells)) {
		g_ptr_array_unref(cells);
	} else if (p->rows->header == NULL) {
		p->rows->header = cells;
	} else {
		if (cells->len > p->rows->header->len)
			err_set(&p->error, TP_ERROR_INVALID,
			    "row %d: has %u cells, the header %u", p->line, cells->len,
			    p->rows->header->len);
		else if (p->rows->rows->len >= LIMIT_STAFF_PEOPLE)
			err_set(&p->error, TP_ERROR_INVALID, "more than %d rows",
			    LIMIT_STAFF_PEOPLE);
		g_ptr_array_add(p->rows->rows, cells);
	}
}

static char
separator(const char *text)
{
	static const char marks[] = { ';', ',', '\t' };
	size_t n = strcspn(text, "\r\n");
	int most = 0;
	char best = ';';

	for (size_t m = 0; m < sizeof(marks); m++) {
		int count = 0;

		for (size_t i = 0; i < n; i++)
			count += text[i] == marks[m];
		if (count > most) {
			most = count;
			best = marks[m];
		}
	}
	return best;
}

/* UTF-8, to be freed. */
static char *
decode(const char *bytes, size_t size, GError **error)
{
	g_autofree char *text = NULL;

	if (memchr(bytes, '\0', size) != NULL) {
		err_set(error, TP_ERROR_INVALID, "the file has a NUL byte: no CSV");
		return NULL;
	}
	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		bytes += 3, size -= 3;
	if (g_utf8_validate(bytes, (gssize)size, NULL))
		return g_strndup(bytes, size);
	text = g_convert(bytes, (gssize)size, "UTF-8", "CP1252", NULL, NULL, NULL);
	if (text == NULL)
		err_set(error, TP_ERROR_INVALID, "the file is neither UTF-8 nor CP1252");
	return g_steal_pointer(&text);
}

CsvRows *
csv_rows_parse(const char *bytes, size_t size, GError **error)
{
	g_autoptr(CsvRows) rows = g_new0(CsvRows, 1);
	g_autofree char *text = NULL;
	Parse p = { .rows = rows };
	struct csv_parser parser;
	size_t n;

	rows->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	if (size > LIMIT_STAFF_FEED_BYTES) {
		err_set(error, TP_ERROR_INVALID, "more than %d bytes",
		    LIMIT_STAFF_FEED_BYTES);
		return NULL;
	}
	text = decode(bytes, size, error);
	if (text == NULL)
		return NULL;
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		BUG("no memory for a CSV parser");
	csv_set_delim(&parser, (unsigned char)separator(text));
	p.cells = g_ptr_array_new_with_free_func(g_free);
	n = strlen(text);
	if (csv_parse(&parser, text, n, on_cell, on_row, &p) != n ||
	    csv_fini(&parser, on_cell, on_row, &p) != 0) {
		if (p.error == NULL)
			err_set(&p.error, TP_ERROR_INVALID,
			    "row %d: a quote where none can stand, or without end",
			    p.line + 1);
	}
	csv_free(&parser);
	g_ptr_array_unref(p.cells);
	if (p.error == NULL && rows->header == NULL)
		err_set(&p.error, TP_ERROR_INVALID, "the file is empty");
	if (p.error != NULL) {
		g_propagate_error(error, p.error);
		return NULL;
	}
	return g_steal_pointer(&rows);
}

int
csv_rows_column(const CsvRows *rows, const char *title)
{
	g_autofree char *wanted = g_utf8_casefold(title, -1);

	for (guint i = 0; i < rows->header->len; i++) {
		g_autofree char *is =
		    g_utf8_casefold(g_ptr_array_index(rows->header, i), -1);

		if (strcmp(is, wanted) == 0)
			return (int)i;
	}
	return -1;
}

guint
csv_rows_count(const CsvRows *rows)
{
	return rows->rows->len;
}

const char *
csv_rows_cell(const CsvRows *rows, guint row, int column)
{
	const GPtrArray *cells = g_ptr_array_index(rows->rows, row);

	return column >= 0 && (guint)column < cells->len
		   ? g_ptr_array_index(cells, column)
		   : "";
}
