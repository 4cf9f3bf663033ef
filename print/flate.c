/*
 * flate.c - libdeflate with a state that is kept.
 */
#include "print/flate.h"

#include <libdeflate.h>

#include "queue/err.h"

struct Flate {
	struct libdeflate_compressor *compressor;
};

Flate *
flate_new(int level)
{
	Flate *flate = g_new0(Flate, 1);

	flate->compressor = libdeflate_alloc_compressor(level);
	if (flate->compressor == NULL)
		BUG("no deflate state of level %d", level);
	return flate;
}

void
flate_free(Flate *flate)
{
	if (flate == NULL)
		return;
	libdeflate_free_compressor(flate->compressor);
	g_free(flate);
}

void
flate_append(Flate *flate, const void *data, size_t size, GByteArray *out)
{
	size_t before = out->len;
	size_t room = libdeflate_zlib_compress_bound(flate->compressor, size);
	size_t made;

	g_byte_array_set_size(out, (guint)(before + room));
	made = libdeflate_zlib_compress(
	    flate->compressor, data, size, out->data + before, room);
	if (made == 0)
		BUG("deflate needs more than its bound");
	g_byte_array_set_size(out, (guint)(before + made));
}

uint32_t
flate_crc32(uint32_t crc, const void *data, size_t size)
{
	return libdeflate_crc32(crc, data, size);
}

bool
flate_expand(const void *data, size_t size, size_t max, GByteArray *out)
{
	struct libdeflate_decompressor *expand = libdeflate_alloc_decompressor();
	size_t room = MIN(MAX(size * 4, 4096), max);
	enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
	size_t before = out->len;

	while (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
		size_t made = 0;
		size_t used;

		g_byte_array_set_size(out, (guint)(before + room));
		/* A line end in front of "endstream" may follow the stream. */
		result = libdeflate_zlib_decompress_ex(
		    expand, data, size, out->data + before, room, &used, &made);
		if (result == LIBDEFLATE_SUCCESS)
			g_byte_array_set_size(out, (guint)(before + made));
		if (room == max)
			break;
		room = MIN(room * 4, max);
	}
	libdeflate_free_decompressor(expand);
	if (result != LIBDEFLATE_SUCCESS)
		g_byte_array_set_size(out, (guint)before);
	return result == LIBDEFLATE_SUCCESS;
}
