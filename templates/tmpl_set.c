/*
 * tmpl_set.c - open a set, find a text in it, render it.
 *
 * Looking for the rules a text must keep?  See tmpl_check.c.
 */
#include "templates/tmpl_set.h"

#include <string.h>

#include "templates/derive.h"
#include "templates/tmpl_set_private.h"

/* --- views ------------------------------------------------------------------------- */

static void
view_free(gpointer data)
{
	View *view = data;

	g_free(view->language);
	for (int kind = 0; kind < N_KINDS; kind++)
		g_clear_pointer(&view->partials[kind], g_hash_table_unref);
	g_free(view);
}

const Tmpl *
view_partial(const void *partials, const char *name)
{
	const LayerFile *file = g_hash_table_lookup((GHashTable *)partials, name);

	return file == NULL ? NULL : file->body;
}

/* Puts the partials of one folder of one layer over those that are there. */
static void
take_partials(View *view, const Layer *layer, const char *folder)
{
	GHashTable *files = g_hash_table_lookup(layer->folders, folder);
	GHashTableIter i;
	LayerFile *file;

	if (files == NULL)
		return;
	g_hash_table_iter_init(&i, files);
	while (g_hash_table_iter_next(&i, NULL, (gpointer *)&file))
		if (!file->is_text)
			g_hash_table_insert(view->partials[file->kind], file->name, file);
}

/* The file of the uppermost layer that has it; a fault when none has. */
static LayerFile *
find_file(const View *view, const GPtrArray *layers, const char *base, GPtrArray *faults)
{
	const char *dir = NULL;

	for (guint i = layers->len; i-- > 0;) {
		const Layer *layer = layers->pdata[i];
		LayerFile *file = layer_find(layer, view->language, base);

		if (file != NULL)
			return file;
		if (dir == NULL &&
		    g_hash_table_lookup(layer->folders, view->language) != NULL)
			dir = layer->dir;
	}
	if (dir != NULL) {
		g_autofree char *path = g_build_filename(dir, view->language, base, NULL);

		layer_fault(faults, path, 1, "is missing: a language has all texts");
	}
	return NULL;
}

static View *
view_new(
    const char *brand, const char *language, const GPtrArray *layers, GPtrArray *faults)
{
	View *view = g_new0(View, 1);
	LayerFile *words;

	view->brand = brand;
	view->language = g_strdup(language);
	for (int kind = 0; kind < N_KINDS; kind++)
		view->partials[kind] = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < layers->len; i++) {
		take_partials(view, layers->pdata[i], LAYER_SHARED);
		take_partials(view, layers->pdata[i], language);
	}
	for (int t = 0; t < FIELD_N_TEXTS; t++) {
		g_autofree char *txt = g_strconcat(field_texts[t], ".txt", NULL);
		g_autofree char *html = g_strconcat(field_texts[t], ".html", NULL);
		LayerFile *text = find_file(view, layers, txt, faults);
		LayerFile *rich =
		    field_text_is_rich(t) ? find_file(view, layers, html, faults) : NULL;

		view->texts[t][TMPL_SUBJECT] = text == NULL ? NULL : text->subject;
		view->texts[t][TMPL_TEXT] = text == NULL ? NULL : text->body;
		view->texts[t][TMPL_HTML] = rich == NULL ? NULL : rich->body;
	}
	words = find_file(view, layers, "words.txt", faults);
	view->words = words == NULL ? NULL : words->words;
	return view;
}

/* --- opening ----------------------------------------------------------------------- */

/* Adds the views of every language that the layers of a brand have. */
static void
add_views(TmplSet *set, const char *brand, const GPtrArray *layers, GPtrArray *faults)
{
	char *key = g_strdup(brand);
	GHashTable *views =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, view_free);

	g_hash_table_insert(set->brands, key, views);
	for (guint i = 0; i < layers->len; i++) {
		const Layer *layer = layers->pdata[i];
		GHashTableIter folders;
		const char *folder;

		g_hash_table_iter_init(&folders, layer->folders);
		while (g_hash_table_iter_next(&folders, (gpointer *)&folder, NULL)) {
			View *view;

			if (strcmp(folder, LAYER_SHARED) == 0 ||
			    g_hash_table_contains(views, folder))
				continue;
			view = view_new(key, folder, layers, faults);
			g_hash_table_insert(views, view->language, view);
		}
	}
}

static void
add_brands(TmplSet *set, const char *dir, GPtrArray *faults)
{
	g_autoptr(GPtrArray) brands = layer_brands(dir, faults);

	for (guint i = 0; i < brands->len; i++) {
		const char *brand = brands->pdata[i];
		g_autofree char *path = g_build_filename(dir, "brand", brand, NULL);
		g_autoptr(GPtrArray) layers = g_ptr_array_new();
		Layer *own = layer_read(path, brand, faults);

		/* Below it lie the embedded and the instance's. */
		g_ptr_array_add(layers, set->layers->pdata[0]);
		g_ptr_array_add(layers, set->layers->pdata[1]);
		g_ptr_array_add(layers, own);
		g_ptr_array_add(set->layers, own);
		add_views(set, brand, layers, faults);
	}
}

static char *
lower_language(const char *language)
{
	char *tag = g_ascii_strdown(language, -1);

	g_strdelimit(tag, "_", '-');
	/* "de_DE.UTF-8" */
	*strchrnul(tag, '.') = '\0';
	return tag;
}

/* Fault messages come from hash tables: sort them, and say each once. */
static gint
by_place(gconstpointer a, gconstpointer b)
{
	/* Knows that line 9 comes before line 10. */
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static void
tidy(GPtrArray *faults)
{
	g_ptr_array_sort(faults, by_place);
	for (guint i = faults->len; i-- > 1;)
		if (strcmp(faults->pdata[i], faults->pdata[i - 1]) == 0)
			g_ptr_array_remove_index(faults, i);
}

/* Opens whatever can be opened, and adds what is wrong to `faults`. */
static TmplSet *
set_build(const char *override_dir, const char *default_language, GPtrArray *faults)
{
	TmplSet *set = g_new0(TmplSet, 1);
	GHashTableIter brands, languages;
	GHashTable *views;
	View *view;

	set->default_language = lower_language(default_language);
	set->layers = g_ptr_array_new_with_free_func((GDestroyNotify)layer_free);
	set->brands = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
	for (int t = 0; t < FIELD_N_TEXTS; t++)
		set->trees[t] = field_tree_new(t);
	g_ptr_array_add(set->layers, layer_embedded(faults));
	if (override_dir != NULL)
		g_ptr_array_add(set->layers, layer_read(override_dir, NULL, faults));
	add_views(set, "", set->layers, faults);
	if (override_dir != NULL)
		add_brands(set, override_dir, faults);

	views = g_hash_table_lookup(set->brands, "");
	if (!g_hash_table_contains(views, set->default_language))
		layer_fault(faults, override_dir == NULL ? "templates" : override_dir, 1,
		    "there are no texts in the default language '%s'",
		    set->default_language);
	g_hash_table_iter_init(&brands, set->brands);
	while (g_hash_table_iter_next(&brands, NULL, (gpointer *)&views)) {
		g_hash_table_iter_init(&languages, views);
		while (g_hash_table_iter_next(&languages, NULL, (gpointer *)&view))
			tmpl_check_view(set, view, faults);
	}
	/* Only then is it known that nothing uses a file. */
	if (faults->len == 0)
		tmpl_check_unused(set, faults);
	tidy(faults);
	return set;
}

TmplSet *
tmpl_set_open(const char *override_dir, const char *default_language, GError **error)
{
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(TmplSet) set = set_build(override_dir, default_language, faults);

	if (faults->len == 0)
		return g_steal_pointer(&set);
	if (faults->len == 1)
		err_set(error, TP_ERROR_CONFIG, "%s", (char *)faults->pdata[0]);
	else
		err_set(error, TP_ERROR_CONFIG, "%s (and %u more)",
		    (char *)faults->pdata[0], faults->len - 1);
	return NULL;
}

GPtrArray *
tmpl_set_check(const char *override_dir, const char *default_language)
{
	GPtrArray *faults = g_ptr_array_new_with_free_func(g_free);

	tmpl_set_close(set_build(override_dir, default_language, faults));
	return faults;
}

void
tmpl_set_close(TmplSet *set)
{
	if (set == NULL)
		return;
	g_hash_table_unref(set->brands);
	g_ptr_array_unref(set->layers);
	for (int t = 0; t < FIELD_N_TEXTS; t++)
		field_tree_free(set->trees[t]);
	g_free(set->default_language);
	g_free(set);
}

/* --- using ------------------------------------------------------------------------- */

static const View *
find_view(const TmplSet *set, const char *brand, const char *language)
{
	GHashTable *views = g_hash_table_lookup(set->brands, brand == NULL ? "" : brand);
	g_autofree char *tag = lower_language(language == NULL ? "" : language);
	const View *view;

	if (views == NULL)
		views = g_hash_table_lookup(set->brands, "");
	while (*tag != '\0') {
		char *dash = strrchr(tag, '-');

		if ((view = g_hash_table_lookup(views, tag)) != NULL)
			return view;
		*(dash == NULL ? tag : dash) = '\0';
	}
	view = g_hash_table_lookup(views, set->default_language);
	/* "en" cannot be missing: open would have refused. */
	return view != NULL ? view : g_hash_table_lookup(views, "en");
}

const char *
tmpl_set_language(const TmplSet *set, const char *brand, const char *language)
{
	return find_view(set, brand, language)->language;
}

const char *const *
tmpl_set_texts(void)
{
	return field_texts;
}

bool
tmpl_set_is_rich(const char *text)
{
	int t = field_text_index(text);

	return t >= 0 && field_text_is_rich(t);
}

static int
find_text(const char *text, GError **error)
{
	int t = field_text_index(text);

	if (t < 0)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no text '%s'", text);
	return t;
}

static bool
complete(const View *view, json_t *context, GError **error)
{
	json_object_set_new(context, "lang", json_string(view->language));
	return derive_fields(view->words, context, error);
}

bool
tmpl_set_complete(const TmplSet *set, const char *brand, const char *language,
    json_t *context, GError **error)
{
	return complete(find_view(set, brand, language), context, error);
}

bool
tmpl_set_render(const TmplSet *set, const char *brand, const char *language,
    const char *text, TmplKind kind, const json_t *context, GString *out, GError **error)
{
	int t = find_text(text, error);
	const View *view;

	if (t < 0)
		return false;
	if (!field_check(set->trees[t], context, false, error)) {
		g_prefix_error(error, "text '%s': ", text);
		return false;
	}
	view = find_view(set, brand, language);
	if (view->texts[t][kind] == NULL)
		return err_set(
		    error, TP_ERROR_NOT_FOUND, "text '%s' has no HTML shape", text);
	return tmpl_render(view->texts[t][kind], context, view_partial,
	    view->partials[kind], out, error);
}

json_t *
tmpl_set_example(const TmplSet *set, const char *brand, const char *language,
    const char *text, GError **error)
{
	int t = find_text(text, error);
	json_t *context;

	if (t < 0)
		return NULL;
	context = field_example(set->trees[t]);
	if (complete(find_view(set, brand, language), context, error))
		return context;
	json_decref(context);
	return NULL;
}
