/*
 * test_order.c - drafts, the table of errors, and one hash for one order.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/intake/order.h"

static OrderDraft *
sample(void)
{
	OrderDraft *draft = order_draft_new();
	OrderLine *line;

	draft->number = g_strdup("SO-1");
	draft->source = g_strdup("erp");
	draft->party = g_strdup("R-100");
	draft->has_customer = true;
	draft->customer.name = g_strdup("Zo\xc3\xab Fran\xc3\xa7ois");
	draft->customer.address.lines = g_strsplit("Hauptstr. 1|Hinterhaus", "|", 0);
	line = order_draft_add_line(draft);
	line->line = g_strdup("1");
	line->product = g_strdup("CAD-PRO");
	line->quantity = 3;
	order_line_set_number(line, "days", 30);
	line = order_draft_add_line(draft);
	line->line = g_strdup("2");
	line->product = g_strdup("CAD-DEMO");
	line->quantity = 1;
	return draft;
}

static void
each_error_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	assert_true(ORDER_ERROR_CODES > 20);
	for (int i = 0; i < ORDER_ERROR_CODES; i++) {
		OrderErrorCode code = (OrderErrorCode)i;
		OrderErrorCode back;
		const char *sentence = order_error_sentence(code);

		assert_true(g_str_has_prefix(order_error_name(code), "E_"));
		assert_true(g_str_has_suffix(sentence, "."));
		assert_true(g_ascii_isupper(sentence[0]));
		assert_true(order_error_from_name(order_error_name(code), &back));
		assert_int_equal(back, code);
	}
}

static void
a_document_error_tells_its_code(void **state)
{
	g_autoptr(GError) torn = NULL;
	g_autoptr(GError) other = NULL;

	(void)state;
	(void)err_set(&torn, TP_ERROR_INVALID, "E_TORN: line 5: the last row has no end");
	(void)err_set(&other, TP_ERROR_IO, "cannot read: it is a folder");
	assert_int_equal(order_error_of(torn), E_TORN);
	assert_int_equal(order_error_of(other), E_FORMAT);
}

static void
words_go_both_ways(void **state)
{
	OrderKind kind;
	OrderBy by;
	OrderTo to;

	(void)state;
	assert_true(order_kind_from_name("cancel", &kind));
	assert_int_equal(kind, ORDER_CANCEL);
	assert_true(order_by_from_name("post", &by));
	assert_string_equal(order_by_name(by), "post");
	assert_null(order_by_name(ORDER_BY_UNSET));
	assert_true(order_to_from_name("party", &to));
	assert_false(order_to_from_name("nobody", &to));
	assert_false(order_by_from_name("pigeon", &by));
}

static void
errors_belong_to_a_line_or_to_the_order(void **state)
{
	g_autoptr(OrderDraft) draft = sample();
	const OrderError *error;

	(void)state;
	assert_false(order_draft_has_errors(draft, NULL));
	order_draft_error(
	    draft, E_QUANTITY, "2", "quantity", "quantity %d is too few", 0);
	assert_true(order_draft_has_errors(draft, "2"));
	assert_false(order_draft_has_errors(draft, "1"));
	assert_false(order_draft_has_errors(draft, NULL));
	error = g_ptr_array_index(draft->errors, 0);
	assert_string_equal(error->text, "quantity 0 is too few");
	assert_non_null(order_draft_find_line(draft, "2"));
	assert_null(order_draft_find_line(draft, "3"));
}

static void
options_stay_sorted_and_single(void **state)
{
	g_autoptr(OrderDraft) draft = sample();
	OrderLine *line = order_draft_find_line(draft, "1");
	const char *const words[] = { "cam", "sheet", NULL };

	(void)state;
	order_line_set_words(line, "modules", words);
	order_line_set_number(line, "colour", 7);
	order_line_set_number(line, "days", 60);
	assert_int_equal(line->options->len, 3);
	assert_string_equal(
	    ((OrderOption *)g_ptr_array_index(line->options, 0))->name, "colour");
	assert_int_equal(order_line_find_option(line, "days")->number, 60);
	assert_string_equal(order_line_find_option(line, "modules")->words[1], "sheet");
	assert_null(order_line_find_option(line, "size"));
}

static void
the_hash_is_blind_to_arrangement(void **state)
{
	g_autoptr(OrderDraft) a = sample();
	g_autoptr(OrderDraft) b = sample();
	uint8_t x[HASH_BYTES];
	uint8_t y[HASH_BYTES];
	void *first;

	(void)state;
	/* lines the other way round, another source, a place and an error */
	first = g_ptr_array_steal_index(b->lines, 0);
	g_ptr_array_add(b->lines, first);
	b->place = g_strdup("line 9");
	g_free(b->source);
	b->source = g_strdup("drop");
	order_draft_error(b, E_RIGHT, NULL, NULL, "no");
	order_draft_hash(a, x);
	order_draft_hash(b, y);
	assert_memory_equal(x, y, HASH_BYTES);
}

/* Each row changes one thing, and the hash has to notice. */
enum {
	KIND,
	NUMBER,
	PARTY,
	NAME_MOVES_TO_COMPANY,
	ADDRESS_LINE,
	ADDRESS_LINES_JOINED,
	BY,
	QUANTITY,
	PRODUCT,
	OPTION,
	OPTION_GONE,
	LINE_GONE,
	LINE_ID,
	CHANGES
};

static void
change(OrderDraft *draft, int what)
{
	OrderLine *line = order_draft_find_line(draft, "1");

	switch (what) {
	case KIND:
		draft->kind = ORDER_CHANGE;
		break;
	case NUMBER:
		draft->number[3] = '2';
		break;
	case PARTY:
		draft->party[2] = '2';
		break;
	case NAME_MOVES_TO_COMPANY:
		draft->customer.company = g_steal_pointer(&draft->customer.name);
		break;
	case ADDRESS_LINE:
		draft->customer.address.lines[1][0] = 'V';
		break;
	case ADDRESS_LINES_JOINED:
		g_strfreev(draft->customer.address.lines);
		draft->customer.address.lines =
		    g_strsplit("Hauptstr. 1Hinterhaus", "|", 0);
		break;
	case BY:
		draft->deliver_by = ORDER_BY_POST;
		break;
	case QUANTITY:
		line->quantity++;
		break;
	case PRODUCT:
		line->product[0] = 'X';
		break;
	case OPTION:
		order_line_set_number(line, "days", 31);
		break;
	case OPTION_GONE:
		g_ptr_array_set_size(line->options, 0);
		break;
	case LINE_GONE:
		g_ptr_array_set_size(draft->lines, 1);
		break;
	case LINE_ID:
		line->line[0] = '3';
		break;
	default:
		fail();
	}
}

static void
the_hash_sees_every_change(void **state)
{
	uint8_t seen[CHANGES + 1][HASH_BYTES];

	(void)state;
	for (int i = 0; i <= CHANGES; i++) {
		g_autoptr(OrderDraft) draft = sample();

		if (i < CHANGES)
			change(draft, i);
		order_draft_hash(draft, seen[i]);
		for (int j = 0; j < i; j++)
			if (memcmp(seen[i], seen[j], HASH_BYTES) == 0)
				fail_msg("change %d looks like change %d", i, j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_a_name_and_a_sentence),
		cmocka_unit_test(a_document_error_tells_its_code),
		cmocka_unit_test(words_go_both_ways),
		cmocka_unit_test(errors_belong_to_a_line_or_to_the_order),
		cmocka_unit_test(options_stay_sorted_and_single),
		cmocka_unit_test(the_hash_is_blind_to_arrangement),
		cmocka_unit_test(the_hash_sees_every_change),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
