/*
 * vault.c - the key file, and the four things its keys do.
 *
 * The file is read here and not by GKeyFile, whose copies of a password in ordinary
 * memory nobody wipes, and which does not know the line of a mistake.  It stays an INI
 * file that GKeyFile can read.
 */
#include "fulfill/issue/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/limits.h"

_Static_assert(
    VAULT_SEALED_BYTES == crypto_box_PUBLICKEYBYTES + crypto_box_MACBYTES + CODE_SYMBOLS,
    "seal");
_Static_assert(VAULT_LOOKUP_BYTES >= crypto_box_NONCEBYTES, "nonce");
_Static_assert(VAULT_KEY_BYTES == crypto_generichash_KEYBYTES, "lookup and mac");
_Static_assert(VAULT_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "seal_public");
_Static_assert(VAULT_KEY_BYTES == crypto_box_SECRETKEYBYTES, "seal_secret");
_Static_assert(VAULT_LOOKUP_BYTES == crypto_generichash_BYTES, "lookup");

enum { LOOKUP, SEAL_PUBLIC, SEAL_SECRET, MAC, KEYS };

/* clang-format off */
static const struct {
	const char *name;
	bool optional;
} keys[KEYS] = {
	[LOOKUP]      = { "lookup",      false },
	[SEAL_PUBLIC] = { "seal_public", false },
	[SEAL_SECRET] = { "seal_secret", true },
	[MAC]         = { "mac",         false },
};

static const char *const purposes[VAULT_PURPOSES] = {
	[VAULT_RETURN_PATH] = "ticketpost return path",
	[VAULT_AUDIT]       = "ticketpost audit",
	[VAULT_SIGN]        = "ticketpost signature",
	[VAULT_MAC_TEXT]    = "ticketpost text",
	[VAULT_ORDER_ADDRESS] = "ticketpost order address",
};
/* clang-format on */

/* A value of the file: places in `text`. */
typedef struct Entry {
	const char *section;
	const char *key;
	const char *value;
} Entry;

#define ENTRIES_MAX 64

/* The key that one ephemeral key and ours agree on. */
typedef struct Shared {
	uint8_t ephemeral[crypto_box_PUBLICKEYBYTES];
	uint8_t key[crypto_box_BEFORENMBYTES];
	int used; /* seals made with it; 0: there is none */
} Shared;

#define OPENED_MAX 16 /* a worker delivers from a handful of batches at a time */

struct Vault {
	uint8_t key[KEYS][VAULT_KEY_BYTES];
	bool has[KEYS];
	uint8_t derived[VAULT_PURPOSES][VAULT_KEY_BYTES];
	Entry entry[ENTRIES_MAX];
	int entries;
	GMutex lock; /* of the two below */
	Shared sealing;
	Shared opened[OPENED_MAX]; /* by the first byte of the ephemeral key */
	char text[LIMIT_KEY_FILE_BYTES + 1];
};

/* ---- creating ---- */

static void
append_key(GString *text, const char *name, const uint8_t key[VAULT_KEY_BYTES])
{
	char base64[sodium_base64_ENCODED_LEN(
	    VAULT_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	sodium_bin2base64(
	    base64, sizeof(base64), key, VAULT_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
	g_string_append_printf(text, "%s=%s\n", name, base64);
	sodium_memzero(base64, sizeof(base64));
}

static GString *
new_text(void)
{
	uint8_t key[KEYS][VAULT_KEY_BYTES];
	/* Large enough from the start: a string that grew would leave keys behind. */
	GString *text = g_string_sized_new(4096);

	randombytes_buf(key[LOOKUP], VAULT_KEY_BYTES);
	randombytes_buf(key[MAC], VAULT_KEY_BYTES);
	crypto_box_keypair(key[SEAL_PUBLIC], key[SEAL_SECRET]);
	g_string_append(text, "# The keys of this instance.  Without this file no ticket "
			      "in the store can be\n"
			      "# read again: keep a copy where the backups are not.\n"
			      "[keys]\n");
	for (int i = 0; i < KEYS; i++)
		append_key(text, keys[i].name, key[i]);
	g_string_append(text, "\n"
			      "# Logins of servers.\n"
			      "#[smtp]\n"
			      "#user=\n"
			      "#password=\n");
	sodium_memzero(key, sizeof(key));
	return text;
}

static bool
write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool
sync_folder_of(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_errno(error, errno, "cannot sync the folder '%s'", folder);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
vault_create(const char *path, GError **error)
{
	GString *text;
	bool ok;
	int fd;

	if (sodium_init() < 0)
		BUG("no random generator");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(
		    error, TP_ERROR_EXISTS, "there is a key file '%s' already", path);
	if (fd < 0)
		return err_errno(error, errno, "cannot create '%s'", path);

	text = new_text();
	/* An odd umask cannot widen 0600, but it can narrow it. */
	ok = fchmod(fd, 0600) == 0 && write_all(fd, text->str, text->len);
	if (!ok) {
		err_errno(error, errno, "cannot write '%s'", path);
		unlink(path); /* half a key file helps nobody; nothing was sealed yet */
	}
	sodium_memzero(text->str, text->allocated_len);
	g_string_free(text, TRUE);
	close(fd);
	return ok && sync_folder_of(path, error);
}

/* ---- reading the file ---- */

/* Files that systemd hands over may belong to root, with a list that lets us read. */
static bool
is_private(int fd, const char *path, bool credential, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(error, errno, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(
		    error, TP_ERROR_CONFIG, "key file '%s' is not a plain file", path);
	if ((st.st_mode & (credential ? S_IRWXO : S_IRWXG | S_IRWXO)) != 0)
		return err_set(error, TP_ERROR_CONFIG,
		    "key file '%s' is open to others (mode %04o): chmod 600 '%s'", path,
		    st.st_mode & 07777, path);
	if (st.st_uid != geteuid() && !(credential && st.st_uid == 0))
		return err_set(error, TP_ERROR_CONFIG,
		    "key file '%s' belongs to user %u, not to user %u who runs this",
		    path, (unsigned)st.st_uid, (unsigned)geteuid());
	return true;
}

static bool
read_text(int fd, const char *path, char text[LIMIT_KEY_FILE_BYTES + 1], GError **error)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, text + have, LIMIT_KEY_FILE_BYTES + 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot read '%s'", path);
		if (n == 0)
			break;
		have += (size_t)n;
		if (have > LIMIT_KEY_FILE_BYTES)
			return err_set(error, TP_ERROR_CONFIG,
			    "key file '%s' has more than %d bytes", path,
			    LIMIT_KEY_FILE_BYTES);
	}
	text[have] = '\0';
	if (strlen(text) != have)
		return err_set(
		    error, TP_ERROR_CONFIG, "key file '%s' has a NUL byte in it", path);
	return true;
}

static char *
strip(char *text)
{
	char *end;

	while (*text == ' ' || *text == '\t')
		text++;
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]) != NULL)
		*--end = '\0';
	return text;
}

static const Entry *
entry_find(const Vault *vault, const char *section, const char *key)
{
	for (int i = 0; i < vault->entries; i++)
		if (strcmp(vault->entry[i].section, section) == 0 &&
		    strcmp(vault->entry[i].key, key) == 0)
			return &vault->entry[i];
	return NULL;
}

static bool
read_line(
    Vault *vault, char *line, const char **section, const char *where, GError **error)
{
	char *end = line + strlen(line);
	char *equals;
	Entry entry;

	if (*line == '\0' || *line == '#' || *line == ';')
		return true;
	if (*line == '[') {
		if (end[-1] != ']')
			return err_set(
			    error, TP_ERROR_CONFIG, "%s: a section ends with ']'", where);
		end[-1] = '\0';
		*section = line + 1;
		return true;
	}
	equals = strchr(line, '=');
	if (equals == NULL || *section == NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "%s: neither '[section]' nor 'key=value' of a section", where);
	*equals = '\0';
	entry = (Entry){ *section, strip(line), strip(equals + 1) };
	if (entry_find(vault, entry.section, entry.key) != NULL)
		return err_set(error, TP_ERROR_CONFIG, "%s: [%s] %s stands twice", where,
		    entry.section, entry.key);
	if (vault->entries == ENTRIES_MAX)
		return err_set(error, TP_ERROR_CONFIG, "%s: more than %d values", where,
		    ENTRIES_MAX);
	vault->entry[vault->entries++] = entry;
	return true;
}

static bool
read_lines(Vault *vault, const char *path, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	const char *section = NULL;
	int number = 0;

	for (char *next, *line = vault->text; line != NULL; line = next) {
		g_autofree char *where = g_strdup_printf("%s:%d", name, ++number);

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (!read_line(vault, strip(line), &section, where, error))
			return false;
	}
	return true;
}

/* ---- the keys ---- */

static bool
read_key(Vault *vault, int i, const char *path, GError **error)
{
	const Entry *entry = entry_find(vault, "keys", keys[i].name);
	size_t size = 0;

	if (entry == NULL && keys[i].optional)
		return true;
	if (entry == NULL)
		return err_set(error, TP_ERROR_CONFIG,
		    "key file '%s': [keys] %s is missing", path, keys[i].name);
	if (sodium_base642bin(vault->key[i], VAULT_KEY_BYTES, entry->value,
		strlen(entry->value), NULL, &size, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    size != VAULT_KEY_BYTES)
		return err_set(error, TP_ERROR_CONFIG,
		    "key file '%s': [keys] %s is not the base64 of %d bytes", path,
		    keys[i].name, VAULT_KEY_BYTES);
	vault->has[i] = true;
	return true;
}

static bool
read_keys(Vault *vault, const char *path, GError **error)
{
	uint8_t public_key[VAULT_KEY_BYTES];
	uint8_t shared[crypto_box_BEFORENMBYTES];
	bool usable;

	for (int i = 0; i < KEYS; i++)
		if (!read_key(vault, i, path, error))
			return false;
	/* Any secret would do to see whether the public key is a point of the curve. */
	usable =
	    crypto_box_beforenm(shared, vault->key[SEAL_PUBLIC], vault->key[MAC]) == 0;
	sodium_memzero(shared, sizeof(shared));
	if (!usable)
		return err_set(error, TP_ERROR_CONFIG,
		    "key file '%s': [keys] seal_public is no public key", path);
	if (vault->has[SEAL_SECRET]) {
		crypto_scalarmult_base(public_key, vault->key[SEAL_SECRET]);
		if (memcmp(public_key, vault->key[SEAL_PUBLIC], VAULT_KEY_BYTES) != 0)
			return err_set(error, TP_ERROR_CONFIG,
			    "key file '%s': seal_public and seal_secret are not a pair",
			    path);
	}
	for (int i = 0; i < VAULT_PURPOSES; i++)
		crypto_generichash(vault->derived[i], VAULT_KEY_BYTES,
		    (const unsigned char *)purposes[i], strlen(purposes[i]),
		    vault->key[MAC], VAULT_KEY_BYTES);
	return true;
}

static bool
read_vault(Vault *vault, int fd, const char *path, bool credential, GError **error)
{
	return is_private(fd, path, credential, error) &&
	       read_text(fd, path, vault->text, error) &&
	       read_lines(vault, path, error) && read_keys(vault, path, error);
}

/* Opens the file, or the credential of its name; *ret_path says which. */
static int
open_file(const char *path, char **ret_path, bool *ret_credential, GError **error)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	/* Never hang on a pipe that somebody put there. */
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);
	int why = errno;

	*ret_path = g_strdup(path);
	*ret_credential = false;
	if (fd < 0 && why == ENOENT && folder != NULL && g_path_is_absolute(folder)) {
		g_autofree char *name = g_path_get_basename(path);
		g_autofree char *other = g_build_filename(folder, name, NULL);

		fd = open(other, flags);
		if (fd >= 0) {
			g_free(*ret_path);
			*ret_path = g_steal_pointer(&other);
			*ret_credential = true;
		}
	}
	if (fd < 0)
		err_errno(error, why, "cannot open the key file '%s'", path);
	return fd;
}

Vault *
vault_open(const char *path, GError **error)
{
	g_autofree char *found = NULL;
	g_autoptr(Vault) vault = NULL;
	bool credential;
	bool ok;
	int fd;

	if (sodium_init() < 0)
		BUG("no random generator");
	fd = open_file(path, &found, &credential, error);
	if (fd < 0)
		return NULL;
	vault = sodium_malloc(sizeof(*vault));
	if (vault == NULL)
		BUG("no memory for keys");
	sodium_memzero(vault, sizeof(*vault));
	g_mutex_init(&vault->lock);
	ok = read_vault(vault, fd, found, credential, error);
	close(fd);
	if (!ok)
		return NULL;
	return g_steal_pointer(&vault);
}

void
vault_close(Vault *vault)
{
	if (vault == NULL)
		return;
	g_mutex_clear(&vault->lock);
	sodium_free(vault); /* wipes and unlocks */
}

/* ---- what the keys do ---- */

void
vault_lookup(const Vault *vault, const Code *code, uint8_t ret[VAULT_LOOKUP_BYTES])
{
	crypto_generichash(ret, VAULT_LOOKUP_BYTES, (const unsigned char *)code->symbols,
	    CODE_SYMBOLS, vault->key[LOOKUP], VAULT_KEY_BYTES);
}

static void
shared_begin(Shared *shared, const uint8_t public_key[VAULT_KEY_BYTES])
{
	uint8_t secret[crypto_box_SECRETKEYBYTES];

	crypto_box_keypair(shared->ephemeral, secret);
	if (crypto_box_beforenm(shared->key, public_key, secret) != 0)
		BUG("seal_public is no public key"); /* vault_open() has looked */
	sodium_memzero(secret, sizeof(secret));
	shared->used = 0;
}

void
vault_seal(Vault *vault, const Code *code, uint8_t ret[VAULT_SEALED_BYTES])
{
	uint8_t nonce[VAULT_LOOKUP_BYTES];
	Shared *shared = &vault->sealing;

	vault_lookup(vault, code, nonce);
	g_mutex_lock(&vault->lock);
	if (shared->used == 0 || shared->used == VAULT_BATCH)
		shared_begin(shared, vault->key[SEAL_PUBLIC]);
	shared->used++;
	memcpy(ret, shared->ephemeral, sizeof(shared->ephemeral));
	(void)crypto_box_easy_afternm(ret + sizeof(shared->ephemeral),
	    (const unsigned char *)code->symbols, CODE_SYMBOLS, nonce, shared->key);
	g_mutex_unlock(&vault->lock);
}

bool
vault_can_unseal(const Vault *vault)
{
	return vault->has[SEAL_SECRET];
}

/* False: those bytes are no ephemeral key. */
static bool
shared_of(Vault *vault, const uint8_t *ephemeral, uint8_t ret[crypto_box_BEFORENMBYTES])
{
	Shared *shared = &vault->opened[ephemeral[0] % OPENED_MAX];
	bool ok = true;

	g_mutex_lock(&vault->lock);
	if (shared->used == 0 ||
	    memcmp(shared->ephemeral, ephemeral, sizeof(shared->ephemeral)) != 0) {
		ok = crypto_box_beforenm(
			 shared->key, ephemeral, vault->key[SEAL_SECRET]) == 0;
		memcpy(shared->ephemeral, ephemeral, sizeof(shared->ephemeral));
		shared->used = ok;
	}
	memcpy(ret, shared->key, sizeof(shared->key));
	g_mutex_unlock(&vault->lock);
	return ok;
}

static bool
box_open(Vault *vault, const uint8_t *sealed, const uint8_t *nonce, Code *ret)
{
	uint8_t key[crypto_box_BEFORENMBYTES];
	bool ok = shared_of(vault, sealed, key) &&
		  crypto_box_open_easy_afternm((unsigned char *)ret->symbols,
		      sealed + crypto_box_PUBLICKEYBYTES,
		      VAULT_SEALED_BYTES - crypto_box_PUBLICKEYBYTES, nonce, key) == 0;

	sodium_memzero(key, sizeof(key));
	return ok;
}

bool
vault_unseal(Vault *vault, const void *sealed, size_t size,
    const uint8_t lookup[VAULT_LOOKUP_BYTES], Code *ret, GError **error)
{
	uint8_t found[VAULT_LOOKUP_BYTES];
	g_auto(Code) code = { "" };

	if (!vault_can_unseal(vault))
		return err_set(error, TP_ERROR_DENIED,
		    "the key file has no seal_secret: tickets cannot be read here");
	if (size != VAULT_SEALED_BYTES || !box_open(vault, sealed, lookup, &code))
		return err_set(error, TP_ERROR_INVALID,
		    "the sealed ticket was altered, belongs to another row, or was "
		    "sealed "
		    "with another key");
	/* The last eight bytes of the lookup are no part of the nonce. */
	vault_lookup(vault, &code, found);
	if (sodium_memcmp(found, lookup, VAULT_LOOKUP_BYTES) != 0)
		return err_set(error, TP_ERROR_INVALID,
		    "the sealed ticket belongs to another row, or the lookup key is "
		    "another");
	*ret = code;
	return true;
}

GBytes *
vault_seal_bytes(const Vault *vault, const void *bytes, size_t size)
{
	uint8_t *sealed = g_malloc(size + crypto_box_SEALBYTES);

	if (crypto_box_seal(sealed, bytes, size, vault->key[SEAL_PUBLIC]) != 0)
		BUG("seal_public is no public key"); /* vault_open() has looked */
	return g_bytes_new_take(sealed, size + crypto_box_SEALBYTES);
}

GBytes *
vault_unseal_bytes(const Vault *vault, const void *sealed, size_t size, GError **error)
{
	g_autofree uint8_t *bytes = NULL;

	if (!vault_can_unseal(vault)) {
		err_set(error, TP_ERROR_DENIED,
		    "the key file has no seal_secret: sealed mail cannot be read here");
		return NULL;
	}
	bytes = g_malloc(size);
	if (size < crypto_box_SEALBYTES ||
	    crypto_box_seal_open(bytes, sealed, size, vault->key[SEAL_PUBLIC],
		vault->key[SEAL_SECRET]) != 0) {
		err_set(error, TP_ERROR_INVALID,
		    "the sealed bytes were altered, or sealed with another key");
		return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&bytes), size - crypto_box_SEALBYTES);
}

const uint8_t *
vault_mac_key(const Vault *vault, VaultPurpose purpose)
{
	return vault->derived[purpose];
}

const char *
vault_secret(const Vault *vault, const char *section, const char *key)
{
	const Entry *entry = entry_find(vault, section, key);

	return entry != NULL && strcmp(section, "keys") != 0 ? entry->value : NULL;
}
