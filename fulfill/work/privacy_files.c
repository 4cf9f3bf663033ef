/*
 * privacy_files.c - folders of the instance, looked through for one person.
 */
#include "fulfill/work/privacy_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/fault.h"
#include "queue/limits.h"

#define RESULT_SUFFIX ".result.json"

typedef struct Search {
	GPtrArray *texts;   /* GBytes *: any of them in a file is a trace */
	GPtrArray *results; /* GBytes *: likewise, in result files */
	json_t *counts;
	bool dry_run;
} Search;

/* clang-format off */
/* Folders whose files are searched for texts.  A new folder that keeps documents needs a row. */
static const struct {
	SettingId setting;
	const char *below;
} places[] = {
	{ SET_INTAKE_DROP, "done" },
	{ SET_INTAKE_DROP, "rejected" },
	{ SET_REPORT_FOLDER, NULL },
};
/* clang-format on */

static void
bytes_free(gpointer data)
{
	g_bytes_unref(data);
}

static void
add_needle(GPtrArray *needles, const char *text, size_t size)
{
	g_ptr_array_add(needles, g_bytes_new(text, size));
}

/* A text as files may spell it: UTF-8, CP1252, JSON with escapes. */
static void
add_spellings(GPtrArray *needles, const char *text)
{
	json_t *string = json_string(text);
	char *escaped = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	gsize size = 0;
	g_autofree char *narrow =
	    g_convert(text, -1, "CP1252", "UTF-8", NULL, &size, NULL);

	add_needle(needles, text, strlen(text));
	if (narrow != NULL && strcmp(narrow, text) != 0)
		add_needle(needles, narrow, size);
	if (escaped != NULL && strchr(escaped, '\\') != NULL)
		add_needle(needles, escaped + 1, strlen(escaped) - 2);
	free(escaped);
	json_decref(string);
}

static bool
holds_any(const char *bytes, size_t size, const GPtrArray *needles)
{
	for (guint i = 0; i < needles->len; i++) {
		gsize n;
		const void *needle = g_bytes_get_data(g_ptr_array_index(needles, i), &n);

		if (memmem(bytes, size, needle, n) != NULL)
			return true;
	}
	return false;
}

static void
count(Search *search, const char *folder)
{
	json_int_t n = json_integer_value(json_object_get(search->counts, folder));

	json_object_set_new(search->counts, folder, json_integer(n + 1));
}

static bool
drop_file(Search *search, const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	count(search, folder);
	if (search->dry_run)
		return true;
	FAULT("privacy.file");
	return unlink(path) == 0 || errno == ENOENT ||
	       err_errno(error, errno, "cannot remove '%s'", path);
}

/* The names in a folder; none when it does not exist. */
static GPtrArray *
names_in(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		g_ptr_array_add(names, g_strdup(name));
	return names;
}

/* An order file and its result go together. */
static void
mark(GHashTable *marked, const char *name)
{
	g_autofree char *stem =
	    g_str_has_suffix(name, RESULT_SUFFIX)
		? g_strndup(name, strlen(name) - strlen(RESULT_SUFFIX))
		: g_strdup(name);

	g_hash_table_add(marked, g_strconcat(stem, RESULT_SUFFIX, NULL));
	g_hash_table_add(marked, g_steal_pointer(&stem));
}

static bool
search_folder(Search *search, const char *folder, GError **error)
{
	g_autoptr(GPtrArray) names = names_in(folder);
	g_autoptr(GHashTable) marked =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *bytes = NULL;
		gsize size;

		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
		    !g_file_get_contents(path, &bytes, &size, NULL))
			continue;
		if (holds_any(bytes, size, search->texts) ||
		    (g_str_has_suffix(name, RESULT_SUFFIX) &&
			holds_any(bytes, size, search->results)))
			mark(marked, name);
	}
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		if (g_hash_table_contains(marked, name) &&
		    !drop_file(search, folder, name, error))
			return false;
	}
	return true;
}

/* Everything that belongs to "batch-000007.pdf": lists and reprints share its stem. */
static bool
search_prints(
    Search *search, const char *folder, const PrivacyTraces *traces, GError **error)
{
	g_autoptr(GPtrArray) names = names_in(folder);

	for (guint b = 0; b < traces->batches->len; b++) {
		const char *file = g_ptr_array_index(traces->batches, b);
		size_t stem = strcspn(file, ".");

		for (guint i = 0; i < names->len; i++) {
			const char *name = g_ptr_array_index(names, i);

			if (strncmp(name, file, stem) == 0 &&
			    !g_ascii_isdigit(name[stem]) &&
			    !drop_file(search, folder, name, error))
				return false;
		}
	}
	return true;
}

static bool
search_maildir(
    Search *search, const char *folder, const PrivacyTraces *traces, GError **error)
{
	static const char *const parts[] = { "tmp", "new", "cur" };

	for (size_t p = 0; p < G_N_ELEMENTS(parts); p++) {
		g_autofree char *path = g_build_filename(folder, parts[p], NULL);
		g_autoptr(GPtrArray) names = names_in(path);

		for (guint i = 0; i < names->len; i++) {
			const char *name = g_ptr_array_index(names, i);
			int64_t id = g_ascii_strtoll(name, NULL, 10);

			if (strstr(name, ".ticketpost") == NULL)
				continue;
			for (guint m = 0; m < traces->mails->len; m++)
				if (g_array_index(traces->mails, int64_t, m) == id) {
					if (!drop_file(search, path, name, error))
						return false;
					break;
				}
		}
	}
	return true;
}

json_t *
privacy_files(Work *work, const PrivacyPerson *person, const PrivacyTraces *traces,
    bool dry_run, GError **error)
{
	const char *prints = settings_text(work->settings, SET_PRINT_FOLDER);
	const char *mail = settings_text(work->settings, SET_MAIL_TRANSPORT);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(bytes_free);
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(bytes_free);
	Search search = { texts, results, json_object(), dry_run };
	bool ok = true;

	for (guint i = 0; i < person->texts->len; i++)
		add_spellings(texts, g_ptr_array_index(person->texts, i));
	for (guint i = 0; i < traces->orders->len; i++) {
		json_t *number = json_string(g_ptr_array_index(traces->orders, i));
		char *text = json_dumps(number, JSON_ENCODE_ANY);
		g_autofree char *needle = g_strconcat("\"order\": ", text, NULL);

		add_needle(results, needle, strlen(needle));
		free(text);
		json_decref(number);
	}
	for (size_t i = 0; ok && i < G_N_ELEMENTS(places); i++) {
		const char *base = settings_text(work->settings, places[i].setting);
		g_autofree char *folder =
		    base != NULL ? g_build_filename(base, places[i].below, NULL) : NULL;

		ok = folder == NULL || search_folder(&search, folder, error);
	}
	if (ok && prints != NULL)
		ok = search_prints(&search, prints, traces, error);
	if (ok && mail != NULL && g_str_has_prefix(mail, "maildir:"))
		ok = search_maildir(&search, mail + strlen("maildir:"), traces, error);
	if (!ok)
		g_clear_pointer(&search.counts, json_decref);
	return search.counts;
}
