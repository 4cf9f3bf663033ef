/*
 * tmpl_parse.c - from the text of a template to its program.
 *
 * The parser goes on after a fault, so that a translator sees all of them at once.  It
 * looks at each byte about once: the rule of tags alone on their line is decided by
 * looking from the tag to both ends of its line in the source.
 */
#include "templates/tmpl_private.h"

#include <string.h>

#include "queue/limits.h"

typedef struct Parser {
	Tmpl *tmpl;
	const char *start, *end;
	const char *at;      /* what comes next */
	const char *counted; /* `line` is the line of this byte */
	int line;
	char *open, *close; /* delimiters, "{{" and "}}" unless set */
	GArray *sections;   /* guint: the ops that are open */
	GPtrArray *faults;
} Parser;

static void fault(Parser *p, int line, const char *format, ...) PRINTF(3, 4);

static void
fault(Parser *p, int line, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(
	    p->faults, g_strdup_printf("%s:%d: %s", p->tmpl->file, line, what));
}

/* The line of `where`, which is never before the last one asked for. */
static int
line_of(Parser *p, const char *where)
{
	for (; p->counted < where; p->counted++)
		p->line += *p->counted == '\n';
	return p->line;
}

/* A piece of the source as it can be shown in one line of a message. */
static char *
shown(const char *from, const char *to)
{
	g_autofree char *piece = g_strndup(from, (gsize)(to - from));
	g_autofree char *cut = NULL;

	g_strstrip(g_strdelimit(piece, "\r\n\t", ' '));
	if (g_utf8_strlen(piece, -1) <= 40)
		return g_steal_pointer(&piece);
	cut = g_utf8_substring(piece, 0, 40);
	return g_strconcat(cut, "...", NULL);
}

static const char *
find(const char *from, const char *to, const char *what)
{
	return from < to ? memmem(from, (gsize)(to - from), what, strlen(what)) : NULL;
}

static Op *
add_op(Parser *p, OpKind kind, int line)
{
	Op op = { .kind = (guint8)kind, .line = line };

	g_array_append_val(p->tmpl->ops, op);
	return &g_array_index(p->tmpl->ops, Op, p->tmpl->ops->len - 1);
}

static bool
starts_line(const Parser *p, const char *where)
{
	return where == p->start || where[-1] == '\n';
}

static void
add_text(Parser *p, const char *from, const char *to)
{
	Op *op;

	if (from == to)
		return;
	op = add_op(p, OP_TEXT, line_of(p, from));
	op->at = (guint)(from - p->start);
	op->size = (guint)(to - from);
	op->starts_line = starts_line(p, from);
}

/*
 * Gives `op` the parts of the name between `from` and `to`.  Partials have one part: a
 * dot in their name would look like a file.
 */
static bool
add_name(Parser *p, const char *from, const char *to, bool one_part, Op *op)
{
	GPtrArray *parts = p->tmpl->parts;

	while (from < to && g_ascii_isspace(*from))
		from++;
	while (from < to && g_ascii_isspace(to[-1]))
		to--;
	op->first_part = parts->len;
	op->n_parts = 0;
	if (!one_part && to - from == 1 && *from == '.')
		return true;
	for (const char *part = from;; from++) {
		if (from == to || (*from == '.' && !one_part)) {
			if (from == part || op->n_parts == LIMIT_TEMPLATE_DEPTH)
				return false;
			g_ptr_array_add(parts,
			    g_string_chunk_insert_len(p->tmpl->names, part, from - part));
			op->n_parts++;
			if (from == to)
				break;
			part = from + 1;
		} else if (!g_ascii_isalnum(*from) && *from != '_' && *from != '-') {
			return false;
		}
	}
	for (guint i = op->first_part; i < parts->len; i++)
		parts->pdata[i] =
		    g_string_chunk_insert_const(p->tmpl->names, parts->pdata[i]);
	return true;
}

static bool
same_name(const Parser *p, const Op *a, const Op *b)
{
	gpointer *parts = p->tmpl->parts->pdata;

	return a->n_parts == b->n_parts &&
	       (a->n_parts == 0 || memcmp(parts + a->first_part, parts + b->first_part,
				       a->n_parts * sizeof *parts) == 0);
}

static char *
name_of(const Parser *p, const Op *op)
{
	GString *name = g_string_new(op->n_parts == 0 ? "." : NULL);

	for (guint i = 0; i < op->n_parts; i++)
		g_string_append_printf(name, "%s%s", i > 0 ? "." : "",
		    (const char *)p->tmpl->parts->pdata[op->first_part + i]);
	return g_string_free(name, FALSE);
}

static Op *
open_section(Parser *p, guint from_top)
{
	guint i = g_array_index(p->sections, guint, p->sections->len - 1 - from_top);

	return &g_array_index(p->tmpl->ops, Op, i);
}

static void
close_top(Parser *p, int line)
{
	guint end = p->tmpl->ops->len;

	add_op(p, OP_END, line);
	open_section(p, 0)->end = end;
	g_array_set_size(p->sections, p->sections->len - 1);
}

/* {{/name}}: closes what it names, and complains about what stands between. */
static void
end_section(Parser *p, const Op *named, int line)
{
	g_autofree char *name = name_of(p, named);
	guint from_top = 0;

	while (from_top < p->sections->len &&
	       !same_name(p, open_section(p, from_top), named))
		from_top++;
	if (from_top == p->sections->len && from_top == 0) {
		fault(p, line, "'/%s' closes nothing", name);
		return;
	}
	if (from_top > 0) {
		const Op *top = open_section(p, 0);
		g_autofree char *due = name_of(p, top);

		fault(
		    p, line, "'/%s' where '/%s' of line %d is due", name, due, top->line);
		if (from_top == p->sections->len)
			return;
	}
	for (guint i = 0; i <= from_top; i++)
		close_top(p, line);
}

/* {{=<% %>=}}, without the equals signs. */
static void
set_delimiters(Parser *p, const char *from, const char *to, int line)
{
	g_autofree char *both = g_strndup(from, (gsize)(to - from));
	g_auto(GStrv) words = NULL;
	g_autoptr(GPtrArray) found = g_ptr_array_new();

	words = g_strsplit_set(both, " \t\r\n", -1);
	for (char **w = words; *w != NULL; w++)
		if (**w != '\0')
			g_ptr_array_add(found, *w);
	if (found->len != 2 || strchr(both, '=') != NULL) {
		fault(p, line, "'=%s=' is not a pair of delimiters", g_strstrip(both));
		return;
	}
	g_free(p->open);
	g_free(p->close);
	p->open = g_strdup(found->pdata[0]);
	p->close = g_strdup(found->pdata[1]);
}

/* What the tag with `sigil` and the content [from, to) does. */
static void
add_tag(Parser *p, char sigil, const char *from, const char *to, int line)
{
	g_autofree char *text = shown(from, to);
	Op op = { .line = line };
	guint index = p->tmpl->ops->len;

	if (sigil == '!')
		return;
	if (sigil == '=') {
		set_delimiters(p, from, to, line);
		return;
	}
	if (!add_name(p, from, to, sigil == '>', &op)) {
		fault(p, line, "'%s' is not a name", text);
		return;
	}
	switch (sigil) {
	case '#':
	case '^':
		op.kind = sigil == '#' ? OP_SECTION : OP_INVERTED;
		if (p->sections->len == LIMIT_TEMPLATE_DEPTH)
			fault(p, line, "sections are nested deeper than %d levels",
			    LIMIT_TEMPLATE_DEPTH);
		g_array_append_val(p->sections, index);
		break;
	case '/':
		end_section(p, &op, line);
		return;
	case '>':
		op.kind = OP_PARTIAL;
		break;
	default:
		op.kind = OP_VARIABLE;
		op.raw = sigil == '{' || sigil == '&';
	}
	g_array_append_val(p->tmpl->ops, op);
}

/* The start of the line of `tag` when only blanks stand between, else NULL. */
static const char *
only_blanks_before(const Parser *p, const char *tag)
{
	while (!starts_line(p, tag) && (tag[-1] == ' ' || tag[-1] == '\t'))
		tag--;
	return starts_line(p, tag) ? tag : NULL;
}

/* The start of the line after `tag` when only blanks stand between, else NULL. */
static const char *
only_blanks_after(const Parser *p, const char *tag)
{
	while (tag < p->end && (*tag == ' ' || *tag == '\t'))
		tag++;
	if (tag == p->end)
		return tag;
	if (*tag == '\n')
		return tag + 1;
	return p->end - tag >= 2 && tag[0] == '\r' && tag[1] == '\n' ? tag + 2 : NULL;
}

/* Reads text up to the next tag, and that tag.  False at the end. */
static bool
next_tag(Parser *p)
{
	const char *tag = find(p->at, p->end, p->open);
	const char *content, *content_end, *after, *line_start, *next_line;
	g_autofree char *closer = NULL;
	char sigil = '\0';
	int line;

	if (tag == NULL) {
		add_text(p, p->at, p->end);
		return false;
	}
	content = tag + strlen(p->open);
	if (content < p->end && strchr("#^/!>={&", *content) != NULL)
		sigil = *content++;
	closer = g_strconcat(sigil == '{'   ? "}"
			     : sigil == '=' ? "="
					    : "",
	    p->close, NULL);
	content_end = find(content, p->end, closer);
	if (content_end == NULL) {
		add_text(p, p->at, tag);
		fault(p, line_of(p, tag), "this tag is never closed with '%s'", closer);
		return false;
	}
	after = content_end + strlen(closer);

	line_start = next_line = NULL;
	if (sigil != '\0' && strchr("#^/!>=", sigil) != NULL) {
		line_start = only_blanks_before(p, tag);
		next_line = only_blanks_after(p, after);
	}
	if (line_start != NULL && next_line != NULL) {
		guint ops;

		/* Two tags alone on one line cannot be: the first is not blank. */
		add_text(p, p->at, line_start);
		line = line_of(p, tag);
		ops = p->tmpl->ops->len;
		add_tag(p, sigil, content, content_end, line);
		if (sigil == '>' && p->tmpl->ops->len > ops) {
			Op *op = &g_array_index(p->tmpl->ops, Op, ops);

			op->alone = true;
			op->at = (guint)(line_start - p->start);
			op->size = (guint)(tag - line_start);
		}
		p->at = next_line;
		return true;
	}
	add_text(p, p->at, tag);
	line = line_of(p, tag);
	if (starts_line(p, tag))
		add_op(p, OP_INDENT, line);
	add_tag(p, sigil, content, content_end, line);
	p->at = after;
	return true;
}

static void
check_bytes(Parser *p)
{
	const char *bad;

	if (p->end - p->start > LIMIT_TEMPLATE_FILE_BYTES)
		fault(p, p->line, "longer than %d bytes", LIMIT_TEMPLATE_FILE_BYTES);
	else if (!g_utf8_validate_len(p->start, (gsize)(p->end - p->start), &bad))
		fault(p, line_of(p, bad), "not UTF-8");
}

static void
parse_all(Parser *p)
{
	check_bytes(p);
	if (p->faults->len > 0)
		return;
	while (next_tag(p))
		;
	while (p->sections->len > 0) {
		const Op *top = open_section(p, 0);
		g_autofree char *name = name_of(p, top);

		fault(p, top->line, "section '%s' is never closed", name);
		close_top(p, top->line);
	}
}

Tmpl *
tmpl_parse(const char *file, int first_line, const char *text, gssize size, TmplKind kind,
    GPtrArray *faults, GError **error)
{
	g_autoptr(Tmpl) tmpl = g_new0(Tmpl, 1);
	g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);
	gsize n = size < 0 ? strlen(text) : (gsize)size;
	Parser p = { .tmpl = tmpl, .line = first_line, .faults = own };

	tmpl->file = g_strdup(file);
	tmpl->kind = kind;
	tmpl->text = g_strndup(text, n);
	tmpl->ops = g_array_new(FALSE, FALSE, sizeof(Op));
	tmpl->parts = g_ptr_array_new();
	tmpl->names = g_string_chunk_new(256);
	p.start = p.at = p.counted = tmpl->text;
	p.end = tmpl->text + n;
	p.open = g_strdup("{{");
	p.close = g_strdup("}}");
	p.sections = g_array_new(FALSE, FALSE, sizeof(guint));
	parse_all(&p);
	g_free(p.open);
	g_free(p.close);
	g_array_unref(p.sections);
	if (own->len == 0)
		return g_steal_pointer(&tmpl);
	err_set(error, TP_ERROR_INVALID, "%s", (const char *)own->pdata[0]);
	if (faults != NULL)
		g_ptr_array_extend_and_steal(faults, g_steal_pointer(&own));
	return NULL;
}
