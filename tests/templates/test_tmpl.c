/*
 * test_tmpl.c - what Mustache means, one row for each promise.
 *
 * Rows are {name, kind, template, context, partials, wanted}; context and partials are
 * JSON, partials an object of texts.  Where the manual of Mustache leaves a choice open,
 * the name of the row says what we chose.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "queue/limits.h"
#include "templates/tmpl.h"

typedef struct TmplRow {
	const char *name;
	TmplKind kind;
	const char *text;
	const char *context;
	const char *partials;
	const char *wanted;
} TmplRow;

/* clang-format off */
static const TmplRow rows[] = {
	/* plain text and variables */
	{ "text without tags stays as it is", TMPL_HTML, "a < b & c\n", "{}", NULL, "a < b & c\n" },
	{ "an empty text gives nothing", TMPL_HTML, "", "{}", NULL, "" },
	{ "a lone brace is text", TMPL_HTML, "{ {x} }", "{\"x\":1}", NULL, "{ {x} }" },
	{ "a variable is replaced", TMPL_HTML, "Hi {{who}}!\n", "{\"who\":\"Ada\"}", NULL, "Hi Ada!\n" },
	{ "two variables side by side", TMPL_HTML, "{{a}}{{b}}", "{\"a\":1,\"b\":2}", NULL, "12" },
	{ "blanks inside a tag do not matter", TMPL_HTML, "|{{ a }}|{{{ a }}}|{{& a }}|", "{\"a\":1}", NULL, "|1|1|1|" },
	{ "a line break inside a tag does not matter", TMPL_HTML, "|{{\n a\n}}|", "{\"a\":1}", NULL, "|1|" },
	{ "blanks around a variable stay", TMPL_HTML, " | {{a}} | \n", "{\"a\":1}", NULL, " | 1 | \n" },
	{ "a variable alone on its line keeps the line", TMPL_HTML, "  {{a}}\n", "{\"a\":1}", NULL, "  1\n" },
	{ "an unescaped variable alone keeps the line", TMPL_HTML, " {{{a}}}\n {{&a}}\n", "{\"a\":1}", NULL, " 1\n 1\n" },
	{ "a missing name is nothing", TMPL_HTML, "[{{a}}{{{a}}}{{&a}}]", "{}", NULL, "[]" },
	{ "null is nothing", TMPL_HTML, "[{{a}}]", "{\"a\":null}", NULL, "[]" },
	{ "names with dash, digit and underscore", TMPL_HTML, "{{a-1_b}}", "{\"a-1_b\":\"x\"}", NULL, "x" },
	{ "names know upper from lower case", TMPL_HTML, "[{{A}}]", "{\"a\":1}", NULL, "[]" },

	/* values that are not strings */
	{ "an integer", TMPL_HTML, "{{n}} miles", "{\"n\":85}", NULL, "85 miles" },
	{ "a negative integer", TMPL_HTML, "{{n}}", "{\"n\":-9007199254740993}", NULL, "-9007199254740993" },
	{ "a decimal with no more digits than it has", TMPL_HTML, "{{n}}", "{\"n\":1.21}", NULL, "1.21" },
	{ "a decimal that needs all its digits", TMPL_HTML, "{{n}}", "{\"n\":0.30000000000000004}", NULL, "0.30000000000000004" },
	{ "true and false are words", TMPL_HTML, "{{t}} {{f}}", "{\"t\":true,\"f\":false}", NULL, "true false" },
	{ "a list or an object has no text", TMPL_HTML, "[{{l}}{{o}}]", "{\"l\":[1],\"o\":{\"a\":1}}", NULL, "[]" },

	/* escaping */
	{ "html: the five characters become entities", TMPL_HTML, "{{a}}", "{\"a\":\"& \\\" < > '\"}", NULL, "&amp; &quot; &lt; &gt; &#39;" },
	{ "html: three braces write as it is", TMPL_HTML, "{{{a}}}", "{\"a\":\"& \\\" < > '\"}", NULL, "& \" < > '" },
	{ "html: the ampersand writes as it is", TMPL_HTML, "{{&a}}", "{\"a\":\"<b>\"}", NULL, "<b>" },
	{ "html: an entity in the value is escaped again", TMPL_HTML, "{{a}}", "{\"a\":\"&amp;\"}", NULL, "&amp;amp;" },
	{ "html: other letters stay", TMPL_HTML, "{{a}}", "{\"a\":\"Größer €\"}", NULL, "Größer €" },
	{ "html: the text itself is not escaped", TMPL_HTML, "<a href=\"?x&y\">{{a}}</a>", "{\"a\":\"<\"}", NULL, "<a href=\"?x&y\">&lt;</a>" },
	{ "text: nothing becomes an entity", TMPL_TEXT, "{{a}}", "{\"a\":\"Größer & Söhne <x> 'y'\"}", NULL, "Größer & Söhne <x> 'y'" },
	{ "text: a value has one line", TMPL_TEXT, "{{a}}|", "{\"a\":\"x\\r\\n\\ty\\u0085z\\u2028\\u2029\\u007f!\"}", NULL, "x y z !|" },
	{ "text: three braces keep the lines", TMPL_TEXT, "{{{a}}}", "{\"a\":\"x\\ny\"}", NULL, "x\ny" },
	{ "subject: three braces have one line too", TMPL_SUBJECT, "{{{a}}} {{&a}} {{a}}", "{\"a\":\"x\\r\\nBcc: y\"}", NULL, "x Bcc: y x Bcc: y x Bcc: y" },

	/* R9: one pass */
	{ "a value with a tag in it stays text", TMPL_HTML, "{{a}}{{{a}}}", "{\"a\":\"{{b}}\",\"b\":\"no\"}", NULL, "{{b}}{{b}}" },
	{ "a value with a section in it opens nothing", TMPL_TEXT, "{{a}}{{b}}", "{\"a\":\"{{#b}}\",\"b\":\"x\"}", NULL, "{{#b}}x" },
	{ "two values do not make a tag together", TMPL_TEXT, "{{a}}{{a}}b}}", "{\"a\":\"{\",\"b\":\"no\"}", NULL, "{{b}}" },
	{ "a value that sets delimiters sets none", TMPL_TEXT, "{{a}}{{b}}", "{\"a\":\"{{=<% %>=}}\",\"b\":1}", NULL, "{{=<% %>=}}1" },
	{ "a value does not name a partial", TMPL_TEXT, "{{a}}", "{\"a\":\"{{>p}}\"}", "{\"p\":\"no\"}", "{{>p}}" },

	/* dotted names */
	{ "a dotted name goes down", TMPL_HTML, "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"x\"}}}", NULL, "x" },
	{ "a dotted name is escaped like any other", TMPL_HTML, "{{a.b}}{{{a.b}}}", "{\"a\":{\"b\":\"<\"}}", NULL, "&lt;<" },
	{ "a dotted name with a gap is nothing", TMPL_HTML, "[{{a.b.c}}]", "{\"a\":{}}", NULL, "[]" },
	{ "a dotted name does not go into text", TMPL_HTML, "[{{a.b}}]", "{\"a\":\"b\"}", NULL, "[]" },
	{ "its first part is looked for outwards", TMPL_HTML, "{{#s}}{{a.b}}{{/s}}", "{\"a\":{\"b\":\"x\"},\"s\":{\"c\":1}}", NULL, "x" },
	{ "its other parts are not", TMPL_HTML, "[{{#s}}{{a.b}}{{/s}}]", "{\"a\":{\"b\":\"no\"},\"s\":{\"a\":{}}}", NULL, "[]" },
	{ "its other parts are not names outside", TMPL_HTML, "[{{a.b}}]", "{\"a\":{},\"b\":\"no\"}", NULL, "[]" },
	{ "a dotted section", TMPL_HTML, "{{#a.b}}x{{/a.b}}{{^a.c}}y{{/a.c}}", "{\"a\":{\"b\":true}}", NULL, "xy" },
	{ "a dotted section that is not there", TMPL_HTML, "[{{#a.b.c}}no{{/a.b.c}}{{^a.b.c}}y{{/a.b.c}}]", "{}", NULL, "[y]" },

	/* sections */
	{ "true shows a section", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":true}", NULL, "[x]" },
	{ "false hides it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":false}", NULL, "[]" },
	{ "a missing name hides it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{}", NULL, "[]" },
	{ "null hides it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":null}", NULL, "[]" },
	{ "an empty list hides it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":[]}", NULL, "[]" },
	{ "our choice: empty text hides it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":\"\"}", NULL, "[]" },
	{ "our choice: zero hides it", TMPL_HTML, "[{{#a}}x{{/a}}{{#b}}y{{/b}}]", "{\"a\":0,\"b\":0.0}", NULL, "[]" },
	{ "text and numbers show it", TMPL_HTML, "{{#a}}x{{/a}}{{#b}}y{{/b}}{{#c}}z{{/c}}", "{\"a\":\"0\",\"b\":-1,\"c\":0.5}", NULL, "xyz" },
	{ "an empty object shows it", TMPL_HTML, "[{{#a}}x{{/a}}]", "{\"a\":{}}", NULL, "[x]" },
	{ "an object becomes the context", TMPL_HTML, "{{#a}}{{b}}{{/a}}", "{\"a\":{\"b\":\"x\"},\"b\":\"no\"}", NULL, "x" },
	{ "names outside stay in sight", TMPL_HTML, "{{#a}}{{b}}{{c}}{{/a}}", "{\"a\":{\"b\":1},\"c\":2}", NULL, "12" },
	{ "null inside hides the name outside", TMPL_HTML, "[{{#a}}{{b}}{{/a}}]", "{\"a\":{\"b\":null},\"b\":\"no\"}", NULL, "[]" },
	{ "a list runs through its items", TMPL_HTML, "{{#l}}{{n}},{{/l}}", "{\"l\":[{\"n\":1},{\"n\":2},{\"n\":3}]}", NULL, "1,2,3," },
	{ "a list of empty objects runs too", TMPL_HTML, "{{#l}}x{{/l}}", "{\"l\":[{},{}]}", NULL, "xx" },
	{ "sections nest", TMPL_HTML, "{{#a}}{{#b}}{{x}}{{y}}{{/b}}{{/a}}", "{\"a\":{\"x\":1,\"b\":{\"y\":2}}}", NULL, "12" },
	{ "a section in itself", TMPL_HTML, "{{#a}}{{#a}}x{{/a}}{{/a}}", "{\"a\":true}", NULL, "x" },
	{ "the same section twice", TMPL_HTML, "{{#a}}1{{/a}}-{{#a}}2{{/a}}", "{\"a\":true}", NULL, "1-2" },
	{ "a list in each item of a list", TMPL_HTML, "{{#a}}<{{n}}{{#b}}{{n}}{{/b}}>{{/a}}", "{\"a\":[{\"n\":1,\"b\":[{\"n\":2},{\"n\":3}]},{\"n\":4,\"b\":[]}]}", NULL, "<123><4>" },
	{ "a section inside a line", TMPL_HTML, " {{#a}}Y{{/a}}\t|\t{{#a}}G{{/a}}\n", "{\"a\":true}", NULL, " Y\t|\tG\n" },
	{ "blanks inside section tags", TMPL_HTML, "|{{# a }}x{{/  a }}|", "{\"a\":true}", NULL, "|x|" },

	/* the context itself */
	{ "a dot is the item", TMPL_HTML, "{{#l}}({{.}}){{/l}}", "{\"l\":[\"a\",1,2.5,true]}", NULL, "(a)(1)(2.5)(true)" },
	{ "a dot is escaped", TMPL_HTML, "{{#l}}{{.}}{{{.}}}{{&.}}{{/l}}", "{\"l\":[\"<\"]}", NULL, "&lt;<<" },
	{ "a dot of a dot runs through lists in a list", TMPL_HTML, "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "{\"l\":[[1,2],[3]]}", NULL, "(12)(3)" },
	{ "a dot is the text that opened the section", TMPL_HTML, "{{#a}}[{{.}}]{{/a}}", "{\"a\":\"x\"}", NULL, "[x]" },
	{ "a dot at the top may be text", TMPL_HTML, "{{.}}", "\"x\"", NULL, "x" },
	{ "a list at the top runs through", TMPL_HTML, "{{#.}}{{n}}{{/.}}", "[{\"n\":1},{\"n\":2}]", NULL, "12" },
	{ "an inverted dot", TMPL_HTML, "{{#l}}{{^.}}-{{/.}}{{/l}}", "{\"l\":[0,1,0]}", NULL, "--" },

	/* inverted sections */
	{ "inverted: false shows", TMPL_HTML, "[{{^a}}x{{/a}}]", "{\"a\":false}", NULL, "[x]" },
	{ "inverted: true hides", TMPL_HTML, "[{{^a}}x{{/a}}]", "{\"a\":true}", NULL, "[]" },
	{ "inverted: missing, null, empty show", TMPL_HTML, "{{^a}}1{{/a}}{{^b}}2{{/b}}{{^c}}3{{/c}}{{^d}}4{{/d}}", "{\"b\":null,\"c\":[],\"d\":\"\"}", NULL, "1234" },
	{ "inverted: object and list hide", TMPL_HTML, "[{{^a}}x{{/a}}{{^b}}y{{/b}}]", "{\"a\":{},\"b\":[0]}", NULL, "[]" },
	{ "inverted: the context stays", TMPL_HTML, "{{#s}}{{^a}}{{b}}{{/a}}{{/s}}", "{\"s\":{\"b\":1},\"b\":2}", NULL, "1" },
	{ "inverted in inverted", TMPL_HTML, "{{^a}}1{{^b}}2{{/b}}3{{/a}}", "{\"b\":true}", NULL, "13" },
	{ "either or", TMPL_HTML, "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":[]}", NULL, "no" },

	/* tags alone on their lines */
	{ "lines of section tags vanish", TMPL_HTML, "1\n{{#a}}\n2\n{{/a}}\n3\n", "{\"a\":true}", NULL, "1\n2\n3\n" },
	{ "with their indentation and blanks after", TMPL_HTML, "1\n  {{#a}} \t\n2\n\t{{/a}}\n3", "{\"a\":true}", NULL, "1\n2\n3" },
	{ "for each item of a list", TMPL_HTML, "{{#l}}\n- {{.}}\n{{/l}}\n", "{\"l\":[1,2]}", NULL, "- 1\n- 2\n" },
	{ "lines of inverted tags vanish", TMPL_HTML, "1\n {{^a}}\n2\n {{/a}}\n3\n", "{}", NULL, "1\n2\n3\n" },
	{ "carriage returns count as line ends", TMPL_HTML, "1\r\n{{#a}}\r\n2\r\n{{/a}}\r\n3", "{\"a\":true}", NULL, "1\r\n2\r\n3" },
	{ "on the first line", TMPL_HTML, "  {{#a}}\n1{{/a}}\n", "{\"a\":true}", NULL, "1\n" },
	{ "on the last line without its end", TMPL_HTML, "1{{#a}}\n2\n  {{/a}}", "{\"a\":true}", NULL, "1\n2\n" },
	{ "two tags on a line leave it", TMPL_HTML, "1\n{{#a}} {{/a}}\n2", "{\"a\":true}", NULL, "1\n \n2" },
	{ "text before a tag leaves the line", TMPL_HTML, "x {{#a}}\n1\n{{/a}}", "{\"a\":true}", NULL, "x \n1\n" },
	{ "an empty line stays", TMPL_HTML, "{{#a}}\n\n1\n\n{{/a}}\n", "{\"a\":true}", NULL, "\n1\n\n" },
	{ "lines of a hidden section leave nothing", TMPL_HTML, "1\n\n{{#a}}\nno\n\n{{/a}}\n2\n", "{}", NULL, "1\n\n2\n" },

	/* comments */
	{ "a comment is nothing", TMPL_HTML, "12{{! no {{x }}34", "{}", NULL, "1234" },
	{ "a comment of many lines", TMPL_HTML, "1{{!\n a\n b\n}}2\n", "{}", NULL, "12\n" },
	{ "a comment alone takes its line along", TMPL_HTML, "1\n  {{! x }}  \n2\n", "{}", NULL, "1\n2\n" },
	{ "many lines of comment alone take all along", TMPL_HTML, "1\n{{!\n  x\n}}\n2\n", "{}", NULL, "1\n2\n" },
	{ "a comment after text leaves the line", TMPL_HTML, "  12 {{! x }}\n", "{}", NULL, "  12 \n" },
	{ "a comment is never a variable", TMPL_HTML, "[{{! a }}{{!a}}]", "{\"a\":\"no\"}", NULL, "[]" },

	/* delimiters */
	{ "delimiters can be set", TMPL_HTML, "{{=<% %>=}}(<%a%>) {{a}}", "{\"a\":1}", NULL, "(1) {{a}}" },
	{ "and set back", TMPL_HTML, "{{=| |=}}|a|{{a}}|={{ }}=|{{a}}", "{\"a\":1}", NULL, "1{{a}}1" },
	{ "blanks around them do not matter", TMPL_HTML, "{{=  <%   %>  =}}<%a%>", "{\"a\":1}", NULL, "1" },
	{ "special characters are delimiters too", TMPL_HTML, "{{=[ ]=}}[a][&a][{a}]", "{\"a\":\"<\"}", NULL, "&lt;<<" },
	{ "a line that sets them vanishes", TMPL_HTML, "1\n  {{=@ @=}}  \n@a@\n", "{\"a\":2}", NULL, "1\n2\n" },
	{ "inside a line it leaves the rest", TMPL_HTML, " | {{=@ @=}}\n", "{}", NULL, " | \n" },
	{ "sections with other delimiters", TMPL_HTML, "{{=| |=}}|#a|x|/a||^a|no|/a|", "{\"a\":true}", NULL, "x" },
	{ "delimiters set in a section hold after it", TMPL_HTML, "{{#a}}{{=| |=}}|b|{{b}}|/a||b|", "{\"a\":true,\"b\":1}", NULL, "1{{b}}1" },
	{ "a partial does not inherit them", TMPL_HTML, "{{=| |=}}|>p|", "{\"a\":1}", "{\"p\":\"{{a}}|a|\"}", "1|a|" },
	{ "a partial does not give them away", TMPL_HTML, "{{>p}}{{a}}|a|", "{\"a\":1}", "{\"p\":\"{{=| |=}}|a|\"}", "11|a|" },

	/* partials */
	{ "a partial stands in its place", TMPL_HTML, "\"{{>p}}\"", "{}", "{\"p\":\"from p\"}", "\"from p\"" },
	{ "a partial that is not there is nothing", TMPL_HTML, "[{{>q}}]", "{}", "{\"p\":\"no\"}", "[]" },
	{ "a partial sees the context", TMPL_HTML, "{{#s}}{{>p}}{{/s}}", "{\"s\":{\"a\":1},\"b\":2}", "{\"p\":\"{{a}}{{b}}\"}", "12" },
	{ "a partial in a list", TMPL_HTML, "{{#l}}{{>p}}{{/l}}", "{\"l\":[1,2]}", "{\"p\":\"<{{.}}>\"}", "<1><2>" },
	{ "a partial in a partial", TMPL_HTML, "{{>p}}", "{\"a\":1}", "{\"p\":\"({{>q}})\",\"q\":\"{{a}}\"}", "(1)" },
	{ "a partial runs down a tree", TMPL_HTML, "{{>node}}", "{\"n\":\"X\",\"l\":[{\"n\":\"Y\",\"l\":[]}]}", "{\"node\":\"{{n}}<{{#l}}{{>node}}{{/l}}>\"}", "X<Y<>>" },
	{ "blanks around a partial inside a line stay", TMPL_HTML, "| {{>p}} |", "{}", "{\"p\":\"\\t|\\t\"}", "| \t|\t |" },
	{ "inside a line nothing is indented", TMPL_HTML, "  {{a}}  {{>p}}\n", "{\"a\":\"|\"}", "{\"p\":\">\\n>\"}", "  |  >\n>\n" },
	{ "alone, its lines are indented", TMPL_HTML, "  {{>p}}\n>", "{}", "{\"p\":\">\\n>\"}", "  >\n  >>" },
	{ "alone on the last line", TMPL_HTML, ">\n  {{>p}}", "{}", "{\"p\":\">\\n>\"}", ">\n  >\n  >" },
	{ "alone with a carriage return", TMPL_HTML, "|\r\n{{>p}}\r\n|", "{}", "{\"p\":\">\"}", "|\r\n>|" },
	{ "a value in it is not indented", TMPL_HTML, "\\\n {{>p}}\n/\n", "{\"a\":\"<\\n->\"}", "{\"p\":\"|\\n{{{a}}}\\n|\\n\"}", "\\\n |\n <\n->\n |\n/\n" },
	{ "indentations add up", TMPL_HTML, " {{>p}}\n", "{}", "{\"p\":\"p\\n  {{>q}}\\np\\n\",\"q\":\"q\\nq\\n\"}", " p\n   q\n   q\n p\n" },
	{ "a partial inside a line starts anew", TMPL_HTML, " {{>p}}\n", "{}", "{\"p\":\"p {{>q}}\\np\\n\",\"q\":\"q\\nq\"}", " p q\nq\n p\n" },
	{ "lines of tags in it vanish", TMPL_HTML, "  {{>p}}\n", "{\"l\":[1,2]}", "{\"p\":\"{{#l}}\\n- {{.}}\\n{{/l}}\\n\"}", "  - 1\n  - 2\n" },
	{ "our choice: empty lines in it stay empty", TMPL_HTML, "  {{>p}}\n", "{}", "{\"p\":\"a\\n\\nb\\r\\n\\r\\n\"}", "  a\n\n  b\r\n\r\n" },
	{ "a tag that starts a line in it is indented once", TMPL_HTML, " {{>p}}\n", "{\"l\":[1,2]}", "{\"p\":\"{{#l}}{{.}}\\nx{{/l}}\\n\"}", " 1\n x2\n x\n" },
	{ "the indentation ends with it", TMPL_HTML, "  {{>p}}\n{{a}}\n x\n", "{\"a\":1}", "{\"p\":\"p\\n\"}", "  p\n1\n x\n" },
	{ "blanks inside its tag", TMPL_HTML, "|{{> p }}|", "{}", "{\"p\":\"x\"}", "|x|" },
};
/* clang-format on */

static GHashTable *
partials_new(const char *json)
{
	GHashTable *partials = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)tmpl_free);
	json_t *texts = json == NULL ? NULL : json_loads(json, 0, NULL);
	const char *name;
	json_t *text;

	assert_true(json == NULL || texts != NULL);
	json_object_foreach (texts, name, text) {
		g_autoptr(GError) error = NULL;
		Tmpl *tmpl = tmpl_parse(
		    name, 1, json_string_value(text), -1, TMPL_HTML, NULL, &error);

		assert_no_error(error);
		g_hash_table_insert(partials, g_strdup(name), tmpl);
	}
	json_decref(texts);
	return partials;
}

static const Tmpl *
find_partial(const void *data, const char *name)
{
	return g_hash_table_lookup((GHashTable *)data, name);
}

static void
a_text_renders_as_its_row_says(void **state)
{
	const TmplRow *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) partials = partials_new(row->partials);
	g_autoptr(GString) out = g_string_new("kept:");
	json_t *context = json_loads(row->context, JSON_DECODE_ANY, NULL);
	g_autoptr(Tmpl) tmpl =
	    tmpl_parse("row", 1, row->text, -1, row->kind, NULL, &error);

	assert_no_error(error);
	assert_non_null(context);
	/* Twice: rendering leaves no trace in the program. */
	for (int i = 0; i < 2; i++) {
		g_string_assign(out, "kept:");
		assert_true(
		    tmpl_render(tmpl, context, find_partial, partials, out, &error));
		assert_memory_equal(out->str, "kept:", 5);
		assert_string_equal(out->str + 5, row->wanted);
		assert_int_equal(out->len, strlen(out->str));
	}
	json_decref(context);
}

static const Tmpl *
always_the_same(const void *data, const char *name)
{
	(void)name;
	return data;
}

static void
a_partial_that_includes_itself_ends_with_an_error(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new("as it was");
	g_autoptr(Tmpl) tmpl =
	    tmpl_parse("loop.txt", 1, "a\n {{>loop}}\n", -1, TMPL_TEXT, NULL, &error);

	(void)state;
	assert_false(tmpl_render(tmpl, NULL, always_the_same, tmpl, out, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(
	    error->message, "loop.txt:2: partials are nested deeper than 16 levels");
	assert_string_equal(out->str, "as it was");
}

static void
an_output_without_end_is_cut_off_with_an_error(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new("as it was");
	g_autofree char *kilobyte = g_strnfill(1024, 'x');
	g_autofree char *text = g_strdup_printf("{{#l}}\n%s\n{{/l}}\n", kilobyte);
	g_autoptr(Tmpl) tmpl =
	    tmpl_parse("big.html", 7, text, -1, TMPL_HTML, NULL, &error);
	json_t *context = json_object();
	json_t *list = json_array();

	(void)state;
	json_object_set_new(context, "l", list);
	for (int i = 0; i < 1024; i++)
		json_array_append_new(list, json_true());
	assert_false(tmpl_render(tmpl, context, NULL, NULL, out, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(
	    error->message, "big.html:8: the output is longer than 1048576 bytes");
	assert_string_equal(out->str, "as it was");

	/* One row less than the limit is fine. */
	g_clear_error(&error);
	while (json_array_size(list) > LIMIT_TEMPLATE_OUTPUT_BYTES / 1025)
		json_array_remove(list, 0);
	assert_true(tmpl_render(tmpl, context, NULL, NULL, out, &error));
	json_decref(context);
}

static void
note_tag(void *data, const TmplTag *tag)
{
	g_string_append_printf(data, "%d%c", tag->line, "v#^/>"[tag->kind]);
	for (guint i = 0; i < tag->n_parts; i++)
		g_string_append_printf(data, "%s%s", i > 0 ? "." : "", tag->parts[i]);
	g_string_append_c(data, ' ');
}

static void
tags_are_told_with_their_lines(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) told = g_string_new(NULL);
	g_autoptr(Tmpl) tmpl = tmpl_parse("t", 1,
	    "{{a}}\n{{#b.c}}\n{{! no }}\n{{.}}{{^d}}x{{/d}}\n{{/b.c}}\n{{{e}}} {{>f}}\n",
	    -1, TMPL_TEXT, NULL, &error);

	(void)state;
	tmpl_each_tag(tmpl, note_tag, told);
	assert_string_equal(told->str, "1va 2#b.c 4v 4^d 4/ 5/ 6ve 6>f ");
}

static gpointer
render_often(gpointer data)
{
	const Tmpl *tmpl = data;
	g_autoptr(GString) out = g_string_new(NULL);
	json_t *context = json_pack("{s:[i,i,i]}", "l", 1, 2, 3);

	for (int i = 0; i < 2000; i++) {
		g_string_truncate(out, 0);
		if (!tmpl_render(tmpl, context, NULL, NULL, out, NULL) ||
		    strcmp(out->str, "1 2 3 ") != 0)
			return GINT_TO_POINTER(1);
	}
	json_decref(context);
	return NULL;
}

static void
threads_share_one_text(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Tmpl) tmpl =
	    tmpl_parse("t", 1, "{{#l}}{{.}} {{/l}}", -1, TMPL_HTML, NULL, &error);
	GThread *threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		threads[i] = g_thread_new("render", render_often, tmpl);
	for (int i = 0; i < 4; i++)
		assert_null(g_thread_join(threads[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partial_that_includes_itself_ends_with_an_error),
		cmocka_unit_test(an_output_without_end_is_cut_off_with_an_error),
		cmocka_unit_test(tags_are_told_with_their_lines),
		cmocka_unit_test(threads_share_one_text),
	};

	return run_rows("tmpl rows", rows, a_text_renders_as_its_row_says) +
	       cmocka_run_group_tests_name("tmpl", tests, NULL, NULL);
}
