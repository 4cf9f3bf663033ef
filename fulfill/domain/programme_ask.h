/*
 * programme_ask.h - what an employee asks for by mail: a ticket now, or no more of it.
 *
 *   nfr [NAME]        the NFR ticket of a programme: given, or, where the person has one
 *                     already, sent once more; the schedule goes on with it
 *   demo [N] [NAME]   a demo ticket of N days (without N: of the programme's term)
 *   stop [NAME]       ends what programmes renew, or what NAME says, today: tickets are
 *                     called back, and no run gives new ones until the person asks again
 *
 * NAME is a programme, a product, or (stop) the number of a ticket: T00000017.  Needed
 * only where several would do.
 *
 * Only programmes with "per_month" give tickets by mail: so many in a civil month to one
 * person.  The audience, the term of the programme (the longest a demo may run) and the
 * product's range for days hold as well, and so does the last day of employment.
 */
#pragma once

#include "fulfill/domain/programme_plan.h"

typedef enum AskVerb { ASK_NFR, ASK_DEMO, ASK_STOP, ASK_HELP } AskVerb;

typedef struct Ask {
	const IssueContext *issue;
	AskVerb verb;
	const char *argument; /* what stood behind the verb; never NULL */
	const ProgrammePerson *person;
	int64_t mail_id;  /* the key: one mail gives one ticket */
	int resend_daily; /* how often a ticket leaves once more in 24 hours */
} Ask;

/* To be freed.  Both NULL: done, and a mail about it is on its way. */
typedef struct AskAnswer {
	char *reason; /* why nothing was done */
	char *news;
} AskAnswer;

void ask_answer_clear(AskAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AskAnswer, ask_answer_clear)

/* In the transaction that settles the mail. */
bool programme_ask(DbTx *tx, const Ask *ask, AskAnswer *ret, GError **error) MUST_USE;

/* Did the person stop this product, in this employment, and not ask for it since? */
bool programme_stopped(Db *db, const ProgrammePerson *person, int64_t product_id,
    bool *ret, GError **error) MUST_USE;
