/*
 * imap_source.h - mails out of the IMAP mailbox of the settings.
 *
 * Each is stored and committed before the server is told that it was taken; what was
 * stored is known by UIDVALIDITY and UID (table mail_box), and by its bytes when those
 * start over.  A crash between the two leaves the mail marked as new: it is marked, not
 * read, the next time.
 */
#pragma once

#include "fulfill/work/work.h"

/* Takes what is there, once.  *ret_n counts mails.  Without the setting intake.imap:
 * nothing. Trouble with the server is logged, not returned: there will be a next time. */
bool imap_source_once(Work *work, int *ret_n, GError **error) MUST_USE;

/* Connects, logs in, opens the mailbox, and goes: for doctor. */
bool imap_source_probe(Work *work, GError **error) MUST_USE;

/* The same until `wake_fd` is readable: IDLE, and a look every few minutes anyway; after
 * trouble with the server it is tried again with growing pauses. */
bool imap_source_watch(Work *work, int wake_fd, GError **error) MUST_USE;
