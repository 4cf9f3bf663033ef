/*
 * range.h - the values an option may take.
 *
 * Two kinds: whole numbers from min to max, both allowed, perhaps only the multiples of a
 * step (days, seats); and sets of words (modules, features), of which any subset may be
 * chosen.  Ranges from several hands are met (intersected), never added: what the vendor
 * offers, a group allows, a reseller may and a user may.  The result may be empty; an
 * option with an empty range is not offered (R4.2).
 *
 * A range may have a fallback: what is taken when nobody says anything.  Meeting keeps
 * the one of the narrower hand, or else of the wider, moved to the nearest value that is
 * still allowed.
 *
 * Numbers lie in 0 to LIMIT_OPTION_NUMBER; a side that is not limited stands there.
 *
 * Pure functions; nothing but ranges_from_json() (ranges.h) makes ranges of foreign text.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue/err.h"

typedef struct Range Range;

/* The multiples of `step` (1: all) from `min` to `max`; empty when there is none. */
Range *range_new(int64_t min, int64_t max, int64_t step) MUST_USE;

/* Subsets of `words` (ends with NULL; copied, sorted, each once). */
Range *range_new_words(const char *const *words) MUST_USE;

Range *range_copy(const Range *range) MUST_USE;
void range_free(Range *range);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Range, range_free)

bool range_is_words(const Range *range);
bool range_is_empty(const Range *range);

/* Least and most allowed number; undefined for words and when empty. */
int64_t range_min(const Range *range);
int64_t range_max(const Range *range);
int64_t range_step(const Range *range);

/* The allowed words, sorted, ends with NULL; NULL for numbers.  Lives as long as `range`.
 */
const char *const *range_words(const Range *range);

/* Whether a number or each of some words is allowed; false for the other kind. */
bool range_allows(const Range *range, int64_t number);
bool range_allows_words(const Range *range, const char *const *words);

/* INVALID when it is not allowed; the text names what is: "120 is not in 1 to 90",
 * "'cfd' is not among cae, cam". */
bool range_check(const Range *range, int64_t number, GError **error) MUST_USE;
bool range_check_words(
    const Range *range, const char *const *words, GError **error) MUST_USE;

/* The fallback has to be allowed, else INVALID as above. */
bool range_set_fallback(Range *range, int64_t number, GError **error) MUST_USE;
bool range_set_fallback_words(
    Range *range, const char *const *words, GError **error) MUST_USE;

/* False, or NULL: there is none. */
bool range_fallback(const Range *range, int64_t *ret);
const char *const *range_fallback_words(const Range *range);

/* What `outer` and `inner` both allow.  A number and words have nothing in common. */
Range *range_meet(const Range *outer, const Range *inner) MUST_USE;

/* Whether everything that `inner` allows, `outer` allows too.  Fallbacks do not count. */
bool range_within(const Range *inner, const Range *outer);

/* For people: "1 to 90", "30 to 90 in steps of 30", "30", "at least 5", "any number",
 * "cae, cam", "nothing".  The caller frees. */
char *range_format(const Range *range) G_GNUC_WARN_UNUSED_RESULT;
