/*
 * stock_glabels.h - label sheets of the gLabels database, read where it is installed.
 *
 * The package glabels-data brings some 1,700 sheets of 69 brands as XML.  It is read at
 * run time, when somebody asks for a sheet by name, and never copied into the program.
 * The files are the operator's, but they are XML all the same: no network, no entities,
 * no document type (a file that has one is refused at its first byte), a size limit.
 */
#pragma once

#include "print/stock.h"

#define STOCK_GLABELS_FOLDER "/usr/share/libglabels-3.0/templates"

/*
 * Reads the template `brand` / `part` (case does not matter) from the *-templates.xml
 * files and paper-sizes.xml in `folder`.  A template that says it equals another is
 * followed. *ret has its geometry, not yet checked, and its name as "gLabels:Brand/Part".
 *
 * false: NOT_FOUND (no such template), CONFIG (no such folder: the text names the
 * package; a file that is too long or not well-formed, or has a document type), INVALID
 * (round labels, rolls, sheets with more than one grid: things we cannot print on).
 */
bool stock_glabels_get(const char *folder, const char *brand, const char *part,
    Stock *ret, GError **error) MUST_USE;
