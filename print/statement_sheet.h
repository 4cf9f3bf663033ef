/*
 * statement_sheet.h - the statement of a month on A4, for people who check an invoice.
 *
 * Rows are drawn as they come, so that a long month takes no more memory than a short
 * one: how many there are must be known before, for "page 1 of 9".  Each page ends with
 * what it comes to so far, and the next begins with it.
 *
 * The sheet comes whatever is in it: texts that are too long are shortened.  The same
 * head and rows give the same bytes.
 */
#pragma once

#include "print/pen.h"

/* UTF-8, formatted for people; NULL or "" leaves a thing away. */
typedef struct StatementHead {
	const char *language;       /* de, en */
	const char *vendor;         /* who charges */
	const char *party;          /* who is charged */
	const char *const *address; /* its lines, NULL-terminated; or NULL */
	const char *party_code;
	const char *month;  /* "April 2027" */
	const char *number; /* of the statement */
	const char *closed; /* when it was closed; NULL: preliminary */
	const char *hash;   /* of the closed lines */
	const char *zone;
	int64_t rows;
	const char *const *sums; /* NULL-terminated: "1.234,50 EUR" */
	Colour accent;           /* 0: CARD_ACCENT */
} StatementHead;

typedef struct StatementRow {
	const char *line;
	const char *corrects; /* the line it corrects */
	const char *order;
	const char *product;
	const char *detail; /* below the product: SKU, kind */
	const char *customer;
	const char *from, *to;
	const char *days; /* "21/30" */
	const char *price;
	const char *amount;
	const char *carried; /* what all rows up to this one come to */
} StatementRow;

typedef struct StatementSheet StatementSheet;

/* `head` is borrowed until statement_sheet_end(). */
StatementSheet *statement_sheet_begin(
    Pen *pen, const StatementHead *head, GError **error) MUST_USE;
bool statement_sheet_row(
    StatementSheet *sheet, const StatementRow *row, GError **error) MUST_USE;
/* The sums, and pen_finish(). */
bool statement_sheet_end(StatementSheet *sheet, GError **error) MUST_USE;
void statement_sheet_free(StatementSheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatementSheet, statement_sheet_free)
