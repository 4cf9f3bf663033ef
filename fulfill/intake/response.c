/*
 * response.c - OrderResponse and ORDERRESPONSE, written element by element; ORDRSP is in
 * response_edifact.c.
 */
#include "fulfill/intake/response.h"

#include <string.h>

#include "fulfill/intake/response_edifact.h"

typedef struct Writer {
	GString *out;
	const OrderDraft *draft;
	const json_t *result;
	const char *supplier;
	const char *today;
} Writer;

const char *
response_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* <name>text</name>; nothing for NULL. */
static void
put(Writer *w, const char *name, const char *text)
{
	g_autofree char *safe = text != NULL ? g_markup_escape_text(text, -1) : NULL;

	if (safe != NULL)
		g_string_append_printf(w->out, "<%s>%s</%s>\n", name, safe, name);
}

bool
response_line_is_accepted(const json_t *line)
{
	return g_strcmp0(response_text(line, "status"), "accepted") == 0;
}

ResponseVerdict
response_verdict(const json_t *result)
{
	json_t *lines = json_object_get(result, "lines");
	size_t good = 0;

	if (g_strcmp0(response_text(result, "status"), "rejected") == 0)
		return RESPONSE_REJECTED;
	for (size_t i = 0; i < json_array_size(lines); i++)
		good += response_line_is_accepted(json_array_get(lines, i));
	return good < json_array_size(lines) ? RESPONSE_IN_PART : RESPONSE_ACCEPTED;
}

const OrderLine *
response_line_of(const OrderDraft *draft, const json_t *line)
{
	const char *id = response_text(line, "line");

	return id != NULL ? order_draft_find_line(draft, id) : NULL;
}

char *
response_error_text(const json_t *error)
{
	const char *field = response_text(error, "field");

	return g_strdup_printf("%s%s%s: %s", response_text(error, "code"),
	    field != NULL ? " " : "", field != NULL ? field : "",
	    response_text(error, "text"));
}

/* The text of every error, a line each; NULL: none. */
static char *
errors_text(const json_t *errors)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < json_array_size(errors); i++) {
		g_autofree char *one = response_error_text(json_array_get(errors, i));

		g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", one);
	}
	return g_string_free(text, text->len == 0);
}

/* ---- UBL ---- */

static const char *const ubl_codes[] = {
	[RESPONSE_ACCEPTED] = "AP",
	[RESPONSE_IN_PART] = "CA",
	[RESPONSE_REJECTED] = "RE",
};

static void
ubl_party(Writer *w, const char *role, const char *name)
{
	g_string_append_printf(w->out, "<cac:%s><cac:Party><cac:PartyName>\n", role);
	put(w, "cbc:Name", name != NULL ? name : "");
	g_string_append_printf(w->out, "</cac:PartyName></cac:Party></cac:%s>\n", role);
}

static void
ubl_line(Writer *w, const json_t *line)
{
	g_autofree char *why = errors_text(json_object_get(line, "errors"));
	const OrderLine *ordered = response_line_of(w->draft, line);
	bool good = response_line_is_accepted(line);

	g_string_append(w->out, "<cac:OrderLine><cac:LineItem>\n");
	put(w, "cbc:ID", response_text(line, "line"));
	put(w, "cbc:Note", why);
	put(w, "cbc:LineStatusCode", good ? "5" : "7");
	if (ordered != NULL)
		g_string_append_printf(w->out,
		    "<cbc:Quantity unitCode=\"C62\">%" G_GINT64_FORMAT
		    "</cbc:Quantity>\n",
		    good ? ordered->quantity : 0);
	g_string_append(w->out, "<cac:Item>\n");
	if (ordered != NULL && ordered->product != NULL) {
		put(w, "cbc:Name", ordered->product);
		g_string_append(w->out, "<cac:SellersItemIdentification>\n");
		put(w, "cbc:ID", ordered->product);
		g_string_append(w->out, "</cac:SellersItemIdentification>\n");
	}
	g_string_append(w->out, "</cac:Item></cac:LineItem></cac:OrderLine>\n");
}

static void
ubl(Writer *w)
{
	g_autofree char *why = errors_text(json_object_get(w->result, "errors"));
	g_autofree char *id = g_strconcat(w->draft->number, "-response", NULL);
	json_t *lines = json_object_get(w->result, "lines");

	g_string_append(w->out,
	    "<OrderResponse "
	    "xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:OrderResponse-2\"\n"
	    " xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:"
	    "CommonAggregateComponents-2\"\n"
	    " xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:"
	    "CommonBasicComponents-2\">\n");
	put(w, "cbc:CustomizationID", "urn:fdc:peppol.eu:poacc:trns:order_response:3");
	put(w, "cbc:ProfileID", "urn:fdc:peppol.eu:poacc:bis:ordering:3");
	put(w, "cbc:ID", id);
	put(w, "cbc:IssueDate", w->today);
	put(w, "cbc:OrderResponseCode", ubl_codes[response_verdict(w->result)]);
	put(w, "cbc:Note", why);
	g_string_append(w->out, "<cac:OrderReference>\n");
	put(w, "cbc:ID", w->draft->number);
	g_string_append(w->out, "</cac:OrderReference>\n");
	ubl_party(w, "SellerSupplierParty", w->supplier);
	ubl_party(w, "BuyerCustomerParty", w->draft->party);
	for (size_t i = 0; i < json_array_size(lines); i++)
		ubl_line(w, json_array_get(lines, i));
	g_string_append(w->out, "</OrderResponse>\n");
}

/* ---- openTRANS ---- */

static void
opentrans_party(Writer *w, const char *role, const char *id)
{
	g_string_append(w->out, "<PARTY>\n");
	g_string_append(w->out, "<bmecat:PARTY_ID type=\"supplier_specific\">");
	if (id != NULL) {
		g_autofree char *safe = g_markup_escape_text(id, -1);

		g_string_append(w->out, safe);
	}
	g_string_append(w->out, "</bmecat:PARTY_ID>\n");
	put(w, "PARTY_ROLE", role);
	g_string_append(w->out, "</PARTY>\n");
}

static void
opentrans_line(Writer *w, const json_t *line)
{
	g_autofree char *why = errors_text(json_object_get(line, "errors"));
	const OrderLine *ordered = response_line_of(w->draft, line);

	g_string_append(w->out, "<ORDERRESPONSE_ITEM>\n");
	put(w, "LINE_ITEM_ID", response_text(line, "line"));
	g_string_append(w->out, "<PRODUCT_ID>\n");
	if (ordered != NULL && ordered->product != NULL) {
		put(w, "bmecat:SUPPLIER_PID", ordered->product);
		put(w, "bmecat:DESCRIPTION_SHORT", ordered->product);
	}
	g_string_append(w->out, "</PRODUCT_ID>\n");
	g_string_append_printf(w->out, "<QUANTITY>%" G_GINT64_FORMAT "</QUANTITY>\n",
	    response_line_is_accepted(line) && ordered != NULL ? ordered->quantity : 0);
	put(w, "bmecat:ORDER_UNIT", "C62");
	put(w, "REMARKS", why);
	g_string_append(w->out, "</ORDERRESPONSE_ITEM>\n");
}

static void
opentrans(Writer *w)
{
	g_autofree char *why = errors_text(json_object_get(w->result, "errors"));
	json_t *lines = json_object_get(w->result, "lines");

	g_string_append(w->out,
	    "<ORDERRESPONSE xmlns=\"http://www.opentrans.org/XMLSchema/2.1\"\n"
	    " xmlns:bmecat=\"http://www.bmecat.org/bmecat/2005\" version=\"2.1\">\n"
	    "<ORDERRESPONSE_HEADER><ORDERRESPONSE_INFO>\n");
	put(w, "ORDER_ID", w->draft->number);
	put(w, "ORDERRESPONSE_DATE", w->today);
	g_string_append(w->out, "<PARTIES>\n");
	opentrans_party(w, "buyer", w->draft->party);
	opentrans_party(w, "supplier", w->supplier);
	g_string_append(w->out, "</PARTIES>\n");
	put(w, "REMARKS", why);
	g_string_append(w->out, "</ORDERRESPONSE_INFO></ORDERRESPONSE_HEADER>\n"
				"<ORDERRESPONSE_ITEM_LIST>\n");
	for (size_t i = 0; i < json_array_size(lines); i++)
		opentrans_line(w, json_array_get(lines, i));
	g_string_append_printf(w->out,
	    "</ORDERRESPONSE_ITEM_LIST>\n<ORDERRESPONSE_SUMMARY><TOTAL_ITEM_NUM>%zu"
	    "</TOTAL_ITEM_NUM></ORDERRESPONSE_SUMMARY>\n</ORDERRESPONSE>\n",
	    json_array_size(lines));
}

/* ---- which ---- */

static const struct {
	IntakeFormat format;
	const char *name;
	void (*write)(Writer *w);
} responses[] = {
	{ INTAKE_UBL, "order-response.xml", ubl },
	{ INTAKE_OPENTRANS, "orderresponse.xml", opentrans },
};

void
response_clear(Response *response)
{
	g_clear_pointer(&response->bytes, g_free);
}

bool
response_make(IntakeFormat format, const OrderDraft *draft, const json_t *result,
    const char *supplier, const char *today, Response *ret)
{
	Writer w = {
		.draft = draft, .result = result, .supplier = supplier, .today = today
	};

	*ret = (Response){ .name = "ordrsp.edi", .type = "application/EDIFACT" };
	if (draft->number != NULL && format == INTAKE_EDIFACT)
		ret->bytes = response_edifact(draft, result, supplier, today, &ret->size);
	for (size_t i = 0; i < G_N_ELEMENTS(responses) && draft->number != NULL; i++)
		if (responses[i].format == format) {
			w.out = g_string_new("<?xml version=\"1.0\" "
					     "encoding=\"UTF-8\"?>\n");
			responses[i].write(&w);
			ret->name = responses[i].name;
			ret->type = "application/xml";
			ret->size = w.out->len;
			ret->bytes = g_string_free(w.out, FALSE);
		}
	return ret->bytes != NULL;
}
