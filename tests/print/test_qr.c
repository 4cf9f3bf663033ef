/*
 * test_qr.c - codes, the rectangles that cover them, and their pictures.
 */
#include "tests/support/cm.h"

#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "print/qr.h"
#include "queue/limits.h"

#define CODE "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR"

typedef struct SizeRow {
	const char *name;
	const char *text;
	QrLevel level;
	int size;
} SizeRow;

static const SizeRow sizes[] = {
	{ "the bare code at Q takes version 2", CODE, QR_LEVEL_Q, 25 },
	{ "the bare code at M takes no less", CODE, QR_LEVEL_M, 25 },
	{ "an upper-case URL of 55 takes version 3", "HTTPS://LIC.EXAMPLE.COM/A/" CODE,
	    QR_LEVEL_M, 29 },
	{ "in lower case it takes version 4", "https://lic.example.com/a/" CODE,
	    QR_LEVEL_M, 29 },
	{ "no code is smaller than version 2", "1", QR_LEVEL_M, 25 },
};

/* Each dark module under exactly one rectangle, no light one under any. */
static void
assert_covered(const Qr *qr)
{
	g_autofree uint8_t *seen = g_malloc0((size_t)(qr->size * qr->size));
	int dark = 0;

	for (int i = 0; i < qr->n_rects; i++) {
		QrRect r = qr->rects[i];

		for (int y = r.y; y < r.y + r.h; y++) {
			for (int x = r.x; x < r.x + r.w; x++) {
				assert_true(qr_dark(qr, x, y));
				assert_int_equal(seen[y * qr->size + x]++, 0);
			}
		}
	}
	for (int y = 0; y < qr->size; y++) {
		for (int x = 0; x < qr->size; x++) {
			assert_int_equal(seen[y * qr->size + x], qr_dark(qr, x, y));
			dark += qr_dark(qr, x, y);
		}
	}
	assert_true(dark > qr->size * qr->size / 4);
	assert_true(qr->n_rects < dark / 2);
}

static void
size_test(void **state)
{
	const SizeRow *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Qr) qr = qr_encode(row->text, row->level, &error);

	assert_no_error(error);
	if (strstr(row->name, "lower") == NULL)
		assert_int_equal(qr->size, row->size);
	else
		assert_true(qr->size > row->size);
	assert_covered(qr);
	/* The three finders; outside is light. */
	assert_true(qr_dark(qr, 0, 0) && qr_dark(qr, qr->size - 1, 0) &&
		    qr_dark(qr, 0, qr->size - 1));
	assert_false(qr_dark(qr, -1, 0) || qr_dark(qr, 0, qr->size));
}

static void
what_cannot_be_a_code_is_refused(void **state)
{
	g_autofree char *longest = g_strnfill(LIMIT_QR_TEXT_BYTES, 'x');
	g_autofree char *too_long = g_strnfill(LIMIT_QR_TEXT_BYTES + 1, 'x');
	g_autoptr(GError) empty = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Qr) qr = NULL;

	(void)state;
	assert_null(qr_encode("", QR_LEVEL_M, &empty));
	assert_error(empty, TP_ERROR_INVALID);
	assert_null(qr_encode(too_long, QR_LEVEL_M, &error));
	assert_error(error, TP_ERROR_INVALID);
	qr = qr_encode(longest, QR_LEVEL_Q, NULL);
	assert_non_null(qr);
	assert_covered(qr);
}

static void
scheme_and_host_are_folded_the_path_is_not(void **state)
{
	g_autofree char *url = qr_text_fold("https://Depot.Example.com/a/Bc#" CODE);
	g_autofree char *bare = qr_text_fold("https://depot.example.com");
	g_autofree char *code = qr_text_fold("abc");
	g_autofree char *user = qr_text_fold("https://me:Pass@example.com/");

	(void)state;
	assert_string_equal(url, "HTTPS://DEPOT.EXAMPLE.COM/a/Bc#" CODE);
	assert_string_equal(bare, "HTTPS://DEPOT.EXAMPLE.COM");
	assert_string_equal(code, "abc");
	assert_string_equal(user, "https://me:Pass@example.com/");
}

static uint32_t
be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

/* Checks frame and checksums, unpacks the pixels with another library's inflate, and
 * compares each with the code. */
static void
assert_png_shows(const GByteArray *png, const Qr *qr)
{
	const uint8_t *d = png->data;
	int side = qr->size + 2 * QR_QUIET_MODULES;
	size_t stride = (size_t)side + 1;
	size_t want = stride * (size_t)side * QR_PNG_SCALE;
	g_autofree uint8_t *pixels = g_malloc(want);
	struct libdeflate_decompressor *z = libdeflate_alloc_decompressor();
	size_t got = 0;
	size_t data_size;

	assert_memory_equal(d, "\x89PNG\r\n\x1a\n", 8);
	assert_int_equal(be32(d + 8), 13);
	assert_memory_equal(d + 12, "IHDR", 4);
	assert_int_equal(be32(d + 16), side * QR_PNG_SCALE);
	assert_int_equal(be32(d + 20), side * QR_PNG_SCALE);
	assert_memory_equal(d + 24, "\1\0\0\0\0", 5);
	assert_int_equal(be32(d + 29), libdeflate_crc32(0, d + 12, 17));
	data_size = be32(d + 33);
	assert_memory_equal(d + 37, "IDAT", 4);
	assert_int_equal(
	    be32(d + 41 + data_size), libdeflate_crc32(0, d + 37, data_size + 4));
	assert_int_equal(
	    libdeflate_zlib_decompress(z, d + 41, data_size, pixels, want, &got), 0);
	libdeflate_free_decompressor(z);
	assert_int_equal(got, want);
	for (int y = 0; y < side * QR_PNG_SCALE; y++) {
		const uint8_t *row = pixels + (size_t)y * stride;

		assert_int_equal(row[0], 0);
		for (int x = 0; x < side; x++)
			assert_int_equal(
			    row[1 + x], qr_dark(qr, x - QR_QUIET_MODULES,
					    y / QR_PNG_SCALE - QR_QUIET_MODULES)
					    ? 0x00
					    : 0xFF);
	}
	assert_memory_equal(d + png->len - 8, "IEND", 4);
}

static void
every_size_of_code_makes_a_sound_png(void **state)
{
	int sizes_seen[QR_SIZE_MAX + 1] = { 0 };
	int different = 0;

	(void)state;
	for (int n = 1; n <= LIMIT_QR_TEXT_BYTES; n += 3) {
		g_autofree char *text = g_strnfill((size_t)n, 'a');
		g_autoptr(Qr) qr = qr_encode(text, QR_LEVEL_M, NULL);
		g_autoptr(GByteArray) png = g_byte_array_new();

		assert_non_null(qr);
		if (sizes_seen[qr->size]++ > 0)
			continue;
		different++;
		qr_png(qr, png);
		assert_png_shows(png, qr);
	}
	assert_true(different >= 12);
}

static void
the_png_of_a_ticket_is_small_and_scans(void **state)
{
	const char *text = "HTTPS://DEPOT.EXAMPLE.COM/#" CODE;
	g_autoptr(Qr) qr = qr_encode(text, QR_LEVEL_M, NULL);
	g_autoptr(GByteArray) png = g_byte_array_new();
	g_autofree char *path = NULL;
	g_autofree char *read = NULL;
	g_autofree char *want = g_strdup_printf("%s\n", text);
	const char *argv[] = { "zbarimg", "-q", "--raw", NULL, NULL };
	int fd = g_file_open_tmp("qr-XXXXXX.png", &path, NULL);

	(void)state;
	qr_png(qr, png);
	assert_true(png->len < 500);
	assert_int_equal(write(fd, png->data, png->len), png->len);
	close(fd);
	argv[3] = path;
	if (g_spawn_sync(NULL, (char **)argv, NULL,
		G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &read, NULL,
		NULL, NULL))
		assert_string_equal(read, want);
	else
		skip();
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_a_code_is_refused),
		cmocka_unit_test(scheme_and_host_are_folded_the_path_is_not),
		cmocka_unit_test(every_size_of_code_makes_a_sound_png),
		cmocka_unit_test(the_png_of_a_ticket_is_small_and_scans),
	};

	return cmocka_run_group_tests_name("qr", tests, NULL, NULL) |
	       run_rows("qr sizes", sizes, size_test);
}
