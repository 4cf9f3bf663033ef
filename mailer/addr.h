/*
 * addr.h - one mail address: is it one, where does it go, and how is it spelt on the
 * wire.
 *
 * An address that passed addr_parse() can be put into an envelope and into a header field
 * without a further look: it has no control characters, no spaces, no second '@', and its
 * domain is in lower-case A-labels (RFC 5891), so that two spellings of one domain are
 * equal bytes.
 *
 * Stricter than RFC 5321 on purpose, because a ticket that leaves for a wrong address is
 * money:
 *   - no source routes, no address literals ([192.0.2.1]), no comments;
 *   - the domain has at least two labels and its last one is not a number; `localhost` is
 *     let through for tests and for relays on the same machine;
 *   - '@' is refused inside a quoted local part too: parsers disagree about it, and it
 * was used to make one program check one domain and another one deliver to a second.
 *
 * This is the only door to libidn2 in the mailer.
 */
#pragma once

#include "queue/err.h"

typedef struct MailAddr {
	char *local;  /* as on the wire, a quoted one with its quotes; NFC if not ASCII */
	char *domain; /* lower-case A-labels */
	bool needs_smtputf8; /* the local part is not ASCII (RFC 6531) */
} MailAddr;

/*
 * Checks and splits `length` bytes of `text` (-1: up to the NUL).  A NUL inside the
 * length, CR, LF, any control or format character, invalid UTF-8 and everything named
 * above is INVALID; the text says what and, where that helps, at which byte.  Surrounding
 * spaces are the caller's to strip.
 */
MailAddr *addr_parse(const char *text, gssize length, GError **error) MUST_USE;
void addr_free(MailAddr *addr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailAddr, addr_free)

/* "local@domain" for envelope and header. */
char *addr_format(const MailAddr *addr);

/* addr_parse() and addr_format() in one: the spelling to store and to compare by. */
char *addr_normal(const char *text, GError **error) MUST_USE;

/* Like addr_parse(), keeping nothing. */
bool addr_check(const char *text, GError **error) MUST_USE;

/* A domain alone, in lower-case A-labels. */
char *addr_domain(const char *domain, GError **error) MUST_USE;

/*
 * What of `name` may stand in front of an address: valid UTF-8 in NFC without control
 * characters, without characters that steer the writing direction, without the
 * characters `@ : , " < >` that make a mail program show a name as an address, spaces
 * collapsed, at most LIMIT_DISPLAY_NAME_CHARS characters.  Never NULL; "" when nothing is
 * left.
 */
char *addr_display_name(const char *name);
