/*
 * range.c - the values an option may take.
 */
#include "fulfill/domain/range.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

#define LEAST INT64_C(0)
#define MOST ((int64_t)LIMIT_OPTION_NUMBER)

struct Range {
	/* Numbers: multiples of step, brought in to the nearest allowed; min > max:
	 * empty. */
	int64_t min;
	int64_t max;
	int64_t step;
	int64_t fallback; /* -1: none */
	/* Words: sorted; NULL for numbers. */
	char **words;
	char **fallback_words; /* NULL: none */
};

static Range *
range_alloc(void)
{
	Range *range = g_new0(Range, 1);

	range->step = 1;
	range->fallback = -1;
	return range;
}

Range *
range_new(int64_t min, int64_t max, int64_t step)
{
	Range *range = range_alloc();

	range->step = CLAMP(step, 1, MOST);
	min = CLAMP(min, LEAST, MOST + 1);
	max = CLAMP(max, LEAST - 1, MOST);
	range->min = (min + range->step - 1) / range->step * range->step;
	range->max = max < 0 ? -1 : max / range->step * range->step;
	return range;
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static char **
words_copy(const char *const *words)
{
	GPtrArray *copy = g_ptr_array_new();

	for (; *words != NULL; words++)
		g_ptr_array_add(copy, g_strdup(*words));
	g_ptr_array_sort(copy, compare_words);
	for (guint i = 1; i < copy->len;) {
		if (strcmp(copy->pdata[i - 1], copy->pdata[i]) == 0)
			g_free(g_ptr_array_remove_index(copy, i));
		else
			i++;
	}
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}

Range *
range_new_words(const char *const *words)
{
	Range *range = range_alloc();

	range->words = words_copy(words);
	return range;
}

Range *
range_copy(const Range *range)
{
	Range *copy = g_memdup2(range, sizeof(*range));

	copy->words = g_strdupv(range->words);
	copy->fallback_words = g_strdupv(range->fallback_words);
	return copy;
}

void
range_free(Range *range)
{
	if (range == NULL)
		return;
	g_strfreev(range->words);
	g_strfreev(range->fallback_words);
	g_free(range);
}

bool
range_is_words(const Range *range)
{
	return range->words != NULL;
}

bool
range_is_empty(const Range *range)
{
	return range->words != NULL ? range->words[0] == NULL : range->min > range->max;
}

int64_t
range_min(const Range *range)
{
	return range->min;
}

int64_t
range_max(const Range *range)
{
	return range->max;
}

int64_t
range_step(const Range *range)
{
	return range->step;
}

const char *const *
range_words(const Range *range)
{
	return (const char *const *)range->words;
}

/* ---- what is allowed ---- */

static bool
has_word(const Range *range, const char *word)
{
	return range->words != NULL &&
	       g_strv_contains((const char *const *)range->words, word);
}

bool
range_allows(const Range *range, int64_t number)
{
	return range->words == NULL && number >= range->min && number <= range->max &&
	       number % range->step == 0;
}

bool
range_allows_words(const Range *range, const char *const *words)
{
	if (range->words == NULL)
		return false;
	for (; *words != NULL; words++)
		if (!has_word(range, *words))
			return false;
	return true;
}

char *
range_format(const Range *range)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (range_is_empty(range))
		return g_strdup("nothing");
	if (range->words != NULL)
		return g_strjoinv(", ", range->words);
	if (range->min == range->max)
		return g_strdup_printf("%" G_GINT64_FORMAT, range->min);
	if (range->max < MOST / range->step * range->step)
		g_string_printf(text, "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
		    range->min, range->max);
	else if (range->min > LEAST)
		g_string_printf(text, "at least %" G_GINT64_FORMAT, range->min);
	else
		g_string_assign(text, "any number");
	if (range->step != 1)
		g_string_append_printf(
		    text, " in steps of %" G_GINT64_FORMAT, range->step);
	return g_strdup(text->str);
}

bool
range_check(const Range *range, int64_t number, GError **error)
{
	g_autofree char *allowed = NULL;

	if (range_allows(range, number))
		return true;
	allowed = range_format(range);
	if (range->words != NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "%" G_GINT64_FORMAT " is a number, allowed are %s", number, allowed);
	return err_set(error, TP_ERROR_INVALID, "%" G_GINT64_FORMAT " is not in %s",
	    number, allowed);
}

bool
range_check_words(const Range *range, const char *const *words, GError **error)
{
	g_autofree char *allowed = NULL;
	g_autofree char *shown = NULL;

	if (range_allows_words(range, words))
		return true;
	allowed = range_format(range);
	if (range->words == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "words are not a number, allowed is %s", allowed);
	while (has_word(range, *words))
		words++;
	shown = quote(*words);
	return err_set(error, TP_ERROR_INVALID, "'%s' is not among %s", shown, allowed);
}

/* ---- fallback ---- */

bool
range_set_fallback(Range *range, int64_t number, GError **error)
{
	if (!range_check(range, number, error))
		return false;
	range->fallback = number;
	return true;
}

bool
range_set_fallback_words(Range *range, const char *const *words, GError **error)
{
	if (!range_check_words(range, words, error))
		return false;
	g_strfreev(range->fallback_words);
	range->fallback_words = words_copy(words);
	return true;
}

bool
range_fallback(const Range *range, int64_t *ret)
{
	if (range->fallback < 0)
		return false;
	*ret = range->fallback;
	return true;
}

const char *const *
range_fallback_words(const Range *range)
{
	return (const char *const *)range->fallback_words;
}

/* ---- several hands ---- */

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Words in both, sorted as they are. */
static char **
common_words(char **of, const Range *with)
{
	GPtrArray *common = g_ptr_array_new();

	for (char **word = of; *word != NULL; word++)
		if (has_word(with, *word))
			g_ptr_array_add(common, g_strdup(*word));
	g_ptr_array_add(common, NULL);
	return (char **)g_ptr_array_free(common, FALSE);
}

static Range *
meet_words(const Range *outer, const Range *inner)
{
	Range *both = range_alloc();
	char **fallback =
	    inner->fallback_words != NULL ? inner->fallback_words : outer->fallback_words;

	both->words = common_words(outer->words, inner);
	if (fallback != NULL)
		both->fallback_words = common_words(fallback, both);
	return both;
}

/* The allowed number nearest to `number`. */
static int64_t
nearest(const Range *range, int64_t number)
{
	int64_t within = CLAMP(number, range->min, range->max);

	return range->min + (within - range->min) / range->step * range->step;
}

Range *
range_meet(const Range *outer, const Range *inner)
{
	int64_t step;
	int64_t fallback = inner->fallback >= 0 ? inner->fallback : outer->fallback;
	Range *both;

	if (outer->words != NULL && inner->words != NULL)
		return meet_words(outer, inner);
	if (outer->words != NULL || inner->words != NULL)
		return range_new(1, 0, 1);
	/* Both below 2^30, so the product fits.  A common step beyond MOST leaves 0 at
	 * most: MOST itself is left only if both steps divide it, and then the common one
	 * does. */
	step =
	    outer->step / greatest_common_divisor(outer->step, inner->step) * inner->step;
	both = range_new(
	    MAX(outer->min, inner->min), MIN(outer->max, inner->max), MIN(step, MOST));
	if (fallback >= 0 && !range_is_empty(both))
		both->fallback = nearest(both, fallback);
	return both;
}

bool
range_within(const Range *inner, const Range *outer)
{
	if (range_is_empty(inner))
		return true;
	if (inner->words != NULL)
		return range_allows_words(outer, (const char *const *)inner->words);
	/* With two neighbours each value between the ends is a multiple too. */
	return range_allows(outer, inner->min) && range_allows(outer, inner->max) &&
	       (inner->min == inner->max ||
		   range_allows(outer, inner->min + inner->step));
}
