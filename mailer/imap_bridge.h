/*
 * imap_bridge.h - a connection that libcurl made and verified, for libetpan to speak
 * over.
 *
 * libetpan's own TLS accepts any certificate (its GnuTLS build cannot verify), and its
 * plain socket spins for ever when a server closes in the middle of a literal.  libcurl
 * connects (TCP, STARTTLS or TLS with name and chain checked, SASL login) and then only
 * carries bytes; libetpan is told a made-up greeting ("* PREAUTH") and speaks the verbs.
 *
 * Every byte passes imap_guard.h.  A closed connection, a time-out and a word of the
 * guard are each an error for libetpan, and imap_bridge_why() says which.
 */
#pragma once

#include <libetpan/mailstream.h>

#include "mailer/imap.h"

typedef struct ImapBridge ImapBridge;

/*
 * Connects and logs in.  NULL: CONFIG (certificate, no TLS, unknown scheme), DENIED
 * (login), TIMEOUT, or IO (no such host, refused, broken off).
 */
ImapBridge *imap_bridge_open(const ImapSettings *settings, GError **error) MUST_USE;

/* After the session that used its stream has been freed.  NULL is fine. */
void imap_bridge_close(ImapBridge *bridge);

/* libetpan's end of it, for mailimap_connect(); the session owns it from then on. */
mailstream *imap_bridge_stream(ImapBridge *bridge);

/* Before each command: its bytes and its time are counted anew. */
void imap_bridge_command(ImapBridge *bridge);

/* Why reading or writing failed, or NULL.  Borrowed. */
const char *imap_bridge_why(const ImapBridge *bridge);

/*
 * Waits until the server says something, `wake_fd` (-1: none) is readable, or
 * `timeout_ms` is over.  1: the server.  0: one of the others.  -1: the connection is
 * gone.
 */
int imap_bridge_wait(ImapBridge *bridge, int wake_fd, int timeout_ms);
