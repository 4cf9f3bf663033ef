/*
 * field.c - trees of fields: built from the table, checked against contexts, filled with
 * examples.
 */
#include "templates/field.h"

#include <string.h>

enum {
#define TEXT(scope, name, list, shape) scope = FIELD_SCOPE_##scope,
#include "templates/texts.def"
#undef TEXT
	EACH = FIELD_SCOPE_EACH,
};

enum { PLAIN, RICH };

const Field fields[] = {
#define FIELD(scopes, path, type, need, example, meaning)                                \
	{ scopes, path, FIELD_##type, FIELD_##need, example, meaning },
#include "templates/fields.def"
#undef FIELD
	{ 0, NULL, FIELD_STRING, FIELD_OPTIONAL, NULL, NULL },
};

const char *const field_texts[FIELD_N_TEXTS + 1] = {
#define TEXT(scope, name, list, shape) name,
#include "templates/texts.def"
#undef TEXT
	NULL
};

static const struct {
	unsigned scope;
	const char *items; /* the list whose items have scope EACH, or NULL */
	bool rich;
} texts[FIELD_N_TEXTS] = {
#define TEXT(scope, name, list, shape) { scope, list, shape == RICH },
#include "templates/texts.def"
#undef TEXT
};

int
field_text_index(const char *text)
{
	for (int i = 0; i < FIELD_N_TEXTS; i++)
		if (strcmp(field_texts[i], text) == 0)
			return i;
	return -1;
}

bool
field_text_is_rich(int text)
{
	return texts[text].rich;
}

/* --- the tree --------------------------------------------------------------------- */

static FieldNode *
node_new(const char *name, FieldType type, FieldNeed need, const char *example)
{
	FieldNode *node = g_new0(FieldNode, 1);

	node->name = name;
	node->type = type;
	node->need = need;
	node->example = example;
	node->children = g_ptr_array_new_with_free_func((GDestroyNotify)field_tree_free);
	return node;
}

void
field_tree_free(FieldNode *node)
{
	if (node == NULL)
		return;
	g_ptr_array_unref(node->children);
	g_free(node);
}

const FieldNode *
field_child(const FieldNode *node, const char *name)
{
	for (guint i = 0; i < node->children->len; i++) {
		const FieldNode *child = node->children->pdata[i];

		if (strcmp(child->name, name) == 0)
			return child;
	}
	return NULL;
}

/*
 * Hangs a row under `at`.  Its last level is the name of the node: a pointer into the
 * row's own path, so that nothing is copied.
 */
static void
hang(FieldNode *at, const Field *field)
{
	g_auto(GStrv) levels = g_strsplit(field->path, ".", -1);
	gsize size = strlen(field->path);
	const char *dot = strrchr(field->path, '.');
	const char *name = dot == NULL ? field->path : dot + 1;

	if (g_str_has_suffix(name, "[]")) {
		levels[g_strv_length(levels) - 1][strlen(name) - 2] = '\0';
		name = field->path + size - 2;
	} else {
		g_clear_pointer(&levels[g_strv_length(levels) - 1], g_free);
	}
	for (char **level = levels; *level != NULL; level++) {
		bool items = g_str_has_suffix(*level, "[]");

		if (items)
			(*level)[strlen(*level) - 2] = '\0';
		at = (FieldNode *)field_child(at, *level);
		if (at != NULL && items)
			at = (FieldNode *)field_child(at, "[]");
		if (at == NULL)
			BUG("fields.def: '%s' stands before its parent", field->path);
	}
	g_ptr_array_add(
	    at->children, node_new(name, field->type, field->need, field->example));
}

static void
hang_scope(FieldNode *at, unsigned scope)
{
	for (const Field *f = fields; f->path != NULL; f++)
		if (f->scopes & scope)
			hang(at, f);
}

FieldNode *
field_tree_new(int text)
{
	FieldNode *root = node_new(NULL, FIELD_OBJECT, FIELD_NEEDED, NULL);
	const FieldNode *list;

	hang_scope(root, texts[text].scope);
	if (texts[text].items != NULL) {
		list = field_child(root, texts[text].items);
		hang_scope((FieldNode *)field_child(list, "[]"), EACH);
	}
	return root;
}

/* --- checking a context ------------------------------------------------------------ */

/* Where we are, for messages: a chain on the stack, printed only when it is needed. */
typedef struct Place {
	const char *name; /* NULL: item `index` of a list */
	gsize index;
	const struct Place *up;
} Place;

static void
print_place(GString *out, const Place *at)
{
	if (at == NULL)
		return;
	print_place(out, at->up);
	if (at->name == NULL)
		g_string_append_printf(out, "[%zu]", at->index);
	else
		g_string_append_printf(out, "%s%s", out->len > 0 ? "." : "", at->name);
}

static bool
complain(const Place *at, const char *what, GError **error)
{
	g_autoptr(GString) path = g_string_new(NULL);

	print_place(path, at);
	return err_set(error, TP_ERROR_INVALID, "field '%s' %s", path->str, what);
}

static bool
is_empty(const json_t *value)
{
	return value == NULL || json_is_null(value) ||
	       (json_is_string(value) && json_string_length(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

static bool check_value(const FieldNode *node, const json_t *value, bool strict,
    const Place *at, GError **error);

static bool
check_object(const FieldNode *node, const json_t *object, bool strict, const Place *up,
    GError **error)
{
	const char *key;
	json_t *value;

	for (guint i = 0; i < node->children->len; i++) {
		const FieldNode *child = node->children->pdata[i];
		const Place at = { child->name, 0, up };

		value = json_object_get(object, child->name);
		if (!is_empty(value)) {
			if (!check_value(child, value, strict, &at, error))
				return false;
		} else if (child->need == FIELD_NEEDED || child->need == FIELD_MADE) {
			return complain(&at, "is missing", error);
		}
	}
	if (!strict)
		return true;
	json_object_foreach ((json_t *)object, key, value) {
		const Place at = { key, 0, up };

		if (field_child(node, key) == NULL)
			return complain(&at, "is in no table", error);
	}
	return true;
}

static bool
check_list(const FieldNode *node, const json_t *list, bool strict, const Place *up,
    GError **error)
{
	const FieldNode *item = field_child(node, "[]");

	for (gsize i = 0; i < json_array_size(list); i++) {
		const Place at = { NULL, i, up };

		if (!check_value(item, json_array_get(list, i), strict, &at, error))
			return false;
	}
	return true;
}

static bool
check_value(const FieldNode *node, const json_t *value, bool strict, const Place *at,
    GError **error)
{
	switch (node->type) {
	case FIELD_STRING:
		return json_is_string(value) || complain(at, "is not text", error);
	case FIELD_INT:
		return json_is_integer(value) ||
		       complain(at, "is not a whole number", error);
	case FIELD_BOOL:
		return json_is_boolean(value) || complain(at, "is not yes or no", error);
	case FIELD_OBJECT:
		if (!json_is_object(value))
			return complain(at, "is not an object", error);
		return check_object(node, value, strict, at, error);
	case FIELD_LIST:
		if (!json_is_array(value))
			return complain(at, "is not a list", error);
		return check_list(node, value, strict, at, error);
	}
	g_return_val_if_reached(false);
}

bool
field_check(const FieldNode *root, const json_t *context, bool strict, GError **error)
{
	if (!json_is_object(context))
		return err_set(error, TP_ERROR_INVALID, "the context is not an object");
	return check_object(root, context, strict, NULL, error);
}

/* --- examples ---------------------------------------------------------------------- */

/* An object of an example none of whose fields has one. */
static bool
is_hollow(const json_t *value)
{
	return json_is_object(value) && json_object_size(value) == 0;
}

/* Piece `i` of `text` cut at `separator`; the last one when there are fewer. */
static char *
piece(const char *text, char separator, gsize i)
{
	const char *end;

	for (; i > 0; i--) {
		const char *next = strchr(text, separator);

		if (next == NULL)
			break;
		text = next + 1;
	}
	end = strchrnul(text, separator);
	return g_strndup(text, (gsize)(end - text));
}

static gsize
pieces(const char *text, char separator)
{
	gsize n = 1;

	for (; *text != '\0'; text++)
		n += *text == separator;
	return n;
}

static bool
is_list_of_tickets(const FieldNode *list)
{
	return field_child(field_child(list, "[]"), "ticket") != NULL;
}

/* How many items an example list has: as many as its first leaf has pieces. */
static gsize
example_size(const FieldNode *node, char separator)
{
	if (node->children->len == 0)
		return pieces(node->example, separator);
	for (guint i = 0; i < node->children->len; i++) {
		gsize n = example_size(node->children->pdata[i], separator);

		if (n > 1)
			return n;
	}
	return 1;
}

static json_t *
example_value(const FieldNode *node, gsize ticket, gsize item)
{
	g_autofree char *mine = NULL;
	g_autofree char *text = NULL;
	json_t *value, *child;

	switch (node->type) {
	case FIELD_LIST:
		value = json_array();
		if (is_list_of_tickets(node)) {
			gsize n = example_size(field_child(node, "[]"), '|');

			for (gsize i = 0; i < n; i++)
				json_array_append_new(value,
				    example_value(field_child(node, "[]"), i, item));
		} else {
			gsize n = example_size(field_child(node, "[]"), ';');

			for (gsize i = 0; i < n; i++)
				json_array_append_new(value,
				    example_value(field_child(node, "[]"), ticket, i));
		}
		return value;
	case FIELD_OBJECT:
		value = json_object();
		for (guint i = 0; i < node->children->len; i++) {
			const FieldNode *c = node->children->pdata[i];

			if (c->need == FIELD_DERIVED || c->need == FIELD_MADE)
				continue;
			child = example_value(c, ticket, item);
			if (is_empty(child) || is_hollow(child))
				json_decref(child);
			else
				json_object_set_new(value, c->name, child);
		}
		return value;
	default:
		break;
	}
	mine = piece(node->example, '|', ticket);
	text = piece(mine, ';', item);
	if (*text == '\0')
		return json_null();
	if (node->type == FIELD_INT)
		return json_integer(g_ascii_strtoll(text, NULL, 10));
	if (node->type == FIELD_BOOL)
		return json_boolean(strcmp(text, "yes") == 0);
	return json_string(text);
}

json_t *
field_example(const FieldNode *root)
{
	return example_value(root, 0, 0);
}
