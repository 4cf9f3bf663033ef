/*
 * fit.c - sizes and line breaks.
 */
#include "print/fit.h"

#include <math.h>
#include <string.h>

static double
width_mm(const FontSet *fonts, const FitWish *wish, const char *text, size_t bytes,
    double size)
{
	return pt_to_mm(font_set_width_pt(
	    fonts, wish->role, text, bytes, size, size * wish->tracking));
}

static bool
is_ideograph(gunichar c)
{
	GUnicodeBreakType type =
	    c < 0x1100 ? G_UNICODE_BREAK_ALPHABETIC : g_unichar_break_type(c);

	return type == G_UNICODE_BREAK_IDEOGRAPHIC ||
	       type == G_UNICODE_BREAK_HANGUL_LV_SYLLABLE ||
	       type == G_UNICODE_BREAK_HANGUL_LVT_SYLLABLE;
}

const char *
fit_piece(const char *p, const char **ret_next)
{
	const char *start = p;

	while (*p != '\0') {
		gunichar c = g_utf8_get_char(p);
		const char *next = g_utf8_next_char(p);

		if (c == ' ') {
			*ret_next = next;
			return p;
		}
		p = next;
		/* Not within "://": half a URL is not a URL. */
		if (((c == '-' || c == '/') && *p != '\0' && *p != ' ' && *p != '/' &&
			!(c == '/' && p - start > 1 && p[-2] == '/')) ||
		    is_ideograph(c)) {
			/* A space behind it belongs to the break. */
			*ret_next = *p == ' ' ? p + 1 : p;
			return p;
		}
	}
	*ret_next = p;
	return p;
}

/* Fills lines as far as they go; false if `lines` are not enough or a piece is too wide.
 */
static bool
break_at(const FontSet *fonts, const FitWish *wish, const char *text, double size,
    int lines, Fit *fit)
{
	const char *p = text;

	fit->size_pt = size;
	fit->n_lines = 0;
	while (*p != '\0') {
		const char *start = p;
		const char *end = p;

		if (fit->n_lines == lines)
			return false;
		while (*p != '\0') {
			const char *next;
			const char *stop = fit_piece(p, &next);

			if (width_mm(fonts, wish, start, (size_t)(stop - start), size) >
			    wish->width_mm)
				break;
			end = stop;
			p = next;
		}
		if (p == start)
			return false;
		fit->lines[fit->n_lines++] = (FitLine){
			.text = start,
			.bytes = (size_t)(end - start),
			.width_mm =
			    width_mm(fonts, wish, start, (size_t)(end - start), size),
		};
	}
	return fit->n_lines > 0;
}

/*
 * The same number of lines, but as even as they can be: the widest one as narrow as
 * possible.  A last line of its own for "Co. KG" looks like an accident.
 */
static void
even_out(const FontSet *fonts, const FitWish *wish, const char *text, Fit *fit)
{
	FitWish narrow = *wish;
	double low = wish->width_mm / 3;
	double high = wish->width_mm;

	for (int i = 0; i < 8; i++) {
		Fit trial;

		narrow.width_mm = (low + high) / 2;
		if (break_at(fonts, &narrow, text, fit->size_pt, fit->n_lines, &trial)) {
			*fit = trial;
			high = narrow.width_mm;
		} else {
			low = narrow.width_mm;
		}
	}
}

/* Height of `lines` lines; capitals are three quarters of the size at most. */
static bool
is_low_enough(const FitWish *wish, double size, int lines)
{
	return pt_to_mm(size) * (0.73 + (lines - 1) * wish->leading) <=
	       wish->height_mm + 1e-6;
}

bool
fit_text(const FontSet *fonts, const FitWish *wish, const char *text, Fit *ret)
{
	size_t bytes = strlen(text);
	double natural = width_mm(fonts, wish, text, bytes, 1);
	double one = wish->lines > 1 ? wish->one_line_pt : wish->least_pt;
	double size = MIN(wish->size_pt, wish->width_mm / MAX(natural, 1e-6));
	int most = MIN(wish->lines, FIT_LINES_MAX);
	Fit fit;

	size = floor(size / FIT_STEP_PT + 1e-9) * FIT_STEP_PT;
	while (size >= one && !is_low_enough(wish, size, 1))
		size -= FIT_STEP_PT;
	if (size >= one - 1e-9) {
		*ret = (Fit){ .size_pt = size, .n_lines = 1 };
		ret->lines[0] =
		    (FitLine){ text, bytes, width_mm(fonts, wish, text, bytes, size) };
		return true;
	}
	/* As few lines as a good size allows, then as large as the most lines allow. */
	for (int lines = 2; lines <= most; lines++) {
		double least = lines < most ? wish->one_line_pt : wish->least_pt;

		size = floor(wish->size_pt / FIT_STEP_PT + 1e-9) * FIT_STEP_PT;
		for (; size >= least - 1e-9; size -= FIT_STEP_PT) {
			if (is_low_enough(wish, size, lines) &&
			    break_at(fonts, wish, text, size, lines, &fit)) {
				even_out(fonts, wish, text, &fit);
				*ret = fit;
				return true;
			}
		}
	}
	return false;
}
