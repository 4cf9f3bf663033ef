/*
 * csv_out.h - tables for spreadsheets and other programs (RFC 4180).
 *
 * Texts come from strangers, and spreadsheets take a text that begins with = + - @ TAB or
 * CR, or a full-width form of these signs, for a formula and run it (CVE-2021-41270 and
 * its kin).  Such a text is given a ' before it; nothing else is changed.  Numbers are
 * not texts: csv_out_number() writes them bare, also negative ones.
 *
 * A row is its fields, one call each, then csv_out_end().  Everything is appended.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Appends a text field; NULL is an empty one. */
void csv_out_text(GString *out, const char *text);

void csv_out_number(GString *out, int64_t number);

/* Ends the row: CR LF. */
void csv_out_end(GString *out);

/* Appends a whole row of texts, ended by NULL. */
void csv_out_row(GString *out, const char *const *texts);
