/*
 * cmd_print.c - batches of cards, and cards without a store.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/work/print_turn.h"
#include "print/stock.h"

static char *opt_state;

const GOptionEntry opt_print_list[] = {
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state, "open, closed, rendered ...",
	    "STATE" },
	{ 0 },
};

static const Column columns[] = {
	{ "BATCH", "id", true },
	{ "STATE", "state", false },
	{ "STOCK", "stock", false },
	{ "CARDS", "pieces", true },
	{ "FILE", "file", false },
	{ "MADE", "created", false },
	{ NULL, NULL, false },
};

static json_t *
batch_json(const PrintBatch *batch, GTimeZone *zone)
{
	return json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:i, s:o}", "id",
	    batch->id, "state", batch->state, "stock", batch->stock, "pieces",
	    batch->pieces, "file", json_text(batch->file), "created",
	    json_time(batch->created_at, zone), "closed",
	    json_time(batch->closed_at, zone), "rendered",
	    json_time(batch->rendered_at, zone), "reprint", batch->reprint, "reason",
	    json_text(batch->reason));
}

int
cmd_print_list(Cmd *cmd, GError **error)
{
	g_autoptr(GPtrArray) batches = print_batch_list(cmd->work->db, opt_state, error);
	json_t *list;

	if (batches == NULL)
		return -1;
	list = json_array();
	for (guint i = 0; i < batches->len; i++)
		json_array_append_new(
		    list, batch_json(g_ptr_array_index(batches, i), cmd->work->zone));
	table_print(cmd, json_pack("{s:o}", "batches", list), "batches", columns);
	return EX_OK;
}

int
cmd_print_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "batch", "id", false },
		{ "state", "state", false },
		{ "stock", "stock", false },
		{ "cards", "pieces", false },
		{ "file", "file", false },
		{ "made", "created", false },
		{ "closed", "closed", false },
		{ "rendered", "rendered", false },
		{ "reason", "reason", false },
		{ NULL, NULL, false },
	};
	g_autoptr(PrintBatch) batch = NULL;
	int64_t id;

	if (!cmd_number(cmd->args[0], "batch", &id, error))
		return -1;
	batch = print_batch_get(cmd->work->db, id, error);
	if (batch == NULL)
		return -1;
	table_print_object(cmd, batch_json(batch, cmd->work->zone), lines);
	return EX_OK;
}

int
cmd_print_close(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !print_batch_close(&tx, id, error) || !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

int
cmd_print_render(Cmd *cmd, GError **error)
{
	g_autofree char *file = NULL;
	int64_t id;

	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !print_batch_write(cmd->work, id, &file, error))
		return -1;
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
