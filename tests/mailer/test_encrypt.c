/*
 * test_encrypt.c - what was encrypted is read again by gpg and gpgsm themselves, with
 * keys made here.
 */
#include "tests/support/cm.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailer/encrypt.h"

/* A person with keys of both kinds, in a folder of its own. */
static char *home;  /* the person's GNUPGHOME */
static char *ours;  /* the gateway's */
static GBytes *pgp; /* public keys */
static GBytes *cert;

static const char mail[] = "Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n"
			   "From: Vendor <tickets@vendor.example>\r\n"
			   "To: Ada <ada@example.org>\r\n"
			   "Subject: Your ticket\r\n"
			   "Message-ID: <1.abc@vendor.example>\r\n"
			   "Content-Language: en\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: multipart/mixed;\r\n"
			   " boundary=\"=_0123\"\r\n"
			   "\r\n"
			   "--=_0123\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "\r\n"
			   "7K3QF-M2XWT-9PB4H-C6VDZ-HJR8N\r\n"
			   "--=_0123--\r\n";

/* Runs a shell command with $HOME_ as the person's folder; its output. */
static char *
sh(const char *command)
{
	g_autofree char *script =
	    g_strdup_printf("export GNUPGHOME='%s'; cd '%s'; %s", home, home, command);
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	char *out = NULL;
	g_autofree char *err = NULL;
	g_autoptr(GError) error = NULL;
	int status = 0;

	if (!g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, 0, NULL, NULL, &out, &err,
		&status, &error))
		fail_msg("%s", error->message);
	if (status != 0)
		fail_msg("%s: %s", command, err);
	return out;
}

static GBytes *
file(const char *name)
{
	g_autofree char *path = g_build_filename(home, name, NULL);
	g_autoptr(GError) error = NULL;
	char *text = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &error))
		fail_msg("%s", error->message);
	return g_bytes_new_take(text, size);
}

static int
make_keys(void **state)
{
	(void)state;
	home = g_dir_make_tmp("person-XXXXXX", NULL);
	ours = g_dir_make_tmp("gateway-XXXXXX", NULL);
	g_free(sh("gpg --batch --quiet --pinentry-mode loopback --passphrase ''"
		  " --quick-gen-key 'Ada <ada@example.org>' future-default default never"
		  " && gpg --batch --armor --export ada@example.org >pgp.asc"));
	g_free(sh("gpg --batch --quiet --pinentry-mode loopback --passphrase ''"
		  " --quick-gen-key 'Bob <bob@example.org>' future-default default never"
		  " && gpg --batch --armor --export >both.asc"));
	/* A certificate of an issuer, as companies have them. */
	g_free(
	    sh("openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=Example Root'"
	       " -days 30 -keyout ca.key -out ca.pem 2>/dev/null"
	       " && printf 'subjectAltName=email:ada@example.org\\n"
	       "keyUsage=keyEncipherment,digitalSignature\\n"
	       "extendedKeyUsage=emailProtection\\n' >ext"
	       " && openssl req -newkey rsa:2048 -nodes -subj '/CN=Ada' -keyout ada.key"
	       " -out ada.csr 2>/dev/null"
	       " && openssl x509 -req -in ada.csr -CA ca.pem -CAkey ca.key"
	       " -CAcreateserial -days 30 -extfile ext -out ada.pem 2>/dev/null"
	       " && cat ada.pem ca.pem >chain.pem"));
	pgp = file("pgp.asc");
	cert = file("chain.pem");
	return 0;
}

static int
drop_keys(void **state)
{
	g_autofree char *command = NULL;

	(void)state;
	command = g_strdup_printf("gpgconf --kill all; rm -rf '%s' '%s'", home, ours);
	g_free(sh(command));
	g_bytes_unref(pgp);
	g_bytes_unref(cert);
	g_free(home);
	g_free(ours);
	return 0;
}

static char *
encrypted(Encrypt *encrypt, const EncryptKey *key)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = g_bytes_new_static(mail, strlen(mail));
	g_autoptr(GBytes) made = encrypt_mail(encrypt, key, plain, &error);
	gsize size;
	const char *bytes;

	if (made == NULL)
		fail_msg("%s", error->message);
	bytes = g_bytes_get_data(made, &size);
	return g_strndup(bytes, size);
}

/* What must be readable, and what must not. */
static void
check_outside(const char *text, const char *type)
{
	assert_true(g_str_has_prefix(text, "Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n"));
	assert_non_null(strstr(text, "\r\nSubject: Your ticket\r\n"));
	assert_non_null(strstr(text, "\r\nMessage-ID: <1.abc@vendor.example>\r\n"));
	assert_non_null(strstr(text, type));
	assert_null(strstr(text, "7K3QF"));
	assert_null(strstr(text, "multipart/mixed"));
	assert_null(strstr(text, "Content-Language"));
	for (const char *p = text; *p != '\0'; p++)
		assert_true(*p != '\n' || p[-1] == '\r');
}

static const char inside[] = "Content-Language: en\r\n"
			     "Content-Type: multipart/mixed;\r\n"
			     " boundary=\"=_0123\"\r\n"
			     "\r\n"
			     "--=_0123\r\n"
			     "Content-Type: text/plain; charset=utf-8\r\n"
			     "\r\n"
			     "7K3QF-M2XWT-9PB4H-C6VDZ-HJR8N\r\n"
			     "--=_0123--\r\n";

static void
gpg_reads_it_again(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Encrypt) encrypt = encrypt_open(ours, &error);
	g_autoptr(EncryptKey) key = NULL;
	g_autofree char *text = NULL;
	g_autofree char *again = NULL;
	g_autofree char *read = NULL;
	g_autofree char *path = g_build_filename(home, "mail", NULL);

	(void)state;
	assert_non_null(encrypt);
	key = encrypt_look(encrypt, pgp, &error);
	if (key == NULL)
		fail_msg("%s", error->message);
	assert_int_equal(key->kind, ENCRYPT_PGP);
	assert_int_equal(key->expires_at, 0);
	text = encrypted(encrypt, key);
	check_outside(text, "\r\nContent-Type: multipart/encrypted;\r\n"
			    " protocol=\"application/pgp-encrypted\"; boundary=");
	assert_non_null(strstr(text, "\r\n\r\nVersion: 1\r\n"));
	assert_true(g_file_set_contents(path, text, -1, NULL));
	read = sh("gpg --batch --quiet --decrypt <mail 2>/dev/null");
	assert_string_equal(read, inside);
	again = encrypted(encrypt, key);
	assert_string_not_equal(again, text);
}

static void
gpgsm_and_openssl_read_it_again(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Encrypt) encrypt = encrypt_open(ours, &error);
	g_autoptr(EncryptKey) key = encrypt_look(encrypt, cert, &error);
	g_autofree char *text = NULL;
	g_autofree char *read = NULL;
	g_autofree char *path = g_build_filename(home, "mail", NULL);

	(void)state;
	if (key == NULL)
		fail_msg("%s", error->message);
	assert_int_equal(key->kind, ENCRYPT_SMIME);
	assert_true(key->expires_at > 0);
	text = encrypted(encrypt, key);
	check_outside(text,
	    "\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n");
	assert_true(g_file_set_contents(path, text, -1, NULL));
	read = sh("openssl cms -decrypt -in mail -recip ada.pem -inkey ada.key");
	assert_string_equal(read, inside);
	g_free(g_steal_pointer(&read));
	read =
	    sh("openssl pkcs12 -export -passout pass:x -in ada.pem -inkey ada.key"
	       " -out ada.p12 && echo x | gpgsm --batch --quiet --pinentry-mode loopback"
	       " --passphrase-fd 0 --import ada.p12 >/dev/null 2>&1;"
	       " sed '1,/^.$/d' mail | base64 -di >mail.der;"
	       " echo | gpgsm --batch --quiet --pinentry-mode loopback --passphrase-fd 0"
	       " --decrypt mail.der 2>/dev/null || openssl cms -decrypt -inform DER -in"
	       " mail.der -recip ada.pem -inkey ada.key");
	assert_string_equal(read, inside);
}

/* Another machine has the row and not the folder. */
static void
a_key_is_put_into_the_folder_when_it_is_missing(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *other = g_build_filename(home, "other", NULL);
	const struct {
		GBytes *file;
		const char *type;
	} rows[] = { { pgp, "multipart/encrypted" }, { cert, "application/pkcs7-mime" } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Encrypt) here = encrypt_open(ours, &error);
		g_autoptr(EncryptKey) key = encrypt_look(here, rows[i].file, &error);
		g_autoptr(Encrypt) there = NULL;
		g_autofree char *text = NULL;

		if (key == NULL)
			fail_msg("%s", error->message);
		there = encrypt_open(other, &error);
		assert_non_null(there);
		text = encrypted(there, key);
		check_outside(text, rows[i].type);
	}
}

static void
what_is_no_key_of_one_person_is_refused(void **state)
{
	static const struct {
		const char *name;
		const char *says;
	} rows[] = {
		{ "both.asc", "several persons" },
		{ "ext", "no key" },
		{ "ada.key", "private key" },
		{ "ada.pem", "issuer" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *fresh = g_strdup_printf("%s/fresh%zu", home, i);
		g_autoptr(GBytes) bytes = file(rows[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(Encrypt) encrypt = encrypt_open(fresh, &error);

		assert_non_null(encrypt);
		if (encrypt_look(encrypt, bytes, &error) != NULL)
			fail_msg("%s was taken", rows[i].name);
		assert_error(error, TP_ERROR_INVALID);
		if (strstr(error->message, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].name, error->message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gpg_reads_it_again),
		cmocka_unit_test(gpgsm_and_openssl_read_it_again),
		cmocka_unit_test(a_key_is_put_into_the_folder_when_it_is_missing),
		cmocka_unit_test(what_is_no_key_of_one_person_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
