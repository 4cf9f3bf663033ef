/*
 * mail_stop.h - addresses that get no more recurring mails.
 *
 * Recurring are mails that come by a schedule and not by an order: reminders, renewals of
 * programmes, reports.  They stop when their reader complained at its provider (ARF),
 * asked for it (List-Unsubscribe), or a person says so.  Tickets and answers are not
 * concerned.
 */
#pragma once

#include "queue/db.h"

typedef enum MailStopWhy {
	MAIL_STOP_COMPLAINT,
	MAIL_STOP_REQUEST,
	MAIL_STOP_PERSON
} MailStopWhy;

/* The reader of mail `mail_id` gets no more.  1: from now on.  0: it was so already, or
 * there is no such mail (any more). */
int mail_stop_reader(DbTx *tx, int64_t mail_id, MailStopWhy why, const char *reason,
    GError **error) MUST_USE;

/* An address; a person decides.  CONFLICT: it is so already. */
bool mail_stop_add(
    DbTx *tx, const char *address, const char *reason, GError **error) MUST_USE;

/* Takes it back.  NOT_FOUND: it is not stopped. */
bool mail_stop_end(
    DbTx *tx, const char *address, const char *reason, GError **error) MUST_USE;

bool mail_stop_is(Db *db, const char *address, bool *ret, GError **error) MUST_USE;

typedef struct MailStopRow {
	const char *address;
	int64_t mail_id; /* 0: none */
	const char *why;
	const char *reason; /* or NULL */
	int64_t at;
} MailStopRow;

bool mail_stop_list(Db *db, void (*fn)(void *user, const MailStopRow *row), void *user,
    GError **error) MUST_USE;
