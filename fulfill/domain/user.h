/*
 * user.h - people who act for a party: who they are, not what they may (rights_store.h).
 *
 * A user is an address at a party.  The same person may be a user of several parties;
 * each of them is a user of its own, with rights of its own.
 */
#pragma once

#include "fulfill/domain/json_read.h"
#include "queue/db.h"

typedef struct User {
	int64_t id;
	int64_t party_id;
	char *party;      /* its code */
	char *party_kind; /* vendor, reseller, customer */
	char *email;      /* lower case */
	char *name;       /* or NULL */
	bool admin;
	bool inherits; /* has what its party has; an ordinary user without create-user */
	int64_t made_by; /* the user below whom it stands; 0: its party */
} User;

void user_free(User *user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(User, user_free)

/* NOT_FOUND also for one who was removed. */
User *user_get(Db *db, int64_t id, GError **error) MUST_USE;

/*
 * By address, in any case, and party code (NULL: any).  1: *ret is the caller's.  0:
 * there is no such user.  -1: CONFLICT when several parties have one and none was named.
 */
int user_find(
    Db *db, const char *email, const char *party, User **ret, GError **error) MUST_USE;

/* Of one party, by address in any case.  1 / 0 / -1. */
int user_find_of(
    Db *db, const char *email, int64_t party_id, User **ret, GError **error) MUST_USE;

/* "ada@example.org", or "ada@example.org:R-100" where that is not enough, as people write
 * it; NOT_FOUND and CONFLICT say what to write instead. */
User *user_resolve(Db *db, const char *text, GError **error) MUST_USE;

/* User * of a party (0: all) with an address (NULL: any), by party and address. */
GPtrArray *user_list(
    Db *db, int64_t party_id, const char *email, GError **error) MUST_USE;

/* Who is to be stored; one who was removed comes back, without rights.  `made_by` 0: the
 * party.  `inherits` counts for new ones only. */
typedef struct UserFacts {
	int64_t party_id;
	const char *email;
	const char *name; /* or NULL */
	bool admin;
	bool inherits;
	int64_t made_by;
	const void *fingerprint; /* HASH_BYTES of the imported record; NULL: none */
} UserFacts;
bool user_put(DbTx *tx, const UserFacts *facts, int64_t *ret_id, GError **error) MUST_USE;

/* May do nothing any more; those it made stand below whoever it stood below. */
bool user_remove(DbTx *tx, int64_t id, GError **error) MUST_USE;

/* Loads one record of the "users" list. */
int user_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;
