/*
 * settings.c - the table of settings and the file.
 */
#include "fulfill/work/settings.h"

#include <stdlib.h>
#include <string.h>

typedef enum Type { TEXT, PATH, NUMBER, DECIMAL, SPAN, BOOL, STORE, MAIL, CHOICE } Type;

typedef struct Def {
	const char *section;
	const char *key;
	Type type;
	const char *fallback;
	const char *help;
} Def;

static const Def defs[N_SETTINGS] = {
#define SECTION(name, help)
#define SETTING(id, section, key, type, preset, help)                                    \
	{ section, key, type, preset, help },
#include "fulfill/work/settings.def"
#undef SECTION
#undef SETTING
};

/* clang-format off */
static const struct {
	SettingId id;
	const char *words;	/* "a|b" */
} choices[] = {
	{ SET_LANGUAGE,      "de|en" },
	{ SET_MAIL_ON_DOUBT, "resend|hold" },
	{ SET_MAIL_FALLBACK, "party|post|portal|off" },
	{ SET_MAIL_ENCRYPT,  "off|when_known|must" },
	{ SET_PRINT_PRODUCT, "sheet|letter|pin" },
	{ SET_PRINT_FORM,    "din5008-a|din5008-b" },
	{ SET_PRINT_SIDES,   "one-sided|two-sided-long-edge|two-sided-short-edge" },
};

static const struct {
	const char *unit;
	int64_t seconds;
} units[] = {
	{ "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { "", 1 },
};
/* clang-format on */

struct Settings {
	char *folder;
	char *text[N_SETTINGS];
	int64_t number[N_SETTINGS];
};

void
settings_free(Settings *settings)
{
	if (settings == NULL)
		return;
	for (int i = 0; i < N_SETTINGS; i++)
		g_free(settings->text[i]);
	g_free(settings->folder);
	g_free(settings);
}

/* GKeyFile forgets line numbers; people need them.  0: not found. */
static int
line_of(const char *text, const char *section, const char *key)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *here = NULL;

	for (int i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		char *end = line[0] == '[' ? strchr(line, ']') : NULL;
		size_t n = key != NULL ? strlen(key) : 0;

		if (end != NULL) {
			g_free(here);
			here = g_strndup(line + 1, (gsize)(end - line - 1));
			if (key == NULL && strcmp(here, section) == 0)
				return i + 1;
		} else if (key != NULL && g_strcmp0(here, section) == 0 &&
			   strncmp(line, key, n) == 0 &&
			   (line[n] == '=' || line[n] == ' ' || line[n] == '\t')) {
			return i + 1;
		}
	}
	return 0;
}

static bool
parse_span(const char *text, int64_t *ret)
{
	char *end;
	int64_t n = g_ascii_strtoll(text, &end, 10);

	if (end == text || n < 0)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (strcmp(end, units[i].unit) == 0 && n <= INT32_MAX) {
			*ret = n * units[i].seconds;
			return true;
		}
	return false;
}

static char *
resolve(const char *folder, const char *path)
{
	return g_canonicalize_filename(path, folder);
}

/* "sqlite:FILE" and "maildir:FOLDER" with an absolute path. */
static char *
resolve_url(const char *folder, const char *scheme, const char *url)
{
	g_autofree char *path = NULL;

	if (!g_str_has_prefix(url, scheme) ||
	    strcmp(url + strlen(scheme), ":memory:") == 0)
		return g_strdup(url);
	path = resolve(folder, url + strlen(scheme));
	return g_strconcat(scheme, path, NULL);
}

static bool
starts_with_any(const char *text, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++)
		if (g_str_has_prefix(text, *prefixes))
			return true;
	return false;
}

static const char *
words_of(int id)
{
	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
		if ((int)choices[i].id == id)
			return choices[i].words;
	BUG("setting without choices");
}

/* Stores the value of one setting; NULL: good, else the reason, to be freed. */
static char *
take(Settings *s, int id, const char *value)
{
	static const char *const stores[] = {
		"sqlite:", "postgresql:", "postgres:", NULL
	};
	static const char *const mails[] = { "maildir:", "smtp://", "smtps://", NULL };
	const Def *def = &defs[id];
	g_auto(GStrv) words = NULL;
	char *end;

	if (value == NULL || *value == '\0')
		return NULL; /* not set */
	switch (def->type) {
	case TEXT:
		s->text[id] = g_strdup(value);
		return NULL;
	case PATH:
		s->text[id] = resolve(s->folder, value);
		return NULL;
	case STORE:
		if (!starts_with_any(value, stores))
			return g_strdup("must be sqlite:FILE or postgresql://...");
		s->text[id] = resolve_url(s->folder, "sqlite:", value);
		return NULL;
	case MAIL:
		if (!starts_with_any(value, mails))
			return g_strdup(
			    "must be maildir:FOLDER, smtp://... or smtps://...");
		s->text[id] = resolve_url(s->folder, "maildir:", value);
		return NULL;
	case NUMBER:
	case SPAN:
		s->text[id] = g_strdup(value);
		if (!parse_span(value, &s->number[id]) ||
		    (def->type == NUMBER && strspn(value, "0123456789") != strlen(value)))
			return def->type == NUMBER
				   ? g_strdup_printf("'%s' is not a whole number", value)
				   : g_strdup_printf(
					 "'%s' is not a time like 30s, 15min, 2h, 3d",
					 value);
		return NULL;
	case DECIMAL:
		s->text[id] = g_strdup(value);
		g_ascii_strtod(value, &end);
		return *end != '\0' ? g_strdup_printf("'%s' is not a number", value)
				    : NULL;
	case BOOL:
		s->text[id] = g_strdup(value);
		s->number[id] = strcmp(value, "true") == 0;
		if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
			return g_strdup_printf("'%s' is neither true nor false", value);
		return NULL;
	case CHOICE:
		words = g_strsplit(words_of(id), "|", -1);
		s->text[id] = g_strdup(value);
		if (!g_strv_contains((const char *const *)words, value))
			return g_strdup_printf(
			    "'%s' is not one of %s", value, words_of(id));
		return NULL;
	}
	return NULL;
}

static int
find_def(const char *section, const char *key)
{
	for (int i = 0; i < N_SETTINGS; i++)
		if (strcmp(defs[i].section, section) == 0 &&
		    (key == NULL || strcmp(defs[i].key, key) == 0))
			return i;
	return -1;
}

static void
complain(GString *faults, const char *path, int line, const char *section,
    const char *key, const char *reason)
{
	g_string_append_printf(faults, "%s%s:%d: [%s]%s%s: %s",
	    faults->len > 0 ? "\n" : "", path, line, section, key != NULL ? " " : "",
	    key != NULL ? key : "", reason);
}

static void
refuse_unknown(GKeyFile *file, const char *path, const char *text, GString *faults)
{
	g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);

	for (int i = 0; sections[i] != NULL; i++) {
		g_auto(GStrv) keys = g_key_file_get_keys(file, sections[i], NULL, NULL);

		if (find_def(sections[i], NULL) < 0) {
			complain(faults, path, line_of(text, sections[i], NULL),
			    sections[i], NULL, "unknown section");
			continue;
		}
		for (int k = 0; keys[k] != NULL; k++)
			if (find_def(sections[i], keys[k]) < 0)
				complain(faults, path,
				    line_of(text, sections[i], keys[k]), sections[i],
				    keys[k], "unknown setting");
	}
}

Settings *
settings_read(const char *path, GError **error)
{
	g_autoptr(Settings) s = g_new0(Settings, 1);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GString) faults = g_string_new("");
	g_autoptr(GError) wrong = NULL;
	g_autofree char *text = NULL;
	g_autofree char *absolute = g_canonicalize_filename(path, NULL);

	s->folder = g_path_get_dirname(absolute);
	if (!g_file_get_contents(path, &text, NULL, &wrong)) {
		err_set(
		    error, TP_ERROR_CONFIG, "cannot read '%s': %s", path, wrong->message);
		return NULL;
	}
	if (!g_key_file_load_from_data(file, text, (gsize)-1, G_KEY_FILE_NONE, &wrong)) {
		err_set(error, TP_ERROR_CONFIG, "%s: %s", path, wrong->message);
		return NULL;
	}
	refuse_unknown(file, path, text, faults);
	for (int i = 0; i < N_SETTINGS; i++) {
		g_autofree char *value =
		    g_key_file_get_string(file, defs[i].section, defs[i].key, NULL);
		g_autofree char *reason =
		    take(s, i, value != NULL ? g_strstrip(value) : defs[i].fallback);

		if (reason != NULL)
			complain(faults, path,
			    line_of(text, defs[i].section, defs[i].key), defs[i].section,
			    defs[i].key, reason);
	}
	if (faults->len > 0) {
		err_set(error, TP_ERROR_CONFIG, "%s", faults->str);
		return NULL;
	}
	return g_steal_pointer(&s);
}

char *
settings_locate(const char *path, GError **error)
{
	static const char *const places[] = { "ticketpost.conf",
		"/etc/ticketpost/ticketpost.conf" };
	const char *named = path != NULL ? path : g_getenv("TICKETPOST_CONFIG");

	if (named != NULL)
		return g_strdup(named);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_file_test(places[i], G_FILE_TEST_EXISTS))
			return g_strdup(places[i]);
	err_set(error, TP_ERROR_CONFIG,
	    "no ticketpost.conf here or in /etc/ticketpost: name one with --config, or "
	    "make an "
	    "instance with 'ticketpost init DIR'");
	return NULL;
}

const char *
settings_folder(const Settings *settings)
{
	return settings->folder;
}

const char *
settings_text(const Settings *settings, SettingId id)
{
	return settings->text[id];
}

int64_t
settings_number(const Settings *settings, SettingId id)
{
	return settings->number[id];
}

double
settings_decimal(const Settings *settings, SettingId id)
{
	return settings->text[id] != NULL ? g_ascii_strtod(settings->text[id], NULL) : 0;
}

char *
settings_sample(void)
{
	GString *out =
	    g_string_new("# ticketpost.conf - paths are relative to this file; what is "
			 "commented out shows the default.\n");

#define SECTION(name, help) g_string_append_printf(out, "\n# %s\n[%s]\n", help, name);
#define SETTING(id, section, key, type, preset, help)                                    \
	g_string_append_printf(out, "# %s\n%s%s=%s\n", help,                             \
	    defs[SET_##id].fallback == NULL ? "#" : "", key,                             \
	    defs[SET_##id].fallback == NULL ? "" : defs[SET_##id].fallback);
#include "fulfill/work/settings.def"
#undef SECTION
#undef SETTING
	return g_string_free(out, FALSE);
}
