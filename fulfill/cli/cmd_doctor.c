/*
 * cmd_doctor.c - how our mail stands in the world.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/work/doctor.h"

static char *opt_resolver;

const GOptionEntry opt_doctor[] = {
	{ "resolver", 0, 0, G_OPTION_ARG_STRING, &opt_resolver,
	    "name server to ask; default: the system's", "ADDRESS[:PORT]" },
	{ 0 },
};

typedef struct Report {
	json_t *list;
	bool wrong;
} Report;

static void
add(void *user, const DoctorFinding *finding)
{
	Report *report = user;

	report->wrong |= finding->status == DOCTOR_WRONG;
	json_array_append_new(report->list,
	    json_pack("{s:s, s:s, s:s, s:s, s:o}", "check", finding->check, "about",
		finding->about, "status", doctor_status_name(finding->status), "text",
		finding->text, "cure", json_text(finding->cure)));
}

int
cmd_doctor(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "CHECK", "check", false },
		{ "STATUS", "status", false },
		{ "ABOUT", "about", false },
		{ "FOUND", "text", false },
		{ "WHAT TO DO", "cure", false },
		{ NULL, NULL, false },
	};
	Report report = { .list = json_array() };

	if (!doctor_run(cmd->work, opt_resolver, add, &report, error)) {
		json_decref(report.list);
		return -1;
	}
	table_print(cmd, json_pack("{s:o}", "checks", report.list), "checks", columns);
	return report.wrong ? EX_CONFIG : EX_OK;
}
