/*
 * gather.h - cards gather in the open batch of their product and stock.
 *
 * A batch closes when its print job is due (IssueContext.gather_us after it was begun),
 * when it is full (IssueContext.batch_size), or when a person closes it.  Cards of one
 * order to one recipient share an envelope as long as they are in one batch,
 * and no more than LIMIT_LETTER_CARDS.
 */
#pragma once

#include "fulfill/domain/issue.h"

/* Cards of one order to one recipient, gathered one after the other.  Begin with { 0 }
 * and `product` (NULL: the context's). */
typedef struct Gather {
	const char *product;
	int64_t batch_id;
	int64_t envelope;
	int in_envelope;
} Gather;

typedef struct GatherCard {
	int64_t ticket_id;
	const char *context; /* JSON: what card and address say */
	int reprint;         /* n-th */
	int64_t reprint_of;  /* piece; 0: none */
} GatherCard;

/* Adds the card as a piece of an open batch; makes batch and print job when there is none
 * with room. */
bool gather_add(DbTx *tx, const IssueContext *context, Gather *gather,
    const GatherCard *card, int64_t *ret_piece_id, GError **error) MUST_USE;

/* The print job of a closed batch is due now. */
bool gather_hurry(DbTx *tx, int64_t batch_id, GError **error) MUST_USE;
