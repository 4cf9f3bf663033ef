/*
 * soap.h - an XML answer and XPaths into it.
 *
 * No DOCTYPE, no network, no entities beyond the five, no repair (R11).  The only door to
 * libxml2 in this folder.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

typedef struct Soap Soap;

/* INVALID.  `namespaces`: prefix, URI, prefix, URI, NULL; may be NULL. */
Soap *soap_parse(
    const char *text, gsize size, const char *const *namespaces, GError **error) MUST_USE;
void soap_free(Soap *soap);

/* The string value of the first node (or the value) an XPath finds; NULL: nothing.  The
 * caller frees. */
char *soap_text(const Soap *soap, const char *xpath) G_GNUC_WARN_UNUSED_RESULT;

/* CONFIG: it does not compile. */
bool soap_place_check(
    const char *xpath, const char *const *namespaces, GError **error) MUST_USE;

/* A Fault of SOAP 1.1 or 1.2 in the body: its code as it stands ("soap:Client") and its
 * reason, to be freed; each may be NULL. */
bool soap_fault(const Soap *soap, char **ret_code, char **ret_reason);
