/*
 * fuzz_pdf_files.c - files inside PDFs, packed or not.
 */
#include "tests/fuzz/fuzz.h"

#include "fulfill/intake/pdf_files.h"
#include "queue/limits.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *copy = g_memdup2(data, MAX(size, 1));
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	pdf_files(copy, size, files);
	PROMISE(files->len <= LIMIT_PDF_FILES);
	for (guint i = 0; i < files->len; i++) {
		gsize length = g_bytes_get_size(g_ptr_array_index(files, i));

		PROMISE(length > 0 && length <= LIMIT_PDF_FILE_BYTES);
	}
	return 0;
}
