/*
 * logos.c - a folder of PNG files, and a table of pictures in use.
 */
#include "fulfill/work/logos.h"

#include <string.h>

#include <glib/gstdio.h>

#include "fulfill/domain/logo.h"
#include "queue/limits.h"

#define SUFFIX ".png"
#define VENDOR_FILE "vendor"
#define BRAND_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* ---- the folder ---- */

typedef struct Taking {
	DbTx *tx;
	const char *folder;
	Faults *faults;
	LogoCount *count;
	GHashTable *seen; /* brands */
} Taking;

/* "r100.png" to "r100"; NULL: it is none of ours. */
static char *
brand_of(const char *file)
{
	size_t n = strlen(file);

	if (n <= strlen(SUFFIX) || !g_str_has_suffix(file, SUFFIX) ||
	    strspn(file, BRAND_LETTERS) != n - strlen(SUFFIX))
		return NULL;
	return g_strndup(file, n - strlen(SUFFIX));
}

/* 1: *ret is the picture.  0: a fault was told. */
static int
read_file(Taking *run, const char *file, Picture **ret)
{
	g_autofree char *path = g_build_filename(run->folder, file, NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(GError) wrong = NULL;
	GStatBuf info;
	gsize size;

	/* The size first: a file of gigabytes is not read at all. */
	if (g_stat(path, &info) == 0 && info.st_size > LIMIT_LOGO_BYTES) {
		faults_add(run->faults, file,
		    "it has %" G_GINT64_FORMAT " bytes, the limit is %d",
		    (gint64)info.st_size, LIMIT_LOGO_BYTES);
		return 0;
	}
	if (g_file_get_contents(path, &bytes, &size, &wrong))
		*ret = picture_read_png(bytes, size, &wrong);
	if (wrong == NULL)
		return 1;
	faults_add(run->faults, file, "%s", wrong->message);
	return 0;
}

static bool
take(Taking *run, const char *file, const char *brand, GError **error)
{
	bool is_vendor = strcmp(brand, VENDOR_FILE) == 0;
	g_autoptr(Picture) picture = NULL;
	int used = is_vendor ? 1 : logo_brand_is_used(run->tx->db, brand, error);
	int put;

	if (used < 0)
		return false;
	if (used == 0) {
		faults_add(run->faults, file,
		    "no party has the brand '%s'; the vendor's own is " VENDOR_FILE
			SUFFIX,
		    brand);
		return true;
	}
	if (read_file(run, file, &picture) == 0)
		return true;
	if (is_vendor)
		brand = LOGO_VENDOR;
	g_hash_table_add(run->seen, g_strdup(brand));
	put = logo_put(run->tx, brand, picture, error);
	run->count->taken += put > 0;
	run->count->same += put == 0;
	return put >= 0;
}

static void
add_brand(void *user, const char *brand, const char *picture, int width, int height)
{
	(void)picture;
	(void)width;
	(void)height;
	g_ptr_array_add(user, g_strdup(brand));
}

/* A file that is gone takes its logo along. */
static bool
drop_others(Taking *run, GError **error)
{
	g_autoptr(GPtrArray) brands = g_ptr_array_new_with_free_func(g_free);

	if (!logo_list(run->tx->db, add_brand, brands, error))
		return false;
	for (guint i = 0; i < brands->len; i++) {
		const char *brand = g_ptr_array_index(brands, i);

		if (g_hash_table_contains(run->seen, brand))
			continue;
		if (logo_remove(run->tx, brand, error) < 0)
			return false;
		run->count->removed++;
	}
	return true;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
names_in(const char *folder, GError **error)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	GPtrArray *names;

	if (dir == NULL) {
		err_set(error, TP_ERROR_CONFIG,
		    "[print] logos: cannot read the folder '%s'", folder);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL)
		g_ptr_array_add(names, g_strdup(name));
	g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	return names;
}

bool
logos_take(DbTx *tx, const char *folder, Faults *faults, LogoCount *ret, GError **error)
{
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Taking run = {
		.tx = tx, .folder = folder, .faults = faults, .count = ret, .seen = seen
	};
	g_autoptr(GPtrArray) names = names_in(folder, error);

	*ret = (LogoCount){ .taken = 0 };
	if (names == NULL)
		return false;
	for (guint i = 0; i < names->len; i++) {
		const char *file = g_ptr_array_index(names, i);
		g_autofree char *brand = brand_of(file);

		if (brand == NULL)
			faults_add(faults, file,
			    "logos are called BRAND" SUFFIX
			    ", with small letters, digits and '-'");
		else if (!take(&run, file, brand, error))
			return false;
	}
	return drop_others(&run, error);
}

/* ---- in use ---- */

struct Logos {
	GMutex lock;
	GHashTable *pictures; /* id -> Picture *; only ever grows */
};

Logos *
logos_new(void)
{
	Logos *logos = g_new0(Logos, 1);

	g_mutex_init(&logos->lock);
	logos->pictures = g_hash_table_new_full(
	    g_str_hash, g_str_equal, NULL, (GDestroyNotify)picture_free);
	return logos;
}

void
logos_free(Logos *logos)
{
	if (logos == NULL)
		return;
	g_hash_table_unref(logos->pictures);
	g_mutex_clear(&logos->lock);
	g_free(logos);
}

static const Picture *
look_up(Logos *logos, const char *id)
{
	const Picture *picture;

	g_mutex_lock(&logos->lock);
	picture = g_hash_table_lookup(logos->pictures, id);
	g_mutex_unlock(&logos->lock);
	return picture;
}

bool
logos_need(Logos *logos, Db *db, const char *context, GError **error)
{
	static const char key[] = "\"logo\":\"";
	const char *at = strstr(context, key);
	char id[PICTURE_ID_SIZE];
	Picture *picture;

	/* Facts are written without spaces, and a quote inside a text is escaped. */
	if (at == NULL)
		return true;
	g_strlcpy(id, at + strlen(key), sizeof(id));
	if (look_up(logos, id) != NULL)
		return true;
	picture = logo_picture(db, id, error);
	if (picture == NULL)
		return false;
	g_mutex_lock(&logos->lock);
	g_hash_table_insert(logos->pictures, picture->id, picture);
	g_mutex_unlock(&logos->lock);
	return true;
}

const Picture *
logos_find(Logos *logos, const json_t *frame)
{
	const char *id =
	    json_string_value(json_object_get(json_object_get(frame, "brand"), "logo"));

	return id != NULL ? look_up(logos, id) : NULL;
}
