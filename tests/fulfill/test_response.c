/*
 * test_response.c - an order that came as UBL, openTRANS or EDIFACT is answered in the
 * same language.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/response.h"
#include "tests/support/golden.h"

static OrderDraft *
sample(void)
{
	OrderDraft *draft = order_draft_new();

	draft->number = g_strdup("PO-1 & Co");
	draft->party = g_strdup("R-100");
	for (int i = 1; i <= 2; i++) {
		OrderLine *line = order_draft_add_line(draft);

		line->line = g_strdup_printf("%d", i);
		line->product = g_strdup(i == 1 ? "CAD-PRO" : "CAD-<X>");
		line->quantity = 3 * i;
	}
	return draft;
}

static json_t *
result_of(const char *status, const char *first, const char *second)
{
	return json_pack(
	    "{s:s, s:s, s:[{s:s, s:s, s:[]}, {s:s, s:s, s:[{s:s, s:s, s:s}]}], s:[]}",
	    "order", "PO-1 & Co", "status", status, "lines", "line", "1", "status", first,
	    "errors", "line", "2", "status", second, "errors", "code",
	    "E_PRODUCT_UNKNOWN", "field", "product", "text",
	    "there is no product 'CAD-<X>'", "errors");
}

static void
an_answer_in_part_is_as_it_was_read(void **state)
{
	static const struct {
		IntakeFormat format;
		const char *golden;
	} rows[] = {
		{ INTAKE_UBL, "intake/order-response.xml" },
		{ INTAKE_OPENTRANS, "intake/orderresponse.xml" },
		{ INTAKE_EDIFACT, "intake/ordrsp.edi" },
	};
	g_autoptr(OrderDraft) draft = sample();
	json_t *result = result_of("accepted", "accepted", "rejected");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(Response) response = { 0 };

		assert_true(response_make(rows[i].format, draft, result, "Vendor GmbH",
		    "2026-11-24", &response));
		assert_true(g_str_has_suffix(rows[i].golden, response.name));
		assert_golden(rows[i].golden, response.bytes, response.size);
	}
	json_decref(result);
}

static void
the_code_says_how_much_was_taken(void **state)
{
	static const struct {
		const char *status;
		const char *first;
		const char *second;
		const char *ubl;
		const char *edifact;
	} rows[] = {
		{ "accepted", "accepted", "accepted", ">AP<", "+29'" },
		{ "accepted", "accepted", "rejected", ">CA<", "+4'" },
		{ "rejected", "rejected", "rejected", ">RE<", "+27'" },
		{ "duplicate", "accepted", "accepted", ">AP<", "+29'" },
	};
	g_autoptr(OrderDraft) draft = sample();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *result = result_of(rows[i].status, rows[i].first, rows[i].second);
		g_auto(Response) xml = { 0 };
		g_auto(Response) edi = { 0 };
		g_autofree char *bgm =
		    g_strconcat("BGM+231+PO-1 & Co", rows[i].edifact, NULL);

		assert_true(
		    response_make(INTAKE_UBL, draft, result, "V", "2026-11-24", &xml));
		assert_true(response_make(
		    INTAKE_EDIFACT, draft, result, "V", "2026-11-24", &edi));
		assert_non_null(strstr(xml.bytes, rows[i].ubl));
		assert_non_null(strstr(edi.bytes, bgm));
		json_decref(result);
	}
}

static void
other_formats_have_no_answer_of_their_own(void **state)
{
	g_autoptr(OrderDraft) draft = sample();
	json_t *result = result_of("accepted", "accepted", "rejected");
	g_auto(Response) response = { 0 };

	(void)state;
	assert_false(
	    response_make(INTAKE_JSON, draft, result, "V", "2026-11-24", &response));
	assert_false(
	    response_make(INTAKE_CSV, draft, result, "V", "2026-11-24", &response));
	json_decref(result);
}

/* Separators in names, and an order that came from a strange address. */
static void
an_edifact_answer_goes_back_to_where_the_order_came_from(void **state)
{
	static const char order[] = "UNA:+.? '"
				    "UNB+UNOC:3+SHOP?+1:14+GATE:ZZ+261124:0912+5'"
				    "UNH+1+ORDERS:D:96A:UN'BGM+220+A?'1+9'"
				    "DTM+137:20261124:102'NAD+BY+R?:1'"
				    "LIN+1++P?+1:SA'QTY+21:3'UNS+S'UNT+8+1'UNZ+1+5'";
	IntakeHint hint = { .source = "mail" };
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) no_order = NULL;
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(order, strlen(order), &hint, &error);
	json_t *result = json_pack("{s:s, s:[{s:s, s:s, s:[]}], s:[]}", "status",
	    "accepted", "lines", "line", "1", "status", "accepted", "errors", "errors");
	g_auto(Response) response = { 0 };

	(void)state;
	if (document == NULL)
		fail_msg("%s", error->message);
	assert_true(response_make(INTAKE_EDIFACT, g_ptr_array_index(document->orders, 0),
	    result, "Müller?", "2026-11-24", &response));
	assert_non_null(strstr(
	    response.bytes, "UNB+UNOC:3+GATE:ZZ+SHOP?+1:14+261124:0000+261124A1'"));
	assert_non_null(strstr(response.bytes, "RFF+ON:A?'1'"));
	assert_non_null(strstr(response.bytes, "NAD+SU++M\xfcller?"
					       "?'"));
	assert_non_null(strstr(response.bytes, "LIN+1+5+P?+1:SA'"));
	/* It reads as an interchange whose counters are right, and is no order. */
	assert_null(intake_read_bytes(response.bytes, response.size, &hint, &no_order));
	assert_non_null(strstr(no_order->message, "'ORDRSP' is neither"));
	json_decref(result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_part_is_as_it_was_read),
		cmocka_unit_test(the_code_says_how_much_was_taken),
		cmocka_unit_test(other_formats_have_no_answer_of_their_own),
		cmocka_unit_test(
		    an_edifact_answer_goes_back_to_where_the_order_came_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
