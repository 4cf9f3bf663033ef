/*
 * fake_imapd.h - starts fake_imapd.py, or a real Dovecot, and looks at what they heard.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct FakeImapd {
	GPid pid;
	int stdin_fd; /* closing it ends the server */
	char
	    *folder; /* its own, in TMPDIR; ca.pem and the other certificates are in it */
	GHashTable *ports; /* row name -> port */
} FakeImapd;

/* Fails the test when it does not start. */
FakeImapd *fake_imapd_start(void);
void fake_imapd_stop(FakeImapd *imapd);

int fake_imapd_port(const FakeImapd *imapd, const char *row);

/* Every line the server heard on `row`, "" when none. */
char *fake_imapd_talk(const FakeImapd *imapd, const char *row);

/*
 * A Dovecot of its own on loopback, with one user `orders`, password `s3cret`, and a
 * certificate of make_certs.sh.  NULL: there is none here, or we are not root.
 */
typedef struct FixDovecot {
	char *folder; /* mail/orders is the Maildir */
	int imap_port, imaps_port;
} FixDovecot;

FixDovecot *fix_dovecot_start(void);
void fix_dovecot_stop(FixDovecot *dovecot);    /* ends it and drops its folder */
void fix_dovecot_restart(FixDovecot *dovecot); /* every connection breaks */

/* Puts a mail into the mailbox, as a delivery agent would. */
void fix_dovecot_deliver(const FixDovecot *dovecot, int number, const char *text);

/* Drops the mailbox with everything in it; the next SELECT makes it anew. */
void fix_dovecot_recreate(FixDovecot *dovecot);
