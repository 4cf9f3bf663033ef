/*
 * clock.c - wall and monotonic time.
 */
#include "queue/clock.h"

#include <glib.h>
#include <time.h>

static int64_t frozen_at;
static int64_t shift_us;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t
clock_now_at(void)
{
	return frozen_at != 0 ? frozen_at : read_clock(CLOCK_REALTIME) + shift_us;
}

int64_t
clock_turn_at(int64_t at)
{
	return frozen_at != 0 ? frozen_at : at + shift_us;
}

int64_t
clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
clock_set_at(int64_t at)
{
	frozen_at = at;
}

void
clock_init(void)
{
	const char *text = g_getenv("TICKETPOST_NOW");
	g_autoptr(GDateTime) when = NULL;

	if (text == NULL)
		return;
	when = g_date_time_new_from_iso8601(text, NULL);
	if (when != NULL)
		shift_us =
		    g_date_time_to_unix(when) * US_PER_S - read_clock(CLOCK_REALTIME);
}
