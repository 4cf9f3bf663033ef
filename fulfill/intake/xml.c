/*
 * xml.c - libxml2 with everything switched off that reaches outside or grows by itself.
 *
 * libxml2 builds its tree from SAX events.  Two of them are ours: the one for a DOCTYPE,
 * which ends the parsing before an entity could be declared, and the one for an element,
 * which counts and then passes on.  XML_PARSE_NOENT, DTDLOAD, DTDATTR, XINCLUDE and HUGE
 * stay off (OWASP, XML External Entity Prevention).
 */
#include "fulfill/intake/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <string.h>

#include "fulfill/intake/order.h"
#include "queue/limits.h"
#include "queue/quote.h"

#define OPTIONS                                                                          \
	(XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | \
	    XML_PARSE_BIG_LINES | XML_PARSE_COMPACT)

typedef enum Stop { GO_ON, STOP_DOCTYPE, STOP_DEPTH, STOP_NODES } Stop;

/* What our two events keep; hangs on the parser's context. */
typedef struct Watch {
	Stop stop;
	int line;
	int nodes;
} Watch;

struct Xml {
	xmlDoc *doc;
};

/* ---- events ---- */

static void
stop(xmlParserCtxt *ctxt, Stop why)
{
	Watch *watch = ctxt->_private;

	if (watch->stop == GO_ON) {
		watch->stop = why;
		watch->line = ctxt->input != NULL ? ctxt->input->line : 0;
	}
	xmlStopParser(ctxt);
}

static void
on_doctype(
    void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	stop(data, STOP_DOCTYPE);
}

static void
on_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int namespaces, const xmlChar **namespace, int attributes, int defaulted,
    const xmlChar **attribute)
{
	xmlParserCtxt *ctxt = data;
	Watch *watch = ctxt->_private;

	watch->nodes += 1 + namespaces + attributes;
	if (watch->nodes > LIMIT_XML_NODES)
		stop(ctxt, STOP_NODES);
	else if (ctxt->nodeNr >= LIMIT_XML_DEPTH)
		stop(ctxt, STOP_DEPTH);
	else
		xmlSAX2StartElementNs(data, name, prefix, uri, namespaces, namespace,
		    attributes, defaulted, attribute);
}

/* ---- errors ---- */

static bool
is_encoding(int code)
{
	switch (code) {
	case XML_ERR_INVALID_ENCODING:
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_UNKNOWN_ENCODING:
	case XML_ERR_UNSUPPORTED_ENCODING:
	case XML_I18N_CONV_FAILED:
	case XML_I18N_NO_HANDLER:
		return true;
	default:
		return false;
	}
}

/* The library's words hold names of the document: one line of what can be shown. */
static char *
shown_words(const char *message)
{
	g_autofree char *line = g_strndup(message, strcspn(message, "\n"));
	g_autofree char *valid = g_utf8_make_valid(line, -1);
	GString *shown = g_string_new(NULL);

	for (const char *c = valid; *c != '\0' && shown->len < 120;
	     c = g_utf8_next_char(c)) {
		gunichar u = g_utf8_get_char(c);

		g_string_append_unichar(shown, g_unichar_isprint(u) ? u : '?');
	}
	return g_string_free(shown, FALSE);
}

static bool
error_of(xmlParserCtxt *ctxt, GError **error)
{
	const Watch *watch = ctxt->_private;
	const xmlError *why = xmlCtxtGetLastError(ctxt);
	g_autofree char *words = NULL;
	int line = why != NULL ? why->line : 1;

	switch (watch->stop) {
	case STOP_DOCTYPE:
		return order_error_set(error, E_FORMAT,
		    "line %d: a DOCTYPE, which is not read from outside", watch->line);
	case STOP_DEPTH:
		return order_error_set(error, E_LIMIT,
		    "line %d: nested more than %d levels deep", watch->line,
		    LIMIT_XML_DEPTH);
	case STOP_NODES:
		return order_error_set(error, E_LIMIT,
		    "line %d: more than %d elements and attributes", watch->line,
		    LIMIT_XML_NODES);
	case GO_ON:
		break;
	}
	if (why != NULL && is_encoding(why->code))
		return order_error_set(error, E_ENCODING,
		    "line %d: bytes that are no text in the encoding of the document",
		    line);
	if (ctxt->input == NULL || ctxt->input->cur >= ctxt->input->end)
		return order_error_set(
		    error, E_TORN, "line %d: the document ends too early", line);
	words = shown_words(why != NULL && why->message != NULL ? why->message : "");
	return order_error_set(error, E_FORMAT, "line %d: no XML: %s", line, words);
}

/* ---- documents ---- */

Xml *
xml_parse(const void *bytes, size_t size, GError **error)
{
	Watch watch = { .stop = GO_ON };
	xmlParserCtxt *ctxt;
	xmlDoc *doc;
	Xml *xml = NULL;

	xmlInitParser();
	ctxt = xmlNewParserCtxt();
	if (ctxt == NULL)
		BUG("no memory for an XML parser");
	ctxt->_private = &watch;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->startElementNs = on_element;
	doc = xmlCtxtReadMemory(
	    ctxt, bytes, (int)MIN(size, (size_t)G_MAXINT), NULL, NULL, OPTIONS);
	if (doc != NULL && ctxt->wellFormed && watch.stop == GO_ON) {
		xml = g_new0(Xml, 1);
		xml->doc = g_steal_pointer(&doc);
	} else {
		error_of(ctxt, error);
	}
	if (doc != NULL)
		xmlFreeDoc(doc);
	xmlFreeParserCtxt(ctxt);
	return xml;
}

void
xml_free(Xml *xml)
{
	if (xml == NULL)
		return;
	xmlFreeDoc(xml->doc);
	g_free(xml);
}

/* ---- reading ---- */

static const xmlNode *
raw(const XmlNode *node)
{
	return (const xmlNode *)(const void *)node;
}

static const XmlNode *
wrap(const xmlNode *node)
{
	return (const XmlNode *)(const void *)node;
}

const XmlNode *
xml_root(const Xml *xml)
{
	return wrap(xmlDocGetRootElement(xml->doc));
}

const char *
xml_name(const XmlNode *node)
{
	return (const char *)raw(node)->name;
}

const char *
xml_namespace(const XmlNode *node)
{
	const xmlNs *ns = raw(node)->ns;

	return ns != NULL && ns->href != NULL ? (const char *)ns->href : "";
}

int
xml_line(const XmlNode *node)
{
	return (int)xmlGetLineNo(raw(node));
}

/* From `node` on: the first element of this name. */
static const XmlNode *
first_of(const xmlNode *node, const char *name)
{
	for (; node != NULL; node = node->next)
		if (node->type == XML_ELEMENT_NODE &&
		    (name == NULL || strcmp((const char *)node->name, name) == 0))
			return wrap(node);
	return NULL;
}

const XmlNode *
xml_child(const XmlNode *node, const char *name)
{
	return first_of(raw(node)->children, name);
}

const XmlNode *
xml_next(const XmlNode *node, const char *name)
{
	return first_of(raw(node)->next, name);
}

const XmlNode *
xml_at(const XmlNode *node, const char *path)
{
	g_auto(GStrv) names = g_strsplit(path, "/", 0);

	for (char **name = names; *name != NULL && node != NULL; name++)
		node = xml_child(node, *name);
	return node;
}

char *
xml_text(const XmlNode *node)
{
	GString *text;

	if (node == NULL)
		return NULL;
	text = g_string_new(NULL);
	for (const xmlNode *c = raw(node)->children; c != NULL; c = c->next)
		if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) &&
		    c->content != NULL)
			g_string_append(text, (const char *)c->content);
	return g_string_free(text, FALSE);
}

char *
xml_text_at(const XmlNode *node, const char *path)
{
	return xml_text(xml_at(node, path));
}

char *
xml_attr(const XmlNode *node, const char *name)
{
	for (const xmlAttr *a = raw(node)->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return a->children != NULL && a->children->content != NULL
				   ? g_strdup((const char *)a->children->content)
				   : g_strdup("");
	return NULL;
}
