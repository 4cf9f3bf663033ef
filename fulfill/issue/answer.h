/*
 * answer.h - values out of an answer: by JSON pointer or by XPath.
 *
 * Answers are hostile: at most LIMIT_HTTP_ANSWER_BYTES come here, no DOCTYPE is read, and
 * a value longer than LIMIT_CONNECTOR_VALUE_CHARS or with a control character in it is
 * none.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

typedef struct Answer Answer;

/* INVALID when it is no JSON; `text` is copied. */
Answer *answer_from_json(const char *text, gsize size, GError **error) MUST_USE;

/* INVALID when it is no XML, has a DOCTYPE or is too deep.  `namespaces` has the prefixes
 * of XPaths: prefix, URI, prefix, URI, NULL. */
Answer *answer_from_xml(
    const char *text, gsize size, const char *const *namespaces, GError **error) MUST_USE;

void answer_free(Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answer, answer_free)

/* The text at a place, to be freed; NULL: nothing is there, or nothing that is a value.
 * Numbers and booleans are written as JSON does. */
char *answer_text(const Answer *answer, const char *place) G_GNUC_WARN_UNUSED_RESULT;

/* Whether `place` could be one, for the check of a file. */
bool answer_place_check(
    bool xml, const char *place, const char *const *namespaces, GError **error) MUST_USE;

/* A SOAP fault, 1.1 or 1.2.  true: *ret_text is what it says (to be freed),
 * *ret_ours whether it blames the caller (Client, Sender). */
bool answer_fault(const Answer *answer, char **ret_text, bool *ret_ours);
