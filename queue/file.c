/*
 * file.c - temporary name, sync, rename, sync.
 */
#include "queue/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "queue/fault.h"

static bool
write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

static void
sync_folder_of(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

bool
file_write(const char *path, const void *bytes, size_t size, GError **error)
{
	g_autofree char *part = g_strdup_printf("%s.%d.tmp", path, (int)getpid());
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int wrong = 0;

	if (fd < 0)
		return err_errno(error, errno, "cannot write '%s'", path);
	FAULT("file.write");
	if (!write_all(fd, bytes, size) || fsync(fd) < 0)
		wrong = errno != 0 ? errno : EIO;
	if (close(fd) < 0 && wrong == 0)
		wrong = errno;
	FAULT("file.rename");
	if (wrong == 0 && rename(part, path) < 0)
		wrong = errno;
	if (wrong != 0) {
		unlink(part);
		return err_errno(error, wrong, "cannot write '%s'", path);
	}
	sync_folder_of(path);
	FAULT("file.renamed");
	return true;
}
