/*
 * letter_private.h - a letter while it is laid out, shared by the files letter_*.c.
 *
 * The text flows down a page and on to the next one; the first page has the letterhead,
 * the address and the information block, the others a line at the top.
 */
#pragma once

#include "print/letter.h"
#include "print/type.h"

#define LETTER_TEXT_MM (LETTER_WIDTH_MM - LETTER_LEFT_MM - LETTER_RIGHT_MM)
#define LETTER_FOOT_MM 276.0 /* the line above the footer */
#define LETTER_NEXT_MM 32.0  /* where text begins on the second page and on */
#define LETTER_INK 0x111111u
#define LETTER_SOFT 0x5A5A5Au
#define LETTER_HAIR 0xB4B4B4u

typedef struct LetterFlow {
	Pen *pen; /* records */
	const Letter *letter;
	LetterForm form;
	Colour accent;
	int page;         /* from 1 */
	int pages;        /* of the whole letter, once it is known; else 0 */
	double y_mm;      /* the next line's top */
	double bottom_mm; /* of the text on this page */
} LetterFlow;

extern const TypeStyle letter_body, letter_bold, letter_small;

/* Begins a page with all that is on each. */
bool letter_page(LetterFlow *flow, GError **error) MUST_USE;
/* The letterhead, address, block and marks of the first page (letter_head.c). */
bool letter_head(LetterFlow *flow, GError **error) MUST_USE;
/* The line at the top of the others, and what is at the foot of all. */
bool letter_next_head(LetterFlow *flow, GError **error) MUST_USE;
bool letter_foot(LetterFlow *flow, GError **error) MUST_USE;

/* Sets a text `indent_mm` from the margin, going to a new page where this one ends. */
bool letter_flow(LetterFlow *flow, const TypeStyle *style, double indent_mm,
    const char *what, const char *text, GError **error) MUST_USE;
void letter_gap(LetterFlow *flow, double mm);
/* Goes to a new page unless `mm` are left on this one. */
bool letter_need(LetterFlow *flow, double mm, GError **error) MUST_USE;

/* Subject, greeting and cover text; `subject` and `intro` stand for what the letter does
 * not say itself. */
bool letter_opening(
    LetterFlow *flow, const char *subject, const char *intro, GError **error) MUST_USE;
bool letter_closing(LetterFlow *flow, GError **error) MUST_USE;

/* Activation steps in a column, from `y_mm`; *ret_y_mm is where they end.  With a pen
 * that records nothing of use it is a way to measure. */
bool letter_steps(LetterFlow *flow, double x_mm, double y_mm, double width_mm,
    double *ret_y_mm, GError **error) MUST_USE;

/* The bodies of the three kinds. */
bool letter_body_cards(LetterFlow *flow, GError **error) MUST_USE;
bool letter_body_pin(LetterFlow *flow, GError **error) MUST_USE;
bool letter_body_note(LetterFlow *flow, GError **error) MUST_USE;
