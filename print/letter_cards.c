/*
 * letter_cards.c - a letter with cards to cut out.
 *
 * One or two cards lie in the lowest third, where neither fold crosses them; beside a
 * single one stand the steps.  More cards follow on pages of eight.  A cover text that
 * runs into the lowest third sends all cards to the pages behind.
 */
#include "print/letter_private.h"
#include "print/pen_record.h"
#include "print/words.h"

#define FOLD_GAP_MM 8.0 /* from the second fold to the cards */
#define TEXT_GAP_MM 5.0 /* from the text to the cards */
#define GUTTER_MM 6.0   /* between cards */
#define COLUMNS 2
#define ROWS 4
#define OUTLINE_PT 0.4

static const TypeStyle cut_style = {
	.role = FONT_REGULAR, .size_pt = 6.5, .least_pt = 5, .colour = LETTER_SOFT
};

static bool
draw_card(LetterFlow *flow, const CardData *data, double x, double y, GError **error)
{
	g_auto(CardLayout) layout = { .n_boxes = 0 };

	if (!card_layout(
		flow->pen->fonts, data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &layout, error))
		return false;
	card_draw(flow->pen, &layout, x, y, (CardBleed){ 0, 0, 0, 0 });
	/* After the card: its coloured strip must not hide the line. */
	pen_panel(flow->pen, (Box){ x, y, ID1_WIDTH_MM, ID1_HEIGHT_MM }, 0, COLOUR_NONE,
	    LETTER_HAIR, OUTLINE_PT);
	return true;
}

/* A pair of scissors if there is one among the fonts, and what to do with them. */
static bool
cut_hint(LetterFlow *flow, double x, double y, GError **error)
{
	static const char scissors[] = "\xE2\x9C\x82  ";
	const char *text = word(flow->letter->language, WORD_CUT_OUT);
	bool has = font_set_pick(flow->pen->fonts, FONT_REGULAR, 0x2702) >= 0;
	g_autofree char *hint = g_strconcat(has ? scissors : "", text, NULL);

	return type_line(flow->pen, &cut_style, x, y, ID1_WIDTH_MM, "cards", hint, error);
}

/* The left edge of column `i` of `n`. */
static double
column_x(int i, int n)
{
	double all = n * ID1_WIDTH_MM + (n - 1) * GUTTER_MM;

	return n == 1 ? LETTER_LEFT_MM
		      : (LETTER_WIDTH_MM - all) / 2 + i * (ID1_WIDTH_MM + GUTTER_MM);
}

static bool
card_pages(LetterFlow *flow, const CardData *cards, int n, GError **error)
{
	for (int i = 0; i < n; i++) {
		int slot = i % (COLUMNS * ROWS);
		double x = column_x(slot % COLUMNS, COLUMNS);
		double y =
		    LETTER_NEXT_MM - 4 + slot / COLUMNS * (ID1_HEIGHT_MM + GUTTER_MM);

		if (slot == 0 &&
		    (!letter_page(flow, error) || !cut_hint(flow, x, y - 1.4, error)))
			return false;
		if (!draw_card(flow, &cards[i], x, y, error))
			return false;
	}
	return true;
}

/* How far the text goes down the page when there is no end to it: laid out with a pen
 * that is thrown away. */
static bool
measure(LetterFlow *flow, bool (*lay)(LetterFlow *flow, GError **error), double *ret_mm,
    GError **error)
{
	g_autoptr(Pen) scratch = pen_blank_new(flow->pen->fonts);
	LetterFlow trial = *flow;

	trial.pen = scratch;
	trial.bottom_mm = 1e9;
	if (!pen_page(scratch,
		&(PenPage){ .width_mm = LETTER_WIDTH_MM, .height_mm = LETTER_HEIGHT_MM },
		error) ||
	    !lay(&trial, error))
		return false;
	*ret_mm = trial.y_mm;
	return true;
}

static bool
opening(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	g_autofree char *subject =
	    l->n_cards == 1
		? g_strdup_printf(
		      word(l->language, WORD_SUBJECT_ONE), l->cards[0].product)
		: g_strdup_printf(word(l->language, WORD_SUBJECT_MANY), l->n_cards);
	g_autofree char *intro =
	    l->n_cards == 1
		? g_strdup(word(l->language, WORD_INTRO_ONE))
		: g_strdup_printf(word(l->language, WORD_INTRO_MANY), l->n_cards);

	return letter_opening(flow, subject, intro, error);
}

static bool
steps_in_text(LetterFlow *flow, GError **error)
{
	double end;

	letter_gap(flow, 5);
	/* A column is not broken: it goes to the next page whole. */
	if (!letter_need(flow, 38, error) ||
	    !letter_steps(flow, LETTER_LEFT_MM, flow->y_mm, LETTER_TEXT_MM, &end, error))
		return false;
	flow->y_mm = end;
	letter_gap(flow, 2);
	return true;
}

static bool
text_with_steps(LetterFlow *flow, GError **error)
{
	return opening(flow, error) && steps_in_text(flow, error) &&
	       letter_closing(flow, error);
}

static bool
text_alone(LetterFlow *flow, GError **error)
{
	return opening(flow, error) && letter_closing(flow, error);
}

/* Beside a single card there is a column for the steps, if they fit into it.  A word too
 * wide for it is a reason for the wide column; whatever else is wrong shows there too. */
static bool
steps_fit_beside(const LetterFlow *flow, double x, double width)
{
	g_autoptr(Pen) scratch = pen_blank_new(flow->pen->fonts);
	LetterFlow trial = *flow;
	double end;

	trial.pen = scratch;
	return letter_steps(&trial, x, 0, width, &end, NULL) && end <= ID1_HEIGHT_MM;
}

bool
letter_body_cards(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	double cards_y = flow->form.fold2_mm + FOLD_GAP_MM;
	double beside_x = LETTER_LEFT_MM + ID1_WIDTH_MM + 7;
	double beside_w = LETTER_LEFT_MM + LETTER_TEXT_MM - beside_x;
	bool (*lay)(LetterFlow *, GError **) = text_with_steps;
	bool beside = l->n_cards == 1 && steps_fit_beside(flow, beside_x, beside_w);
	double end;
	int n = MIN(l->n_cards, COLUMNS);

	if (beside)
		lay = text_alone;
	if (!measure(flow, lay, &end, error))
		return false;
	if (end + TEXT_GAP_MM > cards_y)
		return text_with_steps(flow, error) &&
		       card_pages(flow, l->cards, l->n_cards, error);
	if (!lay(flow, error))
		return false;
	for (int i = 0; i < n; i++)
		if (!draw_card(flow, &l->cards[i], column_x(i, n), cards_y, error))
			return false;
	if (!cut_hint(flow, column_x(0, n), cards_y - 1.4, error))
		return false;
	if (beside && !letter_steps(flow, beside_x, cards_y, beside_w, &end, error))
		return false;
	return card_pages(flow, l->cards + n, l->n_cards - n, error);
}
