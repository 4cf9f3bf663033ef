/*
 * test_order_change.c - changes, replacements and cancellations by what the order is.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/order.h"
#include "fulfill/intake/intake.h"
#include "queue/clock.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

/* Places a document; its status, and its errors as "CODE line.field". */
static char *
place(const char *json, int64_t *ret_id)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	IntakeHint hint = { .source = "test", .party = "R-100" };
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(json, strlen(json), &hint, &error);
	OrderPolicy policy = { .max_quantity = 100, .zone = shop.zone };
	GString *text = g_string_new(NULL);
	OrderStatus status;
	OrderDraft *draft;

	assert_no_error(error);
	draft = g_ptr_array_index(document->orders, 0);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	if (!order_place(&tx, draft, &policy, &status, ret_id, &error))
		fail_msg("%s", error->message);
	assert_true(db_commit(&tx, &error));
	g_string_append(text, order_status_name(status));
	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *wrong = g_ptr_array_index(draft->errors, i);

		g_string_append_printf(text, " %s %s.%s", order_error_name(wrong->code),
		    wrong->line != NULL ? wrong->line : "", wrong->field);
	}
	return g_string_free(text, FALSE);
}

static void
show_line(void *user, const OrderLineRow *row)
{
	GString *text = user;

	if (strcmp(row->state, "cancelled") == 0)
		return;
	g_string_append_printf(text, "%s%s=%s*%d", text->len > 0 ? " " : "", row->line,
	    row->sku, (int)row->quantity);
	if (row->options != NULL)
		g_string_append_printf(text, "%s", row->options);
}

static char *
lines_of(int64_t id)
{
	g_autoptr(GError) error = NULL;
	GString *text = g_string_new(NULL);

	assert_true(order_lines(shop.db, id, show_line, text, &error));
	return g_string_free(text, FALSE);
}

#define CUSTOMER                                                                         \
	"\"customer\":{\"id\":\"C-9\",\"name\":\"Ada\",\"email\":\"ada@example.org\"}"
#define ORDER                                                                            \
	"{\"order\":\"A\"," CUSTOMER ",\"lines\":["                                      \
	"{\"line\":\"1\",\"product\":\"CAD-PRO\",\"quantity\":3},"                       \
	"{\"line\":\"2\",\"product\":\"CAD-DEMO\",\"quantity\":2,"                       \
	"\"options\":{\"days\":30}}]}"
#define CHANGE(lines) "{\"order\":\"A\",\"kind\":\"change\",\"lines\":[" lines "]}"
#define REPLACE(lines)                                                                   \
	"{\"order\":\"A\",\"kind\":\"replace\"," CUSTOMER ",\"lines\":[" lines "]}"
#define CANCEL(lines) "{\"order\":\"A\",\"kind\":\"cancel\",\"lines\":[" lines "]}"
#define L(line, sku, n)                                                                  \
	"{\"line\":\"" line "\",\"product\":\"" sku "\",\"quantity\":" #n "}"
#define DAYS(line, n, days)                                                              \
	"{\"line\":\"" line "\",\"product\":\"CAD-DEMO\",\"quantity\":" #n               \
	",\"options\":{\"days\":" #days "}}"

/* clang-format off */
static const struct change_row {
	const char *name;
	bool issued;
	const char *document;
	const char *status;
	const char *lines;
	int tickets; /* that live when all is issued */
} rows[] = {
	/* nothing is issued: the order becomes what the document says */
	{ "a change before the tickets makes a line more", false,
	  CHANGE(L("1", "CAD-PRO", 7)), "accepted", "1=CAD-PRO*7 2=CAD-DEMO*2{\"days\":30}", 9 },
	{ "a change before the tickets makes it another product", false,
	  CHANGE(L("1", "CAD-LT", 3)), "accepted", "1=CAD-LT*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change before the tickets sets options", false,
	  CHANGE(DAYS("2", 2, 20)), "accepted", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":20}", 5 },
	{ "a change before the tickets takes a line away", false,
	  CHANGE("{\"line\":\"1\",\"quantity\":0}"), "accepted", "2=CAD-DEMO*2{\"days\":30}", 2 },
	{ "a change before the tickets adds a line", false,
	  CHANGE(L("3", "CAD-LT", 1)), "accepted", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30} 3=CAD-LT*1", 6 },
	{ "a change that takes all lines away cancels", false,
	  CHANGE("{\"line\":\"1\",\"quantity\":0},{\"line\":\"2\",\"quantity\":0}"), "accepted", "", 0 },
	{ "a change of a line that is not there", false,
	  CHANGE("{\"line\":\"9\",\"quantity\":0}"), "rejected E_LINE_UNKNOWN 9.line", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change to what is not allowed leaves the old order", false,
	  CHANGE(L("1", "CAD-LT", 2) "," DAYS("2", 2, 400)), "rejected E_OPTION_RANGE 2.options.days", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change to an unknown product leaves the old order", false,
	  CHANGE(L("1", "CAD-X", 2)), "rejected E_PRODUCT_UNKNOWN 1.product", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a replacement before the tickets is the order", false,
	  REPLACE(L("5", "CAD-LT", 4)), "accepted", "5=CAD-LT*4", 4 },
	{ "a replacement may use the line ids again", false,
	  REPLACE(L("2", "CAD-LT", 1)), "accepted", "2=CAD-LT*1", 1 },
	{ "a replacement beyond the limit leaves the old order", false,
	  REPLACE(L("1", "CAD-LT", 101)), "rejected E_QUANTITY 1.quantity", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a cancellation of some of a line before the tickets", false,
	  CANCEL("{\"line\":\"1\",\"quantity\":1}"), "accepted", "1=CAD-PRO*2 2=CAD-DEMO*2{\"days\":30}", 4 },
	{ "a cancellation of all before the tickets", false,
	  "{\"order\":\"A\",\"kind\":\"cancel\"}", "accepted", "", 0 },

	/* issued: it can only become less */
	{ "a change of issued lines to more is refused", true,
	  CHANGE(L("1", "CAD-PRO", 4)), "rejected E_ORDER_STATE 1.quantity", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change of an issued line to another product is refused", true,
	  CHANGE(L("1", "CAD-LT", 3)), "rejected E_ORDER_STATE 1.product", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change of the options of an issued line is refused", true,
	  CHANGE(DAYS("2", 2, 45)), "rejected E_ORDER_STATE 2.options", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a new line of an issued order is refused", true,
	  CHANGE(L("3", "CAD-LT", 1)), "rejected E_ORDER_STATE 3.line", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change of an issued line to fewer reverses the difference", true,
	  CHANGE(L("1", "CAD-PRO", 1)), "accepted", "1=CAD-PRO*1 2=CAD-DEMO*2{\"days\":30}", 3 },
	{ "a change that takes an issued line away reverses it", true,
	  CHANGE(L("1", "CAD-PRO", 0)), "accepted", "2=CAD-DEMO*2{\"days\":30}", 2 },
	{ "one line too much, and nothing of the change is done", true,
	  CHANGE(L("1", "CAD-PRO", 1) "," DAYS("2", 3, 30)), "rejected E_ORDER_STATE 2.quantity", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a replacement of an issued order reverses what it does not repeat", true,
	  REPLACE(L("1", "CAD-PRO", 3)), "accepted", "1=CAD-PRO*3", 3 },
	{ "a replacement that says the same changes nothing", true,
	  REPLACE(L("1", "CAD-PRO", 3) "," DAYS("2", 2, 30)), "accepted", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a replacement of an issued order by something else is refused", true,
	  REPLACE(L("5", "CAD-LT", 4)), "rejected E_ORDER_STATE 5.line", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a cancellation of some of an issued line", true,
	  CANCEL("{\"line\":\"1\",\"quantity\":1}"), "accepted", "1=CAD-PRO*2 2=CAD-DEMO*2{\"days\":30}", 4 },
	{ "a cancellation of more than a line has", true,
	  CANCEL("{\"line\":\"1\",\"quantity\":4}"), "rejected E_QUANTITY 1.quantity", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "one line unknown, and nothing is cancelled", true,
	  CANCEL("{\"line\":\"1\"},{\"line\":\"9\"}"), "rejected E_LINE_UNKNOWN 9.line", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a cancellation of a whole issued order reverses it", true,
	  "{\"order\":\"A\",\"kind\":\"cancel\"}", "accepted", "", 0 },

	/* of nothing of ours */
	{ "a change of an order that is not known", false,
	  "{\"order\":\"B\",\"kind\":\"change\",\"lines\":[" L("1", "CAD-PRO", 1) "]}", "rejected E_ORDER_UNKNOWN .order", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
	{ "a change of another party's order", false,
	  "{\"order\":\"A\",\"party\":\"R-300\",\"kind\":\"change\",\"lines\":[" L("1", "CAD-PRO", 1) "]}", "rejected E_ORDER_CONFLICT .party", "1=CAD-PRO*3 2=CAD-DEMO*2{\"days\":30}", 5 },
};
/* clang-format on */

static int
live(void)
{
	return (int)fix_int(&shop,
	    "SELECT count(*) FROM ticket WHERE state NOT IN ('recalled',"
	    " 'recall_pending')");
}

static void
a_document_does_what_the_state_allows(void **state)
{
	const struct change_row *row = *state;
	g_autofree char *first = NULL;
	g_autofree char *status = NULL;
	g_autofree char *again = NULL;
	g_autofree char *lines = NULL;
	g_autofree char *still = NULL;
	int64_t id;
	int64_t got;

	setup(NULL);
	first = place(ORDER, &id);
	assert_string_equal(first, "accepted");
	if (row->issued)
		assert_int_equal(fix_issue(&shop, id), 5);
	status = place(row->document, &got);
	lines = lines_of(id);
	assert_string_equal(status, row->status);
	assert_string_equal(lines, row->lines);
	/* The same document again: nothing happens, or it is refused again. */
	again = place(row->document, &got);
	still = lines_of(id);
	assert_string_equal(
	    again, strcmp(row->status, "accepted") == 0 ? "duplicate" : row->status);
	assert_string_equal(still, row->lines);
	(void)fix_issue(&shop, id);
	assert_int_equal(live(), row->tickets);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM orders WHERE state ="
					" 'cancelled'"),
	    *row->lines == '\0');
	teardown(NULL);
}

static void
the_head_stays_but_for_what_a_change_says(void **state)
{
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;
	int64_t id;

	(void)state;
	first = place(ORDER, &id);
	second = place("{\"order\":\"A\",\"kind\":\"change\",\"reference\":\"PO-1\","
		       "\"deliver\":{\"email\":\"b@example.org\"},\"lines\":["
		       "{\"line\":\"1\",\"product\":\"CAD-PRO\",\"quantity\":1}]}",
	    &id);
	assert_string_equal(second, "accepted");
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM orders o JOIN party c ON c.id = o.customer_id"
		" WHERE c.code = 'C-9' AND o.reference = 'PO-1'"
		" AND o.deliver_email = 'b@example.org' AND o.deliver_to = 'customer'"),
	    1);
	assert_int_equal(fix_issue(&shop, id), 3);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out WHERE to_email ="
					" 'b@example.org'"),
	    3);
}

static void
the_first_order_again_after_a_change_is_still_a_duplicate(void **state)
{
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;
	g_autofree char *third = NULL;
	g_autofree char *back = NULL;
	g_autofree char *lines = NULL;
	int64_t id;

	(void)state;
	first = place(ORDER, &id);
	second = place(CHANGE(L("1", "CAD-PRO", 7)), &id);
	third = place(ORDER, &id);
	assert_string_equal(third, "duplicate");
	/* and there and back again is two changes */
	g_free(g_steal_pointer(&second));
	second = place(CHANGE(L("1", "CAD-PRO", 3)), &id);
	assert_string_equal(second, "accepted");
	back = place(CHANGE(L("1", "CAD-PRO", 7)), &id);
	assert_string_equal(back, "accepted");
	lines = lines_of(id);
	assert_string_equal(lines, "1=CAD-PRO*7 2=CAD-DEMO*2{\"days\":30}");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM audit WHERE action = 'order.changed'"),
	    3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(the_head_stays_but_for_what_a_change_says),
		T(the_first_order_again_after_a_change_is_still_a_duplicate),
	};
	int failed =
	    run_rows("order_change rows", rows, a_document_does_what_the_state_allows);

	return failed + cmocka_run_group_tests_name("order_change", tests, NULL, NULL);
}
