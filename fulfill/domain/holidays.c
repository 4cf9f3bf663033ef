/*
 * holidays.c - the only door to libical.
 *
 * libical unfolds lines, undoes escapes and knows the forms of a date; what repeats is
 * expanded by rrule.h, for the reasons given there.
 */
#include "fulfill/domain/holidays.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libical/ical.h>

#include "fulfill/domain/rrule.h"
#include "queue/limits.h"
#include "queue/quote.h"

/* Nobody plans further, and a holiday without end must end somewhere. */
#define LAST_YEAR 2199

/* A calendar has events, which may have alarms: three.  libical frees its tree by
 * recursion, so a file of BEGIN lines alone would take the stack. */
#define MOST_DEPTH 8

struct Holidays {
	GHashTable *names; /* day number -> name */
	GStringChunk *texts;
	int added; /* days, also those that were holidays already */
};

void
holidays_free(Holidays *holidays)
{
	if (holidays == NULL)
		return;
	g_hash_table_unref(holidays->names);
	g_string_chunk_free(holidays->texts);
	g_free(holidays);
}

guint
holidays_count(const Holidays *holidays)
{
	return g_hash_table_size(holidays->names);
}

const char *
holidays_name(const Holidays *holidays, Day day)
{
	return g_hash_table_lookup(holidays->names, GINT_TO_POINTER(day.v + 1));
}

bool
holidays_next_working(const Holidays *holidays, Day day, Day *ret, GError **error)
{
	char buf[DAY_CHARS];

	for (int i = 0; i <= LIMIT_HOLIDAY_RUN_DAYS; i++) {
		Day next = day_add_days(day, i);

		if (day_weekday(next) <= 5 && holidays_name(holidays, next) == NULL) {
			*ret = next;
			return true;
		}
	}
	return err_set(error, TP_ERROR_INVALID,
	    "there is no working day within %d days of %s", LIMIT_HOLIDAY_RUN_DAYS,
	    day_format(day, buf));
}

/* ---- one event ---- */

typedef struct Event {
	icalcomponent *component;
	const char *name; /* kept in the chunk */
	Day first_day;
	int days; /* how many a single occurrence has */
} Event;

static bool
add_day(Holidays *holidays, const Event *event, Day day, GError **error)
{
	if (holidays->added++ >= LIMIT_HOLIDAY_DAYS)
		return err_set(error, TP_ERROR_INVALID, "there are more than %d holidays",
		    LIMIT_HOLIDAY_DAYS);
	/* The first keeps the day: an EXDATE of a later event must not take it. */
	if (holidays_name(holidays, day) == NULL)
		g_hash_table_insert(holidays->names, GINT_TO_POINTER(day.v + 1),
		    (void *)(uintptr_t)event->name);
	return true;
}

static bool
add_occurrence(Holidays *holidays, const Event *event, Day first, GError **error)
{
	for (int i = 0; i < event->days; i++)
		if (!add_day(holidays, event, day_add_days(first, i), error))
			return false;
	return true;
}

/* False when it is not a day of the calendar, as far back as calendars go. */
static bool
date_from_ical(struct icaltimetype time, GDate *ret)
{
	if (time.year < 1 || time.year > 9999 || time.month < 1 || time.month > 12 ||
	    time.day < 1 || time.day > days_in_month(time.year, time.month))
		return false;
	g_date_clear(ret, 1);
	g_date_set_dmy(
	    ret, (GDateDay)time.day, (GDateMonth)time.month, (GDateYear)time.year);
	return true;
}

static bool
day_from_ical(struct icaltimetype time, Day *ret, GError **error)
{
	GDate date;

	if (!date_from_ical(time, &date))
		return err_set(error, TP_ERROR_INVALID, "it has no day of the calendar");
	/* Which day an instant is, only a zone could say. */
	if (!time.is_date && icaltime_is_utc(time))
		return err_set(error, TP_ERROR_INVALID,
		    "it begins at a time in UTC, which is not a day");
	/* Calendars write 1601 or 1900 for "since ever"; 1972 has a 29 February. */
	return day_from_ymd(
	    time.year < 1970 ? 1972 : time.year, time.month, time.day, ret, error);
}

/* Days from the first to before the end of the event; the start has been looked at. */
static bool
event_length(Event *event, GError **error)
{
	struct icaltimetype start = icalcomponent_get_dtstart(event->component);
	/* From DTEND, or by DURATION. */
	struct icaltimetype end = icalcomponent_get_dtend(event->component);
	GDate first;
	GDate after;
	int days;

	event->days = 1;
	if (icaltime_is_null_time(end))
		return true;
	if (!date_from_ical(start, &first) || !date_from_ical(end, &after))
		return err_set(
		    error, TP_ERROR_INVALID, "it ends on no day of the calendar");
	days = g_date_days_between(&first, &after);
	if (!end.is_date && end.hour + end.minute + end.second > 0)
		days++;
	if (days > 366)
		return err_set(error, TP_ERROR_INVALID, "it lasts longer than a year");
	event->days = MAX(days, 1);
	return true;
}

static bool
add_repeats(Holidays *holidays, const Event *event, icalproperty *rrule, GError **error)
{
	g_autoptr(GArray) days = NULL;
	g_autoptr(Rule) rule = NULL;
	Day last = DAY_MAX;
	char *text = icalvalue_as_ical_string_r(icalproperty_get_value(rrule));
	/* A leap day is a holiday in leap years. */
	g_autofree char *full = g_strconcat(text != NULL ? text : "",
	    text != NULL && strstr(text, "SKIP=") == NULL ? ";SKIP=OMIT" : "", NULL);

	icalmemory_free_buffer(text);
	rule = rule_parse(full, error);
	if (rule == NULL)
		return false;
	if (!day_from_ymd(LAST_YEAR, 12, 31, &last, error))
		return false;
	days =
	    rule_days(rule, event->first_day, event->first_day, last, LIMIT_HOLIDAY_DAYS);
	for (guint i = 0; i < days->len; i++)
		if (!add_occurrence(holidays, event, g_array_index(days, Day, i), error))
			return false;
	return true;
}

/* Calls for each property of a kind that names one more day (or one less). */
static bool
for_each_date(
    Holidays *holidays, const Event *event, icalproperty_kind kind, GError **error)
{
	for (icalproperty *p = icalcomponent_get_first_property(event->component, kind);
	     p != NULL; p = icalcomponent_get_next_property(event->component, kind)) {
		struct icaltimetype time;
		Day day;

		if (kind == ICAL_EXDATE_PROPERTY) {
			time = icalproperty_get_exdate(p);
		} else {
			struct icaldatetimeperiodtype rdate = icalproperty_get_rdate(p);

			time = icaltime_is_null_time(rdate.time) ? rdate.period.start
								 : rdate.time;
		}
		if (!day_from_ical(time, &day, error))
			return false;
		if (kind == ICAL_RDATE_PROPERTY) {
			if (!add_occurrence(holidays, event, day, error))
				return false;
			continue;
		}
		/* What another event calls a holiday stays one. */
		for (int i = 0; i < event->days; i++)
			if (holidays_name(holidays, day_add_days(day, i)) == event->name)
				g_hash_table_remove(holidays->names,
				    GINT_TO_POINTER(day_add_days(day, i).v + 1));
	}
	return true;
}

static bool
add_event(Holidays *holidays, Event *event, GError **error)
{
	icalproperty *broken =
	    icalcomponent_get_first_property(event->component, ICAL_XLICERROR_PROPERTY);
	icalproperty *rrule =
	    icalcomponent_get_first_property(event->component, ICAL_RRULE_PROPERTY);
	struct icaltimetype start = icalcomponent_get_dtstart(event->component);

	if (broken != NULL) {
		g_autofree char *shown = quote(icalproperty_get_xlicerror(broken));

		return err_set(error, TP_ERROR_INVALID, "%s", shown);
	}
	if (!day_from_ical(start, &event->first_day, error) ||
	    !event_length(event, error))
		return false;
	if (rrule != NULL) {
		if (!add_repeats(holidays, event, rrule, error))
			return false;
	} else if (start.year >= 1970 &&
		   !add_occurrence(holidays, event, event->first_day, error)) {
		return false;
	}
	return for_each_date(holidays, event, ICAL_RDATE_PROPERTY, error) &&
	       for_each_date(holidays, event, ICAL_EXDATE_PROPERTY, error);
}

static bool
add_component(Holidays *holidays, icalcomponent *component, guint *events, GError **error)
{
	const char *summary = icalcomponent_get_summary(component);
	g_autofree char *shown = quote(summary);
	/* Not _insert_const: EXDATE tells events by the address of their name. */
	Event event = { .component = component,
		.name = g_string_chunk_insert(holidays->texts, shown) };

	(*events)++;
	if (icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED)
		return true;
	if (add_event(holidays, &event, error))
		return true;
	g_prefix_error(error, "event %u '%s': ", *events, shown);
	return false;
}

/* ---- the file ---- */

/* Whether the line begins with the property `name`. */
static bool
line_is(const char *line, size_t length, const char *name)
{
	size_t n = strlen(name);

	return length > n && g_ascii_strncasecmp(line, name, n) == 0 &&
	       (line[n] == ':' || line[n] == ';');
}

/* Bounds what the parser would believe, and refuses what it would print about. */
static bool
check_bytes(const char *bytes, size_t length, GError **error)
{
	int depth = 0;
	size_t n;

	if (length > LIMIT_HOLIDAY_FILE_BYTES)
		return err_set(error, TP_ERROR_INVALID, "it is longer than %d bytes",
		    LIMIT_HOLIDAY_FILE_BYTES);
	if (!g_utf8_validate(bytes, (gssize)length, NULL))
		return err_set(error, TP_ERROR_INVALID, "it is not UTF-8 text");
	for (size_t at = 0; at < length; at += n + 1) {
		const char *end = memchr(bytes + at, '\n', length - at);

		n = end != NULL ? (size_t)(end - bytes) - at : length - at;
		if (line_is(bytes + at, n, "BEGIN") && ++depth > MOST_DEPTH)
			return err_set(error, TP_ERROR_INVALID,
			    "it is nested more than %d deep", MOST_DEPTH);
		if (line_is(bytes + at, n, "END") && --depth < 0)
			break;
	}
	if (depth != 0)
		return err_set(
		    error, TP_ERROR_INVALID, "it is torn: BEGIN and END do not match");
	return true;
}

/* The calendars in `root`: itself, or what stands in the file side by side. */
static bool
add_calendars(Holidays *holidays, icalcomponent *root, guint *events, GError **error)
{
	if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
		for (icalcomponent *c =
			 icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT);
		     c != NULL;
		     c = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT))
			if (!add_component(holidays, c, events, error))
				return false;
		return true;
	}
	for (icalcomponent *c =
		 icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
	     c != NULL;
	     c = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
		if (!add_calendars(holidays, c, events, error))
			return false;
	return true;
}

Holidays *
holidays_parse(const char *bytes, size_t length, GError **error)
{
	g_autoptr(Holidays) holidays = NULL;
	g_autofree char *text = NULL;
	icalcomponent *root;
	guint events = 0;
	bool ok;

	if (!check_bytes(bytes, length, error))
		return NULL;
	/* By default libical aborts the program where its caller should hear of it. */
	icalerror_set_errors_are_fatal(false);
	text = g_strndup(bytes, length);
	root = icalparser_parse_string(text);
	if (root == NULL) {
		err_set(error, TP_ERROR_INVALID, "it is not an iCalendar file");
		return NULL;
	}
	holidays = g_new0(Holidays, 1);
	holidays->names = g_hash_table_new(NULL, NULL);
	holidays->texts = g_string_chunk_new(1024);
	ok = add_calendars(holidays, root, &events, error);
	icalcomponent_free(root);
	if (!ok)
		return NULL;
	if (events == 0) {
		err_set(error, TP_ERROR_INVALID, "it has no events (VEVENT)");
		return NULL;
	}
	return g_steal_pointer(&holidays);
}

/* The bytes of a file of at most LIMIT_HOLIDAY_FILE_BYTES + 1. */
static bool
read_bytes(int fd, GString *into, GError **error)
{
	while (into->len <= LIMIT_HOLIDAY_FILE_BYTES) {
		char buf[8192];
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n == 0)
			return true;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot read it");
		g_string_append_len(into, buf, n);
	}
	return true;
}

Holidays *
holidays_open(const char *path, GError **error)
{
	g_autoptr(GString) bytes = g_string_new(NULL);
	g_autoptr(Holidays) holidays = NULL;
	/* Not to hang on a pipe somebody put there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		err_errno(error, errno, "cannot open holidays '%s'", path);
		return NULL;
	}
	if (read_bytes(fd, bytes, error))
		holidays = holidays_parse(bytes->str, bytes->len, error);
	close(fd);
	if (holidays == NULL)
		g_prefix_error(error, "holidays '%s': ", path);
	return g_steal_pointer(&holidays);
}
