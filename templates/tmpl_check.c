/*
 * tmpl_check.c - what can be wrong with a text before anybody gets it.
 *
 * The names are checked by walking each text, with its partials in their places, through
 * the tree of its fields: the stack of nodes here is the stack of contexts that
 * rendering will have.  What cannot be seen from names is seen by rendering the examples:
 * that a reader finds the code on a line of its own.
 */
#include <string.h>

#include "templates/derive.h"
#include "templates/tmpl_set_private.h"

typedef struct Check {
	const View *view;
	const char *text;  /* "ticket" */
	const Tmpl *tmpl;  /* the file we are in */
	GPtrArray *stack;  /* of const FieldNode; NULL: unknown, said already */
	GPtrArray *active; /* of const Tmpl: partials we are inside of */
	GPtrArray *faults;
} Check;

static void walk(Check *c, const Tmpl *tmpl);

/* --- names ------------------------------------------------------------------------- */

static char *
tag_name(const TmplTag *tag)
{
	GString *name = g_string_new(tag->n_parts == 0 ? "." : NULL);

	for (guint i = 0; i < tag->n_parts; i++)
		g_string_append_printf(name, "%s%s", i > 0 ? "." : "", tag->parts[i]);
	return g_string_free(name, FALSE);
}

/* The node that a name means, as tmpl.c looks it up.  NULL: `*ret_known` false says that
 * there is none, true that we cannot know. */
static const FieldNode *
resolve(const Check *c, const TmplTag *tag, bool *ret_known)
{
	const FieldNode *node = NULL;

	*ret_known = true;
	if (tag->n_parts == 0)
		return c->stack->pdata[c->stack->len - 1];
	for (guint i = c->stack->len; i-- > 0 && node == NULL;) {
		if (c->stack->pdata[i] == NULL)
			return NULL;
		node = field_child(c->stack->pdata[i], tag->parts[0]);
	}
	for (guint i = 1; i < tag->n_parts && node != NULL; i++)
		node = field_child(node, tag->parts[i]);
	*ret_known = node != NULL;
	return node;
}

static void
check_partial(Check *c, const TmplTag *tag)
{
	TmplKind kind = tmpl_kind(c->tmpl);
	LayerFile *file = g_hash_table_lookup(c->view->partials[kind], tag->parts[0]);
	const Tmpl *here = c->tmpl;

	if (kind == TMPL_SUBJECT) {
		layer_fault(
		    c->faults, tmpl_file(here), tag->line, "a subject has no partials");
	} else if (file == NULL) {
		layer_fault(c->faults, tmpl_file(here), tag->line,
		    "there is no partial '%s' in language '%s'", tag->parts[0],
		    c->view->language);
	} else if (file->body == NULL) {
		file->used = true; /* its faults are told already */
	} else if (g_ptr_array_find(c->active, file->body, NULL)) {
		layer_fault(c->faults, tmpl_file(here), tag->line,
		    "partial '%s' includes itself", tag->parts[0]);
	} else {
		file->used = true;
		walk(c, file->body);
		c->tmpl = here;
	}
}

static void
check_variable(Check *c, const TmplTag *tag, const FieldNode *node, const char *name)
{
	const char *what = node->type == FIELD_LIST     ? "a list"
			   : node->type == FIELD_OBJECT ? "an object"
			   : node->type == FIELD_BOOL   ? "yes or no"
							: NULL;

	if (what != NULL)
		layer_fault(c->faults, tmpl_file(c->tmpl), tag->line,
		    "'%s' is %s, not text", name, what);
}

static void
check_tag(void *data, const TmplTag *tag)
{
	Check *c = data;
	const FieldNode *node;
	g_autofree char *name = NULL;
	bool known;

	if (tag->kind == TMPL_TAG_END) {
		g_ptr_array_set_size(c->stack, (gint)c->stack->len - 1);
		return;
	}
	if (tag->kind == TMPL_TAG_PARTIAL) {
		check_partial(c, tag);
		return;
	}
	name = tag_name(tag);
	node = resolve(c, tag, &known);
	if (!known)
		layer_fault(c->faults, tmpl_file(c->tmpl), tag->line,
		    "text '%s' has no field '%s'", c->text, name);
	if (tag->kind == TMPL_TAG_SECTION) {
		if (node != NULL && node->type == FIELD_LIST)
			node = field_child(node, "[]");
		g_ptr_array_add(c->stack, (gpointer)node);
	} else if (tag->kind == TMPL_TAG_INVERTED) {
		/* Nothing becomes the context: what is on top stays on top. */
		g_ptr_array_add(c->stack, c->stack->pdata[c->stack->len - 1]);
	} else if (node != NULL) {
		check_variable(c, tag, node, name);
	}
}

static void
walk(Check *c, const Tmpl *tmpl)
{
	c->tmpl = tmpl;
	g_ptr_array_add(c->active, (gpointer)tmpl);
	tmpl_each_tag(tmpl, check_tag, c);
	g_ptr_array_set_size(c->active, (gint)c->active->len - 1);
}

static void
check_names(
    const TmplSet *set, const View *view, int t, const Tmpl *tmpl, GPtrArray *faults)
{
	g_autoptr(GPtrArray) stack = g_ptr_array_new();
	g_autoptr(GPtrArray) active = g_ptr_array_new();
	Check c = {
		.view = view,
		.text = field_texts[t],
		.stack = stack,
		.active = active,
		.faults = faults,
	};

	g_ptr_array_add(stack, set->trees[t]);
	walk(&c, tmpl);
}

/* --- codes ------------------------------------------------------------------------- */

static void
strip_tags(GString *html)
{
	gsize to = 0;
	bool inside = false;

	for (gsize i = 0; i < html->len; i++) {
		if (html->str[i] == '<')
			inside = true;
		if (!inside)
			html->str[to++] = html->str[i];
		if (html->str[i] == '>')
			inside = false;
	}
	g_string_truncate(html, to);
}

static bool
has_line(const char *text, const char *line)
{
	gsize n = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
			return true;
	return false;
}

/* What is wrong with the way `out` shows `code`, or NULL. */
static const char *
code_fault(TmplKind kind, const char *out, const char *code)
{
	switch (kind) {
	case TMPL_SUBJECT:
		return strstr(out, code) != NULL ? "the code stands in the subject"
						 : NULL;
	case TMPL_TEXT:
		return has_line(out, code) ? NULL : "the code has no line of its own";
	case TMPL_HTML:
		return strstr(out, code) != NULL ? NULL
						 : "the code is not shown in one piece";
	}
	g_return_val_if_reached(NULL);
}

/*
 * Renders the example without its QR picture, whose alternative text has the code too,
 * and looks for each code in it.
 */
static void
check_codes(const TmplSet *set, const View *view, int t, TmplKind kind, GPtrArray *faults)
{
	const Tmpl *tmpl = view->texts[t][kind];
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	json_t *context = field_example(set->trees[t]);
	json_t *tickets = json_object_get(context, "tickets");
	const char *fault = NULL;
	gsize n = json_is_array(tickets) ? json_array_size(tickets) : 1;

	json_object_del(context, "has_qr");
	json_object_set_new(context, "lang", json_string(view->language));
	if (!derive_fields(view->words, context, &error) ||
	    !tmpl_render(tmpl, context, view_partial, view->partials[kind], out, &error))
		g_ptr_array_add(faults, g_strdup(error->message));
	if (kind == TMPL_HTML)
		strip_tags(out);
	for (gsize i = 0; error == NULL && fault == NULL && i < n; i++) {
		const json_t *ticket = json_object_get(
		    json_is_array(tickets) ? json_array_get(tickets, i) : context,
		    "ticket");
		const char *code = json_string_value(json_object_get(ticket, "code"));

		if (code != NULL)
			fault = code_fault(kind, out->str, code);
	}
	if (fault != NULL)
		layer_fault(faults, tmpl_file(tmpl), 1, "%s", fault);
	json_decref(context);
}

/* --- a view ------------------------------------------------------------------------ */

void
tmpl_check_view(const TmplSet *set, const View *view, GPtrArray *faults)
{
	for (int t = 0; t < FIELD_N_TEXTS; t++) {
		for (TmplKind kind = 0; kind < N_KINDS; kind++) {
			guint before = faults->len;

			if (view->texts[t][kind] == NULL)
				continue;
			check_names(set, view, t, view->texts[t][kind], faults);
			if (faults->len == before && view->words != NULL)
				check_codes(set, view, t, kind, faults);
		}
	}
}

void
tmpl_check_unused(const TmplSet *set, GPtrArray *faults)
{
	/* An embedded partial that nobody uses any more is no fault of the operator. */
	for (guint i = set->layers->len > 1 ? 1 : 0; i < set->layers->len; i++) {
		const Layer *layer = set->layers->pdata[i];
		GHashTableIter folders, files;
		GHashTable *folder;
		LayerFile *file;

		g_hash_table_iter_init(&folders, layer->folders);
		while (g_hash_table_iter_next(&folders, NULL, (gpointer *)&folder)) {
			g_hash_table_iter_init(&files, folder);
			while (g_hash_table_iter_next(&files, NULL, (gpointer *)&file))
				if (!file->is_text && file->words == NULL && !file->used)
					layer_fault(faults, file->path, 1,
					    "no text includes '%s'", file->name);
		}
	}
}
