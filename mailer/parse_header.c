/*
 * parse_header.c - header blocks: lines to fields.
 */
#include "mailer/parse_private.h"

#include <string.h>

#include "queue/limits.h"

const uint8_t *
parse_line_end(const uint8_t *at, const uint8_t *end, const uint8_t **ret_text_end)
{
	const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
	const uint8_t *stop = newline == NULL ? end : newline;

	*ret_text_end =
	    newline != NULL && stop > at && stop[-1] == '\r' ? stop - 1 : stop;
	return stop;
}

/* The length of a field name at the start of the line; 0: the line is no field.  Blanks
 * before the colon are obsolete (RFC 5322 4.5) and still seen. */
static size_t
name_length(const uint8_t *line, const uint8_t *end)
{
	const uint8_t *at = line;
	size_t n;

	while (at<end && * at> 0x20 && *at < 0x7f && *at != ':')
		at++;
	n = (size_t)(at - line);
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at < end && *at == ':' ? n : 0;
}

/* Copies a piece of a value; what C strings cannot hold becomes U+FFFD. */
static void
append_raw(GString *out, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		const uint8_t *nul = memchr(at, '\0', (size_t)(end - at));
		const uint8_t *stop = nul == NULL ? end : nul;

		g_string_append_len(out, (const char *)at, stop - at);
		if (nul == NULL)
			return;
		g_string_append(out, "\xef\xbf\xbd");
		at = nul + 1;
	}
}

static void
header_clear(void *p)
{
	ParsedHeader *header = p;

	g_free(header->name);
	g_free(header->value);
}

/* Adds the field that starts at `at` and reaches over its continuation lines.  Returns
 * the first byte behind it; NULL: error is set. */
static const uint8_t *
read_field(GArray *rows, const uint8_t *at, const uint8_t *end, GError **error)
{
	const uint8_t *start = at;
	const uint8_t *text_end, *line_end;
	g_autoptr(GString) value = g_string_new(NULL);
	g_autofree char *name = NULL;
	ParsedHeader header;

	(void)parse_line_end(at, end, &text_end);
	name = g_strndup((const char *)at, name_length(at, text_end));
	at = (const uint8_t *)memchr(at, ':', (size_t)(text_end - at)) + 1;
	do {
		line_end = parse_line_end(at, end, &text_end);
		if (line_end - start > LIMIT_INTAKE_HEADER_BYTES) {
			err_set(error, TP_ERROR_INVALID,
			    "header field '%.40s' is longer than %d bytes", name,
			    LIMIT_INTAKE_HEADER_BYTES);
			return NULL;
		}
		append_raw(value, at, text_end);
		at = line_end < end ? line_end + 1 : end;
	} while (at < end && (*at == ' ' || *at == '\t'));
	if (rows->len >= LIMIT_INTAKE_HEADERS) {
		err_set(error, TP_ERROR_INVALID, "more than %d header fields in a block",
		    LIMIT_INTAKE_HEADERS);
		return NULL;
	}
	header.name = g_steal_pointer(&name);
	header.value = g_strdup(g_strstrip(value->str));
	g_array_append_val(rows, header);
	return at;
}

/* "From sender date" in front of a mail, left by mbox tools; also quoted. */
static bool
is_mbox_line(const uint8_t *at, const uint8_t *end)
{
	return (end - at >= 5 && memcmp(at, "From ", 5) == 0) ||
	       (end - at >= 6 && memcmp(at, ">From ", 6) == 0);
}

bool
parse_headers(const void *bytes, size_t length, ParsedHeaders *ret, size_t *ret_used,
    GError **error)
{
	const uint8_t *start = bytes;
	const uint8_t *at = start;
	const uint8_t *end = start + length;
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(ParsedHeader));
	gsize n;

	g_array_set_clear_func(rows, header_clear);
	while (at < end) {
		const uint8_t *text_end;
		const uint8_t *line_end = parse_line_end(at, end, &text_end);

		if (at == text_end) { /* the empty line */
			at = line_end < end ? line_end + 1 : end;
			break;
		}
		if (at == start && is_mbox_line(at, text_end)) {
			at = line_end < end ? line_end + 1 : end;
			start = at;
			continue;
		}
		if (name_length(at, text_end) == 0)
			break;
		at = read_field(rows, at, end, error);
		if (at == NULL)
			return false;
		if (at - start > LIMIT_INTAKE_HEADER_BLOCK_BYTES)
			return err_set(error, TP_ERROR_INVALID,
			    "header block is longer than %d bytes",
			    LIMIT_INTAKE_HEADER_BLOCK_BYTES);
	}
	*ret_used = (size_t)(at - (const uint8_t *)bytes);
	ret->rows = (ParsedHeader *)(void *)g_array_steal(rows, &n);
	ret->n = n;
	return true;
}

void
parsed_headers_clear(ParsedHeaders *headers)
{
	for (size_t i = 0; i < headers->n; i++)
		header_clear(&headers->rows[i]);
	g_free(headers->rows);
	*headers = (ParsedHeaders){ 0 };
}

const char *
parsed_headers_find(const ParsedHeaders *headers, const char *name)
{
	for (size_t i = 0; i < headers->n; i++)
		if (g_ascii_strcasecmp(headers->rows[i].name, name) == 0)
			return headers->rows[i].value;
	return NULL;
}

char *
parsed_headers_text(const ParsedHeaders *headers, const char *name)
{
	const char *value = parsed_headers_find(headers, name);

	return value == NULL ? NULL : parse_words(value);
}

size_t
parsed_headers_count(const ParsedHeaders *headers, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < headers->n; i++)
		n += g_ascii_strcasecmp(headers->rows[i].name, name) == 0;
	return n;
}

char *
parse_words(const char *raw)
{
	return g_strstrip(decode_words(raw));
}

/* Fields in which '(' opens a comment, and which some reader enters recursively. */
static const char *const structured[] = {
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Bcc",
	"Return-Path",
	"Date",
	"Message-ID",
	"In-Reply-To",
	"References",
	"Received",
	"Content-Type",
	"Content-Disposition",
	"Content-Transfer-Encoding",
	"Content-ID",
	"MIME-Version",
	"Authentication-Results",
	"Auto-Submitted",
	"Delivered-To",
	"X-Original-To",
};

static int
comment_depth(const char *value)
{
	bool quoted = false;
	int depth = 0;
	int deepest = 0;

	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '"' && depth == 0)
			quoted = !quoted;
		else if (*at == '(' && !quoted)
			depth++;
		else if (*at == ')' && !quoted && depth > 0)
			depth--;
		deepest = MAX(deepest, depth);
	}
	return deepest;
}

bool
parse_check_comments(const ParsedHeaders *headers, GError **error)
{
	for (size_t i = 0; i < headers->n; i++) {
		const ParsedHeader *header = &headers->rows[i];
		bool check = false;

		/* Most values have no comment at all. */
		if (strchr(header->value, '(') == NULL)
			continue;
		for (size_t k = 0; k < G_N_ELEMENTS(structured) && !check; k++)
			check = g_ascii_strcasecmp(header->name, structured[k]) == 0;
		if (check && comment_depth(header->value) > LIMIT_INTAKE_COMMENT_DEPTH)
			return err_set(error, TP_ERROR_INVALID,
			    "comments in '%s' are nested deeper than %d", header->name,
			    LIMIT_INTAKE_COMMENT_DEPTH);
	}
	return true;
}
