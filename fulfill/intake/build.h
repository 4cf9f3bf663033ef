/*
 * build.h - readers say what they found, the rules for it stand here once.
 *
 * A reader of any format
 *   1. build_begin()s an order,
 *   2. gives its fields with build_text(), `kind` before any line, and for each line
 *      build_line() and then that line's fields,
 *   3. build_end()s it and has a draft with all errors that the document alone shows.
 *
 * Fields go by their path in native JSON, "customer.address.city".  A value that is empty
 * or all blanks is absent.
 */
#pragma once

#include <glib.h>

#include "fulfill/intake/intake.h"

typedef struct Build {
	const IntakeHint *hint;
	OrderDraft *draft;
	OrderLine *line;      /* the one being filled; NULL: the order itself */
	GHashTable *line_ids; /* borrowed from the lines */
	GPtrArray *address;   /* lines of the customer's address so far */
	char *at;         /* where the reader stands, "row 5"; in front of each error */
	bool lax_days;    /* the format writes days in other ways too */
	bool address_bad; /* a part of it had an error of its own */
	bool email_bad;
	bool product_bad; /* of the line */
	bool quantity_given;
	bool too_many_lines;
	int64_t tickets; /* of the lines before */
} Build;

/* `place` is where the order stands, or NULL; copied. */
void build_begin(Build *b, const IntakeHint *hint, const char *place);

/* Where the reader is now; copied.  NULL: nowhere in particular. */
void build_at(Build *b, const char *format, ...) PRINTF(2, 3);

/* Whether an order or a line has a text field of this path. */
bool build_has_field(const char *path);
bool build_line_has_field(const char *path);

/* Sets a field of the order.  An unknown path is a mistake in our reader. */
void build_text(Build *b, const char *path, const char *text, size_t size);

/* Adds one line to the customer's postal address. */
void build_address_line(Build *b, const char *text, size_t size);

/*
 * Begins a line.  `id` may be NULL or empty: then its position is its id.  Errors that
 * are reported from here to the next line or to build_order() are the line's.  False:
 * there are LIMIT_ORDER_LINES already, which is an error of the order; nothing of the
 * line is taken.
 */
bool build_line(Build *b, const char *id, size_t size, const char *place) MUST_USE;
/* Back to the order as a whole. */
void build_order(Build *b);

/* Sets a field of the line: "product". */
void build_line_text(Build *b, const char *path, const char *text, size_t size);
/* The line's quantity, as text or as a number. */
void build_quantity(Build *b, const char *text, size_t size);
void build_quantity_number(Build *b, int64_t number);
/* One option.  As text it becomes a number when it is one, else a list of words that are
 * separated by '|'. */
void build_option_text(Build *b, const char *name, const char *text, size_t size);
void build_option_number(Build *b, const char *name, int64_t number);
void build_option_words(Build *b, const char *name, GPtrArray *words);
/* Whether an option may be called so: lower-case ASCII letters, digits, '_'. */
bool build_option_name(const char *name);

/* An error of the line that is being filled, or of the order. */
void build_error(Build *b, OrderErrorCode code, const char *field, const char *format,
    ...) PRINTF(4, 5);

/* E_MISSING_FIELD. */
void build_missing(Build *b, const char *field);

/* Completes the draft by the hint and the rules that span fields; the caller owns it. */
OrderDraft *build_end(Build *b);

/* Gives up halfway; also after build_end(). */
void build_clear(Build *b);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)
