/*
 * party.h - vendor, resellers, customers; a tree with the vendor at its root.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/json_read.h"
#include "queue/db.h"

#define PARTY_VENDOR "VENDOR" /* the code of the root */

typedef struct Party {
	int64_t id;
	int64_t parent_id; /* 0: the vendor */
	char *code;
	char *kind;
	char *name; /* or NULL, like the rest */
	char *company;
	char *email;
	char *language;
	json_t *address; /* {lines, postcode, city, country} */
	char *privacy;
	char *deliver;  /* email, post, portal */
	char *channels; /* "email,post"; NULL: all */
	char *brand;
	char *logo; /* id of the brand's picture (logo.h); or of the vendor's, without
		       brand */
	char *mode;
	char
	    *print; /* sheet, letter, pin: what its orders by post become; NULL: as set */
	bool direct;
	bool consumer; /* a customer whom consumer law protects */
} Party;

void party_free(Party *party);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Party, party_free)

/* Vendor or reseller by code.  1: *ret is the caller's.  0: no such party. */
int party_find(Db *db, const char *code, Party **ret, GError **error) MUST_USE;
Party *party_get(Db *db, int64_t id, GError **error) MUST_USE;

/* The same among customers too.  CONFLICT when several resellers have a customer of this
 * code. */
int party_find_any(Db *db, const char *code, Party **ret, GError **error) MUST_USE;

/* "R-100", "C-77", or "R-100/C-77" where the second is not enough, as people write it.
 * NOT_FOUND. */
Party *party_resolve(Db *db, const char *text, GError **error) MUST_USE;

/* *ret: `id` is `above` or below it at any depth. */
bool party_is_at_or_below(
    Db *db, int64_t id, int64_t above, bool *ret, GError **error) MUST_USE;

/* What is the same for all spellings of somebody's address: lower case, no "+tag".  NULL:
 * there is none.  The caller frees. */
char *party_email_key(const char *email) G_GNUC_WARN_UNUSED_RESULT;

/* A customer of `parent_id` by the code that party gave it. */
int party_find_customer(
    Db *db, int64_t parent_id, const char *code, Party **ret, GError **error) MUST_USE;

/* May it be served by this channel? */
bool party_has_channel(const Party *party, const char *channel);

/* Makes the root when the store is new. */
bool party_ensure_vendor(
    DbTx *tx, const char *name, const char *language, GError **error) MUST_USE;

/* A customer as an order names it.  Texts are borrowed; NULL: not given. */
typedef struct CustomerFacts {
	const char *code; /* NULL: a new one is made for this order */
	const char *name;
	const char *company;
	const char *email;
	const char *language;
	const char *kind; /* consumer, business */
	const json_t *address;
} CustomerFacts;

/* Stores the customer below `parent_id`; a known code takes over what is given and keeps
 * the rest. */
bool party_put_customer(DbTx *tx, int64_t parent_id, const CustomerFacts *facts,
    int64_t *ret_id, GError **error) MUST_USE;

/* Loads one record of the "parties" list, whose parent must be stored already.  1:
 * stored. 0: the same already, or faults.  -1: error. */
int party_import(DbTx *tx, JsonRead *record, GError **error) MUST_USE;
