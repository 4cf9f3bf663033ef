/*
 * derive.c - one table: what is made, from what, by which rule.
 */
#include "templates/derive.h"

#include <math.h>
#include <string.h>

/* Makes a value from `base`, which is neither null nor "".  NULL without an error: this
 * base has no such field. */
typedef json_t *(*DeriveFunc)(
    const Words *words, const char *arg, const json_t *base, GError **error);

/* --- colours ----------------------------------------------------------------------- */

/* The linear light of one sRGB channel, 0 to 1 (WCAG 2.1, "relative luminance"). */
static double
linear(int channel)
{
	double c = channel / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

const char *
derive_ink(const char *color)
{
	double light;
	int rgb[3];

	if (strlen(color) != 7 || color[0] != '#')
		return NULL;
	for (int i = 0; i < 3; i++) {
		int high = g_ascii_xdigit_value(color[1 + 2 * i]);
		int low = g_ascii_xdigit_value(color[2 + 2 * i]);

		if (high < 0 || low < 0)
			return NULL;
		rgb[i] = 16 * high + low;
	}
	light =
	    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
	/* White has (1 + .05) / (light + .05), black (light + .05) / .05: they are equal,
	 * and 4.58, where light + .05 is the root of .0525. */
	return light + 0.05 > sqrt(1.05 * 0.05) ? "#000000" : "#ffffff";
}

static json_t *
derive_accent(const Words *words, const char *arg, const json_t *base, GError **error)
{
	const char *color = json_string_value(base);

	(void)words, (void)arg;
	if (color == NULL || derive_ink(color) == NULL) {
		err_set(error, TP_ERROR_INVALID, "not a colour like '#0b5d74'");
		return NULL;
	}
	return json_string(color);
}

static json_t *
derive_accent_ink(const Words *words, const char *arg, const json_t *base, GError **error)
{
	(void)words, (void)arg, (void)error;
	return json_string(derive_ink(json_string_value(base)));
}

/* --- days and words ---------------------------------------------------------------- */

static json_t *
derive_day_text(const Words *words, const char *arg, const json_t *base, GError **error)
{
	g_autofree char *text = NULL;
	Day day;

	(void)arg;
	if (!json_is_string(base)) {
		err_set(error, TP_ERROR_INVALID, "not text");
		return NULL;
	}
	if (json_string_length(base) == 0 ||
	    !day_parse(json_string_value(base), &day, error))
		return NULL;
	/* The last day there is means that there is none: queue/day.h. */
	if (day_cmp(day, DAY_MAX) == 0)
		return NULL;
	text = words_day(words, day);
	return json_string(text);
}

static json_t *
derive_word(const Words *words, const char *group, const json_t *base, GError **error)
{
	const char *key = json_string_value(base);
	const char *word = key == NULL ? NULL : words_find(words, group, key);

	if (word == NULL) {
		err_set(error, TP_ERROR_INVALID, "'%s' is no %s", key == NULL ? "" : key,
		    group);
		return NULL;
	}
	return json_string(word);
}

static json_t *
derive_is(const Words *words, const char *wanted, const json_t *base, GError **error)
{
	(void)words, (void)error;
	return json_boolean(g_strcmp0(json_string_value(base), wanted) == 0);
}

/* --- codes and counts -------------------------------------------------------------- */

static json_t *
derive_groups(const Words *words, const char *arg, const json_t *base, GError **error)
{
	const char *code = json_string_value(base);
	json_t *groups = json_array();

	(void)words, (void)arg, (void)error;
	while (code != NULL && *code != '\0') {
		const char *dash = strchr(code, '-');
		gsize n = dash == NULL ? strlen(code) : (gsize)(dash - code) + 1;

		json_array_append_new(groups, json_stringn(code, n));
		code += n;
	}
	return groups;
}

static json_t *
derive_count(const Words *words, const char *arg, const json_t *base, GError **error)
{
	(void)words, (void)arg, (void)error;
	return json_integer((json_int_t)json_array_size(base));
}

static json_t *
derive_many(const Words *words, const char *arg, const json_t *base, GError **error)
{
	(void)words, (void)arg, (void)error;
	return json_boolean(json_array_size(base) > 1);
}

/* --- the table --------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *object; /* where both stand, NULL: at the top */
	const char *base;
	const char *into;   /* the object of the result, NULL: at the top */
	const char *made;
	DeriveFunc make;
	const char *arg;
	const char *otherwise; /* what it is when there is no base */
} rules[] = {
	{ "brand",    "color",     "brand",    "accent",         derive_accent,     NULL, "#343d48" },
	{ "brand",    "accent",    "brand",    "ink",            derive_accent_ink, NULL, NULL },
	{ "order",    "day",       "order",    "day_text",       derive_day_text,   NULL, NULL },
	{ "ticket",   "code",      "ticket",   "groups",         derive_groups,     NULL, NULL },
	{ "ticket",   "first_day", "ticket",   "first_day_text", derive_day_text,   NULL, NULL },
	{ "ticket",   "last_day",  "ticket",   "last_day_text",  derive_day_text,   NULL, NULL },
	{ "product",  "kind",      "product",  "kind_text",      derive_word,       "kind", NULL },
	{ "product",  "kind",      NULL,       "demo",           derive_is,         "demo", NULL },
	{ "product",  "kind",      NULL,       "nfr",            derive_is,         "nfr", NULL },
	{ "product",  "kind",      NULL,       "subscription",   derive_is,         "subscription", NULL },
	{ "answer",   "status",    "answer",   "status_text",    derive_word,       "status", NULL },
	{ "delivery", "channel",   "delivery", "channel_text",   derive_word,       "channel", NULL },
	{ "delivery", "since_day", "delivery", "since_day_text", derive_day_text,   NULL, NULL },
	{ NULL,       "tickets",   NULL,       "count",          derive_count,      NULL, NULL },
	{ NULL,       "tickets",   NULL,       "many",           derive_many,       NULL, NULL },
};
/* clang-format on */

static bool
is_nothing(const json_t *value)
{
	return value == NULL || json_is_null(value) ||
	       (json_is_string(value) && json_string_length(value) == 0);
}

static bool
derive_object(const Words *words, json_t *context, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		const char *object = rules[i].object, *into = rules[i].into;
		json_t *from =
		    object == NULL ? context : json_object_get(context, object);
		json_t *to = into == NULL ? context : json_object_get(context, into);
		json_t *base = json_object_get(from, rules[i].base), *made;
		GError *bad = NULL;

		json_object_del(to, rules[i].made);
		if (to == NULL)
			continue;
		if (is_nothing(base)) {
			if (rules[i].otherwise != NULL)
				json_object_set_new(
				    to, rules[i].made, json_string(rules[i].otherwise));
			continue;
		}
		made = rules[i].make(words, rules[i].arg, base, &bad);
		if (bad != NULL) {
			g_propagate_prefixed_error(error, bad,
			    "field '%s%s%s': ", object == NULL ? "" : object,
			    object == NULL ? "" : ".", rules[i].base);
			return false;
		}
		if (made != NULL)
			json_object_set_new(to, rules[i].made, made);
	}
	return true;
}

bool
derive_fields(const Words *words, json_t *context, GError **error)
{
	json_t *ticket;
	gsize i;

	if (!derive_object(words, context, error))
		return false;
	json_array_foreach (json_object_get(context, "tickets"), i, ticket) {
		if (!derive_object(words, ticket, error)) {
			g_prefix_error(error, "ticket %zu: ", i + 1);
			return false;
		}
	}
	return true;
}
