/*
 * sandbox.h - read foreign bytes where a crash costs nothing.
 *
 * A function is run in a forked child that has no network, cannot open files or start
 * programs, holds no key, and has limits on memory, time and stack (SANDBOX_* in
 * queue/limits.def).  What it found comes back as one JSON document of bounded length. If
 * it dies, the caller counts: a message that kills the child twice is put aside for a
 * person.
 *
 * What holds the child, from the outside in:
 *   - rlimits: address space, CPU seconds, stack, no file ever grows, no new descriptors,
 * no new processes, no core;
 *   - all descriptors but the pipe are closed; 0, 1 and 2 are /dev/null;
 *   - seccomp: an allow-list of some 30 calls that touch memory, the pipe and the clock;
 *     everything else is EPERM.  Where the kernel has no seccomp, a network namespace of
 *     its own, where it has that;
 *   - it dies with its parent, and cannot be traced.
 *
 * fork() copies one thread.  Call this from a process that has no others.  SIGCHLD must
 * not be ignored, and nobody else may reap the child.
 */
#pragma once

#include <jansson.h>

#include "queue/err.h"

typedef struct Sandbox {
	/* Runs in the child.  true: *ret is the result.  false: error is set, and comes
	 * out of sandbox_run() with its code and text. */
	bool (*read)(GBytes *input, void *user, json_t **ret, GError **error);
	void *user;
	/* Runs first in the child: wipes what it must not have (keys).  May be NULL. */
	void (*forget)(void *user);
	int cpu_s; /* a tighter limit than LIMIT_SANDBOX_CPU_S; 0: that one */
} Sandbox;

/*
 * 1: *ret is the caller's reference.  The child may have been taken over: believe its
 * form as little as its bytes. 0: the child died, or what it sent is no result;
 * *ret_death (the caller's) says how. -1: error is what `read` set, or BUSY or IO: no
 * child could be made.
 */
int sandbox_run(const Sandbox *sandbox, GBytes *input, json_t **ret, char **ret_death,
    GError **error) MUST_USE;
