/*
 * cmd_simulate.c - a year ahead, in seconds.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/money.h"
#include "fulfill/work/simulate.h"

static char *opt_from;
static char *opt_to;
static gboolean opt_summary;

const GOptionEntry opt_simulate[] = {
	{ "from", 0, 0, G_OPTION_ARG_STRING, &opt_from, "the first day (default: today)",
	    "DAY" },
	{ "to", 0, 0, G_OPTION_ARG_STRING, &opt_to, "needed: the last day", "DAY" },
	{ "summary", 0, 0, G_OPTION_ARG_NONE, &opt_summary, "counts for each month only",
	    NULL },
	{ 0 },
};

/* What is told of each month and of the whole. */
static const char *const counted[] = { "mail", "printed", "sold", "renewed", "ended",
	"exchanged", "recalled" };

typedef struct Told {
	bool json;
	bool summary;
	json_t *days;   /* --json: one object for each day on which something happens */
	json_t *months; /* --summary */
	json_t *totals;
	char day[DAY_CHARS];
} Told;

static void
count(json_t *counts, const char *what)
{
	json_object_set_new(counts, what,
	    json_integer(json_integer_value(json_object_get(counts, what)) + 1));
}

static json_t *
zeros(void)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < G_N_ELEMENTS(counted); i++)
		json_object_set_new(counts, counted[i], json_integer(0));
	return counts;
}

/* The last of `list` is that of `key`, or becomes it. */
static json_t *
last_of(json_t *list, const char *name, const char *key)
{
	json_t *last = json_array_get(list, json_array_size(list) - 1);

	if (last != NULL &&
	    strcmp(json_string_value(json_object_get(last, name)), key) == 0)
		return last;
	last = strcmp(name, "day") == 0 ? json_pack("{s:[]}", "events") : zeros();
	json_object_set_new(last, name, json_string(key));
	json_array_append_new(list, last);
	return last;
}

static char *
amount_text(const JournalEntry *e)
{
	Money money = { .minor = e->amount_minor };

	if (e->currency == NULL || e->amount_minor == 0)
		return NULL;
	g_strlcpy(money.currency, e->currency, sizeof(money.currency));
	return money_format(money);
}

static void
put(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static json_t *
entry_json(const JournalEntry *e)
{
	g_autofree char *amount = amount_text(e);
	json_t *object = json_pack("{s:s}", "what", e->what);

	if (e->ticket_id != 0)
		json_object_set_new(object, "ticket_id", json_integer(e->ticket_id));
	if (e->term != 0)
		json_object_set_new(object, "term", json_integer(e->term));
	put(object, "order", e->order);
	put(object, "product", e->product);
	put(object, "holder", e->holder);
	put(object, "last_day", e->last_day);
	put(object, "amount", amount);
	put(object, "to", e->to);
	put(object, "subject", e->subject);
	put(object, "detail", e->detail);
	return object;
}

/* One line; a day stands before its first. */
static void
print_entry(Told *told, const char *day, const JournalEntry *e)
{
	g_autofree char *amount = amount_text(e);
	bool same = strcmp(told->day, day) == 0;

	g_strlcpy(told->day, day, sizeof(told->day));
	printf("%-10s  %-9s", same ? "" : day, e->what);
	if (e->mail_id != 0)
		printf("  %s to %s", e->subject != NULL ? e->subject : e->detail, e->to);
	if (e->product != NULL)
		printf("  %s", e->product);
	if (e->order != NULL && e->mail_id == 0)
		printf("  order %s", e->order);
	if (e->holder != NULL)
		printf("  %s", e->holder);
	if (e->last_day != NULL)
		printf("  to %s", e->last_day);
	if (amount != NULL)
		printf("  %s", amount);
	if (e->detail != NULL && e->mail_id == 0)
		printf("  (%s)", e->detail);
	putchar('\n');
}

static void
tell(void *user, Day day, const JournalEntry *entry)
{
	Told *told = user;
	char text[DAY_CHARS];
	char month[8];

	day_format(day, text);
	count(told->totals, entry->what);
	if (told->summary) {
		g_strlcpy(month, text, sizeof(month));
		count(last_of(told->months, "month", month), entry->what);
	} else if (told->json) {
		json_array_append_new(
		    json_object_get(last_of(told->days, "day", text), "events"),
		    entry_json(entry));
	} else {
		print_entry(told, text, entry);
	}
}

static bool
span(const Cmd *cmd, Day *ret_from, Day *ret_to, GError **error)
{
	*ret_from = day_today(cmd->work->zone);
	if (opt_to == NULL)
		return err_set(error, TP_ERROR_INVALID, "--to is needed: the last day");
	return (opt_from == NULL || day_parse(opt_from, ret_from, error)) &&
	       day_parse(opt_to, ret_to, error);
}

static void
finish(const Cmd *cmd, Told *told, Day from, Day to)
{
	static const Column months[] = {
		{ "MONTH", "month", false },
		{ "MAILS", "mail", true },
		{ "PRINTED", "printed", true },
		{ "SOLD", "sold", true },
		{ "RENEWED", "renewed", true },
		{ "ENDED", "ended", true },
		{ "EXCHANGED", "exchanged", true },
		{ "RECALLED", "recalled", true },
		{ NULL, NULL, false },
	};
	char a[DAY_CHARS];
	char b[DAY_CHARS];
	json_t *document = json_pack("{s:s, s:s, s:O}", "from", day_format(from, a), "to",
	    day_format(to, b), "totals", told->totals);

	if (told->summary)
		json_object_set(document, "months", told->months);
	else
		json_object_set(document, "days", told->days);
	if (cmd->json || told->summary) {
		table_print(cmd, document, "months", months);
		return;
	}
	json_decref(document);
	printf("%s to %s:", a, b);
	for (size_t i = 0; i < G_N_ELEMENTS(counted); i++)
		printf("%s %" JSON_INTEGER_FORMAT " %s", i > 0 ? "," : "",
		    json_integer_value(json_object_get(told->totals, counted[i])),
		    counted[i]);
	putchar('\n');
}

int
cmd_simulate(Cmd *cmd, GError **error)
{
	Told told = { .json = cmd->json, .summary = opt_summary };
	Day from;
	Day to;
	bool ok;

	if (!span(cmd, &from, &to, error))
		return -1;
	told.days = json_array();
	told.months = json_array();
	told.totals = zeros();
	ok = simulate(cmd->work, from, to, tell, &told, error);
	if (ok)
		finish(cmd, &told, from, to);
	json_decref(told.days);
	json_decref(told.months);
	json_decref(told.totals);
	return ok ? EX_OK : -1;
}
