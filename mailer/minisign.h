/*
 * minisign.h - orders signed by their sender, in the file format of minisign.
 *
 * An order mail may carry `order.json` and beside it `order.json.minisig`, a detached
 * Ed25519 signature made with the sender's own key (`minisign -Sm order.json -t
 * 'order=SO-1'`). Then no mail server on the way has to be trusted.
 *
 * Two signatures stand in the file: one over the document, and one over the first
 * together with the trusted comment.  Both must fit.  What the comment says (order
 * number, time of signing) is for the caller to compare.
 *
 * Formats (minisign's own description): a line "untrusted comment: ...", then base64 of
 *   key:        "Ed", 8 bytes key id, 32 bytes key
 *   signature:  "Ed" or "ED", 8 bytes key id, 64 bytes signature; "ED" signs BLAKE2b-512
 * of the document, "Ed" (old) the document itself and for signatures a line "trusted
 * comment: ..." and base64 of the 64 bytes of the second signature.
 */
#pragma once

#include "queue/err.h"

enum {
	MINISIGN_ID_BYTES = 8,
	MINISIGN_KEY_BYTES = 32,
	MINISIGN_SIGNATURE_BYTES = 64,
};

typedef struct MinisignKey {
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t key[MINISIGN_KEY_BYTES];
} MinisignKey;

typedef struct Minisign {
	uint8_t id[MINISIGN_ID_BYTES]; /* which key it claims; choose the key by it */
	bool prehashed;                /* "ED" */
	uint8_t signature[MINISIGN_SIGNATURE_BYTES];
	uint8_t global[MINISIGN_SIGNATURE_BYTES];
	char *trusted_comment; /* UTF-8 in one line; believe it only once verified */
} Minisign;

/* A public key: the contents of a .pub file, or its second line alone.  INVALID: neither.
 */
bool minisign_key_parse(const char *text, MinisignKey *ret, GError **error) MUST_USE;

/* "E7620F1842B4E81F", as minisign prints it. */
char *minisign_id_format(const uint8_t id[MINISIGN_ID_BYTES]);

/* A .minisig file.  NULL: INVALID, it is none. */
Minisign *minisign_parse(const void *bytes, size_t length, GError **error) MUST_USE;
void minisign_free(Minisign *minisign);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Minisign, minisign_free)

/* true: the document and the comment are as the owner of `key` signed them.  DENIED: they
 * are not, or another key signed. */
bool minisign_verify(const Minisign *minisign, const MinisignKey *key,
    const void *document, size_t length, GError **error) MUST_USE;

/* The value of `name` in a trusted comment of "name:value" or "name=value" words, or
 * NULL. The caller's. */
char *minisign_comment_find(const char *comment, const char *name);
