/*
 * file.h - files of bytes at hand, which appear whole or not at all (see out.h).
 */
#pragma once

#include <stddef.h>

#include "queue/err.h"

/* Writes `size` bytes to `path`; an older file of that name is replaced.  IO (disk full),
 * DENIED, NOT_FOUND (no such folder). */
bool file_write(
    const char *path, const void *bytes, size_t size, GError **error) MUST_USE;
