/*
 * read_xml.c - what openTRANS and UBL have in common: the document, its root, its
 * numbers.
 */
#include "fulfill/intake/read_xml.h"

#include <string.h>

#include "fulfill/intake/read.h"
#include "queue/quote.h"

/* clang-format off */
static const struct {
	const char *root;
	const char *namespace; /* begins with this; "" for any and none */
	IntakeFormat format;
	bool (*read)(const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error);
} roots[] = {
	{ "ORDER",             "", INTAKE_OPENTRANS, read_opentrans },
	{ "ORDER_LIST",        "", INTAKE_OPENTRANS, read_opentrans },
	{ "ORDERCHANGE",       "", INTAKE_OPENTRANS, read_opentrans },
	{ "Order",             "urn:oasis:names:specification:ubl:", INTAKE_UBL, read_ubl_order },
	{ "OrderCancellation", "urn:oasis:names:specification:ubl:", INTAKE_UBL, read_ubl_cancellation },
};
/* clang-format on */

IntakeFormat
read_xml_recognise(const char *root)
{
	for (size_t i = 0; i < G_N_ELEMENTS(roots); i++)
		if (strcmp(roots[i].root, root) == 0)
			return roots[i].format;
	return INTAKE_XML;
}

bool
read_xml(
    const char *text, size_t size, const IntakeHint *hint, ReadOut *out, GError **error)
{
	g_autoptr(Xml) xml = xml_parse(text, size, error);
	g_autofree char *shown = NULL;
	const XmlNode *root;

	if (xml == NULL)
		return false;
	root = xml_root(xml);
	for (size_t i = 0; i < G_N_ELEMENTS(roots); i++)
		if (strcmp(xml_name(root), roots[i].root) == 0 &&
		    g_str_has_prefix(xml_namespace(root), roots[i].namespace))
			return roots[i].read(root, hint, out, error);
	shown = quote(xml_name(root));
	return order_error_set(error, E_FORMAT,
	    "line %d: an XML document '%s' is no order of openTRANS or UBL 2",
	    xml_line(root), shown);
}

char *
xml_token(const XmlNode *node, const char *path)
{
	char *text = xml_text_at(node, path);
	char *out = text;
	bool gap = false;

	if (text == NULL)
		return NULL;
	for (const char *c = text; *c != '\0'; c++) {
		if (strchr(" \t\r\n", *c) != NULL) {
			gap = out > text;
			continue;
		}
		if (gap)
			*out++ = ' ';
		gap = false;
		*out++ = *c;
	}
	*out = '\0';
	if (*text == '\0')
		g_clear_pointer(&text, g_free);
	return text;
}

void
xml_give(Build *b, const char *field, const XmlNode *node, const char *path)
{
	g_autofree char *text = xml_token(node, path);

	if (text != NULL)
		build_text(b, field, text, strlen(text));
}
