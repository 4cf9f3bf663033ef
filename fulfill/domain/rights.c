/*
 * rights.c - rights as a table of groups and actions.
 */
#include "fulfill/domain/rights.h"

#include <string.h>

#include "fulfill/domain/rights_private.h"
#include "queue/quote.h"

/* clang-format off */
static const char *const action_names[] = {
#define ACTION(symbol, name, text) [RIGHT_##symbol] = name,
#include "fulfill/domain/right_action.def"
#undef ACTION
};
/* clang-format on */

const char *
right_action_name(RightAction action)
{
	return action_names[action];
}

bool
right_action_from_name(const char *name, RightAction *ret, GError **error)
{
	g_autofree char *shown = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(action_names); i++) {
		if (strcmp(name, action_names[i]) == 0) {
			*ret = (RightAction)i;
			return true;
		}
	}
	shown = quote(name);
	return err_set(error, TP_ERROR_INVALID, "'%s' is not an action", shown);
}

/* ---- one right ---- */

static Right *
right_new(Ranges *limits, unsigned channels, int64_t quota)
{
	Right *right = g_new0(Right, 1);

	right->limits = limits;
	right->channels = channels & RIGHT_ALL_CHANNELS;
	right->quota = MAX(quota, -1);
	return right;
}

static void
right_free(Right *right)
{
	if (right == NULL)
		return;
	ranges_free(right->limits);
	g_free(right);
}

static Right *
right_copy(const Right *right)
{
	return right == NULL
		   ? NULL
		   : right_new(ranges_copy(right->limits), right->channels, right->quota);
}

bool
right_within(const Right *inner, const Right *outer)
{
	return (inner->channels & ~outer->channels) == 0 &&
	       (outer->quota < 0 ||
		   (inner->quota >= 0 && inner->quota <= outer->quota)) &&
	       ranges_within(inner->limits, outer->limits);
}

static Right *
right_meet(const Right *outer, const Right *inner)
{
	int64_t quota = outer->quota < 0   ? inner->quota
			: inner->quota < 0 ? outer->quota
					   : MIN(outer->quota, inner->quota);

	return right_new(ranges_meet(outer->limits, inner->limits),
	    outer->channels & inner->channels, quota);
}

/* ---- the set ---- */

static void
row_clear(void *data)
{
	RightsRow *row = data;

	g_free(row->group);
	for (int a = 0; a < RIGHT_ACTIONS; a++)
		right_free(row->rights[a]);
}

Rights *
rights_new(void)
{
	Rights *rights = g_new0(Rights, 1);

	rights->rows = g_array_new(FALSE, FALSE, sizeof(RightsRow));
	g_array_set_clear_func(rights->rows, row_clear);
	return rights;
}

Rights *
rights_new_all(void)
{
	Rights *rights = rights_new();

	for (int a = 0; a < RIGHT_ACTIONS; a++)
		rights_put(rights, RIGHTS_ANY_GROUP, (RightAction)a, ranges_new(),
		    RIGHT_ALL_CHANNELS, -1);
	return rights;
}

void
rights_free(Rights *rights)
{
	if (rights == NULL)
		return;
	g_array_unref(rights->rows);
	g_free(rights);
}

/* The place of the group, or where it belongs: rows are in order of their names. */
static guint
place_of(const Rights *rights, const char *group, bool *found)
{
	guint i = 0;
	int cmp = -1;

	for (; i < rights->rows->len; i++) {
		cmp = strcmp(g_array_index(rights->rows, RightsRow, i).group, group);
		if (cmp >= 0)
			break;
	}
	*found = i < rights->rows->len && cmp == 0;
	return i;
}

static void
put_right(Rights *rights, const char *group, RightAction action, Right *right)
{
	bool found;
	guint i = place_of(rights, group, &found);
	RightsRow *row;

	if (!found) {
		RightsRow new = { .group = g_strdup(group) };

		g_array_insert_val(rights->rows, i, new);
	}
	row = &g_array_index(rights->rows, RightsRow, i);
	right_free(row->rights[action]);
	row->rights[action] = right;
}

void
rights_put(Rights *rights, const char *group, RightAction action, Ranges *limits,
    unsigned channels, int64_t quota)
{
	put_right(rights, group, action, right_new(limits, channels, quota));
}

Rights *
rights_copy(const Rights *rights)
{
	Rights *copy = rights_new();

	for (guint i = 0; i < rights->rows->len; i++) {
		const RightsRow *row = &g_array_index(rights->rows, RightsRow, i);
		RightsRow new = { .group = g_strdup(row->group) };

		for (int a = 0; a < RIGHT_ACTIONS; a++)
			new.rights[a] = right_copy(row->rights[a]);
		g_array_append_val(copy->rows, new);
	}
	return copy;
}

bool
rights_is_empty(const Rights *rights)
{
	return rights->rows->len == 0;
}

const Right *
rights_find_exact(const Rights *rights, const char *group, RightAction action)
{
	bool found;
	guint i = place_of(rights, group, &found);

	return found ? g_array_index(rights->rows, RightsRow, i).rights[action] : NULL;
}

const Right *
rights_find(const Rights *rights, const char *group, RightAction action)
{
	const Right *right = rights_find_exact(rights, group, action);

	return right != NULL ? right
			     : rights_find_exact(rights, RIGHTS_ANY_GROUP, action);
}

/* ---- two hands ---- */

/*
 * Each group that one of `hands` names, and "*" last, which stands for all that none
 * names. Groups that only one names are there because the others may permit them by their
 * "*".
 */
static GPtrArray *
groups_of(const Rights *const *hands, size_t n)
{
	GPtrArray *groups = g_ptr_array_new();

	for (size_t k = 0; k < n; k++) {
		for (guint i = 0; i < hands[k]->rows->len; i++) {
			char *group = g_array_index(hands[k]->rows, RightsRow, i).group;
			bool known = strcmp(group, RIGHTS_ANY_GROUP) == 0;

			for (size_t before = 0; before < k && !known; before++)
				(void)place_of(hands[before], group, &known);
			if (!known)
				g_ptr_array_add(groups, group);
		}
	}
	g_ptr_array_add(groups, (void *)(uintptr_t)RIGHTS_ANY_GROUP);
	return groups;
}

char *
rights_excess_either(const Rights *inner, const Rights *one, const Rights *other)
{
	const Rights *const hands[] = { inner, one, other };
	g_autoptr(GPtrArray) groups = groups_of(hands, G_N_ELEMENTS(hands));

	for (guint i = 0; i < groups->len; i++) {
		const char *group = g_ptr_array_index(groups, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *in = rights_find(inner, group, (RightAction)a);
			const Right *first = rights_find(one, group, (RightAction)a);
			const Right *second = rights_find(other, group, (RightAction)a);

			if (in != NULL && (first == NULL || !right_within(in, first)) &&
			    (second == NULL || !right_within(in, second)))
				return g_strdup_printf(
				    "%s of '%s'", action_names[a], group);
		}
	}
	return NULL;
}

char *
rights_excess(const Rights *inner, const Rights *outer)
{
	return rights_excess_either(inner, outer, outer);
}

bool
rights_within(const Rights *inner, const Rights *outer)
{
	g_autofree char *excess = rights_excess(inner, outer);

	return excess == NULL;
}

Rights *
rights_meet(const Rights *outer, const Rights *inner)
{
	const Rights *const hands[] = { outer, inner };
	g_autoptr(GPtrArray) groups = groups_of(hands, G_N_ELEMENTS(hands));
	Rights *both = rights_new();

	for (guint i = 0; i < groups->len; i++) {
		const char *group = g_ptr_array_index(groups, i);

		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *in = rights_find(inner, group, (RightAction)a);
			const Right *out = rights_find(outer, group, (RightAction)a);

			if (in != NULL && out != NULL)
				put_right(
				    both, group, (RightAction)a, right_meet(out, in));
		}
	}
	return both;
}

Rights *
rights_lendable(const Rights *rights)
{
	g_autoptr(GPtrArray) groups = groups_of(&rights, 1);
	Rights *lendable = rights_new();

	for (guint i = 0; i < groups->len; i++) {
		const char *group = g_ptr_array_index(groups, i);

		if (rights_find(rights, group, RIGHT_CREATE_USER) == NULL)
			continue;
		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *right = rights_find(rights, group, (RightAction)a);

			if (right != NULL)
				put_right(
				    lendable, group, (RightAction)a, right_copy(right));
		}
	}
	return lendable;
}

/* ---- using them ---- */

static bool
check_options(const Right *right, const RightsAsk *ask, GError **error)
{
	g_autoptr(Ranges) left = NULL;
	const char *name;
	json_t *value;

	if (ask->offer == NULL || ask->options == NULL)
		return true;
	left = ranges_restrict(ask->offer, right->limits);
	json_object_foreach ((json_t *)(uintptr_t)ask->options, name, value)
		if (!ranges_check(left, name, value, error))
			return false;
	return true;
}

static bool
check_group(const Rights *rights, const char *group, const RightsAsk *ask,
    const Right **ret, GError **error)
{
	const Right *right = rights_find(rights, group, ask->action);
	g_autofree char *shown = quote(group);

	if (right == NULL)
		return err_set(error, TP_ERROR_DENIED, "no right to %s in group '%s'",
		    action_names[ask->action], shown);
	if ((ask->channel & ~right->channels) != 0)
		return err_set(error, TP_ERROR_DENIED,
		    "no right to %s in group '%s' by this channel",
		    action_names[ask->action], shown);
	if (!check_options(right, ask, error))
		return false;
	if (ret != NULL)
		*ret = right;
	return true;
}

bool
rights_check(
    const Rights *rights, const RightsAsk *ask, const Right **ret, GError **error)
{
	g_autoptr(GError) worst = NULL;

	for (const char *const *group = ask->groups; *group != NULL; group++) {
		g_autoptr(GError) why = NULL;

		if (check_group(rights, *group, ask, ret, &why))
			return true;
		/* "Ask for fewer days" helps more than "you may not". */
		if (worst == NULL || why->code == TP_ERROR_INVALID) {
			g_clear_error(&worst);
			worst = g_steal_pointer(&why);
		}
	}
	if (worst == NULL)
		return err_set(error, TP_ERROR_DENIED,
		    "no right to %s what is in no group", action_names[ask->action]);
	g_propagate_error(error, g_steal_pointer(&worst));
	return false;
}
