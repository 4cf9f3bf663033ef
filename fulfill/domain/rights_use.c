/*
 * rights_use.c - one group at a time, and the best answer of them.
 */
#include "fulfill/domain/rights_use.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

/* Of one group: no right at all is further away than a wrong channel, and that than a
 * number that is too large. */
typedef enum Distance { GOOD, WRONG_VALUE, WRONG_CHANNEL, NO_RIGHT } Distance;

static const Stmt LOCK_PARTY = {
	.name = "party.lock",
	.sql = "SELECT id FROM party WHERE id = $1",
	.pgsql = "SELECT id FROM party WHERE id = $1 FOR NO KEY UPDATE",
};
static const Stmt LOCK_USER = {
	.name = "user.lock",
	.sql = "SELECT id FROM \"user\" WHERE id = $1",
	.pgsql = "SELECT id FROM \"user\" WHERE id = $1 FOR NO KEY UPDATE",
};
static const Stmt USED_BY_PARTY = {
	.name = "order_line.used_by_party",
	.sql =
	    "WITH RECURSIVE below (id) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT "
	    "p.id FROM party p"
	    " JOIN below b ON p.parent_id = b.id WHERE p.kind <> 'customer')"
	    " SELECT coalesce(sum(l.quantity), 0) FROM below b"
	    " JOIN orders o ON o.party_id = b.id JOIN order_line l ON l.order_id = o.id"
	    " WHERE l.state <> 'cancelled' AND ($2 = '*' OR EXISTS (SELECT 1 FROM"
	    " product_in_group i JOIN product_group g ON g.id = i.group_id"
	    " WHERE i.product_id = l.product_id AND g.code = $2))",
};
static const Stmt USED_BY_USER = {
	.name = "order_line.used_by_user",
	.sql = "WITH RECURSIVE below (id) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT "
	       "u.id FROM \"user\" u"
	       " JOIN below b ON u.made_by = b.id)"
	       " SELECT coalesce(sum(l.quantity), 0) FROM below b"
	       " JOIN orders o ON o.user_id = b.id JOIN order_line l ON l.order_id = o.id"
	       " WHERE l.state <> 'cancelled' AND ($2 = '*' OR EXISTS (SELECT 1 FROM"
	       " product_in_group i JOIN product_group g ON g.id = i.group_id"
	       " WHERE i.product_id = l.product_id AND g.code = $2))",
};

static void
fault_free(gpointer data)
{
	UseFault *fault = data;

	g_free(fault->field);
	g_free(fault->text);
	g_free(fault);
}

GPtrArray *
use_faults_new(void)
{
	return g_ptr_array_new_with_free_func(fault_free);
}

static void add_fault(GPtrArray *faults, OrderErrorCode code, const char *field,
    const char *format, ...) PRINTF(4, 5);

static void
add_fault(
    GPtrArray *faults, OrderErrorCode code, const char *field, const char *format, ...)
{
	UseFault *fault = g_new0(UseFault, 1);
	va_list args;

	va_start(args, format);
	fault->code = code;
	fault->field = g_strdup(field);
	fault->text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(faults, fault);
}

/* A limit on "quantity" counts whether or not the product has such an option. */
static void
check_quantity(const RightsUse *use, const Ranges *hands, GPtrArray *faults)
{
	const Range *range = ranges_find(hands, "quantity");
	g_autofree char *allowed = NULL;

	if (use->quantity == 0 || range == NULL || range_allows(range, use->quantity))
		return;
	allowed = range_format(range);
	add_fault(faults, E_QUANTITY, "quantity",
	    "%" G_GINT64_FORMAT " is outside the allowed range %s", use->quantity,
	    allowed);
}

static void
check_option(const RightsUse *use, const Ranges *offer, const char *name,
    const json_t *value, GPtrArray *faults)
{
	const Range *range = ranges_find(offer, name);
	g_autofree char *field = g_strconcat("options.", name, NULL);
	g_autofree char *allowed = range != NULL ? range_format(range) : NULL;
	g_autofree char *text = NULL;

	if (range == NULL) {
		add_fault(faults, E_OPTION_UNKNOWN, field, "'%s' has no option '%s'",
		    use->product->sku, name);
		return;
	}
	if (range_is_empty(range)) {
		add_fault(faults, E_OPTION_RANGE, field, "'%s' is not offered to '%s'",
		    name, use->who);
		return;
	}
	if (range_is_words(range) != json_is_array(value)) {
		add_fault(faults, E_TYPE, field, "must be %s",
		    range_is_words(range) ? "a list of words" : "a whole number");
		return;
	}
	if (ranges_check(offer, name, value, NULL))
		return;
	text = json_is_integer(value)
		   ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
		   : g_strdup("this");
	add_fault(faults, E_OPTION_RANGE, field, "%s is outside the allowed range %s",
	    text, allowed);
}

static Distance
check_group(const Rights *rights, const RightsUse *use, const ProductGroup *group,
    GPtrArray *faults, Ranges **ret_offer)
{
	const Right *right = rights_find(rights, group->code, use->action);
	g_autoptr(Ranges) hands = NULL;
	g_autoptr(Ranges) offer = NULL;
	const char *name;
	json_t *value;

	if (right == NULL) {
		add_fault(faults, E_RIGHT, "product",
		    "'%s' has no right to %s '%s' (group '%s')", use->who,
		    right_action_name(use->action), use->product->sku, group->code);
		return NO_RIGHT;
	}
	if (((unsigned)use->channel & ~right->channels) != 0) {
		add_fault(faults, E_CHANNEL, "deliver.by",
		    "'%s' has no right to %s '%s' by this channel", use->who,
		    right_action_name(use->action), use->product->sku);
		return WRONG_CHANNEL;
	}
	hands = ranges_meet(group->limits, right->limits);
	offer = ranges_restrict(use->product->offer, hands);
	check_quantity(use, hands, faults);
	json_object_foreach ((json_t *)(uintptr_t)use->options, name, value)
		check_option(use, offer, name, value, faults);
	if (faults->len > 0)
		return WRONG_VALUE;
	*ret_offer = g_steal_pointer(&offer);
	return GOOD;
}

bool
rights_use(const Rights *rights, const RightsUse *use, GPtrArray *faults,
    const char **ret_group, Ranges **ret_offer)
{
	g_autoptr(GPtrArray) best = NULL;
	Distance nearest = NO_RIGHT;

	for (guint i = 0; i < use->product->groups->len; i++) {
		const ProductGroup *group = g_ptr_array_index(use->product->groups, i);
		g_autoptr(GPtrArray) why = use_faults_new();
		g_autoptr(Ranges) offer = NULL;
		Distance distance = check_group(rights, use, group, why, &offer);

		if (distance == GOOD) {
			if (ret_group != NULL)
				*ret_group = group->code;
			if (ret_offer != NULL)
				*ret_offer = g_steal_pointer(&offer);
			return true;
		}
		if (best == NULL || distance < nearest) {
			g_clear_pointer(&best, g_ptr_array_unref);
			best = g_steal_pointer(&why);
			nearest = distance;
		}
	}
	if (faults != NULL && best != NULL)
		g_ptr_array_extend_and_steal(faults, g_steal_pointer(&best));
	return false;
}

bool
rights_may_view(const Rights *rights, const Product *product)
{
	for (guint i = 0; i < product->groups->len; i++) {
		const ProductGroup *group = g_ptr_array_index(product->groups, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++)
			if (a != RIGHT_CREATE_USER &&
			    rights_find(rights, group->code, (RightAction)a) != NULL)
				return true;
	}
	return false;
}

/* ---- quotas ---- */

struct RightsQuotas {
	GHashTable *used; /* "p17/cad" -> int64_t * */
};

RightsQuotas *
rights_quotas_new(void)
{
	RightsQuotas *cache = g_new0(RightsQuotas, 1);

	cache->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return cache;
}

void
rights_quotas_free(RightsQuotas *cache)
{
	if (cache == NULL)
		return;
	g_hash_table_unref(cache->used);
	g_free(cache);
}

void
rights_quotas_clear(RightsQuotas *cache)
{
	if (cache != NULL)
		g_hash_table_remove_all(cache->used);
}

static char *
quota_key(RightsWho who, const char *group)
{
	bool user = who.user_id != 0;

	return g_strdup_printf("%c%" G_GINT64_FORMAT "/%s", user ? 'u' : 'p',
	    user ? who.user_id : who.party_id, group);
}

static void
add_used(RightsQuotas *cache, RightsWho who, const char *group, int64_t quantity)
{
	g_autofree char *key = quota_key(who, group);
	int64_t *used = g_hash_table_lookup(cache->used, key);

	if (used != NULL)
		*used += quantity;
}

void
rights_quotas_add(RightsQuotas *cache, const GPtrArray *levels, const Product *product,
    int64_t quantity)
{
	for (guint i = 0; cache != NULL && levels != NULL && i < levels->len; i++) {
		RightsWho who = ((const RightsLevel *)g_ptr_array_index(levels, i))->who;
		bool any = false;

		for (guint g = 0; g < product->groups->len; g++) {
			const ProductGroup *group = g_ptr_array_index(product->groups, g);

			add_used(cache, who, group->code, quantity);
			any = any || strcmp(group->code, PRODUCT_NO_GROUP) == 0;
		}
		if (!any)
			add_used(cache, who, PRODUCT_NO_GROUP, quantity);
	}
}

static bool
count_used(DbTx *tx, RightsQuotas *cache, RightsWho who, const char *group, int64_t *ret,
    GError **error)
{
	bool user = who.user_id != 0;
	int64_t id = user ? who.user_id : who.party_id;
	g_autofree char *key = quota_key(who, group);
	const int64_t *known =
	    cache != NULL ? g_hash_table_lookup(cache->used, key) : NULL;

	if (known != NULL) {
		*ret = *known;
		return true;
	}
	if (db_find_int(tx->db, user ? &LOCK_USER : &LOCK_PARTY, DB_ARGS(v_int(id)), ret,
		error) != 1 ||
	    db_find_int(tx->db, user ? &USED_BY_USER : &USED_BY_PARTY,
		DB_ARGS(v_int(id), v_text(group)), ret, error) != 1)
		return false;
	if (cache != NULL)
		g_hash_table_insert(
		    cache->used, g_steal_pointer(&key), g_memdup2(ret, sizeof(*ret)));
	return true;
}

int
rights_quota(DbTx *tx, RightsQuotas *cache, const GPtrArray *levels, const char *group,
    int64_t more, char **ret_text, GError **error)
{
	for (guint i = 0; i < levels->len; i++) {
		const RightsLevel *level = g_ptr_array_index(levels, i);
		const Right *right = rights_find(level->rights, group, RIGHT_CREATE);
		/* A quota on all groups together counts all of them. */
		const char *counted =
		    right != NULL && right == rights_find(level->rights, PRODUCT_NO_GROUP,
						  RIGHT_CREATE)
			? PRODUCT_NO_GROUP
			: group;
		int64_t used;

		if (right == NULL || right->quota < 0)
			continue;
		if (!count_used(tx, cache, level->who, counted, &used, error))
			return -1;
		if (used + more <= right->quota)
			continue;
		*ret_text =
		    g_strdup_printf("the quota of %" G_GINT64_FORMAT
				    " in group '%s' leaves '%s' %" G_GINT64_FORMAT,
			right->quota, counted, level->name, MAX(right->quota - used, 0));
		return 0;
	}
	return 1;
}
