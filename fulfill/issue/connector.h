/*
 * connector.h - a service elsewhere that makes licences or shows them to users, described
 * by a file of the operator.
 *
 * No service is known by name here and none is claimed to be supported: the file says how
 * one is called and where in its answers things stand.  Shipped examples:
 * fulfill/issue/examples/.
 *
 *   [connector]
 *   kind=rest                            rest (JSON) or soap (XML)
 *   url=https://licences.example.com     https only; nothing but the path changes
 *   private=10.20.0.5                    addresses that may be used though they are not
 *                                        public, separated by ';'
 *   ca_file=service-ca.pem               instead of the system's; relative to the file
 *   connect_s=5  total_s=20
 *   secret=licences/token                section and key in the key file: {{secret}}
 * below [headers] Authorization=Bearer {{secret}} [namespaces] soap: prefixes for the
 * XPaths l=urn:example:licences [mint]                               a verb: mint extend
 * recall status probe assign report method=POST path=/v1/licences Mustache; values are
 * percent-encoded body_file=mint.json                  Mustache; values are escaped for
 * JSON or XML type=application/json key_header=Idempotency-Key carries the key that makes
 * a repetition harmless ticket=/data/ticket                  JSON pointer (RFC 6901), or
 * XPath 1.0 ref=/data/id state=/data/state error=/error/message done=200;201 what counts
 * as done (default: 200 to 299) absent=404                           probe: these mean
 * that it surely is not there absent_at=/data/unknown              probe: likewise when
 * "true" stands there action=urn:example:Create            soap: SOAPAction
 *   repeatable=true                      the service promises: the same key again does
 *                                        nothing again
 *   [states]                             status: its words for ours
 *   ACTIVE=confirmed
 *
 * Rendering is not done here: who calls brings path and body filled in.
 */
#pragma once

#include "fulfill/issue/vault.h"
#include "queue/err.h"

typedef enum ConnectorVerb {
	CONNECTOR_MINT,   /* make a licence; the answer has its ticket */
	CONNECTOR_EXTEND, /* a licence runs longer */
	CONNECTOR_RECALL, /* call it back; repeatable by nature */
	CONNECTOR_STATUS, /* what became of it */
	CONNECTOR_PROBE,  /* did the request of this key succeed? */
	CONNECTOR_ASSIGN, /* show a ticket to a user or group */
	CONNECTOR_REPORT, /* take a file of a report */
	CONNECTOR_N_VERBS
} ConnectorVerb;

/* "mint" ... */
const char *connector_verb_name(ConnectorVerb verb);
bool connector_verb_from_name(
    const char *name, ConnectorVerb *ret, GError **error) MUST_USE;

typedef struct Connector Connector;

/*
 * Reads the file and what it names.  `vault` gives the secret and is borrowed for the
 * call.  CONFIG, with the file and the key; NOT_FOUND, IO.
 */
Connector *connector_open(const char *path, const Vault *vault, GError **error) MUST_USE;
void connector_close(Connector *connector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Connector, connector_close)

bool connector_has(const Connector *connector, ConnectorVerb verb);
/* Does the service promise that the same key again does nothing again? */
bool connector_is_repeatable(const Connector *connector, ConnectorVerb verb);
bool connector_is_xml(const Connector *connector);
/* Templates of a verb it has; the body may be NULL. */
const char *connector_path(const Connector *connector, ConnectorVerb verb);
const char *connector_body(const Connector *connector, ConnectorVerb verb);
/* Our word for a state of its own; NULL: the file does not say. */
const char *connector_state(const Connector *connector, const char *theirs);

typedef struct ConnectorAnswer {
	char *ticket; /* or NULL, like all; a secret */
	char *ref;
	char *state;
	char *error;
	long status; /* HTTP; 0: none came */
} ConnectorAnswer;

void connector_answer_clear(ConnectorAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConnectorAnswer, connector_answer_clear)

/*
 * Calls.  `key` is the idempotency key.
 *
 * 1: done, *ret says what the answer said.  0: of a probe, surely not there.  -1:
 *
 *   TEMPFAIL   nothing happened: try again (not connected; 408, 425, 429, 503; 401, 403
 *              and redirects, which an operator mends)
 *   REFUSED    the service said no, for good (other 4xx, a SOAP fault of the client)
 *   UNCERTAIN  it may have happened: ask with a probe, never just again (lost or torn
 *              answers, other 5xx, a SOAP fault of the server, an answer that is none or
 *              lacks the ticket)
 *   INVALID    path or body are none
 *
 * Error texts are one line and hold no ticket.
 */
int connector_call(Connector *connector, ConnectorVerb verb, const char *key,
    const char *path, const char *body, ConnectorAnswer *ret, GError **error) MUST_USE;
