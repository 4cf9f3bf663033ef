/*
 * out.h - a file that appears whole or not at all.
 *
 * Written beside its place under another name, flushed to disk, renamed, and the folder
 * flushed: after out_commit() the file is there for good, before it whatever stood there
 * stands there still.  A full disk is an error, not a short file.  The file is readable
 * for its owner only: it may hold codes.  What a writer that was killed left of the same
 * file is removed when it is written again.
 *
 * What exists and is no regular file (a pipe, a terminal, /dev/full) is written directly:
 * renaming over it would replace it.
 *
 * Fault points: "file.write" before each write, "file.rename" before the name appears
 * and "file.renamed" after.
 */
#pragma once

#include <stddef.h>

#include "queue/err.h"

typedef struct Out Out;

/* NULL: NOT_FOUND (the folder), DENIED, IO. */
Out *out_open(const char *path, GError **error) MUST_USE;

/* Appends.  The signature is that of PenWrite; `out` is an Out. */
bool out_write(void *out, const void *data, size_t size, GError **error) MUST_USE;

/* Puts the file in its place.  false: IO; nothing has changed, or, if only flushing the
 * folder did not succeed, the file is there but may be gone after a power failure. */
bool out_commit(Out *out, GError **error) MUST_USE;

/* Without a commit before: nothing is left behind. */
void out_free(Out *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Out, out_free)

uint64_t out_bytes(const Out *out);
/* SHA-256 of what was written, 64 hex digits; no more writing after this. */
const char *out_sha256(Out *out);
