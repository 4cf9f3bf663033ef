/*
 * http.h - one request over HTTPS to a server that an operator named, and what is known
 * of it afterwards.
 *
 * What is refused before a byte leaves (R13): another scheme than https, a redirect, a
 * proxy from the environment, an address that is not public unless it is named: the
 * address that is connected to is looked at, not the name it came from.  TLS 1.2 at
 * least; the certificate must be good for the name.
 *
 * The one question that matters afterwards is whether the server may have acted:
 *
 *   HTTP_ANSWERED  it answered; `status` and `body` are what it said
 *   HTTP_NOT_SENT  the request did not leave: nothing happened
 *   HTTP_LOST      it left, wholly or in part, and no answer came, or only part of one,
 * or one that was too long: nobody knows
 *
 * The only door to libcurl in this folder.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

typedef struct HttpClient HttpClient;

/* Borrowed but for the call; copied. */
typedef struct HttpRules {
	const char *base;           /* "https://host[:port][/path]", no query */
	const char *const *private; /* addresses ("10.1.2.3", "::1") that may be connected
				       to though they are not public; NULL ends */
	const char *ca_file;        /* NULL: the system's */
	int connect_s;              /* seconds to be connected */
	int total_s;                /* seconds for all of it */
	size_t most; /* bytes of an answer; at most LIMIT_HTTP_ANSWER_BYTES */
} HttpRules;

/* CONFIG: the base is no https URL, or an address is none. */
HttpClient *http_client_new(const HttpRules *rules, GError **error) MUST_USE;
void http_client_free(HttpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpClient, http_client_free)

typedef struct HttpRequest {
	const char *method; /* GET, POST, PUT, PATCH, DELETE */
	const char *path;   /* begins with '/', behind the base; already escaped */
	const char *const *headers; /* "Name: value"; NULL ends */
	const char *body;           /* NULL: none */
} HttpRequest;

typedef enum HttpOutcome {
	HTTP_ANSWERED,
	HTTP_NOT_SENT,
	HTTP_LOST,
} HttpOutcome;

typedef struct HttpAnswer {
	HttpOutcome outcome;
	long status;
	GString *body; /* what came of it */
	char
	    *why; /* unless ANSWERED: one line for people, without anything of the body */
} HttpAnswer;

void http_answer_clear(HttpAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpAnswer, http_answer_clear)

/* INVALID when the request itself is none (a path that leaves the host, a header with a
 * line break): then nothing was tried. */
bool http_send(HttpClient *client, const HttpRequest *request, HttpAnswer *ret,
    GError **error) MUST_USE;

/* Whether an address in text ("192.168.0.1", "fe80::1") is public: routable by anybody,
 * not of this host, network or link, no documentation, no multicast.  IPv4 in IPv6
 * clothes is looked at as what it is.  False for what is no address. */
bool http_address_is_public(const char *text);
