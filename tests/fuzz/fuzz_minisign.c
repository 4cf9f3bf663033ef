/*
 * fuzz_minisign.c - signature files and public keys.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/minisign.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_string(data, size);
	g_autoptr(Minisign) signature = minisign_parse(data, size, NULL);
	MinisignKey key = { 0 };

	(void)!minisign_key_parse(text, &key, NULL);
	if (signature == NULL)
		return 0;
	PROMISE_UTF8(signature->trusted_comment);
	/* Nobody has signed this. */
	PROMISE(!minisign_verify(signature, &key, "document", 8, NULL));
	return 0;
}
