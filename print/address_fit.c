/*
 * address_fit.c - lines of an address into a window or onto a label.
 */
#include "print/address.h"

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

bool
address_fit(const AddressBlock *block, const AddressFrame *frame, AddressWidth *width,
    void *context, AddressFit *ret, GError **error)
{
	double size = frame->most_pt;
	double widest = 0;
	int which = 0;

	/* Widths grow with the size, so one measure at the least size says who is the
	 * widest, and whether there is a size at all. */
	for (int i = 0; i < block->n; i++) {
		double w = width(context, block->lines[i], frame->least_pt);

		if (w > widest) {
			widest = w;
			which = i;
		}
	}
	if (widest > frame->width_mm)
		return err_set(error, TP_ERROR_INVALID,
		    "address: field '%s' is %.1f mm wide at %g pt, the %s holds %.1f mm",
		    block->fields[which], widest, frame->least_pt, frame->name,
		    frame->width_mm);
	if (block->n * frame->least_pt * LEADING * MM_PER_POINT > frame->height_mm)
		return err_set(error, TP_ERROR_INVALID,
		    "address: %d lines are %.1f mm high at %g pt, the %s holds %.1f mm",
		    block->n, block->n * frame->least_pt * LEADING * MM_PER_POINT,
		    frame->least_pt, frame->name, frame->height_mm);
	while (size > frame->least_pt &&
	       (width(context, block->lines[which], size) > frame->width_mm ||
		   block->n * size * LEADING * MM_PER_POINT > frame->height_mm))
		size -= STEP_PT;
	ret->size_pt = MAX(size, frame->least_pt);
	ret->pitch_mm = ret->size_pt * LEADING * MM_PER_POINT;
	return true;
}
