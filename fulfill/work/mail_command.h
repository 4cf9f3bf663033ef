/*
 * mail_command.h - what resellers and customers may ask for by mail.
 *
 *   forward   the customer's address in the subject or on the first line, and the ticket:
 *             its code, its number, or the ticket mail itself attached; with "resend"
 *   resend    the ticket whose number (T00000017) stands in the subject goes once more to
 *             the address on file, never to another; for a proved user with "resend", or
 *             for who writes from that address; at most limits.resend_daily times a day
 *   status    of the order whose number stands in the subject, with "view"
 *   assign and so on, about a ticket     mail_life.h
 *   user and so on, about people         mail_people.h
 *   help      what there is
 *
 * Each takes a proved user, but resend to the address on file.  What is refused half-way
 * is undone.
 *
 * A proved user is answered.  Nobody else is: the ticket itself is the answer, or
 * nothing.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/work/mail_proof.h"

typedef struct MailCommand {
	json_t *outcome; /* for mail_in.outcome */
	char *held;      /* why the mail must wait for a person; NULL: it is done */
} MailCommand;

void mail_command_clear(MailCommand *command);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailCommand, mail_command_clear)

/* Borrowed. */
typedef struct MailReply {
	int64_t mail_id;
	const char *message_id; /* of the mail; NULL, like the rest: not known */
	const char *verb;       /* needed, like the address */
	const char *email;
	const char *name;
	const char *language;
	const char *reason; /* why it was not done; NULL: it was */
	const char *news;   /* beside that */
} MailReply;

/* The beginning of one: to which mail, about which command. */
MailReply mail_reply_to(const MailIn *mail, const json_t *record, const char *verb);

/* The answer to a command; one for a mail. */
bool mail_command_reply(
    Work *work, DbTx *tx, const MailReply *reply, GError **error) MUST_USE;

bool mail_command_do(Work *work, DbTx *tx, const MailIn *mail, const json_t *record,
    const MailProof *proof, MailCommand *ret, GError **error) MUST_USE;
