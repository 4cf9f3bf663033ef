/*
 * card_back.c - brand, advice, addresses, serial, all about the middle.
 */
#include "print/card_back.h"

#include "print/pen_record.h"
#include "print/type.h"
#include "print/words.h"

#define EDGE_MM 2.6
#define MARGIN_MM 8.0
#define LOGO_Y_MM 5.0
#define LOGO_W_MM 46.0
#define LOGO_H_MM 12.0
#define NAME_Y_MM 13.5
#define TEXT_Y_MM 23.5
#define ASK_MM 9.6    /* its baseline, from the lower edge */
#define SERIAL_MM 4.6 /* likewise */
#define ROOM_MM 1.6   /* between the text and what is below */
#define INK 0x111111u
#define SOFT 0x5A5A5Au

static const TypeStyle name_style = {
	.role = FONT_BOLD, .size_pt = 13, .least_pt = 7, .align = TYPE_CENTRE
};
static const TypeStyle text_style = { .role = FONT_REGULAR,
	.size_pt = 7,
	.colour = INK,
	.align = TYPE_CENTRE,
	.pitch_mm = 3.3 };
static const TypeStyle ask_style = {
	.role = FONT_BOLD, .size_pt = 7, .least_pt = 5, .align = TYPE_CENTRE
};
static const TypeStyle serial_style = { .role = FONT_REGULAR,
	.size_pt = 5.5,
	.least_pt = 5,
	.colour = SOFT,
	.align = TYPE_CENTRE };

static bool
is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

static bool
brand(Pen *pen, const CardData *data, Box box, Colour accent, GError **error)
{
	TypeStyle style = name_style;
	Box logo;

	if (data->logo == NULL) {
		style.colour = accent;
		return type_line(pen, &style, box.x + MARGIN_MM, box.y + NAME_Y_MM,
		    box.w - 2 * MARGIN_MM, "BRAND", data->brand, error);
	}
	picture_fit(data->logo, LOGO_W_MM, LOGO_H_MM, &logo.w, &logo.h);
	logo.x = box.x + (box.w - logo.w) / 2;
	logo.y = box.y + LOGO_Y_MM + (LOGO_H_MM - logo.h) / 2;
	pen_picture(pen, logo, data->logo);
	return true;
}

static bool
texts(Pen *pen, const CardData *data, Box box, Colour accent, GError **error)
{
	double x = box.x + MARGIN_MM;
	double w = box.w - 2 * MARGIN_MM;
	double foot = box_bottom(box) - ASK_MM - ROOM_MM - text_style.size_pt * MM_PER_PT;
	TypeStyle ask = ask_style;
	g_autofree char *where =
	    is_set(data->web) && is_set(data->email)
		? g_strdup_printf("%s \xC2\xB7 %s", data->web, data->email)
		: g_strdup(is_set(data->web) ? data->web : data->email);
	double end;

	ask.colour = accent;
	if (!type_text(pen, &text_style, x, box.y + TEXT_Y_MM, w, "back",
		is_set(data->back) ? data->back : word(data->language, WORD_CARD_BACK),
		&end, error))
		return false;
	if (end > foot)
		return err_set(error, TP_ERROR_INVALID,
		    "back: its text is too long for a card of %.1f x %.1f mm", box.w,
		    box.h);
	return type_line(
		   pen, &ask, x, box_bottom(box) - ASK_MM, w, "back", where, error) &&
	       type_line(pen, &serial_style, x, box_bottom(box) - SERIAL_MM, w, "SERIAL",
		   data->serial, error);
}

bool
card_back_draw(Pen *pen, const CardData *data, Box box, CardBleed bleed, bool strip_right,
    GError **error)
{
	Colour accent = data->accent != 0 ? data->accent : CARD_ACCENT;
	double beyond = strip_right ? bleed.right : bleed.left;
	Box strip = { strip_right ? box_right(box) - EDGE_MM : box.x - beyond,
		box.y - bleed.top, EDGE_MM + beyond, box.h + bleed.top + bleed.bottom };

	pen_fill(pen, accent, &strip, 1);
	return brand(pen, data, box, accent, error) &&
	       texts(pen, data, box, accent, error);
}

bool
card_back_check(const FontSet *fonts, const CardData *data, double width_mm,
    double height_mm, GError **error)
{
	g_autoptr(Pen) blank = pen_blank_new(fonts);
	Box box = { 0, 0, width_mm, height_mm };

	return card_back_draw(blank, data, box, (CardBleed){ 0 }, false, error);
}
