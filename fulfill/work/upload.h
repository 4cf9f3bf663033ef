/*
 * upload.h - the declared set of fields that may leave for a service elsewhere (R14.5).
 *
 * An instance at a reseller or an enterprise knows more about its customers than the
 * vendor's service has any business with.  Whatever the operator's template asks for, it
 * is given nothing but the rows of upload.def.
 */
#pragma once

#include <jansson.h>

#include "fulfill/issue/connector.h"

/* A copy of `context` with the declared fields of this verb, and nothing else; the
 * caller's, who wipes the code that may be in it. */
json_t *upload_set(ConnectorVerb verb, const json_t *context);

typedef struct UploadField {
	const char *path; /* "customer.email" */
	unsigned verbs;   /* 1u << ConnectorVerb */
	const char *why;
} UploadField;

/* All rows; path NULL ends. */
const UploadField *upload_fields(void);
