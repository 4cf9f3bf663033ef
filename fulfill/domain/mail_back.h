/*
 * mail_back.h - what the world says about a mail of ours: it came back, is late, arrived,
 * or somebody complained.
 *
 * The caller knows for sure that it is about this mail: a return path that only we can
 * make came back.
 */
#pragma once

#include "fulfill/domain/issue.h"
#include "queue/db.h"

typedef struct MailBack {
	int64_t mail_id;
	const char *class;  /* of mailer/bounce.h: "hard", "full" ... */
	const char *reason; /* one line, codes masked */
	/* Where its tickets go then: "party" (the next channel of the party), a channel,
	 * or "off". */
	const char *fallback;
} MailBack;

/*
 * Moves the deliveries of a mail that failed to bounced, and plans each of their tickets
 * by the fallback channel.  *ret_n counts deliveries that moved: 0 when the mail had come
 * back before, or carries no ticket.  *ret_fallback (may be NULL) counts those that have
 * another way.
 */
bool mail_back_failed(DbTx *tx, const IssueContext *context, const MailBack *back,
    int64_t *ret_n, int64_t *ret_fallback, GError **error) MUST_USE;

/* Somebody complained about a mail: it goes into the audit trail, and its reader gets no
 * more recurring mails. */
bool mail_back_complaint(DbTx *tx, const MailBack *back, GError **error) MUST_USE;
