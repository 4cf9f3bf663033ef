/*
 * cmd_work.c - work in the foreground, and the supervisor.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/supervise.h"
#include "fulfill/domain/audit.h"
#include "fulfill/work/run.h"

static gboolean opt_drain;
static char *opt_kinds;

const GOptionEntry opt_work[] = {
	{ "drain", 0, 0, G_OPTION_ARG_NONE, &opt_drain, "stop when nothing is due",
	    NULL },
	{ "kinds", 0, 0, G_OPTION_ARG_STRING, &opt_kinds,
	    "of issue,mail,print,intake,chores,remote; default: all", "LIST" },
	{ 0 },
};

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

typedef struct Bar {
	int64_t most;
	bool shown;
} Bar;

/* "[#########-----------]  45 %  2,310 left  mails 1,905  batches 1" on one line. */
static void
draw(void *user, const RunProgress *p)
{
	enum { WIDTH = 24 };
	Bar *bar = user;
	int64_t done = p->orders + p->batches + p->mail.sent + p->mail.failed;
	int64_t whole;
	int filled;

	bar->most = MAX(bar->most, done + p->pending);
	whole = MAX(bar->most, 1);
	filled = (int)(WIDTH * MIN(done, whole) / whole);
	fprintf(stderr,
	    "\r[%.*s%.*s] %3d %%  %" G_GINT64_FORMAT " left  orders %" G_GINT64_FORMAT
	    "  mails %" G_GINT64_FORMAT "  batches %" G_GINT64_FORMAT "\033[K",
	    filled, "########################", WIDTH - filled,
	    "------------------------", (int)(100 * MIN(done, whole) / whole), p->pending,
	    p->orders, p->mail.sent, p->batches);
	fflush(stderr);
	bar->shown = true;
}

static void
print_summary(const Cmd *cmd, const RunProgress *done)
{
	json_t *summary;

	if (!cmd->json) {
		if (!cmd->quiet)
			fprintf(stderr,
			    "%" G_GINT64_FORMAT " orders issued, %" G_GINT64_FORMAT
			    " mails sent, %" G_GINT64_FORMAT " put off, %" G_GINT64_FORMAT
			    " in doubt, %" G_GINT64_FORMAT " failed, %" G_GINT64_FORMAT
			    " batches written\n",
			    done->orders, done->mail.sent, done->mail.put_off,
			    done->mail.doubt, done->mail.failed, done->batches);
		return;
	}
	summary = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "orders_issued",
	    done->orders, "mails_sent", done->mail.sent, "mails_put_off",
	    done->mail.put_off, "mails_doubt", done->mail.doubt, "mails_failed",
	    done->mail.failed, "batches_written", done->batches);
	json_dumpf(summary, stdout, 0);
	putchar('\n');
	json_decref(summary);
}

int
cmd_work(Cmd *cmd, GError **error)
{
	Bar bar = { 0 };
	RunOptions options = {
		.kinds = RUN_ALL,
		.drain = opt_drain,
		.stop = &stop,
		.progress = cmd->progress ? draw : NULL,
		.user = &bar,
	};
	struct sigaction action = { .sa_handler = on_signal };
	RunProgress done = { 0 };
	bool ok;

	if (opt_kinds != NULL && !run_kinds_parse(opt_kinds, &options.kinds, error))
		return -1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	audit_actor_set("worker");
	ok = run_worker(cmd->work, &options, &done, error);
	if (bar.shown)
		fputc('\n', stderr);
	print_summary(cmd, &done);
	return ok ? EX_OK : -1;
}

int
cmd_run(Cmd *cmd, GError **error)
{
	return supervise(cmd->settings_path, cmd->settings, error);
}
