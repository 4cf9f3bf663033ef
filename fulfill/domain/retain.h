/*
 * retain.h - data whose time is over go by themselves.
 *
 * Rules change rows in slices (retain_slice()), or name people whose turn it is
 * (retain_people()), who are then erased like anybody who asks for it, with a line in the
 * erasure log.  Doing it again is harmless.
 */
#pragma once

#include "fulfill/domain/erase.h"
#include "queue/day.h"

typedef enum RetainRule {
#define RULE(id, name, setting, sentence) RETAIN_##id,
#include "fulfill/domain/retain.def"
#undef RULE
	RETAIN_RULES
} RetainRule;

const char *retain_name(RetainRule rule);
const char *retain_setting(RetainRule rule); /* key of [privacy], or "" */
const char *retain_sentence(RetainRule rule);

/* Is it a rule of people (retain_people()) or of rows (retain_slice())? */
bool retain_is_of_people(RetainRule rule);

/* What is older than this is over. */
typedef struct RetainBefore {
	int64_t at;
	Day day;
} RetainBefore;

/* How many rows or people there are to do. */
bool retain_count(Db *db, RetainRule rule, const RetainBefore *before, int64_t *ret,
    GError **error) MUST_USE;

/* Up to a thousand rows of a rule of rows; *ret_n counts, 0: none is left. */
bool retain_slice(DbTx *tx, RetainRule rule, const RetainBefore *before, int64_t *ret_n,
    GError **error) MUST_USE;

/* Who is due, at most `max`: *ret is a list of RetainPerson. */
typedef struct RetainPerson {
	EraseScope scope;
	int64_t id;
	int64_t created_at;
} RetainPerson;
GArray *retain_people(Db *db, RetainRule rule, const RetainBefore *before, int max,
    GError **error) MUST_USE;
