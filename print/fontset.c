/*
 * fontset.c - which font shows which character.
 */
#include "print/fontset.h"

#include <string.h>
#include <unistd.h>

#include "queue/limits.h"

#define NEAR_CHARS 0x100

struct FontSet {
	Font *fonts[FONT_SET_MAX];
	int n;
	/* The answer of pick_slowly() for the commonest characters. */
	int8_t near[N_FONT_ROLES][NEAR_CHARS];
};

/* Scripts that are right when set character after character. */
static const GUnicodeScript plain_scripts[] = {
	G_UNICODE_SCRIPT_COMMON,
	G_UNICODE_SCRIPT_INHERITED,
	G_UNICODE_SCRIPT_LATIN,
	G_UNICODE_SCRIPT_GREEK,
	G_UNICODE_SCRIPT_CYRILLIC,
	G_UNICODE_SCRIPT_ARMENIAN,
	G_UNICODE_SCRIPT_GEORGIAN,
	G_UNICODE_SCRIPT_HAN,
	G_UNICODE_SCRIPT_HIRAGANA,
	G_UNICODE_SCRIPT_KATAKANA,
	G_UNICODE_SCRIPT_HANGUL,
	G_UNICODE_SCRIPT_BOPOMOFO,
};

static bool
can_be_set(gunichar c)
{
	GUnicodeScript script;

	if (c > 0xFFFE)
		return false;
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_UNASSIGNED:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	default:
		break;
	}
	script = g_unichar_get_script(c);
	for (size_t i = 0; i < G_N_ELEMENTS(plain_scripts); i++) {
		if (plain_scripts[i] == script)
			return true;
	}
	return false;
}

static int
pick_slowly(const FontSet *set, FontRole role, gunichar c)
{
	if (!can_be_set(c))
		return -1;
	if (font_glyph(set->fonts[role], c) != 0)
		return (int)role;
	if (font_glyph(set->fonts[FONT_REGULAR], c) != 0)
		return FONT_REGULAR;
	for (int i = N_FONT_ROLES; i < set->n; i++) {
		if (font_glyph(set->fonts[i], c) != 0)
			return i;
	}
	return -1;
}

int
font_set_pick(const FontSet *set, FontRole role, gunichar c)
{
	if (c < NEAR_CHARS)
		return set->near[role][c];
	return pick_slowly(set, role, c);
}

char **
font_known_fallbacks(void)
{
	static const char *const known[] = {
#define FALLBACK(path, package) path,
#include "print/font_known.def"
#undef FALLBACK
	};
	GPtrArray *found = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (access(known[i], R_OK) == 0)
			g_ptr_array_add(found, g_strdup(known[i]));
	g_ptr_array_add(found, NULL);
	return (char **)g_ptr_array_free(found, FALSE);
}

static bool
add_font(FontSet *set, const char *path, GError **error)
{
	if (set->n == FONT_SET_MAX)
		return err_set(
		    error, TP_ERROR_CONFIG, "more than %d fonts are named", FONT_SET_MAX);
	set->fonts[set->n] = font_open(path, error);
	if (set->fonts[set->n] == NULL)
		return false;
	set->n++;
	return true;
}

FontSet *
font_set_open(const FontFiles *files, GError **error)
{
	static const FontFiles defaults = { .regular = NULL };
	g_autoptr(FontSet) set = g_new0(FontSet, 1);

	if (files == NULL)
		files = &defaults;
	/* In the order of FontRole. */
	if (!add_font(set, files->regular != NULL ? files->regular : FONT_DEFAULT_REGULAR,
		error) ||
	    !add_font(
		set, files->bold != NULL ? files->bold : FONT_DEFAULT_BOLD, error) ||
	    !add_font(set, files->mono != NULL ? files->mono : FONT_DEFAULT_MONO, error))
		return NULL;
	for (size_t i = 0; files->fallbacks != NULL && files->fallbacks[i] != NULL; i++) {
		if (!add_font(set, files->fallbacks[i], error))
			return NULL;
	}
	for (int role = 0; role < N_FONT_ROLES; role++) {
		for (gunichar c = 0; c < NEAR_CHARS; c++)
			set->near[role][c] = (int8_t)pick_slowly(set, (FontRole)role, c);
	}
	return g_steal_pointer(&set);
}

void
font_set_free(FontSet *set)
{
	if (set == NULL)
		return;
	for (int i = 0; i < set->n; i++)
		font_free(set->fonts[i]);
	g_free(set);
}

int
font_set_count(const FontSet *set)
{
	return set->n;
}

const Font *
font_set_font(const FontSet *set, int i)
{
	return set->fonts[i];
}

static inline gunichar
next_char(const char **at)
{
	gunichar c = (unsigned char)**at;

	if (c < 0x80) {
		(*at)++;
		return c;
	}
	c = g_utf8_get_char(*at);
	*at = g_utf8_next_char(*at);
	return c;
}

bool
font_set_run(
    const FontSet *set, FontRole role, const char **at, const char *end, FontRun *ret)
{
	const char *p = *at;
	FontRun run = { .font = -1 };

	while (p < end) {
		const char *here = p;
		gunichar c = next_char(&p);
		int font = font_set_pick(set, role, c);

		if (font < 0) {
			if (run.font >= 0) {
				p = here;
				break;
			}
			continue;
		}
		if (run.font >= 0 && font != run.font) {
			p = here;
			break;
		}
		if (run.font < 0) {
			run.font = font;
			run.text = here;
		}
		run.width += font_advance(set->fonts[font], c);
		run.n_chars++;
		run.bytes = (size_t)(p - run.text);
	}
	*at = p;
	if (run.font < 0)
		return false;
	*ret = run;
	return true;
}

double
font_set_width_pt(const FontSet *set, FontRole role, const char *text, size_t bytes,
    double size_pt, double tracking_pt)
{
	const char *end = text + bytes;
	FontRun run;
	int width = 0;
	int n = 0;

	while (font_set_run(set, role, &text, end, &run)) {
		width += run.width;
		n += run.n_chars;
	}
	return width * size_pt / 1000 + (n > 1 ? (n - 1) * tracking_pt : 0);
}

static void
name_char(GString *text, gunichar c)
{
	g_string_append_printf(text, "%sU+%04X", text->len > 0 ? ", " : "", (unsigned)c);
	/* Invisible characters and marks are not repeated in a message. */
	if (g_unichar_isprint(c) && !g_unichar_ismark(c)) {
		g_string_append(text, " '");
		g_string_append_unichar(text, c);
		g_string_append_c(text, '\'');
	}
}

bool
font_set_check(
    const FontSet *set, FontRole role, const char *text, const char *what, GError **error)
{
	size_t bytes = strlen(text);
	g_autoptr(GString) missing = NULL;
	gunichar named[8];
	unsigned n = 0;

	if (bytes > LIMIT_PRINT_TEXT_BYTES)
		return err_set(error, TP_ERROR_INVALID,
		    "%s: %zu bytes; at most %d are printed", what, bytes,
		    LIMIT_PRINT_TEXT_BYTES);
	if (!g_utf8_validate(text, (gssize)bytes, NULL))
		return err_set(error, TP_ERROR_INVALID, "%s: not UTF-8", what);
	for (const char *p = text; *p != '\0';) {
		gunichar c = next_char(&p);
		unsigned i = 0;

		if (font_set_pick(set, role, c) >= 0)
			continue;
		while (i < n && named[i] != c)
			i++;
		if (i < n)
			continue;
		if (missing == NULL)
			missing = g_string_new(NULL);
		if (n == G_N_ELEMENTS(named)) {
			g_string_append(missing, ", ...");
			break;
		}
		named[n++] = c;
		name_char(missing, c);
	}
	if (missing == NULL)
		return true;
	return err_set(
	    error, TP_ERROR_INVALID, "%s: no font shows %s", what, missing->str);
}

char *
font_compose(const char *text)
{
	/* Below U+0300 everything is composed already. */
	for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
		if (*p >= 0xCC) {
			char *ret =
			    g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);

			return ret != NULL ? ret : g_strdup(text);
		}
	}
	return g_strdup(text);
}
