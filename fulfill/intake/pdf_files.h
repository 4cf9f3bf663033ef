/*
 * pdf_files.h - the files that are embedded in a PDF: Odoo mails a purchase order as PDF
 * with the UBL Order inside (field-notes E5).
 *
 * Nothing of the PDF is understood but its stream objects (ISO 32000-1 7.3.8, 7.11.4):
 * those whose dictionary says /EmbeddedFile are taken, uncompressed or FlateDecode.  An
 * encrypted PDF has none for us.  No recursion; linear in the size of the PDF.
 */
#pragma once

#include <glib.h>

/* Appends a GBytes for each embedded file, in their order; at most LIMIT_PDF_FILES and
 * LIMIT_PDF_FILE_BYTES each, the others are left out. */
void pdf_files(const void *pdf, size_t size, GPtrArray *ret);
