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
 *   count:FILE   appends every point's name to FILE, one a line
 */
#pragma once

#include "queue/err.h"

#ifdef TP_FAULTS
void fault_point(const char *name);
bool fault_fails(const char *name);
#define FAULT(name) fault_point(name)
#define FAULT_FAIL(name) fault_fails(name)
#else
#define FAULT(name) ((void)0)
#define FAULT_FAIL(name) false
#endif
