/*
 * cmd.c - from argv to a row of cmd.def, and from an error to an exit code.
 */
#include "fulfill/cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/version.h"
#include "fulfill/domain/audit.h"
#include "fulfill/work/log.h"

typedef struct Row {
	const char *words;
	CmdRun *run;
	const GOptionEntry *options;
	CmdNeeds needs;
	int least;
	int most;
	const char *args;
	const char *help;
} Row;

static const Row rows[] = {
#define CMD(words, run, options, needs, least, most, args, help)                         \
	{ words, run, options, needs, least, most, args, help },
#include "fulfill/cli/cmd.def"
#undef CMD
};

char *cmd_reason;

const GOptionEntry opt_none[] = { { 0 } };
const GOptionEntry opt_reason[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ 0 },
};

bool
cmd_number(const char *text, const char *what, int64_t *ret, GError **error)
{
	char *end;

	*ret = g_ascii_strtoll(text, &end, 10);
	return (end != text && *end == '\0') ||
	       err_set(
		   error, TP_ERROR_INVALID, "'%s' is not the number of a %s", text, what);
}

static void
print_help(FILE *out)
{
	fprintf(out,
	    "ticketpost %s - turns licence orders into tickets and delivers them\n\n"
	    "usage: ticketpost [--config FILE] COMMAND [OPTION...] [ARGUMENT...]\n\n",
	    VERSION);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *usage = g_strconcat(
		    rows[i].words, *rows[i].args ? " " : "", rows[i].args, NULL);

		fprintf(out, "  %-28s %s\n", usage, rows[i].help);
	}
	fprintf(out,
	    "\nCOMMAND --help tells its options.  --json prints what a program can read."
	    "\nThe settings are found by --config, $TICKETPOST_CONFIG, ./ticketpost.conf,"
	    "\n/etc/ticketpost/ticketpost.conf.\n");
}

/* The place of the next word in argv that is not a global option; argc when there is
 * none. */
static int
next_word(int argc, char **argv, int i)
{
	for (; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0)
			i++;
		else if (argv[i][0] != '-' || argv[i][1] == '\0')
			return i;
	}
	return argc;
}

/* The command that argv names; its words are taken out of argv. */
static const Row *
find_row(int *argc, char **argv)
{
	int first = next_word(*argc, argv, 1);
	int second = next_word(*argc, argv, first + 1);

	if (first == *argc)
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *space = strchr(rows[i].words, ' ');
		size_t n = space != NULL ? (size_t)(space - rows[i].words)
					 : strlen(rows[i].words);

		if (strncmp(rows[i].words, argv[first], n) != 0 || argv[first][n] != '\0')
			continue;
		if (space == NULL) {
			memmove(&argv[first], &argv[first + 1],
			    (size_t)(*argc - first) * sizeof(*argv));
			(*argc)--;
			return &rows[i];
		}
		if (second < *argc && strcmp(space + 1, argv[second]) == 0) {
			memmove(&argv[second], &argv[second + 1],
			    (size_t)(*argc - second) * sizeof(*argv));
			memmove(&argv[first], &argv[first + 1],
			    (size_t)(*argc - first) * sizeof(*argv));
			*argc -= 2;
			return &rows[i];
		}
	}
	return NULL;
}

static int
complain(const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

	for (char **line = lines; *line != NULL; line++)
		fprintf(stderr, "ticketpost: %s\n", *line);
	return tp_error_exit_code(error);
}

static int usage_error(const char *format, ...) PRINTF(1, 2);

static int
usage_error(const char *format, ...)
{
	va_list args;

	fputs("ticketpost: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\n", stderr);
	return EX_USAGE;
}

static bool
open_needs(Cmd *cmd, CmdNeeds needs, GError **error)
{
	static const WorkNeeds needs_of[] = {
		[NEEDS_STORE] = WORK_STORE,
		[NEEDS_KEYS] = WORK_KEYS,
		[NEEDS_ALL] = WORK_ALL,
		[NEEDS_OLD_STORE] = WORK_UNMIGRATED,
	};

	if (needs == NEEDS_NOTHING)
		return true;
	cmd->settings_path = settings_locate(cmd->config, error);
	if (cmd->settings_path == NULL)
		return false;
	cmd->settings = settings_read(cmd->settings_path, error);
	if (cmd->settings == NULL)
		return false;
	if (needs == NEEDS_SETTINGS)
		return true;
	cmd->work = work_open(cmd->settings, needs_of[needs], error);
	return cmd->work != NULL;
}

static void
name_actor(void)
{
	const char *user = g_get_user_name();
	g_autofree char *actor =
	    g_strconcat("cli:", user != NULL ? user : "unknown", NULL);

	audit_actor_set(actor);
}

static int
run_row(const Row *row, Cmd *cmd)
{
	g_autoptr(GError) error = NULL;
	int code;

	if (cmd->n_args < row->least || (row->most >= 0 && cmd->n_args > row->most))
		return usage_error("usage: ticketpost %s %s (see 'ticketpost %s --help')",
		    row->words, row->args, row->words);
	name_actor();
	code = open_needs(cmd, row->needs, &error) ? row->run(cmd, &error) : -1;
	if (code < 0)
		code = complain(error);
	if (fflush(stdout) != 0 || ferror(stdout))
		code = code == EX_OK ? EX_IOERR : code;
	return code;
}

static int
parse_and_run(const Row *row, int argc, char **argv)
{
	Cmd cmd = { .words = row->words };
	g_autofree char *config = NULL;
	gboolean json = FALSE;
	gboolean quiet = FALSE;
	gboolean verbose = FALSE;
	g_autofree char *parameters = g_strconcat(row->words, " ", row->args, NULL);
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) wrong = NULL;
	const GOptionEntry common[] = {
		{ "config", 0, 0, G_OPTION_ARG_FILENAME, &config, "settings file",
		    "FILE" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL },
		{ "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "no progress", NULL },
		{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "log each event",
		    NULL },
		{ 0 },
	};
	g_autofree char *usage = NULL;
	int code;

	g_option_context_set_summary(context, row->help);
	g_option_context_add_main_entries(context, row->options, NULL);
	g_option_context_add_main_entries(context, common, NULL);
	usage = g_strdup_printf("ticketpost %s", parameters);
	g_set_prgname(usage);
	if (!g_option_context_parse(context, &argc, &argv, &wrong))
		return usage_error("%s: %s", row->words, wrong->message);
	g_set_prgname("ticketpost");
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argv++;
		argc--;
	}
	cmd.args = argv + 1;
	cmd.n_args = argc - 1;
	cmd.json = json;
	cmd.quiet = quiet;
	cmd.progress = !quiet && isatty(STDERR_FILENO);
	cmd.config = config;
	if (verbose)
		log_level_set(LOG_INFO);
	code = run_row(row, &cmd);
	work_close(cmd.work);
	settings_free(cmd.settings);
	g_free(cmd.settings_path);
	return code;
}

int
cmd_main(int argc, char **argv)
{
	int word = next_word(argc, argv, 1);
	const Row *row;

	for (int i = 1; i < word && i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			printf("ticketpost %s\n", VERSION);
			return EX_OK;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(stdout);
			return EX_OK;
		}
	}
	if (word >= argc) {
		print_help(stderr);
		return EX_USAGE;
	}
	row = find_row(&argc, argv);
	if (row == NULL)
		return usage_error("'%s%s%s' is not a command; see 'ticketpost --help'",
		    argv[word], word + 1 < argc ? " " : "",
		    word + 1 < argc ? argv[word + 1] : "");
	return parse_and_run(row, argc, argv);
}
