/*
 * pool.c - from a pool to whoever gets it.
 */
#include "fulfill/domain/pool.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/customer_limit.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/pool_start.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"
#include "queue/clock.h"
#include "queue/fault.h"

/* FOR NO KEY UPDATE: orders of the same party, which only refer to it, go on. */
static const Stmt LOCK = {
	.name = "party.lock_pool",
	.sql = "SELECT id FROM party WHERE id = $1",
	.pgsql = "SELECT id FROM party WHERE id = $1 FOR NO KEY UPDATE",
};

#define PICK_COLS "l.id, t.id, l.product_id, l.party_id, l.order_line_id, l.quantity"
#define PICK_FROM " FROM licence l JOIN ticket t ON t.licence_id = l.id"
#define PICK_WHERE " l.pool_id = $1 AND t.state IN ('issued', 'confirmed_returned')"

static const Stmt OLDEST = {
	.name = "licence.pool_oldest",
	.sql = "SELECT " PICK_COLS PICK_FROM " WHERE" PICK_WHERE
	       " AND l.product_id = $2 ORDER BY l.id LIMIT $3",
};
static const Stmt CHOSEN = {
	.name = "licence.pool_chosen",
	.sql = "SELECT " PICK_COLS PICK_FROM " WHERE" PICK_WHERE " AND t.id = $2",
};
static const Stmt OF_BATCH = {
	.name = "licence.pool_of_batch",
	.sql = "SELECT " PICK_COLS PICK_FROM
	       " JOIN (SELECT ticket_id, row_number() OVER (ORDER BY id) AS n"
	       " FROM print_piece WHERE batch_id = $2) c ON c.ticket_id = t.id"
	       " WHERE" PICK_WHERE " AND ($3 = 0 OR c.n BETWEEN $3 AND $4) ORDER BY c.n",
};
static const Stmt GIVE = {
	.name = "licence.pool_give",
	.sql =
	    "UPDATE licence SET pool_id = NULL, holder_id = $3, user_id = $4, shown = $5,"
	    " user_group_id = $6"
	    " WHERE id = $1 AND pool_id = $2",
};
static const Stmt SPLIT = {
	.name = "licence.pool_split",
	.sql = "UPDATE licence SET pool_id = $3 WHERE id = $1 AND pool_id = $2",
};
static const Stmt LEAVE = {
	.name = "licence.pool_leave",
	.sql = "UPDATE licence SET pool_id = NULL WHERE id = $1 AND pool_id = $2",
};
static const Stmt EVENT = {
	.name = "pool_event.add",
	.sql = "INSERT INTO pool_event (licence_id, kind, from_id, to_id, user_id, "
	       "by_user_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
};
static const Stmt CAME_FROM = {
	.name = "pool_event.came_from",
	.sql = "SELECT l.id, e.from_id, l.holder_id, l.product_id, t.state FROM ticket t"
	       " JOIN licence l ON l.id = t.licence_id"
	       " LEFT JOIN pool_event e ON e.id = (SELECT max(x.id) FROM pool_event x"
	       " WHERE x.licence_id = l.id AND x.kind = 'assigned')"
	       " WHERE t.id = $1",
};
static const Stmt TAKE_BACK = {
	.name = "licence.take_back",
	.sql =
	    "UPDATE licence SET pool_id = $3, holder_id = NULL, user_id = NULL, shown = "
	    "0,"
	    " user_group_id = NULL"
	    " WHERE id = $1 AND holder_id = $2 AND EXISTS (SELECT 1 FROM ticket t WHERE"
	    " t.licence_id = licence.id AND t.state IN ('issued', 'confirmed_returned'))",
};
static const Stmt POOL_OF = {
	.name = "licence.pool_of_ticket",
	.sql = "SELECT coalesce(l.pool_id, 0) FROM ticket t JOIN licence l ON"
	       " l.id = t.licence_id WHERE t.id = $1",
};

static const Stmt EXPIRED = {
	.name = "licence.pool_expired",
	.sql =
	    "SELECT " PICK_COLS ", l.pool_id" PICK_FROM " JOIN pool_level v ON v.party_id"
	    " = l.pool_id AND v.product_id = l.product_id WHERE l.pool_id IS NOT NULL"
	    " AND v.keep_days > 0 AND t.state IN ('issued', 'confirmed_returned')"
	    " AND l.created_at + v.keep_days * 86400000000 < $1 ORDER BY l.id LIMIT $2",
};

/* A ticket that was picked. */
typedef struct Picked {
	int64_t licence_id;
	int64_t ticket_id;
	int64_t product_id;
	int64_t party_id;
	int64_t line_id;
	int64_t quantity;
} Picked;

bool
pool_of_ticket(Db *db, int64_t ticket_id, int64_t *ret_id, GError **error)
{
	int found = db_find_int(db, &POOL_OF, DB_ARGS(v_int(ticket_id)), ret_id, error);

	return found == 1 ||
	       (found == 0 && err_set(error, TP_ERROR_NOT_FOUND,
				  "there is no ticket %" G_GINT64_FORMAT, ticket_id));
}

static DbRows *
query_pick(Db *db, const PoolPick *pick, GError **error)
{
	DbValue pool = v_int(pick->pool_id);

	if (pick->ticket_id != 0)
		return db_query(
		    db, &CHOSEN, DB_ARGS(pool, v_int(pick->ticket_id)), error);
	if (pick->batch_id != 0)
		return db_query(db, &OF_BATCH,
		    DB_ARGS(pool, v_int(pick->batch_id), v_int(pick->first),
			v_int(pick->last)),
		    error);
	return db_query(db, &OLDEST,
	    DB_ARGS(pool, v_int(pick->product->id), v_int(pick->count)), error);
}

/* Nothing is given when not all of it is there. */
static bool
check_enough(const PoolPick *pick, guint n, GError **error)
{
	guint wanted = pick->ticket_id != 0 ? 1
		       : pick->batch_id != 0 && pick->first > 0
			   ? (guint)(pick->last - pick->first + 1)
		       : pick->batch_id != 0 ? 1
					     : (guint)pick->count;

	if (n >= wanted)
		return true;
	if (pick->ticket_id != 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " is not in this pool any more",
		    pick->ticket_id);
	if (pick->batch_id != 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "of these cards of batch %" G_GINT64_FORMAT
		    " the pool has %u, not %u",
		    pick->batch_id, n, wanted);
	return err_set(error, TP_ERROR_CONFLICT, "the pool has %u of '%s', not %u", n,
	    pick->product->sku, wanted);
}

static GArray *
pick_tickets(DbTx *tx, const PoolPick *pick, GError **error)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Picked));
	g_autoptr(DbRows) rows = NULL;
	int64_t locked;
	int more;

	if (pick->ticket_id == 0 && pick->batch_id == 0 && pick->count < 1) {
		err_set(error, TP_ERROR_INVALID, "how many? at least one");
		return NULL;
	}
	if (db_find_int(tx->db, &LOCK, DB_ARGS(v_int(pick->pool_id)), &locked, error) !=
	    1)
		return NULL;
	FAULT("pool.locked");
	rows = query_pick(tx->db, pick, error);
	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		Picked one = { db_col_int(rows, 0), db_col_int(rows, 1),
			db_col_int(rows, 2), db_col_int(rows, 3), db_col_int(rows, 4),
			db_col_int(rows, 5) };

		g_array_append_val(list, one);
	}
	if (more < 0 || !check_enough(pick, list->len, error))
		return NULL;
	return g_steal_pointer(&list);
}

/* May the actor do this with products of this pool?  Each product is asked once. */
static bool
check_right(DbTx *tx, int64_t actor, int64_t pool_id, int64_t product_id,
    RightAction action, GError **error)
{
	g_autofree char *who = NULL;
	g_autoptr(Rights) rights = order_rights_of(tx->db, pool_id, actor, &who, error);
	g_autoptr(Product) product = NULL;
	g_autoptr(GPtrArray) faults = use_faults_new();
	RightsUse use = { .action = action, .who = who };

	if (rights == NULL)
		return false;
	product = product_get(tx->db, product_id, error);
	if (product == NULL)
		return false;
	use.product = product;
	return rights_use(rights, &use, faults, NULL, NULL) ||
	       err_set(error, TP_ERROR_DENIED, "%s",
		   ((UseFault *)g_ptr_array_index(faults, 0))->text);
}

static bool
check_rights(DbTx *tx, int64_t actor, int64_t pool_id, const GArray *picked,
    RightAction action, GError **error)
{
	int64_t before = 0;

	for (guint i = 0; i < picked->len; i++) {
		int64_t product_id = g_array_index(picked, Picked, i).product_id;

		if (product_id != before &&
		    !check_right(tx, actor, pool_id, product_id, action, error))
			return false;
		before = product_id;
	}
	return true;
}

static bool
add_event(DbTx *tx, int64_t licence_id, const char *kind, int64_t from, int64_t to,
    int64_t user_id, int64_t actor, GError **error)
{
	return db_exec(tx->db, &EVENT,
	    DB_ARGS(v_int(licence_id), v_text(kind), v_id(from), v_id(to), v_id(user_id),
		v_id(actor), v_int(clock_now_at())),
	    NULL, error);
}

/* Runs `stmt` with ($1 licence, $2 pool, ...): 0 rows means that somebody was faster. */
static bool
take(DbTx *tx, const Stmt *stmt, const Picked *one, const DbValue *args, size_t n,
    GError **error)
{
	int64_t changed;

	return db_exec(tx->db, stmt, args, n, &changed, error) &&
	       (changed == 1 ||
		   err_set(error, TP_ERROR_CONFLICT,
		       "ticket %" G_GINT64_FORMAT " was given away meanwhile",
		       one->ticket_id));
}

/* ---- to a customer ---- */

static bool
check_holder(Db *db, const PoolPick *pick, const PoolGoal *goal, GError **error)
{
	g_autoptr(Party) holder = party_get(db, goal->holder_id, error);
	bool below;

	if (holder == NULL ||
	    !party_is_at_or_below(db, holder->id, pick->pool_id, &below, error))
		return false;
	if (strcmp(holder->kind, "customer") != 0 || !below)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is no customer of this pool's party", holder->code);
	if (goal->group_id != 0) {
		int64_t party_id;

		if (!user_group_party(db, goal->group_id, &party_id, error))
			return false;
		if (party_id != holder->id)
			return err_set(error, TP_ERROR_INVALID,
			    "the group is not one of '%s'", holder->code);
	}
	if (goal->user_id != 0) {
		g_autoptr(User) user = user_get(db, goal->user_id, error);

		if (user == NULL)
			return false;
		if (user->party_id != holder->id)
			return err_set(error, TP_ERROR_INVALID, "'%s' is no user of '%s'",
			    user->email, holder->code);
	}
	return true;
}

static bool
check_limit(DbTx *tx, const Picked *one, int64_t holder_id, GError **error)
{
	g_autoptr(Product) product = product_get(tx->db, one->product_id, error);
	g_autoptr(Party) holder =
	    product != NULL ? party_get(tx->db, holder_id, error) : NULL;
	g_autofree char *text = NULL;
	int room;

	if (holder == NULL ||
	    (holder->consumer && !product_suits_consumer(product, error)))
		return false;
	room = customer_limit(
	    tx, product, holder->email, holder->id, one->quantity, &text, error);
	return room == 1 || (room == 0 && err_set(error, TP_ERROR_DENIED, "%s", text));
}

static bool
give(DbTx *tx, int64_t actor, const PoolPick *pick, const PoolGoal *goal,
    const Picked *one, Day today, GError **error)
{
	return check_limit(tx, one, goal->holder_id, error) &&
	       take(tx, &GIVE, one,
		   DB_ARGS(v_int(one->licence_id), v_int(pick->pool_id),
		       v_int(goal->holder_id), v_id(goal->user_id), v_int(goal->shown),
		       v_id(goal->group_id)),
		   error) &&
	       pool_start(tx, one->licence_id, today, error) &&
	       add_event(tx, one->licence_id, "assigned", pick->pool_id, goal->holder_id,
		   goal->user_id, actor, error) &&
	       audit_add(tx, AUDIT_ASSIGNED, "ticket", one->ticket_id, NULL, error);
}

bool
pool_assign(DbTx *tx, int64_t actor, const PoolPick *pick, const PoolGoal *goal,
    GTimeZone *zone, GArray *ret_tickets, GError **error)
{
	g_autoptr(GArray) picked = pick_tickets(tx, pick, error);

	if (picked == NULL || !check_holder(tx->db, pick, goal, error) ||
	    !check_rights(tx, actor, pick->pool_id, picked, RIGHT_CREATE, error))
		return false;
	for (guint i = 0; i < picked->len; i++) {
		const Picked *one = &g_array_index(picked, Picked, i);

		if (!give(tx, actor, pick, goal, one, day_today(zone), error))
			return false;
		g_array_append_val(ret_tickets, one->ticket_id);
	}
	return true;
}

/* ---- to a pool below, or back ---- */

bool
pool_split(DbTx *tx, int64_t actor, const PoolPick *pick, int64_t to_id,
    GArray *ret_tickets, GError **error)
{
	g_autoptr(Party) to = party_get(tx->db, to_id, error);
	g_autoptr(GArray) picked = NULL;
	bool below;

	if (to == NULL ||
	    !party_is_at_or_below(tx->db, to_id, pick->pool_id, &below, error))
		return false;
	if (strcmp(to->kind, "reseller") != 0 || !below || to_id == pick->pool_id)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is no reseller below this pool's party", to->code);
	picked = pick_tickets(tx, pick, error);
	/* Both ends: who gives, and who could not have ordered it. */
	if (picked == NULL ||
	    !check_rights(tx, actor, pick->pool_id, picked, RIGHT_CREATE, error) ||
	    !check_rights(tx, 0, to_id, picked, RIGHT_CREATE, error))
		return false;
	for (guint i = 0; i < picked->len; i++) {
		const Picked *one = &g_array_index(picked, Picked, i);

		if (!take(tx, &SPLIT, one,
			DB_ARGS(
			    v_int(one->licence_id), v_int(pick->pool_id), v_int(to_id)),
			error) ||
		    !add_event(tx, one->licence_id, "split", pick->pool_id, to_id, 0,
			actor, error) ||
		    !audit_add(tx, AUDIT_SPLIT, "ticket", one->ticket_id, NULL, error))
			return false;
		g_array_append_val(ret_tickets, one->ticket_id);
	}
	return true;
}

static bool
give_back(DbTx *tx, int64_t actor, const PoolPick *pick, const Party *above,
    const SubscriptionPolicy *policy, const char *reason, const Picked *one,
    GError **error)
{
	bool vendor = above->parent_id == 0;
	Reversal how = { .day = day_today(policy->issue->zone),
		.mode = CREDIT_FULL,
		.reason = reason != NULL ? reason : "returned unused" };
	Money back;

	/* A pool above, unless the licence was never that party's. */
	if (!vendor)
		return take(tx, &SPLIT, one,
			   DB_ARGS(v_int(one->licence_id), v_int(pick->pool_id),
			       v_int(above->id)),
			   error) &&
		       add_event(tx, one->licence_id, "returned", pick->pool_id,
			   above->id, 0, actor, error);
	return take(tx, &LEAVE, one,
		   DB_ARGS(v_int(one->licence_id), v_int(pick->pool_id)), error) &&
	       add_event(
		   tx, one->licence_id, "returned", pick->pool_id, 0, 0, actor, error) &&
	       licence_reverse(tx, policy, one->licence_id, &how, &back, error);
}

bool
pool_return(DbTx *tx, int64_t actor, const PoolPick *pick,
    const SubscriptionPolicy *policy, const char *reason, GArray *ret_tickets,
    GError **error)
{
	g_autoptr(GArray) picked = pick_tickets(tx, pick, error);
	g_autoptr(Party) party =
	    picked != NULL ? party_get(tx->db, pick->pool_id, error) : NULL;
	g_autoptr(Party) above =
	    party != NULL ? party_get(tx->db, party->parent_id, error) : NULL;

	if (above == NULL ||
	    !check_rights(tx, actor, pick->pool_id, picked, RIGHT_CREATE, error))
		return false;
	for (guint i = 0; i < picked->len; i++) {
		const Picked *one = &g_array_index(picked, Picked, i);

		if (!give_back(tx, actor, pick, above, policy, reason, one, error) ||
		    !audit_add(
			tx, AUDIT_POOL_RETURNED, "ticket", one->ticket_id, reason, error))
			return false;
		g_array_append_val(ret_tickets, one->ticket_id);
	}
	return true;
}

bool
pool_unassign(DbTx *tx, int64_t actor, int64_t ticket_id, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &CAME_FROM, DB_ARGS(v_int(ticket_id)), error);
	g_autofree char *state = NULL;
	int64_t licence_id = 0;
	int64_t pool_id = 0;
	int64_t holder_id = 0;
	int64_t product_id = 0;
	int64_t changed;
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 1) {
		licence_id = db_col_int(rows, 0);
		pool_id = db_col_int(rows, 1);
		holder_id = db_col_int(rows, 2);
		product_id = db_col_int(rows, 3);
		state = g_strdup(db_col_text(rows, 4));
	}
	g_clear_pointer(&rows, db_rows_done);
	if (more < 0)
		return false;
	if (more == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no ticket %" G_GINT64_FORMAT, ticket_id);
	if (pool_id == 0 || holder_id == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " was not assigned from a pool",
		    ticket_id);
	if (!check_right(tx, actor, pool_id, product_id, RIGHT_CREATE, error) ||
	    !db_exec(tx->db, &TAKE_BACK,
		DB_ARGS(v_int(licence_id), v_int(holder_id), v_int(pool_id)), &changed,
		error))
		return false;
	if (changed == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " is %s: it has to be returned first",
		    ticket_id, state);
	return add_event(
		   tx, licence_id, "unassigned", holder_id, pool_id, 0, actor, error) &&
	       audit_add(tx, AUDIT_UNASSIGNED, "ticket", ticket_id, NULL, error);
}

/* ---- by themselves ---- */

typedef struct Expired {
	Picked one;
	int64_t pool_id;
} Expired;

static bool
expire(DbTx *tx, const SubscriptionPolicy *policy, const Expired *gone, GError **error)
{
	Reversal how = { .day = day_today(policy->issue->zone),
		.mode = CREDIT_NONE,
		.reason = "expired in its pool" };
	int64_t licence_id = gone->one.licence_id;
	int64_t changed;
	Money back;

	if (!db_exec(tx->db, &LEAVE, DB_ARGS(v_int(licence_id), v_int(gone->pool_id)),
		&changed, error))
		return false;
	/* It was assigned a moment ago. */
	if (changed == 0)
		return true;
	return add_event(tx, licence_id, "expired", gone->pool_id, 0, 0, 0, error) &&
	       licence_reverse(tx, policy, licence_id, &how, &back, error);
}

bool
pool_expire_turn(
    DbTx *tx, const SubscriptionPolicy *policy, int max, int *ret_n, GError **error)
{
	g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(Expired));
	g_autoptr(DbRows) rows =
	    db_query(tx->db, &EXPIRED, DB_ARGS(v_int(clock_now_at()), v_int(max)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		Expired one = { .one = { .licence_id = db_col_int(rows, 0),
				    .ticket_id = db_col_int(rows, 1) },
			.pool_id = db_col_int(rows, 6) };

		g_array_append_val(gone, one);
	}
	if (more < 0)
		return false;
	g_clear_pointer(&rows, db_rows_done);
	for (guint i = 0; i < gone->len; i++)
		if (!expire(tx, policy, &g_array_index(gone, Expired, i), error))
			return false;
	*ret_n = (int)gone->len;
	return true;
}
