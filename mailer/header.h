/*
 * header.h - write one header field so that every reader understands it.
 *
 * Fields are folded at 78 bytes and never reach 998 (RFC 5322 2.1.1).  Text beyond ASCII
 * becomes encoded words (RFC 2047), file names beyond it extended parameters (RFC 2231)
 * with a plain one for programs that know only those.  Values cannot break out of their
 * field: a control character becomes a space before anything is written.
 *
 * `name` is ours and short.  All functions append to `out` and end with CRLF.
 */
#pragma once

#include "queue/err.h"

/* Unstructured text: Subject. */
void header_put_text(GString *out, const char *name, const char *text);

/* One mailbox; `address` has passed addr_parse().  `display` may be NULL or "". */
void header_put_mailbox(
    GString *out, const char *name, const char *display, const char *address);

/* Words of machine-made ASCII, separated by single spaces, folded between them. */
void header_put_words(GString *out, const char *name, const char *words);

/* `at` in UTC microseconds, shown in a zone `offset_s` east of UTC (RFC 5322 3.3). */
void header_put_date(GString *out, const char *name, int64_t at, int offset_s);
char *header_date(int64_t at, int offset_s);

typedef struct HeaderParam {
	const char *name;
	const char *value; /* NULL: left out */
} HeaderParam;

/*
 * "Content-Disposition: attachment; filename=..."; ends with a parameter whose name is
 * NULL.  `language` ("de", may be NULL) picks how a plain file name is spelt in ASCII.
 */
void header_put_params(GString *out, const char *name, const char *value,
    const HeaderParam *params, const char *language);

/*
 * `text` as valid UTF-8 on one line: controls and line ends become spaces, runs of spaces
 * one, characters that turn the writing direction go; at most `max_chars` characters.
 */
char *header_clean(const char *text, size_t max_chars);

/* A name that is safe on every file system, still readable; "file" when nothing is left.
 */
char *header_file_name(const char *name);
