/*
 * ranges.h - the options of a product, or the limits somebody has, by name.
 *
 * The same JSON in two roles:
 *
 *   offer    what a product has: an option that is not named does not exist.
 *            {"days": {"min": 1, "max": 90, "default": 30},
 *             "modules": {"of": ["cae", "cam"], "default": ["cam"]}}
 *   limits   what a group, a reseller or a user may: an option that is not named is not
 *            limited by this hand, a side that is not named is open.
 *            {"days": {"max": 30}}
 *
 * The effective range of an order (R4.2) is ranges_restrict(offer, hand), once for each
 * hand.  Tightening a limit later changes what ranges_check() says of renewals and edits,
 * and nothing about what runs (R4.4): nothing here is stored with a licence.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "fulfill/domain/range.h"
#include "queue/err.h"

typedef struct Ranges Ranges;

typedef enum RangesRole {
	RANGES_OFFER,  /* min, max and default, or of, must be there */
	RANGES_LIMITS, /* each may be missing; no defaults */
} RangesRole;

Ranges *ranges_new(void) MUST_USE;
Ranges *ranges_copy(const Ranges *ranges) MUST_USE;
void ranges_free(Ranges *ranges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ranges, ranges_free)

/*
 * NULL: INVALID, with the place before the reason: "days.max: 0 is not in 1 to 36525".
 * Names are lower-case ASCII letters, digits and '_', from a letter, at most 32.  "days"
 * and "quantity" count from 1.  `object` NULL or JSON null reads as no options.
 */
Ranges *ranges_from_json(const json_t *object, RangesRole role, GError **error) MUST_USE;

/* In the same form, keys sorted; the caller decrefs. */
json_t *ranges_to_json(const Ranges *ranges) MUST_USE;

/* Takes `range`; replaces what the name had. */
void ranges_put(Ranges *ranges, const char *name, Range *range);

guint ranges_count(const Ranges *ranges);

/* The i-th in order of names.  Lives as long as `ranges` and until the next put. */
const char *ranges_nth(const Ranges *ranges, guint i, const Range **ret);

/* NULL: not named. */
const Range *ranges_find(const Ranges *ranges, const char *name);

/* The offer with each of its options met with the limit of that name.  Options without a
 * limit stay; limits without an option add none; one that nothing is left of stays with
 * its empty range, and ranges_check() says that it is not offered. */
Ranges *ranges_restrict(const Ranges *offer, const Ranges *hand) MUST_USE;

/* Two hands of limits as one: met where both name an option, taken over where one does.
 */
Ranges *ranges_meet(const Ranges *outer, const Ranges *inner) MUST_USE;

/* Whether limits `inner` allow nothing that limits `outer` forbid: every option that
 * `outer` names, `inner` names too, and within it. */
bool ranges_within(const Ranges *inner, const Ranges *outer);

/*
 * Whether the offer has this option and allows `value`, a whole number or an array of
 * words. INVALID; the text names option and allowed range: "option 'days': 120 is not in
 * 1 to 90", "option 'days' is not offered".
 */
bool ranges_check(
    const Ranges *offer, const char *name, const json_t *value, GError **error) MUST_USE;
