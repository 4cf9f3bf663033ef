/*
 * packlist.h - the list a warehouse packs a batch by, on paper and as CSV.
 *
 * A row is a piece: where on which sheet it is, what it is and for whom, the serial of
 * the card (never its code) and a box to tick.  Pieces that were taken back after
 * printing are struck out and say REMOVE.  The batch's number stands as text and as a QR
 * code for the scanner; at the end are totals and two signatures.
 *
 * The list comes whatever is in it: a text that is too long for its column is shortened,
 * and what no font shows is replaced.  The order of the pieces is the caller's, and
 * should be that of the sheets.
 */
#pragma once

#include "print/pen.h"

/* UTF-8; NULL or "" leaves a thing away, but the serial must be there. */
typedef struct PackPiece {
	int sheet, place; /* from 1; sheet 0: lies on no sheet (a letter) */
	const char *order;
	const char *recipient;
	const char *product;
	const char *serial;
	int reprint;     /* above 0: this is the n-th reprint */
	bool is_removed; /* taken back: must not be packed */
} PackPiece;

typedef struct PackList {
	const char *batch;      /* "B-2026-0007"; must be there */
	const char *batch_code; /* what a scanner reads; NULL: the batch's number */
	const char *brand;
	const char *date; /* "YYYY-MM-DD" or any text */
	const char *stock;
	const char *language; /* of the warehouse */
	int reprint;          /* of the whole batch */
	Colour accent;        /* 0: CARD_ACCENT */
	const PackPiece *pieces;
	int n_pieces;
	double shift_x_mm, shift_y_mm, scale; /* of the printer: see PenPage */
} PackList;

/*
 * Draws the list on A4; *ret_pages says how many pages.  100,000 pieces take no more
 * memory than ten.
 * false: INVALID (no batch, no pieces, a piece without serial, a batch code too long for
 * its QR code) before anything is drawn; or an error of the pen.
 */
bool packlist_draw(
    Pen *pen, const PackList *list, int *ret_pages, GError **error) MUST_USE;

/*
 * The same as CSV (RFC 4180: commas, CRLF, a header; UTF-8), appended to `out`: batch,
 * number, sheet, place, order, recipient, product, serial, reprint, action (pack,
 * remove). A text a spreadsheet would take for a formula gets an apostrophe in front of
 * it.
 */
bool packlist_csv(const PackList *list, GString *out, GError **error) MUST_USE;
