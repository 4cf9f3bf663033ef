/*
 * sender_memory.h - look into a memory: sender, and tell it what to answer.  For tests.
 */
#pragma once

#include "mailer/sender.h"

typedef struct MemoryMail {
	int64_t id;
	char *from;
	char *to;
	GBytes *bytes;
} MemoryMail;

/* What was accepted, in order; owned by the sender. */
size_t sender_memory_count(const Sender *sender);
const MemoryMail *sender_memory_get(const Sender *sender, size_t i);

/*
 * Called for each message in place of accepting it: fill `result` (preset to sent) and
 * return whether the message is kept.  NULL: accept everything again.
 */
typedef bool (*MemoryAnswer)(void *owner, const SenderMail *mail, SenderResult *result);
void sender_memory_answer(Sender *sender, MemoryAnswer answer, void *owner);
