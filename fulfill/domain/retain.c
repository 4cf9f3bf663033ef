/*
 * retain.c - the statements of retain.def.
 */
#include "fulfill/domain/retain.h"

#include <string.h>

#include "fulfill/domain/audit.h"

#define SLICE 1000

static const struct {
	const char *name;
	const char *setting;
	const char *sentence;
} rules[RETAIN_RULES] = {
#define RULE(id, name, setting, sentence) { name, setting, sentence },
#include "fulfill/domain/retain.def"
#undef RULE
};

/* $1: the time or day before which it is over; $2: how many at most. */
#define OLD_MAILS "FROM mail_out WHERE created_at < $1 AND context <> '{}'"
#define OLD_ERRORS                                                                       \
	"FROM job WHERE done_at < $1 AND state IN ('done', 'dead', 'cancelled')"         \
	" AND (last_error IS NOT NULL OR hold IS NOT NULL)"
#define OLD_CARDS                                                                        \
	"FROM print_piece WHERE created_at < $1 AND context <> '{}' AND state <> "       \
	"'batched'"
#define ABOVE                                                                            \
	"FROM party c JOIN party r ON r.id = c.parent_id WHERE c.kind = 'customer' AND " \
	"((c.address IS NOT NULL AND r.privacy <> 'address') OR ((c.name IS NOT NULL OR" \
	" c.email IS NOT NULL) AND r.privacy IN ('pseudonym', 'company')) OR (c.company" \
	" IS NOT NULL AND r.privacy = 'pseudonym'))"
/* A customer who is not erased, whose licences all ended, and who waits for none. */
#define ENDED                                                                            \
	"FROM party c WHERE c.kind = 'customer' AND c.code NOT LIKE 'erased-%' AND "     \
	"EXISTS (SELECT 1 FROM licence l WHERE l.holder_id = c.id) AND NOT EXISTS "      \
	"(SELECT 1 FROM licence l WHERE l.holder_id = c.id AND (l.last_day IS NULL OR "  \
	"l.last_day >= $1)) AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id " \
	"= c.id AND o.state IN ('accepted', 'held'))"
#define ONLY_DEMOS                                                                       \
	" AND NOT EXISTS (SELECT 1 FROM licence l JOIN product p ON p.id = l.product_id" \
	" WHERE l.holder_id = c.id AND p.kind <> 'demo')"
#define LEFT "FROM employee c WHERE c.until_day < $1 AND c.code NOT LIKE 'erased-%'"
#define OUT_OF_BOOKS                                                                     \
	"FROM erasure WHERE keep_until_day < $1 AND dropped_at IS NULL AND scope = "     \
	"'party'"

typedef enum Shape { OF_ROWS_AT, OF_ROWS_DAY, OF_PEOPLE } Shape;

static const struct {
	Shape shape;
	EraseScope scope;
	Stmt count;
	Stmt pick; /* ids, or id and created_at of people */
} queries[RETAIN_RULES] = {
	[RETAIN_MAILS] = { OF_ROWS_AT, ERASE_EMAIL,
	    { .name = "retain.mails", .sql = "SELECT count(*) " OLD_MAILS },
	    { .name = "retain.mails_pick",
		.sql = "SELECT id " OLD_MAILS " ORDER BY id LIMIT $2" } },
	[RETAIN_ERRORS] = { OF_ROWS_AT, ERASE_EMAIL,
	    { .name = "retain.errors", .sql = "SELECT count(*) " OLD_ERRORS },
	    { .name = "retain.errors_pick",
		.sql = "SELECT id " OLD_ERRORS " ORDER BY id LIMIT $2" } },
	[RETAIN_CARDS] = { OF_ROWS_AT, ERASE_EMAIL,
	    { .name = "retain.cards", .sql = "SELECT count(*) " OLD_CARDS },
	    { .name = "retain.cards_pick",
		.sql = "SELECT id " OLD_CARDS " ORDER BY id LIMIT $2" } },
	[RETAIN_LEVELS] = { OF_ROWS_DAY, ERASE_PARTY,
	    { .name = "retain.levels", .sql = "SELECT count(*) " ABOVE " AND $1 <> ''" },
	    { .name = "retain.levels_pick",
		.sql = "SELECT c.id " ABOVE " AND $1 <> '' ORDER BY c.id LIMIT $2" } },
	[RETAIN_DEMOS] = { OF_PEOPLE, ERASE_PARTY,
	    { .name = "retain.demos", .sql = "SELECT count(*) " ENDED ONLY_DEMOS },
	    { .name = "retain.demos_pick",
		.sql = "SELECT c.id, c.created_at " ENDED ONLY_DEMOS
		       " ORDER BY c.id LIMIT $2" } },
	[RETAIN_CUSTOMERS] = { OF_PEOPLE, ERASE_PARTY,
	    { .name = "retain.customers", .sql = "SELECT count(*) " ENDED },
	    { .name = "retain.customers_pick",
		.sql = "SELECT c.id, c.created_at " ENDED " ORDER BY c.id LIMIT $2" } },
	[RETAIN_EMPLOYEES] = { OF_PEOPLE, ERASE_EMPLOYEE,
	    { .name = "retain.employees", .sql = "SELECT count(*) " LEFT },
	    { .name = "retain.employees_pick",
		.sql = "SELECT c.id, c.created_at " LEFT " ORDER BY c.id LIMIT $2" } },
	[RETAIN_BOOKS] = { OF_ROWS_DAY, ERASE_PARTY,
	    { .name = "retain.books", .sql = "SELECT count(*) " OUT_OF_BOOKS },
	    { .name = "retain.books_pick",
		.sql = "SELECT id " OUT_OF_BOOKS " ORDER BY id LIMIT $2" } },
};

/* What happens to one row, $1. */
static const Stmt BLANK_MAIL = {
	.name = "mail_out.retire",
	.sql = "UPDATE mail_out SET to_email = '', to_name = NULL, context = '{}',"
	       " reply_to = NULL, in_reply_to = NULL, refs = NULL"
	       " WHERE id = $1",
};
static const Stmt DROP_PARTS = {
	.name = "mail_part.retire",
	.sql = "DELETE FROM mail_part WHERE mail_id = $1",
};
static const Stmt BLANK_RECIPIENT = {
	.name = "delivery.retire",
	.sql = "UPDATE delivery SET recipient = 'retired-' || id, reason = NULL"
	       " WHERE mail_id = $1",
};
static const Stmt BLANK_ERROR = {
	.name = "job.retire",
	.sql = "UPDATE job SET last_error = NULL, hold = NULL WHERE id = $1",
};
static const Stmt BLANK_CARD = {
	.name = "print_piece.retire",
	.sql = "UPDATE print_piece SET context = '{}', reason = NULL WHERE id = $1",
};
static const Stmt LOWER_LEVEL = {
	.name = "party.lower_level",
	.sql = "UPDATE party SET address = NULL, company = CASE WHEN (SELECT r.privacy "
	       "FROM party r WHERE r.id = party.parent_id) = 'pseudonym' THEN NULL ELSE "
	       "company END, name = CASE WHEN (SELECT r.privacy FROM party r WHERE r.id "
	       "= party.parent_id) = 'contact' THEN name ELSE NULL END, email = CASE "
	       "WHEN (SELECT r.privacy FROM party r WHERE r.id = party.parent_id) = "
	       "'contact' THEN email ELSE NULL END, fingerprint = NULL WHERE id = $1",
};
static const Stmt UNLINK_ORDERS = {
	.name = "orders.unlink",
	.sql = "UPDATE orders SET customer_id = NULL WHERE customer_id = (SELECT ref "
	       "FROM erasure WHERE id = $1)",
};
static const Stmt UNLINK_LICENCES = {
	.name = "licence.unlink",
	.sql = "UPDATE licence SET holder_id = NULL WHERE holder_id = (SELECT ref FROM "
	       "erasure WHERE id = $1)",
};
static const Stmt DROPPED = {
	.name = "erasure.dropped",
	.sql = "UPDATE erasure SET dropped_at = at WHERE id = $1",
};

static const Stmt *const deeds[RETAIN_RULES][4] = {
	[RETAIN_MAILS] = { &DROP_PARTS, &BLANK_RECIPIENT, &BLANK_MAIL },
	[RETAIN_ERRORS] = { &BLANK_ERROR },
	[RETAIN_CARDS] = { &BLANK_CARD },
	[RETAIN_LEVELS] = { &LOWER_LEVEL },
	[RETAIN_BOOKS] = { &UNLINK_ORDERS, &UNLINK_LICENCES, &DROPPED },
};

const char *
retain_name(RetainRule rule)
{
	return rules[rule].name;
}

const char *
retain_setting(RetainRule rule)
{
	return rules[rule].setting;
}

const char *
retain_sentence(RetainRule rule)
{
	return rules[rule].sentence;
}

bool
retain_is_of_people(RetainRule rule)
{
	return queries[rule].shape == OF_PEOPLE;
}

/* What a rule's statements compare with; `buf` holds it. */
static DbValue
limit_of(RetainRule rule, const RetainBefore *before, char buf[DAY_CHARS])
{
	if (queries[rule].shape == OF_ROWS_AT)
		return v_int(before->at);
	return v_text(day_format(before->day, buf));
}

bool
retain_count(
    Db *db, RetainRule rule, const RetainBefore *before, int64_t *ret, GError **error)
{
	char buf[DAY_CHARS];

	return db_find_int(db, &queries[rule].count, DB_ARGS(limit_of(rule, before, buf)),
		   ret, error) == 1;
}

bool
retain_slice(
    DbTx *tx, RetainRule rule, const RetainBefore *before, int64_t *ret_n, GError **error)
{
	char buf[DAY_CHARS];
	g_autoptr(GArray) ids = db_list_ints(tx->db, &queries[rule].pick,
	    DB_ARGS(limit_of(rule, before, buf), v_int(SLICE)), error);

	if (ids == NULL)
		return false;
	for (guint i = 0; i < ids->len; i++)
		for (size_t d = 0; deeds[rule][d] != NULL; d++)
			if (!db_exec(tx->db, deeds[rule][d],
				DB_ARGS(v_int(g_array_index(ids, int64_t, i))), NULL,
				error))
				return false;
	*ret_n = ids->len;
	return ids->len == 0 ||
	       audit_add(tx, AUDIT_RETIRED, rules[rule].name, ids->len, NULL, error);
}

GArray *
retain_people(
    Db *db, RetainRule rule, const RetainBefore *before, int max, GError **error)
{
	char buf[DAY_CHARS];
	g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(RetainPerson));
	g_autoptr(DbRows) rows = db_query(db, &queries[rule].pick,
	    DB_ARGS(limit_of(rule, before, buf), v_int(max)), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		RetainPerson person = {
			.scope = queries[rule].scope,
			.id = db_col_int(rows, 0),
			.created_at = db_col_int(rows, 1),
		};

		g_array_append_val(people, person);
	}
	return more == 0 ? g_steal_pointer(&people) : NULL;
}
