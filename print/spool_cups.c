/*
 * spool_cups.c - the only door to libcups.
 */
#include "print/spool.h"

#include <string.h>

#include <cups/cups.h>

#define CONNECT_MS 10000
#define ANSWER_S 60.0
#define USER "ticketpost"
#define MESSAGE_BYTES 120

typedef struct Link {
	http_t *http;
	const char *uri;
	char resource[512];
} Link;

static void
link_clear(Link *link)
{
	if (link->http != NULL)
		httpClose(link->http);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Link, link_clear)

typedef ipp_t Ipp;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ipp, ippDelete)

static int
give_up(http_t *http, void *user)
{
	(void)http;
	(void)user;
	return 0;
}

static bool
link_open(Link *link, const char *uri, GError **error)
{
	char scheme[16];
	char user[64];
	char host[256];
	int port;
	bool sealed;

	link->uri = uri;
	if (httpSeparateURI(HTTP_URI_CODING_ALL, uri, scheme, sizeof(scheme), user,
		sizeof(user), host, sizeof(host), &port, link->resource,
		sizeof(link->resource)) < HTTP_URI_STATUS_OK ||
	    (strcmp(scheme, "ipp") != 0 && strcmp(scheme, "ipps") != 0))
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is no printer: ipp://HOST/ipp/print or ipps://...", uri);
	sealed = strcmp(scheme, "ipps") == 0;
	link->http = httpConnect2(host, port, NULL, AF_UNSPEC,
	    sealed ? HTTP_ENCRYPTION_ALWAYS : HTTP_ENCRYPTION_IF_REQUESTED, 1, CONNECT_MS,
	    NULL);
	if (link->http == NULL)
		return err_set(
		    error, TP_ERROR_BUSY, "the printer at '%s' is not reached", host);
	httpSetTimeout(link->http, ANSWER_S, give_up, NULL);
	return true;
}

static Ipp *
request_new(ipp_op_t operation, const char *uri)
{
	ipp_t *request = ippNewRequest(operation);

	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, uri);
	ippAddString(
	    request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL, USER);
	return request;
}

/* BUSY when there was no answer; REFUSED when there was one that says no. */
static Ipp *
ask(Link *link, Ipp *request, GError **error)
{
	ipp_t *answer = cupsDoRequest(link->http, request, link->resource);
	ipp_status_t status = answer != NULL ? ippGetStatusCode(answer) : cupsLastError();

	if (answer != NULL && status < IPP_STATUS_ERROR_BAD_REQUEST)
		return answer;
	err_set(error,
	    answer == NULL                         ? TP_ERROR_BUSY
	    : status == IPP_STATUS_ERROR_NOT_FOUND ? TP_ERROR_NOT_FOUND
						   : TP_ERROR_REFUSED,
	    "the printer %s: %s", answer == NULL ? "does not answer" : "says no",
	    cupsLastErrorString());
	ippDelete(answer);
	return NULL;
}

static bool
has_value(Ipp *answer, const char *name, const char *value)
{
	ipp_attribute_t *attr = ippFindAttribute(answer, name, IPP_TAG_ZERO);

	return attr == NULL || ippContainsString(attr, value) != 0;
}

bool
spool_check(const char *uri, const SpoolWish *wish, GError **error)
{
	static const char *const wanted[] = { "media-supported",
		"document-format-supported", "printer-is-accepting-jobs",
		"sides-supported" };
	g_auto(Link) link = { NULL, NULL, "" };
	g_autoptr(Ipp) answer = NULL;
	Ipp *request;
	ipp_attribute_t *open;

	if (!link_open(&link, uri, error))
		return false;
	request = request_new(IPP_OP_GET_PRINTER_ATTRIBUTES, uri);
	ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
	    (int)G_N_ELEMENTS(wanted), NULL, wanted);
	answer = ask(&link, request, error);
	if (answer == NULL)
		return false;
	open = ippFindAttribute(answer, "printer-is-accepting-jobs", IPP_TAG_BOOLEAN);
	if (open != NULL && !ippGetBoolean(open, 0))
		return err_set(
		    error, TP_ERROR_BUSY, "the printer takes no jobs at the moment");
	if (!has_value(answer, "document-format-supported", "application/pdf"))
		return err_set(error, TP_ERROR_REFUSED,
		    "the printer takes no PDF: print through CUPS");
	if (!has_value(answer, "media-supported", wish->media))
		return err_set(error, TP_ERROR_REFUSED, "the printer has no medium '%s'",
		    wish->media);
	return has_value(answer, "sides-supported", wish->sides) ||
	       err_set(
		   error, TP_ERROR_REFUSED, "the printer cannot print '%s'", wish->sides);
}

static Ipp *
print_job(const char *uri, const SpoolWish *wish)
{
	Ipp *request = request_new(IPP_OP_PRINT_JOB, uri);

	ippAddString(
	    request, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, wish->title);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format",
	    NULL, "application/pdf");
	ippAddInteger(request, IPP_TAG_JOB, IPP_TAG_INTEGER, "copies", wish->copies);
	ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "media", NULL, wish->media);
	ippAddString(
	    request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "print-scaling", NULL, "none");
	ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "sides", NULL, wish->sides);
	return request;
}

bool
spool_send(const char *uri, const SpoolWish *wish, const char *path, char **ret_job,
    GError **error)
{
	g_auto(Link) link = { NULL, NULL, "" };
	g_autoptr(Ipp) answer = NULL;
	ipp_attribute_t *job;
	ipp_status_t status;

	if (!link_open(&link, uri, error))
		return false;
	answer = cupsDoFileRequest(link.http, print_job(uri, wish), link.resource, path);
	if (answer == NULL)
		return err_set(error, TP_ERROR_UNCERTAIN,
		    "the file was sent and the printer did not answer: %s",
		    cupsLastErrorString());
	status = ippGetStatusCode(answer);
	if (status == IPP_STATUS_ERROR_BUSY ||
	    status == IPP_STATUS_ERROR_SERVICE_UNAVAILABLE ||
	    status == IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS)
		return err_set(error, TP_ERROR_BUSY, "the printer has no time: %s",
		    ippErrorString(status));
	if (status >= IPP_STATUS_ERROR_BAD_REQUEST)
		return err_set(error, TP_ERROR_REFUSED, "the printer says no: %s",
		    ippErrorString(status));
	job = ippFindAttribute(answer, "job-id", IPP_TAG_INTEGER);
	if (job == NULL)
		return err_set(error, TP_ERROR_UNCERTAIN,
		    "the printer took the file and gave no number of the job");
	*ret_job = g_strdup_printf("%d", ippGetInteger(job, 0));
	return true;
}

/* Reasons other than "none", behind `out`. */
static void
add_reasons(GString *out, Ipp *answer, const char *name)
{
	ipp_attribute_t *attr = ippFindAttribute(answer, name, IPP_TAG_ZERO);

	for (int i = 0; attr != NULL && i < ippGetCount(attr); i++) {
		const char *reason = ippGetString(attr, i, NULL);

		if (reason != NULL && strcmp(reason, "none") != 0 && out->len < 150)
			g_string_append_printf(out, ", %.60s", reason);
	}
}

/* The printer's or the queue's own words: "The printer is unavailable at this time." */
static void
add_message(GString *out, Ipp *answer)
{
	ipp_attribute_t *attr =
	    ippFindAttribute(answer, "printer-state-message", IPP_TAG_ZERO);
	const char *text = attr != NULL ? ippGetString(attr, 0, NULL) : NULL;
	g_autofree char *cut = NULL;

	if (text == NULL || *text == '\0')
		return;
	cut = g_utf8_make_valid(text, (gssize)MIN(strlen(text), MESSAGE_BYTES));
	/* It ends on somebody's terminal. */
	for (char *p = cut; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			*p = ' ';
	g_string_append_printf(out, ": %s", cut);
}

static void
add_printer(Link *link, GString *says)
{
	static const char *const wanted[] = { "printer-state", "printer-state-reasons",
		"printer-state-message" };
	Ipp *request = request_new(IPP_OP_GET_PRINTER_ATTRIBUTES, link->uri);
	g_autoptr(Ipp) answer = NULL;

	ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
	    (int)G_N_ELEMENTS(wanted), NULL, wanted);
	/* Only a word for people: without it the job's own state must do. */
	answer = ask(link, request, NULL);
	if (answer == NULL)
		return;
	add_reasons(says, answer, "printer-state-reasons");
	add_message(says, answer);
}

static SpoolState
state_of(ipp_jstate_t state)
{
	switch (state) {
	case IPP_JSTATE_COMPLETED:
		return SPOOL_PRINTED;
	case IPP_JSTATE_CANCELED:
	case IPP_JSTATE_ABORTED:
		return SPOOL_BROKEN;
	default:
		return SPOOL_WAITS;
	}
}

bool
spool_look(const char *uri, const char *job, SpoolState *ret_state, char **ret_says,
    GError **error)
{
	g_auto(Link) link = { NULL, NULL, "" };
	g_autoptr(Ipp) answer = NULL;
	g_autoptr(GError) wrong = NULL;
	g_autoptr(GString) says = g_string_new("");
	Ipp *request;
	ipp_attribute_t *state;
	ipp_jstate_t value;

	if (!link_open(&link, uri, error))
		return false;
	request = request_new(IPP_OP_GET_JOB_ATTRIBUTES, uri);
	ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id",
	    (int)g_ascii_strtoll(job, NULL, 10));
	answer = ask(&link, request, &wrong);
	if (answer == NULL && g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
		*ret_state = SPOOL_UNKNOWN;
		*ret_says = g_strdup("the printer knows no such job any more");
		return true;
	}
	state =
	    answer != NULL ? ippFindAttribute(answer, "job-state", IPP_TAG_ENUM) : NULL;
	if (state == NULL) {
		if (wrong != NULL)
			g_propagate_error(error, g_steal_pointer(&wrong));
		else
			err_set(error, TP_ERROR_BUSY, "the printer tells no job-state");
		return false;
	}
	value = (ipp_jstate_t)ippGetInteger(state, 0);
	*ret_state = state_of(value);
	g_string_append(says, ippEnumString("job-state", (int)value));
	add_reasons(says, answer, "job-state-reasons");
	if (*ret_state == SPOOL_WAITS)
		add_printer(&link, says);
	*ret_says = g_string_free(g_steal_pointer(&says), FALSE);
	return true;
}
