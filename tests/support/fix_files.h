/*
 * fix_files.h - a temporary folder with files in it, gone when it is freed.
 */
#pragma once

#include <glib.h>

typedef struct FixFiles FixFiles;

FixFiles *fix_files_new(void);

/* Its path; belongs to the fixture. */
const char *fix_files_dir(const FixFiles *files);

/* Writes `text` to `name` ("de/ticket.txt"), with its folders. */
void fix_files_put(FixFiles *files, const char *name, const char *text);

void fix_files_free(FixFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FixFiles, fix_files_free)
