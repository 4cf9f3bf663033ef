/*
 * sign.h - what an instance states under its own name, so that others can check it.
 *
 * The signing key is derived from `mac` of the key file (vault.h), so it needs no keeping
 * of its own.  Signatures are in the file format of minisign (its older kind "Ed", over
 * the document itself):
 *
 *	minisign -Vm report.json -P "$(ticketpost privacy key)"
 */
#pragma once

#include "fulfill/issue/vault.h"

/* The text of a .minisig file over a document.  `comment` is signed with it: one line
 * without control characters.  The caller frees. */
char *sign_document(
    const Vault *vault, const void *document, size_t size, const char *comment);

/* The public key, as minisign takes it after -P.  The caller frees. */
char *sign_public_key(const Vault *vault);

/* A keyed BLAKE2b-256 of a text: tells whether two texts are the same to who has the key
 * file, and says nothing to others. */
void sign_mac(const Vault *vault, const char *text, uint8_t ret[VAULT_KEY_BYTES]);
