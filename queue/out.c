/*
 * out.c - temporary name, fsync, rename, fsync of the folder.
 *
 * A writer keeps its temporary file locked; the kernel drops the lock of one that was
 * killed.  So whoever gets the lock of a temporary file may remove it.
 */
#include "queue/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/fault.h"

#define UNIQUE "XXXXXX" /* as mkstemp() wants it */

struct Out {
	char *path;
	char *folder;
	char *temporary; /* NULL: written directly, or already renamed */
	int fd;
	bool is_direct;
	uint64_t bytes;
	GChecksum *sum;
};

static bool
is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static void
remove_if_left(const char *path)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	close(fd);
}

/* What was being written when its writer was killed holds codes as well. */
static void
clear_left(const char *folder, const char *prefix)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = NULL;

		if (!g_str_has_prefix(name, prefix) ||
		    strlen(name) != strlen(prefix) + strlen(UNIQUE))
			continue;
		path = g_build_filename(folder, name, NULL);
		remove_if_left(path);
	}
}

/* A new temporary file, locked.  -1 with errno. */
static int
open_temporary(const char *folder, const char *prefix, char **ret_path)
{
	g_autofree char *path = NULL;
	struct stat st;
	int fd;

	for (;;) {
		g_free(path);
		path = g_strconcat(folder, G_DIR_SEPARATOR_S, prefix, UNIQUE, NULL);
		fd = g_mkstemp_full(path, O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		/* Without locks nothing is ever removed. */
		if (flock(fd, LOCK_EX) != 0 || fstat(fd, &st) != 0 || st.st_nlink > 0)
			break;
		/* Another one that cleared came between the two. */
		close(fd);
	}
	*ret_path = g_steal_pointer(&path);
	return fd;
}

Out *
out_open(const char *path, GError **error)
{
	g_autoptr(Out) out = g_new0(Out, 1);
	g_autofree char *base = g_path_get_basename(path);

	out->path = g_strdup(path);
	out->folder = g_path_get_dirname(path);
	out->sum = g_checksum_new(G_CHECKSUM_SHA256);
	out->is_direct = is_special(path);
	if (out->is_direct) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
	} else {
		g_autofree char *prefix = g_strdup_printf(".%s.", base);

		clear_left(out->folder, prefix);
		out->fd = open_temporary(out->folder, prefix, &out->temporary);
	}
	if (out->fd < 0) {
		err_errno(error, errno, "cannot create '%s'", path);
		return NULL;
	}
	return g_steal_pointer(&out);
}

bool
out_write(void *context, const void *data, size_t size, GError **error)
{
	Out *out = context;
	const char *at = data;
	size_t left = size;

	FAULT("file.write");
	if (FAULT_FAIL("file.write"))
		return err_errno(error, ENOSPC, "cannot write '%s'", out->path);
	while (left > 0) {
		ssize_t n = write(out->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot write '%s'", out->path);
		at += n;
		left -= (size_t)n;
	}
	g_checksum_update(out->sum, data, (gssize)size);
	out->bytes += size;
	return true;
}

static bool
flush_folder(const Out *out, GError **error)
{
	int fd = open(out->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	return ok || err_errno(error, why, "cannot flush the folder '%s'", out->folder);
}

static bool
close_fd(Out *out, GError **error)
{
	int fd = out->fd;

	out->fd = -1;
	if (close(fd) != 0)
		return err_errno(error, errno, "cannot close '%s'", out->path);
	return true;
}

bool
out_commit(Out *out, GError **error)
{
	/* A pipe or a terminal has nothing to flush. */
	if (fsync(out->fd) != 0 &&
	    !(out->is_direct && (errno == EINVAL || errno == EROFS)))
		return err_errno(error, errno, "cannot flush '%s'", out->path);
	if (out->is_direct)
		return close_fd(out, error);
	/* Not closed before it has its name: the lock would go. */
	FAULT("file.rename");
	if (FAULT_FAIL("file.rename"))
		return err_errno(error, EIO, "cannot rename to '%s'", out->path);
	if (rename(out->temporary, out->path) != 0)
		return err_errno(error, errno, "cannot rename to '%s'", out->path);
	g_clear_pointer(&out->temporary, g_free);
	FAULT("file.renamed");
	return close_fd(out, error) && flush_folder(out, error);
}

void
out_free(Out *out)
{
	if (out == NULL)
		return;
	if (out->fd >= 0)
		close(out->fd);
	if (out->temporary != NULL)
		unlink(out->temporary);
	g_checksum_free(out->sum);
	g_free(out->temporary);
	g_free(out->folder);
	g_free(out->path);
	g_free(out);
}

uint64_t
out_bytes(const Out *out)
{
	return out->bytes;
}

const char *
out_sha256(Out *out)
{
	return g_checksum_get_string(out->sum);
}
