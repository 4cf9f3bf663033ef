/*
 * order_check.c - party, products, option ranges, channel and recipient of a draft.
 */
#include "fulfill/domain/order_check.h"

#include <string.h>

#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/privacy_level.h"
#include "queue/limits.h"

static void
product_free_or_null(gpointer data)
{
	product_free(data);
}

void
checked_done(Checked *checked)
{
	g_clear_pointer(&checked->party, party_free);
	g_clear_pointer(&checked->customer, party_free);
	g_clear_pointer(&checked->products, g_ptr_array_unref);
	g_clear_pointer(&checked->offers, g_ptr_array_unref);
	g_clear_pointer(&checked->levels, g_ptr_array_unref);
	g_clear_pointer(&checked->user_levels, g_ptr_array_unref);
}

static bool
check_party(Db *db, OrderDraft *draft, Checked *ret, GError **error)
{
	const char *code = draft->party != NULL ? draft->party : PARTY_VENDOR;
	int found = party_find(db, code, &ret->party, error);

	if (found == 0)
		order_draft_error(draft, E_PARTY_UNKNOWN, NULL, "party",
		    "there is no vendor or reseller '%s'", code);
	return found >= 0;
}

static bool
check_lines(
    Db *db, OrderDraft *draft, const OrderPolicy *policy, Checked *ret, GError **error)
{
	int64_t total = 0;

	ret->products = g_ptr_array_new_with_free_func(product_free_or_null);
	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);
		Product *product = NULL;
		int found = line->product != NULL
				? product_find(db, line->product, &product, error)
				: 0;

		if (found < 0)
			return false;
		g_ptr_array_add(ret->products, product);
		if (line->product != NULL && found == 0)
			order_draft_error(draft, E_PRODUCT_UNKNOWN, line->line, "product",
			    "there is no product '%s'", line->product);
		if (line->quantity > policy->max_quantity)
			order_draft_error(draft, E_QUANTITY, line->line, "quantity",
			    "%" G_GINT64_FORMAT " is more than the %" G_GINT64_FORMAT
			    " that are allowed",
			    line->quantity, policy->max_quantity);
		if (product == NULL)
			continue;
		total += product->ticket_per_line ? 1 : line->quantity;
	}
	if (total > LIMIT_ORDER_TICKETS)
		order_draft_error(draft, E_LIMIT, NULL, "lines",
		    "%" G_GINT64_FORMAT " tickets are more than the %d of one order",
		    total, LIMIT_ORDER_TICKETS);
	return true;
}

/* What an order does not repeat about a customer is taken from the one that is known. */
static bool
find_customer(Db *db, OrderDraft *draft, Checked *ret, GError **error)
{
	return !draft->has_customer || draft->customer.id == NULL ||
	       party_find_customer(
		   db, ret->party->id, draft->customer.id, &ret->customer, error) >= 0;
}

/* A value above the level that the party agreed to is refused, not hidden (R14.1). */
static bool
check_privacy(OrderDraft *draft, const Checked *ret, GError **error)
{
	const OrderCustomer *customer = &draft->customer;
	bool to_customer = draft->has_customer && draft->deliver_to != ORDER_TO_PARTY;
	const struct {
		const char *field;
		const char *path;
		bool given;
	} values[] = {
		{ "company", "customer.company", customer->company != NULL },
		{ "name", "customer.name", customer->name != NULL },
		{ "email", "customer.email", customer->email != NULL },
		{ "address", "customer.address", customer->address.lines != NULL },
		{ "email", "deliver.email", draft->deliver_email != NULL && to_customer },
	};
	PrivacyLevel level;

	if (!privacy_level_from_name(ret->party->privacy, &level, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		PrivacyLevel needed = privacy_level_needed(values[i].field);

		if (values[i].given && needed > level)
			order_draft_error(draft, E_PRIVACY, NULL, values[i].path,
			    "party '%s' has privacy level '%s': this needs '%s'",
			    ret->party->code, ret->party->privacy,
			    privacy_level_name(needed));
	}
	return true;
}

/* Said before anybody looks for an address that may not be there (R14.1). */
static void
check_privacy_of_channel(OrderDraft *draft, const Checked *ret)
{
	const char *by = order_by_name(ret->by);
	PrivacyLevel needed = privacy_level_of_channel(by);
	PrivacyLevel level;

	if (ret->to != ORDER_TO_CUSTOMER ||
	    !privacy_level_from_name(ret->party->privacy, &level, NULL) ||
	    level >= needed)
		return;
	order_draft_error(draft, E_CHANNEL, NULL, "deliver.by",
	    "delivery by %s to a customer needs privacy level '%s', and party '%s' has "
	    "'%s': deliver to the party instead",
	    by, privacy_level_name(needed), ret->party->code, ret->party->privacy);
}

/* Order, then customer, then party (R2.1); the vendor's default is mail. */
static void
choose_channel(OrderDraft *draft, Checked *ret)
{
	ret->by = draft->deliver_by;
	if (ret->by == ORDER_BY_UNSET && ret->customer != NULL &&
	    ret->customer->deliver != NULL)
		(void)!order_by_from_name(ret->customer->deliver, &ret->by);
	if (ret->by == ORDER_BY_UNSET && ret->party->deliver != NULL)
		(void)!order_by_from_name(ret->party->deliver, &ret->by);
	if (ret->by == ORDER_BY_UNSET)
		ret->by = ORDER_BY_EMAIL;
	if (!party_has_channel(ret->party, order_by_name(ret->by)))
		order_draft_error(draft, E_CHANNEL, NULL, "deliver.by",
		    "'%s' is not open to party '%s', which has %s",
		    order_by_name(ret->by), ret->party->code, ret->party->channels);
}

static void
choose_recipient(OrderDraft *draft, Checked *ret)
{
	ret->to = draft->deliver_to;
	if (ret->to == ORDER_TO_UNSET)
		ret->to = draft->has_customer ? ORDER_TO_CUSTOMER : ORDER_TO_PARTY;
	if (ret->to == ORDER_TO_CUSTOMER && !draft->has_customer)
		order_draft_error(draft, E_CUSTOMER, NULL, "customer",
		    "the order is to be delivered to its customer and names none");
}

/* Can the chosen channel reach the chosen recipient at all? */
static void
check_reachable(OrderDraft *draft, Checked *ret)
{
	bool customer = ret->to == ORDER_TO_CUSTOMER;
	const OrderAddress *address = &draft->customer.address;
	const Party *known = customer ? ret->customer : ret->party;
	bool has_email = (customer && draft->customer.email != NULL) ||
			 (known != NULL && known->email != NULL);
	bool has_address =
	    (customer && address->lines != NULL &&
		/* ready-made lines name the town themselves */
		(address->city != NULL || g_strv_length(address->lines) >= 3)) ||
	    (known != NULL && known->address != NULL);

	if (customer && !draft->has_customer)
		return;
	if (ret->by == ORDER_BY_EMAIL && draft->deliver_email == NULL && !has_email &&
	    !order_draft_has_errors(draft, NULL))
		order_draft_error(draft, E_EMAIL, NULL,
		    customer ? "customer.email" : "party",
		    customer ? "delivery by email needs an address"
			     : "party '%s' has no email address",
		    ret->party->code);
	if (ret->by != ORDER_BY_POST)
		return;
	if (customer && !has_address && !order_draft_has_errors(draft, NULL))
		order_draft_error(draft, E_ADDRESS, NULL, "customer.address",
		    "delivery by post needs address lines and a city");
	if (!customer && !has_address)
		order_draft_error(draft, E_ADDRESS, NULL, "party",
		    "party '%s' has no postal address", ret->party->code);
}

/* Whom consumer law protects cannot be bound longer (R9.3).  What the order says of the
 * customer counts before what is known. */
static void
check_notice(OrderDraft *draft, const Checked *ret)
{
	const char *kind = draft->customer.kind;
	bool consumer = kind != NULL ? strcmp(kind, "consumer") == 0
				     : ret->customer != NULL && ret->customer->consumer;

	for (guint i = 0; consumer && i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);
		const Product *product = g_ptr_array_index(ret->products, i);
		g_autoptr(GError) wrong = NULL;

		if (product != NULL && !product_suits_consumer(product, &wrong))
			order_draft_error(
			    draft, E_NOTICE, line->line, "product", "%s", wrong->message);
	}
}

bool
order_check(
    DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, Checked *ret, GError **error)
{
	if (!check_party(tx->db, draft, ret, error) ||
	    !check_lines(tx->db, draft, policy, ret, error))
		return false;
	if (ret->party == NULL)
		return true;
	if (!find_customer(tx->db, draft, ret, error) ||
	    !check_privacy(draft, ret, error))
		return false;
	check_notice(draft, ret);
	choose_channel(draft, ret);
	choose_recipient(draft, ret);
	check_privacy_of_channel(draft, ret);
	check_reachable(draft, ret);
	return order_rights_check(tx, draft, policy, ret, error);
}
