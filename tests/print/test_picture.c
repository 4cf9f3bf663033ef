/*
 * test_picture.c - what becomes of a logo's file, and which files are refused.
 */
#include "tests/print/logo.h"

#include <string.h>

#include "print/flate.h"
#include "queue/limits.h"

static void
transparency_becomes_white(void **state)
{
	g_autoptr(Picture) p = logo_new(300, 100, 0x204080);

	(void)state;
	assert_int_equal(p->width, 300);
	assert_int_equal(p->height, 100);
	assert_int_equal(p->channels, 3);
	/* A corner is transparent, the ring's left edge is not. */
	assert_int_equal(p->pixels[0], 255);
	assert_int_equal(p->pixels[(50 * 300 + 10) * 3], 0x20);
	assert_int_equal(p->pixels[(50 * 300 + 10) * 3 + 2], 0x80);
	/* Half-way along the wedge the colour is mixed with white. */
	assert_in_range(p->pixels[(50 * 300 + 200) * 3], 0x60, 0xD0);
}

static void
without_colours_it_is_grey(void **state)
{
	g_autoptr(Picture) p = logo_new(90, 30, 0x333333);

	(void)state;
	assert_int_equal(p->channels, 1);
	assert_int_equal(p->pixels[15 * 90 + 3], 0x33);
}

static void
a_large_one_shrinks_to_what_paper_shows(void **state)
{
	g_autoptr(Picture) p = logo_new(3000, 1000, 0x204080);
	double w, h;

	(void)state;
	assert_int_equal(p->width, PICTURE_SIDE_MOST);
	assert_int_equal(p->height, PICTURE_SIDE_MOST / 3);
	assert_int_equal(p->pixels[(120 * PICTURE_SIDE_MOST + 24) * 3], 0x20);
	picture_fit(p, 60, 15, &w, &h);
	assert_float_equal(w, 45, 0.01);
	assert_float_equal(h, 15, 0.01);
}

static void
what_is_kept_comes_back_the_same(void **state)
{
	g_autoptr(Picture) p = logo_new(300, 100, 0x204080);
	g_autoptr(Picture) again = picture_unpack(
	    p->width, p->height, p->channels, p->packed->data, p->packed->len, NULL);
	g_autoptr(Picture) other = logo_new(300, 100, 0x204081);
	g_autoptr(GByteArray) png = g_byte_array_new();
	g_autoptr(Picture) reread = NULL;

	(void)state;
	assert_non_null(again);
	assert_string_equal(again->id, p->id);
	assert_string_not_equal(other->id, p->id);
	assert_memory_equal(again->pixels, p->pixels, 300 * 100 * 3);
	picture_png(p, png);
	reread = picture_read_png(png->data, png->len, NULL);
	assert_non_null(reread);
	assert_string_equal(reread->id, p->id);
	assert_null(picture_unpack(299, 100, 3, p->packed->data, p->packed->len, NULL));
	assert_null(
	    picture_unpack(300, 100, 3, p->packed->data, p->packed->len / 2, NULL));
	assert_null(picture_unpack(0, 100, 3, p->packed->data, p->packed->len, NULL));
}

/* ---- hostile files ---- */

static void
put_u32(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 24);
	at[1] = (uint8_t)(v >> 16);
	at[2] = (uint8_t)(v >> 8);
	at[3] = (uint8_t)v;
}

/* Says it has this size, checksum included. */
static void
claim(GByteArray *png, uint32_t w, uint32_t h)
{
	put_u32(png->data + 16, w);
	put_u32(png->data + 20, h);
	put_u32(png->data + 29, flate_crc32(0, png->data + 12, 17));
}

static void
refused(const void *data, size_t size, const char *says)
{
	g_autoptr(GError) error = NULL;
	Picture *p = picture_read_png(data, size, &error);

	if (p != NULL)
		fail_msg("taken, where it should be refused: %s", says);
	assert_int_equal(error->code, TP_ERROR_INVALID);
	if (strstr(error->message, says) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, says);
}

static void
broken_and_hostile_files_are_refused(void **state)
{
	static const char jpeg[64] = "\xFF\xD8\xFF\xE0";
	static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg> ...";
	g_autoptr(GByteArray) png = logo_png(300, 100, 0x204080);
	g_autoptr(GByteArray) bad = g_byte_array_new();
	g_autofree uint8_t *large = g_malloc0(LIMIT_LOGO_BYTES + 1);

	(void)state;
	refused("", 0, "no PNG");
	refused(jpeg, sizeof(jpeg), "no PNG");
	refused(svg, sizeof(svg), "no PNG");
	memcpy(large, png->data, png->len);
	refused(large, LIMIT_LOGO_BYTES + 1, "limit");
	/* A file of a few hundred bytes that asks for 16 GB. */
	g_byte_array_append(bad, png->data, png->len);
	claim(bad, 65535, 65535);
	refused(bad->data, bad->len, "65535 x 65535");
	claim(bad, 0, 100);
	refused(bad->data, bad->len, "broken");
	/* More rows than there are data for. */
	claim(bad, 300, 4096);
	refused(bad->data, bad->len, "broken");
}

static void
a_file_cut_off_anywhere_is_refused(void **state)
{
	g_autoptr(GByteArray) png = logo_png(120, 40, 0x204080);

	(void)state;
	/* The last 12 bytes say only that it is over. */
	for (size_t n = 0; n < png->len - 12; n++) {
		g_autoptr(Picture) p = picture_read_png(png->data, n, NULL);

		if (p != NULL)
			fail_msg("taken at %zu of %u bytes", n, png->len);
	}
}

/* Taken or refused, but nothing else: for the sanitizers. */
static void
flipped_bits_do_no_harm(void **state)
{
	g_autoptr(GByteArray) png = logo_png(60, 20, 0x204080);
	int taken = 0;

	(void)state;
	for (size_t i = 8; i < png->len; i++) {
		g_autoptr(Picture) p = NULL;

		png->data[i] ^= 0x41;
		p = picture_read_png(png->data, png->len, NULL);
		taken += p != NULL;
		png->data[i] ^= 0x41;
	}
	assert_true(taken < (int)png->len / 4);
}

static void
a_blank_one_and_a_photograph_are_refused(void **state)
{
	g_autoptr(GByteArray) white = logo_png(80, 80, 0xFFFFFF);
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = 700,
		.height = 700,
		.format = PNG_FORMAT_RGB };
	g_autofree uint8_t *rgb = g_malloc(700 * 700 * 3);
	g_autofree uint8_t *file = g_malloc(LIMIT_LOGO_BYTES);
	png_alloc_size_t size = LIMIT_LOGO_BYTES;
	uint32_t noise = 1;

	(void)state;
	refused(white->data, white->len, "nothing can be seen");
	for (int i = 0; i < 700 * 700 * 3; i++) {
		noise = noise * 1664525 + 1013904223;
		rgb[i] = (uint8_t)(noise >> 24);
	}
	assert_true(png_image_write_to_memory(&image, file, &size, 0, rgb, 0, NULL) != 0);
	refused(file, size, "a photograph");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transparency_becomes_white),
		cmocka_unit_test(without_colours_it_is_grey),
		cmocka_unit_test(a_large_one_shrinks_to_what_paper_shows),
		cmocka_unit_test(what_is_kept_comes_back_the_same),
		cmocka_unit_test(broken_and_hostile_files_are_refused),
		cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
		cmocka_unit_test(flipped_bits_do_no_harm),
		cmocka_unit_test(a_blank_one_and_a_photograph_are_refused),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
