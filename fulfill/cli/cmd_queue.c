/*
 * cmd_queue.c - what an operator does with jobs.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/remote_call.h"
#include "queue/job_admin.h"

static char *opt_kind;
static char *opt_state;
static gboolean opt_held;
static gboolean opt_every;
static gboolean opt_done;
static gboolean opt_again;
static int opt_limit;

const GOptionEntry opt_queue_list[] = {
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &opt_kind, "issue, mail, print", "KIND" },
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state,
	    "ready, leased, acting, doubt, done, dead, cancelled", "STATE" },
	{ "held", 0, 0, G_OPTION_ARG_NONE, &opt_held, "held jobs only", NULL },
	{ "all", 0, 0, G_OPTION_ARG_NONE, &opt_every, "those that are done, too", NULL },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "at most so many", "N" },
	{ 0 },
};
const GOptionEntry opt_queue_hold[] = {
	{ "all", 0, 0, G_OPTION_ARG_NONE, &opt_every, "every open job", NULL },
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &opt_kind, "with --all: of this kind",
	    "KIND" },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "shown in the queue",
	    "TEXT" },
	{ 0 },
};
const GOptionEntry opt_queue_release[] = {
	{ "all", 0, 0, G_OPTION_ARG_NONE, &opt_every, "every held job", NULL },
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &opt_kind, "with --all: of this kind",
	    "KIND" },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ 0 },
};
const GOptionEntry opt_queue_resolve[] = {
	{ "done", 0, 0, G_OPTION_ARG_NONE, &opt_done, "it happened", NULL },
	{ "again", 0, 0, G_OPTION_ARG_NONE, &opt_again, "it did not: try again", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "how you know", "TEXT" },
	{ 0 },
};

static const Column columns[] = {
	{ "JOB", "id", true },
	{ "KIND", "kind", false },
	{ "STATE", "state", false },
	{ "SUBJECT", "subject", false },
	{ "TRIES", "attempts", true },
	{ "DUE", "due", false },
	{ "HELD", "hold", false },
	{ "LAST ERROR", "last_error", false },
	{ NULL, NULL, false },
};

static json_t *
job_json(const JobInfo *job, GTimeZone *zone)
{
	return json_pack(
	    "{s:I, s:s, s:s, s:s, s:I, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
	    job->id, "kind", job->kind, "state", job->state, "subject", job->subject,
	    "ref", job->ref, "attempts", job->attempts, "lapses", job->lapses, "due",
	    json_time(job->due_at, zone), "created", json_time(job->created_at, zone),
	    "ended", json_time(job->done_at, zone), "hold", json_text(job->hold), "owner",
	    json_text(job->lease_owner), "last_error", json_text(job->last_error));
}

int
cmd_queue_list(Cmd *cmd, GError **error)
{
	JobFilter filter = {
		.kind = opt_kind,
		.state = opt_state,
		.held = opt_held,
		.limit = opt_limit,
		.open = false,
	};
	g_autoptr(GPtrArray) jobs = job_list(cmd->work->db, &filter, error);
	json_t *list;

	if (jobs == NULL)
		return -1;
	list = json_array();
	for (guint i = 0; i < jobs->len; i++) {
		const JobInfo *job = g_ptr_array_index(jobs, i);
		bool ended = g_str_equal(job->state, "done") ||
			     g_str_equal(job->state, "cancelled");

		if (!ended || opt_every || opt_state != NULL)
			json_array_append_new(list, job_json(job, cmd->work->zone));
	}
	table_print(cmd, json_pack("{s:o}", "jobs", list), "jobs", columns);
	return EX_OK;
}

int
cmd_queue_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "job", "id", false },
		{ "kind", "kind", false },
		{ "state", "state", false },
		{ "subject", "subject", false },
		{ "tries", "attempts", false },
		{ "lapses", "lapses", false },
		{ "due", "due", false },
		{ "created", "created", false },
		{ "ended", "ended", false },
		{ "held", "hold", false },
		{ "owner", "owner", false },
		{ "last error", "last_error", false },
		{ NULL, NULL, false },
	};
	g_autoptr(JobInfo) job = NULL;
	int64_t id;

	if (!cmd_number(cmd->args[0], "job", &id, error))
		return -1;
	job = job_get(cmd->work->db, id, error);
	if (job == NULL)
		return -1;
	table_print_object(cmd, job_json(job, cmd->work->zone), lines);
	return EX_OK;
}

/* The deliveries of a mail follow its job. */
static const struct {
	JobVerb verb;
	AuditAction action;
	DeliveryEvent event;
} effects[] = {
	{ JOB_VERB_RETRY, AUDIT_RETRIED, DELIVERY_REVIVE },
	{ JOB_VERB_HOLD, AUDIT_HELD, DELIVERY_HOLD },
	{ JOB_VERB_RELEASE, AUDIT_RELEASED, DELIVERY_RELEASE },
	{ JOB_VERB_CANCEL, AUDIT_WITHDRAWN, DELIVERY_ABORT },
	{ JOB_VERB_RESOLVE, AUDIT_RESOLVED, DELIVERY_SUCCEED },
};

static int
act(Cmd *cmd, JobVerb verb, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(JobInfo) job = NULL;
	size_t i = 0;
	int64_t id;

	while (effects[i].verb != verb)
		i++;
	if (!cmd_number(cmd->args[0], "job", &id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !job_do(&tx, id, verb, cmd_reason, error))
		return -1;
	job = job_get(cmd->work->db, id, error);
	if (job == NULL ||
	    (g_str_equal(job->kind, JOB_KIND_MAIL) &&
		!delivery_move(&tx, DELIVERY_OF_MAIL, job->ref, effects[i].event,
		    cmd_reason, NULL, error)) ||
	    (g_str_equal(job->kind, JOB_KIND_REMOTE) &&
		!remote_call_by_hand(&tx, job->ref, verb, cmd_reason, error)) ||
	    !audit_add(&tx, effects[i].action, "job", id, cmd_reason, error) ||
	    !db_commit(&tx, error))
		return -1;
	return EX_OK;
}

int
cmd_queue_retry(Cmd *cmd, GError **error)
{
	return act(cmd, JOB_VERB_RETRY, error);
}

int
cmd_queue_cancel(Cmd *cmd, GError **error)
{
	return act(cmd, JOB_VERB_CANCEL, error);
}

int
cmd_queue_resolve(Cmd *cmd, GError **error)
{
	if (opt_done == opt_again) {
		fprintf(stderr, "ticketpost: queue resolve: say --done or --again\n");
		return EX_USAGE;
	}
	return act(cmd, opt_done ? JOB_VERB_RESOLVE : JOB_VERB_RETRY, error);
}

static int
hold_or_release_all(Cmd *cmd, bool hold, GError **error)
{
	const char *why = cmd_reason != NULL ? cmd_reason : "held by an operator";
	g_auto(DbTx) tx = DB_TX_INIT;
	bool restored = false;
	int64_t n;

	if (!db_is_backup(cmd->work->db, &restored, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (restored && !hold && !db_adopt(&tx, error)) ||
	    !(hold ? job_hold_all(&tx, opt_kind, why, &n, error)
		   : job_release_all(&tx, opt_kind, &n, error)) ||
	    !audit_add(
		&tx, hold ? AUDIT_HELD : AUDIT_RELEASED, "queue", n, cmd_reason, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(stderr, "%s %" G_GINT64_FORMAT " jobs\n",
		    hold ? "held" : "released", n);
	if (restored && !hold && !cmd->quiet)
		fputs("mail and paper of the restored store go on\n", stderr);
	return EX_OK;
}

static int
hold_or_release(Cmd *cmd, bool hold, GError **error)
{
	if (opt_every == (cmd->n_args == 1)) {
		fprintf(stderr, "ticketpost: %s: name one job, or --all\n", cmd->words);
		return EX_USAGE;
	}
	if (opt_every)
		return hold_or_release_all(cmd, hold, error);
	return act(cmd, hold ? JOB_VERB_HOLD : JOB_VERB_RELEASE, error);
}

int
cmd_queue_hold(Cmd *cmd, GError **error)
{
	return hold_or_release(cmd, true, error);
}

int
cmd_queue_release(Cmd *cmd, GError **error)
{
	return hold_or_release(cmd, false, error);
}
