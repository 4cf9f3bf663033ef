/*
 * pool_find.h - who is meant by an address when a ticket is assigned.
 */
#pragma once

#include "fulfill/domain/pool.h"

/*
 * A ticket that has a holder: the user of that customer.  One in a pool: a user of a
 * customer of the pool's party with this address, else such a customer itself. NOT_FOUND;
 * CONFLICT when several are.
 */
bool pool_find_goal(
    Db *db, int64_t ticket_id, const char *email, PoolGoal *ret, GError **error) MUST_USE;
