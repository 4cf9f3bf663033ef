/*
 * clock.h - the two clocks, behind one door that a test can turn.
 *
 * Wall time is UTC microseconds since 1970, in names that end in _at.  Waits are measured
 * with the monotonic clock only: a wall clock jumps (NTP, an operator, a virtual
 * machine).
 */
#pragma once

#include <stdint.h>

#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (86400 * US_PER_S)

int64_t clock_now_at(void);       /* wall, UTC microseconds */
int64_t clock_monotonic_us(void); /* for waits and durations */

/* Another machine's clock reads `at`: the same, turned as a test has turned ours. */
int64_t clock_turn_at(int64_t at);

/* For tests: freeze the wall clock at `at`; 0 lets it run again. */
void clock_set_at(int64_t at);

/* The environment variable TICKETPOST_NOW (RFC 3339, UTC) shifts the wall clock to that
 * time at start; it then runs on.  Read once by clock_init(); for simulations and golden
 * files. */
void clock_init(void);
