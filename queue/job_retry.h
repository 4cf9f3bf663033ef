/*
 * job_retry.h - when to try again.  Curves are data and pure: nothing here reads a clock.
 */
#pragma once

#include <stdint.h>

#include "queue/err.h"

typedef struct RetryCurve {
	const char *name;
	int first_s;    /* wait after the first failure */
	int factor;     /* each further wait is this much longer */
	int longest_s;  /* but never longer than this */
	int give_up_s;  /* after this long since the job was made; 0: never */
	int jitter_pct; /* spread, +- per cent, so that a flock does not return at once */
} RetryCurve;

/* NULL: no such curve. */
const RetryCurve *retry_curve_find(const char *name);

/* Seconds to wait after the `attempt`-th failure (1 first); `random` is any number. */
int retry_wait_s(const RetryCurve *curve, int attempt, uint32_t random);

/* Is a job of this age to be given up? */
bool retry_is_over(const RetryCurve *curve, int64_t age_s);
