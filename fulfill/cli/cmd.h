/*
 * cmd.h - commands as a table: what each needs to be open before it runs, its arguments,
 * its options, its help.  The table is cmd.def; help and dispatch walk it.
 */
#pragma once

#include <jansson.h>

#include "fulfill/work/work.h"

/* What a command meets.  Fields are NULL when its row does not ask for them. */
typedef struct Cmd {
	const char *words; /* "order submit" */
	char **args;       /* NULL-terminated, without the words and options */
	int n_args;
	bool json;
	bool quiet;
	bool progress;      /* somebody watches: standard error is a terminal */
	const char *config; /* --config or NULL */
	char *settings_path;
	Settings *settings;
	Work *work;
} Cmd;

/* The exit code (sysexits), or -1 with error set. */
typedef int CmdRun(Cmd *cmd, GError **error);

typedef enum CmdNeeds {
	NEEDS_NOTHING,
	NEEDS_SETTINGS,
	NEEDS_STORE,     /* and settings */
	NEEDS_KEYS,      /* and store */
	NEEDS_ALL,       /* and texts and fonts */
	NEEDS_OLD_STORE, /* a store that may be behind */
} CmdNeeds;

#define CMD(words, run, options, needs, least, most, args, help)                         \
	CmdRun run;                                                                      \
	extern const GOptionEntry options[];
#include "fulfill/cli/cmd.def"
#undef CMD

/* The options of commands that have none of their own, and of those that have --reason
 * alone. */
extern const GOptionEntry opt_none[];
extern const GOptionEntry opt_reason[];

/* --reason of the command that runs, or NULL. */
extern char *cmd_reason;

/* The number of a `what` ("job", "batch") as a person writes it. */
bool cmd_number(
    const char *text, const char *what, int64_t *ret, GError **error) MUST_USE;

/* Picks the command from argv and runs it; prints errors; returns the exit code. */
int cmd_main(int argc, char **argv);
