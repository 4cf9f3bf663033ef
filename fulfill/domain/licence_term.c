/*
 * licence_term.c - the first term of a licence.
 */
#include "fulfill/domain/licence_term.h"

#include <string.h>

#include "fulfill/domain/term.h"

/* A demo's days: what the order says, else the product's. */
static int
demo_days(const Product *product, const json_t *options)
{
	const json_t *days = json_object_get(options, "days");

	return json_is_integer(days) ? (int)json_integer_value(days) : product->term_days;
}

int
licence_term(const Product *product, const json_t *options, Day start,
    char first[DAY_CHARS], char last[DAY_CHARS], GError **error)
{
	Term term = { .months = product->term_months, .days = product->term_days };
	Period period;

	day_format(start, first);
	if (product->term_rule != NULL &&
	    !term_rule_from_name(product->term_rule, &term.rule, error))
		return -1;
	if (strcmp(product->kind, "demo") == 0 && demo_days(product, options) > 0)
		term = (Term){ .days = demo_days(product, options) };
	if (term.months == 0 && term.days == 0)
		return 0;
	if (!term_period(term, start, 1, &period, error))
		return -1;
	day_format(period.last_day, last);
	return 1;
}
