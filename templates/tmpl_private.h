/*
 * tmpl_private.h - the compiled form of a text, shared by tmpl_parse.c and tmpl.c.
 *
 * A program is a flat array of ops.  The body of a section are the ops between it and its
 * OP_END, so that skipping one is an assignment and nothing is a tree.
 *
 * Indentation of partials.  The Mustache manual says that a partial alone on its line is
 * indented, each of its lines, before it is read.  Reading it again for every place would
 * cost a compilation for each indentation, so the places where indentation goes are
 * compiled in: inside an OP_TEXT after each line break that is not the end of the op, at
 * the start of an OP_TEXT that starts a line, and as OP_INDENT before a tag that starts a
 * line and is not alone on it.  Values never get any, as in the manual.  Empty lines
 * stay empty: blanks at their end would mean something in a mail (RFC 3676 4.2).
 */
#pragma once

#include "templates/tmpl.h"

typedef enum OpKind {
	OP_TEXT,
	OP_INDENT,
	OP_VARIABLE,
	OP_SECTION,
	OP_INVERTED,
	OP_END,
	OP_PARTIAL,
} OpKind;

typedef struct Op {
	guint8 kind;
	bool raw;         /* VARIABLE: {{{x}}} or {{&x}} */
	bool starts_line; /* TEXT: its first byte starts a line of the source */
	bool alone;       /* PARTIAL: alone on its line */
	guint16 n_parts;  /* names, of VARIABLE, SECTION, INVERTED and PARTIAL */
	guint first_part; /* index into `parts` */
	guint at, size;   /* TEXT: bytes of `text`; PARTIAL: its indentation */
	guint end;        /* SECTION, INVERTED: the index of its OP_END */
	int line;
} Op;

struct Tmpl {
	char *file;
	char *text;
	TmplKind kind;
	GArray *ops;         /* of Op */
	GPtrArray *parts;    /* of const char *, in `names` */
	GStringChunk *names; /* interned: equal names are equal pointers */
};
