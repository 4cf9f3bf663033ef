/*
 * sheet.h - cards imposed on stock, page after page.
 *
 * Slots count from 0 here and from 1 in what people read: messages and the calibration
 * page.
 *
 * The first card goes to the start slot of the first page, the others follow row by row;
 * void slots are passed over on every page.  A page without a card does not exist, a page
 * not full is printed all the same.
 *
 * With backs, page 2 is the other side of page 1 and so on: each back lies behind its
 * front, mirrored about the edge that the printer turns paper by (duplex order).
 *
 * Each page carries, in its margins, a ruler of 100 mm and the request to print at 100 %,
 * its number, and what it is of; on stock to be cut also crop marks.  Nothing of it
 * touches a card.
 *
 * Pages are handed to the pen as they fill, so 100,000 cards take no more memory than
 * ten.
 */
#pragma once

#include "print/card.h"
#include "print/stock.h"

/* The edge about which paper is turned for its other side. */
typedef enum SheetBack {
	SHEET_BACK_NONE, /* cards have no back */
	SHEET_BACK_LONG,
	SHEET_BACK_SHORT,
} SheetBack;

typedef struct SheetPlan {
	const Stock *stock;
	int start_slot;   /* first free label of the first page, from 0 */
	const int *voids; /* slots used on no page */
	int n_voids;
	double bleed_mm; /* wanted; never more than half the gap to the next card */
	bool crop_marks; /* also on stock that asks for none */
	/* The printer's calibration; see PenPage. */
	double shift_x_mm, shift_y_mm;
	double scale;
	/* Backs follow each page of fronts: two sides of one sheet.  Where the printer
	 * does not meet the front, they are moved by so much more. */
	SheetBack back;
	double back_shift_x_mm, back_shift_y_mm;
	const char *title;    /* in the top margin: "Batch 17"; NULL for none */
	const char *language; /* of the margins' words */
} SheetPlan;

/* Limits of a calibration: more is a mistyped figure. */
#define SHEET_SHIFT_MOST_MM 20.0
#define SHEET_SCALE_LEAST 0.95
#define SHEET_SCALE_MOST 1.05
#define SHEET_BLEED_MOST_MM 5.0

/* false: INVALID, naming what is wrong: no free slot, labels too small for a card ... */
bool sheet_plan_check(const SheetPlan *plan, GError **error) MUST_USE;

/* The same without a look at the size of labels, which only cards mind. */
bool sheet_slots_check(const SheetPlan *plan, GError **error) MUST_USE;

/* Where card `i` lies, both from 0; the plan was checked. */
void sheet_place(const SheetPlan *plan, int i, int *ret_page, int *ret_slot);

/* Pages of fronts that `n` cards take. */
int sheet_pages(const SheetPlan *plan, int n);

/* Size of the cards on this stock: the label, but no larger than SHEET_CARD_MOST_*. */
#define SHEET_CARD_MOST_W_MM 110.0
#define SHEET_CARD_MOST_H_MM 75.0
void sheet_card_size(const Stock *stock, double *ret_w_mm, double *ret_h_mm);

/* 2 with backs, else 1: pages of the document for each page of fronts. */
int sheet_sides(const SheetPlan *plan);

/* Where something that lies at `box` on the front is seen on the back. */
Box sheet_behind(const SheetPlan *plan, Box box);

/* Begins a page with the plan's boxes and calibration, empty. */
bool sheet_page(Pen *pen, const SheetPlan *plan, GError **error) MUST_USE;

/* The same for the other side. */
bool sheet_back_page(Pen *pen, const SheetPlan *plan, GError **error) MUST_USE;

typedef struct Sheet Sheet;

/*
 * Begins a document of `n_cards` cards.  `pen` is new, and is borrowed; the plan's
 * strings and stock must live as long as the sheet.  NULL: INVALID, also for no cards at
 * all.
 */
Sheet *sheet_begin(Pen *pen, const SheetPlan *plan, int n_cards, GError **error) MUST_USE;

/* Adds the next card.  false: INVALID (see card_layout()), or the pen's error; the
 * document is lost then. */
bool sheet_add(Sheet *sheet, const CardData *data, GError **error) MUST_USE;

/* Leaves the next card's place empty; it counts as added. */
bool sheet_skip(Sheet *sheet, GError **error) MUST_USE;

/* Finishes the document.  false also if not exactly n_cards were added. */
bool sheet_end(Sheet *sheet, GError **error) MUST_USE;

void sheet_free(Sheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sheet, sheet_free)
