/*
 * picture.c - from a PNG to pixels; the only user of libpng.
 */
#include "print/picture.h"

#include <string.h>

#include <png.h>

#include "print/flate.h"
#include "queue/hash.h"
#include "queue/limits.h"

#define FLATE_LEVEL 12

static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

void
picture_free(Picture *picture)
{
	if (picture == NULL)
		return;
	g_free(picture->pixels);
	g_byte_array_unref(picture->packed);
	g_free(picture);
}

static size_t
bytes_of(int width, int height, int channels)
{
	return (size_t)width * (size_t)height * (size_t)channels;
}

static uint32_t
big_endian(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

/* Size and kind are judged before libpng sees a byte. */
static bool
check_head(const uint8_t *data, size_t size, GError **error)
{
	uint32_t w, h;

	if (size > LIMIT_LOGO_BYTES)
		return err_set(error, TP_ERROR_INVALID,
		    "it has %zu bytes, the limit is %d", size, LIMIT_LOGO_BYTES);
	if (size < 33 || memcmp(data, signature, sizeof(signature)) != 0 ||
	    big_endian(data + 8) != 13 || memcmp(data + 12, "IHDR", 4) != 0)
		return err_set(error, TP_ERROR_INVALID, "it is no PNG file");
	w = big_endian(data + 16);
	h = big_endian(data + 20);
	if (w > LIMIT_LOGO_SIDE || h > LIMIT_LOGO_SIDE)
		return err_set(error, TP_ERROR_INVALID,
		    "it has %u x %u pixels, the limit is %d a side", w, h,
		    LIMIT_LOGO_SIDE);
	return true;
}

/* 8-bit RGB on white, to be g_free()d. */
static uint8_t *
decode(const void *data, size_t size, int *ret_w, int *ret_h, GError **error)
{
	static const png_color white = { 255, 255, 255 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	g_autofree uint8_t *pixels = NULL;

	if (png_image_begin_read_from_memory(&image, data, size) == 0) {
		err_set(error, TP_ERROR_INVALID, "it is broken: %s", image.message);
		return NULL;
	}
	image.format = PNG_FORMAT_RGB;
	pixels = g_malloc(PNG_IMAGE_SIZE(image));
	if (png_image_finish_read(&image, &white, pixels, 0, NULL) == 0) {
		err_set(error, TP_ERROR_INVALID, "it is broken: %s", image.message);
		png_image_free(&image);
		return NULL;
	}
	*ret_w = (int)image.width;
	*ret_h = (int)image.height;
	return g_steal_pointer(&pixels);
}

/* The mean of the pixels that fall into one. */
static uint8_t
mean(const uint8_t *rgb, int w, int x0, int x1, int y0, int y1, int channel)
{
	uint64_t sum = 0;
	uint64_t n = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);

	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			sum += rgb[((size_t)y * (size_t)w + (size_t)x) * 3 +
				   (size_t)channel];
	return (uint8_t)((sum + n / 2) / n);
}

/* Shrinks in place of *rgb to at most PICTURE_SIDE_MOST a side. */
static void
shrink(uint8_t **rgb, int *w, int *h)
{
	int most = MAX(*w, *h);
	int to_w = MAX(1, (int)((int64_t)*w * PICTURE_SIDE_MOST / most));
	int to_h = MAX(1, (int)((int64_t)*h * PICTURE_SIDE_MOST / most));
	uint8_t *small;
	uint8_t *at;

	if (most <= PICTURE_SIDE_MOST)
		return;
	small = at = g_malloc(bytes_of(to_w, to_h, 3));
	for (int y = 0; y < to_h; y++) {
		for (int x = 0; x < to_w; x++) {
			for (int c = 0; c < 3; c++)
				*at++ = mean(*rgb, *w, (int)((int64_t)x * *w / to_w),
				    (int)((int64_t)(x + 1) * *w / to_w),
				    (int)((int64_t)y * *h / to_h),
				    (int)((int64_t)(y + 1) * *h / to_h), c);
		}
	}
	g_free(*rgb);
	*rgb = small;
	*w = to_w;
	*h = to_h;
}

/* One channel where three say the same; false: it has a colour. */
static bool
make_grey(uint8_t *rgb, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rgb[i * 3] != rgb[i * 3 + 1] || rgb[i * 3] != rgb[i * 3 + 2])
			return false;
	}
	for (size_t i = 0; i < n; i++)
		rgb[i] = rgb[i * 3];
	return true;
}

static bool
is_blank(const uint8_t *pixels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pixels[i] < 250)
			return false;
	}
	return true;
}

static void
name(Picture *picture)
{
	uint8_t hash[HASH_BYTES];
	Hash state;

	hash_init(&state);
	hash_add_int(&state, picture->width);
	hash_add_int(&state, picture->height);
	hash_add_int(&state, picture->channels);
	hash_add(&state, picture->pixels,
	    bytes_of(picture->width, picture->height, picture->channels));
	hash_done(&state, hash);
	hash_hex(hash, PICTURE_ID_SIZE / 2, picture->id);
}

static Picture *
picture_new(int width, int height, int channels, uint8_t *pixels)
{
	Picture *picture = g_new0(Picture, 1);

	picture->width = width;
	picture->height = height;
	picture->channels = channels;
	picture->pixels = pixels;
	picture->packed = g_byte_array_new();
	name(picture);
	return picture;
}

Picture *
picture_read_png(const void *data, size_t size, GError **error)
{
	g_autoptr(Picture) picture = NULL;
	g_autoptr(Flate) flate = NULL;
	g_autofree uint8_t *rgb = NULL;
	int w, h, channels;
	size_t n;

	if (!check_head(data, size, error))
		return NULL;
	rgb = decode(data, size, &w, &h, error);
	if (rgb == NULL)
		return NULL;
	shrink(&rgb, &w, &h);
	channels = make_grey(rgb, (size_t)w * (size_t)h) ? 1 : 3;
	n = bytes_of(w, h, channels);
	if (is_blank(rgb, n)) {
		err_set(error, TP_ERROR_INVALID, "nothing can be seen of it on white");
		return NULL;
	}
	picture = picture_new(w, h, channels, g_steal_pointer(&rgb));
	flate = flate_new(FLATE_LEVEL);
	flate_append(flate, picture->pixels, n, picture->packed);
	if (picture->packed->len > LIMIT_LOGO_PACKED_BYTES) {
		err_set(error, TP_ERROR_INVALID,
		    "it packs to %u bytes, the limit is %d: a logo has few colours and "
		    "plain areas, a photograph has not",
		    picture->packed->len, LIMIT_LOGO_PACKED_BYTES);
		return NULL;
	}
	return g_steal_pointer(&picture);
}

Picture *
picture_unpack(
    int width, int height, int channels, const void *packed, size_t size, GError **error)
{
	g_autoptr(GByteArray) pixels = g_byte_array_new();
	Picture *picture;
	bool ok = width > 0 && width <= PICTURE_SIDE_MOST && height > 0 &&
		  height <= PICTURE_SIDE_MOST && (channels == 1 || channels == 3);

	if (!ok ||
	    !flate_expand(packed, size, bytes_of(width, height, channels), pixels) ||
	    pixels->len != bytes_of(width, height, channels)) {
		err_set(error, TP_ERROR_INVALID, "a kept picture is broken");
		return NULL;
	}
	picture = picture_new(
	    width, height, channels, g_byte_array_free(g_steal_pointer(&pixels), FALSE));
	g_byte_array_append(picture->packed, packed, (guint)size);
	return picture;
}

void
picture_png(const Picture *picture, GByteArray *out)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)picture->width,
		.height = (png_uint_32)picture->height,
		.format = picture->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB };
	png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
	guint before = out->len;

	g_byte_array_set_size(out, before + (guint)size);
	if (png_image_write_to_memory(
		&image, out->data + before, &size, 0, picture->pixels, 0, NULL) == 0)
		BUG("a picture that libpng does not write");
	g_byte_array_set_size(out, before + (guint)size);
}

void
picture_fit(const Picture *picture, double most_w_mm, double most_h_mm, double *ret_w_mm,
    double *ret_h_mm)
{
	double scale = MIN(most_w_mm / picture->width, most_h_mm / picture->height);

	*ret_w_mm = picture->width * scale;
	*ret_h_mm = picture->height * scale;
}
