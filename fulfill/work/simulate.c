/*
 * simulate.c - day by day: chores, orders, mails.
 */
#include "fulfill/work/simulate.h"

#include <string.h>

#include "fulfill/domain/delivery.h"
#include "fulfill/work/chores.h"
#include "fulfill/work/issue_turn.h"
#include "queue/clock.h"
#include "queue/db_copy.h"
#include "queue/limits.h"

/* What is played of chores.def, in this order: whatever the calendar drives and nothing
 * that reaches outside the store. */
static const char *const played[] = {
	"subscriptions",
	"exchanges",
	"programmes",
};

/* Attachments are not looked at. */
static const char *const without[] = { "mail_part", NULL };

#define ORDERS 500

typedef struct Play {
	Work work; /* of the copy */
	JournalMark mark;
	Day day;
	SimulateFn fn;
	void *user;
	GArray *mails; /* ids, of this day, that carry tickets */
} Play;

static void
note(void *user, const JournalEntry *entry)
{
	Play *play = user;

	if (entry->mail_id != 0 && (strcmp(entry->detail, "ticket") == 0 ||
				       strcmp(entry->detail, "digest") == 0))
		g_array_append_val(play->mails, entry->mail_id);
	play->fn(play->user, play->day, entry);
}

/* They are sent, and arrive. */
static bool
deliver(Play *play, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (play->mails->len == 0)
		return true;
	if (!db_begin(play->work.db, DB_WRITE, &tx, error))
		return false;
	for (guint i = 0; i < play->mails->len; i++) {
		int64_t id = g_array_index(play->mails, int64_t, i);

		if (!delivery_move(
			&tx, DELIVERY_OF_MAIL, id, DELIVERY_START, NULL, NULL, error) ||
		    !delivery_move(
			&tx, DELIVERY_OF_MAIL, id, DELIVERY_SUCCEED, NULL, NULL, error))
			return false;
	}
	g_array_set_size(play->mails, 0);
	return db_commit(&tx, error);
}

static bool
play_day(Play *play, GError **error)
{
	g_autoptr(IssueTurn) turn = issue_turn_new(&play->work);
	int issued;
	int open;

	clock_set_at(day_end_at(play->day, play->work.zone) - US_PER_S);
	for (size_t i = 0; i < G_N_ELEMENTS(played); i++) {
		if (!chores_do(&play->work, played[i], error)) {
			g_prefix_error(error, "%s: ", played[i]);
			return false;
		}
	}
	do {
		if (!issue_turn(turn, ORDERS, NULL, &issued, &open, error))
			return false;
	} while (open > 0);
	return journal_since(play->work.db, &play->mark, note, play, error) &&
	       deliver(play, error);
}

static bool
play_all(Play *play, Day to, GError **error)
{
	if (!journal_mark(play->work.db, &play->mark, error))
		return false;
	for (; day_cmp(play->day, to) <= 0; play->day = day_add_days(play->day, 1)) {
		if (!play_day(play, error)) {
			char text[DAY_CHARS];

			g_prefix_error(error, "%s: ", day_format(play->day, text));
			return false;
		}
	}
	return true;
}

bool
simulate(const Work *work, Day from, Day to, SimulateFn fn, void *user, GError **error)
{
	Play play = { .work = *work, .day = from, .fn = fn, .user = user };
	bool ok;

	if (day_cmp(from, to) > 0)
		return err_set(error, TP_ERROR_INVALID, "the span ends before it begins");
	if (day_diff(from, to) >= LIMIT_SIMULATE_DAYS)
		return err_set(error, TP_ERROR_INVALID, "a span has at most %d days",
		    LIMIT_SIMULATE_DAYS);
	play.work.db = db_copy_to_memory(work->db, without, error);
	if (play.work.db == NULL)
		return false;
	play.mails = g_array_new(FALSE, FALSE, sizeof(int64_t));
	ok = play_all(&play, to, error);
	clock_set_at(0);
	g_array_unref(play.mails);
	db_close(play.work.db);
	return ok;
}
