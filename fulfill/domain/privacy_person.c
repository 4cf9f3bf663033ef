/*
 * privacy_person.c - from what somebody says to the rows that are meant.
 */
#include "fulfill/domain/privacy_person.h"

#include <string.h>

/* Shorter texts stand in too many places to mean this person. */
#define TEXT_BYTES_MIN 4

#define CUSTOMER_COLS "c.id, c.created_at, p.code, c.name, c.company, c.email, c.address"

static const Stmt CUSTOMERS_BY_EMAIL = {
	.name = "party.by_email",
	.sql = "SELECT " CUSTOMER_COLS ", c.code FROM party c JOIN party p ON p.id = "
	       "c.parent_id WHERE c.kind = 'customer' AND lower(c.email) = $1 ORDER BY "
	       "c.id /* scan: a person asks */",
};
static const Stmt CUSTOMERS_BY_CODE = {
	.name = "party.by_code",
	.sql = "SELECT " CUSTOMER_COLS ", c.code FROM party c JOIN party p ON p.id = "
	       "c.parent_id WHERE c.kind = 'customer' AND c.code = $2 AND ($1 = '' OR "
	       "p.code = $1) ORDER BY c.id /* scan: a person asks */",
};
static const Stmt CUSTOMER_BY_ID = {
	.name = "party.by_id_and_time",
	.sql = "SELECT " CUSTOMER_COLS ", c.code FROM party c JOIN party p ON p.id = "
	       "c.parent_id WHERE c.id = $1 AND c.created_at = $2 AND c.kind = "
	       "'customer'",
};
static const Stmt OTHER_PARTY = {
	.name = "party.kind_of",
	.sql = "SELECT kind FROM party WHERE code = $1 AND kind <> 'customer'",
};
#define USER_COLS "u.id, u.created_at, p.code, u.name, u.email"
static const Stmt USERS_BY_EMAIL = {
	.name = "user.by_email",
	.sql = "SELECT " USER_COLS " FROM \"user\" u JOIN party p ON p.id = u.party_id"
	       " WHERE lower(u.email) = $1 ORDER BY u.id /* scan: a person asks */",
};
static const Stmt USER_BY_ID = {
	.name = "user.by_id_and_time",
	.sql = "SELECT " USER_COLS " FROM \"user\" u JOIN party p ON p.id = u.party_id"
	       " WHERE u.id = $1 AND u.created_at = $2",
};
static const Stmt EMPLOYEES_BY_EMAIL = {
	.name = "employee.by_email",
	.sql = "SELECT id, created_at, code, name, email FROM employee"
	       " WHERE lower(email) = $1 ORDER BY id /* scan: a person asks */",
};
static const Stmt EMPLOYEE_BY_CODE = {
	.name = "employee.by_code",
	.sql = "SELECT id, created_at, code, name, email FROM employee WHERE code = $1",
};
static const Stmt EMPLOYEE_BY_ID = {
	.name = "employee.by_id_and_time",
	.sql = "SELECT id, created_at, code, name, email FROM employee"
	       " WHERE id = $1 AND created_at = $2",
};
/* As whom programmes gave an employee tickets, and under which address. */
#define HOLDERS                                                                          \
	"(SELECT o.customer_id FROM programme_plan q JOIN orders o ON o.id = q.order_id" \
	" WHERE q.employee_id = $1)"
static const Stmt STAFF_HOLDERS = {
	.name = "party.of_staff",
	.sql =
	    "SELECT " CUSTOMER_COLS ", c.code FROM party c JOIN party p ON p.id = "
	    "c.parent_id WHERE c.kind = 'customer' AND c.id IN " HOLDERS " ORDER BY c.id",
};
/* NULL where others have the address, too. */
static const Stmt STAFF_EMAIL = {
	.name = "employee.own_email",
	.sql = "SELECT lower(e.email) FROM employee e WHERE e.id = $1 AND e.email <> ''"
	       " AND NOT EXISTS (SELECT 1 FROM employee f WHERE f.id <> $1 AND"
	       "  lower(f.email) = lower(e.email))"
	       " AND NOT EXISTS (SELECT 1 FROM \"user\" u WHERE lower(u.email) ="
	       "  lower(e.email))"
	       " AND NOT EXISTS (SELECT 1 FROM party c WHERE lower(c.email) ="
	       "  lower(e.email) AND c.id NOT IN " HOLDERS ") /* scan: a person asks */",
};
static const Stmt MAILS_TO = {
	.name = "mail_out.count_to",
	.sql = "SELECT count(*) FROM mail_out WHERE lower(to_email) = $1 /* scan: a "
	       "person asks */",
};
static const Stmt MAILS_ELSEWHERE = {
	.name = "party.count_with_email",
	.sql = "SELECT (SELECT count(*) FROM party WHERE lower(email) = $1 AND id <> $2)"
	       " + (SELECT count(*) FROM \"user\" WHERE lower(email) = $1)"
	       " + (SELECT count(*) FROM employee WHERE lower(email) = $1) /* scan */",
};

static const Stmt EMAILS = {
	.name = "party.emails",
	.sql = "SELECT lower(email) FROM party WHERE email <> '' UNION SELECT "
	       "lower(email) FROM \"user\" WHERE email LIKE '%@%' UNION SELECT "
	       "lower(email) FROM employee WHERE email <> '' UNION SELECT lower(to_email)"
	       " FROM mail_out WHERE to_email <> '' /* scan: after a restore */",
};

static void
member_free(gpointer data)
{
	PrivacyMember *member = data;

	g_free(member->email);
	g_free(member->label);
	g_free(member);
}

void
privacy_person_free(PrivacyPerson *person)
{
	if (person == NULL)
		return;
	g_ptr_array_unref(person->members);
	g_ptr_array_unref(person->texts);
	g_free(person);
}

static PrivacyPerson *
person_new(void)
{
	PrivacyPerson *person = g_new0(PrivacyPerson, 1);

	person->members = g_ptr_array_new_with_free_func(member_free);
	person->texts = g_ptr_array_new_with_free_func(g_free);
	return person;
}

static PrivacyMember *
add_member(
    PrivacyPerson *person, EraseScope scope, int64_t id, int64_t created_at, char *label)
{
	PrivacyMember *member = g_new0(PrivacyMember, 1);

	member->scope = scope;
	member->id = id;
	member->created_at = created_at;
	member->label = label;
	g_ptr_array_add(person->members, member);
	return member;
}

static void
add_text(PrivacyPerson *person, const char *text)
{
	if (text == NULL || strlen(text) < TEXT_BYTES_MIN ||
	    g_ptr_array_find_with_equal_func(person->texts, text, g_str_equal, NULL))
		return;
	g_ptr_array_add(person->texts, g_strdup(text));
}

static void
add_address_lines(PrivacyPerson *person, const char *json)
{
	json_t *address = json != NULL ? json_loads(json, 0, NULL) : NULL;
	size_t i;
	json_t *line;

	json_array_foreach (json_object_get(address, "lines"), i, line)
		add_text(person, json_string_value(line));
	json_decref(address);
}

static void
add_email(PrivacyPerson *person, const char *email)
{
	g_autofree char *lower = g_utf8_strdown(email, -1);
	PrivacyMember *member =
	    add_member(person, ERASE_EMAIL, 0, 0, g_strdup("an email address"));

	member->email = g_steal_pointer(&lower);
	add_text(person, email);
	add_text(person, member->email);
}

/* An address that others have too leads to their mails as well: then only the rows that
 * the ids lead to are this person's. */
static bool
add_email_of_customer(
    Db *db, PrivacyPerson *person, const char *email, int64_t id, GError **error)
{
	g_autofree char *lower = email != NULL ? g_utf8_strdown(email, -1) : NULL;
	int64_t others = 0;

	if (lower == NULL || *lower == '\0')
		return true;
	if (db_find_int(db, &MAILS_ELSEWHERE, DB_ARGS(v_text(lower), v_int(id)), &others,
		error) != 1)
		return false;
	if (others == 0)
		add_email(person, lower);
	return true;
}

static bool
take_customers(
    Db *db, PrivacyPerson *person, DbRows *rows, bool with_email, GError **error)
{
	int more;

	while ((more = db_next(rows, error)) == 1) {
		int64_t id = db_col_int(rows, 0);

		add_member(person, ERASE_PARTY, id, db_col_int(rows, 1),
		    g_strdup_printf(
			"customer %" G_GINT64_FORMAT " of %s", id, db_col_text(rows, 2)));
		add_text(person, db_col_text(rows, 3));
		add_text(person, db_col_text(rows, 4));
		add_text(person, db_col_text(rows, 5));
		add_address_lines(person, db_col_text(rows, 6));
		if (with_email &&
		    !add_email_of_customer(db, person, db_col_text(rows, 5), id, error))
			return false;
	}
	return more == 0;
}

static bool
take_others(PrivacyPerson *person, EraseScope scope, DbRows *rows, GError **error)
{
	int more;

	while ((more = db_next(rows, error)) == 1) {
		int64_t id = db_col_int(rows, 0);

		add_member(person, scope, id, db_col_int(rows, 1),
		    scope == ERASE_USER
			? g_strdup_printf(
			      "user %" G_GINT64_FORMAT " of %s", id, db_col_text(rows, 2))
			: g_strdup_printf("employee %" G_GINT64_FORMAT, id));
		add_text(person, db_col_text(rows, 3));
		add_text(person, db_col_text(rows, 4));
		if (scope == ERASE_EMPLOYEE)
			add_text(person, db_col_text(rows, 2));
	}
	return more == 0;
}

/* Employees are holders of tickets, too, and mails went to them. */
static bool
take_staff(Db *db, PrivacyPerson *person, DbRows *rows, GError **error)
{
	guint first = person->members->len;
	guint end;

	if (!take_others(person, ERASE_EMPLOYEE, rows, error))
		return false;
	end = person->members->len;
	for (guint i = first; i < end; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);
		DbValue id = v_int(member->id);
		g_autofree char *email = NULL;
		g_autoptr(DbRows) holders =
		    db_query(db, &STAFF_HOLDERS, DB_ARGS(id), error);

		if (holders == NULL || !take_customers(db, person, holders, false, error))
			return false;
		g_clear_pointer(&holders, db_rows_done);
		if (db_find_text(db, &STAFF_EMAIL, DB_ARGS(id), &email, error) < 0)
			return false;
		if (email != NULL)
			add_email(person, email);
	}
	return true;
}

PrivacyPerson *
privacy_person_of_email(Db *db, const char *email, GError **error)
{
	g_autoptr(PrivacyPerson) person = person_new();
	g_autofree char *lower = g_utf8_strdown(email, -1);
	DbValue who = v_text(lower);
	g_autoptr(DbRows) customers =
	    db_query(db, &CUSTOMERS_BY_EMAIL, DB_ARGS(who), error);
	g_autoptr(DbRows) users = NULL;
	g_autoptr(DbRows) employees = NULL;
	int64_t mails = 0;

	if (customers == NULL || !take_customers(db, person, customers, false, error))
		return NULL;
	users = db_query(db, &USERS_BY_EMAIL, DB_ARGS(who), error);
	if (users == NULL || !take_others(person, ERASE_USER, users, error))
		return NULL;
	employees = db_query(db, &EMPLOYEES_BY_EMAIL, DB_ARGS(who), error);
	if (employees == NULL || !take_others(person, ERASE_EMPLOYEE, employees, error))
		return NULL;
	if (db_find_int(db, &MAILS_TO, DB_ARGS(who), &mails, error) != 1)
		return NULL;
	if (person->members->len == 0 && mails == 0) {
		err_set(error, TP_ERROR_NOT_FOUND, "nothing is kept about this address");
		return NULL;
	}
	add_email(person, lower);
	return g_steal_pointer(&person);
}

static bool
refuse_party(Db *db, const char *code, GError **error)
{
	g_autofree char *kind = NULL;
	int found = db_find_text(db, &OTHER_PARTY, DB_ARGS(v_text(code)), &kind, error);

	if (found < 0)
		return false;
	if (found == 1)
		return err_set(error, TP_ERROR_REFUSED,
		    "'%s' is a %s, not a person: name one of its users by email address",
		    code, kind);
	return err_set(error, TP_ERROR_NOT_FOUND,
	    "there is no customer or employee '%s' (customers: RESELLER/NUMBER)", code);
}

static PrivacyPerson *
find_by_code(Db *db, const char *who, GError **error)
{
	g_autoptr(PrivacyPerson) person = person_new();
	const char *slash = strchr(who, '/');
	g_autofree char *reseller =
	    slash != NULL ? g_strndup(who, (gsize)(slash - who)) : g_strdup("");
	const char *code = slash != NULL ? slash + 1 : who;
	g_autoptr(DbRows) rows = db_query(
	    db, &CUSTOMERS_BY_CODE, DB_ARGS(v_text(reseller), v_text(code)), error);

	if (rows == NULL || !take_customers(db, person, rows, true, error))
		return NULL;
	if (person->members->len == 0 && slash == NULL) {
		g_clear_pointer(&rows, db_rows_done);
		rows = db_query(db, &EMPLOYEE_BY_CODE, DB_ARGS(v_text(code)), error);
		if (rows == NULL || !take_staff(db, person, rows, error))
			return NULL;
	}
	if (person->members->len == 0) {
		(void)!refuse_party(db, who, error);
		return NULL;
	}
	return g_steal_pointer(&person);
}

PrivacyPerson *
privacy_person_find(Db *db, const char *who, GError **error)
{
	g_autoptr(PrivacyPerson) person = NULL;
	const PrivacyMember *first = NULL;

	if (strchr(who, '@') != NULL)
		return privacy_person_of_email(db, who, error);
	person = find_by_code(db, who, error);
	for (guint i = 0; person != NULL && i < person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);

		if (member->scope != ERASE_PARTY)
			continue;
		if (first != NULL) {
			err_set(error, TP_ERROR_CONFLICT,
			    "several resellers have a customer '%s' (%s, %s): say "
			    "RESELLER/%s",
			    who, first->label, member->label, who);
			return NULL;
		}
		first = member;
	}
	return g_steal_pointer(&person);
}

PrivacyPerson *
privacy_person_again(
    Db *db, EraseScope scope, int64_t id, int64_t created_at, GError **error)
{
	g_autoptr(PrivacyPerson) person = person_new();
	const Stmt *stmt = scope == ERASE_PARTY  ? &CUSTOMER_BY_ID
			   : scope == ERASE_USER ? &USER_BY_ID
						 : &EMPLOYEE_BY_ID;
	g_autoptr(DbRows) rows =
	    db_query(db, stmt, DB_ARGS(v_int(id), v_int(created_at)), error);
	bool ok =
	    rows != NULL &&
	    (scope == ERASE_PARTY         ? take_customers(db, person, rows, true, error)
		: scope == ERASE_EMPLOYEE ? take_staff(db, person, rows, error)
					  : take_others(person, scope, rows, error));

	return ok && person->members->len > 0 ? g_steal_pointer(&person) : NULL;
}

GPtrArray *
privacy_emails(Db *db, GError **error)
{
	g_autoptr(GPtrArray) emails = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(DbRows) rows = db_query(db, &EMAILS, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(emails, g_strdup(db_col_text(rows, 0)));
	return more == 0 ? g_steal_pointer(&emails) : NULL;
}

DbValue
privacy_member_value(const PrivacyMember *member)
{
	return member->scope == ERASE_EMAIL ? v_text(member->email) : v_int(member->id);
}

bool
privacy_person_is_named(const PrivacyPerson *person, const char *text)
{
	g_autofree char *folded = g_utf8_casefold(text, -1);

	for (guint i = 0; i < person->texts->len; i++) {
		g_autofree char *one =
		    g_utf8_casefold(g_ptr_array_index(person->texts, i), -1);

		if (strstr(folded, one) != NULL)
			return true;
	}
	return false;
}
