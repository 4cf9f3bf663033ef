/*
 * acting.c - the user behind --as.
 */
#include "fulfill/cli/acting.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/user.h"

char *acting_as;

const GOptionEntry opt_as[] = { ACTING_OPTION, { 0 } };
const GOptionEntry opt_as_reason[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};

bool
acting_user(const Cmd *cmd, int64_t *ret_id, GError **error)
{
	g_autoptr(User) user = NULL;
	g_autofree char *actor = NULL;

	*ret_id = 0;
	if (acting_as == NULL)
		return true;
	user = user_resolve(cmd->work->db, acting_as, error);
	if (user == NULL)
		return false;
	/* No address: the trail outlives the person. */
	actor = g_strdup_printf("%s as user/%" G_GINT64_FORMAT, audit_actor(), user->id);
	audit_actor_set(actor);
	*ret_id = user->id;
	return true;
}

bool
acting_scope(const Cmd *cmd, RightAction action, Scope **ret, GError **error)
{
	int64_t actor;

	*ret = NULL;
	if (!acting_user(cmd, &actor, error))
		return false;
	if (actor != 0)
		*ret = scope_of(cmd->work->db, actor, action, error);
	return actor == 0 || *ret != NULL;
}

bool
acting_keep(json_t *list, int limit, ActingSees *sees, void *user, GError **error)
{
	size_t kept = 0;

	while (kept < json_array_size(list)) {
		int seen = 0;

		if (limit <= 0 || kept < (size_t)limit)
			seen = sees(user, json_array_get(list, kept), error);
		if (seen < 0)
			return false;
		if (seen == 0)
			json_array_remove(list, kept);
		else
			kept++;
	}
	return true;
}

bool
acting_may_print(const Cmd *cmd, int64_t batch_id, GError **error)
{
	g_autoptr(Scope) scope = NULL;

	return acting_scope(cmd, RIGHT_PRINT, &scope, error) &&
	       scope_need_batch(cmd->work->db, scope, batch_id, error);
}
