/*
 * mail_pump.c - the loop of a mail worker.
 *
 * Looking for what a reply means?  See mailer/sender.h.  For what becomes of a job?
 * mail_settle.c.
 */
#include "fulfill/work/mail_pump.h"

#include <string.h>

#include "fulfill/domain/mail_key.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/work/logos.h"
#include "fulfill/work/log.h"
#include "fulfill/work/mail_rest.h"
#include "fulfill/work/mail_settle.h"
#include "fulfill/work/mail_transport.h"
#include "fulfill/work/render_mail.h"
#include "queue/clock.h"
#include "queue/fault.h"

/* Each commit costs the disk a sync: a group is worth waiting for while there is more to
 * render: 4/5 of a batch, or 2/5 where connections have nothing to send. */
#define GROUP_WAIT_US 250000
#define LONELY_WAIT_US 2000
#define CLAIM_AT                                                                         \
	4 /* with a quarter of a batch left, more is claimed whatever else waits */
#define LEASE_CHECK_US (30 * US_PER_S)
#define ROUTE_PAUSE_FIRST_US (5 * US_PER_S)
#define ROUTE_PAUSE_LONGEST_US (300 * US_PER_S)

struct MailPump {
	Work *work;
	const JobKind *kind;
	Sender *sender;
	GThread *thread;
	GQueue claimed;         /* waiting to be rendered */
	GAsyncQueue *to_render; /* MailItem *; the pump itself ends the thread */
	GAsyncQueue *from_render;
	int rendering;
	GQueue rendered; /* waiting to be armed */
	GQueue armed;    /* waiting for a connection */
	GQueue settling; /* have an outcome */
	GPtrArray *open; /* all items in hand */
	GPtrArray
	    *joining; /* MailItem *: claimed in a commit of somebody else; or NULL */
	int in_flight;
	int batch;
	int64_t
	    waiting_since_us; /* monotonic: first item in rendered or settling; 0: none */
	int64_t lease_check_us;
	int64_t pause_until_us; /* monotonic: the route is not tried before */
	int64_t pause_us;       /* the last pause */
	bool starved;           /* the last claim found nothing */
	int64_t claim_again_us;
	MailRest *rest; /* domains that refuse us */
	MailPumpStats stats;
};

static gpointer
render_loop(gpointer data)
{
	MailPump *pump = data;
	g_autoptr(MailRenderer) renderer = mail_renderer_new(pump->work);

	for (;;) {
		MailItem *item = g_async_queue_pop(pump->to_render);

		if ((void *)item == (void *)pump)
			return NULL;
		(void)!mail_render_final(
		    renderer, item->mail, &item->rendered, &item->error);
		g_async_queue_push(pump->from_render, item);
		sender_wakeup(pump->sender);
	}
}

static void
note_done(void *user, const SenderResult *result)
{
	MailItem *item = user;
	MailPump *pump = item->pump;

	mail_item_outcome(item, result);
	pump->in_flight--;
	g_queue_push_tail(&pump->settling, item);
}

MailPump *
mail_pump_new(Work *work, GError **error)
{
	Sender *sender = mail_transport_open(work, note_done, error);
	MailPump *pump;

	if (sender == NULL)
		return NULL;
	pump = g_new0(MailPump, 1);
	pump->work = work;
	pump->kind = job_kind_find(JOB_KIND_MAIL);
	pump->sender = sender;
	pump->batch = (int)settings_number(work->settings, SET_WORKER_BATCH);
	pump->to_render = g_async_queue_new();
	pump->from_render = g_async_queue_new();
	pump->rest = mail_rest_new();
	pump->open = g_ptr_array_new_with_free_func((GDestroyNotify)mail_item_free);
	pump->thread = g_thread_new("render", render_loop, pump);
	return pump;
}

/* A message is no longer ours to care for. */
static void
drop(MailPump *pump, MailItem *item)
{
	g_ptr_array_remove_fast(pump->open, item);
}

static void
collect_rendered(MailPump *pump)
{
	MailItem *item;

	while ((item = g_async_queue_try_pop(pump->from_render)) != NULL) {
		pump->rendering--;
		if (item->error != NULL) {
			mail_item_unfit(item);
			g_queue_push_tail(&pump->settling, item);
		} else {
			g_queue_push_tail(&pump->rendered, item);
		}
	}
}

/* Is it time for a commit?  When a group is full, when it waited long enough, or when a
 * connection would stand idle for want of armed messages.  Outcomes alone can wait. */
static bool
flush_is_due(MailPump *pump, int64_t now_us)
{
	guint waiting = pump->rendered.length + pump->settling.length;
	bool busy = pump->rendering > 0 || pump->claimed.length > 0;
	int64_t waited_us;

	if (waiting == 0) {
		pump->waiting_since_us = 0;
		return false;
	}
	if (pump->waiting_since_us == 0)
		pump->waiting_since_us = now_us;
	waited_us = now_us - pump->waiting_since_us;
	if (waiting >= (guint)MAX(pump->batch * 4 / 5, 1) || waited_us >= GROUP_WAIT_US)
		return true;
	if (pump->armed.length > 0 || sender_capacity(pump->sender) <= 0)
		return false;
	if (pump->rendered.length > 0)
		return pump->rendered.length >= (guint)(pump->batch * 2 / 5) ||
		       (!busy && (pump->in_flight == 0 || waited_us >= LONELY_WAIT_US));
	return pump->in_flight == 0 && !busy;
}

/* In hand and without an outcome. */
static int
unsent(const MailPump *pump)
{
	return (int)pump->open->len - (int)pump->settling.length;
}

/* May a commit claim as well? */
static bool
may_claim_now(const MailPump *pump, bool may_claim, int64_t now_us)
{
	return may_claim && unsent(pump) < pump->batch &&
	       now_us >= pump->pause_until_us &&
	       (!pump->starved || now_us >= pump->claim_again_us);
}

/* Marks every rendered message as about to leave. */
static bool
arm_rendered(MailPump *pump, DbTx *tx, GError **error)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new();

	for (GList *l = pump->rendered.head; l != NULL; l = l->next)
		g_ptr_array_add(jobs, ((MailItem *)l->data)->job);
	if (jobs->len == 0)
		return true;
	if (!job_arm(tx, jobs, error))
		return false;
	for (GList *l = pump->rendered.head; l != NULL; l = l->next) {
		MailItem *item = l->data;
		gsize size = g_bytes_get_size(item->rendered.bytes);

		if (FAULT_UNSAFE("mail.settle_first") &&
		    (job_settle(tx, item->job, JOB_HOW_DONE, NULL, 0, NULL, error) < 0))
			return false;
		if (!item->job->armed)
			continue;
		if (!mail_out_start(
			tx, item->mail->id, item->rendered.hash, (int64_t)size, error) ||
		    (item->rendered.encrypted &&
			!mail_made_keep(tx, item->mail->id, item->rendered.bytes, error)))
			return false;
	}
	return true;
}

/* Loads what was claimed; what cannot be loaded is settled like what cannot be rendered.
 */
static bool
load_claimed(MailPump *pump, GPtrArray *jobs, GPtrArray *items, GError **error)
{
	bool keys = false;

	if (jobs->len > 0 && !mail_key_any(pump->work->db, &keys, error))
		return false;
	for (guint i = 0; i < jobs->len; i++) {
		g_autoptr(GError) wrong = NULL;
		Job *job = g_ptr_array_index(jobs, i);
		MailItem *item;
		MailOut *mail = mail_out_get(pump->work->db, job->ref, &wrong);

		if (mail != NULL && keys &&
		    !mail_key_load(pump->work->db, mail, &wrong)) {
			mail_out_free(mail);
			mail = NULL;
		}

		if (mail == NULL &&
		    !g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
		item = mail_item_new(pump, job, mail);
		item->error = g_steal_pointer(&wrong);
		jobs->pdata[i] = NULL;
		g_ptr_array_add(items, item);
	}
	return true;
}

static bool
claim(MailPump *pump, DbTx *tx, GPtrArray *items, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	int got = job_claim_in(
	    tx, pump->kind, pump->work->owner, pump->batch - unsent(pump), jobs, error);

	return got >= 0 && load_claimed(pump, jobs, items, error);
}

/* Whole messages weigh 20 KB each: no more of them at once than a group needs. */
static void
feed_renderer(MailPump *pump)
{
	int made = pump->rendering + pump->in_flight + (int)pump->rendered.length +
		   (int)pump->armed.length;
	int most = MAX(pump->batch / 2, 1);

	while (made++ < most && !g_queue_is_empty(&pump->claimed)) {
		MailItem *item = g_queue_pop_head(&pump->claimed);

		pump->rendering++;
		/* The render thread has no store. */
		if (logos_need(pump->work->logos, pump->work->db, item->mail->context,
			&item->error))
			g_async_queue_push(pump->to_render, item);
		else
			g_async_queue_push(pump->from_render, item);
	}
}

/* After the commit: what was armed may leave, what was settled is done, what was claimed
 * is rendered. */
static void
move_on(MailPump *pump, GPtrArray *claimed)
{
	MailItem *item;

	while ((item = g_queue_pop_head(&pump->rendered)) != NULL) {
		if (item->job->armed)
			g_queue_push_tail(&pump->armed, item);
		else
			drop(pump, item); /* the lease was lost: another worker has it */
	}
	while ((item = g_queue_pop_head(&pump->settling)) != NULL) {
		mail_item_count(item, &pump->stats);
		drop(pump, item);
	}
	for (guint i = 0; i < claimed->len; i++) {
		item = g_ptr_array_index(claimed, i);
		g_ptr_array_add(pump->open, item);
		if (mail_item_is_hopeless(item)) {
			g_queue_push_tail(&pump->settling, item);
			continue;
		}
		g_queue_push_tail(&pump->claimed, item);
	}
	pump->waiting_since_us = 0;
	feed_renderer(pump);
}

/* All that waits for a commit; `claimed` gets the new messages. */
static bool
put_in(MailPump *pump, DbTx *tx, bool with_claim, int64_t now_us, GPtrArray *claimed,
    GError **error)
{
	return mail_settle_all(pump->work, tx, &pump->settling, error) &&
	       arm_rendered(pump, tx, error) &&
	       (!with_claim || (mail_rest_load(pump->rest, tx->db, now_us, error) &&
				   claim(pump, tx, claimed, error)));
}

static bool
commit_turn(MailPump *pump, bool with_claim, int64_t now_us, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GPtrArray) claimed = g_ptr_array_new();

	if (!db_begin(pump->work->db, DB_WRITE, &tx, error) ||
	    !put_in(pump, &tx, with_claim, now_us, claimed, error))
		goto failed;
	FAULT("mail.commit");
	if (!db_commit(&tx, error))
		goto failed;
	FAULT("mail.committed");
	if (with_claim) {
		pump->starved = claimed->len == 0;
		pump->claim_again_us = now_us + US_PER_S / 4;
	}
	move_on(pump, claimed);
	return true;
failed:
	g_ptr_array_set_free_func(claimed, (GDestroyNotify)mail_item_free);
	return false;
}

/* The server does not want us: nobody's fault, so everything unsent goes back untouched
 * and the route rests. */
static void
pause_route(MailPump *pump, int64_t now_us)
{
	MailItem *item;
	char seconds[24];

	pump->pause_us = pump->pause_us == 0
			     ? ROUTE_PAUSE_FIRST_US
			     : MIN(pump->pause_us * 2, ROUTE_PAUSE_LONGEST_US);
	pump->pause_until_us = now_us + pump->pause_us;
	while ((item = g_queue_pop_head(&pump->armed)) != NULL ||
	       (item = g_queue_pop_head(&pump->rendered)) != NULL ||
	       (item = g_queue_pop_head(&pump->claimed)) != NULL) {
		mail_item_give_back(item, clock_now_at() + pump->pause_us);
		g_queue_push_tail(&pump->settling, item);
	}
	g_snprintf(seconds, sizeof(seconds), "%d", (int)(pump->pause_us / US_PER_S));
	log_event(LOG_WARNING, "mail.route_paused", "for_s", seconds, "transport",
	    settings_text(pump->work->settings, SET_MAIL_TRANSPORT), NULL);
}

/* Its other mails would be refused too. */
static void
rest_domain(MailPump *pump, MailItem *item, int64_t now_us)
{
	const char *at = strrchr(item->mail->to_email, '@');
	char seconds[24];

	g_snprintf(seconds, sizeof(seconds), "%d",
	    (int)(mail_rest_add(pump->rest, item->mail->to_email, now_us) / US_PER_S));
	log_event(LOG_WARNING, "mail.domain_rests", "domain",
	    at != NULL ? at + 1 : item->mail->to_email, "for_s", seconds, "reply",
	    item->detail, NULL);
}

static void
watch_route(MailPump *pump, int64_t now_us)
{
	bool blamed = false;

	for (GList *l = pump->settling.head; l != NULL; l = l->next) {
		MailItem *item = l->data;

		blamed |= mail_item_blames_route(item);
		if (item->blames_domain)
			rest_domain(pump, item, now_us);
		if (mail_item_was_sent(item)) {
			pump->pause_us = 0;
			mail_rest_end(pump->rest, item->mail->to_email);
		}
	}
	if (!blamed)
		return;
	if (now_us >= pump->pause_until_us)
		pause_route(pump, now_us);
	/* They rest as long as the route does, so that a drain can end meanwhile. */
	for (GList *l = pump->settling.head; l != NULL; l = l->next) {
		MailItem *item = l->data;

		if (mail_item_blames_route(item) && item->due_at == 0)
			item->due_at = clock_now_at() + pump->pause_until_us - now_us;
	}
}

static bool
submit_armed(MailPump *pump, GError **error)
{
	guint tries = pump->armed.length;

	while (tries-- > 0 && sender_capacity(pump->sender) > 0) {
		MailItem *item = g_queue_pop_head(&pump->armed);
		char envid[32];
		SenderMail mail = {
			.id = item->mail->id,
			.envid = envid,
			.from = item->rendered.envelope_from,
			.to = item->mail->to_email,
			.bytes = item->rendered.bytes,
			.user = item,
		};
		g_autoptr(GError) wrong = NULL;
		int64_t rest_us = mail_rest_left(
		    pump->rest, item->mail->to_email, clock_monotonic_us());
		int taken;

		if (rest_us > 0) {
			mail_item_give_back(item, clock_now_at() + rest_us);
			g_queue_push_tail(&pump->settling, item);
			continue;
		}
		g_snprintf(
		    envid, sizeof(envid), "mail-%" G_GINT64_FORMAT, item->mail->id);
		FAULT("mail.submit");
		taken = sender_submit(pump->sender, &mail, &wrong);
		if (taken == 1) {
			pump->in_flight++;
		} else if (taken == 0) {
			g_queue_push_tail(&pump->armed, item); /* its domain is busy */
		} else if (g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID)) {
			item->error = g_steal_pointer(&wrong);
			mail_item_unfit(item);
			g_queue_push_tail(&pump->settling, item);
		} else {
			g_queue_push_head(&pump->armed, item);
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
	}
	return true;
}

/* Prolongs leases that are half over; messages whose lease was lost while this process
 * was frozen must not leave any more. */
static bool
keep_leases(MailPump *pump, int64_t now_us, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GPtrArray) jobs = NULL;
	int64_t soon;

	if (pump->open->len == 0 || now_us < pump->lease_check_us)
		return true;
	jobs = g_ptr_array_new();
	for (guint i = 0; i < pump->open->len; i++)
		g_ptr_array_add(jobs, ((MailItem *)pump->open->pdata[i])->job);
	if (!db_begin(pump->work->db, DB_WRITE, &tx, error) ||
	    !job_extend(&tx, jobs, error) || !db_now_at(pump->work->db, &soon, error) ||
	    !db_commit(&tx, error))
		return false;
	pump->lease_check_us = now_us + LEASE_CHECK_US;
	for (GList *l = pump->armed.head; l != NULL;) {
		GList *next = l->next;
		MailItem *item = l->data;

		if (item->job->lease_until_at <= soon) {
			g_queue_delete_link(&pump->armed, l);
			drop(pump, item);
		}
		l = next;
	}
	return true;
}

static bool
wait_for_news(MailPump *pump, int wait_ms, GError **error)
{
	MailItem *item;

	if (pump->in_flight > 0)
		return sender_step(pump->sender, wait_ms, error) >= 0;
	if (pump->rendering == 0)
		return true;
	item = g_async_queue_timeout_pop(pump->from_render, (guint64)wait_ms * 1000);
	if (item != NULL)
		g_async_queue_push_front(pump->from_render, item);
	return true;
}

/* What the render thread and the connections have brought. */
static void
look(MailPump *pump, int64_t now_us)
{
	collect_rendered(pump);
	feed_renderer(pump);
	watch_route(pump, now_us);
}

bool
mail_pump_join(MailPump *pump, DbTx *tx, GError **error)
{
	int64_t now_us = clock_monotonic_us();

	look(pump, now_us);
	pump->starved = false;
	pump->joining = g_ptr_array_new();
	return put_in(
	    pump, tx, may_claim_now(pump, true, now_us), now_us, pump->joining, error);
}

void
mail_pump_joined(MailPump *pump, bool committed)
{
	if (pump->joining == NULL)
		return;
	if (committed)
		move_on(pump, pump->joining);
	else
		g_ptr_array_set_free_func(pump->joining, (GDestroyNotify)mail_item_free);
	g_clear_pointer(&pump->joining, g_ptr_array_unref);
}

bool
mail_pump_turn(MailPump *pump, bool may_claim, int wait_ms, int *ret_open, GError **error)
{
	int64_t now_us = clock_monotonic_us();
	bool flush;
	bool with_claim;

	*ret_open = (int)pump->open->len;
	if (!keep_leases(pump, now_us, error))
		return false;
	look(pump, now_us);
	with_claim = may_claim_now(pump, may_claim, now_us);
	flush = flush_is_due(pump, now_us) ||
		(with_claim && unsent(pump) <= pump->batch / CLAIM_AT);
	if (flush && !commit_turn(pump, with_claim, now_us, error))
		return false;
	*ret_open = (int)pump->open->len;
	if (!submit_armed(pump, error))
		return false;
	if (pump->open->len == 0)
		return true;
	if (pump->rendered.length > 0)
		wait_ms = MIN(wait_ms, pump->rendering > 0 ? 20 : 1);
	else if (pump->settling.length > 0)
		wait_ms = MIN(wait_ms, 20);
	return wait_for_news(pump, wait_ms, error);
}

void
mail_pump_stats(const MailPump *pump, MailPumpStats *ret)
{
	*ret = pump->stats;
}

void
mail_pump_free(MailPump *pump)
{
	MailItem *item;

	if (pump == NULL)
		return;
	g_async_queue_push(pump->to_render, pump);
	g_thread_join(pump->thread);
	sender_abort_all(pump->sender);
	collect_rendered(pump);
	/* Nothing of these has left. */
	while ((item = g_queue_pop_head(&pump->armed)) != NULL ||
	       (item = g_queue_pop_head(&pump->rendered)) != NULL ||
	       (item = g_queue_pop_head(&pump->claimed)) != NULL) {
		mail_item_give_back(item, 0);
		g_queue_push_tail(&pump->settling, item);
	}
	if (pump->settling.length > 0) {
		g_autoptr(GError) error = NULL;

		if (!commit_turn(pump, false, 0, &error))
			log_error("mail.close", error);
	}
	sender_close(pump->sender);
	g_queue_clear(&pump->rendered);
	g_queue_clear(&pump->settling);
	g_ptr_array_unref(pump->open);
	g_async_queue_unref(pump->to_render);
	g_async_queue_unref(pump->from_render);
	mail_rest_free(pump->rest);
	g_free(pump);
}
