/*
 * ticket.h - licences and the tickets that open them.
 *
 * The code itself is nowhere in the store: `lookup` finds a ticket by its code, `sealed`
 * gives the code back to whoever has the vault's key, and people see the last group only.
 */
#pragma once

#include "fulfill/issue/code.h"
#include "fulfill/issue/vault.h"
#include "queue/db.h"

typedef struct Ticket {
	int64_t id;
	int64_t licence_id;
	char *masked; /* "*****-...-ABCDE" */
	char *order;  /* its number */
	int64_t order_id;
	char *line;
	char *sku;
	char *kind;
	char *state;
	char *first_day;
	char *last_day; /* NULL: for ever */
	char *holder;   /* who uses it, for people; NULL: nobody yet */
	int64_t holder_id;
	int64_t party_id;
	int quantity;
	int64_t created_at;
	int64_t changed_at;
} Ticket;

void ticket_free(Ticket *ticket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ticket, ticket_free)

/* A ticket that a service elsewhere made. */
typedef struct TicketMade {
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	char tail[CODE_GROUP + 1];
	char ref[128]; /* its name there; "": none */
} TicketMade;

typedef struct LicenceFacts {
	int64_t order_line_id;
	int seq;
	int quantity;
	int64_t product_id;
	int64_t party_id;
	int64_t holder_id; /* 0: nobody yet */
	int64_t pool_id;   /* whose pool it lies in then; 0: nobody's */
	const char *first_day;
	const char *last_day; /* NULL: for ever */
	const char *backend;  /* who made it; NULL: "mint", and the code is made here */
	const TicketMade *made;
} LicenceFacts;

/*
 * Makes licence and ticket.  1: made, *ret_id is the ticket, *ret_licence_id what it
 * opens. 0: this (line, seq) has its ticket already: nothing changes.  -1: error.
 */
int ticket_issue(DbTx *tx, Vault *vault, const LicenceFacts *facts, int64_t *ret_id,
    int64_t *ret_licence_id, GError **error) MUST_USE;

typedef struct TicketFilter {
	const char *order; /* number; NULL: any */
	const char *state;
	const char *product; /* sku */
	int64_t id;          /* 0: any */
	int limit;           /* 0: all */
} TicketFilter;

/* Ticket * in the order they were made. */
GPtrArray *ticket_list(Db *db, const TicketFilter *filter, GError **error) MUST_USE;

/* "17", or a whole code in any spelling that code_parse() takes.  NOT_FOUND; INVALID when
 * it is neither. */
bool ticket_resolve(
    Db *db, Vault *vault, const char *text, int64_t *ret_id, GError **error) MUST_USE;
Ticket *ticket_get(Db *db, int64_t id, GError **error) MUST_USE;

/* The code.  NOT_FOUND when it was wiped. */
bool ticket_open(Db *db, Vault *vault, int64_t id, Code *ret, GError **error) MUST_USE;

/* Calls fn for each delivery of a ticket. */
typedef struct TicketDelivery {
	int64_t id;
	const char *channel;
	const char *recipient;
	const char *purpose;
	const char *state;
	const char *reason; /* or NULL */
	int64_t mail_id;
	int64_t piece_id;
	int64_t changed_at;
} TicketDelivery;
bool ticket_deliveries(Db *db, int64_t id,
    void (*fn)(void *user, const TicketDelivery *d), void *user, GError **error) MUST_USE;

/* Calls fn(state, count) for each state. */
bool ticket_count(Db *db, void (*fn)(void *user, const char *state, int64_t n),
    void *user, GError **error) MUST_USE;

/*
 * Recall.  Not collected: dead at once, its open deliveries are aborted, its mails
 * cancelled, unprinted pieces pulled.  Collected: `recall_pending`, until the next
 * contact.  Irreversible. CONFLICT when it is recalled already.
 */
bool ticket_recall(DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* A service told what became of it; it knows better, but for a recall of ours, which only
 * ends by being carried out. */
bool ticket_observed(DbTx *tx, int64_t id, const char *state, GError **error) MUST_USE;
