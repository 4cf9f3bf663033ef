/*
 * mail_again.c - further mails with a ticket.
 */
#include "fulfill/domain/mail_again.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/issue.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/domain/nfr_holder.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/pool_start.h"
#include "fulfill/domain/privacy_level.h"
#include "queue/clock.h"
#include "queue/job.h"

static const Stmt TICKET = {
	.name = "ticket.for_mail_again",
	.sql = "SELECT t.state, l.party_id, l.holder_id, l.id, h.email FROM ticket t"
	       " JOIN licence l ON l.id = t.licence_id"
	       " LEFT JOIN party h ON h.id = l.holder_id WHERE t.id = $1",
};
static const Stmt LIVE = {
	.name = "delivery.live_mail",
	.sql = "SELECT count(*) FROM delivery WHERE ticket_id = $1 AND channel = 'email'"
	       " AND state IN ('ready', 'inflight', 'doubt')",
};
static const Stmt N_DELIVERIES = {
	.name = "delivery.count_of_ticket",
	.sql = "SELECT count(*) FROM delivery WHERE ticket_id = $1",
};
static const Stmt LAST_MAIL = {
	.name = "mail_out.last_of_ticket",
	.sql =
	    "SELECT m.order_id, m.text, m.to_email, m.to_name, m.language, m.brand,"
	    " m.context, m.reply_to FROM delivery d JOIN mail_out m ON m.id = d.mail_id"
	    " WHERE d.ticket_id = $1 AND m.context <> '{}' ORDER BY d.id DESC LIMIT 1",
};
static const Stmt LAST_PIECE = {
	.name = "print_piece.last_of_ticket",
	.sql = "SELECT context FROM print_piece WHERE ticket_id = $1 AND context <> '{}'"
	       " ORDER BY id DESC"
	       " LIMIT 1",
};
static const Stmt ADDRESS = {
	.name = "mail_again.address",
	.sql = "SELECT o.deliver_to, o.deliver_email, c.email, p.email FROM ticket t"
	       " JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id"
	       " JOIN orders o ON o.id = ol.order_id JOIN party p ON p.id = o.party_id"
	       " LEFT JOIN party c ON c.id = o.customer_id WHERE t.id = $1",
};
static const Stmt ADD = {
	.name = "mail_out.add_again",
	.sql = "INSERT INTO mail_out (order_id, ticket_id, text, to_email, to_name, "
	       "language,"
	       " brand, context, seed, date_at, created_at, reply_to)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) RETURNING id",
};
static const Stmt HAVE_IT = {
	.name = "delivery.holder_has_it",
	.sql =
	    "SELECT count(*) FROM delivery WHERE ticket_id = $1 AND recipient = $2"
	    " AND state NOT IN ('failed', 'aborted', 'bounced', 'returned', 'spoiled')",
};
static const Stmt CUSTOMER = {
	.name = "party.customer_by_email",
	.sql = "SELECT id FROM party WHERE parent_id = $1 AND kind = 'customer' AND "
	       "email = $2"
	       " ORDER BY id LIMIT 1",
};
static const Stmt HOLD = {
	.name = "licence.set_holder",
	.sql = "UPDATE licence SET holder_id = $2, pool_id = NULL WHERE id = $1",
};
static const Stmt COUNT = {
	.name = "delivery.again_since",
	.sql = "SELECT count(*) FROM delivery WHERE ticket_id = $1 AND created_at >= $2"
	       " AND purpose LIKE 'resend/%'",
};

/* What a further mail is made of. */
typedef struct Again {
	int64_t ticket_id;
	int64_t party_id;
	int64_t licence_id;
	int64_t holder_id;
	char *holder_email;
	int64_t order_id;
	char *to_email;
	char *to_name;
	char *language;
	char *brand;
	char *reply_to;
	json_t *context;
} Again;

static void
again_clear(Again *again)
{
	g_free(again->holder_email);
	g_free(again->to_email);
	g_free(again->to_name);
	g_free(again->language);
	g_free(again->brand);
	g_free(again->reply_to);
	json_decref(again->context);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Again, again_clear)

static bool
load_ticket(DbTx *tx, Again *again, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &TICKET, DB_ARGS(v_int(again->ticket_id)), error);
	const char *state;
	int64_t live;
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no ticket %" G_GINT64_FORMAT, again->ticket_id);
	if (more < 0)
		return false;
	state = db_col_text(rows, 0);
	if (strcmp(state, "recalled") == 0 || strcmp(state, "recall_pending") == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " is %s and will not be sent again",
		    again->ticket_id, state);
	again->party_id = db_col_int(rows, 1);
	again->holder_id = db_col_int(rows, 2);
	again->licence_id = db_col_int(rows, 3);
	again->holder_email = g_strdup(db_col_text(rows, 4));
	if (db_find_int(tx->db, &LIVE, DB_ARGS(v_int(again->ticket_id)), &live, error) !=
	    1)
		return false;
	return live == 0 ||
	       err_set(error, TP_ERROR_CONFLICT,
		   "a mail with ticket %" G_GINT64_FORMAT " is still on its way",
		   again->ticket_id);
}

/* A digest says of each of its tickets what a mail of its own would say. */
static bool
pick_ticket(Again *again)
{
	json_t *tickets = json_object_get(again->context, "tickets");
	json_t *found = NULL;

	if (tickets == NULL)
		return true;
	for (size_t i = 0; i < json_array_size(tickets); i++) {
		json_t *one = json_array_get(tickets, i);

		if (json_integer_value(json_object_get(one, "ticket_id")) ==
		    again->ticket_id)
			found = one;
	}
	if (found == NULL)
		return false;
	json_object_update(again->context, found);
	json_object_del(again->context, "tickets");
	return true;
}

/* 1: from the last mail.  0: there was none. */
static int
load_mail(DbTx *tx, Again *again, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &LAST_MAIL, DB_ARGS(v_int(again->ticket_id)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	again->order_id = db_col_int(rows, 0);
	again->to_email = g_strdup(db_col_text(rows, 2));
	again->to_name = g_strdup(db_col_text(rows, 3));
	again->language = g_strdup(db_col_text(rows, 4));
	again->brand = g_strdup(db_col_text(rows, 5));
	again->context = json_loads(db_col_text(rows, 6), 0, NULL);
	again->reply_to = g_strdup(db_col_text(rows, 7));
	return pick_ticket(again) ? 1 : 0;
}

/* Cards say the same; for tickets that went by post. */
static int
load_piece(DbTx *tx, Again *again, GError **error)
{
	g_autofree char *context = NULL;
	const char *language;
	int found = db_find_text(
	    tx->db, &LAST_PIECE, DB_ARGS(v_int(again->ticket_id)), &context, error);

	if (found != 1)
		return found;
	again->context = json_loads(context, 0, NULL);
	language = json_string_value(json_object_get(again->context, "language"));
	again->language = g_strdup(language != NULL ? language : "en");
	json_object_del(again->context, "language");
	json_object_del(again->context, "address");
	json_object_del(again->context, "company");
	return 1;
}

static bool
load(DbTx *tx, Again *again, GError **error)
{
	int found;

	if (!load_ticket(tx, again, error))
		return false;
	found = load_mail(tx, again, error);
	if (found == 0)
		found = load_piece(tx, again, error);
	if (found == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " was not delivered to anybody yet",
		    again->ticket_id);
	return found > 0;
}

static bool
plan(DbTx *tx, const Again *again, const char *text, const char *what, const char *to,
    int64_t *ret_id, GError **error)
{
	uint8_t seed[MAIL_SEED_BYTES];
	char key[40];
	char purpose[40];
	g_autofree char *subject =
	    g_strdup_printf("ticket %" G_GINT64_FORMAT " %s", again->ticket_id, what);
	char *context = json_dumps(again->context, JSON_COMPACT);
	JobSpec job = { .kind = JOB_KIND_MAIL, .key = key, .subject = subject };
	DeliveryPlan delivery = { .ticket_id = again->ticket_id,
		.channel = "email",
		.recipient = to,
		.purpose = purpose,
		.state = DELIVERY_READY };
	int64_t n;
	int added;

	if (getentropy(seed, sizeof(seed)) < 0)
		BUG("no random bytes: %s", g_strerror(errno));
	added = db_find_int(tx->db, &ADD,
	    DB_ARGS(v_id(again->order_id), v_int(again->ticket_id), v_text(text),
		v_text(to), v_text(again->to_name), v_text(again->language),
		v_text(again->brand), v_text(context), v_blob(seed, sizeof(seed)),
		v_int(clock_now_at()), v_text(again->reply_to)),
	    ret_id, error);
	free(context);
	if (added != 1 || db_find_int(tx->db, &N_DELIVERIES,
			      DB_ARGS(v_int(again->ticket_id)), &n, error) != 1)
		return false;
	g_snprintf(key, sizeof(key), "mail/%" G_GINT64_FORMAT, *ret_id);
	g_snprintf(purpose, sizeof(purpose), "%s/%" G_GINT64_FORMAT, what, n);
	job.ref = *ret_id;
	delivery.mail_id = *ret_id;
	return delivery_add(tx, &delivery, error) && job_add(tx, &job, error) >= 0;
}

bool
mail_again_resend(DbTx *tx, int64_t ticket_id, const char *to, const char *reason,
    int64_t *ret_id, GError **error)
{
	g_auto(Again) again = { .ticket_id = ticket_id };

	if (!load(tx, &again, error))
		return false;
	if (to == NULL && again.to_email == NULL)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT
		    " was not mailed to anybody yet: name an address",
		    ticket_id);
	return plan(tx, &again, "ticket", "resend", to != NULL ? to : again.to_email,
		   ret_id, error) &&
	       audit_add(tx, AUDIT_RESENT, "ticket", ticket_id, reason, error);
}

bool
mail_again_address(
    Db *db, int64_t ticket_id, char **ret_last, char **ret_now, GError **error)
{
	g_autoptr(DbRows) mail =
	    db_query(db, &LAST_MAIL, DB_ARGS(v_int(ticket_id)), error);
	g_autoptr(DbRows) rows = NULL;
	int more = mail != NULL ? db_next(mail, error) : -1;
	bool to_party;

	*ret_last = *ret_now = NULL;
	if (more < 0)
		return false;
	if (more == 1)
		*ret_last = g_strdup(db_col_text(mail, 2));
	rows = db_query(db, &ADDRESS, DB_ARGS(v_int(ticket_id)), error);
	more = rows != NULL ? db_next(rows, error) : -1;
	if (more <= 0)
		return more == 0;
	to_party = strcmp(db_col_text(rows, 0), "party") == 0 || db_col_is_null(rows, 2);
	*ret_now = g_strdup(!db_col_is_null(rows, 1) ? db_col_text(rows, 1)
			    : to_party               ? db_col_text(rows, 3)
						     : db_col_text(rows, 2));
	return true;
}

/* ---- from a reseller to its customer ---- */

static bool
check_party(DbTx *tx, const Again *again, const Forward *forward, const Party *party,
    GError **error)
{
	PrivacyLevel level;
	bool below = true;

	if (forward->party_id != 0 && !party_is_at_or_below(tx->db, again->party_id,
					  forward->party_id, &below, error))
		return false;
	if (!below)
		return err_set(error, TP_ERROR_DENIED,
		    "ticket %" G_GINT64_FORMAT " belongs to another party",
		    again->ticket_id);
	if (!privacy_level_from_name(party->privacy, &level, error))
		return false;
	return level >= privacy_level_needed("email") ||
	       err_set(error, TP_ERROR_DENIED,
		   "party '%s' keeps its customers' addresses from us (privacy '%s'): "
		   "forward "
		   "the enclosed message yourself",
		   party->code, party->privacy);
}

/* Never two holders: somebody else who may have the code keeps it. */
static bool
check_holder(DbTx *tx, const Again *again, const Forward *forward, GError **error)
{
	int64_t n;

	if (again->holder_email == NULL || strcmp(again->holder_email, forward->to) == 0)
		return true;
	if (db_find_int(tx->db, &HAVE_IT,
		DB_ARGS(v_int(again->ticket_id), v_text(again->holder_email)), &n,
		error) != 1)
		return false;
	return n == 0 ||
	       err_set(error, TP_ERROR_CONFLICT,
		   "ticket %" G_GINT64_FORMAT " has a holder already: it never has two",
		   again->ticket_id);
}

/* A holder that an order named without an address stays who it is. */
static bool
set_holder(DbTx *tx, const Again *again, const Forward *forward, GError **error)
{
	CustomerFacts facts = {
		.name = forward->name, .email = forward->to, .language = forward->language
	};
	int64_t id = 0;
	int found;

	if (again->holder_id != 0 && (again->holder_email == NULL ||
					 strcmp(again->holder_email, forward->to) == 0))
		return true;
	found = db_find_int(tx->db, &CUSTOMER,
	    DB_ARGS(v_int(again->party_id), v_text(forward->to)), &id, error);
	if (found < 0 ||
	    (found == 0 && !party_put_customer(tx, again->party_id, &facts, &id, error)))
		return false;
	return db_exec(tx->db, &HOLD, DB_ARGS(v_int(again->licence_id), v_int(id)), NULL,
		   error) &&
	       pool_start(tx, again->licence_id, day_today(forward->zone), error);
}

static void
address_anew(Again *again, const Forward *forward, const Party *party)
{
	json_t *recipient = json_object();

	if (forward->name != NULL)
		json_object_set_new(recipient, "name", json_string(forward->name));
	json_object_set_new(again->context, "recipient", recipient);
	g_free(again->to_name);
	again->to_name = g_strdup(forward->name);
	if (forward->language != NULL) {
		g_free(again->language);
		again->language = g_strdup(forward->language);
	}
	g_free(again->brand);
	again->brand = g_strdup(party->brand);
	g_free(again->reply_to);
	again->reply_to = g_strdup(party->email);
}

bool
mail_again_forward(DbTx *tx, const Forward *forward, int64_t *ret_id, GError **error)
{
	g_auto(Again) again = { .ticket_id = forward->ticket_id };
	g_autoptr(Party) party = NULL;

	if (!load(tx, &again, error))
		return false;
	party = party_get(tx->db, again.party_id, error);
	if (party == NULL || !check_party(tx, &again, forward, party, error) ||
	    !nfr_holder_check(tx->db, forward->ticket_id, forward->to, error) ||
	    !check_holder(tx, &again, forward, error) ||
	    !set_holder(tx, &again, forward, error))
		return false;
	address_anew(&again, forward, party);
	return plan(tx, &again, "forward", "forward", forward->to, ret_id, error) &&
	       audit_add(tx, AUDIT_FORWARDED, "ticket", forward->ticket_id,
		   forward->reason, error);
}

bool
mail_again_count(
    Db *db, int64_t ticket_id, int64_t since_at, int64_t *ret_n, GError **error)
{
	return db_find_int(db, &COUNT, DB_ARGS(v_int(ticket_id), v_int(since_at)), ret_n,
		   error) == 1;
}
