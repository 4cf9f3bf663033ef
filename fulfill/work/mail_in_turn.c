/*
 * mail_in_turn.c - take, read, act, settle.
 */
#include "fulfill/work/mail_in_turn.h"

#include <stdlib.h>
#include <string.h>

#include "fulfill/domain/mail_in.h"
#include "fulfill/domain/mail_stop.h"
#include "fulfill/work/log.h"
#include "fulfill/work/mail_ask.h"
#include "fulfill/work/mail_command.h"
#include "fulfill/work/mail_leave.h"
#include "fulfill/work/mail_order.h"
#include "fulfill/work/mail_proof.h"
#include "fulfill/work/mail_reader.h"
#include "fulfill/work/mail_report.h"
#include "fulfill/work/mail_staff.h"
#include "fulfill/work/submit.h"
#include "mailer/bounce.h"
#include "mailer/intake_maildir.h"
#include "mailer/sort.h"
#include "queue/clock.h"
#include "queue/fault.h"

/* How long mails are read before others get their turn. */
#define SLICE_US (US_PER_S / 4)
/* Mails of a Maildir stored in one commit: its folder is listed once for each, which with
 * 10,000 files in it takes as long as storing twenty. */
#define MAILDIR_SLICE 200
#define MAILDIR_SLICE_BYTES (8 << 20)

/* One mail in hand. */
typedef struct Reading {
	Work *work;
	MailIn *mail;
	GBytes *raw;
	json_t *record;
	MailProof proof;
	MailInFound found;
	json_t *outcome; /* becomes found.outcome */
	char *reason;    /* becomes found.reason */
} Reading;

static void
reading_done(Reading *r)
{
	mail_in_free(r->mail);
	g_clear_pointer(&r->raw, g_bytes_unref);
	json_decref(r->record);
	json_decref(r->outcome);
	mail_proof_clear(&r->proof);
	g_free(r->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_done)

static const char *
text_at(const json_t *record, const char *object, const char *key)
{
	return json_string_value(json_object_get(json_object_get(record, object), key));
}

static void
hold(Reading *r, const char *why)
{
	g_free(r->reason);
	r->reason = g_strdup(why);
	r->found.state = MAIL_IN_HELD;
	r->found.reason = r->reason;
}

/* ---- what each kind leads to; all in the transaction that settles the mail ---- */

static bool
do_nothing(Reading *r, DbTx *tx, GError **error)
{
	(void)r, (void)tx, (void)error;
	return true;
}

static bool
leave_to_a_person(Reading *r, DbTx *tx, GError **error)
{
	const char *problem = text_at(r->record, "sort", "problem");

	(void)tx, (void)error;
	hold(
	    r, problem != NULL ? problem : "neither an order nor a report: for a person");
	return true;
}

static bool
take_report(Reading *r, DbTx *tx, MailReportKind kind, GError **error)
{
	r->found.wipe = true;
	return mail_report_take(
	    r->work, tx, r->mail, r->record, kind, &r->outcome, error);
}

static bool
take_bounce(Reading *r, DbTx *tx, GError **error)
{
	return take_report(r, tx, MAIL_REPORT_FAILED, error);
}

static bool
take_complaint(Reading *r, DbTx *tx, GError **error)
{
	return take_report(r, tx, MAIL_REPORT_COMPLAINT, error);
}

static bool
note_delay(Reading *r, DbTx *tx, GError **error)
{
	return take_report(r, tx, MAIL_REPORT_DELAY, error);
}

static bool
take_order(Reading *r, DbTx *tx, GError **error)
{
	g_auto(MailOrders) orders = { 0 };

	if (r->proof.method == NULL) {
		hold(r, r->proof.why);
		return true;
	}
	if (!mail_order_take(r->work, tx, r->mail, r->record, &r->proof, &orders, error))
		return false;
	if (orders.held != NULL)
		hold(r, orders.held);
	else
		r->outcome = json_pack("{s:O}", "orders", orders.answers);
	return true;
}

static bool
take_command(Reading *r, DbTx *tx, GError **error)
{
	g_auto(MailCommand) command = { 0 };
	const char *verb = text_at(r->record, "sort", "command");
	/* Users are told what users may do. */
	bool ask = mail_ask_has(verb) &&
		   (r->proof.method == NULL || g_strcmp0(verb, "help") != 0);

	if (!(ask                                       ? mail_ask_do
		: g_strcmp0(verb, MAIL_STAFF_VERB) == 0 ? mail_staff_do
							: mail_command_do)(
		r->work, tx, r->mail, r->record, &r->proof, &command, error))
		return false;
	if (ask && command.held == NULL && r->proof.vouched != NULL)
		r->found.proof = r->proof.vouched;
	if (command.held != NULL)
		hold(r, command.held);
	else
		r->outcome = json_incref(command.outcome);
	return true;
}

static const struct {
	MailKind kind;
	bool needs_proof;
	bool (*act)(Reading *r, DbTx *tx, GError **error);
} acts[] = {
	{ MAIL_KIND_BOUNCE, false, take_bounce },
	{ MAIL_KIND_DELAY, false, note_delay },
	{ MAIL_KIND_SUCCESS, false, note_delay },
	{ MAIL_KIND_COMPLAINT, false, take_complaint },
	{ MAIL_KIND_LOOP, false, do_nothing },
	{ MAIL_KIND_AUTO_REPLY, false, do_nothing },
	{ MAIL_KIND_ORDER, true, take_order },
	{ MAIL_KIND_COMMAND, true, take_command },
	{ MAIL_KIND_OTHER, false, leave_to_a_person },
};

/* Its address proves who wrote it: the reader of that mail. */
static bool
leave(Reading *r, DbTx *tx, int64_t mail_id, GError **error)
{
	r->found.kind = mail_kind_name(MAIL_KIND_COMMAND);
	r->found.rule = "unsubscribe";
	r->outcome = json_pack("{s:I}", "mail", mail_id);
	return mail_stop_reader(tx, mail_id, MAIL_STOP_REQUEST, NULL, error) >= 0;
}

/* ---- one mail ---- */

static void
fill_found(Reading *r, char **ret_subject)
{
	const char *subject = text_at(r->record, "mail", "subject");

	*ret_subject = bounce_mask_codes(subject != NULL ? subject : "");
	r->found.kind = text_at(r->record, "sort", "kind");
	r->found.rule = text_at(r->record, "sort", "rule");
	r->found.sender = text_at(r->record, "mail", "from");
	r->found.subject = *ret_subject;
	r->found.message_id = text_at(r->record, "mail", "message_id");
	r->found.state = MAIL_IN_DONE;
}

static void
fill_proof(Reading *r)
{
	const MailSender *user =
	    r->proof.users != NULL && r->proof.users->len == 1 && r->proof.method != NULL
		? g_ptr_array_index(r->proof.users, 0)
		: NULL;

	if (r->proof.sender != NULL)
		r->found.sender = r->proof.sender;
	r->found.proof = r->proof.method;
	r->found.user_id = user != NULL ? user->user_id : 0;
}

static void
tell(const Reading *r)
{
	char id[24];

	g_snprintf(id, sizeof(id), "%" G_GINT64_FORMAT, r->mail->id);
	log_event(r->found.state == MAIL_IN_HELD ? LOG_WARNING : LOG_INFO,
	    r->found.state == MAIL_IN_HELD ? "mail_in.held" : "mail_in.read", "mail_in",
	    id, "kind", r->found.kind, "rule", r->found.rule, "proof", r->found.proof,
	    "reason", r->found.reason, NULL);
}

/* Does what the record leads to.  Nothing but a store in trouble makes it fail. */
static bool
act(Reading *r, GError **error)
{
	const char *kind = text_at(r->record, "sort", "kind");
	g_autofree char *subject = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	char *outcome = NULL;
	size_t i = 0;
	int64_t leaves;
	int settled;
	bool ok;

	while (
	    i < G_N_ELEMENTS(acts) && g_strcmp0(mail_kind_name(acts[i].kind), kind) != 0)
		i++;
	fill_found(r, &subject);
	if (i < G_N_ELEMENTS(acts) && acts[i].needs_proof) {
		if (!mail_proof_find(
			r->work, r->mail, r->raw, r->record, &r->proof, error))
			return false;
		fill_proof(r);
	}
	if (!db_begin(r->work->db, DB_WRITE, &tx, error))
		return false;
	leaves = mail_leave_find(r->work, r->mail, r->record);
	if (leaves != 0) {
		if (!leave(r, &tx, leaves, error))
			return false;
	} else if (i == G_N_ELEMENTS(acts))
		hold(r, "the record of its reader makes no sense");
	else if (!acts[i].act(r, &tx, error))
		return false;
	if (r->outcome != NULL)
		r->found.outcome = outcome = json_dumps(r->outcome, JSON_COMPACT);
	settled = mail_in_settle(&tx, r->mail, &r->found, error);
	free(outcome);
	r->found.outcome = NULL;
	FAULT("mail_in.commit");
	ok = settled == 1 ? db_commit(&tx, error) : settled == 0;
	FAULT("mail_in.committed");
	if (ok && settled == 1)
		tell(r);
	return ok;
}

static bool
settle_alone(Reading *r, const char *reason, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	hold(r, reason);
	r->found.kind = "other";
	r->found.rule = "unreadable";
	if (!db_begin(r->work->db, DB_WRITE, &tx, error) ||
	    mail_in_settle(&tx, r->mail, &r->found, error) < 0 || !db_commit(&tx, error))
		return false;
	tell(r);
	return true;
}

static bool
reader_died(Reading *r, const char *how, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	MailInState state;
	char id[24];

	g_snprintf(id, sizeof(id), "%" G_GINT64_FORMAT, r->mail->id);
	if (!db_begin(r->work->db, DB_WRITE, &tx, error) ||
	    !mail_in_died(&tx, r->mail, how, &state, error) || !db_commit(&tx, error))
		return false;
	log_event(LOG_ERROR,
	    state == MAIL_IN_POISON ? "mail_in.poison" : "mail_in.reader_died", "mail_in",
	    id, "how", how, NULL);
	return true;
}

static bool
read_one(Reading *r, GError **error)
{
	g_autofree char *death = NULL;
	g_autoptr(GError) wrong = NULL;
	int read;

	r->raw = mail_in_bytes(r->work->db, r->work->vault, r->mail->id, &wrong);
	if (r->raw == NULL) {
		if (g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND) ||
		    g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID))
			return settle_alone(r, wrong->message, error);
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	read = mail_reader_run(r->work, r->raw, &r->record, &death, &wrong);
	if (read == 0)
		return reader_died(r, death, error);
	if (read < 0 && g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID))
		return settle_alone(r, wrong->message, error);
	if (read < 0) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	return act(r, error);
}

static bool
put_off(Reading *r, const GError *wrong, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	log_error("mail_in.put_off", wrong);
	return db_begin(r->work->db, DB_WRITE, &tx, error) &&
	       mail_in_put_off(&tx, r->mail, wrong->message, error) &&
	       db_commit(&tx, error);
}

static bool
wipe_old(Work *work, GError **error)
{
	int64_t keep_us = settings_number(work->settings, SET_INTAKE_KEEP) * US_PER_S;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t n;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       mail_in_wipe(&tx, clock_now_at() - keep_us, &n, error) &&
	       db_commit(&tx, error);
}

/* 1: one was read.  0: none is due. */
static int
read_next(Work *work, GError **error)
{
	g_auto(Reading) r = { .work = work };
	g_autoptr(GError) wrong = NULL;
	int taken = mail_in_take(work->db, &r.mail, error);

	if (taken <= 0 || read_one(&r, &wrong))
		return taken;
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	return put_off(&r, wrong, error) ? 1 : -1;
}

bool
mail_in_chore(Work *work, bool *ret_more, GError **error)
{
	int64_t until_us = clock_monotonic_us() + SLICE_US;
	int taken = 1;

	while (taken == 1 && clock_monotonic_us() < until_us)
		taken = read_next(work, error);
	*ret_more = taken == 1;
	return taken >= 0;
}

bool
mail_in_wipe_chore(Work *work, bool *ret_more, GError **error)
{
	*ret_more = false;
	return wipe_old(work, error);
}

/* ---- the Maildir ---- */

static bool
store_one(Work *work, DbTx *tx, const MaildirMail *mail, GError **error)
{
	MailInNew new = {
		.source = "maildir", .ref = mail->name, .problem = mail->problem
	};
	int64_t id;

	if (mail->bytes != NULL)
		new.bytes = g_bytes_get_data(mail->bytes, &new.size);
	if (mail->bytes != NULL && new.size == 0)
		new.problem = "the file is empty";
	return mail_in_add(tx, work->vault, &new, &id, error) >= 0;
}

/* Whole mails, read before the store is locked. */
static bool
read_some(Maildir *maildir, GPtrArray *mails, bool *ret_more, GError **error)
{
	int64_t bytes = 0;
	int found = 1;

	while (mails->len < MAILDIR_SLICE && bytes < MAILDIR_SLICE_BYTES) {
		MaildirMail *mail;

		found = maildir_next(maildir, &mail, error);
		if (found <= 0)
			break;
		bytes += mail->size_bytes;
		g_ptr_array_add(mails, mail);
	}
	*ret_more = found == 1;
	return found >= 0;
}

bool
mail_in_maildir_chore(Work *work, bool *ret_more, GError **error)
{
	const char *path = settings_text(work->settings, SET_INTAKE_MAILDIR);
	g_autoptr(Maildir) maildir = NULL;
	g_autoptr(GPtrArray) mails =
	    g_ptr_array_new_with_free_func((GDestroyNotify)maildir_mail_free);
	g_auto(DbTx) tx = DB_TX_INIT;

	*ret_more = false;
	if (path == NULL)
		return true;
	maildir = maildir_open(path, error);
	if (maildir == NULL || !submit_check_disk(work, error) ||
	    !read_some(maildir, mails, ret_more, error))
		return false;
	if (mails->len == 0)
		return true;
	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	for (guint i = 0; i < mails->len; i++)
		if (!store_one(work, &tx, g_ptr_array_index(mails, i), error))
			return false;
	if (!db_commit(&tx, error))
		return false;
	FAULT("maildir.stored");
	for (guint i = 0; i < mails->len; i++) {
		const MaildirMail *mail = g_ptr_array_index(mails, i);

		if (!maildir_done(maildir, mail->name, error))
			return false;
	}
	return true;
}
