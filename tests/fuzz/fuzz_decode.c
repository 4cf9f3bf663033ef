/*
 * fuzz_decode.c - every decoder; the first byte chooses.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/decode.h"
#include "queue/limits.h"

static const char *const charsets[] = { NULL, "utf-8", "utf-16", "utf-7", "gb18030",
	"iso-2022-jp", "shift_jis", "big5", "koi8-r", "us-ascii", "ks_c_5601-1987", "x" };

static void
field(const char *text)
{
	g_autoptr(DecodedField) decoded = decode_field(text);

	PROMISE(decoded->n_params <= LIMIT_INTAKE_PARAMS);
	for (size_t i = 0; i < decoded->n_params; i++) {
		PROMISE_UTF8(decoded->params[i].value);
		PROMISE(strpbrk(decoded->params[i].value, "\r\n") == NULL);
	}
}

static void
charset(const char *name, const uint8_t *data, size_t size)
{
	size_t length;
	g_autofree char *text = decode_charset(name, data, size, &length);

	PROMISE(strlen(text) == length);
	PROMISE_UTF8(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *text = NULL;
	g_autofree char *out = NULL;

	if (size == 0)
		return 0;
	text = fuzz_string(data + 1, size - 1);
	switch (data[0] % 10) {
	case 0:
		out = decode_words(text);
		PROMISE(strpbrk(out, "\r\n\x1b") == NULL);
		break;
	case 1:
		decode_base64(data + 1, size - 1, bytes);
		PROMISE(bytes->len <= size);
		break;
	case 2:
		decode_quoted_printable(data + 1, size - 1, bytes);
		PROMISE(bytes->len <= size);
		break;
	case 3:
		field(text);
		break;
	case 4:
		out = g_utf8_make_valid(text, -1);
		g_free(text);
		text = decode_flowed(out, data[0] & 0x80);
		PROMISE_UTF8(text);
		break;
	case 5:
		out = decode_html(text);
		break;
	case 6:
		out = decode_xtext(text);
		PROMISE(strlen(out) <= strlen(text));
		return 0;
	case 7:
		decode_percent(text, bytes);
		PROMISE(bytes->len <= size);
		break;
	default:
		charset(
		    charsets[data[0] / 10 % G_N_ELEMENTS(charsets)], data + 1, size - 1);
		break;
	}
	PROMISE_UTF8(out);
	return 0;
}
