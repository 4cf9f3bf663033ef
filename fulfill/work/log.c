/*
 * log.c - key=value lines.
 */
#include "fulfill/work/log.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "queue/err.h"

static LogLevel level_max = LOG_WARNING;

void
log_level_set(LogLevel level)
{
	level_max = level;
}

static void
append_value(GString *line, const char *value)
{
	bool quote = *value == '\0' || strpbrk(value, " \"=\t") != NULL;

	if (quote)
		g_string_append_c(line, '"');
	for (; *value != '\0'; value++) {
		unsigned char c = (unsigned char)*value;

		if (c < 0x20 || c == 0x7f)
			g_string_append_printf(line, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			g_string_append_printf(line, "\\%c", c);
		else
			g_string_append_c(line, (char)c);
	}
	if (quote)
		g_string_append_c(line, '"');
}

void
log_event(LogLevel level, const char *event, ...)
{
	g_autoptr(GString) line = NULL;
	const char *key;
	va_list args;
	ssize_t n;

	if (level > level_max)
		return;
	line = g_string_new("");
	if (g_getenv("JOURNAL_STREAM") != NULL)
		g_string_append_printf(line, "<%d>", level);
	g_string_append_printf(line, "ev=%s", event);
	va_start(args, event);
	while ((key = va_arg(args, const char *)) != NULL) {
		const char *value = va_arg(args, const char *);

		if (value == NULL)
			continue;
		g_string_append_printf(line, " %s=", key);
		append_value(line, value);
	}
	va_end(args);
	g_string_append_c(line, '\n');
	/* One write: lines of several workers never mix. */
	n = write(STDERR_FILENO, line->str, line->len);
	(void)n;
}

void
log_error(const char *event, const GError *error)
{
	log_event(LOG_ERROR, event, "code", tp_error_name(error), "error", error->message,
	    NULL);
}
