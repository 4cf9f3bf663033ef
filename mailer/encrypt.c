/*
 * encrypt.c - keys and messages through gpgme.
 */
#include "mailer/encrypt.h"

#include <glib/gstdio.h>
#include <gpgme.h>
#include <string.h>

#include "mailer/encode.h"
#include "queue/clock.h"
#include "queue/limits.h"

/* Base64 and armour never hold "=_". */
#define BOUNDARY "=_only-for-you"

/* How many issuers stand above a certificate at most. */
#define CHAIN_DEPTH 8

static const char *const kind_names[] = { "pgp", "smime" };

struct Encrypt {
	char *folder;
	gpgme_ctx_t context[2]; /* by EncryptKind */
};

const char *
encrypt_kind_name(EncryptKind kind)
{
	return kind_names[kind];
}

bool
encrypt_kind_from_name(const char *name, EncryptKind *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kind_names); i++)
		if (g_strcmp0(kind_names[i], name) == 0) {
			*ret = (EncryptKind)i;
			return true;
		}
	return false;
}

void
encrypt_key_free(EncryptKey *key)
{
	if (key == NULL)
		return;
	g_free(key->fingerprint);
	g_clear_pointer(&key->material, g_bytes_unref);
	g_free(key);
}

static bool
fail(GError **error, TpError code, gpgme_error_t wrong, const char *what)
{
	char text[160];

	gpgme_strerror_r(wrong, text, sizeof(text));
	return err_set(error, code, "%s: %s", what, text);
}

/* ---- the folder ---- */

/* gpgsm looks for revocation lists in the network unless it is told not to. */
static bool
prepare(const char *folder, GError **error)
{
	static const struct {
		const char *name;
		const char *text;
	} files[] = {
		{ "gpgsm.conf", "disable-crl-checks\ndisable-policy-checks\n" },
		{ "gpg.conf", "no-auto-key-locate\nno-auto-key-retrieve\n" },
		{ "dirmngr.conf", "disable-http\ndisable-ldap\n" },
	};

	if (g_mkdir_with_parents(folder, 0700) < 0)
		return err_errno(error, errno, "cannot make '%s'", folder);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(folder, files[i].name, NULL);

		if (!g_file_test(path, G_FILE_TEST_EXISTS) &&
		    !g_file_set_contents(path, files[i].text, -1, error))
			return false;
	}
	return true;
}

Encrypt *
encrypt_open(const char *folder, GError **error)
{
	static const gpgme_protocol_t protocols[] = { GPGME_PROTOCOL_OpenPGP,
		GPGME_PROTOCOL_CMS };
	g_autoptr(Encrypt) encrypt = g_new0(Encrypt, 1);

	gpgme_check_version(NULL);
	encrypt->folder = g_canonicalize_filename(folder, NULL);
	if (!prepare(encrypt->folder, error))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++) {
		gpgme_ctx_t *context = &encrypt->context[i];
		gpgme_error_t wrong = gpgme_new(context);

		if (wrong == 0)
			wrong = gpgme_set_protocol(*context, protocols[i]);
		if (wrong == 0)
			wrong = gpgme_ctx_set_engine_info(
			    *context, protocols[i], NULL, encrypt->folder);
		if (wrong != 0) {
			fail(error, TP_ERROR_CONFIG, wrong,
			    i == ENCRYPT_PGP ? "gpg cannot be used"
					     : "gpgsm cannot be used");
			return NULL;
		}
		gpgme_set_armor(*context, i == ENCRYPT_PGP);
		gpgme_set_offline(*context, 1);
	}
	return g_steal_pointer(&encrypt);
}

static void
stop_agent(const Encrypt *encrypt)
{
	const char *const argv[] = { "gpgconf", "--homedir", encrypt->folder, "--kill",
		"all", NULL };

	(void)!g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL,
	    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
	    NULL, NULL, NULL, NULL, NULL, NULL);
}

void
encrypt_close(Encrypt *encrypt)
{
	if (encrypt == NULL)
		return;
	if (encrypt->context[ENCRYPT_SMIME] != NULL)
		stop_agent(encrypt);
	for (size_t i = 0; i < G_N_ELEMENTS(encrypt->context); i++)
		if (encrypt->context[i] != NULL)
			gpgme_release(encrypt->context[i]);
	g_free(encrypt->folder);
	g_free(encrypt);
}

/* ---- keys ---- */

static bool
has(GBytes *file, const char *text)
{
	gsize size;
	const void *bytes = g_bytes_get_data(file, &size);

	return bytes != NULL && memmem(bytes, size, text, strlen(text)) != NULL;
}

static bool
import(gpgme_ctx_t context, GBytes *file, char **ret_fingerprint, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(file, &size);
	gpgme_data_t data;
	gpgme_import_result_t result;
	gpgme_error_t wrong = gpgme_data_new_from_mem(&data, bytes, size, 0);

	if (wrong != 0)
		return fail(error, TP_ERROR_IO, wrong, "gpgme");
	wrong = gpgme_op_import(context, data);
	gpgme_data_release(data);
	result = gpgme_op_import_result(context);
	if (wrong != 0 || result == NULL || result->considered == 0 ||
	    result->imports == NULL)
		return wrong != 0
			   ? fail(
				 error, TP_ERROR_INVALID, wrong, "the key cannot be read")
			   : err_set(error, TP_ERROR_INVALID, "the file holds no key");
	if (ret_fingerprint != NULL)
		*ret_fingerprint = g_strdup(result->imports->fpr);
	return true;
}

/* The root above a certificate may be trusted: whoever handed it in says so. */
static bool
trust_root(Encrypt *encrypt, const char *fingerprint, GError **error)
{
	gpgme_ctx_t context = encrypt->context[ENCRYPT_SMIME];
	g_autofree char *path = g_build_filename(encrypt->folder, "trustlist.txt", NULL);
	g_autofree char *list = NULL;
	g_autofree char *at = g_strdup(fingerprint);
	g_autofree char *line = NULL;
	g_autofree char *longer = NULL;
	bool root = false;

	for (int depth = 0; depth < CHAIN_DEPTH && !root; depth++) {
		gpgme_key_t key;

		if (gpgme_get_key(context, at, &key, 0) != 0)
			break;
		root =
		    key->uids != NULL && g_strcmp0(key->issuer_name, key->uids->uid) == 0;
		if (!root) {
			g_free(at);
			at = g_strdup(key->chain_id != NULL ? key->chain_id : "?");
		}
		gpgme_key_unref(key);
	}
	if (!root)
		return err_set(error, TP_ERROR_INVALID,
		    "the certificate of an issuer is missing: put all up to the root "
		    "into the file");
	line = g_strdup_printf("%s S relax\n", at);
	(void)!g_file_get_contents(path, &list, NULL, NULL);
	if (list != NULL && strstr(list, line) != NULL)
		return true;
	longer = g_strconcat(list != NULL ? list : "", line, NULL);
	if (!g_file_set_contents(path, longer, -1, error))
		return false;
	stop_agent(encrypt); /* it reads the list once */
	return true;
}

static bool
check_key(const gpgme_key_t key, GError **error)
{
	if (key->secret)
		return err_set(error, TP_ERROR_INVALID, "the key is a secret one");
	if (key->revoked || key->expired || key->disabled || key->invalid)
		return err_set(error, TP_ERROR_INVALID, "the key %s",
		    key->revoked   ? "is revoked"
		    : key->expired ? "has expired"
				   : "is invalid");
	return key->can_encrypt ||
	       err_set(error, TP_ERROR_INVALID, "the key cannot encrypt");
}

/* The one key of the file that is a person's: not an issuer of another. */
static char *
person_of(gpgme_ctx_t context, GError **error)
{
	gpgme_import_result_t result = gpgme_op_import_result(context);
	g_autoptr(GHashTable) issuers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
	char *person = NULL;
	int n = 0;

	for (gpgme_import_status_t one = result->imports; one != NULL; one = one->next)
		if (one->fpr != NULL && one->result == 0)
			g_ptr_array_add(all, g_strdup(one->fpr));
	for (guint i = 0; i < all->len; i++) {
		gpgme_key_t key;

		if (gpgme_get_key(context, all->pdata[i], &key, 0) != 0)
			continue;
		if (key->chain_id != NULL &&
		    g_ascii_strcasecmp(key->chain_id, all->pdata[i]) != 0)
			g_hash_table_add(issuers, g_strdup(key->chain_id));
		gpgme_key_unref(key);
	}
	for (guint i = 0; i < all->len; i++)
		if (!g_hash_table_contains(issuers, all->pdata[i])) {
			n++;
			g_free(person);
			person = g_strdup(all->pdata[i]);
		}
	if (n == 1)
		return person;
	g_free(person);
	err_set(error, TP_ERROR_INVALID,
	    n == 0 ? "the file holds no key of a person"
		   : "the file holds keys of several persons");
	return NULL;
}

EncryptKey *
encrypt_look(Encrypt *encrypt, GBytes *file, GError **error)
{
	g_autoptr(EncryptKey) found = g_new0(EncryptKey, 1);
	gpgme_ctx_t context;
	gpgme_key_t key;
	bool good;

	if (g_bytes_get_size(file) > LIMIT_MAIL_KEY_BYTES) {
		err_set(error, TP_ERROR_INVALID, "the key has more than %d bytes",
		    LIMIT_MAIL_KEY_BYTES);
		return NULL;
	}
	if (has(file, "PRIVATE KEY")) {
		err_set(error, TP_ERROR_INVALID,
		    "the file holds a private key: hand in the public one");
		return NULL;
	}
	found->kind = has(file, "BEGIN CERTIFICATE") ? ENCRYPT_SMIME : ENCRYPT_PGP;
	found->material = g_bytes_ref(file);
	context = encrypt->context[found->kind];
	if (!import(context, file, NULL, error) ||
	    (found->fingerprint = person_of(context, error)) == NULL ||
	    (found->kind == ENCRYPT_SMIME &&
		!trust_root(encrypt, found->fingerprint, error)))
		return NULL;
	if (gpgme_get_key(context, found->fingerprint, &key, 0) != 0) {
		err_set(error, TP_ERROR_INVALID, "the key cannot be found again");
		return NULL;
	}
	good = check_key(key, error);
	if (key->subkeys != NULL && key->subkeys->expires > 0)
		found->expires_at = (int64_t)key->subkeys->expires * US_PER_S;
	gpgme_key_unref(key);
	return good ? g_steal_pointer(&found) : NULL;
}

/* ---- messages ---- */

/* Content- fields describe the body and go with it; MIME-Version is written anew. */
static size_t
split(const char *bytes, size_t size, GString *outer, GString *inner)
{
	bool with_body = false;
	size_t at = 0;

	while (at < size) {
		const char *end = memmem(bytes + at, size - at, "\r\n", 2);
		size_t next = end != NULL ? (size_t)(end - bytes) + 2 : size;
		const char *line = bytes + at;

		if (next - at == 2)
			return next;
		if (*line != ' ' && *line != '\t')
			with_body = g_ascii_strncasecmp(line, "Content-", 8) == 0;
		if (g_ascii_strncasecmp(line, "MIME-Version:", 13) != 0)
			g_string_append_len(
			    with_body ? inner : outer, line, (gssize)(next - at));
		at = next;
	}
	return size;
}

/* LF of gpg becomes CRLF. */
static void
put_armour(GString *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			g_string_append_c(out, '\r');
		g_string_append_c(out, text[i]);
	}
}

static void
put_pgp(GString *out, const char *bytes, size_t size)
{
	g_string_append(out,
	    "Content-Type: multipart/encrypted;\r\n"
	    " protocol=\"application/pgp-encrypted\"; boundary=\"" BOUNDARY "\"\r\n\r\n"
	    "--" BOUNDARY "\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
	    "Version: 1\r\n\r\n"
	    "--" BOUNDARY "\r\n"
	    "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
	    "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n");
	put_armour(out, bytes, size);
	g_string_append(out, "\r\n--" BOUNDARY "--\r\n");
}

static void
put_smime(GString *out, const char *bytes, size_t size)
{
	g_string_append(out,
	    "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
	    " name=\"smime.p7m\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
	encode_base64(out, bytes, size);
}

/* The key out of the folder, where it is put when another machine took it in. */
static bool
fetch(Encrypt *encrypt, const EncryptKey *key, gpgme_key_t *ret, GError **error)
{
	gpgme_ctx_t context = encrypt->context[key->kind];

	if (gpgme_get_key(context, key->fingerprint, ret, 0) != 0) {
		if (!import(context, key->material, NULL, error) ||
		    (key->kind == ENCRYPT_SMIME &&
			!trust_root(encrypt, key->fingerprint, error)))
			return false;
		if (gpgme_get_key(context, key->fingerprint, ret, 0) != 0)
			return err_set(error, TP_ERROR_INVALID,
			    "the key %s is not in its file", key->fingerprint);
	}
	if (check_key(*ret, error))
		return true;
	gpgme_key_unref(*ret);
	return false;
}

static bool
seal(Encrypt *encrypt, const EncryptKey *key, const GString *plain, gpgme_data_t *ret,
    GError **error)
{
	gpgme_ctx_t context = encrypt->context[key->kind];
	gpgme_data_t in;
	gpgme_key_t keys[2] = { NULL, NULL };
	gpgme_error_t wrong;

	if (!fetch(encrypt, key, &keys[0], error))
		return false;
	gpgme_data_new(ret);
	gpgme_data_new_from_mem(&in, plain->str, plain->len, 0);
	wrong = gpgme_op_encrypt(context, keys,
	    GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO, in, *ret);
	gpgme_data_release(in);
	gpgme_key_unref(keys[0]);
	if (wrong == 0)
		return true;
	gpgme_data_release(*ret);
	return fail(error,
	    gpgme_err_code(wrong) == GPG_ERR_UNUSABLE_PUBKEY ? TP_ERROR_INVALID
							     : TP_ERROR_IO,
	    wrong, "the mail cannot be encrypted");
}

GBytes *
encrypt_mail(Encrypt *encrypt, const EncryptKey *key, GBytes *mail, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(mail, &size);
	g_autoptr(GString) outer = g_string_sized_new(size * 3 / 2 + 4096);
	g_autoptr(GString) inner = g_string_sized_new(size + 256);
	size_t body = split(bytes, size, outer, inner);
	gpgme_data_t sealed = NULL;
	size_t length;
	char *made;

	g_string_append(inner, "\r\n");
	g_string_append_len(inner, bytes + body, (gssize)(size - body));
	g_string_append(outer, "MIME-Version: 1.0\r\n");
	if (!seal(encrypt, key, inner, &sealed, error))
		return NULL;
	explicit_bzero(inner->str, inner->len);
	made = gpgme_data_release_and_get_mem(sealed, &length);
	(key->kind == ENCRYPT_PGP ? put_pgp : put_smime)(outer, made, length);
	gpgme_free(made);
	return g_string_free_to_bytes(g_steal_pointer(&outer));
}
