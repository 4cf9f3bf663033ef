/*
 * test_upload.c - nothing leaves for a service elsewhere but the declared set (R14.5).
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/remote_call.h"
#include "fulfill/work/connector_text.h"
#include "fulfill/work/upload.h"
#include "tests/support/fix_files.h"
#include "tests/support/fix_shop.h"

#define SECRET "must-not-leave"

/* ---- the table ---- */

static bool
is_declared(ConnectorVerb verb, const char *path)
{
	for (const UploadField *f = upload_fields(); f->path != NULL; f++)
		if (strcmp(f->path, path) == 0 && (f->verbs & 1u << verb) != 0)
			return true;
	return false;
}

static void
every_row_names_a_verb_and_says_why(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	int n = 0;

	(void)state;
	for (const UploadField *f = upload_fields(); f->path != NULL; f++, n++) {
		assert_true(g_hash_table_add(seen, (gpointer)(uintptr_t)f->path));
		assert_true(f->verbs != 0 && f->verbs < 1u << CONNECTOR_N_VERBS);
		assert_true(strlen(f->why) >= 5);
	}
	assert_true(n >= 20);
	/* People: nobody but who makes or shows a licence is told of them. */
	for (int v = 0; v < CONNECTOR_N_VERBS; v++)
		assert_true(is_declared((ConnectorVerb)v, "customer.email") ==
			    (v == CONNECTOR_MINT || v == CONNECTOR_ASSIGN));
	assert_false(is_declared(CONNECTOR_MINT, "ticket.code"));
}

/* ---- what gets through ---- */

/* Puts `value` at "a.b" of an object. */
static void
put(json_t *object, const char *path, const char *value)
{
	g_auto(GStrv) parts = g_strsplit(path, ".", 2);
	json_t *inner;

	if (parts[1] == NULL) {
		json_object_set_new(object, parts[0], json_string(value));
		return;
	}
	inner = json_object_get(object, parts[0]);
	if (inner == NULL) {
		inner = json_object();
		json_object_set_new(object, parts[0], inner);
	}
	put(inner, parts[1], value);
}

/* Things somebody might add one day, or hide where a plain value should be. */
static const char *const undeclared[] = { "customer.address", "customer.phone",
	"customer.street", "ticket.sealed", "ticket.lookup", "licence.holder",
	"party.name", "party.email", "secret", "order.customer", "file.path",
	"employee.name", "price" };

static json_t *
full_context(void)
{
	json_t *context = json_object();

	for (const UploadField *f = upload_fields(); f->path != NULL; f++)
		put(context, f->path, f->path);
	for (size_t i = 0; i < G_N_ELEMENTS(undeclared); i++)
		put(context, undeclared[i], SECRET);
	/* A list or an object under a declared name is none of the table's values. */
	json_object_set_new(context, "quantity", json_pack("[s]", SECRET));
	json_object_set_new(json_object_get(context, "product"), "kind",
	    json_pack("{s:s}", "deep", SECRET));
	return context;
}

static int
count_leaves(const json_t *value, const char *path, ConnectorVerb verb)
{
	const char *name;
	json_t *item;
	int n = 0;

	if (!json_is_object(value)) {
		if (!is_declared(verb, path))
			fail_msg("'%s' left with %s", path, connector_verb_name(verb));
		assert_string_equal(json_string_value(value), path);
		return 1;
	}
	json_object_foreach ((json_t *)(uintptr_t)value, name, item) {
		g_autofree char *below =
		    *path != '\0' ? g_strconcat(path, ".", name, NULL) : g_strdup(name);

		n += count_leaves(item, below, verb);
	}
	return n;
}

static void
nothing_but_the_declared_fields_gets_through(void **state)
{
	json_t *context = full_context();

	(void)state;
	for (int v = 0; v < CONNECTOR_N_VERBS; v++) {
		ConnectorVerb verb = (ConnectorVerb)v;
		json_t *set = upload_set(verb, context);
		char *text = json_dumps(set, 0);
		int wanted = 0;

		for (const UploadField *f = upload_fields(); f->path != NULL; f++)
			wanted += (f->verbs & 1u << v) != 0 &&
				  strcmp(f->path, "quantity") != 0 &&
				  strcmp(f->path, "product.kind") != 0;
		assert_int_equal(count_leaves(set, "", verb), wanted);
		assert_null(strstr(text, SECRET));
		free(text);
		json_decref(set);
	}
	json_decref(context);
}

/* Whatever an operator's file asks for. */
static void
a_template_that_asks_for_more_gets_nothing(void **state)
{
	g_autoptr(FixFiles) files = fix_files_new();
	g_autofree char *path = g_build_filename(fix_files_dir(files), "c.ini", NULL);
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(GString) file =
	    g_string_new("[connector]\nkind=rest\nurl=https://"
			 "a.example\n[probe]\nmethod=GET\npath=/\n");
	static const ConnectorVerb verbs[] = { CONNECTOR_MINT, CONNECTOR_EXTEND,
		CONNECTOR_RECALL, CONNECTOR_ASSIGN, CONNECTOR_REPORT };
	g_autoptr(Connector) connector = NULL;
	g_autoptr(GError) error = NULL;
	json_t *context = full_context();

	(void)state;
	for (const UploadField *f = upload_fields(); f->path != NULL; f++)
		g_string_append_printf(body, "%s={{%s}};", f->path, f->path);
	for (size_t i = 0; i < G_N_ELEMENTS(undeclared); i++)
		g_string_append_printf(body, "{{%s}}", undeclared[i]);
	g_string_append(body, "{{#customer}}{{address}}{{phone}}{{/customer}}");
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
		g_string_append_printf(file, "[%s]\npath=/{{key}}\nbody=%s\nticket=/t\n",
		    connector_verb_name(verbs[i]), body->str);
	fix_files_put(files, "c.ini", file->str);
	connector = connector_open(path, NULL, &error);
	if (connector == NULL)
		fail_msg("%s", error->message);
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		g_autofree char *where = NULL;
		g_autofree char *text = NULL;

		assert_true(
		    connector_text(connector, verbs[i], context, &where, &text, &error));
		assert_non_null(strstr(text, "key=key;"));
		assert_null(strstr(text, SECRET));
		assert_true(is_declared(verbs[i], "customer.email") ==
			    (strstr(text, "customer.email=customer.email;") != NULL));
	}
	json_decref(context);
}

/* ---- what the domain really offers ---- */

static void
calls_offer_nothing_that_no_row_names(void **state)
{
	FixShop shop;
	g_autoptr(RemoteCall) call = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *refused = NULL;
	const char *name;
	const char *below;
	json_t *value;
	json_t *inner;
	int64_t order_id;
	int waiting;
	int n = 0;

	(void)state;
	fix_shop(&shop);
	shop.issue.backend = "rest:x.ini";
	fix_order(&shop, "S-1", "CAD-PRO", 1, "email", "customer", &order_id);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(
	    remote_call_order(&tx, &shop.issue, order_id, &waiting, &refused, &error));
	assert_int_equal(waiting, 1);
	call = remote_call_get(
	    shop.db, fix_int(&shop, "SELECT min(id) FROM remote_call"), &error);
	assert_non_null(call);
	json_object_foreach (call->context, name, value) {
		if (!json_is_object(value)) {
			assert_true(is_declared(CONNECTOR_MINT, name) ||
				    is_declared(CONNECTOR_EXTEND, name) ||
				    is_declared(CONNECTOR_ASSIGN, name));
			n++;
			continue;
		}
		json_object_foreach (value, below, inner) {
			g_autofree char *path = g_strconcat(name, ".", below, NULL);

			if (!is_declared(CONNECTOR_MINT, path))
				fail_msg("%s has no row in upload.def", path);
			n++;
		}
	}
	assert_true(n > 15);
	db_rollback(&tx);
	fix_shop_done(&shop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_names_a_verb_and_says_why),
		cmocka_unit_test(nothing_but_the_declared_fields_gets_through),
		cmocka_unit_test(a_template_that_asks_for_more_gets_nothing),
		cmocka_unit_test(calls_offer_nothing_that_no_row_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
