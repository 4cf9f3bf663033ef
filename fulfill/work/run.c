/*
 * run.c - issue, mail, print, chores, in turns.
 */
#include "fulfill/work/run.h"

#include <string.h>

#include "fulfill/domain/delivery.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/work/chores.h"
#include "fulfill/work/drop.h"
#include "fulfill/work/imap_source.h"
#include "fulfill/work/issue_turn.h"
#include "fulfill/work/log.h"
#include "fulfill/work/mail_settle.h"
#include "fulfill/work/print_turn.h"
#include "fulfill/work/spool_turn.h"
#include "fulfill/work/privacy_run.h"
#include "fulfill/work/remote_turn.h"
#include "queue/clock.h"
#include "queue/job_admin.h"

#define SWEEP_US US_PER_S
#define PROGRESS_US (US_PER_S / 5)
#define IDLE_MS 250
#define INTAKE_US (US_PER_S / 4)
#define IMAP_US (60 * US_PER_S)
/* Calls between two looks at the mail connections: a service answers in its own time. */
#define REMOTE_SLICE 4

typedef struct Run {
	Work *work;
	const RunOptions *options;
	MailPump *pump;   /* NULL: no mail here */
	IssueTurn *issue; /* NULL: none here */
	Chores *chores;   /* NULL: none here */
	RunProgress progress;
	int64_t sweep_us;    /* monotonic: next sweep */
	int64_t progress_us; /* monotonic: next call of progress */
	int64_t intake_us;   /* monotonic: next look at the drop folder */
	int64_t imap_us;     /* monotonic: next look at the IMAP mailbox */
	int resting;         /* files there that are not complete yet */
	int busy_tries;
	bool lost_track; /* the reply to a commit was lost: what we hold is not known */
	bool restored;   /* the store is a backup: mail and paper wait for a person */
	bool lost_print; /* the store was locked when a print job was to be settled */
} Run;

static const struct {
	const char *name;
	RunKinds kind;
} kind_names[] = { { "issue", RUN_ISSUE }, { "mail", RUN_MAIL }, { "print", RUN_PRINT },
	{ "spool", RUN_PRINT }, { "intake", RUN_INTAKE }, { "chores", RUN_CHORES },
	{ "remote", RUN_REMOTE } };

bool
run_kinds_parse(const char *text, RunKinds *ret, GError **error)
{
	g_auto(GStrv) words = g_strsplit(text, ",", -1);
	int kinds = 0;

	for (char **w = words; *w != NULL; w++) {
		size_t i = 0;

		while (
		    i < G_N_ELEMENTS(kind_names) && strcmp(kind_names[i].name, *w) != 0)
			i++;
		if (i == G_N_ELEMENTS(kind_names))
			return err_set(error, TP_ERROR_INVALID,
			    "'%s' is not a kind of work: issue, mail, print, intake, "
			    "chores, remote",
			    *w);
		kinds |= (int)kind_names[i].kind;
	}
	*ret = (RunKinds)kinds;
	return true;
}

static bool
stopping(const Run *run)
{
	return run->options->stop != NULL && *run->options->stop != 0;
}

/* A store that was restored believes that mails and cards are still to be sent which left
 * long ago.  Nothing leaves until a person has looked. */
static bool
look_whether_restored(Run *run, GError **error)
{
	bool before = run->restored;

	if (!db_is_backup(run->work->db, &run->restored, error))
		return false;
	if (run->restored && !before)
		log_event(LOG_WARNING, "store.restored", "held", "mail and paper", "hint",
		    "ticketpost queue release --all", NULL);
	return true;
}

/* Is this kind of work done here, and now? */
static bool
does(const Run *run, RunKinds kind)
{
	return (run->options->kinds & kind) != 0 &&
	       !(run->restored && (kind & RUN_OUTWARD) != 0);
}

static bool
sweep(Run *run, int64_t now_us, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t n;

	if (now_us < run->sweep_us)
		return true;
	run->sweep_us = now_us + SWEEP_US;
	if (!look_whether_restored(run, error))
		return false;
	if (!job_sweep(run->work->db, &n, error))
		return false;
	if (n == 0)
		return true;
	log_event(LOG_WARNING, "queue.lapsed", NULL);
	return db_begin(run->work->db, DB_WRITE, &tx, error) &&
	       delivery_follow_doubt(&tx, error) &&
	       print_batch_follow_doubt(&tx, error) &&
	       mail_settle_forsaken(run->work, &tx, error) && db_commit(&tx, error);
}

/* Of the kinds that are worked on here: due, or in some worker's hands. */
static bool
count_pending(Run *run, int64_t *ret, GError **error)
{
	*ret = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(kind_names); i++) {
		int64_t n;

		if (!does(run, kind_names[i].kind))
			continue;
		if (!job_pending(run->work->db, kind_names[i].name, &n, error))
			return false;
		*ret += n;
	}
	return true;
}

static bool
show_progress(Run *run, int64_t now_us, bool last, GError **error)
{
	if (run->options->progress == NULL || (now_us < run->progress_us && !last))
		return true;
	run->progress_us = now_us + PROGRESS_US;
	if (run->pump != NULL)
		mail_pump_stats(run->pump, &run->progress.mail);
	if (!count_pending(run, &run->progress.pending, error))
		return false;
	run->options->progress(run->options->user, &run->progress);
	return true;
}

/* One round over all kinds.  *ret_busy: there was something to do. */
static bool
turn(Run *run, bool *ret_busy, GError **error)
{
	RunKinds kinds = run->options->kinds;
	int64_t now_us = clock_monotonic_us();
	bool stop = stopping(run);
	int issued = 0;
	int claimed = 0; /* orders to be issued next */
	int open = 0;
	int printed = 0;
	int spooled = 0;
	int taken = 0;
	int mails = 0;
	int called = 0;
	bool chore = false;

	if (!sweep(run, now_us, error) || !show_progress(run, now_us, false, error))
		return false;
	if ((kinds & RUN_INTAKE) && !stop && now_us >= run->intake_us) {
		run->intake_us = now_us + INTAKE_US;
		if (!drop_scan(run->work, &taken, &run->resting, error))
			return false;
		if (now_us >= run->imap_us) {
			run->imap_us = now_us + IMAP_US;
			if (!imap_source_once(run->work, &mails, error))
				return false;
		}
	}
	if (run->chores != NULL && !stop &&
	    !chores_turn(run->chores, run->work, &chore, error))
		return false;
	if (run->issue != NULL && !stop) {
		int max = (int)settings_number(run->work->settings, SET_WORKER_BATCH);

		if (!issue_turn(run->issue, max, does(run, RUN_MAIL) ? run->pump : NULL,
			&issued, &claimed, error))
			return false;
		run->progress.orders += issued;
	}
	if (does(run, RUN_REMOTE) && !stop &&
	    !remote_turn(run->work, REMOTE_SLICE, &called, error))
		return false;
	if (run->pump != NULL && !mail_pump_turn(run->pump, !stop && does(run, RUN_MAIL),
				     claimed > 0 ? 0 : IDLE_MS, &open, error))
		return false;
	/* Cards gather while orders are still being issued. */
	if (does(run, RUN_PRINT) && !stop && claimed == 0) {
		run->lost_print = true;
		if (!print_turn(run->work, &printed, error))
			return false;
		run->lost_print = false;
		run->progress.batches += printed;
		if (!spool_turn(run->work, &spooled, error))
			return false;
	}
	*ret_busy = claimed > 0 || open > 0 || printed > 0 || spooled > 0 || taken > 0 ||
		    mails > 0 || called > 0 || chore;
	return true;
}

static bool
open_hands(Run *run, GError **error)
{
	if (run->options->kinds & RUN_ISSUE)
		run->issue = issue_turn_new(run->work);
	if (!(run->options->kinds & RUN_MAIL))
		return true;
	run->pump = mail_pump_new(run->work, error);
	return run->pump != NULL;
}

static void
empty_hands(Run *run)
{
	if (run->pump != NULL)
		mail_pump_stats(run->pump, &run->progress.mail);
	g_clear_pointer(&run->pump, mail_pump_free);
	g_clear_pointer(&run->issue, issue_turn_free);
}

/* What we hold and cannot account for goes back.  After a lost commit that is all of it,
 * and we begin anew: what was in the middle of being sent goes to doubt. */
static bool
give_back_lost(Run *run, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!run->lost_track && !run->lost_print)
		return true;
	if (run->lost_track)
		empty_hands(run);
	if (!db_begin(run->work->db, DB_WRITE, &tx, error) ||
	    !job_drop_leases(
		&tx, run->work->owner, run->lost_track ? NULL : JOB_KIND_PRINT, error) ||
	    !db_commit(&tx, error) || (run->lost_track && !open_hands(run, error)))
		return false;
	run->lost_track = run->lost_print = false;
	run->sweep_us = 0;
	return true;
}

/* A store that is locked is waited for; a claimed job is never given up because of it. */
static bool
ride_out(Run *run, GError **wrong, GError **error)
{
	bool lost = g_error_matches(*wrong, TP_ERROR, TP_ERROR_UNCERTAIN);

	if (!lost && !g_error_matches(*wrong, TP_ERROR, TP_ERROR_BUSY)) {
		g_propagate_error(error, g_steal_pointer(wrong));
		return false;
	}
	log_error(lost ? "store.lost" : "store.busy", *wrong);
	g_clear_error(wrong);
	run->lost_track |= lost;
	run->busy_tries = MIN(run->busy_tries + 1, 8);
	g_usleep((gulong)g_random_int_range(10000, 20000 << run->busy_tries));
	return true;
}

static bool
is_drained(Run *run, bool *ret, GError **error)
{
	int64_t pending;

	if (!count_pending(run, &pending, error))
		return false;
	*ret = pending == 0 && run->resting == 0;
	return true;
}

static bool
loop(Run *run, GError **error)
{
	for (;;) {
		g_autoptr(GError) wrong = NULL;
		bool busy = false;
		bool drained = false;

		if (!give_back_lost(run, &wrong) || !turn(run, &busy, &wrong)) {
			if (!ride_out(run, &wrong, error))
				return false;
			continue;
		}
		run->busy_tries = 0;
		if (busy)
			continue;
		if (stopping(run))
			return true;
		if (run->options->drain && !is_drained(run, &drained, error))
			return false;
		if (drained)
			return true;
		if (db_wait(run->work->db, run->options->drain ? 20 : IDLE_MS, &wrong) <
			0 &&
		    !ride_out(run, &wrong, error))
			return false;
	}
}

/* Leases of before a crash or a restore end first, so that their mails can be withdrawn.
 */
static bool
begin(Run *run, GError **error)
{
	bool more;

	return sweep(run, clock_monotonic_us(), error) &&
	       chore_erasures(run->work, &more, error);
}

bool
run_worker(Work *work, const RunOptions *options, RunProgress *ret, GError **error)
{
	Run run = { .work = work, .options = options };
	g_autoptr(Chores) chores =
	    options->kinds & RUN_CHORES ? chores_new(options->drain) : NULL;
	bool ok;

	run.chores = chores;
	ok = begin(&run, error) && open_hands(&run, error) && loop(&run, error) &&
	     show_progress(&run, 0, true, error);
	empty_hands(&run);
	if (ret != NULL)
		*ret = run.progress;
	return ok;
}
