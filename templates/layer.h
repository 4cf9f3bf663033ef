/*
 * layer.h - one place texts come from: the program itself, the folder of the instance, or
 * the folder of one brand.  Reads and compiles; knows no fields and no order of places.
 *
 * A file belongs to the folder of a language or to `shared`, and ends in .txt or .html.
 * "words.txt" holds words, the names of field_texts[] hold texts, every other name is a
 * partial.
 */
#pragma once

#include "templates/tmpl.h"
#include "templates/words.h"

#define LAYER_SHARED "shared"

typedef struct LayerFile {
	char *path;    /* for messages: "/etc/tp/templates/de/ticket.txt" */
	char *name;    /* "ticket" */
	TmplKind kind; /* TMPL_TEXT or TMPL_HTML */
	bool is_text;  /* a text of its own, not a partial */
	Tmpl *body;    /* NULL: it has a fault, or holds words */
	Tmpl *subject; /* of the .txt file of a text */
	Words *words;  /* of words.txt */
	bool used;     /* some text includes it; set by the check */
} LayerFile;

typedef struct Layer {
	char *dir;           /* for messages */
	char *brand;         /* NULL: not a brand's */
	GHashTable *folders; /* "de" -> GHashTable of "ticket.txt" -> LayerFile */
} Layer;

/* The texts inside the program. */
Layer *layer_embedded(GPtrArray *faults) MUST_USE;

/* Those of the folder `dir`, without its folder "brand"; empty when there is no `dir`. */
Layer *layer_read(const char *dir, const char *brand, GPtrArray *faults) MUST_USE;

/* The brands of DIR/brand: names, in order.  The caller owns it; elements are freed. */
GPtrArray *layer_brands(const char *dir, GPtrArray *faults) MUST_USE;

void layer_free(Layer *layer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Layer, layer_free)

/* `file` is "ticket.txt".  NULL: there is none. */
LayerFile *layer_find(const Layer *layer, const char *folder, const char *file);

/* Adds "file:line: reason" to `faults`. */
void layer_fault(GPtrArray *faults, const char *path, int line, const char *format, ...)
    PRINTF(4, 5);
