/*
 * ticket.c - everything that touches licence and ticket.
 */
#include "fulfill/domain/ticket.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/print_piece.h"
#include "fulfill/domain/remote_call.h"
#include "queue/clock.h"
#include "queue/hash.h"
#include "queue/job_admin.h"

static const Stmt LICENCE_ADD = {
	.name = "licence.add",
	.sql = "INSERT INTO licence (order_line_id, seq, quantity, product_id, party_id, "
	       "holder_id,"
	       " first_day, last_day, created_at, pool_id) VALUES ($1, $2, $3, $4, $5, "
	       "$6, $7, $8, $9, $10)"
	       " ON CONFLICT (order_line_id, seq) DO NOTHING RETURNING id",
};
static const Stmt TICKET_ADD = {
	.name = "ticket.add",
	.sql =
	    "INSERT INTO ticket (licence_id, lookup, sealed, tail, backend, backend_ref,"
	    " state, created_at, changed_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, 'issued', $7, $7) RETURNING id",
};
static const Stmt OBSERVED = {
	.name = "ticket.observed",
	.sql = "UPDATE ticket SET state = $2, changed_at = $3 WHERE id = $1"
	       " AND state <> $2 AND state <> 'recalled'"
	       " AND (state <> 'recall_pending' OR $2 = 'recalled')",
};
static const Stmt BACKEND = {
	.name = "ticket.backend",
	.sql = "SELECT backend FROM ticket WHERE id = $1",
};

#define TICKET_COLS                                                                      \
	"t.id, t.licence_id, t.tail, o.number, o.id, ol.line, p.sku, p.kind, t.state,"   \
	" l.first_day, l.last_day, coalesce(h.company, h.name, h.email), l.holder_id,"   \
	" l.party_id, l.quantity, t.created_at, t.changed_at"
#define TICKET_FROM                                                                      \
	" FROM ticket t JOIN licence l ON l.id = t.licence_id"                           \
	" JOIN product p ON p.id = l.product_id"                                         \
	" JOIN order_line ol ON ol.id = l.order_line_id"                                 \
	" JOIN orders o ON o.id = ol.order_id LEFT JOIN party h ON h.id = l.holder_id"

static const Stmt LIST = {
	.name = "ticket.list",
	.sql = "SELECT " TICKET_COLS TICKET_FROM " WHERE ($1 = '' OR o.number = $1)"
	       " AND ($2 = '' OR t.state = $2) AND ($3 = '' OR p.sku = $3)"
	       " ORDER BY t.id LIMIT $4 /* scan: a person looks */",
};
static const Stmt GET = {
	.name = "ticket.get",
	.sql = "SELECT " TICKET_COLS TICKET_FROM " WHERE t.id = $1",
};
static const Stmt BY_LOOKUP = {
	.name = "ticket.by_lookup",
	.sql = "SELECT id FROM ticket WHERE lookup = $1",
};
static const Stmt SEALED = {
	.name = "ticket.sealed",
	.sql = "SELECT sealed, lookup FROM ticket WHERE id = $1",
};
static const Stmt DELIVERIES = {
	.name = "ticket.deliveries",
	.sql = "SELECT id, channel, recipient, purpose, state, reason, mail_id, piece_id,"
	       " changed_at FROM delivery WHERE ticket_id = $1 ORDER BY id",
};
static const Stmt COUNT = {
	.name = "ticket.count",
	.sql =
	    "SELECT state, count(*) FROM ticket GROUP BY state ORDER BY state /* scan */",
};
static const Stmt RECALL = {
	.name = "ticket.recall",
	.sql = "UPDATE ticket SET changed_at = $2, state = CASE WHEN state IN ('issued',"
	       " 'confirmed_returned') THEN 'recalled' ELSE 'recall_pending' END"
	       " WHERE id = $1 AND state NOT IN ('recalled', 'recall_pending')",
};
static const Stmt MAILS_OF = {
	.name = "ticket.mails",
	.sql = "SELECT m.id FROM mail_out m WHERE m.ticket_id = $1",
};
void
ticket_free(Ticket *ticket)
{
	if (ticket == NULL)
		return;
	g_free(ticket->masked);
	g_free(ticket->order);
	g_free(ticket->line);
	g_free(ticket->sku);
	g_free(ticket->kind);
	g_free(ticket->state);
	g_free(ticket->first_day);
	g_free(ticket->last_day);
	g_free(ticket->holder);
	g_free(ticket);
}

/* A code of our own. */
static void
make(Vault *vault, TicketMade *ret)
{
	g_auto(Code) code = { 0 };

	code_random(&code);
	vault_lookup(vault, &code, ret->lookup);
	vault_seal(vault, &code, ret->sealed);
	g_strlcpy(ret->tail, code_tail(&code), sizeof(ret->tail));
	ret->ref[0] = '\0';
}

int
ticket_issue(DbTx *tx, Vault *vault, const LicenceFacts *facts, int64_t *ret_id,
    int64_t *ret_licence_id, GError **error)
{
	TicketMade made;
	int64_t now = clock_now_at();
	int64_t licence_id;
	int added = db_find_int(tx->db, &LICENCE_ADD,
	    DB_ARGS(v_int(facts->order_line_id), v_int(facts->seq),
		v_int(facts->quantity), v_int(facts->product_id), v_int(facts->party_id),
		v_id(facts->holder_id), v_text(facts->first_day), v_text(facts->last_day),
		v_int(now), v_id(facts->holder_id == 0 ? facts->pool_id : 0)),
	    &licence_id, error);

	if (added <= 0)
		return added;
	if (facts->made != NULL)
		made = *facts->made;
	else
		make(vault, &made);
	added = db_find_int(tx->db, &TICKET_ADD,
	    DB_ARGS(v_int(licence_id), v_blob(made.lookup, sizeof(made.lookup)),
		v_blob(made.sealed, sizeof(made.sealed)), v_text(made.tail),
		v_text(facts->backend != NULL ? facts->backend : "mint"),
		v_text(made.ref[0] != '\0' ? made.ref : NULL), v_int(now)),
	    ret_id, error);
	if (added == 1 && !audit_add(tx, AUDIT_ISSUED, "ticket", *ret_id, NULL, error))
		return -1;
	*ret_licence_id = licence_id;
	return added == 1 ? 1 : -1;
}

static Ticket *
from_row(const DbRows *rows)
{
	Ticket *ticket = g_new0(Ticket, 1);
	char mask[CODE_MASK_SIZE];

	ticket->id = db_col_int(rows, 0);
	ticket->licence_id = db_col_int(rows, 1);
	ticket->masked = g_strdup(code_mask_tail(db_col_text(rows, 2), mask));
	ticket->order = g_strdup(db_col_text(rows, 3));
	ticket->order_id = db_col_int(rows, 4);
	ticket->line = g_strdup(db_col_text(rows, 5));
	ticket->sku = g_strdup(db_col_text(rows, 6));
	ticket->kind = g_strdup(db_col_text(rows, 7));
	ticket->state = g_strdup(db_col_text(rows, 8));
	ticket->first_day = g_strdup(db_col_text(rows, 9));
	ticket->last_day = g_strdup(db_col_text(rows, 10));
	ticket->holder = g_strdup(db_col_text(rows, 11));
	ticket->holder_id = db_col_int(rows, 12);
	ticket->party_id = db_col_int(rows, 13);
	ticket->quantity = (int)db_col_int(rows, 14);
	ticket->created_at = db_col_int(rows, 15);
	ticket->changed_at = db_col_int(rows, 16);
	return ticket;
}

static const char *
or_any(const char *text)
{
	return text != NULL ? text : "";
}

GPtrArray *
ticket_list(Db *db, const TicketFilter *filter, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)ticket_free);
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_text(or_any(filter->order)), v_text(or_any(filter->state)),
		v_text(or_any(filter->product)),
		v_int(filter->limit > 0 ? filter->limit : INT64_MAX)),
	    error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

Ticket *
ticket_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no ticket %" G_GINT64_FORMAT,
		    id);
	return more == 1 ? from_row(rows) : NULL;
}

static int
by_code(Db *db, Vault *vault, const Code *code, int64_t *ret_id, GError **error)
{
	uint8_t lookup[VAULT_LOOKUP_BYTES];

	vault_lookup(vault, code, lookup);
	return db_find_int(
	    db, &BY_LOOKUP, DB_ARGS(v_blob(lookup, sizeof(lookup))), ret_id, error);
}

bool
ticket_resolve(Db *db, Vault *vault, const char *text, int64_t *ret_id, GError **error)
{
	g_auto(Code) code = { 0 };
	g_auto(Code) other = { 0 };
	int found;

	if (*text != '\0' && strlen(text) < 16 &&
	    strspn(text, "0123456789") == strlen(text)) {
		*ret_id = g_ascii_strtoll(text, NULL, 10);
		return true;
	}
	/* One that a service made has no check symbol of ours: it is known or it is not.
	 */
	if (code_foreign(text, &other, NULL)) {
		found = by_code(db, vault, &other, ret_id, error);
		if (found != 0)
			return found == 1;
	}
	if (!code_parse(text, -1, &code, NULL, error))
		return false;
	found = by_code(db, vault, &code, ret_id, error);
	/* A few codes read well both ways through a keyboard that exchanges Y and Z. */
	if (found == 0 && code_other_reading(&code, &other))
		found = by_code(db, vault, &other, ret_id, error);
	return found == 1 || (found == 0 && err_set(error, TP_ERROR_NOT_FOUND,
						"this ticket is not known"));
}

bool
ticket_open(Db *db, Vault *vault, int64_t id, Code *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &SEALED, DB_ARGS(v_int(id)), error);
	const void *sealed;
	const void *lookup;
	size_t size;
	size_t lookup_size;
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more < 0)
		return false;
	lookup = more == 1 ? db_col_blob(rows, 1, &lookup_size) : NULL;
	sealed = more == 1 ? db_col_blob(rows, 0, &size) : NULL;
	if (sealed == NULL)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "the code of ticket %" G_GINT64_FORMAT " is not kept any more", id);
	if (lookup_size != VAULT_LOOKUP_BYTES)
		return err_set(error, TP_ERROR_IO,
		    "ticket %" G_GINT64_FORMAT ": lookup is damaged", id);
	return vault_unseal(vault, sealed, size, lookup, ret, error);
}

bool
ticket_deliveries(Db *db, int64_t id, void (*fn)(void *user, const TicketDelivery *d),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &DELIVERIES, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		TicketDelivery d = {
			.id = db_col_int(rows, 0),
			.channel = db_col_text(rows, 1),
			.recipient = db_col_text(rows, 2),
			.purpose = db_col_text(rows, 3),
			.state = db_col_text(rows, 4),
			.reason = db_col_text(rows, 5),
			.mail_id = db_col_int(rows, 6),
			.piece_id = db_col_int(rows, 7),
			.changed_at = db_col_int(rows, 8),
		};

		fn(user, &d);
	}
	return more == 0;
}

bool
ticket_count(Db *db, void (*fn)(void *user, const char *state, int64_t n), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &COUNT, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		fn(user, db_col_text(rows, 0), db_col_int(rows, 1));
	return more == 0;
}

static bool
cancel_mails(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	g_autoptr(DbRows) rows = db_query(tx->db, &MAILS_OF, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		if (!job_cancel_ref(tx, "mail", db_col_int(rows, 0), reason, error))
			return false;
	return more == 0;
}

/* Whoever made it is told, too. */
static bool
recall_there(DbTx *tx, int64_t id, GError **error)
{
	g_autofree char *backend = NULL;

	if (db_find_text(tx->db, &BACKEND, DB_ARGS(v_int(id)), &backend, error) < 0)
		return false;
	return backend == NULL || strcmp(backend, "mint") == 0 ||
	       remote_call_recall(tx, id, error);
}

bool
ticket_recall(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	int64_t changed;

	if (!db_exec(tx->db, &RECALL, DB_ARGS(v_int(id), v_int(clock_now_at())), &changed,
		error))
		return false;
	if (changed == 0) {
		g_autoptr(Ticket) ticket = ticket_get(tx->db, id, error);

		return ticket != NULL && err_set(error, TP_ERROR_CONFLICT,
					     "ticket %" G_GINT64_FORMAT " is %s already",
					     id, ticket->state);
	}
	return delivery_move(
		   tx, DELIVERY_OF_TICKET, id, DELIVERY_ABORT, reason, NULL, error) &&
	       print_piece_recall(tx, id, reason, error) &&
	       cancel_mails(tx, id, reason, error) && recall_there(tx, id, error) &&
	       audit_add(tx, AUDIT_RECALLED, "ticket", id, reason, error);
}

bool
ticket_observed(DbTx *tx, int64_t id, const char *state, GError **error)
{
	int64_t changed;

	if (!db_exec(tx->db, &OBSERVED,
		DB_ARGS(v_int(id), v_text(state), v_int(clock_now_at())), &changed,
		error))
		return false;
	return changed == 0 || audit_add(tx, AUDIT_STATE, "ticket", id, state, error);
}
