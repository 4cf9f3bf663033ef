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
