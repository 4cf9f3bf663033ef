/*
 * msgid.h - the two names of a message that come back to us: Message-ID and return path.
 *
 * A bounce says which mail it is about by the address it is sent to:
 * `bounces+TOKEN@domain`.  The token holds the mail's id and a keyed BLAKE2b over it, so
 * a stranger cannot make us believe that a delivery failed.  It is base32 without regard
 * to case, because relays on the way may fold the local part.
 */
#pragma once

#include "queue/err.h"

enum {
	MSGID_SEED_BYTES = 16,
	MSGID_KEY_BYTES = 32,
	MSGID_TOKEN_CHARS = 29, /* base32 of 8 bytes id and 10 bytes MAC */
	MSGID_BOUNDARY_SIZE =
	    15, /* "=_", 12 hex digits, NUL: it stands a dozen times in a mail */
};

/*
 * "ID.RANDOM@domain", without < >.  The seed is random and stored with the mail: a retry
 * carries the same Message-ID, and nobody can guess the next one.  `domain` has passed
 * addr_domain().
 */
char *msgid_new(
    int64_t mail_id, const uint8_t seed[MSGID_SEED_BYTES], const char *domain);

/* Is `text` (without < >) a Message-ID that can be written into a header field? */
bool msgid_is_valid(const char *text);

/*
 * The MIME boundary of the message with this Message-ID.  "=_" never comes out of
 * quoted-printable or base64, so no body can hold it; the rest keeps a message and the
 * messages inside it apart.
 */
void msgid_boundary(const char *message_id, char ret[MSGID_BOUNDARY_SIZE]);

/*
 * "LOCAL+TOKEN@domain": an address that only we can make, naming `id`.  `context` says
 * what for: a token made for one purpose does not fit another, whatever its local part.
 */
char *msgid_tagged(const char *local, const char *context, int64_t id,
    const uint8_t key[MSGID_KEY_BYTES], const char *domain);
bool msgid_tagged_verify(const char *address, const char *local, const char *context,
    const uint8_t key[MSGID_KEY_BYTES], const char *domain, int64_t *ret_id);

/* The envelope sender of mail `mail_id`: "bounces+TOKEN@domain".  */
char *msgid_return_path(
    int64_t mail_id, const uint8_t key[MSGID_KEY_BYTES], const char *domain);

/*
 * Is `address` a return path made by us with this key and domain?  If so *ret_mail_id is
 * its mail.  Case does not matter.  Compared in constant time.
 */
bool msgid_return_path_verify(const char *address, const uint8_t key[MSGID_KEY_BYTES],
    const char *domain, int64_t *ret_mail_id);
