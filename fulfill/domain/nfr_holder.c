/*
 * nfr_holder.c - kind and origin of a ticket, and the staff.
 */
#include "fulfill/domain/nfr_holder.h"

#include "fulfill/domain/programme_plan.h"

static const Stmt IS_STAFF = {
	.name = "ticket.is_nfr_of_staff",
	.sql =
	    "SELECT count(*) FROM ticket t JOIN licence l ON l.id = t.licence_id"
	    " JOIN product p ON p.id = l.product_id"
	    " JOIN order_line ol ON ol.id = l.order_line_id"
	    " JOIN orders o ON o.id = ol.order_id"
	    " WHERE t.id = $1 AND p.kind = 'nfr' AND o.source = '" PROGRAMME_SOURCE "'",
};

bool
nfr_holder_check(Db *db, int64_t ticket_id, const char *email, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GPtrArray) people = NULL;
	int64_t n;

	if (db_find_int(db, &IS_STAFF, DB_ARGS(v_int(ticket_id)), &n, error) != 1)
		return false;
	if (n == 0)
		return true;
	people = programme_people_by_email(db, email, day_today(utc), error);
	return people != NULL &&
	       (people->len > 0 ||
		   err_set(error, TP_ERROR_DENIED,
		       "ticket %" G_GINT64_FORMAT
		       " is for employees and not for resale: '%s' is none of them",
		       ticket_id, email));
}
