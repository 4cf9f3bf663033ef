/*
 * encode.c - base64, quoted-printable, flowed text.
 */
#include "mailer/encode.h"

#include <string.h>

enum {
	FLOWED_CHARS = 66,      /* RFC 3676 4.2: leaves room for quoting and for =XX */
	QP_LINE = 73,           /* 76 less the soft break and room to mask a first byte */
	BASE64_LINE_BYTES = 57, /* 76 characters */
};

void
encode_base64(GString *out, const void *bytes, size_t length)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *in = bytes;
	size_t lines = (length + BASE64_LINE_BYTES - 1) / BASE64_LINE_BYTES;
	size_t before = out->len;
	char *to = NULL;

	g_string_set_size(out, before + (length + 2) / 3 * 4 + 2 * lines);
	to = out->str + before;
	while (length > 0) {
		size_t n = MIN(length, (size_t)BASE64_LINE_BYTES);

		length -= n;
		for (; n >= 3; n -= 3, in += 3) {
			uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

			to[0] = digits[v >> 18];
			to[1] = digits[v >> 12 & 63];
			to[2] = digits[v >> 6 & 63];
			to[3] = digits[v & 63];
			to += 4;
		}
		if (n > 0) {
			uint32_t v =
			    (uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0);

			to[0] = digits[v >> 18];
			to[1] = digits[v >> 12 & 63];
			to[2] = n > 1 ? digits[v >> 6 & 63] : '=';
			to[3] = '=';
			to += 4;
		}
		*to++ = '\r';
		*to++ = '\n';
	}
}

/* The length of the line at `text` and of its end: LF, CRLF or a lone CR. */
static size_t
line_length(const char *text, size_t length, size_t *ret_end)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			*ret_end = 1;
			return i;
		}
		if (text[i] == '\r') {
			*ret_end = i + 1 < length && text[i + 1] == '\n' ? 2 : 1;
			return i;
		}
	}
	*ret_end = 0;
	return length;
}

/*
 * A line that begins with a dot would be stuffed on the wire, and one with "From " is
 * changed by mbox files: both are masked.
 */
static void
qp_mask_start(GString *out, size_t start)
{
	const char *line = out->str + start;

	if (line[0] == '.') {
		out->str[start] = '=';
		g_string_insert(out, (gssize)start + 1, "2E");
	} else if (strncmp(line, "From ", 5) == 0) {
		out->str[start] = '=';
		g_string_insert(out, (gssize)start + 1, "46");
	}
}

/* Ends the physical line that began at `start` softly, at its last space if it has one.
 */
static size_t
qp_soft_break(GString *out, size_t start, size_t space)
{
	size_t at = space > start ? space : out->len;
	size_t before = out->len;

	qp_mask_start(out, start);
	at += out->len - before;
	g_string_insert(out, (gssize)at, "=\r\n");
	return at + 3;
}

static size_t
utf8_length(unsigned char lead)
{
	return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool
qp_is_plain(unsigned char c)
{
	return (c >= 32 && c < 127 && c != '=') || c == '\t';
}

/* How many bytes at `text` stand for themselves, up to `most`; *ret_space is behind the
 * last space among them, 0: there is none. */
static size_t
qp_plain_run(const char *text, size_t most, size_t *ret_space)
{
	size_t n = 0;

	*ret_space = 0;
	for (; n < most && qp_is_plain((unsigned char)text[n]); n++) {
		if (text[n] == ' ' || text[n] == '\t')
			*ret_space = n + 1;
	}
	return n;
}

static void
qp_escape(GString *out, const char *text, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; length > 0; length--, text++) {
		unsigned char c = (unsigned char)*text;

		g_string_append_c(out, '=');
		g_string_append_c(out, hex[c >> 4]);
		g_string_append_c(out, hex[c & 15]);
	}
}

static void
qp_line(GString *out, const char *text, size_t length)
{
	size_t start = out->len;
	size_t space = 0;
	/* A blank at the end would be lost on the way. */
	bool blank_end =
	    length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t');
	size_t body = length - blank_end;

	for (size_t i = 0; i < length;) {
		size_t used = out->len - start;
		size_t room = used < QP_LINE ? QP_LINE - used : 0;
		size_t run_space = 0;
		size_t run = i < body
				 ? qp_plain_run(text + i, MIN(room, body - i), &run_space)
				 : 0;
		size_t bytes = 0;

		if (run > 0) {
			if (run_space > 0)
				space = out->len + run_space;
			g_string_append_len(out, text + i, (gssize)run);
			i += run;
			continue;
		}
		if (i < body && qp_is_plain((unsigned char)text[i])) {
			start = qp_soft_break(out, start, space);
			space = 0;
			continue;
		}
		bytes = MIN(utf8_length((unsigned char)text[i]), length - i);
		if (used + 3 * bytes > QP_LINE) {
			start = qp_soft_break(out, start, space);
			space = 0;
			continue;
		}
		qp_escape(out, text + i, bytes);
		i += bytes;
	}
	qp_mask_start(out, start);
	g_string_append(out, "\r\n");
}

void
encode_quoted_printable(GString *out, const char *text, size_t length)
{
	while (length > 0) {
		size_t end = 0;
		size_t n = line_length(text, length, &end);

		qp_line(out, text, n);
		text += n + end;
		length -= n + end;
	}
}

/* RFC 3676 4.4: what a reader would take for a quote, a mark or an mbox line. */
static bool
needs_stuffing(const char *line, size_t length)
{
	return length > 0 && (line[0] == ' ' || line[0] == '>' ||
				 (length >= 5 && memcmp(line, "From ", 5) == 0));
}

static void
flow_line(GString *out, const char *line, size_t length)
{
	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	for (;;) {
		size_t chars = 0;
		size_t cut = 0; /* behind the last space that is within the width */
		size_t i = 0;

		if (needs_stuffing(line, length))
			g_string_append_c(out, ' ');
		for (; i < length;
		     i += MIN(utf8_length((unsigned char)line[i]), length - i)) {
			if (++chars > FLOWED_CHARS && cut > 0)
				break;
			if (line[i] == ' ' && i + 1 < length && line[i + 1] != ' ' &&
			    i > 0)
				cut = i + 1;
		}
		if (i >= length || cut == 0) {
			g_string_append_len(out, line, (gssize)length);
			g_string_append_c(out, '\n');
			return;
		}
		g_string_append_len(out, line, (gssize)cut);
		g_string_append_c(out, '\n');
		line += cut;
		length -= cut;
	}
}

char *
encode_flowed(const char *text)
{
	size_t length = strlen(text);
	GString *out = g_string_sized_new(length + length / 32 + 16);

	while (length > 0) {
		size_t end = 0;
		size_t n = line_length(text, length, &end);

		/* RFC 3676 4.3: the mark before a signature keeps its space. */
		if (n == 3 && memcmp(text, "-- ", 3) == 0)
			g_string_append(out, "-- \n");
		else
			flow_line(out, text, n);
		text += n + end;
		length -= n + end;
	}
	return g_string_free(out, FALSE);
}
