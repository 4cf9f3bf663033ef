/*
 * card_text.c - words and dates of a card.
 */
#include "print/card_text.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct Words {
	const char *language, *label, *valid, *serial, *reprint;
} words[] = {
#define WORDS(language, label, valid, serial, reprint) \
	{ #language, label, valid, serial, reprint },
#include "print/card_words.def"
#undef WORDS
};
/* clang-format on */

static const struct Words *
words_of(const char *language)
{
	for (size_t i = 0; language != NULL && i < G_N_ELEMENTS(words); i++) {
		size_t n = strlen(words[i].language);

		/* "de-AT" speaks "de". */
		if (g_ascii_strncasecmp(language, words[i].language, n) == 0 &&
		    !g_ascii_isalnum(language[n]))
			return &words[i];
	}
	return &words[0];
}

/* A civil day as people write it; NULL if `text` is none. */
static char *
format_day(const char *text, const char *language)
{
	static const char *const months[] = { "January", "February", "March", "April",
		"May", "June", "July", "August", "September", "October", "November",
		"December" };
	int year, month, day;
	int length = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 ||
	    length != 10 || text[10] != '\0' || month < 1 || month > 12 || day < 1 ||
	    day > 31)
		return NULL;
	if (strcmp(language, "de") == 0)
		return g_strdup_printf("%02d.%02d.%04d", day, month, year);
	return g_strdup_printf("%d %s %04d", day, months[month - 1], year);
}

static char *
valid_text(const CardData *data, const struct Words *w)
{
	g_autofree char *day = format_day(data->valid, w->language);

	return day == NULL ? NULL : g_strdup_printf(w->valid, day);
}

static char *
serial_text(const CardData *data, const struct Words *w)
{
	GString *text = g_string_new(NULL);

	if (data->serial != NULL && *data->serial != '\0')
		g_string_append_printf(text, w->serial, data->serial);
	if (data->reprint > 0) {
		if (text->len > 0)
			g_string_append(text, " \xC2\xB7 ");
		g_string_append_printf(text, w->reprint, data->reprint);
	}
	return g_string_free(text, FALSE);
}

/* Accented letters as fonts have them.  Below U+0300 they are so already. */
static const char *
composed(const char *text, char **own)
{
	if (text == NULL || *text == '\0')
		return NULL;
	for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
		if (*p >= 0xCC)
			return *own = font_compose(text);
	}
	return text;
}

const char *
card_text(const CardData *data, CardElement element, CardLayout *layout)
{
	const struct Words *w = words_of(data->language);
	char **own = &layout->own_texts[element];

	switch (element) {
	case CARD_BANNER:
		return composed(data->banner, own);
	case CARD_BRAND:
		return data->logo != NULL ? NULL : composed(data->brand, own);
	case CARD_PRODUCT:
		return composed(data->product, own);
	case CARD_HOLDER:
		return composed(data->holder, own);
	case CARD_COMPANY:
		return composed(data->company, own);
	case CARD_LABEL:
		return w->label;
	case CARD_CODE:
		return data->code;
	case CARD_VALID:
		if (data->valid == NULL || *data->valid == '\0')
			return NULL;
		*own = valid_text(data, w);
		return *own != NULL ? *own : composed(data->valid, own);
	case CARD_SERIAL:
		*own = serial_text(data, w);
		return **own == '\0' ? NULL : *own;
	default:
		return NULL;
	}
}
