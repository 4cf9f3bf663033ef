/*
 * smtp_pool.c - many SMTP connections in one thread: the loop over the slots, and the
 * seam.
 *
 * Nothing is queued inside: what sender_submit() takes is under way when
 * it returns.  Idle connections stay silent until the next message, until they have been
 * idle for too long, or until the end.
 *
 * `done` is called from sender_step() only.  What comes to its end inside sender_submit()
 * is marked for attention, and the next step reports it.
 */
#include <string.h>

#include "mailer/smtp_slot.h"
#include "queue/clock.h"

enum {
	CONNECTIONS_MAX = 256,
	WAIT_MAX_MS = 60 * 1000, /* then look at the clock again */
};

/* clang-format off */
static const struct {
	size_t offset;
	int value;
} defaults[] = {
	{ G_STRUCT_OFFSET(SenderOptions, connections),        16 },
	{ G_STRUCT_OFFSET(SenderOptions, connect_timeout_ms), 60 * 1000 },
	{ G_STRUCT_OFFSET(SenderOptions, command_timeout_ms), 300 * 1000 }, /* RFC 5321 4.5.3.2 */
	{ G_STRUCT_OFFSET(SenderOptions, dot_timeout_ms),     600 * 1000 },
	{ G_STRUCT_OFFSET(SenderOptions, idle_timeout_ms),    30 * 1000 },
	{ G_STRUCT_OFFSET(SenderOptions, domain_connections), CONNECTIONS_MAX },
};
/* clang-format on */

/* ---- the loop ---- */

static void
drive_connects(SmtpPool *pool)
{
	SmtpWire *wire = NULL;

	while ((wire = smtp_wires_next(pool->wires)) != NULL) {
		SmtpSlot *slot = wire->user;

		if (!wire->connected) {
			smtp_slot_no_connection(slot, wire->why);
			continue;
		}
		smtp_talk_connected(&slot->talk);
		smtp_slot_begin(slot);
	}
}

/* What came to its end inside sender_submit(). */
static void
give_attention(SmtpPool *pool)
{
	for (int i = 0; pool->n_attention > 0 && i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (!slot->attention)
			continue;
		slot->attention = false;
		pool->n_attention--;
		if (!slot->talking)
			smtp_slot_no_connection(slot, slot->wire.why);
		else if (slot->talk.over)
			smtp_slot_finish(slot);
		else
			smtp_slot_send(slot);
	}
}

static void
check_deadlines(SmtpPool *pool)
{
	int64_t now_us = clock_monotonic_us();

	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (now_us < slot->deadline_us)
			continue;
		if (slot->wire.connecting)
			smtp_slot_no_connection(slot, "no connection in time");
		else if (slot->talking)
			smtp_slot_lose(slot, "no reply in time");
		else if (slot->wire.connected)
			smtp_slot_close_idle(slot);
	}
}

/* Fills pool->waits; *until_us is lowered to the first deadline. */
static size_t
prepare_waits(SmtpPool *pool, int64_t *until_us)
{
	size_t n = 0;

	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (slot->wire.connected || slot->wire.connecting)
			*until_us = MIN(*until_us, slot->deadline_us);
		if (slot->wire.connected)
			pool->waits[n++] = (WireWait){
				.wire = &slot->wire,
				.for_write = slot->talking && slot->wants_write,
			};
	}
	return n;
}

static bool
wait_and_serve(SmtpPool *pool, int64_t until_us, GError **error)
{
	size_t n = prepare_waits(pool, &until_us);
	int64_t left_us = MAX(0, until_us - clock_monotonic_us());
	int ms = (int)MIN((left_us + 999) / 1000, WAIT_MAX_MS);

	if (!smtp_wires_wait(pool->wires, pool->waits, n, ms, error))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (pool->waits[i].ready)
			smtp_slot_serve(
			    pool->waits[i].wire->user, pool->waits[i].readable);
	}
	drive_connects(pool);
	give_attention(pool);
	check_deadlines(pool);
	return true;
}

static int
pool_step(Sender *sender, int timeout_ms, GError **error)
{
	SmtpPool *pool = (SmtpPool *)sender;
	int64_t until_us = timeout_ms < 0
			       ? INT64_MAX
			       : clock_monotonic_us() + (int64_t)timeout_ms * 1000;
	int n = 0;

	drive_connects(pool);
	give_attention(pool);
	for (;;) {
		bool woken = g_atomic_int_compare_and_exchange(&pool->woken, 1, 0);
		bool enough = woken || pool->n_done > 0 || pool->n_in_flight == 0;

		if (!wait_and_serve(pool, enough ? 0 : until_us, error))
			return -1;
		if (enough || pool->n_done > 0 || clock_monotonic_us() >= until_us)
			break;
	}
	n = pool->n_done;
	pool->n_done = 0;
	return n;
}

/* ---- the seam ---- */

static int
pool_in_flight(const Sender *sender)
{
	return ((const SmtpPool *)sender)->n_in_flight;
}

static int
pool_capacity(const Sender *sender)
{
	const SmtpPool *pool = (const SmtpPool *)sender;

	return pool->n_slots - pool->n_in_flight;
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

static bool
domain_is_full(const SmtpPool *pool, const char *to)
{
	int n = 0;

	if (pool->options.domain_connections >= pool->n_slots)
		return false;
	for (int i = 0; i < pool->n_slots; i++) {
		const SmtpSlot *slot = &pool->slots[i];

		n += slot->bytes != NULL &&
		     strcmp(domain_of(slot->to), domain_of(to)) == 0;
	}
	return n >= pool->options.domain_connections;
}

/* The connection used last, so that those that are too many grow old and close; else a
 * slot without one. */
static SmtpSlot *
pick_slot(SmtpPool *pool)
{
	SmtpSlot *best = NULL;

	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (slot->bytes != NULL)
			continue;
		if (best == NULL || (slot->wire.connected &&
					(!best->wire.connected ||
					    slot->last_used_us > best->last_used_us)))
			best = slot;
	}
	return best;
}

static int
pool_submit(Sender *sender, const SenderMail *mail, GError **error)
{
	SmtpPool *pool = (SmtpPool *)sender;
	SmtpSlot *slot = pick_slot(pool);

	(void)error;
	if (slot == NULL || domain_is_full(pool, mail->to))
		return 0;
	slot->id = mail->id;
	slot->from = g_strdup(mail->from);
	slot->to = g_strdup(mail->to);
	slot->envid = g_strdup(mail->envid);
	slot->bytes = g_bytes_ref(mail->bytes);
	slot->user = mail->user;
	slot->since_us = clock_monotonic_us();
	if (slot->wire.connected && !smtp_slot_is_quiet(slot))
		smtp_wire_hang_up(&slot->wire);
	slot->reused = slot->wire.connected;
	pool->n_in_flight++;
	if (slot->wire.connected) {
		smtp_slot_begin(slot);
	} else if (!smtp_slot_connect(slot)) {
		slot->attention = true;
		pool->n_attention++;
	}
	return 1;
}

static void
pool_wakeup(Sender *sender)
{
	SmtpPool *pool = (SmtpPool *)sender;

	g_atomic_int_set(&pool->woken, 1);
	smtp_wires_wakeup(pool->wires);
}

static void
pool_abort_all(Sender *sender)
{
	SmtpPool *pool = (SmtpPool *)sender;

	pool->aborting = true;
	give_attention(pool);
	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (slot->bytes == NULL)
			continue;
		if (slot->talking)
			smtp_slot_lose(slot, "aborted");
		else
			smtp_slot_no_connection(slot, "aborted");
	}
	pool->aborting = false;
	pool->n_done = 0;
}

static void
pool_close(Sender *sender)
{
	SmtpPool *pool = (SmtpPool *)sender;

	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		if (slot->wire.connected)
			smtp_slot_close_idle(slot);
		smtp_wire_done(&slot->wire);
		smtp_talk_done(&slot->talk);
	}
	smtp_wires_close(pool->wires);
	g_free(pool->slots);
	g_free(pool->waits);
	g_free(pool);
}

static const SenderOps ops = {
	.capacity = pool_capacity,
	.in_flight = pool_in_flight,
	.submit = pool_submit,
	.step = pool_step,
	.wakeup = pool_wakeup,
	.abort_all = pool_abort_all,
	.close = pool_close,
};

/* ---- opening ---- */

static bool
set_numbers(SmtpPool *pool, const SenderOptions *options, GError **error)
{
	pool->options = *options;
	for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++) {
		int *value = &G_STRUCT_MEMBER(int, &pool->options, defaults[i].offset);

		if (*value < 0)
			return err_set(error, TP_ERROR_CONFIG,
			    "transport has a negative limit or time");
		if (*value == 0)
			*value = defaults[i].value;
	}
	if (pool->options.connections > CONNECTIONS_MAX)
		return err_set(error, TP_ERROR_CONFIG,
		    "transport has %d connections, more than %d",
		    pool->options.connections, CONNECTIONS_MAX);
	return true;
}

/* RFC 5321 4.1.1.1: a domain or an address literal. */
static bool
is_hello(const char *hello)
{
	for (const char *p = hello; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr(".-_:[]", *p) == NULL)
			return false;
	}
	return *hello != '\0' && strlen(hello) <= 255;
}

static bool
open_wires(SmtpPool *pool, const SenderOptions *options, GError **error)
{
	g_autoptr(SmtpUrl) url =
	    smtp_url_parse(options->url, options->user != NULL, error);
	SmtpWireOptions wire = {
		.url = url,
		.hello = options->hello,
		.user = options->user,
		.password = options->password,
		.ca_file = options->ca_file,
		.no_verify = options->no_verify,
		.connect_timeout_ms = pool->options.connect_timeout_ms,
	};

	if (url == NULL)
		return false;
	if (wire.user == NULL)
		wire.user = url->user;
	if ((wire.user == NULL) != (wire.password == NULL))
		return err_set(error, TP_ERROR_CONFIG, "transport has a %s without a %s",
		    wire.user == NULL ? "password" : "user",
		    wire.user == NULL ? "user" : "password");
	if (wire.hello != NULL && !is_hello(wire.hello))
		return err_set(error, TP_ERROR_CONFIG,
		    "transport has an EHLO name '%s' that is not a domain", wire.hello);
	if (wire.hello == NULL)
		wire.hello =
		    is_hello(g_get_host_name()) ? g_get_host_name() : "localhost";
	pool->wires = smtp_wires_open(&wire, error);
	return pool->wires != NULL;
}

Sender *
sender_smtp_open(const SenderOptions *options, const char *rest, GError **error)
{
	SmtpPool *pool = g_new0(SmtpPool, 1);

	(void)rest;
	pool->base.ops = &ops;
	pool->base.done = options->done;
	if (!set_numbers(pool, options, error) || !open_wires(pool, options, error)) {
		g_free(pool);
		return NULL;
	}
	pool->n_slots = pool->options.connections;
	pool->slots = g_new0(SmtpSlot, pool->n_slots);
	pool->waits = g_new0(WireWait, pool->n_slots);
	for (int i = 0; i < pool->n_slots; i++) {
		SmtpSlot *slot = &pool->slots[i];

		slot->pool = pool;
		smtp_wire_init(&slot->wire, pool->wires, slot);
		smtp_talk_init(&slot->talk);
	}
	return &pool->base;
}
