/*
 * smtp_slot.h - one place of the SMTP pool: a connection (smtp_wire.h), the dialogue on
 * it (smtp_talk.h) and the message.  For smtp_pool.c and smtp_slot.c only.
 *
 * Functions that end a message call `done`, and so run inside sender_step() only.
 */
#pragma once

#include "mailer/sender_private.h"
#include "mailer/smtp_wire.h"

typedef struct SmtpPool SmtpPool;

/* A connection, and the message that is under way on it, if any. */
typedef struct SmtpSlot {
	SmtpPool *pool;
	SmtpWire wire;
	SmtpTalk talk;
	int64_t deadline_us;  /* monotonic; of what is being waited for */
	int64_t last_used_us; /* idle: since when */
	bool talking;
	bool wants_write;
	bool attention; /* something ended or broke inside sender_submit() */

	/* the message; bytes NULL: none */
	int64_t id;
	char *from;
	char *to;
	char *envid;
	GBytes *bytes;
	void *user;
	int64_t since_us;
	bool reused;
} SmtpSlot;

struct SmtpPool {
	Sender base;
	SenderOptions options; /* its numbers; the strings are not ours */
	SmtpWires *wires;
	SmtpSlot *slots;
	int n_slots;
	WireWait *waits;
	int n_in_flight;
	int n_done;      /* in this step */
	int n_attention; /* slots so marked */
	bool aborting;   /* nothing is tried again */
	int woken;       /* atomic */
};

/* Opens the connection.  false: it cannot be tried; the message is still there. */
bool smtp_slot_connect(SmtpSlot *slot) MUST_USE;

/* Has the server said nothing since the last message?  If it has, it is goodbye, or a
 * reply to nothing that would be taken for one to the next command. */
bool smtp_slot_is_quiet(SmtpSlot *slot);

/* Starts the message on the open connection.  Does not end it: marks for attention. */
void smtp_slot_begin(SmtpSlot *slot);

/* The wire is ready for something. */
void smtp_slot_serve(SmtpSlot *slot, bool readable);

/* Sends what may be sent now; ends the message when nothing can be sent any more. */
void smtp_slot_send(SmtpSlot *slot);

/* Ends the message: no greeted connection came about. */
void smtp_slot_no_connection(SmtpSlot *slot, const char *why);

/* Ends the message: the connection is given up. */
void smtp_slot_lose(SmtpSlot *slot, const char *why);

/* Ends the message: the dialogue is over. */
void smtp_slot_finish(SmtpSlot *slot);

/* QUIT, without waiting for the answer. */
void smtp_slot_close_idle(SmtpSlot *slot);
