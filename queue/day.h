/*
 * day.h - civil days, and the one crossing between days and instants.
 *
 * Whatever people agree on (a term, a deadline, a statement month, a holiday) is a civil
 * day: a square on the calendar, without zone or hour.  Whatever machines do (send,
 * lease, commit) is an instant: UTC microseconds, in names that end in _at.  The two are
 * types of their own, and only the functions under "zones" turn one into the other,
 * because that takes a zone and a rule for the two odd nights of the year.  Storing the
 * end of a term as midnight UTC is the mistake this file exists to prevent: it ends the
 * term an hour or two early in Europe and half a day late in America.
 *
 * Days run from 1970-01-01 to 9999-12-31 (Gregorian calendar, ISO 8601).  Arithmetic
 * never overflows and never leaves this range: it stops at the ends, and 9999-12-31 is
 * what "for ever" means here.  Code to which the difference matters
 * (fulfill/domain/term.h) checks.
 *
 * Pure functions, safe in any thread; a GTimeZone may be shared between threads.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue/clock.h"
#include "queue/err.h"

/* Days since 1970-01-01.  A struct, so that a day cannot be passed for a number. */
typedef struct Day {
	int32_t v;
} Day;

#define DAY_MIN ((Day){ 0 })
#define DAY_MAX ((Day){ 2932896 }) /* 9999-12-31 */

typedef struct Ymd {
	int year;  /* 1970 to 9999 */
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
} Ymd;

/* ---- days ---- */

/* INVALID when the calendar has no such day; the text says whether year, month or day is
 * wrong. */
bool day_from_ymd(int year, int month, int day, Day *ret, GError **error) MUST_USE;
Ymd day_ymd(Day day);

bool year_is_leap(int year);
int days_in_month(int year, int month); /* month 1 to 12 */

int day_cmp(Day a, Day b); /* <0, 0, >0 */
Day day_min(Day a, Day b);
Day day_max(Day a, Day b);
int32_t day_diff(Day from, Day to); /* to - from; negative when `to` is earlier */

Day day_add_days(Day day, int64_t days);

/*
 * The same day of the month `months` later (or earlier, when negative); where that month
 * is too short, its last day (BGB 188 (3), and 188 (2) read backwards for notice
 * periods). Clamping forgets the day it started from: two steps of a month are not one
 * step of two. Always start from the anchor.
 */
Day day_add_months(Day day, int64_t months);

Day day_month_first(Day day);
Day day_month_last(Day day);
int day_weekday(Day day); /* ISO 8601: 1 Monday to 7 Sunday */

/* ---- days as text ---- */

#define DAY_CHARS 11 /* with the NUL */

/* Exactly "YYYY-MM-DD" in ASCII digits: no blanks, no signs, nothing after it.  INVALID
 * else. */
bool day_parse(const char *text, Day *ret, GError **error) MUST_USE;

/* Fills and returns `buf`, "2026-11-24". */
char *day_format(Day day, char buf[DAY_CHARS]);

/* Exactly "YYYY-MM"; the first day of that month. */
bool day_parse_month(const char *text, Day *ret, GError **error) MUST_USE;

/* For people: de "24.11.2026", en "24 November 2026"; "de-AT" reads as de, a language
 * without a row in the table gives "2026-11-24".  `language` may be NULL.  The caller
 * frees. */
char *day_format_people(Day day, const char *language) G_GNUC_WARN_UNUSED_RESULT;

/* "08:30" or "08:30:15" as seconds after midnight, 0 to 86399. */
bool daytime_parse(const char *text, int *ret_s, GError **error) MUST_USE;

/* ---- zones ---- */

/*
 * The zone of an IANA name, "Europe/Berlin", from the system's tzdata.  CONFIG when there
 * is none, and for everything that is not a plain name (offsets, POSIX rules, paths):
 * such a zone would know no daylight saving time, or another machine would not know it.
 *
 * Unref with g_time_zone_unref(), or hold it in g_autoptr(GTimeZone).
 */
GTimeZone *zone_open(const char *name, GError **error) MUST_USE;

/* The civil day on which `at` falls there. */
Day day_of(int64_t at, GTimeZone *zone);

/* The civil day it is there now, by clock_now_at(). */
Day day_today(GTimeZone *zone);

/*
 * The instant at which a clock on the wall there shows `daytime_s` (seconds after
 * midnight, 0 to 86399) on `day` (RFC 5545 3.3.5):
 *
 *   the hour that spring leaves out   read with the offset before the gap, so 02:30 on
 *                                     2027-03-28 in Berlin is 03:30 CEST = 01:30Z
 *   the hour that autumn repeats      the first one: 02:30 on 2027-10-31 is 00:30Z
 */
int64_t day_time_at(Day day, int daytime_s, GTimeZone *zone);

/* The first instant of `day` there, and the first instant that no longer belongs to it: a
 * term that is valid through `day` is valid while now < day_end_at(day).  Where clocks go
 * back across midnight the day ends at its second midnight. */
int64_t day_start_at(Day day, GTimeZone *zone);
int64_t day_end_at(Day day, GTimeZone *zone);

/* ---- instants as text ---- */

#define AT_CHARS 33 /* with the NUL */

/* RFC 3339 5.6 in UTC, "2026-11-24T10:20:30Z", with six decimals if any is not zero. */
char *at_format(int64_t at, char buf[AT_CHARS]);

/* The same as a clock on the wall there shows it: "2026-11-24T11:20:30+01:00". */
char *at_format_local(int64_t at, GTimeZone *zone, char buf[AT_CHARS]);

/* RFC 3339 5.6 with any offset and up to nine decimals (cut off after six).  Leap seconds
 * are refused: the clock we compare with has none. */
bool at_parse(const char *text, int64_t *ret_at, GError **error) MUST_USE;
