/*
 * words.h - the few words of a language that the program itself puts together: days,
 * kinds of product, channels.  Everything else that a person reads stands in a text.
 *
 * A words file has lines "key: text"; empty lines and lines that begin with # say
 * nothing. "day" is a small Mustache text with the fields day, dd, month, mm and year.
 *
 * Words are never changed after words_parse(); threads may share them.
 */
#pragma once

#include "queue/day.h"

typedef struct Words Words;

/*
 * Reads a words file of `size` bytes.  `file` is how faults call it.
 *
 * NULL: at least one "file:line: reason" was added to `faults`: a key that is unknown,
 * given twice or missing, a line that is none.
 */
Words *words_parse(
    const char *file, const char *text, gsize size, GPtrArray *faults) MUST_USE;
void words_free(Words *words);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Words, words_free)

/* The text of "group.key", e.g. "kind", "full"; NULL when no words file has such a key.
 */
const char *words_find(const Words *words, const char *group, const char *key);

/* The day as a person writes it: "24 November 2026".  The caller owns it. */
char *words_day(const Words *words, Day day) MUST_USE;
