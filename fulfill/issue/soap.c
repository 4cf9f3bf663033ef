/*
 * soap.c - libxml2, held short.
 */
#include "fulfill/issue/soap.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

#include "queue/limits.h"

struct Soap {
	xmlDocPtr doc;
	xmlXPathContextPtr xpath;
};

/* Errors are told by what is returned; libxml2 must not write to our standard error. */
static void
be_quiet(void *user, const char *format, ...)
{
	(void)user;
	(void)format;
}

static bool
too_deep(const xmlNode *node, int depth)
{
	if (depth > LIMIT_XML_ANSWER_DEPTH)
		return true;
	for (const xmlNode *c = node->children; c != NULL; c = c->next)
		if (c->type == XML_ELEMENT_NODE && too_deep(c, depth + 1))
			return true;
	return false;
}

static xmlXPathContextPtr
context_new(xmlDocPtr doc, const char *const *namespaces)
{
	xmlXPathContextPtr context = xmlXPathNewContext(doc);

	for (; namespaces != NULL && namespaces[0] != NULL; namespaces += 2)
		xmlXPathRegisterNs(
		    context, BAD_CAST namespaces[0], BAD_CAST namespaces[1]);
	return context;
}

Soap *
soap_parse(const char *text, gsize size, const char *const *namespaces, GError **error)
{
	Soap *soap = g_new0(Soap, 1);

	xmlSetGenericErrorFunc(NULL, be_quiet);
	/* Looked for in the bytes, too: no parser is asked to have an opinion on it. */
	if (g_strstr_len(text, (gssize)size, "<!DOCTYPE") == NULL)
		soap->doc = xmlReadMemory(text, (int)size, NULL, NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			XML_PARSE_NOCDATA);
	if (soap->doc == NULL || soap->doc->intSubset != NULL ||
	    xmlDocGetRootElement(soap->doc) == NULL ||
	    too_deep(xmlDocGetRootElement(soap->doc), 1)) {
		soap_free(soap);
		err_set(
		    error, TP_ERROR_INVALID, "the answer is no XML that is read here");
		return NULL;
	}
	soap->xpath = context_new(soap->doc, namespaces);
	return soap;
}

void
soap_free(Soap *soap)
{
	if (soap == NULL)
		return;
	xmlXPathFreeContext(soap->xpath);
	xmlFreeDoc(soap->doc);
	g_free(soap);
}

char *
soap_text(const Soap *soap, const char *xpath)
{
	xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST xpath, soap->xpath);
	xmlChar *value = NULL;
	char *text = NULL;

	if (found == NULL)
		return NULL;
	if (found->type != XPATH_NODESET || !xmlXPathNodeSetIsEmpty(found->nodesetval))
		value = xmlXPathCastToString(found);
	if (value != NULL)
		text = g_strdup((const char *)value);
	xmlFree(value);
	xmlXPathFreeObject(found);
	return text;
}

bool
soap_place_check(const char *xpath, const char *const *namespaces, GError **error)
{
	xmlXPathContextPtr context = context_new(NULL, namespaces);
	xmlXPathCompExprPtr compiled;

	xmlSetGenericErrorFunc(NULL, be_quiet);
	compiled = xmlXPathCtxtCompile(context, BAD_CAST xpath);
	xmlXPathFreeCompExpr(compiled);
	xmlXPathFreeContext(context);
	return compiled != NULL ||
	       err_set(error, TP_ERROR_CONFIG, "'%s' is not an XPath", xpath);
}

bool
soap_fault(const Soap *soap, char **ret_code, char **ret_reason)
{
	g_autofree char *there = soap_text(soap, "boolean(/*[local-name()='Envelope']/"
						 "*[local-name()='Body']/"
						 "*[local-name()='Fault'])");

	*ret_code = NULL;
	*ret_reason = NULL;
	if (g_strcmp0(there, "true") != 0)
		return false;
	*ret_code =
	    soap_text(soap, "//*[local-name()='Fault']/*[local-name()='faultcode']"
			    " | //*[local-name()='Fault']/*[local-name()='Code']/"
			    "*[local-name()='Value']");
	*ret_reason =
	    soap_text(soap, "//*[local-name()='Fault']/*[local-name()='faultstring']"
			    " | //*[local-name()='Fault']/*[local-name()='Reason']/"
			    "*[local-name()='Text']");
	return true;
}
