/*
 * remote_turn.c - one call at a time.
 */
#include "fulfill/work/remote_turn.h"

#include <string.h>

#include "fulfill/domain/remote_call.h"
#include "fulfill/work/connector_text.h"
#include "fulfill/work/log.h"
#include "fulfill/work/remote_connector.h"
#include "queue/fault.h"
#include "queue/job_admin.h"

/* What a call needs to be made. */
typedef struct Making {
	RemoteCall *call;
	Connector *connector; /* borrowed */
	ConnectorVerb verb;
	char *path;
	char *body;
} Making;

static void
making_done(Making *making)
{
	g_clear_pointer(&making->call, remote_call_free);
	g_clear_pointer(&making->path, g_free);
	if (making->body != NULL)
		memset(making->body, 0, strlen(making->body));
	g_clear_pointer(&making->body, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Making, making_done)

/* An assignment carries the code; it is opened here and nowhere kept. */
static bool
add_code(Work *work, const RemoteCall *call, json_t *context, GError **error)
{
	g_auto(Code) code = { 0 };
	char text[CODE_TEXT_SIZE];

	if (strcmp(call->verb, "assign") != 0)
		return true;
	if (!ticket_open(work->db, work->vault, call->ticket_id, &code, error))
		return false;
	json_object_set_new(
	    context, "ticket", json_pack("{s:s}", "code", code_format(&code, text)));
	memset(text, 0, sizeof(text));
	return true;
}

static bool
fill_in(Work *work, Making *making, GError **error)
{
	json_t *context = making->call->context;

	if (!connector_has(making->connector, making->verb))
		return err_set(error, TP_ERROR_INVALID, "the connector has no [%s]",
		    connector_verb_name(making->verb));
	return add_code(work, making->call, context, error) &&
	       connector_text(making->connector, making->verb, context, &making->path,
		   &making->body, error);
}

static bool
prepare(Work *work, const Job *job, Making *making, GError **error)
{
	making->call = remote_call_get(work->db, job->ref, error);
	if (making->call == NULL ||
	    !connector_verb_from_name(making->call->verb, &making->verb, error))
		return false;
	making->connector = remote_connector(
	    work, making->call->portal ? REMOTE_PORTAL : REMOTE_ISSUER, error);
	return making->connector != NULL;
}

/* The ticket that came, sealed; only its seal and lookup are kept. */
static bool
seal(Work *work, const ConnectorAnswer *answer, TicketMade *ret, GError **error)
{
	g_auto(Code) code = { 0 };

	*ret = (TicketMade){ 0 };
	if (!code_foreign(answer->ticket, &code, error))
		return false;
	vault_lookup(work->vault, &code, ret->lookup);
	vault_seal(work->vault, &code, ret->sealed);
	g_strlcpy(ret->tail, code_tail(&code), sizeof(ret->tail));
	return true;
}

static bool
record_done(Work *work, DbTx *tx, const Making *making, const ConnectorAnswer *answer,
    const char **ret_why, GError **error)
{
	bool mint = making->verb == CONNECTOR_MINT;
	g_autoptr(GError) wrong = NULL;
	TicketMade made;

	*ret_why = NULL;
	if (mint && !seal(work, answer, &made, &wrong)) {
		/* It was made and cannot be used: a person must look, at both ends. */
		*ret_why = "the service made a ticket that is not 25 letters and digits";
		return remote_call_refused(tx, making->call, *ret_why, error);
	}
	return remote_call_done(
	    tx, making->call, mint ? &made : NULL, answer->ref, answer->state, error);
}

static JobHow
how_of(const GError *wrong)
{
	switch (wrong->code) {
	case TP_ERROR_TEMPFAIL:
		return JOB_HOW_RETRY;
	case TP_ERROR_UNCERTAIN:
		return JOB_HOW_LOST;
	default:
		return JOB_HOW_FAIL;
	}
}

static bool
record_wrong(
    DbTx *tx, const Job *job, const Making *making, const GError *wrong, GError **error)
{
	JobHow how = how_of(wrong);
	JobState state;

	if (job_settle(tx, job, how, wrong->message, 0, &state, error) < 0)
		return false;
	/* Tries come to an end, too. */
	if (how == JOB_HOW_FAIL || state == JOB_DEAD)
		return remote_call_refused(tx, making->call, wrong->message, error);
	return how == JOB_HOW_LOST
		   ? remote_call_lost(tx, making->call, wrong->message, error)
		   : remote_call_put_off(tx, making->call, wrong->message, error);
}

static bool
settle(Work *work, const Job *job, const Making *making, const ConnectorAnswer *answer,
    const GError *wrong, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	const char *why = NULL;

	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	if (wrong != NULL) {
		if (!record_wrong(&tx, job, making, wrong, error))
			return false;
	} else if (!record_done(work, &tx, making, answer, &why, error) ||
		   job_settle(&tx, job, why != NULL ? JOB_HOW_FAIL : JOB_HOW_DONE, why, 0,
		       NULL, error) < 0) {
		return false;
	}
	FAULT("remote.settle");
	return db_commit(&tx, error);
}

/* Nothing was tried: what is wrong is on our side. */
static bool
settle_unmade(Work *work, const Job *job, const RemoteCall *call, JobHow how,
    const char *why, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       job_settle(&tx, job, how, why, 0, NULL, error) >= 0 &&
	       (how != JOB_HOW_FAIL || call == NULL ||
		   remote_call_refused(&tx, call, why, error)) &&
	       db_commit(&tx, error);
}

static bool
arm(Work *work, Job *job, const Making *making, GError **error)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new();
	g_auto(DbTx) tx = DB_TX_INIT;

	g_ptr_array_add(jobs, job);
	return db_begin(work->db, DB_WRITE, &tx, error) && job_arm(&tx, jobs, error) &&
	       remote_call_start(&tx, making->call, error) && db_commit(&tx, error);
}

static bool
make(Work *work, Job *job, GError **error)
{
	g_auto(Making) making = { 0 };
	g_auto(ConnectorAnswer) answer = { 0 };
	g_autoptr(GError) wrong = NULL;

	if (!prepare(work, job, &making, &wrong))
		return settle_unmade(
		    work, job, NULL, JOB_HOW_RETRY, wrong->message, error);
	/* Recalled, cancelled or recorded by a probe meanwhile: done, as far as it goes.
	 */
	if (making.call->withdrawn || strcmp(making.call->state, "done") == 0)
		return settle_unmade(work, job, making.call, JOB_HOW_DONE, NULL, error);
	if (!fill_in(work, &making, &wrong))
		return settle_unmade(
		    work, job, making.call, JOB_HOW_FAIL, wrong->message, error);
	if (!arm(work, job, &making, error))
		return false;
	if (!job->armed)
		return true;
	FAULT("remote.armed");
	if (connector_call(making.connector, making.verb, making.call->key, making.path,
		making.body, &answer, &wrong) < 0)
		log_error("remote.failed", wrong);
	FAULT("remote.called");
	return settle(work, job, &making, &answer, wrong, error);
}

bool
remote_turn(Work *work, int max, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	int got = job_claim(
	    work->db, job_kind_find(JOB_KIND_REMOTE), work->owner, max, jobs, error);

	*ret_n = MAX(got, 0);
	for (guint i = 0; got > 0 && i < jobs->len; i++)
		if (!make(work, g_ptr_array_index(jobs, i), error))
			return false;
	return got >= 0;
}

/* ---- doubt ---- */

/* 1: it happened.  0: surely not.  -1: nobody can say. */
static int
probe(Work *work, const Making *making, ConnectorAnswer *answer)
{
	g_autoptr(GError) wrong = NULL;
	g_autofree char *path = NULL;
	g_autofree char *body = NULL;
	int found;

	if (!connector_has(making->connector, CONNECTOR_PROBE))
		return connector_is_repeatable(making->connector, making->verb) ? 0 : -1;
	if (!connector_text(making->connector, CONNECTOR_PROBE, making->call->context,
		&path, &body, &wrong)) {
		log_error("remote.probe", wrong);
		return -1;
	}
	found = connector_call(making->connector, CONNECTOR_PROBE, making->call->key,
	    path, body, answer, &wrong);
	if (found < 0)
		log_error("remote.probe", wrong);
	(void)work;
	return found;
}

static bool
decide(Work *work, const JobInfo *info, const Making *making, int found,
    const ConnectorAnswer *answer, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) moved = NULL;
	const char *why = NULL;
	bool ok;

	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	ok = job_do(&tx, info->id, found == 1 ? JOB_VERB_RESOLVE : JOB_VERB_RETRY,
	    found == 1 ? "a probe found it" : "a probe found that it did not happen",
	    &moved);
	/* A person was quicker. */
	if (!ok && g_error_matches(moved, TP_ERROR, TP_ERROR_CONFLICT))
		return true;
	if (!ok) {
		g_propagate_error(error, g_steal_pointer(&moved));
		return false;
	}
	return (found != 1 || record_done(work, &tx, making, answer, &why, error)) &&
	       db_commit(&tx, error);
}

bool
chore_remote_doubt(Work *work, bool *ret_more, GError **error)
{
	JobFilter filter = { .kind = JOB_KIND_REMOTE, .state = "doubt", .limit = 20 };
	g_autoptr(GPtrArray) list = job_list(work->db, &filter, error);

	*ret_more = false;
	if (list == NULL)
		return false;
	for (guint i = 0; i < list->len; i++) {
		const JobInfo *info = g_ptr_array_index(list, i);
		Job job = { .ref = info->ref };
		g_auto(Making) making = { 0 };
		g_auto(ConnectorAnswer) answer = { 0 };
		int found;

		if (info->hold != NULL)
			continue;
		if (!prepare(work, &job, &making, error))
			return false;
		found = probe(work, &making, &answer);
		FAULT("remote.probed");
		if (found >= 0 && !decide(work, info, &making, found, &answer, error))
			return false;
	}
	return true;
}

/* ---- what became of tickets ---- */

#define POLL_US (3600 * US_PER_S)
#define POLL_SLICE 20

static bool
ask(Work *work, const RemotePoll *poll, GError **error)
{
	Connector *connector =
	    remote_connector(work, poll->portal ? REMOTE_PORTAL : REMOTE_ISSUER, error);
	g_autofree char *key =
	    g_strdup_printf("status/%" G_GINT64_FORMAT, poll->ticket_id);
	g_autofree char *path = NULL;
	g_autofree char *body = NULL;
	g_auto(ConnectorAnswer) answer = { 0 };
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) wrong = NULL;
	json_t *context;
	bool ok;

	if (connector == NULL)
		return false;
	context = json_pack("{s:s, s:s}", "ref", poll->ref, "key", key);
	/* One that cannot be asked now is asked in an hour, like all others. */
	ok = connector_has(connector, CONNECTOR_STATUS) &&
	     connector_text(connector, CONNECTOR_STATUS, context, &path, &body, &wrong) &&
	     connector_call(
		 connector, CONNECTOR_STATUS, key, path, body, &answer, &wrong) == 1;
	json_decref(context);
	if (wrong != NULL)
		log_error("remote.status", wrong);
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       remote_poll_told(&tx, poll, ok ? answer.state : NULL,
		   ok ? connector_state(connector, answer.state) : NULL, error) &&
	       db_commit(&tx, error);
}

bool
chore_remote_status(Work *work, bool *ret_more, GError **error)
{
	g_autoptr(GPtrArray) list =
	    remote_poll_due(work->db, clock_now_at() - POLL_US, POLL_SLICE, error);

	*ret_more = false;
	if (list == NULL)
		return false;
	for (guint i = 0; i < list->len; i++)
		if (!ask(work, g_ptr_array_index(list, i), error))
			return false;
	*ret_more = list->len == POLL_SLICE;
	return true;
}
