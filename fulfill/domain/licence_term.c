/*
 * licence_term.c - the first term of a licence.
 */
#include "fulfill/domain/licence_term.h"

#include <string.h>

/* A demo's days: what the order says, else the product's. */
static int
demo_days(const Product *product, const json_t *options)
{
	const json_t *days = json_object_get(options, "days");

	return json_is_integer(days) ? (int)json_integer_value(days) : product->term_days;
}

bool
licence_term(const Product *product, const json_t *options, Day start, LicenceTerm *ret,
    GError **error)
{
	Term term = { .months = product->term_months, .days = product->term_days };
	Period period = { .k = 1, .first_day = start, .last_day = DAY_MAX };

	if (product->term_rule != NULL &&
	    !term_rule_from_name(product->term_rule, &term.rule, error))
		return false;
	if (strcmp(product->kind, "demo") == 0 && demo_days(product, options) > 0)
		term = (Term){ .days = demo_days(product, options) };
	if ((term.months != 0 || term.days != 0) &&
	    !term_period(term, start, 1, &period, error))
		return false;
	*ret = (LicenceTerm){
		.first_day = start,
		.last_day = period.last_day,
		.term = term,
		.period = period,
		.start_day = start,
	};
	return true;
}
