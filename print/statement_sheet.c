/*
 * statement_sheet.c - head, rows, carried sums, total.
 */
#include "print/statement_sheet.h"

#include <string.h>

#include "print/card.h"
#include "print/type.h"

#define PAGE_W_MM 210.0
#define PAGE_H_MM 297.0
#define LEFT_MM 16.0
#define WIDTH_MM 178.0
#define RIGHT_MM (LEFT_MM + WIDTH_MM)
#define TOP_MM 16.0
#define BOTTOM_MM 278.0
#define ROW_MM 8.6
#define HEAD_ROW_MM 7.0
#define CARRY_MM 6.0
#define FIRST_ROWS_MM 92.0 /* where the table begins on the first page */
#define NEXT_ROWS_MM 24.0  /* and on the others */
#define TOTAL_MM 9.0
#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define ZEBRA 0xF4F5F6u

typedef enum Word {
	TITLE,
	PRELIMINARY,
	FROZEN,
	STATUS,
	MONTH,
	NUMBER,
	PARTY,
	LINES,
	ZONE,
	HASH,
	LINE,
	ORDER,
	PRODUCT,
	CUSTOMER,
	PERIOD,
	DAYS,
	PRICE,
	AMOUNT,
	CORRECTS,
	SO_FAR,
	BROUGHT,
	TOTAL,
	PAGE,
	NOTHING,
	N_WORDS
} Word;

/* clang-format off */
static const struct {
	const char *de, *en;
} words[N_WORDS] = {
	[TITLE]       = { "Einzelkostenaufstellung", "Statement" },
	[PRELIMINARY] = { "vorläufig", "preliminary" },
	[FROZEN]      = { "Abgeschlossen", "Closed" },
	[STATUS]      = { "Stand", "Status" },
	[MONTH]       = { "Monat", "Month" },
	[NUMBER]      = { "Nummer", "Number" },
	[PARTY]       = { "Partner", "Party" },
	[LINES]       = { "Zeilen", "Lines" },
	[ZONE]        = { "Tage in der Zone", "Days in zone" },
	[HASH]        = { "Prüfsumme", "Checksum" },
	[LINE]        = { "Zeile", "Line" },
	[ORDER]       = { "Auftrag", "Order" },
	[PRODUCT]     = { "Produkt", "Product" },
	[CUSTOMER]    = { "Kunde", "Customer" },
	[PERIOD]      = { "Zeitraum", "Period" },
	[DAYS]        = { "Tage", "Days" },
	[PRICE]       = { "Preis", "Price" },
	[AMOUNT]      = { "Betrag", "Amount" },
	[CORRECTS]    = { "zu", "corrects" },
	[SO_FAR]      = { "Zwischensumme", "Subtotal" },
	[BROUGHT]     = { "Übertrag", "Brought forward" },
	[TOTAL]       = { "Summe", "Total" },
	[PAGE]        = { "Seite %d von %d", "Page %d of %d" },
	[NOTHING]     = { "In diesem Monat ist nichts zu berechnen.", "There is nothing to charge for this month." },
};

typedef enum Col { COL_LINE, COL_ORDER, COL_PRODUCT, COL_CUSTOMER, COL_PERIOD, COL_DAYS, COL_PRICE, COL_AMOUNT, N_COLS } Col;

static const struct {
	Word head;
	double x, w;	/* mm from the margin */
	TypeAlign align;
} cols[N_COLS] = {
	[COL_LINE]     = { LINE,       0, 21, TYPE_LEFT },
	[COL_ORDER]    = { ORDER,     22, 31, TYPE_LEFT },
	[COL_PRODUCT]  = { PRODUCT,   54, 43, TYPE_LEFT },
	[COL_CUSTOMER] = { CUSTOMER,  98, 14, TYPE_LEFT },
	[COL_PERIOD]   = { PERIOD,   113, 18, TYPE_LEFT },
	[COL_DAYS]     = { DAYS,     132, 12, TYPE_RIGHT },
	[COL_PRICE]    = { PRICE,    145, 16, TYPE_RIGHT },
	[COL_AMOUNT]   = { AMOUNT,   162, 16, TYPE_RIGHT },
};
/* clang-format on */

static const TypeStyle title = {
	.role = FONT_BOLD, .size_pt = 20, .least_pt = 12, .colour = INK
};
static const TypeStyle strong = {
	.role = FONT_BOLD, .size_pt = 9.5, .least_pt = 6, .colour = INK
};
static const TypeStyle plain = {
	.role = FONT_REGULAR, .size_pt = 9.5, .least_pt = 6, .colour = INK
};
static const TypeStyle soft = {
	.role = FONT_REGULAR, .size_pt = 7.5, .least_pt = 5, .colour = SOFT
};

struct StatementSheet {
	Pen *pen;
	const StatementHead *head;
	Colour accent;
	double y;    /* top of the next row */
	int page;    /* being drawn */
	int pages;   /* of all */
	int64_t row; /* how many are drawn */
	char *carried;
};

static const char *
word(const StatementSheet *sheet, Word w)
{
	return g_strcmp0(sheet->head->language, "de") == 0 ? words[w].de : words[w].en;
}

/* A cell never fails: a list must come whatever is in it. */
static void
put(StatementSheet *sheet, const TypeStyle *style, TypeAlign align, double x, double y,
    double w, const char *text)
{
	TypeStyle own = *style;

	own.align = align;
	if (text != NULL && *text != '\0')
		type_cell(sheet->pen, &own, x, y, w, 1, text);
}

static int
rows_on(double from)
{
	return (int)((BOTTOM_MM - CARRY_MM - from - HEAD_ROW_MM) / ROW_MM);
}

/* Carried sums take a row's place at the top of every page but the first. */
static int
count_pages(const StatementHead *head)
{
	int64_t left = head->rows - rows_on(FIRST_ROWS_MM);
	int64_t next = rows_on(NEXT_ROWS_MM + CARRY_MM);

	return left <= 0 ? 1 : (int)(1 + (left + next - 1) / next);
}

static void
draw_facts(StatementSheet *sheet)
{
	const StatementHead *head = sheet->head;
	g_autofree char *lines = g_strdup_printf("%" G_GINT64_FORMAT, head->rows);
	const struct {
		Word name;
		const char *value;
	} facts[] = {
		{ NUMBER, head->number },
		{ MONTH, head->month },
		{ PARTY, head->party_code },
		{ LINES, lines },
		{ FROZEN,
		    head->closed != NULL ? head->closed : word(sheet, PRELIMINARY) },
		{ ZONE, head->zone },
		{ HASH, head->hash },
	};
	double x = LEFT_MM + 100;
	double y = TOP_MM + 22;

	for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
		if (facts[i].value == NULL)
			continue;
		put(sheet, &soft, TYPE_LEFT, x, y, 26, word(sheet, facts[i].name));
		put(sheet, facts[i].name == HASH ? &soft : &plain, TYPE_LEFT, x + 27, y,
		    RIGHT_MM - x - 27, facts[i].value);
		y += 5.6;
	}
}

static void
draw_sums(StatementSheet *sheet, double y)
{
	const char *const *sums = sheet->head->sums;

	for (int i = 0; sums != NULL && sums[i] != NULL; i++) {
		pen_line(sheet->pen, INK, 0.8, LEFT_MM + 100, y, RIGHT_MM, y);
		put(sheet, &strong, TYPE_LEFT, LEFT_MM + 100, y + TOTAL_MM / 2, 30,
		    i == 0 ? word(sheet, TOTAL) : "");
		put(sheet, &strong, TYPE_RIGHT, LEFT_MM + 130, y + TOTAL_MM / 2, 48,
		    sums[i]);
		y += TOTAL_MM;
	}
}

static void
draw_first_head(StatementSheet *sheet)
{
	const StatementHead *head = sheet->head;
	double y = TOP_MM + 22;

	pen_fill(sheet->pen, sheet->accent, &(Box){ LEFT_MM, TOP_MM, 18, 1.2 }, 1);
	put(sheet, &title, TYPE_LEFT, LEFT_MM, TOP_MM + 8, 130, word(sheet, TITLE));
	put(sheet, &soft, TYPE_RIGHT, LEFT_MM + 110, TOP_MM + 8, 68, head->vendor);
	put(sheet, &strong, TYPE_LEFT, LEFT_MM, y, 90, head->party);
	for (int i = 0; head->address != NULL && head->address[i] != NULL; i++)
		put(sheet, &plain, TYPE_LEFT, LEFT_MM, y += 5.2, 90, head->address[i]);
	draw_facts(sheet);
	draw_sums(sheet, FIRST_ROWS_MM - 14);
}

static void
draw_next_head(StatementSheet *sheet)
{
	g_autofree char *text = g_strdup_printf("%s %s · %s", word(sheet, TITLE),
	    sheet->head->number != NULL ? sheet->head->number : "",
	    sheet->head->month != NULL ? sheet->head->month : "");

	put(sheet, &soft, TYPE_LEFT, LEFT_MM, TOP_MM + 2, WIDTH_MM, text);
}

static void
draw_table_head(StatementSheet *sheet)
{
	double y = sheet->y + HEAD_ROW_MM / 2;

	for (int i = 0; i < N_COLS; i++)
		put(sheet, &soft, cols[i].align, LEFT_MM + cols[i].x, y, cols[i].w,
		    word(sheet, cols[i].head));
	sheet->y += HEAD_ROW_MM;
	pen_line(sheet->pen, INK, 0.8, LEFT_MM, sheet->y, RIGHT_MM, sheet->y);
}

static void
draw_carried(StatementSheet *sheet, Word name)
{
	double y = sheet->y + CARRY_MM / 2;

	if (sheet->carried == NULL)
		return;
	put(sheet, &soft, TYPE_RIGHT, LEFT_MM + 90, y, 50, word(sheet, name));
	put(sheet, &strong, TYPE_RIGHT, LEFT_MM + 141, y, 37, sheet->carried);
}

static void
draw_foot(StatementSheet *sheet)
{
	g_autofree char *text =
	    g_strdup_printf(word(sheet, PAGE), sheet->page, sheet->pages);

	put(sheet, &soft, TYPE_RIGHT, LEFT_MM, BOTTOM_MM + 6, WIDTH_MM, text);
	put(sheet, &soft, TYPE_LEFT, LEFT_MM, BOTTOM_MM + 6, 100, sheet->head->number);
}

static bool
begin_page(StatementSheet *sheet, GError **error)
{
	PenPage page = { .width_mm = PAGE_W_MM, .height_mm = PAGE_H_MM };

	if (!pen_page(sheet->pen, &page, error))
		return false;
	sheet->page++;
	if (sheet->page == 1)
		draw_first_head(sheet);
	else
		draw_next_head(sheet);
	draw_foot(sheet);
	sheet->y = sheet->page == 1 ? FIRST_ROWS_MM : NEXT_ROWS_MM;
	draw_table_head(sheet);
	if (sheet->page > 1) {
		draw_carried(sheet, BROUGHT);
		sheet->y += CARRY_MM;
	}
	return true;
}

StatementSheet *
statement_sheet_begin(Pen *pen, const StatementHead *head, GError **error)
{
	g_autoptr(StatementSheet) sheet = g_new0(StatementSheet, 1);

	sheet->pen = pen;
	sheet->head = head;
	sheet->accent = head->accent != 0 ? head->accent : CARD_ACCENT;
	sheet->pages = count_pages(head);
	return begin_page(sheet, error) ? g_steal_pointer(&sheet) : NULL;
}

bool
statement_sheet_row(StatementSheet *sheet, const StatementRow *row, GError **error)
{
	double upper;
	double lower;
	g_autofree char *corrects = NULL;

	if (sheet->y + ROW_MM > BOTTOM_MM - CARRY_MM + 0.001) {
		draw_carried(sheet, SO_FAR);
		if (!begin_page(sheet, error))
			return false;
	}
	if (sheet->row % 2 == 1)
		pen_fill(sheet->pen, ZEBRA,
		    &(Box){ LEFT_MM - 1, sheet->y, WIDTH_MM + 2, ROW_MM }, 1);
	upper = sheet->y + ROW_MM * 0.32;
	lower = sheet->y + ROW_MM * 0.72;
	if (row->corrects != NULL)
		corrects = g_strdup_printf("%s %s", word(sheet, CORRECTS), row->corrects);
	const struct {
		Col col;
		double y;
		const TypeStyle *style;
		const char *text;
	} cells[] = {
		{ COL_LINE, upper, &soft, row->line },
		{ COL_LINE, lower, &soft, corrects },
		{ COL_ORDER, upper, &soft, row->order },
		{ COL_PRODUCT, upper, &soft, row->product },
		{ COL_PRODUCT, lower, &soft, row->detail },
		{ COL_CUSTOMER, upper, &soft, row->customer },
		{ COL_PERIOD, upper, &soft, row->from },
		{ COL_PERIOD, lower, &soft, row->to },
		{ COL_DAYS, upper, &soft, row->days },
		{ COL_PRICE, upper, &soft, row->price },
		{ COL_AMOUNT, upper, &strong, row->amount },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
		TypeStyle style = *cells[i].style;

		style.size_pt = 7.5;
		/* What must be read is black; what is beside it is grey. */
		if (cells[i].y < lower)
			style.colour = INK;
		put(sheet, &style, cols[cells[i].col].align,
		    LEFT_MM + cols[cells[i].col].x, cells[i].y, cols[cells[i].col].w,
		    cells[i].text);
	}
	sheet->y += ROW_MM;
	sheet->row++;
	g_free(sheet->carried);
	sheet->carried = g_strdup(row->carried);
	return true;
}

bool
statement_sheet_end(StatementSheet *sheet, GError **error)
{
	if (sheet->row == 0)
		put(sheet, &plain, TYPE_LEFT, LEFT_MM, sheet->y + ROW_MM / 2, WIDTH_MM,
		    word(sheet, NOTHING));
	else
		draw_carried(sheet, TOTAL);
	return pen_finish(sheet->pen, error);
}

void
statement_sheet_free(StatementSheet *sheet)
{
	if (sheet == NULL)
		return;
	g_free(sheet->carried);
	g_free(sheet);
}
