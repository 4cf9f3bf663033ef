/*
 * staff_sync.c - the list against what is known.
 */
#include "fulfill/domain/staff_sync.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/programme_plan.h"
#include "fulfill/domain/staff.h"
#include "fulfill/domain/staff_drop.h"
#include "queue/clock.h"

static const Stmt KNOWN = {
	.name = "employee.known",
	.sql = "SELECT id, code, email, from_day, until_day FROM employee"
	       " WHERE code NOT LIKE 'erased-%' ORDER BY id /* scan: all of the staff */",
};
static const Stmt LEAVE = {
	.name = "employee.leave",
	.sql = "UPDATE employee SET until_day = $2, fingerprint = NULL, changed_at = $3"
	       " WHERE id = $1",
};
static const Stmt HOLDER = {
	.name = "party.of_employee",
	.sql =
	    "UPDATE party SET email = e.email, email_key = $2, name = e.name,"
	    " language = e.language, changed_at = $3 FROM employee e WHERE e.id = $1"
	    " AND party.id IN (SELECT o.customer_id FROM programme_plan p JOIN orders o"
	    "  ON o.id = p.order_id WHERE p.employee_id = $1)",
};
static const Stmt LIST = {
	.name = "employee.list",
	.sql = "SELECT e.id, e.code, e.email, e.name, e.language, e.department,"
	       " e.from_day, e.until_day, (SELECT count(*) FROM programme_plan p"
	       "  WHERE p.employee_id = e.id AND p.state IN ('active', 'held'))"
	       " FROM employee e WHERE ($1 = '' OR e.code = $1) AND ($2 = '' OR"
	       " (e.from_day <= $2 AND coalesce(e.until_day, '9999-12-31') >= $2))"
	       " ORDER BY e.id /* scan: a person looks */",
};

typedef struct Known {
	int64_t id;
	char *code;
	char *email;
	char *from;
	bool employed; /* today or later */
	bool stays;    /* and by the list */
	bool seen;
} Known;

static void
known_free(gpointer data)
{
	Known *known = data;

	g_free(known->code);
	g_free(known->email);
	g_free(known->from);
	g_free(known);
}

void
staff_sync_clear(StaffSync *sync)
{
	g_clear_pointer(&sync->joined, g_ptr_array_unref);
	g_clear_pointer(&sync->rehired, g_ptr_array_unref);
	g_clear_pointer(&sync->changed, g_ptr_array_unref);
	g_clear_pointer(&sync->left, g_ptr_array_unref);
	g_clear_pointer(&sync->alarm, g_free);
}

/* By code.  A tree: codes are a stranger's. */
static GTree *
load(Db *db, const char *today, int64_t *ret_employed, GError **error)
{
	GTree *all = g_tree_new_full(
	    (GCompareDataFunc)(void (*)(void))strcmp, NULL, NULL, known_free);
	g_autoptr(DbRows) rows = db_query(db, &KNOWN, DB_NO_ARGS, error);
	int more = -1;

	*ret_employed = 0;
	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		Known *known = g_new0(Known, 1);
		const char *until = db_col_text(rows, 4);

		known->id = db_col_int(rows, 0);
		known->code = g_strdup(db_col_text(rows, 1));
		known->email = g_strdup(db_col_text(rows, 2));
		known->from = g_strdup(db_col_text(rows, 3));
		known->employed = until == NULL || strcmp(until, today) >= 0;
		*ret_employed += known->employed;
		g_tree_insert(all, known->code, known);
	}
	if (more == 0)
		return all;
	g_tree_unref(all);
	return NULL;
}

typedef struct Taking {
	DbTx *tx;
	GTree *known;
	GTree *seen; /* codes of the list */
	const char *today;
	Faults *faults;
	StaffSync *ret;
} Taking;

/* The address of who has a ticket reaches resends and reminders too. */
static bool
moved(Taking *t, const Known *known, const char *email, GError **error)
{
	g_autofree char *key = party_email_key(email);
	bool other = g_ascii_strcasecmp(known->email, email) != 0;

	return db_exec(t->tx->db, &HOLDER,
		   DB_ARGS(v_int(known->id), v_text(key), v_int(clock_now_at())), NULL,
		   error) &&
	       (!other || plan_resume_employee(t->tx, known->id, error));
}

static bool
take(Taking *t, const json_t *value, size_t i, GError **error)
{
	json_t *copy =
	    json_is_object(value) ? json_copy((json_t *)(uintptr_t)value) : NULL;
	const char *code = json_string_value(json_object_get(copy, "id"));
	const char *until = json_string_value(json_object_get(copy, "until"));
	const char *email = json_string_value(json_object_get(copy, "email"));
	Known *known = code != NULL ? g_tree_lookup(t->known, code) : NULL;
	bool stays = until == NULL || strcmp(until, t->today) >= 0;
	bool back = known != NULL && !known->employed && stays;
	g_auto(JsonRead) record = { 0 };
	int stored = -1;

	if (copy != NULL && json_object_get(copy, "from") == NULL)
		json_object_set_new(copy, "from",
		    json_string(known != NULL && !back ? known->from : t->today));
	jr_enter(&record, copy != NULL ? copy : value, t->faults, "employees[%zu]", i);
	if (code != NULL && g_tree_lookup(t->seen, code) != NULL)
		jr_fault(&record, "id", "'%s' stands twice in the list", code);
	else if (code != NULL)
		g_tree_insert(t->seen, g_strdup(code), GINT_TO_POINTER(1));
	if (record.object == NULL)
		stored = 0;
	else if (!back ||
		 plan_end_employee(t->tx, known->id, "left, and came back", error))
		stored = employee_import(t->tx, &record, error);
	if (known != NULL) {
		known->seen = true;
		known->stays = stays;
	}
	if (stored == 1 && known != NULL && email != NULL &&
	    !moved(t, known, email, error))
		stored = -1;
	if (stored == 1)
		g_ptr_array_add(known == NULL ? t->ret->joined
				: back        ? t->ret->rehired
					      : t->ret->changed,
		    g_strdup(code));
	t->ret->same += stored == 0;
	json_decref(copy);
	return stored >= 0;
}

static gboolean
find_lost(gpointer key, gpointer value, gpointer data)
{
	Known *known = value;
	GPtrArray *left = data;

	(void)key;
	if (known->employed && !known->seen)
		g_ptr_array_add(left, known);
	return FALSE;
}

static gboolean
count_lost(gpointer key, gpointer value, gpointer data)
{
	const Known *known = value;

	(void)key;
	*(int64_t *)data += known->employed && !known->stays;
	return FALSE;
}

static bool
is_too_many(StaffSync *ret, size_t n, int max_drop)
{
	if (n == 0)
		ret->alarm = g_strdup("the staff list is empty");
	else
		ret->alarm = staff_drop_alarm(ret->lost, ret->before, max_drop);
	return ret->alarm != NULL;
}

bool
staff_sync(DbTx *tx, const json_t *list, Day today, int max_drop, Faults *faults,
    StaffSync *ret, GError **error)
{
	char day[DAY_CHARS];
	g_autoptr(GTree) known = NULL;
	g_autoptr(GTree) seen =
	    g_tree_new_full((GCompareDataFunc)(void (*)(void))strcmp, NULL, g_free, NULL);
	g_autoptr(GPtrArray) left = g_ptr_array_new();
	g_autofree char *detail = NULL;
	Taking taking = { .tx = tx,
		.seen = seen,
		.today = day_format(today, day),
		.faults = faults,
		.ret = ret };

	*ret = (StaffSync){ .joined = g_ptr_array_new_with_free_func(g_free),
		.rehired = g_ptr_array_new_with_free_func(g_free),
		.changed = g_ptr_array_new_with_free_func(g_free),
		.left = g_ptr_array_new_with_free_func(g_free) };
	known = load(tx->db, day, &ret->before, error);
	if (known == NULL)
		return false;
	taking.known = known;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!take(&taking, json_array_get(list, i), i, error))
			return false;
	g_tree_foreach(known, find_lost, left);
	g_tree_foreach(known, count_lost, &ret->lost);
	if (faults_count(faults) > 0 || is_too_many(ret, json_array_size(list), max_drop))
		return true;
	for (guint i = 0; i < left->len; i++) {
		const Known *gone = g_ptr_array_index(left, i);

		g_ptr_array_add(ret->left, g_strdup(gone->code));
		if (!db_exec(tx->db, &LEAVE,
			DB_ARGS(v_int(gone->id), v_text(day), v_int(clock_now_at())),
			NULL, error))
			return false;
	}
	detail = g_strdup_printf("%u joined, %u came back, %u changed, %u left",
	    ret->joined->len, ret->rehired->len, ret->changed->len, ret->left->len);
	return audit_add(tx, AUDIT_STAFF_SYNCED, "staff", 0, detail, error);
}

bool
employee_list(Db *db, const char *code, const char *on,
    void (*fn)(void *user, const EmployeeRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_text(code != NULL ? code : ""), v_text(on != NULL ? on : "")),
	    error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		EmployeeRow row = {
			.id = db_col_int(rows, 0),
			.code = db_col_text(rows, 1),
			.email = db_col_text(rows, 2),
			.name = db_col_text(rows, 3),
			.language = db_col_text(rows, 4),
			.department = db_col_text(rows, 5),
			.from_day = db_col_text(rows, 6),
			.until_day = db_col_text(rows, 7),
			.plans = db_col_int(rows, 8),
		};

		fn(user, &row);
	}
	return more == 0;
}
