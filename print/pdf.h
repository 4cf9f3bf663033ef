/*
 * pdf.h - the file structure of a PDF 1.5 (ISO 32000-1, 7.5): objects, object streams,
 * cross-reference stream.
 *
 * Knows nothing of pages or fonts.  Streams are written at once; dictionaries are
 * gathered into compressed object streams.  Memory is flat but for 16 bytes an object.
 *
 * The first error of the sink is kept and told by pdf_end().
 */
#pragma once

#include <glib.h>

#include "print/flate.h"
#include "print/pen.h"

typedef struct Pdf Pdf;

/* `flate` must outlive it; it compresses object streams and the cross-references. */
Pdf *pdf_new(Flate *flate, PenWrite *write, void *context);
void pdf_free(Pdf *pdf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pdf, pdf_free)

/* A new object number, to be referred to before or after it is written. */
int pdf_number(Pdf *pdf);

/* Writes object `number`: any object but a stream.  The text between begin and end is
 * appended to what begin returns. */
GString *pdf_object_begin(Pdf *pdf, int number);
void pdf_object_end(Pdf *pdf);

/* Writes stream `number`, whose data were made by flate_append().  `entries` are further
 * entries of its dictionary, may be "". */
void pdf_stream(
    Pdf *pdf, int number, const char *entries, const void *deflated, size_t size);

/* Everything written so far was taken by the sink; else its error. */
bool pdf_check(const Pdf *pdf, GError **error) MUST_USE;

bool pdf_end(Pdf *pdf, int catalog, GError **error) MUST_USE;

/* Appends `v` with at most `decimals` (0 to 5) decimals, without needless zeros. */
void pdf_put_number(GString *text, double v, int decimals);
