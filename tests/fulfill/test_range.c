/*
 * test_range.c - what several hands allow together is what each of them allows.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/ranges.h"
#include "queue/limits.h"

static json_t *
json(const char *text)
{
	json_error_t where;
	json_t *value =
	    json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);

	if (value == NULL)
		fail_msg("%s: %s", text, where.text);
	return value;
}

static Ranges *
read_ranges(const char *text, RangesRole role)
{
	g_autoptr(GError) error = NULL;
	json_t *object = json(text);
	Ranges *ranges = ranges_from_json(object, role, &error);

	json_decref(object);
	if (ranges == NULL)
		fail_msg("%s", error->message);
	return ranges;
}

static void
assert_json(const Ranges *ranges, const char *wanted)
{
	json_t *object = ranges_to_json(ranges);
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, wanted);
	free(text);
	json_decref(object);
}

/* ---- R4.2 ---- */

#define DEMO "{\"days\": {\"min\": 1, \"max\": 90, \"default\": 30}}"

struct check_row {
	const char *name;
	const char *offer;
	const char *hands[3]; /* group, reseller, user */
	const char *option;
	const char *value;
	const char *error; /* NULL: allowed */
};

/* clang-format off */
static const struct check_row check_rows[] = {
	{ "R4.2 the least is allowed",       DEMO, { NULL }, "days", "1",  NULL },
	{ "R4.2 the most is allowed",        DEMO, { NULL }, "days", "90", NULL },
	{ "R4.2 one more is not",            DEMO, { NULL }, "days", "91", "option 'days': 91 is not in 1 to 90" },
	{ "R4.2 zero days",                  DEMO, { NULL }, "days", "0",  "option 'days': 0 is not in 1 to 90" },
	{ "R4.2 fewer than none",            DEMO, { NULL }, "days", "-5", "option 'days': -5 is not in 1 to 90" },
	{ "R4.2 one and a half",             DEMO, { NULL }, "days", "1.5", "option 'days': it is not a whole number, allowed is 1 to 90" },
	{ "a number as text",                DEMO, { NULL }, "days", "\"30\"", "option 'days': it is not a whole number, allowed is 1 to 90" },
	{ "no value",                        DEMO, { NULL }, "days", "null", "option 'days': it is not a whole number, allowed is 1 to 90" },
	{ "the largest number there is",     DEMO, { NULL }, "days", "9223372036854775807", "option 'days': 9223372036854775807 is not in 1 to 90" },
	{ "words for a number",              DEMO, { NULL }, "days", "[\"a\"]", "option 'days': words are not a number, allowed is 1 to 90" },
	{ "an option it does not have",      DEMO, { NULL }, "seats", "1", "there is no option 'seats'" },
	{ "a reseller may less",             DEMO, { "{\"days\":{\"max\":30}}" }, "days", "31", "option 'days': 31 is not in 1 to 30" },
	{ "a reseller may as much",          DEMO, { "{\"days\":{\"max\":30}}" }, "days", "30", NULL },
	{ "a reseller cannot allow more",    DEMO, { "{\"days\":{\"max\":365}}" }, "days", "91", "option 'days': 91 is not in 1 to 90" },
	{ "three hands",                     DEMO, { "{\"days\":{\"max\":60}}", "{\"days\":{\"min\":14}}", "{\"days\":{\"max\":30}}" }, "days", "13", "option 'days': 13 is not in 14 to 30" },
	{ "three hands, within",             DEMO, { "{\"days\":{\"max\":60}}", "{\"days\":{\"min\":14}}", "{\"days\":{\"max\":30}}" }, "days", "14", NULL },
	{ "hands that exclude each other",   DEMO, { "{\"days\":{\"max\":10}}", "{\"days\":{\"min\":14}}" }, "days", "12", "option 'days' is not offered" },
	{ "a hand that forbids it",          DEMO, { "{\"days\":{\"of\":[]}}" }, "days", "12", "option 'days' is not offered" },
	{ "one number is left",              DEMO, { "{\"days\":{\"max\":14}}", "{\"days\":{\"min\":14}}" }, "days", "15", "option 'days': 15 is not in 14" },
	{ "a limit on what is not offered",  DEMO, { "{\"seats\":{\"max\":5}}" }, "seats", "3", "there is no option 'seats'" },
	{ "steps",                           "{\"days\":{\"min\":30,\"max\":90,\"step\":30,\"default\":30}}", { NULL }, "days", "45", "option 'days': 45 is not in 30 to 90 in steps of 30" },
	{ "steps, on one",                   "{\"days\":{\"min\":30,\"max\":90,\"step\":30,\"default\":30}}", { NULL }, "days", "60", NULL },
	{ "steps of two hands",              "{\"n\":{\"min\":0,\"max\":100,\"step\":4,\"default\":0}}", { "{\"n\":{\"step\":6}}" }, "n", "18", "option 'n': 18 is not in 0 to 96 in steps of 12" },
	{ "steps without a common multiple", "{\"n\":{\"min\":0,\"max\":1000000000,\"step\":999999937,\"default\":0}}", { "{\"n\":{\"step\":1000000000}}" }, "n", "1000000000", "option 'n': 1000000000 is not in 0" },
	{ "modules",                         "{\"modules\":{\"of\":[\"cam\",\"cae\",\"pdm\"]}}", { NULL }, "modules", "[\"pdm\",\"cae\"]", NULL },
	{ "no module",                       "{\"modules\":{\"of\":[\"cam\",\"cae\",\"pdm\"]}}", { NULL }, "modules", "[]", NULL },
	{ "a module it does not have",       "{\"modules\":{\"of\":[\"cam\",\"cae\",\"pdm\"]}}", { NULL }, "modules", "[\"cae\",\"cfd\"]", "option 'modules': 'cfd' is not among cae, cam, pdm" },
	{ "a module the reseller may not",   "{\"modules\":{\"of\":[\"cam\",\"cae\",\"pdm\"]}}", { "{\"modules\":{\"of\":[\"cae\",\"xyz\"]}}" }, "modules", "[\"cam\"]", "option 'modules': 'cam' is not among cae" },
	{ "a number for modules",            "{\"modules\":{\"of\":[\"cam\"]}}", { NULL }, "modules", "3", "option 'modules': 3 is a number, allowed are cam" },
	{ "text for modules",                "{\"modules\":{\"of\":[\"cam\"]}}", { NULL }, "modules", "\"cam\"", "option 'modules': it is not a list of words, allowed are cam" },
	{ "numbers in a list of words",      "{\"modules\":{\"of\":[\"cam\"]}}", { NULL }, "modules", "[1]", "option 'modules': [0] is not a word of 1 to 64 bytes" },
	{ "a control character in a word",                 "{\"modules\":{\"of\":[\"cam\"]}}", { NULL }, "modules", "[\"cam\\u0001\"]", "option 'modules': 'cam?' is not among cam" },
};
/* clang-format on */

static void
check_row_test(void **state)
{
	const struct check_row *row = *state;
	g_autoptr(Ranges) offer = read_ranges(row->offer, RANGES_OFFER);
	g_autoptr(GError) error = NULL;
	json_t *value = json(row->value);
	bool ok;

	for (size_t i = 0; i < G_N_ELEMENTS(row->hands) && row->hands[i] != NULL; i++) {
		g_autoptr(Ranges) hand = read_ranges(row->hands[i], RANGES_LIMITS);
		Ranges *left = ranges_restrict(offer, hand);

		ranges_free(offer);
		offer = left;
	}
	ok = ranges_check(offer, row->option, value, &error);
	json_decref(value);
	if (row->error == NULL) {
		assert_no_error(error);
		assert_true(ok);
		return;
	}
	assert_false(ok);
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, row->error);
}

/* ---- what is written in a file ---- */

struct bad_row {
	const char *name;
	RangesRole role;
	const char *text;
	const char *error;
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
	{ "a list",                   RANGES_OFFER,  "[]", "options are not an object" },
	{ "a number for a range",     RANGES_OFFER,  "{\"days\":30}", "days: it is not an object" },
	{ "no max",                   RANGES_OFFER,  "{\"days\":{\"min\":1,\"default\":1}}", "days: max is missing" },
	{ "no min",                   RANGES_OFFER,  "{\"days\":{\"max\":1,\"default\":1}}", "days: min is missing" },
	{ "no default",               RANGES_OFFER,  "{\"days\":{\"min\":1,\"max\":9}}", "days: default is missing" },
	{ "zero days",                RANGES_OFFER,  "{\"days\":{\"min\":0,\"max\":9,\"default\":1}}", "days: min: 0 is not in 1 to 36525" },
	{ "days without end",         RANGES_LIMITS, "{\"days\":{\"max\":99999}}", "days: max: 99999 is not in 1 to 36525" },
	{ "half a day",               RANGES_LIMITS, "{\"days\":{\"max\":1.5}}", "days: max is not a whole number" },
	{ "a number as text",         RANGES_LIMITS, "{\"days\":{\"max\":\"30\"}}", "days: max is not a whole number" },
	{ "the other way round",      RANGES_LIMITS, "{\"days\":{\"min\":9,\"max\":3}}", "days: no number is in 9 to 3 in steps of 1" },
	{ "between two steps",        RANGES_OFFER,  "{\"n\":{\"min\":1,\"max\":9,\"step\":10,\"default\":5}}", "n: no number is in 1 to 9 in steps of 10" },
	{ "step 0",                   RANGES_LIMITS, "{\"n\":{\"step\":0}}", "n: step: 0 is not in 1 to 1000000000" },
	{ "a default outside",        RANGES_OFFER,  "{\"days\":{\"min\":1,\"max\":9,\"default\":10}}", "days: default: 10 is not in 1 to 9" },
	{ "a default off the step",   RANGES_OFFER,  "{\"n\":{\"min\":0,\"max\":9,\"step\":3,\"default\":4}}", "n: default: 4 is not in 0 to 9 in steps of 3" },
	{ "a limit has no default",   RANGES_LIMITS, "{\"days\":{\"default\":1}}", "days: 'default' is not one of min, max, step" },
	{ "a slip of the keyboard",   RANGES_LIMITS, "{\"days\":{\"maxx\":1}}", "days: 'maxx' is not one of min, max, step" },
	{ "of and max",               RANGES_LIMITS, "{\"m\":{\"of\":[\"a\"],\"max\":1}}", "m: 'max' is not one of of" },
	{ "of is no list",            RANGES_OFFER,  "{\"m\":{\"of\":\"a\"}}", "m: of and default are arrays of words" },
	{ "a default is no list",     RANGES_OFFER,  "{\"m\":{\"of\":[\"a\"],\"default\":\"a\"}}", "m: of and default are arrays of words" },
	{ "a default that is not of", RANGES_OFFER,  "{\"m\":{\"of\":[\"a\"],\"default\":[\"b\"]}}", "m: default: 'b' is not among a" },
	{ "an empty word",            RANGES_OFFER,  "{\"m\":{\"of\":[\"\"]}}", "m: of: [0] is not a word of 1 to 64 bytes" },
	{ "a name in capitals",       RANGES_OFFER,  "{\"Days\":{}}", "Days: an option is named in a-z, 0-9 and _, at most 32 of them" },
	{ "no name",                  RANGES_OFFER,  "{\"\":{}}", ": an option is named in a-z, 0-9 and _, at most 32 of them" },
	{ "too large for a number",   RANGES_LIMITS, "{\"n\":{\"max\":1000000001}}", "n: max: 1000000001 is not in 0 to 1000000000" },
};
/* clang-format on */

static void
bad_row_test(void **state)
{
	const struct bad_row *row = *state;
	g_autoptr(GError) error = NULL;
	json_t *object = json(row->text);
	g_autoptr(Ranges) ranges = ranges_from_json(object, row->role, &error);

	json_decref(object);
	assert_null(ranges);
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, row->error);
}

static void
too_much_is_refused_before_it_is_read(void **state)
{
	g_autoptr(GString) options = g_string_new("{");
	g_autoptr(GString) words = g_string_new("{\"m\":{\"of\":[");
	g_autoptr(GError) many = NULL;
	g_autoptr(GError) wordy = NULL;
	json_t *a;
	json_t *b;

	(void)state;
	for (int i = 0; i <= LIMIT_LINE_OPTIONS; i++)
		g_string_append_printf(options, "%s\"o%d\":{}", i > 0 ? "," : "", i);
	for (int i = 0; i <= LIMIT_OPTION_WORDS; i++)
		g_string_append_printf(words, "%s\"w%d\"", i > 0 ? "," : "", i);
	g_string_append(options, "}");
	g_string_append(words, "]}}");
	a = json(options->str);
	b = json(words->str);
	assert_null(ranges_from_json(a, RANGES_LIMITS, &many));
	assert_string_equal(many->message, "there are more than 32 options");
	assert_null(ranges_from_json(b, RANGES_LIMITS, &wordy));
	assert_string_equal(wordy->message, "m: of: there are more than 64 words");
	json_decref(a);
	json_decref(b);
}

static void
json_goes_in_and_comes_out(void **state)
{
	/* clang-format off */
	static const char *const texts[] = {
		"{}",
		"{\"days\":{\"default\":30,\"max\":90,\"min\":1}}",
		"{\"days\":{\"default\":30,\"max\":90,\"min\":30,\"step\":30},\"modules\":{\"default\":[\"cam\"],\"of\":[\"cae\",\"cam\"]}}",
		"{\"modules\":{\"default\":[],\"of\":[\"cae\",\"cam\"]}}",
	};
	/* clang-format on */
	g_autoptr(Ranges) none = ranges_from_json(NULL, RANGES_OFFER, NULL);
	g_autoptr(Ranges) open =
	    read_ranges("{\"days\":{\"max\":30},\"n\":{}}", RANGES_LIMITS);
	g_autoptr(Ranges) unsorted =
	    read_ranges("{\"m\":{\"of\":[\"b\",\"a\",\"b\"]}}", RANGES_LIMITS);
	g_autoptr(Ranges) offer = read_ranges(DEMO, RANGES_OFFER);
	g_autoptr(Ranges) forbidden =
	    read_ranges("{\"days\":{\"of\":[]}}", RANGES_LIMITS);
	g_autoptr(Ranges) nothing = ranges_restrict(offer, forbidden);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(Ranges) ranges = read_ranges(texts[i], RANGES_OFFER);

		assert_json(ranges, texts[i]);
	}
	assert_json(none, "{}");
	assert_json(open,
	    "{\"days\":{\"max\":30,\"min\":1},\"n\":{\"max\":1000000000,\"min\":0}}");
	assert_json(unsorted, "{\"m\":{\"of\":[\"a\",\"b\"]}}");
	assert_json(nothing, "{\"days\":{\"of\":[]}}");
}

static void
ranges_read_well(void **state)
{
	static const struct {
		int64_t min, max, step;
		const char *wanted;
	} rows[] = {
		{ 1, 90, 1, "1 to 90" },
		{ 30, 30, 1, "30" },
		{ 30, 90, 30, "30 to 90 in steps of 30" },
		{ 5, LIMIT_OPTION_NUMBER, 1, "at least 5" },
		{ 0, LIMIT_OPTION_NUMBER, 1, "any number" },
		{ 1, LIMIT_OPTION_NUMBER, 7, "at least 7 in steps of 7" },
		{ 0, INT64_MAX, 7, "any number in steps of 7" },
		{ INT64_MIN, 30, 1, "0 to 30" },
		{ 9, 3, 1, "nothing" },
		{ 1, 9, 10, "nothing" },
		{ INT64_MIN, INT64_MIN, 1, "nothing" },
		{ INT64_MAX, INT64_MAX, INT64_MAX, "nothing" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Range) range =
		    range_new(rows[i].min, rows[i].max, rows[i].step);
		g_autofree char *text = range_format(range);

		assert_string_equal(text, rows[i].wanted);
	}
}

static void
the_narrower_hand_gives_the_default(void **state)
{
	g_autoptr(Ranges) offer = read_ranges(DEMO, RANGES_OFFER);
	g_autoptr(Ranges) ten = read_ranges("{\"days\":{\"max\":10}}", RANGES_LIMITS);
	g_autoptr(Ranges) sixty = read_ranges("{\"days\":{\"min\":60}}", RANGES_LIMITS);
	g_autoptr(Ranges) sevens = read_ranges("{\"days\":{\"step\":7}}", RANGES_LIMITS);
	g_autoptr(Ranges) own =
	    read_ranges("{\"days\":{\"min\":5,\"max\":50,\"default\":14}}", RANGES_OFFER);
	const struct {
		const Ranges *hand;
		int64_t wanted;
	} rows[] = { { ten, 10 }, { sixty, 60 }, { sevens, 28 }, { own, 14 } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Ranges) left = ranges_restrict(offer, rows[i].hand);
		int64_t n = -1;

		assert_true(range_fallback(ranges_find(left, "days"), &n));
		assert_int_equal(n, rows[i].wanted);
	}
}

/* ---- properties ---- */

static Range *
random_range(GRand *rand)
{
	static const char *const words[] = { "a", "b", "c", "d", "e" };
	const char *some[6];
	int n = 0;
	Range *range;
	int64_t min;

	if (g_rand_int_range(rand, 0, 4) == 0) {
		for (int i = 0; i < 5; i++)
			if (g_rand_boolean(rand))
				some[n++] = words[i];
		some[n] = NULL;
		return range_new_words(some);
	}
	min = g_rand_int_range(rand, 0, 40);
	range = range_new(
	    min, min + g_rand_int_range(rand, -3, 40), g_rand_int_range(rand, 1, 7));
	if (!range_is_empty(range) && g_rand_boolean(rand))
		assert_true(range_set_fallback(range, range_min(range), NULL));
	return range;
}

/* Whether a value of either kind, by number, is allowed: 0 to 99 and five words. */
static bool
allows(const Range *range, int i)
{
	static const char *const words[][2] = { { "a", NULL }, { "b", NULL },
		{ "c", NULL }, { "d", NULL }, { "e", NULL } };

	return i < 100
		   ? range_allows(range, i)
		   : range_allows_words(range, words[i - 100]) && range_is_words(range);
}

static void
meeting_and_within_are_those_of_sets(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(4);
	int within = 0;
	int met = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		g_autoptr(Range) a = random_range(rand);
		g_autoptr(Range) b = random_range(rand);
		g_autoptr(Range) both = range_meet(a, b);
		bool subset = true;
		bool any = false;
		int64_t usual;

		for (int i = 0; i < 105; i++) {
			assert_int_equal(allows(both, i), allows(a, i) && allows(b, i));
			subset = subset && (!allows(b, i) || allows(a, i));
			any = any || allows(both, i);
		}
		assert_int_equal(range_is_empty(both), !any);
		assert_int_equal(range_within(b, a), subset);
		assert_true(range_within(both, a) && range_within(both, b));
		if (range_fallback(both, &usual))
			assert_true(range_allows(both, usual));
		within += subset && any;
		met += any;
	}
	assert_true(within > 300 && met > 5000);
}

static Ranges *
random_limits(GRand *rand)
{
	static const char *const names[] = { "days", "modules", "seats" };
	Ranges *ranges = ranges_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_rand_int_range(rand, 0, 3) > 0)
			ranges_put(ranges, names[i], random_range(rand));
	return ranges;
}

static void
meeting_limits_never_gives_more(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(42);
	int within = 0;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		g_autoptr(Ranges) a = random_limits(rand);
		g_autoptr(Ranges) b = random_limits(rand);
		g_autoptr(Ranges) c = random_limits(rand);
		g_autoptr(Ranges) ab = ranges_meet(a, b);
		g_autoptr(Ranges) ab_c = ranges_meet(ab, c);
		g_autoptr(Ranges) bc = ranges_meet(b, c);
		g_autoptr(Ranges) a_bc = ranges_meet(a, bc);

		assert_true(ranges_within(ab, a) && ranges_within(ab, b));
		assert_true(ranges_within(ab_c, a_bc) && ranges_within(a_bc, ab_c));
		if (ranges_within(b, a)) {
			assert_true(ranges_within(b, ab) && ranges_within(ab, b));
			within++;
		}
	}
	assert_true(within > 100);
}

static void
a_hand_without_a_limit_is_not_within_one_that_has(void **state)
{
	g_autoptr(Ranges) open = read_ranges("{}", RANGES_LIMITS);
	g_autoptr(Ranges) ten = read_ranges("{\"days\":{\"max\":10}}", RANGES_LIMITS);
	g_autoptr(Ranges) five =
	    read_ranges("{\"days\":{\"max\":5},\"seats\":{\"max\":1}}", RANGES_LIMITS);

	(void)state;
	assert_true(ranges_within(ten, open));
	assert_false(ranges_within(open, ten));
	assert_true(ranges_within(five, ten));
	assert_false(ranges_within(ten, five));
	assert_true(ranges_within(open, open));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_much_is_refused_before_it_is_read),
		cmocka_unit_test(json_goes_in_and_comes_out),
		cmocka_unit_test(ranges_read_well),
		cmocka_unit_test(the_narrower_hand_gives_the_default),
		cmocka_unit_test(meeting_and_within_are_those_of_sets),
		cmocka_unit_test(meeting_limits_never_gives_more),
		cmocka_unit_test(a_hand_without_a_limit_is_not_within_one_that_has),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL) +
	       run_rows("range.check", check_rows, check_row_test) +
	       run_rows("range.bad", bad_rows, bad_row_test);
}
