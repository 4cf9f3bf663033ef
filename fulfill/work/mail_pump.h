/*
 * mail_pump.h - jobs of kind "mail": claimed, rendered ahead, armed, handed over,
 * settled.
 *
 * One loop, one render thread.  A message goes through these hands:
 *
 *   claimed -> rendering -> rendered -> armed -> in flight -> to be settled
 *
 * Arming, settling and claiming of many messages share one commit.  While there is more
 * to render, commits wait for company (GROUP_WAIT_US); when nothing else is under way
 * they happen at once, so that a single order is not kept waiting.
 *
 * A message is armed, and that is committed, before its first byte leaves; its outcome is
 * committed before its connection says anything more.  A crash between leaves the job
 * `acting`, which becomes doubt: the same bytes are sent once more after
 * mail.doubt_after, or a person decides (mail.on_doubt).
 */
#pragma once

#include "fulfill/work/work.h"

typedef struct MailPump MailPump;

/* Opens the transport and starts the render thread. */
MailPump *mail_pump_new(Work *work, GError **error) MUST_USE;

/* Ends what is in flight (doubt after the final dot), settles it, gives back the rest. */
void mail_pump_free(MailPump *pump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailPump, mail_pump_free)

/*
 * One turn: settle, claim, submit, and wait for results for up to `wait_ms`.  `may_claim`
 * false: finish what is there.  *ret_open counts the messages in hand afterwards; 0 means
 * that nothing was due.
 */
bool mail_pump_turn(
    MailPump *pump, bool may_claim, int wait_ms, int *ret_open, GError **error) MUST_USE;

/* Messages settled since the start, by outcome. */
typedef struct MailPumpStats {
	int64_t sent;
	int64_t put_off;
	int64_t failed;
	int64_t doubt;
} MailPumpStats;

/*
 * A commit of somebody else takes what waits for one along: outcomes are settled,
 * rendered messages are armed, new ones are claimed, those of `tx` itself too.  Between
 * two turns; mail_pump_joined() always follows, even where it was not asked to join, and
 * says what became of the commit.
 */
bool mail_pump_join(MailPump *pump, DbTx *tx, GError **error) MUST_USE;
void mail_pump_joined(MailPump *pump, bool committed);
void mail_pump_stats(const MailPump *pump, MailPumpStats *ret);
