/*
 * facts.c - rows become the fields of templates/fields.def.
 */
#include "fulfill/domain/facts.h"

const Party *
facts_recipient(const OrderFacts *order)
{
	return order->to_party || order->customer == NULL ? order->party
							  : order->customer;
}

const char *
facts_recipient_email(const OrderFacts *order)
{
	return order->deliver_email != NULL ? order->deliver_email
					    : facts_recipient(order)->email;
}

const char *
facts_language(const OrderFacts *order, const IssueContext *context)
{
	const Party *recipient = facts_recipient(order);

	if (recipient->language != NULL)
		return recipient->language;
	return order->party->language != NULL ? order->party->language
					      : context->language;
}

const char *
facts_brand(const OrderFacts *order)
{
	return order->party->brand;
}

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static char *
option_text(const json_t *value)
{
	g_autoptr(GString) text = g_string_new(NULL);
	size_t i;
	json_t *word;

	if (json_is_integer(value))
		g_string_printf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_string(value))
		g_string_assign(text, json_string_value(value));
	json_array_foreach (value, i, word) {
		g_string_append(text, i > 0 ? ", " : "");
		g_string_append(text, json_string_value(word));
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *
option_list(const json_t *options)
{
	json_t *list = json_array();
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)options, name, value) {
		g_autofree char *text = option_text(value);

		json_array_append_new(
		    list, json_pack("{s:s, s:s}", "name", name, "value", text));
	}
	return list;
}

json_t *
facts_ticket(const OrderFacts *order, const Product *product, const json_t *options,
    int64_t ticket_id, int quantity, const char *first_day, const char *last_day,
    const char *language)
{
	json_t *ticket = json_object();
	json_t *licence = json_object();
	json_t *holder = json_object();
	json_t *facts = json_object();
	char serial[32];

	g_snprintf(serial, sizeof(serial), "T%08" G_GINT64_FORMAT, ticket_id);
	put(ticket, "serial", serial);
	put(ticket, "first_day", first_day);
	put(ticket, "last_day", last_day);
	put(licence, "name", product_name(product, language));
	put(licence, "sku", product->sku);
	put(licence, "kind", product->kind);
	if (order->customer != NULL) {
		put(holder, "name", order->customer->name);
		put(holder, "company", order->customer->company);
	}
	json_object_set_new(facts, "ticket_id", json_integer(ticket_id));
	json_object_set_new(facts, "ticket", ticket);
	json_object_set_new(facts, "product", licence);
	json_object_set_new(facts, "holder", holder);
	json_object_set_new(facts, "options", option_list(options));
	if (quantity > 1)
		json_object_set_new(facts, "seats", json_integer(quantity));
	return facts;
}

json_t *
facts_frame(const OrderFacts *order, const IssueContext *context)
{
	const Party *recipient = facts_recipient(order);
	const char *name = recipient->name != NULL ? recipient->name : recipient->company;
	json_t *frame = json_object();
	json_t *vendor = json_object();
	json_t *brand = json_object();
	json_t *to = json_object();
	json_t *number = json_object();

	put(vendor, "name", context->vendor_name);
	put(vendor, "url", context->website);
	put(vendor, "email", context->support);
	put(brand, "name",
	    order->party->brand != NULL ? order->party->name : context->vendor_name);
	put(brand, "email",
	    order->party->brand != NULL ? order->party->email : context->support);
	if (order->party->brand == NULL)
		put(brand, "url", context->website);
	put(brand, "logo", order->party->logo);
	put(to, "name", name);
	put(number, "number", order->number);
	put(number, "day", order->ordered_day);
	put(number, "reference", order->reference);
	json_object_set_new(frame, "vendor", vendor);
	json_object_set_new(frame, "brand", brand);
	json_object_set_new(frame, "recipient", to);
	json_object_set_new(frame, "order", number);
	return frame;
}
