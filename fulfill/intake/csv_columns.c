/*
 * csv_columns.c - which column is which, in whose language, and what separates them.
 */
#include "fulfill/intake/csv_columns.h"

#include <string.h>

#include "fulfill/intake/build.h"
#include "fulfill/intake/read.h"
#include "queue/limits.h"

/* ---- columns ---- */

/* clang-format off */
static const struct {
	const char *path;
	const char *names;
} known[] = {
#define COLUMN(path, names) { path, names },
#include "fulfill/intake/csv_columns.def"
#undef COLUMN
};
/* clang-format on */

void
csv_column_free(void *data)
{
	CsvColumn *column = data;

	g_free(column->title);
	g_free(column->option);
	g_free(column);
}

static char *
normal_title(const char *title)
{
	g_autofree char *stripped = g_strstrip(g_strdup(title));
	char *lower = g_utf8_strdown(stripped, -1);
	size_t n = strlen(lower);

	g_strdelimit(lower, " -./", '_');
	while (n > 0 && lower[n - 1] == '_')
		lower[--n] = '\0';
	return lower;
}

static int
known_of(const char *normal)
{
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		g_auto(GStrv) names = g_strsplit(known[i].names, " ", 0);

		if (g_strv_contains((const char *const *)names, normal))
			return (int)i;
	}
	return CSV_UNKNOWN;
}

CsvColumn *
csv_column_new(const char *title)
{
	g_autofree char *normal = normal_title(title);
	CsvColumn *column = g_new0(CsvColumn, 1);
	const char *path;

	column->title = g_strstrip(g_strdup(title));
	column->known = known_of(normal);
	path = column->known >= 0 ? known[column->known].path : column->title;
	if (!g_str_has_prefix(path, "options.")) {
		column->path = column->known >= 0 ? path : NULL;
	} else if (build_option_name(path + strlen("options."))) {
		column->option = g_strdup(path + strlen("options."));
		column->known = CSV_OPTION;
	}
	return column;
}

/* ---- the separator ---- */

static const char separators[] = ";,\t";

/* How many titles of the first line are ours if `separator` separates. */
static int
known_titles(const char *text, size_t size, char separator)
{
	const char *end = memchr(text, '\n', size);
	g_autofree char *bytes =
	    g_strndup(text, end != NULL ? (size_t)(end - text) : size);
	g_autofree char *line = g_utf8_make_valid(bytes, -1);
	char split[2] = { separator, '\0' };
	g_auto(GStrv) titles = NULL;
	int n = 0;

	g_strdelimit(line, "\"\r", ' ');
	titles = g_strsplit(line, split, 0);
	for (char **title = titles; *title != NULL; title++) {
		g_autofree char *normal = normal_title(*title);

		n += known_of(normal) != CSV_UNKNOWN;
	}
	return n;
}

char
csv_separator(const char *text, size_t size, int *ret_known)
{
	char best = ',';

	*ret_known = 0;
	/* A header longer than this is none; do not fold a megabyte. */
	size = MIN(size, LIMIT_CSV_FIELD_BYTES);
	for (const char *s = separators; *s != '\0'; s++) {
		int n = known_titles(text, size, *s);

		if (n > *ret_known) {
			*ret_known = n;
			best = *s;
		}
	}
	return best;
}

bool
read_csv_is_header(const char *text, size_t size)
{
	int n;

	(void)csv_separator(text, size, &n);
	return n >= 2;
}
