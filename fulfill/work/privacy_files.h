/*
 * privacy_files.h - what is left of a person outside the store, and its removal.
 *
 * Order files and their results (found by the person's texts and order numbers), messages
 * in a Maildir we deliver to (by the number of the mail), PDFs of print batches (by
 * name).  A file with several people in it goes as a whole: what was taken from it is in
 * the store, and a batch is rendered again with `print render`.
 */
#pragma once

#include "fulfill/domain/privacy.h"
#include "fulfill/work/work.h"

/* How many files of each folder hold something of the person: {"FOLDER": n}.  Removes
 * them unless `dry_run`.  IO; a folder that is not there has none. */
json_t *privacy_files(Work *work, const PrivacyPerson *person,
    const PrivacyTraces *traces, bool dry_run, GError **error) MUST_USE;
