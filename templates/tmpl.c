/*
 * tmpl.c - run a compiled text.
 *
 * The context is a chain of frames on the C stack, innermost first; its length is bounded
 * by LIMIT_TEMPLATE_DEPTH sections in each of as many partials.  Nothing is allocated but
 * the growth of `out`.
 *
 * Looking for the compiler?  See tmpl_parse.c.
 */
#include "templates/tmpl.h"

#include <string.h>

#include "queue/limits.h"
#include "templates/tmpl_private.h"

typedef struct Frame {
	const json_t *value;
	const struct Frame *up;
} Frame;

typedef struct Run {
	GString *out;
	gsize start; /* what was in `out` before */
	TmplPartialFunc partial;
	const void *data;
	GString *indent; /* all indentations one after the other, or NULL */
	gsize indent_at; /* from here to its end it holds */
	int depth;       /* partials that are open */
	GError **error;
} Run;

static bool run_ops(Run *r, const Tmpl *t, guint from, guint to, const Frame *top);

void
tmpl_free(Tmpl *tmpl)
{
	if (tmpl == NULL)
		return;
	g_free(tmpl->file);
	g_free(tmpl->text);
	g_clear_pointer(&tmpl->ops, g_array_unref);
	g_clear_pointer(&tmpl->parts, g_ptr_array_unref);
	g_clear_pointer(&tmpl->names, g_string_chunk_free);
	g_free(tmpl);
}

const char *
tmpl_file(const Tmpl *tmpl)
{
	return tmpl->file;
}

TmplKind
tmpl_kind(const Tmpl *tmpl)
{
	return tmpl->kind;
}

/* --- values ----------------------------------------------------------------------- */

/*
 * The first part is looked for from the inside out; the others only inside what the first
 * one found, so that {{a.b}} never takes the b of another place.
 */
static const json_t *
look_up(const Tmpl *t, const Op *op, const Frame *top)
{
	const char *const *part = (const char *const *)t->parts->pdata + op->first_part;
	const json_t *value = NULL;

	if (op->n_parts == 0)
		return top->value;
	for (const Frame *f = top; f != NULL && value == NULL; f = f->up)
		value = json_object_get(f->value, part[0]);
	for (guint i = 1; i < op->n_parts && value != NULL; i++)
		value = json_object_get(value, part[i]);
	return value;
}

static bool
is_true(const json_t *value)
{
	if (value == NULL)
		return false;
	switch (json_typeof(value)) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(value) > 0;
	case JSON_INTEGER:
		return json_integer_value(value) != 0;
	case JSON_REAL:
		return json_real_value(value) < 0 || json_real_value(value) > 0;
	case JSON_ARRAY:
		return json_array_size(value) > 0;
	default:
		return true;
	}
}

static void
append_html(GString *out, const char *s, gsize size)
{
	const char *end = s + size, *run = s;

	for (; s < end; s++) {
		const char *entity = *s == '&'    ? "&amp;"
				     : *s == '<'  ? "&lt;"
				     : *s == '>'  ? "&gt;"
				     : *s == '"'  ? "&quot;"
				     : *s == '\'' ? "&#39;"
						  : NULL;

		if (entity == NULL)
			continue;
		g_string_append_len(out, run, s - run);
		g_string_append(out, entity);
		run = s + 1;
	}
	g_string_append_len(out, run, end - run);
}

/* The bytes of the control character at `s`: C0, DEL, C1, LINE and PARAGRAPH SEPARATOR.
 */
static gsize
control_size(const char *s, const char *end)
{
	guchar c = (guchar)*s;

	if (c < 0x20 || c == 0x7f)
		return 1;
	if (c == 0xc2 && end - s >= 2 && (guchar)s[1] < 0xa0)
		return 2;
	if (c == 0xe2 && end - s >= 3 && (guchar)s[1] == 0x80 &&
	    ((guchar)s[2] == 0xa8 || (guchar)s[2] == 0xa9))
		return 3;
	return 0;
}

static void
append_one_line(GString *out, const char *s, gsize size)
{
	const char *end = s + size, *run = s;
	gsize n;

	while (s < end) {
		if ((n = control_size(s, end)) == 0) {
			s++;
			continue;
		}
		g_string_append_len(out, run, s - run);
		g_string_append_c(out, ' ');
		do
			s += n;
		while (s < end && (n = control_size(s, end)) > 0);
		run = s;
	}
	g_string_append_len(out, run, end - run);
}

static void
append_string(GString *out, TmplKind kind, bool raw, const char *s, gsize size)
{
	if (kind == TMPL_SUBJECT || (kind == TMPL_TEXT && !raw))
		append_one_line(out, s, size);
	else if (raw)
		g_string_append_len(out, s, (gssize)size);
	else
		append_html(out, s, size);
}

/* As JSON would show it, with no more digits than it takes. */
static void
append_real(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	for (const char *const *f = (const char *const[]){ "%.15g", "%.17g", NULL };
	     *f != NULL; f++) {
		g_ascii_formatd(text, sizeof text, *f, value);
		if (!(g_ascii_strtod(text, NULL) < value) &&
		    !(g_ascii_strtod(text, NULL) > value))
			break;
	}
	g_string_append(out, text);
}

static void
append_value(GString *out, TmplKind kind, bool raw, const json_t *value)
{
	if (value == NULL)
		return;
	switch (json_typeof(value)) {
	case JSON_STRING:
		append_string(
		    out, kind, raw, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		g_string_append_printf(
		    out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		append_real(out, json_real_value(value));
		break;
	case JSON_TRUE:
		g_string_append(out, "true");
		break;
	case JSON_FALSE:
		g_string_append(out, "false");
		break;
	default: /* null is nothing; lists and objects have no text */
		break;
	}
}

/* --- running ---------------------------------------------------------------------- */

static void
append_indent(Run *r)
{
	if (r->indent != NULL && r->indent->len > r->indent_at)
		g_string_append_len(r->out, r->indent->str + r->indent_at,
		    (gssize)(r->indent->len - r->indent_at));
}

static bool
is_line_break(const char *s, const char *end)
{
	return *s == '\n' || (*s == '\r' && s + 1 < end && s[1] == '\n');
}

static void
append_text(Run *r, const char *s, const char *end, bool starts_line)
{
	if (r->indent == NULL || r->indent->len == r->indent_at) {
		g_string_append_len(r->out, s, end - s);
		return;
	}
	while (s < end) {
		const char *nl = memchr(s, '\n', (gsize)(end - s));
		const char *next = nl == NULL ? end : nl + 1;

		if (starts_line && !is_line_break(s, end))
			append_indent(r);
		g_string_append_len(r->out, s, next - s);
		s = next;
		starts_line = true;
	}
}

static bool
run_section(Run *r, const Tmpl *t, guint i, const Frame *top)
{
	const Op *op = &g_array_index(t->ops, Op, i);
	const json_t *value = look_up(t, op, top);
	Frame inner = { value, top };

	if (!is_true(value))
		return true;
	if (!json_is_array(value))
		return run_ops(r, t, i + 1, op->end, &inner);
	for (gsize n = 0; n < json_array_size(value); n++) {
		inner.value = json_array_get(value, n);
		if (!run_ops(r, t, i + 1, op->end, &inner))
			return false;
	}
	return true;
}

static bool
run_partial(Run *r, const Tmpl *t, const Op *op, const Frame *top)
{
	const Tmpl *partial = NULL;
	gsize old_at = r->indent_at, old_len = r->indent == NULL ? 0 : r->indent->len;
	bool ok;

	if (r->partial != NULL)
		partial = r->partial(r->data, t->parts->pdata[op->first_part]);
	if (partial == NULL)
		return true;
	if (r->depth == LIMIT_TEMPLATE_DEPTH)
		return err_set(r->error, TP_ERROR_INVALID,
		    "%s:%d: partials are nested deeper than %d levels", t->file, op->line,
		    LIMIT_TEMPLATE_DEPTH);
	if (op->alone && op->size > 0) {
		if (r->indent == NULL)
			r->indent = g_string_new(NULL);
		g_string_append_len(r->indent, t->text + op->at, op->size);
	} else if (!op->alone && r->indent != NULL) {
		r->indent_at = r->indent->len;
	}
	r->depth++;
	ok = run_ops(r, partial, 0, partial->ops->len, top);
	r->depth--;
	r->indent_at = old_at;
	if (r->indent != NULL)
		g_string_truncate(r->indent, old_len);
	return ok;
}

static bool
run_ops(Run *r, const Tmpl *t, guint from, guint to, const Frame *top)
{
	for (guint i = from; i < to; i++) {
		const Op *op = &g_array_index(t->ops, Op, i);

		switch ((OpKind)op->kind) {
		case OP_TEXT:
			append_text(r, t->text + op->at, t->text + op->at + op->size,
			    op->starts_line);
			break;
		case OP_INDENT:
			append_indent(r);
			break;
		case OP_VARIABLE:
			append_value(r->out, t->kind, op->raw, look_up(t, op, top));
			break;
		case OP_SECTION:
			if (!run_section(r, t, i, top))
				return false;
			i = op->end;
			break;
		case OP_INVERTED:
			if (is_true(look_up(t, op, top)))
				i = op->end;
			break;
		case OP_END: /* of an inverted section */
			break;
		case OP_PARTIAL:
			if (!run_partial(r, t, op, top))
				return false;
			break;
		}
		if (r->out->len - r->start > LIMIT_TEMPLATE_OUTPUT_BYTES)
			return err_set(r->error, TP_ERROR_INVALID,
			    "%s:%d: the output is longer than %d bytes", t->file,
			    op->line, LIMIT_TEMPLATE_OUTPUT_BYTES);
	}
	return true;
}

bool
tmpl_render(const Tmpl *tmpl, const json_t *context, TmplPartialFunc partial,
    const void *data, GString *out, GError **error)
{
	const Frame top = { context, NULL };
	Run r = {
		.out = out,
		.start = out->len,
		.partial = partial,
		.data = data,
		.error = error,
	};
	bool ok = run_ops(&r, tmpl, 0, tmpl->ops->len, &top);

	if (r.indent != NULL)
		g_string_free(r.indent, TRUE);
	if (!ok)
		g_string_truncate(out, r.start);
	return ok;
}

void
tmpl_each_tag(const Tmpl *tmpl, TmplTagFunc func, void *data)
{
	/* clang-format off */
	static const int kinds[] = {
		[OP_TEXT] = -1,
		[OP_INDENT] = -1,
		[OP_VARIABLE] = TMPL_TAG_VARIABLE,
		[OP_SECTION] = TMPL_TAG_SECTION,
		[OP_INVERTED] = TMPL_TAG_INVERTED,
		[OP_END] = TMPL_TAG_END,
		[OP_PARTIAL] = TMPL_TAG_PARTIAL,
	};
	/* clang-format on */

	for (guint i = 0; i < tmpl->ops->len; i++) {
		const Op *op = &g_array_index(tmpl->ops, Op, i);
		TmplTag tag = {
			.line = op->line,
			.n_parts = op->n_parts,
		};

		if (kinds[op->kind] < 0)
			continue;
		tag.kind = (TmplTagKind)kinds[op->kind];
		tag.parts = (const char *const *)tmpl->parts->pdata + op->first_part;
		func(data, &tag);
	}
}
