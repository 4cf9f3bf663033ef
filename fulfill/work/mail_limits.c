/*
 * mail_limits.c - quantity of a mail, quantity and orders of a day, products.
 */
#include "fulfill/work/mail_limits.h"

#include "fulfill/domain/mail_limit.h"
#include "fulfill/intake/order.h"
#include "queue/clock.h"

static int64_t
licences_of(const OrderDraft *draft)
{
	int64_t sum = 0;

	for (guint i = 0; draft->kind != ORDER_CANCEL && i < draft->lines->len; i++)
		sum += ((const OrderLine *)g_ptr_array_index(draft->lines, i))->quantity;
	return sum;
}

static char *
over(const char *what, int64_t is, const char *of, const char *setting, int64_t most)
{
	return g_strdup_printf("%" G_GINT64_FORMAT
			       " %s are more than the %" G_GINT64_FORMAT
			       " of %s (limits.%s)",
	    is, what, most, of, setting);
}

/* The first product that this sender does not order by mail. */
static bool
check_products(Work *work, const MailSender *sender, const GPtrArray *orders,
    const MailLimit *limit, char **ret_held, GError **error)
{
	for (guint i = 0; i < orders->len; i++) {
		const OrderDraft *draft = g_ptr_array_index(orders, i);

		for (guint l = 0; l < draft->lines->len; l++) {
			const OrderLine *line = g_ptr_array_index(draft->lines, l);
			bool has;

			if (line->product == NULL || draft->kind == ORDER_CANCEL)
				continue;
			if (!mail_limit_has(work->db, limit, line->product, &has, error))
				return false;
			if (has)
				continue;
			*ret_held =
			    g_strdup_printf("'%s' is not among the products that '%s'"
					    " orders by mail (limits.mail_products)",
				line->product, sender->party);
			return true;
		}
	}
	return true;
}

bool
mail_limits_check(Work *work, const MailSender *sender, const GPtrArray *orders,
    char **ret_held, GError **error)
{
	g_auto(MailLimit) limit = {
		.quantity = settings_number(work->settings, SET_LIMIT_MAIL),
		.daily = settings_number(work->settings, SET_LIMIT_MAIL_DAY),
		.orders = settings_number(work->settings, SET_LIMIT_MAIL_ORDERS),
		.products =
		    g_strdup(settings_text(work->settings, SET_LIMIT_MAIL_PRODUCTS)),
	};
	g_autofree char *day_of = g_strdup_printf("24 hours of '%s'", sender->party);
	int64_t wanted = 0;
	int64_t n_before;
	int64_t before;

	if (!mail_limit_get(work->db, sender->party_id, &limit, error) ||
	    !mail_limit_used(work->db, sender->party_id, clock_now_at() - US_PER_DAY,
		&n_before, &before, error))
		return false;
	for (guint i = 0; i < orders->len; i++)
		wanted += licences_of(g_ptr_array_index(orders, i));
	if (wanted > limit.quantity)
		*ret_held =
		    over("licences", wanted, "one mail", "mail_quantity", limit.quantity);
	else if (before + wanted > limit.daily)
		*ret_held =
		    over("licences", before + wanted, day_of, "mail_daily", limit.daily);
	else if (n_before + orders->len > limit.orders)
		*ret_held = over("orders", n_before + orders->len, day_of, "mail_orders",
		    limit.orders);
	return *ret_held != NULL ||
	       check_products(work, sender, orders, &limit, ret_held, error);
}
