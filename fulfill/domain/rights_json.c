/*
 * rights_json.c - rights from and to the "grants" of master data, and for people.
 */
#include "fulfill/domain/rights_private.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

/* clang-format off */
static const struct {
	const char *name;
	RightChannel channel;
} channels[] = {
	{ "email",  RIGHT_EMAIL },
	{ "post",   RIGHT_POST },
	{ "portal", RIGHT_PORTAL },
};
static const char *const grant_keys[] = { "group", "may", "options", "channels", "quota" };
/* clang-format on */

/* ---- reading ---- */

static bool
read_channels(const json_t *list, unsigned *ret, GError **error)
{
	size_t i;
	json_t *value;

	*ret = RIGHT_ALL_CHANNELS;
	if (list == NULL)
		return true;
	if (!json_is_array(list))
		return err_set(error, TP_ERROR_INVALID, ".channels: it is not an array");
	*ret = 0;
	json_array_foreach (list, i, value) {
		const char *text = json_string_value(value);
		unsigned bit = 0;

		for (size_t k = 0; text != NULL && k < G_N_ELEMENTS(channels); k++)
			if (strcmp(text, channels[k].name) == 0)
				bit = channels[k].channel;
		if (bit == 0)
			return err_set(error, TP_ERROR_INVALID,
			    ".channels[%zu]: it is not email, post or portal", i);
		*ret |= bit;
	}
	return true;
}

static bool
read_quota(const json_t *value, int64_t *ret, GError **error)
{
	*ret = -1;
	if (value == NULL)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return err_set(
		    error, TP_ERROR_INVALID, ".quota: it is not a whole number from 0");
	*ret = json_integer_value(value);
	return true;
}

static bool
read_actions(Rights *rights, const char *group, const json_t *may, const Ranges *allowed,
    unsigned mask, int64_t quota, GError **error)
{
	size_t i;
	json_t *value;

	if (!json_is_array(may) || json_array_size(may) == 0)
		return err_set(
		    error, TP_ERROR_INVALID, ".may: it is not a list of actions");
	json_array_foreach (may, i, value) {
		const char *name = json_string_value(value);
		RightAction action;

		if (name == NULL)
			return err_set(
			    error, TP_ERROR_INVALID, ".may[%zu]: it is not text", i);
		if (!right_action_from_name(name, &action, error)) {
			g_prefix_error(error, ".may[%zu]: ", i);
			return false;
		}
		if (rights_find_exact(rights, group, action) != NULL)
			return err_set(error, TP_ERROR_INVALID,
			    ".may[%zu]: %s stands twice for this group", i, name);
		rights_put(rights, group, action, ranges_copy(allowed), mask, quota);
	}
	return true;
}

static bool
only_known(const json_t *grant, GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)grant, key, value) {
		bool known = false;

		for (size_t i = 0; i < G_N_ELEMENTS(grant_keys); i++)
			known = known || strcmp(key, grant_keys[i]) == 0;
		if (!known) {
			g_autofree char *shown = quote(key);

			return err_set(error, TP_ERROR_INVALID,
			    ": '%s' is not a key of a grant", shown);
		}
	}
	return true;
}

static bool
read_grant(Rights *rights, const json_t *grant, GError **error)
{
	const char *group = json_string_value(json_object_get(grant, "group"));
	g_autoptr(Ranges) allowed = NULL;
	unsigned mask = 0;
	int64_t quota = -1;

	if (!json_is_object(grant))
		return err_set(error, TP_ERROR_INVALID, ": it is not an object");
	if (!only_known(grant, error))
		return false;
	if (group == NULL || group[0] == '\0' || strlen(group) > LIMIT_ORDER_ID_CHARS)
		return err_set(error, TP_ERROR_INVALID,
		    ".group: it is not a name of 1 to %d bytes", LIMIT_ORDER_ID_CHARS);
	allowed =
	    ranges_from_json(json_object_get(grant, "options"), RANGES_LIMITS, error);
	if (allowed == NULL) {
		g_prefix_error(error, ".options.");
		return false;
	}
	return read_channels(json_object_get(grant, "channels"), &mask, error) &&
	       read_quota(json_object_get(grant, "quota"), &quota, error) &&
	       read_actions(rights, group, json_object_get(grant, "may"), allowed, mask,
		   quota, error);
}

Rights *
rights_from_json(const json_t *grants, GError **error)
{
	g_autoptr(Rights) rights = rights_new();
	size_t i;
	json_t *grant;

	if (grants == NULL || json_is_null(grants))
		return g_steal_pointer(&rights);
	if (!json_is_array(grants)) {
		err_set(error, TP_ERROR_INVALID, "grants are not an array");
		return NULL;
	}
	if (json_array_size(grants) > LIMIT_GRANTS) {
		err_set(error, TP_ERROR_INVALID, "there are more than %d grants",
		    LIMIT_GRANTS);
		return NULL;
	}
	json_array_foreach (grants, i, grant) {
		if (!read_grant(rights, grant, error)) {
			g_prefix_error(error, "[%zu]", i);
			return NULL;
		}
	}
	return g_steal_pointer(&rights);
}

/* ---- writing ---- */

/* Called for each group and each set of actions whose rights are the same. */
typedef void (*PartFunc)(
    const char *group, unsigned actions, const Right *right, void *data);

static void
for_each_part(const Rights *rights, PartFunc call, void *data)
{
	for (guint i = 0; i < rights->rows->len; i++) {
		const RightsRow *row = &g_array_index(rights->rows, RightsRow, i);
		unsigned done = 0;

		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			const Right *right = row->rights[a];
			unsigned same = 0;

			if (right == NULL || (done & (1u << a)) != 0)
				continue;
			for (int b = a; b < RIGHT_ACTIONS; b++) {
				const Right *other = row->rights[b];

				if (other != NULL && right_within(other, right) &&
				    right_within(right, other))
					same |= 1u << b;
			}
			done |= same;
			call(row->group, same, right, data);
		}
	}
}

static void
part_to_json(const char *group, unsigned actions, const Right *right, void *data)
{
	json_t *grant = json_object();
	json_t *may = json_array();

	json_object_set_new(grant, "group", json_string(group));
	for (int a = 0; a < RIGHT_ACTIONS; a++)
		if ((actions & (1u << a)) != 0)
			json_array_append_new(
			    may, json_string(right_action_name((RightAction)a)));
	json_object_set_new(grant, "may", may);
	if (ranges_count(right->limits) > 0)
		json_object_set_new(grant, "options", ranges_to_json(right->limits));
	if (right->channels != RIGHT_ALL_CHANNELS) {
		json_t *list = json_array();

		for (size_t k = 0; k < G_N_ELEMENTS(channels); k++)
			if ((right->channels & channels[k].channel) != 0)
				json_array_append_new(
				    list, json_string(channels[k].name));
		json_object_set_new(grant, "channels", list);
	}
	if (right->quota >= 0)
		json_object_set_new(grant, "quota", json_integer(right->quota));
	json_array_append_new(data, grant);
}

json_t *
rights_to_json(const Rights *rights)
{
	json_t *grants = json_array();

	for_each_part(rights, part_to_json, grants);
	return grants;
}

static void
part_to_text(const char *group, unsigned actions, const Right *right, void *data)
{
	GString *text = data;
	const char *comma = ": ";

	g_string_append(text, group);
	for (int a = 0; a < RIGHT_ACTIONS; a++) {
		if ((actions & (1u << a)) == 0)
			continue;
		g_string_append_printf(
		    text, "%s%s", comma, right_action_name((RightAction)a));
		comma = ", ";
	}
	for (guint i = 0; i < ranges_count(right->limits); i++) {
		const Range *range;
		const char *name = ranges_nth(right->limits, i, &range);
		g_autofree char *allowed = range_format(range);

		g_string_append_printf(text, "; %s %s", name, allowed);
	}
	if (right->channels == 0)
		g_string_append(text, "; no channel");
	comma = "; ";
	for (size_t k = 0; k < G_N_ELEMENTS(channels); k++) {
		if (right->channels == RIGHT_ALL_CHANNELS ||
		    (right->channels & channels[k].channel) == 0)
			continue;
		g_string_append_printf(text, "%s%s", comma, channels[k].name);
		comma = ", ";
	}
	if (right->quota >= 0)
		g_string_append_printf(text, "; quota %" G_GINT64_FORMAT, right->quota);
	g_string_append_c(text, '\n');
}

char *
rights_format(const Rights *rights)
{
	GString *text = g_string_new(NULL);

	for_each_part(rights, part_to_text, text);
	return g_string_free(text, FALSE);
}
