/*
 * upload.c - copies what the table names.
 */
#include "fulfill/work/upload.h"

#include <string.h>

enum {
	UP_MINT = 1u << CONNECTOR_MINT,
	UP_EXTEND = 1u << CONNECTOR_EXTEND,
	UP_RECALL = 1u << CONNECTOR_RECALL,
	UP_STATUS = 1u << CONNECTOR_STATUS,
	UP_PROBE = 1u << CONNECTOR_PROBE,
	UP_ASSIGN = 1u << CONNECTOR_ASSIGN,
	UP_REPORT = 1u << CONNECTOR_REPORT,
	UP_ALL = (1u << CONNECTOR_N_VERBS) - 1,
};

static const UploadField fields[] = {
#define FIELD(path, verbs, why) { path, verbs, why },
#include "fulfill/work/upload.def"
#undef FIELD
	{ NULL, 0, NULL },
};

const UploadField *
upload_fields(void)
{
	return fields;
}

/* Objects are copied by their rows only: a value that is none is a leaf. */
static bool
is_leaf(const json_t *value)
{
	return value != NULL && !json_is_object(value) && !json_is_array(value);
}

static void
copy(json_t *to, const json_t *from, const char *path)
{
	const char *dot = strchr(path, '.');
	g_autofree char *outer =
	    dot != NULL ? g_strndup(path, (gsize)(dot - path)) : NULL;
	json_t *value;
	json_t *inner;

	if (dot == NULL) {
		value = json_object_get(from, path);
		if (is_leaf(value))
			json_object_set(to, path, value);
		return;
	}
	value = json_object_get(from, outer);
	if (!json_is_object(value))
		return;
	inner = json_object_get(to, outer);
	if (inner == NULL) {
		inner = json_object();
		json_object_set_new(to, outer, inner);
	}
	copy(inner, value, dot + 1);
}

json_t *
upload_set(ConnectorVerb verb, const json_t *context)
{
	json_t *set = json_object();

	for (const UploadField *field = fields; field->path != NULL; field++)
		if ((field->verbs & 1u << verb) != 0)
			copy(set, context, field->path);
	return set;
}
