/*
 * user_group.h - people of a party who see the same tickets (R2.10).
 *
 * Groups belong to a party, mostly a customer: "Planung", "site office".  A ticket
 * assigned to one is hidden until somebody shows it (ticket_view.h); then its members see
 * it.  Belonging to a group gives no rights.
 *
 * Who makes the party's users may make its groups (rights_admin.h).  DENIED otherwise.
 */
#pragma once

#include "queue/db.h"

/* The number of a group by the name people write, in any case.  1 / 0 / -1. */
int user_group_find(
    Db *db, int64_t party_id, const char *name, int64_t *ret_id, GError **error) MUST_USE;

/* Likewise; NOT_FOUND says which there are. */
bool user_group_resolve(
    Db *db, int64_t party_id, const char *name, int64_t *ret_id, GError **error) MUST_USE;

/* INVALID: the name; EXISTS. */
bool user_group_add(DbTx *tx, int64_t actor, int64_t party_id, const char *name,
    int64_t *ret_id, GError **error) MUST_USE;

/* CONFLICT while tickets are assigned to it. */
bool user_group_remove(DbTx *tx, int64_t actor, int64_t id, GError **error) MUST_USE;

/* A user of the same party comes in, or goes.  1: done.  0: was so already. */
int user_group_put(
    DbTx *tx, int64_t actor, int64_t id, int64_t user_id, GError **error) MUST_USE;
int user_group_take(
    DbTx *tx, int64_t actor, int64_t id, int64_t user_id, GError **error) MUST_USE;

/* 1 / 0 / -1: whether the user belongs to it. */
int user_group_has(Db *db, int64_t id, int64_t user_id, GError **error) MUST_USE;

/* Whose group it is; NOT_FOUND. */
bool user_group_party(Db *db, int64_t id, int64_t *ret_id, GError **error) MUST_USE;

/* The caller's; NULL without error: 0, or there is none. */
char *user_group_name(Db *db, int64_t id, GError **error) MUST_USE;

typedef struct UserGroupRow {
	int64_t id;
	int64_t party_id;
	const char *party; /* its code */
	const char *name;
	const char *user; /* an address; NULL: nobody is in it */
	int64_t tickets;
} UserGroupRow;

/* A row for each member of each group, or one without; of a party (0: all). */
bool user_group_list(Db *db, int64_t party_id,
    void (*fn)(void *user, const UserGroupRow *row), void *user, GError **error) MUST_USE;
