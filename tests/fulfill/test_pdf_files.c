/*
 * test_pdf_files.c - files inside a PDF are found, packed or not, and bombs are not.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/intake.h"
#include "fulfill/intake/pdf_files.h"
#include "print/flate.h"
#include "queue/limits.h"

static const char order[] =
    "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\"/>";

static void
put_object(GByteArray *pdf, const char *dictionary, const void *data, size_t size)
{
	g_autofree char *head = g_strdup_printf(
	    "7 0 obj\n<< %s /Length %zu >>\nstream\r\n", dictionary, size);
	static const char tail[] = "\nendstream\nendobj\n";

	g_byte_array_append(pdf, (const guint8 *)head, (guint)strlen(head));
	g_byte_array_append(pdf, data, (guint)size);
	g_byte_array_append(pdf, (const guint8 *)tail, sizeof(tail) - 1);
}

static GByteArray *
pdf_new(void)
{
	GByteArray *pdf = g_byte_array_new();

	g_byte_array_append(pdf, (const guint8 *)"%PDF-1.7\n", 9);
	put_object(pdf, "/Type /XObject", "stream stream", 13);
	return pdf;
}

static GPtrArray *
files_of(const GByteArray *pdf)
{
	GPtrArray *files = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	pdf_files(pdf->data, pdf->len, files);
	return files;
}

static void
an_embedded_order_is_found_packed_or_not(void **state)
{
	g_autoptr(GByteArray) pdf = pdf_new();
	g_autoptr(GByteArray) packed = g_byte_array_new();
	g_autoptr(Flate) flate = flate_new(6);
	g_autoptr(GPtrArray) files = NULL;

	(void)state;
	flate_append(flate, order, strlen(order), packed);
	put_object(pdf, "/Type /EmbeddedFile", order, strlen(order));
	put_object(
	    pdf, "/Type/EmbeddedFile/Filter/FlateDecode", packed->data, packed->len);
	put_object(pdf, "/Type/EmbeddedFile/Filter/LZWDecode", packed->data, packed->len);
	files = files_of(pdf);
	assert_int_equal(files->len, 2);
	for (guint i = 0; i < files->len; i++) {
		gsize size;
		const void *bytes = g_bytes_get_data(g_ptr_array_index(files, i), &size);

		assert_int_equal(size, strlen(order));
		assert_memory_equal(bytes, order, size);
		assert_int_equal(intake_recognise(bytes, size), INTAKE_UBL);
	}
}

static void
a_stream_that_expands_without_end_is_left_out(void **state)
{
	g_autoptr(GByteArray) pdf = pdf_new();
	g_autoptr(GByteArray) packed = g_byte_array_new();
	g_autoptr(Flate) flate = flate_new(9);
	g_autofree char *zeros = g_malloc0(LIMIT_PDF_FILE_BYTES + 1);
	g_autoptr(GPtrArray) files = NULL;

	(void)state;
	flate_append(flate, zeros, LIMIT_PDF_FILE_BYTES + 1, packed);
	put_object(
	    pdf, "/Type /EmbeddedFile /Filter /FlateDecode", packed->data, packed->len);
	put_object(pdf, "/Type /EmbeddedFile", zeros, LIMIT_PDF_FILE_BYTES + 1);
	files = files_of(pdf);
	assert_int_equal(files->len, 0);
}

static void
there_is_an_end_to_how_many(void **state)
{
	g_autoptr(GByteArray) pdf = pdf_new();
	g_autoptr(GPtrArray) files = NULL;

	(void)state;
	for (int i = 0; i < 2 * LIMIT_PDF_FILES; i++)
		put_object(pdf, "/Type /EmbeddedFile", order, strlen(order));
	files = files_of(pdf);
	assert_int_equal(files->len, LIMIT_PDF_FILES);
}

static void
a_pdf_cut_anywhere_is_read_without_harm(void **state)
{
	g_autoptr(GByteArray) pdf = pdf_new();
	guint whole;

	(void)state;
	put_object(pdf, "/Type /EmbeddedFile", order, strlen(order));
	whole = pdf->len;
	for (guint n = 0; n <= whole; n++) {
		g_autofree guint8 *cut = g_memdup2(pdf->data, MAX(n, 1));
		g_autoptr(GPtrArray) files =
		    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

		pdf_files(cut, n, files);
		assert_true(files->len <= 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_embedded_order_is_found_packed_or_not),
		cmocka_unit_test(a_stream_that_expands_without_end_is_left_out),
		cmocka_unit_test(there_is_an_end_to_how_many),
		cmocka_unit_test(a_pdf_cut_anywhere_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
