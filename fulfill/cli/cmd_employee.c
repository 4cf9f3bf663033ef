/*
 * cmd_employee.c - the staff: who is there, and a new list of it.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/programme_list.h"
#include "fulfill/work/staff_file.h"
#include "fulfill/work/submit.h"

static char *opt_on;
static int opt_max_drop = -1;
static gboolean opt_all;
static gboolean opt_dry_run;

const GOptionEntry opt_employee_list[] = {
	{ "on", 0, 0, G_OPTION_ARG_STRING, &opt_on,
	    "employed on this day (default: today)", "DAY" },
	{ "all", 0, 0, G_OPTION_ARG_NONE, &opt_all, "also those who left or come later",
	    NULL },
	{ 0 },
};
const GOptionEntry opt_employee_sync[] = {
	{ "max-drop", 0, 0, G_OPTION_ARG_INT, &opt_max_drop,
	    "may lose so many per cent of the people (default: [staff] max_drop)", "N" },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &opt_dry_run,
	    "say what would happen, change nothing", NULL },
	{ 0 },
};

static void
add_row(void *user, const EmployeeRow *r)
{
	json_array_append_new(user,
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:I}", "id", r->code, "email",
		r->email, "name", json_text(r->name), "language", json_text(r->language),
		"department", json_text(r->department), "from", r->from_day, "until",
		json_text(r->until_day), "plans", r->plans));
}

int
cmd_employee_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ID", "id", false },
		{ "NAME", "name", false },
		{ "EMAIL", "email", false },
		{ "DEPARTMENT", "department", false },
		{ "FROM", "from", false },
		{ "UNTIL", "until", false },
		{ "PLANS", "plans", true },
		{ NULL, NULL, false },
	};
	char text[DAY_CHARS];
	json_t *list;
	Day day = day_today(cmd->work->zone);

	if (opt_on != NULL && !day_parse(opt_on, &day, error))
		return -1;
	list = json_array();
	if (!employee_list(cmd->work->db, NULL, opt_all ? NULL : day_format(day, text),
		add_row, list, error)) {
		json_decref(list);
		return -1;
	}
	table_print(cmd, json_pack("{s:o}", "employees", list), "employees", columns);
	return EX_OK;
}

static void
add_plan(void *user, const PlanRow *r)
{
	json_array_append_new(user, plan_row_json(r));
}

int
cmd_employee_show(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "employee", "id", false },
		{ "name", "name", false },
		{ "email", "email", false },
		{ "language", "language", false },
		{ "department", "department", false },
		{ "from", "from", false },
		{ "until", "until", false },
		{ NULL, NULL, false },
	};
	static const Column plans[] = {
		{ "PROGRAMME", "programme", false },
		{ "PRODUCT", "product", false },
		{ "STATE", "state", false },
		{ "TICKET", "masked", false },
		{ "FROM", "first_day", false },
		{ "TO", "last_day", false },
		{ "REASON", "reason", false },
		{ NULL, NULL, false },
	};
	json_t *found = json_array();
	json_t *list = json_array();
	json_t *object;
	PlanFilter filter = { .employee = cmd->args[0] };
	bool ok = employee_list(cmd->work->db, cmd->args[0], NULL, add_row, found, error);

	if (ok && json_array_size(found) == 0)
		ok = err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no employee '%s'", cmd->args[0]);
	if (!ok || !plan_list(cmd->work->db, &filter, add_plan, list, error)) {
		json_decref(found);
		json_decref(list);
		return -1;
	}
	object = json_incref(json_array_get(found, 0));
	json_decref(found);
	if (cmd->json) {
		json_object_set_new(object, "plans", list);
		table_print_object(cmd, object, lines);
		return EX_OK;
	}
	table_print_object(cmd, object, lines);
	table_print(cmd, json_pack("{s:o}", "plans", list), "plans", plans);
	return EX_OK;
}

int
cmd_employee_sync(Cmd *cmd, GError **error)
{
	static const Column lines[] = {
		{ "joined", "joined", false },
		{ "came back", "rehired", false },
		{ "changed", "changed", false },
		{ "left", "left", false },
		{ "the same", "same", false },
		{ NULL, NULL, false },
	};
	g_auto(StaffSync) sync = { 0 };
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) wrong = NULL;
	StaffOptions options = { .dry_run = opt_dry_run, .max_drop = opt_max_drop };
	json_t *object;
	gsize size;
	const void *data;

	if (!submit_read(cmd->args[0], &bytes, &wrong)) {
		/* A list that does not come is as bad as an empty one. */
		if (!opt_dry_run && !staff_file_alarm(cmd->work, wrong->message, error))
			return -1;
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	data = g_bytes_get_data(bytes, &size);
	if (!staff_file_take(cmd->work, data, size, &options, &sync, error)) {
		g_prefix_error(error, "%s: ", cmd->args[0]);
		return -1;
	}
	object = staff_sync_json(&sync);
	json_object_set_new(object, "dry_run", json_boolean(opt_dry_run));
	if (!cmd->json) {
		static const char *const lists[] = { "joined", "rehired", "changed",
			"left" };

		for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
			json_object_set_new(object, lists[i],
			    json_integer((json_int_t)json_array_size(
				json_object_get(object, lists[i]))));
	}
	table_print_object(cmd, object, lines);
	return EX_OK;
}
