/*
 * packlist_csv.c - the packing list for a spreadsheet or a shipping program.
 */
#include <string.h>

#include "print/packlist_private.h"

/* What a spreadsheet takes for the beginning of a formula (CVE-2021-41270 and its kin):
 * = + - @ TAB CR, and the full-width signs some of them fold into those. */
static bool
is_formula(const char *text)
{
	static const char *const wide[] = { "\xEF\xBC\x9D", "\xEF\xBC\x8B",
		"\xEF\xBC\x8D", "\xEF\xBC\xA0" };

	for (size_t i = 0; i < G_N_ELEMENTS(wide); i++)
		if (g_str_has_prefix(text, wide[i]))
			return true;
	return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

static void
add_field(GString *out, const char *text)
{
	bool guard = text != NULL && is_formula(text);

	if (text == NULL || *text == '\0')
		return;
	if (!guard && strpbrk(text, "\",;\r\n\t") == NULL) {
		g_string_append(out, text);
		return;
	}
	g_string_append(out, guard ? "\"'" : "\"");
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

static void
add_row(GString *out, const PackList *list, int i)
{
	const PackPiece *p = &list->pieces[i];
	const char *texts[] = { p->order, p->recipient, p->product, p->serial };

	add_field(out, list->batch);
	g_string_append_printf(out, ",%d,", i + 1);
	if (p->sheet > 0)
		g_string_append_printf(out, "%d,%d", p->sheet, p->place);
	else
		g_string_append_c(out, ',');
	for (size_t t = 0; t < G_N_ELEMENTS(texts); t++) {
		g_string_append_c(out, ',');
		add_field(out, texts[t]);
	}
	g_string_append_printf(
	    out, ",%d,%s\r\n", p->reprint, p->is_removed ? "remove" : "pack");
}

bool
packlist_csv(const PackList *list, GString *out, GError **error)
{
	if (!packlist_check(list, error))
		return false;
	g_string_append(out, "batch,number,sheet,place,order,recipient,product,serial,"
			     "reprint,action\r\n");
	for (int i = 0; i < list->n_pieces; i++)
		add_row(out, list, i);
	return true;
}
