/*
 * sandbox_private.h - between the two sides of the sandbox; nobody else includes it.
 */
#pragma once

#include "mailer/sandbox.h"
#include "queue/limits.h"

/* The seconds that `sandbox` grants. */
static inline int
sandbox_cpu_s(const Sandbox *sandbox)
{
	return sandbox->cpu_s > 0 ? MIN(sandbox->cpu_s, LIMIT_SANDBOX_CPU_S)
				  : LIMIT_SANDBOX_CPU_S;
}

/* Runs in the child right after fork(): gives up every right, runs sandbox->read, writes
 * the result to `fd`.  Never returns. */
G_NORETURN void sandbox_child(const Sandbox *sandbox, GBytes *input, int fd);
