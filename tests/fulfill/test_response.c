/*
 * test_response.c - an order that came as UBL or openTRANS is answered in the same
 * language.
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
	};
	g_autoptr(OrderDraft) draft = sample();
	json_t *result = result_of("accepted", "accepted", "rejected");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *name = NULL;
		g_autofree char *xml = response_xml(
		    rows[i].format, draft, result, "Vendor GmbH", "2026-11-24", &name);

		assert_non_null(xml);
		assert_true(g_str_has_suffix(rows[i].golden, name));
		assert_golden(rows[i].golden, xml, strlen(xml));
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
		const char *says;
	} rows[] = {
		{ "accepted", "accepted", "accepted", ">AP<" },
		{ "accepted", "accepted", "rejected", ">CA<" },
		{ "rejected", "rejected", "rejected", ">RE<" },
		{ "duplicate", "accepted", "accepted", ">AP<" },
	};
	g_autoptr(OrderDraft) draft = sample();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *result = result_of(rows[i].status, rows[i].first, rows[i].second);
		const char *name;
		g_autofree char *xml =
		    response_xml(INTAKE_UBL, draft, result, "V", "2026-11-24", &name);

		assert_non_null(strstr(xml, rows[i].says));
		json_decref(result);
	}
}

static void
other_formats_have_no_answer_of_their_own(void **state)
{
	g_autoptr(OrderDraft) draft = sample();
	json_t *result = result_of("accepted", "accepted", "rejected");
	const char *name;

	(void)state;
	assert_null(response_xml(INTAKE_JSON, draft, result, "V", "2026-11-24", &name));
	assert_null(
	    response_xml(INTAKE_EDIFACT, draft, result, "V", "2026-11-24", &name));
	json_decref(result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_part_is_as_it_was_read),
		cmocka_unit_test(the_code_says_how_much_was_taken),
		cmocka_unit_test(other_formats_have_no_answer_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
