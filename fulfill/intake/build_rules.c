/*
 * build_rules.c - what holds between the fields of one order: build_end().
 *
 * Rules that take the document alone.  Whether a customer is on file, a product exists or
 * a party may do this is asked later, by the domain.
 */
#include "fulfill/intake/build.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

static bool
had_error(const Build *b, const char *field)
{
	for (guint i = 0; i < b->draft->errors->len; i++) {
		const OrderError *error = g_ptr_array_index(b->draft->errors, i);

		if (error->line == NULL && g_strcmp0(error->field, field) == 0)
			return true;
	}
	return false;
}

static void
check_origin(Build *b)
{
	OrderDraft *draft = b->draft;
	const IntakeHint *hint = b->hint;

	if (draft->source == NULL && hint->source != NULL)
		draft->source = g_strdup(hint->source);
	if (draft->party == NULL && hint->party != NULL && !had_error(b, "party"))
		draft->party = g_strdup(hint->party);
	if (hint->source_fixed && g_strcmp0(draft->source, hint->source) != 0) {
		g_autofree char *shown = quote(draft->source);

		build_error(b, E_SOURCE, "source",
		    "source '%s' is not the one that sent this", shown);
	}
	if (draft->number == NULL && !had_error(b, "order"))
		build_missing(b, "order");
	if (draft->source == NULL && !had_error(b, "source"))
		build_missing(b, "source");
	if (draft->party == NULL && !had_error(b, "party"))
		build_missing(b, "party");
}

/* A customer is known by something. */
static void
check_customer(Build *b)
{
	OrderDraft *draft = b->draft;
	const OrderCustomer *customer = &draft->customer;

	if (b->address->len > 0) {
		g_ptr_array_add(b->address, NULL);
		draft->customer.address.lines =
		    (char **)g_ptr_array_free(g_steal_pointer(&b->address), FALSE);
	}
	/* Empty columns of a table are no customer. */
	draft->has_customer = customer->id != NULL || customer->name != NULL ||
			      customer->company != NULL || customer->email != NULL;
	if (!draft->has_customer &&
	    (customer->address.lines != NULL || customer->address.city != NULL))
		build_error(b, E_CUSTOMER, "customer",
		    "customer has an address, but no id, name, company or email");
	if (draft->deliver_to == ORDER_TO_CUSTOMER && !draft->has_customer &&
	    draft->kind != ORDER_CANCEL && !b->email_bad)
		build_error(b, E_CUSTOMER, "customer",
		    "deliver.to is the customer, and there is none");
}

/* The part without which no letter arrives.  Three lines and more without postcode and
 * city are an address that is set up already, as its country wants it. */
static const char *
address_lacks(const OrderAddress *address)
{
	bool ready_made = address->lines != NULL && address->postcode == NULL &&
			  address->city == NULL && g_strv_length(address->lines) >= 3;

	if (address->lines == NULL)
		return "lines";
	if (address->city == NULL && !ready_made)
		return "city";
	return address->country == NULL ? "country" : NULL;
}

/* What the channel needs.  A customer with an id may be on file with what is missing
 * here: that is for the domain to say. */
static void
check_channel(Build *b)
{
	const OrderDraft *draft = b->draft;
	const OrderCustomer *customer = &draft->customer;
	const OrderAddress *address = &customer->address;
	bool some = address->lines != NULL || address->postcode != NULL ||
		    address->city != NULL || address->country != NULL;

	if (!draft->has_customer || draft->deliver_to == ORDER_TO_PARTY ||
	    draft->kind == ORDER_CANCEL)
		return;
	if (draft->deliver_by == ORDER_BY_POST && !b->address_bad &&
	    (some || customer->id == NULL)) {
		const char *lack = address_lacks(address);

		if (lack != NULL)
			build_error(b, E_ADDRESS, "customer.address",
			    "a letter needs customer.address.%s", lack);
	}
	if (draft->deliver_by == ORDER_BY_EMAIL && !b->email_bad &&
	    customer->email == NULL && draft->deliver_email == NULL &&
	    customer->id == NULL)
		build_error(b, E_EMAIL, "customer.email",
		    "delivery by email needs customer.email or deliver.email");
}

static void
check_lines(Build *b)
{
	const OrderDraft *draft = b->draft;

	if (draft->lines->len == 0 && draft->kind != ORDER_CANCEL)
		build_missing(b, "lines");
	if (b->too_many_lines)
		build_error(b, E_LIMIT, "lines", "the order has more than %d lines",
		    LIMIT_ORDER_LINES);
	if (b->tickets > LIMIT_ORDER_TICKETS)
		build_error(b, E_LIMIT, "lines",
		    "the order asks for %" G_GINT64_FORMAT " tickets, more than %d",
		    b->tickets, LIMIT_ORDER_TICKETS);
}

OrderDraft *
build_end(Build *b)
{
	build_order(b);
	build_at(b, b->draft->place != NULL ? "%s" : NULL, b->draft->place);
	check_origin(b);
	check_customer(b);
	check_channel(b);
	check_lines(b);
	return g_steal_pointer(&b->draft);
}
