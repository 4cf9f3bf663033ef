/*
 * test_rights.c - nobody may what nobody above may, whatever anybody does.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/rights_tree.h"
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

static Rights *
read_rights(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *grants = json(text);
	Rights *rights = rights_from_json(grants, &error);

	json_decref(grants);
	if (rights == NULL)
		fail_msg("%s: %s", text, error->message);
	return rights;
}

/* ---- within and meet, by hand ---- */

struct within_row {
	const char *name;
	const char *inner, *outer;
	const char *excess; /* NULL: within */
};

/* clang-format off */
#define CAD(more) "[{\"group\":\"cad\",\"may\":[\"create\",\"view\"]" more "}]"
static const struct within_row within_rows[] = {
	{ "the same",                           CAD(""), CAD(""), NULL },
	{ "nothing is within anything",         "[]", CAD(""), NULL },
	{ "anything is too much for nothing",   CAD(""), "[]", "create of 'cad'" },
	{ "fewer actions",                      "[{\"group\":\"cad\",\"may\":[\"view\"]}]", CAD(""), NULL },
	{ "another action",                     "[{\"group\":\"cad\",\"may\":[\"view\",\"export\"]}]", CAD(""), "export of 'cad'" },
	{ "another group",                      "[{\"group\":\"cam\",\"may\":[\"view\"]}]", CAD(""), "view of 'cam'" },
	{ "fewer days",                         CAD(",\"options\":{\"days\":{\"max\":10}}"), CAD(",\"options\":{\"days\":{\"max\":30}}"), NULL },
	{ "more days",                          CAD(",\"options\":{\"days\":{\"max\":31}}"), CAD(",\"options\":{\"days\":{\"max\":30}}"), "create of 'cad'" },
	{ "days without a limit",               CAD(""), CAD(",\"options\":{\"days\":{\"max\":30}}"), "create of 'cad'" },
	{ "a limit where there was none",       CAD(",\"options\":{\"days\":{\"max\":30}}"), CAD(""), NULL },
	{ "fewer channels",                     CAD(",\"channels\":[\"email\"]"), CAD(",\"channels\":[\"email\",\"post\"]"), NULL },
	{ "another channel",                    CAD(",\"channels\":[\"portal\"]"), CAD(",\"channels\":[\"email\",\"post\"]"), "create of 'cad'" },
	{ "all channels",                       CAD(""), CAD(",\"channels\":[\"email\",\"post\"]"), "create of 'cad'" },
	{ "a smaller quota",                    CAD(",\"quota\":5"), CAD(",\"quota\":6"), NULL },
	{ "a larger quota",                     CAD(",\"quota\":7"), CAD(",\"quota\":6"), "create of 'cad'" },
	{ "no quota",                           CAD(""), CAD(",\"quota\":6"), "create of 'cad'" },
	{ "a group is within all groups",       CAD(""), "[{\"group\":\"*\",\"may\":[\"create\",\"view\"]}]", NULL },
	{ "all groups are more than one",       "[{\"group\":\"*\",\"may\":[\"view\"]}]", CAD(""), "view of '*'" },
	{ "all groups are more than a limited one", "[{\"group\":\"*\",\"may\":[\"view\"]}]", "[{\"group\":\"*\",\"may\":[\"view\"]},{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":1}]", "view of 'cad'" },
	{ "a limited group among all groups",   "[{\"group\":\"*\",\"may\":[\"view\"]},{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":1}]", "[{\"group\":\"*\",\"may\":[\"view\"]}]", NULL },
};
/* clang-format on */

static void
within_row_test(void **state)
{
	const struct within_row *row = *state;
	g_autoptr(Rights) inner = read_rights(row->inner);
	g_autoptr(Rights) outer = read_rights(row->outer);
	g_autoptr(Rights) both = rights_meet(outer, inner);
	g_autofree char *excess = rights_excess(inner, outer);

	if (row->excess == NULL)
		assert_null(excess);
	else
		assert_string_equal(excess, row->excess);
	assert_int_equal(rights_within(inner, outer), row->excess == NULL);
	assert_true(rights_within(both, inner) && rights_within(both, outer));
	if (row->excess == NULL)
		assert_true(rights_within(inner, both));
}

/* ---- JSON and text ---- */

static void
grants_are_written_in_a_fixed_order(void **state)
{
	static const char given[] =
	    "[{\"group\":\"viewer\",\"may\":[\"view\"]},"
	    "{\"group\":\"cad\",\"may\":[\"view\",\"create\"],\"options\":{\"modules\":{"
	    "\"of\":[\"cam\",\"cae\"]},\"days\":{\"max\":30}},\"channels\":[\"post\","
	    "\"email\"],\"quota\":100},"
	    "{\"group\":\"cad\",\"may\":[\"revoke\"],\"channels\":[]}]";
	g_autoptr(Rights) rights = read_rights(given);
	g_autoptr(Rights) all = rights_new_all();
	g_autofree char *text = rights_format(rights);
	g_autofree char *everything = rights_format(all);
	json_t *grants = rights_to_json(rights);
	char *out = json_dumps(grants, JSON_COMPACT);
	g_autoptr(Rights) again = rights_from_json(grants, NULL);

	(void)state;
	assert_string_equal(text,
	    "cad: create, view; days 1 to 30; modules cae, cam; email, post; quota 100\n"
	    "cad: revoke; no channel\n"
	    "viewer: view\n");
	assert_string_equal(everything,
	    "*: create, modify, revoke, view, resend, export, print, create-user\n");
	assert_string_equal(out,
	    "[{\"group\":\"cad\",\"may\":[\"create\",\"view\"],"
	    "\"options\":{\"days\":{\"min\":1,\"max\":30},\"modules\":{\"of\":[\"cae\","
	    "\"cam\"]}},"
	    "\"channels\":[\"email\",\"post\"],\"quota\":100},"
	    "{\"group\":\"cad\",\"may\":[\"revoke\"],\"channels\":[]},"
	    "{\"group\":\"viewer\",\"may\":[\"view\"]}]");
	assert_true(rights_within(again, rights) && rights_within(rights, again));
	free(out);
	json_decref(grants);
}

struct bad_row {
	const char *name;
	const char *text;
	const char *error;
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
	{ "an object",              "{}", "grants are not an array" },
	{ "a word",                 "[\"cad\"]", "[0]: it is not an object" },
	{ "no group",               "[{\"may\":[\"view\"]}]", "[0].group: it is not a name of 1 to 64 bytes" },
	{ "no actions",             "[{\"group\":\"cad\"}]", "[0].may: it is not a list of actions" },
	{ "an empty list",          "[{\"group\":\"cad\",\"may\":[]}]", "[0].may: it is not a list of actions" },
	{ "an unknown action",      "[{\"group\":\"cad\",\"may\":[\"view\",\"fly\"]}]", "[0].may[1]: 'fly' is not an action" },
	{ "a number for an action", "[{\"group\":\"cad\",\"may\":[1]}]", "[0].may[0]: it is not text" },
	{ "twice in one",           "[{\"group\":\"cad\",\"may\":[\"view\",\"view\"]}]", "[0].may[1]: view stands twice for this group" },
	{ "twice in two",           "[{\"group\":\"cad\",\"may\":[\"view\"]},{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":1}]", "[1].may[0]: view stands twice for this group" },
	{ "an unknown channel",     "[{\"group\":\"cad\",\"may\":[\"view\"],\"channels\":[\"fax\"]}]", "[0].channels[0]: it is not email, post or portal" },
	{ "a channel as text",      "[{\"group\":\"cad\",\"may\":[\"view\"],\"channels\":\"post\"}]", "[0].channels: it is not an array" },
	{ "a quota below 0",        "[{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":-1}]", "[0].quota: it is not a whole number from 0" },
	{ "half a quota",           "[{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":1.5}]", "[0].quota: it is not a whole number from 0" },
	{ "a bad range",            "[{\"group\":\"cad\",\"may\":[\"view\"],\"options\":{\"days\":{\"max\":0}}}]", "[0].options.days: max: 0 is not in 1 to 36525" },
	{ "a slip of the keyboard", "[{\"group\":\"cad\",\"may\":[\"view\"],\"qouta\":1}]", "[0]: 'qouta' is not a key of a grant" },
};
/* clang-format on */

static void
bad_row_test(void **state)
{
	const struct bad_row *row = *state;
	g_autoptr(GError) error = NULL;
	json_t *grants = json(row->text);
	g_autoptr(Rights) rights = rights_from_json(grants, &error);

	json_decref(grants);
	assert_null(rights);
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, row->error);
}

/* ---- asking ---- */

struct ask_row {
	const char *name;
	RightAction action;
	const char *groups[4];
	RightChannel channel;
	const char *options;
	TpError code;
	const char *error; /* NULL: may */
};

/* clang-format off */
static const char asked[] =
	"[{\"group\":\"cad\",\"may\":[\"create\"],\"options\":{\"days\":{\"max\":30}},\"channels\":[\"email\"]},"
	"{\"group\":\"cam\",\"may\":[\"create\"],\"options\":{\"days\":{\"max\":60}},\"channels\":[\"post\"]},"
	"{\"group\":\"cad\",\"may\":[\"view\"]}]";
static const struct ask_row ask_rows[] = {
	{ "what one may",                        RIGHT_CREATE, { "cad" }, RIGHT_EMAIL, "{\"days\":30}", 0, NULL },
	{ "R4.1 a right on any group suffices",  RIGHT_CREATE, { "pdm", "cam" }, RIGHT_POST, "{\"days\":60}", 0, NULL },
	{ "the other group permits it",          RIGHT_CREATE, { "cad", "cam" }, RIGHT_POST, "{\"days\":60}", 0, NULL },
	{ "two halves do not make a whole",      RIGHT_CREATE, { "cad", "cam" }, RIGHT_EMAIL, "{\"days\":60}", TP_ERROR_INVALID, "option 'days': 60 is not in 1 to 30" },
	{ "too many days",                       RIGHT_CREATE, { "cad" }, RIGHT_EMAIL, "{\"days\":31}", TP_ERROR_INVALID, "option 'days': 31 is not in 1 to 30" },
	{ "no such action",                      RIGHT_REVOKE, { "cad" }, RIGHT_NO_CHANNEL, "{}", TP_ERROR_DENIED, "no right to revoke in group 'cad'" },
	{ "no such group",                       RIGHT_CREATE, { "pdm" }, RIGHT_EMAIL, "{}", TP_ERROR_DENIED, "no right to create in group 'pdm'" },
	{ "not by post",                         RIGHT_CREATE, { "cad" }, RIGHT_POST, "{}", TP_ERROR_DENIED, "no right to create in group 'cad' by this channel" },
	{ "a product in no group",               RIGHT_CREATE, { NULL }, RIGHT_EMAIL, "{}", TP_ERROR_DENIED, "no right to create what is in no group" },
	{ "an option it does not have",          RIGHT_CREATE, { "cad" }, RIGHT_EMAIL, "{\"seats\":3}", TP_ERROR_INVALID, "there is no option 'seats'" },
	{ "viewing takes no channel",            RIGHT_VIEW,   { "cad" }, RIGHT_NO_CHANNEL, NULL, 0, NULL },
};
/* clang-format on */

static void
ask_row_test(void **state)
{
	const struct ask_row *row = *state;
	g_autoptr(Rights) rights = read_rights(asked);
	json_t *offered = json("{\"days\":{\"min\":1,\"max\":90,\"default\":30}}");
	g_autoptr(Ranges) offer = ranges_from_json(offered, RANGES_OFFER, NULL);
	json_t *options = row->options != NULL ? json(row->options) : NULL;
	RightsAsk ask = { row->action, row->groups, row->channel, offer, options };
	g_autoptr(GError) error = NULL;
	const Right *right = NULL;
	bool ok = rights_check(rights, &ask, &right, &error);

	json_decref(offered);
	json_decref(options);
	if (row->error == NULL) {
		assert_no_error(error);
		assert_true(ok);
		assert_non_null(right);
		assert_int_equal(right->quota, -1);
		return;
	}
	assert_false(ok);
	assert_error(error, row->code);
	assert_string_equal(error->message, row->error);
}

/* ---- the tree, by hand ---- */

static RightsNode
add(RightsTree *tree, RightsNode actor, const char *wanted)
{
	g_autoptr(Rights) rights = read_rights(wanted);
	g_autoptr(GError) error = NULL;
	RightsNode node = 0;

	if (!rights_tree_add(tree, actor, rights, &node, &error))
		fail_msg("%s", error->message);
	return node;
}

#define DEALER                                                                           \
	"[{\"group\":\"cad\",\"may\":[\"create\",\"view\",\"create-user\"],\"quota\":"   \
	"100}]"
#define CLERK "[{\"group\":\"cad\",\"may\":[\"create\",\"view\"],\"quota\":10}]"

struct deny_row {
	const char *name;
	int actor, node; /* 0 vendor, 1 dealer, 2 clerk, 3 other clerk, 4 other dealer */
	const char *wanted;
	const char *error; /* NULL: may */
};

/* clang-format off */
static const struct deny_row deny_rows[] = {
	{ "the dealer gives its clerk more",              1, 2, "[{\"group\":\"cad\",\"may\":[\"create\",\"view\"],\"quota\":100}]", NULL },
	{ "the dealer lets its clerk make users",         1, 2, DEALER, NULL },
	{ "the vendor gives the dealer another group",    0, 1, "[{\"group\":\"cam\",\"may\":[\"view\"]}]", NULL },
	{ "the vendor reaches past the dealer",           0, 2, "[{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":100}]", NULL },
	{ "R6.1 not more than the dealer has",            1, 2, "[{\"group\":\"cad\",\"may\":[\"create\"],\"quota\":101}]", "create of 'cad' is more than what those have who pass it on" },
	{ "R6.1 not even by the vendor",                  0, 2, "[{\"group\":\"cad\",\"may\":[\"export\"]}]", "export of 'cad' is more than the one directly above has" },
	{ "R6.3 nobody changes their own rights",         1, 1, CLERK, "nobody changes their own rights" },
	{ "R6.3 not those above",                         2, 1, CLERK, "only those above may change somebody's rights" },
	{ "R6.3 two clerks do not raise each other",      2, 3, CLERK, "only those above may change somebody's rights" },
	{ "R6.3 nor the clerk of another dealer",         4, 2, CLERK, "only those above may change somebody's rights" },
	{ "somebody who is not there",                    0, 9, CLERK, "there is no node 9" },
};
/* clang-format on */

static void
deny_row_test(void **state)
{
	const struct deny_row *row = *state;
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	g_autoptr(Rights) wanted = read_rights(row->wanted);
	g_autoptr(GError) error = NULL;
	bool ok;

	assert_int_equal(add(tree, 0, DEALER), 1);
	assert_int_equal(add(tree, 1, CLERK), 2);
	assert_int_equal(add(tree, 1, CLERK), 3);
	assert_int_equal(add(tree, 0, DEALER), 4);
	ok = rights_tree_set(
	    tree, (RightsNode)row->actor, (RightsNode)row->node, wanted, NULL, &error);
	assert_true(rights_tree_check(tree, NULL));
	if (row->error == NULL) {
		assert_no_error(error);
		assert_true(ok);
		return;
	}
	assert_false(ok);
	assert_error(error, row->node == 9 ? TP_ERROR_NOT_FOUND : TP_ERROR_DENIED);
	assert_string_equal(error->message, row->error);
}

static void
making_users_does_not_mean_granting(void **state)
{
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	RightsNode dealer = add(tree, 0,
	    "[{\"group\":\"cad\",\"may\":[\"create\",\"view\",\"create-user\"]},"
	    "{\"group\":\"cam\",\"may\":[\"create\",\"view\"]}]");
	RightsNode clerk = add(tree, dealer, CLERK);
	g_autoptr(Rights) cam = read_rights("[{\"group\":\"cam\",\"may\":[\"view\"]}]");
	g_autoptr(Rights) cad = read_rights(CLERK);
	g_autoptr(Rights) both = read_rights("[{\"group\":\"cad\",\"may\":[\"view\"]},{"
					     "\"group\":\"cam\",\"may\":[\"view\"]}]");
	g_autoptr(GError) locked = NULL;
	g_autoptr(GError) user = NULL;
	RightsNode node = 0;

	(void)state;
	assert_false(rights_tree_add(tree, dealer, cam, &node, &locked));
	assert_error(locked, TP_ERROR_DENIED);
	assert_string_equal(locked->message,
	    "view of 'cam' cannot be passed on without create-user there");
	assert_false(rights_tree_add(tree, clerk, cad, &node, &user));
	assert_error(user, TP_ERROR_DENIED);
	/* What the vendor gave the clerk there, the dealer can leave and take, not add
	 * to. */
	assert_true(rights_tree_set(tree, 0, clerk, both, NULL, NULL));
	assert_true(rights_tree_set(tree, dealer, clerk, both, NULL, NULL));
	assert_true(rights_tree_set(tree, dealer, clerk, cad, NULL, NULL));
	assert_false(rights_tree_set(tree, dealer, clerk, both, NULL, NULL));
}

static void
a_right_taken_from_one_is_taken_from_all_below(void **state)
{
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	RightsNode dealer = add(tree, 0, DEALER);
	RightsNode sub = add(tree, dealer, DEALER);
	RightsNode clerk = add(tree, sub, CLERK);
	RightsNode other = add(tree, 0, DEALER);
	g_autoptr(Rights) less =
	    read_rights("[{\"group\":\"cad\",\"may\":[\"view\",\"create-user\"],"
			"\"channels\":[\"email\"],\"quota\":5}]");
	g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(RightsNode));
	g_autofree char *text = NULL;
	g_autofree char *untouched = NULL;

	(void)state;
	assert_true(rights_tree_set(tree, 0, dealer, less, changed, NULL));
	text = rights_format(rights_tree_rights(tree, clerk));
	assert_string_equal(text, "cad: view; email; quota 5\n");
	untouched = rights_format(rights_tree_rights(tree, other));
	assert_string_equal(untouched, "cad: create, view, create-user; quota 100\n");
	assert_int_equal(changed->len, 3);
	assert_int_equal(g_array_index(changed, RightsNode, 0), dealer);
	assert_int_equal(g_array_index(changed, RightsNode, 1), sub);
	assert_int_equal(g_array_index(changed, RightsNode, 2), clerk);
}

static void
children_of_one_who_goes_keep_what_they_may(void **state)
{
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	RightsNode dealer = add(tree, 0, DEALER);
	RightsNode sub = add(tree, dealer, DEALER);
	RightsNode clerk = add(tree, sub, CLERK);
	g_autoptr(GError) gone = NULL;
	g_autoptr(GError) own = NULL;
	g_autoptr(GArray) changed = g_array_new(FALSE, FALSE, sizeof(RightsNode));

	(void)state;
	assert_false(rights_tree_remove(tree, sub, sub, NULL, &own));
	assert_error(own, TP_ERROR_DENIED);
	assert_true(rights_tree_remove(tree, dealer, sub, changed, NULL));
	assert_int_equal(changed->len, 2);
	assert_false(rights_tree_has(tree, sub));
	assert_int_equal(rights_tree_parent(tree, clerk), dealer);
	assert_false(rights_tree_remove(tree, dealer, sub, NULL, &gone));
	assert_error(gone, TP_ERROR_NOT_FOUND);
	assert_true(rights_tree_check(tree, NULL));
}

static void
who_moves_keeps_what_the_new_parent_may_too(void **state)
{
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	RightsNode dealer = add(tree, 0, DEALER);
	RightsNode clerk = add(tree, dealer, CLERK);
	RightsNode small =
	    add(tree, 0, "[{\"group\":\"cad\",\"may\":[\"create\"],\"quota\":3}]");
	g_autoptr(GError) loop = NULL;
	g_autoptr(GError) outside = NULL;
	g_autofree char *text = NULL;

	(void)state;
	assert_false(rights_tree_move(tree, 0, dealer, clerk, NULL, &loop));
	assert_error(loop, TP_ERROR_DENIED);
	assert_false(rights_tree_move(tree, dealer, clerk, small, NULL, &outside));
	assert_error(outside, TP_ERROR_DENIED);
	assert_true(rights_tree_move(tree, 0, clerk, small, NULL, NULL));
	text = rights_format(rights_tree_rights(tree, clerk));
	assert_string_equal(text, "cad: create; quota 3\n");
}

static void
rights_written_past_the_rules_are_seen(void **state)
{
	g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());
	RightsNode dealer = add(tree, 0, CLERK);
	g_autoptr(Rights) more = read_rights(DEALER);
	g_autoptr(GError) error = NULL;
	RightsNode node = 0;

	(void)state;
	assert_false(rights_tree_load(tree, dealer, more, &node, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(
	    error->message, "create of 'cad' below node 1 is more than that has");
	assert_true(rights_tree_load(tree, 0, more, &node, NULL));
}

/* ---- the property ---- */

static const char *const groups[] = { "cad", "cam", "pdm", "*" };

/* Some of what `of` permits, or what nobody may have given. */
static Rights *
random_rights(GRand *rand, const Rights *of)
{
	Rights *wanted = rights_new();

	for (size_t g = 0; g < G_N_ELEMENTS(groups); g++)
		for (int a = 0; a < RIGHT_ACTIONS; a++) {
			Ranges *days = ranges_new();

			if (g_rand_int_range(rand, 0, 3) == 0) {
				ranges_free(days);
				continue;
			}
			if (g_rand_int_range(rand, 0, 3) == 0)
				ranges_put(days, "days",
				    range_new(1, g_rand_int_range(rand, 1, 90), 1));
			rights_put(wanted, groups[g], (RightAction)a, days,
			    g_rand_int_range(rand, 0, 3) == 0
				? (unsigned)g_rand_int_range(rand, 0, 8)
				: RIGHT_ALL_CHANNELS,
			    g_rand_int_range(rand, 0, 3) == 0
				? g_rand_int_range(rand, 0, 100)
				: -1);
		}
	/* Mostly something that can be granted, or nothing would ever happen. */
	if (of != NULL && g_rand_int_range(rand, 0, 10) > 0) {
		Rights *within = rights_meet(of, wanted);

		rights_free(wanted);
		return within;
	}
	return wanted;
}

static RightsNode
random_node(GRand *rand, const RightsTree *tree)
{
	RightsNode node;

	do
		node =
		    (RightsNode)g_rand_int_range(rand, 0, (int)rights_tree_count(tree));
	while (!rights_tree_has(tree, node));
	return node;
}

/* What each node may, seen from outside: for the comparison after a refusal. */
static char *
picture(const RightsTree *tree)
{
	GString *text = g_string_new(NULL);

	for (RightsNode n = 0; n < rights_tree_count(tree); n++) {
		g_autofree char *one = NULL;

		if (!rights_tree_has(tree, n))
			continue;
		one = rights_format(rights_tree_rights(tree, n));
		g_string_append_printf(
		    text, "%u < %u\n%s", n, rights_tree_parent(tree, n), one);
	}
	return g_string_free(text, FALSE);
}

static void
a_hundred_thousand_steps_never_break_the_invariant(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	int steps = 0;
	int done[4] = { 0, 0, 0, 0 };
	int refused = 0;
	int cut = 0;

	(void)state;
	while (steps < 100000) {
		g_autoptr(RightsTree) tree = rights_tree_new(rights_new_all());

		for (int i = 0; i < 250; i++, steps++) {
			RightsNode actor = random_node(rand, tree);
			RightsNode node = random_node(rand, tree);
			RightsNode parent = random_node(rand, tree);
			g_autoptr(GArray) changed =
			    g_array_new(FALSE, FALSE, sizeof(RightsNode));
			g_autoptr(GError) error = NULL;
			g_autoptr(Rights) wanted =
			    random_rights(rand, rights_tree_rights(tree, actor));
			g_autofree char *before = i % 20 == 0 ? picture(tree) : NULL;
			RightsNode made = 0;
			int what = g_rand_int_range(rand, 0, 10);
			bool ok;

			what = what < 3 ? 0 : what < 7 ? 1 : what < 9 ? 2 : 3;
			if (what > 0 && g_rand_boolean(rand))
				actor = rights_tree_parent(tree, node);
			switch (what) {
			case 0:
				ok = rights_tree_add(tree, actor, wanted, &made, &error);
				break;
			case 1:
				ok = rights_tree_set(
				    tree, actor, node, wanted, changed, &error);
				break;
			case 2:
				ok = rights_tree_move(
				    tree, actor, node, parent, changed, &error);
				break;
			default:
				ok = rights_tree_remove(
				    tree, actor, node, changed, &error);
			}
			assert_true(ok == (error == NULL));
			done[what] += ok;
			refused += !ok;
			cut += changed->len > 1;
			if (!ok && before != NULL) {
				g_autofree char *after = picture(tree);

				assert_string_equal(before, after);
			}
			if (i % 10 == 0 || (ok && what > 0)) {
				g_autoptr(GError) broken = NULL;

				if (!rights_tree_check(tree, &broken))
					fail_msg("step %d: %s", steps, broken->message);
			}
		}
	}
	/* Each kind of step was really taken. */
	for (int i = 0; i < 4; i++)
		assert_true(done[i] > 2000);
	assert_true(refused > 10000);
	assert_true(cut > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grants_are_written_in_a_fixed_order),
		cmocka_unit_test(making_users_does_not_mean_granting),
		cmocka_unit_test(a_right_taken_from_one_is_taken_from_all_below),
		cmocka_unit_test(children_of_one_who_goes_keep_what_they_may),
		cmocka_unit_test(who_moves_keeps_what_the_new_parent_may_too),
		cmocka_unit_test(rights_written_past_the_rules_are_seen),
		cmocka_unit_test(a_hundred_thousand_steps_never_break_the_invariant),
	};

	return cmocka_run_group_tests_name("rights", tests, NULL, NULL) +
	       run_rows("rights.within", within_rows, within_row_test) +
	       run_rows("rights.bad", bad_rows, bad_row_test) +
	       run_rows("rights.ask", ask_rows, ask_row_test) +
	       run_rows("rights.tree", deny_rows, deny_row_test);
}
