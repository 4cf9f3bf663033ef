/*
 * words.c - read a words file, write days.
 */
#include "templates/words.h"

#include <string.h>

#include "templates/tmpl.h"

struct Words {
	char *text[32]; /* by the index of the key */
	Tmpl *day;
};

/* clang-format off */
static const char *const keys[] = {
	"day",
	"month.1", "month.2", "month.3", "month.4", "month.5", "month.6",
	"month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
	"kind.full", "kind.demo", "kind.subscription", "kind.nfr",
	"channel.email", "channel.post", "channel.portal",
	"status.accepted", "status.duplicate", "status.rejected", "status.held",
};
static const char *const day_fields[] = { "day", "dd", "month", "mm", "year" };
/* clang-format on */

enum { KEY_DAY, KEY_MONTH };

G_STATIC_ASSERT(G_N_ELEMENTS(keys) <= G_N_ELEMENTS(((Words *)NULL)->text));

static gsize
key_index(const char *key)
{
	gsize i = 0;

	while (i < G_N_ELEMENTS(keys) && strcmp(keys[i], key) != 0)
		i++;
	return i;
}

typedef struct DayCheck {
	const char *file;
	GPtrArray *faults;
} DayCheck;

static void
check_day_tag(void *data, const TmplTag *tag)
{
	const DayCheck *check = data;

	if (tag->kind == TMPL_TAG_VARIABLE && tag->n_parts == 1)
		for (gsize i = 0; i < G_N_ELEMENTS(day_fields); i++)
			if (strcmp(tag->parts[0], day_fields[i]) == 0)
				return;
	g_ptr_array_add(check->faults,
	    g_strdup_printf("%s:%d: a day has the fields day, dd, month, mm and year",
		check->file, tag->line));
}

/* One line of the file; takes `line` apart. */
static void
read_line(Words *words, const char *file, int number, char *line, GPtrArray *faults)
{
	char *colon;
	const char *fault = NULL;
	gsize i;

	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return;
	colon = strchr(line, ':');
	if (colon == NULL) {
		g_ptr_array_add(faults,
		    g_strdup_printf("%s:%d: not a line 'key: text'", file, number));
		return;
	}
	*colon = '\0';
	g_strstrip(line);
	i = key_index(line);
	if (i == G_N_ELEMENTS(keys))
		fault = "is not a key";
	else if (words->text[i] != NULL)
		fault = "is there twice";
	else if (*g_strstrip(colon + 1) == '\0')
		fault = "has no text";
	else
		words->text[i] = g_strdup(colon + 1);
	if (fault != NULL)
		g_ptr_array_add(
		    faults, g_strdup_printf("%s:%d: '%s' %s", file, number, line, fault));
	else if (i == KEY_DAY)
		words->day =
		    tmpl_parse(file, number, words->text[i], -1, TMPL_TEXT, faults, NULL);
}

Words *
words_parse(const char *file, const char *text, gsize size, GPtrArray *faults)
{
	g_autoptr(Words) words = g_new0(Words, 1);
	g_autofree char *copy = g_strndup(text, size);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	guint before = faults->len;

	if (!g_utf8_validate_len(text, size, NULL)) {
		g_ptr_array_add(faults, g_strdup_printf("%s:1: not UTF-8", file));
		return NULL;
	}
	for (int i = 0; lines[i] != NULL; i++)
		read_line(words, file, i + 1, lines[i], faults);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (words->text[i] == NULL)
			g_ptr_array_add(faults,
			    g_strdup_printf("%s:1: '%s' is missing", file, keys[i]));
	if (words->day != NULL)
		tmpl_each_tag(words->day, check_day_tag, &(DayCheck){ file, faults });
	return faults->len > before ? NULL : g_steal_pointer(&words);
}

void
words_free(Words *words)
{
	if (words == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		g_free(words->text[i]);
	tmpl_free(words->day);
	g_free(words);
}

const char *
words_find(const Words *words, const char *group, const char *key)
{
	g_autofree char *full = g_strconcat(group, ".", key, NULL);
	gsize i = key_index(full);

	return i < G_N_ELEMENTS(keys) ? words->text[i] : NULL;
}

char *
words_day(const Words *words, Day day)
{
	GString *out = g_string_new(NULL);
	Ymd ymd = day_ymd(day);
	char dd[3], mm[3];
	json_t *context;

	g_snprintf(dd, sizeof dd, "%02d", ymd.day % 100);
	g_snprintf(mm, sizeof mm, "%02d", ymd.month % 100);
	context = json_pack("{s:i, s:s, s:s, s:s, s:i}", "day", ymd.day, "dd", dd,
	    "month", words->text[KEY_MONTH + ymd.month - 1], "mm", mm, "year", ymd.year);
	/* Five short values and no partial: neither limit can be reached. */
	if (!tmpl_render(words->day, context, NULL, NULL, out, NULL))
		BUG("a day does not render");
	json_decref(context);
	return g_string_free(out, FALSE);
}
