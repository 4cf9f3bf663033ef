/*
 * ranges.c - options and limits by name, from and to JSON.
 */
#include "fulfill/domain/ranges.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

#define NAME_CHARS 32

/* clang-format off */
/* Options whose meaning the program knows; others count from 0. */
static const struct {
	const char *name;
	int64_t least;
	int64_t most;
} known[] = {
	{ "days",     1, LIMIT_TERM_DAYS },
	{ "quantity", 1, LIMIT_ORDER_QUANTITY },
};
/* clang-format on */

typedef struct Named {
	char *name;
	Range *range;
} Named;

struct Ranges {
	GArray *named; /* of Named, sorted by name */
};

static void
named_clear(void *data)
{
	Named *named = data;

	g_free(named->name);
	range_free(named->range);
}

Ranges *
ranges_new(void)
{
	Ranges *ranges = g_new0(Ranges, 1);

	ranges->named = g_array_new(FALSE, FALSE, sizeof(Named));
	g_array_set_clear_func(ranges->named, named_clear);
	return ranges;
}

void
ranges_free(Ranges *ranges)
{
	if (ranges == NULL)
		return;
	g_array_unref(ranges->named);
	g_free(ranges);
}

/* The place of `name`, or where it belongs. */
static guint
place_of(const Ranges *ranges, const char *name, bool *found)
{
	guint i = 0;
	int cmp = -1;

	for (; i < ranges->named->len; i++) {
		cmp = strcmp(g_array_index(ranges->named, Named, i).name, name);
		if (cmp >= 0)
			break;
	}
	*found = i < ranges->named->len && cmp == 0;
	return i;
}

void
ranges_put(Ranges *ranges, const char *name, Range *range)
{
	bool found;
	guint i = place_of(ranges, name, &found);
	Named named = { NULL, range };

	if (found) {
		Named *old = &g_array_index(ranges->named, Named, i);

		range_free(old->range);
		old->range = range;
		return;
	}
	named.name = g_strdup(name);
	g_array_insert_val(ranges->named, i, named);
}

guint
ranges_count(const Ranges *ranges)
{
	return ranges->named->len;
}

const char *
ranges_nth(const Ranges *ranges, guint i, const Range **ret)
{
	const Named *named = &g_array_index(ranges->named, Named, i);

	*ret = named->range;
	return named->name;
}

const Range *
ranges_find(const Ranges *ranges, const char *name)
{
	bool found;
	guint i = place_of(ranges, name, &found);

	return found ? g_array_index(ranges->named, Named, i).range : NULL;
}

Ranges *
ranges_copy(const Ranges *ranges)
{
	Ranges *copy = ranges_new();

	for (guint i = 0; i < ranges_count(ranges); i++) {
		const Range *range;
		const char *name = ranges_nth(ranges, i, &range);

		ranges_put(copy, name, range_copy(range));
	}
	return copy;
}

/* ---- several hands ---- */

Ranges *
ranges_restrict(const Ranges *offer, const Ranges *hand)
{
	Ranges *left = ranges_new();

	for (guint i = 0; i < ranges_count(offer); i++) {
		const Range *range;
		const char *name = ranges_nth(offer, i, &range);
		const Range *limit = ranges_find(hand, name);

		ranges_put(left, name,
		    limit != NULL ? range_meet(range, limit) : range_copy(range));
	}
	return left;
}

Ranges *
ranges_meet(const Ranges *outer, const Ranges *inner)
{
	Ranges *both = ranges_restrict(outer, inner);

	for (guint i = 0; i < ranges_count(inner); i++) {
		const Range *range;
		const char *name = ranges_nth(inner, i, &range);

		if (ranges_find(outer, name) == NULL)
			ranges_put(both, name, range_copy(range));
	}
	return both;
}

bool
ranges_within(const Ranges *inner, const Ranges *outer)
{
	for (guint i = 0; i < ranges_count(outer); i++) {
		const Range *range;
		const char *name = ranges_nth(outer, i, &range);
		const Range *own = ranges_find(inner, name);

		if (own == NULL || !range_within(own, range))
			return false;
	}
	return true;
}

/* ---- JSON ---- */

static bool
name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return g_ascii_isalpha(name[0]) && name[n] == '\0' && n <= NAME_CHARS;
}

/* The words of a JSON array, or NULL and INVALID.  The strings belong to `array`. */
static const char **
words_of(const json_t *array, GError **error)
{
	g_autofree const char **words = g_new0(const char *, json_array_size(array) + 1);
	size_t i;
	json_t *value;

	if (json_array_size(array) > LIMIT_OPTION_WORDS) {
		err_set(error, TP_ERROR_INVALID, "there are more than %d words",
		    LIMIT_OPTION_WORDS);
		return NULL;
	}
	json_array_foreach (array, i, value) {
		const char *word = json_string_value(value);

		if (word == NULL || word[0] == '\0' ||
		    json_string_length(value) != strlen(word) ||
		    strlen(word) > LIMIT_ORDER_ID_CHARS) {
			err_set(error, TP_ERROR_INVALID,
			    "[%zu] is not a word of 1 to %d bytes", i,
			    LIMIT_ORDER_ID_CHARS);
			return NULL;
		}
		words[i] = word;
	}
	return g_steal_pointer(&words);
}

/* A bound of the option `key` within what any option has; `absent` when it is missing and
 * may be. */
static bool
read_bound(const json_t *object, const char *key, RangesRole role, int64_t least,
    int64_t most, int64_t absent, int64_t *ret, GError **error)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL) {
		*ret = absent;
		return role == RANGES_LIMITS || absent >= 0 ||
		       err_set(error, TP_ERROR_INVALID, "%s is missing", key);
	}
	if (!json_is_integer(value))
		return err_set(error, TP_ERROR_INVALID, "%s is not a whole number", key);
	*ret = json_integer_value(value);
	return (*ret >= least && *ret <= most) ||
	       err_set(error, TP_ERROR_INVALID,
		   "%s: %" G_GINT64_FORMAT " is not in %" G_GINT64_FORMAT
		   " to %" G_GINT64_FORMAT,
		   key, *ret, least, most);
}

static bool
only_keys(const json_t *object, const char *const *keys, GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		if (!g_strv_contains(keys, key)) {
			g_autofree char *shown = quote(key);
			g_autofree char *all = g_strjoinv(", ", (char **)(uintptr_t)keys);

			return err_set(
			    error, TP_ERROR_INVALID, "'%s' is not one of %s", shown, all);
		}
	}
	return true;
}

static Range *
words_range(const json_t *object, RangesRole role, GError **error)
{
	static const char *const offer_keys[] = { "of", "default", NULL };
	static const char *const limit_keys[] = { "of", NULL };
	const json_t *fallback = json_object_get(object, "default");
	g_autofree const char **words = NULL;
	g_autofree const char **usual = NULL;
	g_autoptr(Range) range = NULL;

	if (!only_keys(object, role == RANGES_OFFER ? offer_keys : limit_keys, error))
		return NULL;
	if (!json_is_array(json_object_get(object, "of")) ||
	    (fallback != NULL && !json_is_array(fallback))) {
		err_set(error, TP_ERROR_INVALID, "of and default are arrays of words");
		return NULL;
	}
	words = words_of(json_object_get(object, "of"), error);
	if (words == NULL) {
		g_prefix_error(error, "of: ");
		return NULL;
	}
	range = range_new_words(words);
	if (fallback == NULL)
		return g_steal_pointer(&range);
	usual = words_of(fallback, error);
	if (usual != NULL && range_set_fallback_words(range, usual, error))
		return g_steal_pointer(&range);
	g_prefix_error(error, "default: ");
	return NULL;
}

static Range *
number_range(const char *name, const json_t *object, RangesRole role, GError **error)
{
	static const char *const offer_keys[] = { "min", "max", "step", "default", NULL };
	static const char *const limit_keys[] = { "min", "max", "step", NULL };
	int64_t least = 0;
	int64_t most = LIMIT_OPTION_NUMBER;
	int64_t min, max, step, fallback;
	g_autoptr(Range) range = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (strcmp(name, known[i].name) == 0) {
			least = known[i].least;
			most = known[i].most;
		}
	}
	if (!only_keys(object, role == RANGES_OFFER ? offer_keys : limit_keys, error) ||
	    !read_bound(object, "min", role, least, most,
		role == RANGES_OFFER ? -1 : least, &min, error) ||
	    !read_bound(object, "max", role, least, most,
		role == RANGES_OFFER ? -1 : most, &max, error) ||
	    !read_bound(object, "step", role, 1, most, 1, &step, error) ||
	    !read_bound(object, "default", role, least, most, -1, &fallback, error))
		return NULL;
	range = range_new(min, max, step);
	/* A limit may forbid an option; an offer that offers nothing is a mistake. */
	if (range_is_empty(range) && (role == RANGES_OFFER || min > max)) {
		err_set(error, TP_ERROR_INVALID,
		    "no number is in %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
		    " in steps of %" G_GINT64_FORMAT,
		    min, max, step);
		return NULL;
	}
	if (fallback >= 0 && !range_set_fallback(range, fallback, error)) {
		g_prefix_error(error, "default: ");
		return NULL;
	}
	return g_steal_pointer(&range);
}

Ranges *
ranges_from_json(const json_t *object, RangesRole role, GError **error)
{
	g_autoptr(Ranges) ranges = ranges_new();
	const char *name;
	json_t *value;

	if (object == NULL || json_is_null(object))
		return g_steal_pointer(&ranges);
	if (!json_is_object(object)) {
		err_set(error, TP_ERROR_INVALID, "options are not an object");
		return NULL;
	}
	if (json_object_size(object) > LIMIT_LINE_OPTIONS) {
		err_set(error, TP_ERROR_INVALID, "there are more than %d options",
		    LIMIT_LINE_OPTIONS);
		return NULL;
	}
	json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
		Range *range = NULL;
		g_autofree char *shown = quote(name);

		if (!name_is_good(name))
			err_set(error, TP_ERROR_INVALID,
			    "an option is named in a-z, 0-9 and _, at most %d of them",
			    NAME_CHARS);
		else if (!json_is_object(value))
			err_set(error, TP_ERROR_INVALID, "it is not an object");
		else if (json_object_get(value, "of") != NULL)
			range = words_range(value, role, error);
		else
			range = number_range(name, value, role, error);
		if (range == NULL) {
			g_prefix_error(error, "%s: ", shown);
			return NULL;
		}
		ranges_put(ranges, name, range);
	}
	return g_steal_pointer(&ranges);
}

static json_t *
words_to_json(const char *const *words)
{
	json_t *array = json_array();

	for (; *words != NULL; words++)
		json_array_append_new(array, json_string(*words));
	return array;
}

json_t *
ranges_to_json(const Ranges *ranges)
{
	json_t *object = json_object();

	for (guint i = 0; i < ranges_count(ranges); i++) {
		const Range *range;
		const char *name = ranges_nth(ranges, i, &range);
		json_t *one = json_object();
		int64_t fallback;

		if (range_is_empty(range)) {
			/* Whatever it is nothing of. */
			json_object_set_new(one, "of", json_array());
		} else if (range_is_words(range)) {
			json_object_set_new(one, "of", words_to_json(range_words(range)));
			if (range_fallback_words(range) != NULL)
				json_object_set_new(one, "default",
				    words_to_json(range_fallback_words(range)));
		} else {
			json_object_set_new(one, "min", json_integer(range_min(range)));
			json_object_set_new(one, "max", json_integer(range_max(range)));
			if (range_step(range) != 1)
				json_object_set_new(
				    one, "step", json_integer(range_step(range)));
			if (range_fallback(range, &fallback))
				json_object_set_new(
				    one, "default", json_integer(fallback));
		}
		json_object_set_new(object, name, one);
	}
	return object;
}

/* ---- checking ---- */

static bool
check_value(const Range *range, const json_t *value, GError **error)
{
	g_autofree const char **words = NULL;
	g_autofree char *allowed = NULL;

	if (json_is_integer(value))
		return range_check(range, json_integer_value(value), error);
	if (json_is_array(value)) {
		words = words_of(value, error);
		return words != NULL && range_check_words(range, words, error);
	}
	allowed = range_format(range);
	if (range_is_words(range))
		return err_set(error, TP_ERROR_INVALID,
		    "it is not a list of words, allowed are %s", allowed);
	return err_set(
	    error, TP_ERROR_INVALID, "it is not a whole number, allowed is %s", allowed);
}

bool
ranges_check(const Ranges *offer, const char *name, const json_t *value, GError **error)
{
	const Range *range = ranges_find(offer, name);
	g_autofree char *shown = quote(name);

	if (range == NULL)
		return err_set(error, TP_ERROR_INVALID, "there is no option '%s'", shown);
	if (range_is_empty(range))
		return err_set(
		    error, TP_ERROR_INVALID, "option '%s' is not offered", shown);
	if (check_value(range, value, error))
		return true;
	g_prefix_error(error, "option '%s': ", shown);
	return false;
}
