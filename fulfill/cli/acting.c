/*
 * acting.c - the user behind --as.
 */
#include "fulfill/cli/acting.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/user.h"

char *acting_as;

const GOptionEntry opt_as[] = { ACTING_OPTION, { 0 } };

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
