/*
 * letter.h - letters to one recipient, for window envelopes.
 *
 *   LETTER_CARDS  cover text, activation steps, and the ticket cards to cut out: up to
 * two in the lowest third of the first page, below the second fold; more of them on pages
 * of eight LETTER_PIN    the codes in large type, below the first fold only: folded in
 * three (C- fold) with the address outside, nothing private can be seen LETTER_NOTE
 * delivery note: what is in the parcel, with masked tickets
 *
 * A letter is laid out whole before anything is drawn: a text that does not fit, an
 * address too wide for the window or a character no font shows is an error, and the pen
 * is untouched.  Several letters may be drawn with one pen, one after the other, into one
 * PDF; the same letters give the same bytes.
 */
#pragma once

#include "print/address.h"
#include "print/card.h"
#include "print/letter_form.h"
#include "print/pen.h"

typedef enum LetterKind {
	LETTER_CARDS,
	LETTER_PIN,
	LETTER_NOTE,
} LetterKind;

/* "cards", "pin", "note". */
const char *letter_kind_name(LetterKind kind);
bool letter_kind_from_name(const char *name, LetterKind *ret);

#define LETTER_FOOTERS 4

/* Vendor or reseller.  UTF-8, borrowed; NULL or "" leaves a thing away, but name and at
 * least one line of the address must be there. */
typedef struct LetterSender {
	const char *name;
	const Picture *logo;        /* stands for the name in the letterhead */
	const char *const *address; /* NULL-terminated: "Kaiserallee 153", "76133 ..." */
	const char *phone, *email, *web;
	const char *footers[LETTER_FOOTERS]; /* columns; lines parted by '\n' */
	Colour accent;                       /* 0: CARD_ACCENT */
} LetterSender;

/* A line of a delivery note. */
typedef struct LetterItem {
	const char *product;
	const char *masked; /* "*****-...-ABCDE"; one without '*' is refused */
	const char *serial; /* of the card */
	const char *valid;  /* "YYYY-MM-DD" or any text */
} LetterItem;

typedef struct Letter {
	LetterKind kind;
	const char *form;     /* "din5008-b"; NULL: that */
	const char *language; /* of the recipient */
	const LetterSender *sender;
	const AddressBlock *to;
	const char *remark;   /* above the address: "Persönlich" */
	const char *greeting; /* the person's name; NULL: a greeting without */
	const char *date;     /* "YYYY-MM-DD" or any text */
	const char *order, *customer, *reference, *contact; /* information block */
	const char *subject;                                /* NULL: from words.def */
	const char *const *paragraphs; /* NULL-terminated cover text; NULL: words.def */
	const char *activate_at;       /* URL without a code, for the steps */
	const char *privacy;           /* what the data are kept for, small; NULL: none */
	const CardData *cards;         /* LETTER_CARDS and LETTER_PIN */
	int n_cards;
	const LetterItem *items; /* LETTER_NOTE */
	int n_items;
	const char *mark;                     /* small, for the warehouse: "B-7 12/340" */
	double shift_x_mm, shift_y_mm, scale; /* of the printer: see PenPage */
} Letter;

/*
 * Draws the letter's pages; *ret_pages says how many.
 * false: INVALID, naming the field; NOT_FOUND for an unknown form; an error of the pen.
 */
bool letter_draw(Pen *pen, const Letter *letter, int *ret_pages, GError **error) MUST_USE;
