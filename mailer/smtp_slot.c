/*
 * smtp_slot.c - carries one message over one connection to its outcome.
 */
#include "mailer/smtp_slot.h"

#include <string.h>

#include "queue/clock.h"

enum { RECEIVE_BYTES = 4096 };

/* ---- the end of a message ---- */

static void
report(SmtpSlot *slot, MailOutcome outcome, MailScope scope, MailPhase phase,
    const Reply *reply)
{
	SenderResult result = {
		.id = slot->id,
		.outcome = outcome,
		.scope = scope,
		.phase = phase,
		.code = reply->code,
		.ecode = reply->ecode,
		.text = reply->text,
		.duration_us = clock_monotonic_us() - slot->since_us,
		.reused = slot->reused,
	};

	g_clear_pointer(&slot->from, g_free);
	g_clear_pointer(&slot->to, g_free);
	g_clear_pointer(&slot->envid, g_free);
	g_clear_pointer(&slot->bytes, g_bytes_unref);
	slot->pool->n_in_flight--;
	slot->pool->n_done++;
	sender_report(&slot->pool->base, slot->user, &result);
}

/* No greeted connection came about.  The server's own words if it said no, else `why`. */
void
smtp_slot_no_connection(SmtpSlot *slot, const char *why)
{
	MailOutcome outcome = MAIL_TEMPFAIL;
	MailScope scope = MAIL_SCOPE_ROUTE;
	MailPhase phase = MAIL_PHASE_CONNECT;
	Reply reply = slot->wire.reply;

	if (!reply.complete || reply.code < 400)
		reply_from_text(&reply, why);
	smtp_wire_hang_up(&slot->wire);
	phase = slot->wire.phase;
	reply_classify(phase, reply.code, reply.ecode, reply.text, &outcome, &scope);
	report(slot, outcome, scope, phase, &reply);
}

bool
smtp_slot_connect(SmtpSlot *slot)
{
	slot->talking = false;
	slot->reused = false;
	slot->deadline_us =
	    clock_monotonic_us() + (int64_t)slot->pool->options.connect_timeout_ms * 1000;
	slot->pool->base.stats.connects++;
	return smtp_wire_connect(&slot->wire);
}

/*
 * A server closes idle connections when it likes, with or without a 421.  If that is what
 * a message met on a used connection, nothing of it was taken: it gets a new one.
 */
static bool
was_stale(const SmtpSlot *slot)
{
	const SmtpTalk *talk = &slot->talk;

	return slot->reused && !slot->pool->aborting && !talk->usable &&
	       talk->outcome == MAIL_TEMPFAIL &&
	       ((!talk->heard && talk->phase <= MAIL_PHASE_RCPT) ||
		   talk->phase == MAIL_PHASE_EHLO ||
		   (talk->phase == MAIL_PHASE_MAIL && talk->reply.code == 421));
}

void
smtp_slot_finish(SmtpSlot *slot)
{
	SmtpTalk *talk = &slot->talk;

	slot->talking = false;
	if (talk->usable) {
		slot->last_used_us = clock_monotonic_us();
		slot->deadline_us = slot->last_used_us +
				    (int64_t)slot->pool->options.idle_timeout_ms * 1000;
	} else {
		smtp_wire_hang_up(&slot->wire);
		if (was_stale(slot) && smtp_slot_connect(slot))
			return;
	}
	report(slot, talk->outcome, talk->scope, talk->phase, &talk->reply);
}

void
smtp_slot_lose(SmtpSlot *slot, const char *why)
{
	smtp_talk_lost(&slot->talk, why);
	smtp_slot_finish(slot);
}

/* ---- bytes ---- */

/* Of each reply, and of each chunk of the body (RFC 5321 4.5.3.2). */
static void
set_deadline(SmtpSlot *slot)
{
	const SenderOptions *o = &slot->pool->options;
	int ms = slot->talk.phase == MAIL_PHASE_DOT ? o->dot_timeout_ms
						    : o->command_timeout_ms;

	slot->deadline_us = clock_monotonic_us() + (int64_t)ms * 1000;
}

/* Sends what may be sent now.  false: the connection takes nothing any more. */
static bool
send_pending(SmtpSlot *slot)
{
	const char *bytes = NULL;
	size_t length = 0;
	WireIo io = WIRE_OK;

	slot->wants_write = false;
	for (;;) {
		size_t chunk = slot->talk.body_taken;
		MailPhase before = slot->talk.phase;
		size_t sent = 0;

		length = smtp_talk_pending(&slot->talk, &bytes);
		if (length == 0)
			return true;
		if (slot->talk.body_taken != chunk)
			set_deadline(slot);
		io = smtp_wire_send(&slot->wire, bytes, length, &sent);
		if (io == WIRE_AGAIN) {
			slot->wants_write = true;
			return true;
		}
		if (io != WIRE_OK)
			return false;
		smtp_talk_sent(&slot->talk, sent);
		if (slot->talk.phase != before)
			set_deadline(slot);
	}
}

/* Reads all that is there.  false: the message is over. */
static bool
receive(SmtpSlot *slot)
{
	char bytes[RECEIVE_BYTES];

	for (;;) {
		MailPhase before = slot->talk.phase;
		size_t length = 0;
		WireIo io = smtp_wire_receive(&slot->wire, bytes, sizeof(bytes), &length);

		if (io == WIRE_AGAIN)
			return true;
		if (io != WIRE_OK) {
			smtp_slot_lose(slot, io == WIRE_CLOSED
						 ? "the server closed the connection"
						 : "the connection broke");
			return false;
		}
		smtp_talk_feed(&slot->talk, bytes, length);
		if (slot->talk.over) {
			smtp_slot_finish(slot);
			return false;
		}
		if (slot->talk.phase != before)
			set_deadline(slot);
		/* A short read has emptied the socket, and saves asking again. */
		if (!slot->wire.tls && length < sizeof(bytes))
			return true;
	}
}

/* Whoever hung up on what we send may have said why before. */
void
smtp_slot_send(SmtpSlot *slot)
{
	if (!send_pending(slot) && receive(slot))
		smtp_slot_lose(slot, "the server takes no more bytes");
}

bool
smtp_slot_is_quiet(SmtpSlot *slot)
{
	char byte = 0;
	size_t length = 0;

	return smtp_wire_receive(&slot->wire, &byte, 1, &length) == WIRE_AGAIN;
}

/* Never ends the message here: `done` is called from sender_step() only. */
void
smtp_slot_begin(SmtpSlot *slot)
{
	gsize length = 0;
	const char *bytes = g_bytes_get_data(slot->bytes, &length);
	const SmtpEnvelope envelope = {
		.from = slot->from,
		.to = slot->to,
		.envid = slot->envid,
		.bytes = bytes,
		.length = length,
	};

	slot->talking = true;
	smtp_talk_begin(&slot->talk, &envelope, &slot->wire.offers);
	set_deadline(slot);
	if (slot->talk.over || !send_pending(slot)) {
		slot->attention = true;
		slot->pool->n_attention++;
	}
}

void
smtp_slot_close_idle(SmtpSlot *slot)
{
	size_t sent = 0;

	/* Polite, but the answer is not waited for. */
	(void)smtp_wire_send(&slot->wire, "QUIT\r\n", 6, &sent);
	smtp_wire_hang_up(&slot->wire);
}

void
smtp_slot_serve(SmtpSlot *slot, bool readable)
{
	if (!slot->wire.connected)
		return;
	if (!slot->talking) {
		/* What an idle connection has to say is goodbye. */
		smtp_wire_hang_up(&slot->wire);
		return;
	}
	if (readable && !receive(slot))
		return;
	smtp_slot_send(slot);
}
