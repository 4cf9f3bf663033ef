/*
 * fake_smtpd.h - starts fake_smtpd.py and looks at what it stored and heard.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct FakeSmtpd {
	GPid pid;
	int stdin_fd;      /* closing it ends the server */
	char *folder;      /* its own, in TMPDIR */
	GHashTable *ports; /* row name -> port */
} FakeSmtpd;

/* `certs` NULL: the rows without TLS.  Fails the test when it does not start. */
FakeSmtpd *fake_smtpd_start(const char *certs, bool pipelining);
void fake_smtpd_stop(FakeSmtpd *smtpd);

int fake_smtpd_port(const FakeSmtpd *smtpd, const char *row);

/* How many messages `row` stored; the n-th (from 1), or NULL. */
int fake_smtpd_stored(const FakeSmtpd *smtpd, const char *row);
char *fake_smtpd_message(const FakeSmtpd *smtpd, const char *row, int n);

/* Every line the server heard on `row`, bodies as ".", "" when none. */
char *fake_smtpd_talk(const FakeSmtpd *smtpd, const char *row);

/* A folder of its own, and its removal with all that is in it. */
char *test_folder_make(void);
void test_folder_drop(char *path);
