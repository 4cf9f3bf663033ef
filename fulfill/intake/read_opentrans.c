/*
 * read_opentrans.c - openTRANS 1.0 and 2.1 ORDER, and ORDERCHANGE.
 *
 * Elements are found by local name: in 2.1 most belong to the BMEcat namespace, but files
 * are met with a prefix, with xmlns on each element, and with no namespace at all.  2.1
 * lists parties by role and refers to them by id; 1.0 has an element for each role.
 *
 * Who is who: the buyer orders.  The customer is the party of role customer, or else of
 * final_delivery, or else of delivery, unless that is the buyer.
 *
 * An ORDERCHANGE names the lines that are different, with the quantity 0 for those that
 * are not wanted any more; what it does not name stays as it is.
 */
#include <string.h>

#include "fulfill/intake/found.h"
#include "fulfill/intake/read.h"
#include "fulfill/intake/read_xml.h"
#include "queue/quote.h"

/* ---- parties ---- */

/* A party has ids of several kinds.  The one that we gave it tells it best. */
/* clang-format off */
static const char *const id_types[] = {
	"supplier_specific", "customer_specific", "buyer_specific", "party_specific", NULL /* any */,
};
/* clang-format on */

static char *
party_id(const XmlNode *party)
{
	for (size_t i = 0; i < G_N_ELEMENTS(id_types); i++)
		for (const XmlNode *id = xml_child(party, "PARTY_ID"); id != NULL;
		     id = xml_next(id, "PARTY_ID")) {
			g_autofree char *type = xml_attr(id, "type");

			if (id_types[i] == NULL || g_strcmp0(type, id_types[i]) == 0)
				return xml_token(id, "");
		}
	return NULL;
}

static bool
party_has_id(const XmlNode *party, const char *wanted)
{
	for (const XmlNode *id = xml_child(party, "PARTY_ID"); id != NULL;
	     id = xml_next(id, "PARTY_ID")) {
		g_autofree char *text = xml_token(id, "");

		if (g_strcmp0(text, wanted) == 0)
			return true;
	}
	return false;
}

static bool
party_has_role(const XmlNode *party, const char *wanted)
{
	for (const XmlNode *role = xml_child(party, "PARTY_ROLE"); role != NULL;
	     role = xml_next(role, "PARTY_ROLE")) {
		g_autofree char *text = xml_token(role, "");

		if (g_strcmp0(text, wanted) == 0)
			return true;
	}
	return false;
}

/* 2.1: the party of a role; `idref`, if not NULL, is the id that the header refers to. */
static const XmlNode *
party_by_role(const XmlNode *info, const char *role, const char *idref)
{
	const XmlNode *parties = xml_child(info, "PARTIES");
	const XmlNode *found = NULL;

	for (const XmlNode *p = parties != NULL ? xml_child(parties, "PARTY") : NULL;
	     p != NULL; p = xml_next(p, "PARTY")) {
		if (idref != NULL && party_has_id(p, idref))
			return p;
		if (found == NULL && party_has_role(p, role))
			found = p;
	}
	return found;
}

/* Person: 2.1 CONTACT_DETAILS, 1.0 CONTACT. */
static void
found_contact(Found *found, const XmlNode *contact)
{
	g_autofree char *first = NULL;
	g_autofree char *last = NULL;

	if (contact == NULL)
		return;
	first = xml_token(contact, "FIRST_NAME");
	last = xml_token(contact, "CONTACT_NAME");
	if (first != NULL || last != NULL)
		found_take(&found->name,
		    g_strjoin(first != NULL && last != NULL ? " " : "",
			first != NULL ? first : "", last != NULL ? last : "", NULL));
	found_take(&found->email, xml_token(contact, "EMAIL"));
	found_take(&found->email, xml_token(contact, "EMAILS/EMAIL"));
}

static void
found_party(Found *found, const XmlNode *party)
{
	const XmlNode *address;
	char *street;

	if (party == NULL)
		return;
	found_take(&found->id, party_id(party));
	address = xml_child(party, "ADDRESS");
	if (address == NULL)
		return;
	found_contact(found, xml_child(address, "CONTACT_DETAILS"));
	found_contact(found, xml_child(address, "CONTACT"));
	found_take(&found->company, xml_token(address, "NAME"));
	found_take(&found->email, xml_token(address, "EMAIL"));
	found_take_line(found, xml_token(address, "NAME2"));
	found_take_line(found, xml_token(address, "NAME3"));
	street = xml_token(address, "STREET");
	if (street == NULL) { /* a box has a postcode of its own */
		found_take_line(found, xml_token(address, "BOXNO"));
		found_take(&found->postcode, xml_token(address, "ZIPBOX"));
	}
	found_take_line(found, street);
	found_take(&found->postcode, xml_token(address, "ZIP"));
	found_take(&found->region, xml_token(address, "STATE"));
	found_take(&found->city, xml_token(address, "CITY"));
	found_take(&found->country, xml_token(address, "COUNTRY_CODED"));
	found_take(&found->country, xml_token(address, "COUNTRY"));
}

/* clang-format off */
/* Best first. */
static const struct {
	const char *role;  /* 2.1 */
	const char *place; /* 1.0: where a party of this role stands */
} users[] = {
	{ "customer",       "ORDER_PARTIES/CUSTOMER_PARTY/PARTY" },
	{ "final_delivery", "ORDER_PARTIES/SHIPMENT_PARTIES/FINAL_DELIVERY_PARTY/PARTY" },
	{ "delivery",       "ORDER_PARTIES/SHIPMENT_PARTIES/DELIVERY_PARTY/PARTY" },
};
/* clang-format on */

static void
read_parties(Build *b, const XmlNode *info)
{
	g_autofree char *idref = xml_token(info, "ORDER_PARTIES_REFERENCE/BUYER_IDREF");
	Found buyer = { 0 };
	Found found[G_N_ELEMENTS(users)] = { 0 };
	const Found *list[G_N_ELEMENTS(users)];

	found_party(&buyer, party_by_role(info, "buyer", idref));
	found_party(&buyer, xml_at(info, "ORDER_PARTIES/BUYER_PARTY/PARTY"));
	found_take(&buyer.id, g_steal_pointer(&idref));
	for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
		found_party(&found[i], party_by_role(info, users[i].role, NULL));
		found_party(&found[i], xml_at(info, users[i].place));
		list[i] = &found[i];
	}
	found_give(b, &buyer, list, G_N_ELEMENTS(users));
	found_clear(&buyer);
	for (size_t i = 0; i < G_N_ELEMENTS(users); i++)
		found_clear(&found[i]);
}

/* ---- items ---- */

/* 2.1 PRODUCT_FEATURES: name and values of what was chosen. */
static void
read_features(Build *b, const XmlNode *item)
{
	const XmlNode *features = xml_child(item, "PRODUCT_FEATURES");

	for (const XmlNode *f = features != NULL ? xml_child(features, "FEATURE") : NULL;
	     f != NULL; f = xml_next(f, "FEATURE")) {
		g_autofree char *name = xml_token(f, "FNAME");
		g_autoptr(GString) values = g_string_new(NULL);

		for (const XmlNode *v = xml_child(f, "FVALUE"); v != NULL;
		     v = xml_next(v, "FVALUE")) {
			g_autofree char *text = xml_token(v, "");

			g_string_append_printf(values, "%s%s", values->len > 0 ? "|" : "",
			    text != NULL ? text : "");
		}
		if (name != NULL)
			found_give_option(b, name, values->str);
	}
}

static void
read_item(Build *b, const XmlNode *item)
{
	g_autofree char *place = g_strdup_printf("line %d", xml_line(item));
	g_autofree char *id = xml_token(item, "LINE_ITEM_ID");
	g_autofree char *product = xml_token(item, "PRODUCT_ID/SUPPLIER_PID");
	g_autofree char *article = xml_token(item, "ARTICLE_ID/SUPPLIER_AID");
	g_autofree char *amount = xml_token(item, "QUANTITY");
	g_autofree char *unit = xml_token(item, "ORDER_UNIT");

	build_order(b);
	build_at(b, "%s", place);
	if (!build_line(b, id, id != NULL ? strlen(id) : 0, place))
		return;
	if (product == NULL)
		product = g_steal_pointer(&article);
	if (product != NULL)
		build_line_text(b, "product", product, strlen(product));
	found_give_amount(b, amount, '.', unit);
	read_features(b, item);
}

/* ---- orders ---- */

/* clang-format off */
/* What the parts of a document are called, and what it does. */
static const struct document {
	const char *root;
	const char *kind; /* NULL: an order */
	const char *info;
	const char *items;
	const char *item;
	const char *summary;
} documents[] = {
	{ "ORDER", NULL, "ORDER_HEADER/ORDER_INFO", "ORDER_ITEM_LIST", "ORDER_ITEM",
	  "ORDER_SUMMARY" },
	{ "ORDERCHANGE", "change", "ORDERCHANGE_HEADER/ORDERCHANGE_INFO",
	  "ORDERCHANGE_ITEM_LIST", "ORDERCHANGE_ITEM", "ORDERCHANGE_SUMMARY" },
};
/* clang-format on */

static void
check_total(Build *b, const XmlNode *summary)
{
	g_autofree char *total =
	    summary != NULL ? xml_token(summary, "TOTAL_ITEM_NUM") : NULL;
	gint64 n;

	if (total == NULL)
		return;
	build_at(b, "line %d", xml_line(summary));
	if (!g_ascii_string_to_signed(total, 10, 0, G_MAXINT, &n, NULL) ||
	    n != b->draft->lines->len) {
		g_autofree char *shown = quote(total);

		build_error(b, E_TOTAL, "lines",
		    "TOTAL_ITEM_NUM is '%s', and there are %u items", shown,
		    b->draft->lines->len);
	}
}

static OrderDraft *
read_order(
    const XmlNode *order, const struct document *is, const IntakeHint *hint, bool alone)
{
	g_auto(Build) b = { 0 };
	const XmlNode *info = xml_at(order, is->info);
	const XmlNode *items = xml_child(order, is->items);
	g_autofree char *place = g_strdup_printf("line %d", xml_line(order));

	build_begin(&b, hint, alone ? NULL : place);
	b.lax_days = true;
	build_at(&b, "line %d", xml_line(info != NULL ? info : order));
	if (is->kind != NULL)
		build_text(&b, "kind", is->kind, strlen(is->kind));
	if (info != NULL) {
		xml_give(&b, "order", info, "ORDER_ID");
		xml_give(&b, "ordered_on", info, "ORDER_DATE");
		xml_give(&b, "reference", info, "CUSTOMER_ORDER_REFERENCE/ORDER_ID");
		read_parties(&b, info);
	}
	for (const XmlNode *item = items != NULL ? xml_child(items, is->item) : NULL;
	     item != NULL; item = xml_next(item, is->item))
		read_item(&b, item);
	build_order(&b);
	check_total(&b, xml_child(order, is->summary));
	return build_end(&b);
}

bool
read_opentrans(const XmlNode *root, const IntakeHint *hint, ReadOut *out, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
		if (strcmp(xml_name(root), documents[i].root) == 0)
			return read_add(
			    out, read_order(root, &documents[i], hint, true), error);
	for (const XmlNode *order = xml_child(root, "ORDER"); order != NULL;
	     order = xml_next(order, "ORDER"))
		if (!read_add(out, read_order(order, &documents[0], hint, false), error))
			return false;
	if (out->orders->len == 0)
		return order_error_set(error, E_FORMAT,
		    "line %d: there is no ORDER in ORDER_LIST", xml_line(root));
	return true;
}
