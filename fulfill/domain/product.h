/*
 * product.h - what can be ordered: products, their groups and the values their options
 * may take.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/json_read.h"
#include "fulfill/domain/money.h"
#include "queue/db.h"

typedef struct OptionRange {
	char *name; /* "days" */
	int64_t min;
	int64_t max;
	int64_t fallback; /* when the order does not say */
} OptionRange;

typedef struct Product {
	int64_t id;
	char *sku;
	json_t *names; /* {"de": ..., "en": ...} */
	char *kind;    /* full, demo, subscription, nfr */
	bool ticket_per_line;
	int term_months;   /* 0: not by months */
	int term_days;     /* 0: not by days */
	char *term_rule;   /* bgb, anchor; NULL: the default */
	int notice_months; /* either or none; 0: not by months */
	int notice_days;
	int64_t price_minor;
	char *price_currency; /* NULL: no price */
	GPtrArray *options;   /* OptionRange * */
} Product;

void product_free(Product *product);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Product, product_free)

/* 1: *ret is the caller's.  0: no such product.  -1: error. */
int product_find(Db *db, const char *sku, Product **ret, GError **error) MUST_USE;
Product *product_get(Db *db, int64_t id, GError **error) MUST_USE;

/* In `language`, else in English, else in any; never NULL. */
const char *product_name(const Product *product, const char *language);

/* NULL: it has no such option. */
const OptionRange *product_option(const Product *product, const char *name);

/* Loads one record of the "products" list.  1: stored.  0: it was the same already, or it
 * had faults (then `faults` has them).  -1: error. */
int product_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;

/* The id of a group; made when it is new. */
bool product_group_ensure(
    DbTx *tx, const char *code, int64_t *ret_id, GError **error) MUST_USE;

/* What a period of so many seats costs today.  An empty currency: it has no price, and
 * neither has what is for staff. */
bool product_charge(
    const Product *product, int quantity, Money *ret, GError **error) MUST_USE;
