/*
 * summary.h - order documents as one line a test row can hold.
 *
 *   SO-1: 1=CAD-PRO*3(days=30) 2=CAD-LT*1
 *   SO-2 cancel:
 *   SO-3: 1=CAD-PRO*0 | E_QUANTITY 1.quantity
 *
 * with "; " between orders; a document that cannot be read is its error's code.
 */
#pragma once

#include <glib.h>
#include <string.h>

#include "fulfill/intake/intake.h"

static inline void
summary_line(GString *out, const OrderLine *line)
{
	g_string_append_printf(out, " %s=%s*%d", line->line,
	    line->product != NULL ? line->product : "?", (int)line->quantity);
	for (guint i = 0; i < line->options->len; i++) {
		const OrderOption *option = g_ptr_array_index(line->options, i);
		g_autofree char *words =
		    option->words != NULL ? g_strjoinv("+", option->words) : NULL;

		g_string_append_c(out, i == 0 ? '(' : ',');
		if (words != NULL)
			g_string_append_printf(out, "%s=%s", option->name, words);
		else
			g_string_append_printf(
			    out, "%s=%d", option->name, (int)option->number);
	}
	if (line->options->len > 0)
		g_string_append_c(out, ')');
}

static inline void
summary_draft(GString *out, const OrderDraft *draft)
{
	g_string_append(out, draft->number != NULL ? draft->number : "?");
	if (draft->kind != ORDER_NEW)
		g_string_append_printf(out, " %s", order_kind_name(draft->kind));
	g_string_append_c(out, ':');
	for (guint i = 0; i < draft->lines->len; i++)
		summary_line(out, g_ptr_array_index(draft->lines, i));
	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *error = g_ptr_array_index(draft->errors, i);

		g_string_append_printf(out, " | %s", order_error_name(error->code));
		if (error->line != NULL || error->field != NULL)
			g_string_append_printf(out, " %s%s%s",
			    error->line != NULL ? error->line : "",
			    error->line != NULL ? "." : "",
			    error->field != NULL ? error->field : "");
	}
}

/* The caller frees.  `ret_text`, if not NULL, gets the text of the first error. */
static inline char *
summary_of(const void *bytes, size_t size, const IntakeHint *hint, char **ret_text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeDocument) document = intake_read_bytes(bytes, size, hint, &error);
	GString *out = g_string_new(NULL);

	if (document == NULL) {
		if (ret_text != NULL)
			*ret_text = g_strdup(error->message);
		g_string_append(out, order_error_name(order_error_of(error)));
		return g_string_free(out, FALSE);
	}
	for (guint i = 0; i < document->orders->len; i++) {
		const OrderDraft *draft = g_ptr_array_index(document->orders, i);

		if (i > 0)
			g_string_append(out, "; ");
		summary_draft(out, draft);
		if (ret_text != NULL && *ret_text == NULL && draft->errors->len > 0)
			*ret_text = g_strdup(
			    ((OrderError *)g_ptr_array_index(draft->errors, 0))->text);
	}
	return g_string_free(out, FALSE);
}
