/*
 * letter_form.h - where things lie on a business letter (DIN 5008, forms A and B).
 *
 * Millimetres from the top left corner of an A4 page.
 */
#pragma once

#include "print/geom.h"
#include "queue/err.h"

#define LETTER_WIDTH_MM 210.0
#define LETTER_HEIGHT_MM 297.0
#define LETTER_LEFT_MM 25.0
#define LETTER_RIGHT_MM 20.0
#define LETTER_PUNCH_MM 148.5

typedef struct LetterForm {
	const char *name; /* "din5008-b" */
	Box field;        /* what the window of an envelope shows at most */
	Box remarks;      /* the upper zone: return address and remarks, from below */
	Box address;      /* the lower zone: six lines, from above */
	Box info;         /* information block */
	double text_y_mm; /* the text begins here */
	double fold1_mm, fold2_mm;
} LetterForm;

/* false: NOT_FOUND, naming the forms there are. */
bool letter_form_get(const char *name, LetterForm *ret, GError **error) MUST_USE;
