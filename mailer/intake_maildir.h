/*
 * intake_maildir.h - new mail out of a Maildir, each once, none lost.
 *
 * A delivery agent writes into tmp/ and renames into new/; what stands in new/ is whole.
 * The caller
 *   1. takes the next mail with maildir_next(),
 *   2. stores it and commits,
 *   3. says maildir_done(), which moves it to cur/ as seen.
 * A crash between 2 and 3 shows the same mail again, with the same name and bytes: the
 * caller knows it by either.  Nothing is ever deleted here.
 *
 * File names come from the delivery agent and hold nothing but what it chose; they are
 * only used inside the Maildir.
 */
#pragma once

#include "queue/err.h"

typedef struct Maildir Maildir;

typedef struct MaildirMail {
	char *name;    /* file name in new/; unique in this Maildir for ever */
	GBytes *bytes; /* NULL: see problem */
	char *problem; /* why it cannot be read: too long, no right, no plain file; else
			  NULL */
	int64_t size_bytes;
} MaildirMail;

void maildir_mail_free(MaildirMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MaildirMail, maildir_mail_free)

/* The Maildir at `path`.  NULL: NOT_FOUND (no folder with new/ and cur/ in it), DENIED or
 * IO. */
Maildir *maildir_open(const char *path, GError **error) MUST_USE;
void maildir_close(Maildir *maildir);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Maildir, maildir_close)

/*
 * The next mail of new/, in the order of names, which is that of delivery.  The folder is
 * listed once; when the list is through, 0 is returned, and the call after that lists
 * again. A mail that is neither done nor gone by then comes again.
 *
 * 1: *ret is the caller's.  0: no more for now.  -1: IO: the folder cannot be listed.
 */
int maildir_next(Maildir *maildir, MaildirMail **ret, GError **error) MUST_USE;

/*
 * Moves new/NAME to cur/NAME:2,S.  Moving what was moved before is fine.  Nothing is
 * synced: after a power cut the mail may come again, as after any crash.
 *
 * NOT_FOUND: it is in neither; EXISTS: another mail of that name is in cur/.
 */
bool maildir_done(Maildir *maildir, const char *name, GError **error) MUST_USE;
