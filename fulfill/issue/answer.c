/*
 * answer.c - JSON pointers (RFC 6901); what is a value.
 */
#include "fulfill/issue/answer_private.h"

#include <string.h>

#include "queue/limits.h"

Answer *
answer_from_json(const char *text, gsize size, GError **error)
{
	json_error_t why;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	Answer *answer;

	if (json == NULL) {
		err_set(
		    error, TP_ERROR_INVALID, "the answer is no JSON (line %d)", why.line);
		return NULL;
	}
	answer = g_new0(Answer, 1);
	answer->json = json;
	return answer;
}

void
answer_free(Answer *answer)
{
	if (answer == NULL)
		return;
	json_decref(answer->json);
	soap_free(answer->soap);
	g_free(answer);
}

/* "a~1b~0c" is the key "a/b~c". */
static char *
unescape(const char *token)
{
	GString *key = g_string_new("");

	for (const char *c = token; *c != '\0'; c++) {
		if (c[0] == '~' && (c[1] == '0' || c[1] == '1')) {
			g_string_append_c(key, c[1] == '0' ? '~' : '/');
			c++;
		} else {
			g_string_append_c(key, *c);
		}
	}
	return g_string_free(key, FALSE);
}

static const json_t *
child(const json_t *at, const char *token)
{
	g_autofree char *key = unescape(token);

	if (json_is_object(at))
		return json_object_get(at, key);
	if (!json_is_array(at) || *key == '\0' || strlen(key) > 6 ||
	    strspn(key, "0123456789") != strlen(key))
		return NULL;
	return json_array_get(at, (size_t)g_ascii_strtoull(key, NULL, 10));
}

static char *
value_text(const json_t *value)
{
	if (json_is_string(value))
		return g_strdup(json_string_value(value));
	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return g_strdup(json_is_true(value) ? "true" : "false");
	return NULL;
}

/* One line of an ordinary length, or nothing. */
static char *
tame(char *text)
{
	if (text == NULL)
		return NULL;
	g_strstrip(text);
	if (*text != '\0' && g_utf8_validate(text, -1, NULL) &&
	    g_utf8_strlen(text, -1) <= LIMIT_CONNECTOR_VALUE_CHARS) {
		bool clean = true;

		for (const char *c = text; *c != '\0'; c++)
			clean &= (unsigned char)*c >= 0x20 && *c != 0x7f;
		if (clean)
			return text;
	}
	g_free(text);
	return NULL;
}

char *
answer_text(const Answer *answer, const char *place)
{
	g_auto(GStrv) tokens = NULL;
	const json_t *at = answer->json;

	if (answer->soap != NULL)
		return tame(soap_text(answer->soap, place));
	/* "/" is the key "": g_strsplit() has no piece of nothing. */
	if (strcmp(place, "/") == 0)
		return tame(value_text(child(at, "")));
	tokens = g_strsplit(*place == '/' ? place + 1 : place, "/", -1);
	for (char **t = tokens; *place != '\0' && *t != NULL && at != NULL; t++)
		at = child(at, *t);
	return tame(value_text(at));
}

bool
answer_place_check(
    bool xml, const char *place, const char *const *namespaces, GError **error)
{
	if (xml)
		return soap_place_check(place, namespaces, error);
	return *place == '/' ||
	       err_set(error, TP_ERROR_CONFIG,
		   "'%s' is not a JSON pointer: it begins with '/'", place);
}

Answer *
answer_from_xml(
    const char *text, gsize size, const char *const *namespaces, GError **error)
{
	Soap *soap = soap_parse(text, size, namespaces, error);
	Answer *answer;

	if (soap == NULL)
		return NULL;
	answer = g_new0(Answer, 1);
	answer->soap = soap;
	return answer;
}

bool
answer_fault(const Answer *answer, char **ret_text, bool *ret_ours)
{
	g_autofree char *code = NULL;
	const char *name;

	if (answer->soap == NULL || !soap_fault(answer->soap, &code, ret_text))
		return false;
	*ret_text = tame(*ret_text);
	if (*ret_text == NULL)
		*ret_text = g_strdup("a fault without words");
	name = code != NULL ? strrchr(code, ':') : NULL;
	name = name != NULL ? name + 1 : code;
	*ret_ours = name != NULL &&
		    (g_str_has_prefix(name, "Client") || strcmp(name, "Sender") == 0);
	return true;
}
