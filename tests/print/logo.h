/*
 * logo.h - PNG files for tests: a bar, a wedge of transparency and a ring.
 */
#pragma once

#include <math.h>

#include <png.h>

#include "print/picture.h"
#include "tests/support/cm.h"

/* A PNG with alpha of this size, `colour` as 0xRRGGBB; free with g_byte_array_unref(). */
static inline GByteArray *
logo_png(int w, int h, unsigned colour)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)w,
		.height = (png_uint_32)h,
		.format = PNG_FORMAT_RGBA };
	g_autofree uint8_t *rgba = g_malloc0((size_t)w * (size_t)h * 4);
	png_alloc_size_t size = 0;
	GByteArray *ret = g_byte_array_new();

	for (int y = 0; y < h; y++) {
		for (int x = 0; x < w; x++) {
			uint8_t *p = rgba + ((size_t)y * (size_t)w + (size_t)x) * 4;
			double r = hypot(x - h / 2.0, y - h / 2.0) / h;

			p[0] = (uint8_t)(colour >> 16);
			p[1] = (uint8_t)(colour >> 8);
			p[2] = (uint8_t)colour;
			if (x < h)
				p[3] = r > 0.3 && r < 0.48 ? 255 : 0;
			else if (y > h / 4 && y < h * 3 / 4)
				p[3] = (uint8_t)(255 - (x - h) * 200 / (w - h + 1));
		}
	}
	assert_true(png_image_write_get_memory_size(image, size, 0, rgba, 0, NULL) != 0);
	g_byte_array_set_size(ret, (guint)size);
	assert_true(
	    png_image_write_to_memory(&image, ret->data, &size, 0, rgba, 0, NULL) != 0);
	g_byte_array_set_size(ret, (guint)size);
	return ret;
}

static inline Picture *
logo_new(int w, int h, unsigned colour)
{
	g_autoptr(GByteArray) png = logo_png(w, h, colour);
	g_autoptr(GError) error = NULL;
	Picture *picture = picture_read_png(png->data, png->len, &error);

	if (picture == NULL)
		fail_msg("%s", error->message);
	return picture;
}
