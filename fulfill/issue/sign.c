/*
 * sign.c - Ed25519 in minisign's format, and keyed hashes.
 */
#include "fulfill/issue/sign.h"

#include <sodium.h>
#include <string.h>

/* What stands before key and signature in their base64: "Ed", then the key's id. */
#define HEAD_BYTES 10

typedef struct Signer {
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t head[HEAD_BYTES];
} Signer;

static void
signer_init(const Vault *vault, Signer *ret)
{
	uint8_t id[crypto_generichash_BYTES];

	_Static_assert(VAULT_KEY_BYTES == crypto_sign_SEEDBYTES, "seed");
	crypto_sign_seed_keypair(
	    ret->public, ret->secret, vault_mac_key(vault, VAULT_SIGN));
	crypto_generichash(id, sizeof(id), ret->public, sizeof(ret->public), NULL, 0);
	ret->head[0] = 'E';
	ret->head[1] = 'd';
	memcpy(ret->head + 2, id, HEAD_BYTES - 2);
}

static char *
base64(const void *bytes, size_t size)
{
	size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
	char *text = g_malloc(room);

	return sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

char *
sign_public_key(const Vault *vault)
{
	Signer signer;
	uint8_t key[HEAD_BYTES + crypto_sign_PUBLICKEYBYTES];

	signer_init(vault, &signer);
	memcpy(key, signer.head, HEAD_BYTES);
	memcpy(key + HEAD_BYTES, signer.public, sizeof(signer.public));
	sodium_memzero(&signer, sizeof(signer));
	return base64(key, sizeof(key));
}

char *
sign_document(const Vault *vault, const void *document, size_t size, const char *comment)
{
	Signer signer;
	uint8_t first[HEAD_BYTES + crypto_sign_BYTES];
	uint8_t second[crypto_sign_BYTES];
	size_t length = strlen(comment);
	g_autofree uint8_t *both = g_malloc(crypto_sign_BYTES + length);
	g_autofree char *one = NULL;
	g_autofree char *two = NULL;

	signer_init(vault, &signer);
	memcpy(first, signer.head, HEAD_BYTES);
	crypto_sign_detached(first + HEAD_BYTES, NULL, document, size, signer.secret);
	/* The second one binds the comment to the first. */
	memcpy(both, first + HEAD_BYTES, crypto_sign_BYTES);
	memcpy(both + crypto_sign_BYTES, comment, length);
	crypto_sign_detached(
	    second, NULL, both, crypto_sign_BYTES + length, signer.secret);
	sodium_memzero(&signer, sizeof(signer));
	one = base64(first, sizeof(first));
	two = base64(second, sizeof(second));
	return g_strdup_printf("untrusted comment: signed by ticketpost\n%s\n"
			       "trusted comment: %s\n%s\n",
	    one, comment, two);
}

void
sign_mac(const Vault *vault, const char *text, uint8_t ret[VAULT_KEY_BYTES])
{
	crypto_generichash(ret, VAULT_KEY_BYTES, (const uint8_t *)text, strlen(text),
	    vault_mac_key(vault, VAULT_MAC_TEXT), VAULT_KEY_BYTES);
}
