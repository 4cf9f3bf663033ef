/*
 * issue.c - from order lines to tickets and their deliveries.
 *
 * Mails to a customer carry one ticket each; an order that goes to a reseller becomes
 * digests of up to DIGEST_TICKETS tickets.  Cards gather in the open batch of their
 * stock.
 */
#include "fulfill/domain/issue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fulfill/domain/delivery.h"
#include "fulfill/domain/exchange.h"
#include "fulfill/domain/facts.h"
#include "fulfill/domain/gather.h"
#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/pool_start.h"
#include "fulfill/domain/order_options.h"
#include "fulfill/domain/programme_plan.h"
#include "fulfill/domain/remote_call.h"
#include "fulfill/domain/sold.h"
#include "fulfill/domain/privacy_notice.h"
#include "fulfill/domain/ticket.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "queue/fault.h"
#include "queue/job.h"

#define ORDER_SQL                                                                        \
	"SELECT id, number, ordered_day, reference, deliver_by, deliver_to,"             \
	" deliver_email, party_id, customer_id FROM orders WHERE id = $1"                \
	" AND state = 'accepted'"

/* Locked, so that nobody changes the lines between this and the tickets. */
static const Stmt ORDER = {
	.name = "orders.for_issue",
	.sql = ORDER_SQL,
	.pgsql = ORDER_SQL " FOR NO KEY UPDATE",
};
static const Stmt ORDER_ISSUED_BEFORE = {
	.name = "orders.for_reroute",
	.sql = "SELECT id, number, ordered_day, reference, deliver_by, deliver_to, "
	       "deliver_email,"
	       " party_id, customer_id FROM orders WHERE id = $1",
};
static const Stmt TICKET_LICENCE = {
	.name = "ticket.for_reroute",
	.sql = "SELECT ol.order_id, l.product_id, ol.options, l.quantity, l.first_day,"
	       " l.last_day FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id WHERE t.id = $1"
	       " AND t.state NOT IN ('recalled', 'recall_pending')",
};
static const Stmt LIVE_BY = {
	.name = "delivery.live_by_channel",
	.sql =
	    "SELECT count(*) FROM delivery WHERE ticket_id = $1 AND channel = $2"
	    " AND state NOT IN ('failed', 'aborted', 'bounced', 'returned', 'spoiled')",
};
static const Stmt LINES = {
	.name = "order_line.for_issue",
	.sql = "SELECT id, product_id, quantity, options FROM order_line"
	       " WHERE order_id = $1 AND state = 'accepted' ORDER BY id",
};
static const Stmt LINES_ISSUED = {
	.name = "order_line.issued",
	.sql = "UPDATE order_line SET state = 'issued' WHERE order_id = $1 AND state = "
	       "'accepted'",
};
static const Stmt ORDER_ISSUED = {
	.name = "orders.issued",
	.sql = "UPDATE orders SET state = 'issued', issued_at = $2"
	       " WHERE id = $1 AND state = 'accepted'",
};
static const Stmt MAIL_ADD = {
	.name = "mail_out.add",
	.sql = "INSERT INTO mail_out (order_id, ticket_id, text, to_email, to_name, "
	       "language, brand,"
	       " context, seed, date_at, created_at)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING id",
};
static const Stmt PORTAL_DELIVERY = {
	.name = "delivery.of_portal",
	.sql = "SELECT max(id) FROM delivery WHERE ticket_id = $1 AND channel = 'portal'",
};

/* One order being issued. */
typedef struct Issuing {
	DbTx *tx;
	const IssueContext *context;
	OrderFacts order;
	const char *language;
	json_t *frame;
	json_t *digest;         /* facts of tickets that wait for their digest */
	GArray *digest_tickets; /* their ids */
	Gather gather;          /* cards by post */
	int tickets;
	const char *purpose; /* of the deliveries */
	bool notice_asked;   /* the customer was told, or is by a mail of this order */
} Issuing;

static void
issuing_done(Issuing *run)
{
	g_free(run->order.number);
	g_free(run->order.ordered_day);
	g_free(run->order.reference);
	g_free(run->order.deliver_by);
	g_free(run->order.deliver_email);
	party_free(run->order.party);
	party_free(run->order.customer);
	json_decref(run->frame);
	json_decref(run->digest);
	if (run->digest_tickets != NULL)
		g_array_unref(run->digest_tickets);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Issuing, issuing_done)

static int
load_order(Issuing *run, const Stmt *stmt, int64_t id, GError **error)
{
	Db *db = run->tx->db;
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(id)), error);
	int64_t customer_id;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	run->order.id = db_col_int(rows, 0);
	run->order.number = g_strdup(db_col_text(rows, 1));
	run->order.ordered_day = g_strdup(db_col_text(rows, 2));
	run->order.reference = g_strdup(db_col_text(rows, 3));
	run->order.deliver_by = g_strdup(db_col_text(rows, 4));
	run->order.to_party = strcmp(db_col_text(rows, 5), "party") == 0;
	run->order.deliver_email = g_strdup(db_col_text(rows, 6));
	customer_id = db_col_int(rows, 8);
	run->order.party = party_get(db, db_col_int(rows, 7), error);
	if (run->order.party == NULL)
		return -1;
	if (customer_id != 0) {
		run->order.customer = party_get(db, customer_id, error);
		if (run->order.customer == NULL)
			return -1;
	}
	return 1;
}

static bool
add_mail(Issuing *run, int64_t ticket_id, const char *text, const json_t *context,
    int64_t *ret_id, GError **error)
{
	const Party *to = facts_recipient(&run->order);
	char *json = json_dumps(context, JSON_COMPACT);
	char key[40];
	g_autofree char *subject = g_strdup_printf("order %s", run->order.number);
	JobSpec job = { .kind = JOB_KIND_MAIL, .key = key, .subject = subject };
	uint8_t seed[16];
	bool ok;

	if (getentropy(seed, sizeof(seed)) < 0)
		BUG("no random bytes: %s", g_strerror(errno));
	ok = db_find_int(run->tx->db, &MAIL_ADD,
		 DB_ARGS(v_int(run->order.id), v_id(ticket_id), v_text(text),
		     v_text(facts_recipient_email(&run->order)), v_text(to->name),
		     v_text(run->language), v_text(facts_brand(&run->order)),
		     v_text(json), v_blob(seed, sizeof(seed)), v_int(clock_now_at())),
		 ret_id, error) == 1;

	free(json);
	if (!ok)
		return false;
	g_snprintf(key, sizeof(key), "mail/%" G_GINT64_FORMAT, *ret_id);
	job.ref = *ret_id;
	return job_add(run->tx, &job, error) >= 0;
}

static bool
add_delivery(Issuing *run, int64_t ticket_id, const char *channel, const char *recipient,
    int64_t mail_id, int64_t piece_id, const char *held, GError **error)
{
	DeliveryPlan plan = {
		.ticket_id = ticket_id,
		.channel = channel,
		.recipient = recipient,
		.purpose = run->purpose,
		.state = held != NULL    ? DELIVERY_HELD
			 : piece_id != 0 ? DELIVERY_BATCHED
					 : DELIVERY_READY,
		.reason = held,
		.mail_id = mail_id,
		.piece_id = piece_id,
	};

	return delivery_add(run->tx, &plan, error);
}

/* The waiting tickets become one mail to the reseller. */
static bool
flush_digest(Issuing *run, GError **error)
{
	const char *to = facts_recipient_email(&run->order);
	json_t *context;
	int64_t mail_id;
	bool ok;

	if (run->digest_tickets->len == 0)
		return true;
	context = json_copy(run->frame);
	json_object_set(context, "tickets", run->digest);
	ok = add_mail(run, 0, "digest", context, &mail_id, error);
	json_decref(context);
	for (guint i = 0; ok && i < run->digest_tickets->len; i++)
		ok = add_delivery(run, g_array_index(run->digest_tickets, int64_t, i),
		    "email", to, mail_id, 0, NULL, error);
	json_array_clear(run->digest);
	g_array_set_size(run->digest_tickets, 0);
	return ok;
}

/* The first mail to a customer says what its data are kept for; *ret_id is the notice it
 * carries, or 0. */
static bool
add_notice(Issuing *run, json_t *context, int64_t *ret_id, GError **error)
{
	json_t *notice = NULL;
	int due;

	*ret_id = 0;
	if (run->notice_asked || run->order.customer == NULL)
		return true;
	run->notice_asked = true;
	due = privacy_notice_due(
	    run->tx->db, run->order.customer->id, &notice, ret_id, error);
	if (due == 1)
		json_object_set_new(context, "privacy", notice);
	return due >= 0;
}

static bool
plan_email(Issuing *run, int64_t ticket_id, json_t *facts, GError **error)
{
	json_t *context;
	int64_t mail_id;
	int64_t notice_id;
	bool ok;

	if (run->order.to_party) {
		json_array_append(run->digest, facts);
		g_array_append_val(run->digest_tickets, ticket_id);
		return run->digest_tickets->len < DIGEST_TICKETS ||
		       flush_digest(run, error);
	}
	context = json_copy(run->frame);
	json_object_update(context, facts);
	ok = add_notice(run, context, &notice_id, error) &&
	     add_mail(run, ticket_id, "ticket", context, &mail_id, error) &&
	     add_delivery(run, ticket_id, "email", facts_recipient_email(&run->order),
		 mail_id, 0, NULL, error) &&
	     (notice_id == 0 || privacy_notice_told(run->tx, notice_id, mail_id, error));
	json_decref(context);
	return ok;
}

static bool
plan_post(Issuing *run, int64_t ticket_id, json_t *facts, GError **error)
{
	const Party *to = facts_recipient(&run->order);
	json_t *context = json_copy(run->frame);
	char recipient[40];
	char *json;
	GatherCard card = { .ticket_id = ticket_id };
	int64_t notice_id = 0;
	int64_t piece_id;
	bool ok;

	/* A letter has room for the notice; a card alone has not. */
	if (!run->order.to_party && run->context->product != NULL &&
	    strcmp(run->context->product, "sheet") != 0 &&
	    !add_notice(run, context, &notice_id, error)) {
		json_decref(context);
		return false;
	}
	json_object_update(context, facts);
	json_object_set_new(context, "language", json_string(run->language));
	if (to->address != NULL)
		json_object_set(context, "address", to->address);
	if (to->company != NULL)
		json_object_set_new(context, "company", json_string(to->company));
	/* A letter under a reseller's brand goes back to the reseller. */
	if (facts_brand(&run->order) != NULL && run->order.party->address != NULL)
		json_object_set_new(context, "sender",
		    json_pack("{s:O}", "address", run->order.party->address));
	json = json_dumps(context, JSON_COMPACT);
	json_decref(context);
	g_snprintf(recipient, sizeof(recipient), "party/%" G_GINT64_FORMAT, to->id);
	card.context = json;
	ok = gather_add(run->tx, run->context, &run->gather, &card, &piece_id, error) &&
	     add_delivery(run, ticket_id, "post", recipient, 0, piece_id, NULL, error) &&
	     (notice_id == 0 ||
		 privacy_notice_printed(run->tx, notice_id, piece_id, error));
	free(json);
	return ok;
}

static bool
plan_portal(Issuing *run, int64_t ticket_id, GError **error)
{
	char recipient[40];
	int64_t id;

	g_snprintf(recipient, sizeof(recipient), "party/%" G_GINT64_FORMAT,
	    facts_recipient(&run->order)->id);
	if (!run->context->portal)
		return add_delivery(run, ticket_id, "portal", recipient, 0, 0,
		    "no licence portal is configured", error);
	if (!add_delivery(run, ticket_id, "portal", recipient, 0, 0, NULL, error) ||
	    db_find_int(run->tx->db, &PORTAL_DELIVERY, DB_ARGS(v_int(ticket_id)), &id,
		error) != 1)
		return false;
	return remote_call_assign(run->tx, ticket_id, id, error);
}

static bool
plan_delivery(Issuing *run, int64_t ticket_id, json_t *facts, GError **error)
{
	const char *by = run->order.deliver_by;

	if (strcmp(by, "email") == 0)
		return plan_email(run, ticket_id, facts, error);
	if (strcmp(by, "post") == 0)
		return plan_post(run, ticket_id, facts, error);
	return plan_portal(run, ticket_id, error);
}

bool
issue_term(Db *db, int64_t order_id, const Product *product, const json_t *options,
    Day start, LicenceTerm *ret, GError **error)
{
	return licence_term(product, options, start, ret, error) &&
	       exchange_term(db, order_id, ret, error) >= 0 &&
	       plan_term(db, order_id, ret, error) >= 0;
}

/* Today, or what was asked for; what a service was asked for stands. */
static bool
first_day(Issuing *run, int64_t line_id, const json_t *options, Day *ret, GError **error)
{
	int found = issuer_is_remote(run->context)
			? remote_call_first_day(run->tx->db, line_id, ret, error)
			: 0;

	if (found == 0)
		*ret = order_options_start(options, day_today(run->context->zone));
	return found >= 0;
}

/* The ticket of a service, which must be here: remote_call_order() said so. */
static bool
take_made(Issuing *run, LicenceFacts *licence, TicketMade *made, GError **error)
{
	int found;

	if (!issuer_is_remote(run->context))
		return true;
	found = remote_call_made(
	    run->tx->db, licence->order_line_id, licence->seq, made, error);
	licence->backend = run->context->backend;
	licence->made = made;
	return found == 1 || (found == 0 && err_set(error, TP_ERROR_CONFLICT,
						"a ticket of it has not come yet"));
}

/* Does it lie in a pool without a term, until it is assigned?  What takes over from
 * another runs at once. */
static bool
waits_in_pool(Issuing *run, const Product *product, const LicenceFacts *licence,
    bool *ret, GError **error)
{
	LicenceTerm probe = { .start_day = DAY_MIN };
	int taken_over;

	*ret =
	    licence->pool_id != 0 && licence->holder_id == 0 && pool_start_waits(product);
	if (!*ret)
		return true;
	taken_over = exchange_term(run->tx->db, run->order.id, &probe, error);
	*ret = taken_over == 0;
	return taken_over >= 0;
}

static bool
issue_line(Issuing *run, int64_t line_id, const Product *product, int quantity,
    const json_t *options, GError **error)
{
	int64_t party_id = run->order.party->id;
	int units = product->ticket_per_line ? 1 : quantity;
	int seats = product->ticket_per_line ? quantity : 1;
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	LicenceTerm term;
	TicketMade ticket;
	bool waits;
	Day start;
	LicenceFacts licence = {
		.order_line_id = line_id,
		.quantity = seats,
		.product_id = product->id,
		.party_id = party_id,
		.holder_id = run->order.customer != NULL ? run->order.customer->id : 0,
		.pool_id = strcmp(run->order.party->kind, "reseller") == 0 ? party_id : 0,
		.first_day = first,
	};

	if (!first_day(run, line_id, options, &start, error) ||
	    !issue_term(
		run->tx->db, run->order.id, product, options, start, &term, error))
		return false;
	if (!waits_in_pool(run, product, &licence, &waits, error))
		return false;
	day_format(term.first_day, first);
	if (!waits && day_cmp(term.last_day, DAY_MAX) < 0)
		licence.last_day = day_format(term.last_day, last);
	for (licence.seq = 1; licence.seq <= units; licence.seq++) {
		int64_t ticket_id;
		int64_t licence_id;
		json_t *facts;
		int made;
		bool ok;

		if (!take_made(run, &licence, &ticket, error))
			return false;
		made = ticket_issue(run->tx, run->context->vault, &licence, &ticket_id,
		    &licence_id, error);
		if (made < 0)
			return false;
		if (made == 0)
			continue;
		if (licence.made != NULL &&
		    !remote_call_used(run->tx, line_id, licence.seq, error))
			return false;
		if ((!waits && !licence_sold(run->tx, product, licence_id, &licence,
				   &term, error)) ||
		    !exchange_issued(run->tx, run->order.id, licence_id, error))
			return false;
		facts = facts_ticket(&run->order, product, options, ticket_id, seats,
		    first, licence.last_day, run->language);
		ok = plan_delivery(run, ticket_id, facts, error);
		json_decref(facts);
		if (!ok)
			return false;
		run->tickets++;
	}
	return true;
}

static bool
issue_lines(Issuing *run, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(run->tx->db, &LINES, DB_ARGS(v_int(run->order.id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		g_autoptr(Product) product =
		    product_get(run->tx->db, db_col_int(rows, 1), error);
		const char *text = db_col_text(rows, 3);
		json_t *options = text != NULL ? json_loads(text, 0, NULL) : NULL;
		bool ok =
		    product != NULL && issue_line(run, db_col_int(rows, 0), product,
					   (int)db_col_int(rows, 2), options, error);

		json_decref(options);
		if (!ok)
			return false;
	}
	return more == 0 && flush_digest(run, error);
}

bool
issue_order(DbTx *tx, const IssueContext *context, int64_t order_id, int *ret_tickets,
    GError **error)
{
	g_auto(Issuing) run = { .tx = tx, .context = context, .purpose = "first" };
	int found = load_order(&run, &ORDER, order_id, error);

	*ret_tickets = 0;
	if (found <= 0)
		return found == 0;
	run.language = facts_language(&run.order, context);
	run.frame = facts_frame(&run.order, context);
	run.gather.product = run.order.party->print;
	run.digest = json_array();
	run.digest_tickets = g_array_new(FALSE, FALSE, sizeof(int64_t));
	if (!issue_lines(&run, error) ||
	    !db_exec(tx->db, &LINES_ISSUED, DB_ARGS(v_int(order_id)), NULL, error) ||
	    !db_exec(tx->db, &ORDER_ISSUED,
		DB_ARGS(v_int(order_id), v_int(clock_now_at())), NULL, error)) {
		g_prefix_error(error, "order '%s': ", run.order.number);
		return false;
	}
	FAULT("issue.order");
	*ret_tickets = run.tickets;
	return true;
}

static bool
can_go(const Issuing *run, const char *channel)
{
	return party_has_channel(run->order.party, channel) &&
	       (strcmp(channel, "post") != 0 ||
		   facts_recipient(&run->order)->address != NULL);
}

int
issue_reroute(DbTx *tx, const IssueContext *context, int64_t ticket_id,
    const char *channel, GError **error)
{
	g_auto(Issuing) run = { .tx = tx, .context = context, .purpose = "fallback" };
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &TICKET_LICENCE, DB_ARGS(v_int(ticket_id)), error);
	g_autoptr(Product) product = NULL;
	json_t *options;
	json_t *facts;
	int64_t live;
	int found;
	bool ok;

	found = rows != NULL ? db_next(rows, error) : -1;
	if (found <= 0)
		return found;
	found = load_order(&run, &ORDER_ISSUED_BEFORE, db_col_int(rows, 0), error);
	if (found <= 0 ||
	    db_find_int(tx->db, &LIVE_BY, DB_ARGS(v_int(ticket_id), v_text(channel)),
		&live, error) < 0)
		return -1;
	if (live > 0 || !can_go(&run, channel))
		return 0;
	product = product_get(tx->db, db_col_int(rows, 1), error);
	if (product == NULL)
		return -1;
	run.language = facts_language(&run.order, context);
	run.frame = facts_frame(&run.order, context);
	run.gather.product = run.order.party->print;
	options =
	    db_col_is_null(rows, 2) ? NULL : json_loads(db_col_text(rows, 2), 0, NULL);
	facts = facts_ticket(&run.order, product, options, ticket_id,
	    (int)db_col_int(rows, 3), db_col_text(rows, 4), db_col_text(rows, 5),
	    run.language);
	ok = strcmp(channel, "post") == 0 ? plan_post(&run, ticket_id, facts, error)
					  : plan_portal(&run, ticket_id, error);
	json_decref(facts);
	json_decref(options);
	return ok ? 1 : -1;
}
