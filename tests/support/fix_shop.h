/*
 * fix_shop.h - a store with the sample vendor in it, and keys.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "tests/support/fix_db.h"

typedef struct FixShop {
	FixDb store;
	Db *db;
	Vault *vault;
	GTimeZone *zone;
	IssueContext issue;
	char *key_path;
} FixShop;

void fix_shop(FixShop *shop);
/* With a store for several connections: fix_db_again(&shop->store). */
void fix_shop_file(FixShop *shop);
void fix_shop_done(FixShop *shop);

/* Places one order of `quantity` of `sku` for a customer; the status' name.  `ret_id` may
 * be NULL. */
const char *fix_order(FixShop *shop, const char *number, const char *sku, int quantity,
    const char *by, const char *to, int64_t *ret_id);

/* Issues an order in a transaction of its own; the number of tickets. */
int fix_issue(FixShop *shop, int64_t order_id);

/* The first column of the first row, for assertions; -1 when there is none. */
int64_t fix_int(FixShop *shop, const char *sql);
