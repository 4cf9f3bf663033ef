/*
 * card.h - a ticket as a card of ID-1 size (ISO/IEC 7810), or near it.
 *
 * card_layout() is pure: a ticket in, placed boxes out; it reads fonts and nothing else.
 * What does not fit at its full size is set smaller down to a limit, then broken into
 * lines, and if that is not enough the card is refused with the field named.  Nothing is
 * ever cut off, and the code is never broken.
 *
 * The layout is the table in card_layout.def; words in the card's language are in
 * card_words.def.
 *
 * A CardLayout points into its CardData, which must live as long.
 */
#pragma once

#include "print/pen.h"
#include "print/press.h"

/* UTF-8; NULL or "" leaves a field away, but product and code must be there. */
typedef struct CardData {
	const char *brand;   /* vendor or reseller */
	const Picture *logo; /* stands for the brand's name; NULL: the name is set */
	const char *product; /* "CAD Pro 2026" */
	const char *holder;  /* a person's name */
	const char *company;
	const char *code; /* as it is typed: "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX" */
	const char
	    *qr_text; /* activation URL with the code; NULL: the code alone, level Q */
	const char *serial; /* of the card, not the code */
	const char *valid;  /* last day "YYYY-MM-DD", or any text, shown as is */
	const char *banner; /* "NFR": not for resale */
	const char *back;   /* advice on the back (card_back.h); NULL: from words.def */
	const char *web, *email; /* where to ask; on the back */
	const char *language;    /* "de", "en"; anything else is English */
	Colour accent;           /* 0: CARD_ACCENT */
	int reprint;             /* above 0: "Reprint n" beside the serial */
	const Qr *qr;            /* already encoded from qr_text; NULL: encode here */
} CardData;

#define CARD_ACCENT 0x1B4F72u

/* Nothing readable nearer to the cut than this. */
#define CARD_SAFE_MM 3.0
/* Smallest size a card can have and still hold all that belongs on it. */
#define CARD_WIDTH_MIN_MM 80.0
#define CARD_HEIGHT_MIN_MM 48.0
/* A module of the QR code: wanted for telephones, and the least that is printed. */
#define CARD_MODULE_WANTED_MM 0.40
#define CARD_MODULE_LEAST_MM 0.33

typedef enum CardElement {
#define ELEMENT(name, ...) CARD_##name,
#include "print/card_layout.def"
#undef ELEMENT
	CARD_EDGE, /* the coloured strip; reaches into the bleed */
	CARD_PANEL,
	CARD_PILL, /* under the banner */
	CARD_LOGO,
	CARD_QR,
	N_CARD_ELEMENTS
} CardElement;

#define CARD_LINES_MAX 3
#define CARD_BOXES_MAX 16

typedef struct CardLine {
	const char *text; /* not terminated */
	size_t bytes;
	double x_mm, y_mm; /* baseline, from the card's top left corner */
} CardLine;

typedef struct CardBox {
	CardElement element;
	Box box; /* what is inked; of text: from the capitals' top to the last baseline */
	PenStyle style; /* of panels: only the colour */
	int n_lines;
	CardLine lines[CARD_LINES_MAX];
} CardBox;

typedef struct CardLayout {
	double width_mm, height_mm;
	CardBox boxes[CARD_BOXES_MAX]; /* in the order of drawing */
	int n_boxes;
	const Qr *qr;
	const Picture *logo;
	double module_mm;                 /* a whole number of dots at 600 dpi */
	Box qr_box;                       /* with quiet zone */
	Qr *own_qr;                       /* made here, if data->qr was NULL */
	char *own_texts[N_CARD_ELEMENTS]; /* likewise what is not in the data as it is
					     shown */
} CardLayout;

/*
 * Places the fields of `data` on a card of this size.
 *
 * false: INVALID, naming the field: too long for the card, or with characters no font
 * shows; QR text too long; or a card below CARD_*_MIN_MM.
 */
bool card_layout(const FontSet *fonts, const CardData *data, double width_mm,
    double height_mm, CardLayout *ret, GError **error) MUST_USE;

/* For a CardLayout that was filled, or is all zeros. */
void card_layout_clear(CardLayout *layout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CardLayout, card_layout_clear)

/* The box of `element`, NULL if it was left away. */
const CardBox *card_layout_find(const CardLayout *layout, CardElement element);
const char *card_element_name(CardElement element);

/* Draws the card with its top left corner at (x, y); the coloured strip reaches `bleed`
 * beyond the cut: left, top, right, bottom in mm. */
typedef struct CardBleed {
	double left, top, right, bottom;
} CardBleed;
void card_draw(
    Pen *pen, const CardLayout *layout, double x_mm, double y_mm, CardBleed bleed);

/* Draws the card on a new page of ID-1 size and `bleed_mm` around it. */
bool card_page(Pen *pen, const CardData *data, double bleed_mm, GError **error) MUST_USE;

/*
 * One card as a PDF of its own, appended to `out`: what is attached to a mail.  A page of
 * ID-1 size and `bleed_mm` around it (0 for mail).
 */
bool card_pdf(Press *press, const CardData *data, double bleed_mm, GByteArray *out,
    GError **error) MUST_USE;
