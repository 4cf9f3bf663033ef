/*
 * read_csv.c - orders as a table: a header line, then a row for each order line.
 *
 * RFC 4180 with `;`, `,` or a tab, whichever makes more of the header line known.  The
 * columns are those of csv_columns.def; one that is not is an error of the document,
 * because what it was meant to change nobody here would notice.
 *
 * A cut CSV is still a CSV.  So a document from a drop folder has to end with a line end,
 * and any document may end with a row `#rows;N` that says how many rows there are.
 *
 * The only door to libcsv, which gives no line numbers: the text is fed line by line.
 */
#include <csv.h>
#include <string.h>

#include "fulfill/intake/build.h"
#include "fulfill/intake/csv_columns.h"
#include "fulfill/intake/read.h"
#include "queue/limits.h"
#include "queue/quote.h"

/* ---- cells of a row ---- */

/* The order whose rows are being collected. */
typedef struct Group {
	Build build; /* draft NULL: there is none */
	char *number;
	char *source;
	char **first;    /* by column: what the first row said that said something */
	int *first_line; /* by column: which row that was; 0: none yet */
	int first_row;
	int last_row;
} Group;

typedef struct Table {
	const IntakeHint *hint;
	ReadOut *out;
	struct csv_parser parser;
	GPtrArray *columns; /* of CsvColumn; NULL: the header is still to come */
	GPtrArray *cells;   /* texts of the row being read */
	GArray *sizes;      /* of size_t: their bytes */
	int line;           /* fed now */
	int row_line;       /* where the row being read began; 0: between rows */
	int rows;
	bool trailer;
	GTree *seen; /* "source\nnumber" of each order before: its draft */
	Group group;
	GError *error;
} Table;

static void
on_cell(void *text, size_t size, void *data)
{
	Table *t = data;

	if (t->error != NULL)
		return;
	if (t->row_line == 0)
		t->row_line = t->line;
	if (t->cells->len == LIMIT_CSV_COLUMNS) {
		order_error_set(&t->error, E_LIMIT,
		    "line %d: more than %d cells in a row", t->line, LIMIT_CSV_COLUMNS);
		return;
	}
	g_ptr_array_add(t->cells, g_strndup(text != NULL ? text : "", size));
	g_array_append_val(t->sizes, size);
}

static const char *
cell(const Table *t, guint i, size_t *size)
{
	if (i >= t->cells->len) {
		*size = 0;
		return "";
	}
	*size = g_array_index(t->sizes, size_t, i);
	return g_ptr_array_index(t->cells, i);
}

static const CsvColumn *
column(const Table *t, guint i)
{
	return g_ptr_array_index(t->columns, i);
}

/* The column of a field; the number of columns when there is none. */
static guint
column_of(const Table *t, const char *path)
{
	guint i = 0;

	while (i < t->columns->len && g_strcmp0(column(t, i)->path, path) != 0)
		i++;
	return i;
}

static const char *
cell_of(const Table *t, const char *path, size_t *size)
{
	guint i = column_of(t, path);

	if (i < t->columns->len)
		return cell(t, i, size);
	*size = 0;
	return "";
}

/* ---- the header ---- */

static bool
check_column(Table *t, guint n)
{
	const CsvColumn *new = column(t, n);
	g_autofree char *shown = quote(new->title);

	if (new->known == CSV_UNKNOWN)
		return order_error_set(&t->error, E_UNKNOWN_FIELD,
		    "line %d: column %u '%s' is none of ours", t->line, n + 1, shown);
	for (guint i = 0; i < n; i++)
		if (column(t, i)->known == new->known &&
		    g_strcmp0(column(t, i)->option, new->option) == 0)
			return order_error_set(&t->error, E_DUPLICATE_KEY,
			    "line %d: columns %u and %u '%s' are the same", t->line,
			    i + 1, n + 1, shown);
	return true;
}

static bool
read_header(Table *t)
{
	static const char *const needed[] = { "order", "product", "quantity" };

	t->columns = g_ptr_array_new_with_free_func(csv_column_free);
	for (guint i = 0; i < t->cells->len; i++) {
		g_ptr_array_add(
		    t->columns, csv_column_new(g_ptr_array_index(t->cells, i)));
		if (!check_column(t, i))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
		if (column_of(t, needed[i]) == t->columns->len)
			return order_error_set(&t->error, E_MISSING_FIELD,
			    "line %d: there is no column '%s'", t->line, needed[i]);
	return true;
}

/* ---- orders ---- */

static bool
group_end(Table *t)
{
	Group *group = &t->group;
	OrderDraft *draft;
	char *key;

	if (group->build.draft == NULL)
		return true;
	group->build.draft->place =
	    group->first_row == group->last_row
		? g_strdup_printf("row %d", group->first_row)
		: g_strdup_printf("rows %d to %d", group->first_row, group->last_row);
	draft = build_end(&group->build);
	key = g_strconcat(group->source, "\n", group->number, NULL);
	if (*group->number != '\0')
		g_tree_insert(t->seen, key, draft);
	else
		g_free(key);
	return read_add(t->out, draft, &t->error);
}

static void
group_clear(Group *group)
{
	build_clear(&group->build);
	g_clear_pointer(&group->number, g_free);
	g_clear_pointer(&group->source, g_free);
	g_clear_pointer(&group->first, g_strfreev);
	g_clear_pointer(&group->first_line, g_free);
}

static void
group_begin(Table *t, const char *number, const char *source)
{
	Group *group = &t->group;

	group_clear(group);
	group->number = g_strdup(number);
	group->source = g_strdup(source);
	group->first_row = t->row_line;
	group->first = g_new0(char *, t->columns->len + 1);
	group->first_line = g_new0(int, t->columns->len);
	for (guint i = 0; i < t->columns->len; i++)
		group->first[i] = g_strdup("");
	build_begin(&group->build, t->hint, NULL);
}

/* A row of an order that other rows stand behind already: its order cannot be carried
 * out, and what the row says does not matter any more. */
static void
error_split(Table *t, OrderDraft *draft)
{
	for (guint i = 0; i < draft->errors->len; i++)
		if (((OrderError *)g_ptr_array_index(draft->errors, i))->code ==
		    E_ORDER_SPLIT)
			return;
	order_draft_error(draft, E_ORDER_SPLIT, NULL, "order",
	    "row %d: belongs to the order in %s, and other orders stand between",
	    t->row_line, draft->place);
}

/* Makes t->group the order of this row.  False: the row belongs to none, or there is an
 * error.  A row without a number belongs to no other row. */
static bool
group_of_row(Table *t)
{
	Group *group = &t->group;
	size_t size;
	g_autofree char *number = g_strstrip(g_strdup(cell_of(t, "order", &size)));
	g_autofree char *source = g_strstrip(g_strdup(cell_of(t, "source", &size)));
	g_autofree char *key = g_strconcat(source, "\n", number, NULL);
	OrderDraft *before;

	if (group->build.draft != NULL && *number != '\0' &&
	    strcmp(group->number, number) == 0 &&
	    (*source == '\0' || strcmp(group->source, source) == 0))
		return true;
	if (!group_end(t))
		return false;
	before = g_tree_lookup(t->seen, key);
	if (before != NULL) {
		error_split(t, before);
		return false;
	}
	group_begin(t, number, source);
	return true;
}

/* ---- rows ---- */

static bool
is_order_path(const char *path)
{
	return path != NULL && strcmp(path, "line") != 0 &&
	       strcmp(path, "product") != 0 && strcmp(path, "quantity") != 0;
}

/* What an order has once: taken from the first row that says it, and no other row may say
 * anything else. */
static void
take_order_cell(Table *t, guint i)
{
	Group *group = &t->group;
	const char *path = column(t, i)->path;
	size_t size;
	const char *text = cell(t, i, &size);

	if (size == 0)
		return;
	if (group->first_line[i] == 0) {
		group->first_line[i] = t->row_line;
		g_free(group->first[i]);
		group->first[i] = g_strdup(text);
		if (strcmp(path, "customer.address.lines") == 0)
			build_address_line(&group->build, text, size);
		else
			build_text(&group->build, path, text, size);
	} else if (strcmp(group->first[i], text) != 0) {
		g_autofree char *shown = quote(text);

		build_error(&group->build, E_ROW_DIFFERS, path,
		    "column '%s' is '%s', and not so in row %d of the same order",
		    column(t, i)->title, shown, group->first_line[i]);
	}
}

static void
take_line_cells(Table *t)
{
	Build *b = &t->group.build;
	g_autofree char *place = g_strdup_printf("row %d", t->row_line);
	size_t size;
	const char *text = cell_of(t, "line", &size);

	if (!build_line(b, text, size, place))
		return;
	text = cell_of(t, "product", &size);
	build_line_text(b, "product", text, size);
	text = cell_of(t, "quantity", &size);
	build_quantity(b, text, size);
	for (guint i = 0; i < t->columns->len; i++)
		if (column(t, i)->option != NULL) {
			text = cell(t, i, &size);
			build_option_text(b, column(t, i)->option, text, size);
		}
	build_order(b);
}

static bool
is_blank_row(const Table *t)
{
	for (guint i = 0; i < t->cells->len; i++)
		if (g_array_index(t->sizes, size_t, i) > 0)
			return false;
	return true;
}

/* Cells beyond the last column are blanks that a spreadsheet left. */
static bool
has_more_cells(const Table *t)
{
	for (guint i = t->columns->len; i < t->cells->len; i++)
		if (g_array_index(t->sizes, size_t, i) > 0)
			return true;
	return false;
}

static void
read_trailer(Table *t)
{
	size_t size;
	const char *text = cell(t, 1, &size);
	gint64 rows;

	t->trailer = true;
	if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT, &rows, NULL))
		order_error_set(&t->error, E_FORMAT,
		    "line %d: '#rows' is not followed by the number of rows",
		    t->row_line);
	else if (rows != t->rows)
		order_error_set(&t->error, E_TORN,
		    "line %d: the document says it has %d rows, here are %d", t->row_line,
		    (int)rows, t->rows);
}

static void
read_row(Table *t)
{
	size_t size;

	if (t->trailer) {
		order_error_set(
		    &t->error, E_FORMAT, "line %d: a row behind '#rows'", t->row_line);
		return;
	}
	if (strcmp(cell(t, 0, &size), "#rows") == 0) {
		read_trailer(t);
		return;
	}
	t->rows++;
	if (!group_of_row(t))
		return;
	t->group.last_row = t->row_line;
	build_at(&t->group.build, "row %d", t->row_line);
	if (t->cells->len < t->columns->len || has_more_cells(t))
		build_error(&t->group.build, E_FORMAT, NULL,
		    "the row has %u cells, the header %u", t->cells->len,
		    t->columns->len);
	for (guint i = 0; i < t->columns->len; i++)
		if (is_order_path(column(t, i)->path))
			take_order_cell(t, i);
	take_line_cells(t);
}

static void
on_row(int end, void *data)
{
	Table *t = data;

	(void)end;
	if (t->error == NULL && t->cells->len > 0 && !is_blank_row(t)) {
		if (t->columns == NULL)
			(void)read_header(t);
		else
			read_row(t);
	}
	g_ptr_array_set_size(t->cells, 0);
	g_array_set_size(t->sizes, 0);
	t->row_line = 0;
}

/* ---- feeding ---- */

static int
is_space(unsigned char c)
{
	return c == ' ';
}

/* Hands one line to libcsv.  A field that is still open and too long is refused now, not
 * at the end of the document that it may have swallowed. */
static bool
feed(Table *t, const char *text, size_t size)
{
	int began = t->row_line != 0 ? t->row_line : t->line;

	if (csv_parse(&t->parser, text, size, on_cell, on_row, t) != size) {
		if (t->error == NULL)
			order_error_set(&t->error, E_FORMAT,
			    "line %d: a quote where none can stand", t->line);
		return false;
	}
	if (t->error == NULL && t->parser.entry_pos > LIMIT_CSV_FIELD_BYTES)
		order_error_set(&t->error, E_LIMIT,
		    "line %d: a field that begins here has more than %d bytes", began,
		    LIMIT_CSV_FIELD_BYTES);
	return t->error == NULL;
}

static bool
feed_all(Table *t, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		next = next != NULL ? next + 1 : end;
		t->line++;
		if (!feed(t, text, (size_t)(next - text)))
			return false;
		text = next;
	}
	if (csv_fini(&t->parser, on_cell, on_row, t) != 0)
		return order_error_set(&t->error, E_TORN,
		    "line %d: a quoted field that begins in this row has no end",
		    t->row_line != 0 ? t->row_line : t->line);
	return t->error == NULL;
}

static bool
check_end(Table *t, const char *text, size_t size)
{
	if (t->columns == NULL || t->rows == 0)
		return order_error_set(&t->error, E_TORN,
		    "line %d: there is no row below the header", t->line);
	if (t->hint->may_be_cut && !t->trailer && text[size - 1] != '\n')
		return order_error_set(&t->error, E_TORN,
		    "line %d: the last row has no line end and may have been cut",
		    t->line);
	return true;
}

/* ---- the document ---- */

static int
by_text(gconstpointer a, gconstpointer b, gpointer data)
{
	(void)data;
	return strcmp(a, b);
}

bool
read_csv(
    const char *text, size_t size, const IntakeHint *hint, ReadOut *out, GError **error)
{
	Table t = { .hint = hint, .out = out };
	int n;
	bool ok;

	if (csv_init(&t.parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		BUG("no memory for a CSV parser");
	csv_set_delim(&t.parser, (unsigned char)csv_separator(text, size, &n));
	csv_set_space_func(&t.parser, is_space);
	t.cells = g_ptr_array_new_with_free_func(g_free);
	t.sizes = g_array_new(FALSE, FALSE, sizeof(size_t));
	/* A tree: the numbers are a stranger's, who could make a hash table slow. */
	t.seen = g_tree_new_full(by_text, NULL, g_free, NULL);

	ok = feed_all(&t, text, size) && group_end(&t) && check_end(&t, text, size);

	csv_free(&t.parser);
	group_clear(&t.group);
	g_ptr_array_unref(t.cells);
	g_array_unref(t.sizes);
	g_tree_unref(t.seen);
	g_clear_pointer(&t.columns, g_ptr_array_unref);
	if (!ok)
		g_propagate_error(error, t.error);
	return ok;
}
