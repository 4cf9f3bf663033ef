/*
 * press.c - what the lean pen keeps.
 */
#include "print/press.h"

#include <string.h>

#include "print/press_private.h"

/*
 * The packed store: compressed data by what they were made from.  One slot for each hash
 * value; a newcomer takes the place of what was there.  A font for product names comes
 * back card after card and is found; one for a holder's name seldom does.
 */
#define N_SLOTS 128

typedef struct Slot {
	GBytes *raw, *packed;
	PressEffort effort;
} Slot;

struct Press {
	const FontSet *fonts;
	Flate *flate[2]; /* by PressEffort; NULL until asked for, 650 KiB each */
	GByteArray *packed;
	GlyphStore *stores[FONT_SET_MAX];
	CharSet *used[FONT_SET_MAX];
	Slot slots[N_SLOTS];
	bool busy;
	uint16_t chars[65536];
};

Press *
press_new(const FontSet *fonts)
{
	Press *press = g_new0(Press, 1);

	press->fonts = fonts;
	press->packed = g_byte_array_new();
	return press;
}

void
press_free(Press *press)
{
	if (press == NULL)
		return;
	for (int i = 0; i < FONT_SET_MAX; i++) {
		glyph_store_free(press->stores[i]);
		g_free(press->used[i]);
	}
	for (int i = 0; i < N_SLOTS; i++) {
		g_clear_pointer(&press->slots[i].raw, g_bytes_unref);
		g_clear_pointer(&press->slots[i].packed, g_bytes_unref);
	}
	g_byte_array_unref(press->packed);
	flate_free(press->flate[PRESS_FAST]);
	flate_free(press->flate[PRESS_SMALL]);
	g_free(press);
}

const FontSet *
press_fonts(const Press *press)
{
	return press->fonts;
}

void
press_lock(Press *press)
{
	if (press->busy)
		BUG("a press draws one document at a time");
	press->busy = true;
}

void
press_unlock(Press *press)
{
	press->busy = false;
	for (int i = 0; i < FONT_SET_MAX; i++) {
		CharSet *set = press->used[i];

		if (set == NULL || set->high < 0)
			continue;
		memset(set->bits + set->low, 0,
		    (size_t)(set->high - set->low + 1) * sizeof(set->bits[0]));
		set->low = G_N_ELEMENTS(set->bits);
		set->high = -1;
	}
}

Flate *
press_flate(Press *press, PressEffort effort)
{
	/* Of a card, 5 takes 30 us more than 1 and 220 bytes less; 6 to 9 gain nothing.
	 */
	static const int level[] = { [PRESS_FAST] = 5, [PRESS_SMALL] = 6 };

	if (press->flate[effort] == NULL)
		press->flate[effort] = flate_new(level[effort]);
	return press->flate[effort];
}

CharSet *
press_used(Press *press, int font)
{
	if (press->used[font] == NULL) {
		press->used[font] = g_new0(CharSet, 1);
		press->used[font]->low = G_N_ELEMENTS(press->used[font]->bits);
		press->used[font]->high = -1;
	}
	return press->used[font];
}

GlyphStore *
press_store(Press *press, int font)
{
	if (press->stores[font] == NULL)
		press->stores[font] = glyph_store_new(font_set_font(press->fonts, font));
	return press->stores[font];
}

uint16_t *
press_chars(Press *press)
{
	return press->chars;
}

static uint64_t
hash_bytes(uint64_t hash, const uint8_t *data, size_t size)
{
	uint64_t word;

	for (; size >= 8; data += 8, size -= 8) {
		memcpy(&word, data, 8);
		hash = (hash ^ word) * UINT64_C(0x9FB21C651E98DF25);
		hash ^= hash >> 32;
	}
	for (; size > 0; data++, size--)
		hash = (hash ^ *data) * UINT64_C(0x9FB21C651E98DF25);
	return hash ^ hash >> 32;
}

GBytes *
press_pack(Press *press, PressEffort effort, const void *raw, size_t size)
{
	Slot *slot = &press->slots[hash_bytes((uint64_t)effort, raw, size) % N_SLOTS];

	if (slot->raw != NULL && slot->effort == effort &&
	    g_bytes_get_size(slot->raw) == size &&
	    memcmp(g_bytes_get_data(slot->raw, NULL), raw, size) == 0)
		return slot->packed;
	g_clear_pointer(&slot->raw, g_bytes_unref);
	g_clear_pointer(&slot->packed, g_bytes_unref);
	g_byte_array_set_size(press->packed, 0);
	flate_append(press_flate(press, effort), raw, size, press->packed);
	slot->effort = effort;
	slot->raw = g_bytes_new(raw, size);
	slot->packed = g_bytes_new(press->packed->data, press->packed->len);
	return slot->packed;
}
