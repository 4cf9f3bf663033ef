/*
 * stock.c - the tables of paper, and geometry as text.
 */
#include "print/stock.h"

#include <math.h>
#include <string.h>

#include "print/stock_glabels.h"
#include "print/stock_private.h"
#include "queue/limits.h"

/* Makers round to a tenth of a millimetre and let the outer labels run over the edge. */
#define EDGE_SLACK_MM 0.5
#define OVERLAP_SLACK_MM 0.1
#define PAGE_LEAST_MM 10.0
#define PAGE_MOST_MM 1300.0
#define LABEL_LEAST_MM 5.0

#define GLABELS_PREFIX "gLabels:"

typedef struct StockPage {
	const char *name;
	double w_mm, h_mm;
	const char *media;
} StockPage;

typedef enum PageId {
#define PAGE(id, name, w, h, media) PAGE_##id,
#include "print/stock_page.def"
#undef PAGE
} PageId;

typedef struct StockRow {
	const char *name, *title;
	PageId page;
	bool cut;
	int cols, rows;
	double w, h, x0, y0, dx, dy, radius;
} StockRow;

/* clang-format off */
static const StockPage pages[] = {
#define PAGE(id, name, w, h, media) [PAGE_##id] = { name, w, h, media },
#include "print/stock_page.def"
#undef PAGE
};

enum { PRE = false, CUT = true };
static const StockRow builtin[] = {
#define STOCK(name, title, page, crop, cols, rows, w, h, x0, y0, dx, dy, radius) \
	{ name, title, PAGE_##page, crop, cols, rows, w, h, x0, y0, dx, dy, radius },
#include "print/stock.def"
#undef STOCK
};
/* clang-format on */

/* A length as people write it: at most two decimals, a point whatever the locale. */
static const char *
mm(double value, char *buf, size_t size)
{
	g_ascii_formatd(buf, (gint)size, "%.2f", value);
	if (strchr(buf, '.') != NULL) {
		size_t n = strlen(buf);

		while (buf[n - 1] == '0')
			buf[--n] = '\0';
		if (buf[n - 1] == '.')
			buf[--n] = '\0';
	}
	return buf;
}
#define MM(value) mm(value, (char[G_ASCII_DTOSTR_BUF_SIZE]){ 0 }, G_ASCII_DTOSTR_BUF_SIZE)

void
stock_set_page(Stock *stock, double w_mm, double h_mm, const char *pwg)
{
	stock->page_w_mm = w_mm;
	stock->page_h_mm = h_mm;
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		if (fabs(pages[i].w_mm - w_mm) > 0.06 ||
		    fabs(pages[i].h_mm - h_mm) > 0.06)
			continue;
		g_strlcpy(stock->media, pages[i].media, sizeof(stock->media));
		return;
	}
	if (pwg != NULL)
		g_snprintf(stock->media, sizeof(stock->media), "%s_%sx%smm", pwg,
		    MM(w_mm), MM(h_mm));
	else
		g_snprintf(stock->media, sizeof(stock->media), "custom_%sx%smm_%sx%smm",
		    MM(w_mm), MM(h_mm), MM(w_mm), MM(h_mm));
}

bool
stock_nth(size_t i, Stock *ret)
{
	const StockRow *row;
	Stock stock = { 0 };

	if (i >= G_N_ELEMENTS(builtin))
		return false;
	row = &builtin[i];
	stock = (Stock){
		.cols = row->cols,
		.rows = row->rows,
		.label_w_mm = row->w,
		.label_h_mm = row->h,
		.x0_mm = row->x0,
		.y0_mm = row->y0,
		.dx_mm = row->dx,
		.dy_mm = row->dy,
		.radius_mm = row->radius,
		.cut = row->cut,
	};
	g_strlcpy(stock.name, row->name, sizeof(stock.name));
	g_strlcpy(stock.title, row->title, sizeof(stock.title));
	stock_set_page(&stock, pages[row->page].w_mm, pages[row->page].h_mm, NULL);
	*ret = stock;
	return true;
}

/* Geometry as text.  A cursor walks over it; each reader says what it wanted when it is
 * not there. */

typedef struct Cursor {
	const char *at;
	const char *text; /* the whole, for messages */
} Cursor;

static bool
read_mm(Cursor *c, const char *what, double *ret, GError **error)
{
	char *end = NULL;
	double value;

	/* g_ascii_strtod() would take "inf", "0x1p3" and blanks. */
	if (*c->at != '-' && *c->at != '.' && !g_ascii_isdigit(*c->at))
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the %s should be a number of millimetres", c->text,
		    what);
	value = g_ascii_strtod(c->at, &end);
	if (end == c->at || !isfinite(value) || fabs(value) > PAGE_MOST_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the %s should be at most %g mm", c->text, what,
		    PAGE_MOST_MM);
	c->at = end;
	*ret = value;
	return true;
}

static bool
read_count(Cursor *c, const char *what, int *ret, GError **error)
{
	int value = 0;

	for (; g_ascii_isdigit(*c->at) && value < 10000; c->at++)
		value = value * 10 + (*c->at - '0');
	if (value < 1 || value > LIMIT_STOCK_SLOTS)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the number of %s should be 1 to %d", c->text, what,
		    LIMIT_STOCK_SLOTS);
	*ret = value;
	return true;
}

static bool
read_mark(Cursor *c, char mark, const char *after, GError **error)
{
	if (*c->at != mark)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': '%c' expected after the %s "
		    "(PAGE:COLSxROWS:WxH:X0,Y0:DX,DY)",
		    c->text, mark, after);
	c->at++;
	return true;
}

static bool
read_pair(Cursor *c, char between, const char *first_what, const char *second_what,
    double *ret_first, double *ret_second, GError **error)
{
	return read_mm(c, first_what, ret_first, error) &&
	       read_mark(c, between, first_what, error) &&
	       read_mm(c, second_what, ret_second, error);
}

static bool
read_page(Cursor *c, Stock *stock, GError **error)
{
	size_t n = strcspn(c->at, ":");
	double w, h;

	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		if (strlen(pages[i].name) != n ||
		    g_ascii_strncasecmp(pages[i].name, c->at, n) != 0)
			continue;
		stock_set_page(stock, pages[i].w_mm, pages[i].h_mm, NULL);
		c->at += n;
		return true;
	}
	if (!g_ascii_isdigit(*c->at))
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the page should be a4, a5, a6, letter, legal or WxH in "
		    "millimetres",
		    c->text);
	if (!read_pair(c, 'x', "page width", "page height", &w, &h, error))
		return false;
	stock_set_page(stock, w, h, NULL);
	return true;
}

static bool
read_tail(Cursor *c, Stock *stock, GError **error)
{
	while (*c->at != '\0') {
		if (!read_mark(c, ':', "pitch", error))
			return false;
		if (*c->at == 'r') {
			c->at++;
			if (!read_mm(c, "corner radius", &stock->radius_mm, error))
				return false;
		} else if (strncmp(c->at, "cut", 3) == 0) {
			c->at += 3;
			stock->cut = true;
		} else {
			return err_set(error, TP_ERROR_INVALID,
			    "stock '%s': 'rN' or 'cut' expected at the end", c->text);
		}
	}
	return true;
}

bool
stock_parse(const char *text, Stock *ret, GError **error)
{
	Cursor c = { .at = text, .text = text };
	Stock stock = { 0 };

	/* The text is the name, whole: a cut one would find another stock. */
	if (strlen(text) >= sizeof(stock.name))
		return err_set(error, TP_ERROR_INVALID,
		    "a stock's geometry should be at most %zu characters",
		    sizeof(stock.name) - 1);
	if (!g_utf8_validate(text, -1, NULL))
		return err_set(
		    error, TP_ERROR_INVALID, "a stock's geometry is not UTF-8");
	/* clang-format off */
	if (!read_page(&c, &stock, error) ||
	    !read_mark(&c, ':', "page", error) ||
	    !read_count(&c, "columns", &stock.cols, error) ||
	    !read_mark(&c, 'x', "columns", error) ||
	    !read_count(&c, "rows", &stock.rows, error) ||
	    !read_mark(&c, ':', "rows", error) ||
	    !read_pair(&c, 'x', "label width", "label height",
	        &stock.label_w_mm, &stock.label_h_mm, error) ||
	    !read_mark(&c, ':', "label height", error) ||
	    !read_pair(&c, ',', "left margin", "top margin",
	        &stock.x0_mm, &stock.y0_mm, error) ||
	    !read_mark(&c, ':', "top margin", error) ||
	    !read_pair(&c, ',', "horizontal pitch", "vertical pitch",
	        &stock.dx_mm, &stock.dy_mm, error) ||
	    !read_tail(&c, &stock, error))
		return false;
	/* clang-format on */
	g_strlcpy(stock.name, text, sizeof(stock.name));
	g_snprintf(stock.title, sizeof(stock.title), "%d x %d labels of %s x %s mm",
	    stock.cols, stock.rows, MM(stock.label_w_mm), MM(stock.label_h_mm));
	*ret = stock;
	return true;
}

char *
stock_format(const Stock *stock)
{
	GString *s = g_string_new(NULL);
	size_t i = 0;

	for (; i < G_N_ELEMENTS(pages); i++)
		if (strcmp(stock->media, pages[i].media) == 0)
			break;
	if (i < G_N_ELEMENTS(pages))
		g_string_append(s, pages[i].name);
	else
		g_string_append_printf(
		    s, "%sx%s", MM(stock->page_w_mm), MM(stock->page_h_mm));
	g_string_append_printf(s, ":%dx%d:%sx%s:%s,%s:%s,%s", stock->cols, stock->rows,
	    MM(stock->label_w_mm), MM(stock->label_h_mm), MM(stock->x0_mm),
	    MM(stock->y0_mm), MM(stock->dx_mm), MM(stock->dy_mm));
	if (stock->radius_mm > 0)
		g_string_append_printf(s, ":r%s", MM(stock->radius_mm));
	if (stock->cut)
		g_string_append(s, ":cut");
	return g_string_free(s, FALSE);
}

/* One figure between two bounds; every figure of a stock goes through here. */
static bool
check_mm(const Stock *stock, const char *what, double value, double least, double most,
    GError **error)
{
	if (value >= least && value <= most)
		return true;
	return err_set(error, TP_ERROR_INVALID, "stock '%s': %s %s mm is not %s to %s mm",
	    stock->name, what, MM(value), MM(least), MM(most));
}

/* The labels of one direction: all on the page, none over the next. */
static bool
check_run(const Stock *stock, const char *what, int n, double size, double first,
    double pitch, double page, GError **error)
{
	double last = first + (n - 1) * pitch + size;

	if (first < -EDGE_SLACK_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the first %s begins %s mm before the page", stock->name,
		    what, MM(-first));
	if (n > 1 && pitch < size - OVERLAP_SLACK_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': %ss overlap by %s mm", stock->name, what,
		    MM(size - pitch));
	if (last > page + EDGE_SLACK_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': the last %s ends %s mm beyond the page", stock->name,
		    what, MM(last - page));
	return true;
}

bool
stock_check(const Stock *stock, GError **error)
{
	double w = stock->label_w_mm, h = stock->label_h_mm;

	if (stock->cols < 1 || stock->rows < 1 || stock->cols > LIMIT_STOCK_SLOTS ||
	    stock->rows > LIMIT_STOCK_SLOTS ||
	    stock->cols * stock->rows > LIMIT_STOCK_SLOTS)
		return err_set(error, TP_ERROR_INVALID,
		    "stock '%s': %d x %d labels on a page, it should be 1 to %d",
		    stock->name, stock->cols, stock->rows, LIMIT_STOCK_SLOTS);
	/* clang-format off */
	return check_mm(stock, "page width", stock->page_w_mm,
	           PAGE_LEAST_MM, PAGE_MOST_MM, error) &&
	       check_mm(stock, "page height", stock->page_h_mm,
	           PAGE_LEAST_MM, PAGE_MOST_MM, error) &&
	       check_mm(stock, "label width", w, LABEL_LEAST_MM, PAGE_MOST_MM, error) &&
	       check_mm(stock, "label height", h, LABEL_LEAST_MM, PAGE_MOST_MM, error) &&
	       check_mm(stock, "corner radius", stock->radius_mm,
	           0, MIN(w, h) / 2, error) &&
	       check_run(stock, "column", stock->cols, w,
	           stock->x0_mm, stock->dx_mm, stock->page_w_mm, error) &&
	       check_run(stock, "row", stock->rows, h,
	           stock->y0_mm, stock->dy_mm, stock->page_h_mm, error);
	/* clang-format on */
}

static bool
get_glabels(const char *name, Stock *ret, GError **error)
{
	const char *slash = strchr(name, '/');
	g_autofree char *brand = NULL;

	if (slash == NULL || slash == name || slash[1] == '\0')
		return err_set(error, TP_ERROR_INVALID,
		    "stock '" GLABELS_PREFIX "%s': it should be " GLABELS_PREFIX
		    "BRAND/PART",
		    name);
	brand = g_strndup(name, (gsize)(slash - name));
	return stock_glabels_get(STOCK_GLABELS_FOLDER, brand, slash + 1, ret, error);
}

bool
stock_get(const char *name, Stock *ret, GError **error)
{
	Stock stock = { 0 };

	for (size_t i = 0; i < G_N_ELEMENTS(builtin); i++)
		if (g_ascii_strcasecmp(builtin[i].name, name) == 0)
			return stock_nth(i, ret);
	if (g_ascii_strncasecmp(name, GLABELS_PREFIX, strlen(GLABELS_PREFIX)) == 0) {
		if (!get_glabels(name + strlen(GLABELS_PREFIX), &stock, error))
			return false;
	} else if (strchr(name, ':') != NULL) {
		if (!stock_parse(name, &stock, error))
			return false;
	} else {
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no stock '%.90s': neither built in, nor " GLABELS_PREFIX
		    "BRAND/PART, nor a geometry",
		    name);
	}
	if (!stock_check(&stock, error))
		return false;
	*ret = stock;
	return true;
}

int
stock_slots(const Stock *stock)
{
	return stock->cols * stock->rows;
}

void
stock_slot(const Stock *stock, int slot, double *ret_x_mm, double *ret_y_mm)
{
	*ret_x_mm = stock->x0_mm + (slot % stock->cols) * stock->dx_mm;
	*ret_y_mm = stock->y0_mm + (slot / stock->cols) * stock->dy_mm;
}
