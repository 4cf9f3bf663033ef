/*
 * imap.h - new mail out of an IMAP mailbox, each once, none lost (RFC 3501).
 *
 * The caller keeps, in its own store, the UIDVALIDITY of the mailbox and which UIDs it
 * has taken.  It
 *   1. opens, and compares imap_uidvalidity(): another one than before means that the
 *      mailbox was made anew and every UID starts over (its mails are then known by their
 *      hash),
 *   2. lists what is new with imap_list(),
 *   3. fetches each with imap_fetch(), stores it, commits,
 *   4. says imap_done(): marked as seen, or moved to the mailbox for finished ones,
 *   5. waits for more with imap_wait().
 * A crash between 3 and 4 shows the mail again under the same UID.  Nothing that was not
 * fetched and committed is ever marked or moved, and nothing but what was moved is
 * deleted.
 *
 * Only RFC822.SIZE and BODY.PEEK[] are asked for: what the server would parse of a mail
 * (ENVELOPE, BODYSTRUCTURE), libetpan would parse again, and crash on.
 *
 * TLS 1.2 or later, the certificate verified, no clear text ever: "imap://" means
 * STARTTLS or nothing.  After an error that imap_is_alive() denies, close and open anew,
 * with a pause.
 */
#pragma once

#include "queue/err.h"

/* Borrowed until imap_open() has returned.  Absent ones are NULL or 0. */
typedef struct ImapSettings {
	const char *url;     /* "imaps://host", "imap://host:143": must be there */
	const char *mailbox; /* NULL: "INBOX" */
	const char *user;
	const char *password; /* this, */
	const char *token;    /* or a bearer token for OAUTHBEARER */
	const char *ca_file;  /* PEM; NULL: the system's */
	const char
	    *done_mailbox; /* where finished mail goes; NULL: it stays, marked as seen */
	int timeout_s;     /* of silence, in a command; 0: 60 */
} ImapSettings;

typedef struct Imap Imap;

typedef struct ImapItem {
	uint32_t uid;
	uint32_t size_bytes; /* as the server says */
} ImapItem;

/*
 * Connects, logs in, opens the mailbox for writing.  NULL: CONFIG (certificate, no TLS, a
 * bad URL), DENIED (login), NOT_FOUND (no such mailbox), TIMEOUT, or IO.
 */
Imap *imap_open(const ImapSettings *settings, GError **error) MUST_USE;
void imap_close(Imap *imap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Imap, imap_close)

uint32_t imap_uidvalidity(const Imap *imap);
bool imap_is_alive(const Imap *imap);
bool imap_has_idle(const Imap *imap);

/*
 * The mails with a UID above `after_uid` that are not marked as deleted, lowest UID
 * first, at most LIMIT_IMAP_LISTING.  A GArray of ImapItem, the caller's; empty: none.
 * NULL: TIMEOUT, REFUSED or IO.
 */
GArray *imap_list(Imap *imap, uint32_t after_uid, GError **error) MUST_USE;

/*
 * The raw bytes of one mail; it stays unseen.  1: *ret is the caller's.  0: it is gone.
 * -1: INVALID (longer than LIMIT_INTAKE_BYTES: ask ImapItem.size_bytes first), TIMEOUT,
 * REFUSED or IO.
 */
int imap_fetch(Imap *imap, uint32_t uid, GBytes **ret, GError **error) MUST_USE;

/*
 * Marks as seen, or moves to `done_mailbox`, which is made if need be.  Only after the
 * caller's commit.  A mail that is gone is fine.  false: TIMEOUT, REFUSED or IO.
 */
bool imap_done(Imap *imap, uint32_t uid, GError **error) MUST_USE;

/*
 * Waits up to `timeout_s` (9 minutes at most, whatever is asked: middle boxes forget
 * longer ones) for news from the server, by IDLE (RFC 2177) where it has that.  A
 * readable `wake_fd` (-1: none) ends it.  An IDLE may be silent although mail has come;
 * so list again now and then in any case.
 *
 * 1: there are news: list.  0: time is up, or woken.  -1: TIMEOUT, REFUSED or IO.
 */
int imap_wait(Imap *imap, int timeout_s, int wake_fd, GError **error) MUST_USE;
