/*
 * remote_call.c - the table remote_call.
 */
#include "fulfill/domain/remote_call.h"

#include <string.h>

#include "fulfill/domain/delivery.h"
#include "fulfill/domain/licence_term.h"
#include "fulfill/domain/order_options.h"
#include "queue/clock.h"
#include "queue/hash.h"
#include "queue/job_admin.h"

/* 128 bits of a hash behind the verb: no two licences share it, and it fits a header. */
#define REMOTE_KEY_BYTES 16
#define REMOTE_KEY_SIZE (8 + 2 * REMOTE_KEY_BYTES + 1)

static const Stmt ADD = {
	.name = "remote_call.add",
	.sql =
	    "INSERT INTO remote_call (verb, key, portal, order_line_id, seq, ticket_id,"
	    " delivery_id, quantity, first_day, last_day, state, created_at)"
	    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11)"
	    " ON CONFLICT (key) DO NOTHING RETURNING id",
};
static const Stmt LINES = {
	.name = "remote_call.lines",
	.sql = "SELECT id, product_id, quantity, options FROM order_line"
	       " WHERE order_id = $1 AND state = 'accepted' ORDER BY id",
};
static const Stmt LINE_NAME = {
	.name = "remote_call.line_name",
	.sql = "SELECT o.source, o.number, ol.line, 0 FROM order_line ol"
	       " JOIN orders o ON o.id = ol.order_id WHERE ol.id = $1",
};
static const Stmt TICKET_NAME = {
	.name = "remote_call.ticket_name",
	.sql = "SELECT o.source, o.number, ol.line, l.seq FROM ticket t"
	       " JOIN licence l ON l.id = t.licence_id"
	       " JOIN order_line ol ON ol.id = l.order_line_id"
	       " JOIN orders o ON o.id = ol.order_id WHERE t.id = $1",
};
static const Stmt OF_ORDER = {
	.name = "remote_call.of_order",
	.sql = "SELECT r.state, r.answer, ol.line FROM remote_call r"
	       " JOIN order_line ol ON ol.id = r.order_line_id"
	       " WHERE ol.order_id = $1 AND ol.state = 'accepted' AND r.state <> 'done'"
	       " ORDER BY r.id",
};
static const Stmt MADE = {
	.name = "remote_call.made",
	.sql = "SELECT lookup, sealed, tail, ref FROM remote_call"
	       " WHERE order_line_id = $1 AND seq = $2 AND state = 'done'"
	       " AND sealed IS NOT NULL",
};
static const Stmt FIRST_DAY = {
	.name = "remote_call.first_day",
	.sql = "SELECT first_day FROM remote_call WHERE order_line_id = $1 LIMIT 1",
};
static const Stmt USED = {
	.name = "remote_call.used",
	.sql = "UPDATE remote_call SET lookup = NULL, sealed = NULL, tail = NULL"
	       " WHERE order_line_id = $1 AND seq = $2",
};
static const Stmt GET = {
	.name = "remote_call.get",
	.sql =
	    "SELECT r.id, r.verb, r.key, r.state, r.portal, o.id, r.ticket_id,"
	    " r.delivery_id, CASE WHEN d.id IS NOT NULL THEN CASE WHEN d.state IN"
	    "  ('aborted', 'failed') THEN 1 ELSE 0 END"
	    "  WHEN r.verb = 'mint' AND ol.state = 'cancelled' THEN 1"
	    "  WHEN r.verb = 'extend' AND t.state IN ('recalled', 'recall_pending') THEN "
	    "1"
	    "  ELSE 0 END,"
	    " o.number, ol.line, o.reference, p.sku, p.product_code, p.kind, r.quantity,"
	    " coalesce(r.first_day, l.first_day),"
	    " coalesce(r.last_day, CASE WHEN r.verb = 'mint' THEN NULL ELSE l.last_day"
	    " END), c.code, c.name, c.company, c.email, a.code, t.backend_ref,"
	    " o.deliver_to, r.seq"
	    " FROM remote_call r LEFT JOIN ticket t ON t.id = r.ticket_id"
	    " LEFT JOIN licence l ON l.id = t.licence_id"
	    " LEFT JOIN delivery d ON d.id = r.delivery_id"
	    " JOIN order_line ol ON ol.id = coalesce(r.order_line_id, l.order_line_id)"
	    " JOIN orders o ON o.id = ol.order_id JOIN product p ON p.id = ol.product_id"
	    " JOIN party a ON a.id = o.party_id"
	    " LEFT JOIN party c ON c.id = coalesce(l.holder_id, o.customer_id)"
	    " WHERE r.id = $1",
};
static const Stmt DONE = {
	.name = "remote_call.done",
	.sql =
	    "UPDATE remote_call SET state = 'done', lookup = $2, sealed = $3, tail = $4,"
	    " ref = $5, answer = $6, done_at = $7 WHERE id = $1 AND state <> 'done'",
};
static const Stmt REFUSED = {
	.name = "remote_call.refused",
	.sql = "UPDATE remote_call SET state = 'refused', answer = $2, done_at = $3"
	       " WHERE id = $1 AND state = 'waiting'",
};
static const Stmt AGAIN = {
	.name = "remote_call.again",
	.sql = "UPDATE remote_call SET state = 'waiting', answer = NULL, done_at = NULL"
	       " WHERE id = $1 AND state = 'refused'",
};
static const Stmt POLL_DUE = {
	.name = "remote_poll.due",
	.sql = "SELECT t.id, 0, t.backend_ref, coalesce(q.polled_at, 0) AS at"
	       " FROM ticket t LEFT JOIN remote_poll q ON q.ticket_id = t.id"
	       " WHERE t.backend <> 'mint' AND t.backend_ref IS NOT NULL"
	       " AND t.state <> 'recalled' AND coalesce(q.polled_at, 0) NOT BETWEEN $1 "
	       "AND $3"
	       " UNION ALL"
	       " SELECT t.id, 1, r.ref, coalesce(q.polled_at, 0) AS at"
	       " FROM remote_call r JOIN ticket t ON t.id = r.ticket_id"
	       " LEFT JOIN remote_poll q ON q.ticket_id = t.id"
	       " WHERE r.verb = 'assign' AND r.state = 'done' AND r.ref IS NOT NULL"
	       " AND t.backend = 'mint' AND t.state <> 'recalled'"
	       " AND coalesce(q.polled_at, 0) NOT BETWEEN $1 AND $3"
	       " ORDER BY at LIMIT $2 /* scan: once an hour, what services know */",
};
static const Stmt POLLED = {
	.name = "remote_poll.put",
	.sql = "INSERT INTO remote_poll (ticket_id, polled_at, state) VALUES ($1, $2, $3)"
	       " ON CONFLICT (ticket_id) DO UPDATE SET polled_at = $2, state = $3",
};

bool
issuer_is_remote(const IssueContext *context)
{
	return context->backend != NULL && strcmp(context->backend, "mint") != 0;
}

void
remote_call_free(RemoteCall *call)
{
	if (call == NULL)
		return;
	g_free(call->verb);
	g_free(call->key);
	g_free(call->state);
	json_decref(call->context);
	g_free(call);
}

/* ---- planning ---- */

/*
 * What a licence is called by everybody: its order, line and number.  An id of our store
 * would not do: it is another order's in another store, or after a restore, and a service
 * would give that order the ticket of this one.
 */
static bool
identity(Db *db, const Stmt *stmt, int64_t id, int seq, const char *verb, int64_t number,
    char key[REMOTE_KEY_SIZE], GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(id)), error);
	uint8_t digest[HASH_BYTES];
	Hash hash;
	gsize n;

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	hash_init(&hash);
	hash_add_text(&hash, db_col_text(rows, 0));
	hash_add_text(&hash, db_col_text(rows, 1));
	hash_add_text(&hash, db_col_text(rows, 2));
	hash_add_int(&hash, seq != 0 ? seq : db_col_int(rows, 3));
	hash_add_int(&hash, number);
	hash_done(&hash, digest);
	n = g_strlcpy(key, verb, REMOTE_KEY_SIZE);
	key[n++] = '-';
	hash_hex(digest, REMOTE_KEY_BYTES, key + n);
	return true;
}

typedef struct CallPlan {
	const char *verb;
	const char *key;
	bool portal;
	int64_t order_line_id;
	int seq;
	int64_t ticket_id;
	int64_t delivery_id;
	int quantity;
	const char *first_day;
	const char *last_day;
} CallPlan;

static bool
plan(DbTx *tx, const CallPlan *p, GError **error)
{
	g_autofree char *job_key = g_strconcat("remote/", p->key, NULL);
	JobSpec job = { .kind = JOB_KIND_REMOTE, .key = job_key, .subject = p->key };
	int added = db_find_int(tx->db, &ADD,
	    DB_ARGS(v_text(p->verb), v_text(p->key), v_int(p->portal),
		v_id(p->order_line_id), v_id(p->seq), v_id(p->ticket_id),
		v_id(p->delivery_id), v_int(p->quantity), v_text(p->first_day),
		v_text(p->last_day), v_int(clock_now_at())),
	    &job.ref, error);

	return added == 0 || (added == 1 && job_add(tx, &job, error) >= 0);
}

static bool
plan_line(DbTx *tx, const IssueContext *context, int64_t line_id, const Product *product,
    int quantity, const json_t *options, int64_t order_id, GError **error)
{
	int units = product->ticket_per_line ? 1 : quantity;
	char first[DAY_CHARS];
	char last[DAY_CHARS];
	char key[REMOTE_KEY_SIZE];
	LicenceTerm term;
	CallPlan p = {
		.verb = "mint",
		.key = key,
		.order_line_id = line_id,
		.quantity = product->ticket_per_line ? quantity : 1,
		.first_day = first,
	};

	if (!issue_term(tx->db, order_id, product, options,
		order_options_start(options, day_today(context->zone)), &term, error))
		return false;
	day_format(term.first_day, first);
	if (day_cmp(term.last_day, DAY_MAX) < 0)
		p.last_day = day_format(term.last_day, last);
	for (p.seq = 1; p.seq <= units; p.seq++) {
		if (!identity(
			tx->db, &LINE_NAME, line_id, p.seq, "mint", 0, key, error) ||
		    !plan(tx, &p, error))
			return false;
	}
	return true;
}

static bool
plan_lines(DbTx *tx, const IssueContext *context, int64_t order_id, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &LINES, DB_ARGS(v_int(order_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		g_autoptr(Product) product =
		    product_get(tx->db, db_col_int(rows, 1), error);
		const char *text = db_col_text(rows, 3);
		json_t *options = text != NULL ? json_loads(text, 0, NULL) : NULL;
		bool ok = product != NULL &&
			  plan_line(tx, context, db_col_int(rows, 0), product,
			      (int)db_col_int(rows, 2), options, order_id, error);

		json_decref(options);
		if (!ok)
			return false;
	}
	return more == 0;
}

bool
remote_call_order(DbTx *tx, const IssueContext *context, int64_t order_id,
    int *ret_waiting, char **ret_refused, GError **error)
{
	g_autoptr(DbRows) rows = NULL;
	int more;

	*ret_waiting = 0;
	*ret_refused = NULL;
	if (!plan_lines(tx, context, order_id, error))
		return false;
	rows = db_query(tx->db, &OF_ORDER, DB_ARGS(v_int(order_id)), error);
	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		if (strcmp(db_col_text(rows, 0), "refused") != 0)
			(*ret_waiting)++;
		else if (*ret_refused == NULL)
			*ret_refused = g_strdup_printf(
			    "line '%s': %s", db_col_text(rows, 2), db_col_text(rows, 1));
	}
	return more == 0;
}

static bool
plan_ticket(DbTx *tx, const char *verb, int64_t ticket_id, int64_t number, int quantity,
    const char *last_day, int64_t delivery_id, GError **error)
{
	char key[REMOTE_KEY_SIZE];
	CallPlan p = {
		.verb = verb,
		.key = key,
		.portal = delivery_id != 0,
		.ticket_id = ticket_id,
		.delivery_id = delivery_id,
		.quantity = quantity,
		.last_day = last_day,
	};

	return identity(tx->db, &TICKET_NAME, ticket_id, 0, verb, number, key, error) &&
	       plan(tx, &p, error);
}

bool
remote_call_extend(
    DbTx *tx, int64_t ticket_id, int k, int quantity, Day last_day, GError **error)
{
	char last[DAY_CHARS];

	return plan_ticket(
	    tx, "extend", ticket_id, k, quantity, day_format(last_day, last), 0, error);
}

bool
remote_call_recall(DbTx *tx, int64_t ticket_id, GError **error)
{
	return plan_ticket(tx, "recall", ticket_id, 0, 1, NULL, 0, error);
}

bool
remote_call_assign(DbTx *tx, int64_t ticket_id, int64_t delivery_id, GError **error)
{
	return plan_ticket(
	    tx, "assign", ticket_id, delivery_id, 1, NULL, delivery_id, error);
}

/* ---- for issue.c ---- */

int
remote_call_made(Db *db, int64_t order_line_id, int seq, TicketMade *ret, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &MADE, DB_ARGS(v_int(order_line_id), v_int(seq)), error);
	const void *lookup;
	const void *sealed;
	size_t lookup_size;
	size_t sealed_size;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	lookup = db_col_blob(rows, 0, &lookup_size);
	sealed = db_col_blob(rows, 1, &sealed_size);
	if (lookup_size != sizeof(ret->lookup) || sealed_size != sizeof(ret->sealed))
		return err_set_int(error, TP_ERROR_IO, "remote_call: a seal is damaged");
	memcpy(ret->lookup, lookup, lookup_size);
	memcpy(ret->sealed, sealed, sealed_size);
	g_strlcpy(ret->tail, db_col_text(rows, 2), sizeof(ret->tail));
	g_strlcpy(ret->ref, db_col_text(rows, 3) != NULL ? db_col_text(rows, 3) : "",
	    sizeof(ret->ref));
	return 1;
}

int
remote_call_first_day(Db *db, int64_t order_line_id, Day *ret, GError **error)
{
	g_autofree char *text = NULL;
	int found =
	    db_find_text(db, &FIRST_DAY, DB_ARGS(v_int(order_line_id)), &text, error);

	if (found <= 0 || text == NULL)
		return found < 0 ? -1 : 0;
	return day_parse(text, ret, error) ? 1 : -1;
}

bool
remote_call_used(DbTx *tx, int64_t order_line_id, int seq, GError **error)
{
	return db_exec(
	    tx->db, &USED, DB_ARGS(v_int(order_line_id), v_int(seq)), NULL, error);
}

/* ---- making one ---- */

static void
put(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text != NULL ? text : ""));
}

/* Shown to a person: that person sees it.  To a group: hidden until somebody shows it
 * (R2.10). */
static void
put_whom(json_t *context, const DbRows *rows)
{
	bool person = strcmp(db_col_text(rows, 24), "customer") == 0 &&
		      db_col_text(rows, 21) != NULL;

	put(context, "user", person ? db_col_text(rows, 21) : NULL);
	put(context, "group",
	    db_col_text(rows, 18) != NULL &&
		    strcmp(db_col_text(rows, 24), "customer") == 0
		? db_col_text(rows, 18)
		: db_col_text(rows, 22));
	put(context, "visible", person ? "true" : "false");
}

static json_t *
context_of(const DbRows *rows)
{
	json_t *context = json_object();
	json_t *order = json_object();
	json_t *product = json_object();
	json_t *customer = json_object();
	json_t *party = json_object();

	put(order, "number", db_col_text(rows, 9));
	put(order, "line", db_col_text(rows, 10));
	put(order, "reference", db_col_text(rows, 11));
	put(product, "sku", db_col_text(rows, 12));
	json_object_set_new(product, "code", json_integer(db_col_int(rows, 13)));
	put(product, "kind", db_col_text(rows, 14));
	put(customer, "id", db_col_text(rows, 18));
	put(customer, "name", db_col_text(rows, 19));
	put(customer, "company", db_col_text(rows, 20));
	put(customer, "email", db_col_text(rows, 21));
	put(party, "id", db_col_text(rows, 22));
	json_object_set_new(context, "order", order);
	json_object_set_new(context, "product", product);
	json_object_set_new(context, "customer", customer);
	json_object_set_new(context, "party", party);
	put(context, "key", db_col_text(rows, 2));
	put(context, "verb", db_col_text(rows, 1));
	json_object_set_new(context, "quantity", json_integer(db_col_int(rows, 15)));
	json_object_set_new(context, "unit", json_integer(db_col_int(rows, 25)));
	put(context, "first_day", db_col_text(rows, 16));
	put(context, "last_day", db_col_text(rows, 17));
	put(context, "ref", db_col_text(rows, 23));
	put_whom(context, rows);
	return context;
}

RemoteCall *
remote_call_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	RemoteCall *call;
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no remote call %" G_GINT64_FORMAT, id);
	if (more <= 0)
		return NULL;
	call = g_new0(RemoteCall, 1);
	call->id = id;
	call->verb = g_strdup(db_col_text(rows, 1));
	call->key = g_strdup(db_col_text(rows, 2));
	call->state = g_strdup(db_col_text(rows, 3));
	call->portal = db_col_int(rows, 4) != 0;
	call->order_id = db_col_int(rows, 5);
	call->ticket_id = db_col_int(rows, 6);
	call->delivery_id = db_col_int(rows, 7);
	call->withdrawn = db_col_int(rows, 8) != 0;
	call->context = context_of(rows);
	return call;
}

/* Only an assignment is somebody's delivery. */
static bool
move(DbTx *tx, const RemoteCall *call, DeliveryEvent event, const char *why,
    GError **error)
{
	return call->delivery_id == 0 || delivery_move(tx, DELIVERY_OF_ID,
					     call->delivery_id, event, why, NULL, error);
}

bool
remote_call_start(DbTx *tx, const RemoteCall *call, GError **error)
{
	return move(tx, call, DELIVERY_START, NULL, error);
}

bool
remote_call_done(DbTx *tx, const RemoteCall *call, const TicketMade *made,
    const char *ref, const char *answer, GError **error)
{
	if (!db_exec(tx->db, &DONE,
		DB_ARGS(v_int(call->id),
		    made != NULL ? v_blob(made->lookup, sizeof(made->lookup)) : v_null(),
		    made != NULL ? v_blob(made->sealed, sizeof(made->sealed)) : v_null(),
		    v_text(made != NULL ? made->tail : NULL), v_text(ref), v_text(answer),
		    v_int(clock_now_at())),
		NULL, error) ||
	    !move(tx, call, DELIVERY_SUCCEED, answer, error))
		return false;
	/* The order may be complete now: it need not wait for its next look. */
	return strcmp(call->verb, "mint") != 0 ||
	       job_wake_ref(tx, JOB_KIND_ISSUE, call->order_id, error);
}

bool
remote_call_refused(DbTx *tx, const RemoteCall *call, const char *why, GError **error)
{
	return db_exec(tx->db, &REFUSED,
		   DB_ARGS(v_int(call->id), v_text(why), v_int(clock_now_at())), NULL,
		   error) &&
	       move(tx, call, DELIVERY_GIVE_UP, why, error) &&
	       (strcmp(call->verb, "mint") != 0 ||
		   job_wake_ref(tx, JOB_KIND_ISSUE, call->order_id, error));
}

bool
remote_call_put_off(DbTx *tx, const RemoteCall *call, const char *why, GError **error)
{
	return move(tx, call, DELIVERY_PUT_OFF, why, error);
}

bool
remote_call_lost(DbTx *tx, const RemoteCall *call, const char *why, GError **error)
{
	return move(tx, call, DELIVERY_LOSE, why, error);
}

bool
remote_call_by_hand(DbTx *tx, int64_t id, JobVerb verb, const char *why, GError **error)
{
	g_autoptr(RemoteCall) call = remote_call_get(tx->db, id, error);

	if (call == NULL)
		return false;
	switch (verb) {
	case JOB_VERB_RESOLVE:
		if (strcmp(call->verb, "mint") == 0)
			return err_set(error, TP_ERROR_CONFLICT,
			    "'%s' is only done when its ticket is here: the probe of the "
			    "connector finds it, or say --again",
			    call->key);
		return remote_call_done(tx, call, NULL, NULL, why, error);
	case JOB_VERB_RETRY:
		return db_exec(tx->db, &AGAIN, DB_ARGS(v_int(id)), NULL, error) &&
		       move(tx, call, DELIVERY_REVIVE, why, error);
	case JOB_VERB_CANCEL:
		return db_exec(tx->db, &REFUSED,
			   DB_ARGS(v_int(id),
			       v_text(why != NULL ? why : "withdrawn by hand"),
			       v_int(clock_now_at())),
			   NULL, error) &&
		       move(tx, call, DELIVERY_ABORT, why, error);
	case JOB_VERB_HOLD:
		return move(tx, call, DELIVERY_HOLD, why, error);
	case JOB_VERB_RELEASE:
		return move(tx, call, DELIVERY_RELEASE, why, error);
	}
	BUG("verb %d", (int)verb);
	return false;
}

/* ---- polling ---- */

void
remote_poll_free(RemotePoll *poll)
{
	if (poll == NULL)
		return;
	g_free(poll->ref);
	g_free(poll);
}

GPtrArray *
remote_poll_due(Db *db, int64_t before_at, int max, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)remote_poll_free);
	g_autoptr(DbRows) rows = db_query(db, &POLL_DUE,
	    DB_ARGS(v_int(before_at), v_int(max), v_int(clock_now_at())), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		RemotePoll *poll = g_new0(RemotePoll, 1);

		poll->ticket_id = db_col_int(rows, 0);
		poll->portal = db_col_int(rows, 1) != 0;
		poll->ref = g_strdup(db_col_text(rows, 2));
		g_ptr_array_add(list, poll);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

bool
remote_poll_told(DbTx *tx, const RemotePoll *poll, const char *theirs, const char *state,
    GError **error)
{
	return db_exec(tx->db, &POLLED,
		   DB_ARGS(v_int(poll->ticket_id), v_int(clock_now_at()), v_text(theirs)),
		   NULL, error) &&
	       (state == NULL || ticket_observed(tx, poll->ticket_id, state, error));
}
