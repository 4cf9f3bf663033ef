/*
 * chores.c - asks the timers, and does one slice at a time.
 */
#include "fulfill/work/chores.h"

#include "fulfill/work/log.h"
#include "fulfill/work/remote_turn.h"
#include "fulfill/work/pool_chore.h"
#include "fulfill/work/print_make.h"
#include "fulfill/work/spool_turn.h"
#include "fulfill/work/subscription_chore.h"
#include "fulfill/work/privacy_run.h"
#include "fulfill/work/programme_chore.h"
#include "fulfill/work/report_send.h"
#include "fulfill/work/retention.h"
#include "fulfill/work/mail_in_turn.h"
#include "queue/clock.h"
#include "queue/timer.h"

static bool
chore_checkpoint(Work *work, bool *ret_more, GError **error)
{
	*ret_more = false;
	return db_checkpoint(work->db, error);
}

static const struct {
	const char *name;
	int every_s;
	ChoreFn fn;
} table[] = {
#define CHORE(name, every_s, function, sentence) { name, every_s, function },
#include "fulfill/work/chores.def"
#undef CHORE
};

struct Chores {
	int64_t ask_us[G_N_ELEMENTS(table)]; /* monotonic: when to ask its timer next */
	bool forced[G_N_ELEMENTS(table)];    /* to be done once, due or not */
	size_t current;                      /* its end is not reached; n: none */
};

Chores *
chores_new(bool all)
{
	Chores *chores = g_new0(Chores, 1);

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		chores->forced[i] = all;
	chores->current = G_N_ELEMENTS(table);
	return chores;
}

void
chores_free(Chores *chores)
{
	g_free(chores);
}

const char *
chores_name(size_t i)
{
	return i < G_N_ELEMENTS(table) ? table[i].name : NULL;
}

/* 1: it is ours to do now.  The timer is written only when it is due, so that an idle
 * gateway leaves its disk in peace. */
static int
take(Work *work, size_t i, GError **error)
{
	g_autofree char *name = g_strconcat("chore/", table[i].name, NULL);
	g_auto(DbTx) tx = DB_TX_INIT;
	int due = timer_is_due(work->db, name, error);
	int taken;

	if (due <= 0)
		return due;
	if (!db_begin(work->db, DB_WRITE, &tx, error) ||
	    !timer_ensure(&tx, name, table[i].every_s, error))
		return -1;
	taken = timer_take(&tx, name, error);
	return taken < 0 || !db_commit(&tx, error) ? -1 : taken;
}

/* The next chore to do, as `current`. */
static bool
choose(Chores *chores, Work *work, GError **error)
{
	int64_t now_us = clock_monotonic_us();

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		int taken = 0;

		if (!chores->forced[i] && now_us < chores->ask_us[i])
			continue;
		chores->ask_us[i] = now_us + MIN(table[i].every_s, 60) * US_PER_S;
		taken = take(work, i, error);
		if (taken < 0)
			return false;
		if (taken == 0 && !chores->forced[i])
			continue;
		chores->forced[i] = false;
		chores->current = i;
		return true;
	}
	return true;
}

bool
chores_turn(Chores *chores, Work *work, bool *ret_busy, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	bool more = false;
	size_t i;

	*ret_busy = false;
	if (chores->current == G_N_ELEMENTS(table) && !choose(chores, work, error))
		return false;
	i = chores->current;
	if (i == G_N_ELEMENTS(table))
		return true;
	*ret_busy = true;
	if (table[i].fn(work, &more, &wrong)) {
		if (!more)
			chores->current = G_N_ELEMENTS(table);
		return true;
	}
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) ||
	    g_error_matches(wrong, TP_ERROR, TP_ERROR_UNCERTAIN)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	g_prefix_error(&wrong, "%s: ", table[i].name);
	log_error("chore.failed", wrong);
	chores->current = G_N_ELEMENTS(table);
	return true;
}

bool
chores_do(Work *work, const char *name, GError **error)
{
	bool more = true;
	size_t i = 0;

	while (i < G_N_ELEMENTS(table) && !g_str_equal(table[i].name, name))
		i++;
	if (i == G_N_ELEMENTS(table))
		return err_set(error, TP_ERROR_NOT_FOUND, "no chore '%s'", name);
	while (more)
		if (!table[i].fn(work, &more, error))
			return false;
	return true;
}
