/*
 * msgid.c - Message-ID and return path.
 */
#include "mailer/msgid.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum { ID_BYTES = 8, MAC_BYTES = 10, TOKEN_BYTES = ID_BYTES + MAC_BYTES };

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6 */

static void
base32_append(GString *out, const uint8_t *bytes, size_t length)
{
	unsigned int bits = 0;
	int n = 0;

	for (size_t i = 0; i < length; i++) {
		bits = (bits << 8 | bytes[i]) & 0xfff;
		for (n += 8; n >= 5; n -= 5)
			g_string_append_c(out, base32[bits >> (n - 5) & 31]);
	}
	if (n > 0)
		g_string_append_c(out, base32[bits << (5 - n) & 31]);
}

/* Exactly `length` bytes from `text`, which must not hold more; unused bits are zero. */
static bool
base32_read(const char *text, size_t chars, uint8_t *ret, size_t length)
{
	unsigned int bits = 0;
	int n = 0;
	size_t used = 0;

	if (chars != (length * 8 + 4) / 5)
		return false;
	for (size_t i = 0; i < chars; i++) {
		char c = g_ascii_tolower(text[i]);
		const char *found = c == '\0' ? NULL : strchr(base32, c);

		if (found == NULL)
			return false;
		bits = (bits << 5 | (unsigned int)(found - base32)) & 0xfff;
		n += 5;
		if (n >= 8) {
			n -= 8;
			ret[used++] = (uint8_t)(bits >> n);
		}
	}
	return used == length && (bits & ((1U << n) - 1)) == 0;
}

static void
put_id(int64_t mail_id, uint8_t ret[ID_BYTES])
{
	for (int i = 0; i < ID_BYTES; i++)
		ret[i] = (uint8_t)((uint64_t)mail_id >> (8 * (ID_BYTES - 1 - i)));
}

/* The context keeps a MAC made for another purpose with the same key from fitting here.
 */
static void
make_mac(const char *context, const uint8_t id[ID_BYTES],
    const uint8_t key[MSGID_KEY_BYTES], uint8_t ret[MAC_BYTES])
{
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES];

	crypto_generichash_init(&state, key, MSGID_KEY_BYTES, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)context, strlen(context) + 1);
	crypto_generichash_update(&state, id, ID_BYTES);
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(ret, hash, MAC_BYTES);
}

char *
msgid_new(int64_t mail_id, const uint8_t seed[MSGID_SEED_BYTES], const char *domain)
{
	GString *text = g_string_sized_new(64);

	g_string_append_printf(text, "%" PRId64 ".", mail_id);
	base32_append(text, seed, MSGID_SEED_BYTES);
	g_string_append_c(text, '@');
	g_string_append(text, domain);
	return g_string_free(text, FALSE);
}

bool
msgid_is_valid(const char *text)
{
	const char *at = strchr(text, '@');

	/* RFC 5322 3.6.4 without the obsolete forms; 250 keeps "References" foldable. */
	if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
	    strlen(text) > 250)
		return false;
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isgraph(*p) || *p == '<' || *p == '>')
			return false;
	}
	return true;
}

void
msgid_boundary(const char *message_id, char ret[MSGID_BOUNDARY_SIZE])
{
	uint8_t hash[crypto_generichash_BYTES_MIN];

	G_STATIC_ASSERT(MSGID_BOUNDARY_SIZE - 3 <= 2 * sizeof(hash));
	crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)message_id, strlen(message_id), NULL, 0);
	memcpy(ret, "=_", 2);
	sodium_bin2hex(
	    ret + 2, MSGID_BOUNDARY_SIZE - 2, hash, (MSGID_BOUNDARY_SIZE - 3) / 2);
}

char *
msgid_tagged(const char *local, const char *context, int64_t id,
    const uint8_t key[MSGID_KEY_BYTES], const char *domain)
{
	GString *text = g_string_sized_new(80);
	uint8_t token[TOKEN_BYTES];

	put_id(id, token);
	make_mac(context, token, key, token + ID_BYTES);
	g_string_append_printf(text, "%s+", local);
	base32_append(text, token, sizeof(token));
	g_string_append_printf(text, "@%s", domain);
	return g_string_free(text, FALSE);
}

bool
msgid_tagged_verify(const char *address, const char *local, const char *context,
    const uint8_t key[MSGID_KEY_BYTES], const char *domain, int64_t *ret_id)
{
	const size_t length = strlen(local);
	uint8_t token[TOKEN_BYTES];
	uint8_t mac[MAC_BYTES];
	const char *at = strchr(address, '@');
	uint64_t id = 0;

	if (at == NULL || g_ascii_strncasecmp(address, local, length) != 0 ||
	    address[length] != '+' || g_ascii_strcasecmp(at + 1, domain) != 0)
		return false;
	address += length + 1;
	if (!base32_read(address, (size_t)(at - address), token, sizeof(token)))
		return false;
	make_mac(context, token, key, mac);
	if (sodium_memcmp(mac, token + ID_BYTES, MAC_BYTES) != 0)
		return false;
	for (int i = 0; i < ID_BYTES; i++)
		id = id << 8 | token[i];
	*ret_id = (int64_t)id;
	return true;
}

char *
msgid_return_path(int64_t mail_id, const uint8_t key[MSGID_KEY_BYTES], const char *domain)
{
	return msgid_tagged("bounces", "return path", mail_id, key, domain);
}

bool
msgid_return_path_verify(const char *address, const uint8_t key[MSGID_KEY_BYTES],
    const char *domain, int64_t *ret_mail_id)
{
	return msgid_tagged_verify(
	    address, "bounces", "return path", key, domain, ret_mail_id);
}
