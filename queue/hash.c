/*
 * hash.c - libsodium's generic hash behind hash.h.
 */
#include "queue/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(
    sizeof(crypto_generichash_state) <= sizeof(((Hash *)0)->state), "the state fits");

static crypto_generichash_state *
state_of(Hash *hash)
{
	return (crypto_generichash_state *)(void *)hash->state;
}

void
hash_init(Hash *hash)
{
	crypto_generichash_init(state_of(hash), NULL, 0, HASH_BYTES);
}

void
hash_add(Hash *hash, const void *data, size_t size)
{
	crypto_generichash_update(state_of(hash), data, size);
}

void
hash_add_int(Hash *hash, int64_t value)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
	hash_add(hash, bytes, sizeof(bytes));
}

void
hash_add_text(Hash *hash, const char *text)
{
	if (text == NULL) {
		hash_add_int(hash, -1);
		return;
	}
	hash_add_int(hash, (int64_t)strlen(text));
	hash_add(hash, text, strlen(text));
}

void
hash_done(Hash *hash, uint8_t ret[HASH_BYTES])
{
	crypto_generichash_final(state_of(hash), ret, HASH_BYTES);
}

void
hash_bytes(const void *data, size_t size, uint8_t ret[HASH_BYTES])
{
	crypto_generichash(ret, HASH_BYTES, data, size, NULL, 0);
}

void
hash_hex(const uint8_t *bytes, size_t n, char *ret)
{
	sodium_bin2hex(ret, 2 * n + 1, bytes, n);
}
