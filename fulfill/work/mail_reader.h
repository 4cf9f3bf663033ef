/*
 * mail_reader.h - what stands in a mail from a stranger, read in a child that may die.
 *
 * The record:
 *
 *   { "mail": as mailer/parse_json.h, "sort": as mailer/sort.h, "text": the first
 *     LIMIT_INTAKE_HEADER_BYTES of the body, "delivered": [addresses],
 *     "documents": [ { "name", "format", "bytes": base64, "signature": text or null } ],
 *     "codes": [ticket codes found in it], "too_large": true when documents were left out
 * }
 *
 * Only orders and commands have text, documents and codes: what a returned mail holds
 * never leaves the child.  `codes` are bearer secrets: the record is never stored or
 * printed whole.
 */
#pragma once

#include <jansson.h>

#include "fulfill/work/work.h"

/*
 * 1: *ret is the caller's reference.  0: the child died; *ret_death (the caller's) says
 * how. -1: INVALID, a limit was exceeded; or BUSY, IO: there was no child.
 *
 * `work` may be NULL: then nothing is known to be ours (debug parse).
 */
int mail_reader_run(
    Work *work, GBytes *raw, json_t **ret, char **ret_death, GError **error) MUST_USE;

/* The bytes of a document of the record; NULL: it has none. */
GBytes *mail_reader_document(const json_t *document);

/* The domain of our return paths and Message-IDs; the caller's. */
char *mail_reader_domain(const Settings *settings);
