/*
 * mail_limit.h - how much a party may order by mail before a person looks.
 *
 * The settings hold for everybody; "mail" in the party's record of `import` says
 * otherwise for one: {"quantity": 50, "daily": 200, "orders": 20, "products": ["CAD-PRO",
 * "cad"]}. What came by mail counts for the party whose user sent it, whoever it was
 * ordered for.
 */
#pragma once

#include "fulfill/domain/json_read.h"
#include "queue/db.h"

typedef struct MailLimit {
	int64_t quantity; /* licences in one mail */
	int64_t daily;    /* licences within 24 hours */
	int64_t orders;   /* orders within 24 hours */
	char *products;   /* SKUs and groups, by commas; NULL: any */
} MailLimit;

void mail_limit_clear(MailLimit *limit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailLimit, mail_limit_clear)

/* Of a party's record, which has the key "mail" or not; then what was stored goes. */
bool mail_limit_import(
    DbTx *tx, JsonRead *record, int64_t party_id, GError **error) MUST_USE;

/* Puts what this party has of its own in the place of what `ret` holds. */
bool mail_limit_get(Db *db, int64_t party_id, MailLimit *ret, GError **error) MUST_USE;

/* Is a product among those of `limit`? */
bool mail_limit_has(
    Db *db, const MailLimit *limit, const char *sku, bool *ret, GError **error) MUST_USE;

/* Notes that an order came by a mail of a user of this party. */
bool mail_limit_note(DbTx *tx, int64_t mail_id, int64_t order_id, int64_t party_id,
    GError **error) MUST_USE;

/* What came by mail from this party since `since_at`: orders, and licences in them. */
bool mail_limit_used(Db *db, int64_t party_id, int64_t since_at, int64_t *ret_orders,
    int64_t *ret_licences, GError **error) MUST_USE;
