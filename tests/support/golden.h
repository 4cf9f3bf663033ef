/*
 * golden.h - compare bytes with a file that somebody has read and found good.
 *
 * Files stand under tests/golden/, by subject: "mail/ticket-de.eml".  A test whose bytes
 * differ fails with a unified diff, and leaves what it got in build/golden/.  `make
 * golden` runs the tests with GOLDEN=accept, which writes the files instead; the diff of
 * the commit is then read like code.
 */
#pragma once

#include <stddef.h>

/* What is different, for a person, or NULL when nothing is (or when it was accepted). The
 * text is the caller's.  `root` holds tests/golden/ and build/. */
char *golden_diff(const char *root, const char *name, const void *bytes, size_t size);

/* The root of this checkout: $TP_SOURCE, or the working folder. */
const char *golden_root(void);

/* Needs tests/support/cm.h. */
#define assert_golden(name, bytes, size)                                                 \
	do {                                                                             \
		g_autofree char *diff_ =                                                 \
		    golden_diff(golden_root(), (name), (bytes), (size));                 \
		if (diff_ != NULL)                                                       \
			fail_msg("%s", diff_);                                           \
	} while (0)
