/*
 * print_turn.c - a closed batch becomes a PDF.
 *
 * The pieces are read twice: first to weed out cards that cannot be shown (no font has a
 * character, a name is too long for the card), so that the number of cards is known; then
 * to draw them, page after page, with nothing kept in memory.
 */
#include "fulfill/work/print_turn.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/print_batch.h"
#include "fulfill/work/card_facts.h"
#include "fulfill/work/log.h"
#include "queue/out.h"
#include "print/press.h"
#include "print/sheet.h"
#include "queue/fault.h"

/* One batch being written. */
typedef struct Printing {
	Work *work;
	const PrintBatch *batch;
	Stock stock;
	Sheet *sheet; /* NULL in the first pass */
	DbTx *tx;     /* of the first pass */
	double card_w_mm;
	double card_h_mm;
	int good;
	int pulled;
} Printing;

/* Everything a card points into. */
typedef struct Shown {
	json_t *facts;
	char code[CODE_TEXT_SIZE];
	char *url;
	char *qr_text;
	CardData card;
} Shown;

static void
shown_clear(Shown *shown)
{
	json_decref(shown->facts);
	memset(shown->code, 0, sizeof(shown->code));
	g_free(shown->url);
	g_free(shown->qr_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shown, shown_clear)

static bool
show(Printing *run, const PrintPiece *piece, Shown *shown, GError **error)
{
	g_auto(Code) code = { 0 };

	shown->facts = json_loads(piece->context, 0, NULL);
	if (shown->facts == NULL || piece->sealed == NULL)
		return err_set(error, TP_ERROR_INVALID, "%s",
		    shown->facts == NULL ? "its facts cannot be read"
					 : "its code is not kept any more");
	if (!vault_unseal(run->work->vault, piece->sealed, piece->sealed_size,
		piece->lookup, &code, error))
		return false;
	code_format(&code, shown->code);
	shown->url = activation_url(run->work->settings, shown->code);
	shown->qr_text = qr_text_fold(shown->url);
	shown->card =
	    card_from_facts(shown->facts, shown->facts, shown->code, shown->qr_text, NULL,
		json_string_value(json_object_get(shown->facts, "language")));
	shown->card.reprint = run->batch->reprint;
	return true;
}

/* First pass: can it be shown? */
static bool
try_piece(void *user, const PrintPiece *piece, GError **error)
{
	Printing *run = user;
	g_auto(Shown) shown = { 0 };
	g_auto(CardLayout) layout = { 0 };
	g_autoptr(GError) wrong = NULL;
	char id[24];

	if (show(run, piece, &shown, &wrong) &&
	    card_layout(run->work->fonts, &shown.card, run->card_w_mm, run->card_h_mm,
		&layout, &wrong)) {
		run->good++;
		return true;
	}
	run->pulled++;
	g_snprintf(id, sizeof(id), "%" G_GINT64_FORMAT, piece->id);
	log_event(LOG_ERROR, "print.held", "piece", id, "error", wrong->message, NULL);
	return print_piece_pull(run->tx, piece->id, wrong->message, error);
}

static bool
draw_piece(void *user, const PrintPiece *piece, GError **error)
{
	Printing *run = user;
	g_auto(Shown) shown = { 0 };

	return show(run, piece, &shown, error) &&
	       sheet_add(run->sheet, &shown.card, error);
}

static bool
draw_all(Printing *run, Pen *pen, GError **error)
{
	g_autofree char *title =
	    g_strdup_printf("Batch %" G_GINT64_FORMAT, run->batch->id);
	SheetPlan plan = {
		.stock = &run->stock,
		.bleed_mm = 3,
		.title = title,
		.language = run->work->issue.language,
	};
	g_autoptr(Sheet) sheet = sheet_begin(pen, &plan, run->good, error);

	run->sheet = sheet;
	return sheet != NULL &&
	       print_batch_pieces(
		   run->work->db, run->batch->id, draw_piece, run, error) &&
	       sheet_end(sheet, error);
}

static bool
write_pdf(Printing *run, const char *path, char **ret_sha256, GError **error)
{
	g_autoptr(Out) out = out_open(path, error);
	g_autoptr(Press) press = NULL;
	g_autoptr(Pen) pen = NULL;

	if (out == NULL)
		return false;
	press = press_new(run->work->fonts);
	pen = pen_lean_new(press, PRESS_SMALL, out_write, out);
	if (!draw_all(run, pen, error))
		return false;
	*ret_sha256 = g_strdup(out_sha256(out));
	return out_commit(out, error);
}

static bool
weed_out(Printing *run, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!db_begin(run->work->db, DB_WRITE, &tx, error))
		return false;
	run->tx = &tx;
	if (!print_batch_pieces(run->work->db, run->batch->id, try_piece, run, error))
		return false;
	if (run->good == 0 && !print_batch_cancel(&tx, run->batch->id,
				  "no card of it could be shown", error))
		return false;
	return db_commit(&tx, error);
}

bool
print_batch_write(Work *work, int64_t id, char **ret_file, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(work->db, id, error);
	Printing run = { .work = work, .batch = batch };
	g_autofree char *file = NULL;
	g_autofree char *path = NULL;
	g_autofree char *sha256 = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	if (batch == NULL)
		return false;
	if (!g_str_equal(batch->state, "closed") &&
	    !g_str_equal(batch->state, "rendered"))
		return err_set(error, TP_ERROR_CONFLICT,
		    "batch %" G_GINT64_FORMAT " is %s: only closed ones are rendered", id,
		    batch->state);
	if (!stock_get(batch->stock, &run.stock, error))
		return false;
	sheet_card_size(&run.stock, &run.card_w_mm, &run.card_h_mm);
	if (!weed_out(&run, error))
		return false;
	if (run.good == 0) {
		*ret_file = NULL;
		return true;
	}
	file = g_strdup_printf("batch-%06" G_GINT64_FORMAT ".pdf", id);
	path =
	    g_build_filename(settings_text(work->settings, SET_PRINT_FOLDER), file, NULL);
	if (!write_pdf(&run, path, &sha256, error) ||
	    !db_begin(work->db, DB_WRITE, &tx, error) ||
	    !print_batch_rendered(&tx, id, file, sha256, error) ||
	    !db_commit(&tx, error)) {
		g_prefix_error(error, "batch %" G_GINT64_FORMAT ": ", id);
		return false;
	}
	*ret_file = g_steal_pointer(&path);
	return true;
}

static bool
close_batch(Work *work, int64_t id, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       print_batch_close(&tx, id, error) && db_commit(&tx, error);
}

static bool
settle(Work *work, const Job *job, const GError *wrong, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       job_settle(&tx, job, wrong == NULL ? JOB_HOW_DONE : JOB_HOW_RETRY,
		   wrong != NULL ? wrong->message : NULL, 0, NULL, error) >= 0 &&
	       db_commit(&tx, error);
}

bool
print_turn(Work *work, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(PrintBatch) batch = NULL;
	g_autofree char *path = NULL;
	const Job *job;
	int got = job_claim(
	    work->db, job_kind_find(JOB_KIND_PRINT), work->owner, 1, jobs, error);

	*ret_n = MAX(got, 0);
	if (got <= 0)
		return got == 0;
	job = g_ptr_array_index(jobs, 0);
	batch = print_batch_get(work->db, job->ref, error);
	if (batch == NULL)
		return false;
	/* A batch that a person cancelled or rendered meanwhile needs nothing. */
	if ((g_str_equal(batch->state, "open") && !close_batch(work, job->ref, &wrong)) ||
	    ((g_str_equal(batch->state, "open") || g_str_equal(batch->state, "closed")) &&
		!print_batch_write(work, job->ref, &path, &wrong)))
		log_error("print.failed", wrong);
	FAULT("print.settle");
	return settle(work, job, wrong, error);
}
