/*
 * rights_store.h - the rights of parties and users as the store has them.
 *
 * Who stands below whom: a party below its parent; a user below the user who made it, or
 * else below its party.  What one may lies within what the one above may (R6.1).  That is
 * checked here on each write and on each read: rights that somebody wrote past this file
 * are refused, not used.
 *
 * What is stored:
 *   vendor      everything; nothing is stored
 *   inherits    what is above has.  Resellers and ordinary users without create-user: who
 *               may make users is always said (R6.3)
 *   grants      else: the rows of "grant".  A customer without any has no rights in
 *               product groups: its own tickets are its own (ticket_life.h)
 */
#pragma once

#include "fulfill/domain/rights_tree.h"
#include "queue/db.h"

/* A party or a user: one of the two is 0. */
typedef struct RightsWho {
	int64_t party_id;
	int64_t user_id;
} RightsWho;

/* DENIED when the stored rights break the rule; the text says whose. */
Rights *rights_of(Db *db, RightsWho who, GError **error) MUST_USE;

/* One step from the vendor down to somebody. */
typedef struct RightsLevel {
	RightsWho who;
	char *name;     /* "R-100", "ada@example.org" */
	Rights *rights; /* of this level, within those of the one before */
} RightsLevel;

/* RightsLevel *, the vendor first, `who` last; errors as above. */
GPtrArray *rights_levels(Db *db, RightsWho who, GError **error) MUST_USE;

/* The rights of the last level; lives as long as `levels`. */
const Rights *rights_levels_last(const GPtrArray *levels);

/*
 * Gives somebody these rights in place of their own, completed by those above
 * (rights_complete()); nobody below keeps more than that
 * leaves (R6.2), and jobs that need what was taken are held, all in this transaction.
 * DENIED when it is more than the one above has, or the vendor's.  Whether the one who
 * asks may do so is rights_admin.h's.
 */
bool rights_store_set(
    DbTx *tx, RightsWho who, const Rights *wanted, GError **error) MUST_USE;

/* Takes all rights of its own from somebody, who has those above from now on; the same
 * happens to those below. */
bool rights_store_inherit(DbTx *tx, RightsWho who, GError **error) MUST_USE;

/* Makes the stored tree right again after somebody moved or left: cuts what is too much,
 * and holds the jobs that need it. */
bool rights_store_settle(DbTx *tx, GError **error) MUST_USE;
