/*
 * json_read.h - take a JSON object apart, saying for each wrong value where it stands.
 *
 * A reader stands on one object of a document.  Each jr_* call looks at one key of it; a
 * value of the wrong type or out of its range adds a fault and yields the absent value,
 * so that a caller can read on and report everything at once.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/faults.h"

typedef struct JsonRead {
	const json_t *object;
	char *path; /* "products[3]"; owned */
	Faults *faults;
} JsonRead;

/* Stands on `value`, which lies at `format`; adds a fault and stands on nothing when it
 * is not an object. */
void jr_enter(JsonRead *r, const json_t *value, Faults *faults, const char *format, ...)
    PRINTF(4, 5);
void jr_done(JsonRead *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JsonRead, jr_done)

typedef enum JrNeed { JR_MAY, JR_MUST } JrNeed;

/* A fault at this key. */
void jr_fault(JsonRead *r, const char *key, const char *format, ...) PRINTF(3, 4);

/* Text of 1 to `max` characters without control characters; borrowed.  NULL: absent. */
const char *jr_text(JsonRead *r, const char *key, JrNeed need, int max);

/* One of the words of `choices` ("a|b|c"). */
const char *jr_choice(JsonRead *r, const char *key, JrNeed need, const char *choices);

/* Whole number from least to most; `absent` when it is not there or wrong. */
int64_t jr_int(JsonRead *r, const char *key, JrNeed need, int64_t least, int64_t most,
    int64_t absent);

bool jr_bool(JsonRead *r, const char *key, bool absent);

/* A real day YYYY-MM-DD; borrowed. */
const char *jr_day(JsonRead *r, const char *key, JrNeed need);

/* An object or array; NULL when absent or of another type. */
const json_t *jr_object(JsonRead *r, const char *key, JrNeed need);
const json_t *jr_array(JsonRead *r, const char *key, JrNeed need);

/* Every key that is not in `known` ("a|b|c") is a fault. */
void jr_only(JsonRead *r, const char *known);
