/*
 * stock_glabels.c - the XML of gLabels, through a narrow door.
 *
 * The whole document is read into memory under a limit and parsed from there, so that
 * libxml2 opens no file and no socket by itself.  A document type is refused by stopping
 * the parser where it begins: entities are never declared, so they cannot be expanded,
 * not even in attribute values (where libxml2 2.9 expands them unasked).
 */
#include "print/stock_glabels.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "print/stock_private.h"
#include "queue/limits.h"

/* "J8160" equals "7160", which is a sheet: real chains are one step long. */
#define EQUIV_STEPS 4

#define XML_FLAGS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlParserCtxt, xmlFreeParserCtxt)

/* clang-format off */
static const struct {
	const char *unit;
	double mm;
} units[] = {
	{ "",   25.4 / 72 }, /* the format says: points, if nothing is said */
	{ "pt", 25.4 / 72 },
	{ "in", 25.4 },
	{ "mm", 1 },
	{ "cm", 10 },
	{ "pc", 25.4 / 6 },
};
/* clang-format on */

static void
refuse_doctype(
    void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
	xmlParserCtxtPtr ctxt = data;

	(void)name;
	(void)external_id;
	(void)system_id;
	ctxt->_private = ctxt; /* remembered for load() */
	xmlStopParser(ctxt);
}

/* The bytes of `path`, which must be 1 to LIMIT_STOCK_XML_BYTES long. */
static char *
read_whole(const char *path, size_t *ret_n, GError **error)
{
	size_t most = LIMIT_STOCK_XML_BYTES + 1;
	g_autofree char *text = NULL;
	FILE *f = fopen(path, "re");
	bool broken;

	if (f == NULL) {
		err_set(error, TP_ERROR_CONFIG, "cannot open '%s': %s", path,
		    g_strerror(errno));
		return NULL;
	}
	text = g_malloc(most);
	*ret_n = fread(text, 1, most, f);
	broken = ferror(f) != 0;
	fclose(f);
	if (broken || *ret_n == 0 || *ret_n == most) {
		err_set(error, TP_ERROR_CONFIG, "'%s' should have 1 to %d bytes", path,
		    LIMIT_STOCK_XML_BYTES);
		return NULL;
	}
	return g_steal_pointer(&text);
}

/* The document in `path`.  NULL: CONFIG. */
static xmlDoc *
load(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(xmlParserCtxt) ctxt = NULL;
	g_autoptr(xmlDoc) doc = NULL;
	size_t n = 0;

	text = read_whole(path, &n, error);
	if (text == NULL)
		return NULL;
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL)
		BUG("out of memory in libxml2");
	ctxt->_private = NULL;
	ctxt->sax->internalSubset = refuse_doctype;
	doc = xmlCtxtReadMemory(ctxt, text, (int)n, NULL, NULL, XML_FLAGS);
	if (ctxt->_private != NULL) {
		err_set(
		    error, TP_ERROR_CONFIG, "'%s' has a document type: refused", path);
		return NULL;
	}
	if (doc == NULL || xmlDocGetRootElement(doc) == NULL) {
		const xmlError *why = xmlCtxtGetLastError(ctxt);

		err_set(error, TP_ERROR_CONFIG, "'%s' line %d: not well-formed XML", path,
		    why != NULL ? why->line : 0);
		return NULL;
	}
	return g_steal_pointer(&doc);
}

static bool
is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0;
}

static xmlNode *
child(const xmlNode *parent, const char *name)
{
	for (xmlNode *n = parent->children; n != NULL; n = n->next)
		if (is_element(n, name))
			return n;
	return NULL;
}

/* An attribute as text of our own, or NULL. */
static char *
attribute(xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = g_strdup((const char *)value);

	xmlFree(value);
	return copy;
}

static bool
attribute_is(xmlNode *node, const char *name, const char *wanted)
{
	g_autofree char *value = attribute(node, name);

	return value != NULL && g_ascii_strcasecmp(value, wanted) == 0;
}

/* "99.1mm", "3.5in", "240.94". */
static bool
attribute_mm(xmlNode *node, const char *name, double missing, double *ret, GError **error)
{
	g_autofree char *value = attribute(node, name);
	char *end = NULL;
	double number;

	if (value == NULL) {
		*ret = missing;
		return !isnan(missing) ||
		       err_set(error, TP_ERROR_INVALID, "'%s' of <%s> is missing", name,
			   (const char *)node->name);
	}
	number = g_ascii_strtod(value, &end);
	g_strstrip(end);
	for (size_t i = 0; end != value && isfinite(number) && i < G_N_ELEMENTS(units);
	     i++) {
		if (strcmp(units[i].unit, end) != 0)
			continue;
		*ret = number * units[i].mm;
		return true;
	}
	return err_set(error, TP_ERROR_INVALID, "'%.20s' of <%s> is not a length", value,
	    (const char *)node->name);
}

static bool
attribute_count(xmlNode *node, const char *name, int *ret, GError **error)
{
	g_autofree char *value = attribute(node, name);
	guint64 number = 0;

	if (value == NULL ||
	    !g_ascii_string_to_unsigned(value, 10, 1, LIMIT_STOCK_SLOTS, &number, NULL))
		return err_set(error, TP_ERROR_INVALID, "'%s' of <%s> is not 1 to %d",
		    name, (const char *)node->name, LIMIT_STOCK_SLOTS);
	*ret = (int)number;
	return true;
}

/* The page: named in paper-sizes.xml, or "Other" with its measures in the template. */
static bool
read_page(const char *folder, xmlNode *template, Stock *stock, GError **error)
{
	g_autofree char *size = attribute(template, "size");
	g_autofree char *path = g_build_filename(folder, "paper-sizes.xml", NULL);
	g_autofree char *pwg = NULL;
	g_autoptr(xmlDoc) doc = NULL;
	xmlNode *node = NULL;
	double w, h;

	if (size == NULL)
		return err_set(error, TP_ERROR_INVALID, "it has no page size");
	if (g_ascii_strcasecmp(size, "Other") == 0) {
		node = template;
	} else {
		doc = load(path, error);
		if (doc == NULL)
			return false;
		node = xmlDocGetRootElement(doc)->children;
		while (node != NULL && !(is_element(node, "Paper-size") &&
					   attribute_is(node, "id", size)))
			node = node->next;
		if (node == NULL)
			return err_set(error, TP_ERROR_INVALID,
			    "its page size '%.20s' is not in '%s'", size, path);
		pwg = attribute(node, "pwg_size");
	}
	if (!attribute_mm(node, "width", NAN, &w, error) ||
	    !attribute_mm(node, "height", NAN, &h, error))
		return false;
	stock_set_page(stock, w, h, pwg);
	return true;
}

static bool
read_grid(xmlNode *template, Stock *stock, GError **error)
{
	xmlNode *label = child(template, "Label-rectangle");
	xmlNode *layout = label != NULL ? child(label, "Layout") : NULL;

	if (label == NULL)
		return err_set(error, TP_ERROR_INVALID, "its labels are not rectangular");
	if (layout == NULL)
		return err_set(error, TP_ERROR_INVALID, "it has no grid");
	for (xmlNode *n = layout->next; n != NULL; n = n->next)
		if (is_element(n, "Layout"))
			return err_set(
			    error, TP_ERROR_INVALID, "it has more than one grid");
	/* clang-format off */
	return attribute_mm(label, "width", NAN, &stock->label_w_mm, error) &&
	       attribute_mm(label, "height", NAN, &stock->label_h_mm, error) &&
	       attribute_mm(label, "round", 0, &stock->radius_mm, error) &&
	       attribute_count(layout, "nx", &stock->cols, error) &&
	       attribute_count(layout, "ny", &stock->rows, error) &&
	       attribute_mm(layout, "x0", NAN, &stock->x0_mm, error) &&
	       attribute_mm(layout, "y0", NAN, &stock->y0_mm, error) &&
	       attribute_mm(layout, "dx", NAN, &stock->dx_mm, error) &&
	       attribute_mm(layout, "dy", NAN, &stock->dy_mm, error);
	/* clang-format on */
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Paths of the template files in a fixed order, so that a part listed twice is the same
 * part each time. */
static GPtrArray *
list_files(const char *folder, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	if (dir == NULL) {
		err_set(error, TP_ERROR_CONFIG,
		    "there is no folder '%s': install the package glabels-data", folder);
		return NULL;
	}
	while ((name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, "-templates.xml"))
			g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
	g_ptr_array_sort(paths, by_name);
	return g_steal_pointer(&paths);
}

static xmlNode *
find_in(xmlDoc *doc, const char *brand, const char *part)
{
	for (xmlNode *n = xmlDocGetRootElement(doc)->children; n != NULL; n = n->next)
		if (is_element(n, "Template") && attribute_is(n, "brand", brand) &&
		    attribute_is(n, "part", part))
			return n;
	return NULL;
}

/* 1: *ret_node lives in *ret_doc.  0: no such template.  -1: CONFIG. */
static int
find_template(GPtrArray *paths, const char *brand, const char *part, xmlDoc **ret_doc,
    xmlNode **ret_node, GError **error)
{
	for (guint i = 0; i < paths->len; i++) {
		g_autoptr(xmlDoc) doc = load(g_ptr_array_index(paths, i), error);

		if (doc == NULL)
			return -1;
		*ret_node = find_in(doc, brand, part);
		if (*ret_node != NULL) {
			*ret_doc = g_steal_pointer(&doc);
			return 1;
		}
	}
	return 0;
}

static bool
get_template(
    const char *folder, const char *brand, const char *part, Stock *stock, GError **error)
{
	g_autoptr(GPtrArray) paths = list_files(folder, error);
	g_autofree char *wanted = g_strdup(part);

	if (paths == NULL)
		return false;
	for (int step = 0; step < EQUIV_STEPS; step++) {
		g_autoptr(xmlDoc) doc = NULL;
		g_autofree char *equiv = NULL;
		xmlNode *node = NULL;
		int found = find_template(paths, brand, wanted, &doc, &node, error);

		if (found < 0)
			return false;
		if (found == 0)
			return err_set(error, TP_ERROR_NOT_FOUND,
			    "there is no template '%s' in '%s'", wanted, folder);
		equiv = attribute(node, "equiv");
		if (equiv == NULL) {
			g_autofree char *title = attribute(node, "_description");

			g_snprintf(stock->title, sizeof(stock->title), "%s %s%s%s", brand,
			    part, title != NULL ? " " : "", title != NULL ? title : "");
			return read_page(folder, node, stock, error) &&
			       read_grid(node, stock, error);
		}
		g_free(wanted);
		wanted = g_steal_pointer(&equiv);
	}
	return err_set(error, TP_ERROR_INVALID, "its chain of equals does not end");
}

bool
stock_glabels_get(
    const char *folder, const char *brand, const char *part, Stock *ret, GError **error)
{
	Stock stock = { 0 };
	int n = g_snprintf(stock.name, sizeof(stock.name), "gLabels:%s/%s", brand, part);

	if (n < 0 || (size_t)n >= sizeof(stock.name))
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "a gLabels name should be at most %zu characters",
		    sizeof(stock.name) - 1);
	if (!get_template(folder, brand, part, &stock, error)) {
		g_prefix_error(error, "stock '%s': ", stock.name);
		return false;
	}
	*ret = stock;
	return true;
}
