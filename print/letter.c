/*
 * letter.c - pages and the flow of text; which body a kind of letter has.
 *
 * Looking for the letterhead, the address or the folds?  letter_head.c.  For sentences?
 * letter_text.c.  For cards, PIN or delivery note?  letter_cards.c, letter_pin.c,
 * letter_note.c.
 */
#include "print/letter.h"

#include <string.h>

#include "print/letter_private.h"
#include "print/pen_record.h"

const TypeStyle letter_body = {
	.role = FONT_REGULAR,
	.size_pt = 10,
	.colour = LETTER_INK,
	.pitch_mm = 4.7,
};
const TypeStyle letter_bold = {
	.role = FONT_BOLD,
	.size_pt = 11,
	.colour = LETTER_INK,
	.pitch_mm = 5.2,
};
const TypeStyle letter_small = {
	.role = FONT_REGULAR,
	.size_pt = 7.5,
	.least_pt = 6,
	.colour = LETTER_SOFT,
	.pitch_mm = 3.4,
};

/* clang-format off */
static const struct {
	const char *name;
	bool (*body)(LetterFlow *flow, GError **error);
} kinds[] = {
	[LETTER_CARDS] = { "cards", letter_body_cards },
	[LETTER_PIN]   = { "pin",   letter_body_pin },
	[LETTER_NOTE]  = { "note",  letter_body_note },
};
/* clang-format on */

const char *
letter_kind_name(LetterKind kind)
{
	return kinds[kind].name;
}

bool
letter_kind_from_name(const char *name, LetterKind *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		*ret = (LetterKind)i;
		return true;
	}
	return false;
}

bool
letter_page(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	PenPage page = {
		.width_mm = LETTER_WIDTH_MM,
		.height_mm = LETTER_HEIGHT_MM,
		.shift_x_mm = l->shift_x_mm,
		.shift_y_mm = l->shift_y_mm,
		.scale = l->scale,
	};

	if (!pen_page(flow->pen, &page, error))
		return false;
	flow->page++;
	flow->y_mm = flow->page == 1 ? flow->form.text_y_mm : LETTER_NEXT_MM;
	flow->bottom_mm = LETTER_FOOT_MM - 5;
	if (flow->page == 1 ? !letter_head(flow, error) : !letter_next_head(flow, error))
		return false;
	return letter_foot(flow, error);
}

void
letter_gap(LetterFlow *flow, double mm)
{
	flow->y_mm += mm;
}

bool
letter_need(LetterFlow *flow, double mm, GError **error)
{
	return flow->y_mm + mm <= flow->bottom_mm || letter_page(flow, error);
}

/* From the top of a line to its baseline. */
static double
ascent_mm(const TypeStyle *style)
{
	return pt_to_mm(style->size_pt) * 0.75 +
	       (style->pitch_mm - pt_to_mm(style->size_pt)) / 2;
}

bool
letter_flow(LetterFlow *flow, const TypeStyle *style, double indent_mm, const char *what,
    const char *text, GError **error)
{
	g_auto(TypeLines) lines = { 0 };
	double measure = LETTER_TEXT_MM - indent_mm;

	if (!type_break(flow->pen->fonts, style, measure, what, text, &lines, error))
		return false;
	for (guint i = 0; i < lines.lines->len; i++) {
		if (!letter_need(flow, style->pitch_mm, error))
			return false;
		type_broken(flow->pen, style, LETTER_LEFT_MM + indent_mm,
		    flow->y_mm + ascent_mm(style), measure, &lines, i);
		flow->y_mm += style->pitch_mm;
	}
	return true;
}

static bool
check(const Letter *l, GError **error)
{
	const LetterSender *s = l->sender;

	if (s->name == NULL || *s->name == '\0')
		return err_set(error, TP_ERROR_INVALID, "letter: sender has no name");
	if (s->address == NULL || s->address[0] == NULL)
		return err_set(error, TP_ERROR_INVALID, "letter: sender has no address");
	if (l->to == NULL || l->to->n == 0)
		return err_set(
		    error, TP_ERROR_INVALID, "letter: recipient has no address");
	if (l->kind == LETTER_NOTE ? l->n_items < 1 : l->n_cards < 1)
		return err_set(
		    error, TP_ERROR_INVALID, "letter: there is nothing to send");
	if (l->n_cards > LIMIT_LETTER_CARDS || l->n_items > LIMIT_LETTER_CARDS)
		return err_set(error, TP_ERROR_INVALID,
		    "letter: %d cards in one letter, the limit is %d",
		    MAX(l->n_cards, l->n_items), LIMIT_LETTER_CARDS);
	return true;
}

/* Lays the letter out on a pen that remembers. */
static Pen *
record(Pen *pen, const Letter *letter, int *pages, GError **error)
{
	g_autoptr(Pen) ret = pen_record_new(pen->fonts);
	LetterFlow flow = {
		.pen = ret,
		.letter = letter,
		.accent =
		    letter->sender->accent != 0 ? letter->sender->accent : CARD_ACCENT,
		.pages = *pages,
	};

	if (!letter_form_get(
		letter->form != NULL ? letter->form : "din5008-b", &flow.form, error) ||
	    !letter_page(&flow, error) || !kinds[letter->kind].body(&flow, error))
		return NULL;
	*pages = flow.page;
	return g_steal_pointer(&ret);
}

bool
letter_draw(Pen *pen, const Letter *letter, int *ret_pages, GError **error)
{
	g_autoptr(Pen) first = NULL;
	g_autoptr(Pen) second = NULL;
	int pages = 0;

	if (!check(letter, error))
		return false;
	first = record(pen, letter, &pages, error);
	if (first == NULL)
		return false;
	if (pages > 1) {
		/* "page 1 of 3" is known only now. */
		second = record(pen, letter, &pages, error);
		if (second == NULL)
			return false;
	}
	if (!pen_record_play(second != NULL ? second : first, pen, error))
		return false;
	*ret_pages = pages;
	return true;
}
