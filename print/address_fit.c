/*
 * address_fit.c - lines of an address into a window or onto a label.
 */
#include "print/address.h"

#include <string.h>

#define STEP_PT 0.5
#define LEADING 1.25
#define MM_PER_POINT (25.4 / 72)

const AddressFrame address_window = {
	.name = "window",
	.width_mm = 85.0 - 5.0 - 2.5,
	.height_mm = 27.3,
	.most_pt = 11,
	.least_pt = 8,
};

/* Who measures, and for what. */
typedef struct Ruler {
	const AddressFrame *frame;
	AddressWidth *width;
	void *context;
} Ruler;

void
address_fit_clear(AddressFit *fit)
{
	address_block_clear(&fit->block);
}

static bool
is_too_wide(const Ruler *r, const char *text, double size)
{
	return r->width(r->context, text, size) > r->frame->width_mm;
}

/* Towns are sorted by machines, which read one line. */
static bool
may_break(const char *field)
{
	static const char *const fields[] = { "company", "name", "street" };

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (strcmp(fields[i], field) == 0)
			return true;
	return false;
}

/* Fills lines of at most `width_mm` at the least size; how many they are, 0 if they are
 * more than `most` or a word is too wide.  ends[i] is where line i ends. */
static int
fill(const Ruler *r, const char *text, double width_mm, int most, const char **ends)
{
	const char *start = text;
	int n = 0;

	while (*start != '\0') {
		const char *end = NULL;

		if (n == most)
			return 0;
		for (const char *p = start; p != NULL;) {
			size_t bytes;
			g_autofree char *head = NULL;

			p = strchr(p + 1, ' ');
			bytes = p != NULL ? (size_t)(p - start) : strlen(start);
			head = g_strndup(start, bytes);
			if (r->width(r->context, head, r->frame->least_pt) > width_mm)
				break;
			end = start + bytes;
		}
		if (end == NULL)
			return 0;
		ends[n++] = end;
		start = *end == ' ' ? end + 1 : end;
	}
	return n;
}

/* As few lines as the frame's width allows, up to `most`, and those as even as can be: a
 * last line of its own for "Co. KG" looks like an accident.  0: it cannot be done. */
static int
break_even(const Ruler *r, const char *text, int most, const char **ends)
{
	double high = r->frame->width_mm, low = high / 4;
	const char *trial[LIMIT_ADDRESS_LINES];
	int n = fill(r, text, high, most, ends);

	for (int i = 0; n > 1 && i < 8; i++) {
		double middle = (low + high) / 2;

		if (fill(r, text, middle, n, trial) == n) {
			memcpy(ends, trial, sizeof(trial));
			high = middle;
		} else {
			low = middle;
		}
	}
	return n;
}

/* Copies the block, long lines broken where that helps and there is room. */
static void
break_lines(const Ruler *r, const AddressBlock *block, AddressBlock *out)
{
	int spare = LIMIT_ADDRESS_LINES - block->n;

	for (int i = 0; i < block->n; i++) {
		const char *text = block->lines[i];
		const char *ends[LIMIT_ADDRESS_LINES];
		int n = 0;

		if (spare > 0 && may_break(block->fields[i]) &&
		    is_too_wide(r, text, r->frame->least_pt))
			n = break_even(r, text, spare + 1, ends);
		if (n == 0) {
			ends[0] = text + strlen(text);
			n = 1;
		}
		for (int line = 0; line < n; line++) {
			out->fields[out->n] = block->fields[i];
			out->lines[out->n++] =
			    g_strndup(text, (gsize)(ends[line] - text));
			text = ends[line] + 1;
		}
		spare -= n - 1;
	}
}

/* The widest line: the one that decides. */
static int
widest_line(const Ruler *r, const AddressBlock *block, double *ret_mm)
{
	int which = 0;

	*ret_mm = 0;
	for (int i = 0; i < block->n; i++) {
		double w = r->width(r->context, block->lines[i], r->frame->least_pt);

		if (w > *ret_mm) {
			*ret_mm = w;
			which = i;
		}
	}
	return which;
}

static double
height_mm(int lines, double size_pt)
{
	return lines * size_pt * LEADING * MM_PER_POINT;
}

bool
address_fit(const AddressBlock *block, const AddressFrame *frame, AddressWidth *width,
    void *context, AddressFit *ret, GError **error)
{
	Ruler r = { frame, width, context };
	g_auto(AddressBlock) set = { 0 };
	double size = frame->most_pt;
	double widest;
	int which;

	break_lines(&r, block, &set);
	which = widest_line(&r, &set, &widest);
	if (widest > frame->width_mm)
		return err_set(error, TP_ERROR_INVALID,
		    "address: field '%s' is %.1f mm wide at %g pt, the %s holds %.1f mm",
		    set.fields[which], widest, frame->least_pt, frame->name,
		    frame->width_mm);
	if (height_mm(set.n, frame->least_pt) > frame->height_mm)
		return err_set(error, TP_ERROR_INVALID,
		    "address: %d lines are %.1f mm high at %g pt, the %s holds %.1f mm",
		    set.n, height_mm(set.n, frame->least_pt), frame->least_pt,
		    frame->name, frame->height_mm);
	/* Widths grow with the size: the widest line stays the widest. */
	while (size > frame->least_pt && (is_too_wide(&r, set.lines[which], size) ||
					     height_mm(set.n, size) > frame->height_mm))
		size = MAX(size - STEP_PT, frame->least_pt);
	*ret =
	    (AddressFit){ .size_pt = size, .pitch_mm = height_mm(1, size), .block = set };
	set = (AddressBlock){ 0 };
	return true;
}
