/*
 * mail_report.h - a report about a mail of ours: it failed, is late, or annoyed somebody.
 *
 * Believed only when a return path comes back that only we can make.
 *
 *   failed      its deliveries are bounced and take the next way; the owner is told once;
 *               programmes of its reader wait; a provider that refuses us as a sender
 *               rests, as it does when it says so at once
 *   complaint   its reader gets no more recurring mails, and the owner is told once
 *   delay       noted, nothing else; success likewise
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/work.h"

typedef enum MailReportKind {
	MAIL_REPORT_FAILED,
	MAIL_REPORT_COMPLAINT,
	MAIL_REPORT_DELAY,
} MailReportKind;

/* In the transaction that settles `mail`; `record` is what its reader found.
 * *ret_outcome is what became of it, or stays NULL when it is about no mail of ours. */
bool mail_report_take(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    MailReportKind kind, json_t **ret_outcome, GError **error) MUST_USE;
