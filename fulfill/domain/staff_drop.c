/*
 * staff_drop.c - who is employed, before and after.
 */
#include "fulfill/domain/staff_drop.h"

static const Stmt EMPLOYED = {
	.name = "employee.employed",
	.sql = "SELECT id FROM employee WHERE code NOT LIKE 'erased-%'"
	       " AND (until_day IS NULL OR until_day >= $1) ORDER BY id"
	       " /* scan: all of the staff */",
};

struct StaffDrop {
	GArray *ids; /* int64_t, ascending */
	char today[DAY_CHARS];
};

void
staff_drop_free(StaffDrop *drop)
{
	if (drop == NULL)
		return;
	g_clear_pointer(&drop->ids, g_array_unref);
	g_free(drop);
}

StaffDrop *
staff_drop_begin(Db *db, Day today, GError **error)
{
	g_autoptr(StaffDrop) drop = g_new0(StaffDrop, 1);

	drop->ids = db_list_ints(
	    db, &EMPLOYED, DB_ARGS(v_text(day_format(today, drop->today))), error);
	return drop->ids != NULL ? g_steal_pointer(&drop) : NULL;
}

char *
staff_drop_alarm(int64_t lost, int64_t before, int max_drop)
{
	return lost * 100 > (int64_t)max_drop * before
		   ? g_strdup_printf("the staff list loses %" G_GINT64_FORMAT
				     " of %" G_GINT64_FORMAT
				     " people, more than the %d per cent of [staff] "
				     "max_drop",
			 lost, before, max_drop)
		   : NULL;
}

bool
staff_drop_check(
    const StaffDrop *drop, Db *db, int max_drop, char **ret_alarm, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &EMPLOYED, DB_ARGS(v_text(drop->today)), error);
	int64_t stayed = 0;
	guint i = 0;
	int more = -1;

	while (rows != NULL && (more = db_next(rows, error)) == 1) {
		int64_t id = db_col_int(rows, 0);

		while (i < drop->ids->len && g_array_index(drop->ids, int64_t, i) < id)
			i++;
		stayed +=
		    i < drop->ids->len && g_array_index(drop->ids, int64_t, i) == id;
	}
	*ret_alarm = staff_drop_alarm(drop->ids->len - stayed, drop->ids->len, max_drop);
	return more == 0;
}
