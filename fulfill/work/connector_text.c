/*
 * connector_text.c - escape, then render.
 */
#include "fulfill/work/connector_text.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/work/upload.h"
#include "templates/tmpl.h"

typedef char *(*EscapeFn)(const char *text);

static char *
escape_path(const char *text)
{
	return g_uri_escape_string(text, NULL, FALSE);
}

/* The inside of a JSON string. */
static char *
escape_json(const char *text)
{
	json_t *string = json_string(text);
	char *quoted = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	char *inside = g_strndup(quoted + 1, strlen(quoted) - 2);

	json_decref(string);
	free(quoted);
	return inside;
}

/* TMPL_HTML does the entities; what XML cannot hold at all goes here. */
static char *
escape_xml(const char *text)
{
	char *clean = g_strdup(text);

	for (char *c = clean; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 && strchr("\t\n\r", *c) == NULL)
			*c = ' ';
	return clean;
}

static json_t *
escaped(const json_t *value, EscapeFn escape)
{
	const char *name;
	json_t *item;
	size_t i;
	json_t *copy;

	if (json_is_string(value)) {
		g_autofree char *text = escape(json_string_value(value));

		return json_string(text);
	}
	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach ((json_t *)(uintptr_t)value, name, item)
			json_object_set_new(copy, name, escaped(item, escape));
		return copy;
	}
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach (value, i, item)
			json_array_append_new(copy, escaped(item, escape));
		return copy;
	}
	return json_deep_copy(value);
}

static char *
render(const char *what, const char *text, TmplKind kind, const json_t *context,
    EscapeFn escape, GError **error)
{
	g_autoptr(Tmpl) tmpl = tmpl_parse(what, 1, text, -1, kind, NULL, error);
	g_autoptr(GString) out = g_string_new("");
	json_t *values;
	bool ok;

	if (tmpl == NULL)
		return NULL;
	values = escaped(context, escape);
	ok = tmpl_render(tmpl, values, NULL, NULL, out, error);
	json_decref(values);
	return ok ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

bool
connector_text(const Connector *connector, ConnectorVerb verb, const json_t *context,
    char **ret_path, char **ret_body, GError **error)
{
	bool xml = connector_is_xml(connector);
	const char *body = connector_body(connector, verb);
	json_t *set = upload_set(verb, context);
	g_autofree char *path = render(
	    "path", connector_path(connector, verb), TMPL_TEXT, set, escape_path, error);
	bool ok = path != NULL;

	*ret_body = NULL;
	if (ok && body != NULL) {
		*ret_body = render("body", body, xml ? TMPL_HTML : TMPL_TEXT, set,
		    xml ? escape_xml : escape_json, error);
		ok = *ret_body != NULL;
	}
	json_decref(set);
	if (ok)
		*ret_path = g_steal_pointer(&path);
	return ok;
}

static bool
compiles(ConnectorVerb verb, const char *what, const char *text, GError **error)
{
	g_autofree char *place =
	    g_strdup_printf("[%s] %s", connector_verb_name(verb), what);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(Tmpl) tmpl =
	    text != NULL ? tmpl_parse(place, 1, text, -1, TMPL_TEXT, NULL, &wrong) : NULL;

	return text == NULL || tmpl != NULL ||
	       err_set(error, TP_ERROR_CONFIG, "%s", wrong->message);
}

bool
connector_text_check(const Connector *connector, GError **error)
{
	for (int v = 0; v < CONNECTOR_N_VERBS; v++) {
		ConnectorVerb verb = (ConnectorVerb)v;

		if (connector_has(connector, verb) &&
		    (!compiles(verb, "path", connector_path(connector, verb), error) ||
			!compiles(verb, "body", connector_body(connector, verb), error)))
			return false;
	}
	return true;
}
