/*
 * encrypt.h - a message that only its recipient can read: PGP/MIME (RFC 3156) or S/MIME
 * (RFC 8551).  The door to gpgme.
 *
 * What is encrypted is the whole body with its Content- fields; Subject, addresses and
 * dates stay readable, as they must for relays.  Nothing is signed: the sender is proved
 * by DKIM, as for any other mail.
 *
 * Public keys live in a folder of our own, never in that of whoever runs the program; a
 * key that is not there yet is put there from `material`, so that each machine may have
 * its own folder.  Whoever handed the key in vouches for it: no web of trust, no
 * revocation server, no network.  An expired or revoked key is refused.
 *
 * Encrypting the same twice gives other bytes each time: keep what was made.
 *
 * One Encrypt belongs to one thread.  gpgme runs gpg and gpgsm: about 10 ms a message.
 */
#pragma once

#include "queue/err.h"

typedef enum EncryptKind { ENCRYPT_PGP, ENCRYPT_SMIME } EncryptKind;

const char *encrypt_kind_name(EncryptKind kind); /* "pgp", "smime" */
bool encrypt_kind_from_name(const char *name, EncryptKind *ret);

typedef struct EncryptKey {
	EncryptKind kind;
	char *fingerprint;
	GBytes *material;   /* the file: armoured or binary key; PEM certificates */
	int64_t expires_at; /* UTC microseconds; 0: never, or not known */
} EncryptKey;

void encrypt_key_free(EncryptKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EncryptKey, encrypt_key_free)

typedef struct Encrypt Encrypt;

/* `folder` is made (0700) when it is not there.  CONFIG: gpg is missing; IO. */
Encrypt *encrypt_open(const char *folder, GError **error);
void encrypt_close(Encrypt *encrypt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Encrypt, encrypt_close)

/*
 * The key in a file that somebody handed in: a PGP public key, or the certificate of one
 * person with those of its issuers (PEM).  INVALID: there is none, or several, it has
 * expired, cannot encrypt, or is a secret one.
 */
EncryptKey *encrypt_look(Encrypt *encrypt, GBytes *file, GError **error);

/* The message that mime_compose() made, for this key alone.  INVALID: the key cannot be
 * used (any more); IO: gpg failed otherwise. */
GBytes *encrypt_mail(
    Encrypt *encrypt, const EncryptKey *key, GBytes *mail, GError **error);
