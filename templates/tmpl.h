/*
 * tmpl.h - Mustache: one text, compiled once, rendered many times.
 *
 * Variables, sections, inverted sections, partials, comments and set delimiters with the
 * standalone-line rules of the Mustache manual; no lambdas, no code, no files.  Rendering
 * is one pass: a value is written out and never looked at as template (R9).
 *
 * What {{x}} does to a value depends on the kind of the text; {{{x}}} and {{&x}} write it
 * as it is:
 *
 *   TMPL_HTML     & < > " ' become entities
 *   TMPL_TEXT     line breaks and other control characters become one space, so that a
 *                 name cannot put a line of its own into a mail
 *   TMPL_SUBJECT  the same, and {{{x}}} too: a subject is one line whatever happens
 *
 * False, for a section, are: a missing name, null, false, "", 0, [] .  Anything else is
 * true; a list is run through, and every true value becomes the context inside.
 *
 * A Tmpl is never changed after tmpl_parse(): threads may render one at the same time,
 * each with a context of its own (jansson trees must not be changed meanwhile).
 */
#pragma once

#include <jansson.h>

#include "queue/err.h"

typedef struct Tmpl Tmpl;

typedef enum TmplKind {
	TMPL_TEXT,
	TMPL_HTML,
	TMPL_SUBJECT,
} TmplKind;

/*
 * Compiles `text` (`size` bytes of UTF-8, -1 when NUL-terminated).  `file` and
 * `first_line` are where faults are said to be; all are copied.
 *
 * NULL: INVALID, "file:line: reason" of the first fault.  `faults`, when not NULL, is an
 * array of char * with g_free() as its free function that gets every fault, as the same.
 */
Tmpl *tmpl_parse(const char *file, int first_line, const char *text, gssize size,
    TmplKind kind, GPtrArray *faults, GError **error) MUST_USE;
void tmpl_free(Tmpl *tmpl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tmpl, tmpl_free)

const char *tmpl_file(const Tmpl *tmpl);
TmplKind tmpl_kind(const Tmpl *tmpl);

/* Finds the partial `name`; NULL when there is none, which renders as nothing. */
typedef const Tmpl *(*TmplPartialFunc)(const void *data, const char *name);

/*
 * Appends the text, filled with `context`, to `out`.  `partial` may be NULL: no partials.
 *
 * false: INVALID, "file:line: reason": more than LIMIT_TEMPLATE_OUTPUT_BYTES, or partials
 * nested deeper than LIMIT_TEMPLATE_DEPTH.  `out` is then as it was.
 */
bool tmpl_render(const Tmpl *tmpl, const json_t *context, TmplPartialFunc partial,
    const void *data, GString *out, GError **error) MUST_USE;

/* A tag, for whoever checks texts before they are used. */
typedef enum TmplTagKind {
	TMPL_TAG_VARIABLE,
	TMPL_TAG_SECTION,
	TMPL_TAG_INVERTED,
	TMPL_TAG_END, /* of the innermost section; no name */
	TMPL_TAG_PARTIAL,
} TmplTagKind;

typedef struct TmplTag {
	TmplTagKind kind;
	int line;
	const char *const
	    *parts; /* "a.b" is { "a", "b" }; "." has none; a partial has one */
	guint n_parts;
} TmplTag;

/* Tells of every tag in the order of the text.  The tag is valid only inside the call. */
typedef void (*TmplTagFunc)(void *data, const TmplTag *tag);
void tmpl_each_tag(const Tmpl *tmpl, TmplTagFunc func, void *data);
