/*
 * render_json.c - list, fonts, pen, file: put together.
 */
#include "print/render_json.h"

#include <string.h>

#include "print/card_list.h"
#include "print/letter_json.h"
#include "queue/out.h"

#define CODE_FIELD "{{code}}"

/* What both ways of rendering need, from first to last. */
typedef struct Render {
	const RenderOptions *options;
	FontSet *fonts;
	Press *press;
	CardList *list;
	Out *out;
	Pen *pen;
	GString *url;
} Render;

static void
render_clear(Render *r)
{
	pen_free(r->pen);
	out_free(r->out);
	card_list_free(r->list);
	press_free(r->press);
	font_set_free(r->fonts);
	if (r->url != NULL)
		g_string_free(r->url, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Render, render_clear)

static bool
render_open(Render *r, FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, bool letters, GError **error)
{
	r->options = options;
	r->url = g_string_new(NULL);
	if (options->url != NULL && strstr(options->url, CODE_FIELD) == NULL)
		return err_set(error, TP_ERROR_CONFIG, "activation URL '%s' has no %s",
		    options->url, CODE_FIELD);
	r->fonts = font_set_open(options->fonts, error);
	if (r->fonts == NULL)
		return false;
	r->list = letters ? card_list_open_letters(in, in_name, error)
			  : card_list_open(in, in_name, error);
	if (r->list == NULL)
		return false;
	r->out = out_open(out_path, error);
	if (r->out == NULL)
		return false;
	if (options->use_haru) {
		r->pen = pen_haru_new(r->fonts, out_write, r->out);
	} else {
		r->press = press_new(r->fonts);
		r->pen = pen_lean_new(r->press, PRESS_SMALL, out_write, r->out);
	}
	return true;
}

/* 1: the next card with all defaults.  0: none is left. */
static int
render_next(Render *r, CardData *ret, GError **error)
{
	const RenderOptions *options = r->options;
	int got;

	*ret = options->defaults;
	got = card_list_next(r->list, ret, error);
	if (got == 1 && ret->qr_text == NULL && options->url != NULL &&
	    ret->code != NULL) {
		const char *field = strstr(options->url, CODE_FIELD);

		g_string_truncate(r->url, 0);
		g_string_append_len(r->url, options->url, field - options->url);
		g_string_append(r->url, ret->code);
		g_string_append(r->url, field + strlen(CODE_FIELD));
		ret->qr_text = r->url->str;
	}
	return got;
}

static bool
in_card(const Render *r, const char *in_name, GError **error)
{
	g_prefix_error(error, "%s: card %d: ", in_name, card_list_at(r->list));
	return false;
}

static void
tell(const Render *r)
{
	if (r->options->progress != NULL)
		r->options->progress(r->options->progress_context, card_list_at(r->list),
		    card_list_count(r->list));
}

static bool
render_close(Render *r, int pages, RenderResult *ret, GError **error)
{
	if (!out_commit(r->out, error))
		return false;
	ret->cards = card_list_count(r->list);
	ret->pages = pages;
	ret->bytes = out_bytes(r->out);
	g_strlcpy(ret->sha256, out_sha256(r->out), sizeof(ret->sha256));
	return true;
}

bool
render_sheet(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error)
{
	g_auto(Render) r = { .pen = NULL };
	g_autoptr(Sheet) sheet = NULL;
	SheetPlan plan = options->plan;
	Stock stock;
	CardData card;
	int got;

	if (options->stock == NULL)
		stock_nth(0, &stock);
	else if (!stock_get(options->stock, &stock, error))
		return false;
	plan.stock = &stock;
	if (!sheet_plan_check(&plan, error) ||
	    !render_open(&r, in, in_name, out_path, options, false, error))
		return false;
	sheet = sheet_begin(r.pen, &plan, card_list_count(r.list), error);
	if (sheet == NULL) {
		g_prefix_error(error, "%s: ", in_name);
		return false;
	}
	while ((got = render_next(&r, &card, error)) == 1) {
		if (!sheet_add(sheet, &card, error))
			return in_card(&r, in_name, error);
		tell(&r);
	}
	if (got < 0 || !sheet_end(sheet, error))
		return false;
	return render_close(&r,
	    sheet_pages(&plan, card_list_count(r.list)) * sheet_sides(&plan), ret, error);
}

bool
render_cards(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error)
{
	g_auto(Render) r = { .pen = NULL };
	CardData card;
	int got;

	if (!(options->plan.bleed_mm >= 0 &&
		options->plan.bleed_mm <= SHEET_BLEED_MOST_MM))
		return err_set(error, TP_ERROR_INVALID,
		    "bleed of %g mm; 0 to %g are possible", options->plan.bleed_mm,
		    SHEET_BLEED_MOST_MM);
	if (!render_open(&r, in, in_name, out_path, options, false, error))
		return false;
	if (card_list_count(r.list) == 0)
		return err_set(error, TP_ERROR_INVALID, "%s: no cards to print", in_name);
	while ((got = render_next(&r, &card, error)) == 1) {
		if (!card_page(r.pen, &card, options->plan.bleed_mm, error))
			return in_card(&r, in_name, error);
		tell(&r);
	}
	if (got < 0 || !pen_finish(r.pen, error))
		return false;
	return render_close(&r, card_list_count(r.list), ret, error);
}

bool
render_letters(FILE *in, const char *in_name, const char *out_path,
    const RenderOptions *options, RenderResult *ret, GError **error)
{
	g_auto(Render) r = { .pen = NULL };
	LetterDefaults defaults = { .language = options->plan.language,
		.url = options->url,
		.shift_x_mm = options->plan.shift_x_mm,
		.shift_y_mm = options->plan.shift_y_mm,
		.scale = options->plan.scale };
	int pages = 0;
	int more;
	int cards;
	int got;

	if (!render_open(&r, in, in_name, out_path, options, true, error))
		return false;
	if (card_list_count(r.list) == 0)
		return err_set(
		    error, TP_ERROR_INVALID, "%s: no letters to print", in_name);
	while ((got = letter_json_draw(r.list, &defaults, r.pen, &cards, &more, error)) ==
	       1) {
		pages += more;
		tell(&r);
	}
	if (got < 0 || !pen_finish(r.pen, error))
		return false;
	return render_close(&r, pages, ret, error);
}
