/*
 * quote.c - foreign text inside an error message.
 */
#include "queue/quote.h"

#include <string.h>

static gboolean
is_showable(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_UNASSIGNED:
		return FALSE;
	default:
		return TRUE;
	}
}

char *
quote(const char *text)
{
	/* Four bytes a character at most, and one to know that there is more. */
	size_t length = strnlen(text != NULL ? text : "", 4 * QUOTE_CHARS + 4);
	g_autofree char *valid =
	    g_utf8_make_valid(text != NULL ? text : "", (gssize)length);
	GString *shown = g_string_sized_new(length);
	int n = 0;

	for (const char *c = valid; *c != '\0'; c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);

		if (n++ == QUOTE_CHARS) {
			g_string_append(shown, "...");
			break;
		}
		g_string_append_unichar(shown, is_showable(u) ? u : '?');
	}
	return g_string_free(shown, FALSE);
}
