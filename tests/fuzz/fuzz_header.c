/*
 * fuzz_header.c - header blocks and the values in them.
 */
#include "tests/fuzz/fuzz.h"

#include "mailer/parse.h"
#include "queue/limits.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ParsedHeaders headers = { 0 };
	size_t used = 0;

	if (!parse_headers(data, size, &headers, &used, NULL))
		return 0;
	PROMISE(used <= size);
	PROMISE(headers.n <= LIMIT_INTAKE_HEADERS);
	for (size_t i = 0; i < headers.n; i++) {
		const char *value = headers.rows[i].value;
		ParsedAddresses addresses = { 0 };
		g_auto(GStrv) ids = parse_msgids(value);
		g_autofree char *text =
		    parsed_headers_text(&headers, headers.rows[i].name);
		int64_t at;

		PROMISE(headers.rows[i].name[0] != '\0');
		PROMISE(g_strv_length(ids) <= 100);
		PROMISE(strchr(value, '\n') == NULL);
		PROMISE_UTF8(text);
		(void)parse_date(value, &at);
		(void)parse_addresses(value, &addresses, NULL);
		PROMISE(addresses.n <= LIMIT_INTAKE_ADDRESSES + 1);
		for (size_t k = 0; k < addresses.n; k++) {
			PROMISE_UTF8(addresses.rows[k].name);
			PROMISE_UTF8(addresses.rows[k].address);
		}
		parsed_addresses_clear(&addresses);
	}
	parsed_headers_clear(&headers);
	return 0;
}
