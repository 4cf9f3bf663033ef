/*
 * letter_head.c - what stands around the text: letterhead, window, block, folds, foot.
 *
 * The window shows nothing but the return address, a remark and the recipient: an
 * envelope's window is smaller than the field, and a letter slides in it.
 */
#include <string.h>

#include "print/letter_private.h"
#include "print/words.h"

#define MARK_X_MM 4.5
#define FOLD_LENGTH_MM 4.5
#define PUNCH_LENGTH_MM 7.0
#define HAIR_PT 0.35
#define LOGO_WIDTH_MM 60.0
#define LOGO_HEIGHT_MM 15.0
#define LOGO_TOP_MM 6.0 /* printers reach no nearer to the edge */
#define RETURN_PITCH_MM 2.5
#define DOT " \xC2\xB7 "
#define ASCENT 0.95 /* of a line of type, in sizes */

static const TypeStyle name_style = { .role = FONT_BOLD, .size_pt = 16, .least_pt = 9 };
static const TypeStyle return_style = {
	.role = FONT_REGULAR, .size_pt = 8, .least_pt = 6, .colour = LETTER_SOFT
};
static const TypeStyle remark_style = {
	.role = FONT_BOLD, .size_pt = 8, .least_pt = 6, .colour = LETTER_INK
};
static const TypeStyle label_style = {
	.role = FONT_REGULAR, .size_pt = 7.5, .least_pt = 6, .colour = LETTER_SOFT
};
static const TypeStyle value_style = {
	.role = FONT_REGULAR, .size_pt = 9, .least_pt = 6.5, .colour = LETTER_INK
};
static const TypeStyle right_small = { .role = FONT_REGULAR,
	.size_pt = 7.5,
	.least_pt = 6,
	.colour = LETTER_SOFT,
	.align = TYPE_RIGHT };
static const TypeStyle mark_style = { .role = FONT_REGULAR,
	.size_pt = 6,
	.least_pt = 5,
	.colour = LETTER_SOFT,
	.align = TYPE_RIGHT };

/* On the bar, or the name in large type. */
static bool
logo_or_name(LetterFlow *flow, double y, GError **error)
{
	const LetterSender *s = flow->letter->sender;
	TypeStyle style = name_style;
	Box box = { .x = LETTER_LEFT_MM };

	style.colour = flow->accent;
	if (s->logo == NULL)
		return type_line(flow->pen, &style, LETTER_LEFT_MM, y,
		    LETTER_TEXT_MM * 0.72, "sender name", s->name, error);
	picture_fit(s->logo, LOGO_WIDTH_MM, MIN(LOGO_HEIGHT_MM, y + 1.6 - LOGO_TOP_MM),
	    &box.w, &box.h);
	box.y = y + 1.6 - box.h;
	pen_picture(flow->pen, box, s->logo);
	return true;
}

static bool
letterhead(LetterFlow *flow, GError **error)
{
	const LetterSender *s = flow->letter->sender;
	/* Form A leaves 27 mm for it, form B 45. */
	double y = flow->form.field.y * 0.5;
	Box bar = { LETTER_LEFT_MM, y + 3.2, LETTER_TEXT_MM, 0.7 };

	pen_fill(flow->pen, flow->accent, &bar, 1);
	return logo_or_name(flow, y, error) &&
	       type_line(flow->pen, &right_small, LETTER_LEFT_MM + LETTER_TEXT_MM * 0.74,
		   y, LETTER_TEXT_MM * 0.26, "sender web", s->web, error);
}

/* One line above the address, or two, the name on the first, where one is too short. */
static bool
return_address(LetterFlow *flow, double x, double y, double width, GError **error)
{
	const LetterSender *s = flow->letter->sender;
	g_autofree char *address = g_strjoinv(DOT, (char **)(uintptr_t)s->address);
	g_autofree char *line = g_strconcat(s->name, DOT, address, NULL);
	TypeStyle style = return_style;

	if (type_width((void *)(uintptr_t)flow->pen->fonts, line, style.least_pt) <=
	    width)
		return type_line(
		    flow->pen, &style, x, y, width, "return address", line, error);
	style.size_pt = style.least_pt;
	return type_line(flow->pen, &style, x, y - RETURN_PITCH_MM, width,
		   "return address", s->name, error) &&
	       type_line(
		   flow->pen, &style, x, y, width, "return address", address, error);
}

/* The upper zone of the field, filled from below. */
static bool
window_head(LetterFlow *flow, GError **error)
{
	const Box *zone = &flow->form.remarks;
	double width = address_window.width_mm;
	double y = box_bottom(*zone) - 2.4;

	if (flow->letter->remark != NULL && *flow->letter->remark != '\0') {
		if (!type_line(flow->pen, &remark_style, zone->x, y, width, "remark",
			flow->letter->remark, error))
			return false;
		y -= 4.4;
	}
	pen_line(
	    flow->pen, LETTER_HAIR, HAIR_PT, zone->x, y + 1.1, zone->x + width, y + 1.1);
	return return_address(flow, zone->x, y, width, error);
}

static bool
window_address(LetterFlow *flow, GError **error)
{
	const AddressBlock *to = flow->letter->to;
	const Box *zone = &flow->form.address;
	TypeStyle style = { .role = FONT_REGULAR, .colour = LETTER_INK };
	g_auto(AddressFit) fit = { .size_pt = 0 };

	if (!address_fit(to, &address_window, type_width,
		(void *)(uintptr_t)flow->pen->fonts, &fit, error))
		return false;
	style.size_pt = fit.size_pt;
	for (int i = 0; i < fit.block.n; i++)
		if (!type_line(flow->pen, &style, zone->x,
			zone->y + pt_to_mm(fit.size_pt) * ASCENT + i * fit.pitch_mm,
			address_window.width_mm, fit.block.fields[i], fit.block.lines[i],
			error))
			return false;
	return true;
}

static bool
info_block(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	g_autofree char *day = word_day(l->language, l->date != NULL ? l->date : "");
	/* Nothing about the order stands outside on a folded PIN letter. */
	bool is_private = l->kind == LETTER_PIN;
	/* clang-format off */
	const struct { Word label; const char *value; bool is_shown; } rows[] = {
		{ WORD_DATE,           day,               true },
		{ WORD_ORDER,          l->order,          !is_private },
		{ WORD_CUSTOMER,       l->customer,       !is_private },
		{ WORD_YOUR_REFERENCE, l->reference,      !is_private },
		{ WORD_CONTACT,        l->contact,        true },
		{ WORD_PHONE,          l->sender->phone,  true },
		{ WORD_EMAIL,          l->sender->email,  true },
	};
	/* clang-format on */
	const Box *box = &flow->form.info;
	double y = box->y + 3;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (!rows[i].is_shown || rows[i].value == NULL || *rows[i].value == '\0')
			continue;
		if (!type_line(flow->pen, &label_style, box->x, y, 23,
			"information block", word(l->language, rows[i].label), error) ||
		    !type_line(flow->pen, &value_style, box->x + 24, y, box->w - 24,
			"information block", rows[i].value, error))
			return false;
		y += 5;
	}
	return true;
}

static void
folds(LetterFlow *flow)
{
	/* clang-format off */
	const struct { double y, length; } marks[] = {
		{ flow->form.fold1_mm, FOLD_LENGTH_MM },
		{ LETTER_PUNCH_MM,     PUNCH_LENGTH_MM },
		{ flow->form.fold2_mm, FOLD_LENGTH_MM },
	};
	/* clang-format on */

	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
		pen_line(flow->pen, COLOUR_BLACK, HAIR_PT, MARK_X_MM, marks[i].y,
		    MARK_X_MM + marks[i].length, marks[i].y);
}

bool
letter_head(LetterFlow *flow, GError **error)
{
	folds(flow);
	return letterhead(flow, error) && window_head(flow, error) &&
	       window_address(flow, error) && info_block(flow, error);
}

bool
letter_next_head(LetterFlow *flow, GError **error)
{
	const LetterSender *s = flow->letter->sender;
	TypeStyle style = name_style;
	Box bar = { LETTER_LEFT_MM, 20.2, LETTER_TEXT_MM, 0.7 };

	style.size_pt = 10;
	style.least_pt = 7;
	style.colour = flow->accent;
	pen_fill(flow->pen, flow->accent, &bar, 1);
	return type_line(flow->pen, &style, LETTER_LEFT_MM, 17.5, LETTER_TEXT_MM,
	    "sender name", s->name, error);
}

/* A column of the foot: lines parted by line feeds. */
static bool
foot_column(LetterFlow *flow, double x, double width, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	double y = LETTER_FOOT_MM + 4;

	if (g_strv_length(lines) > 4)
		return err_set(error, TP_ERROR_INVALID,
		    "letter: a column of the foot has %u lines, the limit is 4",
		    g_strv_length(lines));
	for (char **line = lines; *line != NULL; line++) {
		if (!type_line(
			flow->pen, &letter_small, x, y, width, "foot", *line, error))
			return false;
		y += letter_small.pitch_mm;
	}
	return true;
}

static bool
foot_columns(LetterFlow *flow, GError **error)
{
	const LetterSender *s = flow->letter->sender;
	const char *columns[LETTER_FOOTERS];
	int n = 0;
	double width;

	for (int i = 0; i < LETTER_FOOTERS; i++)
		if (s->footers[i] != NULL && *s->footers[i] != '\0')
			columns[n++] = s->footers[i];
	if (n == 0)
		return true;
	width = LETTER_TEXT_MM / n;
	for (int i = 0; i < n; i++)
		if (!foot_column(
			flow, LETTER_LEFT_MM + i * width, width - 4, columns[i], error))
			return false;
	return true;
}

bool
letter_foot(LetterFlow *flow, GError **error)
{
	const Letter *l = flow->letter;
	g_autofree char *page = g_strdup_printf(
	    word(l->language, WORD_PAGE_OF), flow->page, MAX(flow->pages, flow->page));

	pen_line(flow->pen, LETTER_HAIR, HAIR_PT, LETTER_LEFT_MM, LETTER_FOOT_MM,
	    LETTER_LEFT_MM + LETTER_TEXT_MM, LETTER_FOOT_MM);
	if (flow->pages > 1 &&
	    !type_line(flow->pen, &right_small, LETTER_LEFT_MM, LETTER_FOOT_MM - 1.4,
		LETTER_TEXT_MM, "page number", page, error))
		return false;
	return foot_columns(flow, error) &&
	       type_line(flow->pen, &mark_style, LETTER_LEFT_MM, 292.2, LETTER_TEXT_MM,
		   "mark", l->mark, error);
}
