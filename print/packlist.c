/*
 * packlist.c - the packing list on A4.
 *
 * Drawn twice: once with a pen that forgets, to count the pages, then with the real one.
 * Looking for the spreadsheet?  packlist_csv.c.
 */
#include "print/packlist.h"

#include <string.h>

#include "print/card.h"
#include "print/packlist_private.h"
#include "print/pen_record.h"
#include "print/qr_box.h"
#include "print/type.h"
#include "print/words.h"

#define PAGE_W_MM 210.0
#define PAGE_H_MM 297.0
#define LEFT_MM 14.0
#define WIDTH_MM 184.0
#define RIGHT_MM (LEFT_MM + WIDTH_MM)
#define TOP_MM 14.0
#define BOTTOM_MM 284.0 /* below it stand the batch and the page number */
#define ROW_MM 8.2
#define HEAD_ROW_MM 7.0
#define QR_MM 26.0
#define BOX_MM 4.6
#define TOTALS_MM 46.0
#define PRODUCTS_MOST 12 /* named in the totals; the rest are summed up */
#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define HAIR 0xB4B4B4u
#define ZEBRA 0xF4F5F6u

typedef enum PackColumn {
	COL_NUMBER,
	COL_PLACE,
	COL_ORDER,
	COL_RECIPIENT,
	COL_PRODUCT,
	COL_CARD,
	COL_DONE,
	N_COLUMNS
} PackColumn;

/* clang-format off */
static const struct {
	Word head;
	double x, w; /* mm from the margin */
	double size;
	int lines;
	TypeAlign align;
} columns[N_COLUMNS] = {
	[COL_NUMBER]    = { WORD_POSITION,    0,   9, 8,   1, TYPE_RIGHT },
	[COL_PLACE]     = { WORD_PLACE,      11,  18, 9.5, 1, TYPE_CENTRE },
	[COL_ORDER]     = { WORD_ORDER,      31,  31, 8,   2, TYPE_LEFT },
	[COL_RECIPIENT] = { WORD_RECIPIENT,  64,  45, 8.5, 2, TYPE_LEFT },
	[COL_PRODUCT]   = { WORD_PRODUCT,   111,  33, 8,   2, TYPE_LEFT },
	[COL_CARD]      = { WORD_CARD,      146,  27, 8.5, 1, TYPE_LEFT },
	[COL_DONE]      = { WORD_DONE,      174,  10, 8,   1, TYPE_CENTRE },
};
/* clang-format on */

static const TypeStyle title_style = {
	.role = FONT_BOLD, .size_pt = 20, .least_pt = 12, .colour = INK
};
static const TypeStyle batch_style = {
	.role = FONT_BOLD, .size_pt = 14, .least_pt = 8, .colour = INK
};
static const TypeStyle fact_style = {
	.role = FONT_REGULAR, .size_pt = 9, .least_pt = 6, .colour = INK
};
static const TypeStyle soft_style = {
	.role = FONT_REGULAR, .size_pt = 7.5, .least_pt = 5.5, .colour = SOFT
};

/* What the totals count, gathered once. */
typedef struct Totals {
	int to_pack, to_remove, recipients, sheets;
	GPtrArray *products; /* names, in order of appearance */
	GArray *counts;      /* int, to pack, beside them */
} Totals;

typedef struct PackFlow {
	Pen *pen;
	const PackList *list;
	const Totals *totals;
	const Qr *qr;
	Colour accent;
	int page, pages;
	double y;
} PackFlow;

bool
packlist_check(const PackList *list, GError **error)
{
	if (list->batch == NULL || *list->batch == '\0')
		return err_set(error, TP_ERROR_INVALID, "packing list: no batch number");
	if (list->n_pieces < 1)
		return err_set(error, TP_ERROR_INVALID,
		    "packing list: batch '%s' has no pieces", list->batch);
	for (int i = 0; i < list->n_pieces; i++)
		if (list->pieces[i].serial == NULL || *list->pieces[i].serial == '\0')
			return err_set(error, TP_ERROR_INVALID,
			    "packing list: piece %d has no serial", i + 1);
	return true;
}

static void
totals_clear(Totals *t)
{
	g_clear_pointer(&t->products, g_ptr_array_unref);
	g_clear_pointer(&t->counts, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Totals, totals_clear)

static void
count_product(Totals *t, GHashTable *index, const char *product)
{
	int one = 1;
	gpointer at = NULL;

	if (product == NULL)
		product = "";
	if (g_hash_table_lookup_extended(index, product, NULL, &at)) {
		g_array_index(t->counts, int, GPOINTER_TO_INT(at))++;
		return;
	}
	g_hash_table_insert(
	    index, (gpointer)(uintptr_t)product, GINT_TO_POINTER((int)t->products->len));
	g_ptr_array_add(t->products, (gpointer)(uintptr_t)product);
	g_array_append_val(t->counts, one);
}

static void
count(const PackList *list, Totals *t)
{
	g_autoptr(GHashTable) people = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) sheets = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);

	t->products = g_ptr_array_new();
	t->counts = g_array_new(FALSE, FALSE, sizeof(int));
	for (int i = 0; i < list->n_pieces; i++) {
		const PackPiece *p = &list->pieces[i];

		if (p->sheet > 0)
			g_hash_table_add(sheets, GINT_TO_POINTER(p->sheet));
		if (p->is_removed) {
			t->to_remove++;
			continue;
		}
		t->to_pack++;
		g_hash_table_add(people,
		    (gpointer)(uintptr_t)(p->recipient != NULL ? p->recipient : ""));
		count_product(t, index, p->product);
	}
	t->recipients = (int)g_hash_table_size(people);
	t->sheets = (int)g_hash_table_size(sheets);
}

/* "label  value" */
static void
fact(PackFlow *f, double x, double y, double label_w, double w, Word label,
    const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	type_cell(f->pen, &soft_style, x, y, label_w, 1, word(f->list->language, label));
	type_cell(f->pen, &fact_style, x + label_w, y, w - label_w, 1, value);
}

static bool
first_head(PackFlow *f, GError **error)
{
	const PackList *l = f->list;
	g_autofree char *day = word_day(l->language, l->date != NULL ? l->date : "");
	g_autofree char *counts = g_strdup_printf("%d", l->n_pieces);
	TypeStyle brand = soft_style;
	double w = WIDTH_MM - QR_MM - 8;
	double y = TOP_MM + 27;

	brand.role = FONT_BOLD;
	brand.size_pt = 9;
	brand.colour = f->accent;
	type_cell(f->pen, &brand, LEFT_MM, TOP_MM + 2, w, 1, l->brand);
	type_cell(f->pen, &title_style, LEFT_MM, TOP_MM + 10, 70, 1,
	    word(l->language, WORD_PACKING_LIST));
	type_cell(f->pen, &batch_style, LEFT_MM, TOP_MM + 19, w, 1, l->batch);
	if (l->reprint > 0) {
		g_autofree char *again =
		    g_strdup_printf(word(l->language, WORD_REPRINT), l->reprint);
		Box pill = { LEFT_MM + 76, TOP_MM + 6.6, 40, 6.8 };
		TypeStyle style = { .role = FONT_BOLD,
			.size_pt = 9,
			.least_pt = 6,
			.colour = COLOUR_WHITE,
			.align = TYPE_CENTRE };

		pen_panel(f->pen, pill, 1.2, INK, COLOUR_NONE, 0);
		type_cell(f->pen, &style, pill.x, pill.y + pill.h / 2, pill.w, 1, again);
	}
	fact(f, LEFT_MM, y, 14, 60, WORD_DATE, day);
	fact(f, LEFT_MM + 62, y, 14, 30, WORD_CARDS, counts);
	fact(f, LEFT_MM + 94, y, 14, w - 94, WORD_STOCK, l->stock);
	if (!qr_box(f->pen, f->qr, (Box){ RIGHT_MM - QR_MM, TOP_MM - 2, QR_MM, QR_MM },
		CARD_MODULE_LEAST_MM, error))
		return false;
	f->y = TOP_MM + 33;
	return true;
}

static void
next_head(PackFlow *f)
{
	g_autofree char *text = g_strdup_printf(
	    "%s %s", word(f->list->language, WORD_PACKING_LIST), f->list->batch);
	TypeStyle style = batch_style;

	style.size_pt = 10;
	type_cell(f->pen, &style, LEFT_MM, TOP_MM + 2, WIDTH_MM, 1, text);
	f->y = TOP_MM + 7;
}

static void
foot(PackFlow *f)
{
	TypeStyle right = soft_style;
	g_autofree char *page = g_strdup_printf(
	    word(f->list->language, WORD_PAGE_OF), f->page, MAX(f->pages, f->page));

	right.align = TYPE_RIGHT;
	pen_line(f->pen, HAIR, 0.35, LEFT_MM, BOTTOM_MM + 1.5, RIGHT_MM, BOTTOM_MM + 1.5);
	type_cell(f->pen, &soft_style, LEFT_MM, BOTTOM_MM + 4.5, WIDTH_MM / 2, 1,
	    f->list->batch);
	type_cell(f->pen, &right, LEFT_MM + WIDTH_MM / 2, BOTTOM_MM + 4.5, WIDTH_MM / 2,
	    1, page);
}

static void
column_heads(PackFlow *f)
{
	for (int c = 0; c < N_COLUMNS; c++) {
		TypeStyle style = { .role = FONT_BOLD,
			.size_pt = 7.5,
			.least_pt = 5.5,
			.colour = f->accent,
			.align = columns[c].align };

		type_cell(f->pen, &style, LEFT_MM + columns[c].x, f->y + HEAD_ROW_MM / 2,
		    columns[c].w, 1, word(f->list->language, columns[c].head));
	}
	f->y += HEAD_ROW_MM;
	pen_line(f->pen, INK, 0.8, LEFT_MM, f->y, RIGHT_MM, f->y);
}

static bool
new_page(PackFlow *f, GError **error)
{
	PenPage page = {
		.width_mm = PAGE_W_MM,
		.height_mm = PAGE_H_MM,
		.shift_x_mm = f->list->shift_x_mm,
		.shift_y_mm = f->list->shift_y_mm,
		.scale = f->list->scale,
	};

	if (!pen_page(f->pen, &page, error))
		return false;
	f->page++;
	if (f->page == 1) {
		if (!first_head(f, error))
			return false;
	} else {
		next_head(f);
	}
	foot(f);
	return true;
}

/* The box to tick, or the order to take the card out. */
static void
done_cell(PackFlow *f, const PackPiece *piece)
{
	double x = LEFT_MM + columns[COL_DONE].x;
	double middle = f->y + ROW_MM / 2;

	if (piece->is_removed) {
		TypeStyle style = { .role = FONT_BOLD,
			.size_pt = 6.5,
			.least_pt = 4.5,
			.colour = COLOUR_WHITE,
			.align = TYPE_CENTRE };
		Box pill = { x - 6, middle - 2.4, columns[COL_DONE].w + 6, 4.8 };

		pen_panel(f->pen, pill, 0.8, INK, COLOUR_NONE, 0);
		type_cell(f->pen, &style, pill.x + 0.5, middle, pill.w - 1, 1,
		    word(f->list->language, WORD_REMOVE));
		return;
	}
	pen_panel(f->pen,
	    (Box){ x + (columns[COL_DONE].w - BOX_MM) / 2, middle - BOX_MM / 2, BOX_MM,
		BOX_MM },
	    0.6, COLOUR_WHITE, INK, 0.7);
}

static void
piece_row(PackFlow *f, int i)
{
	const PackPiece *p = &f->list->pieces[i];
	g_autofree char *number = g_strdup_printf("%d", i + 1);
	g_autofree char *place =
	    p->sheet > 0 ? g_strdup_printf("%d / %d", p->sheet, p->place) : g_strdup("");
	g_autofree char *serial = p->reprint > 0
				      ? g_strdup_printf("%s R%d", p->serial, p->reprint)
				      : g_strdup(p->serial);
	const char *texts[N_COLUMNS] = {
		[COL_NUMBER] = number,
		[COL_PLACE] = place,
		[COL_ORDER] = p->order,
		[COL_RECIPIENT] = p->recipient,
		[COL_PRODUCT] = p->product,
		[COL_CARD] = serial,
	};
	bool new_sheet = i > 0 && p->sheet != p[-1].sheet;

	if (i % 2 == 1)
		pen_fill(f->pen, ZEBRA, &(Box){ LEFT_MM, f->y, WIDTH_MM, ROW_MM }, 1);
	for (int c = 0; c < COL_DONE; c++) {
		TypeStyle style = { .role = c == COL_PLACE ? FONT_BOLD : FONT_REGULAR,
			.size_pt = columns[c].size,
			.least_pt = 6.5,
			.colour = p->is_removed     ? SOFT
				  : c == COL_NUMBER ? SOFT
						    : INK,
			.align = columns[c].align };

		type_cell(f->pen, &style, LEFT_MM + columns[c].x, f->y + ROW_MM / 2,
		    columns[c].w, columns[c].lines, texts[c]);
	}
	if (p->is_removed)
		pen_line(f->pen, INK, 0.8, LEFT_MM + columns[COL_PLACE].x,
		    f->y + ROW_MM / 2,
		    LEFT_MM + columns[COL_CARD].x + columns[COL_CARD].w - 7,
		    f->y + ROW_MM / 2);
	done_cell(f, p);
	/* A thick line where the next sheet of cards is taken from the stack. */
	if (new_sheet)
		pen_line(f->pen, INK, 0.8, LEFT_MM, f->y, RIGHT_MM, f->y);
	f->y += ROW_MM;
	pen_line(f->pen, HAIR, 0.35, LEFT_MM, f->y, RIGHT_MM, f->y);
}

static void
product_totals(PackFlow *f, double x, double w)
{
	const Totals *t = f->totals;
	guint shown =
	    t->products->len > PRODUCTS_MOST ? PRODUCTS_MOST - 1 : t->products->len;
	int rest = t->to_pack;
	double y = f->y + 11;

	for (guint i = 0; i <= shown; i++) {
		bool is_rest = i == shown;
		int n = is_rest ? rest : g_array_index(t->counts, int, i);
		g_autofree char *number = g_strdup_printf("%d", n);
		TypeStyle right = fact_style;

		if (is_rest && rest == 0)
			break;
		right.align = TYPE_RIGHT;
		right.role = FONT_BOLD;
		type_cell(f->pen, &right, x, y, 12, 1, number);
		type_cell(f->pen, &fact_style, x + 15, y, w - 15, 1,
		    is_rest ? "..." : g_ptr_array_index(t->products, i));
		rest -= n;
		y += 4.6;
	}
	f->y = y;
}

static void
signature(PackFlow *f, double x, double y, Word label)
{
	pen_line(f->pen, INK, 0.5, x, y, x + 80, y);
	type_cell(f->pen, &soft_style, x, y + 2.6, 80, 1, word(f->list->language, label));
}

static bool
totals_block(PackFlow *f, GError **error)
{
	const PackList *l = f->list;
	const Totals *t = f->totals;
	double products = MIN(t->products->len, PRODUCTS_MOST) * 4.6;
	double start;
	/* clang-format off */
	const struct { Word label; int n; } rows[] = {
		{ WORD_TO_PACK,    t->to_pack },
		{ WORD_TO_REMOVE,  t->to_remove },
		{ WORD_RECIPIENTS, t->recipients },
		{ WORD_SHEETS,     t->sheets },
	};
	/* clang-format on */

	if (f->y + TOTALS_MM + products > BOTTOM_MM && !new_page(f, error))
		return false;
	f->y += 4;
	start = f->y;
	type_cell(f->pen, &batch_style, LEFT_MM, f->y + 4, 60, 1,
	    word(l->language, WORD_TOTALS));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *n = g_strdup_printf("%d", rows[i].n);

		fact(f, LEFT_MM, start + 11 + 4.6 * (double)i, 24, 40, rows[i].label, n);
	}
	product_totals(f, LEFT_MM + 66, WIDTH_MM - 66);
	f->y = MAX(f->y, start + 11 + 4.6 * (double)G_N_ELEMENTS(rows)) + 14;
	signature(f, LEFT_MM, f->y, WORD_PACKED_BY);
	signature(f, LEFT_MM + WIDTH_MM - 80, f->y, WORD_CHECKED_BY);
	return true;
}

static bool
draw(PackFlow *f, GError **error)
{
	if (!new_page(f, error))
		return false;
	column_heads(f);
	for (int i = 0; i < f->list->n_pieces; i++) {
		if (f->y + ROW_MM > BOTTOM_MM) {
			if (!new_page(f, error))
				return false;
			column_heads(f);
		}
		piece_row(f, i);
	}
	return totals_block(f, error);
}

bool
packlist_draw(Pen *pen, const PackList *list, int *ret_pages, GError **error)
{
	g_autoptr(Pen) blank = pen_blank_new(pen->fonts);
	g_autoptr(Qr) qr = NULL;
	g_auto(Totals) totals = { 0 };
	PackFlow trial = {
		.pen = blank,
		.list = list,
		.totals = &totals,
		.accent = list->accent != 0 ? list->accent : CARD_ACCENT,
	};
	PackFlow real = trial;

	if (!packlist_check(list, error))
		return false;
	qr = qr_encode(
	    list->batch_code != NULL ? list->batch_code : list->batch, QR_LEVEL_M, error);
	if (qr == NULL)
		return false;
	count(list, &totals);
	trial.qr = real.qr = qr;
	if (!draw(&trial, error))
		return false;
	real.pen = pen;
	real.pages = trial.page;
	if (!draw(&real, error))
		return false;
	*ret_pages = real.page;
	return true;
}
