/*
 * sender_maildir.c - messages as files: PATH/tmp, then PATH/new.
 *
 * A message is done when its bytes and its name are on the disk.  Syncing each file alone
 * costs a flush of the disk each, so a step writes all waiting files, syncs them together
 * (syncfs() from eight on), renames them, and syncs the folder once.
 *
 * The name comes from the mail's id, so the same mail sent again after a crash takes its
 * own place instead of standing there twice.  The bytes are those that would go out by
 * SMTP, CRLF included.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mailer/sender_private.h"
#include "queue/clock.h"
#include "queue/fault.h"

enum {
	CAPACITY = 128,
	SYNC_ALL_FROM = 8, /* messages; fewer are synced one by one */
};

typedef struct Slot {
	int64_t id;
	GBytes *bytes;
	void *user;
	int64_t since_us;
	int fd;
	int errnum; /* first trouble; 0: none */
	const char *trouble;
} Slot;

typedef struct Maildir {
	Sender base;
	int dir_fd;
	int tmp_fd;
	int new_fd;
	int n;
	Slot slots[CAPACITY];
} Maildir;

typedef struct FileName {
	char text[48];
} FileName;

static FileName
file_name(int64_t id)
{
	FileName name;

	g_snprintf(name.text, sizeof(name.text), "%010" PRId64 ".ticketpost", id);
	return name;
}

static int
capacity(const Sender *sender)
{
	return CAPACITY - ((const Maildir *)sender)->n;
}

static int
in_flight(const Sender *sender)
{
	return ((const Maildir *)sender)->n;
}

static int
submit(Sender *sender, const SenderMail *mail, GError **error)
{
	Maildir *dir = (Maildir *)sender;

	(void)error;
	if (dir->n == CAPACITY)
		return 0;
	dir->slots[dir->n++] = (Slot){
		.id = mail->id,
		.bytes = g_bytes_ref(mail->bytes),
		.user = mail->user,
		.since_us = clock_monotonic_us(),
		.fd = -1,
	};
	return 1;
}

static void
fail(Slot *slot, const char *trouble)
{
	if (slot->errnum != 0)
		return;
	slot->errnum = errno;
	slot->trouble = trouble;
}

static void
write_file(Maildir *dir, Slot *slot)
{
	FileName name = file_name(slot->id);
	gsize left = 0;
	const char *bytes = g_bytes_get_data(slot->bytes, &left);

	FAULT("maildir.write");
	slot->fd = openat(dir->tmp_fd, name.text,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (slot->fd < 0) {
		fail(slot, "cannot create a file in 'tmp'");
		return;
	}
	if (FAULT_FAIL("maildir.write")) {
		errno = ENOSPC;
		fail(slot, "cannot write a message");
		return;
	}
	while (left > 0) {
		ssize_t n = write(slot->fd, bytes, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail(slot, "cannot write a message");
			return;
		}
		bytes += n;
		left -= (gsize)n;
	}
	/* A hint only: write-back of a few files runs while we wait for the first. */
	(void)sync_file_range(slot->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static void
sync_file(Slot *slot, int all_errnum)
{
	errno = all_errnum;
	if (slot->errnum == 0 &&
	    (all_errnum > 0 || (all_errnum < 0 && fdatasync(slot->fd) < 0)))
		fail(slot, "cannot sync a message");
	if (slot->fd >= 0 && close(slot->fd) < 0)
		fail(slot, "cannot close a message");
	slot->fd = -1;
}

static void
rename_file(Maildir *dir, Slot *slot)
{
	FileName name = file_name(slot->id);

	FAULT("maildir.rename");
	if (slot->errnum == 0 &&
	    renameat(dir->tmp_fd, name.text, dir->new_fd, name.text) < 0)
		fail(slot, "cannot move a message into 'new'");
	if (slot->errnum != 0)
		(void)unlinkat(dir->tmp_fd, name.text, 0);
	FAULT("maildir.renamed");
}

static void
report(Maildir *dir, Slot *slot)
{
	g_autofree char *text =
	    slot->errnum == 0
		? NULL
		: g_strdup_printf("%s: %s", slot->trouble, g_strerror(slot->errnum));
	SenderResult result = {
		.id = slot->id,
		.outcome = slot->errnum == 0 ? MAIL_SENT : MAIL_TEMPFAIL,
		.scope = slot->errnum == 0 ? MAIL_SCOPE_MESSAGE : MAIL_SCOPE_ROUTE,
		.phase = slot->errnum == 0 ? MAIL_PHASE_DONE : MAIL_PHASE_BODY,
		.text = slot->errnum == 0 ? "stored" : text,
		.duration_us = clock_monotonic_us() - slot->since_us,
	};

	sender_report(&dir->base, slot->user, &result);
	g_bytes_unref(slot->bytes);
}

static int
step(Sender *sender, int timeout_ms, GError **error)
{
	Maildir *dir = (Maildir *)sender;
	int n = dir->n;
	int all_errnum = -1;

	(void)timeout_ms;
	(void)error;
	if (n == 0)
		return 0;
	for (int i = 0; i < n; i++)
		write_file(dir, &dir->slots[i]);
	/* -1: each alone */
	if (n >= SYNC_ALL_FROM)
		all_errnum = syncfs(dir->tmp_fd) < 0 ? errno : 0;
	for (int i = 0; i < n; i++)
		sync_file(&dir->slots[i], all_errnum);
	for (int i = 0; i < n; i++)
		rename_file(dir, &dir->slots[i]);
	if (fsync(dir->new_fd) < 0) {
		/* The files are there but may be gone after a power cut: the retry
		 * writes the same names. */
		for (int i = 0; i < n; i++)
			fail(&dir->slots[i], "cannot sync the folder 'new'");
	}
	FAULT("maildir.synced");
	dir->n = 0;
	for (int i = 0; i < n; i++)
		report(dir, &dir->slots[i]);
	return n;
}

static void
wakeup(Sender *sender)
{
	(void)sender; /* step() never waits for anybody */
}

static void
abort_all(Sender *sender)
{
	Maildir *dir = (Maildir *)sender;
	int n = dir->n;

	dir->n = 0;
	for (int i = 0; i < n; i++) {
		errno = ECANCELED;
		fail(&dir->slots[i], "aborted");
		report(dir, &dir->slots[i]);
	}
}

static void
close_maildir(Sender *sender)
{
	Maildir *dir = (Maildir *)sender;

	(void)close(dir->tmp_fd);
	(void)close(dir->new_fd);
	(void)close(dir->dir_fd);
	g_free(dir);
}

static const SenderOps ops = {
	.capacity = capacity,
	.in_flight = in_flight,
	.submit = submit,
	.step = step,
	.wakeup = wakeup,
	.abort_all = abort_all,
	.close = close_maildir,
};

/* Opens folder `name` in `at_fd`, making it when it is missing. */
static int
open_folder(int at_fd, const char *name)
{
	if (mkdirat(at_fd, name, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

Sender *
sender_maildir_open(const SenderOptions *options, const char *rest, GError **error)
{
	Maildir *dir = NULL;
	int dir_fd = -1;
	int fds[3] = { -1, -1, -1 };
	static const char *const names[] = { "tmp", "new", "cur" };

	if (*rest == '\0') {
		(void)err_set(
		    error, TP_ERROR_CONFIG, "transport 'maildir:' needs a path");
		return NULL;
	}
	dir_fd = open_folder(AT_FDCWD, rest);
	if (dir_fd < 0) {
		(void)err_errno(error, errno, "cannot open maildir '%s'", rest);
		return NULL;
	}
	for (int i = 0; i < 3; i++) {
		fds[i] = open_folder(dir_fd, names[i]);
		if (fds[i] < 0) {
			(void)err_errno(
			    error, errno, "cannot open '%s/%s'", rest, names[i]);
			while (--i >= 0)
				(void)close(fds[i]);
			(void)close(dir_fd);
			return NULL;
		}
	}
	(void)close(fds[2]);
	dir = g_new0(Maildir, 1);
	dir->base.ops = &ops;
	dir->base.done = options->done;
	dir->dir_fd = dir_fd;
	dir->tmp_fd = fds[0];
	dir->new_fd = fds[1];
	return &dir->base;
}
