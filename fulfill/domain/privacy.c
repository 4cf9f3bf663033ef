/*
 * privacy.c - export, dry run and erasure: erase.def walked for each member of a person.
 */
#include "fulfill/domain/privacy.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/order.h"
#include "queue/day.h"
#include "queue/fault.h"
#include "queue/job_admin.h"

#define ORDERS "(SELECT id FROM orders WHERE customer_id = $1)"
#define TICKETS                                                                          \
	"(SELECT t.id FROM ticket t JOIN licence l ON l.id = t.licence_id WHERE "        \
	"l.holder_id = $1)"

/* Of a customer. */
static const Stmt MAILS_OF_PARTY = {
	.name = "mail_out.of_party",
	.sql = "SELECT id FROM mail_out WHERE order_id IN " ORDERS
	       " UNION SELECT id FROM mail_out WHERE ticket_id IN " TICKETS " ORDER BY 1",
};
static const Stmt MAILS_OF_EMAIL = {
	.name = "mail_out.of_email",
	.sql = "SELECT id FROM mail_out WHERE lower(to_email) = $1 ORDER BY id /* scan: "
	       "a person asks */",
};
static const Stmt TICKETS_OF_PARTY = {
	.name = "ticket.of_party",
	.sql = "SELECT t.id FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " WHERE l.holder_id = $1 ORDER BY t.id",
};
static const Stmt BATCHES_OF_PARTY = {
	.name = "print_file.of_party",
	.sql =
	    "SELECT DISTINCT f.name FROM print_file f JOIN print_piece p ON"
	    " p.batch_id = f.batch_id AND p.part = f.part WHERE p.ticket_id IN " TICKETS
	    " ORDER BY f.name",
};
static const Stmt ISSUES_OF_PARTY = {
	.name = "orders.not_issued_of_party",
	.sql = "SELECT source, number FROM orders WHERE customer_id = $1"
	       " AND state IN ('accepted', 'held') ORDER BY id",
};
static const Stmt NUMBERS_OF_PARTY = {
	.name = "orders.numbers_of_party",
	.sql = "SELECT number FROM orders WHERE customer_id = $1 ORDER BY id",
};
static const Stmt RUNNING = {
	.name = "subscription.running_of_party",
	.sql = "SELECT count(*) FROM subscription s JOIN licence l ON l.id = "
	       "s.licence_id WHERE l.holder_id = $1 AND s.state = 'active'",
};
static const Stmt PULL = {
	.name = "print_piece.pull_of_party",
	.sql = "UPDATE print_piece SET state = 'pulled' WHERE ticket_id IN " TICKETS
	       " AND state IN ('batched', 'rendered', 'printed', 'packed')",
};
/* The last day on which something was booked: the legal time runs from the end of its
 * year. */
static const Stmt LAST_BOOKED = {
	.name = "orders.last_booked_of_party",
	.sql = "SELECT max(d) FROM (SELECT max(ordered_day) AS d FROM orders WHERE "
	       "customer_id = $1 UNION ALL SELECT max(e.day) FROM sale_event e JOIN "
	       "licence l ON l.id = e.licence_id WHERE l.holder_id = $1) b",
};
static const Stmt JOBS_OF_MAIL = {
	.name = "job.open_of_mail",
	.sql = "SELECT id, state FROM job WHERE ref = $1 AND kind = 'mail' AND state IN "
	       "('ready', 'leased', 'acting', 'doubt') ORDER BY id",
};
static const Stmt LOG = {
	.name = "erasure.add",
	.sql = "INSERT INTO erasure (key, at, scope, ref, ref_at, mac, actor, reason,"
	       " keep_until_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
};
static const Stmt LOGGED = {
	.name = "erasure.find",
	.sql = "SELECT 1 FROM erasure WHERE key = $1",
};

/* ---- looking ---- */

static json_t *
labels(const PrivacyPerson *person)
{
	json_t *list = json_array();

	for (guint i = 0; i < person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);

		json_array_append_new(list, json_string(member->label));
	}
	return list;
}

json_t *
privacy_export(Db *db, const PrivacyPerson *person, GError **error)
{
	const GPtrArray *parts = erase_parts();
	json_t *tables = json_object();

	for (guint m = 0; m < person->members->len; m++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, m);

		for (guint i = 0; i < parts->len; i++) {
			const ErasePart *part = g_ptr_array_index(parts, i);
			json_t *seen = json_object_get(tables, part->table);
			json_t *rows;
			size_t k;
			json_t *row;

			if (part->scope != member->scope)
				continue;
			rows = erase_part_rows(
			    db, part, privacy_member_value(member), error);
			if (rows == NULL) {
				json_decref(tables);
				return NULL;
			}
			if (seen == NULL && json_array_size(rows) > 0) {
				seen = json_array();
				json_object_set_new(tables, part->table, seen);
			}
			/* A mail may be found by customer and by address. */
			json_array_foreach (rows, k, row) {
				size_t n;
				json_t *other;
				bool known = false;

				json_array_foreach (seen, n, other)
					known = known || json_equal(other, row);
				if (!known)
					json_array_append(seen, row);
			}
			json_decref(rows);
		}
	}
	return json_pack("{s:o, s:o}", "person", labels(person), "tables", tables);
}

/* What becomes of the columns of a table: those that go, or those that stay. */
static json_t *
column_list(const ErasePart *part, bool goes)
{
	json_t *list = json_array();

	for (const EraseColumn *c = erase_columns(); c->table != NULL; c++) {
		EraseDeed deed = part->deed == ERASE_DELETE ? ERASE_DELETE : c->deed;

		if (strcmp(c->table, part->table) == 0 && (deed != ERASE_KEEP) == goes)
			json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s}", "column", c->column,
				      "deed", erase_deed_name(deed), "why", c->why));
	}
	return list;
}

static void
add_part(json_t *list, const ErasePart *part, int64_t rows, bool goes)
{
	json_t *columns = column_list(part, goes);

	if (json_array_size(columns) > 0)
		json_array_append_new(
		    list, json_pack("{s:s, s:I, s:o}", "table", part->table, "rows",
			      (json_int_t)rows, "columns", columns));
	else
		json_decref(columns);
}

/* "2034-12-31"; NULL: nothing is booked. */
static bool
keep_until(
    Db *db, const PrivacyPerson *person, int years, char ret[DAY_CHARS], GError **error)
{
	Day last = DAY_MIN;

	*ret = '\0';
	for (guint i = 0; i < person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);
		g_autofree char *text = NULL;
		Day day;

		if (member->scope != ERASE_PARTY)
			continue;
		if (db_find_text(
			db, &LAST_BOOKED, DB_ARGS(v_int(member->id)), &text, error) < 0)
			return false;
		if (text != NULL && day_parse(text, &day, NULL))
			last = day_max(last, day);
	}
	if (day_cmp(last, DAY_MIN) > 0)
		g_snprintf(
		    ret, DAY_CHARS, "%04d-12-31", MIN(day_ymd(last).year + years, 9999));
	return true;
}

/* Adds the ids of a statement's first column. */
static bool
ids_of(Db *db, const Stmt *stmt, DbValue who, GArray *ids, GError **error)
{
	g_autoptr(GArray) more = db_list_ints(db, stmt, DB_ARGS(who), error);

	if (more == NULL)
		return false;
	g_array_append_vals(ids, more->data, more->len);
	return true;
}

static bool
mails_of(Db *db, const PrivacyMember *member, GArray *ids, GError **error)
{
	if (member->scope != ERASE_PARTY && member->scope != ERASE_EMAIL)
		return true;
	return ids_of(db,
	    member->scope == ERASE_PARTY ? &MAILS_OF_PARTY : &MAILS_OF_EMAIL,
	    privacy_member_value(member), ids, error);
}

void
privacy_traces_clear(PrivacyTraces *traces)
{
	g_clear_pointer(&traces->mails, g_array_unref);
	g_clear_pointer(&traces->batches, g_ptr_array_unref);
	g_clear_pointer(&traces->orders, g_ptr_array_unref);
}

/* The texts of a statement's first column. */
static bool
texts_of(Db *db, const Stmt *stmt, DbValue who, GPtrArray *texts, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(who), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(texts, g_strdup(db_col_text(rows, 0)));
	return more == 0;
}

bool
privacy_traces(Db *db, const PrivacyPerson *person, PrivacyTraces *ret, GError **error)
{
	ret->mails = g_array_new(FALSE, FALSE, sizeof(int64_t));
	ret->batches = g_ptr_array_new_with_free_func(g_free);
	ret->orders = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, i);
		DbValue who = privacy_member_value(member);

		if (!mails_of(db, member, ret->mails, error))
			return false;
		if (member->scope == ERASE_PARTY &&
		    (!texts_of(db, &BATCHES_OF_PARTY, who, ret->batches, error) ||
			!texts_of(db, &NUMBERS_OF_PARTY, who, ret->orders, error)))
			return false;
	}
	return true;
}

json_t *
privacy_plan(Db *db, const PrivacyPerson *person, int keep_years, GError **error)
{
	const GPtrArray *parts = erase_parts();
	json_t *goes = json_array();
	json_t *stays = json_array();
	char until[DAY_CHARS];
	json_t *plan = json_pack(
	    "{s:o, s:o, s:o}", "person", labels(person), "goes", goes, "stays", stays);

	for (guint m = 0; m < person->members->len; m++) {
		const PrivacyMember *member = g_ptr_array_index(person->members, m);

		for (guint i = 0; i < parts->len; i++) {
			const ErasePart *part = g_ptr_array_index(parts, i);
			int64_t rows = 0;

			if (part->scope != member->scope)
				continue;
			if (!erase_part_count(
				db, part, privacy_member_value(member), &rows, error))
				goto failed;
			if (rows == 0)
				continue;
			add_part(goes, part, rows, true);
			add_part(stays, part, rows, false);
		}
	}
	if (!keep_until(db, person, keep_years, until, error))
		goto failed;
	json_object_set_new(
	    plan, "keep_until", *until != '\0' ? json_string(until) : json_null());
	return plan;
failed:
	json_decref(plan);
	return NULL;
}

/* ---- erasing ---- */

static bool
refuse_running(Db *db, const PrivacyMember *member, GError **error)
{
	int64_t n = 0;

	if (member->scope != ERASE_PARTY)
		return true;
	if (db_find_int(db, &RUNNING, DB_ARGS(v_int(member->id)), &n, error) != 1)
		return false;
	return n == 0 ||
	       err_set(error, TP_ERROR_CONFLICT,
		   "%s has %" G_GINT64_FORMAT " subscription%s that renew: they need the "
		   "data; cancel them first (ticketpost subscription cancel)",
		   member->label, n, n == 1 ? "" : "s");
}

/* Orders that are not issued yet will not be. */
static bool
cancel_orders(DbTx *tx, const PrivacyMember *member, int64_t *n, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &ISSUES_OF_PARTY, DB_ARGS(v_int(member->id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		g_ptr_array_add(names, g_strdup(db_col_text(rows, 0)));
		g_ptr_array_add(names, g_strdup(db_col_text(rows, 1)));
	}
	for (guint i = 0; more == 0 && i + 1 < names->len; i += 2) {
		int tickets;

		if (!order_cancel(tx, g_ptr_array_index(names, i),
			g_ptr_array_index(names, i + 1), NULL, "erased", DAY_MIN,
			&tickets, error))
			return false;
		(*n)++;
	}
	return more == 0;
}

static bool
withdraw_mail(DbTx *tx, int64_t mail_id, int64_t *n, GError **error)
{
	g_autoptr(GArray) jobs = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &JOBS_OF_MAIL, DB_ARGS(v_int(mail_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		const char *state = db_col_text(rows, 1);
		int64_t id = db_col_int(rows, 0);

		if (strcmp(state, "leased") == 0 || strcmp(state, "acting") == 0)
			return err_set(error, TP_ERROR_BUSY,
			    "mail %" G_GINT64_FORMAT
			    " is leaving at this moment: try again in a minute",
			    mail_id);
		g_array_append_val(jobs, id);
	}
	if (more < 0)
		return false;
	for (guint i = 0; i < jobs->len; i++)
		if (!job_do(tx, g_array_index(jobs, int64_t, i), JOB_VERB_CANCEL,
			"erased", error))
			return false;
	*n += jobs->len;
	return delivery_move(
	    tx, DELIVERY_OF_MAIL, mail_id, DELIVERY_ABORT, NULL, NULL, error);
}

/* Nothing leaves any more: mails, cards, and orders that would make them. */
static bool
withdraw(DbTx *tx, const PrivacyMember *member, int64_t *n, GError **error)
{
	g_autoptr(GArray) mails = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GArray) tickets = g_array_new(FALSE, FALSE, sizeof(int64_t));

	if (!mails_of(tx->db, member, mails, error))
		return false;
	for (guint i = 0; i < mails->len; i++)
		if (!withdraw_mail(tx, g_array_index(mails, int64_t, i), n, error))
			return false;
	if (member->scope != ERASE_PARTY)
		return true;
	if (!cancel_orders(tx, member, n, error) ||
	    !ids_of(tx->db, &TICKETS_OF_PARTY, v_int(member->id), tickets, error))
		return false;
	for (guint i = 0; i < tickets->len; i++)
		if (!delivery_move(tx, DELIVERY_OF_TICKET,
			g_array_index(tickets, int64_t, i), DELIVERY_ABORT, NULL, NULL,
			error))
			return false;
	return db_exec(tx->db, &PULL, DB_ARGS(v_int(member->id)), NULL, error);
}

static bool
apply(DbTx *tx, const PrivacyMember *member, GError **error)
{
	const GPtrArray *parts = erase_parts();

	for (guint i = 0; i < parts->len; i++) {
		const ErasePart *part = g_ptr_array_index(parts, i);
		int64_t n;

		if (part->scope == member->scope &&
		    !erase_part_apply(tx, part, privacy_member_value(member), &n, error))
			return false;
		FAULT("privacy.part");
	}
	return true;
}

static bool
blank_trail(DbTx *tx, const PrivacyPerson *person, int64_t *ret_n, GError **error)
{
	*ret_n = 0;
	for (guint i = 0; i < person->texts->len; i++) {
		int64_t n = 0;

		if (!audit_blank_text(tx, g_ptr_array_index(person->texts, i), &n, error))
			return false;
		*ret_n += n;
	}
	return true;
}

static bool
log_member(DbTx *tx, const PrivacyMember *member, const PrivacyOrder *order, guint seq,
    const char *until, GError **error)
{
	g_autofree char *key = order->again && seq == 0
				   ? g_strdup(order->key)
				   : g_strdup_printf("%s/%u", order->key, seq);

	return db_exec(tx->db, &LOG,
		   DB_ARGS(v_text(key), v_int(order->at),
		       v_text(erase_scope_name(member->scope)), v_id(member->id),
		       v_id(member->created_at),
		       member->scope == ERASE_EMAIL && order->mac != NULL
			   ? v_blob(order->mac, HASH_BYTES)
			   : v_null(),
		       v_text(order->actor), v_text(order->reason),
		       v_text(*until != '\0' ? until : NULL)),
		   NULL, error) &&
	       audit_add(tx, AUDIT_ERASED, erase_scope_name(member->scope), member->id,
		   order->key, error);
}

bool
privacy_erase(DbTx *tx, const PrivacyPerson *person, const PrivacyOrder *order,
    json_t **ret_report, GError **error)
{
	json_t *report;
	int64_t jobs = 0;
	int64_t details = 0;
	char until[DAY_CHARS];

	if (privacy_person_is_named(person, order->reason))
		return err_set(error, TP_ERROR_INVALID,
		    "the reason names the person, and it is kept: say it without");
	for (guint i = 0; i < person->members->len; i++)
		if (!refuse_running(tx->db, g_ptr_array_index(person->members, i), error))
			return false;
	if (!keep_until(tx->db, person, order->keep_years, until, error))
		return false;
	report = privacy_plan(tx->db, person, order->keep_years, error);
	if (report == NULL)
		return false;
	/* All that leads from a member to its rows by value (an address) is used before
	 * any of it changes. */
	for (guint i = 0; i < person->members->len; i++)
		if (!withdraw(tx, g_ptr_array_index(person->members, i), &jobs, error))
			goto failed;
	for (int scope = ERASE_SCOPES - 1; scope >= 0; scope--)
		for (guint i = 0; i < person->members->len; i++) {
			const PrivacyMember *member =
			    g_ptr_array_index(person->members, i);

			if ((int)member->scope == scope && !apply(tx, member, error))
				goto failed;
		}
	if (!blank_trail(tx, person, &details, error))
		goto failed;
	for (guint i = 0; i < person->members->len; i++)
		if (!log_member(tx, g_ptr_array_index(person->members, i), order, i,
			until, error))
			goto failed;
	json_object_set_new(report, "jobs", json_integer(jobs));
	json_object_set_new(report, "trail_details", json_integer(details));
	*ret_report = report;
	return true;
failed:
	json_decref(report);
	return false;
}

int
privacy_is_erased(Db *db, const char *key, GError **error)
{
	int64_t one;

	return db_find_int(db, &LOGGED, DB_ARGS(v_text(key)), &one, error);
}

bool
privacy_note_absent(DbTx *tx, const PrivacyOrder *order, EraseScope scope, int64_t id,
    int64_t created_at, GError **error)
{
	return db_exec(tx->db, &LOG,
	    DB_ARGS(v_text(order->key), v_int(order->at), v_text(erase_scope_name(scope)),
		v_id(id), v_id(created_at),
		order->mac != NULL ? v_blob(order->mac, HASH_BYTES) : v_null(),
		v_text(order->actor), v_text(order->reason), v_null()),
	    NULL, error);
}
