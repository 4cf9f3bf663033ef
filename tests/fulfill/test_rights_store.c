/*
 * test_rights_store.c - nobody may in the store what nobody above may, whatever anybody
 * does.
 */
#include "tests/support/cm.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_admin.h"
#include "fulfill/domain/rights_matrix.h"
#include "queue/job_admin.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static const char master[] =
    "{\"parties\":["
    "{\"id\":\"D\",\"kind\":\"reseller\",\"name\":\"Dist\",\"email\":\"d@d.example\","
    "\"grants\":[{\"group\":\"cad\",\"may\":[\"create\",\"view\",\"create-user\"],"
    "\"quota\":100},{\"group\":\"cam\",\"may\":[\"create\"]}]},"
    "{\"id\":\"S\",\"kind\":\"reseller\",\"parent\":\"D\",\"name\":\"Sub\",\"grants\":[{"
    "\"group\":\"cad\",\"may\":[\"create\",\"view\",\"create-user\"],\"quota\":50}]},"
    "{\"id\":\"I\",\"kind\":\"reseller\",\"parent\":\"D\",\"name\":\"Inherits\"},"
    "{\"id\":\"O\",\"kind\":\"reseller\",\"name\":\"Other\",\"grants\":[{\"group\":"
    "\"cad\","
    "\"may\":[\"create\",\"create-user\"]}]},"
    "{\"id\":\"K\",\"kind\":\"customer\",\"parent\":\"D\",\"company\":\"Kunde\"}],"
    "\"users\":["
    "{\"email\":\"ann@d.example\",\"party\":\"D\",\"role\":\"admin\"},"
    "{\"email\":\"amy@d.example\",\"party\":\"D\",\"role\":\"admin\"},"
    "{\"email\":\"una@d.example\",\"party\":\"D\",\"role\":\"user\",\"grants\":[{"
    "\"group\":"
    "\"cad\",\"may\":[\"create\",\"create-user\"]}]},"
    "{\"email\":\"ulf@d.example\",\"party\":\"D\",\"role\":\"user\",\"grants\":[{"
    "\"group\":"
    "\"cad\",\"may\":[\"create\",\"create-user\"]}]},"
    "{\"email\":\"sue@s.example\",\"party\":\"S\",\"role\":\"admin\"},"
    "{\"email\":\"ole@o.example\",\"party\":\"O\",\"role\":\"admin\"},"
    "{\"email\":\"kim@k.example\",\"party\":\"K\",\"role\":\"admin\"},"
    "{\"email\":\"kay@k.example\",\"party\":\"K\",\"role\":\"user\"}]}";

static bool
load(const char *text, char **ret_fault)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Faults) faults = faults_new();
	g_auto(DbTx) tx = DB_TX_INIT;
	MasterCount counts[MASTER_LISTS];
	json_t *document = json_loads(text, 0, NULL);

	assert_non_null(document);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(master_import(&tx, document, faults, counts, &error));
	assert_no_error(error);
	json_decref(document);
	if (faults_count(faults) > 0) {
		if (ret_fault != NULL)
			*ret_fault = g_strdup_printf("%s: %s", faults_at(faults, 0)->path,
			    faults_at(faults, 0)->text);
		return false;
	}
	assert_true(db_commit(&tx, &error));
	return true;
}

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	assert_true(load(master, NULL));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

static int64_t
user_id(const char *email)
{
	g_autoptr(User) user = NULL;

	if (email == NULL)
		return 0;
	user = user_resolve(shop.db, email, NULL);
	assert_non_null(user);
	return user->id;
}

/* "D", or "ann@d.example". */
static RightsWho
who(const char *name)
{
	g_autoptr(Party) party = NULL;

	if (strchr(name, '@') != NULL)
		return (RightsWho){ .user_id = user_id(name) };
	party = party_resolve(shop.db, name, NULL);
	assert_non_null(party);
	return (RightsWho){ .party_id = party->id };
}

static char *
rights_text(const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Rights) rights = rights_of(shop.db, who(name), &error);

	assert_no_error(error);
	return rights_format(rights);
}

static Rights *
parse(const char *text)
{
	json_t *grants = json_loads(text, 0, NULL);
	Rights *rights = rights_from_json(grants, NULL);

	json_decref(grants);
	assert_non_null(rights);
	return rights;
}

static bool
grant(const char *as, const char *name, const char *more, GError **error)
{
	g_autoptr(Rights) rights = parse(more);
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	return rights_admin_grant(&tx, user_id(as), who(name), rights, error) &&
	       db_commit(&tx, error);
}

static bool
take(
    const char *as, const char *name, const char *group, unsigned actions, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	return rights_admin_revoke(&tx, user_id(as), who(name), group, actions, error) &&
	       db_commit(&tx, error);
}

static bool
add_user(const char *as, const char *email, const char *party, bool admin, bool inherits,
    GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	UserFacts facts = { .party_id = who(party).party_id,
		.email = email,
		.admin = admin,
		.inherits = inherits };
	int64_t id;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	return rights_admin_add_user(&tx, user_id(as), &facts, &id, error) &&
	       db_commit(&tx, error);
}

/* ---- who may change whose rights ---- */

struct row {
	const char *name;
	const char *as; /* NULL: the operator */
	const char *target;
	const char *grants; /* NULL: all is taken from the target */
	const char *error;  /* NULL: may */
};

/* clang-format off */
#define CREATE "[{\"group\":\"cad\",\"may\":[\"create\"],\"quota\":5}]"
static const struct row rows[] = {
	{ "the operator gives the distributor more",       NULL, "D", "[{\"group\":\"pdm\",\"may\":[\"view\"]}]", NULL },
	{ "R6.1 not below one who has it not",             NULL, "S", "[{\"group\":\"pdm\",\"may\":[\"view\"]}]", "view of 'pdm' is more than 'D' has" },
	{ "R6.1 nor a larger quota",                       NULL, "S", "[{\"group\":\"cad\",\"may\":[\"create\"],\"quota\":101}]", "create of 'cad' is more than 'D' has" },
	{ "the vendor has all and gets nothing",           NULL, "VENDOR", CREATE, "the vendor has all rights" },
	{ "an admin gives to a party below",               "ann@d.example", "S", CREATE, NULL },
	{ "an admin gives to a user of a party below",     "ann@d.example", "sue@s.example", CREATE, NULL },
	{ "an admin gives to an ordinary user of its own", "ann@d.example", "una@d.example", CREATE, NULL },
	{ "an admin takes from one",                       "ann@d.example", "una@d.example", NULL, NULL },
	{ "R6.3 nobody edits their own rights",            "ann@d.example", "ann@d.example", CREATE, "nobody changes their own rights" },
	{ "R6.3 nobody takes their own rights",            "ann@d.example", "ann@d.example", NULL, "nobody changes their own rights" },
	{ "R6.3 nor those of their own party",             "ann@d.example", "D", CREATE, "nobody changes the rights of their own party" },
	{ "R6.3 two admins do not raise each other",       "ann@d.example", "amy@d.example", CREATE, "only those above may change somebody's rights" },
	{ "R6.3 two users do not raise each other",        "una@d.example", "ulf@d.example", CREATE, "only those above may change somebody's rights" },
	{ "R6.3 nobody changes those above",               "sue@s.example", "ann@d.example", CREATE, "only those above may change somebody's rights" },
	{ "R6.3 nor the party above",                      "sue@s.example", "D", CREATE, "only an admin of a party above may do this" },
	{ "R6.3 nor those of another reseller",            "ole@o.example", "S", CREATE, "only an admin of a party above may do this" },
	{ "R6.3 nor its people",                           "ole@o.example", "sue@s.example", CREATE, "only those above may change somebody's rights" },
	{ "R6.3 an ordinary user not even below",          "una@d.example", "S", CREATE, "only an admin of a party above may do this" },
	{ "R6.3 what one may not pass on",                 "ann@d.example", "una@d.example", "[{\"group\":\"cam\",\"may\":[\"create\"]}]", "create of 'cam' cannot be passed on without create-user there" },
	{ "R6.3 what one has not",                         "ann@d.example", "una@d.example", "[{\"group\":\"cad\",\"may\":[\"print\"]}]", "print of 'cad' is more than what those have who pass it on" },
	{ "a customer's admin passes no groups on",        "kim@k.example", "kay@k.example", CREATE, "create of 'cad' is more than what those have who pass it on" },
};
/* clang-format on */

static void
row_test(void **state)
{
	const struct row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	bool ok;

	setup(NULL);
	before = rights_text(row->target);
	ok = row->grants != NULL ? grant(row->as, row->target, row->grants, &error)
				 : take(row->as, row->target, "", 0, &error);
	after = rights_text(row->target);
	if (row->error == NULL) {
		assert_no_error(error);
		assert_true(ok);
		assert_string_not_equal(before, after);
	} else {
		assert_false(ok);
		assert_error(error, TP_ERROR_DENIED);
		assert_string_equal(error->message, row->error);
		assert_string_equal(before, after);
	}
	teardown(NULL);
}

struct make_row {
	const char *name;
	const char *as, *party;
	bool admin, inherits;
	const char *error;
};

/* clang-format off */
static const struct make_row make_rows[] = {
	{ "the operator",                                NULL, "D", true, true, NULL },
	{ "an admin for its party",                      "ann@d.example", "D", false, false, NULL },
	{ "an admin for a party below",                  "ann@d.example", "S", true, false, NULL },
	{ "R6.3 not with rights one cannot pass on",     "ann@d.example", "D", false, true, "create of 'cam' cannot be passed on without create-user there" },
	{ "an admin passes on all of a party below",     "ann@d.example", "S", false, true, NULL },
	{ "a user with create-user",                     "una@d.example", "D", false, false, NULL },
	{ "only an admin makes an admin",                "una@d.example", "D", true, false, "only an admin makes an admin" },
	{ "a user not elsewhere",                        "una@d.example", "S", false, false, "only an admin of this party or one above makes users of it" },
	{ "not above",                                   "sue@s.example", "D", false, false, "only an admin of this party or one above makes users of it" },
	{ "R7.1 a customer's admin makes users",         "kim@k.example", "K", false, false, NULL },
	{ "R7.1 its ordinary user does not",             "kay@k.example", "K", false, false, "only an admin makes users" },
};
/* clang-format on */

static void
make_row_test(void **state)
{
	const struct make_row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *rights = NULL;
	bool ok;

	setup(NULL);
	ok = add_user(
	    row->as, "new@d.example", row->party, row->admin, row->inherits, &error);
	if (row->error == NULL) {
		assert_no_error(error);
		assert_true(ok);
		rights = rights_text("new@d.example");
		/* Making a user implies no grant. */
		assert_int_equal(*rights != '\0', row->inherits);
	} else {
		assert_false(ok);
		assert_error(error, TP_ERROR_DENIED);
		assert_string_equal(error->message, row->error);
	}
	teardown(NULL);
}

/* ---- stories ---- */

static void
a_right_taken_from_one_is_taken_from_all_below(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *sub = NULL;
	g_autofree char *inherits = NULL;
	g_autofree char *una = NULL;

	(void)state;
	assert_true(take(NULL, "D", "cad", 1u << RIGHT_CREATE, &error));
	assert_no_error(error);
	sub = rights_text("S");
	assert_string_equal(sub, "cad: view, create-user; quota 50\n");
	inherits = rights_text("I");
	assert_string_equal(inherits, "cad: view; quota 100\ncam: create\n");
	una = rights_text("una@d.example");
	assert_string_equal(una, "cad: create-user; quota 100\n");
}

static void
what_was_cut_comes_back_with_its_file_and_not_before(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *fault = NULL;
	g_autofree char *sub = NULL;

	(void)state;
	assert_true(take(NULL, "D", "cad", 1u << RIGHT_VIEW, &error));
	assert_true(grant(
	    NULL, "D", "[{\"group\":\"cad\",\"may\":[\"view\"],\"quota\":100}]", &error));
	sub = rights_text("S");
	assert_string_equal(sub, "cad: create, create-user; quota 50\n");
	assert_true(load(master, &fault));
	g_free(sub);
	sub = rights_text("S");
	assert_string_equal(sub, "cad: create, view, create-user; quota 50\n");
	/* The file says more than the distributor has now: nothing of it is loaded. */
	assert_true(take(NULL, "D", "cad", 1u << RIGHT_VIEW, &error));
	assert_false(load("{\"parties\":[{\"id\":\"S\",\"kind\":\"reseller\",\"parent\":"
			  "\"D\",\"grants\":[{\"group\":\"cad\",\"may\":[\"view\"]}]}]}",
	    &fault));
	assert_string_equal(
	    fault, "parties[0].grants: view of 'cad' is more than 'D' has");
}

static void
a_smaller_file_takes_from_all_below_at_once(void **state)
{
	g_autofree char *sub = NULL;
	g_autofree char *una = NULL;

	(void)state;
	assert_true(load("{\"parties\":[{\"id\":\"D\",\"kind\":\"reseller\",\"name\":"
			 "\"Dist\",\"grants\":[{\"group\":\"cad\",\"may\":[\"view\"],"
			 "\"channels\":[\"email\"]}]}]}",
	    NULL));
	sub = rights_text("S");
	assert_string_equal(sub, "cad: view; email; quota 50\n");
	una = rights_text("una@d.example");
	assert_string_equal(una, "");
}

static void
of_all_groups_one_can_be_taken(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	(void)state;
	assert_true(load("{\"parties\":[{\"id\":\"ALL\",\"kind\":\"reseller\","
			 "\"name\":\"A\"}]}",
	    NULL));
	assert_true(take(NULL, "ALL", "cad", 0, &error));
	text = rights_text("ALL");
	assert_null(strstr(text, "cad"));
	assert_null(strstr(text, "*"));
	assert_non_null(strstr(text, "cam: create"));
	assert_false(take(NULL, "ALL", "cad", 0, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

static void
those_made_by_one_who_goes_stand_below_the_one_above(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *left = NULL;
	g_autoptr(User) made = NULL;

	(void)state;
	assert_true(
	    add_user("una@d.example", "new@d.example", "D", false, false, &error));
	assert_true(grant("una@d.example", "new@d.example", CREATE, &error));
	/* Ulf is not above. */
	assert_false(grant("ulf@d.example", "new@d.example", CREATE, &error));
	g_clear_error(&error);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(rights_admin_remove_user(
	    &tx, user_id("ann@d.example"), user_id("una@d.example"), &error));
	assert_true(db_commit(&tx, &error));
	made = user_resolve(shop.db, "new@d.example", &error);
	assert_int_equal(made->made_by, 0);
	left = rights_text("new@d.example");
	assert_string_equal(left, "cad: create; quota 5\n");
}

static void
a_party_that_goes_leaves_those_below_to_the_one_above(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Party) sub = NULL;
	g_autofree char *rights = NULL;

	(void)state;
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(rights_admin_remove_party(&tx, 0, who("D").party_id, &error));
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	sub = party_resolve(shop.db, "S", &error);
	assert_int_equal(sub->parent_id, who("VENDOR").party_id);
	rights = rights_text("S");
	assert_string_equal(rights, "cad: create, view, create-user; quota 50\n");
	assert_null(user_resolve(shop.db, "ann@d.example", &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

static void
work_that_needs_a_right_that_is_gone_is_held_and_says_why(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) jobs = NULL;
	JobFilter held = { .held = true };
	int64_t waiting;
	int64_t mailed;
	int64_t printed;

	(void)state;
	assert_string_equal(
	    fix_order(&shop, "M", "CAD-PRO", 2, "email", "customer", &mailed),
	    "accepted");
	assert_int_equal(fix_issue(&shop, mailed), 2);
	assert_string_equal(
	    fix_order(&shop, "P", "CAD-PRO", 1, "post", "customer", &printed),
	    "accepted");
	assert_int_equal(fix_issue(&shop, printed), 1);
	assert_string_equal(
	    fix_order(&shop, "W", "CAD-PRO", 1, "email", "customer", &waiting),
	    "accepted");
	assert_true(take(NULL, "R-100", "statik", 0, &error));
	jobs = job_list(shop.db, &held, &error);
	assert_int_equal(jobs->len, 0);
	g_ptr_array_unref(jobs);
	assert_true(take(NULL, "R-100", "cad", 1u << RIGHT_CREATE, &error));
	jobs = job_list(shop.db, &held, &error);
	/* Two mails and the orders' own jobs, which were not settled here. */
	assert_int_equal(jobs->len, 2 + 3);
	for (guint i = 0; i < jobs->len; i++)
		assert_string_equal(((JobInfo *)g_ptr_array_index(jobs, i))->hold,
		    "right taken: 'R-100' has no right to create 'CAD-PRO' (group "
		    "'cad')");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'held'"), 3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE state = 'pulled'"), 1);
}

static void
rights_written_past_the_rules_are_seen_and_cut(void **state)
{
	static const Stmt FORGE = { .name = "t",
		.sql = "UPDATE \"grant\" SET quota = NULL WHERE party_id ="
		       " (SELECT id FROM party WHERE code = 'S')" };
	g_autoptr(GError) error = NULL;
	g_autoptr(Rights) rights = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	bool sound = true;
	json_t *matrix;

	(void)state;
	assert_true(db_exec(shop.db, &FORGE, DB_NO_ARGS, NULL, &error));
	rights = rights_of(shop.db, who("S"), &error);
	assert_null(rights);
	assert_error(error, TP_ERROR_DENIED);
	matrix = rights_matrix(shop.db, &sound, NULL);
	json_decref(matrix);
	assert_false(sound);
	g_clear_error(&error);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(rights_store_settle(&tx, &error));
	assert_true(db_commit(&tx, &error));
	matrix = rights_matrix(shop.db, &sound, NULL);
	json_decref(matrix);
	assert_true(sound);
}

/* ---- the property, in the store ---- */

static const char *const names[] = { "D", "S", "I", "O", "ann@d.example", "amy@d.example",
	"una@d.example", "ulf@d.example", "sue@s.example", "ole@o.example" };
static const char *const groups[] = { "cad", "cam", "statik", "*" };

static char *
random_grant(GRand *rand)
{
	static const char *const may[] = { "\"create\"", "\"view\",\"create-user\"",
		"\"create\",\"create-user\"", "\"create\",\"view\",\"create-user\"" };
	g_autofree char *quota =
	    g_rand_boolean(rand)
		? g_strdup_printf(",\"quota\":%d", g_rand_int_range(rand, 0, 120))
		: g_strdup("");
	g_autofree char *days =
	    g_rand_int_range(rand, 0, 3) == 0
		? g_strdup_printf(",\"options\":{\"days\":{\"max\":%d}}",
		      g_rand_int_range(rand, 1, 90))
		: g_strdup("");

	return g_strdup_printf("[{\"group\":\"%s\",\"may\":[%s]%s%s%s}]",
	    groups[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(groups))],
	    may[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(may))], quota, days,
	    g_rand_int_range(rand, 0, 4) == 0 ? ",\"channels\":[\"email\"]" : "");
}

/* TP_STEPS in the environment: more than a test run has time for. */
static void
random_steps_never_break_the_invariant(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	const char *wanted = g_getenv("TP_STEPS");
	int steps = wanted != NULL ? (int)g_ascii_strtoll(wanted, NULL, 10) : 1500;
	int done = 0;
	int refused = 0;

	(void)state;
	for (int i = 0; i < steps; i++) {
		g_autoptr(GError) error = NULL;
		const char *as =
		    names[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(names))];
		const char *target =
		    names[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(names))];
		g_autofree char *more = random_grant(rand);
		bool sound = false;
		json_t *matrix;
		bool ok;

		/* Parties do not act; half of the time the operator does. */
		if (strchr(as, '@') == NULL || g_rand_boolean(rand))
			as = NULL;
		ok = g_rand_int_range(rand, 0, 3) > 0
			 ? grant(as, target, more, &error)
			 : take(as, target,
			       groups[g_rand_int_range(
				   rand, 0, (int)G_N_ELEMENTS(groups) - 1)],
			       1u << g_rand_int_range(rand, 0, RIGHT_ACTIONS), &error);
		if (!ok && !g_error_matches(error, TP_ERROR, TP_ERROR_DENIED) &&
		    !g_error_matches(error, TP_ERROR, TP_ERROR_NOT_FOUND))
			fail_msg("step %d: %s", i, error->message);
		done += ok;
		refused += !ok;
		matrix = rights_matrix(shop.db, &sound, NULL);
		json_decref(matrix);
		if (!sound)
			fail_msg("step %d: %s by %s on %s", i, more, as, target);
	}
	assert_true(done > steps / 10);
	assert_true(refused > steps / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_right_taken_from_one_is_taken_from_all_below, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_was_cut_comes_back_with_its_file_and_not_before, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_smaller_file_takes_from_all_below_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    of_all_groups_one_can_be_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    those_made_by_one_who_goes_stand_below_the_one_above, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_party_that_goes_leaves_those_below_to_the_one_above, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    work_that_needs_a_right_that_is_gone_is_held_and_says_why, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    rights_written_past_the_rules_are_seen_and_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    random_steps_never_break_the_invariant, setup, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += run_rows("who may change whose rights", rows, row_test);
	return failed + run_rows("who may make a user", make_rows, make_row_test);
}
