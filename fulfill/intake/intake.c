/*
 * intake.c - limits, recognition and encoding, before any reader sees a byte.
 */
#include "fulfill/intake/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/intake/read.h"
#include "queue/limits.h"
#include "queue/quote.h"

typedef bool (*Reader)(
    const char *text, size_t size, const IntakeHint *hint, ReadOut *out, GError **error);

/* What encodings a format may have. */
typedef enum Charset {
	CHARSET_OWN,         /* the format says it inside: the reader's business */
	CHARSET_UTF8,        /* nothing else */
	CHARSET_UTF8_CP1252, /* what does not read as the one is the other */
} Charset;

/* clang-format off */
static const struct {
	const char *name;
	Reader read; /* NULL: recognised, not read here */
	Charset charset;
} formats[] = {
	[INTAKE_UNKNOWN]   = { "unknown",   NULL,      CHARSET_OWN },
	[INTAKE_JSON]      = { "json",      read_json, CHARSET_UTF8 },
	[INTAKE_CSV]       = { "csv",       read_csv,  CHARSET_UTF8_CP1252 },
	[INTAKE_OPENTRANS] = { "opentrans", read_xml,  CHARSET_OWN },
	[INTAKE_UBL]       = { "ubl",       read_xml,  CHARSET_OWN },
	[INTAKE_XML]       = { "xml",       read_xml,  CHARSET_OWN },
	[INTAKE_EDIFACT]   = { "edifact",   read_edifact, CHARSET_OWN },
	[INTAKE_MAIL]      = { "mail",      NULL,      CHARSET_OWN },
	[INTAKE_PDF]       = { "pdf",       NULL,      CHARSET_OWN },
};
/* clang-format on */

const char *
intake_format_name(IntakeFormat format)
{
	return formats[format].name;
}

void
intake_document_free(IntakeDocument *document)
{
	if (document == NULL)
		return;
	g_ptr_array_unref(document->orders);
	g_free(document);
}

/* ---- for the readers ---- */

bool
read_add(ReadOut *out, OrderDraft *draft, GError **error)
{
	g_ptr_array_add(out->orders, draft);
	out->errors += draft->errors->len;
	if (out->errors > LIMIT_DOCUMENT_ERRORS)
		return order_error_set(error, E_LIMIT,
		    "more than %d errors in one document", LIMIT_DOCUMENT_ERRORS);
	if (out->orders->len > LIMIT_DOCUMENT_ORDERS)
		return order_error_set(error, E_LIMIT,
		    "more than %d orders in one document", LIMIT_DOCUMENT_ORDERS);
	return true;
}

int
read_line_of(const char *text, const char *at)
{
	int line = 1;

	while (text < at && (text = memchr(text, '\n', (size_t)(at - text))) != NULL) {
		text++;
		line++;
	}
	return line;
}

/* ---- what is it? ---- */

#define UTF8_BOM "\xef\xbb\xbf"

static bool
begins(const char *text, size_t size, const char *with)
{
	size_t n = strlen(with);

	return size >= n && memcmp(text, with, n) == 0;
}

static const char *
utf16_name(const char *text, size_t size)
{
	if (begins(text, size, "\xff\xfe") || (size >= 2 && text[0] != 0 && text[1] == 0))
		return "UTF-16LE";
	if (begins(text, size, "\xfe\xff") || (size >= 2 && text[0] == 0 && text[1] != 0))
		return "UTF-16BE";
	return NULL;
}

/* A header field of a mail: a name of printable characters and a colon. */
static bool
is_mail(const char *text, size_t size)
{
	size_t n = 0;

	if (begins(text, size, "From "))
		return true;
	while (n < size && n < 77 && text[n] > 0x20 && text[n] < 0x7F && text[n] != ':')
		n++;
	return n > 1 && n + 1 < size && text[n] == ':' &&
	       (text[n + 1] == ' ' || text[n + 1] == '\t' || text[n + 1] == '\r' ||
		   text[n + 1] == '\n') &&
	       g_ascii_isalpha(text[0]) && memchr(text, ';', n) == NULL &&
	       memchr(text, ',', n) == NULL;
}

/* Behind `what`, from *text on; false when it is not there. */
static bool
skip_behind(const char **text, const char *end, const char *what)
{
	const char *at = memmem(*text, (size_t)(end - *text), what, strlen(what));

	if (at == NULL)
		return false;
	*text = at + strlen(what);
	return true;
}

/* The format of an XML document by the local name of its root element.  What stands
 * before is skipped without being understood; a DOCTYPE is met again by the parser. */
static IntakeFormat
xml_format(const char *text, const char *end)
{
	while (end - text >= 2 && *text == '<' && (text[1] == '?' || text[1] == '!')) {
		const char *close = text[1] == '?'                               ? "?>"
				    : begins(text, (size_t)(end - text), "<!--") ? "-->"
										 : ">";

		if (!skip_behind(&text, end, close))
			return INTAKE_XML;
		while (text < end && g_ascii_isspace(*text))
			text++;
	}
	if (text < end && *text == '<') {
		const char *name = text + 1;
		g_autofree char *root = NULL;

		for (text = name; text < end && strchr(" \t\r\n/>", *text) == NULL;
		     text++)
			if (*text == ':')
				name = text + 1;
		root = g_strndup(name, (gsize)(text - name));
		return read_xml_recognise(root);
	}
	return INTAKE_XML;
}

#define LOOK_BYTES                                                                       \
	4096 /* how far into a document the root element of XML is looked for */

static IntakeFormat
recognise_utf16(const char *text, size_t size)
{
	char narrow[LOOK_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < MIN(size, 2 * LOOK_BYTES) && n < LOOK_BYTES; i++)
		if (text[i] > 0 && text[i] < 0x7F) /* neither the other half nor a mark */
			narrow[n++] = text[i];
	return n > 0 && narrow[0] == '<' ? xml_format(narrow, narrow + n)
					 : INTAKE_UNKNOWN;
}

IntakeFormat
intake_recognise(const void *bytes, size_t size)
{
	const char *text = bytes;

	if (utf16_name(text, size) != NULL)
		return recognise_utf16(text, size);
	if (begins(text, size, UTF8_BOM)) {
		text += 3;
		size -= 3;
	}
	while (size > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0')
		text++, size--;
	if (size == 0)
		return INTAKE_UNKNOWN;
	if (*text == '{' || *text == '[')
		return INTAKE_JSON;
	if (*text == '<')
		return xml_format(text, text + MIN(size, LOOK_BYTES));
	if (begins(text, size, "UNA") || begins(text, size, "UNB+"))
		return INTAKE_EDIFACT;
	if (begins(text, size, "%PDF-"))
		return INTAKE_PDF;
	if (read_csv_is_header(text, size))
		return INTAKE_CSV;
	if (is_mail(text, size))
		return INTAKE_MAIL;
	return INTAKE_UNKNOWN;
}

/* ---- encodings ---- */

static bool
error_byte(GError **error, const char *text, const char *at, const char *what)
{
	const char *line = at;

	while (line > text && line[-1] != '\n')
		line--;
	return order_error_set(error, E_ENCODING, "line %d byte %d: 0x%02X %s",
	    read_line_of(text, at), (int)(at - line) + 1, (unsigned)(unsigned char)*at,
	    what);
}

/* How many characters of more than one byte read as UTF-8, and how many bytes do not. */
static void
count_utf8(const char *text, size_t size, size_t *ret_good, size_t *ret_bad)
{
	const char *end = text + size;

	*ret_good = *ret_bad = 0;
	while (text < end) {
		gunichar c;

		if ((unsigned char)*text < 0x80) {
			text++;
			continue;
		}
		c = g_utf8_get_char_validated(text, end - text);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			(*ret_bad)++;
			text++;
		} else {
			(*ret_good)++;
			text = g_utf8_next_char(text);
		}
	}
}

/* CP1252 has five holes, and text in it hardly ever reads as UTF-8 by chance: a mixture
 * of both is a broken export, and half of its letters would be wrong. */
static char *
from_cp1252(
    const char *text, size_t size, const char *bad, size_t *ret_size, GError **error)
{
	size_t good;
	size_t not ;
	gsize read = 0;
	char *utf8;

	count_utf8(text, size, &good, &not );
	if (good > not ) {
		error_byte(error, text, bad, "in a text that else is UTF-8");
		return NULL;
	}
	utf8 = g_convert(text, (gssize)size, "UTF-8", "CP1252", &read, ret_size, NULL);
	if (utf8 == NULL)
		error_byte(error, text, text + read, "is neither UTF-8 nor CP1252");
	return utf8;
}

/*
 * Yields the text in UTF-8, *text and *size changed; *ret_owned is what to free.
 */
static bool
decode(const char **text, size_t *size, Charset charset, char **ret_owned, GError **error)
{
	const char *utf16 = utf16_name(*text, *size);
	bool bom = begins(*text, *size, UTF8_BOM);
	const char *bad;
	const char *nul;

	if (charset == CHARSET_OWN)
		return true;
	if (utf16 != NULL)
		return order_error_set(
		    error, E_ENCODING, "the document is in %s: send UTF-8", utf16);
	if (bom) {
		*text += 3;
		*size -= 3;
	}
	if (g_utf8_validate_len(*text, *size, &bad))
		return true;
	if (*bad == '\0')
		return error_byte(error, *text, bad, "is no text");
	if (charset != CHARSET_UTF8_CP1252 || bom)
		return error_byte(error, *text, bad, "is not UTF-8");
	nul = memchr(*text, '\0', *size);
	if (nul != NULL)
		return error_byte(error, *text, nul, "is no text");
	*ret_owned = from_cp1252(*text, *size, bad, size, error);
	*text = *ret_owned;
	return *text != NULL;
}

/* ---- reading ---- */

static void
draft_free(void *data)
{
	order_draft_free(data);
}

static bool
error_size(GError **error)
{
	return order_error_set(error, E_LIMIT, "the document has more than %d MiB",
	    LIMIT_ORDER_FILE_BYTES / (1024 * 1024));
}

static bool
error_unreadable(IntakeFormat format, const char *text, size_t size, GError **error)
{
	if (size == 0)
		return order_error_set(error, E_TORN, "the document is empty");
	if (format != INTAKE_UNKNOWN)
		return order_error_set(error, E_FORMAT, "a %s is not an order itself",
		    intake_format_name(format));
	if (utf16_name(text, size) != NULL)
		return order_error_set(error, E_ENCODING,
		    "the document is in %s: send UTF-8", utf16_name(text, size));
	return order_error_set(error, E_FORMAT,
	    "line 1: no JSON, no XML, no EDIFACT and no CSV header with columns of ours");
}

IntakeDocument *
intake_read_bytes(const void *bytes, size_t size, const IntakeHint *hint, GError **error)
{
	const char *text = bytes;
	g_autofree char *owned = NULL;
	g_autoptr(IntakeDocument) document = g_new0(IntakeDocument, 1);
	ReadOut out = { .orders = g_ptr_array_new_with_free_func(draft_free) };

	document->orders = out.orders;
	if (size > LIMIT_ORDER_FILE_BYTES) {
		error_size(error);
		return NULL;
	}
	document->format = intake_recognise(bytes, size);
	if (formats[document->format].read == NULL) {
		error_unreadable(document->format, text, size, error);
		return NULL;
	}
	if (!decode(&text, &size, formats[document->format].charset, &owned, error) ||
	    !formats[document->format].read(text, size, hint, &out, error))
		return NULL;
	return g_steal_pointer(&document);
}

/* At most one byte more than the limit, so that too much can be told. */
static bool
read_all(int fd, GByteArray *bytes, GError **error)
{
	for (;;) {
		uint8_t buf[65536];
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(error, errno, "cannot read the document");
		if (n == 0)
			return true;
		g_byte_array_append(bytes, buf, (guint)n);
		if (bytes->len > LIMIT_ORDER_FILE_BYTES)
			return error_size(error);
	}
}

IntakeDocument *
intake_read_fd(int fd, const IntakeHint *hint, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct stat st;

	if (fstat(fd, &st) < 0) {
		err_errno(error, errno, "cannot look at the document");
		return NULL;
	}
	if (S_ISREG(st.st_mode) && st.st_size > LIMIT_ORDER_FILE_BYTES) {
		error_size(error);
		return NULL;
	}
	if (!read_all(fd, bytes, error))
		return NULL;
	return intake_read_bytes(bytes->data, bytes->len, hint, error);
}

IntakeDocument *
intake_read_file(const char *path, const IntakeHint *hint, GError **error)
{
	IntakeDocument *document = NULL;
	struct stat st;
	/* Never hang on a pipe that somebody put there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		err_errno(error, errno, "cannot open '%s'", path);
		return NULL;
	}
	if (fstat(fd, &st) < 0)
		err_errno(error, errno, "cannot look at '%s'", path);
	else if (!S_ISREG(st.st_mode))
		err_set(error, TP_ERROR_INVALID, "'%s' is not a plain file", path);
	else
		document = intake_read_fd(fd, hint, error);
	close(fd);
	return document;
}
