/*
 * labels.h - address labels on a sheet of stock.
 *
 * A label has the sender in small type, the address, and, where there is room, the serial
 * of the piece as text and as a QR code: whoever packs scans the card and the label, and
 * the pair must match.  The code is the serial, never the ticket.
 *
 * Slots, void labels, the printer's shift and the margins' words are those of a sheet of
 * cards (SheetPlan).  An address that does not fit its label is an error that names the
 * field; nothing is clipped.  Pages are handed to the pen as they fill.
 */
#pragma once

#include "print/address.h"
#include "print/sheet.h"

typedef struct Label {
	const AddressBlock *to;
	const char *serial; /* of the piece; NULL or "": none */
} Label;

typedef struct Labels Labels;

/* A serial's QR code stands on labels of at least this size. */
#define LABEL_QR_WIDTH_MM 60.0
#define LABEL_QR_HEIGHT_MM 25.0

/*
 * Begins a document of `n_labels` labels.  `pen` is new and borrowed; the plan's strings
 * and stock, and `sender` (one line, NULL for none) live as long as the labels.
 * NULL: INVALID, also for no labels at all.
 */
Labels *labels_begin(Pen *pen, const SheetPlan *plan, const char *sender, int n_labels,
    GError **error) MUST_USE;

/* Adds the next label.  false: INVALID, naming the field, and nothing was drawn: the
 * label may be left out by adding another one in its place; or the pen's error. */
bool labels_add(Labels *labels, const Label *label, GError **error) MUST_USE;

/* Finishes the document.  false also if not exactly n_labels were added. */
bool labels_end(Labels *labels, GError **error) MUST_USE;

void labels_free(Labels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Labels, labels_free)

/* Does `label` fit?  For checking a whole batch before the first page.  false: INVALID.
 */
bool labels_check(const FontSet *fonts, const Stock *stock, const char *sender,
    const Label *label, GError **error) MUST_USE;
