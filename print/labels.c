/*
 * labels.c - one label, and labels page after page.
 */
#include "print/labels.h"

#include "print/pen_record.h"
#include "print/qr_box.h"
#include "print/sheet_marks.h"
#include "print/type.h"

#define PAD_MOST_MM 4.0
#define PAD_SHARE 0.08        /* of the label's height, on low ones */
#define SENDER_HEIGHT_MM 30.0 /* lower labels have no room for the sender */
#define SENDER_MM 5.0
#define QR_MOST_MM 16.0
#define SERIAL_MM 3.0
#define GAP_MM 2.0
#define MODULE_LEAST_MM 0.33
#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define HAIR 0xB4B4B4u
#define HAIR_PT 0.3
#define ASCENT 0.95 /* of a line of type, in sizes */

static const TypeStyle sender_style = {
	.role = FONT_REGULAR, .size_pt = 6.5, .least_pt = 5, .colour = SOFT
};
static const TypeStyle serial_style = { .role = FONT_REGULAR,
	.size_pt = 6.5,
	.least_pt = 4.5,
	.colour = SOFT,
	.align = TYPE_CENTRE };

struct Labels {
	Pen *pen;
	SheetPlan plan;
	const char *sender;
	int n_labels;
	int n_added;
	int page; /* pages begun */
};

static bool
has(const char *text)
{
	return text != NULL && *text != '\0';
}

/* The serial at the right: code above, text below; *area becomes what is left. */
static bool
draw_serial(Pen *pen, const char *serial, Box *area, GError **error)
{
	g_autoptr(Qr) qr = qr_encode(serial, QR_LEVEL_M, error);
	double side = MIN(QR_MOST_MM, area->h - SERIAL_MM);
	double x = box_right(*area) - side;
	double y = area->y + (area->h - side - SERIAL_MM) / 2;

	if (qr == NULL)
		return false;
	area->w -= side + GAP_MM;
	return qr_box(pen, qr, (Box){ x, y, side, side }, MODULE_LEAST_MM, error) &&
	       type_line(pen, &serial_style, x - 1, y + side + SERIAL_MM - 0.8, side + 2,
		   "serial", serial, error);
}

static bool
draw_sender(Pen *pen, const char *sender, Box *area, GError **error)
{
	double y = area->y + SENDER_MM - 2.6;

	pen_line(pen, HAIR, HAIR_PT, area->x, y + 1, box_right(*area), y + 1);
	if (!type_line(pen, &sender_style, area->x, y, area->w, "sender", sender, error))
		return false;
	area->y += SENDER_MM;
	area->h -= SENDER_MM;
	return true;
}

static bool
draw_address(Pen *pen, const AddressBlock *to, Box area, GError **error)
{
	AddressFrame frame = { "label", area.w, area.h, 10.5, 7 };
	TypeStyle style = { .role = FONT_REGULAR, .colour = INK };
	g_auto(AddressFit) fit = { .size_pt = 0 };
	double y;

	if (!address_fit(
		to, &frame, type_width, (void *)(uintptr_t)pen->fonts, &fit, error))
		return false;
	style.size_pt = fit.size_pt;
	y = area.y + (area.h - fit.block.n * fit.pitch_mm) / 2;
	for (int i = 0; i < fit.block.n; i++)
		if (!type_line(pen, &style, area.x,
			y + pt_to_mm(fit.size_pt) * ASCENT + i * fit.pitch_mm, area.w,
			fit.block.fields[i], fit.block.lines[i], error))
			return false;
	return true;
}

static bool
draw_label(Pen *pen, const Stock *stock, const char *sender, const Label *label, double x,
    double y, GError **error)
{
	double w = stock->label_w_mm, h = stock->label_h_mm;
	double pad = MIN(PAD_MOST_MM, h * PAD_SHARE);
	Box area = box_grown((Box){ x, y, w, h }, -pad);

	if (label->to == NULL || label->to->n == 0)
		return err_set(error, TP_ERROR_INVALID, "label: there is no address");
	/* Labels that touch the edge of the page: no printer reaches it. */
	area.w -= MAX(0, PAD_MOST_MM + 1 - area.x);
	area.x = MAX(area.x, PAD_MOST_MM + 1);
	area.w = MIN(area.w, stock->page_w_mm - PAD_MOST_MM - 1 - area.x);
	if (has(sender) && h >= SENDER_HEIGHT_MM &&
	    !draw_sender(pen, sender, &area, error))
		return false;
	if (has(label->serial) && w >= LABEL_QR_WIDTH_MM && h >= LABEL_QR_HEIGHT_MM &&
	    !draw_serial(pen, label->serial, &area, error))
		return false;
	return draw_address(pen, label->to, area, error);
}

bool
labels_check(const FontSet *fonts, const Stock *stock, const char *sender,
    const Label *label, GError **error)
{
	g_autoptr(Pen) blank = pen_blank_new(fonts);

	return draw_label(blank, stock, sender, label, stock->x0_mm, stock->y0_mm, error);
}

Labels *
labels_begin(
    Pen *pen, const SheetPlan *plan, const char *sender, int n_labels, GError **error)
{
	Labels *labels;

	if (!sheet_slots_check(plan, error) || !sheet_marks_check(pen, plan, error))
		return NULL;
	if (n_labels <= 0) {
		err_set(error, TP_ERROR_INVALID, "no labels to print");
		return NULL;
	}
	labels = g_new0(Labels, 1);
	labels->pen = pen;
	labels->plan = *plan;
	labels->sender = sender;
	labels->n_labels = n_labels;
	return labels;
}

void
labels_free(Labels *labels)
{
	g_free(labels);
}

bool
labels_add(Labels *labels, const Label *label, GError **error)
{
	g_autoptr(Pen) record = pen_record_new(labels->pen->fonts);
	const Stock *stock = labels->plan.stock;
	int page, slot;
	double x, y;

	if (labels->n_added == labels->n_labels)
		return err_set(error, TP_ERROR_INVALID,
		    "more than the %d labels announced", labels->n_labels);
	sheet_place(&labels->plan, labels->n_added, &page, &slot);
	stock_slot(stock, slot, &x, &y);
	if (!draw_label(record, stock, labels->sender, label, x, y, error))
		return false;
	if (page == labels->page) {
		if (!sheet_page(labels->pen, &labels->plan, error))
			return false;
		labels->page++;
		sheet_marks_draw(labels->pen, &labels->plan, labels->page,
		    sheet_pages(&labels->plan, labels->n_labels));
	}
	labels->n_added++;
	return pen_record_play(record, labels->pen, error);
}

bool
labels_end(Labels *labels, GError **error)
{
	if (labels->n_added != labels->n_labels)
		return err_set(error, TP_ERROR_INVALID,
		    "%d of the %d labels announced came", labels->n_added,
		    labels->n_labels);
	return pen_finish(labels->pen, error);
}
