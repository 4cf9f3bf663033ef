/*
 * staff.c - employees and programmes.
 */
#include "fulfill/domain/staff.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/product.h"
#include "fulfill/domain/rrule.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "queue/limits.h"

static const Stmt EMPLOYEE_PRINT = {
	.name = "employee.fingerprint",
	.sql = "SELECT fingerprint FROM employee WHERE code = $1",
};
static const Stmt EMPLOYEE_PUT = {
	.name = "employee.put",
	.sql = "INSERT INTO employee (code, email, name, language, department, from_day, "
	       "until_day,"
	       " fingerprint, created_at, changed_at)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"
	       " ON CONFLICT (code) DO UPDATE SET email = $2, name = $3, language = $4,"
	       " department = $5, from_day = $6, until_day = $7, fingerprint = $8,"
	       " changed_at = $9",
};
static const Stmt PROGRAMME_PRINT = {
	.name = "programme.fingerprint",
	.sql = "SELECT fingerprint FROM programme WHERE code = $1",
};
static const Stmt PROGRAMME_PUT = {
	.name = "programme.put",
	.sql =
	    "INSERT INTO programme (code, product_id, kind, audience, term_months, "
	    "term_days,"
	    " schedule, at, renew, lead_days, fingerprint, created_at, changed_at, zone,"
	    " start_day, number, per_month)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14,"
	    " $15, $16)"
	    " ON CONFLICT (code) DO UPDATE SET product_id = $2, kind = $3, audience = $4,"
	    " term_months = $5, term_days = $6, schedule = $7, at = $8, renew = $9,"
	    " lead_days = $10, fingerprint = $11, changed_at = $12, zone = $13,"
	    " start_day = coalesce($14, programme.start_day), number = $15,"
	    " per_month = $16",
};

int
employee_import(DbTx *tx, JsonRead *record, GError **error)
{
	guint before = faults_count(record->faults);
	const char *code = jr_text(record, "id", JR_MUST, 64);
	const char *email = jr_text(record, "email", JR_MUST, LIMIT_EMAIL_BYTES);
	const char *name = jr_text(record, "name", JR_MAY, LIMIT_NAME_CHARS);
	const char *language = jr_choice(record, "language", JR_MAY, "de|en");
	const char *department = jr_text(record, "department", JR_MAY, LIMIT_NAME_CHARS);
	const char *from = jr_day(record, "from", JR_MUST);
	const char *until = jr_day(record, "until", JR_MAY);
	uint8_t print[HASH_BYTES];
	int same;

	jr_only(record, "id|email|name|language|department|from|until");
	if (from != NULL && until != NULL && strcmp(until, from) < 0)
		jr_fault(record, "until", "%s is before %s", until, from);
	if (faults_count(record->faults) > before)
		return 0;
	fingerprint_of(record->object, print);
	same =
	    fingerprint_is(tx->db, &EMPLOYEE_PRINT, v_text(code), v_null(), print, error);
	if (same != 0)
		return same > 0 ? 0 : -1;
	return db_exec(tx->db, &EMPLOYEE_PUT,
		   DB_ARGS(v_text(code), v_text(email), v_text(name), v_text(language),
		       v_text(department), v_text(from), v_text(until),
		       v_blob(print, sizeof(print)), v_int(clock_now_at())),
		   NULL, error)
		   ? 1
		   : -1;
}

/* "all", {"department": "..."} or a list of employee ids; as JSON text to be freed. */
static char *
read_audience(JsonRead *record)
{
	const json_t *value = json_object_get(record->object, "audience");
	size_t i;
	json_t *id;

	if (value == NULL)
		return strdup("\"all\"");
	if (json_is_object(value)) {
		g_auto(JsonRead) audience = { 0 };

		jr_enter(&audience, value, record->faults, "%s.audience", record->path);
		jr_only(&audience, "department");
		jr_text(&audience, "department", JR_MUST, LIMIT_NAME_CHARS);
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, id) {
			if (!json_is_string(id))
				jr_fault(record, "audience", "[%zu] must be text", i);
		}
	} else if (g_strcmp0(json_string_value(value), "all") != 0) {
		jr_fault(
		    record, "audience", "must be \"all\", a department or a list of ids");
	}
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* What the rule and the zone say can be said here, not in the night of the first run. */
static void
check_schedule(JsonRead *record, const char *text, const char *zone)
{
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Rule) rule = text != NULL ? rule_parse(text, &wrong) : NULL;

	if (wrong != NULL)
		jr_fault(record, "schedule", "%s", wrong->message);
	if (zone != NULL) {
		g_autoptr(GError) no_zone = NULL;
		g_autoptr(GTimeZone) there = zone_open(zone, &no_zone);

		if (there == NULL)
			jr_fault(record, "zone", "%s", no_zone->message);
	}
}

int
programme_import(DbTx *tx, JsonRead *record, GError **error)
{
	guint before = faults_count(record->faults);
	const char *code = jr_text(record, "id", JR_MUST, 64);
	const char *sku = jr_text(record, "product", JR_MUST, 64);
	const char *kind = jr_choice(record, "kind", JR_MUST, "nfr|demo");
	const char *schedule = jr_text(record, "schedule", JR_MUST, 400);
	const char *at = jr_text(record, "at", JR_MUST, 8);
	bool renew = jr_bool(record, "renew", false);
	int64_t lead_days = jr_int(record, "lead_days", JR_MAY, 0, 365, 0);
	const char *zone = jr_text(record, "zone", JR_MAY, 64);
	const char *from = jr_day(record, "from", JR_MAY);
	int64_t number = jr_int(record, "number", JR_MAY, 1, 100, 1);
	int64_t per_month = jr_int(record, "per_month", JR_MAY, 0, 1000, 0);
	const json_t *term = jr_object(record, "term", JR_MUST);
	g_autofree char *audience = read_audience(record);
	g_auto(JsonRead) span = { 0 };
	g_autoptr(Product) product = NULL;
	uint8_t print[HASH_BYTES];
	int64_t months = 0;
	int64_t days = 0;
	int seconds;
	int found;

	jr_only(record,
	    "id|product|kind|audience|term|schedule|at|renew|lead_days|zone|from|number|"
	    "per_month");
	check_schedule(record, schedule, zone);
	if (at != NULL && !daytime_parse(at, &seconds, NULL))
		jr_fault(record, "at", "'%s' is not a time HH:MM", at);
	if (term != NULL) {
		jr_enter(&span, term, record->faults, "%s.term", record->path);
		jr_only(&span, "months|days");
		months = jr_int(&span, "months", JR_MAY, 1, 120, 0);
		days = jr_int(&span, "days", JR_MAY, 1, 3660, 0);
		if ((months == 0) == (days == 0))
			faults_add(record->faults, span.path,
			    "needs months or days, and not both");
	}
	found = sku != NULL ? product_find(tx->db, sku, &product, error) : 0;
	if (found < 0)
		return -1;
	if (found == 0 && sku != NULL)
		jr_fault(record, "product", "there is no product '%s'", sku);
	if (faults_count(record->faults) > before)
		return 0;
	fingerprint_of(record->object, print);
	found = fingerprint_is(
	    tx->db, &PROGRAMME_PRINT, v_text(code), v_null(), print, error);
	if (found != 0)
		return found > 0 ? 0 : -1;
	return db_exec(tx->db, &PROGRAMME_PUT,
		   DB_ARGS(v_text(code), v_int(product->id), v_text(kind),
		       v_text(audience), v_id(months), v_id(days), v_text(schedule),
		       v_text(at), v_int(renew), v_int(lead_days),
		       v_blob(print, sizeof(print)), v_int(clock_now_at()), v_text(zone),
		       v_text(from), v_int(number), v_int(per_month)),
		   NULL, error)
		   ? 1
		   : -1;
}
