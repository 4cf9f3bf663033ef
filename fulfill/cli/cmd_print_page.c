/*
 * cmd_print_page.c - a page to set up a printer for a stock.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/work/print_place.h"
#include "print/calibrate.h"
#include "print/press.h"
#include "print/spool.h"
#include "queue/out.h"

static char *opt_stock;
static char *opt_output;
static gboolean opt_submit;

const GOptionEntry opt_print_calibrate[] = {
	{ "stock", 0, 0, G_OPTION_ARG_STRING, &opt_stock,
	    "a name of 'print stocks', gLabels:..., or a geometry; default: [print] "
	    "stock",
	    "STOCK" },
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &opt_output,
	    "the PDF; default: calibration.pdf in the print folder", "PDF" },
	{ "submit", 0, 0, G_OPTION_ARG_NONE, &opt_submit, "and send it to the printer",
	    NULL },
	{ 0 },
};

static bool
write_page(Cmd *cmd, const Stock *stock, const char *path, GError **error)
{
	g_autoptr(Out) out = out_open(path, error);
	g_autoptr(Press) press = NULL;
	g_autoptr(Pen) pen = NULL;
	SheetPlan plan = { .stock = stock, .language = cmd->work->issue.language };

	if (out == NULL || !print_backs(cmd->settings, &plan, error))
		return false;
	print_calibration(cmd->settings, &plan.shift_x_mm, &plan.shift_y_mm, &plan.scale);
	press = press_new(cmd->work->fonts);
	pen = pen_lean_new(press, PRESS_SMALL, out_write, out);
	return calibrate_draw(pen, &plan, error) && out_commit(out, error);
}

static bool
submit_page(Cmd *cmd, const Stock *stock, const char *path, GError **error)
{
	const char *uri = settings_text(cmd->settings, SET_PRINT_PRINTER);
	SpoolWish wish = { .title = "ticketpost calibration",
		.media = stock->media,
		.sides = settings_text(cmd->settings, SET_PRINT_SIDES),
		.copies = 1 };
	g_autofree char *job = NULL;

	if (uri == NULL)
		return err_set(
		    error, TP_ERROR_CONFIG, "no printer is set: [print] printer");
	return spool_check(uri, &wish, error) &&
	       spool_send(uri, &wish, path, &job, error);
}

int
cmd_print_calibrate(Cmd *cmd, GError **error)
{
	g_autofree char *path =
	    opt_output != NULL
		? g_strdup(opt_output)
		: g_build_filename(settings_text(cmd->settings, SET_PRINT_FOLDER),
		      "calibration.pdf", NULL);
	Stock stock;

	if (!stock_get(opt_stock != NULL ? opt_stock
					 : settings_text(cmd->settings, SET_PRINT_STOCK),
		&stock, error) ||
	    !write_page(cmd, &stock, path, error) ||
	    (opt_submit && !submit_page(cmd, &stock, path, error)))
		return -1;
	if (cmd->json)
		table_print_object(cmd,
		    json_pack("{s:s, s:s}", "file", path, "stock", stock.name), NULL);
	else
		printf("%s\n", path);
	return EX_OK;
}
