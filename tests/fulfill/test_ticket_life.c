/*
 * test_ticket_life.c - a licence is in one place, and seen by those it is for.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_life.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static const char master[] =
    "{\"parties\":["
    "{\"id\":\"R-100\",\"kind\":\"reseller\",\"name\":\"R\",\"email\":\"r@r.example\","
    "\"mode\":"
    "\"jit\",\"grants\":[{\"group\":\"cad\",\"may\":[\"create\",\"modify\"]}]},"
    "{\"id\":\"K\",\"kind\":\"customer\",\"parent\":\"R-100\",\"company\":\"K\"},"
    "{\"id\":\"L\",\"kind\":\"customer\",\"parent\":\"R-100\",\"company\":\"L\"}],"
    "\"users\":["
    "{\"email\":\"kim@k.example\",\"party\":\"K\",\"role\":\"admin\"},"
    "{\"email\":\"kay@k.example\",\"party\":\"K\",\"role\":\"user\"},"
    "{\"email\":\"ken@k.example\",\"party\":\"K\",\"role\":\"user\"},"
    "{\"email\":\"lea@l.example\",\"party\":\"L\",\"role\":\"admin\"},"
    "{\"email\":\"ria@r.example\",\"party\":\"R-100\",\"role\":\"admin\"},"
    "{\"email\":\"rob@r.example\",\"party\":\"R-100\",\"role\":\"user\"},"
    "{\"email\":\"see@r.example\",\"party\":\"R-100\",\"role\":\"user\",\"grants\":[{"
    "\"group\":\"cad\",\"may\":[\"create\"]}]},"
    "{\"email\":\"not@r.example\",\"party\":\"R-100\",\"role\":\"user\",\"grants\":[]}]}";

static void
sql(const char *text)
{
	g_autoptr(GError) error = NULL;

	assert_true(db_exec(shop.db, fix_stmt(text), DB_NO_ARGS, NULL, &error));
	assert_no_error(error);
}

/* Tickets 1 to 3 of the customer K. */
static int
setup(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Faults) faults = faults_new();
	MasterCount counts[MASTER_LISTS];
	json_t *document = json_loads(master, 0, NULL);
	int64_t id;

	(void)state;
	fix_shop(&shop);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(master_import(&tx, document, faults, counts, &error));
		for (guint i = 0; i < faults_count(faults); i++)
			print_error("%s: %s\n", faults_at(faults, i)->path,
			    faults_at(faults, i)->text);
		assert_int_equal(faults_count(faults), 0);
		assert_true(db_commit(&tx, &error));
	}
	json_decref(document);
	fix_order(&shop, "A", "CAD-PRO", 3, "email", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), 3);
	sql("UPDATE licence SET holder_id = (SELECT id FROM party WHERE code = 'K')");
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

static int
act(const char *as, TicketEvent event, bool approve, TicketState *ret, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	LifePolicy policy = {
		.zone = shop.zone, .restores = 1, .restore_us = 365 * 24 * 3600 * US_PER_S
	};
	LifeAct what = { .actor = user_id(as),
		.ticket_id = 1,
		.event = event,
		.device = "laptop",
		.approve = approve };
	int done;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	done = ticket_act(&tx, &policy, &what, ret, error);
	if (done >= 0)
		assert_true(db_commit(&tx, NULL));
	return done;
}

/* ---- states ---- */

struct move_row {
	const char *name;
	TicketEvent event;
	const char *from;
	const char *to; /* NULL: not possible */
};

/* clang-format off */
static const struct move_row move_rows[] = {
	{ "R7.2 collect a new one",                 TICKET_ACTIVATE, "issued", "collected" },
	{ "R7.2 its receipt",                       TICKET_CONFIRM,  "collected", "confirmed" },
	{ "R7.2 return it",                         TICKET_RETURN,   "confirmed", "returned" },
	{ "R7.2 return it before its receipt came", TICKET_RETURN,   "collected", "returned" },
	{ "R7.2 without a receipt not collectable elsewhere", TICKET_ACTIVATE, "returned", NULL },
	{ "R7.2 the receipt of the return",         TICKET_CONFIRM,  "returned", "confirmed_returned" },
	{ "R7.2 collect it elsewhere",              TICKET_ACTIVATE, "confirmed_returned", "collected" },
	{ "not twice at once",                      TICKET_ACTIVATE, "collected", NULL },
	{ "nor when it is in use",                  TICKET_ACTIVATE, "confirmed", NULL },
	{ "nothing to return",                      TICKET_RETURN,   "issued", NULL },
	{ "not returned twice",                     TICKET_RETURN,   "returned", NULL },
	{ "nothing to confirm",                     TICKET_CONFIRM,  "issued", NULL },
	{ "no second receipt",                      TICKET_CONFIRM,  "confirmed", NULL },
	{ "R7.3 lost while in use",                 TICKET_RESTORE,  "confirmed", "lost_restored" },
	{ "R7.3 lost before the receipt",           TICKET_RESTORE,  "collected", "lost_restored" },
	{ "R7.3 lost on the way back",              TICKET_RESTORE,  "returned", "lost_restored" },
	{ "R7.3 nothing is lost that nobody has",   TICKET_RESTORE,  "issued", NULL },
	{ "R7.3 nor what was given back",           TICKET_RESTORE,  "confirmed_returned", NULL },
	{ "R7.3 collect it again",                  TICKET_ACTIVATE, "lost_restored", "collected" },
	{ "R10.1 a recalled one goes at the next contact", TICKET_CONFIRM, "recall_pending", "recalled" },
	{ "R10.1 the vendor's word wins over a return",    TICKET_RETURN,  "recall_pending", "recalled" },
	{ "R10.1 and over a restore",               TICKET_RESTORE,  "recall_pending", NULL },
	{ "R10.2 a recalled one is dead",           TICKET_ACTIVATE, "recalled", NULL },
	{ "R10.2 for good",                         TICKET_RESTORE,  "recalled", NULL },
};
/* clang-format on */

static void
move_row_test(void **state)
{
	const struct move_row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Ticket) ticket = NULL;
	g_autofree char *put =
	    g_strdup_printf("UPDATE ticket SET state = '%s' WHERE id = 1", row->from);
	TicketState now = TICKET_N_STATES;
	int done;

	setup(NULL);
	sql(put);
	done = act(NULL, row->event, false, &now, &error);
	ticket = ticket_get(shop.db, 1, NULL);
	if (row->to != NULL) {
		assert_no_error(error);
		assert_int_equal(done, 1);
		assert_string_equal(ticket_state_name(now), row->to);
		assert_string_equal(ticket->state, row->to);
	} else {
		assert_int_equal(done, -1);
		assert_error(error, TP_ERROR_CONFLICT);
		assert_string_equal(ticket->state, row->from);
	}
	teardown(NULL);
}

/* ticket_recall() is SQL of its own: it and the table say the same. */
static void
a_recall_leads_where_the_table_says(void **state)
{
	(void)state;
	for (int s = 0; s < TICKET_N_STATES; s++) {
		g_autofree char *put =
		    g_strdup_printf("UPDATE ticket SET state = '%s' WHERE id = 2",
			ticket_state_name((TicketState)s));
		g_autoptr(Ticket) ticket = NULL;
		g_auto(DbTx) tx = DB_TX_INIT;
		TicketState to = (TicketState)s;
		bool may = ticket_move(TICKET_RECALL, (TicketState)s, &to);

		sql(put);
		assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
		assert_int_equal(ticket_recall(&tx, 2, "x", NULL), may);
		if (may)
			assert_true(db_commit(&tx, NULL));
		db_rollback(&tx);
		ticket = ticket_get(shop.db, 2, NULL);
		assert_string_equal(ticket->state, ticket_state_name(to));
	}
}

static void
moving_and_restoring_keep_the_last_day(void **state)
{
	static const TicketEvent way[] = { TICKET_ACTIVATE, TICKET_CONFIRM, TICKET_RETURN,
		TICKET_CONFIRM, TICKET_ACTIVATE, TICKET_CONFIRM, TICKET_RESTORE,
		TICKET_ACTIVATE, TICKET_CONFIRM };
	g_autoptr(GError) error = NULL;
	TicketState now;

	(void)state;
	sql("UPDATE licence SET first_day = '2020-01-01', last_day = '2099-12-30'");
	for (size_t i = 0; i < G_N_ELEMENTS(way); i++) {
		assert_int_equal(act("kim@k.example", way[i], false, &now, &error), 1);
		assert_no_error(error);
	}
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM licence WHERE last_day ="
					" '2099-12-30' AND first_day = '2020-01-01'"),
	    3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM activation WHERE ticket_id = 1"), 3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM activation WHERE state = 'live'"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM activation WHERE state = 'lost'"), 1);
}

static void
after_its_last_day_it_is_not_collected(void **state)
{
	g_autoptr(GError) error = NULL;
	TicketState now;

	(void)state;
	sql("UPDATE licence SET last_day = '2020-01-01'");
	assert_int_equal(act(NULL, TICKET_ACTIVATE, false, &now, &error), -1);
	assert_error(error, TP_ERROR_CONFLICT);
	assert_string_equal(
	    error->message, "cannot activate ticket 1: its last day is over");
}

static void
so_many_restores_and_then_approval(void **state)
{
	g_autoptr(GError) error = NULL;
	TicketState now;

	(void)state;
	sql("UPDATE ticket SET state = 'confirmed'");
	assert_int_equal(act("kim@k.example", TICKET_RESTORE, false, &now, &error), 1);
	sql("UPDATE ticket SET state = 'confirmed'");
	/* The second one waits, and asking again makes no further request. */
	assert_int_equal(act("kim@k.example", TICKET_RESTORE, false, &now, &error), 0);
	assert_int_equal(act("kim@k.example", TICKET_RESTORE, false, &now, &error), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM restore WHERE state = 'waiting'"), 1);
	/* The customer's admin does not approve it, the reseller's does. */
	assert_int_equal(act("kim@k.example", TICKET_RESTORE, true, &now, &error), -1);
	assert_error(error, TP_ERROR_DENIED);
	g_clear_error(&error);
	assert_int_equal(act("see@r.example", TICKET_RESTORE, true, &now, &error), -1);
	assert_error(error, TP_ERROR_DENIED);
	g_clear_error(&error);
	assert_int_equal(act("ria@r.example", TICKET_RESTORE, true, &now, &error), 1);
	assert_no_error(error);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM restore WHERE state = 'waiting'"), 0);
	/* A year later it is given by itself again. */
	sql("UPDATE restore SET done_at = done_at - 366 * 86400000000");
	sql("UPDATE ticket SET state = 'confirmed'");
	assert_int_equal(act("kim@k.example", TICKET_RESTORE, false, &now, &error), 1);
}

/* ---- who sees it, who may what ---- */

#define GROUP "group of "

struct view_row {
	const char *name;
	const char *as;
	const char
	    *assigned; /* to whom of K, or to a group with them in it; NULL: nobody */
	bool shown;
	bool sees;
	bool uses;    /* collect, return, restore */
	bool manages; /* assign among K's people */
};

/* clang-format off */
static const struct view_row view_rows[] = {
	{ "the operator",                              NULL,            NULL,            false, true,  true,  true },
	{ "R7.1 the customer's admin",                 "kim@k.example", NULL,            false, true,  true,  true },
	{ "R2.10 hidden from its users until shown",   "kay@k.example", NULL,            false, false, false, false },
	{ "R2.10 shown to them",                       "kay@k.example", NULL,            true,  true,  true,  false },
	{ "R2.10 assigned to a person: that person",   "kay@k.example", "kay@k.example", false, true,  true,  false },
	{ "R2.10 and nobody beside",                   "ken@k.example", "kay@k.example", true,  false, false, false },
	{ "R2.10 but the admin",                       "kim@k.example", "kay@k.example", false, true,  true,  true },
	{ "R2.10 a group: hidden until shown",          "kay@k.example", GROUP "kay@k.example", false, false, false, false },
	{ "R2.10 shown to the group: its members",      "kay@k.example", GROUP "kay@k.example", true,  true,  true,  false },
	{ "R2.10 and nobody beside it",                 "ken@k.example", GROUP "kay@k.example", true,  false, false, false },
	{ "R2.10 but the admin sees a group's",         "kim@k.example", GROUP "kay@k.example", false, true,  true,  true },
	{ "the reseller's user sees a group's",         "rob@r.example", GROUP "kay@k.example", false, true,  true,  true },
	{ "another customer's admin",                  "lea@l.example", NULL,            true,  false, false, false },
	{ "the reseller's admin",                      "ria@r.example", NULL,            false, true,  true,  true },
	{ "the reseller's admin, assigned to a person","ria@r.example", "kay@k.example", false, true,  true,  true },
	{ "the reseller's user",                       "rob@r.example", NULL,            false, true,  true,  true },
	{ "R2.10 not what is assigned to a person",    "rob@r.example", "kay@k.example", false, false, false, false },
	{ "who may create may see, and no more",       "see@r.example", NULL,            false, true,  false, false },
	{ "who has no right there sees nothing",       "not@r.example", NULL,            true,  false, false, false },
	{ "another reseller",                          "licences@heron.example", NULL,   true,  false, false, false },
};
/* clang-format on */

/* A group of K with this one in it. */
static int64_t
group_of(DbTx *tx, const char *member)
{
	g_autoptr(User) user = user_get(tx->db, user_id(member), NULL);
	int64_t id;

	assert_non_null(user);
	assert_true(user_group_add(tx, 0, user->party_id, "Planung", &id, NULL));
	assert_int_equal(user_group_put(tx, 0, id, user->id, NULL), 1);
	return id;
}

static void
view_row_test(void **state)
{
	const struct view_row *row = *state;
	g_autoptr(GError) why = NULL;
	g_autoptr(GError) denied = NULL;
	TicketTo to = { .shown = row->shown };
	int64_t actor;

	setup(NULL);
	actor = user_id(row->as);
	if (row->assigned != NULL || row->shown) {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
		if (row->assigned != NULL && g_str_has_prefix(row->assigned, GROUP))
			to.group_id = group_of(&tx, row->assigned + strlen(GROUP));
		else
			to.user_id = user_id(row->assigned);
		assert_true(ticket_give(&tx, 0, 1, &to, &why));
		assert_true(db_commit(&tx, NULL));
	}
	assert_int_equal(ticket_is_seen(shop.db, actor, 1, &why), row->sees);
	assert_int_equal(
	    ticket_may_act(shop.db, actor, 1, TICKET_AS_USER, &denied), row->uses);
	/* Nobody learns that there is a ticket they do not see. */
	if (!row->uses)
		assert_error(denied, row->sees ? TP_ERROR_DENIED : TP_ERROR_NOT_FOUND);
	assert_int_equal(
	    ticket_may_act(shop.db, actor, 1, TICKET_AS_MANAGER, NULL), row->manages);
	teardown(NULL);
}

static void
a_ticket_in_use_is_not_given_to_another(void **state)
{
	g_autoptr(GError) error = NULL;
	TicketState now;
	const TicketEvent way[] = { TICKET_ACTIVATE, TICKET_RETURN, TICKET_CONFIRM };
	const bool may[] = { false, false, true };
	int64_t kim = user_id("kim@k.example");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(way); i++) {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_int_equal(act("kim@k.example", way[i], false, &now, &error), 1);
		assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
		assert_int_equal(
		    ticket_give(&tx, kim, 1,
			&(TicketTo){ .user_id = user_id("ken@k.example") }, NULL),
		    may[i]);
	}
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
		assert_false(ticket_give(&tx, kim, 1,
		    &(TicketTo){ .user_id = user_id("lea@l.example") }, &error));
		assert_error(error, TP_ERROR_INVALID);
	}
}

static void
a_code_with_two_readings_is_found_by_both(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(Code) code = { 0 };
	g_auto(Code) other = { 0 };
	static const Stmt PUT = { .name = "t",
		.sql = "UPDATE ticket SET lookup = $1 WHERE id = 3" };
	uint8_t lookup[VAULT_LOOKUP_BYTES];
	char text[CODE_TEXT_SIZE];
	int64_t id = 0;

	(void)state;
	/* Fewer than one in a hundred has two. */
	do
		code_random(&code);
	while (!code_other_reading(&code, &other));
	vault_lookup(shop.vault, &other, lookup);
	assert_true(db_exec(
	    shop.db, &PUT, DB_ARGS(v_blob(lookup, sizeof(lookup))), NULL, &error));
	code_format(&code, text);
	assert_true(ticket_resolve(shop.db, shop.vault, text, &id, &error));
	assert_int_equal(id, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_recall_leads_where_the_table_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    moving_and_restoring_keep_the_last_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    after_its_last_day_it_is_not_collected, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    so_many_restores_and_then_approval, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_ticket_in_use_is_not_given_to_another, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_code_with_two_readings_is_found_by_both, setup, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += run_rows("moves of a ticket", move_rows, move_row_test);
	return failed + run_rows("who sees a ticket", view_rows, view_row_test);
}
