/*
 * letter_pin.c - a letter whose code is inside when it is folded.
 *
 * Folded in three with the address outside (C-fold), the upper third is all that shows:
 * there stand sender, address and date.  Everything else begins below the first fold, and
 * no code is crossed by the second one.
 */
#include "print/letter_private.h"
#include "print/qr_box.h"
#include "print/words.h"

#define FOLD_CLEAR_MM 6.0 /* text below a fold, whatever a folding machine does */
#define BLOCK_HEIGHT_MM 34.0
#define BLOCK_GAP_MM 4.0
#define PAD_MM 3.0
#define CODE_SIZE_PT 15.0
#define CODE_LEAST_PT 11.0

static const TypeStyle product_style = {
	.role = FONT_BOLD, .size_pt = 11, .least_pt = 7, .colour = LETTER_INK
};
/* "NFR - not for resale" */
static const TypeStyle banner_style = {
	.role = FONT_BOLD, .size_pt = 8, .least_pt = 6, .colour = LETTER_INK
};
static const TypeStyle detail_style = {
	.role = FONT_REGULAR, .size_pt = 8.5, .least_pt = 6, .colour = LETTER_SOFT
};
static const TypeStyle code_style = { .role = FONT_MONO,
	.size_pt = CODE_SIZE_PT,
	.least_pt = CODE_LEAST_PT,
	.colour = LETTER_INK };

/* "valid until 31.12.2026 · Card 2026-004711" */
static char *
details(const Letter *letter, const CardData *card)
{
	const char *language = letter->language;
	GString *s = g_string_new(NULL);

	if (card->valid != NULL && *card->valid != '\0') {
		g_autofree char *day = word_day(language, card->valid);

		g_string_append_printf(s, "%s %s", word(language, WORD_VALID_UNTIL), day);
	}
	if (card->serial != NULL && *card->serial != '\0')
		g_string_append_printf(s, "%s%s %s", s->len > 0 ? " \xC2\xB7 " : "",
		    word(language, WORD_CARD), card->serial);
	if (card->reprint > 0) {
		g_string_append(s, s->len > 0 ? " \xC2\xB7 " : "");
		g_string_append_printf(s, word(language, WORD_REPRINT), card->reprint);
	}
	return g_string_free(s, FALSE);
}

static bool
draw_qr(LetterFlow *flow, const CardData *card, Box box, GError **error)
{
	g_autoptr(Qr) own = NULL;
	const Qr *qr = card->qr;

	if (qr == NULL) {
		own = card->qr_text != NULL ? qr_encode(card->qr_text, QR_LEVEL_M, error)
					    : qr_encode(card->code, QR_LEVEL_Q, error);
		qr = own;
	}
	if (qr == NULL)
		return false;
	pen_panel(flow->pen, box, 0, COLOUR_WHITE, COLOUR_NONE, 0);
	return qr_box(flow->pen, qr, box, CARD_MODULE_LEAST_MM, error);
}

static bool
draw_block(LetterFlow *flow, const CardData *card, GError **error)
{
	Box box = { LETTER_LEFT_MM, flow->y_mm, LETTER_TEXT_MM, BLOCK_HEIGHT_MM };
	double side = BLOCK_HEIGHT_MM - 2 * PAD_MM;
	Box qr = { box_right(box) - PAD_MM - side, box.y + PAD_MM, side, side };
	double x = box.x + PAD_MM + 2;
	double w = qr.x - 4 - x;
	g_autofree char *text = details(flow->letter, card);

	if (card->product == NULL || *card->product == '\0' || card->code == NULL ||
	    *card->code == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "letter: a ticket without product or code");
	pen_panel(flow->pen, box, 1.5, colour_tint(flow->accent, 0.08), COLOUR_NONE, 0);
	pen_fill(flow->pen, flow->accent, &(Box){ box.x, box.y, 1.2, box.h }, 1);
	return draw_qr(flow, card, qr, error) &&
	       type_line(flow->pen, &product_style, x, box.y + 8, w, "product",
		   card->product, error) &&
	       type_line(flow->pen, &banner_style, x, box.y + 12.5, w, "banner",
		   card->banner, error) &&
	       type_line(flow->pen, &code_style, x, box.y + 19.5, w, "code", card->code,
		   error) &&
	       type_line(
		   flow->pen, &detail_style, x, box.y + 28.5, w, "ticket", text, error);
}

/* No block across the second fold of the first page. */
static void
clear_fold(LetterFlow *flow)
{
	double fold = flow->form.fold2_mm;

	if (flow->page == 1 && flow->y_mm < fold + FOLD_CLEAR_MM &&
	    flow->y_mm + BLOCK_HEIGHT_MM > fold - 2)
		flow->y_mm = fold + FOLD_CLEAR_MM;
}

bool
letter_body_pin(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	double end;

	flow->y_mm = MAX(flow->y_mm, flow->form.fold1_mm + FOLD_CLEAR_MM);
	if (!letter_opening(flow, word(l->language, WORD_SUBJECT_PIN),
		word(l->language, WORD_INTRO_PIN), error))
		return false;
	letter_gap(flow, 5);
	for (int i = 0; i < l->n_cards; i++) {
		clear_fold(flow);
		if (!letter_need(flow, BLOCK_HEIGHT_MM, error) ||
		    !draw_block(flow, &l->cards[i], error))
			return false;
		flow->y_mm += BLOCK_HEIGHT_MM + BLOCK_GAP_MM;
	}
	letter_gap(flow, 2);
	if (!letter_need(flow, 38, error) ||
	    !letter_steps(flow, LETTER_LEFT_MM, flow->y_mm, LETTER_TEXT_MM, &end, error))
		return false;
	flow->y_mm = end + 2;
	return letter_closing(flow, error);
}
