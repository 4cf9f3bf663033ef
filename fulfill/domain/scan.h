/*
 * scan.h - what a warehouse's scanner reads, one line at a time: is this card going into
 * the envelope it was made for?
 *
 * A card is known by its QR code (the ticket) or its serial (C...), an envelope by the
 * serial on its label, note or letter (L...).  Card and label are scanned in either
 * order; a label stays until all its cards were scanned.  A pair that belongs together
 * packs the card; one that does not blocks it: a blocked card keeps its batch from being
 * shipped until it is scanned with its own label, or spoiled.  Cards that are on the
 * letter itself need no pair.
 *
 * Keyboard scanners type what the layout makes of it: Y and Z change places, "-" is "ß",
 * "/" is "-".  Codes are found in that all the same.  A ticket that was printed again has
 * two cards with the same code: for those the serial must be read.
 */
#pragma once

#include "fulfill/issue/vault.h"
#include "queue/db.h"

typedef enum ScanVerdict {
	SCAN_WAIT,    /* good so far: the other half is missing */
	SCAN_PACKED,  /* the pair is right */
	SCAN_AGAIN,   /* right, and known already */
	SCAN_BLOCKED, /* a wrong pair: the card is blocked */
	SCAN_REFUSED, /* not ours, not printed, void, shipped: nothing was changed */
} ScanVerdict;

const char *scan_verdict_name(ScanVerdict verdict);
bool scan_is_bad(ScanVerdict verdict);

/* What is in the hand between two scans; begin with { 0 }. */
typedef struct Scan {
	int64_t label;     /* envelope; 0: none */
	int64_t card;      /* piece; 0: none */
	const char *after; /* what follows the code in the QR code's text; or NULL */
} Scan;

typedef struct ScanResult {
	ScanVerdict verdict;
	char text[240]; /* for people, one line */
	int64_t piece_id;
	int64_t batch_id;
	int64_t packed; /* of the batch, so far */
	int64_t total;
} ScanResult;

/* Takes one line; commit afterwards whatever the verdict.  false: errors of the store. */
bool scan_line(DbTx *tx, Vault *vault, Scan *scan, const char *line, ScanResult *ret,
    GError **error) MUST_USE;
