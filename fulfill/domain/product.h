/*
 * product.h - what can be ordered: products, their groups and the values their options
 * may take.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/json_read.h"
#include "fulfill/domain/money.h"
#include "fulfill/domain/ranges.h"
#include "queue/db.h"

/* A group that a product is in, and what the group allows of its options. */
typedef struct ProductGroup {
	char *code;
	Ranges *limits;
} ProductGroup;

/* The group of products that are in none. */
#define PRODUCT_NO_GROUP "*"

typedef struct Product {
	int64_t id;
	char *sku;
	json_t *names; /* {"de": ..., "en": ...} */
	char *kind;    /* full, demo, subscription, nfr */
	bool ticket_per_line;
	int term_months;      /* 0: not by months */
	int term_days;        /* 0: not by days */
	char *term_rule;      /* bgb, anchor; NULL: the default */
	bool starts_assigned; /* a term begins when it leaves the pool, not when it is
				 sold into it */
	int notice_months;    /* either or none; 0: not by months */
	int notice_days;
	int64_t price_minor;
	char *price_currency; /* NULL: no price */
	int per_customer;     /* at most so many for one customer; 0: any number */
	Ranges *offer;        /* its options and what they may be */
	GPtrArray *groups;    /* ProductGroup *, by code; PRODUCT_NO_GROUP when in none */
} Product;

void product_free(Product *product);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Product, product_free)

/* 1: *ret is the caller's.  0: no such product.  -1: error. */
int product_find(Db *db, const char *sku, Product **ret, GError **error) MUST_USE;
Product *product_get(Db *db, int64_t id, GError **error) MUST_USE;

/* In `language`, else in English, else in any; never NULL. */
const char *product_name(const Product *product, const char *language);

/* Loads one record of the "products" list.  1: stored.  0: it was the same already, or it
 * had faults (then `faults` has them).  -1: error. */
int product_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;

/* Loads one record of the "groups" list: {"id": "cad", "options": {"days": {"max": 60}}}.
 * A group without limits need not be listed. */
int product_group_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;

/* The codes of all groups, in order; to be freed with g_strfreev(). */
char **product_group_list(Db *db, GError **error) MUST_USE;

/* The id of a group; made when it is new. */
bool product_group_ensure(
    DbTx *tx, const char *code, int64_t *ret_id, GError **error) MUST_USE;

/* May it be sold to a consumer?  INVALID: its notice is longer than the law allows
 * (R9.3). */
bool product_suits_consumer(const Product *product, GError **error) MUST_USE;

/* What a period of so many seats costs today.  An empty currency: it has no price, and
 * neither has what is for staff. */
bool product_charge(
    const Product *product, int quantity, Money *ret, GError **error) MUST_USE;
