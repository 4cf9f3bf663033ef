/*
 * test_minisign.c - an order is as its owner signed it, or it is not.
 *
 * tests/corpus/minisign holds what the program minisign (0.11) made of one key.  Further
 * files are signed here with libsodium, so that each byte can be turned over.
 */
#include "tests/support/cm.h"

#include <sodium.h>
#include <string.h>

#include "mailer/minisign.h"
#include "queue/limits.h"

#define FOLDER "tests/corpus/minisign/"

static char *
load(const char *name, gsize *ret_size)
{
	g_autofree char *path = g_strconcat(FOLDER, name, NULL);
	char *bytes = NULL;

	assert_true(g_file_get_contents(path, &bytes, ret_size, NULL));
	return bytes;
}

typedef struct Fixture {
	MinisignKey key;
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
} Fixture;

static void
make_key(Fixture *f)
{
	static const uint8_t seed[crypto_sign_SEEDBYTES] = "a seed that never changes";

	assert_true(sodium_init() >= 0);
	memcpy(f->key.id, "\1\2\3\4\5\6\7\x88", sizeof(f->key.id));
	assert_int_equal(crypto_sign_seed_keypair(f->key.key, f->secret, seed), 0);
}

static char *
base64(const uint8_t *bytes, size_t n)
{
	return g_base64_encode(bytes, n);
}

/* A signature file as minisign writes it. */
static char *
sign(const Fixture *f, bool prehashed, const char *document, const char *comment)
{
	uint8_t head[74];
	uint8_t global[crypto_sign_BYTES];
	uint8_t hash[64];
	g_autoptr(GByteArray) second = g_byte_array_new();
	g_autofree char *first_line = NULL, *second_line = NULL;

	memcpy(head, prehashed ? "ED" : "Ed", 2);
	memcpy(head + 2, f->key.id, 8);
	crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)document, strlen(document), NULL, 0);
	crypto_sign_detached(head + 10, NULL,
	    prehashed ? hash : (const uint8_t *)document,
	    prehashed ? sizeof(hash) : strlen(document), f->secret);
	g_byte_array_append(second, head + 10, 64);
	g_byte_array_append(second, (const uint8_t *)comment, (guint)strlen(comment));
	crypto_sign_detached(global, NULL, second->data, second->len, f->secret);
	first_line = base64(head, sizeof(head));
	second_line = base64(global, sizeof(global));
	return g_strdup_printf("untrusted comment: x\n%s\ntrusted comment: %s\n%s\n",
	    first_line, comment, second_line);
}

static void
what_minisign_signed_is_verified(void **state)
{
	static const char *const files[] = { "hashed.minisig", "legacy.minisig" };
	gsize n, document_size;
	g_autofree char *pub = load("test.pub", &n);
	g_autofree char *document = load("order.json", &document_size);
	g_autofree char *id = NULL;
	MinisignKey key;

	(void)state;
	assert_true(minisign_key_parse(pub, &key, NULL));
	id = minisign_id_format(key.id);
	assert_non_null(strstr(pub, id)); /* minisign names it in its comment */
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *text = load(files[i], &n);
		g_autoptr(GError) error = NULL;
		g_autoptr(Minisign) minisign = minisign_parse(text, n, &error);
		g_autofree char *order = NULL;

		assert_no_error(error);
		assert_int_equal(minisign->prehashed, i == 0);
		assert_true(
		    minisign_verify(minisign, &key, document, document_size, &error));
		order = minisign_comment_find(minisign->trusted_comment, "order");
		assert_string_equal(order, "SO-2026-000123");

		assert_false(
		    minisign_verify(minisign, &key, document, document_size - 1, &error));
		assert_error(error, TP_ERROR_DENIED);
	}
}

static void
mail_may_change_the_line_ends_of_a_signature(void **state)
{
	Fixture f;
	g_autofree char *text = NULL, *crlf = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(Minisign) minisign = NULL;

	(void)state;
	make_key(&f);
	text = sign(&f, true, "order", "order:1");
	lines = g_strsplit(text, "\n", -1);
	crlf = g_strjoinv("\r\n", lines);
	minisign = minisign_parse(crlf, strlen(crlf), NULL);
	assert_non_null(minisign);
	assert_true(minisign_verify(minisign, &f.key, "order", 5, NULL));
}

/* Every single bit of the file, the document and the key counts (or stands in the
 * untrusted comment). */
static void
nothing_can_be_changed(void **state)
{
	Fixture f;
	int refused = 0;

	(void)state;
	make_key(&f);
	for (int prehashed = 0; prehashed < 2; prehashed++) {
		g_autofree char *text =
		    sign(&f, prehashed, "order 4711", "order:1\tnote:x");
		size_t n = strlen(text);

		for (size_t i = strlen("untrusted comment: x\n"); i + 1 < n; i++)
			for (int bit = 0; bit < 8; bit++) {
				g_autoptr(Minisign) minisign = NULL;

				text[i] = (char)(text[i] ^ (1 << bit));
				minisign = minisign_parse(text, n, NULL);
				if (minisign == NULL || !minisign_verify(minisign, &f.key,
							    "order 4711", 10, NULL))
					refused++;
				else
					fail_msg(
					    "bit %d of byte %zu does not count", bit, i);
				text[i] = (char)(text[i] ^ (1 << bit));
			}
	}
	assert_true(refused > 3000);
}

typedef struct Row {
	const char *name;
	const char *text;
} Row;

#define S74                                                                              \
	"RUTG5MNK1OOKSvwwCAUBF1g1Q89de+LHVrFq9U0VlbW+IgK0ciIJQv+mJz3FETEAfnE0x+"         \
	"6Z3mGdwt+svu+lhb3nb9KY2KILFw8="
#define S64                                                                              \
	"C6vZB4D0I1ivf5F1Bt2VaYzTxJIKhCx+OGjpEXElY0te4f+"                                \
	"6ZS1Rud71mT1hqQ8IaM78TA46hQqTs4fb0NszDw=="

/* clang-format off */
static const Row broken[] = {
	{ "nothing", "" },
	{ "one line", "untrusted comment: x\n" },
	{ "no untrusted comment", S74 "\ntrusted comment: x\n" S64 "\n" },
	{ "no trusted comment", "untrusted comment: x\n" S74 "\n" S64 "\n" },
	{ "no second signature", "untrusted comment: x\n" S74 "\ntrusted comment: x\n" },
	{ "signatures swapped", "untrusted comment: x\n" S64 "\ntrusted comment: x\n" S74 "\n" },
	{ "more behind", "untrusted comment: x\n" S74 "\ntrusted comment: x\n" S64 "\nmore\n" },
	{ "escape in the comment", "untrusted comment: x\n" S74 "\ntrusted comment: x\x1b[2J\n" S64 "\n" },
	{ "comment is no UTF-8", "untrusted comment: x\n" S74 "\ntrusted comment: x\xff\n" S64 "\n" },
	{ "base64 with a blank", "untrusted comment: x\n " S74 "\ntrusted comment: x\n" S64 "\n" },
	{ "a key", "untrusted comment: x\nRWTG5MNK1OOKSsD9V2fWmJvt1XknxVuDhKT2+57z/Q74kTbu/7xSRwJI\n" },
};
/* clang-format on */

static void
broken_files_are_refused(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	MinisignKey key;

	assert_null(minisign_parse(row->text, strlen(row->text), &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strcmp(row->name, "a key") != 0)
		assert_false(minisign_key_parse(row->text, &key, NULL));
}

static void
a_key_is_read_with_and_without_its_comment(void **state)
{
	MinisignKey one, two;

	(void)state;
	assert_true(minisign_key_parse(
	    "RWTG5MNK1OOKSsD9V2fWmJvt1XknxVuDhKT2+57z/Q74kTbu/7xSRwJI", &one, NULL));
	assert_true(minisign_key_parse(
	    "untrusted comment: minisign public key\n"
	    "RWTG5MNK1OOKSsD9V2fWmJvt1XknxVuDhKT2+57z/Q74kTbu/7xSRwJI\n",
	    &two, NULL));
	assert_memory_equal(&one, &two, sizeof(one));
}

static void
another_key_is_named(void **state)
{
	Fixture f;
	MinisignKey other;
	g_autofree char *text = NULL;
	g_autoptr(Minisign) minisign = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	make_key(&f);
	text = sign(&f, true, "order", "x");
	minisign = minisign_parse(text, strlen(text), NULL);
	other = f.key;
	other.id[0] ^= 1;
	assert_false(minisign_verify(minisign, &other, "order", 5, &error));
	assert_error(error, TP_ERROR_DENIED);
	assert_non_null(strstr(error->message, "8807060504030201"));
	/* The same id with another key is no key of ours either. */
	other = f.key;
	other.key[3] ^= 1;
	assert_false(minisign_verify(minisign, &other, "order", 5, NULL));
}

static void
long_files_and_nul_bytes_are_refused(void **state)
{
	g_autofree char *longer = g_strnfill(LIMIT_MINISIGN_BYTES + 1, 'x');

	(void)state;
	assert_null(minisign_parse(longer, LIMIT_MINISIGN_BYTES + 1, NULL));
	assert_null(minisign_parse("untrusted comment: \0", 20, NULL));
}

static void
a_comment_is_words_with_values(void **state)
{
	static const char comment[] =
	    "timestamp:1795512600\tfile:order.json order=SO-1,x=";
	g_autofree char *file = minisign_comment_find(comment, "file");
	g_autofree char *order = minisign_comment_find(comment, "order");
	g_autofree char *empty = minisign_comment_find(comment, "x");
	g_autofree char *part = minisign_comment_find(comment, "time");

	(void)state;
	assert_string_equal(file, "order.json");
	assert_string_equal(order, "SO-1");
	assert_null(empty);
	assert_null(part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_minisign_signed_is_verified),
		cmocka_unit_test(mail_may_change_the_line_ends_of_a_signature),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(a_key_is_read_with_and_without_its_comment),
		cmocka_unit_test(another_key_is_named),
		cmocka_unit_test(long_files_and_nul_bytes_are_refused),
		cmocka_unit_test(a_comment_is_words_with_values),
	};

	return run_rows("minisign: broken files", broken, broken_files_are_refused) +
	       cmocka_run_group_tests_name("minisign", tests, NULL, NULL);
}
