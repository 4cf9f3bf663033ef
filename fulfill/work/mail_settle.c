/*
 * mail_settle.c - outcomes become job states, delivery states, audit rows and log lines.
 */

/* clang-format off */
/*
 * outcome of the sender            job                 deliveries   who waits
 * -------------------------------  ------------------  -----------  --------------------------
 * SENT                             done                sent
 * TEMPFAIL of message, recipient   ready, along curve  ready        this message
 *   ... the last one               dead                failed       the owner is told
 * TEMPFAIL of the domain           ready, along curve  ready        the domain; the owner
 * is told TEMPFAIL of the route            ready, untouched    ready        the route
 * PERMFAIL                         dead                failed       the owner is told
 * UNCERTAIN                        doubt               doubt        mail.doubt_after, or a person
 * cannot be rendered               held                held         a person
 * all its tickets were recalled    dead                as they are  nobody
 */
/* clang-format on */
#include "fulfill/work/mail_settle.h"

#include <string.h>

#include "fulfill/domain/mail_key.h"
#include "fulfill/work/log.h"
#include "fulfill/work/notice.h"
#include "queue/job_admin.h"

MailItem *
mail_item_new(MailPump *pump, Job *job, MailOut *mail)
{
	MailItem *item = g_new0(MailItem, 1);

	item->pump = pump;
	item->job = job;
	item->mail = mail;
	return item;
}

void
mail_item_free(MailItem *item)
{
	if (item == NULL)
		return;
	job_free(item->job);
	mail_out_free(item->mail);
	rendered_mail_clear(&item->rendered);
	g_clear_error(&item->error);
	g_free(item->detail);
	g_free(item);
}

void
mail_item_outcome(MailItem *item, const SenderResult *result)
{
	item->detail = g_strdup(result->text);
	rendered_mail_clear(&item->rendered); /* it can be made again; memory cannot */
	switch (result->outcome) {
	case MAIL_SENT:
		item->fate = FATE_SENT;
		break;
	case MAIL_TEMPFAIL:
		item->fate = result->scope == MAIL_SCOPE_ROUTE ? FATE_ROUTE : FATE_RETRY;
		item->blames_domain = result->scope == MAIL_SCOPE_DOMAIN;
		break;
	case MAIL_PERMFAIL:
		item->fate = FATE_FAILED;
		break;
	case MAIL_UNCERTAIN:
		item->fate = FATE_DOUBT;
		break;
	}
}

void
mail_item_unfit(MailItem *item)
{
	item->fate = FATE_HELD;
	item->detail = g_strdup(item->error->message);
}

void
mail_item_give_back(MailItem *item, int64_t due_at)
{
	item->fate = FATE_GIVE_BACK;
	item->due_at = due_at;
}

bool
mail_item_is_hopeless(MailItem *item)
{
	if (item->error != NULL) {
		mail_item_unfit(item);
		return true;
	}
	if (!item->mail->recalled)
		return false;
	item->fate = FATE_FAILED;
	item->detail = g_strdup("the ticket was recalled");
	return true;
}

bool
mail_item_blames_route(const MailItem *item)
{
	return item->fate == FATE_ROUTE;
}

bool
mail_item_was_sent(const MailItem *item)
{
	return item->fate == FATE_SENT;
}

void
mail_item_count(const MailItem *item, MailPumpStats *stats)
{
	stats->sent += item->fate == FATE_SENT;
	stats->failed += item->state == JOB_DEAD;
	stats->doubt += item->fate == FATE_DOUBT;
	stats->put_off += item->fate == FATE_RETRY && item->state == JOB_READY;
}

static JobHow
how_of(const MailItem *item)
{
	switch (item->fate) {
	case FATE_SENT:
		return JOB_HOW_DONE;
	case FATE_RETRY:
		return JOB_HOW_RETRY;
	case FATE_FAILED:
		return JOB_HOW_FAIL;
	case FATE_DOUBT:
		return JOB_HOW_LOST;
	case FATE_OPEN:
	case FATE_ROUTE:
	case FATE_GIVE_BACK:
	case FATE_HELD:
		break;
	}
	return JOB_HOW_RELEASE;
}

static void
tell(const MailItem *item)
{
	static const struct {
		const char *event;
		LogLevel level;
	} words[] = {
		[FATE_OPEN] = { "mail.open", LOG_DEBUG },
		[FATE_SENT] = { "mail.sent", LOG_INFO },
		[FATE_RETRY] = { "mail.put_off", LOG_INFO },
		[FATE_ROUTE] = { "mail.route", LOG_INFO },
		[FATE_GIVE_BACK] = { "mail.given_back", LOG_DEBUG },
		[FATE_HELD] = { "mail.held", LOG_ERROR },
		[FATE_FAILED] = { "mail.failed", LOG_WARNING },
		[FATE_DOUBT] = { "mail.doubt", LOG_WARNING },
	};
	char job[24];
	char mail[24];
	char try[16];

	g_snprintf(job, sizeof(job), "%" G_GINT64_FORMAT, item->job->id);
	g_snprintf(mail, sizeof(mail), "%" G_GINT64_FORMAT, item->job->ref);
	g_snprintf(try, sizeof(try), "%d", item->job->attempt);
	log_event(words[item->fate].level,
	    item->state == JOB_DEAD ? "mail.given_up" : words[item->fate].event, "job",
	    job, "mail", mail, "try", try, "reply", item->detail, NULL);
}

static bool
give_up(Work *work, DbTx *tx, const Job *job, const MailOut *mail, const char *reason,
    GError **error)
{
	GivenUp given_up = { mail, job->subject, reason, job->attempt };

	return mail_out_given_up(tx, job->ref, reason, error) &&
	       notice_given_up(work, tx, &given_up, error);
}

/* What the domain keeps of it. */
static bool
record(Work *work, DbTx *tx, MailItem *item, GError **error)
{
	int64_t id = item->job->ref;

	if (item->state == JOB_DEAD)
		return give_up(work, tx, item->job, item->mail, item->detail, error);
	switch (item->fate) {
	case FATE_SENT:
		return mail_out_sent(tx, id, item->detail, error);
	case FATE_DOUBT:
		if (strcmp(settings_text(work->settings, SET_MAIL_ON_DOUBT), "hold") ==
			0 &&
		    !job_hold_ref(
			tx, JOB_KIND_MAIL, id, "in doubt: it may have been sent", error))
			return false;
		return mail_out_lost(tx, id, item->detail, error);
	case FATE_HELD:
		return job_hold_ref(tx, JOB_KIND_MAIL, id, item->detail, error) &&
		       mail_out_held(tx, id, item->detail, error);
	case FATE_RETRY:
	case FATE_ROUTE:
	case FATE_GIVE_BACK:
	case FATE_OPEN:
	case FATE_FAILED:
		break;
	}
	if (item->blames_domain &&
	    !notice_domain_refuses(work, tx, item->mail, item->detail, error))
		return false;
	return mail_out_put_off(tx, id, item->detail, error);
}

static bool
settle(Work *work, DbTx *tx, MailItem *item, GError **error)
{
	int settled = job_settle(
	    tx, item->job, how_of(item), item->detail, item->due_at, &item->state, error);

	if (settled < 0)
		return false;
	if (settled == 0) {
		item->fate =
		    FATE_OPEN; /* the lease was lost: the new owner speaks for it */
		return true;
	}
	/* What was made is needed as long as the mail may leave again. */
	if (item->rendered.encrypted && item->state != JOB_READY &&
	    item->state != JOB_DOUBT && !mail_made_drop(tx, item->job->ref, error))
		return false;
	return record(work, tx, item, error);
}

bool
mail_settle_all(Work *work, DbTx *tx, GQueue *items, GError **error)
{
	for (GList *l = items->head; l != NULL; l = l->next) {
		if (!settle(work, tx, l->data, error))
			return false;
		tell(l->data);
	}
	return true;
}

bool
mail_settle_forsaken(Work *work, DbTx *tx, GError **error)
{
	g_autoptr(GPtrArray) jobs = mail_out_forsaken(tx->db, error);

	if (jobs == NULL)
		return false;
	for (guint i = 0; i < jobs->len; i++) {
		const JobInfo *info = jobs->pdata[i];
		g_autoptr(MailOut) mail = mail_out_get(tx->db, info->ref, error);
		GivenUp given_up = { mail, info->subject, info->last_error,
			info->attempts };

		if (mail == NULL ||
		    !mail_out_given_up(tx, info->ref, info->last_error, error) ||
		    !notice_given_up(work, tx, &given_up, error))
			return false;
		log_event(LOG_WARNING, "mail.given_up", "subject", info->subject, "reply",
		    info->last_error, NULL);
	}
	return true;
}
