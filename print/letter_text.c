/*
 * letter_text.c - sentences: opening, steps, closing.
 */
#include "print/letter_private.h"
#include "print/words.h"

#define PARAGRAPH_MM 2.6
#define STEP_INDENT_MM 6.0

static const TypeStyle step_text = {
	.role = FONT_REGULAR,
	.size_pt = 9,
	.colour = LETTER_INK,
	.pitch_mm = 4.2,
};

bool
letter_opening(LetterFlow *flow, const char *subject, const char *intro, GError **error)
{
	const Letter *l = flow->letter;
	const char *const only_intro[] = { intro, NULL };
	const char *const *paragraphs =
	    l->paragraphs != NULL ? l->paragraphs : only_intro;
	g_autofree char *greeting =
	    l->greeting != NULL && *l->greeting != '\0'
		? g_strdup_printf(word(l->language, WORD_GREETING), l->greeting)
		: g_strdup(word(l->language, WORD_GREETING_FIRM));

	if (!letter_flow(flow, &letter_bold, 0, "subject",
		l->subject != NULL ? l->subject : subject, error))
		return false;
	letter_gap(flow, 4);
	if (!letter_flow(flow, &letter_body, 0, "greeting", greeting, error))
		return false;
	for (; *paragraphs != NULL; paragraphs++) {
		letter_gap(flow, PARAGRAPH_MM);
		if (!letter_flow(flow, &letter_body, 0, "cover text", *paragraphs, error))
			return false;
	}
	return true;
}

bool
letter_closing(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	const LetterSender *s = l->sender;
	const char *at = s->email != NULL && *s->email != '\0' ? s->email : s->phone;

	if (at != NULL && *at != '\0') {
		g_autofree char *text =
		    g_strdup_printf(word(l->language, WORD_QUESTIONS), at);

		letter_gap(flow, PARAGRAPH_MM);
		if (!letter_flow(flow, &letter_body, 0, "contact", text, error))
			return false;
	}
	letter_gap(flow, PARAGRAPH_MM);
	if (!letter_need(flow, 2 * letter_body.pitch_mm + 1, error) ||
	    !letter_flow(
		flow, &letter_body, 0, "closing", word(l->language, WORD_CLOSING), error))
		return false;
	letter_gap(flow, 1);
	if (!letter_flow(flow, &letter_body, 0, "sender name", s->name, error))
		return false;
	if (l->privacy == NULL || *l->privacy == '\0')
		return true;
	letter_gap(flow, PARAGRAPH_MM);
	return letter_flow(flow, &letter_small, 0, "privacy notice", l->privacy, error);
}

bool
letter_steps(LetterFlow *flow, double x_mm, double y_mm, double width_mm,
    double *ret_y_mm, GError **error)
{
	const Letter *l = flow->letter;
	bool has_url = l->activate_at != NULL && *l->activate_at != '\0';
	g_autofree char *open =
	    has_url ? g_strdup_printf(word(l->language, WORD_STEP_OPEN), l->activate_at)
		    : g_strdup(word(l->language, WORD_STEP_PORTAL));
	const char *texts[] = { open, word(l->language, WORD_STEP_TYPE),
		word(l->language, WORD_STEP_KEEP) };
	TypeStyle number = step_text;
	TypeStyle head = letter_bold;
	double y = y_mm + 3.4;

	head.size_pt = 10;
	head.colour = number.colour = flow->accent;
	number.role = FONT_BOLD;
	if (!type_line(flow->pen, &head, x_mm, y, width_mm, "steps",
		word(l->language, WORD_STEPS), error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		char figure[2] = { (char)('1' + i), '\0' };

		y += step_text.pitch_mm + 1.8;
		if (!type_line(flow->pen, &number, x_mm, y, STEP_INDENT_MM, "steps",
			figure, error) ||
		    !type_text(flow->pen, &step_text, x_mm + STEP_INDENT_MM, y,
			width_mm - STEP_INDENT_MM, "steps", texts[i], &y, error))
			return false;
	}
	*ret_y_mm = y + step_text.pitch_mm - 2.8;
	return true;
}
