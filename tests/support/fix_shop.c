/*
 * fix_shop.c - the sample vendor, for tests of rules.
 */
#include "tests/support/cm.h"

#include "tests/support/fix_shop.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "queue/day.h"
#include "queue/job.h"

static const JobKind kinds[] = {
	{ "issue", "house", 0, 120, 20, 0, JOB_AGAIN },
	{ "mail", "mail", 1, 900, 0, 900, JOB_AGAIN },
	{ "remote", "house", 1, 180, 20, 0, JOB_ONCE },
	{ "print", "print", 2, 900, 12, 0, JOB_ONCE },
	{ "spool", "print", 2, 900, 12, 0, JOB_ONCE },
};

static void
load_vendor(FixShop *shop)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Faults) faults = faults_new();
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autofree char *path =
	    g_build_filename(g_getenv("TP_SOURCE") != NULL ? g_getenv("TP_SOURCE") : ".",
		"tests/samples/vendor.json", NULL);
	MasterCount counts[MASTER_LISTS];
	json_t *document = json_load_file(path, 0, NULL);

	assert_non_null(document);
	assert_true(db_begin(shop->db, DB_WRITE, &tx, &error));
	assert_true(party_ensure_vendor(&tx, "Vendor", "de", &error));
	assert_true(master_import(&tx, document, faults, counts, &error));
	for (guint i = 0; i < faults_count(faults); i++)
		print_error(
		    "%s: %s\n", faults_at(faults, i)->path, faults_at(faults, i)->text);
	assert_int_equal(faults_count(faults), 0);
	assert_true(db_commit(&tx, &error));
	json_decref(document);
}

static void
open_shop(FixShop *shop, void (*open_store)(FixDb *store))
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("ticketpost-XXXXXX", NULL);

	memset(shop, 0, sizeof(*shop));
	job_kinds_set(kinds, G_N_ELEMENTS(kinds));
	open_store(&shop->store);
	shop->db = shop->store.db;
	shop->key_path = g_build_filename(folder, "k.key", NULL);
	assert_true(vault_create(shop->key_path, &error));
	shop->vault = vault_open(shop->key_path, &error);
	assert_no_error(error);
	shop->zone = zone_open("Europe/Berlin", &error);
	shop->issue = (IssueContext){
		.vault = shop->vault,
		.zone = shop->zone,
		.language = "de",
		.stock = "avery-c32011-10",
		.vendor_name = "Vendor",
	};
	load_vendor(shop);
}

void
fix_shop(FixShop *shop)
{
	open_shop(shop, fix_db_memory);
}

void
fix_shop_file(FixShop *shop)
{
	open_shop(shop, fix_db_file);
}

void
fix_shop_done(FixShop *shop)
{
	g_autofree char *folder = g_path_get_dirname(shop->key_path);

	vault_close(shop->vault);
	g_time_zone_unref(shop->zone);
	fix_db_done(&shop->store);
	g_unlink(shop->key_path);
	g_rmdir(folder);
	g_free(shop->key_path);
}

const char *
fix_order(FixShop *shop, const char *number, const char *sku, int quantity,
    const char *by, const char *to, int64_t *ret_id)
{
	static const char *lines[] = { "Kaiserstr. 1", NULL };
	g_autoptr(OrderDraft) draft = order_draft_new();
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	OrderPolicy policy = { .max_quantity = 10000, .zone = shop->zone };
	OrderStatus status;
	OrderLine *line;
	int64_t id;

	draft->number = g_strdup(number);
	draft->source = g_strdup("test");
	draft->party = g_strdup("R-100");
	draft->has_customer = true;
	draft->customer.name = g_strdup("Zoë Müller");
	draft->customer.email = g_strdup("zoe@example.org");
	draft->customer.language = g_strdup("de");
	draft->customer.address.lines = g_strdupv((char **)(uintptr_t)lines);
	draft->customer.address.postcode = g_strdup("76133");
	draft->customer.address.city = g_strdup("Karlsruhe");
	draft->customer.address.country = g_strdup("DE");
	(void)!order_by_from_name(by, &draft->deliver_by);
	(void)!order_to_from_name(to, &draft->deliver_to);
	line = order_draft_add_line(draft);
	line->line = g_strdup("1");
	line->product = g_strdup(sku);
	line->quantity = quantity;
	assert_true(db_begin(shop->db, DB_WRITE, &tx, &error));
	assert_true(order_place(&tx, draft, &policy, &status, &id, &error));
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	if (ret_id != NULL)
		*ret_id = id;
	return order_status_name(status);
}

int
fix_issue(FixShop *shop, int64_t order_id)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int tickets = -1;

	assert_true(db_begin(shop->db, DB_WRITE, &tx, &error));
	if (!issue_order(&tx, &shop->issue, order_id, &tickets, &error))
		fail_msg("issue: %s", error->message);
	assert_true(db_commit(&tx, &error));
	return tickets;
}

int64_t
fix_int(FixShop *shop, const char *sql)
{
	g_autoptr(GError) error = NULL;
	int64_t value = -1;

	(void)!db_find_int(shop->db, fix_stmt(sql), DB_NO_ARGS, &value, &error);
	assert_no_error(error);
	return value;
}
