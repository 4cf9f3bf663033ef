/*
 * cmd_instance.c - init, check, status, backup, migrate, import.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/staff_drop.h"
#include "fulfill/domain/stats.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/work/remote_turn.h"
#include "fulfill/work/staff_file.h"
#include "fulfill/work/upload.h"
#include "queue/file.h"
#include "print/stock.h"
#include "queue/clock.h"
#include "queue/job_admin.h"
#include "queue/limits.h"
#include "queue/migrate.h"

static gboolean opt_limits;
static gboolean opt_uploads;
static gboolean opt_dry_run;
static int opt_max_drop = -1;

const GOptionEntry opt_check[] = {
	{ "limits", 0, 0, G_OPTION_ARG_NONE, &opt_limits, "list the fixed limits", NULL },
	{ "uploads", 0, 0, G_OPTION_ARG_NONE, &opt_uploads,
	    "list all that ever leaves for a service elsewhere", NULL },
	{ 0 },
};
const GOptionEntry opt_import[] = {
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run, "check, change nothing",
	    NULL },
	{ "max-drop", 0, 0, G_OPTION_ARG_INT, &opt_max_drop,
	    "employees: may end the employment of so many per cent (default: [staff] "
	    "max_drop)",
	    "N" },
	{ 0 },
};

static bool
make_folder(const char *base, const char *name, GError **error)
{
	g_autofree char *path =
	    name != NULL ? g_build_filename(base, name, NULL) : g_strdup(base);

	if (g_mkdir_with_parents(path, 0700) < 0)
		return err_errno(error, errno, "cannot make folder '%s'", path);
	return true;
}

/* Opens (or makes) the store that the settings name, brings it to today's schema, and
 * sees to the vendor. */
static bool
prepare_store(const Settings *settings, int *ret_ran, GError **error)
{
	g_autoptr(Db) db = db_open(settings_text(settings, SET_STORE), true, error);
	g_auto(DbTx) tx = DB_TX_INIT;

	return db != NULL && migrate_run(db, ret_ran, error) &&
	       db_begin(db, DB_WRITE, &tx, error) &&
	       party_ensure_vendor(&tx, settings_text(settings, SET_NAME),
		   settings_text(settings, SET_LANGUAGE), error) &&
	       db_commit(&tx, error);
}

static bool
write_files(const char *dir, GError **error)
{
	static const char *const folders[] = { NULL, "inbox", "outbox", "printed",
		"logos", "templates" };
	g_autofree char *conf = g_build_filename(dir, "ticketpost.conf", NULL);
	g_autofree char *key = g_build_filename(dir, "ticketpost.key", NULL);
	g_autofree char *sample = settings_sample();

	if (g_file_test(conf, G_FILE_TEST_EXISTS))
		return err_set(error, TP_ERROR_EXISTS,
		    "'%s' exists already: this is an instance", conf);
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		if (!make_folder(dir, folders[i], error))
			return false;
	if (!g_file_test(key, G_FILE_TEST_EXISTS) && !vault_create(key, error))
		return false;
	/* Last: what has settings is an instance. */
	return file_write(conf, sample, strlen(sample), error);
}

int
cmd_init(Cmd *cmd, GError **error)
{
	const char *dir = cmd->args[0];
	g_autofree char *conf = g_build_filename(dir, "ticketpost.conf", NULL);
	g_autoptr(Settings) settings = NULL;

	if (!write_files(dir, error))
		return -1;
	settings = settings_read(conf, error);
	if (settings == NULL || !prepare_store(settings, NULL, error))
		return -1;
	if (!cmd->quiet)
		printf("made %s\n  next: ticketpost --config %s import FILE   "
		       "(products, parties)\n        ticketpost --config %s check\n",
		    conf, conf, conf);
	return EX_OK;
}

static int
list_limits(void)
{
	for (const Limit *l = limits; l->name != NULL; l++)
		printf("%-24s %12" G_GINT64_FORMAT " %-16s %s\n", l->name, l->value,
		    l->unit, l->reason);
	return EX_OK;
}

static int
list_uploads(void)
{
	for (const UploadField *f = upload_fields(); f->path != NULL; f++) {
		g_autoptr(GString) verbs = g_string_new(NULL);

		for (int v = 0; v < CONNECTOR_N_VERBS; v++)
			if ((f->verbs & 1u << v) != 0)
				g_string_append_printf(verbs, "%s%s",
				    verbs->len > 0 ? "," : "",
				    connector_verb_name((ConnectorVerb)v));
		printf("%-18s %-44s %s\n", f->path, verbs->str, f->why);
	}
	return EX_OK;
}

int
cmd_check(Cmd *cmd, GError **error)
{
	g_autofree char *path = NULL;
	g_autofree char *texts = NULL;
	g_autoptr(Settings) settings = NULL;
	g_autoptr(GPtrArray) faults = NULL;
	g_autoptr(Work) work = NULL;
	Stock stock;

	if (opt_limits)
		return list_limits();
	if (opt_uploads)
		return list_uploads();
	path = settings_locate(cmd->config, error);
	settings = path != NULL ? settings_read(path, error) : NULL;
	if (settings == NULL ||
	    !stock_get(settings_text(settings, SET_PRINT_STOCK), &stock, error))
		return -1;
	texts = work_templates_folder(settings);
	faults = tmpl_set_check(texts, settings_text(settings, SET_LANGUAGE));
	for (guint i = 0; i < faults->len; i++)
		fprintf(stderr, "ticketpost: %s\n",
		    (const char *)g_ptr_array_index(faults, i));
	if (faults->len > 0)
		return EX_CONFIG;
	work = work_open(settings, WORK_ALL, error);
	if (work == NULL || !db_verify(work->db, error) || !remote_check(work, error))
		return -1;
	if (!cmd->quiet)
		printf(
		    "%s: settings, keys, store, texts, fonts and stock are good\n", path);
	return EX_OK;
}

static json_t *
status_document(Db *db, GError **error)
{
	json_t *orders = json_object();
	json_t *tickets = json_object();
	json_t *deliveries = json_object();
	json_t *jobs = json_object();
	int64_t oldest_at = 0;
	json_t *document = json_pack("{s:o, s:o, s:o, s:o}", "orders", orders, "tickets",
	    tickets, "deliveries", deliveries, "jobs", jobs);

	if (!order_count(db, json_count, orders, error) ||
	    !ticket_count(db, json_count, tickets, error) ||
	    !stats_deliveries(db, deliveries, error) ||
	    !job_count(db, json_count, jobs, error) ||
	    !job_oldest_ready_at(db, &oldest_at, error)) {
		json_decref(document);
		return NULL;
	}
	json_object_set_new(document, "oldest_ready_s",
	    json_integer(oldest_at != 0 ? (clock_now_at() - oldest_at) / US_PER_S : 0));
	return document;
}

static void
print_counts(const char *title, const json_t *counts)
{
	const char *state;
	json_t *n;

	printf("%-12s", title);
	if (json_object_size(counts) == 0)
		printf(" -");
	json_object_foreach ((json_t *)(uintptr_t)counts, state, n) {
		printf(" %" JSON_INTEGER_FORMAT " %s ", json_integer_value(n), state);
	}
	putchar('\n');
}

int
cmd_status(Cmd *cmd, GError **error)
{
	json_t *document = status_document(cmd->work->db, error);
	bool restored = false;
	const char *channel;
	json_t *counts;

	if (document == NULL || !db_is_backup(cmd->work->db, &restored, error)) {
		json_decref(document);
		return -1;
	}
	if (restored)
		json_object_set_new(document, "restored", json_true());
	if (cmd->json) {
		json_dumpf(document, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_counts("orders", json_object_get(document, "orders"));
		print_counts("tickets", json_object_get(document, "tickets"));
		json_object_foreach (
		    json_object_get(document, "deliveries"), channel, counts) {
			g_autofree char *title = g_strconcat("by ", channel, NULL);

			print_counts(title, counts);
		}
		print_counts("jobs", json_object_get(document, "jobs"));
		printf("%-12s %" JSON_INTEGER_FORMAT " s\n", "oldest waits",
		    json_integer_value(json_object_get(document, "oldest_ready_s")));
		if (restored)
			puts("This store is a restored backup: mail and paper are held "
			     "until 'ticketpost queue release --all'.");
	}
	json_decref(document);
	return EX_OK;
}

int
cmd_backup(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!db_backup(cmd->work->db, cmd->args[0], error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !audit_add(&tx, AUDIT_BACKED_UP, "store", 1, NULL, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(
		    stderr, "wrote %s; keep the key file apart from it\n", cmd->args[0]);
	return EX_OK;
}

int
cmd_migrate(Cmd *cmd, GError **error)
{
	int ran = 0;

	if (!prepare_store(cmd->settings, &ran, error))
		return -1;
	if (!cmd->quiet)
		fprintf(stderr, "%d migration%s ran\n", ran, ran == 1 ? "" : "s");
	return EX_OK;
}

/* A master data file as JSON: no key twice, at most LIMIT_ORDER_FILE_BYTES. */
static json_t *
read_document(const char *path, GError **error)
{
	GStatBuf info;
	json_error_t where;
	json_t *document;

	if (g_stat(path, &info) < 0) {
		err_errno(error, errno, "cannot read '%s'", path);
		return NULL;
	}
	if (info.st_size > LIMIT_ORDER_FILE_BYTES) {
		err_set(error, TP_ERROR_INVALID, "'%s' is longer than %d bytes", path,
		    LIMIT_ORDER_FILE_BYTES);
		return NULL;
	}
	document = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (document == NULL)
		err_set(error, TP_ERROR_INVALID, "%s:%d:%d: %s", path, where.line,
		    where.column, where.text);
	return document;
}

/* Loads within `tx`; employees pass the bar that staff lists pass. */
static bool
load(Cmd *cmd, DbTx *tx, const json_t *document, Faults *faults, MasterCount *counts,
    GError **error)
{
	bool staff = json_object_get(document, "employees") != NULL;
	g_autoptr(StaffDrop) before =
	    staff ? staff_drop_begin(tx->db, day_today(cmd->work->zone), error) : NULL;
	g_autofree char *alarm = NULL;

	if ((staff && before == NULL) ||
	    !master_import(tx, document, faults, counts, error))
		return false;
	if (!staff || faults_count(faults) > 0)
		return true;
	if (!staff_drop_check(
		before, tx->db, staff_max_drop(cmd->work, opt_max_drop), &alarm, error))
		return false;
	if (alarm == NULL)
		return true;
	db_rollback(tx);
	return (opt_dry_run || staff_file_alarm(cmd->work, alarm, error)) &&
	       err_set(error, TP_ERROR_INVALID, "%s: nothing was changed", alarm);
}

/* 0: loaded.  EX_DATAERR: faults were told.  -1: error. */
static int
import_file(Cmd *cmd, const char *path, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Faults) faults = faults_new();
	MasterCount counts[MASTER_LISTS];
	json_t *document = read_document(path, error);
	bool ok = document != NULL && db_begin(cmd->work->db, DB_WRITE, &tx, error) &&
		  load(cmd, &tx, document, faults, counts, error);

	if (ok && faults_count(faults) == 0 && !opt_dry_run)
		ok = audit_add(&tx, AUDIT_IMPORTED, "master", 1, NULL, error) &&
		     db_commit(&tx, error);
	json_decref(document);
	if (!ok)
		return -1;
	for (guint i = 0; i < faults_count(faults); i++)
		fprintf(stderr, "ticketpost: %s: %s: %s\n", path,
		    faults_at(faults, i)->path, faults_at(faults, i)->text);
	if (faults_count(faults) > 0)
		return EX_DATAERR;
	for (int i = 0; i < MASTER_LISTS && !cmd->quiet; i++)
		if (counts[i].stored + counts[i].same > 0)
			printf("%-12s %d stored, %d unchanged\n", counts[i].list,
			    counts[i].stored, counts[i].same);
	return EX_OK;
}

int
cmd_import(Cmd *cmd, GError **error)
{
	for (int i = 0; i < cmd->n_args; i++) {
		int code = import_file(cmd, cmd->args[i], error);

		if (code != EX_OK)
			return code;
	}
	return EX_OK;
}
