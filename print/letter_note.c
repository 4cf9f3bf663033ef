/*
 * letter_note.c - a delivery note: what is in the parcel, without what is worth stealing.
 */
#include <string.h>

#include "print/letter_private.h"
#include "print/words.h"

#define ROW_MM 6.6
#define RULE_PT 0.35

typedef enum NoteColumn {
	NOTE_POSITION,
	NOTE_PRODUCT,
	NOTE_TICKET,
	NOTE_CARD,
	NOTE_VALID
} NoteColumn;

/* clang-format off */
static const struct {
	Word head;
	double x, w; /* mm from the margin */
	FontRole role;
	double size;
} columns[] = {
	[NOTE_POSITION] = { WORD_POSITION,      0,    8, FONT_REGULAR, 9 },
	[NOTE_PRODUCT]  = { WORD_PRODUCT,       9,   62, FONT_REGULAR, 9 },
	[NOTE_TICKET]   = { WORD_TICKET,       73,   36, FONT_MONO,    8.5 },
	[NOTE_CARD]     = { WORD_CARD,        111,   29, FONT_REGULAR, 9 },
	[NOTE_VALID]    = { WORD_VALID_UNTIL, 142,   23, FONT_REGULAR, 9 },
};
/* clang-format on */

static void
rule(LetterFlow *flow, double y, Colour colour)
{
	pen_line(flow->pen, colour, RULE_PT, LETTER_LEFT_MM, y,
	    LETTER_LEFT_MM + LETTER_TEXT_MM, y);
}

static bool
head_row(LetterFlow *flow, GError **error)
{
	TypeStyle style = {
		.role = FONT_BOLD, .size_pt = 8, .least_pt = 6, .colour = flow->accent
	};

	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
		if (!type_line(flow->pen, &style, LETTER_LEFT_MM + columns[i].x,
			flow->y_mm + 4.2, columns[i].w, "table",
			word(flow->letter->language, columns[i].head), error))
			return false;
	flow->y_mm += ROW_MM;
	rule(flow, flow->y_mm, LETTER_INK);
	return true;
}

static bool
item_row(LetterFlow *flow, int i, GError **error)
{
	const LetterItem *item = &flow->letter->items[i];
	g_autofree char *position = g_strdup_printf("%d", i + 1);
	g_autofree char *valid =
	    word_day(flow->letter->language, item->valid != NULL ? item->valid : "");
	const char *texts[] = {
		[NOTE_POSITION] = position,
		[NOTE_PRODUCT] = item->product,
		[NOTE_TICKET] = item->masked,
		[NOTE_CARD] = item->serial,
		[NOTE_VALID] = valid,
	};

	/* A full code on a delivery note would be found by whoever opens the parcel. */
	if (item->masked == NULL || strchr(item->masked, '*') == NULL)
		return err_set(error, TP_ERROR_INVALID,
		    "letter: the ticket in row %d of a delivery note is not masked",
		    i + 1);
	for (size_t c = 0; c < G_N_ELEMENTS(columns); c++) {
		TypeStyle style = { .role = columns[c].role,
			.size_pt = columns[c].size,
			.least_pt = 5.5,
			.colour = LETTER_INK };

		if (!type_line(flow->pen, &style, LETTER_LEFT_MM + columns[c].x,
			flow->y_mm + 4.5, columns[c].w, word("en", columns[c].head),
			texts[c], error))
			return false;
	}
	flow->y_mm += ROW_MM;
	rule(flow, flow->y_mm, LETTER_HAIR);
	return true;
}

bool
letter_body_note(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	g_autofree char *subject = g_strdup_printf(
	    word(l->language, WORD_SUBJECT_NOTE), l->order != NULL ? l->order : "");

	g_strchomp(subject);
	if (!letter_opening(flow, subject, word(l->language, WORD_INTRO_NOTE), error))
		return false;
	letter_gap(flow, 4);
	if (!letter_need(flow, 3 * ROW_MM, error) || !head_row(flow, error))
		return false;
	for (int i = 0; i < l->n_items; i++) {
		int before = flow->page;

		if (!letter_need(flow, ROW_MM, error))
			return false;
		if (flow->page != before && !head_row(flow, error))
			return false;
		if (!item_row(flow, i, error))
			return false;
	}
	letter_gap(flow, 4);
	if (!letter_flow(
		flow, &letter_small, 0, "note", word(l->language, WORD_NO_CODES), error))
		return false;
	letter_gap(flow, 2);
	return letter_closing(flow, error);
}
