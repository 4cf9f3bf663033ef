/*
 * cmd_order.c - orders in, orders shown.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/order_rights.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"
#include "fulfill/work/submit.h"
#include "queue/day.h"

static char *opt_source;
static char *opt_state;
static char *opt_line;
static gboolean opt_dry_run;
static int opt_limit;

const GOptionEntry opt_order_submit[] = {
	{ "source", 0, 0, G_OPTION_ARG_STRING, &opt_source,
	    "of orders that name none (default: cli)", "NAME" },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run, "answer, take nothing",
	    NULL },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_order_list[] = {
	{ "state", 0, 0, G_OPTION_ARG_STRING, &opt_state,
	    "accepted, issued, held, cancelled", "STATE" },
	{ "source", 0, 0, G_OPTION_ARG_STRING, &opt_source, "of this source", "NAME" },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "at most so many", "N" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_order_show[] = {
	{ "source", 0, 0, G_OPTION_ARG_STRING, &opt_source, "of this source", "NAME" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_order_cancel[] = {
	{ "source", 0, 0, G_OPTION_ARG_STRING, &opt_source, "of this source", "NAME" },
	{ "line", 0, 0, G_OPTION_ARG_STRING, &opt_line, "this line only", "LINE" },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	ACTING_OPTION,
	{ 0 },
};

/* An error of the order stands with each of its lines; it is told once. */
static bool
is_among(const json_t *errors, const json_t *one)
{
	size_t i;
	json_t *other;

	json_array_foreach (errors, i, other) {
		if (other == one)
			return true;
	}
	return false;
}

/* For people: one line an order, and what is wrong with it. */
static void
print_answers(const json_t *answers)
{
	size_t i;
	json_t *order;

	json_array_foreach (answers, i, order) {
		const char *number = json_string_value(json_object_get(order, "order"));
		size_t l;
		json_t *line;

		printf("%-24s %s\n", number != NULL ? number : "-",
		    json_string_value(json_object_get(order, "status")));
		json_array_foreach (json_object_get(order, "lines"), l, line) {
			size_t e;
			json_t *wrong;

			json_array_foreach (json_object_get(line, "errors"), e, wrong) {
				if (is_among(json_object_get(order, "errors"), wrong))
					continue;
				printf("  line %s: %s %s: %s\n",
				    json_string_value(json_object_get(line, "line")),
				    json_string_value(json_object_get(wrong, "code")),
				    json_string_value(json_object_get(wrong, "field")),
				    json_string_value(json_object_get(wrong, "text")));
			}
		}
		json_array_foreach (json_object_get(order, "errors"), l, line) {
			const char *field =
			    json_string_value(json_object_get(line, "field"));

			printf("  %s %s: %s\n",
			    json_string_value(json_object_get(line, "code")),
			    field != NULL ? field : "order",
			    json_string_value(json_object_get(line, "text")));
		}
	}
}

int
cmd_order_submit(Cmd *cmd, GError **error)
{
	SubmitOptions options = {
		.source = opt_source != NULL ? opt_source : "cli",
		.dry_run = opt_dry_run,
	};
	SubmitCount count = { 0 };
	json_t *answers = json_array();
	bool ok = acting_user(cmd, &options.user_id, error);

	for (int i = 0; i < cmd->n_args && ok; i++) {
		g_autoptr(GBytes) bytes = NULL;

		ok = submit_read(cmd->args[i], &bytes, error);
		if (ok) {
			gsize size;
			const void *data = g_bytes_get_data(bytes, &size);

			ok = submit_bytes(
			    cmd->work, data, size, &options, answers, &count, error);
			if (!ok)
				g_prefix_error(error, "%s: ", cmd->args[i]);
		}
	}
	/* What was taken is told even when a later file could not be read. */
	if (cmd->json) {
		json_t *document = json_pack("{s:O}", "orders", answers);

		json_dumpf(document, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(document);
	} else {
		print_answers(answers);
		if (!cmd->quiet)
			fprintf(stderr, "%d accepted, %d duplicate, %d rejected%s\n",
			    count.accepted, count.duplicate, count.rejected,
			    opt_dry_run ? " (dry run: nothing was taken)" : "");
	}
	json_decref(answers);
	if (!ok)
		return -1;
	return count.rejected > 0 ? EX_DATAERR : EX_OK;
}

/* The lines of one order that are seen. */
typedef struct Lines {
	json_t *list;
	const Scope *scope;
	const char *party;
} Lines;

static json_t *
order_json(const OrderRow *row, GTimeZone *zone)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:I, s:I}",
	    "id", row->id, "order", row->number, "source", row->source, "party",
	    row->party, "customer", json_text(row->customer), "ordered_on",
	    row->ordered_day, "deliver_by", row->deliver_by, "deliver_to",
	    row->deliver_to, "state", row->state, "received",
	    json_time(row->received_at, zone), "n_lines", row->lines, "n_tickets",
	    row->tickets);
}

static void
add_order(void *user, const OrderRow *row)
{
	Listing *listing = user;

	json_array_append_new(listing->list, order_json(row, listing->zone));
}

static const Column order_columns[] = {
	{ "ORDER", "order", false },
	{ "SOURCE", "source", false },
	{ "STATE", "state", false },
	{ "PARTY", "party", false },
	{ "CUSTOMER", "customer", false },
	{ "BY", "deliver_by", false },
	{ "TO", "deliver_to", false },
	{ "LINES", "n_lines", true },
	{ "TICKETS", "n_tickets", true },
	{ NULL, NULL, false },
};

typedef struct Seeing {
	Db *db;
	const Scope *scope;
} Seeing;

static int
sees_order(void *user, const json_t *order, GError **error)
{
	const Seeing *seeing = user;

	return scope_has_order(seeing->db, seeing->scope,
	    json_integer_value(json_object_get(order, "id")), error);
}

/* Of a list of orders those that are seen, at most `limit`. */
static bool
keep_seen(Db *db, const Scope *scope, json_t *list, int limit, GError **error)
{
	Seeing seeing = { db, scope };

	return scope == NULL || acting_keep(list, limit, sees_order, &seeing, error);
}

int
cmd_order_list(Cmd *cmd, GError **error)
{
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };

	g_autoptr(Scope) scope = NULL;

	if (!acting_scope(cmd, RIGHT_VIEW, &scope, error) ||
	    !order_list(cmd->work->db, opt_state, opt_source, 0,
		scope != NULL ? 0 : opt_limit, add_order, &listing, error) ||
	    !keep_seen(cmd->work->db, scope, listing.list, opt_limit, error)) {
		json_decref(listing.list);
		return -1;
	}
	table_print(
	    cmd, json_pack("{s:o}", "orders", listing.list), "orders", order_columns);
	return EX_OK;
}

/* One order that is not seen is none. */
static bool
need_seen(Db *db, const Scope *scope, json_t *list, const char *number, GError **error)
{
	return keep_seen(db, scope, list, 1, error) &&
	       (json_array_size(list) == 1 ||
		   err_set(error, TP_ERROR_NOT_FOUND, "there is no order '%s'", number));
}

static void
add_line(void *user, const OrderLineRow *row)
{
	const Lines *lines = user;
	json_t *options;

	if (!scope_has_code(lines->scope, lines->party, row->sku))
		return;
	options = row->options != NULL ? json_loads(row->options, 0, NULL) : json_null();

	json_array_append_new(
	    lines->list, json_pack("{s:s, s:s, s:I, s:o, s:s, s:I}", "line", row->line,
			     "product", row->sku, "quantity", row->quantity, "options",
			     options, "state", row->state, "tickets", row->tickets));
}

static json_t *
tickets_of(Db *db, int64_t actor, const char *number, GError **error)
{
	TicketFilter filter = { .order = number };
	g_autoptr(GPtrArray) tickets = ticket_list(db, &filter, error);
	json_t *list;

	if (tickets == NULL)
		return NULL;
	list = json_array();
	for (guint i = 0; i < tickets->len; i++) {
		const Ticket *t = g_ptr_array_index(tickets, i);
		int seen = ticket_is_seen(db, actor, t->id, error);

		if (seen < 0) {
			json_decref(list);
			return NULL;
		}
		if (seen == 0)
			continue;
		json_array_append_new(
		    list, json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", t->id, "masked",
			      t->masked, "line", t->line, "product", t->sku, "state",
			      t->state));
	}
	return list;
}

int
cmd_order_show(Cmd *cmd, GError **error)
{
	static const Column line_columns[] = {
		{ "LINE", "line", false },
		{ "PRODUCT", "product", false },
		{ "QUANTITY", "quantity", true },
		{ "STATE", "state", false },
		{ "TICKETS", "tickets", true },
		{ NULL, NULL, false },
	};
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };
	g_autoptr(Scope) scope = NULL;
	json_t *lines = json_array();
	Lines seen = { .list = lines };
	json_t *tickets = NULL;
	json_t *order;
	int64_t actor;
	int64_t id;

	if (acting_user(cmd, &actor, error) &&
	    (actor == 0 ||
		(scope = scope_of(cmd->work->db, actor, RIGHT_VIEW, error)) != NULL) &&
	    order_resolve(cmd->work->db, opt_source, cmd->args[0], &id, error) &&
	    order_list(cmd->work->db, NULL, NULL, id, 1, add_order, &listing, error) &&
	    need_seen(cmd->work->db, scope, listing.list, cmd->args[0], error)) {
		seen.scope = scope;
		seen.party = json_string_value(
		    json_object_get(json_array_get(listing.list, 0), "party"));
		if (order_lines(cmd->work->db, id, add_line, &seen, error))
			tickets = tickets_of(cmd->work->db, actor, cmd->args[0], error);
	}
	if (tickets == NULL) {
		json_decref(listing.list);
		json_decref(lines);
		return -1;
	}
	order = json_incref(json_array_get(listing.list, 0));
	json_object_set_new(order, "lines", lines);
	json_object_set_new(order, "tickets", tickets);
	if (cmd->json) {
		table_print_object(cmd, order, NULL);
		json_decref(listing.list);
		return EX_OK;
	}
	table_print(
	    cmd, json_pack("{s:o}", "orders", listing.list), "orders", order_columns);
	putchar('\n');
	table_print(cmd, order, "lines", line_columns);
	return EX_OK;
}

/* A user needs the right to revoke what the order, or the line of it, has. */
static bool
may_cancel(DbTx *tx, int64_t actor, const char *number, GError **error)
{
	g_autoptr(OrderDraft) draft = order_draft_new();
	OrderPolicy policy = { .user_id = actor };
	int64_t id;

	if (actor == 0)
		return true;
	if (opt_line != NULL)
		order_draft_add_line(draft)->line = g_strdup(opt_line);
	if (!order_resolve(tx->db, opt_source, number, &id, error) ||
	    !order_rights_revoke(tx, draft, &policy, id, error))
		return false;
	return draft->errors->len == 0 ||
	       err_set(error, TP_ERROR_DENIED, "%s",
		   ((OrderError *)g_ptr_array_index(draft->errors, 0))->text);
}

int
cmd_order_cancel(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int tickets = 0;
	int64_t actor;

	if (!acting_user(cmd, &actor, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !may_cancel(&tx, actor, cmd->args[0], error) ||
	    !order_cancel(&tx, opt_source, cmd->args[0], opt_line,
		cmd_reason != NULL ? cmd_reason : "cancelled by an operator",
		day_today(cmd->work->zone), &tickets, error) ||
	    !db_commit(&tx, error))
		return -1;
	if (!cmd->quiet)
		fprintf(stderr, "cancelled; %d ticket%s recalled\n", tickets,
		    tickets == 1 ? "" : "s");
	return EX_OK;
}
