/*
 * bounce_private.h - what the files of the bounce reader share; nobody else includes it.
 */
#pragma once

#include "mailer/bounce.h"

/*
 * The first place in `text` where `phrase` stands: ASCII in any case, a blank for any run
 * of blanks and line ends, '*' for up to 80 bytes.  *ret_end is behind it.  NULL:
 * nowhere.
 */
const char *bounce_phrase_find(
    const char *text, const char *phrase, const char **ret_end);

/* The first enhanced code in a text ("550 5.1.1", "#5.1.1"); class 0: none.  NULL has
 * none. */
EnhancedCode bounce_code_in(const char *text);

/* A recipient found in free text. */
typedef struct BounceText {
	char *recipient;
	char *reason;
} BounceText;

/* Drops the contents; for g_array_set_clear_func(). */
void bounce_text_clear(void *text);

/*
 * Looks for a SHAPE in the free text.  Appends BounceText rows (perhaps none) to `rows`;
 * *ret_action is what the shape means.  The shape's name (static), or NULL: none fits.
 */
const char *bounce_text_read(const char *text, GArray *rows, DsnAction *ret_action);

/* The address a line begins with, behind blanks, quotes and "To:"; *ret_rest is what
 * follows it.  NULL: none. */
char *bounce_address_at(const char *line, const char **ret_rest);

/* Did a mail server write this?  By its From field: a null envelope sender is what
 * vacation programs have too, and subjects can be quoted by anybody. */
bool bounce_from_server(const ParsedMail *mail);
