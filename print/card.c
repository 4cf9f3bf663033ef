/*
 * card.c - placing and drawing a card.
 */
#include "print/card.h"

#include <math.h>
#include <string.h>

#include "print/card_text.h"
#include "print/fit.h"

#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define PAPER COLOUR_WHITE
#define ACCENT COLOUR_NONE /* stands for data->accent in the table */

#define EDGE_MM 2.6
#define PANEL_X_MM 8.0
#define PANEL_Y_MM 37.6
#define PANEL_HEIGHT_MM 8.2
#define PANEL_RADIUS_MM 1.2
#define RIGHT_MARGIN_MM 5.0
#define QR_SIDE_MM 25.0
#define QR_SIDE_MOST_MM 30.0
#define QR_GAP_MM 1.0 /* between text and quiet zone */
#define PILL_PAD_MM 1.6
#define PILL_TOP_MM 1.0
#define BANNER_FOOT_MM 0.7 /* its last baseline is in line with the label's */
#define LOGO_X_MM 8.0
#define LOGO_Y_MM 3.6
#define LOGO_HEIGHT_MM 6.6

typedef enum Align { LEFT, CENTRE, RIGHT } Align;

typedef struct Row {
	CardElement element;
	double x, y, w, bottom, follow, grow_w, grow_y, grow_b;
	FontRole role;
	double size, one, least;
	int lines;
	double leading, tracking;
	Align align;
	Colour colour;
} Row;

/* clang-format off */
static const Row table[] = {
#define ELEMENT(name, x, y, w, bottom, follow, grow_w, grow_y, grow_b, role, size, one, least, \
		lines, leading, tracking, align, colour) \
	{ CARD_##name, x, y, w, bottom, follow, grow_w, grow_y, grow_b, role, size, one, least, \
	  lines, leading, tracking, align, colour },
#include "print/card_layout.def"
#undef ELEMENT
};

static const char *const names[N_CARD_ELEMENTS] = {
#define ELEMENT(name, ...) [CARD_##name] = #name,
#include "print/card_layout.def"
#undef ELEMENT
	[CARD_EDGE] = "EDGE",
	[CARD_PANEL] = "PANEL",
	[CARD_PILL] = "PILL",
	[CARD_LOGO] = "LOGO",
	[CARD_QR] = "QR",
};
/* clang-format on */

const char *
card_element_name(CardElement element)
{
	return names[element];
}

void
card_layout_clear(CardLayout *layout)
{
	qr_free(layout->own_qr);
	for (int i = 0; i < N_CARD_ELEMENTS; i++)
		g_free(layout->own_texts[i]);
	*layout = (CardLayout){ .n_boxes = 0 };
}

const CardBox *
card_layout_find(const CardLayout *layout, CardElement element)
{
	for (int i = 0; i < layout->n_boxes; i++) {
		if (layout->boxes[i].element == element)
			return &layout->boxes[i];
	}
	return NULL;
}

static CardBox *
add_box(CardLayout *layout, CardElement element, Box box, Colour colour)
{
	CardBox *ret = &layout->boxes[layout->n_boxes++];

	*ret = (CardBox){ .element = element, .box = box, .style.colour = colour };
	return ret;
}

/* A module is a whole number of dots at 300 dpi too: with half a dot, one in a hundred
 * codes of a scanned or rendered sheet is missed. */
#define MODULE_STEP_MM (2 * DOT_MM)

/* The largest module of whole dots with which `modules` of them fit into `side_mm`. */
static double
snap_module(double side_mm, int modules)
{
	/* The tiny summand keeps 12.0 dots from becoming 11. */
	return floor(side_mm / modules / MODULE_STEP_MM + 1e-9) * MODULE_STEP_MM;
}

static bool
place_qr(const CardData *data, CardLayout *layout, GError **error)
{
	int modules;
	double side;

	layout->qr = data->qr;
	if (layout->qr == NULL) {
		layout->own_qr = data->qr_text != NULL
				     ? qr_encode(data->qr_text, QR_LEVEL_M, error)
				     : qr_encode(data->code, QR_LEVEL_Q, error);
		layout->qr = layout->own_qr;
	}
	if (layout->qr == NULL)
		return false;
	modules = layout->qr->size + 2 * QR_QUIET_MODULES;
	layout->module_mm = snap_module(QR_SIDE_MM, modules);
	if (layout->module_mm < CARD_MODULE_WANTED_MM)
		layout->module_mm = MIN(snap_module(QR_SIDE_MOST_MM, modules),
		    ceil(CARD_MODULE_WANTED_MM / MODULE_STEP_MM) * MODULE_STEP_MM);
	if (layout->module_mm < CARD_MODULE_LEAST_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "qr_text: %d modules are too many for a card; shorten the activation "
		    "URL",
		    layout->qr->size);
	side = layout->module_mm * modules;
	layout->qr_box =
	    (Box){ layout->width_mm - CARD_SAFE_MM - side, CARD_SAFE_MM, side, side };
	add_box(layout, CARD_QR, layout->qr_box, COLOUR_BLACK);
	return true;
}

/* In the place of the brand's name, as large as the room allows. */
static void
place_logo(const CardData *data, CardLayout *layout)
{
	Box box = { .x = LOGO_X_MM, .y = LOGO_Y_MM };

	if (data->logo == NULL)
		return;
	picture_fit(data->logo, layout->qr_box.x - QR_GAP_MM - LOGO_X_MM, LOGO_HEIGHT_MM,
	    &box.w, &box.h);
	box.y += (LOGO_HEIGHT_MM - box.h) / 2;
	layout->logo = data->logo;
	add_box(layout, CARD_LOGO, box, COLOUR_NONE);
}

/*
 * Sets one row's text.  `tight` is how much of the wanted size may be used: 1, or less
 * when the card is full.  `below` is the baseline of the text before.
 */
static bool
place_text(const FontSet *fonts, const CardData *data, const Row *row, const char *text,
    double tight, double below, CardLayout *layout, GError **error)
{
	double dw = layout->width_mm - ID1_WIDTH_MM;
	double dh = layout->height_mm - ID1_HEIGHT_MM;
	const CardBox *pill = card_layout_find(layout, CARD_PILL);
	double cap =
	    font_metrics(font_set_font(fonts, (int)row->role))->cap_height / 1000.0;
	double right = row->w > 0 ? row->x + row->w + dw * row->grow_w
				  : layout->qr_box.x - QR_GAP_MM;
	double top = row->y + dh * row->grow_y;
	double bottom = row->bottom + dh * row->grow_b;
	/* The column beside the QR code makes room, the rest has its own. */
	bool in_column = row->element >= CARD_PRODUCT && row->element <= CARD_COMPANY;
	double share = in_column ? tight : 1;
	double widest = 0;
	FitWish wish;
	Fit fit;
	CardBox *box;

	if (pill != NULL && in_column)
		bottom = MIN(bottom, pill->box.y - QR_GAP_MM / 2);
	if (row->element == CARD_LABEL && pill != NULL)
		right = pill->box.x - QR_GAP_MM;
	if (row->element == CARD_BANNER) {
		if (top - PILL_TOP_MM > box_bottom(layout->qr_box))
			right = layout->width_mm - RIGHT_MARGIN_MM;
		right -= PILL_PAD_MM;
		/* A second line grows upwards. */
		top -= pt_to_mm(row->one) * row->leading;
	}
	if (row->follow > 0)
		top = MAX(top, below + row->follow * share);
	wish = (FitWish){
		.role = row->role,
		.size_pt = MAX(row->size * share, row->least),
		.one_line_pt = MAX(row->one * share, row->least),
		.least_pt = row->least,
		.tracking = row->tracking / 1000,
		.leading = row->leading,
		.width_mm = right - row->x,
		.height_mm = bottom - top,
		.lines = MIN(row->lines, CARD_LINES_MAX),
	};
	if (!fit_text(fonts, &wish, text, &fit))
		return err_set(error, TP_ERROR_INVALID,
		    "%s: '%s' does not fit on a card of %.1f x %.1f mm",
		    names[row->element], text, layout->width_mm, layout->height_mm);
	if (row->element == CARD_BANNER)
		top = bottom - BANNER_FOOT_MM -
		      pt_to_mm(fit.size_pt) * (cap + (fit.n_lines - 1) * row->leading);
	box = add_box(layout, row->element, (Box){ 0 }, row->colour);
	if (row->colour == ACCENT)
		box->style.colour = data->accent != 0 ? data->accent : CARD_ACCENT;
	box->style.role = row->role;
	box->style.size_pt = fit.size_pt;
	box->style.tracking_pt = fit.size_pt * row->tracking / 1000;
	box->n_lines = fit.n_lines;
	for (int i = 0; i < fit.n_lines; i++) {
		double w = fit.lines[i].width_mm;
		double spare = right - row->x - w;

		widest = MAX(widest, w);
		box->lines[i] = (CardLine){
			.text = fit.lines[i].text,
			.bytes = fit.lines[i].bytes,
			.x_mm = row->x + (row->align == LEFT       ? 0
					     : row->align == RIGHT ? spare
								   : spare / 2),
			.y_mm = top + pt_to_mm(fit.size_pt) * (cap + i * row->leading),
		};
	}
	box->box = (Box){ box->lines[0].x_mm, top, widest,
		box->lines[fit.n_lines - 1].y_mm - top };
	for (int i = 1; i < fit.n_lines; i++)
		box->box.x = MIN(box->box.x, box->lines[i].x_mm);
	return true;
}

/* The coloured pill goes under the banner, so the two boxes change places. */
static void
add_pill(const CardData *data, CardLayout *layout)
{
	CardBox banner = layout->boxes[layout->n_boxes - 1];
	Box b = banner.box;
	Box pill = { b.x - PILL_PAD_MM, b.y - PILL_TOP_MM, b.w + 2 * PILL_PAD_MM,
		b.h + 2 * PILL_TOP_MM };

	layout->n_boxes--;
	add_box(layout, CARD_PILL, pill, data->accent != 0 ? data->accent : CARD_ACCENT);
	layout->boxes[layout->n_boxes++] = banner;
}

static bool
place_all(const FontSet *fonts, const CardData *data, const char *const *texts,
    double tight, CardLayout *layout, GError **error)
{
	double below = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		const Row *row = &table[i];

		if (texts[row->element] == NULL)
			continue;
		if (!place_text(fonts, data, row, texts[row->element], tight, below,
			layout, error))
			return false;
		below = box_bottom(layout->boxes[layout->n_boxes - 1].box);
		if (row->element == CARD_BANNER)
			add_pill(data, layout);
	}
	return true;
}

static bool
read_texts(const FontSet *fonts, const CardData *data, const char **texts,
    CardLayout *layout, GError **error)
{
	if (data->product == NULL || *data->product == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "%s: missing", names[CARD_PRODUCT]);
	if (data->code == NULL || *data->code == '\0')
		return err_set(error, TP_ERROR_INVALID, "%s: missing", names[CARD_CODE]);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		CardElement element = table[i].element;

		texts[element] = card_text(data, element, layout);
		if (texts[element] != NULL && !font_set_check(fonts, table[i].role,
						  texts[element], names[element], error))
			return false;
	}
	return true;
}

bool
card_layout(const FontSet *fonts, const CardData *data, double width_mm, double height_mm,
    CardLayout *ret, GError **error)
{
	/* How much smaller everything is set when it does not fit as designed. */
	static const double tightness[] = { 1, 0.9, 0.8, 0.7, 0.6 };
	g_auto(CardLayout) layout = { .width_mm = width_mm, .height_mm = height_mm };
	const char *texts[N_CARD_ELEMENTS] = { NULL };
	Colour accent = data->accent != 0 ? data->accent : CARD_ACCENT;
	int start;

	if (width_mm < CARD_WIDTH_MIN_MM || height_mm < CARD_HEIGHT_MIN_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "a card of %.1f x %.1f mm is too small; %.0f x %.0f are needed",
		    width_mm, height_mm, CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM);
	if (!read_texts(fonts, data, texts, &layout, error))
		return false;
	add_box(&layout, CARD_EDGE, (Box){ 0, 0, EDGE_MM, height_mm }, accent);
	add_box(&layout, CARD_PANEL,
	    (Box){ PANEL_X_MM, PANEL_Y_MM + height_mm - ID1_HEIGHT_MM,
		width_mm - PANEL_X_MM - RIGHT_MARGIN_MM, PANEL_HEIGHT_MM },
	    colour_tint(accent, 0.09));
	if (!place_qr(data, &layout, error))
		return false;
	place_logo(data, &layout);
	start = layout.n_boxes;
	for (size_t i = 0; i < G_N_ELEMENTS(tightness); i++) {
		bool last = i + 1 == G_N_ELEMENTS(tightness);

		layout.n_boxes = start;
		if (place_all(
			fonts, data, texts, tightness[i], &layout, last ? error : NULL)) {
			*ret = layout;
			/* What it owns has moved. */
			layout = (CardLayout){ .n_boxes = 0 };
			return true;
		}
	}
	return false;
}

void
card_draw(Pen *pen, const CardLayout *layout, double x_mm, double y_mm, CardBleed bleed)
{
	for (int i = 0; i < layout->n_boxes; i++) {
		const CardBox *b = &layout->boxes[i];
		Box box = { b->box.x + x_mm, b->box.y + y_mm, b->box.w, b->box.h };
		double quiet = QR_QUIET_MODULES * layout->module_mm;

		switch (b->element) {
		case CARD_EDGE:
			box = (Box){ x_mm - bleed.left, y_mm - bleed.top,
				box.w + bleed.left, box.h + bleed.top + bleed.bottom };
			pen_fill(pen, b->style.colour, &box, 1);
			break;
		case CARD_PANEL:
			pen_panel(
			    pen, box, PANEL_RADIUS_MM, b->style.colour, COLOUR_NONE, 0);
			break;
		case CARD_PILL:
			pen_panel(pen, box, box.h / 2, b->style.colour, COLOUR_NONE, 0);
			break;
		case CARD_LOGO:
			pen_picture(pen, box, layout->logo);
			break;
		case CARD_QR:
			pen_modules(pen, b->style.colour, box.x + quiet, box.y + quiet,
			    layout->module_mm, layout->qr->rects, layout->qr->n_rects);
			break;
		default:
			for (int j = 0; j < b->n_lines; j++)
				pen_text(pen, &b->style, x_mm + b->lines[j].x_mm,
				    y_mm + b->lines[j].y_mm, b->lines[j].text,
				    b->lines[j].bytes);
		}
	}
}

bool
card_page(Pen *pen, const CardData *data, double bleed_mm, GError **error)
{
	g_auto(CardLayout) layout = { .n_boxes = 0 };
	PenPage page = { .width_mm = ID1_WIDTH_MM + 2 * bleed_mm,
		.height_mm = ID1_HEIGHT_MM + 2 * bleed_mm };

	if (!card_layout(pen->fonts, data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &layout, error))
		return false;
	if (bleed_mm > 0) {
		page.trim = (Box){ bleed_mm, bleed_mm, ID1_WIDTH_MM, ID1_HEIGHT_MM };
		page.bleed = box_grown(page.trim, bleed_mm);
	}
	if (!pen_page(pen, &page, error))
		return false;
	card_draw(pen, &layout, bleed_mm, bleed_mm,
	    (CardBleed){ bleed_mm, bleed_mm, bleed_mm, bleed_mm });
	return true;
}

bool
card_pdf(
    Press *press, const CardData *data, double bleed_mm, GByteArray *out, GError **error)
{
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, out);

	return card_page(pen, data, bleed_mm, error) && pen_finish(pen, error);
}
