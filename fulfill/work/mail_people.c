/*
 * mail_people.c - verbs of mails about people.
 */
#include "fulfill/work/mail_people.h"

#include <string.h>

#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_admin.h"
#include "fulfill/domain/user_group.h"
#include "mailer/addr.h"

typedef struct Asking {
	DbTx *tx;
	const GPtrArray *users;
	char *address; /* of the one it is about */
	char *rest;    /* the other words of the subject */
	int64_t actor;
	int64_t party_id;
	char **news;
} Asking;

static void
asking_clear(Asking *a)
{
	g_free(a->address);
	g_free(a->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asking, asking_clear)

/* "Planung ute@kunde.example" becomes an address and what stands beside it. */
static bool
read_words(Asking *a, const char *argument, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(argument, " \t,;", -1);
	g_autoptr(GString) rest = g_string_new("");

	for (char **word = words; *word != NULL; word++) {
		char *address = a->address == NULL && strchr(*word, '@') != NULL
				    ? addr_normal(*word, NULL)
				    : NULL;

		if (address != NULL)
			a->address = address;
		else if (**word != '\0')
			g_string_append_printf(
			    rest, "%s%s", rest->len > 0 ? " " : "", *word);
	}
	a->rest = g_string_free(g_steal_pointer(&rest), FALSE);
	return a->address != NULL ||
	       err_set(error, TP_ERROR_INVALID,
		   "no address is named: write it into the subject");
}

/* Which of the person's users acts, and for whom: PARTY says so, or there is one only. */
static bool
choose(Asking *a, const char *party_code, GError **error)
{
	g_autoptr(Party) party = NULL;

	if (*party_code == '\0') {
		const MailSender *only = g_ptr_array_index(a->users, 0);

		if (a->users->len > 1)
			return err_set(error, TP_ERROR_CONFLICT,
			    "you act for several parties: name one behind the address");
		a->actor = only->user_id;
		a->party_id = only->party_id;
		return true;
	}
	party = party_resolve(a->tx->db, party_code, error);
	if (party == NULL)
		return false;
	for (guint i = 0; i < a->users->len && a->actor == 0; i++) {
		const MailSender *user = g_ptr_array_index(a->users, i);
		bool below;

		if (!party_is_at_or_below(
			a->tx->db, party->id, user->party_id, &below, error))
			return false;
		if (below)
			a->actor = user->user_id;
	}
	a->party_id = party->id;
	return a->actor != 0 ||
	       err_set(error, TP_ERROR_NOT_FOUND, "there is no party '%s'", party->code);
}

/* ---- verbs ---- */

static bool
do_user(Asking *a, GError **error)
{
	UserFacts facts = { .email = a->address };
	int64_t id;

	if (!choose(a, a->rest, error))
		return false;
	facts.party_id = a->party_id;
	if (!rights_admin_add_user(a->tx, a->actor, &facts, &id, error))
		return false;
	*a->news = g_strdup_printf("%s is a user now, without rights", a->address);
	return true;
}

static bool
find_user(const Asking *a, User **ret, GError **error)
{
	int found = user_find_of(a->tx->db, a->address, a->party_id, ret, error);

	return found == 1 || (found == 0 && err_set(error, TP_ERROR_NOT_FOUND,
						"'%s' is no user there", a->address));
}

static bool
do_remove(Asking *a, GError **error)
{
	g_autoptr(User) user = NULL;

	if (!choose(a, a->rest, error) || !find_user(a, &user, error) ||
	    !rights_admin_remove_user(a->tx, a->actor, user->id, error))
		return false;
	*a->news = g_strdup_printf("%s is no user any more", a->address);
	return true;
}

/* The user first: what is refused has made no group. */
static bool
do_group(Asking *a, GError **error)
{
	g_autoptr(User) user = NULL;
	int64_t id;
	int found;

	if (*a->rest == '\0')
		return err_set(error, TP_ERROR_INVALID,
		    "no group is named: write 'group NAME %s' into the subject",
		    a->address);
	if (!choose(a, "", error) || !find_user(a, &user, error) ||
	    !rights_admin_may_add_user(a->tx, a->actor, a->party_id, error))
		return false;
	found = user_group_find(a->tx->db, a->party_id, a->rest, &id, error);
	if (found < 0 || (found == 0 && !user_group_add(a->tx, a->actor, a->party_id,
					    a->rest, &id, error)))
		return false;
	if (user_group_put(a->tx, a->actor, id, user->id, error) < 0)
		return false;
	*a->news = g_strdup_printf("%s is in the group '%s'", a->address, a->rest);
	return true;
}

static bool
do_ungroup(Asking *a, GError **error)
{
	g_autoptr(User) user = NULL;
	int64_t id;

	if (!choose(a, "", error) || !find_user(a, &user, error) ||
	    !user_group_resolve(a->tx->db, a->party_id, a->rest, &id, error) ||
	    user_group_take(a->tx, a->actor, id, user->id, error) < 0)
		return false;
	*a->news = g_strdup_printf("%s is not in the group '%s'", a->address, a->rest);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(Asking *a, GError **error);
} verbs[] = {
	{ "user", do_user },
	{ "remove", do_remove },
	{ "group", do_group },
	{ "ungroup", do_ungroup },
};

bool
mail_people_has(const char *verb)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_strcmp0(verbs[i].name, verb) == 0)
			return true;
	return false;
}

bool
mail_people_do(DbTx *tx, const GPtrArray *users, const char *verb, const char *argument,
    char **ret_news, GError **error)
{
	g_auto(Asking) a = { .tx = tx, .users = users, .news = ret_news };

	*ret_news = NULL;
	if (!read_words(&a, argument, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].run(&a, error);
	return err_set(error, TP_ERROR_INVALID, "'%s' is not a command", verb);
}
