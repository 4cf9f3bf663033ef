/*
 * dsn.h - read a delivery status notification (RFC 3464, RFC 6533).
 *
 * What the machine-readable part says, field by field, without judging it: providers lie,
 * and bounce.h weighs the words against the codes.  What is accepted beyond the RFC
 * stands in mailer/README.md under "Real mail".
 */
#pragma once

#include "mailer/parse.h"
#include "mailer/reply.h"

/* RFC 3464 2.3.3. */
typedef enum DsnAction {
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
} DsnAction;

const char *dsn_action_name(DsnAction action);               /* "failed", ... */
bool dsn_action_from_name(const char *name, DsnAction *ret); /* any case; false: none */

/* Strings are UTF-8 in one line, at most LIMIT_DSN_TEXT_BYTES; absent ones are NULL. */
typedef struct DsnRecipient {
	char *final;    /* 2.3.2, the address alone; NULL only if `original` is there */
	char *original; /* 2.3.1: the address as we wrote it */
	DsnAction action;
	EnhancedCode status; /* 2.3.4; class 0: absent or broken */
	char *diagnostic;    /* 2.3.6 without its type: "550 5.1.1 no such user" */
	char *remote_mta;    /* 2.3.5 without its type */
} DsnRecipient;

typedef struct Dsn {
	char *reporting_mta; /* 2.2.2 without its type */
	char *envelope_id;   /* 2.2.1: our ENVID, xtext decoded */
	DsnRecipient *rcpts;
	size_t n_rcpts; /* at least 1, at most LIMIT_DSN_RECIPIENTS: further ones are
			   dropped */
} Dsn;

/*
 * Reads the content of a message/delivery-status part.  A recipient counts when it has an
 * address and an action; an absent action is taken from the status (5: failed, 4:
 * delayed, 2: delivered), or else from the reply code in the diagnostic.
 *
 * NULL: INVALID, no recipient was found, or a limit of parse_headers() was exceeded.
 */
Dsn *dsn_parse(const void *bytes, size_t length, GError **error) MUST_USE;

/*
 * The notification that `mail` is.  Parts of a mail that came back are not looked at: a
 * bounce of a bounce is about the latter.
 *
 * 1: *ret is the caller's.  0: not a DSN.  -1: it says that it is one, and dsn_parse()
 * says why it cannot be read.
 */
int dsn_read(const ParsedMail *mail, Dsn **ret, GError **error) MUST_USE;

void dsn_free(Dsn *dsn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dsn, dsn_free)
