/*
 * subset.c - outlines back into a TrueType file (ISO/IEC 14496-22).
 */
#include "print/subset.h"

#include <string.h>

#include "queue/limits.h"

static void
put16(GByteArray *out, int v)
{
	uint8_t b[2] = { (uint8_t)((unsigned)v >> 8), (uint8_t)v };

	g_byte_array_append(out, b, 2);
}

static void
put32(GByteArray *out, uint32_t v)
{
	put16(out, (int)(v >> 16));
	put16(out, (int)(v & 0xFFFF));
}

static void
pad_to(GByteArray *out, unsigned step)
{
	static const uint8_t zeros[4] = { 0 };

	g_byte_array_append(out, zeros, (step - out->len % step) % step);
}

/* What the tables "head" and "maxp" want to know of all glyphs. */
typedef struct Extent {
	int box[4]; /* left, bottom, right, top */
	unsigned most_points, most_contours, widest;
} Extent;

static void
outline_box(const FontOutline *o, int box[4])
{
	box[0] = box[1] = INT16_MAX;
	box[2] = box[3] = INT16_MIN;
	for (unsigned i = 0; i < o->points->len; i++) {
		FontPoint p = g_array_index(o->points, FontPoint, i);

		box[0] = MIN(box[0], p.x);
		box[1] = MIN(box[1], p.y);
		box[2] = MAX(box[2], p.x);
		box[3] = MAX(box[3], p.y);
	}
}

enum { ON_CURVE = 1, X_SHORT = 2, Y_SHORT = 4, REPEAT = 8, X_SAME = 16, Y_SAME = 32 };

static unsigned
axis_flag(int step, unsigned is_short, unsigned is_same)
{
	if (step == 0)
		return is_same;
	if (step > -256 && step < 256)
		return is_short | (step > 0 ? is_same : 0);
	return 0;
}

static void
put_step(GByteArray *out, int step)
{
	uint8_t b = (uint8_t)ABS(step);

	if (step == 0)
		return;
	if (step > -256 && step < 256)
		g_byte_array_append(out, &b, 1);
	else
		put16(out, step);
}

static void
put_flags(GByteArray *out, const FontOutline *o)
{
	FontPoint last = { 0 };
	uint8_t held = 0;
	uint8_t again = 0;

	for (unsigned i = 0; i < o->points->len; i++) {
		FontPoint p = g_array_index(o->points, FontPoint, i);
		uint8_t flag = (uint8_t)((p.on ? ON_CURVE : 0) |
					 axis_flag(p.x - last.x, X_SHORT, X_SAME) |
					 axis_flag(p.y - last.y, Y_SHORT, Y_SAME));

		last = p;
		if (i > 0 && flag == held && again < 255) {
			/* The repeat flag costs a byte: from the second repetition on it
			 * pays. */
			if (again++ == 0) {
				g_byte_array_append(out, &flag, 1);
				continue;
			}
			if (again == 2) {
				uint8_t b[2] = { (uint8_t)(held | REPEAT), again };

				g_byte_array_set_size(out, out->len - 2);
				g_byte_array_append(out, b, 2);
			} else {
				out->data[out->len - 1] = again;
			}
			continue;
		}
		held = flag;
		again = 0;
		g_byte_array_append(out, &flag, 1);
	}
}

static void
put_glyph(GByteArray *out, const FontOutline *o, const int box[4])
{
	FontPoint last = { 0 };

	put16(out, (int)o->ends->len);
	for (int i = 0; i < 4; i++)
		put16(out, box[i]);
	for (unsigned i = 0; i < o->ends->len; i++)
		put16(out, g_array_index(o->ends, uint16_t, i));
	put16(out, 0); /* no hinting */
	put_flags(out, o);
	for (unsigned i = 0; i < o->points->len; i++) {
		FontPoint p = g_array_index(o->points, FontPoint, i);

		put_step(out, p.x - last.x);
		last.x = p.x;
	}
	for (unsigned i = 0; i < o->points->len; i++) {
		FontPoint p = g_array_index(o->points, FontPoint, i);

		put_step(out, p.y - last.y);
		last.y = p.y;
	}
	pad_to(out, 2);
}

/* Thousandths of an em in the units of the outlines. */
static int
in_units(const Font *font, int thousandths)
{
	return (thousandths * font_outline_units(font) + (thousandths < 0 ? -500 : 500)) /
	       1000;
}

/* A glyph ready to be copied: its bytes in the store's heap. */
typedef struct Glyph {
	uint32_t at;
	uint32_t size;
	int box[4];
	uint16_t n_points, n_contours;
	uint16_t advance;
} Glyph;

struct GlyphStore {
	const Font *font;
	GByteArray *heap;
	GArray *glyphs;       /* Glyph; row 0 is not used */
	GHashTable *far;      /* code point to row */
	uint32_t near[0x180]; /* the same for the commonest; 0 not made yet */
	FontOutline outline;
	/* The tables of the font in work, emptied for each. */
	GByteArray *glyf, *head, *hhea, *hmtx, *loca, *maxp;
};

GlyphStore *
glyph_store_new(const Font *font)
{
	GlyphStore *store = g_new0(GlyphStore, 1);

	store->font = font;
	store->heap = g_byte_array_new();
	store->glyphs = g_array_new(FALSE, TRUE, sizeof(Glyph));
	g_array_set_size(store->glyphs, 1);
	store->far = g_hash_table_new(NULL, NULL);
	store->outline.points = g_array_new(FALSE, FALSE, sizeof(FontPoint));
	store->outline.ends = g_array_new(FALSE, FALSE, sizeof(uint16_t));
	store->glyf = g_byte_array_new();
	store->head = g_byte_array_new();
	store->hhea = g_byte_array_new();
	store->hmtx = g_byte_array_new();
	store->loca = g_byte_array_new();
	store->maxp = g_byte_array_new();
	return store;
}

void
glyph_store_free(GlyphStore *store)
{
	if (store == NULL)
		return;
	g_byte_array_unref(store->heap);
	g_array_unref(store->glyphs);
	g_hash_table_unref(store->far);
	g_array_unref(store->outline.points);
	g_array_unref(store->outline.ends);
	g_byte_array_unref(store->glyf);
	g_byte_array_unref(store->head);
	g_byte_array_unref(store->hhea);
	g_byte_array_unref(store->hmtx);
	g_byte_array_unref(store->loca);
	g_byte_array_unref(store->maxp);
	g_free(store);
}

/* Makes the glyph of `code`; its row, or 0 on error. */
static uint32_t
make_glyph(GlyphStore *store, unsigned code, GError **error)
{
	FontOutline *o = &store->outline;
	Glyph glyph = { .at = store->heap->len };
	uint32_t row = store->glyphs->len;

	g_array_set_size(o->points, 0);
	g_array_set_size(o->ends, 0);
	if (!font_outline(store->font, font_glyph(store->font, code), o, error))
		return 0;
	glyph.advance = (uint16_t)in_units(store->font, font_advance(store->font, code));
	if (o->points->len > 0) {
		outline_box(o, glyph.box);
		put_glyph(store->heap, o, glyph.box);
		glyph.size = store->heap->len - glyph.at;
		glyph.n_points = (uint16_t)o->points->len;
		glyph.n_contours = (uint16_t)o->ends->len;
	}
	g_array_append_val(store->glyphs, glyph);
	if (code < G_N_ELEMENTS(store->near))
		store->near[code] = row;
	else
		g_hash_table_insert(
		    store->far, GUINT_TO_POINTER(code), GUINT_TO_POINTER(row));
	return row;
}

static const Glyph *
get_glyph(GlyphStore *store, unsigned code, GError **error)
{
	uint32_t row = code < G_N_ELEMENTS(store->near)
			   ? store->near[code]
			   : GPOINTER_TO_UINT(
				 g_hash_table_lookup(store->far, GUINT_TO_POINTER(code)));

	if (row == 0)
		row = make_glyph(store, code, error);
	return row == 0 ? NULL : &g_array_index(store->glyphs, Glyph, row);
}

static void
extent_add(Extent *e, const Glyph *glyph)
{
	for (int i = 0; i < 2; i++) {
		e->box[i] = MIN(e->box[i], glyph->box[i]);
		e->box[i + 2] = MAX(e->box[i + 2], glyph->box[i + 2]);
	}
	e->most_points = MAX(e->most_points, glyph->n_points);
	e->most_contours = MAX(e->most_contours, glyph->n_contours);
	e->widest = MAX(e->widest, glyph->advance);
}

static void
set16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* Where a glyph begins, in the two forms of "loca". */
static void
set_place(GByteArray *loca, unsigned code, bool is_long, uint32_t at)
{
	if (is_long) {
		set16(loca->data + (size_t)code * 4, at >> 16);
		set16(loca->data + (size_t)code * 4 + 2, at);
	} else {
		set16(loca->data + (size_t)code * 2, at / 2);
	}
}

/* "glyf" and "hmtx"; then `ret_long` says which form of "loca" is needed. */
static bool
build_glyphs(GlyphStore *store, const uint16_t *chars, int n, Extent *e, bool *ret_long,
    GError **error)
{
	unsigned n_glyphs = chars[n - 1] + 1u;

	g_byte_array_set_size(store->glyf, 0);
	g_byte_array_set_size(store->hmtx, n_glyphs * 4);
	memset(store->hmtx->data, 0, store->hmtx->len);
	for (int i = 0; i < n; i++) {
		const Glyph *glyph = get_glyph(store, chars[i], error);
		uint8_t *metric = store->hmtx->data + (size_t)chars[i] * 4;

		if (glyph == NULL)
			return false;
		if (store->glyf->len + glyph->size > LIMIT_FONT_BYTES)
			return err_set(error, TP_ERROR_INVALID,
			    "font '%s': %d characters make more than %d bytes",
			    font_path(store->font), n, LIMIT_FONT_BYTES);
		if (glyph->size > 0) {
			g_byte_array_append(
			    store->glyf, store->heap->data + glyph->at, glyph->size);
			extent_add(e, glyph);
		}
		set16(metric, glyph->advance);
		set16(metric + 2, (unsigned)glyph->box[0]);
	}
	*ret_long = store->glyf->len > 0x1FFFE;
	/* Only spaces: an empty table is refused by some readers. */
	if (store->glyf->len == 0)
		put32(store->glyf, 0);
	return true;
}

static void
build_loca(GlyphStore *store, const uint16_t *chars, int n, bool is_long)
{
	unsigned n_glyphs = chars[n - 1] + 1u;
	unsigned code = 0;
	uint32_t at = 0;

	g_byte_array_set_size(store->loca, (n_glyphs + 1) * (is_long ? 4 : 2));
	for (int i = 0; i < n; i++) {
		for (; code <= chars[i]; code++)
			set_place(store->loca, code, is_long, at);
		at += get_glyph(store, chars[i], NULL)->size;
	}
	set_place(store->loca, code, is_long, at);
}

static void
build_head(GByteArray *head, const Extent *e, int units_per_em, bool long_loca)
{
	g_byte_array_set_size(head, 0);
	put32(head, 0x00010000);
	put32(head, 0x00010000);
	put32(head, 0); /* checksum adjustment, set when all is known */
	put32(head, 0x5F0F3CF5);
	put16(
	    head, 0x000B); /* baseline and side bearing at 0, widths are whole numbers */
	put16(head, units_per_em);
	for (int i = 0; i < 4; i++)
		put32(head, 0); /* made and changed: no dates, equal bytes */
	for (int i = 0; i < 4; i++)
		put16(head, e->box[i]);
	put16(head, 0);
	put16(head, 6); /* smallest readable size, pixels */
	put16(head, 2);
	put16(head, long_loca);
	put16(head, 0);
}

static void
build_hhea(GByteArray *hhea, const Font *font, const Extent *e, unsigned n_glyphs)
{
	g_byte_array_set_size(hhea, 0);
	put32(hhea, 0x00010000);
	put16(hhea, in_units(font, font_metrics(font)->ascent));
	put16(hhea, in_units(font, font_metrics(font)->descent));
	put16(hhea, 0);
	put16(hhea, (int)e->widest);
	for (int i = 0; i < 3; i++)
		put16(hhea, 0);
	put16(hhea, 1); /* the caret stands upright */
	for (int i = 0; i < 7; i++)
		put16(hhea, 0);
	put16(hhea, (int)n_glyphs);
}

static void
build_maxp(GByteArray *maxp, const Extent *e, unsigned n_glyphs)
{
	g_byte_array_set_size(maxp, 0);
	put32(maxp, 0x00010000);
	put16(maxp, (int)n_glyphs);
	put16(maxp, (int)e->most_points);
	put16(maxp, (int)e->most_contours);
	put16(maxp, 0); /* no composite glyphs */
	put16(maxp, 0);
	put16(maxp, 1); /* hinting: one zone, nothing else */
	for (int i = 0; i < 8; i++)
		put16(maxp, 0);
}

static uint32_t
checksum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;
	uint32_t word;
	size_t i = 0;

	for (; i + 4 <= size; i += 4) {
		memcpy(&word, data + i, 4);
		sum += GUINT32_FROM_BE(word);
	}
	for (size_t j = 0; i + j < size; j++)
		sum += (uint32_t)data[i + j] << (24 - 8 * j);
	return sum;
}

static void
patch32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

#define N_TABLES 6

/* The file: directory, then the tables in the order of their tags. */
static void
assemble(GByteArray *out, const char *const *tags, GByteArray *const *tables)
{
	static const uint8_t zeros[4] = { 0 };
	size_t start = out->len;
	size_t head_at = 0;
	uint32_t whole = 0;

	put32(out, 0x00010000);
	put16(out, N_TABLES);
	put16(out, 64); /* for a binary search among 6 tables: 4 x 16, log2 4, the rest */
	put16(out, 2);
	put16(out, N_TABLES * 16 - 64);
	for (size_t i = 0, at = 12 + N_TABLES * 16; i < N_TABLES; i++) {
		uint32_t sum = checksum(tables[i]->data, tables[i]->len);

		g_byte_array_append(out, (const uint8_t *)tags[i], 4);
		put32(out, sum);
		put32(out, (uint32_t)at);
		put32(out, tables[i]->len);
		if (strcmp(tags[i], "head") == 0)
			head_at = start + at;
		at += (tables[i]->len + 3u) & ~(size_t)3;
		whole += sum;
	}
	whole += checksum(out->data + start, out->len - start);
	for (size_t i = 0; i < N_TABLES; i++) {
		g_byte_array_append(out, tables[i]->data, tables[i]->len);
		g_byte_array_append(out, zeros, -tables[i]->len % 4);
	}
	patch32(out->data + head_at + 8, 0xB1B0AFBA - whole);
}

bool
subset_build(
    GlyphStore *store, const uint16_t *chars, int n, GByteArray *out, GError **error)
{
	static const char *const tags[N_TABLES] = { "glyf", "head", "hhea", "hmtx",
		"loca", "maxp" };
	GByteArray *const tables[N_TABLES] = { store->glyf, store->head, store->hhea,
		store->hmtx, store->loca, store->maxp };
	unsigned n_glyphs;
	Extent extent = { .widest = 0 };
	bool long_loca = false;

	g_assert(n > 0);
	n_glyphs = chars[n - 1] + 1u;
	if (!build_glyphs(store, chars, n, &extent, &long_loca, error))
		return false;
	build_loca(store, chars, n, long_loca);
	build_head(store->head, &extent, font_outline_units(store->font), long_loca);
	build_hhea(store->hhea, store->font, &extent, n_glyphs);
	build_maxp(store->maxp, &extent, n_glyphs);
	assemble(out, tags, tables);
	return true;
}
