/*
 * order_rights.c - rights and per-customer limits of a draft.
 */
#include "fulfill/domain/order_rights.h"

#include <string.h>

#include "fulfill/domain/customer_limit.h"
#include "fulfill/domain/order_options.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/user.h"
#include "queue/clock.h"

static const Stmt PRODUCTS_OF = {
	.name = "order_line.products",
	.sql = "SELECT DISTINCT l.product_id, o.party_id FROM order_line l"
	       " JOIN orders o ON o.id = l.order_id"
	       " WHERE l.order_id = $1 AND ($2 = '' OR l.line = $2)",
};

/* Those who stand behind an order. */
typedef struct Hands {
	GPtrArray *party; /* RightsLevel *, to the party that orders */
	GPtrArray *user;  /* to the user; NULL: there is none */
	Rights *rights;   /* what all of them permit */
	char *who;        /* for the texts */
} Hands;

static void
hands_done(Hands *hands)
{
	g_clear_pointer(&hands->party, g_ptr_array_unref);
	g_clear_pointer(&hands->user, g_ptr_array_unref);
	g_clear_pointer(&hands->rights, rights_free);
	g_clear_pointer(&hands->who, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hands, hands_done)

static bool
load_hands(Db *db, int64_t party_id, int64_t user_id, Hands *ret, GError **error)
{
	g_autoptr(User) user = NULL;
	const RightsLevel *last;
	bool below;

	ret->party = rights_levels(db, (RightsWho){ .party_id = party_id }, error);
	if (ret->party == NULL)
		return false;
	last = g_ptr_array_index(ret->party, ret->party->len - 1);
	ret->who = g_strdup(last->name);
	if (user_id == 0) {
		ret->rights = rights_copy(last->rights);
		return true;
	}
	user = user_get(db, user_id, error);
	if (user == NULL)
		return false;
	if (!party_is_at_or_below(db, party_id, user->party_id, &below, error))
		return false;
	if (!below)
		return err_set(error, TP_ERROR_DENIED, "'%s' acts for '%s', not for '%s'",
		    user->email, user->party, last->name);
	ret->user = rights_levels(db, (RightsWho){ .user_id = user_id }, error);
	if (ret->user == NULL)
		return false;
	ret->rights = rights_meet(last->rights, rights_levels_last(ret->user));
	g_free(ret->who);
	ret->who = g_strdup(user->email);
	return true;
}

Rights *
order_rights_of(Db *db, int64_t party_id, int64_t user_id, char **ret_who, GError **error)
{
	g_auto(Hands) hands = { 0 };

	if (!load_hands(db, party_id, user_id, &hands, error))
		return NULL;
	if (ret_who != NULL)
		*ret_who = g_steal_pointer(&hands.who);
	return g_steal_pointer(&hands.rights);
}

/* 1: fine.  0: the draft says why not.  -1: the store failed. */
static int
hands_or_fault(Db *db, OrderDraft *draft, int64_t party_id, int64_t user_id, Hands *ret,
    GError **error)
{
	g_autoptr(GError) wrong = NULL;

	if (load_hands(db, party_id, user_id, ret, &wrong))
		return 1;
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_DENIED) &&
	    !g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	order_draft_error(draft, E_RIGHT, NULL, "party", "%s", wrong->message);
	return 0;
}

static void
add_faults(OrderDraft *draft, const char *line, const GPtrArray *faults)
{
	for (guint i = 0; i < faults->len; i++) {
		const UseFault *fault = g_ptr_array_index(faults, i);
		bool start = strcmp(fault->field, "options." OPTION_START) == 0;

		order_draft_error(draft, fault->code, line, fault->field, "%s%s",
		    fault->text, start ? " days from today" : "");
	}
}

static RightChannel
channel_of(OrderBy by)
{
	static const RightChannel channels[] = {
		[ORDER_BY_UNSET] = RIGHT_NO_CHANNEL,
		[ORDER_BY_EMAIL] = RIGHT_EMAIL,
		[ORDER_BY_POST] = RIGHT_POST,
		[ORDER_BY_PORTAL] = RIGHT_PORTAL,
	};

	return channels[by];
}

/* Quotas count what the lines before ask for, too. */
static bool
check_quota(DbTx *tx, OrderDraft *draft, const OrderLine *line, const Hands *hands,
    RightsQuotas *quotas, const char *group, GHashTable *asked, GError **error)
{
	int64_t before = (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(asked, group));
	int64_t more = before + line->quantity;
	g_autofree char *text = NULL;
	int room = rights_quota(tx, quotas, hands->party, group, more, &text, error);

	if (room == 1 && hands->user != NULL)
		room = rights_quota(tx, quotas, hands->user, group, more, &text, error);
	if (room == 0)
		order_draft_error(draft, E_RIGHT, line->line, "quantity", "%s", text);
	g_hash_table_insert(
	    asked, (gpointer)(uintptr_t)group, GSIZE_TO_POINTER((gsize)more));
	return room >= 0;
}

static bool
check_line(DbTx *tx, OrderDraft *draft, const OrderLine *line, const Product *product,
    const Hands *hands, const OrderPolicy *policy, Checked *checked, Day today,
    GHashTable *asked, GError **error)
{
	g_autoptr(GPtrArray) faults = use_faults_new();
	json_t *options = order_options_asked(draft, line, today);
	RightsUse use = { .action = RIGHT_CREATE,
		.who = hands->who,
		.product = product,
		.channel = channel_of(checked->by),
		.options = options,
		.quantity = line->quantity };
	const char *group = NULL;
	Ranges *offer = NULL;
	bool may = rights_use(hands->rights, &use, faults, &group, &offer);

	json_decref(options);
	add_faults(draft, line->line, faults);
	g_ptr_array_add(checked->offers, offer);
	return !may || (check_quota(tx, draft, line, hands, policy->quotas, group, asked,
			    error) &&
			   customer_limit_draft(
			       tx, draft, line, product, checked->customer, error));
}

static void
offer_free(gpointer offer)
{
	ranges_free(offer);
}

bool
order_rights_check(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    Checked *checked, GError **error)
{
	g_auto(Hands) hands = { 0 };
	g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
	Day today = day_of(
	    policy->today_at != 0 ? policy->today_at : clock_now_at(), policy->zone);
	int fine = hands_or_fault(
	    tx->db, draft, checked->party->id, policy->user_id, &hands, error);

	checked->offers = g_ptr_array_new_with_free_func(offer_free);
	if (fine <= 0)
		return fine == 0;
	for (guint i = 0; i < draft->lines->len; i++) {
		const Product *product = g_ptr_array_index(checked->products, i);

		if (product == NULL)
			g_ptr_array_add(checked->offers, NULL);
		else if (!check_line(tx, draft, g_ptr_array_index(draft->lines, i),
			     product, &hands, policy, checked, today, asked, error))
			return false;
	}
	checked->levels = g_steal_pointer(&hands.party);
	checked->user_levels = g_steal_pointer(&hands.user);
	return true;
}

void
order_rights_taken(const OrderPolicy *policy, const Checked *checked,
    const OrderLine *line, const Product *product)
{
	rights_quotas_add(policy->quotas, checked->levels, product, line->quantity);
	/* The levels above the user's own party are counted already. */
	for (guint i = 0; checked->user_levels != NULL && i < checked->user_levels->len;
	     i++) {
		const RightsLevel *level = g_ptr_array_index(checked->user_levels, i);
		g_autoptr(GPtrArray) one = g_ptr_array_new();

		if (level->who.user_id == 0)
			continue;
		g_ptr_array_add(one, (gpointer)(uintptr_t)level);
		rights_quotas_add(policy->quotas, one, product, line->quantity);
	}
}

static bool
may_revoke(Db *db, OrderDraft *draft, const char *line, int64_t party_id,
    int64_t product_id, int64_t user_id, GError **error)
{
	g_auto(Hands) hands = { 0 };
	g_autoptr(Product) product = product_get(db, product_id, error);
	g_autoptr(GPtrArray) faults = use_faults_new();
	RightsUse use = { .action = RIGHT_REVOKE, .product = product };
	int fine;

	if (product == NULL)
		return false;
	fine = hands_or_fault(db, draft, party_id, user_id, &hands, error);
	if (fine <= 0)
		return fine == 0;
	use.who = hands.who;
	if (!rights_use(hands.rights, &use, faults, NULL, NULL))
		add_faults(draft, line, faults);
	return true;
}

bool
order_rights_revoke(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    int64_t order_id, GError **error)
{
	/* A replacement takes away what it does not repeat. */
	bool all = draft->lines->len == 0 || draft->kind == ORDER_REPLACE;

	/* Whoever speaks for the vendor's own systems may withdraw what they ordered. */
	if (policy->user_id == 0)
		return true;
	for (guint i = 0; i < (all ? 1 : draft->lines->len); i++) {
		const OrderLine *line = all ? NULL : g_ptr_array_index(draft->lines, i);
		const char *id = line != NULL ? line->line : NULL;
		g_autoptr(DbRows) rows = db_query(tx->db, &PRODUCTS_OF,
		    DB_ARGS(v_int(order_id), v_text(id != NULL ? id : "")), error);
		int more;

		if (rows == NULL)
			return false;
		while ((more = db_next(rows, error)) == 1)
			if (!may_revoke(tx->db, draft, id, db_col_int(rows, 1),
				db_col_int(rows, 0), policy->user_id, error))
				return false;
		if (more < 0)
			return false;
	}
	return true;
}
