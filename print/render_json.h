/*
 * render_json.h - a JSON list of cards in, a PDF out: for print shops and benchmarks,
 * without a store.
 */
#pragma once

#include <stdio.h>

#include "print/sheet.h"

/* Called after each card. */
typedef void RenderProgress(void *context, int done, int total);

typedef struct RenderOptions {
	/* Of sheets: all but `stock` as in SheetPlan. */
	const char *stock; /* see stock_get(); NULL: the first of stock.def */
	SheetPlan plan;    /* its own `stock` is not read */
	/* What a card has if it does not say. */
	CardData defaults;
	const char
	    *url; /* activation URL with {{code}} in it; NULL: the QR code is the code */
	const FontFiles *fonts; /* NULL: the defaults */
	bool use_haru;
	RenderProgress *progress; /* NULL for none */
	void *progress_context;
} RenderOptions;

typedef struct RenderResult {
	int cards, pages;
	uint64_t bytes;
	char sha256[65];
} RenderResult;

/*
 * Cards on stock, or a page of ID-1 size (and plan.bleed_mm around it) for each card.
 *
 * `in` is read as card_list.h says; the PDF appears at `out_path` whole or not at all,
 * see out.h.  false: INVALID with file, card and field; or an error of stock_get(),
 * fonts, out.
 */
bool render_sheet(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error) MUST_USE;
bool render_cards(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error) MUST_USE;

/* Letters (letter_json.h); ret->cards counts the letters. */
bool render_letters(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error) MUST_USE;
