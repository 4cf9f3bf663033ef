/*
 * bbox.h - where words stand in a PDF, in millimetres, as poppler sees them.
 */
#pragma once

#include <stdio.h>
#include <string.h>

#include "print/geom.h"
#include "tests/print/peer.h"

typedef struct BboxWord {
	int page;
	Box box; /* of the line's height, wider than the ink */
	char *text;
} BboxWord;

static inline void
bbox_clear(void *data)
{
	g_free(((BboxWord *)data)->text);
}

/* All words of a PDF, in order; entities as they are. */
static inline GArray *
bbox_words(const char *path)
{
	const char *argv[] = { "pdftotext", "-bbox", path, "-", NULL };
	g_autofree char *out = peer_run(argv, NULL);
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
	GArray *words = g_array_new(FALSE, FALSE, sizeof(BboxWord));
	int page = 0;

	g_array_set_clear_func(words, bbox_clear);
	for (char **line = lines; *line != NULL; line++) {
		double x1, y1, x2, y2;
		int at = 0;
		const char *end = strstr(*line, "</word>");

		if (strstr(*line, "<page ") != NULL)
			page++;
		if (end != NULL &&
		    sscanf(*line,
			" <word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" yMax=\"%lf\">%n",
			&x1, &y1, &x2, &y2, &at) == 4 &&
		    at > 0) {
			BboxWord w = { .page = page,
				.box = { pt_to_mm(x1), pt_to_mm(y1), pt_to_mm(x2 - x1),
				    pt_to_mm(y2 - y1) },
				.text =
				    g_strndup(*line + at, (gsize)(end - (*line + at))) };

			g_array_append_val(words, w);
		}
	}
	return words;
}

/* The first word that is `text`, or NULL. */
static inline const BboxWord *
bbox_find(const GArray *words, const char *text)
{
	for (guint i = 0; i < words->len; i++)
		if (strcmp(g_array_index(words, BboxWord, i).text, text) == 0)
			return &g_array_index(words, BboxWord, i);
	return NULL;
}
