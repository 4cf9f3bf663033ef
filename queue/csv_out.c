/*
 * csv_out.c - quotes where they are needed, a ' where a spreadsheet would calculate.
 */
#include "queue/csv_out.h"

#include <stdbool.h>
#include <string.h>

#include "queue/err.h"

static bool
is_formula(const char *text)
{
	/* U+FF1D, U+FF0B, U+FF0D, U+FF20: full-width = + - @ */
	static const char *const wide[] = { "\xEF\xBC\x9D", "\xEF\xBC\x8B",
		"\xEF\xBC\x8D", "\xEF\xBC\xA0" };

	for (size_t i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(text, wide[i]))
			return true;
	return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

void
csv_out_text(GString *out, const char *text)
{
	bool guard = text != NULL && is_formula(text);

	if (text == NULL) {
		g_string_append_c(out, ',');
		return;
	}
	if (!guard && strpbrk(text, "\",;\r\n\t") == NULL) {
		g_string_append_printf(out, "%s,", text);
		return;
	}
	g_string_append(out, guard ? "\"'" : "\"");
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p);
	}
	g_string_append(out, "\",");
}

void
csv_out_number(GString *out, int64_t number)
{
	g_string_append_printf(out, "%" G_GINT64_FORMAT ",", number);
}

void
csv_out_end(GString *out)
{
	/* The comma behind the last field. */
	if (out->len == 0 || out->str[out->len - 1] != ',')
		BUG("a row without fields");
	g_string_truncate(out, out->len - 1);
	g_string_append(out, "\r\n");
}

void
csv_out_row(GString *out, const char *const *texts)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		csv_out_text(out, texts[i]);
	csv_out_end(out);
}
