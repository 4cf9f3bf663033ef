/*
 * parse.c - raw bytes to a tree of parts.
 *
 * One pass over the lines.  Multiparts and nested messages that are open lie on a stack;
 * a line that starts with "--" is compared with the boundaries on it, innermost first,
 * and closes what lies above the one it belongs to.  A message/rfc822 in base64 (against
 * RFC 2046 5.2.1, but seen) cannot be read in the same pass: its decoded bytes wait in a
 * list and are read afterwards in the same way.
 */
#include "mailer/parse_private.h"

#include <string.h>

#include "queue/limits.h"

typedef struct Frame {
	int part;
	const char
	    *boundary; /* NULL: a nested message, which ends with what is around it */
	size_t boundary_length;
} Frame;

/* A coded nested message, to be read when the pass is over. */
typedef struct Later {
	int part;
	const uint8_t *bytes;
	size_t length;
} Later;

typedef struct Reader {
	ParsedMail *mail;
	GArray *parts; /* of ParsedPart */
	GArray *later; /* of Later */
	size_t decoded_bytes;
	const uint8_t *start; /* of the bytes in this pass */
	const uint8_t *at;
	const uint8_t *end;
	Frame frames[LIMIT_INTAKE_DEPTH + 1];
	int n_frames;
	int leaf; /* the leaf that is being read; -1: none (preamble, epilogue) */
} Reader;

typedef enum Transfer { TRANSFER_PLAIN, TRANSFER_BASE64, TRANSFER_QP } Transfer;

static ParsedPart *
part_at(Reader *reader, int index)
{
	return &g_array_index(reader->parts, ParsedPart, index);
}

static void
part_clear(void *p)
{
	ParsedPart *part = p;

	parsed_headers_clear(&part->headers);
	decoded_field_free(part->content_type);
	decoded_field_free(part->disposition);
	g_free(part->name);
	g_free(part->content_id);
}

static bool
is_mail_type(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 ||
	       strcmp(type, "message/global") == 0 || strcmp(type, "message/news") == 0 ||
	       strcmp(type, "text/rfc822-headers") == 0 ||
	       strcmp(type, "message/rfc822-headers") == 0 ||
	       strcmp(type, "message/global-headers") == 0;
}

static Transfer
transfer_of(Reader *reader, const ParsedPart *part)
{
	const char *raw =
	    parsed_headers_find(&part->headers, "Content-Transfer-Encoding");
	g_autoptr(DecodedField) field = decode_field(raw == NULL ? "" : raw);

	if (strcmp(field->value, "base64") == 0)
		return TRANSFER_BASE64;
	if (strcmp(field->value, "quoted-printable") == 0)
		return TRANSFER_QP;
	if (field->value[0] != '\0' && strcmp(field->value, "7bit") != 0 &&
	    strcmp(field->value, "8bit") != 0 && strcmp(field->value, "binary") != 0)
		reader->mail->flaws |= PARSE_FLAW_ENCODING;
	return TRANSFER_PLAIN;
}

/* RFC 2046 5.1.1: the line "--boundary" or "--boundary--", blanks behind it allowed.
 * Returns the frame it belongs to; -1: none. */
static int
frame_find(
    const Reader *reader, const uint8_t *line, const uint8_t *end, bool *ret_closes)
{
	size_t n;

	if (end - line < 3 || line[0] != '-' || line[1] != '-')
		return -1;
	line += 2;
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	n = (size_t)(end - line);
	for (int i = reader->n_frames - 1; i >= 0; i--) {
		const Frame *frame = &reader->frames[i];
		size_t m = frame->boundary_length;

		if (frame->boundary == NULL || (n != m && n != m + 2) ||
		    memcmp(line, frame->boundary, m) != 0)
			continue;
		if (n == m + 2 && memcmp(line + m, "--", 2) != 0)
			continue;
		*ret_closes = n == m + 2;
		return i;
	}
	return -1;
}

/* How far the header block at `at` can reach: to the empty line (included), to a
 * delimiter, or a little over the limit, for parse_headers() to refuse. */
static size_t
header_span(const Reader *reader)
{
	const uint8_t *at = reader->at;
	bool closes;

	while (at < reader->end && at - reader->at <= LIMIT_INTAKE_HEADER_BLOCK_BYTES +
							  LIMIT_INTAKE_HEADER_BYTES) {
		const uint8_t *text_end;
		const uint8_t *line_end = parse_line_end(at, reader->end, &text_end);
		const uint8_t *next = line_end < reader->end ? line_end + 1 : line_end;

		if (at == text_end) {
			at = next;
			break;
		}
		if (frame_find(reader, at, text_end, &closes) >= 0)
			break;
		at = next;
	}
	return (size_t)(at - reader->at);
}

static bool
ends_in_blank_line(const uint8_t *bytes, size_t n)
{
	if (n == 0 || bytes[n - 1] != '\n')
		return false;
	if (n >= 2 && bytes[n - 2] == '\r')
		n--;
	return n == 1 || bytes[n - 2] == '\n';
}

static bool
headers_read(Reader *reader, ParsedPart *part, GError **error)
{
	size_t span = header_span(reader);
	size_t used;

	if (!parse_headers(reader->at, span, &part->headers, &used, error))
		return false;
	if (!parse_check_comments(&part->headers, error))
		return false;
	if (used < span || (reader->at + used < reader->end && used > 0 &&
			       !ends_in_blank_line(reader->at, used)))
		reader->mail->flaws |= PARSE_FLAW_NO_BLANK_LINE;
	reader->at += used;
	return true;
}

/* "type/subtype"; anything else is text/plain (RFC 2045 5.2), in a digest a message (RFC
 * 2046 5.1.5). */
static DecodedField *
content_type_read(const ParsedHeaders *headers, const ParsedPart *parent)
{
	const char *raw = parsed_headers_find(headers, "Content-Type");
	const char *otherwise =
	    parent != NULL && strcmp(parent->type, "multipart/digest") == 0
		? "message/rfc822"
		: "text/plain";
	DecodedField *field = decode_field(raw == NULL ? otherwise : raw);
	const char *slash = strchr(field->value, '/');

	if (slash == NULL || slash == field->value || slash[1] == '\0' ||
	    strpbrk(field->value, " \t\"(),<>@=") != NULL ||
	    !g_utf8_validate(field->value, -1, NULL)) {
		g_free(field->value);
		field->value = g_strdup(otherwise);
	}
	return field;
}

static void
part_describe(ParsedPart *part, const ParsedPart *parent)
{
	const char *raw = parsed_headers_find(&part->headers, "Content-Disposition");
	const char *id = parsed_headers_find(&part->headers, "Content-ID");
	const char *name;

	part->content_type = content_type_read(&part->headers, parent);
	part->type = part->content_type->value;
	part->disposition = decode_field(raw == NULL ? "" : raw);
	name = decoded_field_find(part->disposition, "filename");
	if (name == NULL || *name == '\0')
		name = decoded_field_find(part->content_type, "name");
	if (name != NULL && *name != '\0')
		part->name = g_strdup(name);
	if (id != NULL) {
		g_auto(GStrv) ids = parse_msgids(id);

		part->content_id = g_strdup(ids[0]);
	}
}

/* Adds a part below `parent` (-1: the mail itself) and reads its header. */
static int
part_open(Reader *reader, int parent, GError **error)
{
	ParsedPart part = { .parent = parent };
	int index = (int)reader->parts->len;

	if (parent >= 0) {
		const ParsedPart *above = part_at(reader, parent);

		part.depth = above->depth + 1;
		part.message = above->kind == PARSED_MESSAGE ? index : above->message;
	}
	if (part.depth > LIMIT_INTAKE_DEPTH)
		return err_set_int(error, TP_ERROR_INVALID,
		    "parts are nested deeper than %d", LIMIT_INTAKE_DEPTH);
	if (index >= LIMIT_INTAKE_PARTS)
		return err_set_int(
		    error, TP_ERROR_INVALID, "more than %d parts", LIMIT_INTAKE_PARTS);
	if (!headers_read(reader, &part, error)) {
		part_clear(&part);
		return -1;
	}
	part_describe(&part, parent < 0 ? NULL : part_at(reader, parent));
	part.bytes = reader->at;
	g_array_append_val(reader->parts, part);
	return index;
}

static void
frame_push(Reader *reader, int part, const char *boundary, size_t length)
{
	/* Depth is checked before, and each frame is one level. */
	g_assert(reader->n_frames < (int)G_N_ELEMENTS(reader->frames));
	reader->frames[reader->n_frames++] = (Frame){ part, boundary, length };
}

/* Reads the part that starts here, and, where it is a nested message, the message's own
 * header, and so on: a loop, since nesting costs nothing to write. */
static bool
entity_open(Reader *reader, int parent, GError **error)
{
	for (;;) {
		int index = part_open(reader, parent, error);
		ParsedPart *part;
		const char *boundary;

		if (index < 0)
			return false;
		part = part_at(reader, index);
		boundary = decoded_field_find(part->content_type, "boundary");
		reader->leaf = -1;
		if (g_str_has_prefix(part->type, "multipart/")) {
			size_t n = boundary == NULL ? 0 : strlen(boundary);

			while (n > 0 && boundary[n - 1] == ' ')
				n--;
			if (n > 0 && n <= LIMIT_INTAKE_BOUNDARY_BYTES) {
				part->kind = PARSED_MULTIPART;
				frame_push(reader, index, boundary, n);
				return true;
			}
			reader->mail->flaws |= PARSE_FLAW_NO_BOUNDARY;
		} else if (is_mail_type(part->type) &&
			   transfer_of(reader, part) == TRANSFER_PLAIN) {
			part->kind = PARSED_MESSAGE;
			frame_push(reader, index, NULL, 0);
			parent = index;
			continue;
		}
		reader->leaf = index;
		return true;
	}
}

/* Ends the leaf at `end`, which is a delimiter line or the end of all. */
static bool
leaf_close(Reader *reader, const uint8_t *end, GError **error)
{
	ParsedPart *part = part_at(reader, reader->leaf);
	Transfer transfer = transfer_of(reader, part);
	g_autoptr(GByteArray) decoded = NULL;

	part->length = end > part->bytes ? (size_t)(end - part->bytes) : 0;
	if (transfer == TRANSFER_PLAIN)
		return true;
	/* Checked before: decoding never makes more of it. */
	reader->decoded_bytes += part->length;
	if (reader->decoded_bytes > LIMIT_INTAKE_DECODED_BYTES)
		return err_set(error, TP_ERROR_INVALID,
		    "more than %d bytes of coded parts", LIMIT_INTAKE_DECODED_BYTES);
	decoded = g_byte_array_sized_new((guint)part->length + 1);
	if (transfer == TRANSFER_BASE64)
		decode_base64(part->bytes, part->length, decoded);
	else
		decode_quoted_printable(part->bytes, part->length, decoded);
	part->bytes = decoded->data;
	part->length = decoded->len;
	if (is_mail_type(part->type)) {
		Later later = { reader->leaf, part->bytes, part->length };

		g_array_append_val(reader->later, later);
	}
	g_ptr_array_add(reader->mail->buffers, g_steal_pointer(&decoded));
	return true;
}

/* Ends what is open above frame `keep`; `end` is where its bytes end. */
static bool
frames_close(Reader *reader, int keep, const uint8_t *end, GError **error)
{
	if (reader->leaf >= 0 && !leaf_close(reader, end, error))
		return false;
	reader->leaf = -1;
	while (reader->n_frames > keep) {
		const Frame *frame = &reader->frames[--reader->n_frames];
		ParsedPart *part = part_at(reader, frame->part);

		part->length = end > part->bytes ? (size_t)(end - part->bytes) : 0;
	}
	return true;
}

/* The end of the content before the delimiter line at `line`: the line break in front of
 * it belongs to the delimiter. */
static const uint8_t *
content_end(const Reader *reader, const uint8_t *line)
{
	if (line > reader->start && line[-1] == '\n')
		line--;
	if (line > reader->start && line[-1] == '\r')
		line--;
	return line;
}

/* Anything between frames `from` and the top that is a multipart was not closed properly.
 */
static void
note_unclosed(Reader *reader, int from)
{
	for (int i = from; i < reader->n_frames; i++)
		if (reader->frames[i].boundary != NULL)
			reader->mail->flaws |= PARSE_FLAW_UNCLOSED;
}

static bool
read_pass(Reader *reader, int parent, const uint8_t *bytes, size_t length, GError **error)
{
	reader->start = reader->at = bytes;
	reader->end = bytes + length;
	reader->n_frames = 0;
	reader->leaf = -1;
	if (!entity_open(reader, parent, error))
		return false;
	while (reader->at < reader->end) {
		const uint8_t *line = reader->at;
		const uint8_t *text_end;
		const uint8_t *line_end = parse_line_end(line, reader->end, &text_end);
		bool closes = false;
		int frame = frame_find(reader, line, text_end, &closes);

		reader->at = line_end < reader->end ? line_end + 1 : line_end;
		if (frame < 0)
			continue;
		note_unclosed(reader, frame + 1);
		if (!frames_close(reader, frame + 1, content_end(reader, line), error))
			return false;
		if (closes) {
			/* What follows, up to the next delimiter, is epilogue. */
			if (!frames_close(reader, frame, text_end, error))
				return false;
		} else if (!entity_open(reader, reader->frames[frame].part, error)) {
			return false;
		}
	}
	note_unclosed(reader, 0);
	return frames_close(reader, 0, reader->end, error);
}

static bool
read_all(Reader *reader, GError **error)
{
	gsize length;
	const uint8_t *bytes = g_bytes_get_data(reader->mail->raw, &length);

	if (!read_pass(reader, -1, bytes, length, error))
		return false;
	/* Reading a nested message can append further ones. */
	for (guint i = 0; i < reader->later->len; i++) {
		Later later = g_array_index(reader->later, Later, i);

		part_at(reader, later.part)->kind = PARSED_MESSAGE;
		if (!read_pass(reader, later.part, later.bytes, later.length, error))
			return false;
	}
	return true;
}

/* The fields that everybody asks for. */
static bool
envelope_read(ParsedMail *mail, GError **error)
{
	const ParsedHeaders *headers = parsed_mail_headers(mail);
	const char *date = parsed_headers_find(headers, "Date");
	const char *id = parsed_headers_find(headers, "Message-ID");

	for (size_t i = 0; i < headers->n; i++) {
		const char *name = headers->rows[i].name;
		ParsedAddresses *to = NULL;

		if (g_ascii_strcasecmp(name, "From") == 0) {
			to = &mail->from;
			mail->n_from_fields++;
		} else if (g_ascii_strcasecmp(name, "To") == 0 ||
			   g_ascii_strcasecmp(name, "Cc") == 0) {
			to = &mail->to;
		} else if (g_ascii_strcasecmp(name, "Delivered-To") == 0 ||
			   g_ascii_strcasecmp(name, "X-Original-To") == 0 ||
			   g_ascii_strcasecmp(name, "Envelope-To") == 0) {
			to = &mail->delivered;
		}
		if (to != NULL && !parse_addresses(headers->rows[i].value, to, error)) {
			g_prefix_error(error, "field '%s': ", name);
			return false;
		}
	}
	mail->subject = parsed_headers_text(headers, "Subject");
	if (mail->subject == NULL)
		mail->subject = g_strdup("");
	if (id != NULL) {
		g_auto(GStrv) ids = parse_msgids(id);

		mail->message_id = g_strdup(ids[0]);
	}
	if (date != NULL)
		(void)parse_date(date, &mail->date_at);
	return true;
}

ParsedMail *
parse_mail(GBytes *raw, GError **error)
{
	g_autoptr(ParsedMail) mail = NULL;
	g_autoptr(GArray) later = g_array_new(FALSE, FALSE, sizeof(Later));
	Reader reader = { .later = later };
	gsize n = g_bytes_get_size(raw);
	bool read;

	if (n == 0) {
		err_set(error, TP_ERROR_INVALID, "the message is empty");
		return NULL;
	}
	if (n > LIMIT_INTAKE_BYTES) {
		err_set(error, TP_ERROR_INVALID, "the message is longer than %d bytes",
		    LIMIT_INTAKE_BYTES);
		return NULL;
	}
	mail = g_new0(ParsedMail, 1);
	mail->raw = g_bytes_ref(raw);
	mail->buffers =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	reader.mail = mail;
	reader.parts = g_array_new(FALSE, FALSE, sizeof(ParsedPart));
	read = read_all(&reader, error);
	mail->parts = (ParsedPart *)(void *)g_array_steal(reader.parts, &mail->n_parts);
	g_array_unref(reader.parts);
	if (!read || !envelope_read(mail, error))
		return NULL;
	parse_body(mail);
	return g_steal_pointer(&mail);
}

void
parsed_mail_free(ParsedMail *mail)
{
	if (mail == NULL)
		return;
	for (size_t i = 0; i < mail->n_parts; i++)
		part_clear(&mail->parts[i]);
	g_free(mail->parts);
	parsed_addresses_clear(&mail->from);
	parsed_addresses_clear(&mail->to);
	parsed_addresses_clear(&mail->delivered);
	g_free(mail->subject);
	g_free(mail->message_id);
	g_free(mail->text);
	g_bytes_unref(mail->raw);
	g_ptr_array_unref(mail->buffers);
	g_free(mail);
}

int
parsed_mail_find(const ParsedMail *mail, const char *type, int after, int *ret)
{
	for (size_t i = (size_t)(after + 1); i < mail->n_parts; i++) {
		bool whole_kind = g_str_has_suffix(type, "/");

		if (whole_kind ? g_str_has_prefix(mail->parts[i].type, type)
			       : strcmp(mail->parts[i].type, type) == 0) {
			*ret = (int)i;
			return 1;
		}
	}
	return 0;
}
