/*
 * authres.h - who really sent this mail, told by our own border server (RFC 8601).
 *
 * A From field is what its author likes to write.  Our MX has checked DKIM and DMARC and
 * wrote the result into an Authentication-Results field; so may have anybody else on the
 * way.  A field is believed by where it stands:
 *
 *   1. It carries our authserv-id and is the topmost that does.
 *   2. It stands above the first Received field that our MX wrote: all that stands there
 *      was added after the mail had entered the house.  Without such a Received field
 *      nothing can be told, and nothing is believed.
 *   3. There is exactly one From field with exactly one address.
 *   4. It says dmarc=pass for the domain of that address, or dkim=pass for a signature by
 *      exactly that domain (header.d).  SPF alone is not enough: it says nothing about
 *      From.
 *
 * That makes the sender proved.  Whether this sender may order is another question, and
 * for somebody above.  Where the border server deletes foreign fields with our id
 * (opendkim: RemoveARFrom), rule 2 is the second lock on the same door.
 */
#pragma once

#include "mailer/parse.h"

/* One method's result: "dkim=pass header.d=example.org". */
typedef struct AuthResult {
	char *method;        /* lower case, without version */
	char *result;        /* lower case */
	DecodedParam *props; /* name "header.d" in lower case; value as written */
	size_t n_props;
} AuthResult;

typedef struct AuthResults {
	char *authserv_id; /* as written */
	AuthResult *rows;  /* none for "none" */
	size_t n_rows;     /* at most LIMIT_AUTHRES_RESULTS */
} AuthResults;

/* Reads one field's value.  NULL: INVALID, it breaks RFC 8601 2.2 or a limit. */
AuthResults *authres_parse(const char *value, GError **error) MUST_USE;
void auth_results_free(AuthResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthResults, auth_results_free)

/* The first value of property `name` ("header.d"), or NULL.  Borrowed. */
const char *auth_result_find(const AuthResult *result, const char *name);

/* Who we are.  Borrowed. */
typedef struct AuthresSelf {
	const char *authserv_id; /* must be there */
	const char
	    *mx; /* the name behind "by" in our MX's Received field; NULL: authserv_id */
	int own_hops; /* how many Received fields with that name every mail gets, when a
			 content filter hands it back to the MX; 0 and 1: one */
} AuthresSelf;

typedef enum AuthresWhy {
	AUTHRES_PROVED,
	AUTHRES_NO_FIELD,     /* none with our authserv-id */
	AUTHRES_NO_RECEIVED,  /* our MX wrote no Received field */
	AUTHRES_NOT_ABOVE,    /* the field came with the mail */
	AUTHRES_BROKEN,       /* the field cannot be read */
	AUTHRES_NO_FROM,      /* no From field, or one without an address */
	AUTHRES_MANY_FROM,    /* more than one field or address */
	AUTHRES_NOT_PASSED,   /* neither dmarc nor dkim passed */
	AUTHRES_OTHER_DOMAIN, /* passed, for another domain than that of From */
} AuthresWhy;

const char *authres_why_name(AuthresWhy why); /* "not_above" */
const char *authres_why_text(AuthresWhy why); /* a sentence for an operator */

typedef struct AuthresVerdict {
	AuthresWhy why;
	char *sender; /* addr_normal() of the From address, proved or not; NULL: none */
	const char *method; /* "dmarc" or "dkim", of a proved one; static */
} AuthresVerdict;

/* Never fails: what cannot be told is not proved. */
AuthresVerdict *authres_check(const ParsedMail *mail, const AuthresSelf *self);
void authres_verdict_free(AuthresVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthresVerdict, authres_verdict_free)
