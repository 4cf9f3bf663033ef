/*
 * holidays.h - the days on which nobody works, from an iCalendar file (RFC 5545).
 *
 * Each VEVENT of the file is a holiday: the days from DTSTART to before DTEND (or
 * DURATION, or one day), repeated by RRULE through 2199, plus RDATE, less EXDATE; a
 * cancelled event is none.  Times of day are cut off, zones are ignored: a holiday is a
 * civil day.  Files of public offices and the exports of the usual calendars are of this
 * kind.
 *
 * The file belongs to the operator but is written by strangers: its size, depth and
 * number of days are bounded before it is believed (queue/limits.def, HOLIDAY_*).  The
 * only door to libical is here.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "queue/day.h"
#include "queue/err.h"

typedef struct Holidays Holidays;

/* Reads the file at `path`.  NULL: NOT_FOUND, DENIED or IO when it cannot be read;
 * INVALID when it is no calendar, has no event, or an event that cannot be understood,
 * which is named. */
Holidays *holidays_open(const char *path, GError **error) MUST_USE;

/* The same from memory. */
Holidays *holidays_parse(const char *bytes, size_t length, GError **error) MUST_USE;

void holidays_free(Holidays *holidays);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Holidays, holidays_free)

/* How many days are holidays. */
guint holidays_count(const Holidays *holidays);

/* What the file calls this holiday (its SUMMARY, made showable; "" without one), or NULL
 * when it is none.  Lives as long as `holidays`. */
const char *holidays_name(const Holidays *holidays, Day day);

/*
 * The first day from `day` on that is neither a holiday nor a Saturday or Sunday. INVALID
 * when there is none within LIMIT_HOLIDAY_RUN_DAYS: then the file is broken.
 */
bool holidays_next_working(
    const Holidays *holidays, Day day, Day *ret, GError **error) MUST_USE;
