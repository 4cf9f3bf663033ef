/*
 * issue.h - an accepted order becomes licences, tickets and deliveries.
 *
 * One transaction per order (or for many orders): tickets, mails with their jobs and
 * pieces of print batches appear together or not at all, and each at most once: (line,
 * unit) is unique.
 */
#pragma once

#include "fulfill/domain/licence_term.h"
#include "fulfill/issue/vault.h"
#include "queue/db.h"

/* What the rules need to know of this installation; all borrowed. */
typedef struct IssueContext {
	Vault *vault;
	GTimeZone *zone;      /* in which days begin and end */
	const char *language; /* of recipients whose language is not known */
	const char *stock;    /* on which cards are printed */
	const char *product;  /* sheet, letter or pin; NULL: sheet */
	int64_t gather_us;    /* how long a batch waits for more cards */
	int64_t batch_size;   /* cards that close a batch; 0: BATCH_PIECES */
	const char *vendor_name;
	const char *activation_url; /* with {{code}} */
	const char *backend;        /* "mint", or "rest:FILE"; NULL: mint */
	bool portal;                /* a licence portal is configured */
	const char *website;        /* or NULL */
	const char *support;        /* or NULL */
} IssueContext;

/* The first term of a licence of this order, as it is issued on `start`. */
bool issue_term(Db *db, int64_t order_id, const Product *product, const json_t *options,
    Day start, LicenceTerm *ret, GError **error) MUST_USE;

/* Kinds of jobs that the domain makes; rows of fulfill/work/kinds.def. */
#define JOB_KIND_ISSUE "issue" /* ref: orders.id */
#define JOB_KIND_MAIL "mail"   /* ref: mail_out.id */
#define JOB_KIND_PRINT "print" /* ref: print_batch.id */
#define JOB_KIND_SPOOL "spool" /* ref: print_batch.id */

/* A digest carries at most this many tickets: with a card and a QR code each, 100 stay
 * well below LIMIT_MAIL_BYTES. */
#define DIGEST_TICKETS 100

/* Pieces of one batch, unless the settings say otherwise. */
#define BATCH_PIECES 5000

/*
 * Plans a further delivery of an issued ticket by another channel ("post", "portal"), for
 * the purpose "fallback".  1: planned.  0: it cannot go that way: the ticket was
 * recalled, the party does not have the channel, its recipient has no postal address, or
 * it is on that way already.  -1: error.
 */
int issue_reroute(DbTx *tx, const IssueContext *context, int64_t ticket_id,
    const char *channel, GError **error) MUST_USE;

/* Issues all accepted lines of an order that is accepted; one that is cancelled or issued
 * already is left as it is.  `ret_tickets` counts. */
bool issue_order(DbTx *tx, const IssueContext *context, int64_t order_id,
    int *ret_tickets, GError **error) MUST_USE;
