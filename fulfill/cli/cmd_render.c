/*
 * cmd_render.c - cards without a store, for print shops and benchmarks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "print/render_json.h"

static char *opt_output;
static char *opt_stock;
static char *opt_url;
static char *opt_language;
static char *opt_brand;
static char *opt_logo;
static char *opt_back;
static char *opt_font;
static int opt_start = 1;
static double opt_bleed = 3;
static double opt_shift_x;
static double opt_shift_y;
static double opt_scale = 1;
static gboolean opt_haru;

const GOptionEntry opt_render[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &opt_output,
	    "the PDF; default: FILE with .pdf at its end", "PDF" },
	{ "stock", 0, 0, G_OPTION_ARG_STRING, &opt_stock,
	    "sheet: a name of 'print stocks', gLabels:..., or a geometry", "STOCK" },
	{ "start", 0, 0, G_OPTION_ARG_INT, &opt_start,
	    "first free label of a part-used sheet", "N" },
	{ "bleed", 0, 0, G_OPTION_ARG_DOUBLE, &opt_bleed, "in mm", "MM" },
	{ "shift-x", 0, 0, G_OPTION_ARG_DOUBLE, &opt_shift_x,
	    "calibration of the printer", "MM" },
	{ "shift-y", 0, 0, G_OPTION_ARG_DOUBLE, &opt_shift_y, "likewise", "MM" },
	{ "scale", 0, 0, G_OPTION_ARG_DOUBLE, &opt_scale, "likewise", "FACTOR" },
	{ "url", 0, 0, G_OPTION_ARG_STRING, &opt_url,
	    "activation address with {{code}}, for the QR code", "URL" },
	{ "language", 0, 0, G_OPTION_ARG_STRING, &opt_language, "de or en", "LANGUAGE" },
	{ "brand", 0, 0, G_OPTION_ARG_STRING, &opt_brand, "of cards that name none",
	    "NAME" },
	{ "logo", 0, 0, G_OPTION_ARG_FILENAME, &opt_logo,
	    "sheets and cards: a picture for the brand's name", "PNG" },
	{ "back", 0, 0, G_OPTION_ARG_STRING, &opt_back,
	    "sheet: print backs too, turned about the long-edge or the short-edge",
	    "EDGE" },
	{ "fallback-font", 0, 0, G_OPTION_ARG_FILENAME, &opt_font,
	    "for characters the others lack", "TTF" },
	{ "haru", 0, 0, G_OPTION_ARG_NONE, &opt_haru, "draw with libharu", NULL },
	{ 0 },
};

static void
show_progress(void *context, int done, int total)
{
	const Cmd *cmd = context;

	if (cmd->progress && (done % 1000 == 0 || done == total))
		fprintf(stderr, "\r%d of %d%s", done, total, done == total ? "\n" : "");
}

static bool
read_logo(const char *path, Picture **ret, GError **error)
{
	g_autofree char *bytes = NULL;
	gsize size;

	if (!g_file_get_contents(path, &bytes, &size, NULL))
		return err_set(
		    error, TP_ERROR_NOT_FOUND, "cannot read the logo '%s'", path);
	*ret = picture_read_png(bytes, size, error);
	if (*ret == NULL)
		g_prefix_error(error, "logo '%s': ", path);
	return *ret != NULL;
}

/* false: it is no edge. */
static bool
read_back(SheetBack *ret)
{
	*ret = opt_back == NULL                     ? SHEET_BACK_NONE
	       : strcmp(opt_back, "long-edge") == 0 ? SHEET_BACK_LONG
						    : SHEET_BACK_SHORT;
	return *ret != SHEET_BACK_SHORT || strcmp(opt_back, "short-edge") == 0;
}

typedef bool RenderFn(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error);

static RenderFn *
find(const char *what)
{
	static const struct {
		const char *name;
		RenderFn *fn;
	} ways[] = { { "sheet", render_sheet }, { "card", render_cards },
		{ "letter", render_letters } };

	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++)
		if (strcmp(ways[i].name, what) == 0)
			return ways[i].fn;
	return NULL;
}

int
cmd_render(Cmd *cmd, GError **error)
{
	const char *what = cmd->args[0];
	const char *path = cmd->args[1];
	bool from_stdin = strcmp(path, "-") == 0;
	g_autofree char *output =
	    opt_output != NULL ? g_strdup(opt_output) : g_strconcat(path, ".pdf", NULL);
	const char *fallbacks[] = { opt_font, NULL };
	FontFiles fonts = { .fallbacks = fallbacks };
	RenderOptions options = {
		.stock = opt_stock,
		.plan = { .start_slot = opt_start - 1,
		    .bleed_mm = opt_bleed,
		    .shift_x_mm = opt_shift_x,
		    .shift_y_mm = opt_shift_y,
		    .scale = opt_scale,
		    .language = opt_language },
		.defaults = { .brand = opt_brand, .language = opt_language },
		.url = opt_url,
		.fonts = &fonts,
		.use_haru = opt_haru,
		.progress = show_progress,
		.progress_context = cmd,
	};
	RenderResult result;
	RenderFn *render = find(what);
	g_autoptr(Picture) logo = NULL;
	FILE *in;
	bool ok;

	if (render == NULL) {
		fprintf(stderr,
		    "ticketpost: render: '%s' is neither sheet, card nor letter\n", what);
		return EX_USAGE;
	}
	if (!read_back(&options.plan.back)) {
		fprintf(stderr,
		    "ticketpost: render: --back is long-edge or short-edge, not '%s'\n",
		    opt_back);
		return EX_USAGE;
	}
	if (opt_logo != NULL && !read_logo(opt_logo, &logo, error))
		return -1;
	options.defaults.logo = logo;
	in = from_stdin ? stdin : fopen(path, "re");
	if (in == NULL) {
		err_errno(error, errno, "cannot open '%s'", path);
		return -1;
	}
	ok = render(in, path, output, &options, &result, error);
	if (!from_stdin)
		fclose(in);
	if (!ok)
		return -1;
	if (cmd->json)
		printf("{\"file\": \"%s\", \"cards\": %d, \"pages\": %d, \"sha256\": "
		       "\"%s\"}\n",
		    output, result.cards, result.pages, result.sha256);
	else
		printf("%s: %d %ss on %d pages\n", output, result.cards,
		    strcmp(what, "letter") == 0 ? what : "card", result.pages);
	return EX_OK;
}
