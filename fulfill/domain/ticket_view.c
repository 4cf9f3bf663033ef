/*
 * ticket_view.c - holder, party, product and person, held against who asks.
 */
#include "fulfill/domain/ticket_view.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_use.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"

static const Stmt FACTS = {
	.name = "licence.view_facts",
	.sql = "SELECT l.id, coalesce(l.pool_id, l.party_id), l.holder_id, l.user_id,"
	       " l.shown, l.product_id, t.state, l.user_group_id FROM ticket t"
	       " JOIN licence l ON l.id = t.licence_id WHERE t.id = $1",
};
static const Stmt GIVE = {
	.name = "licence.give_user",
	.sql = "UPDATE licence SET user_id = $3, shown = $4, user_group_id = $5 WHERE id "
	       "= $1"
	       " AND holder_id = $2"
	       " AND EXISTS (SELECT 1 FROM ticket t WHERE t.licence_id = licence.id"
	       " AND t.state IN ('issued', 'confirmed_returned', 'lost_restored'))",
};
static const Stmt SHOW = {
	.name = "licence.show",
	.sql = "UPDATE licence SET shown = $2 WHERE id = $1",
};

typedef struct Facts {
	int64_t licence_id;
	int64_t party_id; /* where it lies, or who ordered it */
	int64_t holder_id;
	int64_t user_id;
	int64_t group_id;
	bool shown;
	int64_t product_id;
	char *state;
} Facts;

static void
facts_clear(Facts *facts)
{
	g_clear_pointer(&facts->state, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

static bool
no_such_ticket(int64_t id, GError **error)
{
	return err_set(
	    error, TP_ERROR_NOT_FOUND, "there is no ticket %" G_GINT64_FORMAT, id);
}

static bool
load(Db *db, int64_t id, Facts *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &FACTS, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more == 0)
		return no_such_ticket(id, error);
	if (more == 1)
		*ret = (Facts){ .licence_id = db_col_int(rows, 0),
			.party_id = db_col_int(rows, 1),
			.holder_id = db_col_int(rows, 2),
			.user_id = db_col_int(rows, 3),
			.shown = db_col_int(rows, 4) != 0,
			.product_id = db_col_int(rows, 5),
			.state = g_strdup(db_col_text(rows, 6)),
			.group_id = db_col_int(rows, 7) };
	return more == 1;
}

/* 1 / 0 / -1 */
static int
holder_sees(Db *db, const User *user, const Facts *facts, GError **error)
{
	if (facts->holder_id != user->party_id)
		return 0;
	if (user->admin || facts->user_id == user->id)
		return 1;
	if (facts->user_id != 0 || !facts->shown)
		return 0;
	return facts->group_id == 0
		   ? 1
		   : user_group_has(db, facts->group_id, user->id, error);
}

/* The rights of one above over this ticket; *ret NULL when it is not below them. */
static bool
rights_above(Db *db, const User *user, const Facts *facts, Rights **ret, GError **error)
{
	bool below;

	*ret = NULL;
	if (!party_is_at_or_below(db, facts->party_id, user->party_id, &below, error))
		return false;
	if (!below || strcmp(user->party_kind, "customer") == 0)
		return true;
	*ret = rights_of(db, (RightsWho){ .user_id = user->id }, error);
	return *ret != NULL;
}

/* 1 / 0 / -1; with `as` VIEWER it is about seeing only. */
static int
permits(Db *db, const User *user, const Facts *facts, TicketAs as, GError **error)
{
	static const RightAction actions[] = {
		[TICKET_AS_USER] = RIGHT_MODIFY,
		[TICKET_AS_MANAGER] = RIGHT_MODIFY,
		[TICKET_AS_REVIEWER] = RIGHT_MODIFY,
		[TICKET_AS_REVOKER] = RIGHT_REVOKE,
		[TICKET_AS_PRINTER] = RIGHT_PRINT,
		[TICKET_AS_SENDER] = RIGHT_RESEND,
	};
	bool admins = as == TICKET_AS_MANAGER || as == TICKET_AS_SENDER;
	g_autoptr(Rights) rights = NULL;
	g_autoptr(Product) product = NULL;
	RightsUse use = { .who = user->email };
	int sees = holder_sees(db, user, facts, error);

	if (sees < 0)
		return -1;
	if (as != TICKET_AS_REVIEWER && as != TICKET_AS_REVOKER &&
	    as != TICKET_AS_PRINTER && sees == 1 && (user->admin || !admins))
		return 1;
	if (!rights_above(db, user, facts, &rights, error))
		return -1;
	if (rights == NULL || (facts->user_id != 0 && !user->admin))
		return 0;
	product = product_get(db, facts->product_id, error);
	if (product == NULL)
		return -1;
	if (as == TICKET_AS_VIEWER)
		return rights_may_view(rights, product);
	use.product = product;
	use.action = actions[as];
	return rights_use(rights, &use, NULL, NULL, NULL);
}

bool
ticket_may_act(Db *db, int64_t actor, int64_t ticket_id, TicketAs as, GError **error)
{
	g_autoptr(User) user = NULL;
	g_auto(Facts) facts = { 0 };
	int may;

	if (!load(db, ticket_id, &facts, error))
		return false;
	if (actor == 0)
		return true;
	user = user_get(db, actor, error);
	if (user == NULL)
		return false;
	may = permits(db, user, &facts, as, error);
	if (may != 0)
		return may > 0;
	may = permits(db, user, &facts, TICKET_AS_VIEWER, error);
	if (may < 0)
		return false;
	return may == 0 ? no_such_ticket(ticket_id, error)
			: err_set(error, TP_ERROR_DENIED,
			      "'%s' may see ticket %" G_GINT64_FORMAT
			      " and not do this with it",
			      user->email, ticket_id);
}

bool
ticket_whom(Db *db, int64_t ticket_id, TicketTo *ret, GError **error)
{
	g_auto(Facts) facts = { 0 };

	if (!load(db, ticket_id, &facts, error))
		return false;
	*ret = (TicketTo){
		.user_id = facts.user_id, .group_id = facts.group_id, .shown = facts.shown
	};
	return true;
}

int
ticket_is_seen(Db *db, int64_t actor, int64_t ticket_id, GError **error)
{
	g_autoptr(User) user = NULL;
	g_auto(Facts) facts = { 0 };

	if (actor == 0)
		return 1;
	if (!load(db, ticket_id, &facts, error))
		return -1;
	user = user_get(db, actor, error);
	return user != NULL ? permits(db, user, &facts, TICKET_AS_VIEWER, error) : -1;
}

/* Is it one of the holder's users, or groups? */
static bool
check_whom(
    Db *db, const Facts *facts, int64_t ticket_id, const TicketTo *to, GError **error)
{
	g_autoptr(User) user = NULL;
	int64_t party_id;

	if (to->group_id != 0 && !user_group_party(db, to->group_id, &party_id, error))
		return false;
	if (to->group_id != 0 && party_id != facts->holder_id)
		return err_set(error, TP_ERROR_INVALID,
		    "the group is not one of the customer who holds ticket "
		    "%" G_GINT64_FORMAT,
		    ticket_id);
	if (to->user_id == 0)
		return true;
	user = user_get(db, to->user_id, error);
	if (user == NULL)
		return false;
	return user->party_id == facts->holder_id ||
	       err_set(error, TP_ERROR_INVALID,
		   "'%s' is no user of the customer who holds ticket %" G_GINT64_FORMAT,
		   user->email, ticket_id);
}

bool
ticket_give(
    DbTx *tx, int64_t actor, int64_t ticket_id, const TicketTo *to, GError **error)
{
	bool anybody = to->user_id != 0 || to->group_id != 0;
	g_auto(Facts) facts = { 0 };
	int64_t changed;

	if (!ticket_may_act(tx->db, actor, ticket_id, TICKET_AS_MANAGER, error) ||
	    !load(tx->db, ticket_id, &facts, error))
		return false;
	if (facts.holder_id == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " lies in a pool: assign it to a customer",
		    ticket_id);
	if (!check_whom(tx->db, &facts, ticket_id, to, error) ||
	    !db_exec(tx->db, &GIVE,
		DB_ARGS(v_int(facts.licence_id), v_int(facts.holder_id),
		    v_id(to->user_id), v_int(to->shown), v_id(to->group_id)),
		&changed, error))
		return false;
	if (changed == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " is %s: it has to be returned first",
		    ticket_id, facts.state);
	return audit_add(tx, anybody ? AUDIT_ASSIGNED : AUDIT_UNASSIGNED, "ticket",
	    ticket_id, NULL, error);
}

bool
ticket_show(DbTx *tx, int64_t actor, int64_t ticket_id, bool shown, GError **error)
{
	g_auto(Facts) facts = { 0 };

	return ticket_may_act(tx->db, actor, ticket_id, TICKET_AS_MANAGER, error) &&
	       load(tx->db, ticket_id, &facts, error) &&
	       db_exec(tx->db, &SHOW, DB_ARGS(v_int(facts.licence_id), v_int(shown)),
		   NULL, error) &&
	       audit_add(tx, AUDIT_SHOWN, "ticket", ticket_id, shown ? "shown" : "hidden",
		   error);
}
