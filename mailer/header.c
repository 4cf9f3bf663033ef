/*
 * header.c - folding, encoded words, extended parameters, dates.
 */
#include "mailer/header.h"

#include <string.h>

#include "queue/limits.h"

enum {
	FOLD = 78,           /* RFC 5322 2.1.1: the polite limit */
	FOLD_ENCODED = 76,   /* RFC 2047 2: lines that hold encoded words */
	WORD_MAX = 75,       /* RFC 2047 2: one encoded word */
	PLAIN_WORD_MAX = 60, /* a longer word cannot be folded, so it is encoded */
};

static const char hex[] = "0123456789ABCDEF";

/* How far the line being written has come. */
static size_t
column(const GString *out)
{
	const char *end = memrchr(out->str, '\n', out->len);

	return end == NULL ? out->len : (size_t)(out->str + out->len - end - 1);
}

static void
fold(GString *out)
{
	g_string_append(out, "\r\n ");
}

/* Explicit marks that turn the direction of what follows; letters do that by themselves.
 */
static bool
is_direction_mark(gunichar c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

char *
header_clean(const char *text, size_t max_chars)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *clean = g_string_sized_new(strlen(valid));
	bool space = false;
	size_t chars = 0;

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == ' ' || g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029) {
			space = true;
			continue;
		}
		if (is_direction_mark(c) || c == 0xfeff)
			continue;
		if (chars + (space && chars > 0) + 1 > max_chars)
			break;
		if (space && chars > 0) {
			g_string_append_c(clean, ' ');
			chars++;
		}
		space = false;
		g_string_append_unichar(clean, c);
		chars++;
	}
	return g_string_free(clean, FALSE);
}

/* ASCII that can be folded between words and is not taken for an encoded word. */
static bool
is_plain(const char *text)
{
	size_t word = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80 || (p[0] == '=' && p[1] == '?'))
			return false;
		word = *p == ' ' ? 0 : word + 1;
		if (word > PLAIN_WORD_MAX)
			return false;
	}
	return true;
}

static void
put_plain(GString *out, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column(out) + 1 + length > FOLD)
			fold(out);
		else
			g_string_append_c(out, ' ');
		g_string_append_len(out, text, (gssize)length);
		text += length;
		text += *text == ' ';
	}
}

/* RFC 2047 5 (3): what may stand for itself even in a display name. */
static bool
is_q_safe(unsigned char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t
q_length(const char *from, const char *to)
{
	size_t length = 0;

	for (; from < to; from++)
		length += is_q_safe((unsigned char)*from) || *from == ' ' ? 1 : 3;
	return length;
}

static void
put_q(GString *out, const char *from, const char *to)
{
	for (; from < to; from++) {
		unsigned char c = (unsigned char)*from;

		if (c == ' ') {
			g_string_append_c(out, '_');
		} else if (is_q_safe(c)) {
			g_string_append_c(out, (char)c);
		} else {
			g_string_append_c(out, '=');
			g_string_append_c(out, hex[c >> 4]);
			g_string_append_c(out, hex[c & 15]);
		}
	}
}

static size_t
b_length(const char *from, const char *to)
{
	return ((size_t)(to - from) + 2) / 3 * 4;
}

static void
put_b(GString *out, const char *from, const char *to)
{
	g_autofree char *text = g_base64_encode((const guchar *)from, (gsize)(to - from));

	g_string_append(out, text);
}

/*
 * Q where most characters are ASCII, so that the raw field can be read; B else, which is
 * shorter.
 */
static bool
prefers_q(const char *text)
{
	size_t ascii = 0;
	size_t other = 0;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if ((unsigned char)*p < 0x80)
			ascii++;
		else
			other++;
	}
	return other * 3 <= ascii;
}

/* The whole text as encoded words, each holding whole characters. */
static void
put_encoded(GString *out, const char *text)
{
	bool q = prefers_q(text);
	size_t (*length)(const char *, const char *) = q ? q_length : b_length;
	const size_t frame = strlen("=?UTF-8?Q?"
				    "?=");

	while (*text != '\0') {
		const char *end = text;
		size_t used = column(out) + 1 + frame;
		size_t room = used < FOLD_ENCODED ? FOLD_ENCODED - used : 0;

		room = MIN(room, WORD_MAX - frame);
		while (*end != '\0' && length(text, g_utf8_next_char(end)) <= room)
			end = g_utf8_next_char(end);
		if (end == text) {
			g_string_append(out, "\r\n"); /* the space comes with the word */
			continue;
		}
		g_string_append(out, q ? " =?UTF-8?Q?" : " =?UTF-8?B?");
		(q ? put_q : put_b)(out, text, end);
		g_string_append(out, "?=");
		text = end;
		if (*text != '\0')
			g_string_append(out, "\r\n");
	}
}

static void
put_phrase_or_text(GString *out, const char *text)
{
	if (is_plain(text))
		put_plain(out, text);
	else
		put_encoded(out, text);
}

void
header_put_text(GString *out, const char *name, const char *text)
{
	g_autofree char *clean = header_clean(text, LIMIT_SUBJECT_CHARS);

	g_string_append(out, name);
	g_string_append_c(out, ':');
	put_phrase_or_text(out, clean);
	g_string_append(out, "\r\n");
}

/* A phrase without quotes (RFC 5322 3.2.5): words of atext. */
static bool
is_phrase(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr(" !#$%&'*+-/=?^_`{|}~", *p) == NULL)
			return false;
	}
	return true;
}

void
header_put_mailbox(
    GString *out, const char *name, const char *display, const char *address)
{
	g_autofree char *clean =
	    header_clean(display == NULL ? "" : display, LIMIT_DISPLAY_NAME_CHARS);
	bool named = *clean != '\0';

	g_string_append(out, name);
	g_string_append_c(out, ':');
	if (named && is_plain(clean) && is_phrase(clean)) {
		put_plain(out, clean);
	} else if (named && is_plain(clean) && strlen(clean) <= PLAIN_WORD_MAX) {
		g_string_append(out, " \"");
		for (const char *p = clean; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				g_string_append_c(out, '\\');
			g_string_append_c(out, *p);
		}
		g_string_append_c(out, '"');
	} else if (named) {
		put_encoded(out, clean);
	}
	if (column(out) + strlen(address) + 3 > FOLD)
		g_string_append(out, "\r\n");
	g_string_append(out, named ? " <" : " ");
	g_string_append(out, address);
	g_string_append(out, named ? ">\r\n" : "\r\n");
}

void
header_put_words(GString *out, const char *name, const char *words)
{
	g_string_append(out, name);
	g_string_append_c(out, ':');
	put_plain(out, words);
	g_string_append(out, "\r\n");
}

char *
header_date(int64_t at, int offset_s)
{
	static const char *const days[] = {
		"Mon",
		"Tue",
		"Wed",
		"Thu",
		"Fri",
		"Sat",
		"Sun",
	};
	static const char *const months[] = {
		"Jan",
		"Feb",
		"Mar",
		"Apr",
		"May",
		"Jun",
		"Jul",
		"Aug",
		"Sep",
		"Oct",
		"Nov",
		"Dec",
	};
	/* Zones of the 19th century had seconds; the field has none. */
	int minutes = offset_s / 60;
	int64_t seconds = at / 1000000 - (at % 1000000 < 0);
	g_autoptr(GDateTime) local =
	    g_date_time_new_from_unix_utc(seconds + minutes * 60);

	if (local == NULL)
		BUG("date %" G_GINT64_FORMAT " is outside the years 1 to 9999", at);
	return g_strdup_printf("%s, %d %s %04d %02d:%02d:%02d %c%02d%02d",
	    days[g_date_time_get_day_of_week(local) - 1],
	    g_date_time_get_day_of_month(local), months[g_date_time_get_month(local) - 1],
	    g_date_time_get_year(local), g_date_time_get_hour(local),
	    g_date_time_get_minute(local), g_date_time_get_second(local),
	    minutes < 0 ? '-' : '+', ABS(minutes) / 60, ABS(minutes) % 60);
}

void
header_put_date(GString *out, const char *name, int64_t at, int offset_s)
{
	g_autofree char *date = header_date(at, offset_s);

	header_put_words(out, name, date);
}

char *
header_file_name(const char *name)
{
	g_autofree char *valid = g_utf8_make_valid(name, -1);
	GString *spaced = g_string_sized_new(strlen(valid));
	char *clean = NULL;

	/* Wide, narrow and unbreakable spaces serve nobody in a file name. */
	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(spaced, g_unichar_isspace(c) ? ' ' : c);
	}
	clean = header_clean(spaced->str, LIMIT_FILE_NAME_CHARS);
	g_string_free(spaced, TRUE);
	for (char *p = clean; *p != '\0'; p++) {
		if (strchr("/\\:*?\"<>|", *p) != NULL || (p == clean && *p == '.'))
			*p = '_';
	}
	if (*clean == '\0') {
		g_free(clean);
		clean = g_strdup("file");
	}
	return clean;
}

/* RFC 2231 7: attribute-char. */
static bool
is_attribute_char(unsigned char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$&+-.^_`{}~", c) != NULL);
}

static void
next_param(GString *out, const char *text)
{
	g_string_append_c(out, ';');
	if (column(out) + 1 + strlen(text) > FOLD)
		fold(out);
	else
		g_string_append_c(out, ' ');
	g_string_append(out, text);
}

static void
put_quoted_param(GString *out, const char *name, const char *value)
{
	g_autoptr(GString) text = g_string_new(name);

	g_string_append(text, "=\"");
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, *p);
	}
	g_string_append_c(text, '"');
	next_param(out, text->str);
}

/* One character, as itself or as %XX for each byte. */
static void
put_percent(GString *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		if (is_attribute_char(c)) {
			g_string_append_c(out, (char)c);
		} else {
			g_string_append_c(out, '%');
			g_string_append_c(out, hex[c >> 4]);
			g_string_append_c(out, hex[c & 15]);
		}
	}
}

/*
 * name*=UTF-8''... in one piece when it fits a line, else name*0*, name*1* and so on.
 * Each piece holds whole characters: some readers decode them one by one.
 */
static void
put_extended_param(GString *out, const char *name, const char *value)
{
	g_autoptr(GString) piece = g_string_new("UTF-8''");
	size_t room = FOLD - strlen(name) - strlen(" *00*=;");
	int n = 0;

	for (const char *p = value; *p != '\0'; p = g_utf8_next_char(p)) {
		size_t before = piece->len;

		put_percent(piece, p, g_utf8_next_char(p));
		if (piece->len > room) {
			g_autofree char *text = NULL;

			g_string_truncate(piece, before);
			text = g_strdup_printf("%s*%d*=%s", name, n++, piece->str);
			next_param(out, text);
			g_string_truncate(piece, 0);
			put_percent(piece, p, g_utf8_next_char(p));
		}
	}
	if (n == 0) {
		g_string_prepend(piece, "*=");
		g_string_prepend(piece, name);
	} else {
		g_autofree char *head = g_strdup_printf("%s*%d*=", name, n);

		g_string_prepend(piece, head);
	}
	next_param(out, piece->str);
}

static void
put_param(GString *out, const HeaderParam *param, const char *language)
{
	g_autofree char *value = header_clean(param->value, LIMIT_FILE_NAME_CHARS);
	g_autofree char *plain = NULL;

	if (g_str_is_ascii(value) && strlen(value) <= PLAIN_WORD_MAX) {
		put_quoted_param(out, param->name, value);
		return;
	}
	/* The extended one first: readers that stop at the first of two get the true
	 * name, those that do not know it skip it. */
	put_extended_param(out, param->name, value);
	/* Never the process's locale: the same mail must give the same bytes. */
	plain = g_str_to_ascii(value, language == NULL ? "en" : language);
	g_strdelimit(plain, "?/\\", '_');
	put_quoted_param(out, param->name, plain);
}

void
header_put_params(GString *out, const char *name, const char *value,
    const HeaderParam *params, const char *language)
{
	g_string_append(out, name);
	g_string_append(out, ": ");
	g_string_append(out, value);
	for (; params->name != NULL; params++) {
		if (params->value != NULL)
			put_param(out, params, language);
	}
	g_string_append(out, "\r\n");
}
