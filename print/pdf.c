/*
 * pdf.c - writing objects and remembering where they are.
 */
#include "print/pdf.h"

#include <math.h>
#include <string.h>

/* Objects in one object stream: a reader unpacks a whole one for any object in it. */
#define OBJECTS_A_STREAM 200
/* Output is handed on in pieces of about this size. */
#define PIECE_BYTES (64 * 1024)

/* Cross-references up to here are not worth packing. */
#define PLAIN_BYTES 256

/* A row of the cross-references (ISO 32000-1 7.5.8.3). */
typedef struct Place {
	uint64_t at;    /* offset in the file, or number of the object stream */
	uint16_t index; /* within the object stream */
	uint8_t type;   /* 1 in the file, 2 in an object stream; 0 never written */
} Place;

struct Pdf {
	Flate *flate;
	PenWrite *write;
	void *context;
	GError *failed;
	GByteArray *out;
	uint64_t passed_on; /* bytes already given to the sink */
	GArray *places;     /* Place, by object number; 0 is not an object */
	GString *objects;   /* the open object stream's content */
	GString *index;     /* its "number offset" pairs */
	int n_objects;
	int objects_number;
	GByteArray *packed;
};

Pdf *
pdf_new(Flate *flate, PenWrite *write, void *context)
{
	Pdf *pdf = g_new0(Pdf, 1);
	Place none = { 0 };

	pdf->flate = flate;
	pdf->write = write;
	pdf->context = context;
	pdf->out = g_byte_array_sized_new(8192);
	pdf->places = g_array_new(FALSE, FALSE, sizeof(Place));
	pdf->objects = g_string_sized_new(2048);
	pdf->index = g_string_sized_new(256);
	pdf->packed = g_byte_array_sized_new(2048);
	g_array_append_val(pdf->places, none);
	/* The comment's bytes above 127 tell transfer programs that the file is binary.
	 */
	g_byte_array_append(
	    pdf->out, (const uint8_t *)"%PDF-1.5\n%\xE2\xE3\xCF\xD3\n", 15);
	return pdf;
}

void
pdf_free(Pdf *pdf)
{
	if (pdf == NULL)
		return;
	g_clear_error(&pdf->failed);
	g_byte_array_unref(pdf->out);
	g_array_unref(pdf->places);
	g_string_free(pdf->objects, TRUE);
	g_string_free(pdf->index, TRUE);
	g_byte_array_unref(pdf->packed);
	g_free(pdf);
}

int
pdf_number(Pdf *pdf)
{
	Place none = { 0 };

	g_array_append_val(pdf->places, none);
	return (int)pdf->places->len - 1;
}

bool
pdf_check(const Pdf *pdf, GError **error)
{
	if (pdf->failed == NULL)
		return true;
	if (error != NULL)
		*error = g_error_copy(pdf->failed);
	return false;
}

static void
put(Pdf *pdf, const void *data, size_t size)
{
	g_byte_array_append(pdf->out, data, (guint)size);
}

static void
put_text(Pdf *pdf, const char *text)
{
	put(pdf, text, strlen(text));
}

static void
pass_on(Pdf *pdf, size_t at_least)
{
	if (pdf->out->len < at_least)
		return;
	if (pdf->failed == NULL)
		pdf->write(pdf->context, pdf->out->data, pdf->out->len, &pdf->failed);
	pdf->passed_on += pdf->out->len;
	g_byte_array_set_size(pdf->out, 0);
}

static void
put_stream(Pdf *pdf, int number, const char *filter, const char *entries,
    const void *data, size_t size)
{
	Place *place = &g_array_index(pdf->places, Place, number);
	char head[64];

	*place = (Place){ .at = pdf->passed_on + pdf->out->len, .type = 1 };
	g_snprintf(head, sizeof(head), "%d 0 obj<</Length %zu", number, size);
	put_text(pdf, head);
	put_text(pdf, filter);
	put_text(pdf, entries);
	put_text(pdf, ">>stream\n");
	put(pdf, data, size);
	put_text(pdf, "\nendstream\nendobj\n");
	pass_on(pdf, PIECE_BYTES);
}

void
pdf_stream(Pdf *pdf, int number, const char *entries, const void *deflated, size_t size)
{
	put_stream(pdf, number, "/Filter/FlateDecode", entries, deflated, size);
}

static void
close_objects(Pdf *pdf)
{
	char entries[64];

	if (pdf->n_objects == 0)
		return;
	g_snprintf(entries, sizeof(entries), "/Type/ObjStm/N %d/First %zu",
	    pdf->n_objects, pdf->index->len);
	g_string_append_len(pdf->index, pdf->objects->str, (gssize)pdf->objects->len);
	g_byte_array_set_size(pdf->packed, 0);
	flate_append(pdf->flate, pdf->index->str, pdf->index->len, pdf->packed);
	pdf_stream(
	    pdf, pdf->objects_number, entries, pdf->packed->data, pdf->packed->len);
	g_string_truncate(pdf->objects, 0);
	g_string_truncate(pdf->index, 0);
	pdf->n_objects = 0;
}

GString *
pdf_object_begin(Pdf *pdf, int number)
{
	Place *place;

	if (pdf->n_objects == 0)
		pdf->objects_number = pdf_number(pdf);
	place = &g_array_index(pdf->places, Place, number);
	*place = (Place){ .at = (uint64_t)pdf->objects_number,
		.index = (uint16_t)pdf->n_objects,
		.type = 2 };
	pdf_put_number(pdf->index, number, 0);
	g_string_append_c(pdf->index, ' ');
	pdf_put_number(pdf->index, (double)pdf->objects->len, 0);
	g_string_append_c(pdf->index, ' ');
	pdf->n_objects++;
	return pdf->objects;
}

void
pdf_object_end(Pdf *pdf)
{
	g_string_append_c(pdf->objects, '\n');
	if (pdf->n_objects == OBJECTS_A_STREAM)
		close_objects(pdf);
}

static int
bytes_for(uint64_t v)
{
	int n = 1;

	while (n < 8 && v >> (8 * n) != 0)
		n++;
	return n;
}

/* Rows of the cross-reference stream: type, place, index; big-endian. */
static void
put_places(Pdf *pdf, int place_bytes, GByteArray *rows)
{
	for (guint i = 0; i < pdf->places->len; i++) {
		const Place *p = &g_array_index(pdf->places, Place, i);
		uint8_t row[12];
		int n = 0;

		row[n++] = p->type;
		for (int shift = (place_bytes - 1) * 8; shift >= 0; shift -= 8)
			row[n++] = (uint8_t)(p->at >> shift);
		row[n++] = (uint8_t)p->index;
		g_byte_array_append(rows, row, (guint)n);
	}
}

bool
pdf_end(Pdf *pdf, int catalog, GError **error)
{
	g_autoptr(GByteArray) rows = g_byte_array_new();
	char text[256];
	uint64_t at;
	int number;
	int place_bytes;

	G_STATIC_ASSERT(OBJECTS_A_STREAM <= 256); /* an index is one byte */
	close_objects(pdf);
	number = pdf_number(pdf);
	at = pdf->passed_on + pdf->out->len;
	g_array_index(pdf->places, Place, number) = (Place){ .at = at, .type = 1 };
	place_bytes = bytes_for(at);
	put_places(pdf, place_bytes, rows);
	g_snprintf(text, sizeof(text), "/Type/XRef/Size %u/W[1 %d 1]/Root %d 0 R",
	    pdf->places->len, place_bytes, catalog);
	if (rows->len > PLAIN_BYTES) {
		g_byte_array_set_size(pdf->packed, 0);
		flate_append(pdf->flate, rows->data, rows->len, pdf->packed);
		pdf_stream(pdf, number, text, pdf->packed->data, pdf->packed->len);
	} else {
		put_stream(pdf, number, "", text, rows->data, rows->len);
	}
	g_snprintf(text, sizeof(text), "startxref\n%" G_GUINT64_FORMAT "\n%%%%EOF\n", at);
	put_text(pdf, text);
	pass_on(pdf, 0);
	return pdf_check(pdf, error);
}

void
pdf_put_number(GString *text, double v, int decimals)
{
	static const int64_t powers[] = { 1, 10, 100, 1000, 10000, 100000 };
	int64_t scaled = llround(v * (double)powers[decimals]);
	uint64_t n = (uint64_t)(scaled < 0 ? -scaled : scaled);
	char buffer[32];
	int at = sizeof(buffer);

	/* Needless zeros behind the point. */
	while (decimals > 0 && n % 10 == 0) {
		n /= 10;
		decimals--;
	}
	for (int i = 0; i < decimals; i++, n /= 10)
		buffer[--at] = (char)('0' + n % 10);
	if (decimals > 0)
		buffer[--at] = '.';
	for (; n != 0; n /= 10)
		buffer[--at] = (char)('0' + n % 10);
	if (at == sizeof(buffer))
		buffer[--at] = '0';
	if (scaled < 0)
		buffer[--at] = '-';
	g_string_append_len(text, buffer + at, (gssize)(sizeof(buffer) - (size_t)at));
}
