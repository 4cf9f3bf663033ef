/*
 * cmd_manual.c - manual pages and completion, written from the tables: what the program
 * has is what they tell.
 *
 * The pages are in scdoc's language; `make man` turns them into roff.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"

static const struct {
	const char *words;
	const GOptionEntry *options;
	const char *args;
	const char *help;
} rows[] = {
#define CMD(words, run, options, needs, least, most, args, help)                         \
	{ words, options, args, help },
#include "fulfill/cli/cmd.def"
#undef CMD
};

static const struct {
	const char *section; /* set in SECTION rows alone, with its help */
	const char *key;
	const char *type;
	const char *fallback;
	const char *help;
} settings[] = {
#define SECTION(name, help) { name, NULL, NULL, NULL, help },
#define SETTING(id, section, key, type, preset, help) { NULL, key, #type, preset, help },
#include "fulfill/work/settings.def"
#undef SECTION
#undef SETTING
};

static const GOptionEntry common[] = {
	{ "config", 0, 0, G_OPTION_ARG_FILENAME, NULL, "settings file", "FILE" },
	{ "json", 0, 0, G_OPTION_ARG_NONE, NULL, "print JSON, with stable keys", NULL },
	{ "quiet", 'q', 0, G_OPTION_ARG_NONE, NULL, "no progress", NULL },
	{ "verbose", 'v', 0, G_OPTION_ARG_NONE, NULL, "log each event", NULL },
	{ "help", 0, 0, G_OPTION_ARG_NONE, NULL, "what a command takes", NULL },
	{ 0 },
};

/* clang-format off */
static const struct {
	int code;
	const char *meaning;
} exits[] = {
	{ EX_OK,          "done" },
	{ EX_USAGE,       "the command line is wrong" },
	{ EX_DATAERR,     "the data is wrong: refused, as the answer or the message says" },
	{ EX_NOINPUT,     "there is no such thing" },
	{ EX_UNAVAILABLE, "the other side said no" },
	{ EX_SOFTWARE,    "an outcome nobody knows, or a fault of the program" },
	{ EX_IOERR,       "the system failed: disk, network" },
	{ EX_TEMPFAIL,    "not now: try again" },
	{ EX_NOPERM,      "not permitted" },
	{ EX_CONFIG,      "the settings, keys or schema have to be put right first" },
};
/* clang-format on */

/* Text as scdoc shows it unchanged. */
static char *
plain(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const char *c = text; *c != '\0'; c++) {
		if (strchr("\\*_[]|<>#`~", *c) != NULL || (*c == '.' && out->len == 0))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
	return g_string_free(out, FALSE);
}

static void
print_option(const GOptionEntry *option)
{
	g_autofree char *name = plain(option->long_name);
	g_autofree char *help = plain(option->description);
	g_autofree char *value =
	    plain(option->arg_description != NULL ? option->arg_description : "");

	if (option->short_name != 0)
		printf("\t*-%c*, ", option->short_name);
	else
		putchar('\t');
	printf("*--%s*%s%s%s\n\t\t%s\n\n", name, *value != '\0' ? " _" : "", value,
	    *value != '\0' ? "_" : "", help);
}

static void
print_options(const GOptionEntry *options)
{
	for (; options->long_name != NULL; options++)
		print_option(options);
}

static void
print_commands(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *words = plain(rows[i].words);
		g_autofree char *args = plain(rows[i].args);
		g_autofree char *help = plain(rows[i].help);

		printf("*%s* %s\n\t%s\n\n", words, args, help);
		print_options(rows[i].options);
	}
}

static void
print_page_1(void)
{
	printf(
	    "ticketpost(1)\n\n# NAME\n\n"
	    "ticketpost - turns licence orders into tickets and delivers them\n\n"
	    "# SYNOPSIS\n\n"
	    "*ticketpost* [*--config* _FILE_] _COMMAND_ [_OPTION_...] [_ARGUMENT_...]\n\n"
	    "# DESCRIPTION\n\n"
	    "An order comes in, by a file, a mail or a command; each unit of it becomes "
	    "a "
	    "licence with a ticket of 25 characters, which is delivered by mail, on "
	    "paper "
	    "or through a licence portal. A crash or a kill at any moment loses no "
	    "order, "
	    "issues no ticket twice and sends no mail without its ticket.\n\n"
	    "*ticketpost init* makes an instance that works at once; *ticketpost run* "
	    "does "
	    "its work until it is stopped, *ticketpost work --drain* what is due now.\n\n"
	    "# OPTIONS OF ALL COMMANDS\n\n");
	print_options(common);
	printf("# COMMANDS\n\n");
	print_commands();
	printf("# EXIT STATUS\n\n");
	for (size_t i = 0; i < G_N_ELEMENTS(exits); i++)
		printf("*%d*\n\t%s\n\n", exits[i].code, exits[i].meaning);
	printf("# ENVIRONMENT\n\n*TICKETPOST\\_CONFIG*\n\tthe settings file, when "
	       "*--config* "
	       "does not name one\n\n"
	       "# FILES\n\n_./ticketpost.conf_, _/etc/ticketpost/ticketpost.conf_\n\tthe "
	       "settings, when neither of those names them\n\n"
	       "# SEE ALSO\n\n*ticketpost.conf*(5)\n");
}

static void
print_page_5(void)
{
	printf(
	    "ticketpost.conf(5)\n\n# NAME\n\n"
	    "ticketpost.conf - settings of ticketpost\n\n"
	    "# DESCRIPTION\n\n"
	    "Sections in brackets, then lines of the form _key_=_value_; a line that "
	    "begins with # is a comment. Paths are relative to the file. A key that is "
	    "not known and a value that is wrong stop every command, with the line and "
	    "the reason. *ticketpost init* writes a file with every key in it.\n\n"
	    "A span of time is a number of seconds, or has a unit: 30s, 15min, 2h, "
	    "3d.\n\n");
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
		g_autofree char *help = plain(settings[i].help);
		g_autofree char *fallback =
		    plain(settings[i].fallback != NULL ? settings[i].fallback : "");
		g_autofree char *type = NULL;
		g_autofree char *key = NULL;

		if (settings[i].key == NULL) {
			printf("# \\[%s\\]\n\n%s\n\n", settings[i].section, help);
			continue;
		}
		type = g_ascii_strdown(settings[i].type, -1);
		key = plain(settings[i].key);
		printf("*%s* (%s%s%s)\n\t%s\n\n", key, type,
		    *fallback != '\0' ? "; default: " : "", fallback, help);
	}
	printf("# SEE ALSO\n\n*ticketpost*(1)\n");
}

/* ---- completion ---- */

static void
print_names(const GOptionEntry *options)
{
	for (; options->long_name != NULL; options++)
		printf(" --%s", options->long_name);
}

/* The first words, each once. */
static void
print_first_words(void)
{
	const char *before = "";

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		size_t n = strcspn(rows[i].words, " ");

		if (strncmp(rows[i].words, before, n) == 0 &&
		    (before[n] == '\0' || before[n] == ' '))
			continue;
		printf(" %.*s", (int)n, rows[i].words);
		before = rows[i].words;
	}
}

static void
print_completion(void)
{
	printf(
	    "# bash completion of ticketpost; made by `ticketpost debug manual bash`.\n"
	    "_ticketpost() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} first= second= word i\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tword=${COMP_WORDS[i]}\n"
	    "\t\tcase $word in\n"
	    "\t\t--config) ((i++)) ;;\n"
	    "\t\t-*) ;;\n"
	    "\t\t*) if [ -z \"$first\" ]; then first=$word; elif [ -z \"$second\" ]; "
	    "then "
	    "second=$word; fi ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\tlocal words= options=' --config --json --quiet --verbose --help'\n"
	    "\tcase \"$first $second\" in\n"
	    "\t' ') words='");
	print_first_words();
	printf("' ;;\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *space = strchr(rows[i].words, ' ');

		printf(
		    "\t'%s'%s) options+='", rows[i].words, space == NULL ? "' '*" : "");
		print_names(rows[i].options);
		printf("' ;;\n");
	}
	/* After the first word of two: the second ones. */
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *space = strchr(rows[i].words, ' ');
		size_t n = space != NULL ? (size_t)(space - rows[i].words) : 0;

		if (space == NULL ||
		    (i > 0 && strncmp(rows[i - 1].words, rows[i].words, n + 1) == 0))
			continue;
		printf("\t'%.*s ') words='", (int)n, rows[i].words);
		for (size_t k = i; k < G_N_ELEMENTS(rows); k++)
			if (strncmp(rows[k].words, rows[i].words, n + 1) == 0)
				printf(" %s", rows[k].words + n + 1);
		printf("' ;;\n");
	}
	printf("\tesac\n"
	       "\tcase $cur in\n"
	       "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
	       "\t*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
	       "\tesac\n"
	       "}\n"
	       "complete -o default -F _ticketpost ticketpost\n");
}

int
cmd_debug_manual(Cmd *cmd, GError **error)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} pages[] = {
		{ "1", print_page_1 },
		{ "5", print_page_5 },
		{ "bash", print_completion },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		if (strcmp(cmd->args[0], pages[i].name) == 0) {
			pages[i].print();
			return EX_OK;
		}
	}
	err_set(error, TP_ERROR_INVALID, "'%s' is no page: 1, 5, bash", cmd->args[0]);
	return -1;
}
