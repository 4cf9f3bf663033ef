/*
 * order_store.c - rows of customer and lines.
 */
#include "fulfill/domain/order_store.h"

#include <jansson.h>
#include <stdlib.h>

#include "fulfill/domain/order_options.h"
#include "fulfill/domain/order_rights.h"

static const Stmt LINE_ADD = {
	.name = "order_line.add",
	.sql = "INSERT INTO order_line (order_id, line, product_id, quantity, options, "
	       "state)"
	       " VALUES ($1, $2, $3, $4, $5, 'accepted')"
	       " ON CONFLICT (order_id, line) DO UPDATE SET product_id = $3,"
	       " quantity = $4, options = $5, state = 'accepted'",
};

static json_t *
address_json(const OrderAddress *address)
{
	json_t *object;
	json_t *lines;

	if (address->lines == NULL)
		return NULL;
	object = json_object();
	lines = json_array();
	for (char **line = address->lines; *line != NULL; line++)
		json_array_append_new(lines, json_string(*line));
	json_object_set_new(object, "lines", lines);
	if (address->postcode != NULL)
		json_object_set_new(object, "postcode", json_string(address->postcode));
	if (address->city != NULL)
		json_object_set_new(object, "city", json_string(address->city));
	if (address->region != NULL)
		json_object_set_new(object, "region", json_string(address->region));
	if (address->country != NULL)
		json_object_set_new(object, "country", json_string(address->country));
	return object;
}

bool
order_store_customer(DbTx *tx, const OrderDraft *draft, const Party *party,
    int64_t *ret_id, GError **error)
{
	json_t *address = address_json(&draft->customer.address);
	CustomerFacts facts = {
		.code = draft->customer.id,
		.name = draft->customer.name,
		.company = draft->customer.company,
		.email = draft->customer.email,
		.language = draft->customer.language,
		.kind = draft->customer.kind,
		.address = address,
	};
	bool ok = party_put_customer(tx, party->id, &facts, ret_id, error);

	json_decref(address);
	return ok;
}

bool
order_store_lines(DbTx *tx, const OrderDraft *draft, const OrderPolicy *policy,
    const Checked *checked, int64_t order_id, GError **error)
{
	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);
		const Product *product = g_ptr_array_index(checked->products, i);
		char *options;
		bool ok;

		if (line->quantity == 0 || order_line_refused(draft, line, policy))
			continue;
		options =
		    order_options_stored(line, g_ptr_array_index(checked->offers, i));
		ok = db_exec(tx->db, &LINE_ADD,
		    DB_ARGS(v_int(order_id), v_text(line->line), v_int(product->id),
			v_int(line->quantity), v_text(options)),
		    NULL, error);
		free(options);
		if (!ok)
			return false;
		order_rights_taken(policy, checked, line, product);
	}
	return true;
}
