/*
 * fontset.h - the fonts of one document: three roles, each with its fallbacks.
 *
 * A text is set in a role.  What the role's font cannot show is looked for in the regular
 * font and then in the fallback fonts, character by character: a text falls into runs,
 * each of one font.  What no font shows is refused with the characters named, before
 * anything is drawn: a name with holes on paper is worse than no paper.
 *
 * Refused as well: characters outside the BMP, controls and invisible format characters
 * (a name must not turn the text around it), and scripts whose letters join or reorder
 * (Arabic, Hebrew, Devanagari ...): we place one character after the other and do not
 * shape.
 *
 * Widths are in 1/1000 em, sizes in points.  A FontSet is read-only once open and may be
 * shared among threads; its pointers live as long as it.
 */
#pragma once

#include <stddef.h>

#include "print/font.h"

typedef enum FontRole {
	FONT_REGULAR,
	FONT_BOLD,
	FONT_MONO, /* codes */
} FontRole;
#define N_FONT_ROLES 3

#define FONT_SET_MAX 16 /* fonts, fallbacks included */

/* Paths; NULL takes the default of font.h. */
typedef struct FontFiles {
	const char *regular, *bold, *mono;
	const char *const
	    *fallbacks; /* NULL-terminated, in order of preference; or NULL */
} FontFiles;

/* A stretch of text that one font shows. */
typedef struct FontRun {
	int font; /* for font_set_font() */
	const char *text;
	size_t bytes;
	int n_chars;
	int width; /* 1/1000 em */
} FontRun;

typedef struct FontSet FontSet;

/* Those fonts of font_known.def that are installed, NULL-terminated; to be
 * g_strfreev()d. */
char **font_known_fallbacks(void);

/* `files` may be NULL: all defaults.  NULL on error: see font_open(). */
FontSet *font_set_open(const FontFiles *files, GError **error) MUST_USE;
void font_set_free(FontSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FontSet, font_set_free)

int font_set_count(const FontSet *set);
/* 0 to N_FONT_ROLES - 1 are the roles' own fonts, then come the fallbacks. */
const Font *font_set_font(const FontSet *set, int i);

/* Can `c` be shown in this role, and by which font?  -1: no. */
int font_set_pick(const FontSet *set, FontRole role, gunichar c);

/*
 * Cuts the next run off the front of [*at, end), moving *at.  false: nothing is left.
 * A character that nothing shows is passed over; font_set_check() comes first.
 */
bool font_set_run(
    const FontSet *set, FontRole role, const char **at, const char *end, FontRun *ret);

/* Width of `bytes` bytes of `text` at `size_pt`, `tracking_pt` after each character but
 * the last. */
double font_set_width_pt(const FontSet *set, FontRole role, const char *text,
    size_t bytes, double size_pt, double tracking_pt);

/*
 * Can every character of `text` (UTF-8) be shown?
 * false: INVALID, "<what>: no font shows U+1F600 '...'", naming up to eight characters;
 * also for text that is not UTF-8 or longer than LIMIT_PRINT_TEXT_BYTES.
 */
bool font_set_check(const FontSet *set, FontRole role, const char *text, const char *what,
    GError **error) MUST_USE;

/* `text` composed (NFC), as fonts have accented letters ready-made; to be g_free()d. */
char *font_compose(const char *text);
