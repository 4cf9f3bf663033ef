/*
 * rights_change.c - rights made of other rights: with more, with less.
 */
#include "fulfill/domain/rights_private.h"

#include <string.h>

static void
put_copy(Rights *rights, const char *group, RightAction action, const Right *right)
{
	rights_put(rights, group, action, ranges_copy(right->limits), right->channels,
	    right->quota);
}

/* Every right for which keep() says so, of `rights`. */
static Rights *
some_of(const Rights *rights,
    bool (*keep)(const char *group, RightAction action, const void *data),
    const void *data)
{
	Rights *some = rights_new();

	for (guint i = 0; i < rights->rows->len; i++) {
		const RightsRow *row = &g_array_index(rights->rows, RightsRow, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++)
			if (row->rights[a] != NULL &&
			    keep(row->group, (RightAction)a, data))
				put_copy(
				    some, row->group, (RightAction)a, row->rights[a]);
	}
	return some;
}

static bool
is_other_action(const char *group, RightAction action, const void *data)
{
	(void)group;
	return action != *(const RightAction *)data;
}

Rights *
rights_without(const Rights *rights, RightAction action)
{
	return some_of(rights, is_other_action, &action);
}

typedef struct Taken {
	const char *group;
	unsigned actions;
} Taken;

static bool
is_not_taken(const char *group, RightAction action, const void *data)
{
	const Taken *taken = data;

	return (*taken->group != '\0' && strcmp(group, taken->group) != 0) ||
	       (taken->actions != 0 && (taken->actions & (1u << action)) == 0);
}

Rights *
rights_take(const Rights *rights, const char *group, unsigned actions)
{
	const Taken taken = { group, actions };

	return some_of(rights, is_not_taken, &taken);
}

static bool
is_named_group(const char *group, RightAction action, const void *data)
{
	(void)action;
	(void)data;
	return strcmp(group, RIGHTS_ANY_GROUP) != 0;
}

Rights *
rights_spread(const Rights *rights, const char *const *groups)
{
	Rights *spread = some_of(rights, is_named_group, NULL);

	for (; *groups != NULL; groups++)
		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *right = rights_find(rights, *groups, (RightAction)a);

			if (right != NULL)
				put_copy(spread, *groups, (RightAction)a, right);
		}
	return spread;
}

Rights *
rights_merge(const Rights *rights, const Rights *more)
{
	Rights *both = rights_copy(rights);

	for (guint i = 0; i < more->rows->len; i++) {
		const RightsRow *row = &g_array_index(more->rows, RightsRow, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++)
			if (row->rights[a] != NULL)
				put_copy(
				    both, row->group, (RightAction)a, row->rights[a]);
	}
	return both;
}

bool
rights_has_action(const Rights *rights, RightAction action)
{
	for (guint i = 0; i < rights->rows->len; i++)
		if (g_array_index(rights->rows, RightsRow, i).rights[action] != NULL)
			return true;
	return false;
}

static void
complete(Right *right, const Right *outer)
{
	for (guint i = 0; i < ranges_count(outer->limits); i++) {
		const Range *range;
		const char *name = ranges_nth(outer->limits, i, &range);

		if (ranges_find(right->limits, name) == NULL)
			ranges_put(right->limits, name, range_copy(range));
	}
	if (right->quota < 0)
		right->quota = outer->quota;
	if (right->channels == RIGHT_ALL_CHANNELS)
		right->channels = outer->channels;
}

Rights *
rights_complete(const Rights *inner, const Rights *outer)
{
	Rights *whole = rights_copy(inner);

	for (guint i = 0; i < whole->rows->len; i++) {
		RightsRow *row = &g_array_index(whole->rows, RightsRow, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *out = rights_find(outer, row->group, (RightAction)a);

			if (row->rights[a] != NULL && out != NULL)
				complete(row->rights[a], out);
		}
	}
	return whole;
}
