/*
 * print_place.c - weed out, then number.
 */
#include "fulfill/work/print_place.h"

#include <string.h>

#include "fulfill/domain/print_batch.h"
#include "fulfill/work/log.h"
#include "fulfill/work/piece_letter.h"
#include "print/card_back.h"
#include "print/labels.h"
#include "print/pen_record.h"
#include "print/type.h"
#include "queue/limits.h"

/* More than the largest envelope, so that a slice ends between two. */
#define SLICE (2 * LIMIT_LETTER_CARDS)

typedef struct Placing {
	Work *work;
	const PrintBatch *batch;
	PrintGround ground;
	Stock labels; /* cols 0: none wanted */
	char *sender;
	DbTx *tx;
	int64_t cards; /* placed before */
	int64_t letters;
} Placing;

static void
placing_clear(Placing *run)
{
	g_free(run->sender);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Placing, placing_clear)

void
print_calibration(
    const Settings *settings, double *ret_x_mm, double *ret_y_mm, double *ret_scale)
{
	*ret_x_mm = settings_decimal(settings, SET_PRINT_SHIFT_X);
	*ret_y_mm = settings_decimal(settings, SET_PRINT_SHIFT_Y);
	*ret_scale = settings_decimal(settings, SET_PRINT_SCALE);
}

/* "3,7" from 1 to slots from 0. */
static bool
read_voids(const char *text, PrintGround *ground, GError **error)
{
	g_auto(GStrv) words = text != NULL ? g_strsplit(text, ",", -1) : NULL;

	for (int i = 0; words != NULL && words[i] != NULL; i++) {
		char *end;
		gint64 slot = g_ascii_strtoll(g_strstrip(words[i]), &end, 10);

		if (end == words[i] || *end != '\0' || slot < 1 ||
		    slot > stock_slots(&ground->stock) ||
		    (size_t)i == G_N_ELEMENTS(ground->voids))
			return err_set(error, TP_ERROR_CONFIG,
			    "[print] void: '%s' is not a label of this stock", words[i]);
		ground->voids[i] = (int)slot - 1;
		ground->plan.n_voids = i + 1;
	}
	ground->plan.voids = ground->voids;
	return true;
}

bool
print_backs(const Settings *settings, SheetPlan *plan, GError **error)
{
	const char *sides = settings_text(settings, SET_PRINT_SIDES);

	if (settings_number(settings, SET_PRINT_BACK) == 0)
		return true;
	if (g_str_equal(sides, "one-sided"))
		return err_set(error, TP_ERROR_CONFIG,
		    "[print] back: set sides=two-sided-long-edge or "
		    "two-sided-short-edge");
	plan->back = g_str_equal(sides, "two-sided-long-edge") ? SHEET_BACK_LONG
							       : SHEET_BACK_SHORT;
	plan->back_shift_x_mm = settings_decimal(settings, SET_PRINT_BACK_X);
	plan->back_shift_y_mm = settings_decimal(settings, SET_PRINT_BACK_Y);
	return true;
}

bool
print_ground(Work *work, const PrintBatch *batch, PrintGround *ret, GError **error)
{
	*ret = (PrintGround){
		.part_sheets =
		    (int)MAX(1, settings_number(work->settings, SET_PRINT_FILE_PAGES)),
		.plan = {
			.start_slot = batch->start_slot,
			.bleed_mm = 3,
			.language = work->issue.language,
		},
	};
	print_calibration(work->settings, &ret->plan.shift_x_mm, &ret->plan.shift_y_mm,
	    &ret->plan.scale);
	if (!g_str_equal(batch->product, "sheet"))
		return piece_letter_check(work->settings, error);
	if (!stock_get(batch->stock, &ret->stock, error) ||
	    !print_backs(work->settings, &ret->plan, error) ||
	    !read_voids(settings_text(work->settings, SET_PRINT_VOID), ret, error))
		return false;
	ret->plan.stock = &ret->stock;
	return sheet_plan_check(&ret->plan, error);
}

/* Can this card be printed at all? */
static bool
card_fits(Placing *run, const PrintPiece *piece, GError **error)
{
	g_auto(PieceCard) shown = { 0 };
	g_auto(CardLayout) layout = { 0 };
	double w = ID1_WIDTH_MM;
	double h = ID1_HEIGHT_MM;

	if (run->ground.plan.stock != NULL)
		sheet_card_size(&run->ground.stock, &w, &h);
	return piece_card_open(run->work, piece, &shown, error) &&
	       card_layout(run->work->fonts, &shown.card, w, h, &layout, error) &&
	       (run->ground.plan.back == SHEET_BACK_NONE ||
		   card_back_check(run->work->fonts, &shown.card, w, h, error));
}

/* Does its address fit into a window, or onto the label? */
static bool
address_fits(Placing *run, const PrintPiece *piece, GError **error)
{
	json_t *facts = json_loads(piece->context, 0, NULL);
	g_auto(AddressBlock) to = { 0 };
	g_auto(AddressFit) fit = { .size_pt = 0 };
	bool ok = piece_address(run->work, facts, &to, error);

	json_decref(facts);
	if (!ok)
		return false;
	for (int i = 0; i < to.n; i++)
		if (!font_set_check(
			run->work->fonts, FONT_REGULAR, to.lines[i], to.fields[i], error))
			return false;
	if (run->labels.cols > 0) {
		Label label = { &to, "L000000000" };

		return labels_check(
		    run->work->fonts, &run->labels, run->sender, &label, error);
	}
	return address_fit(
	    &to, &address_window, type_width, run->work->fonts, &fit, error);
}

static bool
letter_fits(Placing *run, PrintPiece *const *pieces, int n, GError **error)
{
	g_autoptr(Pen) blank = pen_blank_new(run->work->fonts);
	LetterKind kind =
	    g_str_equal(run->batch->product, "pin") ? LETTER_PIN : LETTER_CARDS;
	int pages;

	return piece_letter_draw(
	    run->work, run->batch, kind, pieces, n, blank, &pages, error);
}

static bool
pull(Placing *run, const PrintPiece *piece, const GError *wrong, GError **error)
{
	/* The rest of a sentence: "... or send it by mail" is the way out. */
	g_autofree char *reason = g_strdup_printf(
	    "%s; mend it and reprint, or send by mail: ticket resend %" G_GINT64_FORMAT,
	    wrong->message, piece->ticket_id);
	char id[24];

	g_snprintf(id, sizeof(id), "%" G_GINT64_FORMAT, piece->id);
	log_event(LOG_ERROR, "print.held", "piece", id, "error", wrong->message, NULL);
	return print_piece_pull(run->tx, piece->id, reason, error);
}

static bool
place(Placing *run, const PrintPiece *piece, int in_letter, GError **error)
{
	const PrintGround *g = &run->ground;
	int64_t sheet = run->letters;
	int slot = in_letter;
	int page;

	if (g->plan.stock != NULL) {
		sheet_place(&g->plan, (int)run->cards, &page, &slot);
		sheet = page;
	}
	run->cards++;
	return print_piece_place(run->tx, piece->id, (int)(sheet / g->part_sheets) + 1,
	    (int)(sheet % g->part_sheets) + 1, slot + 1, error);
}

/* One envelope: the good cards of it get their places. */
static bool
place_envelope(Placing *run, PrintPiece **pieces, int n, GError **error)
{
	g_autofree PrintPiece **good = g_new0(PrintPiece *, (gsize)n);
	g_autoptr(GError) all_wrong = NULL;
	/* Where no address is printed, none needs to fit. */
	bool with_address = run->ground.plan.stock == NULL || run->labels.cols > 0 ||
			    settings_number(run->work->settings, SET_PRINT_NOTES) != 0;
	int kept = 0;

	if (with_address)
		(void)!address_fits(run, pieces[0], &all_wrong);
	for (int i = 0; i < n; i++) {
		g_autoptr(GError) wrong = NULL;

		if (all_wrong == NULL && card_fits(run, pieces[i], &wrong))
			good[kept++] = pieces[i];
		else if (!pull(run, pieces[i], all_wrong != NULL ? all_wrong : wrong,
			     error))
			return false;
	}
	if (kept > 0 && run->ground.plan.stock == NULL &&
	    !letter_fits(run, good, kept, &all_wrong)) {
		for (int i = 0; i < kept; i++)
			if (!pull(run, good[i], all_wrong, error))
				return false;
		return true;
	}
	for (int i = 0; i < kept; i++)
		if (!place(run, good[i], i, error))
			return false;
	run->letters += kept > 0;
	return true;
}

static int
envelope_end(const GPtrArray *pieces, int from)
{
	const PrintPiece *first = g_ptr_array_index(pieces, from);
	int end = from;

	while (end < (int)pieces->len &&
	       ((const PrintPiece *)g_ptr_array_index(pieces, end))->envelope ==
		   first->envelope)
		end++;
	return end;
}

static bool
prepare(Placing *run, GError **error)
{
	const char *labels = settings_text(run->work->settings, SET_PRINT_LABELS);

	if (!print_ground(run->work, run->batch, &run->ground, error) ||
	    !print_piece_placed(
		run->work->db, run->batch->id, &run->cards, &run->letters, error))
		return false;
	if (run->ground.plan.stock == NULL || labels == NULL)
		return true;
	run->sender = piece_sender_line(run->work->settings);
	return stock_get(labels, &run->labels, error);
}

/* All have places: so many parts, or none at all. */
static bool
conclude(Placing *run, GError **error)
{
	const PrintGround *g = &run->ground;
	int64_t sheets = run->letters;

	if (run->cards == 0)
		return print_batch_cancel(
		    run->tx, run->batch->id, "no card of it could be printed", error);
	if (g->plan.stock != NULL)
		sheets = sheet_pages(&g->plan, (int)run->cards);
	return print_batch_placed(run->tx, run->batch->id,
	    (int)((sheets + g->part_sheets - 1) / g->part_sheets), error);
}

bool
print_place(
    Work *work, const PrintBatch *batch, bool *ret_more, int *ret_n, GError **error)
{
	g_auto(Placing) run = { .work = work, .batch = batch };
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GPtrArray) pieces = NULL;
	bool whole;

	if (!prepare(&run, error) || !db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	run.tx = &tx;
	pieces = print_piece_waiting(work->db, batch->id, SLICE, error);
	if (pieces == NULL)
		return false;
	whole = pieces->len < SLICE;
	for (int from = 0; from < (int)pieces->len;) {
		int end = envelope_end(pieces, from);

		/* The last one may go on in the next slice. */
		if (end == (int)pieces->len && !whole)
			break;
		if (!place_envelope(
			&run, (PrintPiece **)&pieces->pdata[from], end - from, error))
			return false;
		from = end;
	}
	*ret_n = (int)pieces->len;
	*ret_more = !whole;
	return (!whole || conclude(&run, error)) && db_commit(&tx, error);
}
