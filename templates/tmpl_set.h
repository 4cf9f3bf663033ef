/*
 * tmpl_set.h - every text a person gets, in every language and under every brand.
 *
 * The program carries a whole set; an instance may put its own file in place of any one:
 *
 *   DIR/brand/<brand>/<language>/ticket.txt    under a reseller's brand
 *   DIR/<language>/ticket.txt                  of this instance
 *   templates/<language>/ticket.txt            embedded
 *
 * The first that exists is taken.  A partial {{> foot}} is looked for the same way, and
 * in each place first in the language and then in the folder `shared`.  The language is
 * the wanted one ("de-AT", else "de"), else the default of the instance, else "en".
 *
 * The caller
 *   1. tmpl_set_open()s at the start: everything is read, compiled and checked then, no
 *      file is touched later; on SIGHUP open another and swap,
 *   2. builds the base fields of a context (fields.def says which),
 *   3. tmpl_set_complete()s it: days in words, groups of the code, flags by kind ...,
 *   4. tmpl_set_render()s it three times: TMPL_SUBJECT, TMPL_TEXT, TMPL_HTML.
 *
 * After open the set is only read: any number of threads may use it, each with a context
 * of its own.
 *
 * Output is UTF-8 with LF line ends.  A text body has one line for each paragraph and no
 * line that ends in a space, as format=flowed wants it: breaking long lines softly is the
 * composer's work.  The code stands alone on its line.
 *
 * A ticket of a digest takes about 1.5 KiB of HTML.  Some readers cut a message at 100
 * KiB, and LIMIT_TEMPLATE_OUTPUT_BYTES ends it at about 650 tickets: split a long order
 * into several mails and set `part`.
 */
#pragma once

#include "templates/tmpl.h"

typedef struct TmplSet TmplSet;

/*
 * Opens the embedded set with the files of `override_dir` (NULL, or a folder that need
 * not exist) over it.  `default_language` is used for recipients whose language has no
 * texts.
 *
 * NULL: CONFIG, the first fault and how many more there are.
 */
TmplSet *tmpl_set_open(
    const char *override_dir, const char *default_language, GError **error) MUST_USE;
void tmpl_set_close(TmplSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TmplSet, tmpl_set_close)

/*
 * Every fault that would keep tmpl_set_open() from opening, each "file:line: reason": a
 * tag that does not parse, an unbalanced section, a field that the text does not have, a
 * partial that is nowhere, a language that lacks a text, a file that nothing uses, a text
 * that never shows its code.  Empty when all is well.  The caller owns the array.
 */
GPtrArray *tmpl_set_check(
    const char *override_dir, const char *default_language) MUST_USE;

/*
 * Adds to a context what follows from its base fields: those marked DERIVED or
 * MADE in fields.def.  `language` as for tmpl_set_render(), and the same.
 *
 * false: INVALID, names the field: not a day, not a colour, an unknown kind.
 */
bool tmpl_set_complete(const TmplSet *set, const char *brand, const char *language,
    json_t *context, GError **error) MUST_USE;

/*
 * Appends `text` (a name of texts.def) to `out`.  `brand` may be
 * NULL, or one that has no files; `language` may be NULL.  Subject and body come from the
 * same .txt file: TMPL_SUBJECT is its first line, without "Subject: " and without a
 * newline.
 *
 * false: INVALID: a needed field of fields.def is missing, empty or of another type (a
 * mail without its ticket must never go out), or the output is too long; NOT_FOUND: no
 * such text, or it has no HTML shape.  `out` is then as it was.
 */
bool tmpl_set_render(const TmplSet *set, const char *brand, const char *language,
    const char *text, TmplKind kind, const json_t *context, GString *out,
    GError **error) MUST_USE;

/* The language that is really used, for Content-Language: "de".  Belongs to the set. */
const char *tmpl_set_language(
    const TmplSet *set, const char *brand, const char *language);

/*
 * The example context of `text` from fields.def, completed: for previews and golden
 * files. The caller owns it.  NULL: NOT_FOUND.
 */
json_t *tmpl_set_example(const TmplSet *set, const char *brand, const char *language,
    const char *text, GError **error) MUST_USE;

/* Has `text` an HTML shape beside the plain one?  false for a name that is no text. */
bool tmpl_set_is_rich(const char *text);

/* The names of all texts, ended by NULL. */
const char *const *tmpl_set_texts(void);
