/*
 * pool_level.h - how much of a product is in a pool, and who is told when it runs low.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "queue/db.h"

typedef struct PoolRow {
	const char *party;
	const char *sku;
	int64_t left;       /* unused tickets in the pool */
	int64_t assigned;   /* given away so far */
	int64_t returned;   /* given back unused */
	int64_t expired;    /* taken back unused */
	int64_t reorder_at; /* 0: nobody is told */
	int64_t keep_days;  /* 0: for ever */
} PoolRow;

/* Pools that have or had tickets, or a level; of one party (0: all), by party and SKU. */
bool pool_list(Db *db, int64_t party_id, void (*fn)(void *user, const PoolRow *row),
    void *user, GError **error) MUST_USE;

/* From now on the party is told when fewer than `reorder_at` are left (0: never), and
 * unused tickets expire `keep_days` after they were made (0: never). */
bool pool_level_set(DbTx *tx, int64_t party_id, int64_t product_id, int64_t reorder_at,
    int64_t keep_days, GError **error) MUST_USE;

/*
 * Writes to those whose stock has run low since it was last full, and to `owner` (NULL:
 * nobody); once for each time.  *ret_n counts the pools.
 */
bool pool_level_turn(DbTx *tx, const IssueContext *issue, const char *owner, int *ret_n,
    GError **error) MUST_USE;
