/*
 * cmd_pool.c - tickets of a pool, given, split, returned.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/pool.h"
#include "fulfill/domain/pool_level.h"
#include "fulfill/domain/rights_admin.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"
#include "fulfill/work/subscription_chore.h"
#include "queue/limits.h"

static char *opt_to;
static char *opt_pool;
static char *opt_product;
static char *opt_cards;
static int opt_count = 1;
static int opt_batch;
static int opt_at;
static int opt_keep;
static char *opt_group;
static gboolean opt_shown;
static gboolean opt_hidden;

#define PICK_OPTIONS                                                                     \
	{ "pool", 0, 0, G_OPTION_ARG_STRING, &opt_pool,                                  \
		"whose pool (default: that of the user of --as)", "PARTY" },             \
	    { "product", 0, 0, G_OPTION_ARG_STRING, &opt_product,                        \
		    "the oldest of this product", "SKU" },                               \
	    { "count", 0, 0, G_OPTION_ARG_INT, &opt_count, "so many of it (default: 1)", \
		    "N" },                                                               \
	    { "batch", 0, 0, G_OPTION_ARG_INT, &opt_batch,                               \
		    "those on the cards of this print batch", "BATCH" },                 \
	{                                                                                \
		"cards", 0, 0, G_OPTION_ARG_STRING, &opt_cards,                          \
		    "of the batch: cards A to B, counted from 1", "A-B"                  \
	}

const GOptionEntry opt_ticket_assign[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to,
	    "a customer, a user's address, or a reseller below", "WHOM" },
	{ "group", 0, 0, G_OPTION_ARG_STRING, &opt_group,
	    "to a group of the customer's users", "NAME" },
	PICK_OPTIONS,
	{ "shown", 0, 0, G_OPTION_ARG_NONE, &opt_shown,
	    "the group, or all users of the customer, see it", NULL },
	{ "hidden", 0, 0, G_OPTION_ARG_NONE, &opt_hidden,
	    "only its admins see it (the default for customers and groups)", NULL },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_pool_split[] = {
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "a reseller below", "PARTY" },
	PICK_OPTIONS,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_pool_return[] = {
	PICK_OPTIONS,
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_pool_list[] = {
	{ "pool", 0, 0, G_OPTION_ARG_STRING, &opt_pool, "of this party", "PARTY" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_pool_level[] = {
	{ "pool", 0, 0, G_OPTION_ARG_STRING, &opt_pool, "whose pool", "PARTY" },
	{ "product", 0, 0, G_OPTION_ARG_STRING, &opt_product, "of this product", "SKU" },
	{ "at", 0, 0, G_OPTION_ARG_INT, &opt_at,
	    "told when fewer are left (default: never)", "N" },
	{ "keep", 0, 0, G_OPTION_ARG_INT, &opt_keep,
	    "unused ones expire after so many days (default: never)", "DAYS" },
	ACTING_OPTION,
	{ 0 },
};

/* ---- what is asked for ---- */

/* "11-20", or "7" for one. */
static bool
read_cards(PoolPick *pick, GError **error)
{
	char *end;

	if (opt_cards == NULL)
		return true;
	pick->first = pick->last = (int)g_ascii_strtoll(opt_cards, &end, 10);
	if (*end == '-')
		pick->last = (int)g_ascii_strtoll(end + 1, &end, 10);
	return (*end == '\0' && pick->first > 0 && pick->last >= pick->first) ||
	       err_set(error, TP_ERROR_INVALID, "--cards: '%s' is not of the form 11-20",
		   opt_cards);
}

static bool
read_pool(const Cmd *cmd, int64_t actor, int64_t *ret, GError **error)
{
	g_autoptr(Party) party = NULL;
	g_autoptr(User) user = NULL;

	if (opt_pool != NULL) {
		party = party_resolve(cmd->work->db, opt_pool, error);
		*ret = party != NULL ? party->id : 0;
		return party != NULL;
	}
	if (actor == 0)
		return err_set(error, TP_ERROR_INVALID, "say whose with --pool");
	user = user_get(cmd->work->db, actor, error);
	*ret = user != NULL ? user->party_id : 0;
	return user != NULL;
}

/* A ticket by code or number, or the options.  *ret_product keeps what pick refers to. */
static bool
read_pick(
    const Cmd *cmd, int64_t actor, PoolPick *ret, Product **ret_product, GError **error)
{
	*ret = (PoolPick){ .batch_id = opt_batch, .count = opt_count };
	if (cmd->n_args > 0)
		return ticket_resolve(cmd->work->db, cmd->work->vault, cmd->args[0],
			   &ret->ticket_id, error) &&
		       pool_of_ticket(
			   cmd->work->db, ret->ticket_id, &ret->pool_id, error);
	if (!read_pool(cmd, actor, &ret->pool_id, error) || !read_cards(ret, error))
		return false;
	if (opt_batch != 0)
		return true;
	if (opt_product == NULL)
		return err_set(
		    error, TP_ERROR_INVALID, "say which: a ticket, --product or --batch");
	if (product_find(cmd->work->db, opt_product, ret_product, error) != 1)
		return *error != NULL ? false
				      : err_set(error, TP_ERROR_NOT_FOUND,
					    "there is no product '%s'", opt_product);
	ret->product = *ret_product;
	return true;
}

typedef struct Goal {
	int64_t party_id;
	int64_t user_id;
	int64_t group_id;
	bool reseller;
} Goal;

/* --group alone: one of whoever holds the ticket. */
static bool
read_group(const Cmd *cmd, int64_t ticket_id, Goal *ret, GError **error)
{
	g_autoptr(Ticket) ticket = ticket_get(cmd->work->db, ticket_id, error);

	if (ticket == NULL)
		return false;
	if (ticket->holder_id == 0)
		return err_set(error, TP_ERROR_INVALID,
		    "say whose group it is: --to CUSTOMER --group '%s'", opt_group);
	*ret = (Goal){ .party_id = ticket->holder_id };
	return user_group_resolve(
	    cmd->work->db, ticket->holder_id, opt_group, &ret->group_id, error);
}

static bool
read_goal(const Cmd *cmd, int64_t ticket_id, Goal *ret, GError **error)
{
	g_autoptr(User) user = NULL;
	g_autoptr(Party) party = NULL;

	if (opt_to == NULL && opt_group != NULL && ticket_id != 0)
		return read_group(cmd, ticket_id, ret, error);
	if (opt_to == NULL)
		return err_set(error, TP_ERROR_INVALID, "say to whom with --to");
	if (strchr(opt_to, '@') != NULL) {
		user = user_resolve(cmd->work->db, opt_to, error);
		if (user == NULL)
			return false;
		if (opt_group != NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "to a user or to a group, not to both");
		*ret = (Goal){ .party_id = user->party_id, .user_id = user->id };
		return true;
	}
	party = party_resolve(cmd->work->db, opt_to, error);
	if (party == NULL)
		return false;
	*ret = (Goal){ .party_id = party->id,
		.reseller = strcmp(party->kind, "reseller") == 0 };
	return opt_group == NULL || user_group_resolve(cmd->work->db, party->id,
					opt_group, &ret->group_id, error);
}

/* ---- what became of it ---- */

static bool
print_tickets(const Cmd *cmd, const GArray *ids, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", true },
		{ "TICKET", "masked", false },
		{ "PRODUCT", "product", false },
		{ "STATE", "state", false },
		{ "LAST DAY", "last_day", false },
		{ "HOLDER", "holder", false },
		{ NULL, NULL, false },
	};
	json_t *list = json_array();

	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(Ticket) t =
		    ticket_get(cmd->work->db, g_array_index(ids, int64_t, i), error);

		if (t == NULL) {
			json_decref(list);
			return false;
		}
		json_array_append_new(list,
		    json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "id", t->id, "masked",
			t->masked, "product", t->sku, "state", t->state, "last_day",
			json_text(t->last_day), "holder", json_text(t->holder)));
	}
	table_print(cmd, json_pack("{s:o}", "tickets", list), "tickets", columns);
	return true;
}

static bool
assign(const Cmd *cmd, DbTx *tx, int64_t actor, const PoolPick *pick, const Goal *goal,
    GArray *ids, GError **error)
{
	PoolGoal to = { .holder_id = goal->party_id,
		.user_id = goal->user_id,
		.group_id = goal->group_id,
		.shown = opt_shown };
	TicketTo whom = {
		.user_id = goal->user_id, .group_id = goal->group_id, .shown = opt_shown
	};

	if (goal->reseller)
		return pool_split(tx, actor, pick, goal->party_id, ids, error);
	if (pick->pool_id != 0)
		return pool_assign(tx, actor, pick, &to, cmd->work->zone, ids, error);
	/* It has a holder already: among that holder's people. */
	if (!ticket_give(tx, actor, pick->ticket_id, &whom, error))
		return false;
	g_array_append_val(ids, pick->ticket_id);
	return true;
}

int
cmd_ticket_assign(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Product) product = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	PoolPick pick;
	Goal goal;
	int64_t actor;

	if (!acting_user(cmd, &actor, error) ||
	    !read_pick(cmd, actor, &pick, &product, error))
		return -1;
	/* --shown or --hidden alone: who has it stays. */
	if (opt_to == NULL && opt_group == NULL && pick.ticket_id != 0 &&
	    (opt_shown || opt_hidden)) {
		if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
		    !ticket_show(&tx, actor, pick.ticket_id, opt_shown, error) ||
		    !db_commit(&tx, error))
			return -1;
		return EX_OK;
	}
	if (!read_goal(cmd, pick.ticket_id, &goal, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !assign(cmd, &tx, actor, &pick, &goal, ids, error) ||
	    !db_commit(&tx, error) || !print_tickets(cmd, ids, error))
		return -1;
	return EX_OK;
}

int
cmd_ticket_unassign(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t actor;
	int64_t id;
	TicketTo whom;
	const TicketTo nobody = { 0 };

	if (!acting_user(cmd, &actor, error) ||
	    !ticket_resolve(cmd->work->db, cmd->work->vault, cmd->args[0], &id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !ticket_whom(tx.db, id, &whom, error))
		return -1;
	/* From a person to their company first, from there to the pool. */
	if (!(whom.user_id != 0 || whom.group_id != 0
		    ? ticket_give(&tx, actor, id, &nobody, error)
		    : pool_unassign(&tx, actor, id, error)) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

int
cmd_pool_split(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Product) product = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	PoolPick pick;
	Goal goal;
	int64_t actor;

	if (!acting_user(cmd, &actor, error) ||
	    !read_pick(cmd, actor, &pick, &product, error) ||
	    !read_goal(cmd, 0, &goal, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !pool_split(&tx, actor, &pick, goal.party_id, ids, error) ||
	    !db_commit(&tx, error) || !print_tickets(cmd, ids, error))
		return -1;
	return EX_OK;
}

int
cmd_pool_return(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Product) product = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	SubscriptionPolicy policy;
	PoolPick pick;
	int64_t actor;

	if (!acting_user(cmd, &actor, error) ||
	    !read_pick(cmd, actor, &pick, &product, error) ||
	    !subscription_policy(cmd->work, &policy, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !pool_return(&tx, actor, &pick, &policy, cmd_reason, ids, error) ||
	    !db_commit(&tx, error) || !print_tickets(cmd, ids, error))
		return -1;
	return EX_OK;
}

typedef struct Pools {
	json_t *list;
	const Scope *scope;
} Pools;

static void
add_row(void *user, const PoolRow *row)
{
	const Pools *pools = user;

	if (!scope_has_code(pools->scope, row->party, row->sku))
		return;
	json_array_append_new(pools->list,
	    json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "pool", row->party,
		"product", row->sku, "left", row->left, "assigned", row->assigned,
		"returned", row->returned, "expired", row->expired, "reorder_at",
		row->reorder_at, "keep_days", row->keep_days, "low",
		row->left < row->reorder_at));
}

int
cmd_pool_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "POOL", "pool", false },
		{ "PRODUCT", "product", false },
		{ "LEFT", "left", true },
		{ "ASSIGNED", "assigned", true },
		{ "RETURNED", "returned", true },
		{ "EXPIRED", "expired", true },
		{ "REORDER AT", "reorder_at", true },
		{ "KEEP DAYS", "keep_days", true },
		{ "LOW", "low", false },
		{ NULL, NULL, false },
	};
	g_autoptr(Party) party = NULL;
	g_autoptr(Scope) scope = NULL;
	Pools pools = { 0 };

	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error) ||
	    (opt_pool != NULL &&
		(party = party_resolve(cmd->work->db, opt_pool, error)) == NULL))
		return -1;
	pools = (Pools){ .list = json_array(), .scope = scope };
	return table_print_list(cmd,
	    pool_list(
		cmd->work->db, party != NULL ? party->id : 0, add_row, &pools, error),
	    pools.list, "pools", columns);
}

int
cmd_pool_level(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Product) product = NULL;
	g_autoptr(Scope) scope = NULL;
	int64_t actor;
	int64_t pool;

	if (opt_product == NULL || opt_at < 0 || opt_keep < 0 ||
	    opt_keep > LIMIT_TERM_DAYS) {
		err_set(error, TP_ERROR_INVALID,
		    "say of what with --product, and when with --at or --keep");
		return -1;
	}
	if (!acting_user(cmd, &actor, error) || !read_pool(cmd, actor, &pool, error))
		return -1;
	if (product_find(cmd->work->db, opt_product, &product, error) != 1) {
		if (*error == NULL)
			err_set(error, TP_ERROR_NOT_FOUND, "there is no product '%s'",
			    opt_product);
		return -1;
	}
	if (actor != 0 &&
	    (scope = scope_of(cmd->work->db, actor, RIGHT_MODIFY, error)) == NULL)
		return -1;
	if (!scope_has(scope, pool, product->id)) {
		err_set(error, TP_ERROR_DENIED,
		    "'%s' has no right to modify '%s' in this pool", acting_as,
		    opt_product);
		return -1;
	}
	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !pool_level_set(&tx, pool, product->id, opt_at, opt_keep, error) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}
