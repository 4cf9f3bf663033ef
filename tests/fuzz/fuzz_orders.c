/*
 * fuzz_orders.c - order documents of every format, their hashes and their answers.
 */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/intake/intake.h"
#include "fulfill/intake/response.h"
#include "queue/limits.h"

static void
answer(IntakeFormat format, const OrderDraft *draft)
{
	json_t *result =
	    json_pack("{s:s, s:[], s:[]}", "status", "accepted", "lines", "errors");
	g_auto(Response) response = { 0 };

	if (response_make(format, draft, result, "Vendor", "2026-11-24", &response) &&
	    format != INTAKE_EDIFACT)
		PROMISE_UTF8(response.bytes);
	if (response.bytes != NULL && format == INTAKE_EDIFACT) {
		/* An interchange that counts right, of a message that is no order. */
		g_autoptr(GError) error = NULL;

		PROMISE(intake_read_bytes(response.bytes, response.size,
			    &(IntakeHint){ 0 }, &error) == NULL);
		PROMISE(strstr(error->message, "'ORDRSP' is neither") != NULL);
	}
	json_decref(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const IntakeHint hint = { .source = "fuzz", .party = "R-100" };
	g_autofree uint8_t *copy = g_memdup2(data, MAX(size, 1));
	g_autoptr(IntakeDocument) document = intake_read_bytes(copy, size, &hint, NULL);

	if (document == NULL)
		return 0;
	PROMISE(document->orders->len >= 1);
	PROMISE(document->orders->len <= LIMIT_DOCUMENT_ORDERS);
	for (guint i = 0; i < document->orders->len; i++) {
		const OrderDraft *draft = g_ptr_array_index(document->orders, i);
		uint8_t hash[HASH_BYTES];

		PROMISE_UTF8(draft->number);
		PROMISE_UTF8(draft->customer.name);
		PROMISE(draft->number != NULL || draft->errors->len > 0);
		for (guint l = 0; l < draft->lines->len; l++) {
			const OrderLine *line = g_ptr_array_index(draft->lines, l);

			PROMISE(line->line != NULL);
			PROMISE(line->quantity >= 0 &&
				line->quantity <= LIMIT_ORDER_QUANTITY);
		}
		order_draft_hash(draft, hash);
		answer(document->format, draft);
	}
	return 0;
}
