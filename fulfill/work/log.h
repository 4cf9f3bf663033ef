/*
 * log.h - one event, one line, on stderr.
 *
 * Lines are key=value with `ev=` first, so that a ticket's life can be grepped; under
 * systemd each begins with its priority (<6>).  A value with blanks is quoted, control
 * characters are escaped.  Never a code, a key or a whole address list.
 */
#pragma once

#include <glib.h>

typedef enum LogLevel {
	LOG_ERROR = 3,
	LOG_WARNING = 4,
	LOG_INFO = 6,
	LOG_DEBUG = 7
} LogLevel;

/* Only lines up to this level are written; LOG_WARNING at first. */
void log_level_set(LogLevel level);

/* log_event(LOG_INFO, "mail.sent", "job", "17", "reply", text, NULL): pairs,
 * NULL-terminated; a pair whose value is NULL is left out. */
void log_event(LogLevel level, const char *event, ...) G_GNUC_NULL_TERMINATED;

/* The same with the error as `error=` (its text) and `code=`. */
void log_error(const char *event, const GError *error);
