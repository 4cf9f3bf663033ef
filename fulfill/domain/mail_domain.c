/*
 * mail_domain.c - rows of mail_domain.
 */
#include "fulfill/domain/mail_domain.h"

#include <string.h>

#include "queue/clock.h"

#define FIRST_US (15 * 60 * US_PER_S)
#define LONGEST_US (4 * 3600 * US_PER_S)

static const Stmt GET = {
	.name = "mail_domain.get",
	.sql = "SELECT until_at, length_us FROM mail_domain WHERE domain = $1",
};
static const Stmt PUT = {
	.name = "mail_domain.put",
	.sql = "INSERT INTO mail_domain (domain, until_at, length_us, reason)"
	       " VALUES ($1, $2, $3, $4) ON CONFLICT (domain) DO UPDATE SET"
	       " until_at = $2, length_us = $3, reason = $4",
};
static const Stmt EACH = {
	.name = "mail_domain.each",
	.sql = "SELECT domain, until_at FROM mail_domain WHERE until_at > $1 /* scan:"
	       " few */",
};

bool
mail_domain_refused(
    DbTx *tx, const char *address, const char *reason, int64_t *ret_us, GError **error)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = g_ascii_strdown(at != NULL ? at + 1 : address, -1);
	g_autoptr(DbRows) rows = db_query(tx->db, &GET, DB_ARGS(v_text(domain)), error);
	int64_t now = clock_now_at();
	int64_t length_us = FIRST_US;
	int more = rows != NULL ? db_next(rows, error) : -1;

	*ret_us = 0;
	if (more < 0)
		return false;
	if (more == 1) {
		int64_t until_at = db_col_int(rows, 0);

		if (until_at > now)
			return true;
		if (until_at > now - US_PER_DAY)
			length_us = MIN(db_col_int(rows, 1) * 2, LONGEST_US);
	}
	g_clear_pointer(&rows, db_rows_done);
	*ret_us = length_us;
	return db_exec(tx->db, &PUT,
	    DB_ARGS(
		v_text(domain), v_int(now + length_us), v_int(length_us), v_text(reason)),
	    NULL, error);
}

bool
mail_domain_each(Db *db, int64_t now_at,
    void (*fn)(void *user, const char *domain, int64_t until_at), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &EACH, DB_ARGS(v_int(now_at)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		fn(user, db_col_text(rows, 0), db_col_int(rows, 1));
	return more == 0;
}
