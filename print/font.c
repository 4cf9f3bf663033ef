/*
 * font.c - reading TrueType files (ISO/IEC 14496-22) that may be damaged.
 *
 * Every read goes through u8(), u16(), u32() on a Table, which answer 0 outside of it.
 * Loops are bounded by counts from 16-bit fields and by the limits below, so that a
 * hostile file costs at most a wrong picture.
 */
#include "print/font.h"

#include <string.h>

#include "queue/limits.h"

/* Code points below this have their glyph and width in a table. */
#define NEAR_CHARS 0x180

typedef struct Table {
	const uint8_t *data;
	size_t size;
} Table;

struct Font {
	GBytes *bytes;
	char *path;
	char *name;
	Table glyf, loca, hmtx, cmap;
	int cmap_format; /* 4 or 12; `cmap` is that subtable */
	bool long_loca;
	int units_per_em;
	int halvings; /* of outlines */
	int n_glyphs;
	int n_metrics;
	FontMetrics metrics;
	uint16_t near_glyph[NEAR_CHARS];
	int16_t near_advance[NEAR_CHARS];
};

static unsigned
u8(Table t, size_t at)
{
	return at < t.size ? t.data[at] : 0;
}

static unsigned
u16(Table t, size_t at)
{
	if (t.size < 2 || at > t.size - 2)
		return 0;
	return (unsigned)t.data[at] << 8 | t.data[at + 1];
}

static int
i16(Table t, size_t at)
{
	return (int16_t)u16(t, at);
}

static uint32_t
u32(Table t, size_t at)
{
	return (uint32_t)u16(t, at) << 16 | u16(t, at + 2);
}

static Table
part_of(Table t, size_t at, size_t size)
{
	if (at > t.size)
		return (Table){ t.data, 0 };
	return (Table){ t.data + at, MIN(size, t.size - at) };
}

/* Where the font's table directory starts: a collection has one for each font. */
static size_t
directory_at(Table file)
{
	return u32(file, 0) == 0x74746366 /* ttcf */ ? u32(file, 12) : 0;
}

static Table
table_find(Table file, const char *tag)
{
	size_t at = directory_at(file);
	unsigned n = u16(file, at + 4);

	for (unsigned i = 0; i < n; i++) {
		size_t row = at + 12 + (size_t)i * 16;

		if (row + 16 > file.size)
			break;
		if (memcmp(file.data + row, tag, 4) == 0)
			return part_of(file, u32(file, row + 8), u32(file, row + 12));
	}
	return (Table){ file.data, 0 };
}

static int
to_em(const Font *font, int units)
{
	int scaled = units * 1000;
	int half = font->units_per_em / 2;

	return (scaled >= 0 ? scaled + half : scaled - half) / font->units_per_em;
}

/*
 * Picks the best subtable: full Unicode (format 12) before the BMP (format 4).
 * Symbol fonts (3, 0) are not taken: their code points mean nothing.
 */
static bool
cmap_choose(Font *font, Table cmap)
{
	unsigned n = u16(cmap, 2);
	int best = 0;

	for (unsigned i = 0; i < n && i < 64; i++) {
		unsigned platform = u16(cmap, 4 + i * 8);
		unsigned encoding = u16(cmap, 6 + i * 8);
		Table sub = part_of(cmap, u32(cmap, 8 + i * 8), SIZE_MAX);
		int format = (int)u16(sub, 0);

		if (platform != 0 &&
		    !(platform == 3 && (encoding == 1 || encoding == 10)))
			continue;
		if ((format == 4 || format == 12) && format > best) {
			best = format;
			font->cmap = sub;
		}
	}
	font->cmap_format = best;
	return best != 0;
}

static unsigned
glyph_in_format_4(Table t, gunichar c)
{
	size_t n = u16(t, 6) / 2;
	size_t low = 0;
	size_t high = n;
	size_t starts = 16 + n * 2;
	size_t deltas = starts + n * 2;
	size_t offsets = deltas + n * 2;
	unsigned offset;
	unsigned glyph;

	if (c > 0xFFFF)
		return 0;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (u16(t, 14 + middle * 2) < c)
			low = middle + 1;
		else
			high = middle;
	}
	if (low >= n || u16(t, starts + low * 2) > c)
		return 0;
	offset = u16(t, offsets + low * 2);
	if (offset == 0)
		return (c + u16(t, deltas + low * 2)) & 0xFFFF;
	/* The offset counts from its own place in the table. */
	glyph = u16(t, offsets + low * 2 + offset + (c - u16(t, starts + low * 2)) * 2);
	return glyph == 0 ? 0 : (glyph + u16(t, deltas + low * 2)) & 0xFFFF;
}

static unsigned
glyph_in_format_12(Table t, gunichar c)
{
	size_t low = 0;
	size_t high = MIN(u32(t, 12), t.size / 12);
	size_t n = high;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (u32(t, 16 + middle * 12 + 4) < c)
			low = middle + 1;
		else
			high = middle;
	}
	if (low >= n || u32(t, 16 + low * 12) > c)
		return 0;
	return u32(t, 16 + low * 12 + 8) + (c - u32(t, 16 + low * 12));
}

static unsigned
glyph_search(const Font *font, gunichar c)
{
	unsigned glyph = font->cmap_format == 12 ? glyph_in_format_12(font->cmap, c)
						 : glyph_in_format_4(font->cmap, c);

	return glyph < (unsigned)font->n_glyphs ? glyph : 0;
}

unsigned
font_glyph(const Font *font, gunichar c)
{
	if (c < NEAR_CHARS)
		return font->near_glyph[c];
	return c < 0xFFFF ? glyph_search(font, c) : 0;
}

static int
glyph_advance(const Font *font, unsigned glyph)
{
	size_t row = MIN(glyph, (unsigned)font->n_metrics - 1);

	return to_em(font, (int)u16(font->hmtx, row * 4));
}

int
font_advance(const Font *font, gunichar c)
{
	if (c < NEAR_CHARS)
		return font->near_advance[c];
	return glyph_advance(font, font_glyph(font, c));
}

/* Name 6 in a Windows or Macintosh encoding, reduced to what a PDF name may hold as is.
 */
static char *
read_name(Table table, const char *path)
{
	unsigned n = u16(table, 2);
	size_t texts = u16(table, 4);
	g_autofree char *base = NULL;
	GString *ret = g_string_new(NULL);

	for (unsigned i = 0; i < n && i < 1024 && ret->len == 0; i++) {
		size_t row = 6 + (size_t)i * 12;
		unsigned platform = u16(table, row);
		Table text =
		    part_of(table, texts + u16(table, row + 10), u16(table, row + 8));

		if (u16(table, row + 6) != 6)
			continue;
		for (size_t j = 0; j < text.size && ret->len < 63; j++) {
			unsigned c = u8(text, j);

			if (c < 0x80 && (g_ascii_isalnum((char)c) || c == '-'))
				g_string_append_c(ret, (char)c);
			else if (platform == 1)
				break;
		}
	}
	if (ret->len > 0)
		return g_string_free(ret, FALSE);
	base = g_path_get_basename(path);
	for (const char *p = base; *p != '\0' && *p != '.' && ret->len < 63; p++) {
		if (g_ascii_isalnum(*p) || *p == '-')
			g_string_append_c(ret, *p);
	}
	if (ret->len == 0)
		g_string_assign(ret, "Font");
	return g_string_free(ret, FALSE);
}

static void
read_metrics(Font *font, Table head, Table hhea, Table os2, Table post)
{
	FontMetrics *m = &font->metrics;

	for (size_t i = 0; i < 4; i++)
		m->box[i] = to_em(font, i16(head, 36 + i * 2));
	m->ascent = to_em(font, i16(hhea, 4));
	m->descent = to_em(font, i16(hhea, 6));
	m->is_fixed = u32(post, 12) != 0;
	/* sCapHeight came with version 2. */
	if (u16(os2, 0) >= 2 && os2.size >= 90)
		m->cap_height = to_em(font, i16(os2, 88));
}

static Table
glyph_data(const Font *font, unsigned glyph)
{
	size_t from, to;

	if (font->long_loca) {
		from = u32(font->loca, (size_t)glyph * 4);
		to = u32(font->loca, (size_t)glyph * 4 + 4);
	} else {
		from = (size_t)u16(font->loca, (size_t)glyph * 2) * 2;
		to = (size_t)u16(font->loca, (size_t)glyph * 2 + 2) * 2;
	}
	if (to <= from)
		return (Table){ font->glyf.data, 0 };
	return part_of(font->glyf, from, to - from);
}

static bool
font_read(Font *font, GError **error)
{
	size_t size;
	const uint8_t *data = g_bytes_get_data(font->bytes, &size);
	Table file = { data, size };
	Table head = table_find(file, "head");
	Table hhea = table_find(file, "hhea");
	Table maxp = table_find(file, "maxp");

	font->glyf = table_find(file, "glyf");
	font->loca = table_find(file, "loca");
	font->hmtx = table_find(file, "hmtx");
	if (head.size < 54 || hhea.size < 36 || maxp.size < 6)
		return err_set(error, TP_ERROR_CONFIG, "font '%s' is not a TrueType font",
		    font->path);
	if (font->glyf.size == 0 || font->loca.size == 0)
		return err_set(error, TP_ERROR_CONFIG,
		    "font '%s' has no TrueType outlines (glyf)", font->path);
	font->units_per_em = (int)u16(head, 18);
	while (font->units_per_em >> font->halvings > FONT_OUTLINE_UNITS)
		font->halvings++;
	font->long_loca = u16(head, 50) != 0;
	font->n_glyphs = (int)u16(maxp, 4);
	font->n_metrics = (int)u16(hhea, 34);
	/* ISO/IEC 14496-22 5.2.3: 16 to 16384. */
	if (font->units_per_em < 16 || font->units_per_em > 16384)
		return err_set(error, TP_ERROR_CONFIG, "font '%s' has %d units an em",
		    font->path, font->units_per_em);
	if (font->n_glyphs == 0 || font->n_metrics == 0 ||
	    font->hmtx.size < (size_t)font->n_metrics * 4)
		return err_set(
		    error, TP_ERROR_CONFIG, "font '%s' has no glyph widths", font->path);
	if (!cmap_choose(font, table_find(file, "cmap")))
		return err_set(error, TP_ERROR_CONFIG,
		    "font '%s' has no Unicode character map", font->path);
	read_metrics(
	    font, head, hhea, table_find(file, "OS/2"), table_find(file, "post"));
	font->name = read_name(table_find(file, "name"), font->path);
	for (gunichar c = 0; c < NEAR_CHARS; c++) {
		font->near_glyph[c] = (uint16_t)glyph_search(font, c);
		font->near_advance[c] = (int16_t)glyph_advance(font, font->near_glyph[c]);
	}
	/* Older fonts leave it to the reader to look at an H. */
	if (font->metrics.cap_height <= 0)
		font->metrics.cap_height =
		    to_em(font, i16(glyph_data(font, font->near_glyph['H']), 8));
	if (font->metrics.cap_height <= 0)
		font->metrics.cap_height = 700;
	return true;
}

Font *
font_new_from_bytes(GBytes *bytes, const char *name, GError **error)
{
	g_autoptr(Font) font = g_new0(Font, 1);

	font->bytes = g_bytes_ref(bytes);
	font->path = g_strdup(name);
	if (g_bytes_get_size(bytes) > LIMIT_FONT_BYTES) {
		err_set(error, TP_ERROR_CONFIG, "font '%s' has more than %d bytes", name,
		    LIMIT_FONT_BYTES);
		return NULL;
	}
	if (!font_read(font, error))
		return NULL;
	return g_steal_pointer(&font);
}

Font *
font_open(const char *path, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &why);
	g_autoptr(GBytes) bytes = NULL;

	if (map == NULL) {
		bool missing = g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT);

		err_set(error, missing ? TP_ERROR_NOT_FOUND : TP_ERROR_IO,
		    "cannot open font: %s", why->message);
		return NULL;
	}
	bytes = g_mapped_file_get_bytes(map);
	return font_new_from_bytes(bytes, path, error);
}

void
font_free(Font *font)
{
	if (font == NULL)
		return;
	g_bytes_unref(font->bytes);
	g_free(font->path);
	g_free(font->name);
	g_free(font);
}

const char *
font_path(const Font *font)
{
	return font->path;
}

const char *
font_name(const Font *font)
{
	return font->name;
}

const FontMetrics *
font_metrics(const Font *font)
{
	return &font->metrics;
}

/* A 2 x 2 matrix in 1/16384 and a shift, font units. */
typedef struct Matrix {
	int xx, xy, yx, yy;
	int dx, dy;
} Matrix;

static const Matrix upright = { 16384, 0, 0, 16384, 0, 0 };

static int64_t
times(int64_t v, int factor)
{
	int64_t p = v * factor;

	return (p >= 0 ? p + 8192 : p - 8192) / 16384;
}

static int16_t
to_point(const Font *font, int64_t units)
{
	int64_t half = ((int64_t)1 << font->halvings) / 2;

	/* Far outside of any glyph is all the same. */
	return (int16_t)CLAMP((units + half) >> font->halvings, INT16_MIN, INT16_MAX);
}

int
font_outline_units(const Font *font)
{
	return font->units_per_em >> font->halvings;
}

static bool
damaged(const Font *font, unsigned glyph, GError **error)
{
	return err_set(
	    error, TP_ERROR_INVALID, "font '%s': glyph %u is damaged", font->path, glyph);
}

/* Flags of simple glyphs (ISO/IEC 14496-22 5.3.3). */
enum { ON_CURVE = 1, X_SHORT = 2, Y_SHORT = 4, REPEAT = 8, X_SAME = 16, Y_SAME = 32 };

/* Reads one coordinate row; returns the place behind it. */
static size_t
read_axis(Table t, size_t at, const uint8_t *flags, unsigned n, int is_short, int is_same,
    int *ret)
{
	int v = 0;

	for (unsigned i = 0; i < n; i++) {
		if (flags[i] & is_short) {
			int step = (int)u8(t, at++);

			v += (flags[i] & is_same) ? step : -step;
		} else if (!(flags[i] & is_same)) {
			v += i16(t, at);
			at += 2;
		}
		v = CLAMP(v, -65536, 65536);
		ret[i] = v;
	}
	return at;
}

static bool
simple_outline(const Font *font, unsigned glyph, Table t, int n_contours, const Matrix *m,
    FontOutline *outline, GError **error)
{
	uint8_t flags[LIMIT_GLYPH_POINTS] = { 0 };
	int xs[LIMIT_GLYPH_POINTS];
	int ys[LIMIT_GLYPH_POINTS];
	unsigned base = outline->points->len;
	unsigned n = 0;
	size_t at = 10;

	for (int i = 0; i < n_contours; i++, at += 2) {
		unsigned end = u16(t, at);
		uint16_t shifted = (uint16_t)(base + end);

		if (end + 1 < n || end + 1 + base > LIMIT_GLYPH_POINTS || at + 2 > t.size)
			return damaged(font, glyph, error);
		n = end + 1;
		g_array_append_val(outline->ends, shifted);
	}
	at += 2 + u16(t, at); /* hinting */
	for (unsigned i = 0; i < n;) {
		unsigned flag = u8(t, at++);
		unsigned again = (flag & REPEAT) ? u8(t, at++) : 0;

		if (at > t.size)
			return damaged(font, glyph, error);
		for (; i < n; again--) {
			flags[i++] = (uint8_t)flag;
			if (again == 0)
				break;
		}
	}
	at = read_axis(t, at, flags, n, X_SHORT, X_SAME, xs);
	at = read_axis(t, at, flags, n, Y_SHORT, Y_SAME, ys);
	if (at > t.size)
		return damaged(font, glyph, error);
	for (unsigned i = 0; i < n; i++) {
		FontPoint p = {
			.x = to_point(
			    font, times(xs[i], m->xx) + times(ys[i], m->yx) + m->dx),
			.y = to_point(
			    font, times(xs[i], m->xy) + times(ys[i], m->yy) + m->dy),
			.on = (flags[i] & ON_CURVE) != 0,
		};

		g_array_append_val(outline->points, p);
	}
	return true;
}

/* Flags of composite glyphs (ISO/IEC 14496-22 5.3.3.2). */
enum {
	ARGS_ARE_WORDS = 0x0001,
	ARGS_ARE_XY = 0x0002,
	HAS_SCALE = 0x0008,
	MORE = 0x0020,
	HAS_XY_SCALE = 0x0040,
	HAS_2X2 = 0x0080,
};

/* `inner` first, then `outer`. */
static Matrix
matrix_join(const Matrix *inner, const Matrix *outer)
{
	return (Matrix){
		.xx = (int)(times(inner->xx, outer->xx) + times(inner->xy, outer->yx)),
		.xy = (int)(times(inner->xx, outer->xy) + times(inner->xy, outer->yy)),
		.yx = (int)(times(inner->yx, outer->xx) + times(inner->yy, outer->yx)),
		.yy = (int)(times(inner->yx, outer->xy) + times(inner->yy, outer->yy)),
		.dx = (int)CLAMP(
		    times(inner->dx, outer->xx) + times(inner->dy, outer->yx) + outer->dx,
		    -65536, 65536),
		.dy = (int)CLAMP(
		    times(inner->dx, outer->xy) + times(inner->dy, outer->yy) + outer->dy,
		    -65536, 65536),
	};
}

static bool outline_at_depth(const Font *font, unsigned glyph, const Matrix *m, int depth,
    int *parts_left, FontOutline *outline, GError **error);

static bool
composite_outline(const Font *font, unsigned glyph, Table t, const Matrix *m, int depth,
    int *parts_left, FontOutline *outline, GError **error)
{
	size_t at = 10;
	unsigned flags;

	do {
		Matrix part = upright;
		Matrix whole;
		unsigned child = u16(t, at + 2);

		flags = u16(t, at);
		at += 4;
		/* Parts placed by matching points are not met in fonts of today. */
		if (at > t.size || !(flags & ARGS_ARE_XY) || --*parts_left < 0)
			return damaged(font, glyph, error);
		if (flags & ARGS_ARE_WORDS) {
			part.dx = i16(t, at);
			part.dy = i16(t, at + 2);
			at += 4;
		} else {
			part.dx = (int8_t)u8(t, at);
			part.dy = (int8_t)u8(t, at + 1);
			at += 2;
		}
		if (flags & HAS_SCALE) {
			part.xx = part.yy = i16(t, at);
			at += 2;
		} else if (flags & HAS_XY_SCALE) {
			part.xx = i16(t, at);
			part.yy = i16(t, at + 2);
			at += 4;
		} else if (flags & HAS_2X2) {
			part.xx = i16(t, at);
			part.xy = i16(t, at + 2);
			part.yx = i16(t, at + 4);
			part.yy = i16(t, at + 6);
			at += 8;
		}
		whole = matrix_join(&part, m);
		if (!outline_at_depth(
			font, child, &whole, depth + 1, parts_left, outline, error))
			return false;
	} while (flags & MORE);
	return true;
}

static bool
outline_at_depth(const Font *font, unsigned glyph, const Matrix *m, int depth,
    int *parts_left, FontOutline *outline, GError **error)
{
	Table t = glyph_data(font, glyph);
	int n_contours = i16(t, 0);

	if (t.size == 0)
		return true;
	if (t.size < 10 || glyph >= (unsigned)font->n_glyphs || depth > LIMIT_GLYPH_DEPTH)
		return damaged(font, glyph, error);
	if (n_contours >= 0)
		return simple_outline(font, glyph, t, n_contours, m, outline, error);
	return composite_outline(font, glyph, t, m, depth, parts_left, outline, error);
}

bool
font_outline(const Font *font, unsigned glyph, FontOutline *outline, GError **error)
{
	int parts_left = LIMIT_GLYPH_PARTS;

	return outline_at_depth(font, glyph, &upright, 0, &parts_left, outline, error);
}
