/*
 * print_part.c - the files of a part, each by one function.
 */
#include "fulfill/work/print_part.h"

#include <string.h>

#include "fulfill/work/piece_letter.h"
#include "print/labels.h"
#include "print/packlist.h"
#include "print/sheet.h"
#include "queue/clock.h"

void
print_part_tell(const PrintPart *part, int n)
{
	PrintBar *bar = part->bar;
	double share = part->n > 0 ? (double)n / part->n : 1;
	int percent;

	if (bar == NULL || bar->tell == NULL)
		return;
	percent = (int)(100 * (bar->done + part->kind->work * share) / bar->all);
	if (percent <= bar->percent)
		return;
	bar->percent = percent;
	bar->tell(bar->user, percent);
}

/* "Batch 7", or "Batch 7, part 2 of 3". */
static char *
title_of(const PrintPart *part)
{
	if (part->batch->parts <= 1)
		return g_strdup_printf("Batch %" G_GINT64_FORMAT, part->batch->id);
	return g_strdup_printf("Batch %" G_GINT64_FORMAT " - %d/%d", part->batch->id,
	    part->number, part->batch->parts);
}

static bool
write_sheets(PrintPart *part, Pen *pen, int *ret_pages, GError **error)
{
	SheetPlan plan = part->ground->plan;
	g_autofree char *title = title_of(part);
	g_autoptr(Sheet) sheet = NULL;

	plan.title = title;
	/* Only the first sheet of all was part-used. */
	if (part->number > 1)
		plan.start_slot = 0;
	sheet = sheet_begin(pen, &plan, part->n, error);
	if (sheet == NULL)
		return false;
	for (int i = 0; i < part->n; i++) {
		g_auto(PieceCard) shown = { 0 };
		bool ok =
		    piece_is_void(part->pieces[i])
			? sheet_skip(sheet, error)
			: piece_card_open(part->work, part->pieces[i], &shown, error) &&
			      sheet_add(sheet, &shown.card, error);

		if (!ok)
			return false;
		print_part_tell(part, i + 1);
	}
	*ret_pages = sheet_pages(&plan, part->n) * sheet_sides(&plan);
	return sheet_end(sheet, error);
}

/* Calls fn for the living pieces of each envelope, in order. */
static bool
each_envelope(PrintPart *part,
    bool (*fn)(
	PrintPart *part, PrintPiece *const *pieces, int n, void *user, GError **error),
    void *user, GError **error)
{
	g_autofree PrintPiece **live = g_new0(PrintPiece *, (gsize)part->n + 1);

	for (int i = 0; i < part->n;) {
		int64_t envelope = part->pieces[i]->envelope;
		int n = 0;

		for (; i < part->n && part->pieces[i]->envelope == envelope; i++)
			if (!piece_is_void(part->pieces[i]))
				live[n++] = part->pieces[i];
		if (n > 0 && !fn(part, live, n, user, error))
			return false;
		print_part_tell(part, i);
	}
	return true;
}

typedef struct Letters {
	Pen *pen;
	LetterKind kind;
	bool two_sided;
	int pages;
} Letters;

/* Else the next letter would begin on the back of this one. */
static bool
blank_page(Letters *letters, GError **error)
{
	PenPage page = { .width_mm = LETTER_WIDTH_MM, .height_mm = LETTER_HEIGHT_MM };

	letters->pages++;
	return pen_page(letters->pen, &page, error);
}

static bool
draw_letter(PrintPart *part, PrintPiece *const *pieces, int n, void *user, GError **error)
{
	Letters *letters = user;
	int pages;

	if (!piece_letter_draw(part->work, part->batch, letters->kind, pieces, n,
		letters->pen, &pages, error))
		return false;
	letters->pages += pages;
	return pages % 2 == 0 || !letters->two_sided || blank_page(letters, error);
}

static bool
write_letters(PrintPart *part, Pen *pen, LetterKind kind, int *ret_pages, GError **error)
{
	Letters letters = { .pen = pen,
		.kind = kind,
		.two_sided = strcmp(settings_text(part->work->settings, SET_PRINT_SIDES),
				 "one-sided") != 0 };

	if (!each_envelope(part, draw_letter, &letters, error))
		return false;
	*ret_pages = letters.pages;
	return pen_finish(pen, error);
}

static bool
write_cards(PrintPart *part, Out *out, int *ret_pages, GError **error)
{
	g_autoptr(Pen) pen = pen_lean_new(part->press, PRESS_SMALL, out_write, out);

	if (g_str_equal(part->batch->product, "sheet"))
		return write_sheets(part, pen, ret_pages, error);
	return write_letters(part, pen,
	    g_str_equal(part->batch->product, "pin") ? LETTER_PIN : LETTER_CARDS,
	    ret_pages, error);
}

static bool
write_notes(PrintPart *part, Out *out, int *ret_pages, GError **error)
{
	g_autoptr(Pen) pen = pen_lean_new(part->press, PRESS_SMALL, out_write, out);

	return piece_letter_check(part->work->settings, error) &&
	       write_letters(part, pen, LETTER_NOTE, ret_pages, error);
}

/* Address labels. */

/* Those that are not void as a whole. */
static int
count_envelopes(const PrintPart *part)
{
	bool counted = false;
	int n = 0;

	for (int i = 0; i < part->n; i++) {
		if (i > 0 && part->pieces[i]->envelope != part->pieces[i - 1]->envelope)
			counted = false;
		if (counted || piece_is_void(part->pieces[i]))
			continue;
		counted = true;
		n++;
	}
	return n;
}

static bool
draw_label(PrintPart *part, PrintPiece *const *pieces, int n, void *user, GError **error)
{
	json_t *facts = json_loads(pieces[0]->context, 0, NULL);
	g_auto(AddressBlock) to = { 0 };
	char serial[SERIAL_SIZE];
	Label label = { &to, serial_format(SERIAL_LABEL, pieces[0]->envelope, serial) };
	bool ok = piece_address(part->work, facts, &to, error) &&
		  labels_add(user, &label, error);

	(void)n;
	json_decref(facts);
	return ok;
}

static bool
write_labels(PrintPart *part, Out *out, int *ret_pages, GError **error)
{
	g_autoptr(Pen) pen = pen_lean_new(part->press, PRESS_SMALL, out_write, out);
	g_autofree char *title = title_of(part);
	g_autofree char *sender = piece_sender_line(part->work->settings);
	g_autoptr(Labels) labels = NULL;
	int n = count_envelopes(part);
	Stock stock;
	SheetPlan plan = {
		.stock = &stock,
		.title = title,
		.language = part->work->issue.language,
	};

	print_calibration(
	    part->work->settings, &plan.shift_x_mm, &plan.shift_y_mm, &plan.scale);
	if (!stock_get(
		settings_text(part->work->settings, SET_PRINT_LABELS), &stock, error))
		return false;
	labels = labels_begin(pen, &plan, sender, n, error);
	if (labels == NULL || !each_envelope(part, draw_label, labels, error))
		return false;
	*ret_pages = sheet_pages(&plan, n);
	return labels_end(labels, error);
}

/* Packing list. */

typedef struct ListRun {
	PackList list;
	PackPiece *rows;
	json_t **facts; /* the rows' texts */
	char (*serials)[SERIAL_SIZE];
	char *batch;
	char *code;
	char *day;
	int n;
} ListRun;

static void
list_run_clear(ListRun *run)
{
	for (int i = 0; i < run->n; i++)
		json_decref(run->facts[i]);
	g_free(run->facts);
	g_free(run->rows);
	g_free(run->serials);
	g_free(run->batch);
	g_free(run->code);
	g_free(run->day);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ListRun, list_run_clear)

static const char *
recipient_of(const json_t *facts)
{
	const char *company = json_string_value(json_object_get(facts, "company"));
	const char *name = facts_text(facts, "recipient", "name");

	return name != NULL ? name : company;
}

static void
fill_list(PrintPart *part, ListRun *run)
{
	const PrintBatch *batch = part->batch;
	g_autoptr(GDateTime) closed =
	    g_date_time_new_from_unix_utc(batch->closed_at / US_PER_S);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(closed, part->work->zone);

	run->n = part->n;
	run->rows = g_new0(PackPiece, (gsize)part->n + 1);
	run->facts = g_new0(json_t *, (gsize)part->n + 1);
	run->serials = g_malloc0(((gsize)part->n + 1) * SERIAL_SIZE);
	run->batch = title_of(part);
	run->code = g_strdup_printf("B-%" G_GINT64_FORMAT, batch->id);
	run->day = g_date_time_format(local, "%Y-%m-%d");
	for (int i = 0; i < part->n; i++) {
		const PrintPiece *p = part->pieces[i];
		json_t *facts = json_loads(p->context, 0, NULL);

		run->facts[i] = facts;
		run->rows[i] = (PackPiece){
			.sheet = p->sheet,
			.place = p->place,
			.order = facts_text(facts, "order", "number"),
			.recipient = recipient_of(facts),
			.product = facts_text(facts, "product", "name"),
			.serial = serial_format(SERIAL_CARD, p->id, run->serials[i]),
			.reprint = p->reprint,
			.is_removed = piece_is_void(p),
		};
	}
	run->list = (PackList){
		.batch = run->batch,
		.batch_code = run->code,
		.brand = settings_text(part->work->settings, SET_NAME),
		.date = run->day,
		.stock =
		    g_str_equal(batch->product, "sheet") ? batch->stock : batch->product,
		.language = part->work->issue.language,
		.pieces = run->rows,
		.n_pieces = run->n,
	};
}

static bool
write_list(PrintPart *part, Out *out, int *ret_pages, GError **error)
{
	g_autoptr(Pen) pen = pen_lean_new(part->press, PRESS_SMALL, out_write, out);
	g_auto(ListRun) run = { .n = 0 };

	fill_list(part, &run);
	return packlist_draw(pen, &run.list, ret_pages, error) && pen_finish(pen, error);
}

static bool
write_csv(PrintPart *part, Out *out, int *ret_pages, GError **error)
{
	g_auto(ListRun) run = { .n = 0 };
	g_autoptr(GString) text = g_string_new(NULL);

	fill_list(part, &run);
	*ret_pages = 0;
	return packlist_csv(&run.list, text, error) &&
	       out_write(out, text->str, text->len, error);
}

/* clang-format off */
const PartKind part_kinds[] = {
	{ "cards",  ".pdf",        -1,               8, write_cards },
	{ "list",   "-list.pdf",   -1,               1, write_list },
	{ "csv",    "-list.csv",   -1,               1, write_csv },
	{ "labels", "-labels.pdf", SET_PRINT_LABELS, 2, write_labels },
	{ "notes",  "-notes.pdf",  SET_PRINT_NOTES,  6, write_notes },
	{ NULL, NULL, -1, 0, NULL },
};
/* clang-format on */
