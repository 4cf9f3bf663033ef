/*
 * pdf_files.c - look for "stream", then back for the dictionary in front of it.
 */
#include "fulfill/intake/pdf_files.h"

#include <stdbool.h>
#include <string.h>

#include "print/flate.h"
#include "queue/limits.h"

/* A dictionary of an embedded file is short: type, length, filter, a date, a checksum. */
#define DICTIONARY_BYTES 2048

static const char *
find(const char *at, const char *end, const char *what)
{
	return memmem(at, (size_t)(end - at), what, strlen(what));
}

/* The dictionary that ends at `end`: from behind the nearest "obj" in front of it.  NULL:
 * none ends there ("endstream", a word in a text). */
static char *
dictionary_before(const char *start, const char *end)
{
	const char *from =
	    end - start > DICTIONARY_BYTES ? end - DICTIONARY_BYTES : start;
	const char *found = NULL;

	while (end > from && g_ascii_isspace(end[-1]))
		end--;
	if (end - from < 2 || end[-1] != '>' || end[-2] != '>')
		return NULL;
	for (const char *at = from; (at = find(at, end, "obj")) != NULL; at += 3)
		found = at + 3;
	return found != NULL ? g_strndup(found, (gsize)(end - found)) : NULL;
}

/* Where the data begins: "stream" ends with LF or CR LF (7.3.8.1). */
static const char *
data_start(const char *at, const char *end)
{
	if (at < end && *at == '\r')
		at++;
	return at < end && *at == '\n' ? at + 1 : NULL;
}

/* /Length as a number of its own; 0: absent, or a reference to another object. */
static size_t
length_of(const char *dictionary)
{
	const char *at = strstr(dictionary, "/Length");
	char *end;
	guint64 length;

	if (at == NULL)
		return 0;
	length = g_ascii_strtoull(at + strlen("/Length"), &end, 10);
	while (*end == ' ')
		end++;
	return g_ascii_isdigit(*end) || length > LIMIT_INTAKE_BYTES ? 0 : (size_t)length;
}

static void
take(const char *dictionary, const char *data, size_t size, GPtrArray *ret)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	if (strstr(dictionary, "/Filter") == NULL) {
		if (size <= LIMIT_PDF_FILE_BYTES)
			g_byte_array_append(out, (const guint8 *)data, (guint)size);
	} else if (strstr(dictionary, "/FlateDecode") == NULL ||
		   strstr(dictionary, "/DecodeParms") != NULL ||
		   !flate_expand(data, size, LIMIT_PDF_FILE_BYTES, out)) {
		return;
	}
	if (out->len > 0)
		g_ptr_array_add(ret, g_byte_array_free_to_bytes(g_steal_pointer(&out)));
}

void
pdf_files(const void *pdf, size_t size, GPtrArray *ret)
{
	const char *start = pdf;
	const char *end = start + size;
	const char *at = start;
	guint before = ret->len;

	while (ret->len - before < LIMIT_PDF_FILES &&
	       (at = find(at, end, "stream")) != NULL) {
		g_autofree char *dictionary = dictionary_before(start, at);
		const char *data = data_start(at + strlen("stream"), end);
		const char *close;
		size_t length;

		at += strlen("stream");
		if (data == NULL || dictionary == NULL ||
		    strstr(dictionary, "/EmbeddedFile") == NULL)
			continue;
		length = length_of(dictionary);
		if (length == 0 || length > (size_t)(end - data)) {
			close = find(data, end, "endstream");
			length = close != NULL ? (size_t)(close - data) : 0;
		}
		take(dictionary, data, length, ret);
		at = data + length;
	}
}
