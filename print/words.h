/*
 * words.h - the fixed words of letters, lists and labels, in the reader's language.
 */
#pragma once

typedef enum Word {
#define WORD(name, english, german) WORD_##name,
#include "print/words.def"
#undef WORD
	N_WORDS
} Word;

/* `language` as "de" or "de-AT"; what has no column, or NULL, is English.  A word with %s
 * or %d is a format: its arguments are those of words.def. */
const char *word(const char *language, Word w);

/* "2026-11-24" as people write it ("24.11.2026", "24 November 2026"); a text that is no
 * day comes back as it is.  To be g_free()d. */
char *word_day(const char *language, const char *day);
