/*
 * file.c - what is at hand as a whole.
 */
#include "queue/file.h"

#include "queue/out.h"

bool
file_write(const char *path, const void *bytes, size_t size, GError **error)
{
	g_autoptr(Out) out = out_open(path, error);

	return out != NULL && out_write(out, bytes, size, error) &&
	       out_commit(out, error);
}
