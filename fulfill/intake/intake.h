/*
 * intake.h - foreign bytes to order drafts, whatever format they are in.
 *
 * The format is told by the content, never by a file's name:
 *
 *   JSON         one object, an array, or one object a line (read_json.c)
 *   CSV          a header line with names of ours, `;` or `,` (read_csv.c)
 *   openTRANS    1.0 and 2.1 ORDER (read_opentrans.c)
 *   UBL          2.1 Order and OrderCancellation (read_ubl.c)
 *   EDIFACT      ORDERS and ORDCHG, D.96A (read_edifact.c)
 *
 * What cannot be read as a whole gives an error and no drafts: TP_ERROR_INVALID, its
 * message with the code of errors.def in front and the place ("E_TORN: line 5: ...").
 * What can be read gives a draft for each order, each with its own errors.  Nothing
 * outside changes.
 *
 * Limits come first: a file that is too large is refused before it is read.
 */
#pragma once

#include <glib.h>

#include "fulfill/intake/order.h"

typedef enum IntakeFormat {
	INTAKE_UNKNOWN,
	INTAKE_JSON, /* JSON Lines too */
	INTAKE_CSV,
	INTAKE_OPENTRANS,
	INTAKE_UBL,
	INTAKE_XML, /* of another kind */
	INTAKE_EDIFACT,
	INTAKE_MAIL, /* recognised, not read here: it carries one of the others */
	INTAKE_PDF,  /* likewise */
} IntakeFormat;

/* "json", "csv", ... */
const char *intake_format_name(IntakeFormat format);

/* What is known from elsewhere.  All may be left 0; `source` and `party` are borrowed. */
typedef struct IntakeHint {
	const char *source; /* for documents that name none */
	bool source_fixed; /* a document that names another one is refused (E_SOURCE): for
			      ways in that know who is there */
	const char *party; /* for documents that name none */
	bool may_be_cut; /* from a drop folder: a CSV whose last row has no end is torn */
} IntakeHint;

typedef struct IntakeDocument {
	IntakeFormat format;
	GPtrArray
	    *orders; /* of OrderDraft, at least one, as they stand in the document */
} IntakeDocument;

void intake_document_free(IntakeDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IntakeDocument, intake_document_free)

/* Looks at the first bytes only: a document that is recognised may still be broken. */
IntakeFormat intake_recognise(const void *bytes, size_t size);

IntakeDocument *intake_read_bytes(
    const void *bytes, size_t size, const IntakeHint *hint, GError **error) MUST_USE;

/*
 * Reads `fd` to its end, a file or a pipe; it stays open.  More than
 * LIMIT_ORDER_FILE_BYTES is refused, a file by its size before a byte is read.  IO
 * besides the errors above.
 */
IntakeDocument *intake_read_fd(int fd, const IntakeHint *hint, GError **error) MUST_USE;

/* The same for a file by name; it must be a plain file.  NOT_FOUND, DENIED, IO. */
IntakeDocument *intake_read_file(
    const char *path, const IntakeHint *hint, GError **error) MUST_USE;
