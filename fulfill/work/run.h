/*
 * run.h - the loop of a worker.
 */
#pragma once

#include <signal.h>

#include "fulfill/work/mail_pump.h"
#include "fulfill/work/work.h"

typedef enum RunKinds {
	RUN_ISSUE = 1 << 0,
	RUN_MAIL = 1 << 1,
	RUN_PRINT = 1 << 2,
	RUN_INTAKE = 1 << 3, /* the drop folder; under `run` a process of its own */
	RUN_CHORES = 1 << 4, /* recurring work: chores.def */
	RUN_REMOTE = 1 << 5, /* calls to services elsewhere */
	RUN_WORKER = RUN_ISSUE | RUN_MAIL | RUN_PRINT | RUN_CHORES | RUN_REMOTE,
	RUN_OUTWARD = RUN_MAIL | RUN_PRINT | RUN_REMOTE, /* what leaves the house */
	RUN_ALL = RUN_WORKER | RUN_INTAKE,
} RunKinds;

/* "mail,print" as kinds; INVALID names the word that is none. */
bool run_kinds_parse(const char *text, RunKinds *ret, GError **error) MUST_USE;

typedef struct RunProgress {
	int64_t pending; /* jobs that are due or in work */
	int64_t orders;  /* issued so far */
	int64_t batches; /* written so far */
	MailPumpStats mail;
} RunProgress;

typedef struct RunOptions {
	RunKinds kinds;
	bool drain;                        /* stop when nothing is due */
	const volatile sig_atomic_t *stop; /* not 0: finish what is in hand and stop */
	void (*progress)(void *user, const RunProgress *progress); /* or NULL */
	void *user;
} RunOptions;

/*
 * Works until told to stop or, with `drain`, until nothing is due.  BUSY and
 * UNCERTAIN of the store are waited out, with jitter: what a lost commit meant is seen
 * when the job or its lapsed lease is looked at again.  Other errors end the worker,
 * whose leases lapse.
 */
bool run_worker(
    Work *work, const RunOptions *options, RunProgress *ret, GError **error) MUST_USE;
