/*
 * sender_private.h - what a way to send must bring along.  For the mailer folder only.
 */
#pragma once

#include "mailer/sender.h"

/* Contracts as in sender.h; the front has checked arguments already. */
typedef struct SenderOps {
	int (*capacity)(const Sender *sender);
	int (*in_flight)(const Sender *sender);
	int (*submit)(Sender *sender, const SenderMail *mail, GError **error);
	int (*step)(Sender *sender, int timeout_ms, GError **error);
	void (*wakeup)(Sender *sender);
	void (*abort_all)(Sender *sender);
	void (*close)(Sender *sender); /* nothing is in flight; frees the sender */
} SenderOps;

/* The first member of each implementation's own struct. */
struct Sender {
	const SenderOps *ops;
	SenderDone done;
	SenderStats stats;
};

/* Calls `done`, counts. */
void sender_report(Sender *sender, void *user, const SenderResult *result);

/* `rest` is the URL behind "scheme:". */
Sender *sender_maildir_open(
    const SenderOptions *options, const char *rest, GError **error) MUST_USE;
Sender *sender_memory_open(
    const SenderOptions *options, const char *rest, GError **error) MUST_USE;
Sender *sender_smtp_open(
    const SenderOptions *options, const char *rest, GError **error) MUST_USE;
