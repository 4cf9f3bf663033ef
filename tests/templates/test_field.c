/*
 * test_field.c - a text that lacks what it needs is never sent; examples need nothing.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "templates/field.h"

static FieldNode *
tree_of(const char *text)
{
	return field_tree_new(field_text_index(text));
}

typedef struct CheckRow {
	const char *name;
	const char *text;
	const char *merge;  /* JSON, laid over the example; null takes a field away */
	const char *wanted; /* NULL: no fault */
} CheckRow;

#define GROUPS "\"ticket\":{\"groups\":[\"7K3QF\"]},"
#define MADE                                                                             \
	GROUPS "\"lang\":\"de\",\"brand\":{\"accent\":\"#0b5d74\",\"ink\":\"#ffffff\"}," \
	       "\"product\":{\"kind_text\":\"x\"},\"demo\":false,\"nfr\":false,"         \
	       "\"subscription\":true"

/* clang-format off */
static const CheckRow rows[] = {
	{ "a complete context passes", "ticket", "{" MADE "}", NULL },
	{ "a context that was not completed does not", "ticket", "{}", "field 'lang' is missing" },
	{ "a code is needed", "ticket", "{" MADE ",\"ticket\":{\"code\":null}}", "field 'ticket.code' is missing" },
	{ "an empty code is none", "ticket", "{" MADE ",\"ticket\":{\"code\":\"\"}}", "field 'ticket.code' is missing" },
	{ "an optional field may be missing", "ticket", "{" MADE ",\"ticket\":{\"serial\":null}}", NULL },
	{ "an optional object may be missing", "ticket", "{" MADE ",\"order\":null}", NULL },
	{ "what an optional object needs is needed once it is there", "ticket", "{" MADE ",\"order\":{\"number\":null}}", "field 'order.number' is missing" },
	{ "a number is not text", "ticket", "{" MADE ",\"product\":{\"name\":7}}", "field 'product.name' is not text" },
	{ "text is not an object", "ticket", "{" MADE ",\"holder\":\"Ada\"}", "field 'holder' is not an object" },
	{ "text is not yes or no", "ticket", "{" MADE ",\"has_qr\":\"yes\"}", "field 'has_qr' is not yes or no" },
	{ "an object is not a list", "ticket", "{" MADE ",\"options\":{\"name\":\"a\"}}", "field 'options' is not a list" },
	{ "a place in a list is told", "ticket", "{" MADE ",\"options\":[{\"name\":\"a\",\"value\":\"b\"},{\"name\":\"c\"}]}", "field 'options[1].value' is missing" },
	{ "a field of another text is in no table", "ticket", "{" MADE ",\"reason\":\"x\"}", "field 'reason' is in no table" },
	{ "a field that nobody knows is in no table", "ticket", "{" MADE ",\"holder\":{\"nmae\":\"x\"}}", "field 'holder.nmae' is in no table" },
	{ "a digest needs its tickets", "digest", "{\"lang\":\"de\",\"brand\":{\"accent\":\"a\",\"ink\":\"b\"},\"tickets\":[]}", "field 'tickets' is missing" },
	{ "a notice has no code to show", "notice", "{" GROUPS "\"lang\":\"de\",\"brand\":{\"accent\":\"a\",\"ink\":\"b\"},\"product\":{\"kind_text\":\"x\"},\"demo\":false,\"nfr\":false,\"subscription\":false,\"delivery\":{\"channel_text\":\"x\"}}", "field 'ticket.groups' is in no table" },
};
/* clang-format on */

/* Lays `over` over `base`, object by object. */
static void
merge(json_t *base, json_t *over)
{
	const char *key;
	json_t *value;

	json_object_foreach (over, key, value) {
		json_t *old = json_object_get(base, key);

		if (json_is_null(value))
			json_object_del(base, key);
		else if (json_is_object(value) && json_is_object(old))
			merge(old, value);
		else
			json_object_set(base, key, value);
	}
}

/* JSON with a key twice: each is merged in turn, so that a row can change what MADE says.
 */
static void
merge_text(json_t *base, const char *text)
{
	const char *second = strstr(text, "\"subscription\":true,");
	json_t *over;

	if (second == NULL) {
		over = json_loads(text, 0, NULL);
		assert_non_null(over);
		merge(base, over);
		json_decref(over);
		return;
	}
	second += strlen("\"subscription\":true");
	{
		g_autofree char *first =
		    g_strdup_printf("%.*s}", (int)(second - text), text);
		g_autofree char *rest = g_strconcat("{", second + 1, NULL);

		merge_text(base, first);
		merge_text(base, rest);
	}
}

static void
a_context_is_judged_as_the_row_says(void **state)
{
	const CheckRow *row = *state;
	g_autoptr(FieldNode) tree = tree_of(row->text);
	g_autoptr(GError) error = NULL;
	json_t *context = field_example(tree);
	bool ok;

	merge_text(context, row->merge);
	ok = field_check(tree, context, true, &error);
	if (row->wanted == NULL) {
		assert_no_error(error);
		assert_true(ok);
	} else {
		assert_false(ok);
		assert_error(error, TP_ERROR_INVALID);
		assert_string_equal(error->message, row->wanted);
	}
	json_decref(context);
}

static void
what_is_in_no_table_matters_only_to_tests(void **state)
{
	g_autoptr(FieldNode) tree = tree_of("ticket");
	g_autoptr(GError) error = NULL;
	json_t *context = field_example(tree);

	(void)state;
	merge_text(context, "{" MADE "}");
	json_object_set_new(context, "surprise", json_true());
	assert_true(field_check(tree, context, false, &error));
	assert_false(field_check(tree, context, true, NULL));
	json_decref(context);
}

static void
a_list_is_no_context(void **state)
{
	g_autoptr(FieldNode) tree = tree_of("ticket");
	json_t *list = json_array();

	(void)state;
	assert_false(field_check(tree, list, false, NULL));
	assert_false(field_check(tree, NULL, false, NULL));
	json_decref(list);
}

static void
examples_differ_from_ticket_to_ticket(void **state)
{
	g_autoptr(FieldNode) tree = tree_of("digest");
	json_t *context = field_example(tree);
	json_t *tickets = json_object_get(context, "tickets");
	const char *a, *b;

	(void)state;
	assert_int_equal(json_array_size(tickets), 3);
	json_unpack(
	    tickets, "[{s:{s:s}},{s:{s:s}}]", "ticket", "code", &a, "ticket", "code", &b);
	assert_string_not_equal(a, b);
	/* Two options in each, and no name for the third holder. */
	assert_int_equal(
	    json_array_size(json_object_get(json_array_get(tickets, 1), "options")), 2);
	assert_null(json_object_get(
	    json_object_get(json_array_get(tickets, 2), "holder"), "name"));
	/* An object without examples is not there at all. */
	assert_null(json_object_get(context, "part"));
	json_decref(context);
}

static void
every_row_has_a_place_in_a_tree(void **state)
{
	int n = 0;

	(void)state;
	for (const Field *f = fields; f->path != NULL; f++, n++) {
		assert_true(f->scopes != 0);
		assert_non_null(f->example);
		assert_non_null(f->meaning);
		/* What the program makes needs no example, what it needs has one. */
		if (f->need == FIELD_MADE || f->need == FIELD_DERIVED)
			assert_string_equal(f->example, "");
	}
	assert_in_range(n, 60, 200);
	for (int t = 0; t < FIELD_N_TEXTS; t++) {
		g_autoptr(FieldNode) tree = field_tree_new(t);

		assert_int_equal(field_text_index(field_texts[t]), t);
		assert_non_null(field_child(field_child(tree, "brand"), "name"));
	}
	assert_int_equal(field_text_index("invoice"), -1);
}

static void
a_forwarded_text_knows_neither_vendor_nor_order_nor_price(void **state)
{
	g_autoptr(FieldNode) tree = tree_of("forward");

	(void)state;
	assert_null(field_child(tree, "vendor"));
	assert_null(field_child(tree, "order"));
	assert_null(field_child(tree, "total"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_no_table_matters_only_to_tests),
		cmocka_unit_test(a_list_is_no_context),
		cmocka_unit_test(examples_differ_from_ticket_to_ticket),
		cmocka_unit_test(every_row_has_a_place_in_a_tree),
		cmocka_unit_test(
		    a_forwarded_text_knows_neither_vendor_nor_order_nor_price),
	};

	return run_rows("field rows", rows, a_context_is_judged_as_the_row_says) +
	       cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
