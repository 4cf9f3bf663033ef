/*
 * test_vault.c - who may hold the keys, and what they do.
 */
#include "tests/support/cm.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/issue/vault.h"
#include "queue/limits.h"

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("vault-XXXXXX", NULL);
	return folder != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	GDir *dir = g_dir_open(folder, 0, NULL);

	(void)state;
	for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_clear_pointer(&folder, g_free);
	g_unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static char *
in_folder(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* Two key files that differ, as text. */
static char *
created_text(const char *name)
{
	g_autofree char *path = in_folder(name);
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	if (!vault_create(path, &error))
		fail_msg("%s", error->message);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static Vault *
opened(const char *name)
{
	g_autofree char *path = in_folder(name);
	g_autoptr(GError) error = NULL;
	Vault *vault = vault_open(path, &error);

	if (vault == NULL)
		fail_msg("%s", error->message);
	return vault;
}

/* Made and opened. */
static Vault *
fresh(const char *name)
{
	g_free(created_text(name));
	return opened(name);
}

static void
write_private(const char *path, const char *text)
{
	assert_true(g_file_set_contents_full(
	    path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
a_new_file_is_private_and_never_overwritten(void **state)
{
	g_autofree char *path = in_folder("k");
	g_autofree char *text = created_text("k");
	g_autofree char *after = NULL;
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(vault_create(path, &error));
	assert_error(error, TP_ERROR_EXISTS);
	assert_true(g_file_get_contents(path, &after, NULL, NULL));
	assert_string_equal(after, text);
}

static void
even_with_a_wide_umask(void **state)
{
	g_autofree char *path = in_folder("k");
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	g_free(created_text("k"));
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
glib_reads_the_file_too(void **state)
{
	g_autofree char *text = created_text("k");
	g_autoptr(GKeyFile) file = g_key_file_new();
	gsize n = 0;
	g_auto(GStrv) names = NULL;

	(void)state;
	assert_true(g_key_file_load_from_data(file, text, strlen(text), 0, NULL));
	names = g_key_file_get_keys(file, "keys", &n, NULL);
	assert_int_equal(n, 4);
	for (gsize i = 0; i < n; i++) {
		g_autofree char *value =
		    g_key_file_get_value(file, "keys", names[i], NULL);
		gsize size = 0;

		g_free(g_base64_decode(value, &size));
		assert_int_equal(size, VAULT_KEY_BYTES);
	}
}

static void
a_code_goes_through_seal_and_lookup(void **state)
{
	g_autoptr(Vault) vault = fresh("k");
	g_autoptr(GError) error = NULL;
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	uint8_t again[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	Code code;
	Code back;

	(void)state;
	assert_true(vault_can_unseal(vault));
	code_random(&code);
	vault_lookup(vault, &code, lookup);
	vault_lookup(vault, &code, again);
	assert_memory_equal(lookup, again, sizeof(lookup));
	vault_seal(vault, &code, sealed);
	assert_null(memmem(sealed, sizeof(sealed), code.symbols, 5));
	assert_true(vault_unseal(vault, sealed, sizeof(sealed), lookup, &back, &error));
	assert_string_equal(back.symbols, code.symbols);
}

static void
every_altered_byte_is_noticed(void **state)
{
	g_autoptr(Vault) vault = fresh("k");
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	Code code;

	(void)state;
	code_random(&code);
	vault_lookup(vault, &code, lookup);
	vault_seal(vault, &code, sealed);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		g_autoptr(GError) error = NULL;
		Code back = { "untouched" };

		sealed[i] ^= 1;
		assert_false(
		    vault_unseal(vault, sealed, sizeof(sealed), lookup, &back, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_string_equal(back.symbols, "untouched");
		sealed[i] ^= 1;
	}
	assert_false(
	    vault_unseal(vault, sealed, sizeof(sealed) - 1, lookup, &code, NULL));
	assert_false(vault_unseal(vault, "", 0, lookup, &code, NULL));
}

/* Seals of a batch share their first 32 bytes, and nothing else. */
static void
an_ephemeral_key_serves_one_batch(void **state)
{
	enum { N = 3 * VAULT_BATCH };
	g_autoptr(Vault) vault = fresh("k");
	static uint8_t sealed[N][VAULT_SEALED_BYTES];
	static uint8_t lookup[N][VAULT_LOOKUP_BYTES];
	static Code code[N];

	(void)state;
	for (int i = 0; i < N; i++) {
		code_random(&code[i]);
		vault_lookup(vault, &code[i], lookup[i]);
		vault_seal(vault, &code[i], sealed[i]);
	}
	for (int i = 1; i < N; i++) {
		bool same = memcmp(sealed[i - 1], sealed[i], 32) == 0;

		assert_int_equal(same, i % VAULT_BATCH != 0);
		assert_memory_not_equal(
		    sealed[i - 1] + 32, sealed[i] + 32, VAULT_SEALED_BYTES - 32);
	}
	/* in an order in which the remembered keys are thrown out again and again */
	for (int i = 0; i < VAULT_BATCH; i++)
		for (int b = 0; b < 3; b++) {
			int n = b * VAULT_BATCH + i;
			Code back;

			assert_true(vault_unseal(vault, sealed[n], VAULT_SEALED_BYTES,
			    lookup[n], &back, NULL));
			assert_string_equal(back.symbols, code[n].symbols);
		}
}

static void
a_seal_moved_to_another_row_is_noticed(void **state)
{
	g_autoptr(Vault) vault = fresh("k");
	g_autoptr(GError) error = NULL;
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	Code mine;
	Code yours;

	(void)state;
	code_random(&mine);
	code_random(&yours);
	vault_lookup(vault, &mine, lookup);
	vault_seal(vault, &yours, sealed);
	assert_false(vault_unseal(vault, sealed, sizeof(sealed), lookup, &mine, &error));
	assert_error(error, TP_ERROR_INVALID);
}

static void
another_instance_finds_and_opens_nothing(void **state)
{
	g_autoptr(Vault) one = fresh("a");
	g_autoptr(Vault) two = fresh("b");
	uint8_t x[VAULT_LOOKUP_BYTES];
	uint8_t y[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	Code code;

	(void)state;
	code_random(&code);
	vault_lookup(one, &code, x);
	vault_lookup(two, &code, y);
	assert_memory_not_equal(x, y, sizeof(x));
	vault_seal(one, &code, sealed);
	assert_false(vault_unseal(two, sealed, sizeof(sealed), y, &code, NULL));
	for (int i = 0; i < VAULT_PURPOSES; i++)
		assert_memory_not_equal(vault_mac_key(one, (VaultPurpose)i),
		    vault_mac_key(two, (VaultPurpose)i), VAULT_KEY_BYTES);
}

static void
purposes_have_keys_of_their_own_that_last(void **state)
{
	g_autoptr(Vault) one = fresh("k");
	g_autoptr(Vault) two = opened("k");

	(void)state;
	assert_memory_not_equal(vault_mac_key(one, VAULT_RETURN_PATH),
	    vault_mac_key(one, VAULT_AUDIT), VAULT_KEY_BYTES);
	assert_memory_equal(vault_mac_key(one, VAULT_AUDIT),
	    vault_mac_key(two, VAULT_AUDIT), VAULT_KEY_BYTES);
}

static void
a_machine_without_the_secret_seals_but_cannot_open(void **state)
{
	g_autofree char *text = created_text("k");
	g_autofree char *path = in_folder("core");
	g_autoptr(GString) less = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	g_autoptr(Vault) core = NULL;
	g_autoptr(Vault) full = opened("k");
	g_autoptr(GError) error = NULL;
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	uint8_t sealed[VAULT_SEALED_BYTES];
	Code code;
	Code back;

	(void)state;
	for (char **line = lines; *line != NULL; line++)
		if (!g_str_has_prefix(*line, "seal_secret"))
			g_string_append_printf(less, "%s\n", *line);
	write_private(path, less->str);
	core = opened("core");
	assert_false(vault_can_unseal(core));
	code_random(&code);
	vault_lookup(core, &code, lookup);
	vault_seal(core, &code, sealed);
	assert_false(vault_unseal(core, sealed, sizeof(sealed), lookup, &back, &error));
	assert_error(error, TP_ERROR_DENIED);
	assert_true(vault_unseal(full, sealed, sizeof(sealed), lookup, &back, NULL));
	assert_string_equal(back.symbols, code.symbols);
}

static void
passwords_are_read_as_they_stand(void **state)
{
	g_autofree char *text = created_text("k");
	g_autofree char *path = in_folder("with");
	g_autofree char *with = g_strconcat(text,
	    "[smtp]\r\nuser = ada\npassword = a=b;c#d\\n \"e\" \n[imap]\npassword=\n",
	    NULL);
	g_autoptr(Vault) vault = NULL;

	(void)state;
	write_private(path, with);
	vault = opened("with");
	assert_string_equal(vault_secret(vault, "smtp", "user"), "ada");
	assert_string_equal(vault_secret(vault, "smtp", "password"), "a=b;c#d\\n \"e\"");
	assert_string_equal(vault_secret(vault, "imap", "password"), "");
	assert_null(vault_secret(vault, "imap", "user"));
	assert_null(vault_secret(vault, "keys", "lookup"));
}

/* ---- refusals ---- */

static const struct mode_row {
	const char *name;
	mode_t mode;
} modes[] = {
	{ "readable by the group", 0640 },
	{ "readable by all", 0644 },
	{ "readable by others alone", 0604 },
	{ "writable by the group", 0620 },
	{ "open like a door", 0777 },
};

static void
mode_row_test(void **state)
{
	const struct mode_row *row = *state;
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	void *none = NULL;

	setup(&none);
	path = in_folder("k");
	g_free(created_text("k"));
	assert_int_equal(chmod(path, row->mode), 0);
	assert_null(vault_open(path, &error));
	assert_error(error, TP_ERROR_CONFIG);
	assert_non_null(strstr(error->message, "chmod 600"));
	assert_int_equal(chmod(path, 0400), 0);
	vault_close(opened("k"));
	teardown(&none);
}

static void
a_file_of_another_user_is_refused(void **state)
{
	g_autofree char *path = in_folder("k");
	g_autoptr(GError) error = NULL;

	(void)state;
	g_free(created_text("k"));
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
	assert_null(vault_open(path, &error));
	assert_error(error, TP_ERROR_CONFIG);
	assert_non_null(strstr(error->message, "belongs to user 65534"));
}

static void
no_file_a_folder_and_a_pipe_are_told_apart(void **state)
{
	g_autofree char *path = in_folder("none");
	g_autofree char *pipe = in_folder("pipe");
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) dir = NULL;
	g_autoptr(GError) fifo = NULL;

	(void)state;
	assert_null(vault_open(path, &missing));
	assert_error(missing, TP_ERROR_NOT_FOUND);
	assert_null(vault_open(folder, &dir));
	assert_error(dir, TP_ERROR_CONFIG);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_null(vault_open(pipe, &fifo));
	assert_error(fifo, TP_ERROR_CONFIG);
}

static void
systemd_credentials_are_the_second_place(void **state)
{
	g_autoptr(Vault) vault = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = in_folder("ticketpost.key");

	(void)state;
	g_free(created_text("ticketpost.key"));
	g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
	/* With a list of users the group bits show its mask: not a mistake there. */
	assert_int_equal(chmod(path, 0440), 0);
	vault = vault_open("/nonexistent/ticketpost.key", &error);
	assert_no_error(error);
	assert_non_null(vault);
	assert_int_equal(chmod(path, 0444), 0);
	assert_null(vault_open("/nonexistent/ticketpost.key", &error));
	assert_error(error, TP_ERROR_CONFIG);
}

/* Each row is the file with one line replaced: %s in `with` is the value that was there.
 */
static const struct broken_row {
	const char *name;
	const char *line; /* begins with this */
	const char *with;
	const char *says;
} broken[] = {
	{ "a key is missing", "lookup=", "", "[keys] lookup is missing" },
	{ "a key is short", "mac=", "mac=AAAA",
	    "[keys] mac is not the base64 of 32 bytes" },
	{ "a key is long", "mac=", "mac=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "[keys] mac is not the base64 of 32 bytes" },
	{ "a key is no base64", "mac=", "mac=!", "[keys] mac is not the base64" },
	{ "the pair is none", "seal_public=",
	    "seal_public=CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "not a pair" },
	{ "a public key that is none",
	    "seal_public=", "seal_public=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	    "seal_public is no public key" },
	{ "a key twice", "mac=", "mac=x\nmac=y", "key:8: [keys] mac stands twice" },
	{ "a line that is nothing", "mac=", "nonsense", "key:7: neither" },
	{ "a section without an end", "mac=", "[keys", "key:7: a section ends with ']'" },
	{ "a value before any section", "# The keys", "a=b", "key:1: neither" },
};

static void
broken_row_test(void **state)
{
	const struct broken_row *row = *state;
	g_autofree char *text = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GString) changed = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) error = NULL;
	int hits = 0;
	void *none = NULL;

	setup(&none);
	text = created_text("good");
	lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		bool hit = g_str_has_prefix(*line, row->line);

		hits += hit;
		g_string_append_printf(changed, "%s\n", hit ? row->with : *line);
	}
	assert_int_equal(hits, 1);
	path = in_folder("key");
	write_private(path, changed->str);
	assert_null(vault_open(path, &error));
	assert_error(error, TP_ERROR_CONFIG);
	if (strstr(error->message, row->says) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, row->says);
	teardown(&none);
}

static void
a_file_too_large_or_with_a_nul_is_refused(void **state)
{
	g_autofree char *path = in_folder("k");
	g_autofree char *other = in_folder("other");
	g_autofree char *large = g_strnfill(LIMIT_KEY_FILE_BYTES + 1, '#');
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) nul = NULL;

	(void)state;
	write_private(path, large);
	assert_null(vault_open(path, &error));
	assert_error(error, TP_ERROR_CONFIG);
	assert_true(g_file_set_contents_full(
	    other, "[keys]\0", 8, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	assert_null(vault_open(other, &nul));
	assert_error(nul, TP_ERROR_CONFIG);
	assert_non_null(strstr(nul->message, "NUL"));
}

#define WITH_FOLDER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_new_file_is_private_and_never_overwritten),
		WITH_FOLDER(even_with_a_wide_umask),
		WITH_FOLDER(glib_reads_the_file_too),
		WITH_FOLDER(a_code_goes_through_seal_and_lookup),
		WITH_FOLDER(every_altered_byte_is_noticed),
		WITH_FOLDER(an_ephemeral_key_serves_one_batch),
		WITH_FOLDER(a_seal_moved_to_another_row_is_noticed),
		WITH_FOLDER(another_instance_finds_and_opens_nothing),
		WITH_FOLDER(purposes_have_keys_of_their_own_that_last),
		WITH_FOLDER(a_machine_without_the_secret_seals_but_cannot_open),
		WITH_FOLDER(passwords_are_read_as_they_stand),
		WITH_FOLDER(a_file_of_another_user_is_refused),
		WITH_FOLDER(no_file_a_folder_and_a_pipe_are_told_apart),
		WITH_FOLDER(systemd_credentials_are_the_second_place),
		WITH_FOLDER(a_file_too_large_or_with_a_nul_is_refused),
	};
	int failed = cmocka_run_group_tests_name("vault", tests, NULL, NULL);

	failed += run_rows("who may read", modes, mode_row_test);
	failed += run_rows("broken files", broken, broken_row_test);
	return failed;
}
