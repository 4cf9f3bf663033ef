/*
 * staff_file.c - CSV and JSON become records of master data.
 */
#include "fulfill/work/staff_file.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/mail_letter.h"
#include "fulfill/intake/csv_rows.h"
#include "queue/fault.h"
#include "queue/limits.h"
#include "queue/quote.h"

static const char *const fields[] = { "id", "email", "name", "language", "department",
	"from", "until" };

/* "24.11.2026" as "2026-11-24"; anything else as it is. */
static char *
plain_day(const char *text)
{
	if (strlen(text) == 10 && text[2] == '.' && text[5] == '.')
		return g_strdup_printf("%.4s-%.2s-%.2s", text + 6, text + 3, text);
	return g_strdup(text);
}

static void
put(json_t *record, const char *field, const char *text)
{
	bool is_day = strcmp(field, "from") == 0 || strcmp(field, "until") == 0;
	g_autofree char *day = is_day ? plain_day(text) : NULL;
	g_autofree char *word = NULL;

	if (*text == '\0')
		return;
	if (strcmp(field, "language") == 0) {
		word = g_ascii_strdown(text, -1);
		if (strlen(word) > 2 && (word[2] == '-' || word[2] == '_'))
			word[2] = '\0';
		text = word;
	}
	json_object_set_new(record, field, json_string(is_day ? day : text));
}

/* What the list calls `field`, by the settings "id=PERNR,email=MAIL"; the caller's. */
static char *
title_of(const char *mapping, const char *field)
{
	g_auto(GStrv) pairs = g_strsplit(mapping, ",", -1);

	for (char **pair = pairs; *pair != NULL; pair++) {
		char *mark = strchr(*pair, '=');

		if (mark == NULL)
			continue;
		*mark = '\0';
		if (strcmp(g_strstrip(*pair), field) == 0)
			return g_strdup(g_strstrip(mark + 1));
	}
	return NULL;
}

static json_t *
from_csv(const char *mapping, const void *bytes, size_t size, GError **error)
{
	g_autoptr(CsvRows) rows = csv_rows_parse(bytes, size, error);
	int columns[G_N_ELEMENTS(fields)];
	json_t *list;

	if (rows == NULL)
		return NULL;
	for (size_t f = 0; f < G_N_ELEMENTS(fields); f++) {
		g_autofree char *title = title_of(mapping, fields[f]);

		columns[f] = title != NULL ? csv_rows_column(rows, title) : -1;
		/* A leaver who is not recognised for want of a column is a leak. */
		if (columns[f] < 0 && f < 2) {
			err_set(error, TP_ERROR_INVALID,
			    "there is no column '%s' for %s: see [staff] columns",
			    title != NULL ? title : "", fields[f]);
			return NULL;
		}
	}
	list = json_array();
	for (guint i = 0; i < csv_rows_count(rows); i++) {
		json_t *record = json_object();

		for (size_t f = 0; f < G_N_ELEMENTS(fields); f++)
			put(record, fields[f], csv_rows_cell(rows, i, columns[f]));
		json_array_append_new(list, record);
	}
	return list;
}

/* Only what is mapped: a personnel system says more about people than is our business. */
static json_t *
record_of(const char *mapping, const json_t *value)
{
	json_t *record;

	if (!json_is_object(value))
		return json_null();
	record = json_object();
	for (size_t f = 0; f < G_N_ELEMENTS(fields); f++) {
		g_autofree char *title = title_of(mapping, fields[f]);
		json_t *field = title != NULL ? json_object_get(value, title) : NULL;

		if (json_is_string(field))
			put(record, fields[f], json_string_value(field));
		else if (field != NULL && !json_is_null(field))
			json_object_set(record, fields[f], field);
	}
	return record;
}

static json_t *
from_json(const char *mapping, const void *bytes, size_t size, GError **error)
{
	json_error_t wrong;
	json_t *document = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &wrong);
	const json_t *people =
	    json_is_object(document) ? json_object_get(document, "employees") : document;
	json_t *list = NULL;
	size_t i;
	json_t *value;

	if (document == NULL) {
		err_set(error, TP_ERROR_INVALID, "line %d: %s", wrong.line, wrong.text);
		return NULL;
	}
	if (!json_is_array(people) || json_array_size(people) > LIMIT_STAFF_PEOPLE) {
		err_set(error, TP_ERROR_INVALID,
		    "not a list of at most %d employees, nor one under \"employees\"",
		    LIMIT_STAFF_PEOPLE);
	} else {
		list = json_array();
		json_array_foreach (people, i, value)
			json_array_append_new(list, record_of(mapping, value));
	}
	json_decref(document);
	return list;
}

static json_t *
read_list(Work *work, const char *bytes, size_t size, GError **error)
{
	const char *mapping = settings_text(work->settings, SET_STAFF_COLUMNS);
	size_t i = 0;

	if (size > LIMIT_STAFF_FEED_BYTES) {
		err_set(error, TP_ERROR_INVALID, "more than %d bytes",
		    LIMIT_STAFF_FEED_BYTES);
		return NULL;
	}
	while (i < size && strchr(" \t\r\n\xef\xbb\xbf", bytes[i]) != NULL &&
	       bytes[i] != '\0')
		i++;
	if (i == size) {
		err_set(error, TP_ERROR_INVALID, "the staff list is empty");
		return NULL;
	}
	return bytes[i] == '[' || bytes[i] == '{'
		   ? from_json(mapping, bytes + i, size - i, error)
		   : from_csv(mapping, bytes, size, error);
}

static bool
faults_error(const Faults *faults, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = faults_count(faults);

	for (guint i = 0; i < MIN(n, 5); i++)
		g_string_append_printf(text, "%s%s: %s", i > 0 ? "; " : "",
		    faults_at(faults, i)->path, faults_at(faults, i)->text);
	if (n > 5)
		g_string_append_printf(text, "; and %u more", n - 5);
	return err_set(error, TP_ERROR_INVALID, "%s", text->str);
}

static bool
take_list(Work *work, DbTx *tx, const json_t *list, const StaffOptions *options,
    StaffSync *ret, GError **error)
{
	g_autoptr(Faults) faults = faults_new();

	if (!staff_sync(tx, list, day_today(work->zone),
		staff_max_drop(work, options->max_drop), faults, ret, error))
		return false;
	if (faults_count(faults) > 0)
		return faults_error(faults, error);
	return ret->alarm == NULL ||
	       err_set(error, TP_ERROR_INVALID, "%s: nothing was changed", ret->alarm);
}

bool
staff_file_take_in(Work *work, DbTx *tx, const void *bytes, size_t size,
    const StaffOptions *options, StaffSync *ret, GError **error)
{
	json_t *list = read_list(work, bytes, size, error);
	bool ok = list != NULL && take_list(work, tx, list, options, ret, error);

	json_decref(list);
	return ok;
}

bool
staff_file_take(Work *work, const void *bytes, size_t size, const StaffOptions *options,
    StaffSync *ret, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	bool ok = db_begin(work->db, DB_WRITE, &tx, &wrong) &&
		  staff_file_take_in(work, &tx, bytes, size, options, ret, &wrong) &&
		  (options->dry_run || (FAULT("staff.commit"), db_commit(&tx, &wrong)));

	if (ok)
		return true;
	db_rollback(&tx);
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID) && !options->dry_run &&
	    !staff_file_alarm(work, wrong->message, error))
		return false;
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}

int
staff_max_drop(const Work *work, int wanted)
{
	return wanted >= 0 ? wanted
			   : (int)settings_number(work->settings, SET_STAFF_MAX_DROP);
}

bool
staff_file_alarm_in(Work *work, DbTx *tx, const char *reason, GError **error)
{
	const char *owner = settings_text(work->settings, SET_OWNER);
	char today[DAY_CHARS];
	g_autofree char *key = g_strdup_printf("staff-alarm/%s/%08x",
	    day_format(day_today(work->zone), today), g_str_hash(reason));
	json_t *context = letter_context(&work->issue, NULL);
	const Letter letter = { .text = "staff",
		.context = context,
		.to_email = owner,
		.language = settings_text(work->settings, SET_LANGUAGE),
		.subject = "staff list refused",
		.key = key,
		.null_sender = true };
	bool ok;

	json_object_set_new(context, "alarm", json_string(reason));
	/* The reason may quote a row of the list: into the mail, not into the trail. */
	ok = (owner == NULL || mail_letter_plan(tx, &letter, NULL, error) >= 0) &&
	     audit_add(tx, AUDIT_STAFF_ALARM, "staff", 0, NULL, error);
	json_decref(context);
	return ok;
}

bool
staff_file_alarm(Work *work, const char *reason, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       staff_file_alarm_in(work, &tx, reason, error) && db_commit(&tx, error);
}

static json_t *
codes(const GPtrArray *list)
{
	json_t *array = json_array();

	for (guint i = 0; list != NULL && i < list->len; i++)
		json_array_append_new(array, json_string(g_ptr_array_index(list, i)));
	return array;
}

json_t *
staff_sync_json(const StaffSync *sync)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I}", "joined", codes(sync->joined),
	    "rehired", codes(sync->rehired), "changed", codes(sync->changed), "left",
	    codes(sync->left), "same", sync->same, "before", sync->before);
}
