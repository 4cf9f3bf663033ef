/*
 * programme.c - programmes and people, read.
 */
#include "fulfill/domain/programme.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/clock.h"

static const Stmt LIST = {
	.name = "programme.list",
	.sql = "SELECT p.id, p.code, p.product_id, r.sku, p.kind, p.audience,"
	       " p.term_months, p.term_days, p.schedule, p.at, p.zone, p.start_day,"
	       " p.created_at, p.renew, p.lead_days, p.number, p.per_month, p.paused_at"
	       " FROM programme p JOIN product r ON r.id = p.product_id"
	       " WHERE ($1 = '' OR p.code = $1) ORDER BY p.id /* scan: few */",
};
static const Stmt PAUSE = {
	.name = "programme.pause",
	.sql = "UPDATE programme SET paused_at = $2 WHERE id = $1"
	       " AND (paused_at IS NULL) <> ($3 = 0)",
};

#define PERSON                                                                           \
	"SELECT id, code, email, name, language, department, from_day, until_day FROM "  \
	"employee WHERE "
#define EMPLOYED                                                                         \
	"from_day <= $1 AND coalesce(until_day, '9999-12-31') >= $1 AND email <> '' "

static const Stmt PEOPLE = {
	.name = "employee.on_day",
	.sql = PERSON "id > $2 AND " EMPLOYED "ORDER BY id LIMIT $3",
};
static const Stmt PEOPLE_BY_EMAIL = {
	.name = "employee.on_day_by_email",
	.sql = PERSON "lower(email) = $2 AND " EMPLOYED
		      "ORDER BY id /* scan: a mail came */",
};
static const Stmt PERSON_BY_ID = {
	.name = "employee.by_id",
	.sql = PERSON "id = $1",
};

void
programme_free(Programme *programme)
{
	if (programme == NULL)
		return;
	g_free(programme->code);
	g_free(programme->sku);
	g_free(programme->rule);
	g_free(programme->at);
	g_free(programme->zone);
	json_decref(programme->audience);
	g_free(programme);
}

static bool
from_row(const DbRows *rows, GTimeZone *zone, Programme *p, GError **error)
{
	const char *start = db_col_text(rows, 11);

	p->id = db_col_int(rows, 0);
	p->code = g_strdup(db_col_text(rows, 1));
	p->product_id = db_col_int(rows, 2);
	p->sku = g_strdup(db_col_text(rows, 3));
	p->demo = strcmp(db_col_text(rows, 4), "demo") == 0;
	p->audience = json_loads(db_col_text(rows, 5), JSON_DECODE_ANY, NULL);
	/* Terms by months clamp to the day they started from. */
	p->term = (Term){ .months = (int)db_col_int(rows, 6),
		.days = (int)db_col_int(rows, 7),
		.rule = TERM_ANCHOR };
	p->rule = g_strdup(db_col_text(rows, 8));
	p->at = g_strdup(db_col_text(rows, 9));
	p->zone =
	    g_strdup(db_col_text(rows, 10) != NULL ? db_col_text(rows, 10)
						   : g_time_zone_get_identifier(zone));
	p->renew = db_col_int(rows, 13) != 0;
	p->lead_days = (int)db_col_int(rows, 14);
	p->number = (int)db_col_int(rows, 15);
	p->per_month = (int)db_col_int(rows, 16);
	p->paused = !db_col_is_null(rows, 17);
	p->start_day = day_of(db_col_int(rows, 12), zone);
	return start == NULL || day_parse(start, &p->start_day, error);
}

GPtrArray *
programme_list(Db *db, const char *code, GTimeZone *zone, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)programme_free);
	g_autoptr(DbRows) rows =
	    db_query(db, &LIST, DB_ARGS(v_text(code != NULL ? code : "")), error);
	int more = -1;

	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		Programme *p = g_new0(Programme, 1);

		g_ptr_array_add(list, p);
		if (!from_row(rows, zone, p, error))
			return NULL;
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

Programme *
programme_get(Db *db, const char *code, GTimeZone *zone, GError **error)
{
	g_autoptr(GPtrArray) list = programme_list(db, code, zone, error);

	if (list != NULL && list->len == 1)
		return g_ptr_array_steal_index(list, 0);
	if (list != NULL)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no programme '%s'", code);
	return NULL;
}

Schedule *
programme_schedule(const Programme *programme, const Holidays *holidays, GError **error)
{
	const ScheduleSpec spec = {
		.id = programme->code,
		.rule = programme->rule,
		.at = programme->at,
		.zone = programme->zone,
		.start_day = programme->start_day,
		.holidays = holidays,
	};
	Schedule *schedule = schedule_new(&spec, error);

	if (schedule == NULL)
		g_prefix_error(error, "programme '%s': ", programme->code);
	return schedule;
}

void
programme_person_free(ProgrammePerson *person)
{
	if (person == NULL)
		return;
	g_free(person->code);
	g_free(person->email);
	g_free(person->name);
	g_free(person->language);
	g_free(person->department);
	g_free(person);
}

static bool
person_from_row(const DbRows *rows, ProgrammePerson *person, GError **error)
{
	person->id = db_col_int(rows, 0);
	person->code = g_strdup(db_col_text(rows, 1));
	person->email = g_strdup(db_col_text(rows, 2));
	person->name = g_strdup(db_col_text(rows, 3));
	person->language = g_strdup(db_col_text(rows, 4));
	person->department = g_strdup(db_col_text(rows, 5));
	person->until_day = DAY_MAX;
	return day_parse(db_col_text(rows, 6), &person->from_day, error) &&
	       (db_col_is_null(rows, 7) ||
		   day_parse(db_col_text(rows, 7), &person->until_day, error));
}

static GPtrArray *
people(DbRows *rows, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)programme_person_free);
	int more = -1;

	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		ProgrammePerson *person = g_new0(ProgrammePerson, 1);

		g_ptr_array_add(list, person);
		if (!person_from_row(rows, person, error))
			return NULL;
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
programme_people(Db *db, Day day, int64_t after_id, int max, GError **error)
{
	char text[DAY_CHARS];
	g_autoptr(DbRows) rows = db_query(db, &PEOPLE,
	    DB_ARGS(v_text(day_format(day, text)), v_int(after_id), v_int(max)), error);

	return people(rows, error);
}

GPtrArray *
programme_people_by_email(Db *db, const char *email, Day day, GError **error)
{
	char text[DAY_CHARS];
	g_autofree char *lower = g_utf8_strdown(email, -1);
	g_autoptr(DbRows) rows = db_query(db, &PEOPLE_BY_EMAIL,
	    DB_ARGS(v_text(day_format(day, text)), v_text(lower)), error);

	return people(rows, error);
}

ProgrammePerson *
programme_person_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &PERSON_BY_ID, DB_ARGS(v_int(id)), error);
	g_autoptr(GPtrArray) list = people(rows, error);

	if (list != NULL && list->len == 1)
		return g_ptr_array_steal_index(list, 0);
	if (list != NULL)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no employee %" G_GINT64_FORMAT, id);
	return NULL;
}

bool
programme_is_for(const Programme *programme, const ProgrammePerson *person)
{
	const char *department =
	    json_string_value(json_object_get(programme->audience, "department"));
	size_t i;
	json_t *code;

	if (json_is_string(programme->audience))
		return true;
	if (department != NULL)
		return g_strcmp0(department, person->department) == 0;
	json_array_foreach (programme->audience, i, code) {
		if (g_strcmp0(json_string_value(code), person->code) == 0)
			return true;
	}
	return false;
}

int
programme_pause(DbTx *tx, const Programme *programme, bool paused, GError **error)
{
	int64_t changed;

	if (!db_exec(tx->db, &PAUSE,
		DB_ARGS(v_int(programme->id), paused ? v_int(clock_now_at()) : v_null(),
		    v_int(paused)),
		&changed, error))
		return -1;
	if (changed == 0)
		return 0;
	return audit_add(tx, paused ? AUDIT_PROGRAMME_PAUSED : AUDIT_PROGRAMME_RESUMED,
		   "programme", programme->id, NULL, error)
		   ? 1
		   : -1;
}
