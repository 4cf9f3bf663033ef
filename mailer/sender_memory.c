/*
 * sender_memory.c - keeps what it is given.
 */
#include "mailer/sender_memory.h"

#include "mailer/sender_private.h"
#include "queue/clock.h"

enum { CAPACITY = 64 };

typedef struct Waiting {
	SenderMail mail; /* strings are in `kept` */
	MemoryMail *kept;
	int64_t since_us;
} Waiting;

typedef struct Memory {
	Sender base;
	GPtrArray *kept;    /* MemoryMail */
	GPtrArray *waiting; /* Waiting */
	MemoryAnswer answer;
	void *owner;
} Memory;

static void
memory_mail_free(void *p)
{
	MemoryMail *mail = p;

	g_free(mail->from);
	g_free(mail->to);
	g_bytes_unref(mail->bytes);
	g_free(mail);
}

static int
capacity(const Sender *sender)
{
	return CAPACITY - (int)((const Memory *)sender)->waiting->len;
}

static int
in_flight(const Sender *sender)
{
	return (int)((const Memory *)sender)->waiting->len;
}

static int
submit(Sender *sender, const SenderMail *mail, GError **error)
{
	Memory *memory = (Memory *)sender;
	Waiting *w = NULL;

	(void)error;
	if (capacity(sender) <= 0)
		return 0;
	w = g_new0(Waiting, 1);
	w->kept = g_new0(MemoryMail, 1);
	w->kept->id = mail->id;
	w->kept->from = g_strdup(mail->from);
	w->kept->to = g_strdup(mail->to);
	w->kept->bytes = g_bytes_ref(mail->bytes);
	w->mail = *mail;
	w->mail.from = w->kept->from;
	w->mail.to = w->kept->to;
	w->mail.envid = NULL;
	w->since_us = clock_monotonic_us();
	g_ptr_array_add(memory->waiting, w);
	return 1;
}

static void
finish(Memory *memory, Waiting *w, SenderResult *result, bool keep)
{
	result->id = w->mail.id;
	result->duration_us = clock_monotonic_us() - w->since_us;
	if (keep)
		g_ptr_array_add(memory->kept, w->kept);
	sender_report(&memory->base, w->mail.user, result);
	if (!keep)
		memory_mail_free(w->kept);
	g_free(w);
}

static int
step(Sender *sender, int timeout_ms, GError **error)
{
	Memory *memory = (Memory *)sender;
	int n = (int)memory->waiting->len;

	(void)timeout_ms;
	(void)error;
	while (memory->waiting->len > 0) {
		Waiting *w = g_ptr_array_steal_index(memory->waiting, 0);
		SenderResult result = {
			.outcome = MAIL_SENT,
			.phase = MAIL_PHASE_DONE,
			.code = 250,
			.text = "kept",
		};
		bool keep = memory->answer == NULL ||
			    memory->answer(memory->owner, &w->mail, &result);

		finish(memory, w, &result, keep);
	}
	return n;
}

static void
wakeup(Sender *sender)
{
	(void)sender; /* step() never sleeps */
}

static void
abort_all(Sender *sender)
{
	Memory *memory = (Memory *)sender;

	while (memory->waiting->len > 0) {
		Waiting *w = g_ptr_array_steal_index(memory->waiting, 0);
		SenderResult result = {
			.outcome = MAIL_TEMPFAIL,
			.scope = MAIL_SCOPE_ROUTE,
			.phase = MAIL_PHASE_CONNECT,
			.text = "aborted",
		};

		finish(memory, w, &result, false);
	}
}

static void
close_memory(Sender *sender)
{
	Memory *memory = (Memory *)sender;

	g_ptr_array_unref(memory->kept);
	g_ptr_array_unref(memory->waiting);
	g_free(memory);
}

static const SenderOps ops = {
	.capacity = capacity,
	.in_flight = in_flight,
	.submit = submit,
	.step = step,
	.wakeup = wakeup,
	.abort_all = abort_all,
	.close = close_memory,
};

Sender *
sender_memory_open(const SenderOptions *options, const char *rest, GError **error)
{
	Memory *memory = NULL;

	if (*rest != '\0') {
		(void)err_set(
		    error, TP_ERROR_CONFIG, "transport 'memory:' takes no path");
		return NULL;
	}
	memory = g_new0(Memory, 1);
	memory->base.ops = &ops;
	memory->base.done = options->done;
	memory->kept = g_ptr_array_new_with_free_func(memory_mail_free);
	memory->waiting = g_ptr_array_new();
	return &memory->base;
}

static const Memory *
memory_of(const Sender *sender)
{
	if (sender->ops != &ops)
		BUG("not a memory: sender");
	return (const Memory *)sender;
}

size_t
sender_memory_count(const Sender *sender)
{
	return memory_of(sender)->kept->len;
}

const MemoryMail *
sender_memory_get(const Sender *sender, size_t i)
{
	return g_ptr_array_index(memory_of(sender)->kept, i);
}

void
sender_memory_answer(Sender *sender, MemoryAnswer answer, void *owner)
{
	Memory *memory = (Memory *)sender;

	(void)memory_of(sender);
	memory->answer = answer;
	memory->owner = owner;
}
