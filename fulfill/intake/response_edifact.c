/*
 * response_edifact.c - ORDRSP of directory D.96A.
 */
#include "fulfill/intake/response_edifact.h"

#include <string.h>

#define FTX_CHARS 70 /* 4440, free text */
#define FTX_PARTS 5

typedef struct Ordrsp {
	GString *out;
	int segments; /* of the message, UNH and UNT with them */
} Ordrsp;

/* Appends `text` with the release character before what separates; line breaks and other
 * control characters become spaces. */
static void
put_text(GString *out, const char *text, int max)
{
	for (const char *p = text; p != NULL && *p != '\0' && max > 0;
	     p = g_utf8_next_char(p), max--) {
		gunichar c = g_utf8_get_char(p);

		if (c < ' ')
			c = ' ';
		if (c < 0x80 && strchr("'+:?", (int)c) != NULL)
			g_string_append_c(out, '?');
		g_string_append_unichar(out, c);
	}
}

static void
end(Ordrsp *o)
{
	g_string_append(o->out, "'\r\n");
	o->segments++;
}

/* TAG and elements as they are. */
static void G_GNUC_PRINTF(2, 3) put(Ordrsp *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(o->out, format, args);
	va_end(args);
	end(o);
}

/* A tag, one text, and what stands behind it. */
static void
put_with(Ordrsp *o, const char *before, const char *text, int max, const char *behind)
{
	g_string_append(o->out, before);
	put_text(o->out, text, max);
	g_string_append(o->out, behind);
	end(o);
}

/* 4451 AAO: why.  What does not fit into a segment is cut: the JSON beside has it all. */
static void
put_errors(Ordrsp *o, const json_t *errors)
{
	for (size_t i = 0; i < json_array_size(errors); i++) {
		g_autofree char *text = response_error_text(json_array_get(errors, i));
		const char *at = text;

		g_string_append(o->out, "FTX+AAO+++");
		for (int part = 0; part < FTX_PARTS && *at != '\0'; part++) {
			if (part > 0)
				g_string_append_c(o->out, ':');
			put_text(o->out, at, FTX_CHARS);
			for (int n = 0; n < FTX_CHARS && *at != '\0'; n++)
				at = g_utf8_next_char(at);
		}
		end(o);
	}
}

/* 1225: 29 accepted, 4 accepted with a change, 27 not accepted. */
static const char *const functions[] = {
	[RESPONSE_ACCEPTED] = "29",
	[RESPONSE_IN_PART] = "4",
	[RESPONSE_REJECTED] = "27",
};

/* 1229: 5 accepted, 7 not accepted. */
static void
put_line(Ordrsp *o, const OrderDraft *draft, const json_t *line)
{
	const OrderLine *ordered = response_line_of(draft, line);
	bool good = response_line_is_accepted(line);

	g_string_append(o->out, "LIN+");
	put_text(o->out, response_text(line, "line"), 6);
	g_string_append(o->out, good ? "+5" : "+7");
	if (ordered != NULL && ordered->product != NULL) {
		g_string_append_c(o->out, '+');
		put_text(o->out, ordered->product, 35);
		g_string_append(o->out, ":SA");
	}
	end(o);
	put(o, "QTY+21:%" G_GINT64_FORMAT ":PCE",
	    good && ordered != NULL ? ordered->quantity : 0);
	put_errors(o, json_object_get(line, "errors"));
}

static void
put_message(Ordrsp *o, const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today)
{
	json_t *lines = json_object_get(result, "lines");

	put(o, "UNH+1+ORDRSP:D:96A:UN");
	g_string_append(o->out, "BGM+231+");
	put_text(o->out, draft->number, 35);
	g_string_append_printf(o->out, "+%s", functions[response_verdict(result)]);
	end(o);
	put(o, "DTM+137:%.4s%.2s%.2s:102", today, today + 5, today + 8);
	put_errors(o, json_object_get(result, "errors"));
	put_with(o, "RFF+ON:", draft->number, 35, "");
	if (draft->party != NULL)
		put_with(o, "NAD+BY+", draft->party, 17, "::92");
	if (supplier != NULL)
		put_with(o, "NAD+SU++", supplier, 35, "");
	for (size_t i = 0; i < json_array_size(lines); i++)
		put_line(o, draft, json_array_get(lines, i));
	put(o, "UNS+S");
	put(o, "CNT+2:%zu", json_array_size(lines));
	put(o, "UNT+%d+1", o->segments + 1);
}

/* Up to 14 letters and digits, the same for the same order on the same day. */
static char *
reference(const OrderDraft *draft, const char *today)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%.2s%.2s%.2s", today + 2, today + 5, today + 8);
	for (const char *p = draft->number; *p != '\0' && text->len < 14; p++)
		if (g_ascii_isalnum(*p))
			g_string_append_c(text, *p);
	return g_string_free(text, FALSE);
}

char *
response_edifact(const OrderDraft *draft, const json_t *result, const char *supplier,
    const char *today, size_t *ret_size)
{
	Ordrsp o = { .out = g_string_new("UNA:+.? '\r\n") };
	g_autofree char *ref = reference(draft, today);
	g_autofree char *latin1 = NULL;

	/* Back to where it came from: sender and recipient change places. */
	g_string_append_printf(o.out, "UNB+UNOC:3+%s+%s+%.2s%.2s%.2s:0000+%s'\r\n",
	    draft->edi_recipient != NULL ? draft->edi_recipient : "TICKETPOST",
	    draft->edi_sender != NULL ? draft->edi_sender : "", today + 2, today + 5,
	    today + 8, ref);
	put_message(&o, draft, result, supplier, today);
	g_string_append_printf(o.out, "UNZ+1+%s'\r\n", ref);
	latin1 = g_convert_with_fallback(o.out->str, (gssize)o.out->len, "ISO-8859-1",
	    "UTF-8", ".", NULL, ret_size, NULL);
	g_string_free(o.out, TRUE);
	return g_steal_pointer(&latin1);
}
