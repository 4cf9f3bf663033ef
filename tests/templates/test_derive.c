/*
 * test_derive.c - what follows from other fields, and what does not follow from nonsense.
 */
#include "tests/support/cm.h"

#include <math.h>
#include <string.h>

#include "templates/derive.h"

static Words *words;

typedef struct DeriveRow {
	const char *name;
	const char *context;
	const char *wanted; /* the whole context, or what is wrong with it */
} DeriveRow;

/* clang-format off */
static const DeriveRow rows[] = {
	{ "a code falls into its groups", "{\"ticket\":{\"code\":\"AB-CD-EF\"}}", "{\"ticket\":{\"code\":\"AB-CD-EF\",\"groups\":[\"AB-\",\"CD-\",\"EF\"]}}" },
	{ "a code without dashes is one group", "{\"ticket\":{\"code\":\"ABCDEF\"}}", "{\"ticket\":{\"code\":\"ABCDEF\",\"groups\":[\"ABCDEF\"]}}" },
	{ "days are written in words", "{\"ticket\":{\"first_day\":\"2026-12-01\",\"last_day\":\"2028-02-29\"}}", "{\"ticket\":{\"first_day\":\"2026-12-01\",\"first_day_text\":\"1. Dez 2026 01.12.\",\"last_day\":\"2028-02-29\",\"last_day_text\":\"29. Feb 2028 29.02.\"}}" },
	{ "for ever is no day", "{\"ticket\":{\"last_day\":\"9999-12-31\"}}", "{\"ticket\":{\"last_day\":\"9999-12-31\"}}" },
	{ "no day has no words", "{\"order\":{\"day\":\"\"}}", "{\"order\":{\"day\":\"\"}}" },
	{ "null is nothing", "{\"order\":{\"day\":null}}", "{\"order\":{\"day\":null}}" },
	{ "a kind has a word and flags", "{\"product\":{\"kind\":\"nfr\"}}", "{\"demo\":false,\"nfr\":true,\"product\":{\"kind\":\"nfr\",\"kind_text\":\"N.F.R.\"},\"subscription\":false}" },
	{ "old flags are replaced", "{\"demo\":true,\"product\":{\"kind\":\"full\"}}", "{\"demo\":false,\"nfr\":false,\"product\":{\"kind\":\"full\",\"kind_text\":\"Voll\"},\"subscription\":false}" },
	{ "a channel has a word", "{\"delivery\":{\"channel\":\"post\"}}", "{\"delivery\":{\"channel\":\"post\",\"channel_text\":\"Post\"}}" },
	{ "white reads on dark", "{\"brand\":{\"color\":\"#0b5d74\"}}", "{\"brand\":{\"accent\":\"#0b5d74\",\"color\":\"#0b5d74\",\"ink\":\"#ffffff\"}}" },
	{ "black reads on light", "{\"brand\":{\"color\":\"#FFCC00\"}}", "{\"brand\":{\"accent\":\"#FFCC00\",\"color\":\"#FFCC00\",\"ink\":\"#000000\"}}" },
	{ "a brand without colour gets a quiet one", "{\"brand\":{}}", "{\"brand\":{\"accent\":\"#343d48\",\"ink\":\"#ffffff\"}}" },
	{ "tickets are counted", "{\"tickets\":[{}]}", "{\"count\":1,\"many\":false,\"tickets\":[{}]}" },
	{ "each ticket of a list is completed", "{\"tickets\":[{\"ticket\":{\"code\":\"A-B\"}},{}]}", "{\"count\":2,\"many\":true,\"tickets\":[{\"ticket\":{\"code\":\"A-B\",\"groups\":[\"A-\",\"B\"]}},{}]}" },
	{ "an unknown kind is refused", "{\"product\":{\"kind\":\"gift\"}}", "field 'product.kind': 'gift' is no kind" },
	{ "an unknown channel is refused", "{\"delivery\":{\"channel\":\"fax\"}}", "field 'delivery.channel': 'fax' is no channel" },
	{ "a day that is none is refused", "{\"order\":{\"day\":\"24.11.2026\"}}", "field 'order.day': '24.11.2026' is not a day of the form YYYY-MM-DD" },
	{ "a day that is a number is refused", "{\"order\":{\"day\":20261124}}", "field 'order.day': not text" },
	{ "a colour by name is refused", "{\"brand\":{\"color\":\"red\"}}", "field 'brand.color': not a colour like '#0b5d74'" },
	{ "a colour with more behind it is refused", "{\"brand\":{\"color\":\"#0b5d74;x\"}}", "field 'brand.color': not a colour like '#0b5d74'" },
	{ "a colour with a wrong digit is refused", "{\"brand\":{\"color\":\"#0b5d7g\"}}", "field 'brand.color': not a colour like '#0b5d74'" },
	{ "the ticket of a list is told", "{\"tickets\":[{},{\"product\":{\"kind\":\"x\"}}]}", "ticket 2: field 'product.kind': 'x' is no kind" },
};
/* clang-format on */

static void
a_context_is_completed_as_the_row_says(void **state)
{
	const DeriveRow *row = *state;
	g_autoptr(GError) error = NULL;
	json_t *context = json_loads(row->context, 0, NULL);
	char *got;

	assert_non_null(context);
	if (*row->wanted != '{') {
		assert_false(derive_fields(words, context, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_string_equal(error->message, row->wanted);
	} else {
		/* Twice: completing what is complete changes nothing. */
		for (int i = 0; i < 2; i++) {
			assert_true(derive_fields(words, context, &error));
			got = json_dumps(context, JSON_COMPACT | JSON_SORT_KEYS);
			assert_string_equal(got, row->wanted);
			free(got);
		}
	}
	json_decref(context);
}

static double
light(const char *color)
{
	double sum = 0, weight[] = { 0.2126, 0.7152, 0.0722 };

	for (int i = 0; i < 3; i++) {
		double c = (16 * g_ascii_xdigit_value(color[1 + 2 * i]) +
			       g_ascii_xdigit_value(color[2 + 2 * i])) /
			   255.0;

		sum += weight[i] *
		       (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static void
text_on_any_colour_has_the_contrast_it_needs(void **state)
{
	double least = 21;

	(void)state;
	for (int i = 0; i < 17 * 17 * 17; i++) {
		char color[8];
		double a, b;

		g_snprintf(color, sizeof color, "#%02x%02x%02x", i % 17 * 15,
		    i / 17 % 17 * 15, i / 289 * 15);
		a = light(color) + 0.05;
		b = light(derive_ink(color)) + 0.05;
		least = fmin(least, fmax(a, b) / fmin(a, b));
	}
	assert_true(least >= 4.5);
	assert_true(least < 5); /* some of them were hard */
}

int
main(void)
{
	static const char text[] =
	    "day: {{day}}. {{month}} {{year}} {{dd}}.{{mm}}.\n"
	    "month.1: Jan\nmonth.2: Feb\nmonth.3: Mrz\nmonth.4: Apr\n"
	    "month.5: Mai\nmonth.6: Jun\nmonth.7: Jul\nmonth.8: Aug\n"
	    "month.9: Sep\nmonth.10: Okt\nmonth.11: Nov\nmonth.12: Dez\n"
	    "kind.full: Voll\nkind.demo: Demo\nkind.subscription: Abo\n"
	    "kind.nfr: N.F.R.\nchannel.email: E-Mail\n"
	    "channel.post: Post\nchannel.portal: Portal\n"
	    "status.accepted: ja\nstatus.duplicate: schon\nstatus.rejected: nein\n"
	    "status.held: halt\n";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_on_any_colour_has_the_contrast_it_needs),
	};
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	int failed;

	words = words_parse("words.txt", text, strlen(text), faults);
	failed = run_rows("derive rows", rows, a_context_is_completed_as_the_row_says) +
		 cmocka_run_group_tests_name("derive", tests, NULL, NULL);
	words_free(words);
	return failed;
}
