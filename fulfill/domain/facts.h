/*
 * facts.h - what a mail or a card says, as JSON, without the code: the base fields of
 * templates/fields.def.
 *
 * Facts are frozen when a delivery is planned (mail_out.context, print_piece.context).
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/issue.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/product.h"

/* An order as it is issued. */
typedef struct OrderFacts {
	int64_t id;
	char *number;
	char *ordered_day;
	char *reference; /* or NULL */
	char *deliver_by;
	bool to_party;       /* deliveries go to the party, not to the customer */
	char *deliver_email; /* or NULL */
	Party *party;
	Party *customer; /* or NULL */
} OrderFacts;

/* Who gets the deliveries. */
const Party *facts_recipient(const OrderFacts *order);
const char *facts_recipient_email(const OrderFacts *order); /* NULL: none is known */
const char *facts_language(const OrderFacts *order, const IssueContext *context);
/* The brand whose templates are used; NULL: the vendor's own. */
const char *facts_brand(const OrderFacts *order);

/* What one ticket says of itself: product, term, holder, options. */
json_t *facts_ticket(const OrderFacts *order, const Product *product,
    const json_t *options, int64_t ticket_id, int quantity, const char *first_day,
    const char *last_day, const char *language);

/* What a whole message or card says beside: vendor, brand, recipient, order. */
json_t *facts_frame(const OrderFacts *order, const IssueContext *context);
