/*
 * tmpl_set_private.h - an opened set, shared by tmpl_set.c and tmpl_check.c.
 *
 * A view is what one brand says in one language, looked up once and for all: after open,
 * rendering is two look-ups in hash tables and one in an array.
 */
#pragma once

#include "templates/field.h"
#include "templates/layer.h"
#include "templates/tmpl_set.h"

#define N_KINDS (TMPL_SUBJECT + 1)

typedef struct View {
	const char *brand; /* "" is no brand; belongs to the set */
	char *language;
	/* A text that has a fault is NULL. */
	const Tmpl *texts[FIELD_N_TEXTS][N_KINDS];
	GHashTable *partials[N_KINDS]; /* name -> LayerFile; none for TMPL_SUBJECT */
	const Words *words;            /* NULL: it has a fault */
} View;

struct TmplSet {
	char *default_language;
	GPtrArray *layers;  /* of Layer; the first is embedded */
	GHashTable *brands; /* "" or a brand -> GHashTable of language -> View */
	FieldNode *trees[FIELD_N_TEXTS]; /* what each text may show */
};

const Tmpl *view_partial(const void *partials, const char *name);

/* Adds every fault of the texts of `view` that can be seen without a real context, and
 * marks the partials they use. */
void tmpl_check_view(const TmplSet *set, const View *view, GPtrArray *faults);

/* Adds the partials that nothing uses.  Comes after all views. */
void tmpl_check_unused(const TmplSet *set, GPtrArray *faults);
