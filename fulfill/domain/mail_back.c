/*
 * mail_back.c - bounced deliveries and their next way.
 */
#include "fulfill/domain/mail_back.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/mail_stop.h"
#include "fulfill/domain/ticket.h"
#include "queue/job_admin.h"

static const Stmt TICKETS = {
	.name = "delivery.tickets_of_mail",
	.sql = "SELECT d.ticket_id FROM delivery d WHERE d.mail_id = $1"
	       " AND d.state IN ('sent', 'inflight', 'doubt') ORDER BY d.id",
};
static const Stmt CHANNELS = {
	.name = "party.channels_of_ticket",
	.sql = "SELECT p.channels FROM ticket t JOIN licence l ON l.id = t.licence_id"
	       " JOIN party p ON p.id = l.party_id WHERE t.id = $1",
};

/* The channel behind email in the party's list; "" when there is none.  The caller's. */
static bool
next_channel(
    DbTx *tx, int64_t ticket_id, const char *fallback, char **ret, GError **error)
{
	g_autofree char *list = NULL;
	g_auto(GStrv) names = NULL;

	*ret = NULL;
	if (strcmp(fallback, "off") == 0)
		return true;
	if (strcmp(fallback, "party") != 0) {
		*ret = g_strdup(fallback);
		return true;
	}
	if (db_find_text(tx->db, &CHANNELS, DB_ARGS(v_int(ticket_id)), &list, error) < 0)
		return false;
	names = g_strsplit(list != NULL ? list : "", ",", -1);
	for (int i = 0; names[i] != NULL && *ret == NULL; i++)
		if (strcmp(names[i], "email") != 0)
			*ret = g_strdup(names[i]);
	return true;
}

bool
mail_back_failed(DbTx *tx, const IssueContext *context, const MailBack *back,
    int64_t *ret_n, int64_t *ret_fallback, GError **error)
{
	g_autoptr(GArray) tickets =
	    db_list_ints(tx->db, &TICKETS, DB_ARGS(v_int(back->mail_id)), error);
	g_autofree char *detail = g_strdup_printf("%s: %s", back->class, back->reason);

	*ret_n = 0;
	*ret_fallback = 0;
	if (tickets == NULL || !delivery_move(tx, DELIVERY_OF_MAIL, back->mail_id,
				   DELIVERY_BOUNCE, detail, ret_n, error))
		return false;
	if (*ret_n == 0)
		return true;
	/* It may wait in doubt for its next try. */
	if (!job_cancel_ref(tx, JOB_KIND_MAIL, back->mail_id, "it came back", error) ||
	    !audit_add(tx, AUDIT_BOUNCED, "mail", back->mail_id, back->class, error))
		return false;
	for (guint i = 0; i < tickets->len; i++) {
		int64_t id = g_array_index(tickets, int64_t, i);
		g_autofree char *channel = NULL;
		int planned = 0;

		if (!next_channel(tx, id, back->fallback, &channel, error))
			return false;
		if (channel != NULL)
			planned = issue_reroute(tx, context, id, channel, error);
		if (planned < 0)
			return false;
		*ret_fallback += planned;
	}
	return true;
}

bool
mail_back_complaint(DbTx *tx, const MailBack *back, GError **error)
{
	return audit_add(
		   tx, AUDIT_COMPLAINT, "mail", back->mail_id, back->reason, error) &&
	       mail_stop_reader(
		   tx, back->mail_id, MAIL_STOP_COMPLAINT, back->reason, error) >= 0;
}
