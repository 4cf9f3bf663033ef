/*
 * read_ubl.c - UBL 2.1 Order and OrderCancellation, and with them Peppol BIS Ordering 3.
 *
 * Who is who: BuyerCustomerParty orders; its SupplierAssignedAccountID is the number that
 * we gave it, and better than its own.  The customer is OriginatorCustomerParty, or else
 * the DeliveryParty, unless that is the buyer.
 *
 * An OrderCancellation has an ID of its own and names the order in OrderReference; the
 * whole order is cancelled, the standard knows no less.
 */
#include <string.h>

#include "fulfill/intake/found.h"
#include "fulfill/intake/read.h"
#include "fulfill/intake/read_xml.h"
#include "queue/quote.h"

/* clang-format off */
/* UNCL 1001: documents that ask for something to be delivered now.  A blanket order (221)
 * does not. */
static const char *const order_types[] = { "105", "220", "224", "226", "227" };
/* clang-format on */

/* ---- parties ---- */

static void
found_address(Found *found, const XmlNode *address)
{
	if (address == NULL || found->lines != NULL)
		return;
	found_take_line(found, xml_token(address, "StreetName"));
	found_take_line(found, xml_token(address, "AdditionalStreetName"));
	for (const XmlNode *line = xml_child(address, "AddressLine"); line != NULL;
	     line = xml_next(line, "AddressLine"))
		found_take_line(found, xml_token(line, "Line"));
	if (found->lines == NULL && xml_child(address, "Postbox") != NULL)
		found_take_line(found, xml_token(address, "Postbox"));
	found_take(&found->postcode, xml_token(address, "PostalZone"));
	found_take(&found->region, xml_token(address, "CountrySubentity"));
	found_take(&found->city, xml_token(address, "CityName"));
	found_take(&found->country, xml_token(address, "Country/IdentificationCode"));
}

static void
found_party(Found *found, const XmlNode *party)
{
	g_autofree char *first = NULL;
	g_autofree char *last = NULL;

	if (party == NULL)
		return;
	found_take(&found->id, xml_token(party, "PartyIdentification/ID"));
	found_take(&found->id, xml_token(party, "EndpointID"));
	found_take(&found->company, xml_token(party, "PartyName/Name"));
	found_take(
	    &found->company, xml_token(party, "PartyLegalEntity/RegistrationName"));
	first = xml_token(party, "Person/FirstName");
	last = xml_token(party, "Person/FamilyName");
	found_take(&found->name, xml_token(party, "Contact/Name"));
	if (first != NULL && last != NULL)
		found_take(&found->name, g_strjoin(" ", first, last, NULL));
	found_take(&found->email, xml_token(party, "Contact/ElectronicMail"));
	found_take(&found->language, xml_token(party, "Language/ID"));
	found_address(found, xml_child(party, "PostalAddress"));
}

/* A CustomerParty: an account number of ours around a party. */
static void
found_customer_party(Found *found, const XmlNode *outer)
{
	if (outer == NULL)
		return;
	found_take(&found->id, xml_token(outer, "SupplierAssignedAccountID"));
	found_party(found, xml_child(outer, "Party"));
	found_take(&found->name, xml_token(outer, "DeliveryContact/Name"));
	found_take(&found->email, xml_token(outer, "DeliveryContact/ElectronicMail"));
}

static void
read_parties(Build *b, const XmlNode *root)
{
	g_auto(Found) buyer = { 0 };
	g_auto(Found) originator = { 0 };
	g_auto(Found) delivery = { 0 };
	const Found *const users[] = { &originator, &delivery };
	const XmlNode *to = xml_child(root, "Delivery");

	found_customer_party(&buyer, xml_child(root, "BuyerCustomerParty"));
	found_customer_party(&originator, xml_child(root, "OriginatorCustomerParty"));
	if (to != NULL) {
		found_address(&delivery, xml_child(to, "DeliveryAddress"));
		found_address(&delivery, xml_at(to, "DeliveryLocation/Address"));
		found_party(&delivery, xml_child(to, "DeliveryParty"));
	}
	found_give(b, &buyer, users, G_N_ELEMENTS(users));
}

/* ---- lines ---- */

static void
read_line(Build *b, const XmlNode *order_line)
{
	const XmlNode *item = xml_child(order_line, "LineItem");
	g_autofree char *place = g_strdup_printf("line %d", xml_line(order_line));
	const XmlNode *quantity;
	g_autofree char *id = NULL;
	g_autofree char *product = NULL;
	g_autofree char *amount = NULL;
	g_autofree char *unit = NULL;
	const XmlNode *goods;

	build_order(b);
	build_at(b, "%s", place);
	id = xml_token(item, "ID");
	if (!build_line(b, id, id != NULL ? strlen(id) : 0, place) || item == NULL)
		return;
	product = xml_token(item, "Item/SellersItemIdentification/ID");
	if (product != NULL)
		build_line_text(b, "product", product, strlen(product));
	quantity = xml_child(item, "Quantity");
	amount = xml_token(quantity, "");
	unit = quantity != NULL ? xml_attr(quantity, "unitCode") : NULL;
	found_give_amount(b, amount, '.', unit);
	goods = xml_child(item, "Item");
	for (const XmlNode *p = goods != NULL ? xml_child(goods, "AdditionalItemProperty")
					      : NULL;
	     p != NULL; p = xml_next(p, "AdditionalItemProperty")) {
		g_autofree char *name = xml_token(p, "Name");
		g_autofree char *value = xml_token(p, "Value");

		if (name != NULL)
			found_give_option(b, name, value != NULL ? value : "");
	}
}

/* ---- documents ---- */

static void
check_copy(Build *b, const XmlNode *root)
{
	g_autofree char *copy = xml_token(root, "CopyIndicator");

	if (g_strcmp0(copy, "true") == 0 || g_strcmp0(copy, "1") == 0)
		build_error(b, E_COPY, NULL, "CopyIndicator says that this is a copy");
}

static void
check_type(Build *b, const XmlNode *root)
{
	g_autofree char *type = xml_token(root, "OrderTypeCode");
	g_autofree char *shown = quote(type);

	if (type == NULL)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(order_types); i++)
		if (strcmp(order_types[i], type) == 0)
			return;
	build_error(b, E_FORMAT, "kind",
	    "OrderTypeCode '%s' is not that of an order to be carried out", shown);
}

static void
check_count(Build *b, const XmlNode *root)
{
	g_autofree char *count = xml_token(root, "LineCountNumeric");
	gint64 n;

	if (count == NULL)
		return;
	if (!g_ascii_string_to_signed(count, 10, 0, G_MAXINT, &n, NULL) ||
	    n != b->draft->lines->len) {
		g_autofree char *shown = quote(count);

		build_error(b, E_TOTAL, "lines",
		    "LineCountNumeric is '%s', and there are %u lines", shown,
		    b->draft->lines->len);
	}
}

bool
read_ubl_order(const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error)
{
	g_auto(Build) b = { 0 };

	build_begin(&b, hint, NULL);
	b.lax_days = true;
	build_at(&b, "line %d", xml_line(root));
	check_copy(&b, root);
	check_type(&b, root);
	xml_give(&b, "order", root, "ID");
	xml_give(&b, "ordered_on", root, "IssueDate");
	xml_give(&b, "reference", root, "CustomerReference");
	read_parties(&b, root);
	for (const XmlNode *line = xml_child(root, "OrderLine"); line != NULL;
	     line = xml_next(line, "OrderLine"))
		read_line(&b, line);
	build_order(&b);
	build_at(&b, "line %d", xml_line(root));
	check_count(&b, root);
	return read_add(out, build_end(&b), error);
}

bool
read_ubl_cancellation(
    const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error)
{
	g_auto(Build) b = { 0 };
	g_auto(Found) buyer = { 0 };

	build_begin(&b, hint, NULL);
	b.lax_days = true;
	build_at(&b, "line %d", xml_line(root));
	check_copy(&b, root);
	build_text(&b, "kind", "cancel", strlen("cancel"));
	xml_give(&b, "order", root, "OrderReference/ID");
	xml_give(&b, "ordered_on", root, "IssueDate");
	found_customer_party(&buyer, xml_child(root, "BuyerCustomerParty"));
	found_give(&b, &buyer, NULL, 0);
	return read_add(out, build_end(&b), error);
}
