/*
 * intake_maildir.c - list, read, rename.
 *
 * libetpan has a Maildir driver that brings caches in Berkeley DB along; this is all that
 * is needed.
 */
#include "mailer/intake_maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/limits.h"

struct Maildir {
	char *path;
	int new_fd; /* folders by descriptor: a Maildir that is swapped meanwhile stays
		       one */
	int cur_fd;
	GPtrArray *names; /* of one listing, sorted; NULL: list again */
	guint next;
};

void
maildir_mail_free(MaildirMail *mail)
{
	if (mail == NULL)
		return;
	g_free(mail->name);
	g_clear_pointer(&mail->bytes, g_bytes_unref);
	g_free(mail->problem);
	g_free(mail);
}

static int
open_folder(const char *path, const char *name, GError **error)
{
	g_autofree char *folder = g_build_filename(path, name, NULL);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		err_errno(error, errno, "cannot open the maildir folder '%s'", folder);
	return fd;
}

Maildir *
maildir_open(const char *path, GError **error)
{
	g_autoptr(Maildir) maildir = g_new0(Maildir, 1);

	maildir->path = g_strdup(path);
	maildir->cur_fd = -1;
	maildir->new_fd = open_folder(path, "new", error);
	if (maildir->new_fd < 0)
		return NULL;
	maildir->cur_fd = open_folder(path, "cur", error);
	if (maildir->cur_fd < 0)
		return NULL;
	return g_steal_pointer(&maildir);
}

void
maildir_close(Maildir *maildir)
{
	if (maildir == NULL)
		return;
	if (maildir->new_fd >= 0)
		close(maildir->new_fd);
	if (maildir->cur_fd >= 0)
		close(maildir->cur_fd);
	g_clear_pointer(&maildir->names, g_ptr_array_unref);
	g_free(maildir->path);
	g_free(maildir);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
list(Maildir *maildir, GError **error)
{
	/* A descriptor of its own: reading a folder moves its position. */
	int fd = openat(maildir->new_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		err_errno(error, errno, "cannot list '%s/new'", maildir->path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	maildir->names = g_ptr_array_new_with_free_func(g_free);
	maildir->next = 0;
	while (
	    maildir->names->len < LIMIT_MAILDIR_LISTING && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			g_ptr_array_add(maildir->names, g_strdup(entry->d_name));
	closedir(dir);
	g_ptr_array_sort(maildir->names, by_name);
	return true;
}

static GBytes *
read_whole(int fd, size_t size)
{
	g_autofree uint8_t *bytes = g_malloc(size + 1);
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, bytes + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return NULL;
		if (n == 0) /* shorter than it was: nobody may do that to a Maildir */
			break;
		got += (size_t)n;
	}
	return g_bytes_new_take(g_steal_pointer(&bytes), got);
}

/* 1: *ret is filled, perhaps with a problem.  0: the file is gone meanwhile. */
static int
read_mail(Maildir *maildir, const char *name, MaildirMail **ret)
{
	g_autoptr(MaildirMail) mail = g_new0(MaildirMail, 1);
	/* A symbolic link could lead anywhere, a fifo would block. */
	int fd =
	    openat(maildir->new_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat info;

	if (fd < 0 && errno == ENOENT)
		return 0;
	mail->name = g_strdup(name);
	if (fd < 0 || fstat(fd, &info) != 0) {
		mail->problem = g_strdup(g_strerror(errno));
	} else if (!S_ISREG(info.st_mode)) {
		mail->problem = g_strdup("not a plain file");
	} else if (info.st_size > LIMIT_INTAKE_BYTES) {
		mail->size_bytes = info.st_size;
		mail->problem =
		    g_strdup_printf("longer than %d bytes", LIMIT_INTAKE_BYTES);
	} else {
		mail->size_bytes = info.st_size;
		mail->bytes = read_whole(fd, (size_t)info.st_size);
		if (mail->bytes == NULL)
			mail->problem = g_strdup(g_strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	*ret = g_steal_pointer(&mail);
	return 1;
}

int
maildir_next(Maildir *maildir, MaildirMail **ret, GError **error)
{
	if (maildir->names == NULL && !list(maildir, error))
		return -1;
	while (maildir->next < maildir->names->len)
		if (read_mail(maildir, g_ptr_array_index(maildir->names, maildir->next++),
			ret) == 1)
			return 1;
	g_clear_pointer(&maildir->names, g_ptr_array_unref);
	return 0;
}

bool
maildir_done(Maildir *maildir, const char *name, GError **error)
{
	g_autofree char *seen =
	    g_strdup_printf("%.*s:2,S", (int)strcspn(name, ":"), name);
	struct stat info;

	if (strchr(name, '/') != NULL || name[0] == '.')
		return err_set(
		    error, TP_ERROR_INVALID, "'%s' is no name of a mail", name);
	if (renameat2(maildir->new_fd, name, maildir->cur_fd, seen, RENAME_NOREPLACE) ==
	    0)
		return true;
	if (errno == ENOENT && fstatat(maildir->cur_fd, seen, &info, 0) == 0)
		return true;
	if (errno == EEXIST)
		return err_set(error, TP_ERROR_EXISTS,
		    "there is another mail '%s' in '%s/cur'", seen, maildir->path);
	return err_errno(
	    error, errno, "cannot move mail '%s' to '%s/cur'", name, maildir->path);
}
