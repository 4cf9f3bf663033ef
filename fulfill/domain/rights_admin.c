/*
 * rights_admin.c - authority first, then one write.
 */
#include "fulfill/domain/rights_admin.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"
#include "queue/clock.h"
#include "queue/quote.h"

static const Stmt POOL_OF = {
	.name = "licence.in_pool_of",
	.sql = "SELECT count(*) FROM licence l JOIN ticket t ON t.licence_id = l.id"
	       " WHERE l.pool_id = $1 AND t.state NOT IN ('recalled', 'recall_pending')",
};
static const Stmt CHILDREN = {
	.name = "party.reparent",
	.sql = "UPDATE party SET parent_id = $2, changed_at = $3 WHERE parent_id = $1",
};
static const Stmt GONE = {
	.name = "party.remove",
	.sql = "UPDATE party SET removed_at = $2, changed_at = $2, fingerprint = NULL,"
	       " inherits = 0 WHERE id = $1 AND removed_at IS NULL",
};
static const Stmt GRANTS_GONE = {
	.name = "grant.drop_of_party",
	.sql = "DELETE FROM \"grant\" WHERE party_id = $1",
};

/* ---- authority ---- */

/* *ret: `id` stands below `above`, at any depth. */
static bool
made_by(Db *db, int64_t id, int64_t above, bool *ret, GError **error)
{
	*ret = false;
	for (int depth = 0; id != 0 && depth < 64; depth++) {
		g_autoptr(User) user = user_get(db, id, error);

		if (user == NULL)
			return false;
		id = user->made_by;
		if (id != 0 && id == above) {
			*ret = true;
			return true;
		}
	}
	return true;
}

static bool
denied(GError **error, const char *why)
{
	return err_set(error, TP_ERROR_DENIED, "%s", why);
}

static bool
check_over_party(Db *db, const User *actor, int64_t party_id, GError **error)
{
	bool below;

	if (party_id == actor->party_id)
		return denied(error, "nobody changes the rights of their own party");
	if (!party_is_at_or_below(db, party_id, actor->party_id, &below, error))
		return false;
	return (below && actor->admin) ||
	       denied(error, "only an admin of a party above may do this");
}

static bool
check_over_user(Db *db, const User *actor, int64_t user_id, GError **error)
{
	g_autoptr(User) user = NULL;
	bool mine;
	bool above;
	bool below;

	if (user_id == actor->id)
		return denied(error, "nobody changes their own rights");
	user = user_get(db, user_id, error);
	if (user == NULL || !made_by(db, user_id, actor->id, &mine, error) ||
	    !made_by(db, actor->id, user_id, &above, error) ||
	    !party_is_at_or_below(db, user->party_id, actor->party_id, &below, error))
		return false;
	if (mine)
		return true;
	if (above)
		return denied(error, "only those above may change somebody's rights");
	if (actor->admin && below && user->party_id != actor->party_id)
		return true;
	return (actor->admin && user->party_id == actor->party_id && !user->admin) ||
	       denied(error, "only those above may change somebody's rights");
}

/* The actor's own rights, once it is known to be above `who`. */
static Rights *
own_rights(Db *db, int64_t actor_id, RightsWho who, GError **error)
{
	g_autoptr(User) actor = NULL;
	bool ok;

	if (actor_id == 0)
		return rights_new_all();
	actor = user_get(db, actor_id, error);
	if (actor == NULL)
		return NULL;
	ok = who.user_id != 0 ? check_over_user(db, actor, who.user_id, error)
			      : check_over_party(db, actor, who.party_id, error);
	return ok ? rights_of(db, (RightsWho){ .user_id = actor_id }, error) : NULL;
}

/* ---- rights ---- */

static bool
set(DbTx *tx, RightsWho who, const Rights *wanted, GError **error)
{
	bool user = who.user_id != 0;

	return rights_store_set(tx, who, wanted, error) &&
	       audit_add(tx, AUDIT_RIGHTS_SET, user ? "user" : "party",
		   user ? who.user_id : who.party_id, NULL, error);
}

bool
rights_admin_grant(
    DbTx *tx, int64_t actor, RightsWho who, const Rights *more, GError **error)
{
	g_autoptr(Rights) own = own_rights(tx->db, actor, who, error);
	g_autoptr(Rights) now = own != NULL ? rights_of(tx->db, who, error) : NULL;
	g_autoptr(Rights) whole = NULL;
	g_autoptr(Rights) wanted = NULL;

	if (now == NULL)
		return false;
	whole = rights_complete(more, own);
	wanted = rights_merge(now, whole);
	return rights_may_lend(own, now, wanted, error) && set(tx, who, wanted, error);
}

bool
rights_admin_revoke(DbTx *tx, int64_t actor, RightsWho who, const char *group,
    unsigned actions, GError **error)
{
	g_autoptr(Rights) own = own_rights(tx->db, actor, who, error);
	g_autoptr(Rights) now = own != NULL ? rights_of(tx->db, who, error) : NULL;
	g_autoptr(Rights) left = NULL;
	g_autofree char *shown = quote(group);

	if (now == NULL)
		return false;
	if (*group != '\0') {
		g_auto(GStrv) groups = product_group_list(tx->db, error);
		Rights *spread;

		if (groups == NULL)
			return false;
		/* Of "all groups" one cannot be taken: then each is named. */
		spread = rights_spread(now, (const char *const *)groups);
		if (strcmp(group, PRODUCT_NO_GROUP) != 0 && !rights_within(now, spread)) {
			rights_free(now);
			now = spread;
		} else {
			rights_free(spread);
		}
	}
	left = rights_take(now, group, actions);
	if (rights_within(now, left))
		return err_set(error, TP_ERROR_NOT_FOUND,
		    *group != '\0' ? "there is no such right in group '%s' to take"
				   : "there is no right%s to take",
		    shown);
	return set(tx, who, left, error);
}

/* ---- users ---- */

/* An actor who may make users of this party at all. */
static bool
check_may_add_user(Db *db, const User *actor, const UserFacts *facts, GError **error)
{
	g_autoptr(Rights) rights = NULL;
	bool below;

	if (!party_is_at_or_below(db, facts->party_id, actor->party_id, &below, error))
		return false;
	if (!below || (!actor->admin && facts->party_id != actor->party_id))
		return denied(error,
		    "only an admin of this party or one above makes users "
		    "of it");
	if (facts->admin && !actor->admin)
		return denied(error, "only an admin makes an admin");
	/* A customer's people are its admin's own business: they get no group's rights.
	 */
	if (strcmp(actor->party_kind, "customer") == 0)
		return actor->admin || denied(error, "only an admin makes users");
	rights = rights_of(db, (RightsWho){ .user_id = actor->id }, error);
	if (rights == NULL)
		return false;
	return rights_has_action(rights, RIGHT_CREATE_USER) ||
	       denied(error, "making users takes create-user in some group");
}

bool
rights_admin_may_add_user(DbTx *tx, int64_t actor_id, int64_t party_id, GError **error)
{
	UserFacts facts = { .party_id = party_id };
	g_autoptr(User) actor = NULL;

	if (actor_id == 0)
		return true;
	actor = user_get(tx->db, actor_id, error);
	return actor != NULL && check_may_add_user(tx->db, actor, &facts, error);
}

/* Who inherits gets the rights of the party: the actor must be able to give them. */
static bool
check_may_inherit(Db *db, const User *actor, const UserFacts *facts, GError **error)
{
	g_autoptr(Rights) own = rights_of(db, (RightsWho){ .user_id = actor->id }, error);
	g_autoptr(Rights) party =
	    rights_of(db, (RightsWho){ .party_id = facts->party_id }, error);
	g_autoptr(Rights) wanted = NULL;
	g_autoptr(Rights) none = rights_new();

	if (own == NULL || party == NULL)
		return false;
	wanted =
	    facts->admin ? rights_copy(party) : rights_without(party, RIGHT_CREATE_USER);
	return rights_may_lend(own, none, wanted, error);
}

bool
rights_admin_add_user(
    DbTx *tx, int64_t actor_id, const UserFacts *facts, int64_t *ret_id, GError **error)
{
	UserFacts stored = *facts;
	g_autoptr(Party) party = party_get(tx->db, facts->party_id, error);
	g_autoptr(User) before = NULL;
	int there;

	if (party == NULL)
		return false;
	there = user_find(tx->db, facts->email, party->code, &before, error);
	if (there != 0)
		return there > 0 &&
		       err_set(error, TP_ERROR_EXISTS, "'%s' is a user of '%s' already",
			   before->email, party->code);
	if (actor_id != 0) {
		g_autoptr(User) actor = user_get(tx->db, actor_id, error);

		if (actor == NULL || !check_may_add_user(tx->db, actor, facts, error) ||
		    (facts->inherits && !check_may_inherit(tx->db, actor, facts, error)))
			return false;
		stored.made_by = actor->party_id == facts->party_id ? actor->id : 0;
	}
	if (strcmp(party->kind, "customer") == 0)
		stored.inherits = false;
	if (!user_put(tx, &stored, ret_id, error))
		return false;
	/* One who comes back is stored without rights. */
	return (!stored.inherits ||
		   rights_store_inherit(tx, (RightsWho){ .user_id = *ret_id }, error)) &&
	       audit_add(tx, AUDIT_USER_ADDED, "user", *ret_id, NULL, error);
}

bool
rights_admin_remove_user(DbTx *tx, int64_t actor, int64_t id, GError **error)
{
	g_autoptr(Rights) own =
	    own_rights(tx->db, actor, (RightsWho){ .user_id = id }, error);

	return own != NULL && user_remove(tx, id, error) &&
	       rights_store_settle(tx, error) &&
	       audit_add(tx, AUDIT_USER_REMOVED, "user", id, NULL, error);
}

/* ---- parties ---- */

bool
rights_admin_may_add_party(
    DbTx *tx, int64_t actor_id, int64_t parent_id, bool customer, GError **error)
{
	g_autoptr(User) actor = NULL;
	g_autoptr(Rights) rights = NULL;
	bool below;

	if (actor_id == 0)
		return true;
	actor = user_get(tx->db, actor_id, error);
	if (actor == NULL ||
	    !party_is_at_or_below(tx->db, parent_id, actor->party_id, &below, error))
		return false;
	if (!below || strcmp(actor->party_kind, "customer") == 0)
		return denied(error, "parties are made below one's own");
	rights = rights_of(tx->db, (RightsWho){ .user_id = actor->id }, error);
	if (rights == NULL)
		return false;
	if (customer)
		return rights_has_action(rights, RIGHT_CREATE) ||
		       denied(error, "making customers takes create in some group");
	return rights_has_action(rights, RIGHT_CREATE_USER) ||
	       denied(error, "making resellers takes create-user in some group");
}

static bool
remove_users_of(DbTx *tx, int64_t party_id, GError **error)
{
	g_autoptr(GPtrArray) users = user_list(tx->db, party_id, NULL, error);

	for (guint i = 0; users != NULL && i < users->len; i++)
		if (!user_remove(
			tx, ((const User *)g_ptr_array_index(users, i))->id, error))
			return false;
	return users != NULL;
}

bool
rights_admin_remove_party(DbTx *tx, int64_t actor, int64_t id, GError **error)
{
	g_autoptr(Rights) own =
	    own_rights(tx->db, actor, (RightsWho){ .party_id = id }, error);
	g_autoptr(Party) party = own != NULL ? party_get(tx->db, id, error) : NULL;
	int64_t now = clock_now_at();
	int64_t pool;

	if (party == NULL)
		return false;
	if (party->parent_id == 0)
		return denied(error, "the vendor stays");
	if (db_find_int(tx->db, &POOL_OF, DB_ARGS(v_int(id)), &pool, error) != 1)
		return false;
	if (pool > 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "'%s' has %" G_GINT64_FORMAT
		    " tickets in its pool: return them first (pool return)",
		    party->code, pool);
	return remove_users_of(tx, id, error) &&
	       db_exec(tx->db, &GRANTS_GONE, DB_ARGS(v_int(id)), NULL, error) &&
	       db_exec(tx->db, &CHILDREN,
		   DB_ARGS(v_int(id), v_int(party->parent_id), v_int(now)), NULL,
		   error) &&
	       db_exec(tx->db, &GONE, DB_ARGS(v_int(id), v_int(now)), NULL, error) &&
	       rights_store_settle(tx, error) &&
	       audit_add(tx, AUDIT_PARTY_REMOVED, "party", id, NULL, error);
}
