/*
 * imap_guard.h - looks at what an IMAP server says before libetpan hears it.
 *
 * libetpan 1.9.4 allocates what a literal claims, parses brackets recursively until the
 * stack is gone, and collects untagged replies without end.  The guard follows the bytes
 * of a connection just closely enough (lines, quoted strings, literals; RFC 3501 9) to
 * stop it before that.
 *
 * Plain data: imap_guard_init() before each connection, imap_guard_command() before each
 * command.
 */
#pragma once

#include "queue/err.h"

typedef struct ImapGuard {
	size_t command_bytes; /* heard since the last command */
	size_t literal_left;  /* bytes of the literal that follow */
	size_t literal_size;  /* digits read of "{n" */
	size_t line_bytes;    /* outside literals, of this reply */
	int depth;            /* open brackets */
	int word;             /* which word of the reply this is, 0 first */
	char word_text[8];    /* its beginning, upper case */
	size_t word_length;
	bool status_text; /* the reply is OK, NO, BAD, BYE, PREAUTH or "+": text to its
			     end */
	bool quoted;
	bool escaped;
	int brace; /* of "{digits}" at the end of a line: 0 none, 1 digits, 2 closed */
} ImapGuard;

void imap_guard_init(ImapGuard *guard);
void imap_guard_command(ImapGuard *guard);

/* NULL: go on.  Else why this server must not be heard any further; static.  After that
 * the guard is of no more use. */
const char *imap_guard_feed(ImapGuard *guard, const void *bytes, size_t length) MUST_USE;
