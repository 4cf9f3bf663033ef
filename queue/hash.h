/*
 * hash.h - BLAKE2b-256 for checksums, content hashes and the audit chain.  Unkeyed: what
 * needs a key lives in fulfill/issue/vault.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES 32

typedef struct Hash {
	_Alignas(64) unsigned char state[384];
} Hash;

/* Feed pieces in order; the pieces' borders do not matter, so feed lengths or separators
 * where they should. */
void hash_init(Hash *hash);
void hash_add(Hash *hash, const void *data, size_t size);
/* Adds the length and then the bytes; NULL is told apart from "". */
void hash_add_text(Hash *hash, const char *text);
void hash_add_int(Hash *hash, int64_t value);
void hash_done(Hash *hash, uint8_t ret[HASH_BYTES]);

void hash_bytes(const void *data, size_t size, uint8_t ret[HASH_BYTES]);

/* `n` bytes as 2 * n small hexadecimal digits and a NUL. */
void hash_hex(const uint8_t *bytes, size_t n, char *ret);
