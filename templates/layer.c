/*
 * layer.c - find the files, read them within limits, compile them.
 */
#include "templates/layer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "queue/embed.h"
#include "queue/limits.h"
#include "templates/field.h"

#define SUBJECT "Subject: "

void
layer_fault(GPtrArray *faults, const char *path, int line, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(faults, g_strdup_printf("%s:%d: %s", path, line, what));
}

static void
file_free(gpointer data)
{
	LayerFile *file = data;

	g_free(file->path);
	g_free(file->name);
	tmpl_free(file->body);
	tmpl_free(file->subject);
	words_free(file->words);
	g_free(file);
}

static Layer *
layer_new(const char *dir, const char *brand)
{
	Layer *layer = g_new0(Layer, 1);

	layer->dir = g_strdup(dir);
	layer->brand = g_strdup(brand);
	layer->folders = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
	return layer;
}

void
layer_free(Layer *layer)
{
	if (layer == NULL)
		return;
	g_free(layer->dir);
	g_free(layer->brand);
	g_hash_table_unref(layer->folders);
	g_free(layer);
}

LayerFile *
layer_find(const Layer *layer, const char *folder, const char *file)
{
	GHashTable *files = g_hash_table_lookup(layer->folders, folder);

	return files == NULL ? NULL : g_hash_table_lookup(files, file);
}

/* --- one file ---------------------------------------------------------------------- */

/*
 * A text's .txt file is "Subject: ...", an empty line, and the body.  They are compiled
 * apart: what is in a value can then not move the border between them.
 */
static void
compile_mail(LayerFile *file, const char *text, gsize size, GPtrArray *faults)
{
	const char *end = memchr(text, '\n', size);
	gsize first = end == NULL ? size : (gsize)(end - text);
	gsize head = strlen(SUBJECT);

	if (first <= head || strncmp(text, SUBJECT, head) != 0) {
		layer_fault(
		    faults, file->path, 1, "does not begin with '" SUBJECT "...'");
		return;
	}
	if (size < first + 2 || text[first + 1] != '\n') {
		layer_fault(faults, file->path, 2,
		    "no empty line between the subject and the body");
		return;
	}
	file->subject = tmpl_parse(file->path, 1, text + head, (gssize)(first - head),
	    TMPL_SUBJECT, faults, NULL);
	file->body = tmpl_parse(file->path, 3, text + first + 2,
	    (gssize)(size - first - 2), TMPL_TEXT, faults, NULL);
}

/* Windows editors: no byte order mark, no carriage returns.  Frees nothing, returns a
 * text of its own. */
static GString *
normalise(const char *text, gsize size)
{
	GString *out = g_string_sized_new(size + 1);

	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, size -= 3;
	for (gsize i = 0; i < size; i++)
		if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
			g_string_append_c(out, text[i]);
	return out;
}

/* Compiles the file `base` ("ticket.txt") and puts it into `folder`. */
static void
add_file(Layer *layer, const char *folder, const char *base, const char *path,
    const char *raw, gsize raw_size, GPtrArray *faults)
{
	LayerFile *file = g_new0(LayerFile, 1);
	GHashTable *files = g_hash_table_lookup(layer->folders, folder);
	GString *text = normalise(raw, raw_size);
	bool shared = strcmp(folder, LAYER_SHARED) == 0;

	if (files == NULL) {
		files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
		g_hash_table_insert(layer->folders, g_strdup(folder), files);
	}
	file->path = g_strdup(path);
	file->name = g_strndup(base, (gsize)(strrchr(base, '.') - base));
	file->kind = g_str_has_suffix(base, ".html") ? TMPL_HTML : TMPL_TEXT;
	file->is_text = field_text_index(file->name) >= 0;
	g_hash_table_insert(files, g_strdup(base), file);

	if (shared && (file->is_text || strcmp(base, "words.txt") == 0))
		layer_fault(faults, path, 1, "'%s' belongs to a language, not to '%s'",
		    file->name, folder);
	else if (strcmp(base, "words.txt") == 0)
		file->words = words_parse(path, text->str, text->len, faults);
	else if (file->is_text && file->kind == TMPL_TEXT)
		compile_mail(file, text->str, text->len, faults);
	else
		file->body = tmpl_parse(
		    path, 1, text->str, (gssize)text->len, file->kind, faults, NULL);
	g_string_free(text, TRUE);
}

Layer *
layer_embedded(GPtrArray *faults)
{
	Layer *layer = layer_new("templates", NULL);

	for (const EmbedFile *e = embed_templates; e->path != NULL; e++) {
		g_auto(GStrv) parts = g_strsplit(e->path, "/", 3);

		add_file(layer, parts[1], parts[2], e->path, e->data, e->size, faults);
	}
	return layer;
}

/* --- folders ----------------------------------------------------------------------- */

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in `dir`, sorted, without hidden ones.  An empty array when there is no such
 * folder. */
static GPtrArray *
names_in(const char *dir, GPtrArray *faults)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	GDir *open = g_dir_open(dir, 0, &error);
	const char *name;

	if (open == NULL) {
		if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			layer_fault(faults, dir, 1, "%s", error->message);
		return names;
	}
	while ((name = g_dir_read_name(open)) != NULL)
		if (*name != '.')
			g_ptr_array_add(names, g_strdup(name));
	g_dir_close(open);
	g_ptr_array_sort(names, by_name);
	return names;
}

static void
read_file(Layer *layer, const char *dir, const char *folder, const char *base,
    GPtrArray *faults)
{
	g_autofree char *path = g_build_filename(dir, folder, base, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	struct stat st;
	gsize size;

	/* Notes and copies that editors leave are nobody's business. */
	if (!g_str_has_suffix(base, ".txt") && !g_str_has_suffix(base, ".html"))
		return;
	if (stat(path, &st) != 0)
		layer_fault(faults, path, 1, "cannot read: %s", g_strerror(errno));
	else if (!S_ISREG(st.st_mode))
		layer_fault(faults, path, 1, "not a file");
	else if (st.st_size > LIMIT_TEMPLATE_FILE_BYTES)
		layer_fault(
		    faults, path, 1, "longer than %d bytes", LIMIT_TEMPLATE_FILE_BYTES);
	else if (!g_file_get_contents(path, &text, &size, &error))
		layer_fault(faults, path, 1, "cannot read: %s", error->message);
	else
		add_file(layer, folder, base, path, text, size, faults);
}

/* "de", "de-at", "sr-latn". */
static bool
is_language(const char *name)
{
	return g_regex_match_simple("^[a-z]{2,3}(-[a-z0-9]{2,8})*$", name, 0, 0);
}

Layer *
layer_read(const char *dir, const char *brand, GPtrArray *faults)
{
	Layer *layer = layer_new(dir, brand);
	g_autoptr(GPtrArray) folders = names_in(dir, faults);

	for (guint i = 0; i < folders->len; i++) {
		const char *folder = folders->pdata[i];
		g_autofree char *path = g_build_filename(dir, folder, NULL);
		g_autoptr(GPtrArray) files = NULL;

		if (!g_file_test(path, G_FILE_TEST_IS_DIR))
			continue;
		if (brand == NULL && strcmp(folder, "brand") == 0)
			continue;
		if (!is_language(folder) && strcmp(folder, LAYER_SHARED) != 0) {
			layer_fault(faults, path, 1,
			    "neither a language like 'de' nor '%s'", LAYER_SHARED);
			continue;
		}
		files = names_in(path, faults);
		for (guint f = 0; f < files->len; f++)
			read_file(layer, dir, folder, files->pdata[f], faults);
	}
	return layer;
}

GPtrArray *
layer_brands(const char *dir, GPtrArray *faults)
{
	g_autofree char *brands = g_build_filename(dir, "brand", NULL);
	g_autoptr(GPtrArray) names = NULL;
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

	if (!g_file_test(brands, G_FILE_TEST_IS_DIR))
		return found;
	names = names_in(brands, faults);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path = g_build_filename(brands, names->pdata[i], NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			g_ptr_array_add(found, g_strdup(names->pdata[i]));
	}
	return found;
}
