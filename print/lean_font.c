/*
 * lean_font.c - the fonts at the end of a document of the lean pen.
 */
#include "print/press_private.h"

#include "print/pdf.h"

static int
list_chars(const CharSet *set, uint16_t *ret)
{
	int n = 0;

	for (int word = set->low; word <= set->high; word++) {
		for (uint64_t bits = set->bits[word]; bits != 0; bits &= bits - 1)
			ret[n++] = (uint16_t)(word * 64 + __builtin_ctzll(bits));
	}
	return n;
}

/* "[first[w w w]first[w]...]" (ISO 32000-1 9.7.4.3). */
static void
put_widths(GString *text, const Font *font, const uint16_t *chars, int n)
{
	if (font_metrics(font)->is_fixed) {
		g_string_append_printf(text, "/DW %d", font_advance(font, chars[0]));
		return;
	}
	g_string_append(text, "/W[");
	for (int i = 0; i < n; i++) {
		if (i == 0 || chars[i] != chars[i - 1] + 1) {
			if (i > 0)
				g_string_append_c(text, ']');
			pdf_put_number(text, chars[i], 0);
			g_string_append_c(text, '[');
		} else {
			g_string_append_c(text, ' ');
		}
		pdf_put_number(text, font_advance(font, chars[i]), 0);
	}
	g_string_append(text, "]]");
}

/* Six letters that tell subsets of one font apart (ISO 32000-1 9.6.4). */
static void
subset_tag(const uint16_t *chars, int n, char tag[7])
{
	uint32_t hash = 2166136261u;

	for (int i = 0; i < n; i++)
		hash = (hash ^ chars[i]) * 16777619u;
	for (int i = 0; i < 6; i++, hash /= 26)
		tag[i] = (char)('A' + hash % 26);
	tag[6] = '\0';
}

static bool
write_font(Press *press, PressEffort effort, Pdf *pdf, int index, int number,
    int to_unicode, const uint16_t *chars, int n, GError **error)
{
	g_autoptr(GByteArray) program = g_byte_array_sized_new(8192);
	const Font *font = font_set_font(press_fonts(press), index);
	const FontMetrics *m = font_metrics(font);
	int cid = pdf_number(pdf);
	int descriptor = pdf_number(pdf);
	int file = pdf_number(pdf);
	GBytes *packed;
	char tag[7];
	char entries[32];
	GString *text;

	if (!subset_build(press_store(press, index), chars, n, program, error))
		return false;
	packed = press_pack(press, effort, program->data, program->len);
	g_snprintf(entries, sizeof(entries), "/Length1 %u", program->len);
	pdf_stream(
	    pdf, file, entries, g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));

	subset_tag(chars, n, tag);
	text = pdf_object_begin(pdf, number);
	g_string_append_printf(text,
	    "<</Type/Font/Subtype/Type0/BaseFont/%s+%s/Encoding/Identity-H"
	    "/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
	    tag, font_name(font), cid, to_unicode);
	pdf_object_end(pdf);
	text = pdf_object_begin(pdf, cid);
	g_string_append_printf(text,
	    "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s+%s"
	    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
	    "/FontDescriptor %d 0 R",
	    tag, font_name(font), descriptor);
	put_widths(text, font, chars, n);
	g_string_append(text, ">>");
	pdf_object_end(pdf);
	text = pdf_object_begin(pdf, descriptor);
	g_string_append_printf(text,
	    "<</Type/FontDescriptor/FontName/%s+%s/Flags %d/FontBBox[%d %d %d %d]"
	    "/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 "
	    "R>>",
	    tag, font_name(font), m->is_fixed ? 5 : 4, m->box[0], m->box[1], m->box[2],
	    m->box[3], m->ascent, m->descent, m->cap_height, file);
	pdf_object_end(pdf);
	return true;
}

/* The map from codes to Unicode: each page of 256 codes onto itself (9.10.3). */
static void
write_to_unicode(
    Press *press, PressEffort effort, Pdf *pdf, int number, const uint64_t pages[4])
{
	g_autoptr(GString) text = g_string_sized_new(512);
	GBytes *packed;
	int left = 0;
	int in_block = 0;

	for (int i = 0; i < 4; i++)
		left += __builtin_popcountll(pages[i]);
	g_string_append(text,
	    "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n"
	    "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n"
	    "/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n"
	    "1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n");
	for (unsigned page = 0; page < 256; page++) {
		if (!(pages[page / 64] >> (page % 64) & 1))
			continue;
		/* A block has at most 100 rows. */
		if (in_block == 0) {
			in_block = MIN(left, 100);
			g_string_append_printf(text, "%d beginbfrange\n", in_block);
		}
		g_string_append_printf(
		    text, "<%02X00><%02XFF><%02X00>\n", page, page, page);
		left--;
		if (--in_block == 0)
			g_string_append(text, "endbfrange\n");
	}
	g_string_append(
	    text, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n");
	packed = press_pack(press, effort, text->str, text->len);
	pdf_stream(
	    pdf, number, "", g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
}

bool
lean_fonts_write(
    Press *press, PressEffort effort, Pdf *pdf, const int *numbers, GError **error)
{
	uint16_t *chars = press_chars(press);
	uint64_t pages[4] = { 0 };
	int to_unicode = 0;

	for (int i = 0; i < FONT_SET_MAX; i++) {
		int n;

		if (numbers[i] == 0)
			continue;
		if (to_unicode == 0)
			to_unicode = pdf_number(pdf);
		n = list_chars(press_used(press, i), chars);
		for (int j = 0; j < n; j++)
			pages[chars[j] >> 14] |= UINT64_C(1) << ((chars[j] >> 8) & 63);
		if (!write_font(
			press, effort, pdf, i, numbers[i], to_unicode, chars, n, error))
			return false;
	}
	if (to_unicode != 0)
		write_to_unicode(press, effort, pdf, to_unicode, pages);
	return true;
}
