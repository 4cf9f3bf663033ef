/*
 * order_less.c - what is taken away of an order.
 */
#include "fulfill/domain/order_less.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/reversal.h"
#include "queue/clock.h"
#include "queue/fault.h"

#define REASON "cancelled by its sender"

static const Stmt LINES = {
	.name = "order_line.for_less",
	.sql = "SELECT l.line, p.sku, l.quantity, l.options, l.state, p.ticket_per,"
	       " (SELECT count(*) FROM remote_call r WHERE r.order_line_id = l.id)"
	       " FROM order_line l JOIN product p ON p.id = l.product_id"
	       " WHERE l.order_id = $1 AND l.state <> 'cancelled' ORDER BY l.id",
};
static const Stmt FEWER = {
	.name = "order_line.fewer",
	.sql = "UPDATE order_line SET quantity = $3 WHERE order_id = $1 AND line = $2",
};

/* A stored line, and how many of it are to stay. */
typedef struct Less {
	char *line;
	char *sku;
	char *options;
	int64_t quantity;
	int64_t stays;
	bool issued;
	bool one_ticket; /* for the whole line */
	bool making;     /* elsewhere */
} Less;

static void
less_free(void *data)
{
	Less *less = data;

	g_free(less->line);
	g_free(less->sku);
	g_free(less->options);
	g_free(less);
}

static GPtrArray *
load(Db *db, int64_t order_id, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(less_free);
	g_autoptr(DbRows) rows = db_query(db, &LINES, DB_ARGS(v_int(order_id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		Less *less = g_new(Less, 1);

		*less = (Less){
			.line = g_strdup(db_col_text(rows, 0)),
			.sku = g_strdup(db_col_text(rows, 1)),
			.quantity = db_col_int(rows, 2),
			.stays = db_col_int(rows, 2),
			.options = g_strdup(db_col_text(rows, 3)),
			.issued = strcmp(db_col_text(rows, 4), "issued") == 0,
			.one_ticket = strcmp(db_col_text(rows, 5), "line") == 0,
			.making = db_col_int(rows, 6) > 0,
		};
		g_ptr_array_add(list, less);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

static Less *
find(const GPtrArray *list, const char *line)
{
	for (guint i = 0; i < list->len; i++) {
		Less *less = g_ptr_array_index(list, i);

		if (strcmp(less->line, line) == 0)
			return less;
	}
	return NULL;
}

/* ---- what is asked for ---- */

static json_t *
option_json(const OrderOption *option)
{
	json_t *list;

	if (option->words == NULL)
		return json_integer(option->number);
	list = json_array();
	for (char **word = option->words; *word != NULL; word++)
		json_array_append_new(list, json_string(*word));
	return list;
}

/* Does the document ask for an option to be other than it is?  What it does not mention
 * may stay. */
static const char *
other_option(const OrderLine *line, const char *stored)
{
	json_t *options = stored != NULL ? json_loads(stored, 0, NULL) : NULL;
	const char *other = NULL;

	for (guint i = 0; i < line->options->len && other == NULL; i++) {
		const OrderOption *option = g_ptr_array_index(line->options, i);
		json_t *is = json_object_get(options, option->name);
		json_t *asked = option_json(option);

		if (json_is_string(is)) /* a day */
			other =
			    option->words == NULL || option->words[0] == NULL ||
				    strcmp(option->words[0], json_string_value(is)) != 0
				? option->name
				: NULL;
		else
			other = json_equal(is, asked) ? NULL : option->name;
		json_decref(asked);
	}
	json_decref(options);
	return other;
}

/* Fewer than there are, but not none. */
static void
check_part(OrderDraft *draft, const Less *less)
{
	if (less->stays == 0 || less->stays == less->quantity)
		return;
	if (less->one_ticket && less->issued)
		order_draft_error(draft, E_ORDER_STATE, less->line, "quantity",
		    "line '%s' has one ticket for all: it can only be cancelled whole",
		    less->line);
	else if (less->making && !less->issued)
		order_draft_error(draft, E_ORDER_STATE, less->line, "quantity",
		    "the tickets of line '%s' are being made: cancel it whole, or wait",
		    less->line);
}

static void
ask_line(OrderDraft *draft, const OrderLine *line, Less *less)
{
	const char *option;

	if (less == NULL && line->quantity == 0) {
		order_draft_error(draft, E_LINE_UNKNOWN, line->line, "line",
		    "order '%s' has no open line '%s'", draft->number, line->line);
		return;
	}
	if (less == NULL) {
		order_draft_error(draft, E_ORDER_STATE, line->line, "line",
		    "order '%s' is issued: what is new in it is a new order",
		    draft->number);
		return;
	}
	less->stays = line->quantity;
	if (less->stays == 0)
		return;
	if (line->product != NULL && strcmp(line->product, less->sku) != 0)
		order_draft_error(draft, E_ORDER_STATE, line->line, "product",
		    "line '%s' is issued, and is '%s': cancel it and order '%s' anew",
		    line->line, less->sku, line->product);
	else if ((option = other_option(line, less->options)) != NULL)
		order_draft_error(draft, E_ORDER_STATE, line->line, "options",
		    "line '%s' is issued: its %s cannot be changed", line->line, option);
	else if (less->stays > less->quantity)
		order_draft_error(draft, E_ORDER_STATE, line->line, "quantity",
		    "line '%s' is issued with %" G_GINT64_FORMAT
		    ": what is more is a new order",
		    line->line, less->quantity);
	else
		check_part(draft, less);
}

static void
ask_cancel(OrderDraft *draft, const OrderLine *line, Less *less)
{
	if (less == NULL) {
		order_draft_error(draft, E_LINE_UNKNOWN, line->line, "line",
		    "order '%s' has no open line '%s'", draft->number, line->line);
		return;
	}
	if (line->quantity > less->quantity) {
		order_draft_error(draft, E_QUANTITY, line->line, "quantity",
		    "line '%s' has %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT,
		    line->line, less->quantity, line->quantity);
		return;
	}
	less->stays = line->quantity > 0 ? less->quantity - line->quantity : 0;
	check_part(draft, less);
}

/* ---- doing it ---- */

static bool
reverse_some(DbTx *tx, const OrderDraft *draft, const Less *less, Day today, int64_t n,
    GError **error)
{
	Reversal how = { .day = today, .mode = CREDIT_FULL, .reason = REASON };
	g_autoptr(GArray) ids = reversal_pick(
	    tx->db, draft->source, draft->number, less->line, (int)n, error);

	return ids != NULL && licences_reverse(tx, ids, &how, error);
}

static bool
take_away(DbTx *tx, const OrderDraft *draft, const OrderPolicy *policy, int64_t order_id,
    const GPtrArray *list, GError **error)
{
	Day today = day_of(
	    policy->today_at != 0 ? policy->today_at : clock_now_at(), policy->zone);
	int n;

	for (guint i = 0; i < list->len; i++) {
		const Less *less = g_ptr_array_index(list, i);

		if (less->stays == less->quantity)
			continue;
		if (less->stays == 0) {
			if (!order_cancel(tx, draft->source, draft->number, less->line,
				REASON, today, &n, error))
				return false;
			continue;
		}
		if ((less->issued && !reverse_some(tx, draft, less, today,
					 less->quantity - less->stays, error)) ||
		    !db_exec(tx->db, &FEWER,
			DB_ARGS(v_int(order_id), v_text(less->line), v_int(less->stays)),
			NULL, error))
			return false;
		FAULT("order.less");
	}
	return true;
}

/* `none`: what no line of the document asks for goes. */
static bool
reduce(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, int64_t order_id,
    bool none, void (*ask)(OrderDraft *draft, const OrderLine *line, Less *less),
    GError **error)
{
	g_autoptr(GPtrArray) list = load(tx->db, order_id, error);

	if (list == NULL)
		return false;
	for (guint i = 0; none && i < list->len; i++)
		((Less *)g_ptr_array_index(list, i))->stays = 0;
	for (guint i = 0; i < draft->lines->len; i++) {
		const OrderLine *line = g_ptr_array_index(draft->lines, i);

		ask(draft, line, find(list, line->line));
	}
	return draft->errors->len > 0 ||
	       take_away(tx, draft, policy, order_id, list, error);
}

bool
order_less(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy, int64_t order_id,
    GError **error)
{
	return reduce(
	    tx, draft, policy, order_id, draft->kind == ORDER_REPLACE, ask_line, error);
}

bool
order_less_cancel(DbTx *tx, OrderDraft *draft, const OrderPolicy *policy,
    int64_t order_id, GError **error)
{
	return reduce(
	    tx, draft, policy, order_id, draft->lines->len == 0, ask_cancel, error);
}
