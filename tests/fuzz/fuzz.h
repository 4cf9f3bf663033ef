/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one file, fuzz_NAME.c, with LLVMFuzzerTestOneInput().  `make fuzz F=NAME`
 * runs it for an hour (FUZZ_S seconds), `make fuzz-smoke` each for ten.  A crash becomes
 * a file in tests/corpus/ and a row of a test.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that must hold for any input. */
#define PROMISE(condition)                                                               \
	do {                                                                             \
		if (!(condition))                                                        \
			abort();                                                         \
	} while (0)

#define PROMISE_UTF8(text) PROMISE((text) == NULL || g_utf8_validate((text), -1, NULL))

/* `size` bytes as a C string, cut at the first NUL. */
static inline char *
fuzz_string(const uint8_t *data, size_t size)
{
	return g_strndup((const char *)data, size);
}
