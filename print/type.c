/*
 * type.c - measured lines.
 */
#include "print/type.h"

#include <string.h>

#define STEP_PT 0.25
#define CELL_LEADING 1.2
#define CELL_BYTES 600 /* more than any cell can show */

static double
width_mm(const FontSet *fonts, FontRole role, const char *text, size_t bytes, double size)
{
	return pt_to_mm(font_set_width_pt(fonts, role, text, bytes, size, 0));
}

double
type_width(void *fonts, const char *text, double size_pt)
{
	return width_mm(fonts, FONT_REGULAR, text, strlen(text), size_pt);
}

static void
draw(Pen *pen, const TypeStyle *style, double size, double x, double y, double measure,
    const char *text, size_t bytes, double width)
{
	PenStyle pen_style = {
		.role = style->role, .size_pt = size, .colour = style->colour
	};

	if (style->align == TYPE_RIGHT)
		x += measure - width;
	else if (style->align == TYPE_CENTRE)
		x += (measure - width) / 2;
	pen_text(pen, &pen_style, x, y, text, bytes);
}

bool
type_line(Pen *pen, const TypeStyle *style, double x_mm, double y_mm, double measure,
    const char *what, const char *text, GError **error)
{
	double least = style->least_pt > 0 ? style->least_pt : style->size_pt;
	double size = style->size_pt;
	g_autofree char *composed = NULL;
	size_t bytes;

	if (text == NULL || *text == '\0')
		return true;
	composed = font_compose(text);
	if (!font_set_check(pen->fonts, style->role, composed, what, error))
		return false;
	bytes = strlen(composed);
	while (width_mm(pen->fonts, style->role, composed, bytes, size) > measure) {
		if (size <= least)
			return err_set(error, TP_ERROR_INVALID,
			    "%s: %.1f mm wide at %g pt, there are %.1f mm", what,
			    width_mm(pen->fonts, style->role, composed, bytes, least),
			    least, measure);
		size = MAX(size - STEP_PT, least);
	}
	draw(pen, style, size, x_mm, y_mm, measure, composed, bytes,
	    width_mm(pen->fonts, style->role, composed, bytes, size));
	return true;
}

void
type_lines_clear(TypeLines *lines)
{
	g_free(lines->text);
	g_clear_pointer(&lines->lines, g_array_unref);
	lines->text = NULL;
}

/* One paragraph, [p, end) without line feeds. */
static bool
break_paragraph(const FontSet *fonts, const TypeStyle *style, double measure,
    const char *what, const char *p, GArray *lines, GError **error)
{
	do {
		const char *start = p;
		FitLine line = { .text = start };

		while (*p != '\0') {
			const char *next;
			const char *stop = fit_piece(p, &next);
			size_t bytes = (size_t)(stop - start);
			double w =
			    width_mm(fonts, style->role, start, bytes, style->size_pt);

			if (w > measure)
				break;
			line.bytes = bytes;
			line.width_mm = w;
			p = next;
		}
		if (p == start && *p != '\0')
			return err_set(error, TP_ERROR_INVALID,
			    "%s: a word is wider than %.1f mm at %g pt", what, measure,
			    style->size_pt);
		g_array_append_val(lines, line);
	} while (*p != '\0');
	return true;
}

bool
type_break(const FontSet *fonts, const TypeStyle *style, double measure, const char *what,
    const char *text, TypeLines *ret, GError **error)
{
	g_auto(TypeLines) made = { .text = font_compose(text != NULL ? text : "") };

	made.lines = g_array_new(FALSE, FALSE, sizeof(FitLine));
	for (char *p = made.text, *feed; p != NULL; p = feed) {
		feed = strchr(p, '\n');
		if (feed != NULL)
			*feed++ = '\0';
		else if (*p == '\0')
			break;
		if (!font_set_check(fonts, style->role, p, what, error) ||
		    !break_paragraph(fonts, style, measure, what, p, made.lines, error))
			return false;
	}
	*ret = made;
	made = (TypeLines){ 0 };
	return true;
}

void
type_broken(Pen *pen, const TypeStyle *style, double x_mm, double y_mm, double measure,
    const TypeLines *lines, guint i)
{
	const FitLine *line = &g_array_index(lines->lines, FitLine, i);

	draw(pen, style, style->size_pt, x_mm, y_mm, measure, line->text, line->bytes,
	    line->width_mm);
}

bool
type_text(Pen *pen, const TypeStyle *style, double x_mm, double y_mm, double measure,
    const char *what, const char *text, double *ret_y_mm, GError **error)
{
	g_auto(TypeLines) lines = { 0 };

	if (!type_break(pen->fonts, style, measure, what, text, &lines, error))
		return false;
	for (guint i = 0; i < lines.lines->len; i++)
		type_broken(
		    pen, style, x_mm, y_mm + i * style->pitch_mm, measure, &lines, i);
	*ret_y_mm = y_mm + ((int)lines.lines->len - 1) * style->pitch_mm;
	return true;
}

/* `text` with what cannot be shown replaced, and cut where no cell would end. */
static char *
showable(const FontSet *fonts, FontRole role, const char *text)
{
	gunichar instead = font_set_pick(fonts, role, 0xFFFD) >= 0 ? 0xFFFD : '?';
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *composed = font_compose(valid);
	GString *s = g_string_new(NULL);

	for (const char *p = composed; *p != '\0' && s->len < CELL_BYTES;
	     p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(
		    s, font_set_pick(fonts, role, c) >= 0 ? c : instead);
	}
	return g_string_free(s, FALSE);
}

/* The longest beginning that fits with the dots behind it, by halves; *text becomes it.
 */
static bool
shorten(const FontSet *fonts, const FitWish *wish, char **text, Fit *fit)
{
	glong low = 0, high = g_utf8_strlen(*text, -1);
	char *best = NULL;

	while (low <= high) {
		glong middle = (low + high) / 2;
		g_autofree char *head = g_utf8_substring(*text, 0, middle);
		char *trial = g_strconcat(g_strchomp(head), "...", NULL);

		if (fit_text(fonts, wish, trial, fit)) {
			g_free(best);
			best = trial;
			low = middle + 1;
		} else {
			g_free(trial);
			high = middle - 1;
		}
	}
	if (best == NULL)
		return false;
	g_free(*text);
	*text = best;
	/* The last trial may have been a miss. */
	return fit_text(fonts, wish, best, fit);
}

void
type_cell(Pen *pen, const TypeStyle *style, double x_mm, double y_mm, double measure,
    int n_lines, const char *text)
{
	FitWish wish = {
		.role = style->role,
		.size_pt = style->size_pt,
		.one_line_pt = style->size_pt * 0.9,
		.least_pt = style->least_pt,
		.leading = CELL_LEADING,
		.width_mm = measure,
		.height_mm = pt_to_mm(style->size_pt) * (n_lines + 1),
		.lines = n_lines,
	};
	g_autofree char *shown = NULL;
	double top;
	Fit fit;

	if (text == NULL || *text == '\0')
		return;
	shown = showable(pen->fonts, style->role, text);
	if (!fit_text(pen->fonts, &wish, shown, &fit) &&
	    !shorten(pen->fonts, &wish, &shown, &fit))
		return;
	/* Capitals are about 0.73 of the size high. */
	top =
	    y_mm - pt_to_mm(fit.size_pt) * (0.73 + (fit.n_lines - 1) * CELL_LEADING) / 2;
	for (int i = 0; i < fit.n_lines; i++)
		draw(pen, style, fit.size_pt, x_mm,
		    top + pt_to_mm(fit.size_pt) * (0.73 + i * CELL_LEADING), measure,
		    fit.lines[i].text, fit.lines[i].bytes, fit.lines[i].width_mm);
}
