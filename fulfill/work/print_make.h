/*
 * print_make.h - a closed batch becomes files in the print folder.
 *
 *   batch-000007.pdf          the cards, or the letters
 *   batch-000007-list.pdf     packing list, also as .csv
 *   batch-000007-labels.pdf   address labels, when [print] labels is set
 *   batch-000007-notes.pdf    delivery notes, when [print] notes is set
 *
 * A batch of more than [print] file_pages sheets or letters is written in parts:
 * batch-000007-2.pdf, batch-000007-2-list.pdf ...  Each file appears whole, with its hash
 * in the store; after a crash the parts that are there are not written again.  Rendering
 * again gives the same bytes; a card taken out meanwhile leaves its place empty.
 */
#pragma once

#include "fulfill/work/print_part.h"
#include "fulfill/work/work.h"

/* Writes what is missing, or all of it (`again`), and calls the batch rendered.
 * `progress` may be NULL.  *ret_path is the first file's, or NULL when no card could be
 * printed and the batch was cancelled.  CONFLICT unless the batch is closed or rendered;
 * IO for a full disk. */
bool print_make(Work *work, int64_t id, bool again, PrintProgress *progress, void *user,
    char **ret_path, GError **error) MUST_USE;

/* Writes packing lists anew whose cards were called back: a chore. */
bool chore_print_lists(Work *work, bool *ret_more, GError **error) MUST_USE;
