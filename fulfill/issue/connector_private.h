/*
 * connector_private.h - a connector as it is read; shared by connector_file.c, which
 * reads it, and connector.c, which calls.
 */
#pragma once

#include "fulfill/issue/connector.h"
#include "fulfill/issue/http.h"

/* Places in an answer, in the order of the keys. */
typedef enum ConnectorPlace {
	PLACE_TICKET,
	PLACE_REF,
	PLACE_STATE,
	PLACE_ERROR,
	PLACE_ABSENT,
	N_PLACES
} ConnectorPlace;

typedef struct ConnectorCall {
	bool there; /* the file has it */
	char *method;
	char *path;
	char *body; /* or NULL */
	char *type;
	char *action;
	char *key_header;
	char *places[N_PLACES];
	int *done; /* statuses; NULL: 200 to 299 */
	gsize n_done;
	int *absent;
	gsize n_absent;
	bool repeatable;
} ConnectorCall;

struct Connector {
	bool xml;
	HttpClient *http;
	GPtrArray *headers;    /* char *, filled in */
	GPtrArray *namespaces; /* prefix, URI, ..., NULL */
	GHashTable *states;    /* theirs -> ours */
	ConnectorCall calls[CONNECTOR_N_VERBS];
};
