/*
 * report_push.c - intent, call, done; a probe in between where an answer was lost.
 */
#include "fulfill/work/report_push.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/report_sent.h"
#include "fulfill/issue/sign.h"
#include "fulfill/work/connector_text.h"
#include "fulfill/work/remote_connector.h"
#include "queue/fault.h"
#include "queue/hash.h"
#include "queue/limits.h"

#define KEY_BYTES 16 /* of a MAC: enough to tell files apart */

bool
report_push_is_on(const Work *work)
{
	return settings_text(work->settings, SET_REPORT_CONNECTOR) != NULL;
}

bool
report_push_check(Work *work, GError **error)
{
	const Connector *connector = remote_connector(work, REMOTE_REPORTS, error);

	return connector != NULL &&
	       (connector_has(connector, CONNECTOR_REPORT) ||
		   err_set(error, TP_ERROR_CONFIG,
		       "[report] connector: the file has no [report]"));
}

/* ---- what is sent ---- */

static json_t *
context_of(const ReportFile *file, const char *key, const char *bytes)
{
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s, s:s, s:s}}", "key",
	    key, "report", "name", file->report, "period", file->period, "party", "id",
	    file->party != NULL ? file->party : "", "file", "name", file->name, "type",
	    file->mime, "format", file->format, "base64", bytes);
}

/* The idempotency key: two instances may talk to one service, and both have a first
 * reseller. */
static char *
key_there(const Work *work, const char *key)
{
	uint8_t bytes[VAULT_KEY_BYTES];
	char hex[2 * KEY_BYTES + 1];

	sign_mac(work->vault, key, bytes);
	hash_hex(bytes, KEY_BYTES, hex);
	return g_strconcat("report-", hex, NULL);
}

static bool
fill_in(const Connector *connector, const ReportFile *file, const char *key,
    ConnectorVerb verb, char **ret_path, char **ret_body, GError **error)
{
	/* Stands for the bytes until the template is filled in: no template engine and no
	 * escaping has to carry megabytes, and base64 needs none. */
	g_autofree char *mark = g_uuid_string_random();
	json_t *context;
	bool ok;

	context = context_of(file, key, mark);
	ok = connector_text(connector, verb, context, ret_path, ret_body, error);
	json_decref(context);
	if (ok && *ret_body != NULL && strstr(*ret_body, mark) != NULL) {
		g_autofree char *base64 =
		    g_base64_encode((const guchar *)file->bytes->str, file->bytes->len);
		GString *body = g_string_new(*ret_body);

		g_string_replace(body, mark, base64, 0);
		g_free(*ret_body);
		*ret_body = g_string_free(body, FALSE);
	}
	return ok;
}

/* connector_call()'s word. */
static int
call(Connector *connector, const ReportFile *file, const char *key, ConnectorVerb verb,
    GError **error)
{
	g_auto(ConnectorAnswer) answer = { 0 };
	g_autofree char *path = NULL;
	g_autofree char *body = NULL;

	return fill_in(connector, file, key, verb, &path, &body, error)
		   ? connector_call(connector, verb, key, path, body, &answer, error)
		   : -1;
}

/* ---- once ---- */

static bool
note(Work *work, const ReportFile *file, const char *key, bool done, const char *detail,
    GError **error)
{
	const ReportSent sent = { .key = key,
		.report = file->report,
		.period = file->period,
		.party_id = file->party_id,
		.done = done,
		.target = "service",
		.detail = detail };
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       report_sent_put(&tx, &sent, error) && db_commit(&tx, error);
}

/* Was it tried before, and did that arrive?  1: yes.  0: send it. */
static int
arrived(Connector *connector, const ReportFile *file, const char *key, bool tried,
    GError **error)
{
	return tried && !connector_is_repeatable(connector, CONNECTOR_REPORT)
		   ? call(connector, file, key, CONNECTOR_PROBE, error)
		   : 0;
}

bool
report_push(Work *work, const ReportFile *file, GError **error)
{
	g_autofree char *key = g_strconcat(file->key, "/", file->format, NULL);
	g_autofree char *there_key = key_there(work, key);
	Connector *connector;
	int64_t tried_at = 0;
	int there = report_sent_find(work->db, key, &tried_at, error);

	if (there != 0)
		return there > 0;
	if (!report_push_check(work, error))
		return false;
	connector = remote_connector(work, REMOTE_REPORTS, error);
	there = arrived(connector, file, there_key, tried_at != 0, error);
	if (there < 0 ||
	    (there == 0 && !note(work, file, key, false, "about to be sent", error)))
		return false;
	FAULT("report.push");
	if (there == 0 && call(connector, file, there_key, CONNECTOR_REPORT, error) < 0)
		return false;
	FAULT("report.pushed");
	return note(work, file, key, true, file->name, error);
}
