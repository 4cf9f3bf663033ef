/*
 * party_list.h - parties as people look at them; reads only.
 */
#pragma once

#include "queue/db.h"

typedef struct PartyRow {
	int64_t id;
	const char *code;
	const char *kind;
	const char *parent; /* or NULL, like the rest */
	const char *name;
	const char *company;
	const char *email;
	const char *mode;
	bool direct;
	int64_t users;
	int64_t pool; /* tickets in its pool */
} PartyRow;

/* Those that are not removed: directly below `parent_id` (0: anywhere), of `kind` (NULL:
 * any), with `id` (0: any); by kind and code. */
bool party_list(Db *db, int64_t parent_id, const char *kind, int64_t id,
    void (*fn)(void *user, const PartyRow *row), void *user, GError **error) MUST_USE;
