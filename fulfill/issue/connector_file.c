/*
 * connector_file.c - the file of a connector, checked whole before anything is called.
 */
#include <string.h>

#include "fulfill/issue/answer.h"
#include "fulfill/issue/connector_private.h"
#include "queue/limits.h"

/* clang-format off */
static const char *const verb_names[] = {
	[CONNECTOR_MINT]   = "mint",
	[CONNECTOR_EXTEND] = "extend",
	[CONNECTOR_RECALL] = "recall",
	[CONNECTOR_STATUS] = "status",
	[CONNECTOR_PROBE]  = "probe",
	[CONNECTOR_ASSIGN] = "assign",
	[CONNECTOR_REPORT] = "report",
};

static const char *const place_keys[] = {
	[PLACE_TICKET] = "ticket",
	[PLACE_REF]    = "ref",
	[PLACE_STATE]  = "state",
	[PLACE_ERROR]  = "error",
	[PLACE_ABSENT] = "absent_at",
};

/* The keys of each section; what is not listed is a slip of the pen. */
static const char *const connector_keys[] = { "kind", "url", "private", "ca_file",
	"connect_s", "total_s", "secret", NULL };
static const char *const call_keys[] = { "method", "path", "body", "body_file", "type",
	"action", "key_header", "ticket", "ref", "state", "error", "absent_at", "done",
	"absent", "repeatable", NULL };

/* States of a ticket that a service may tell. */
static const char *const our_states[] = { "issued", "collected", "confirmed", "returned",
	"confirmed_returned", "recall_pending", "recalled", "lost_restored", NULL };
/* clang-format on */

#define CONNECT_S 5
#define TOTAL_S 20
#define MOST_S 120

const char *
connector_verb_name(ConnectorVerb verb)
{
	return verb_names[verb];
}

bool
connector_verb_from_name(const char *name, ConnectorVerb *ret, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verb_names); i++) {
		if (strcmp(verb_names[i], name) == 0) {
			*ret = (ConnectorVerb)i;
			return true;
		}
	}
	return err_set(
	    error, TP_ERROR_INVALID, "'%s' is not a verb of a connector", name);
}

/* What reading needs. */
typedef struct Reader {
	GKeyFile *file;
	const char *path;
	char *folder;
	Connector *into;
} Reader;

static void
reader_done(Reader *reader)
{
	g_clear_pointer(&reader->file, g_key_file_free);
	g_clear_pointer(&reader->folder, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_done)

static bool
fault(const Reader *reader, const char *section, const char *key, const char *why,
    GError **error)
{
	return err_set(
	    error, TP_ERROR_CONFIG, "%s: [%s] %s: %s", reader->path, section, key, why);
}

static char *
text(const Reader *reader, const char *section, const char *key)
{
	char *value = g_key_file_get_string(reader->file, section, key, NULL);

	if (value != NULL && *g_strstrip(value) == '\0')
		g_clear_pointer(&value, g_free);
	return value;
}

static bool
check_keys(
    const Reader *reader, const char *section, const char *const *known, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(reader->file, section, NULL, NULL);

	for (char **key = keys; key != NULL && *key != NULL; key++)
		if (!g_strv_contains(known, *key))
			return fault(reader, section, *key, "is not a key of it", error);
	return true;
}

static bool
check_sections(const Reader *reader, GError **error)
{
	static const char *const others[] = { "connector", "headers", "namespaces",
		"states", NULL };
	g_auto(GStrv) groups = g_key_file_get_groups(reader->file, NULL);

	for (char **group = groups; *group != NULL; group++) {
		bool verb = false;

		for (size_t i = 0; i < G_N_ELEMENTS(verb_names); i++)
			verb |= strcmp(verb_names[i], *group) == 0;
		if (!verb && !g_strv_contains(others, *group))
			return err_set(error, TP_ERROR_CONFIG,
			    "%s: [%s] is not a section of a connector", reader->path,
			    *group);
	}
	return g_key_file_has_group(reader->file, "connector") ||
	       err_set(error, TP_ERROR_CONFIG, "%s: has no [connector]", reader->path);
}

static bool
seconds(const Reader *reader, const char *key, int preset, int *ret, GError **error)
{
	g_autofree char *value = text(reader, "connector", key);
	char *end;
	gint64 number;

	*ret = preset;
	if (value == NULL)
		return true;
	number = g_ascii_strtoll(value, &end, 10);
	if (*end != '\0' || number < 1 || number > MOST_S)
		return fault(reader, "connector", key, "is not 1 to 120 seconds", error);
	*ret = (int)number;
	return true;
}

/* ---- [connector] and [headers] ---- */

static bool
read_http(Reader *reader, GError **error)
{
	g_autofree char *url = text(reader, "connector", "url");
	g_autofree char *private = text(reader, "connector", "private");
	g_autofree char *ca = text(reader, "connector", "ca_file");
	g_autofree char *ca_path =
	    ca != NULL ? g_canonicalize_filename(ca, reader->folder) : NULL;
	g_auto(GStrv) list = private != NULL ? g_strsplit(private, ";", -1) : NULL;
	HttpRules rules = {
		.base = url,
		.private = (const char *const *)list,
		.ca_file = ca_path,
		.most = LIMIT_HTTP_ANSWER_BYTES,
	};

	if (url == NULL)
		return fault(reader, "connector", "url", "is missing", error);
	for (char **l = list; l != NULL && *l != NULL; l++)
		g_strstrip(*l);
	if (!seconds(reader, "connect_s", CONNECT_S, &rules.connect_s, error) ||
	    !seconds(reader, "total_s", TOTAL_S, &rules.total_s, error))
		return false;
	reader->into->http = http_client_new(&rules, error);
	if (reader->into->http == NULL)
		g_prefix_error(error, "%s: [connector] ", reader->path);
	return reader->into->http != NULL;
}

/* "licences/token" out of the key file.  NULL without an error: none is asked for. */
static const char *
secret_of(const Reader *reader, const Vault *vault, GError **error)
{
	g_autofree char *where = text(reader, "connector", "secret");
	g_auto(GStrv) parts = where != NULL ? g_strsplit(where, "/", 2) : NULL;
	const char *secret;

	if (where == NULL)
		return NULL;
	secret = g_strv_length(parts) == 2 && vault != NULL
		     ? vault_secret(vault, parts[0], parts[1])
		     : NULL;
	if (secret == NULL)
		fault(reader, "connector", "secret",
		    "the key file has no such section and key (write section/key)",
		    error);
	return secret;
}

static bool
read_headers(Reader *reader, const Vault *vault, GError **error)
{
	g_auto(GStrv) names = g_key_file_get_keys(reader->file, "headers", NULL, NULL);
	GError *wrong = NULL;
	const char *secret = secret_of(reader, vault, &wrong);

	if (wrong != NULL) {
		g_propagate_error(error, wrong);
		return false;
	}
	for (char **name = names; name != NULL && *name != NULL; name++) {
		g_autofree char *value = text(reader, "headers", *name);
		g_autoptr(GString) line = g_string_new(*name);

		g_string_append(line, ": ");
		g_string_append(line, value != NULL ? value : "");
		if (strstr(line->str, "{{secret}}") != NULL && secret == NULL)
			return fault(reader, "headers", *name,
			    "asks for {{secret}}, and [connector] names none", error);
		if (secret != NULL)
			g_string_replace(line, "{{secret}}", secret, 0);
		g_ptr_array_add(
		    reader->into->headers, g_string_free(g_steal_pointer(&line), FALSE));
	}
	return true;
}

static bool
read_pairs(Reader *reader, GError **error)
{
	g_auto(GStrv) prefixes =
	    g_key_file_get_keys(reader->file, "namespaces", NULL, NULL);
	g_auto(GStrv) states = g_key_file_get_keys(reader->file, "states", NULL, NULL);

	for (char **p = prefixes; p != NULL && *p != NULL; p++) {
		g_ptr_array_add(reader->into->namespaces, g_strdup(*p));
		g_ptr_array_add(reader->into->namespaces, text(reader, "namespaces", *p));
	}
	g_ptr_array_add(reader->into->namespaces, NULL);
	for (char **s = states; s != NULL && *s != NULL; s++) {
		char *ours = text(reader, "states", *s);

		if (ours == NULL || !g_strv_contains(our_states, ours)) {
			g_free(ours);
			return fault(
			    reader, "states", *s, "is not a state of a ticket", error);
		}
		g_hash_table_insert(reader->into->states, g_strdup(*s), ours);
	}
	return true;
}

/* ---- a verb ---- */

static bool
read_body(const Reader *reader, const char *section, ConnectorCall *call, GError **error)
{
	g_autofree char *name = text(reader, section, "body_file");
	g_autofree char *path = NULL;
	gsize size = 0;

	call->body = text(reader, section, "body");
	if (name == NULL)
		return true;
	if (call->body != NULL)
		return fault(reader, section, "body_file", "stands beside a body", error);
	path = g_canonicalize_filename(name, reader->folder);
	if (!g_file_get_contents(path, &call->body, &size, NULL))
		return fault(reader, section, "body_file", "cannot be read", error);
	if (size > LIMIT_CONNECTOR_BODY_BYTES ||
	    !g_utf8_validate(call->body, (gssize)size, NULL))
		return fault(
		    reader, section, "body_file", "is too long, or no UTF-8", error);
	return true;
}

static bool
read_statuses(const Reader *reader, const char *section, const char *key, int **ret,
    gsize *ret_n, GError **error)
{
	if (!g_key_file_has_key(reader->file, section, key, NULL))
		return true;
	*ret = g_key_file_get_integer_list(reader->file, section, key, ret_n, NULL);
	for (gsize i = 0; *ret != NULL && i < *ret_n; i++)
		if ((*ret)[i] < 200 || (*ret)[i] > 599)
			return fault(reader, section, key, "is not 200 to 599", error);
	return *ret != NULL ||
	       fault(reader, section, key, "is not a list of numbers (200;201)", error);
}

static bool
read_places(
    const Reader *reader, const char *section, ConnectorCall *call, GError **error)
{
	const char *const *namespaces =
	    (const char *const *)reader->into->namespaces->pdata;

	for (size_t i = 0; i < N_PLACES; i++) {
		call->places[i] = text(reader, section, place_keys[i]);
		if (call->places[i] != NULL && !answer_place_check(reader->into->xml,
						   call->places[i], namespaces, error)) {
			g_prefix_error(
			    error, "%s: [%s] %s: ", reader->path, section, place_keys[i]);
			return false;
		}
	}
	return true;
}

static bool
read_call(const Reader *reader, ConnectorVerb verb, GError **error)
{
	const char *section = verb_names[verb];
	ConnectorCall *call = &reader->into->calls[verb];

	if (!g_key_file_has_group(reader->file, section))
		return true;
	if (!check_keys(reader, section, call_keys, error))
		return false;
	call->there = true;
	call->method = text(reader, section, "method");
	call->path = text(reader, section, "path");
	call->type = text(reader, section, "type");
	call->action = text(reader, section, "action");
	call->key_header = text(reader, section, "key_header");
	call->repeatable =
	    g_key_file_get_boolean(reader->file, section, "repeatable", NULL);
	if (call->method == NULL)
		call->method = g_strdup("POST");
	if (call->path == NULL || call->path[0] != '/')
		return fault(
		    reader, section, "path", "is missing, or has no '/' first", error);
	if (call->type == NULL)
		call->type = g_strdup(
		    reader->into->xml ? "text/xml; charset=utf-8" : "application/json");
	if (!read_body(reader, section, call, error) ||
	    !read_places(reader, section, call, error) ||
	    !read_statuses(reader, section, "done", &call->done, &call->n_done, error) ||
	    !read_statuses(
		reader, section, "absent", &call->absent, &call->n_absent, error))
		return false;
	if (verb == CONNECTOR_MINT && call->places[PLACE_TICKET] == NULL)
		return fault(
		    reader, section, "ticket", "is missing: where is it?", error);
	if (verb == CONNECTOR_STATUS && call->places[PLACE_STATE] == NULL)
		return fault(reader, section, "state", "is missing: where is it?", error);
	/* Nobody is asked whether a list may arrive twice. */
	if (verb == CONNECTOR_REPORT && !call->repeatable &&
	    !g_key_file_has_group(reader->file, "probe"))
		return fault(reader, section, "repeatable",
		    "must be true, or the file needs a [probe]: a lost answer must not "
		    "send a report twice",
		    error);
	/* A lost answer is looked up, or repeated where the service allows it; a file
	 * that can do neither leaves every doubt to a person, and says so by leaving it
	 * out. */
	return true;
}

static bool
read_all(Reader *reader, const Vault *vault, GError **error)
{
	g_autofree char *kind = NULL;

	if (!check_sections(reader, error) ||
	    !check_keys(reader, "connector", connector_keys, error))
		return false;
	kind = text(reader, "connector", "kind");
	if (g_strcmp0(kind, "rest") != 0 && g_strcmp0(kind, "soap") != 0)
		return fault(reader, "connector", "kind", "is not rest or soap", error);
	reader->into->xml = strcmp(kind, "soap") == 0;
	if (!read_pairs(reader, error) || !read_http(reader, error) ||
	    !read_headers(reader, vault, error))
		return false;
	for (int verb = 0; verb < CONNECTOR_N_VERBS; verb++)
		if (!read_call(reader, (ConnectorVerb)verb, error))
			return false;
	return true;
}

Connector *
connector_open(const char *path, const Vault *vault, GError **error)
{
	g_auto(Reader) reader = { .file = g_key_file_new(), .path = path };
	g_autoptr(Connector) connector = g_new0(Connector, 1);
	g_autoptr(GError) wrong = NULL;

	reader.folder = g_path_get_dirname(path);
	reader.into = connector;
	connector->headers = g_ptr_array_new_with_free_func(g_free);
	connector->namespaces = g_ptr_array_new_with_free_func(g_free);
	connector->states =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!g_key_file_load_from_file(reader.file, path, G_KEY_FILE_NONE, &wrong)) {
		err_set(error,
		    g_error_matches(wrong, G_FILE_ERROR, G_FILE_ERROR_NOENT)
			? TP_ERROR_NOT_FOUND
			: TP_ERROR_CONFIG,
		    "%s: %s", path, wrong->message);
		return NULL;
	}
	return read_all(&reader, vault, error) ? g_steal_pointer(&connector) : NULL;
}

void
connector_close(Connector *connector)
{
	if (connector == NULL)
		return;
	for (int i = 0; i < CONNECTOR_N_VERBS; i++) {
		ConnectorCall *call = &connector->calls[i];

		g_free(call->method);
		g_free(call->path);
		g_free(call->body);
		g_free(call->type);
		g_free(call->action);
		g_free(call->key_header);
		for (int p = 0; p < N_PLACES; p++)
			g_free(call->places[p]);
		g_free(call->done);
		g_free(call->absent);
	}
	http_client_free(connector->http);
	g_ptr_array_unref(connector->headers);
	g_ptr_array_unref(connector->namespaces);
	g_hash_table_unref(connector->states);
	g_free(connector);
}
