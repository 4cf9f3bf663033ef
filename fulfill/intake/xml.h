/*
 * xml.h - an XML document of strangers as a tree to read, and nothing else.
 *
 * Refused before anything of it is believed: any DOCTYPE (and with it every entity that
 * is not one of the five), more than LIMIT_XML_DEPTH levels, more than LIMIT_XML_NODES
 * elements and attributes.  Nothing is fetched, no file is opened.  The parser stops at
 * the first error; there is no repair.
 *
 * Elements go by their local names: the same field stands in three namespaces, or in
 * none, in files that all call themselves openTRANS.
 *
 * The only door to libxml2 in this folder.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

typedef struct Xml Xml;
typedef struct XmlNode XmlNode; /* an element; belongs to its document */

/* E_TORN, E_ENCODING, E_LIMIT or E_FORMAT as in order_error_set(), with the line. */
Xml *xml_parse(const void *bytes, size_t size, GError **error) MUST_USE;
void xml_free(Xml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Xml, xml_free)

const XmlNode *xml_root(const Xml *xml);
const char *xml_name(const XmlNode *node);
/* The namespace, "" for none. */
const char *xml_namespace(const XmlNode *node);
int xml_line(const XmlNode *node);

/* The first child of this local name, NULL when there is none; `name` NULL: of any. */
const XmlNode *xml_child(const XmlNode *node, const char *name);
/* The next sibling of this local name. */
const XmlNode *xml_next(const XmlNode *node, const char *name);
/* Down a path of local names, "Party/PartyName/Name", always the first; NULL when it ends
 * somewhere, or when `node` is NULL. */
const XmlNode *xml_at(const XmlNode *node, const char *path);

/* The text in the element, not of elements within; NULL for no element.  The caller
 * frees. */
char *xml_text(const XmlNode *node);
/* xml_text() of xml_at(). */
char *xml_text_at(const XmlNode *node, const char *path);
/* The attribute of this local name, or NULL; the caller frees. */
char *xml_attr(const XmlNode *node, const char *name);
