/*
 * field.h - what a text may show, as a tree made from fields.def.
 *
 * A node is a level of a dotted name.  A list has one child, "[]": its items.  Trees are
 * never changed after field_tree_new(); threads may share them.
 */
#pragma once

#include <jansson.h>

#include "queue/err.h"

typedef enum FieldType {
	FIELD_STRING,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_OBJECT,
	FIELD_LIST,
} FieldType;

typedef enum FieldNeed {
	FIELD_NEEDED,   /* rendering without it is refused */
	FIELD_OPTIONAL, /* may be absent or empty */
	FIELD_DERIVED,  /* made by tmpl_derive() where its base is there */
	FIELD_MADE,     /* made by tmpl_derive(), always there afterwards */
} FieldNeed;

/* A row of fields.def, for lists of what there is. */
typedef struct Field {
	unsigned scopes; /* FIELD_SCOPE_* */
	const char *path;
	FieldType type;
	FieldNeed need;
	const char *example;
	const char *meaning;
} Field;

/* The texts of texts.def, in its order. */
enum {
#define TEXT(scope, name, list, shape) FIELD_TEXT_##scope,
#include "templates/texts.def"
#undef TEXT
	FIELD_N_TEXTS
};

enum {
#define TEXT(scope, name, list, shape) FIELD_SCOPE_##scope = 1 << FIELD_TEXT_##scope,
#include "templates/texts.def"
#undef TEXT
	FIELD_SCOPE_EACH = 1 << 30, /* one item of a text's list */
};

/* Ends with a row whose path is NULL. */
extern const Field fields[];

typedef struct FieldNode FieldNode;

struct FieldNode {
	const char *name; /* "code"; "[]" for the items of a list; NULL for the root */
	FieldType type;
	FieldNeed need;
	const char *example;
	GPtrArray *children; /* of FieldNode */
};

/* The names of the texts, ended by NULL. */
extern const char *const field_texts[FIELD_N_TEXTS + 1];

/* The place of `text` in field_texts[], or -1. */
int field_text_index(const char *text);

/* Has text number `text` an HTML shape beside the plain one? */
bool field_text_is_rich(int text);

/* The root of the tree of text number `text`. */
FieldNode *field_tree_new(int text) MUST_USE;
void field_tree_free(FieldNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FieldNode, field_tree_free)

/* The field of that name directly inside `node`, or NULL. */
const FieldNode *field_child(const FieldNode *node, const char *name);

/*
 * Says whether `context` can be rendered: every NEEDED and MADE field is there and not
 * empty, everything that is there has its type.  With `strict`, what is not in the tree
 * is an error too.
 *
 * false: INVALID, "field 'tickets[2].ticket.code' is missing".
 */
bool field_check(
    const FieldNode *root, const json_t *context, bool strict, GError **error) MUST_USE;

/* The base fields of the examples; the caller owns it. */
json_t *field_example(const FieldNode *root) MUST_USE;
