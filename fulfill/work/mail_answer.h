/*
 * mail_answer.h - what a proved sender is told about its orders: one reply for each.
 *
 * To read: the text "answer".  For machines: result.json, as of `order submit --json`,
 * and where the order came as UBL or openTRANS an OrderResponse or ORDERRESPONSE.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/domain/mail_sender.h"
#include "fulfill/intake/intake.h"
#include "fulfill/work/work.h"

/* Whom, and in answer to what.  Borrows from what it was made of. */
typedef struct MailAnswer {
	int64_t mail_id;
	const char *message_id; /* of the mail, or NULL */
	const char *subject;
	const MailSender *to;
} MailAnswer;

MailAnswer mail_answer_to(
    const MailIn *mail, const json_t *record, const MailSender *sender);

/*
 * Plans the reply about one order.  `result` is its entry in the list of `order submit`;
 * `draft` NULL: a document that could not be read.  In the transaction that settles the
 * mail.
 */
bool mail_answer_plan(Work *work, DbTx *tx, const MailAnswer *answer,
    const json_t *result, const OrderDraft *draft, IntakeFormat format,
    GError **error) MUST_USE;

/* The mail looked like an order and had nothing that can be read (winmail.dat, a PDF
 * without data): says so, at most once a day to one address. */
bool mail_answer_none(Work *work, DbTx *tx, const MailAnswer *answer,
    const json_t *record, GError **error) MUST_USE;
