/*
 * minisign.c - verifies, never signs: the secret keys are our partners'.
 */
#include "mailer/minisign.h"

#include <sodium.h>
#include <string.h>

#include "queue/limits.h"

G_STATIC_ASSERT(MINISIGN_KEY_BYTES == crypto_sign_PUBLICKEYBYTES);
G_STATIC_ASSERT(MINISIGN_SIGNATURE_BYTES == crypto_sign_BYTES);

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

/* Takes the next line off *at; NULL: there is none.  CR at its end goes: mail adds it. */
static char *
take_line(const char **at)
{
	size_t n = strcspn(*at, "\n");
	char *line;

	if (**at == '\0')
		return NULL;
	line = g_strndup(*at, n);
	if (n > 0 && line[n - 1] == '\r')
		line[n - 1] = '\0';
	*at += n + ((*at)[n] == '\n' ? 1 : 0);
	return line;
}

/* Exactly `size` bytes in strict base64.  The alphabet is looked at here:
 * libsodium 1.0.18 takes some bytes above 127 for letters. */
static bool
read_base64(const char *line, void *ret, size_t size)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/=";
	size_t n = 0;

	return line != NULL && line[strspn(line, alphabet)] == '\0' &&
	       sodium_base642bin(ret, size, line, strlen(line), NULL, &n, NULL,
		   sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       n == size;
}

bool
minisign_key_parse(const char *text, MinisignKey *ret, GError **error)
{
	uint8_t bytes[2 + MINISIGN_ID_BYTES + MINISIGN_KEY_BYTES];
	const char *at = text;
	g_autofree char *line = take_line(&at);

	if (line != NULL && g_str_has_prefix(line, UNTRUSTED)) {
		g_free(line);
		line = take_line(&at);
	}
	if (line != NULL)
		g_strstrip(line);
	if (!read_base64(line, bytes, sizeof(bytes)) || memcmp(bytes, "Ed", 2) != 0 ||
	    at[strspn(at, " \t\r\n")] != '\0')
		return err_set(error, TP_ERROR_INVALID, "not a minisign public key");
	memcpy(ret->id, bytes + 2, MINISIGN_ID_BYTES);
	memcpy(ret->key, bytes + 2 + MINISIGN_ID_BYTES, MINISIGN_KEY_BYTES);
	return true;
}

char *
minisign_id_format(const uint8_t id[MINISIGN_ID_BYTES])
{
	GString *text = g_string_new(NULL);

	/* minisign reads the id as a little-endian number. */
	for (int i = MINISIGN_ID_BYTES - 1; i >= 0; i--)
		g_string_append_printf(text, "%02X", id[i]);
	return g_string_free(text, FALSE);
}

static bool
is_comment(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return false;
	/* minisign's own comments are separated by tabs. */
	for (; *text != '\0'; text++)
		if (g_ascii_iscntrl(*text) && *text != '\t')
			return false;
	return true;
}

Minisign *
minisign_parse(const void *bytes, size_t length, GError **error)
{
	uint8_t head[2 + MINISIGN_ID_BYTES + MINISIGN_SIGNATURE_BYTES];
	g_autofree char *text = NULL, *untrusted = NULL, *signature = NULL;
	g_autofree char *trusted = NULL, *global = NULL;
	g_autoptr(Minisign) minisign = g_new0(Minisign, 1);
	const char *at;

	if (length > LIMIT_MINISIGN_BYTES || memchr(bytes, '\0', length) != NULL) {
		err_set(error, TP_ERROR_INVALID,
		    "a signature file is text of at most %d bytes", LIMIT_MINISIGN_BYTES);
		return NULL;
	}
	at = text = g_strndup(bytes, length);
	untrusted = take_line(&at);
	signature = take_line(&at);
	trusted = take_line(&at);
	global = take_line(&at);
	if (untrusted == NULL || !g_str_has_prefix(untrusted, UNTRUSTED) ||
	    !read_base64(signature, head, sizeof(head)) || trusted == NULL ||
	    !g_str_has_prefix(trusted, TRUSTED) ||
	    !read_base64(global, minisign->global, sizeof(minisign->global)) ||
	    !is_comment(trusted) || at[strspn(at, " \t\r\n")] != '\0' ||
	    (memcmp(head, "Ed", 2) != 0 && memcmp(head, "ED", 2) != 0)) {
		err_set(error, TP_ERROR_INVALID, "not a minisign signature file");
		return NULL;
	}
	minisign->prehashed = head[1] == 'D';
	memcpy(minisign->id, head + 2, MINISIGN_ID_BYTES);
	memcpy(
	    minisign->signature, head + 2 + MINISIGN_ID_BYTES, MINISIGN_SIGNATURE_BYTES);
	minisign->trusted_comment = g_strdup(trusted + strlen(TRUSTED));
	return g_steal_pointer(&minisign);
}

void
minisign_free(Minisign *minisign)
{
	if (minisign == NULL)
		return;
	g_free(minisign->trusted_comment);
	g_free(minisign);
}

/* The second signature: over the first and the trusted comment. */
static bool
comment_fits(const Minisign *minisign, const MinisignKey *key)
{
	g_autoptr(GByteArray) signed_bytes = g_byte_array_new();

	g_byte_array_append(
	    signed_bytes, minisign->signature, sizeof(minisign->signature));
	g_byte_array_append(signed_bytes, (const uint8_t *)minisign->trusted_comment,
	    (guint)strlen(minisign->trusted_comment));
	return crypto_sign_verify_detached(minisign->global, signed_bytes->data,
		   signed_bytes->len, key->key) == 0;
}

bool
minisign_verify(const Minisign *minisign, const MinisignKey *key, const void *document,
    size_t length, GError **error)
{
	uint8_t hash[crypto_generichash_BYTES_MAX];
	const uint8_t *message = document;
	size_t n = length;

	if (sodium_init() < 0)
		return err_set(error, TP_ERROR_IO, "libsodium cannot be started");
	if (memcmp(minisign->id, key->id, sizeof(key->id)) != 0) {
		g_autofree char *id = minisign_id_format(minisign->id);

		return err_set(
		    error, TP_ERROR_DENIED, "signed with another key (%s)", id);
	}
	if (minisign->prehashed) {
		crypto_generichash(hash, sizeof(hash), document, length, NULL, 0);
		message = hash;
		n = sizeof(hash);
	}
	if (crypto_sign_verify_detached(minisign->signature, message, n, key->key) != 0)
		return err_set(
		    error, TP_ERROR_DENIED, "the signature does not fit the document");
	if (!comment_fits(minisign, key))
		return err_set(error, TP_ERROR_DENIED,
		    "the signature does not fit the trusted comment");
	return true;
}

char *
minisign_comment_find(const char *comment, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = comment; *at != '\0';) {
		size_t word;

		at += strspn(at, " \t,;");
		word = strcspn(at, " \t,;");
		if (word > n + 1 && strncmp(at, name, n) == 0 &&
		    (at[n] == ':' || at[n] == '='))
			return g_strndup(at + n + 1, word - n - 1);
		at += word;
	}
	return NULL;
}
