/*
 * reprint.h - the same ticket on another piece of paper.
 *
 * A second print is only ever asked for, with a reason: the old card was spoiled, lost on
 * its way, or came back.  The new card has another serial and says "Reprint n"; where the
 * old one was not shipped it is void from now on.  The address is that of the recipient
 * as it stands now.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "fulfill/domain/print_piece.h"

/*
 * 1: *ret_id is the new piece, in an open batch.  0: with `four_eyes` a second operator
 * must ask for the same; commit.  -1: INVALID without a reason; CONFLICT: the ticket is
 * called back, the card is not written yet, or it is not the ticket's latest.
 */
int reprint_piece(DbTx *tx, const IssueContext *context, int64_t piece_id, bool four_eyes,
    const char *reason, int64_t *ret_id, GError **error) MUST_USE;

/* The latest card of a ticket; NOT_FOUND when it never was one. */
int reprint_ticket(DbTx *tx, const IssueContext *context, int64_t ticket_id,
    bool four_eyes, const char *reason, int64_t *ret_id, GError **error) MUST_USE;

/* A shipped card came back.  Its batch is returned when all of it did. */
bool reprint_returned(
    DbTx *tx, int64_t piece_id, const char *reason, GError **error) MUST_USE;

/* Where the recipient of a piece lives now: {"lines": [...], "postcode", "city",
 * "region", "country"}; later cards go there.  INVALID when it is not an address. */
bool reprint_address(
    DbTx *tx, int64_t piece_id, const char *address_json, GError **error) MUST_USE;
