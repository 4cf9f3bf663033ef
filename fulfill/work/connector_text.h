/*
 * connector_text.h - paths and bodies of a connector, filled in.
 *
 * Values are escaped for where they stand before the template is rendered:
 * percent-encoded in a path, as in a string of JSON, or as XML.  A name with a quotation
 * mark or a slash stays a name.  Templates see the declared fields of upload.def and no
 * others, whatever `context` holds.
 */
#pragma once

#include <jansson.h>

#include "fulfill/issue/connector.h"

/* INVALID: the template has a fault.  *ret_body is NULL when the verb has none.  Both are
 * the caller's; the body may hold a ticket code: wipe it. */
bool connector_text(const Connector *connector, ConnectorVerb verb, const json_t *context,
    char **ret_path, char **ret_body, GError **error) MUST_USE;

/* Do the templates of all verbs compile?  CONFIG. */
bool connector_text_check(const Connector *connector, GError **error) MUST_USE;
