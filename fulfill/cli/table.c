/*
 * table.c - the only file that includes libsmartcols.h.
 */
#include "fulfill/cli/table.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "queue/clock.h"

json_t *
json_text(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

void
json_count(void *object, const char *state, int64_t n)
{
	json_object_set_new(object, state, json_integer(n));
}

json_t *
json_time(int64_t at, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = NULL;
	g_autoptr(GDateTime) local = NULL;
	g_autofree char *text = NULL;

	if (at == 0)
		return json_null();
	utc = g_date_time_new_from_unix_utc(at / US_PER_S);
	if (utc == NULL)
		return json_null();
	local = zone != NULL ? g_date_time_to_timezone(utc, zone) : g_date_time_ref(utc);
	text = g_date_time_format_iso8601(local);
	return json_string(text);
}

/* What a person reads of a value. */
static char *
plain(const json_t *value)
{
	if (json_is_string(value))
		return g_strdup(json_string_value(value));
	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return g_strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_array(value))
		return g_strdup_printf("%zu", json_array_size(value));
	return g_strdup("");
}

static void
print_json(json_t *document)
{
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
}

void
table_print(const Cmd *cmd, json_t *document, const char *list, const Column *columns)
{
	struct libscols_table *table;
	json_t *rows = json_object_get(document, list);
	size_t i;
	json_t *row;

	if (cmd->json) {
		print_json(document);
		json_decref(document);
		return;
	}
	table = scols_new_table();
	scols_table_enable_noencoding(table, 0);
	for (const Column *c = columns; c->title != NULL; c++)
		scols_table_new_column(table, c->title, 0, c->right ? SCOLS_FL_RIGHT : 0);
	json_array_foreach (rows, i, row) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (size_t c = 0; columns[c].title != NULL; c++) {
			g_autofree char *text =
			    plain(json_object_get(row, columns[c].key));

			scols_line_set_data(line, c, text);
		}
	}
	scols_print_table(table);
	scols_unref_table(table);
	json_decref(document);
}

void
table_print_object(const Cmd *cmd, json_t *object, const Column *columns)
{
	if (cmd->json) {
		print_json(object);
		json_decref(object);
		return;
	}
	for (const Column *c = columns; c->title != NULL; c++) {
		g_autofree char *text = plain(json_object_get(object, c->key));

		printf("%-14s %s\n", c->title, text);
	}
	json_decref(object);
}

int
table_print_list(
    const Cmd *cmd, bool ok, json_t *list, const char *name, const Column *columns)
{
	if (!ok) {
		json_decref(list);
		return -1;
	}
	table_print(cmd, json_pack("{s:o}", name, list), name, columns);
	return EX_OK;
}
