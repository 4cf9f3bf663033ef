/*
 * decode.c - transfer encodings and charsets.
 *
 * Words and parameters of headers are in decode_words.c and decode_field.c, what makes
 * text readable (format=flowed, HTML) in decode_text.c.
 */
#include "mailer/decode.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "queue/limits.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const struct Charset {
	const char *name;
	const char *iconv_name;
} charsets[] = {
#define CHARSET(name, iconv_name) { name, iconv_name },
#include "mailer/decode_charsets.def"
#undef CHARSET
};

static const struct Charset *
charset_find(const char *charset)
{
	if (charset == NULL)
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
		if (g_ascii_strcasecmp(charset, charsets[i].name) == 0)
			return &charsets[i];
	return NULL;
}

bool
decode_charset_known(const char *charset)
{
	return charset_find(charset) != NULL;
}

void
decode_init(void)
{
	/* Never closed: an open handle is what keeps its converter loaded. */
	static iconv_t kept[G_N_ELEMENTS(charsets)];
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		size_t same = 0;

		while (strcmp(charsets[same].iconv_name, charsets[i].iconv_name) != 0)
			same++;
		kept[i] =
		    same < i ? kept[same] : iconv_open("UTF-8", charsets[i].iconv_name);
	}
	g_once_init_leave(&once, 1);
}

static bool
is_ascii(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] >= 0x80)
			return false;
	return true;
}

/* What reads `bytes` best when nobody says, or when what they say cannot be. */
static const char *
guess(const uint8_t *bytes, size_t length)
{
	return g_utf8_validate_len((const char *)bytes, length, NULL) ? "UTF-8"
								      : "CP1252";
}

static void
convert(iconv_t handle, const uint8_t *bytes, size_t length, GString *out)
{
	char buffer[4096];
	char *in = (char *)bytes;
	size_t in_left = length;
	bool flushed = false;

	while (in_left > 0 || !flushed) {
		char *to = buffer;
		size_t to_left = sizeof(buffer);
		/* The last call, without input, lets out what a stateful charset holds
		 * back. */
		bool flush = in_left == 0;
		size_t rc = iconv(
		    handle, flush ? NULL : &in, flush ? NULL : &in_left, &to, &to_left);

		g_string_append_len(out, buffer, to - buffer);
		if (flush)
			flushed = true;
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		g_string_append(out, REPLACEMENT);
		if (errno == EINVAL) { /* cut in the middle of a character */
			in_left = 0;
		} else if (in_left > 0) {
			in++;
			in_left--;
		}
	}
}

char *
decode_charset(const char *charset, const void *bytes, size_t length, size_t *ret_length)
{
	const struct Charset *row = charset_find(charset);
	const char *name = row == NULL ? NULL : row->iconv_name;
	GString *out = g_string_sized_new(length + 1);
	size_t kept = 0;

	/* An empty array has no bytes to point to, and GLib wants a pointer. */
	if (length == 0) {
		if (ret_length != NULL)
			*ret_length = 0;
		return g_string_free(out, FALSE);
	}
	/* "us-ascii" with the high bit set, and no charset at all, are the same mishap.
	 */
	if (row == NULL || (strstr(row->name, "asc") != NULL && !is_ascii(bytes, length)))
		name = guess(bytes, length);
	if (strcmp(name, "UTF-8") == 0) {
		g_autofree char *valid = g_utf8_make_valid(bytes, (gssize)length);

		g_string_append(out, valid);
	} else {
		iconv_t handle = iconv_open("UTF-8", name);

		if (handle == (iconv_t)-1) {
			g_autofree char *valid = g_utf8_make_valid(bytes, (gssize)length);

			g_string_append(out, valid);
		} else {
			convert(handle, bytes, length, out);
			(void)iconv_close(handle);
		}
	}
	for (size_t i = 0; i < out->len; i++)
		if (out->str[i] != '\0')
			out->str[kept++] = out->str[i];
	g_string_truncate(out, kept);
	if (ret_length != NULL)
		*ret_length = kept;
	return g_string_free(out, FALSE);
}

/* The value of a base64 digit; -1: none; -2: padding. */
static int
base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return c == '=' ? -2 : -1;
}

/* Is the line that starts at `at` nothing but base64 in whole groups of four? */
static bool
is_base64_line(const uint8_t *bytes, size_t length, size_t at)
{
	size_t digits = 0;
	size_t padding = 0;

	for (; at < length && bytes[at] != '\n' && bytes[at] != '\r'; at++) {
		int value = base64_value(bytes[at]);

		if (value == -1 || (padding > 0 && value >= 0))
			return false;
		if (value == -2)
			padding++;
		digits++;
	}
	return digits > 0 && digits % 4 == 0 && padding <= 2;
}

/* Is the line that starts at `at` mostly no base64: "-- ", "_______"? */
static bool
is_footer_line(const uint8_t *bytes, size_t length, size_t at)
{
	size_t digits = 0;
	size_t others = 0;

	for (; at < length && bytes[at] != '\n'; at++) {
		if (base64_value(bytes[at]) != -1)
			digits++;
		else if (!g_ascii_isspace(bytes[at]))
			others++;
	}
	return others * 2 > digits;
}

void
decode_base64(const void *bytes, size_t length, GByteArray *out)
{
	const uint8_t *in = bytes;
	uint32_t group = 0;
	int n = 0;

	for (size_t i = 0; i < length; i++) {
		int value = base64_value(in[i]);

		if (n == 0 && i > 0 && in[i - 1] == '\n' && is_footer_line(in, length, i))
			return;
		if (value >= 0) {
			group = group << 6 | (uint32_t)value;
			if (++n == 4) {
				uint8_t three[3] = { (uint8_t)(group >> 16),
					(uint8_t)(group >> 8), (uint8_t)group };

				g_byte_array_append(out, three, 3);
				group = 0;
				n = 0;
			}
			continue;
		}
		if (value != -2)
			continue;
		/* Padding: what is left of the group, then perhaps a second blob. */
		if (n >= 2) {
			uint8_t two[2] = { (uint8_t)(n == 2 ? group >> 4 : group >> 10),
				(uint8_t)(group >> 2) };

			g_byte_array_append(out, two, (guint)n - 1);
		}
		group = 0;
		n = 0;
		while (i + 1 < length && (in[i + 1] == '=' || g_ascii_isspace(in[i + 1])))
			i++;
		if (!is_base64_line(in, length, i + 1))
			return;
	}
	/* The end without padding: common, and harmless. */
	if (n >= 2) {
		uint8_t two[2] = { (uint8_t)(n == 2 ? group >> 4 : group >> 10),
			(uint8_t)(group >> 2) };

		g_byte_array_append(out, two, (guint)n - 1);
	}
}

static int
hex_pair(const uint8_t *at)
{
	int high = g_ascii_xdigit_value((char)at[0]);
	int low = high < 0 ? -1 : g_ascii_xdigit_value((char)at[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* One line without its end; `soft` tells whether its last '=' joins it to the next. */
static void
quoted_printable_line(const uint8_t *line, size_t length, GByteArray *out, bool *ret_soft)
{
	size_t end = length;
	size_t plain = 0;

	/* RFC 2045 6.7 (3): blanks at the end were added on the way. */
	while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t'))
		end--;
	*ret_soft = end > 0 && line[end - 1] == '=';
	if (*ret_soft)
		end--;
	for (size_t i = 0; i < end; i++) {
		int value = line[i] == '=' && i + 2 < end ? hex_pair(line + i + 1) : -1;
		uint8_t byte = (uint8_t)value;

		if (value < 0)
			continue; /* a lone '=' stays as it is */
		g_byte_array_append(out, line + plain, (guint)(i - plain));
		g_byte_array_append(out, &byte, 1);
		i += 2;
		plain = i + 1;
	}
	g_byte_array_append(out, line + plain, (guint)(end - plain));
}

void
decode_quoted_printable(const void *bytes, size_t length, GByteArray *out)
{
	const uint8_t *at = bytes;
	const uint8_t *end = at + length;

	while (at < end) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
		const uint8_t *stop = newline == NULL ? end : newline;
		bool crlf = newline != NULL && stop > at && stop[-1] == '\r';
		bool soft;

		quoted_printable_line(
		    at, (size_t)(stop - at) - (crlf ? 1 : 0), out, &soft);
		if (newline == NULL)
			break;
		if (!soft)
			g_byte_array_append(
			    out, (const uint8_t *)(crlf ? "\r\n" : "\n"), crlf ? 2 : 1);
		at = newline + 1;
	}
}

void
decode_percent(const char *text, GByteArray *out)
{
	const uint8_t *at = (const uint8_t *)text;

	while (*at != '\0') {
		int value = *at == '%' && at[1] != '\0' ? hex_pair(at + 1) : -1;
		uint8_t byte = value < 0 ? *at : (uint8_t)value;

		g_byte_array_append(out, &byte, 1);
		at += value < 0 ? 1 : 3;
	}
}

char *
decode_xtext(const char *text)
{
	GString *out = g_string_new(NULL);
	const uint8_t *at = (const uint8_t *)text;

	while (*at != '\0') {
		int value = *at == '+' && at[1] != '\0' ? hex_pair(at + 1) : -1;
		uint8_t byte = value < 0 ? *at : (uint8_t)value;

		g_string_append_c(out, byte < 0x20 || byte == 0x7f ? '?' : (char)byte);
		at += value < 0 ? 1 : 3;
	}
	return g_string_free(out, FALSE);
}
