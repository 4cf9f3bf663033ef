/*
 * embed.h - text files that travel inside the program.
 *
 * The tables are made at build time by queue/embed.awk from the files of the same path in
 * the source tree, and end with a row whose path is NULL.
 */
#pragma once

#include <stddef.h>

typedef struct EmbedFile {
	const char *path; /* as in the source tree: "templates/de/ticket.txt" */
	const char *data; /* NUL-terminated */
	size_t size;      /* bytes, without the NUL */
} EmbedFile;

#define EMBED_TEXT(text) text, sizeof(text) - 1

extern const EmbedFile embed_schema[];    /* queue/schema and fulfill/schema */
extern const EmbedFile embed_templates[]; /* templates/ */
