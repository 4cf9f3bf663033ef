/*
 * connector.c - a call, and what it came to.
 */
#include "fulfill/issue/connector.h"

#include <string.h>

#include "fulfill/issue/answer.h"
#include "fulfill/issue/connector_private.h"
#include "queue/limits.h"

/* What an HTTP status means when the file does not say.  In order; the first that holds.
 */
/* clang-format off */
static const struct {
	int from;
	int to;
	TpError code;
	const char *why;
} statuses[] = {
	{ 300, 399, TP_ERROR_TEMPFAIL,  "redirects are not followed: put the final address into the file" },
	{ 401, 403, TP_ERROR_TEMPFAIL,  "the service does not let us in: look at the secret" },
	{ 408, 408, TP_ERROR_TEMPFAIL,  "the service did not wait for the whole request" },
	{ 425, 425, TP_ERROR_TEMPFAIL,  "too early" },
	{ 429, 429, TP_ERROR_TEMPFAIL,  "too many requests" },
	{ 503, 503, TP_ERROR_TEMPFAIL,  "the service is not available now" },
	{ 400, 499, TP_ERROR_REFUSED,   "the service said no" },
	{ 500, 599, TP_ERROR_UNCERTAIN, "the service failed at it, and may have done it" },
	{ 100, 299, TP_ERROR_UNCERTAIN, "an answer that the file does not count as done" },
};
/* clang-format on */

bool
connector_has(const Connector *connector, ConnectorVerb verb)
{
	return connector->calls[verb].there;
}

bool
connector_is_repeatable(const Connector *connector, ConnectorVerb verb)
{
	return connector->calls[verb].repeatable || verb == CONNECTOR_RECALL ||
	       verb == CONNECTOR_STATUS || verb == CONNECTOR_PROBE;
}

bool
connector_is_xml(const Connector *connector)
{
	return connector->xml;
}

const char *
connector_path(const Connector *connector, ConnectorVerb verb)
{
	return connector->calls[verb].path;
}

const char *
connector_body(const Connector *connector, ConnectorVerb verb)
{
	return connector->calls[verb].body;
}

const char *
connector_state(const Connector *connector, const char *theirs)
{
	return theirs != NULL ? g_hash_table_lookup(connector->states, theirs) : NULL;
}

void
connector_answer_clear(ConnectorAnswer *answer)
{
	/* A ticket is a secret; the allocator keeps what it is given. */
	if (answer->ticket != NULL)
		memset(answer->ticket, 0, strlen(answer->ticket));
	g_clear_pointer(&answer->ticket, g_free);
	g_clear_pointer(&answer->ref, g_free);
	g_clear_pointer(&answer->state, g_free);
	g_clear_pointer(&answer->error, g_free);
}

/* ---- what an answer says ---- */

static Answer *
parse(const Connector *connector, const GString *body, GError **error)
{
	return connector->xml
		   ? answer_from_xml(body->str, body->len,
			 (const char *const *)connector->namespaces->pdata, error)
		   : answer_from_json(body->str, body->len, error);
}

static char *
at(const ConnectorCall *call, const Answer *answer, ConnectorPlace place)
{
	return answer != NULL && call->places[place] != NULL
		   ? answer_text(answer, call->places[place])
		   : NULL;
}

static bool
among(const int *list, gsize n, long status)
{
	for (gsize i = 0; i < n; i++)
		if (list[i] == status)
			return true;
	return false;
}

static bool
is_done(const ConnectorCall *call, long status)
{
	return call->done != NULL ? among(call->done, call->n_done, status)
				  : status >= 200 && status <= 299;
}

static int
fail_by_status(const ConnectorAnswer *ret, GError **error)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(statuses) - 1 &&
	       (ret->status < statuses[i].from || ret->status > statuses[i].to))
		i++;
	return err_set_int(error, statuses[i].code, "HTTP %ld: %s%s%s", ret->status,
	    statuses[i].why, ret->error != NULL ? ": " : "",
	    ret->error != NULL ? ret->error : "");
}

/* A fault says by whom: what the caller did wrong was not done. */
static int
fail_by_fault(const Answer *answer, ConnectorAnswer *ret, GError **error)
{
	g_autofree char *text = NULL;
	bool ours;

	if (!answer_fault(answer, &text, &ours))
		return 0;
	if (ret->error == NULL)
		ret->error = g_strdup(text);
	return err_set_int(
	    error, ours ? TP_ERROR_REFUSED : TP_ERROR_UNCERTAIN, "SOAP fault: %s", text);
}

static bool
needs_answer(const Connector *connector, const ConnectorCall *call)
{
	return connector->xml || call->places[PLACE_TICKET] != NULL ||
	       call->places[PLACE_STATE] != NULL || call->places[PLACE_REF] != NULL;
}

static int
read_done(const Connector *connector, ConnectorVerb verb, const Answer *answer,
    const GError *torn, ConnectorAnswer *ret, GError **error)
{
	const ConnectorCall *call = &connector->calls[verb];
	g_autofree char *absent = at(call, answer, PLACE_ABSENT);

	if (answer == NULL && needs_answer(connector, call))
		return err_set_int(error, TP_ERROR_UNCERTAIN, "%s",
		    torn != NULL ? torn->message : "the answer is empty");
	if (verb == CONNECTOR_PROBE && g_strcmp0(absent, "true") == 0)
		return 0;
	ret->ticket = at(call, answer, PLACE_TICKET);
	ret->ref = at(call, answer, PLACE_REF);
	ret->state = at(call, answer, PLACE_STATE);
	if (call->places[PLACE_TICKET] != NULL && ret->ticket == NULL)
		return err_set_int(error, TP_ERROR_UNCERTAIN,
		    "the answer says done and has no ticket at '%s'",
		    call->places[PLACE_TICKET]);
	if (call->places[PLACE_STATE] != NULL && ret->state == NULL)
		return err_set_int(error, TP_ERROR_UNCERTAIN,
		    "the answer says done and has no state at '%s'",
		    call->places[PLACE_STATE]);
	return 1;
}

static int
read_answer(const Connector *connector, ConnectorVerb verb, const HttpAnswer *http,
    ConnectorAnswer *ret, GError **error)
{
	const ConnectorCall *call = &connector->calls[verb];
	g_autoptr(GError) torn = NULL;
	g_autoptr(Answer) answer =
	    http->body->len > 0 ? parse(connector, http->body, &torn) : NULL;

	ret->status = http->status;
	ret->error = at(call, answer, PLACE_ERROR);
	if (answer != NULL && fail_by_fault(answer, ret, error) < 0)
		return -1;
	if (verb == CONNECTOR_PROBE && among(call->absent, call->n_absent, http->status))
		return 0;
	if (!is_done(call, http->status))
		return fail_by_status(ret, error);
	return read_done(connector, verb, answer, torn, ret, error);
}

/* ---- a call ---- */

static GPtrArray *
headers_of(const Connector *connector, const ConnectorCall *call, const char *key)
{
	GPtrArray *headers = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < connector->headers->len; i++)
		g_ptr_array_add(headers, g_strdup(connector->headers->pdata[i]));
	if (call->body != NULL)
		g_ptr_array_add(headers, g_strconcat("Content-Type: ", call->type, NULL));
	if (call->action != NULL)
		g_ptr_array_add(
		    headers, g_strdup_printf("SOAPAction: \"%s\"", call->action));
	if (call->key_header != NULL)
		g_ptr_array_add(headers, g_strconcat(call->key_header, ": ", key, NULL));
	g_ptr_array_add(headers, NULL);
	return headers;
}

int
connector_call(Connector *connector, ConnectorVerb verb, const char *key,
    const char *path, const char *body, ConnectorAnswer *ret, GError **error)
{
	const ConnectorCall *call = &connector->calls[verb];
	g_autoptr(GPtrArray) headers = NULL;
	g_auto(HttpAnswer) http = { 0 };
	HttpRequest request = { .method = call->method, .path = path, .body = body };
	size_t most = verb == CONNECTOR_REPORT ? LIMIT_CONNECTOR_REPORT_BYTES
					       : LIMIT_CONNECTOR_BODY_BYTES;

	*ret = (ConnectorAnswer){ 0 };
	if (!call->there)
		return err_set_int(error, TP_ERROR_INVALID, "the file has no [%s]",
		    connector_verb_name(verb));
	if (body != NULL && strlen(body) > most)
		return err_set_int(
		    error, TP_ERROR_INVALID, "the body is longer than %zu bytes", most);
	headers = headers_of(connector, call, key);
	request.headers = (const char *const *)headers->pdata;
	if (!http_send(connector->http, &request, &http, error))
		return -1;
	switch (http.outcome) {
	case HTTP_ANSWERED:
		return read_answer(connector, verb, &http, ret, error);
	case HTTP_NOT_SENT:
		return err_set_int(error, TP_ERROR_TEMPFAIL, "%s", http.why);
	case HTTP_LOST:
		break;
	}
	return err_set_int(
	    error, TP_ERROR_UNCERTAIN, "no answer that can be read: %s", http.why);
}
