/*
 * sheet.c - which card goes where.
 */
#include "print/sheet.h"

#include "print/card_back.h"
#include "print/pen_record.h"
#include "print/sheet_marks.h"

struct Sheet {
	Pen *pen;
	SheetPlan plan;
	int n_cards;
	int n_added;
	int page;   /* pages begun */
	Pen *backs; /* records those of the page; NULL: none */
};

static bool
is_void(const SheetPlan *plan, int slot)
{
	for (int i = 0; i < plan->n_voids; i++) {
		if (plan->voids[i] == slot)
			return true;
	}
	return false;
}

/* Slots from `from` on that take a card. */
static int
count_free(const SheetPlan *plan, int from)
{
	int n = 0;

	for (int slot = from; slot < stock_slots(plan->stock); slot++)
		n += !is_void(plan, slot);
	return n;
}

void
sheet_card_size(const Stock *stock, double *ret_w_mm, double *ret_h_mm)
{
	*ret_w_mm = MIN(stock->label_w_mm, SHEET_CARD_MOST_W_MM);
	*ret_h_mm = MIN(stock->label_h_mm, SHEET_CARD_MOST_H_MM);
}

bool
sheet_slots_check(const SheetPlan *plan, GError **error)
{
	int slots = stock_slots(plan->stock);

	if (!stock_check(plan->stock, error))
		return false;
	if (plan->start_slot < 0 || plan->start_slot >= slots)
		return err_set(error, TP_ERROR_INVALID,
		    "start slot %d; stock '%s' has 1 to %d", plan->start_slot + 1,
		    plan->stock->name, slots);
	for (int i = 0; i < plan->n_voids; i++) {
		if (plan->voids[i] < 0 || plan->voids[i] >= slots)
			return err_set(error, TP_ERROR_INVALID,
			    "void slot %d; stock '%s' has 1 to %d", plan->voids[i] + 1,
			    plan->stock->name, slots);
	}
	if (count_free(plan, 0) == 0)
		return err_set(error, TP_ERROR_INVALID,
		    "every slot of stock '%s' is void", plan->stock->name);
	if (!(plan->bleed_mm >= 0 && plan->bleed_mm <= SHEET_BLEED_MOST_MM))
		return err_set(error, TP_ERROR_INVALID,
		    "bleed of %g mm; 0 to %g are possible", plan->bleed_mm,
		    SHEET_BLEED_MOST_MM);
	if (!(ABS(plan->shift_x_mm) <= SHEET_SHIFT_MOST_MM &&
		ABS(plan->shift_y_mm) <= SHEET_SHIFT_MOST_MM))
		return err_set(error, TP_ERROR_INVALID,
		    "printer shift of %g, %g mm; at most %g are possible",
		    plan->shift_x_mm, plan->shift_y_mm, SHEET_SHIFT_MOST_MM);
	if (!(ABS(plan->back_shift_x_mm) <= SHEET_SHIFT_MOST_MM &&
		ABS(plan->back_shift_y_mm) <= SHEET_SHIFT_MOST_MM))
		return err_set(error, TP_ERROR_INVALID,
		    "shift of backs of %g, %g mm; at most %g are possible",
		    plan->back_shift_x_mm, plan->back_shift_y_mm, SHEET_SHIFT_MOST_MM);
	if (plan->scale != 0 &&
	    !(plan->scale >= SHEET_SCALE_LEAST && plan->scale <= SHEET_SCALE_MOST))
		return err_set(error, TP_ERROR_INVALID,
		    "printer scale of %g; %g to %g are possible", plan->scale,
		    SHEET_SCALE_LEAST, SHEET_SCALE_MOST);
	return true;
}

bool
sheet_plan_check(const SheetPlan *plan, GError **error)
{
	double w, h;

	if (!stock_check(plan->stock, error))
		return false;
	sheet_card_size(plan->stock, &w, &h);
	if (w < CARD_WIDTH_MIN_MM || h < CARD_HEIGHT_MIN_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "labels of stock '%s' are %.1f x %.1f mm; a card needs %.0f x %.0f",
		    plan->stock->name, w, h, CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM);
	return sheet_slots_check(plan, error);
}

void
sheet_place(const SheetPlan *plan, int i, int *ret_page, int *ret_slot)
{
	int first = count_free(plan, plan->start_slot);
	int each = count_free(plan, 0);
	int page = 0;
	int left = i; /* free slots to pass over on that page */
	int slot = plan->start_slot;

	if (i >= first) {
		page = 1 + (i - first) / each;
		left = (i - first) % each;
		slot = 0;
	}
	for (;; slot++) {
		if (!is_void(plan, slot) && left-- == 0)
			break;
	}
	/* The start slot may be the last one and void: then there is no first page. */
	*ret_page = first == 0 ? page - 1 : page;
	*ret_slot = slot;
}

int
sheet_pages(const SheetPlan *plan, int n)
{
	int page, slot;

	if (n <= 0)
		return 0;
	sheet_place(plan, n - 1, &page, &slot);
	return page + 1;
}

Sheet *
sheet_begin(Pen *pen, const SheetPlan *plan, int n_cards, GError **error)
{
	Sheet *sheet;

	if (!sheet_plan_check(plan, error) || !sheet_marks_check(pen, plan, error))
		return NULL;
	if (n_cards <= 0) {
		err_set(error, TP_ERROR_INVALID, "no cards to print");
		return NULL;
	}
	sheet = g_new0(Sheet, 1);
	sheet->pen = pen;
	sheet->plan = *plan;
	sheet->n_cards = n_cards;
	return sheet;
}

void
sheet_free(Sheet *sheet)
{
	if (sheet == NULL)
		return;
	pen_free(sheet->backs);
	g_free(sheet);
}

int
sheet_sides(const SheetPlan *plan)
{
	return plan->back == SHEET_BACK_NONE ? 1 : 2;
}

/* Paper that is turned about an upright edge changes left and right. */
static bool
turns_sideways(const SheetPlan *plan)
{
	const Stock *s = plan->stock;

	return (plan->back == SHEET_BACK_LONG) == (s->page_h_mm >= s->page_w_mm);
}

Box
sheet_behind(const SheetPlan *plan, Box box)
{
	if (turns_sideways(plan))
		box.x = plan->stock->page_w_mm - box_right(box);
	else
		box.y = plan->stock->page_h_mm - box_bottom(box);
	return box;
}

static bool
begin_page(Pen *pen, const SheetPlan *plan, bool is_back, GError **error)
{
	const Stock *stock = plan->stock;
	PenPage page = {
		.width_mm = stock->page_w_mm,
		.height_mm = stock->page_h_mm,
		.shift_x_mm = plan->shift_x_mm + (is_back ? plan->back_shift_x_mm : 0),
		.shift_y_mm = plan->shift_y_mm + (is_back ? plan->back_shift_y_mm : 0),
		.scale = plan->scale,
	};

	if (plan->bleed_mm > 0) {
		page.trim = sheet_grid(stock);
		if (is_back)
			page.trim = sheet_behind(plan, page.trim);
		page.bleed = box_grown(page.trim, plan->bleed_mm);
	}
	return pen_page(pen, &page, error);
}

bool
sheet_page(Pen *pen, const SheetPlan *plan, GError **error)
{
	return begin_page(pen, plan, false, error);
}

bool
sheet_back_page(Pen *pen, const SheetPlan *plan, GError **error)
{
	return begin_page(pen, plan, true, error);
}

static int
all_pages(const Sheet *sheet)
{
	return sheet_pages(&sheet->plan, sheet->n_cards);
}

/* Ends a page of fronts: its other side. */
static bool
put_backs(Sheet *sheet, GError **error)
{
	if (sheet->backs == NULL)
		return true;
	if (!sheet_back_page(sheet->pen, &sheet->plan, error))
		return false;
	sheet_marks_back(sheet->pen, &sheet->plan, sheet->page, all_pages(sheet));
	if (!pen_record_play(sheet->backs, sheet->pen, error))
		return false;
	g_clear_pointer(&sheet->backs, pen_free);
	return true;
}

/* Begins a page of fronts. */
static bool
put_fronts(Sheet *sheet, GError **error)
{
	if (!put_backs(sheet, error) || !sheet_page(sheet->pen, &sheet->plan, error))
		return false;
	sheet->page++;
	sheet_marks_draw(sheet->pen, &sheet->plan, sheet->page, all_pages(sheet));
	if (sheet->plan.back != SHEET_BACK_NONE)
		sheet->backs = pen_record_new(sheet->pen->fonts);
	return true;
}

/* Colour may reach half-way to the neighbour, or to the page's edge. */
static CardBleed
bleed_at(const SheetPlan *plan, int slot, Box card)
{
	const Stock *s = plan->stock;
	int col = slot % s->cols;
	int row = slot / s->cols;
	double gap_x = MAX(s->dx_mm - card.w, 0) / 2;
	double gap_y = MAX(s->dy_mm - card.h, 0) / 2;

	return (CardBleed){
		.left = MIN(plan->bleed_mm, col == 0 ? card.x : gap_x),
		.top = MIN(plan->bleed_mm, row == 0 ? card.y : gap_y),
		.right = MIN(plan->bleed_mm,
		    col == s->cols - 1 ? s->page_w_mm - box_right(card) : gap_x),
		.bottom = MIN(plan->bleed_mm,
		    row == s->rows - 1 ? s->page_h_mm - box_bottom(card) : gap_y),
	};
}

/* The slot of the next card, on a page that is begun. */
static bool
next_slot(Sheet *sheet, int *ret_slot, GError **error)
{
	int page;

	if (sheet->n_added == sheet->n_cards)
		return err_set(error, TP_ERROR_INVALID,
		    "more than the %d cards announced", sheet->n_cards);
	sheet_place(&sheet->plan, sheet->n_added, &page, ret_slot);
	if (page == sheet->page && !put_fronts(sheet, error))
		return false;
	sheet->n_added++;
	return true;
}

bool
sheet_skip(Sheet *sheet, GError **error)
{
	int slot;

	return next_slot(sheet, &slot, error);
}

static bool
add_back(Sheet *sheet, const CardData *data, Box card, CardBleed bleed, GError **error)
{
	bool sideways = turns_sideways(&sheet->plan);
	CardBleed behind =
	    sideways ? (CardBleed){ bleed.right, bleed.top, bleed.left, bleed.bottom }
		     : (CardBleed){ bleed.left, bleed.bottom, bleed.right, bleed.top };

	return card_back_draw(sheet->backs, data, sheet_behind(&sheet->plan, card),
	    behind, sideways, error);
}

bool
sheet_add(Sheet *sheet, const CardData *data, GError **error)
{
	const Stock *stock = sheet->plan.stock;
	g_auto(CardLayout) layout = { .n_boxes = 0 };
	CardBleed bleed;
	int slot;
	Box card;

	sheet_card_size(stock, &card.w, &card.h);
	if (!card_layout(sheet->pen->fonts, data, card.w, card.h, &layout, error) ||
	    !next_slot(sheet, &slot, error))
		return false;
	stock_slot(stock, slot, &card.x, &card.y);
	card.x += (stock->label_w_mm - card.w) / 2;
	card.y += (stock->label_h_mm - card.h) / 2;
	bleed = bleed_at(&sheet->plan, slot, card);
	card_draw(sheet->pen, &layout, card.x, card.y, bleed);
	return sheet->backs == NULL || add_back(sheet, data, card, bleed, error);
}

bool
sheet_end(Sheet *sheet, GError **error)
{
	if (sheet->n_added != sheet->n_cards)
		return err_set(error, TP_ERROR_INVALID,
		    "%d of the %d cards announced came", sheet->n_added, sheet->n_cards);
	return put_backs(sheet, error) && pen_finish(sheet->pen, error);
}
