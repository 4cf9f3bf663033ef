/*
 * fault.h - named points where a test may kill the process or fail a call.
 *
 * FAULT("mail.sent") marks the moment before or after an outside effect.  In release
 * builds it is nothing.  In builds with TP_FAULTS the environment variable
 * TICKETPOST_FAULT steers:
 *
 *   die:N        the N-th point reached in this process kills it at once (SIGKILL)
 *   die:NAME:N   the N-th time the point NAME is reached
 *   fail:N       the N-th FAULT_FAIL() point reports failure once
 *   fail:NAME:N  likewise, counting only NAME
 *   count:FILE   appends every point's name to FILE, one a line, after "fail " where it
 * can fail
 *
 * TICKETPOST_UNSAFE names a safety measure that is left out, so that a crash story can be
 * seen to fail without it: FAULT_UNSAFE("mail.settle_first").
 */
#pragma once

#include "queue/err.h"

#ifdef TP_FAULTS
void fault_point(const char *name);
bool fault_fails(const char *name);
bool fault_unsafe(const char *name);
#define FAULT(name) fault_point(name)
#define FAULT_FAIL(name) fault_fails(name)
#define FAULT_UNSAFE(name) fault_unsafe(name)
#else
#define FAULT(name) ((void)0)
#define FAULT_FAIL(name) false
#define FAULT_UNSAFE(name) false
#endif
