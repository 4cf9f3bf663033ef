/*
 * cmd_print.c - batches: look, close, render; and what stock there is.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/gather.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/print_file.h"
#include "fulfill/domain/print_piece.h"
#include "fulfill/domain/serial.h"
#include "fulfill/issue/code.h"
#include "fulfill/work/print_make.h"
#include "print/stock.h"

static char *opt_state;
static int opt_start = 1;

const GOptionEntry opt_print_list[] = {
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state, "open, closed, rendered ...",
	    "STATE" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_print_close[] = {
	{ "start", 0, 0, G_OPTION_ARG_INT, &opt_start,
	    "first free label of a part-used sheet, counted from 1", "LABEL" },
	ACTING_OPTION,
	{ 0 },
};

static const Column columns[] = {
	{ "BATCH", "id", true },
	{ "STATE", "state", false },
	{ "PRODUCT", "product", false },
	{ "STOCK", "stock", false },
	{ "CARDS", "pieces", true },
	{ "FILE", "file", false },
	{ "MADE", "created", false },
	{ NULL, NULL, false },
};

static json_t *
files_json(Db *db, int64_t id, GError **error)
{
	g_autoptr(GPtrArray) files = print_file_list(db, id, error);
	json_t *list;

	if (files == NULL)
		return NULL;
	list = json_array();
	for (guint i = 0; i < files->len; i++) {
		const PrintFile *f = g_ptr_array_index(files, i);

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:o, s:o}", "name",
			      f->name, "kind", f->kind, "part", f->part, "pages",
			      f->pages, "sha256", f->sha256, "state", f->state, "job",
			      json_text(f->job), "says", json_text(f->says)));
	}
	return list;
}

/* NULL: error.  `file` is the cards' first. */
static json_t *
batch_json(Db *db, const PrintBatch *batch, GTimeZone *zone, GError **error)
{
	json_t *files = files_json(db, batch->id, error);
	const json_t *first = json_array_get(files, 0);

	if (files == NULL)
		return NULL;
	return json_pack("{s:I, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "id", batch->id, "state", batch_state_name(batch->state), "product",
	    batch->product, "stock", batch->stock, "pieces", batch->pieces, "file",
	    json_text(json_string_value(json_object_get(first, "name"))), "created",
	    json_time(batch->created_at, zone), "closed",
	    json_time(batch->closed_at, zone), "rendered",
	    json_time(batch->rendered_at, zone), "tracking", json_text(batch->tracking),
	    "reason", json_text(batch->reason), "files", files);
}

int
cmd_print_list(Cmd *cmd, GError **error)
{
	g_autoptr(GPtrArray) batches = print_batch_list(cmd->work->db, opt_state, error);
	g_autoptr(Scope) scope = NULL;
	json_t *list;

	if (batches == NULL || !acting_scope(cmd, RIGHT_PRINT, &scope, error))
		return -1;
	list = json_array();
	for (guint i = 0; i < batches->len; i++) {
		const PrintBatch *batch = g_ptr_array_index(batches, i);
		int seen = scope_has_batch(cmd->work->db, scope, batch->id, error);
		json_t *row;

		if (seen == 0)
			continue;
		row = seen > 0 ? batch_json(cmd->work->db, batch, cmd->work->zone, error)
			       : NULL;
		if (row == NULL) {
			json_decref(list);
			return -1;
		}
		json_array_append_new(list, row);
	}
	table_print(cmd, json_pack("{s:o}", "batches", list), "batches", columns);
	return EX_OK;
}

static void
add_piece(void *user, const PrintPiece *p)
{
	char serial[SERIAL_SIZE];
	char label[SERIAL_SIZE];
	char mask[CODE_MASK_SIZE];
	const char *why = p->blocked != NULL ? p->blocked : p->reason;

	json_array_append_new(
	    user, json_pack("{s:s, s:s, s:I, s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:o}",
		      "serial", serial_format(SERIAL_CARD, p->id, serial), "label",
		      serial_format(SERIAL_LABEL, p->envelope, label), "ticket",
		      p->ticket_id, "masked", code_mask_tail(p->tail, mask), "state",
		      piece_state_name(p->state), "part", p->part, "sheet", p->sheet,
		      "place", p->place, "reprint", p->reprint, "blocked",
		      p->blocked != NULL, "reason", json_text(why)));
}

int
cmd_print_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "batch", "id", false },
		{ "state", "state", false },
		{ "product", "product", false },
		{ "stock", "stock", false },
		{ "cards", "pieces", false },
		{ "made", "created", false },
		{ "closed", "closed", false },
		{ "rendered", "rendered", false },
		{ "tracking", "tracking", false },
		{ "reason", "reason", false },
		{ NULL, NULL, false },
	};
	static const Column file_columns[] = {
		{ "FILE", "name", false },
		{ "PAGES", "pages", true },
		{ "STATE", "state", false },
		{ "JOB", "job", false },
		{ "PRINTER SAYS", "says", false },
		{ NULL, NULL, false },
	};
	static const Column piece_columns[] = {
		{ "CARD", "serial", false },
		{ "LABEL", "label", false },
		{ "TICKET", "masked", false },
		{ "STATE", "state", false },
		{ "PART", "part", true },
		{ "SHEET", "sheet", true },
		{ "PLACE", "place", true },
		{ "WHY", "reason", false },
		{ NULL, NULL, false },
	};
	g_autoptr(PrintBatch) batch = NULL;
	json_t *document;
	json_t *pieces = json_array();
	int64_t id;

	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !acting_may_print(cmd, id, error) ||
	    (batch = print_batch_get(cmd->work->db, id, error)) == NULL ||
	    !print_piece_list(cmd->work->db, id, add_piece, pieces, error) ||
	    (document = batch_json(cmd->work->db, batch, cmd->work->zone, error)) ==
		NULL) {
		json_decref(pieces);
		return -1;
	}
	json_object_set_new(document, "cards", pieces);
	if (cmd->json) {
		table_print_object(cmd, document, lines);
		return EX_OK;
	}
	table_print_object(cmd, json_incref(document), lines);
	putchar('\n');
	table_print(cmd, json_incref(document), "files", file_columns);
	putchar('\n');
	table_print(cmd, document, "cards", piece_columns);
	return EX_OK;
}

int
cmd_print_close(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	if (opt_start < 1) {
		err_set(error, TP_ERROR_INVALID, "labels are counted from 1");
		return -1;
	}
	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !acting_may_print(cmd, id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !print_batch_close(&tx, id, opt_start - 1, error) ||
	    !gather_hurry(&tx, id, error) || !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

static void
show_progress(void *user, int percent)
{
	(void)user;
	fprintf(stderr, "\r%3d %% written%s", percent, percent == 100 ? "\n" : "");
}

int
cmd_print_render(Cmd *cmd, GError **error)
{
	g_autofree char *file = NULL;
	int64_t id;

	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !acting_may_print(cmd, id, error) ||
	    !print_make(cmd->work, id, true, cmd->progress ? show_progress : NULL, NULL,
		&file, error))
		return -1;
	if (file == NULL) {
		err_set(error, TP_ERROR_INVALID,
		    "no card of batch %" G_GINT64_FORMAT
		    " could be printed: see 'ticketpost print show %" G_GINT64_FORMAT "'",
		    id, id);
		return -1;
	}
	printf("%s\n", file);
	return EX_OK;
}

int
cmd_print_stocks(Cmd *cmd, GError **error)
{
	static const Column stock_columns[] = {
		{ "STOCK", "name", false },
		{ "WHAT", "title", false },
		{ "CARDS", "cards", true },
		{ "SIZE", "size", false },
		{ NULL, NULL, false },
	};
	json_t *list = json_array();
	Stock stock;

	(void)error;
	for (size_t i = 0; stock_nth(i, &stock); i++) {
		char size[40];

		g_snprintf(size, sizeof(size), "%.2f x %.2f mm", stock.label_w_mm,
		    stock.label_h_mm);
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:i, s:s}", "name", stock.name, "title",
			      stock.title, "cards", stock_slots(&stock), "size", size));
	}
	table_print(cmd, json_pack("{s:o}", "stocks", list), "stocks", stock_columns);
	return EX_OK;
}
