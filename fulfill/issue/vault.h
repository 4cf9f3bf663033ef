/*
 * vault.h - the keys of an instance, and what only they can do.
 *
 * A ticket code is stored twice, and in neither form can it be read from the database
 * alone (threats SG-3):
 *
 *   lookup   keyed BLAKE2b-256: finds a code that somebody typed
 *   sealed   an anonymous box to the instance's public key: shows a code to be delivered
 *
 * The keys stand in one INI file beside the configuration, with the passwords for
 * servers:
 *
 *   [keys]
 *   lookup=      32 bytes in base64; changing it makes every ticket unknown
 *   seal_public= likewise; what seals
 *   seal_secret= likewise; what opens.  May be missing on a machine that only issues
 *   mac=         likewise; signs return paths and the audit trail
 *   [smtp]
 *   user=
 *   password=
 *
 * Its bytes and all that is made of them live in guarded, locked memory that core dumps
 * leave out, and are wiped by vault_close().  A Vault is read-only after vault_open() and
 * may be used by several threads and after fork().
 */
#pragma once

#include <glib.h>

#include "fulfill/issue/code.h"
#include "queue/err.h"

#define VAULT_KEY_BYTES 32
#define VAULT_LOOKUP_BYTES 32
#define VAULT_SEALED_BYTES (CODE_SYMBOLS + 48)

typedef struct Vault Vault;

/*
 * Writes a new key file with fresh keys, mode 0600, and syncs it and its folder: whoever
 * gets true may seal with it.  An existing file is never touched: EXISTS.  IO else.
 */
bool vault_create(const char *path, GError **error) MUST_USE;

/*
 * Reads the key file.  When there is none at `path` and $CREDENTIALS_DIRECTORY is set,
 * the file of the same name there is taken (systemd.exec(5), LoadCredential=).
 *
 * CONFIG: group or others may touch it (the text says `chmod 600`), it belongs to another
 * user, it is not a plain file, or a line of it is wrong ("ticketpost.key:3: ...").
 * NOT_FOUND, DENIED, IO as they come.
 */
Vault *vault_open(const char *path, GError **error) MUST_USE;
void vault_close(Vault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vault, vault_close)

/* The same code has the same lookup under the same key. */
void vault_lookup(const Vault *vault, const Code *code, uint8_t ret[VAULT_LOOKUP_BYTES]);

/*
 * Takes the public key only.  The box is that of crypto_box_seal (X25519, XSalsa20,
 * Poly1305) but for two things, because two curve multiplications for each code were half
 * the cost of an order: an ephemeral key serves VAULT_BATCH codes, and the nonce is the
 * first 24 bytes of the code's lookup, which no two codes share.  Opening remembers the
 * last few ephemeral keys, so codes issued together are opened cheaply together.
 */
#define VAULT_BATCH 256
void vault_seal(Vault *vault, const Code *code, uint8_t ret[VAULT_SEALED_BYTES]);

/* Whether the file had `seal_secret`. */
bool vault_can_unseal(const Vault *vault);

/*
 * Opens a seal.  `lookup` is the one stored beside it: a seal that was moved to another
 * row is noticed.  INVALID: it is not a seal of ours, was altered, or belongs to another
 * row.  DENIED: this vault cannot unseal.
 */
bool vault_unseal(Vault *vault, const void *sealed, size_t size,
    const uint8_t lookup[VAULT_LOOKUP_BYTES], Code *ret, GError **error) MUST_USE;

/*
 * Any bytes (a mail that came in), as crypto_box_seal: the public key seals, and only who
 * has `seal_secret` opens.  Never NULL.
 */
GBytes *vault_seal_bytes(const Vault *vault, const void *bytes, size_t size) MUST_USE;

/* NULL: INVALID, it is no seal of ours; DENIED: this vault cannot unseal. */
GBytes *vault_unseal_bytes(
    const Vault *vault, const void *sealed, size_t size, GError **error) MUST_USE;

/* Keys for one purpose each, derived from `mac`; VAULT_KEY_BYTES bytes, borrowed. */
typedef enum VaultPurpose {
	VAULT_RETURN_PATH,   /* tokens in bounce addresses, mailer/msgid.h */
	VAULT_AUDIT,         /* the chain of audit rows */
	VAULT_SIGN,          /* seed of the signing key, sign.h */
	VAULT_MAC_TEXT,      /* keyed hashes of texts, sign.h */
	VAULT_ORDER_ADDRESS, /* secret addresses that orders may be sent to */
	VAULT_PURPOSES
} VaultPurpose;
const uint8_t *vault_mac_key(const Vault *vault, VaultPurpose purpose);

/*
 * A value of the file, such as ("smtp", "password"): the bytes after '=' without blanks
 * around them, no escapes.  Borrowed; NULL when it is not there.  The section [keys] is
 * not served.  Never print it.
 */
const char *vault_secret(const Vault *vault, const char *section, const char *key);
