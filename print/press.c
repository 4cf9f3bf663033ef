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
	GByteArray *raw, *packed;
} Slot;

struct Press {
	const FontSet *fonts;
	Flate *flate[2]; /* by PressEffort */
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
	/* Of a card, 5 takes 30 us more than 1 and 220 bytes less; 6 to 9 gain nothing.
	 */
	press->flate[PRESS_FAST] = flate_new(5);
	press->flate[PRESS_SMALL] = flate_new(6);
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
		if (press->slots[i].raw != NULL) {
			g_byte_array_unref(press->slots[i].raw);
			g_byte_array_unref(press->slots[i].packed);
		}
	}
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

const GByteArray *
press_pack(Press *press, PressEffort effort, const void *raw, size_t size)
{
	Slot *slot = &press->slots[hash_bytes((uint64_t)effort, raw, size) % N_SLOTS];
	/* The effort is part of what is remembered: it stands behind the raw bytes. */
	uint8_t mark = (uint8_t)effort;

	if (slot->raw == NULL) {
		slot->raw = g_byte_array_new();
		slot->packed = g_byte_array_new();
	} else if (slot->raw->len == size + 1 && slot->raw->data[size] == mark &&
		   memcmp(slot->raw->data, raw, size) == 0) {
		return slot->packed;
	}
	g_byte_array_set_size(slot->raw, 0);
	g_byte_array_append(slot->raw, raw, (guint)size);
	g_byte_array_append(slot->raw, &mark, 1);
	g_byte_array_set_size(slot->packed, 0);
	flate_append(press->flate[effort], raw, size, slot->packed);
	return slot->packed;
}
