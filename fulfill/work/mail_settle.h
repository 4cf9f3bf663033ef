/*
 * mail_settle.h - one message in a worker's hands, and what becomes of its job.
 */
#pragma once

#include "fulfill/domain/mail_out.h"
#include "fulfill/work/mail_pump.h"
#include "fulfill/work/render_mail.h"
#include "mailer/sender.h"

typedef enum MailFate {
	FATE_OPEN,
	FATE_SENT,
	FATE_RETRY,     /* this message: later, along the curve */
	FATE_ROUTE,     /* the route: given back untouched */
	FATE_GIVE_BACK, /* not tried */
	FATE_HELD,      /* cannot be made: a person must look */
	FATE_FAILED,    /* never */
	FATE_DOUBT,     /* nobody knows */
} MailFate;

typedef struct MailItem {
	MailPump *pump;
	Job *job;
	MailOut *mail; /* NULL: its row is gone */
	RenderedMail rendered;
	GError *error; /* why it cannot be made */
	MailFate fate;
	char *detail;       /* reply or reason, one line */
	int64_t due_at;     /* of FATE_GIVE_BACK */
	JobState state;     /* where its job went */
	bool blames_domain; /* the recipient's domain refuses us as a sender */
} MailItem;

/* Takes job and mail. */
MailItem *mail_item_new(MailPump *pump, Job *job, MailOut *mail);
void mail_item_free(MailItem *item);

/* Sets the fate. */
void mail_item_outcome(MailItem *item, const SenderResult *result);
void mail_item_unfit(MailItem *item); /* `error` says why */
void mail_item_give_back(MailItem *item, int64_t due_at);

/* Is there nothing to render: no row, or only recalled tickets?  Sets the fate. */
bool mail_item_is_hopeless(MailItem *item);
bool mail_item_blames_route(const MailItem *item);
bool mail_item_was_sent(const MailItem *item);
void mail_item_count(const MailItem *item, MailPumpStats *stats);

/* Settles every item of `items` within `tx`; one whose lease was lost is left alone. */
bool mail_settle_all(Work *work, DbTx *tx, GQueue *items, GError **error) MUST_USE;

/* Messages that the queue gave up by itself, because their workers vanished too often:
 * their deliveries have failed, and the owner is told. */
bool mail_settle_forsaken(Work *work, DbTx *tx, GError **error) MUST_USE;
