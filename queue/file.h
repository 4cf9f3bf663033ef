/*
 * file.h - files that appear whole or not at all.
 */
#pragma once

#include <stddef.h>

#include "queue/err.h"

/*
 * Writes `size` bytes under a temporary name beside `path`, syncs, renames, syncs the
 * folder: whoever sees `path` sees all of it, also after a power cut.  Mode 0600 less the
 * umask; an older file of that name is replaced.  IO (disk full), DENIED, NOT_FOUND (no
 * such folder).
 */
bool file_write(
    const char *path, const void *bytes, size_t size, GError **error) MUST_USE;
