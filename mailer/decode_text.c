/*
 * decode_text.c - what a person would read: format=flowed and HTML.
 *
 * The HTML reader is no renderer.  It has to find what an order or a bounce says, in mail
 * that has no text part, and it must not care how broken the page is; so it knows tags,
 * comments, two elements whose content is not text, and the entities of the usual
 * alphabets.
 */
#include "mailer/decode.h"

#include <string.h>

/* The quote depth of a flowed line (RFC 3676 4.5), and where its text starts. */
static const char *
flowed_start(const char *line, const char *end, int *ret_depth)
{
	int depth = 0;

	while (line < end && *line == '>') {
		depth++;
		line++;
	}
	/* Space-stuffing: one blank was put in front (4.4). */
	if (line < end && *line == ' ')
		line++;
	*ret_depth = depth;
	return line;
}

char *
decode_flowed(const char *text, bool delsp)
{
	GString *out = g_string_sized_new(strlen(text));
	int open_depth = -1; /* depth of the paragraph that goes on; -1: none does */

	while (*text != '\0') {
		const char *newline = strchr(text, '\n');
		const char *end = newline == NULL ? text + strlen(text) : newline;
		const char *start;
		int depth;
		bool signature, flows;

		if (end > text && end[-1] == '\r')
			end--;
		start = flowed_start(text, end, &depth);
		signature = end - start == 3 && memcmp(start, "-- ", 3) == 0;
		flows = !signature && end > start && end[-1] == ' ';
		if (open_depth >= 0 && (open_depth != depth || signature)) {
			g_string_append_c(out, '\n');
			open_depth = -1;
		}
		if (open_depth < 0 && depth > 0) {
			for (int i = 0; i < depth; i++)
				g_string_append_c(out, '>');
			g_string_append_c(out, ' ');
		}
		g_string_append_len(out, start, end - start - (flows && delsp ? 1 : 0));
		open_depth = flows ? depth : -1;
		if (!flows)
			g_string_append_c(out, '\n');
		text = newline == NULL ? text + strlen(text) : newline + 1;
	}
	return g_string_free(out, FALSE);
}

/* clang-format off */
static const struct {
	const char *name;
	gunichar c;
} entities[] = {
	{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' },
	{ "nbsp", ' ' }, { "ensp", ' ' }, { "emsp", ' ' }, { "thinsp", ' ' },
	{ "shy", 0 }, { "zwnj", 0 }, { "zwj", 0 },
	{ "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc }, { "szlig", 0xdf },
	{ "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc },
	{ "agrave", 0xe0 }, { "aacute", 0xe1 }, { "acirc", 0xe2 }, { "atilde", 0xe3 },
	{ "aring", 0xe5 }, { "aelig", 0xe6 }, { "ccedil", 0xe7 }, { "egrave", 0xe8 },
	{ "eacute", 0xe9 }, { "ecirc", 0xea }, { "euml", 0xeb }, { "igrave", 0xec },
	{ "iacute", 0xed }, { "icirc", 0xee }, { "iuml", 0xef }, { "ntilde", 0xf1 },
	{ "ograve", 0xf2 }, { "oacute", 0xf3 }, { "ocirc", 0xf4 }, { "otilde", 0xf5 },
	{ "oslash", 0xf8 }, { "ugrave", 0xf9 }, { "uacute", 0xfa }, { "ucirc", 0xfb },
	{ "Eacute", 0xc9 }, { "Aring", 0xc5 }, { "Oslash", 0xd8 },
	{ "euro", 0x20ac }, { "pound", 0xa3 }, { "sect", 0xa7 }, { "copy", 0xa9 },
	{ "reg", 0xae }, { "deg", 0xb0 }, { "middot", 0xb7 }, { "bull", 0x2022 },
	{ "ndash", 0x2013 }, { "mdash", 0x2014 }, { "hellip", 0x2026 },
	{ "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "sbquo", 0x201a },
	{ "ldquo", 0x201c }, { "rdquo", 0x201d }, { "bdquo", 0x201e },
	{ "laquo", 0xab }, { "raquo", 0xbb },
};

/* Elements after which a reader starts a new line. */
static const char *const block_tags[] = {
	"address", "article", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt",
	"fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
	"hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tr", "ul",
};

/* Elements whose content is not text. */
static const char *const hidden_tags[] = { "script", "style", "title" };
/* clang-format on */

typedef struct Html {
	GString *out;
	bool blank;   /* a space is due before the next word */
	int newlines; /* at the end of out */
} Html;

static void
html_newline(Html *html)
{
	html->blank = false;
	/* One empty line at most, none at the start. */
	if (html->out->len > 0 && html->newlines < 2) {
		g_string_append_c(html->out, '\n');
		html->newlines++;
	}
}

static void
html_char(Html *html, gunichar c)
{
	if (c == 0)
		return;
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xa0) {
		html->blank = true;
		return;
	}
	if (g_unichar_iscntrl(c))
		return;
	if (html->blank && html->out->len > 0 && html->newlines == 0)
		g_string_append_c(html->out, ' ');
	html->blank = false;
	html->newlines = 0;
	g_string_append_unichar(html->out, c);
}

/* Reads "#228;", "#xe4;" or "auml;" at `at`, behind the '&'.  NULL: it is only an '&'. */
static const char *
entity_read(const char *at, gunichar *ret)
{
	size_t n =
	    strspn(at, "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	const char *end = at[n] == ';' ? at + n + 1 : at + n;

	if (n < 2 || n > 10)
		return NULL;
	if (*at == '#') {
		bool hex = at[1] == 'x' || at[1] == 'X';
		guint64 c = g_ascii_strtoull(at + (hex ? 2 : 1), NULL, hex ? 16 : 10);

		*ret = c <= 0x10ffff && g_unichar_validate((gunichar)c) ? (gunichar)c
									: 0xfffd;
		return end;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
		if (strlen(entities[i].name) == n &&
		    strncmp(at, entities[i].name, n) == 0) {
			*ret = entities[i].c;
			return end;
		}
	return NULL;
}

static bool
tag_in(const char *const *tags, size_t n_tags, const char *name, size_t length)
{
	for (size_t i = 0; i < n_tags; i++)
		if (strlen(tags[i]) == length &&
		    g_ascii_strncasecmp(tags[i], name, length) == 0)
			return true;
	return false;
}

/* The end of the tag behind whose '<' `tag` is, quoted attribute values skipped.  NULL:
 * none. A quote that is never closed is none; that happens twice at most (two kinds of
 * quotes), so this stays linear over a page. */
static const char *
tag_end(const char *tag)
{
	const char *at;
	char quote = 0;

	for (at = tag; *at != '\0'; at++) {
		if (quote != 0)
			quote = *at == quote ? 0 : quote;
		else if (*at == '>')
			return at + 1;
		else if ((*at == '"' || *at == '\'') && at[-1] == '=')
			quote = *at;
	}
	at = strchr(tag, '>');
	return at == NULL ? NULL : at + 1;
}

/* The first byte behind the content of a hidden element: at its end tag, or the end. */
static const char *
hidden_end(const char *at, const char *name, size_t length)
{
	const char *next = at;

	while ((next = strstr(next, "</")) != NULL) {
		if (g_ascii_strncasecmp(next + 2, name, length) == 0)
			return next;
		next += 2;
	}
	return at + strlen(at);
}

static const char *
html_tag(Html *html, const char *at)
{
	const char *name = at[1] == '/' ? at + 2 : at + 1;
	size_t length = 0;
	const char *end;

	if (g_str_has_prefix(at, "<!--")) {
		end = strstr(at + 4, "-->");
		return end == NULL ? at + strlen(at) : end + 3;
	}
	while (g_ascii_isalnum(name[length]))
		length++;
	if (length == 0 && *name != '!' && *name != '?') {
		html_char(html, '<'); /* "a < b" */
		return at + 1;
	}
	end = tag_end(at + 1);
	if (end == NULL)
		return at + strlen(at);
	if (tag_in(block_tags, G_N_ELEMENTS(block_tags), name, length))
		html_newline(html);
	else if (g_ascii_strncasecmp(name, "td", length) == 0 && length == 2)
		html->blank = true;
	if (at[1] != '/' && tag_in(hidden_tags, G_N_ELEMENTS(hidden_tags), name, length))
		return hidden_end(end, name, length);
	return end;
}

char *
decode_html(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	Html html = { .out = g_string_sized_new(strlen(valid) / 2) };
	const char *at = valid;

	while (*at != '\0') {
		gunichar c;

		if (*at == '<') {
			at = html_tag(&html, at);
		} else if (*at == '&') {
			const char *end = entity_read(at + 1, &c);

			html_char(&html, end == NULL ? '&' : c);
			at = end == NULL ? at + 1 : end;
		} else {
			html_char(&html, g_utf8_get_char(at));
			at = g_utf8_next_char(at);
		}
	}
	if (html.newlines == 0 && html.out->len > 0)
		g_string_append_c(html.out, '\n');
	return g_string_free(html.out, FALSE);
}
